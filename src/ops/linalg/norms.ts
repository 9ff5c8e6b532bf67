/** Norms of vectors and matrices. */
import type { DType } from '../../dtype.js';
import { rangeError, typeError } from '../../errors.js';
import { dtypeOf, type Scalar, scalarNumber } from '../../promotion.js';
import { wrapDim, wrapDims } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import type { Dims } from '../dims.js';
import { vectorNorm as powerNorm } from '../norm.js';
import { named } from '../options.js';
import { checkMatrix, checkSquare, zeros } from './common.js';
import { invEx } from './solve.js';
import { singularValues } from './svd.js';

/** The order of a matrix norm. */
export type MatrixOrder = Scalar | 'fro' | 'nuc';

function checkNumbers(op: string, x: Tensor): void {
  if (x.dtypeInfo.category < 2) {
    throw typeError(
      `${op}: Expected a floating point or complex tensor as input. Got ${x.dtype}; convert with to('float32').`,
    );
  }
}

/** x in the dtype that is asked for. */
function converted(op: string, x: Tensor, dtype: DType | null | undefined): Tensor {
  if (dtype === null || dtype === undefined) return x;
  const info = dtypeOf(op, dtype);
  if (info.category < 2) throw typeError(`${op}: dtype should be floating point or complex, but got ${dtype}.`);
  return x.to(info.name);
}

/** The norms of vectors along dims, with PyTorch's refusals. */
function vectorNormOf(op: string, x: Tensor, order: number, dim: Dims | undefined, keepdim: boolean): Tensor {
  const dims = wrapDims(op, dim, x.shape.length);
  const isEmpty = dims.some((d) => x.shape[d] === 0);
  if (isEmpty && (order < 0 || order === Number.POSITIVE_INFINITY)) {
    throw rangeError(
      `${op}: cannot compute the ${order} norm on an empty tensor because the operation does not have an identity.`,
    );
  }
  return powerNorm(op, 'LinalgVectorNormBackward0', x, order, dim, keepdim);
}

/**
 * `(Σ |x| ** ord) ** (1 / ord)` over `dim` (all dims by default): the number of elements that are not 0 for `ord` 0, the
 * largest or smallest for ±∞. The gradient at a norm of 0 is 0.
 * https://pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html
 */
export const vectorNorm = named(
  'linalg.vectorNorm',
  ['x', 'ord', 'dim', 'keepdim', 'dtype'],
  (x: Tensor, ord: Scalar = 2, dim?: Dims, keepdim: boolean = false, dtype?: DType | null): Tensor => {
    const op = 'linalg.vectorNorm';
    checkTensor(op, x, 'x');
    checkNumbers(op, x);
    return vectorNormOf(op, converted(op, x, dtype), scalarNumber(ord), dim, keepdim);
  },
);

/** The two dims of a matrix norm. */
export type MatrixDims = readonly number[];

function twoDims(op: string, x: Tensor, dim: MatrixDims): [number, number] {
  if (!Array.isArray(dim) || dim.length !== 2) {
    throw rangeError(`${op}: dim must be a 2-tuple. Got ${JSON.stringify(dim)}.`);
  }
  const [first, second] = dim.map((d) => wrapDim(op, d as number, x.shape.length)) as [number, number];
  if (first === second) throw rangeError(`${op}: dims must be different. Got (${dim.join(', ')}).`);
  return [first, second];
}

/** What `reduce` makes of the singular values of the matrices of two dims; kept, those are of size 1. */
function ofValues(
  op: string,
  x: Tensor,
  [first, second]: [number, number],
  keepdim: boolean,
  reduce: (values: Tensor) => Tensor,
): Tensor {
  const order = [...x.shape.map((_, d) => d).filter((d) => d !== first && d !== second), first, second];
  const result = reduce(singularValues(op, x.permute(order)));
  return keepdim
    ? result
        .unsqueeze(-1)
        .unsqueeze(-1)
        .permute(order.map((_, d) => order.indexOf(d)))
    : result;
}

function matrixNormOf(op: string, x: Tensor, ord: MatrixOrder, dim: MatrixDims, keepdim: boolean): Tensor {
  checkNumbers(op, x);
  if (x.shape.length < 2) {
    throw rangeError(
      `${op}: The input tensor A must have at least 2 dimensions, but it has shape [${x.shape.join(', ')}].`,
    );
  }
  const dims = twoDims(op, x, dim);
  if (ord === 'fro') return vectorNormOf(op, x, 2, dims, keepdim);
  if (ord === 'nuc') return ofValues(op, x, dims, keepdim, (values) => values.sum(-1));
  if (typeof ord === 'string') throw rangeError(`${op}: Order ${ord} not supported; give a number, 'fro' or 'nuc'.`);
  const order = scalarNumber(ord);
  const size = Math.abs(order);
  if (size !== 1 && size !== 2 && size !== Number.POSITIVE_INFINITY) {
    throw rangeError(`${op}: Order ${order} not supported; give ±1, ±2, ±Infinity, 'fro' or 'nuc'.`);
  }
  const extreme = (y: Tensor, d: number, keep: boolean): Tensor => (order > 0 ? y.amax(d, keep) : y.amin(d, keep));
  if (size === 2) return ofValues(op, x, dims, keepdim, (values) => extreme(values, -1, false));
  const [summed, compared] = size === 1 ? dims : [dims[1], dims[0]];
  const at = !keepdim && summed < compared ? compared - 1 : compared;
  return extreme(vectorNormOf(op, x, 1, [summed], keepdim), at, keepdim);
}

