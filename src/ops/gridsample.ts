import { rangeError, typeError } from '../errors.js';
import { numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { where } from './masks.js';
import { named } from './options.js';
import { under } from './under.js';

/** What is sampled outside the input. */
export type GridPadding = 'zeros' | 'border' | 'reflection';

/** From -1 … 1 to positions among n elements. */
function unnormalize(x: Tensor, n: number, alignCorners: boolean): Tensor {
  return alignCorners ? x.add(1).mul((n - 1) / 2) : x.add(1).mul(n).sub(1).div(2);
}

/** Positions mirrored at the ends low / 2 and high / 2 until they lie between. */
function reflect(x: Tensor, low: number, high: number): Tensor {
  if (low === high) return x.mul(0);
  const min = low / 2;
  const span = (high - low) / 2;
  const distance = x.sub(min).abs();
  const flips = distance.detach().div(span).floor();
  const rest = distance.sub(flips.mul(span));
  return where(flips.remainder(2).eq(0), rest.add(min), rest.neg().add(span + min));
}

/** Where positions stand with what is outside. `lost`: where what is no number does, as in PyTorch. */
function placed(x: Tensor, n: number, padding: GridPadding, alignCorners: boolean, lost: number): Tensor {
  if (padding === 'zeros') return x;
  const inside = padding === 'border' ? x : alignCorners ? reflect(x, 0, 2 * (n - 1)) : reflect(x, -1, 2 * n - 1);
  return where(inside.isnan(), lost, inside).clamp(0, n - 1);
}

/** Keys' kernel at a distance t ≥ 0 below 2. */
function cubic(t: Tensor, near: boolean): Tensor {
  const a = -0.75;
  if (near)
    return t
      .mul(a + 2)
      .sub(a + 3)
      .mul(t)
      .mul(t)
      .add(1);
  return t
    .mul(a)
    .sub(5 * a)
    .mul(t)
    .add(8 * a)
    .mul(t)
    .sub(4 * a);
}

/** A neighbour along one dimension: its whole position, and its weight; null for the only one. */
interface Neighbour {
  readonly at: Tensor;
  readonly weight: Tensor | null;
}

/** The neighbours along one dimension that a position is made of: whole positions, and weights with their gradient. */
function neighbours(x: Tensor, mode: string): Neighbour[] {
  if (mode === 'nearest') return [{ at: x.detach().round(), weight: null }];
  const low = x.detach().floor();
  const t = x.sub(low);
  if (mode === 'bilinear') {
    return [
      { at: low, weight: t.neg().add(1) },
      { at: low.add(1), weight: t },
    ];
  }
  return [
    { at: low.sub(1), weight: cubic(t.add(1), false) },
    { at: low, weight: cubic(t, true) },
    { at: low.add(1), weight: cubic(t.neg().add(1), true) },
    { at: low.add(2), weight: cubic(t.neg().add(2), false) },
  ];
}

/** An element that a sample is made of: where it is in the flattened input, whether it is inside, and its weight. */
interface Corner {
  readonly index: Tensor;
  readonly inside: Tensor;
  readonly weight: Tensor | null;
}

/** The corners that the neighbours along each dimension (`axes`, outermost first) make together. */
function cornersOf(
  axes: readonly (readonly Neighbour[])[],
  sizes: readonly number[],
  place: (at: Tensor, n: number) => Tensor,
): Corner[] {
  let corners: Corner[] = [];
  for (const [d, axis] of axes.entries()) {
    const n = sizes[d]!;
    const next: Corner[] = [];
    for (const { at, weight } of axis) {
      const position = place(at, n);
      const inside = position.ge(0).logicalAnd(position.le(n - 1));
      const index = where(inside, position, 0).to('int64');
      if (d === 0) next.push({ index, inside, weight });
      for (const before of corners) {
        next.push({
          index: before.index.mul(n).add(index),
          inside: before.inside.logicalAnd(inside),
          weight: weight === null ? before.weight : before.weight === null ? weight : before.weight.mul(weight),
        });
      }
    }
    corners = next;
  }
  return corners;
}

function checkGrid(input: Tensor, grid: Tensor, mode: string, paddingMode: string): void {
  const rank = input.shape.length - 2;
  if (mode !== 'bilinear' && mode !== 'nearest' && mode !== 'bicubic') {
    throw rangeError(`gridSample: expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${String(mode)}'.`);
  }
  if (paddingMode !== 'zeros' && paddingMode !== 'border' && paddingMode !== 'reflection') {
    throw rangeError(
      `gridSample: expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${String(paddingMode)}'.`,
    );
  }
  if (
    (rank !== 2 && rank !== 3) ||
    grid.shape.length !== rank + 2 ||
    grid.shape[rank + 1] !== rank ||
    grid.shape[0] !== input.shape[0]
  ) {
    throw rangeError(
      `gridSample: expected a 4D or 5D input, and a grid of the same batch and dimensions, the last of size ${rank}, but got input [${input.shape.join(', ')}] and grid [${grid.shape.join(', ')}].`,
    );
  }
  if (mode === 'bicubic' && rank !== 2) throw rangeError('gridSample: bicubic interpolation only supports 4D input.');
  if (input.dtypeInfo !== grid.dtypeInfo)
    throw typeError(
      `gridSample: expected input and grid to have same dtype, but input has ${input.dtype} and grid has ${grid.dtype}.`,
    );
  if (input.shape.slice(2).includes(0))
    throw rangeError(
      `gridSample: expected input to have non-empty spatial dimensions, but it is [${input.shape.join(', ')}].`,
    );
}

/**
 * The input's values at the positions that a grid gives, from -1 (one end) to 1 (the other).
 *
 * @param input [batch, channels, height, width], or with depth
 * @param grid [batch, outHeight, outWidth, 2]: x, y; or [batch, outDepth, outHeight, outWidth, 3]: x, y, z
 * @param mode 'bilinear' (trilinear for volumes), 'nearest', or 'bicubic' for images
 * @param paddingMode what stands outside: zeros, the border's values, or the input mirrored
 * @param alignCorners whether -1 and 1 are the middles of the outer elements, rather than their edges
 * @throws RangeError for shapes and modes that do not fit
 */
export const gridSample = named(
  'gridSample',
  ['input', 'grid', 'mode', 'paddingMode', 'alignCorners'],
  (
    input: Tensor,
    grid: Tensor,
    mode: 'bilinear' | 'nearest' | 'bicubic' = 'bilinear',
    paddingMode: GridPadding = 'zeros',
    alignCorners: boolean | null = false,
  ): Tensor => {
    checkTensor('gridSample', input);
    checkTensor('gridSample', grid, 'grid');
    const rank = input.shape.length - 2;
    checkGrid(input, grid, mode, paddingMode);
    const align = alignCorners ?? false;
    const [batch, channels, ...sizes] = input.shape as [number, number, ...number[]];
    const count = numberOfElements(grid.shape.slice(1, -1));
    // For each dimension, outermost first; the grid's coordinates come innermost first.
    const axes = sizes.map((n, d) => {
      const given = unnormalize(grid.select(-1, rank - 1 - d).reshape([batch, count]), n, align);
      // Between zeros, what is not finite stands outside a volume; in an image it makes the weights NaN.
      const raw = rank === 3 && paddingMode === 'zeros' ? where(given.isfinite(), given, -2) : given;
      // Cubic neighbours are placed one by one, others before they are sought.
      return neighbours(mode === 'bicubic' ? raw : placed(raw, n, paddingMode, align, rank === 2 ? 0 : n - 1), mode);
    });
    const flat = input.reshape([batch, channels, -1]);
    const place = (at: Tensor, n: number): Tensor =>
      mode === 'bicubic' ? placed(at, n, paddingMode, align, 0).round() : at;
    const corners = cornersOf(axes, sizes, place);
    let sum: Tensor | null = null;
    for (const { index, inside, weight } of corners) {
      const picked = flat.gather(2, index.unsqueeze(1).expand([batch, channels, count]));
      const value = where(inside.unsqueeze(1), picked, 0);
      const term = weight === null ? value : value.mul(weight.unsqueeze(1));
      sum = sum === null ? term : sum.add(term);
    }
    return under(`GridSampler${rank}DBackward0`, sum!.reshape([batch, channels, ...grid.shape.slice(1, -1)]));
  },
);
