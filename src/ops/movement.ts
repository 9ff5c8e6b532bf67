/** Views: other shapes, orders and parts of the same memory. */
import { record } from '../autograd/record.js';
import { indexError, rangeError, typeError } from '../errors.js';
import {
  checkSizes,
  contiguousStrides,
  describe,
  inferSize,
  numberOfElements,
  type Shape,
  viewStrides,
  wrapDim,
} from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { clone, contiguous } from './copying.js';
import { notDifferentiable } from './derivatives.js';
import { named } from './options.js';
import { intoZeros, recordView } from './views.js';

export { clone } from './copying.js';

/** A tensor of the same elements in another shape, sharing memory. @throws RangeError where strides would not allow it */
export function view(x: Tensor, shape: Shape): Tensor {
  checkTensor('view', x);
  const sizes = inferSize('view', shape, x.count);
  const strides = viewStrides(x.shape, x.strides, sizes);
  if (strides === null) {
    throw rangeError(
      `view: view size is not compatible with input tensor's size and stride ([${x.shape.join(', ')}] with strides [${x.strides.join(', ')}] to [${sizes.join(', ')}]: at least one dimension spans across two contiguous subspaces). Use reshape(...) instead.`,
    );
  }
  return recordView('ViewBackward0', x, sizes, strides, x.offset, reshapeBack(x.shape));
}

function reshapeBack(shape: Shape): (grad: Tensor) => Tensor {
  return (grad) => grad.reshape(shape);
}

/** {@link view} where memory allows it, else a copy. */
export const reshape = named('reshape', ['input', 'shape'], (x: Tensor, shape: Shape): Tensor => {
  checkTensor('reshape', x);
  const sizes = inferSize('reshape', shape, x.count);
  const strides = viewStrides(x.shape, x.strides, sizes);
  if (strides !== null) {
    return recordView('ReshapeAliasBackward0', x, sizes, strides, x.offset, reshapeBack(x.shape));
  }
  const copy = clone(x);
  return record(
    'UnsafeViewBackward0',
    copy.makeAlias(sizes, contiguousStrides(sizes), 0),
    [copy],
    [],
    [reshapeBack(x.shape)],
  );
});

/** Dimensions start to end as one. */
export const flatten = named(
  'flatten',
  ['input', 'startDim', 'endDim'],
  (x: Tensor, startDim: number = 0, endDim: number = -1): Tensor => {
    checkTensor('flatten', x);
    const start = wrapDim('flatten', startDim, x.shape.length);
    const end = wrapDim('flatten', endDim, x.shape.length);
    if (start > end)
      throw rangeError(
        `flatten: flatten() has invalid args: start_dim (${startDim}) cannot come after end_dim (${endDim}).`,
      );
    if (x.shape.length === 0) return reshape(x, [1]);
    if (start === end) return x;
    const middle = numberOfElements(x.shape.slice(start, end + 1));
    return reshape(x, [...x.shape.slice(0, start), middle, ...x.shape.slice(end + 1)]);
  },
);

/** Dimensions of size 1 spread without copying; -1 keeps a size. */
export const expand = named('expand', ['input', 'size'], (x: Tensor, shape: Shape): Tensor => {
  checkTensor('expand', x);
  const missing = shape.length - x.shape.length;
  if (missing < 0) {
    throw rangeError(
      `expand: the number of sizes provided (${shape.length}) must be greater or equal to the number of dimensions in the tensor (${x.shape.length}).`,
    );
  }
  const strides = new Array<number>(shape.length);
  const sizes = shape.map((size, i) => {
    const have = i < missing ? 1 : x.shape[i - missing]!;
    if (size === -1) {
      if (i < missing)
        throw rangeError(
          `expand: The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${i}.`,
        );
      size = have;
    }
    if (have !== 1 && have !== size) {
      throw rangeError(
        `expand: The expanded size of the tensor (${size}) must match the existing size (${have}) at non-singleton dimension ${i}. Target sizes: [${shape.join(', ')}]. Tensor sizes: [${x.shape.join(', ')}].`,
      );
    }
    strides[i] = i < missing || (have === 1 && size !== 1) ? 0 : x.strides[i - missing]!;
    return size;
  });
  checkSizes('expand', sizes);
  const from = x.shape;
  return recordView('ExpandBackward0', x, sizes, strides, x.offset, (grad) => grad.sumToSize(from));
});

/** All dimensions of size 1 dropped, or of those only `dim` (one or several). */
export const squeeze = named(
  'squeeze',
  ['input', 'dim'],
  (x: Tensor, dim?: number | readonly number[] | null): Tensor => {
    checkTensor('squeeze', x);
    const rank = x.shape.length;
    const all = dim === undefined || dim === null;
    const among = all
      ? x.shape.map((_, i) => i)
      : (typeof dim === 'number' ? [dim] : dim).map((d) => wrapDim('squeeze', d, rank));
    const kept = x.shape.map((size, i) => size !== 1 || !among.includes(i));
    const name = all ? 'SqueezeBackward0' : typeof dim === 'number' ? 'SqueezeBackward1' : 'SqueezeBackward2';
    return recordView(
      name,
      x,
      x.shape.filter((_, i) => kept[i]),
      x.strides.filter((_, i) => kept[i]),
      x.offset,
      reshapeBack(x.shape),
    );
  },
);

