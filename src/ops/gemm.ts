/** The matrix kernel, and what it asks of its operands. Not exported to users. */
import { kernels } from '../backends/index.js';
import { bool, float32 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, dense, isHalf } from './apply.js';

/** A matrix (or a batch of them) as gemm reads it: in place where it is row-major or the transpose of a row-major one. */
interface Matrix {
  readonly x: Tensor;
  readonly transposed: 0 | 1;
}

function asMatrix(x: Tensor): Matrix {
  if (x.isDense) return { x, transposed: 0 };
  const rank = x.shape.length;
  const rows = x.shape[rank - 2]!;
  const columns = x.shape[rank - 1]!;
  const isTransposed =
    x.strides[rank - 2] === 1 && x.strides[rank - 1] === rows && (rank === 2 || x.strides[0] === rows * columns);
  if (!isTransposed) return { x: dense(x), transposed: 0 };
  const shape = [...x.shape.slice(0, rank - 2), columns, rows];
  const strides = [...x.strides.slice(0, rank - 2), rows, 1];
  return { x: x.makeAlias(shape, strides, x.offset), transposed: 1 };
}

/** Refuses operands of different dtypes, and bools. */
export function checkSameType(op: string, x: Tensor, y: Tensor): void {
  if (x.dtypeInfo !== y.dtypeInfo) {
    throw typeError(
      `${op}: expected m1 and m2 to have the same dtype, but got: ${x.dtype} != ${y.dtype}; convert one with to(…).`,
    );
  }
  if (x.dtypeInfo === bool) throw typeError(`${op}: not implemented for bool; convert with to('int64').`);
}

/** The error for inner sizes that differ. */
export function doNotFit(op: string, x: Tensor, y: Tensor): RangeError {
  return rangeError(
    `${op}: x [${x.shape.join(', ')}] and y [${y.shape.join(', ')}] do not fit: x's last dimension (${x.shape[x.shape.length - 1]}) must equal y's second-to-last (${y.shape[Math.max(y.shape.length - 2, 0)]}).`,
  );
}

/**
 * `x · y (+ bias)` on matrices or batches of equal count, without a record. With `onto` the product is added to that
 * tensor, which is row-major, instead.
 */
export function gemm(
  x: Tensor,
  y: Tensor,
  batch: number,
  shape: Shape,
  bias: Tensor | null = null,
  onto: Tensor | null = null,
): Tensor {
  if (isHalf(x.dtypeInfo) && onto === null) {
    const wide = gemm(
      castOperand(x, float32) as Tensor,
      castOperand(y, float32) as Tensor,
      batch,
      shape,
      bias === null ? null : (castOperand(bias, float32) as Tensor),
    );
    const rounded = x.makeEmpty(shape, x.dtypeInfo);
    kernels.copy(rounded, wide);
    return rounded;
  }
  const a = asMatrix(x);
  const c = asMatrix(y);
  const rank = x.shape.length;
  const m = x.shape[rank - 2]!;
  const k = x.shape[rank - 1]!;
  const n = y.shape[y.shape.length - 1]!;
  const out = onto ?? x.makeEmpty(shape, x.dtypeInfo);
  const strideY = y.shape.length === 2 ? 0 : k * n;
  const strideX = x.shape.length === 2 ? 0 : m * k;
  kernels.gemm(
    out,
    a.x,
    c.x,
    bias === null ? null : dense(bias),
    batch,
    m,
    n,
    k,
    a.transposed,
    c.transposed,
    strideX,
    strideY,
    onto === null ? 0 : 1,
  );
  return out;
}
