import { rangeError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { stack } from './joining.js';
import { named } from './options.js';
import { int64Vector } from './places.js';
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

/** `‖x1ᵢ - x2ⱼ‖` in the p-norm for all rows. */
export const cdist = named(
  'cdist',
  ['x1', 'x2', 'p', 'computeMode'],
  (x1: Tensor, x2: Tensor, p: number = 2, _mode?: string | null): Tensor => {
    checkTensor('cdist', x1, 'x1');
    checkTensor('cdist', x2, 'x2');
    if (x1.shape.length < 2 || x2.shape.length < 2)
      throw rangeError(
        `cdist: only supports at least 2D tensors, X1 got: ${x1.shape.length}D, X2 got: ${x2.shape.length}D.`,
      );
    const columns = x1.shape[x1.shape.length - 1];
    if (columns !== x2.shape[x2.shape.length - 1]) {
      throw rangeError(
        `cdist: X1 and X2 must have the same number of columns. X1: ${columns} X2: ${x2.shape[x2.shape.length - 1]}.`,
      );
    }
    if (!(p >= 0)) throw rangeError(`cdist: only supports non-negative p values, but p is ${p}.`);
    return under('CdistBackward0', x1.unsqueeze(-2).sub(x2.unsqueeze(-3)).norm(p, -1));
  },
);

/** The distances of all pairs of rows i < j of a matrix, in order. */
export const pdist = named('pdist', ['input', 'p'], (input: Tensor, p: number = 2): Tensor => {
  checkTensor('pdist', input);
  if (input.shape.length !== 2) throw rangeError(`pdist: only supports 2D tensors, got: ${input.shape.length}D.`);
  if (!(p >= 0)) throw rangeError(`pdist: only supports non-negative p values, but p is ${p}.`);
  const n = input.shape[0]!;
  const [first, second]: [number[], number[]] = [[], []];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      first.push(i);
      second.push(j);
    }
  }
  const differences = input
    .indexSelect(0, int64Vector(input, first))
    .sub(input.indexSelect(0, int64Vector(input, second)));
  return under('PdistBackward0', differences.norm(p, -1));
});
