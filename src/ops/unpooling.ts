import { int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { bracketed, numberOfElements, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { type AdaptiveSizes, adaptiveSizes } from './averaging.js';
import { cat } from './joining.js';
import { named, namedTuple } from './options.js';
import { int64Vector } from './places.js';
import { checkPooled, maxPool2dWithIndices, maxPool3dWithIndices, type Pooled } from './pooling.js';
import { type Sizes, sizesOf } from './spatial.js';
import { under } from './under.js';

function maxUnpoolOp(rank: number) {
  const op = `maxUnpool${rank}d`;
  return named(
    op,
    ['input', 'indices', 'kernelSize', 'stride', 'padding', 'outputSize'],
    (
      input: Tensor,
      indices: Tensor,
      kernelSize: Sizes,
      stride?: Sizes | null,
      padding: Sizes = 0,
      outputSize?: readonly number[] | null,
    ): Tensor => {
      checkTensor(op, input);
      checkTensor(op, indices, 'indices');
      const dims = input.shape.length;
      if (dims !== rank + 1 && dims !== rank + 2)
        throw rangeError(
          `${op}: Input should be a ${rank + 1}d or ${rank + 2}d Tensor, but has shape ${bracketed(input.shape)}.`,
        );
      if (indices.dtypeInfo !== int64)
        throw typeError(`${op}: elements in indices should be type int64 but got: ${indices.dtype}.`);
      if (!sameShape(indices.shape, input.shape))
        throw rangeError(
          `${op}: Expected shape of indices to be same as that of the input tensor (${bracketed(input.shape)}) but got indices tensor with shape: ${bracketed(indices.shape)}.`,
        );
      const kernel = sizesOf(op, 'kernelSize', kernelSize, rank, 1);
      const steps = stride === null || stride === undefined ? kernel : sizesOf(op, 'stride', stride, rank, 1);
      const pads = sizesOf(op, 'padding', padding, rank, 0);
      const own = input.shape.slice(dims - rank);
      const usual = own.map((n, d) => (n - 1) * steps[d]! + kernel[d]! - 2 * pads[d]!);
      const size = outputSize === null || outputSize === undefined ? usual : [...outputSize].slice(-rank);
      if (size.length !== rank)
        throw rangeError(
          `${op}: output_size should be a sequence containing ${rank} or ${rank + 2} elements, but it has ${size.length}.`,
        );
      if (size.some((n, d) => n <= usual[d]! - steps[d]! || n >= usual[d]! + steps[d]!) && outputSize) {
        throw rangeError(
          `${op}: invalid output_size ${bracketed(size)} (each must be within a stride of ${bracketed(usual)}).`,
        );
      }
      const lead = input.shape.slice(0, dims - rank);
      const [planes, volume, count] = [numberOfElements(lead), numberOfElements(size), numberOfElements(own)];
      const target = input.detach().newZeros([planes, volume]);
      const out = target
        .scatter(1, indices.reshape([planes, count]), input.reshape([planes, count]))
        .reshape([...lead, ...size]);
      // As PyTorch: images of width 1.
      if (rank === 1) return under('MaxUnpool2DBackward0', out.unsqueeze(-1)).squeeze(-1);
      return under(`MaxUnpool${rank}DBackward0`, out);
    },
  );
}

/**
 * The inverse of maxPool1d: each element where `indices` says it came from, zeros elsewhere.
 * @param outputSize the size before pooling, where several would give the same
 * @throws RangeError for sizes that do not fit and indices outside
 */
export const maxUnpool1d = maxUnpoolOp(1);
/** {@link maxUnpool1d} of images. */
export const maxUnpool2d = maxUnpoolOp(2);
/** {@link maxUnpool1d} of volumes. */
export const maxUnpool3d = maxUnpoolOp(3);

/** For each dimension of one plane the windows, as lists of positions. */
type Windows = readonly (readonly (readonly number[])[])[];

/** The largest element of each window and where in its plane it stands; windows of planes of `size`. */
function windowMaxima(x: Tensor, size: readonly number[], windows: Windows): [Tensor, Tensor] {
  let flat: Float64Array = new Float64Array(1);
  let cells = 1;
  let longest = 1;
  for (const [d, lists] of windows.entries()) {
    const length = lists.reduce((most, positions) => Math.max(most, positions.length), 0);
    const next = new Float64Array(cells * lists.length * longest * length);
    let to = 0;
    for (let cell = 0; cell < cells; cell++) {
      for (const positions of lists) {
        for (let i = 0; i < longest; i++) {
          const first = flat[cell * longest + i]! * size[d]!;
          // Shorter windows repeat their last element: the first of equal ones is taken.
          for (let k = 0; k < length; k++) next[to++] = first + positions[Math.min(k, positions.length - 1)]!;
        }
      }
    }
    flat = next;
    cells *= lists.length;
    longest *= length;
  }
  const table = int64Vector(x, flat);
  const planes = x.shape[0]!;
  const [values, which] = x.indexSelect(1, table).reshape([planes, cells, longest]).max(-1);
  const base = x.newArange(cells).mul(longest);
  return [values, table.take(which.add(base))];
}

function adaptiveMax(op: string, rank: number, x: Tensor, sizes: readonly number[]): [Tensor, Tensor] {
  if (x.dtype !== 'float32' && x.dtype !== 'float64')
    throw typeError(`${op}: not implemented for ${x.dtype}; convert with to('float32').`);
  const own = x.shape.slice(x.shape.length - rank);
  const lead = x.shape.slice(0, x.shape.length - rank);
  const windows = sizes.map((out, d) =>
    Array.from({ length: out }, (_, i) => {
      const start = Math.floor((i * own[d]!) / out);
      return Array.from({ length: Math.ceil(((i + 1) * own[d]!) / out) - start }, (__, k) => start + k);
    }),
  );
  const planes = numberOfElements(lead);
  const shape = [...lead, ...sizes];
  if (planes === 0 || sizes.includes(0))
    return [x.detach().newZeros(shape), x.detach().newZeros(shape, { dtype: 'int64' })];
  const name = `AdaptiveMaxPool${rank}DBackward0`;
  if (sizes.every((n) => n === 1) && !own.includes(0)) {
    const [values, indices] = x.reshape([planes, numberOfElements(own)]).max(-1);
    return [under(name, values.reshape(shape)), indices.reshape(shape)];
  }
  if (own.every((n, d) => n > 0 && n % sizes[d]! === 0)) {
    // Windows of one size, side by side.
    const kernel = own.map((n, d) => n / sizes[d]!);
    const { output, indices } = (rank === 2 ? maxPool2dWithIndices : maxPool3dWithIndices)(x, kernel);
    return [under(name, output), indices];
  }
  const [values, indices] = windowMaxima(x.reshape([planes, numberOfElements(own)]), own, windows);
  return [under(name, values.reshape(shape)), indices.reshape(shape)];
}

/** Max pooling to given sizes: a tensor, or with `returnIndices` two. */
export interface AdaptiveMaxPool {
  (input: Tensor, outputSize: AdaptiveSizes, returnIndices: true | { returnIndices: true }): Pooled;
  (input: Tensor, outputSize: AdaptiveSizes, returnIndices?: false | { returnIndices?: false }): Tensor;
}

function adaptiveMaxPoolOp(rank: number): AdaptiveMaxPool {
  const op = `adaptiveMaxPool${rank}d`;
  const pool = named(
    op,
    ['input', 'outputSize', 'returnIndices'],
    (input: Tensor, outputSize: AdaptiveSizes, returnIndices: boolean = false): Tensor | Pooled => {
      checkTensor(op, input);
      const sizes = adaptiveSizes(op, input, rank, outputSize);
      let both: [Tensor, Tensor];
      if (rank > 1) both = adaptiveMax(op, rank, input, sizes);
      else {
        const [values, indices] = adaptiveMax(op, 2, input.unsqueeze(-2), [1, sizes[0]!]);
        both = [values.squeeze(-2), indices.squeeze(-2)];
      }
      return returnIndices ? namedTuple(['output', 'indices'], both) : both[0];
    },
  );
  return pool as AdaptiveMaxPool;
}

/** Maxima of as many windows as are wanted, of whatever length that takes: [batch, channels, length] → [batch, channels, outputSize]. */
export const adaptiveMaxPool1d = adaptiveMaxPoolOp(1);
/** {@link adaptiveMaxPool1d} of images; null keeps a size. */
export const adaptiveMaxPool2d = adaptiveMaxPoolOp(2);
/** {@link adaptiveMaxPool1d} of volumes; null keeps a size. */
export const adaptiveMaxPool3d = adaptiveMaxPoolOp(3);

/** Where the windows of a fractional pooling begin: steps of two lengths in an order that the sample decides. */
function fractionalStarts(sample: number, size: number, out: number, kernel: number): number[] {
  const alpha = out > 1 ? (size - kernel) / (out - 1) : 0;
  return Array.from({ length: out }, (_, i) =>
    i === out - 1 ? size - kernel : Math.trunc((i + sample) * alpha) - Math.trunc(sample * alpha),
  );
}

/** Options of fractional max pooling. */
export interface FractionalOptions {
  outputSize?: Sizes | null;
  /** The output's size as a part of the input's. */
  outputRatio?: number | readonly number[] | null;
  returnIndices?: boolean;
  /** [batch, channels, dimensions] numbers in [0, 1) that decide on the windows; drawn if not given. */
  _randomSamples?: Tensor | null;
}

function fractionalMaxPoolOp(rank: number) {
  const op = `fractionalMaxPool${rank}d`;
  return (input: Tensor, kernelSize: Sizes, options: FractionalOptions = {}): Tensor | Pooled => {
    checkPooled(op, input, rank);
    const kernel = sizesOf(op, 'kernelSize', kernelSize, rank, 1);
    const own = input.shape.slice(-rank);
    const { outputSize = null, outputRatio = null } = options;
    if ((outputSize === null) === (outputRatio === null))
      throw rangeError(`${op}: requires specifying either an output_size or an output_ratio.`);
    const ratios =
      outputRatio === null
        ? null
        : typeof outputRatio === 'number'
          ? new Array<number>(rank).fill(outputRatio)
          : outputRatio;
    const out =
      outputSize !== null
        ? sizesOf(op, 'outputSize', outputSize, rank, 1)
        : own.map((n, d) => Math.floor(n * ratios![d]!));
    if (out.some((n, d) => n + kernel[d]! - 1 > own[d]! || n < 1)) {
      throw rangeError(
        `${op}: pool size ${bracketed(kernel)} too large relative to input ${bracketed(own)} for output ${bracketed(out)}.`,
      );
    }
    const lead = input.shape.slice(0, -rank);
    const planes = numberOfElements(lead);
    const samples = options._randomSamples ?? input.detach().newEmpty([planes, rank]).uniform_();
    const numbers = samples.detach().reshape([planes, rank]).tolist() as number[][];
    const flat = input.reshape([planes, numberOfElements(own)]);
    const parts = numbers.map((row, plane) => {
      // PyTorch's samples stand in the order width, height(, depth) for images and depth first for volumes.
      const order = rank === 2 ? [row[1]!, row[0]!] : row;
      const windows = own.map((n, d) =>
        fractionalStarts(order[d]!, n, out[d]!, kernel[d]!).map((start) =>
          Array.from({ length: kernel[d]! }, (_, k) => start + k),
        ),
      );
      return windowMaxima(flat.narrow(0, plane, 1), own, windows);
    });
    const shape = [...lead, ...out];
    const join = (which: 0 | 1): Tensor => {
      return cat(
        parts.map((part) => part[which]),
        0,
      ).reshape(shape);
    };
    const values = under(`FractionalMaxPool${rank}DBackward0`, join(0));
    return options.returnIndices ? namedTuple(['output', 'indices'], [values, join(1)]) : values;
  };
}

/**
 * Max pooling over windows whose places are partly random, so that the output may be any fraction of the input.
 * @throws RangeError for sizes that do not fit
 */
export const fractionalMaxPool2d = fractionalMaxPoolOp(2);
/** {@link fractionalMaxPool2d} of volumes. */
export const fractionalMaxPool3d = fractionalMaxPoolOp(3);
