/** Tensors put together. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import { resultInfo } from '../promotion.js';
import { broadcastAll, type Shape, sameShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { isOptions, named } from './options.js';

function checkList(op: string, tensors: readonly Tensor[]): void {
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
  if (like.shape.length === 0) throw rangeError('cat: zero-dimensional tensor (at position 0) cannot be concatenated; use stack.');
  const info = resultInfo(tensors);
  const shape = [...like.shape];
  shape[d] = 0;
  for (const [i, x] of parts.entries()) {
    if (x.shape.length !== like.shape.length) {
      throw rangeError(`cat: Tensors must have same number of dimensions: got ${like.shape.length} and ${x.shape.length} (position ${i}).`);
    }
    for (let j = 0; j < shape.length; j++) {
      if (j !== d && x.shape[j] !== like.shape[j]) {
        throw rangeError(`cat: Sizes of tensors must match except in dimension ${d}. Expected size ${like.shape[j]} but got size ${x.shape[j]} for tensor number ${i} in the list.`);
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
    tensors.map((_, i) => (grad: Tensor) => (sizes[i]! < 0 ? grad.newZeros([0]) : grad.narrow(d, starts[i]!, sizes[i]!))),
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
      throw rangeError(`stack: stack expects each tensor to be equal size, but got [${first.shape.join(', ')}] at entry 0 and [${x.shape.join(', ')}] at entry ${i}.`);
    }
  }
  const info = resultInfo(tensors);
  const out = first.makeEmpty([...first.shape.slice(0, at), tensors.length, ...first.shape.slice(at)], info);
  const inner = out.strides.filter((_, i) => i !== at);
  for (const [i, x] of tensors.entries()) kernels.copy(out.makeAlias(first.shape, inner, i * out.strides[at]!), x);
  return record('StackBackward0', out, tensors, [], tensors.map((_: Tensor, i: number) => (grad: Tensor) => grad.select(at, i)));
});

/** Lets a list of tensors also be given one by one, as PyTorch's `f(*tensors)`. */
type TensorList = readonly Tensor[] | readonly [readonly Tensor[]];

function listOf(tensors: TensorList): readonly Tensor[] {
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
  return eachOf('atleast2d', tensors, (x) => (x.shape.length === 0 ? x.reshape([1, 1]) : x.shape.length === 1 ? x.unsqueeze(0) : x));
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
  return cat(tensors.map((x) => atleast2d(x)), 0);
}

/** Tensors behind each other: along dimension 2. */
export function dstack(tensors: readonly Tensor[]): Tensor {
  checkList('dstack', tensors);
  return cat(tensors.map((x) => atleast3d(x)), 2);
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
    if (x.shape.length > 2) throw rangeError(`blockDiag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${x.shape.length} dimensions.`);
    return { rows: x.shape.length === 2 ? x.shape[0]! : 1, columns: x.shape.length === 0 ? 1 : x.shape[x.shape.length - 1]!, shape: x.shape };
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

/** Tensors broadcast against each other, as views. */
export function broadcastTensors(...tensors: TensorList): Tensor[] {
  const list = listOf(tensors);
  for (const x of list) checkTensor('broadcastTensors', x);
  const shape = broadcastAll('broadcastTensors', list.map((x) => x.shape));
  return list.map((x) => x.expand(shape));
}

/**
 * Grids of coordinates: the i-th result varies along dimension i. With indexing 'xy' the first two are exchanged.
 * https://pytorch.org/docs/stable/generated/torch.meshgrid.html
 * @example meshgrid(rows, columns, { indexing: 'ij' })
 */
export function meshgrid(...args: readonly (Tensor | readonly Tensor[] | { indexing?: 'ij' | 'xy' | null })[]): Tensor[] {
  const last = args[args.length - 1];
  const options = isOptions(last) ? (last as { indexing?: 'ij' | 'xy' | null }) : {};
  const list = listOf((isOptions(last) ? args.slice(0, -1) : args) as TensorList);
  checkList('meshgrid', list);
  const indexing = options.indexing ?? 'ij';
  if (indexing !== 'ij' && indexing !== 'xy') throw rangeError(`meshgrid: torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${String(indexing)}.`);
  for (const x of list) {
    if (x.shape.length > 1) throw rangeError(`meshgrid: Expected 0D or 1D tensor in the tensor list but got: [${x.shape.join(', ')}].`);
    if (x.dtypeInfo !== list[0]!.dtypeInfo) throw typeError(`meshgrid: torch.meshgrid expects all tensors to have the same dtype, but got ${list[0]!.dtype} and ${x.dtype}.`);
  }
  const swap = indexing === 'xy' && list.length > 1;
  const ordered = swap ? [list[1]!, list[0]!, ...list.slice(2)] : list;
  const shape = ordered.map((x) => x.count);
  const grids = ordered.map((x, i) => x.reshape(shape.map((_, j) => (j === i ? x.count : 1))).expand(shape));
  if (!swap) return grids;
  return [grids[1]!, grids[0]!, ...grids.slice(2)];
}

/**
 * All combinations of `r` elements of a vector, in order, as rows; an element several times with `withReplacement`.
 * https://pytorch.org/docs/stable/generated/torch.combinations.html
 */
export const combinations = named('combinations', ['input', 'r', 'withReplacement'], (x: Tensor, r: number = 2, withReplacement: boolean = false): Tensor => {
  checkTensor('combinations', x);
  if (x.shape.length !== 1) throw rangeError(`combinations: Expect a 1D vector, but got shape [${x.shape.join(', ')}].`);
  if (!Number.isInteger(r) || r < 0) throw rangeError(`combinations: Expect a non-negative number, but got ${r}.`);
  if (r === 0) return x.newEmpty([0]);
  const columns: number[][] = Array.from({ length: r }, () => []);
  const chosen: number[] = [];
  const choose = (from: number): void => {
    if (chosen.length === r) {
      for (const [i, at] of chosen.entries()) columns[i]!.push(at);
      return;
    }
    for (let at = from; at < x.count; at++) {
      chosen.push(at);
      choose(withReplacement ? at : at + 1);
      chosen.pop();
    }
  };
  choose(0);
  return stack(columns.map((column) => x.at(places(x, column))), 1);
});

/** An int64 tensor of indices. */
function places(like: Tensor, indices: readonly number[]): Tensor {
  const out = like.newEmpty([indices.length], { dtype: 'int64' });
  (out.storage.view(out.dtypeInfo, out.offset, out.count) as BigInt64Array).set(indices.map(BigInt));
  return out;
}

/** The shape that shapes broadcast to. @throws RangeError where they do not */
export function broadcastShapes(...shapes: readonly (Shape | number)[]): number[] {
  return [...broadcastAll('broadcastShapes', shapes.map((shape) => (typeof shape === 'number' ? [shape] : shape)))];
}

/** All tuples of one element of each vector, as rows. */
export function cartesianProd(...tensors: TensorList): Tensor {
  const list = listOf(tensors);
  checkList('cartesianProd', list);
  for (const x of list) if (x.shape.length !== 1) throw rangeError(`cartesianProd: Expect a 1D vector, but got shape [${x.shape.join(', ')}].`);
  if (list.length === 1) return list[0]!;
  return stack(meshgrid(list).map((grid) => grid.flatten()), 1);
}