/** A dimension of size 1 at `dim`. */
export const unsqueeze = named('unsqueeze', ['input', 'dim'], (x: Tensor, dim: number): Tensor => {
  checkTensor('unsqueeze', x);
  const at = wrapDim('unsqueeze', dim, x.shape.length + 1);
  const shape = [...x.shape];
  const strides = [...x.strides];
  strides.splice(at, 0, at < shape.length ? shape[at]! * strides[at]! : 1);
  shape.splice(at, 0, 1);
  return recordView('UnsqueezeBackward0', x, shape, strides, x.offset, (grad) => grad.squeeze(at));
});

/** The slice of `dim` at `index`, without that dimension. */
export const select = named('select', ['input', 'dim', 'index'], (x: Tensor, dim: number, index: number): Tensor => {
  checkTensor('select', x);
  if (x.shape.length === 0) throw indexError('select: select() cannot be applied to a 0-dim tensor; use item().');
  const d = wrapDim('select', dim, x.shape.length);
  const size = x.shape[d]!;
  if (!Number.isInteger(index)) throw typeError(`select: index must be a whole number, not ${describe(index)}.`);
  if (index < -size || index >= size)
    throw indexError(`select: index ${index} is out of bounds for dimension ${d} with size ${size}.`);
  const i = index < 0 ? index + size : index;
  const from = x.shape;
  return recordView(
    'SelectBackward0',
    x,
    from.filter((_, j) => j !== d),
    x.strides.filter((_, j) => j !== d),
    x.offset + i * x.strides[d]!,
    (grad) => intoZeros(grad, from, (whole) => select(whole, d, i)),
  );
});

/** Elements start, start + step, … before end of `dim`; negative ends count from the back, and are clamped as Python's. */
export function sliceDim(x: Tensor, dim = 0, start?: number | null, end?: number | null, step = 1): Tensor {
  checkTensor('slice', x);
  if (x.shape.length === 0) throw indexError('slice: slice() cannot be applied to a 0-dim tensor.');
  const d = wrapDim('slice', dim, x.shape.length);
  if (!Number.isInteger(step) || step <= 0)
    throw rangeError(`slice: slice step must be positive, but got ${step}; use flip() to reverse.`);
  const size = x.shape[d]!;
  const from = clampIndex(start ?? 0, size);
  const to = Math.max(from, clampIndex(end ?? size, size));
  const shape = [...x.shape];
  shape[d] = Math.ceil((to - from) / step);
  const strides = [...x.strides];
  strides[d] = strides[d]! * step;
  const whole = x.shape;
  return recordView('SliceBackward0', x, shape, strides, x.offset + from * x.strides[d]!, (grad) =>
    intoZeros(grad, whole, (w) => sliceDim(w, d, from, to, step)),
  );
}

function clampIndex(index: number, size: number): number {
  const i = index < 0 ? index + size : index;
  return Math.min(Math.max(i, 0), size);
}

/** `length` elements of `dim` from `start` on, sharing memory. */
export const narrow = named(
  'narrow',
  ['input', 'dim', 'start', 'length'],
  (x: Tensor, dim: number, start: number | Tensor, length: number): Tensor => {
    checkTensor('narrow', x);
    if (x.shape.length === 0) throw rangeError('narrow: narrow() cannot be applied to a 0-dim tensor.');
    const d = wrapDim('narrow', dim, x.shape.length);
    const size = x.shape[d]!;
    const first = typeof start === 'number' ? start : Number(start.item());
    if (length < 0) throw rangeError(`narrow: length must be non-negative, but it is ${length}.`);
    if (first < -size || first > size)
      throw indexError(`narrow: start (${first}) is out of range for dimension ${d} of size ${size}.`);
    const from = first < 0 ? first + size : first;
    if (from > size - length)
      throw rangeError(`narrow: start (${from}) + length (${length}) exceeds dimension size (${size}).`);
    return sliceDim(x, d, from, from + length);
  },
);

/** All elements in one dimension: a view of what is row-major, else a copy. */
export function ravel(x: Tensor): Tensor {
  checkTensor('ravel', x);
  return view(contiguous(x), [-1]);
}

/**
 * Dimension `dim` as several, of the sizes given (one may be -1).
 * https://pytorch.org/docs/stable/generated/torch.unflatten.html
 */
export const unflatten = named(
  'unflatten',
  ['input', 'dim', 'sizes'],
  (x: Tensor, dim: number, sizes: Shape): Tensor => {
    checkTensor('unflatten', x);
    const d = wrapDim('unflatten', dim, x.shape.length);
    if (sizes.length === 0) throw rangeError('unflatten: sizes must be non-empty.');
    const size = x.shape[d] ?? 1;
    let parts: number[];
    try {
      parts = inferSize('unflatten', sizes, size);
    } catch {
      throw rangeError(
        `unflatten: Provided sizes [${sizes.join(', ')}] don't multiply up to the size of dim ${d} (${size}) in the input tensor.`,
      );
    }
    return view(x, [...x.shape.slice(0, d), ...parts, ...x.shape.slice(d + 1)]);
  },
);

/** x expanded to a shape. */
export const broadcastTo = named('broadcastTo', ['input', 'size'], (x: Tensor, size: Shape): Tensor => expand(x, size));

/** A copy of a part of a dimension. It has no gradient. */
export const narrowCopy = named(
  'narrowCopy',
  ['input', 'dim', 'start', 'length'],
  (x: Tensor, dim: number, start: number | Tensor, length: number): Tensor => {
    const out = clone(narrow(x.detach(), dim, start, length));
    return record('NotImplemented', out, [x], [], [notDifferentiable('narrowCopy')]);
  },
);
