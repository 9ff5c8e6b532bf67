import { rangeError, typeError } from '../errors.js';
import { checkAllocation, checkListed } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d } from './averaging.js';
import { named } from './options.js';
import { resample, type Taps, tapsOf } from './resampling.js';
import { under } from './under.js';

/** How values between elements are found. */
export type InterpolationMode = 'nearest' | 'nearest-exact' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area';

/** One dimension's way from `size` elements to `out`; scale: how many of the old ones a new one is. */
interface Axis {
  readonly size: number;
  readonly out: number;
  readonly scale: number;
  readonly alignCorners: boolean;
}

function nearest({ size, out, scale }: Axis, shift: number): Taps {
  return tapsOf(out, (i, add) => add(Math.min(Math.floor((i + shift) * scale), size - 1), 1));
}

/** Where the i-th new element stands among the old ones. */
function source({ size, out, scale, alignCorners }: Axis, i: number): number {
  if (alignCorners) return out > 1 ? (i * (size - 1)) / (out - 1) : 0;
  return scale * (i + 0.5) - 0.5;
}

function linear(axis: Axis): Taps {
  return tapsOf(axis.out, (i, add) => {
    const at = Math.max(source(axis, i), 0);
    const low = Math.min(Math.floor(at), axis.size - 1);
    add(low, 1 - (at - low));
    add(Math.min(low + 1, axis.size - 1), at - low);
  });
}

/** Keys' kernel at distances up to 2. */
function cubicKernel(x: number, a: number): number {
  const t = Math.abs(x);
  if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? ((a * t - 5 * a) * t + 8 * a) * t - 4 * a : 0;
}

function cubic(axis: Axis): Taps {
  return tapsOf(axis.out, (i, add) => {
    const at = source(axis, i);
    const low = Math.floor(at);
    for (let k = low - 1; k <= low + 2; k++) {
      add(Math.min(Math.max(k, 0), axis.size - 1), cubicKernel(at - k, -0.75));
    }
  });
}

/** The kernel as wide as a new element is, so that shrinking averages over all that it skips. */
function antialiased(axis: Axis, width: number, kernel: (x: number) => number): Taps {
  const scale = axis.alignCorners ? (axis.out > 1 ? (axis.size - 1) / (axis.out - 1) : 0) : axis.scale;
  const support = scale >= 1 ? (width / 2) * scale : width / 2;
  const inverse = scale >= 1 ? 1 / scale : 1;
  return tapsOf(axis.out, (i, add) => {
    const center = scale * (i + 0.5);
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), axis.size);
    const weights = Array.from({ length: end - first }, (_, j) => kernel((j + first - center + 0.5) * inverse));
    const total = weights.reduce((sum, w) => sum + w, 0);
    for (const [j, w] of weights.entries()) add(first + j, total === 0 ? w : w / total);
  });
}

const WORDS: Readonly<Record<string, readonly [name: string, rank: number]>> = {
  linear: ['Linear1D', 1],
  bilinear: ['Bilinear2D', 2],
  bicubic: ['Bicubic2D', 2],
  trilinear: ['Trilinear3D', 3],
};

function tapsOfMode(mode: InterpolationMode, axis: Axis, antialias: boolean): Taps {
  if (mode === 'nearest') return nearest(axis, 0);
  if (mode === 'nearest-exact') return nearest(axis, 0.5);
  if (antialias) {
    return mode === 'bicubic'
      ? antialiased(axis, 4, (x) => cubicKernel(x, -0.5))
      : antialiased(axis, 2, (x) => Math.max(0, 1 - Math.abs(x)));
  }
  return mode === 'bicubic' ? cubic(axis) : linear(axis);
}

function nodeName(mode: InterpolationMode, rank: number, antialias: boolean): string {
  if (mode === 'nearest') return `UpsampleNearest${rank}DBackward1`;
  if (mode === 'nearest-exact') return `UpsampleNearestExact${rank}DBackward1`;
  return `Upsample${WORDS[mode]![0]}${antialias ? 'Aa' : ''}Backward1`;
}

type Size = number | readonly number[] | null;

/** The new sizes, and each dimension's scale factor where one is to be kept to. */
function sizesOf(
  input: Tensor,
  size: Size | undefined,
  scaleFactor: Size | undefined,
  recompute: boolean | null | undefined,
) {
  const own = input.shape.slice(2);
  const rank = own.length;
  const spread = (name: string, value: number | readonly number[]): number[] => {
    const values = typeof value === 'number' ? new Array<number>(rank).fill(value) : [...value];
    if (values.length !== rank) {
      throw rangeError(
        `interpolate: Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of [${own.join(', ')}] and ${name} of [${values.join(', ')}].`,
      );
    }
    return values;
  };
  const hasSize = size !== null && size !== undefined;
  const hasScale = scaleFactor !== null && scaleFactor !== undefined;
  if (hasSize && hasScale) throw rangeError('interpolate: only one of size or scale_factor should be defined.');
  if (hasSize) {
    if (recompute) throw rangeError('interpolate: recompute_scale_factor is not meaningful with an explicit size.');
    return { out: spread('output size', size), factors: null };
  }
  if (!hasScale) throw rangeError('interpolate: either size or scale_factor should be defined.');
  const factors = spread('scale_factor', scaleFactor);
  return { out: own.map((n, i) => Math.floor(n * factors[i]!)), factors: recompute ? null : factors };
}

