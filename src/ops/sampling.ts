import { rangeError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { stack } from './joining.js';
import { named } from './options.js';
import { floatVector } from './resampling.js';
import { under } from './under.js';

/** The places -1 … 1 of the elements along a dimension. */
function places(like: Tensor, n: number, alignCorners: boolean): Tensor {
  const values = Array.from({ length: n }, (_, i) => {
    if (n === 1) return 0;
    return alignCorners ? (2 * i) / (n - 1) - 1 : (2 * i + 1) / n - 1;
  });
  return floatVector(like, values);
}

/**
 * The grid of an affine map, for {@link gridSample}.
 * @param theta [batch, 2, 3], or [batch, 3, 4] for volumes
 * @param size the output's shape: [batch, channels, height, width] or with depth
 * @returns [batch, height, width, 2] or [batch, depth, height, width, 3]
 * @throws RangeError for shapes that do not fit
 */
export const affineGrid = named(
  'affineGrid',
  ['theta', 'size', 'alignCorners'],
  (theta: Tensor, size: readonly number[], alignCorners: boolean | null = false): Tensor => {
    checkTensor('affineGrid', theta, 'theta');
    if (!theta.dtypeInfo.isFloat)
      throw typeError(`affineGrid: Expected theta to have floating point type, but got ${theta.dtype}.`);
    const rank = size.length - 2;
    if (rank !== 2 && rank !== 3)
      throw rangeError(
        `affineGrid: only supports 4D and 5D sizes, for 2D and 3D affine transforms, respectively. Got size [${size.join(', ')}].`,
      );
    if (
      theta.shape.length !== 3 ||
      theta.shape[1] !== rank ||
      theta.shape[2] !== rank + 1 ||
      theta.shape[0] !== size[0]
    ) {
      throw rangeError(
        `affineGrid: Expected a batch of affine matrices of shape ${size[0]}x${rank}x${rank + 1} for size [${size.join(', ')}]. Got [${theta.shape.join(', ')}].`,
      );
    }
    if (size.some((n) => !(Number.isSafeInteger(n) && n > 0)))
      throw rangeError(`affineGrid: Expected non-zero, positive output size. Got [${size.join(', ')}].`);
    const spatial = size.slice(2);
    // Coordinates stand innermost dimension first: x, y(, z), then 1.
    const axes = spatial.map((n, d) => {
      const shape = spatial.map((_, i) => (i === d ? n : 1));
      return places(theta.detach(), n, alignCorners ?? false)
        .view(shape)
        .expand(spatial);
    });
    const base = stack([...axes.reverse(), theta.detach().newOnes(spatial)], -1).reshape([1, -1, rank + 1]);
    const grid = base.expand([size[0]!, base.shape[1]!, rank + 1]).bmm(theta.transpose(1, 2));
    return under('AffineGridGeneratorBackward0', grid.reshape([size[0]!, ...spatial, rank]));
  },
);
