import { record, recordMany } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { DTYPES, type DType } from '../dtype.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { dtypeOf, resultInfo } from '../promotion.js';
import { contiguousStrides, describe, inferSize, numberOfElements, overlapsItself, type Shape, sameShape, storageExtent, viewStrides, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';

/** A copy with its own memory, row-major. */
export function clone(x: Tensor): Tensor {
  checkTensor('clone', x);
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  kernels.copy(out, x);
  return record('CloneBackward0', out, [x], [], [(grad) => grad]);
}

/** x itself where it is row-major, else a {@link clone}. */
export function contiguous(x: Tensor): Tensor {
  return x.isDense ? x : clone(x);
}

/** x converted to a dtype; x itself where it has it already. */
export function toDType(x: Tensor, dtype: DType, copy = false): Tensor {
  const info = dtypeOf('to', dtype);
  if (info === x.dtypeInfo) return copy ? clone(x) : x;
  const out = x.makeEmpty(x.shape, info);
  kernels.copy(out, x);
  const { dtype: from } = x;
  return record('ToCopyBackward0', out, [x], [], [(grad) => grad.to(from)]);
}

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

/** A recorded view of x. */
function recordView(
  name: string,
  x: Tensor,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  gradient: (grad: Tensor) => Tensor,
): Tensor {
  return record(name, x.makeView(shape, strides, offset), [x], [], [gradient]);
}

/** {@link view} where memory allows it, else a copy. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensor('reshape', x);
  const sizes = inferSize('reshape', shape, x.count);
  const strides = viewStrides(x.shape, x.strides, sizes);
  if (strides !== null) {
    const name = x.isDense ? 'ViewBackward0' : 'ReshapeAliasBackward0';
    return recordView(name, x, sizes, strides, x.offset, reshapeBack(x.shape));
  }
  const copy = clone(x);
  return record('UnsafeViewBackward0', copy.makeAlias(sizes, contiguousStrides(sizes), 0), [copy], [], [reshapeBack(x.shape)]);
}

/** Dimensions start to end as one. */
export function flatten(x: Tensor, startDim = 0, endDim = -1): Tensor {
  checkTensor('flatten', x);
  const start = wrapDim('flatten', startDim, x.shape.length);
  const end = wrapDim('flatten', endDim, x.shape.length);
  if (start > end) throw rangeError(`flatten: flatten() has invalid args: start_dim (${startDim}) cannot come after end_dim (${endDim}).`);
  if (x.shape.length === 0) return reshape(x, [1]);
  if (start === end) return x;
  const middle = numberOfElements(x.shape.slice(start, end + 1));
  return reshape(x, [...x.shape.slice(0, start), middle, ...x.shape.slice(end + 1)]);
}

/** Dimensions in another order: dimension i of the result is dimension dims[i] of x. */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  checkTensor('permute', x);
  const rank = x.shape.length;
  if (dims.length !== rank) {
    throw rangeError(`permute: permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${dims.length}.`);
  }
  const order = dims.map((d) => wrapDim('permute', d, rank));
  if (new Set(order).size !== rank) throw rangeError(`permute: repeated dim in permute ([${dims.join(', ')}]); name each dim once.`);
  const inverse = new Array<number>(rank);
  order.forEach((d, i) => {
    inverse[d] = i;
  });
  return recordView('PermuteBackward0', x, order.map((d) => x.shape[d]!), order.map((d) => x.strides[d]!), x.offset, (grad) => grad.permute(inverse));
}

