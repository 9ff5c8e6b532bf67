/** Orders along one dim: sort, topk, kthvalue, median, mode. NaN is above every number, equal elements keep their order. */
import { getNumThreads, kernels } from '../backends/index.js';
import { bool, DTYPES, int64 } from '../dtype.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { describe, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, dense } from './apply.js';
import {
  checkOrdered,
  type Line,
  lineOf,
  ordered,
  recordOverall,
  recordTaken,
  restored,
  type ValuesAndIndices,
} from './choosing.js';
import { named, namedTuple } from './options.js';

/** Elements below which one thread does all. */
const LIGHT = 4096;

/** The work space of a kernel that sorts rows: as much as each thread needs. */
function workSpace(x: Tensor, rows: number, n: number): Tensor {
  const key = x.dtypeInfo.size === 8 ? 8 : 4;
  const lane = Math.ceil((n * (2 * key + 8)) / 8) * 8;
  const lanes = rows > 1 && rows * n > LIGHT ? getNumThreads() : 1;
  return x.makeEmpty([lanes * lane], DTYPES.uint8);
}

interface Order {
  readonly line: Line;
  readonly values: Tensor;
  readonly indices: Tensor;
}

/** Runs a kernel that gives `count` values for each row (null: drops the dim). */
function run(
  op: string,
  x: Tensor,
  dim: number,
  count: number | null,
  keepdim: boolean,
  kernel: (values: Tensor, indices: Tensor, line: Line, work: Tensor) => void,
): Order {
  const line = lineOf(op, x, dim, keepdim);
  const shape =
    count === null || x.shape.length === 0 ? line.reduced : x.shape.map((size, d) => (d === line.dim ? count : size));
  const made = x.makeEmpty(shape, line.x.dtypeInfo);
  const indices = x.makeEmpty(shape, int64);
  if (made.count > 0) kernel(made, indices, line, workSpace(line.x, line.outer * line.inner, line.n));
  return { line, values: restored(made, x.dtypeInfo), indices };
}

function recorded(name: string, x: Tensor, { values, indices, line }: Order, keepdim: boolean): ValuesAndIndices {
  recordTaken(name, x, values, indices, line.dim, keepdim);
  return namedTuple(['values', 'indices'], [values, indices]);
}

function sorted(op: string, x: Tensor, dim: number, descending: boolean): Order {
  checkTensor(op, x);
  const length = x.shape.length === 0 ? 1 : x.shape[wrapDim(op, dim, x.shape.length)]!;
  return run(op, x, dim, length, true, (values, indices, line, work) =>
    kernels.sort(values, indices, line.x, work, line.outer, line.n, line.inner, descending ? 1 : 0),
  );
}

/**
 * x sorted along `dim`, and where each element was. Always stable; NaN comes last, first when descending.
 * https://pytorch.org/docs/stable/generated/torch.sort.html
 * @example const { values, indices } = sort(tensor([3, 1, 2])) // [1, 2, 3], [1, 2, 0]
 */
export const sort = named(
  'sort',
  ['input', 'dim', 'descending', 'stable'],
  (x: Tensor, dim: number = -1, descending: boolean = false, stable?: boolean): ValuesAndIndices =>
    recorded(stable === undefined ? 'SortBackward0' : 'SortBackward1', x, sorted('sort', x, dim, descending), true),
);

/** The indices that sort x along `dim`. See {@link sort}. */
export const argsort = named(
  'argsort',
  ['input', 'dim', 'descending', 'stable'],
  (x: Tensor, dim: number = -1, descending: boolean = false, _stable?: boolean): Tensor =>
    sorted('argsort', x, dim, descending).indices,
);

/** x sorted along its first dim. See {@link sort}. */
export function msort(x: Tensor): Tensor {
  return recorded('SortBackward0', x, sorted('msort', x, 0, false), true).values;
}

/**
 * The k largest (or smallest) elements along `dim`, in order, and where they are; of equal ones the first are taken.
 * https://pytorch.org/docs/stable/generated/torch.topk.html
 * @throws RangeError for a k beyond the dim's size
 */
export const topk = named(
  'topk',
  ['input', 'k', 'dim', 'largest', 'sorted'],
  (x: Tensor, k: number, dim: number = -1, largest: boolean = true, _sorted: boolean = true): ValuesAndIndices => {
    checkTensor('topk', x);
    const n = x.shape.length === 0 ? 1 : x.shape[wrapDim('topk', dim, x.shape.length)]!;
    if (!Number.isInteger(k)) throw typeError(`topk: k must be a whole number, not ${describe(k)}.`);
    if (k < 0 || k > n)
      throw rangeError(`topk: selected index k out of range: k is ${k}, but the dimension has ${n} elements.`);
    const empty = x.shape.length === 0 && k === 0;
    const order = run('topk', empty ? x.reshape([1]) : x, dim, k, true, (values, indices, line, work) =>
      kernels.topk(values, indices, line.x, work, line.outer, line.n, line.inner, k, largest ? 1 : 0),
    );
    return recorded('TopkBackward0', x, order, true);
  },
);

