/** Distinct elements and slices. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { int64 } from '../dtype.js';
import { rangeError } from '../errors.js';
import { numberOfElements, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { indexSelect } from './alongdim.js';
import { checkTensor, dense } from './apply.js';
import { checkOrdered, ordered, restored } from './choosing.js';
import { notDifferentiable } from './derivatives.js';
import { scatterAlong } from './gathering.js';
import { type Arguments, named } from './options.js';
import { sort } from './sorting.js';

/** Rows that are compared, in the order they are to be looked at. */
interface Ordered {
  /** [rows, columns], in order, in the dtype of the kernels. */
  readonly rows: Tensor;
  /** Where each stood, or null when that is where it is. */
  readonly order: Tensor | null;
}

function inOrder(rows: Tensor, isSorted: boolean): Ordered {
  const flat = dense(rows);
  const [n, columns] = flat.shape as [number, number];
  if (isSorted || n < 2) return { rows: flat, order: null };
  if (columns === 1) {
    const { values, indices } = sort(flat.reshape([n]));
    return { rows: values.reshape([n, 1]), order: indices };
  }
  const order = flat.makeEmpty([n], int64);
  kernels.sortRows(order, flat, flat.makeEmpty([n], int64), n, columns);
  return { rows: indexSelect(flat, 0, order), order };
}

/** The results asked for, of x's slices along a dim (null: its elements). */
function distinct(
  op: string,
  x: Tensor,
  isSorted: boolean,
  returnInverse: boolean,
  returnCounts: boolean,
  dim: number | null | undefined,
): Tensor | Tensor[] {
  checkTensor(op, x);
  checkOrdered(op, x.dtypeInfo);
  const along = dim === null || dim === undefined ? null : wrapDim(op, dim, x.shape.length);
  if (along !== null && x.shape.length === 0) {
    throw rangeError(`${op}: Dimension specified as ${dim} but tensor has no dimensions; leave dim out.`);
  }
  const seen = ordered(x.detach());
  const moved = along === null ? seen.reshape([-1]) : seen.transpose(0, along);
  const n = moved.shape[0]!;
  const columns = numberOfElements(moved.shape.slice(1));
  if (along !== null && columns === 0 && n > 0) {
    throw rangeError(`${op}: There are 0 sized dimensions, and they aren't selected, so unique cannot be applied.`);
  }
  const { rows, order } = inOrder(moved.reshape([n, columns]), isSorted);
  const runs = x.makeEmpty([n], int64);
  if (n > 0) kernels.runs(runs, rows, n, columns);
  const count = n === 0 ? 0 : Number(runs.at(-1).item()) + 1;
  const starts = x.makeEmpty([count], int64);
  if (count > 0) kernels.searchsorted(starts, runs, x.newArange(count), null, 1, n, count, 0, 1);
  const kept = indexSelect(rows, 0, starts).reshape([count, ...moved.shape.slice(1)]);
  const values = restored(along === null ? kept : dense(kept.transpose(0, along)), x.dtypeInfo);
  const out = [record('NotImplemented', values, [x], [], [notDifferentiable(op)])];
  if (returnInverse) {
    const inverse = order === null ? runs : x.makeEmpty([n], int64);
    if (order !== null) scatterAlong(op, kernels.scatter, inverse, 0, order, runs);
    out.push(along === null ? inverse.reshape(x.shape) : inverse);
  }
  if (returnCounts) {
    const counts = x.makeEmpty([count], int64);
    counts.fillWith(0);
    scatterAlong(op, kernels.scatterAdd, counts, 0, runs, 1);
    out.push(counts);
  }
  return out.length === 1 ? out[0]! : out;
}

const UNIQUE = ['input', 'sorted', 'returnInverse', 'returnCounts', 'dim'] as const;
type UniqueArguments = [
  input: Tensor,
  sorted?: boolean,
  returnInverse?: boolean,
  returnCounts?: boolean,
  dim?: number | null,
];

const uniqueOf = named('unique', UNIQUE, (...[x, , inverse = false, counts = false, dim]: UniqueArguments) =>
  distinct('unique', x, false, inverse, counts, dim),
);

/**
 * The distinct elements of x, or its distinct slices along `dim`, sorted (also without `sorted`); with `returnInverse`
 * also where each element of x is among them, with `returnCounts` also how often each is there. No NaN equals another.
 * https://pytorch.org/docs/stable/generated/torch.unique.html
 * @example const [values, inverse] = unique(tensor([3, 1, 3]), { returnInverse: true }) // [1, 3], [1, 0, 1]
 */
export function unique(input: Tensor, options: { returnInverse: true } & UniqueOptions): Tensor[];
export function unique(input: Tensor, options: { returnCounts: true } & UniqueOptions): Tensor[];
export function unique(
  input: Tensor,
  options?: { returnInverse?: false; returnCounts?: false } & UniqueOptions,
): Tensor;
export function unique(...args: Arguments<UniqueArguments, typeof UNIQUE>): Tensor | Tensor[];
export function unique(...args: readonly unknown[]): Tensor | Tensor[] {
  return uniqueOf(...(args as Arguments<UniqueArguments, typeof UNIQUE>));
}

/** Options of {@link unique}. */
export interface UniqueOptions {
  sorted?: boolean;
  returnInverse?: boolean;
  returnCounts?: boolean;
  dim?: number | null;
}

const CONSECUTIVE = ['input', 'returnInverse', 'returnCounts', 'dim'] as const;
type ConsecutiveArguments = [input: Tensor, returnInverse?: boolean, returnCounts?: boolean, dim?: number | null];

const consecutiveOf = named(
  'uniqueConsecutive',
  CONSECUTIVE,
  (...[x, inverse = false, counts = false, dim]: ConsecutiveArguments) =>
    distinct('uniqueConsecutive', x, true, inverse, counts, dim),
);

/**
 * x with one of each run of equal elements, or of equal slices along `dim`; see {@link unique}.
 * https://pytorch.org/docs/stable/generated/torch.unique_consecutive.html
 */
export function uniqueConsecutive(input: Tensor, options: { returnInverse: true } & ConsecutiveOptions): Tensor[];
export function uniqueConsecutive(input: Tensor, options: { returnCounts: true } & ConsecutiveOptions): Tensor[];
export function uniqueConsecutive(
  input: Tensor,
  options?: { returnInverse?: false; returnCounts?: false } & ConsecutiveOptions,
): Tensor;
export function uniqueConsecutive(...args: Arguments<ConsecutiveArguments, typeof CONSECUTIVE>): Tensor | Tensor[];
export function uniqueConsecutive(...args: readonly unknown[]): Tensor | Tensor[] {
  return consecutiveOf(...(args as Arguments<ConsecutiveArguments, typeof CONSECUTIVE>));
}

/** Options of {@link uniqueConsecutive}. */
export type ConsecutiveOptions = Omit<UniqueOptions, 'sorted'>;
