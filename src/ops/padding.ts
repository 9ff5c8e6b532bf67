import { rangeError, typeError } from '../errors.js';
import type { Scalar } from '../promotion.js';
import { bracketed } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { constantPadNd } from './arranging.js';
import { named } from './options.js';
import { resample, tapsOf } from './resampling.js';
import { under } from './under.js';

/** What stands outside a tensor. */
export type PaddingMode = 'constant' | 'reflect' | 'replicate' | 'circular';

/** Where along a dimension of `size` position i outside or inside is taken from. */
function sourceOf(mode: PaddingMode, i: number, size: number): number {
  if (mode === 'replicate') return Math.min(Math.max(i, 0), size - 1);
  if (mode === 'circular') return ((i % size) + size) % size;
  return i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
}

function checkPads(mode: PaddingMode, before: number, after: number, size: number, dim: number): void {
  if (size + before + after < 1)
    throw rangeError(`pad: padding ${bracketed([before, after])} leaves dimension ${dim} of size ${size} empty.`);
  if (mode === 'reflect' && (before >= size || after >= size)) {
    throw rangeError(
      `pad: Padding size should be less than the corresponding input dimension, but got: padding ${bracketed([before, after])} at dimension ${dim} of size ${size}.`,
    );
  }
  if (mode === 'circular' && (before > size || after > size)) {
    throw rangeError(
      `pad: Padding value causes wrapping around more than once: padding ${bracketed([before, after])} at dimension ${dim} of size ${size}.`,
    );
  }
}

/**
 * x with elements added around (or, for negative numbers, taken away).
 *
 * @param pad pairs of before and after, of the last dimension first
 * @param mode 'constant' adds `value`; 'reflect' mirrors at the border element, 'replicate' repeats it, 'circular' goes
 *   round; these three pad the last one to three dimensions of [batch, channels, …] or [channels, …]
 * @throws RangeError for pads that do not fit
 * @example pad(x, [1, 1, 2, 0], { mode: 'reflect' })
 */
export const pad = named(
  'pad',
  ['input', 'pad', 'mode', 'value'],
  (input: Tensor, pads: readonly number[], mode: PaddingMode = 'constant', value: Scalar | null = 0): Tensor => {
    checkTensor('pad', input);
    if (!Array.isArray(pads)) throw typeError('pad: pad must be a list of whole numbers, two for each dimension.');
    if (pads.length % 2 !== 0)
      throw rangeError(`pad: Padding length must be divisible by 2, but pad is ${bracketed(pads)}.`);
    const rank = input.shape.length;
    const dims = pads.length / 2;
    if (dims > rank)
      throw rangeError(`pad: Padding length too large: ${pads.length} numbers for an input of ${rank} dimensions.`);
    if (mode === 'constant') return constantPadNd(input, pads, value ?? 0);
    if (mode !== 'reflect' && mode !== 'replicate' && mode !== 'circular') {
      throw rangeError(
        `pad: Unrecognised padding mode ${String(mode)}; give 'constant', 'reflect', 'replicate' or 'circular'.`,
      );
    }
    if (dims > 3 || (rank !== dims + 1 && rank !== dims + 2)) {
      throw rangeError(
        `pad: Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now: ${pads.length} numbers pad an input of ${dims + 1} or ${dims + 2} dimensions, but it has ${rank}.`,
      );
    }
    let out = input;
    for (let i = 0; i < dims; i++) {
      const dim = rank - 1 - i;
      const [before, after] = [pads[2 * i]!, pads[2 * i + 1]!];
      const size = input.shape[dim]!;
      checkPads(mode, before, after, size, dim);
      // Where elements are taken away, circular padding goes round what is left.
      const cut = mode === 'circular' ? Math.max(-before, 0) : 0;
      const kept = mode === 'circular' ? size - cut - Math.max(-after, 0) : size;
      const taps = tapsOf(size + before + after, (j, add) => add(cut + sourceOf(mode, j - before - cut, kept), 1));
      out = resample(out, dim, taps);
    }
    if (mode === 'circular') return under('CopySlices', out);
    return under(`${mode === 'reflect' ? 'Reflection' : 'Replication'}Pad${dims}DBackward0`, out);
  },
);
