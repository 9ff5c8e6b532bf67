import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import { int64 } from '../dtype.js';
import { indexError } from '../errors.js';
import { numberOfElements, type Shape, storageExtent } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { dense } from './apply.js';

/** A tensor's memory as the gather and scatter kernels walk it: [outer, step, inner] with one stride each. */
export interface Walk {
  readonly memory: Operand;
  readonly outer: number;
  readonly step: number;
  readonly inner: number;
}

/** The one stride that walks dimensions from … to - 1 in row-major order; null where there is none. */
export function mergedStride(shape: Shape, strides: readonly number[], from: number, to: number): number | null {
  let stride = 0;
  let span = -1;
  // Where there is nothing to walk any stride will do.
  if (shape.slice(from, to).includes(0)) return 0;
  for (let d = to - 1; d >= from; d--) {
    if (shape[d] === 1) continue;
    if (span < 0) stride = strides[d]!;
    else if (strides[d] !== span) return null;
    span = strides[d]! * shape[d]!;
  }
  return stride;
}

/** A tensor's memory from its first element to its last, gaps included, as a dense operand. */
export function memoryOf(x: Tensor): Operand {
  return x.isDense ? x : x.makeAlias([storageExtent(x.shape, x.strides)], [1], x.offset);
}

/** x as [dims before first, dims first … last - 1, dims from last on]; null where one of the groups has no one stride. */
export function walkOf(x: Tensor, first: number, last: number): Walk | null {
  const rank = x.shape.length;
  const outer = mergedStride(x.shape, x.strides, 0, first);
  const step = mergedStride(x.shape, x.strides, first, last);
  const inner = mergedStride(x.shape, x.strides, last, rank);
  if (outer === null || step === null || inner === null) return null;
  return { memory: memoryOf(x), outer, step, inner };
}

/** {@link walkOf} x or, where its strides do not allow it, of a copy. */
export function walkOrCopy(x: Tensor, first: number, last: number): Walk {
  return walkOf(x, first, last) ?? walkOf(dense(x), first, last)!;
}

/** The sizes of the three groups. */
export function groups(shape: Shape, first: number, last: number): [outer: number, count: number, inner: number] {
  return [
    numberOfElements(shape.slice(0, first)),
    numberOfElements(shape.slice(first, last)),
    numberOfElements(shape.slice(last)),
  ];
}

/** Where an index tensor leads: it is checked against `bound`, negative ones counted from the end if `wrap`. */
export interface Lookup {
  readonly index: Walk;
  readonly bound: number;
  readonly wrap: boolean;
  /** The stride in x of one step of the index. */
  readonly step: number;
}

/** out[o, j, i] = x[o, index[o, j, i], i]; out: [outer, count, inner]. */
export function gatherInto(out: Tensor, x: Walk, at: Lookup, [outer, count, inner]: [number, number, number]): void {
  const { index } = at;
  const wrap = at.wrap ? 1 : 0;
  kernels.gather(
    out,
    x.memory,
    index.memory,
    outer,
    count,
    inner,
    at.bound,
    wrap,
    x.outer,
    at.step,
    x.inner,
    index.outer,
    index.step,
    index.inner,
  );
}

/** A kernel that writes to places an index gives. */
export type ScatterKernel = typeof kernels.scatter;

/** x[o, index[o, j, i], i] (op)= src[o, j, i]. */
export function scatterInto(
  kernel: ScatterKernel,
  x: Walk,
  at: Lookup,
  src: Walk,
  [outer, count, inner]: [number, number, number],
): void {
  const { index } = at;
  const wrap = at.wrap ? 1 : 0;
  kernel(
    x.memory,
    index.memory,
    src.memory,
    outer,
    count,
    inner,
    at.bound,
    wrap,
    x.outer,
    at.step,
    x.inner,
    index.outer,
    index.step,
    index.inner,
    src.outer,
    src.step,
    src.inner,
  );
}

/** Runs kernels whose complaints about an index are to name `op`. */
export function reporting<T>(op: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code !== 'ERR_INDEX') throw error;
    throw indexError(`${op}${message.slice(message.indexOf(':'))}`);
  }
}

/** A whole-number vector, for kernels that take a list. */
export function int64Vector(like: Tensor, values: ArrayLike<number>): Tensor {
  const out = like.makeEmpty([values.length], int64);
  const view = out.storage.view(int64, 0, values.length);
  for (let i = 0; i < values.length; i++) view[i] = BigInt(values[i]!);
  return out;
}

/** How many elements of x are not 0. */
export function countTrue(x: Tensor): number {
  const flat = dense(x);
  const out = x.makeEmpty([], int64);
  kernels.countNonzero(out, flat, 1, flat.count, 1);
  return Number(out.storage.view(int64, out.offset, 1)[0]);
}

/** The indices of the elements of x that are not 0, one row each: [count, rank]. */
export function nonzeroRows(x: Tensor): Tensor {
  const flat = dense(x);
  const count = countTrue(flat);
  const rank = x.shape.length;
  const out = x.makeEmpty([count, rank], int64);
  if (out.count > 0) kernels.nonzero(out, flat, int64Vector(x, x.shape), flat.count, count, rank);
  return out;
}