/**
 * The norm of matrices: 'fro' √Σ a², 'nuc' Σ of the singular values, ±2 the largest or smallest of them, ±1 and ±∞ the
 * largest or smallest sum of absolute values of a column or row.
 * https://pytorch.org/docs/stable/generated/torch.linalg.matrix_norm.html
 */
export const matrixNorm = named(
  'linalg.matrixNorm',
  ['A', 'ord', 'dim', 'keepdim', 'dtype'],
  (
    a: Tensor,
    ord: MatrixOrder = 'fro',
    dim: MatrixDims = [-2, -1],
    keepdim: boolean = false,
    dtype?: DType | null,
  ): Tensor => {
    const op = 'linalg.matrixNorm';
    checkTensor(op, a, 'A');
    return matrixNormOf(op, converted(op, a, dtype), ord, dim, keepdim);
  },
);

/**
 * {@link matrixNorm} for two dims, {@link vectorNorm} for one; without `dim` by the dimensions of A, and without `ord` the
 * 2-norm of all elements.
 * https://pytorch.org/docs/stable/generated/torch.linalg.norm.html
 */
export const norm = named(
  'linalg.norm',
  ['A', 'ord', 'dim', 'keepdim', 'dtype'],
  (a: Tensor, ord?: MatrixOrder | null, dim?: Dims, keepdim: boolean = false, dtype?: DType | null): Tensor => {
    const op = 'linalg.norm';
    checkTensor(op, a, 'A');
    checkNumbers(op, a);
    const x = converted(op, a, dtype);
    const dims = dim === null || dim === undefined ? null : typeof dim === 'number' ? [dim] : dim;
    const hasOrder = ord !== null && ord !== undefined;
    const rank = x.shape.length;
    if (dims !== null && dims.length !== 1 && dims.length !== 2) {
      throw rangeError(`${op}: If dim is specified, it must be of length 1 or 2. Got [${dims.join(', ')}].`);
    }
    if (dims === null && hasOrder && rank !== 1 && rank !== 2) {
      throw rangeError(`${op}: If dim is not specified but ord is, the input must be 1D or 2D. Got ${rank}D.`);
    }
    const isMatrix = dims === null ? rank === 2 : dims.length === 2;
    if (hasOrder && isMatrix) return matrixNormOf(op, x, ord, dims ?? [0, 1], keepdim);
    if (typeof ord === 'string') {
      throw rangeError(`${op}: Order '${ord}' is one of matrices; give two dims, or a number for vectors.`);
    }
    return vectorNormOf(op, x, hasOrder ? scalarNumber(ord) : 2, dims, keepdim);
  },
);

/**
 * The condition number `|A| * |A⁻¹|` in a norm of {@link matrixNorm}, by default the 2-norm (the largest singular value
 * through the smallest); ∞ for singular matrices.
 * https://pytorch.org/docs/stable/generated/torch.linalg.cond.html
 */
export const cond = named('linalg.cond', ['A', 'p'], (a: Tensor, p: MatrixOrder | null = null): Tensor => {
  const op = 'linalg.cond';
  checkMatrix(op, a);
  if (typeof p === 'string' && p !== 'fro' && p !== 'nuc') {
    throw rangeError(`${op}: got an invalid norm type: ${p}; give a number, 'fro' or 'nuc'.`);
  }
  const order = p === null ? 2 : typeof p === 'string' ? p : scalarNumber(p);
  if (typeof order === 'number' && ![1, 2, Number.POSITIVE_INFINITY].includes(Math.abs(order))) {
    throw rangeError(`${op}: got an invalid norm type: ${order}; give ±1, ±2, ±Infinity, 'fro' or 'nuc'.`);
  }
  const isSpectral = typeof order === 'number' && Math.abs(order) === 2;
  if (!isSpectral) checkSquare(op, a);
  if (a.count === 0) return zeros(a, a.shape.slice(0, -2), a.dtypeInfo);
  if (isSpectral) {
    const values = singularValues(op, a);
    const [largest, smallest] = [
      values.narrow(-1, 0, 1),
      values.narrow(-1, values.shape[values.shape.length - 1]! - 1, 1),
    ];
    return (order > 0 ? largest.div(smallest) : smallest.div(largest)).squeeze(-1);
  }
  if (order === 'nuc') {
    const values = singularValues(op, a);
    return values.sum(-1).mul(values.reciprocal().sum(-1));
  }
  const { inverse, info } = invEx(a);
  const bounded = inverse.maskedFill(info.gt(0).unsqueeze(-1).unsqueeze(-1), Number.POSITIVE_INFINITY);
  return matrixNormOf(op, a, order, [-2, -1], false).mul(matrixNormOf(op, bounded, order, [-2, -1], false));
});
