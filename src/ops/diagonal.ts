/** Diagonals: taken out, put in, added up. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import type { Scalar } from '../promotion.js';
import { type Shape, sameShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';
import { asStrided } from './strided.js';
import { intoZeros, recordView } from './views.js';

/** Where the diagonal of two dims lies: the first of its elements and how many there are. */
function place(
  shape: Shape,
  strides: readonly number[],
  offset: number,
  d1: number,
  d2: number,
): { start: number; length: number } {
  const length = offset >= 0 ? Math.min(shape[d1]!, shape[d2]! - offset) : Math.min(shape[d1]! + offset, shape[d2]!);
  const start = length <= 0 ? 0 : offset >= 0 ? offset * strides[d2]! : -offset * strides[d1]!;
  return { start, length: Math.max(length, 0) };
}

/** x with the diagonal of dims d1 and d2 as last dimension instead of them: an alias without history. */
function diagonalAlias(
  x: Tensor,
  offset: number,
  d1: number,
  d2: number,
): { shape: number[]; strides: number[]; at: number } {
  const { start, length } = place(x.shape, x.strides, offset, d1, d2);
  const others = x.shape.map((_, d) => d).filter((d) => d !== d1 && d !== d2);
  return {
    shape: [...others.map((d) => x.shape[d]!), length],
    strides: [...others.map((d) => x.strides[d]!), x.strides[d1]! + x.strides[d2]!],
    at: x.offset + start,
  };
}

/**
 * The diagonal of two dims as the last dimension of a view; `offset` > 0 lies above the main one.
 * https://pytorch.org/docs/stable/generated/torch.diagonal.html
 */
export const diagonal = named(
  'diagonal',
  ['input', 'offset', 'dim1', 'dim2'],
  (x: Tensor, offset: number = 0, dim1: number = 0, dim2: number = 1): Tensor => {
    checkTensor('diagonal', x);
    const [d1, d2] = planeOf('diagonal', x.shape.length, dim1, dim2);
    const { shape, strides, at } = diagonalAlias(x, offset, d1, d2);
    const whole = x.shape;
    return recordView('DiagonalBackward0', x, shape, strides, at, (grad) =>
      intoZeros(grad, whole, (w) => diagonal(w, offset, d1, d2)),
    );
  },
);

function planeOf(op: string, rank: number, dim1: number, dim2: number): [number, number] {
  const d1 = wrapDim(op, dim1, rank);
  const d2 = wrapDim(op, dim2, rank);
  if (d1 === d2) throw rangeError(`${op}: diagonal dimensions cannot be identical ${dim1}, ${dim2}.`);
  if (rank < 2) throw rangeError(`${op}: the input needs at least two dimensions, but has ${rank}.`);
  return [d1, d2];
}

/**
 * The last dimension of x as the diagonal of two new dims, zeros beside it.
 * https://pytorch.org/docs/stable/generated/torch.diag_embed.html
 */
export const diagEmbed = named(
  'diagEmbed',
  ['input', 'offset', 'dim1', 'dim2'],
  (x: Tensor, offset: number = 0, dim1: number = -2, dim2: number = -1): Tensor => {
    checkTensor('diagEmbed', x);
    if (x.shape.length === 0) throw rangeError('diagEmbed: the input needs at least one dimension.');
    const rank = x.shape.length + 1;
    const [d1, d2] = planeOf('diagEmbed', rank, dim1, dim2);
    const side = x.shape[x.shape.length - 1]! + Math.abs(offset);
    const shape = x.shape.slice(0, -1) as number[];
    for (const d of d1 < d2 ? [d1, d2] : [d2, d1]) shape.splice(d, 0, side);
    const out = x.makeEmpty(shape, x.dtypeInfo);
    out.fillWith(0);
    const line = diagonalAlias(out, offset, d1, d2);
    if (x.count > 0) kernels.copy(out.makeAlias(line.shape, line.strides, line.at), x);
    return record('DiagEmbedBackward0', out, [x], [], [(grad) => diagonal(grad, offset, d1, d2)]);
  },
);

/**
 * A vector as the diagonal of a matrix of zeros, or the diagonal of a matrix as a vector, copied.
 * https://pytorch.org/docs/stable/generated/torch.diag.html
 */
