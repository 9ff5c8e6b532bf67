/** What the linear algebra ops share: checks, copies in float64 to work in, errors. Not exported to users. */
import { kernels } from '../../backends/index.js';
import { type DTypeInfo, float32, float64, int32 } from '../../dtype.js';
import { notSupported, rangeError, stateError, typeError } from '../../errors.js';
import { broadcastTwo, numberOfElements, type Shape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';

/** Rows and columns of a matrix, or of each of a batch. */
export function sizeOf(x: Tensor): [rows: number, columns: number] {
  const rank = x.shape.length;
  return [x.shape[rank - 2]!, x.shape[rank - 1]!];
}

/** The dimensions before the last two. */
export function batchOf(x: Tensor): Shape {
  return x.shape.slice(0, -2);
}

/** How many matrices there are. */
export function batchCount(x: Tensor): number {
  return numberOfElements(batchOf(x));
}

/** Refuses what is no matrix of floats. */
export function checkMatrix(op: string, x: Tensor, name = 'A'): void {
  checkTensor(op, x, name);
  if (x.shape.length < 2) {
    throw rangeError(
      `${op}: The input tensor ${name} must have at least 2 dimensions, but it has shape [${x.shape.join(', ')}].`,
    );
  }
  checkFloat(op, x);
}

/** Refuses integers; complex and half floats are not there. */
export function checkFloat(op: string, x: Tensor): void {
  if (x.dtypeInfo === float32 || x.dtypeInfo === float64) return;
  if (x.dtypeInfo.category < 2) {
    throw typeError(
      `${op}: Expected a floating point or complex tensor as input. Got ${x.dtype}; convert with to('float32').`,
    );
  }
  if (x.dtypeInfo.isComplex) {
    throw notSupported(`${op}: complex matrices are not supported; use real ones of twice the size.`);
  }
  throw typeError(`${op}: Low precision dtypes not supported. Got ${x.dtype}; convert with to('float32').`);
}

/** Refuses matrices that are not square. */
export function checkSquare(op: string, x: Tensor, name = 'A'): void {
  checkMatrix(op, x, name);
  const [rows, columns] = sizeOf(x);
  if (rows !== columns) {
    throw rangeError(`${op}: ${name} must be batches of square matrices, but they are ${rows} by ${columns} matrices.`);
  }
}

/** Refuses two dtypes. */
export function checkSameDType(op: string, x: Tensor, y: Tensor): void {
  if (x.dtypeInfo !== y.dtypeInfo) {
    throw typeError(`${op}: Expected all tensors to have the same dtype, but got ${x.dtype} and ${y.dtype}.`);
  }
}

/** A row-major float64 copy of x's values, for a kernel to work in. */
export function working(x: Tensor): Tensor {
  const out = x.makeEmpty(x.shape, float64);
  kernels.copy(out, x);
  return out;
}

/** The same of matrices turned over. */
export function workingTransposed(x: Tensor): Tensor {
  return working(transposedAlias(x));
}

/** x with its last two dimensions exchanged, without a record. */
export function transposedAlias(x: Tensor): Tensor {
  const rank = x.shape.length;
  const order = [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2];
  const shape = order.map((d) => x.shape[d]!);
  return x.makeAlias(
    shape,
    order.map((d) => x.strides[d]!),
    x.offset,
  );
}

/** A result in float64 as one of the op's dtype, row-major. */
export function finished(work: Tensor, info: DTypeInfo): Tensor {
  if (work.dtypeInfo === info && work.isDense) return work;
  const out = work.makeEmpty(work.shape, info);
  kernels.copy(out, work);
  return out;
}

/** The precision of x's dtype: the step from 1 to the next number. */
export function precision(x: Tensor): number {
  return x.dtypeInfo === float64 ? Number.EPSILON : 2 ** -23;
}

/** Zeroed memory. */
export function zeros(like: Tensor, shape: Shape, info: DTypeInfo): Tensor {
  const out = like.makeEmpty(shape, info);
  out.fillWith(0);
  return out;
}

/** Identity matrices [...batch, n, n]. */
export function identity(like: Tensor, batch: Shape, n: number, info: DTypeInfo): Tensor {
  const out = zeros(like, [...batch, n, n], info);
  diagonalAlias(out).fillWith(1);
  return out;
}

/** The diagonals of matrices, in their memory. */
export function diagonalAlias(x: Tensor): Tensor {
  const rank = x.shape.length;
  const length = Math.min(...sizeOf(x));
  const step = x.strides[rank - 2]! + x.strides[rank - 1]!;
  return x.makeAlias([...batchOf(x), length], [...x.strides.slice(0, -2), step], x.offset);
}

/** Rows [start, start + count) of matrices, in their memory. */
export function rowsAlias(x: Tensor, start: number, count: number): Tensor {
  const rank = x.shape.length;
  const columns = x.shape[rank - 1]!;
  return x.makeAlias([...batchOf(x), count, columns], x.strides, x.offset + start * x.strides[rank - 2]!);
}

/** Columns [start, start + count) of matrices, in their memory. */
export function columnsAlias(x: Tensor, start: number, count: number): Tensor {
  const rank = x.shape.length;
  return x.makeAlias([...x.shape.slice(0, -1), count], x.strides, x.offset + start * x.strides[rank - 1]!);
}

/** x with its batch dimensions spread to `batch`, row-major and in float64: a copy. */
export function workingInBatch(x: Tensor, batch: Shape): Tensor {
  const out = x.makeEmpty([...batch, ...x.shape.slice(-2)], float64);
  kernels.copy(out, x);
  return out;
}

/** The batch dimensions two tensors of matrices broadcast to. */
export function commonBatch(op: string, x: Tensor, y: Tensor): Shape {
  return broadcastTwo(op, batchOf(x), batchOf(y));
}

/** x expanded to batch dimensions; recorded. */
export function inBatch(x: Tensor, batch: Shape): Tensor {
  const shape = [...batch, ...x.shape.slice(-2)];
  return shape.length === x.shape.length && shape.every((size, i) => size === x.shape[i]) ? x : x.expand(shape);
}

/** The values of a small tensor of whole numbers. */
export function wholeNumbers(x: Tensor): readonly number[] {
  return Array.from(x.toTypedArray() as Int32Array, Number);
}

/** int32 [...shape], for pivots and infos. */
export function words(like: Tensor, shape: Shape): Tensor {
  return like.makeEmpty(shape, int32);
}

/** The place of a matrix in its batch, in PyTorch's words. */
export function batchElement(x: Tensor, index: number): string {
  return x.shape.length > 2 ? `(Batch element ${index}): ` : '';
}

/** Throws for the first info that is not 0. `message` gets it. */
export function checkInfo(op: string, info: Tensor, matrices: Tensor, message: (info: number) => string): void {
  const values = wholeNumbers(info);
  const at = values.findIndex((value) => value !== 0);
  if (at >= 0) throw stateError(`${op}: ${batchElement(matrices, at)}${message(values[at]!)}`);
}

/** Runs a kernel that may not converge, and says so in the op's words. */
export function converging(op: string, matrices: Tensor, message: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    const found = /element (\d+)/.exec((error as Error).message);
    if ((error as { code?: string }).code !== 'ERR_OUT_OF_RANGE' || found === null) throw error;
    throw stateError(`${op}: ${batchElement(matrices, Number(found[1]))}${message}`);
  }
}

/** The first matrix that has a NaN or an infinity, or -1. x is row-major. */
export function notFinite(x: Tensor): number {
  const values = x.storage.view(x.dtypeInfo, x.offset, x.count) as Float64Array;
  const [rows, columns] = sizeOf(x);
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return Math.floor(i / (rows * columns));
  return -1;
}