/** Two dimensions exchanged. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  checkTensor('transpose', x);
  const a = wrapDim('transpose', dim0, x.shape.length);
  const b = wrapDim('transpose', dim1, x.shape.length);
  return recordTransposed('TransposeBackward0', x, a, b);
}

function recordTransposed(name: string, x: Tensor, a: number, b: number): Tensor {
  const shape = [...x.shape];
  const strides = [...x.strides];
  if (shape.length > 0) {
    [shape[a], shape[b]] = [shape[b]!, shape[a]!];
    [strides[a], strides[b]] = [strides[b]!, strides[a]!];
  }
  return recordView(name, x, shape, strides, x.offset, (grad) => (shape.length > 1 ? grad.transpose(a, b) : grad));
}

/** The transpose of a matrix; vectors and scalars as they are. */
export function t(x: Tensor): Tensor {
  checkTensor('t', x);
  if (x.shape.length > 2) throw rangeError(`t: t() expects a tensor with <= 2 dimensions, but self is ${x.shape.length}D; use transpose(dim0, dim1).`);
  return recordTransposed('TBackward0', x, 0, Math.max(x.shape.length - 1, 0));
}

/** Dimensions of size 1 spread without copying; -1 keeps a size. */
export function expand(x: Tensor, shape: Shape): Tensor {
  checkTensor('expand', x);
  const missing = shape.length - x.shape.length;
  if (missing < 0) {
    throw rangeError(`expand: the number of sizes provided (${shape.length}) must be greater or equal to the number of dimensions in the tensor (${x.shape.length}).`);
  }
  const strides = new Array<number>(shape.length);
  const sizes = shape.map((size, i) => {
    const have = i < missing ? 1 : x.shape[i - missing]!;
    if (size === -1) {
      if (i < missing) throw rangeError(`expand: The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${i}.`);
      size = have;
    }
    if (!Number.isSafeInteger(size) || size < 0) throw rangeError(`expand: size ${size} is not a whole number ≥ 0.`);
    if (have !== 1 && have !== size) {
      throw rangeError(
        `expand: The expanded size of the tensor (${size}) must match the existing size (${have}) at non-singleton dimension ${i}. Target sizes: [${shape.join(', ')}]. Tensor sizes: [${x.shape.join(', ')}].`,
      );
    }
    strides[i] = i < missing || (have === 1 && size !== 1) ? 0 : x.strides[i - missing]!;
    return size;
  });
  const from = x.shape;
  return recordView('ExpandBackward0', x, sizes, strides, x.offset, (grad) => grad.sumToSize(from));
}

/** All dimensions of size 1 dropped, or only `dim` where it has size 1. */
export function squeeze(x: Tensor, dim?: number | null): Tensor {
  checkTensor('squeeze', x);
  const only = dim === undefined || dim === null ? null : wrapDim('squeeze', dim, x.shape.length);
  const kept = x.shape.map((size, i) => size !== 1 || (only !== null && i !== only));
  const name = only === null ? 'SqueezeBackward0' : 'SqueezeBackward1';
  return recordView(name, x, x.shape.filter((_, i) => kept[i]), x.strides.filter((_, i) => kept[i]), x.offset, reshapeBack(x.shape));
}

/** A dimension of size 1 at `dim`. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  checkTensor('unsqueeze', x);
  const at = wrapDim('unsqueeze', dim, x.shape.length + 1);
  const shape = [...x.shape];
  const strides = [...x.strides];
  strides.splice(at, 0, at < shape.length ? shape[at]! * strides[at]! : 1);
  shape.splice(at, 0, 1);
  return recordView('UnsqueezeBackward0', x, shape, strides, x.offset, (grad) => grad.squeeze(at));
}

/** The slice of `dim` at `index`, without that dimension. */
export function select(x: Tensor, dim: number, index: number): Tensor {
  checkTensor('select', x);
  if (x.shape.length === 0) throw indexError('select: select() cannot be applied to a 0-dim tensor; use item().');
  const d = wrapDim('select', dim, x.shape.length);
  const size = x.shape[d]!;
  if (!Number.isInteger(index)) throw typeError(`select: index must be a whole number, not ${describe(index)}.`);
  if (index < -size || index >= size) throw indexError(`select: index ${index} is out of bounds for dimension ${d} with size ${size}.`);
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
}