/** The k-th of each row, from 1; 0 for the median. */
function select(op: string, x: Tensor, k: number, dim: number, keepdim: boolean, ignoreNan: boolean): Order {
  return run(op, x, dim, null, keepdim, (values, indices, line, work) =>
    kernels.kthvalue(values, indices, line.x, work, line.outer, line.n, line.inner, k, ignoreNan ? 1 : 0),
  );
}

/**
 * The k-th smallest along `dim`, counted from 1, and where it is (in stable order).
 * https://pytorch.org/docs/stable/generated/torch.kthvalue.html
 * @throws RangeError for a k that is not from 1 to the dim's size
 */
export const kthvalue = named(
  'kthvalue',
  ['input', 'k', 'dim', 'keepdim'],
  (x: Tensor, k: number, dim: number = -1, keepdim: boolean = false): ValuesAndIndices => {
    checkTensor('kthvalue', x);
    const d = wrapDim('kthvalue', dim, x.shape.length);
    const n = x.shape.length === 0 ? 1 : x.shape[d]!;
    if (!(Number.isInteger(k) && k >= 1 && k <= n)) {
      throw rangeError(
        `kthvalue: selected number k out of range for dimension ${d}: k is ${k}, but it must be from 1 to ${n}.`,
      );
    }
    return recorded('KthvalueBackward0', x, select('kthvalue', x, k, dim, keepdim, false), keepdim);
  },
);

interface Median {
  (input: Tensor): Tensor;
  (input: Tensor, dim: number, keepdim?: boolean): ValuesAndIndices;
  (input: Tensor, options: { dim: number; keepdim?: boolean }): ValuesAndIndices;
  (input: Tensor, dim: number, options: { keepdim?: boolean }): ValuesAndIndices;
  (...args: readonly unknown[]): Tensor | ValuesAndIndices;
}

function medianOp(op: 'median' | 'nanmedian', ignoreNan: boolean): Median {
  const name = op === 'median' ? 'Median' : 'Nanmedian';
  const body = (x: Tensor, dim?: number | null, keepdim: boolean = false): Tensor | ValuesAndIndices => {
    checkTensor(op, x);
    if (x.dtypeInfo === bool) throw typeError(`${op}: not implemented for bool; convert with to('uint8').`);
    if (dim === undefined || dim === null) return whole(x);
    const d = wrapDim(op, dim, x.shape.length);
    if (x.shape.length > 0 && x.shape[d] === 0) {
      throw indexError(`${op}: Expected reduction dim ${d} to have non-zero size.`);
    }
    return recorded(`${name}Backward1`, x, select(op, x, 0, dim, keepdim, ignoreNan), keepdim);
  };
  const whole = (x: Tensor): Tensor => {
    checkOrdered(op, x.dtypeInfo);
    const out = x.makeEmpty([], x.dtypeInfo);
    if (x.count === 0) out.fillWith(x.dtypeInfo.isFloat ? Number.NaN : -(2n ** BigInt(8 * x.dtypeInfo.size - 1)));
    else {
      const from = dense(ordered(x));
      const value = x.makeEmpty([], from.dtypeInfo);
      const index = x.makeEmpty([], int64);
      kernels.kthvalue(value, index, from, workSpace(from, 1, from.count), 1, from.count, 1, 0, ignoreNan ? 1 : 0);
      out.writeFrom(castOperand(value, x.dtypeInfo) as Tensor);
    }
    return recordOverall(`${name}Backward0`, x, out);
  };
  return named(op, ['input', 'dim', 'keepdim'], body) as Median;
}

/**
 * The median of all elements (equal ones share the gradient), or along `dim` with where it is: the lower of the two in
 * the middle. NaN where there is one.
 * https://pytorch.org/docs/stable/generated/torch.median.html
 */
export const median = medianOp('median', false);

/** The median of what is not NaN, as {@link median}. */
export const nanmedian = medianOp('nanmedian', true);

/**
 * The most frequent value along `dim` (the smallest of several) and where it stands last.
 * https://pytorch.org/docs/stable/generated/torch.mode.html
 */
export const mode = named(
  'mode',
  ['input', 'dim', 'keepdim'],
  (x: Tensor, dim: number = -1, keepdim: boolean = false): ValuesAndIndices => {
    checkTensor('mode', x);
    const d = wrapDim('mode', dim, x.shape.length);
    if (x.shape.length > 0 && x.shape[d] === 0)
      throw indexError(`mode: Expected reduction dim ${d} to have non-zero size.`);
    const order = run('mode', x, dim, null, keepdim, (values, indices, line, work) =>
      kernels.mode(values, indices, line.x, work, line.outer, line.n, line.inner),
    );
    return recorded('ModeBackward0', x, order, keepdim);
  },
);
