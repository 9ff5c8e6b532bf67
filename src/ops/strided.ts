/** Views by strides: as_strided, sliding windows. */
import { record } from '../autograd/record.js';
import { rangeError } from '../errors.js';
import { overlapsItself, type Shape, storageExtent, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';
import { recordView } from './views.js';

/** A view of x's memory with any sizes and strides. @throws RangeError where it would leave the memory */
export const asStrided = named(
  'asStrided',
  ['input', 'size', 'stride', 'storageOffset'],
  (x: Tensor, shape: Shape, strides: readonly number[], storageOffset?: number | null): Tensor => {
    checkTensor('asStrided', x);
    const offset = storageOffset ?? x.offset;
    if (shape.length !== strides.length)
      throw rangeError(
        `asStrided: mismatch in length of strides and shape ([${strides.join(', ')}] for [${shape.join(', ')}]).`,
      );
    for (const value of [...shape, ...strides, offset]) {
      if (!Number.isSafeInteger(value) || value < 0)
        throw rangeError(`asStrided: ${value} is not allowed; sizes, strides and the offset are whole numbers ≥ 0.`);
    }
    const end = (offset + storageExtent(shape, strides)) * x.dtypeInfo.size;
    if (end > x.storage.byteLength) {
      throw rangeError(
        `asStrided: setStorage: sizes [${shape.join(', ')}], strides [${strides.join(', ')}], storage offset ${offset}, requiring a storage size of ${end} are out of bounds for storage of size ${x.storage.byteLength}.`,
      );
    }
    const base = { shape: x.shape, strides: x.strides, offset: x.offset };
    return recordView('AsStridedBackward0', x, shape, strides, offset, (grad) =>
      asStridedBackward(grad, base, shape, strides, offset),
    );
  },
);

interface Geometry {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Adds `grad` up in the memory that base and view share, then reads it through the base. */
function asStridedBackward(
  grad: Tensor,
  base: Geometry,
  shape: Shape,
  strides: readonly number[],
  offset: number,
): Tensor {
  const low = Math.min(base.offset, offset);
  const extent =
    Math.max(base.offset + storageExtent(base.shape, base.strides), offset + storageExtent(shape, strides)) - low;
  const memory = grad.makeEmpty([extent], grad.dtypeInfo).zero_();
  if (overlapsItself(shape, strides) || mayOverlap(shape, strides)) {
    addOverlapping(memory, grad, shape, strides, offset - low);
  } else {
    memory.asStrided(shape, strides, offset - low).copyInto(grad.detach());
  }
  const whole = memory.asStrided(base.shape, base.strides, base.offset - low);
  return record(
    'AsStridedBackwardBackward0',
    whole,
    [grad],
    [],
    [
      (g) => {
        const copy = g.newEmptyStrided(base.shape, base.strides).copy_(g);
        return asStrided(copy, shape, strides, offset - base.offset);
      },
    ],
  );
}

/** Adds grad's elements up where a strided view has them; several may stand in one place. */
function addOverlapping(memory: Tensor, grad: Tensor, shape: Shape, strides: readonly number[], offset: number): void {
  const values = grad.toTypedArray() as Float64Array;
  const sums = memory.storage.view(memory.dtypeInfo, memory.offset, memory.count) as Float64Array;
  const { lanes } = memory.dtypeInfo;
  for (let i = 0; i < grad.count; i++) {
    let at = offset;
    let left = i;
    for (let d = shape.length - 1; d >= 0; d--) {
      at += (left % shape[d]!) * strides[d]!;
      left = Math.floor(left / shape[d]!);
    }
    for (let lane = 0; lane < lanes; lane++) sums[at * lanes + lane]! += values[i * lanes + lane]!;
  }
}

/** Whether two indices may meet in memory: sorted by stride, each must reach past all before it. */
function mayOverlap(shape: Shape, strides: readonly number[]): boolean {
  const dims = shape.map((size, i) => [strides[i]!, size] as const).filter(([, size]) => size > 1);
  dims.sort((a, b) => a[0] - b[0]);
  let reach = 0;
  for (const [stride, size] of dims) {
    if (stride <= reach) return true;
    reach += stride * (size - 1);
  }
  return false;
}

/**
 * Windows of `size` elements along `dimension`, every `step` elements, as a view with the window as a last dimension.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.unfold.html
 */
export const unfold = named(
  'unfold',
  ['input', 'dimension', 'size', 'step'],
  (x: Tensor, dimension: number, size: number, step: number): Tensor => {
    checkTensor('unfold', x);
    const d = wrapDim('unfold', dimension, x.shape.length);
    const rank = x.shape.length;
    const length = rank === 0 ? 1 : x.shape[d]!;
    if (!Number.isInteger(size) || size < 0) throw rangeError(`unfold: size is ${size} but must be >= 0.`);
    if (size > length)
      throw rangeError(`unfold: maximum size for tensor at dimension ${d} is ${length} but size is ${size}.`);
    if (!Number.isInteger(step) || step <= 0) throw rangeError(`unfold: step is ${step} but must be > 0.`);
    const shape = [...x.shape, size];
    const strides = [...x.strides, rank === 0 ? 1 : x.strides[d]!];
    if (rank > 0) {
      shape[d] = Math.floor((length - size) / step) + 1;
      strides[d] = strides[d]! * step;
    }
    const whole = x.shape;
    return recordView('UnfoldBackward0', x, shape, strides, x.offset, (grad) =>
      unfoldBackward(grad, whole, d, size, step),
    );
  },
);

/** Adds the windows up where they were taken from. */
function unfoldBackward(grad: Tensor, shape: Shape, d: number, size: number, step: number): Tensor {
  const memory = grad.makeEmpty(shape, grad.dtypeInfo);
  memory.fillWith(0);
  if (shape.length === 0) memory.add_(grad.detach().reshape([]));
  else {
    const windows = grad.shape[d]!;
    for (let i = 0; i < size && windows > 0; i++) {
      const part = memory.makeAlias(
        shape.map((n, j) => (j === d ? windows : n)),
        memory.strides.map((stride, j) => (j === d ? stride * step : stride)),
        i * memory.strides[d]!,
      );
      part.add_(grad.detach().select(shape.length, i));
    }
  }
  return record('UnfoldBackwardBackward0', memory, [grad], [], [(g) => unfold(g, d, size, step)]);
}