export const diag = named('diag', ['input', 'diagonal'], (x: Tensor, offset: number = 0): Tensor => {
  checkTensor('diag', x);
  const rank = x.shape.length;
  if (rank !== 1 && rank !== 2)
    throw rangeError(`diag: matrix or a vector expected, but x has shape [${x.shape.join(', ')}].`);
  if (rank === 1)
    return record('DiagBackward0', diagEmbed(x.detach(), offset), [x], [], [(grad) => diag(grad, offset)]);
  const whole = x.shape;
  const out = diagonal(x.detach(), offset).clone();
  return record('DiagBackward0', out, [x], [], [(grad) => intoZeros(grad, whole, (w) => diagonal(w, offset))]);
});

/** All elements of x as the diagonal of a matrix of zeros. */
export const diagflat = named('diagflat', ['input', 'offset'], (x: Tensor, offset: number = 0): Tensor => {
  checkTensor('diagflat', x);
  return diag(x.reshape([-1]), offset);
});

/**
 * A copy of x with `src` in the place of a diagonal.
 * https://pytorch.org/docs/stable/generated/torch.diagonal_scatter.html
 */
export const diagonalScatter = named(
  'diagonalScatter',
  ['input', 'src', 'offset', 'dim1', 'dim2'],
  (x: Tensor, src: Tensor, offset: number = 0, dim1: number = 0, dim2: number = 1): Tensor => {
    checkTensor('diagonalScatter', x);
    checkTensor('diagonalScatter', src, 'src');
    const [d1, d2] = planeOf('diagonalScatter', x.shape.length, dim1, dim2);
    return scatterView('DiagonalScatterBackward0', 'diagonalScatter', x, src, (whole) =>
      diagonal(whole, offset, d1, d2),
    );
  },
);

/**
 * Writes a number on the diagonal of a matrix in place, or on that of a cube of any rank. With `wrap` the diagonal of a
 * tall matrix begins anew after each square and one row.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.fill_diagonal_.html
 * @throws RangeError for fewer than two dimensions, or more of unlike sizes
 */
export const fillDiagonal_ = named(
  'fillDiagonal_',
  ['input', 'fillValue', 'wrap'],
  (x: Tensor, fillValue: Scalar, wrap: boolean = false): Tensor => {
    checkTensor('fillDiagonal_', x);
    const [rows = 0, columns = 0] = x.shape;
    const rank = x.shape.length;
    if (rank < 2) throw rangeError(`fillDiagonal_: dimensions must be larger than 1, but there is ${rank}.`);
    if (rank > 2) {
      if (x.shape.some((size) => size !== rows))
        throw rangeError(
          `fillDiagonal_: all dimensions of input must be of equal length, but they are [${x.shape.join(', ')}].`,
        );
      const step = x.strides.reduce((sum, stride) => sum + stride, 0);
      asStrided(x, [rows], [step], x.offset).fill_(fillValue);
      return x;
    }
    for (let start = 0; start < rows; start += columns + 1) {
      diagonal(x.narrow(0, start, Math.min(columns, rows - start))).fill_(fillValue);
      if (!wrap) break;
    }
    return x;
  },
);

/** A copy of x with `src` written over the view that `part` takes: what is overwritten gets no gradient. */
export function scatterView(name: string, op: string, x: Tensor, src: Tensor, part: (whole: Tensor) => Tensor): Tensor {
  const out = x.detach().clone();
  const target = part(out);
  if (!sameShape(target.shape, src.shape)) {
    throw rangeError(
      `${op}: expected src to have a size equal to the slice of self. src size = [${src.shape.join(', ')}], slice size = [${target.shape.join(', ')}].`,
    );
  }
  kernels.copy(target, src);
  return record(
    name,
    out,
    [x, src],
    [],
    [(grad) => scatterView(name, op, grad, part(grad.newZeros(grad.shape)), part), (grad) => part(grad)],
  );
}

/** The sum of a matrix's diagonal. */
export function trace(x: Tensor): Tensor {
  checkTensor('trace', x);
  if (x.shape.length !== 2) throw rangeError(`trace: expected a matrix, but got tensor with dim ${x.shape.length}.`);
  const out = diagonal(x.detach()).sum();
  const whole = x.shape;
  return record(
    'TraceBackward0',
    out,
    [x],
    [],
    [(grad) => intoZeros(grad.expand([Math.min(whole[0]!, whole[1]!)]), whole, (w) => diagonal(w))],
  );
}
