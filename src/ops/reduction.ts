import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { type DType, type DTypeInfo, int64 } from '../dtype.js';
import { typeError } from '../errors.js';
import { dtypeOf } from '../promotion.js';
import { numberOfElements, type Shape, wrapDims } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor } from './apply.js';
import { named } from './options.js';

/** One dim, several, or all (null or []). */
export type Dims = number | readonly number[] | null;

/** x with the reduced dims as one: `[outer, n, inner]`, row-major, and the shape of the result. */
export interface Reduced {
  readonly x: Tensor;
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
  /** The result's shape without the reduced dims. */
  readonly dropped: Shape;
  /** The result's shape with the reduced dims as 1. */
  readonly kept: Shape;
}

/** Brings `dims` (sorted, wrapped) side by side, copying only where they are apart or x is strided. */
export function reduced(x: Tensor, dims: readonly number[]): Reduced {
  const rank = x.shape.length;
  const isReduced = new Array<boolean>(rank).fill(false);
  for (const d of dims) isReduced[d] = true;
  const kept = x.shape.map((size, i) => (isReduced[i] ? 1 : size));
  const dropped = x.shape.filter((_, i) => !isReduced[i]);
  const n = numberOfElements(dims.map((d) => x.shape[d]!));
  const first = dims[0] ?? rank;
  const last = dims[dims.length - 1] ?? rank - 1;
  const adjacent = dims.length === 0 || last - first + 1 === dims.length;
  if (adjacent) {
    const outer = numberOfElements(x.shape.slice(0, first));
    const inner = numberOfElements(x.shape.slice(last + 1));
    return { x: contiguousCopy(x), outer, n, inner, dropped, kept };
  }
  const order = [...Array.from({ length: rank }, (_, i) => i).filter((i) => !isReduced[i]), ...dims];
  const moved = x.makeAlias(order.map((d) => x.shape[d]!), order.map((d) => x.strides[d]!), x.offset);
  return { x: contiguousCopy(moved), outer: numberOfElements(dropped), n, inner: 1, dropped, kept };
}

function contiguousCopy(x: Tensor): Tensor {
  if (x.isDense) return x;
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  kernels.copy(out, x);
  return out;
}

/** The dtype sum and prod add in: int64 for bool and integers. */
export function accumulateInfo(x: Tensor, dtype: DType | null | undefined): DTypeInfo {
  if (dtype !== null && dtype !== undefined) return dtypeOf('sum', dtype);
  return x.dtypeInfo.category < 2 ? int64 : x.dtypeInfo;
}

/** A gradient of a reduction spread over what was reduced. */
export function spread(grad: Tensor, kept: Shape, shape: Shape): Tensor {
  return grad.reshape(kept).expand(shape);
}

/** `Σ x` over `dim`. bool and integers give int64. */
export const sum = named(
  'sum',
  ['input', 'dim', 'keepdim', 'dtype'],
  (x: Tensor, dim?: Dims, keepdim = false, dtype?: DType | null): Tensor => {
    checkTensor('sum', x);
    const dims = wrapDims('sum', dim, x.shape.length);
    const info = accumulateInfo(x, dtype);
    const from = info === x.dtypeInfo ? x : (castOperand(x, info) as Tensor);
    const r = reduced(from, dims);
    const out = x.makeEmpty(keepdim ? r.kept : r.dropped, info);
    kernels.sum(out, r.x, r.outer, r.n, r.inner);
    const { shape } = x;
    const name = dim === undefined ? 'SumBackward0' : 'SumBackward1';
    return record(name, out, [x], [], [(grad) => spread(grad, r.kept, shape)]);
  },
);

/** `Σ x / n` over `dim`; floats only. */
export const mean = named(
  'mean',
  ['input', 'dim', 'keepdim', 'dtype'],
  (x: Tensor, dim?: Dims, keepdim = false, dtype?: DType | null): Tensor => {
    checkTensor('mean', x);
    const info = dtype === null || dtype === undefined ? x.dtypeInfo : dtypeOf('mean', dtype);
    if (info.category < 2) {
      throw typeError(`mean: could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${x.dtype}; convert with to('float32') or give dtype.`);
    }
    const dims = wrapDims('mean', dim, x.shape.length);
    const from = info === x.dtypeInfo ? x : (castOperand(x, info) as Tensor);
    const r = reduced(from, dims);
    const out = x.makeEmpty(keepdim ? r.kept : r.dropped, info);
    kernels.sum(out, r.x, r.outer, r.n, r.inner);
    scale(out, r.n);
    const { shape } = x;
    const { kept, n } = r;
    const name = dim === undefined ? 'MeanBackward0' : 'MeanBackward1';
    return record(name, out, [x], [], [(grad) => spread(grad, kept, shape).div(n)]);
  },
);

function scale(out: Tensor, n: number): void {
  kernels.div(out, out, castOperand(n, out.dtypeInfo));
}

/** The sum that undoes a broadcast from `shape` to x's shape. */
export function sumToSize(x: Tensor, shape: Shape): Tensor {
  checkTensor('sumToSize', x);
  const missing = x.shape.length - shape.length;
  const dims: number[] = [];
  for (let i = 0; i < x.shape.length; i++) {
    const want = i < missing ? 1 : shape[i - missing]!;
    if (x.shape[i] !== want || i < missing) {
      if (want !== 1) throw typeError(`sumToSize: size [${shape.join(', ')}] is not expandable to size [${x.shape.join(', ')}].`);
      dims.push(i);
    }
  }
  if (missing < 0) throw typeError(`sumToSize: size [${shape.join(', ')}] is not expandable to size [${x.shape.join(', ')}].`);
  if (dims.length === 0) return x;
  const summed = sum(x, dims, true);
  return missing > 0 ? summed.reshape(shape) : summed;
}

