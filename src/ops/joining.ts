/** Tensors put together. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import { resultInfo } from '../promotion.js';
import { sameShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';

/** Refuses an empty list, and what is no tensor in it. */
export function checkList(op: string, tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors)) throw typeError(`${op}: expected a list of Tensors; give [x, y].`);
  if (tensors.length === 0) throw rangeError(`${op}: ${op} expects a non-empty TensorList; give at least one tensor.`);
  for (const [i, x] of tensors.entries()) checkTensor(op, x, `tensors[${i}]`);
}

/**
 * Tensors one after the other along `dim`; all other sizes are equal.
 * https://pytorch.org/docs/stable/generated/torch.cat.html
 */
export const cat = named('cat', ['tensors', 'dim'], (tensors: readonly Tensor[], dim: number = 0): Tensor => {
  checkList('cat', tensors);
  // PyTorch lets an empty vector stand beside anything.
  const parts = tensors.filter((x) => !(x.shape.length === 1 && x.shape[0] === 0));
  const like = parts[0] ?? tensors[0]!;
  const d = wrapDim('cat', dim, like.shape.length);
  if (like.shape.length === 0)
    throw rangeError('cat: zero-dimensional tensor (at position 0) cannot be concatenated; use stack.');
  const info = resultInfo(tensors);
  const shape = [...like.shape];
  shape[d] = 0;
  for (const [i, x] of parts.entries()) {
    if (x.shape.length !== like.shape.length) {
      throw rangeError(
        `cat: Tensors must have same number of dimensions: got ${like.shape.length} and ${x.shape.length} (position ${i}).`,
      );
    }
    for (let j = 0; j < shape.length; j++) {
      if (j !== d && x.shape[j] !== like.shape[j]) {
        throw rangeError(
          `cat: Sizes of tensors must match except in dimension ${d}. Expected size ${like.shape[j]} but got size ${x.shape[j]} for tensor number ${i} in the list.`,
        );
      }
    }
    shape[d] += x.shape[d]!;
  }
  const out = like.makeEmpty(shape, info);
  const strides = out.strides;
  const starts: number[] = [];
  let at = 0;
  for (const x of tensors) {
    starts.push(at);
    if (!parts.includes(x)) continue;
    if (x.count > 0) kernels.copy(out.makeAlias(x.shape, strides, at * strides[d]!), x);
    at += x.shape[d]!;
  }
  const sizes = tensors.map((x) => (parts.includes(x) ? x.shape[d]! : -1));
  return record(
    'CatBackward0',
    out,
    tensors,
    [],
    tensors.map(
      (_, i) => (grad: Tensor) => (sizes[i]! < 0 ? grad.newZeros([0]) : grad.narrow(d, starts[i]!, sizes[i]!)),
    ),
  );
});

/**
 * Tensors of one shape side by side along a new dimension.
 * https://pytorch.org/docs/stable/generated/torch.stack.html
 */
export const stack = named('stack', ['tensors', 'dim'], (tensors: readonly Tensor[], dim: number = 0): Tensor => {
  checkList('stack', tensors);
  const first: Tensor = tensors[0]!;
  const at = wrapDim('stack', dim, first.shape.length + 1);
  for (const [i, x] of tensors.entries()) {
    if (!sameShape(x.shape, first.shape)) {
      throw rangeError(
        `stack: stack expects each tensor to be equal size, but got [${first.shape.join(', ')}] at entry 0 and [${x.shape.join(', ')}] at entry ${i}.`,
      );
    }
  }
  const info = resultInfo(tensors);
  const out = first.makeEmpty([...first.shape.slice(0, at), tensors.length, ...first.shape.slice(at)], info);
  const inner = out.strides.filter((_, i) => i !== at);
  for (const [i, x] of tensors.entries()) kernels.copy(out.makeAlias(first.shape, inner, i * out.strides[at]!), x);
  return record(
    'StackBackward0',
    out,
    tensors,
    [],
    tensors.map((_: Tensor, i: number) => (grad: Tensor) => grad.select(at, i)),
  );
});

/** Lets a list of tensors also be given one by one, as PyTorch's `f(*tensors)`. */
export type TensorList = readonly Tensor[] | readonly [readonly Tensor[]];

/** The list, however it was given. */
export function listOf(tensors: TensorList): readonly Tensor[] {
  return (Array.isArray(tensors[0]) ? tensors[0] : tensors) as readonly Tensor[];
}

