/** The largest and smallest elements: over dims, along one with where they stand, and running. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { int64 } from '../dtype.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { wrapDims } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import {
  checkOrdered,
  type Line,
  lineOf,
  ordered,
  recordOverall,
  recordTaken,
  restored,
  shareEvenly,
  type ValuesAndIndices,
} from './choosing.js';
import { maximum, minimum } from './clamping.js';
import { type Dims, reduced } from './dims.js';
import { isOptions, type NamedTuple, named, namedTuple } from './options.js';

type Kernel = typeof kernels.max;

/** Throws when there would be something to choose from nothing. */
function checkNotEmpty(op: string, x: Tensor, line: Line): void {
  if (line.n === 0 && x.shape.length > 0) {
    throw indexError(
      `${op}: Expected reduction dim ${line.dim} to have non-zero size, but x has shape [${x.shape.join(', ')}].`,
    );
  }
}

/** The extreme over `dims`. */
function over(op: string, name: string, kernel: Kernel, x: Tensor, dim: Dims | undefined, keepdim: boolean): Tensor {
  checkTensor(op, x);
  checkOrdered(op, x.dtypeInfo);
  const dims = wrapDims(op, dim, x.shape.length);
  if (x.count === 0) {
    const all = dim === undefined || dim === null || (Array.isArray(dim) && dim.length === 0);
    if (all)
      throw rangeError(
        `${op}: Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
      );
    for (const d of dims) {
      if (x.shape[d] === 0) throw indexError(`${op}: Expected reduction dim ${d} to have non-zero size.`);
    }
  }
  const r = reduced(ordered(x), dims);
  const made = x.makeEmpty(keepdim ? r.kept : r.dropped, r.x.dtypeInfo);
  kernel(made, null, r.x, r.outer, r.n, r.inner);
  const out = restored(made, x.dtypeInfo);
  const { kept } = r;
  return record(name, out, [x], [x, out] as [Tensor, Tensor], [
    (grad, from, value) => shareEvenly(grad, from, value, dims, kept),
  ]);
}

/**
 * The largest over `dim` (all, if not given); NaN if there is one. Equal ones share the gradient evenly.
 * https://pytorch.org/docs/stable/generated/torch.amax.html
 * @throws RangeError for nothing to choose from
 */
export const amax = named(
  'amax',
  ['input', 'dim', 'keepdim'],
  (x: Tensor, dim?: Dims, keepdim: boolean = false): Tensor =>
    over('amax', 'AmaxBackward0', kernels.max, x, dim, keepdim),
);

/** The smallest over `dim`, as {@link amax}. */
export const amin = named(
  'amin',
  ['input', 'dim', 'keepdim'],
  (x: Tensor, dim?: Dims, keepdim: boolean = false): Tensor =>
    over('amin', 'AminBackward0', kernels.min, x, dim, keepdim),
);

/**
 * The smallest and the largest, over one dim or all.
 * https://pytorch.org/docs/stable/generated/torch.aminmax.html
 */
export const aminmax = named(
  'aminmax',
  ['input', 'dim', 'keepdim'],
  (
    x: Tensor,
    dim?: number | null,
    keepdim: boolean = false,
  ): NamedTuple<readonly ['min', 'max'], readonly [Tensor, Tensor]> => {
    checkTensor('aminmax', x);
    if (x.count === 0 && (dim === undefined || dim === null)) {
      throw rangeError('aminmax: cannot compute aminmax over an empty dimension as the operation has no identity.');
    }
    const each = (name: string, kernel: Kernel): Tensor => {
      const out = over('aminmax', name, kernel, x, dim, keepdim);
      // PyTorch's own way with a scalar.
      return keepdim && x.shape.length === 0 && dim !== undefined && dim !== null ? out.reshape([1]) : out;
    };
    return namedTuple(['min', 'max'], [each('AminmaxBackward0', kernels.min), each('AminmaxBackward0', kernels.max)]);
  },
);

/** The extremes along one dim and where they stand first. */
function along(op: string, name: string, kernel: Kernel, x: Tensor, dim: number, keepdim: boolean): ValuesAndIndices {
  const line = lineOf(op, x, dim, keepdim);
  checkNotEmpty(op, x, line);
  const made = x.makeEmpty(line.reduced, line.x.dtypeInfo);
  const indices = x.makeEmpty(line.reduced, int64);
  kernel(made, indices, line.x, line.outer, line.n, line.inner);
  const values = restored(made, x.dtypeInfo);
  recordTaken(name, x, values, indices, line.dim, keepdim);
  return namedTuple(['values', 'indices'], [values, indices]);
}

/** The extreme of all elements. */
function overall(op: string, name: string, kernel: Kernel, x: Tensor): Tensor {
  checkTensor(op, x);
  checkOrdered(op, x.dtypeInfo);
  if (x.count === 0)
    throw rangeError(
      `${op}: Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
  const from = dense(ordered(x));
  const made = x.makeEmpty([], from.dtypeInfo);
  kernel(made, null, from, 1, from.count, 1);
  const out = restored(made, x.dtypeInfo);
  return recordOverall(name, x, out);
}

/** Arguments of {@link max} and {@link min} beside x: nothing, a dim, or another tensor. */
export type ExtremeOptions = { dim: number; keepdim?: boolean };

/** The three functions in one that torch.max and torch.min are. */
function extreme(op: 'max' | 'min', kernel: Kernel, binary: (x: Tensor, y: Tensor) => Tensor) {
  const capital = op === 'max' ? 'Max' : 'Min';
  return (x: Tensor, other?: unknown, keepdim?: unknown): Tensor | ValuesAndIndices => {
    checkTensor(op, x);
    if (other === undefined || other === null) return overall(op, `${capital}Backward1`, kernel, x);
    if (isOptions(other)) {
      const { dim, keepdim: keep, other: second, ...rest } = other;
      const [unknown] = Object.keys(rest);
      if (unknown !== undefined)
        throw typeError(`${op}: there is no argument ${JSON.stringify(unknown)}; it takes dim, keepdim, other.`);
      return second === undefined ? extreme(op, kernel, binary)(x, dim, keep) : binary(x, second as Tensor);
    }
    if (typeof other !== 'number') return binary(x, other as Tensor);
    const keeps = isOptions(keepdim) ? (keepdim.keepdim ?? false) : (keepdim ?? false);
    return along(op, `${capital}Backward0`, kernel, x, other, Boolean(keeps));
  };
}

const maxOf = extreme('max', kernels.max, (x, y) => maximum(x, y));
const minOf = extreme('min', kernels.min, (x, y) => minimum(x, y));

/**
 * The largest of all elements (equal ones share the gradient); along `dim` with where it stands first (that element
 * gets the gradient); or, with another tensor, {@link maximum}. NaN is larger than any number.
 * https://pytorch.org/docs/stable/generated/torch.max.html
 * @example const [values, indices] = max(x, 1)
 * @throws RangeError for nothing to choose from
 */
export function max(x: Tensor): Tensor;
export function max(x: Tensor, other: Tensor | { other: Tensor }): Tensor;
export function max(
  x: Tensor,
  dim: number | ExtremeOptions,
  keepdim?: boolean | { keepdim?: boolean },
): ValuesAndIndices;
export function max(x: Tensor, other?: unknown, keepdim?: unknown): Tensor | ValuesAndIndices;
export function max(x: Tensor, other?: unknown, keepdim?: unknown): Tensor | ValuesAndIndices {
  return maxOf(x, other, keepdim);
}

/** The smallest, as {@link max}; with another tensor {@link minimum}. */
export function min(x: Tensor): Tensor;
export function min(x: Tensor, other: Tensor | { other: Tensor }): Tensor;
export function min(
  x: Tensor,
  dim: number | ExtremeOptions,
  keepdim?: boolean | { keepdim?: boolean },
): ValuesAndIndices;
export function min(x: Tensor, other?: unknown, keepdim?: unknown): Tensor | ValuesAndIndices;
export function min(x: Tensor, other?: unknown, keepdim?: unknown): Tensor | ValuesAndIndices {
  return minOf(x, other, keepdim);
}

/** Where the extreme stands first, along a dim or in x as one vector. */
function place(op: string, kernel: Kernel, x: Tensor, dim: number | null | undefined, keepdim: boolean): Tensor {
  checkTensor(op, x);
  checkOrdered(op, x.dtypeInfo);
  if (dim === undefined || dim === null) {
    if (x.count === 0) throw indexError(`${op}: Expected reduction dim to be specified for input.numel() == 0.`);
    const from = dense(ordered(x));
    const out = x.makeEmpty(keepdim ? x.shape.map(() => 1) : [], int64);
    kernel(null, out, from, 1, from.count, 1);
    return out;
  }
  const line = lineOf(op, x, dim, keepdim);
  checkNotEmpty(op, x, line);
  const out = x.makeEmpty(line.reduced, int64);
  kernel(null, out, line.x, line.outer, line.n, line.inner);
  return out;
}

/**
 * The index of the largest element, the first of several; along `dim`, or in x as one vector. int64, without gradient.
 * https://pytorch.org/docs/stable/generated/torch.argmax.html
 */
export const argmax = named(
  'argmax',
  ['input', 'dim', 'keepdim'],
  (x: Tensor, dim?: number | null, keepdim: boolean = false): Tensor => place('argmax', kernels.max, x, dim, keepdim),
);

/** The index of the smallest element, as {@link argmax}. */
export const argmin = named(
  'argmin',
  ['input', 'dim', 'keepdim'],
  (x: Tensor, dim?: number | null, keepdim: boolean = false): Tensor => place('argmin', kernels.min, x, dim, keepdim),
);

/** The extremes so far along a dim, and where they stand last. */
function running(op: string, name: string, kernel: typeof kernels.cummax, x: Tensor, dim: number): ValuesAndIndices {
  const line = lineOf(op, x, dim);
  const made = x.makeEmpty(x.shape, line.x.dtypeInfo);
  const indices = x.makeEmpty(x.shape, int64);
  if (x.count > 0) kernel(made, indices, line.x, line.outer, line.n, line.inner);
  const values = restored(made, x.dtypeInfo);
  recordTaken(name, x, values, indices, line.dim, true);
  return namedTuple(['values', 'indices'], [values, indices]);
}

/**
 * The largest so far along `dim`, and where it stands (the last of several).
 * https://pytorch.org/docs/stable/generated/torch.cummax.html
 */
export const cummax = named(
  'cummax',
  ['input', 'dim'],
  (x: Tensor, dim: number): ValuesAndIndices => running('cummax', 'CummaxBackward0', kernels.cummax, x, dim),
);

/** The smallest so far along `dim`, and where it stands (the last of several). */
export const cummin = named(
  'cummin',
  ['input', 'dim'],
  (x: Tensor, dim: number): ValuesAndIndices => running('cummin', 'CumminBackward0', kernels.cummin, x, dim),
);
