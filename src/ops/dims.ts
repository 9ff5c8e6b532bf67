/** What ops over dims share: the dims as one, and the dtypes their kernels work in. */
import { mode } from '../autograd/mode.js';
import { type DType, type DTypeInfo, float32, float64, int64 } from '../dtype.js';
import { dtypeOf } from '../promotion.js';
import { numberOfElements, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, dense } from './apply.js';

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
  const { shape } = x;
  const rank = shape.length;
  const first = dims[0] ?? rank;
  const kept: number[] = [];
  const dropped: number[] = [];
  let [outer, n, inner] = [1, 1, 1];
  for (let d = 0, next = 0; d < rank; d++) {
    const size = shape[d]!;
    if (dims[next] === d) {
      next++;
      n *= size;
      kept.push(1);
      continue;
    }
    kept.push(size);
    dropped.push(size);
    if (d < first) outer *= size;
    else inner *= size;
  }
  const areAdjacent = dims.length === 0 || dims[dims.length - 1]! - first + 1 === dims.length;
  if (areAdjacent) return { x: dense(x), outer, n, inner, dropped, kept };
  const isReduced = (d: number): boolean => dims.includes(d);
  const order = [...Array.from({ length: rank }, (_, i) => i).filter((i) => !isReduced(i)), ...dims];
  const moved = x.makeAlias(
    order.map((d) => x.shape[d]!),
    order.map((d) => x.strides[d]!),
    x.offset,
  );
  return { x: dense(moved), outer: outer * inner, n, inner: 1, dropped, kept };
}

/** The dtype an op that adds or multiplies many elements gives: int64 for bool and integers, unless `dtype` says other. */
export function accumulateInfo(op: string, x: Tensor, dtype: DType | null | undefined): DTypeInfo {
  if (dtype !== null && dtype !== undefined) return dtypeOf(op, dtype);
  return x.dtypeInfo.category < 2 ? int64 : x.dtypeInfo;
}

/** The dtype such a kernel works in for results of `info`: narrow integers go through int64, half floats through float32. */
export function workInfo(info: DTypeInfo): DTypeInfo {
  if (info.isComplex || info === float32 || info === float64 || info === int64) return info;
  return info.isFloat ? float32 : int64;
}

/** A result of a kernel's own dtype as one of `info`. */
export function narrowed(out: Tensor, info: DTypeInfo): Tensor {
  return out.dtypeInfo === info ? out : (castOperand(out, info) as Tensor);
}

/** A gradient (or a result) of a reduction spread over what was reduced. */
export function spread(value: Tensor, kept: Shape, shape: Shape): Tensor {
  if (!mode.grad && value.count === 1 && numberOfElements(shape) > 1)
    return value.makeAlias(shape, new Array<number>(shape.length).fill(0), value.offset);
  return value.reshape(kept).expand(shape);
}