/** x itself, or with a dimension where it is a scalar. A list gives a list. */
export function atleast1d(x: Tensor): Tensor;
export function atleast1d(...tensors: TensorList): Tensor | Tensor[];
export function atleast1d(...tensors: TensorList): Tensor | Tensor[] {
  return eachOf('atleast1d', tensors, (x) => (x.shape.length === 0 ? x.reshape([1]) : x));
}

/** x with leading dimensions of 1 where it has fewer than two. A list gives a list. */
export function atleast2d(x: Tensor): Tensor;
export function atleast2d(...tensors: TensorList): Tensor | Tensor[];
export function atleast2d(...tensors: TensorList): Tensor | Tensor[] {
  return eachOf('atleast2d', tensors, (x) =>
    x.shape.length === 0 ? x.reshape([1, 1]) : x.shape.length === 1 ? x.unsqueeze(0) : x,
  );
}

/** x as at least three dimensions: [n] becomes [1, n, 1], [m, n] becomes [m, n, 1]. A list gives a list. */
export function atleast3d(x: Tensor): Tensor;
export function atleast3d(...tensors: TensorList): Tensor | Tensor[];
export function atleast3d(...tensors: TensorList): Tensor | Tensor[] {
  return eachOf('atleast3d', tensors, (x) => {
    if (x.shape.length === 0) return x.reshape([1, 1, 1]);
    if (x.shape.length === 1) return x.unsqueeze(0).unsqueeze(-1);
    return x.shape.length === 2 ? x.unsqueeze(-1) : x;
  });
}

function eachOf(op: string, tensors: TensorList, f: (x: Tensor) => Tensor): Tensor | Tensor[] {
  const isSingle = tensors.length === 1 && !Array.isArray(tensors[0]);
  const list = listOf(tensors);
  for (const x of list) checkTensor(op, x);
  return isSingle ? f(list[0]!) : list.map(f);
}

/** Tensors side by side: along dimension 1, or 0 for vectors. */
export function hstack(tensors: readonly Tensor[]): Tensor {
  checkList('hstack', tensors);
  const parts = tensors.map((x) => atleast1d(x));
  return cat(parts, parts[0]!.shape.length === 1 ? 0 : 1);
}

/** Tensors on top of each other: along dimension 0, vectors as rows. */
export function vstack(tensors: readonly Tensor[]): Tensor {
  checkList('vstack', tensors);
  return cat(
    tensors.map((x) => atleast2d(x)),
    0,
  );
}

/** Tensors behind each other: along dimension 2. */
export function dstack(tensors: readonly Tensor[]): Tensor {
  checkList('dstack', tensors);
  return cat(
    tensors.map((x) => atleast3d(x)),
    2,
  );
}

/** Vectors as the columns of a matrix; matrices side by side. */
export function columnStack(tensors: readonly Tensor[]): Tensor {
  checkList('columnStack', tensors);
  return hstack(tensors.map((x) => (x.shape.length <= 1 ? x.reshape([x.count, 1]) : x)));
}

/**
 * Matrices along the diagonal of a matrix of zeros; vectors count as rows.
 * https://pytorch.org/docs/stable/generated/torch.block_diag.html
 */
export function blockDiag(...tensors: TensorList): Tensor {
  const list = listOf(tensors);
  checkList('blockDiag', list);
  const blocks = list.map((x, i) => {
    if (x.shape.length > 2)
      throw rangeError(
        `blockDiag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${x.shape.length} dimensions.`,
      );
    return {
      rows: x.shape.length === 2 ? x.shape[0]! : 1,
      columns: x.shape.length === 0 ? 1 : x.shape[x.shape.length - 1]!,
      shape: x.shape,
    };
  });
  const total = (key: 'rows' | 'columns'): number => blocks.reduce((sum, block) => sum + block[key], 0);
  const first = list[0]!;
  const out = first.makeEmpty([total('rows'), total('columns')], resultInfo(list));
  out.fillWith(0);
  let row = 0;
  let column = 0;
  const places = blocks.map((block, i) => {
    const place = { row, column };
    if (list[i]!.count > 0) {
      const part = out.makeAlias([block.rows, block.columns], out.strides, row * out.shape[1]! + column);
      kernels.copy(part, list[i]!);
    }
    row += block.rows;
    column += block.columns;
    return place;
  });
  return record(
    'BlockDiagBackward0',
    out,
    list,
    [],
    blocks.map((block, i) => (grad: Tensor) => {
      const { row: r, column: c } = places[i]!;
      return grad.narrow(0, r, block.rows).narrow(1, c, block.columns).reshape(block.shape);
    }),
  );
}