/** The gradient of a view: zeros with `grad` at the view's place. Its own gradient is the view again. */
export function intoZeros(grad: Tensor, shape: Shape, part: (whole: Tensor) => Tensor): Tensor {
  const whole = grad.makeEmpty(shape, grad.dtypeInfo).zero_();
  part(whole).copyInto(grad.detach());
  return record('IntoZerosBackward0', whole, [grad], [], [(g) => part(g)]);
}

/** Elements start, start + step, … before end of `dim`; negative ends count from the back, and are clamped as Python's. */
export function sliceDim(x: Tensor, dim = 0, start?: number | null, end?: number | null, step = 1): Tensor {
  checkTensor('slice', x);
  if (x.shape.length === 0) throw indexError('slice: slice() cannot be applied to a 0-dim tensor.');
  const d = wrapDim('slice', dim, x.shape.length);
  if (!Number.isInteger(step) || step <= 0) throw rangeError(`slice: slice step must be positive, but got ${step}; use flip() to reverse.`);
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
export function narrow(x: Tensor, dim: number, start: number | Tensor, length: number): Tensor {
  checkTensor('narrow', x);
  if (x.shape.length === 0) throw rangeError('narrow: narrow() cannot be applied to a 0-dim tensor.');
  const d = wrapDim('narrow', dim, x.shape.length);
  const size = x.shape[d]!;
  const first = typeof start === 'number' ? start : Number(start.item());
  if (length < 0) throw rangeError(`narrow: length must be non-negative, but it is ${length}.`);
  if (first < -size || first > size) throw indexError(`narrow: start (${first}) is out of range for dimension ${d} of size ${size}.`);
  const from = first < 0 ? first + size : first;
  if (from > size - length) throw rangeError(`narrow: start (${from}) + length (${length}) exceeds dimension size (${size}).`);
  return sliceDim(x, d, from, from + length);
}

/** A view of x's memory with any sizes and strides. @throws RangeError where it would leave the memory */
export function asStrided(x: Tensor, shape: Shape, strides: readonly number[], storageOffset?: number | null): Tensor {
  checkTensor('asStrided', x);
  const offset = storageOffset ?? x.offset;
  if (shape.length !== strides.length) throw rangeError(`asStrided: mismatch in length of strides and shape ([${strides.join(', ')}] for [${shape.join(', ')}]).`);
  for (const value of [...shape, ...strides, offset]) {
    if (!Number.isSafeInteger(value) || value < 0) throw rangeError(`asStrided: ${value} is not allowed; sizes, strides and the offset are whole numbers ≥ 0.`);
  }
  const end = (offset + storageExtent(shape, strides)) * x.dtypeInfo.size;
  if (end > x.storage.byteLength) {
    throw rangeError(`asStrided: setStorage: sizes [${shape.join(', ')}], strides [${strides.join(', ')}], storage offset ${offset}, requiring a storage size of ${end} are out of bounds for storage of size ${x.storage.byteLength}.`);
  }
  const base = { shape: x.shape, strides: x.strides, offset: x.offset };
  return recordView('AsStridedBackward0', x, shape, strides, offset, (grad) => asStridedBackward(grad, base, shape, strides, offset));
}

interface Geometry {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Adds `grad` up in the memory that base and view share, then reads it through the base. */
function asStridedBackward(grad: Tensor, base: Geometry, shape: Shape, strides: readonly number[], offset: number): Tensor {
  const low = Math.min(base.offset, offset);
  const extent = Math.max(base.offset + storageExtent(base.shape, base.strides), offset + storageExtent(shape, strides)) - low;
  const memory = grad.makeEmpty([extent], grad.dtypeInfo).zero_();
  if (overlapsItself(shape, strides) || mayOverlap(shape, strides)) {
    addOverlapping(memory, grad, shape, strides, offset - low);
  } else {
    memory.asStrided(shape, strides, offset - low).copyInto(grad.detach());
  }
  const whole = memory.asStrided(base.shape, base.strides, base.offset - low);
  return record('AsStridedBackwardBackward0', whole, [grad], [], [
    (g) => {
      const copy = g.newEmptyStrided(base.shape, base.strides).copy_(g);
      return asStrided(copy, shape, strides, offset - base.offset);
    },
  ]);
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

/** Tensors one after the other along `dim`. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  if (!Array.isArray(tensors) || tensors.length === 0) throw rangeError('cat: expected a non-empty list of Tensors; give at least one.');
  for (const [i, x] of tensors.entries()) checkTensor('cat', x, `tensors[${i}]`);
  // PyTorch lets an empty vector stand beside anything.
  const parts = tensors.filter((x) => !(x.shape.length === 1 && x.shape[0] === 0));
  const like = parts[0] ?? tensors[0]!;
  const d = wrapDim('cat', dim, like.shape.length);
  if (like.shape.length === 0) throw rangeError('cat: zero-dimensional tensor (at position 0) cannot be concatenated; use stack.');
  const info = resultInfo(tensors);
  const shape = [...like.shape];
  shape[d] = 0;
  for (const [i, x] of parts.entries()) {
    if (x.shape.length !== like.shape.length) {
      throw rangeError(`cat: Tensors must have same number of dimensions: got ${like.shape.length} and ${x.shape.length} (position ${i}).`);
    }
    for (let j = 0; j < shape.length; j++) {
      if (j !== d && x.shape[j] !== like.shape[j]) {
        throw rangeError(`cat: Sizes of tensors must match except in dimension ${d}. Expected size ${like.shape[j]} but got size ${x.shape[j]} for tensor number ${i} in the list.`);
      }
    }
    shape[d] += x.shape[d]!;
  }
  const out = like.makeEmpty(shape, info);
  const strides = out.strides;
  const starts: number[] = [];
  let at = 0;
  for (const x of tensors) {
    starts.push(at);
    if (!parts.includes(x)) continue;
    if (x.count > 0) kernels.copy(out.makeAlias(x.shape, strides, at * strides[d]!), x);
    at += x.shape[d]!;
  }
  const sizes = tensors.map((x) => (parts.includes(x) ? x.shape[d]! : -1));
  return record(
    'CatBackward0',
    out,
    tensors,
    [],
    tensors.map((_, i) => (grad: Tensor) => (sizes[i]! < 0 ? grad.newZeros([0]) : grad.narrow(d, starts[i]!, sizes[i]!))),
  );
}

/** Tensors of one shape side by side along a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  if (!Array.isArray(tensors) || tensors.length === 0) throw rangeError('stack: stack expects a non-empty TensorList; give at least one tensor.');
  for (const [i, x] of tensors.entries()) checkTensor('stack', x, `tensors[${i}]`);
  const first: Tensor = tensors[0]!;
  const at = wrapDim('stack', dim, first.shape.length + 1);
  for (const [i, x] of tensors.entries()) {
    if (!sameShape(x.shape, first.shape)) {
      throw rangeError(`stack: stack expects each tensor to be equal size, but got [${first.shape.join(', ')}] at entry 0 and [${x.shape.join(', ')}] at entry ${i}.`);
    }
  }
  const info = resultInfo(tensors);
  const out = first.makeEmpty([...first.shape.slice(0, at), tensors.length, ...first.shape.slice(at)], info);
  const inner = out.strides.filter((_, i) => i !== at);
  for (const [i, x] of tensors.entries()) kernels.copy(out.makeAlias(first.shape, inner, i * out.strides[at]!), x);
  return record('StackBackward0', out, tensors, [], tensors.map((_: Tensor, i: number) => (grad: Tensor) => grad.select(at, i)));
}

/** Views of x along `dim`, of sizes `sizes`. */
export function splitWithSizes(x: Tensor, sizes: readonly number[], dim = 0, name = 'SplitWithSizesBackward0'): Tensor[] {
  checkTensor('splitWithSizes', x);
  if (x.shape.length === 0) throw rangeError('splitWithSizes: split expects at least a 1-dimensional tensor.');
  const d = wrapDim('splitWithSizes', dim, x.shape.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.some((size) => !Number.isInteger(size) || size < 0)) throw rangeError(`splitWithSizes: split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=[${sizes.join(', ')}].`);
  if (total !== x.shape[d]) {
    throw rangeError(`splitWithSizes: split_with_sizes expects split_sizes to sum exactly to ${x.shape[d]} (input tensor's size at dimension ${d}), but got split_sizes=[${sizes.join(', ')}].`);
  }
  let at = 0;
  const parts = sizes.map((size) => {
    const shape = [...x.shape];
    shape[d] = size;
    const part = x.makeView(shape, x.strides, x.offset + at * x.strides[d]!, 'multi');
    at += size;
    return part;
  });
  const shapes = parts.map((part) => part.shape);
  return recordMany(name, parts, [x], [], [
    (grads) => {
      const like = grads.find((grad) => grad !== null)!;
      return cat(grads.map((grad, i) => grad ?? like.newZeros(shapes[i]!)), d);
    },
  ]);
}

/** Views of x along `dim` of size `splitSize`, the last one what is left; or of the sizes given. */
export function split(x: Tensor, splitSize: number | readonly number[], dim = 0): Tensor[] {
  checkTensor('split', x);
  if (typeof splitSize !== 'number') return splitWithSizes(x, splitSize, dim);
  if (x.shape.length === 0) throw rangeError('split: split expects at least a 1-dimensional tensor.');
  const d = wrapDim('split', dim, x.shape.length);
  const size = x.shape[d]!;
  if (!Number.isInteger(splitSize) || splitSize < 0) throw rangeError(`split: split expects split_size be non-negative, but got split_size=${splitSize}.`);
  if (splitSize === 0 && size !== 0) throw rangeError(`split: split_size can only be 0 if dimension size is 0, but got dimension size of ${size}.`);
  const count = splitSize === 0 ? 1 : Math.max(1, Math.ceil(size / splitSize));
  const sizes = Array.from({ length: count }, (_, i) => Math.min(splitSize, size - i * splitSize));
  return splitWithSizes(x, sizes, d, 'SplitBackward0');
}

/** At most `chunks` views of x along `dim`, all of one size but the last. */
export function chunk(x: Tensor, chunks: number, dim = 0): Tensor[] {
  checkTensor('chunk', x);
  if (!Number.isInteger(chunks) || chunks <= 0) throw rangeError(`chunk: chunk expects \`chunks\` to be greater than 0, got: ${chunks}.`);
  if (x.shape.length === 0) throw rangeError('chunk: chunk expects at least a 1-dimensional tensor.');
  const size = x.shape[wrapDim('chunk', dim, x.shape.length)]!;
  if (size === 0) return splitWithSizes(x, new Array<number>(chunks).fill(0), dim);
  return split(x, Math.ceil(size / chunks), dim);
}

/** The slices along `dim`, each without it. */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  checkTensor('unbind', x);
  if (x.shape.length === 0) throw rangeError('unbind: dimension specified as 0 but tensor has no dimensions.');
  const d = wrapDim('unbind', dim, x.shape.length);
  const shape = x.shape.filter((_, i) => i !== d);
  const strides = x.strides.filter((_, i) => i !== d);
  const parts = Array.from({ length: x.shape[d]! }, (_, i) => x.makeView(shape, strides, x.offset + i * x.strides[d]!, 'multi'));
  return recordMany('UnbindBackward0', parts, [x], [], [
    (grads) => {
      const like = grads.find((grad) => grad !== null)!;
      return stack(grads.map((grad) => grad ?? like.newZeros(shape)), d);
    },
  ]);
}

/** The bytes of x read as another dtype of the same size. */
export function viewDType(x: Tensor, dtype: DType): Tensor {
  const info = dtypeOf('view', dtype);
  if (info.size !== x.dtypeInfo.size) {
    throw rangeError(`view: ${x.dtype} and ${dtype} have elements of ${x.dtypeInfo.size} and ${DTYPES[dtype].size} bytes; only a dtype of the same size can view the same memory.`);
  }
  return x.makeAlias(x.shape, x.strides, x.offset, info);
}
