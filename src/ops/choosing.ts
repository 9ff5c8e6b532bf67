/** What ops that choose elements along a dim share: x as rows, and where the gradients go. */
import { record, recordMany } from '../autograd/record.js';
import { type DTypeInfo, float32 } from '../dtype.js';
import { typeError } from '../errors.js';
import { numberOfElements, type Shape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, dense } from './apply.js';
import { scatterZeros } from './gathering.js';
import type { NamedTuple } from './options.js';

/** Values and where they stand. */
export type ValuesAndIndices = NamedTuple<readonly ['values', 'indices'], readonly [Tensor, Tensor]>;

/** x along one dim as [outer, n, inner], a scalar as one element; in a dtype that the order kernels take. */
export interface Line {
  /** Dense. */
  readonly x: Tensor;
  readonly dim: number;
  readonly outer: number;
  readonly n: number;
  readonly inner: number;
  /** The shape without the dim, or with it as 1. */
  readonly reduced: Shape;
}

/** Refuses what has no order. */
export function checkOrdered(op: string, info: DTypeInfo): void {
  if (info.isComplex) throw typeError(`${op}: complex numbers have no order; take abs() or view_as_real first.`);
}

/** float16 and bfloat16 as float32, others as they are: what the kernels take. */
export function ordered(x: Tensor): Tensor {
  const info = x.dtypeInfo;
  return info.name === 'float16' || info.name === 'bfloat16' ? (castOperand(x, float32) as Tensor) : x;
}

export function lineOf(op: string, x: Tensor, dim: number, keepdim = false): Line {
  checkTensor(op, x);
  checkOrdered(op, x.dtypeInfo);
  const d = wrapDim(op, dim, x.shape.length);
  const { shape } = x;
  return {
    x: dense(ordered(x)),
    dim: d,
    outer: numberOfElements(shape.slice(0, d)),
    n: shape.length === 0 ? 1 : shape[d]!,
    inner: numberOfElements(shape.slice(d + 1)),
    reduced:
      keepdim && shape.length > 0 ? shape.map((size, i) => (i === d ? 1 : size)) : shape.filter((_, i) => i !== d),
  };
}

/** Half floats come back from the kernels as float32. */
export function restored(values: Tensor, info: DTypeInfo): Tensor {
  return values.dtypeInfo === info ? values : (castOperand(values, info) as Tensor);
}

/**
 * Records values that were taken from x along a dim at `indices`: each value's gradient goes to the element it is.
 * `keepdim` says whether the dim is there in the results.
 */
export function recordTaken(
  name: string,
  x: Tensor,
  values: Tensor,
  indices: Tensor,
  dim: number,
  keepdim: boolean,
): void {
  const { shape } = x;
  const restore = !keepdim && shape.length > 0;
  recordMany(name, [values, indices], [x], [indices] as [Tensor], [
    ([grad], at) => {
      const [g, i] = restore ? [grad!.unsqueeze(dim), at.unsqueeze(dim)] : [grad!, at];
      return scatterZeros(g, dim, i, shape);
    },
  ]);
}

/** A gradient shared evenly by the elements of x that have the extreme value; `kept`: the result's shape with dims of 1. */
export function shareEvenly(grad: Tensor, x: Tensor, value: Tensor, dims: readonly number[], kept: Shape): Tensor {
  const mask = x.detach().eq(value.detach().reshape(kept)).to(grad.dtype);
  const count = dims.length === 0 ? mask : mask.sum(dims, true);
  return grad.reshape(kept).div(count).mul(mask);
}

/** Records one value taken from all of x: equal elements share its gradient evenly, if it is NaN those that are NaN. */
export function recordOverall(name: string, x: Tensor, out: Tensor): Tensor {
  const dims = x.shape.map((_, d) => d);
  const kept = x.shape.map(() => 1);
  return record(name, out, [x], [x, out] as [Tensor, Tensor], [
    (grad, from, value) => {
      if (!Number.isNaN(value.item())) return shareEvenly(grad, from, value, dims, kept);
      const nans = from.detach().isnan().to(grad.dtype);
      return grad.div(nans.sum()).mul(nans);
    },
  ]);
}