/**
 * x stretched or shrunk to other spatial sizes.
 *
 * @param input [batch, channels, length], [batch, channels, height, width] or [batch, channels, depth, height, width]
 * @param size the new sizes; or else
 * @param scaleFactor what the sizes are multiplied with
 * @param mode 'nearest', 'nearest-exact', 'linear' (3 dimensions), 'bilinear', 'bicubic' (4), 'trilinear' (5) or 'area'
 * @param alignCorners whether the first and last elements keep their places, rather than the outer edges
 * @param recomputeScaleFactor whether the scale follows from the new sizes, not from scaleFactor
 * @param antialias widens the kernel when shrinking ('bilinear' and 'bicubic')
 * @throws RangeError for sizes and modes that do not fit
 * @example interpolate(images, { scaleFactor: 2, mode: 'bilinear' })
 */
export const interpolate = named(
  'interpolate',
  ['input', 'size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor', 'antialias'],
  (
    input: Tensor,
    size?: Size,
    scaleFactor?: Size,
    mode: InterpolationMode = 'nearest',
    alignCorners?: boolean | null,
    recomputeScaleFactor?: boolean | null,
    antialias: boolean = false,
  ): Tensor => {
    checkTensor('interpolate', input);
    const rank = input.shape.length - 2;
    const known = mode in WORDS || mode === 'nearest' || mode === 'nearest-exact' || mode === 'area';
    if (rank < 1 || rank > 3 || !known) {
      throw rangeError(
        `interpolate: Input Error: Only 3D, 4D and 5D input Tensors supported (got ${rank + 2}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got ${String(mode)}).`,
      );
    }
    const word = WORDS[mode];
    if (word === undefined && alignCorners !== null && alignCorners !== undefined) {
      throw rangeError(
        'interpolate: align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear.',
      );
    }
    if (word !== undefined && word[1] !== rank) {
      throw rangeError(`interpolate: Got ${rank + 2}D input, but ${mode} mode needs ${word[1] + 2}D input.`);
    }
    if (antialias && !((mode === 'bilinear' || mode === 'bicubic') && rank === 2)) {
      throw rangeError('interpolate: Anti-alias option is only supported for bilinear and bicubic modes.');
    }
    if (!input.dtypeInfo.isFloat && word !== undefined)
      throw typeError(`interpolate: not implemented for ${input.dtype}; convert with to('float32').`);
    const { out, factors } = sizesOf(input, size, scaleFactor, recomputeScaleFactor);
    if (out.some((n) => !(Number.isInteger(n) && n > 0)) || input.shape.slice(2).includes(0)) {
      throw rangeError(
        `interpolate: Input and output sizes should be greater than 0, but got input [${input.shape.slice(2).join(', ')}] and output [${out.join(', ')}].`,
      );
    }
    checkAllocation('interpolate', [...input.shape.slice(0, 2), ...out], input.dtypeInfo.size);
    for (const n of out) checkListed('interpolate', 'places along a dimension', n);
    if (mode === 'area') {
      return rank === 1
        ? adaptiveAvgPool1d(input, out)
        : rank === 2
          ? adaptiveAvgPool2d(input, out)
          : adaptiveAvgPool3d(input, out);
    }
    let y = input;
    // The last dimension first: the others, whose vectors are rows, then do most of the work.
    for (let d = rank - 1; d >= 0; d--) {
      const own = input.shape[2 + d]!;
      const scale = factors === null ? own / out[d]! : 1 / factors[d]!;
      const axis: Axis = { size: own, out: out[d]!, scale, alignCorners: alignCorners ?? false };
      y = resample(y, 2 + d, tapsOfMode(mode, axis, antialias));
    }
    return under(nodeName(mode, rank, antialias), y);
  },
);

/** {@link interpolate} with `alignCorners` set where a mode takes it: PyTorch's older name. */
export const upsample = named(
  'upsample',
  ['input', 'size', 'scaleFactor', 'mode', 'alignCorners'],
  (
    input: Tensor,
    size?: Size,
    scaleFactor?: Size,
    mode: InterpolationMode = 'nearest',
    alignCorners?: boolean | null,
  ): Tensor => interpolate(input, size, scaleFactor, mode, alignCorners),
);

/** {@link interpolate} in mode 'nearest'. */
export const upsampleNearest = named(
  'upsampleNearest',
  ['input', 'size', 'scaleFactor'],
  (input: Tensor, size?: Size, scaleFactor?: Size): Tensor => interpolate(input, size, scaleFactor, 'nearest'),
);

/** {@link interpolate} in mode 'bilinear' with aligned corners. */
export const upsampleBilinear = named(
  'upsampleBilinear',
  ['input', 'size', 'scaleFactor'],
  (input: Tensor, size?: Size, scaleFactor?: Size): Tensor => interpolate(input, size, scaleFactor, 'bilinear', true),
);
