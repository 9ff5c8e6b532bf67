/** Normalization over layers and neighbouring channels. */
import { mode } from '../autograd/mode.js';
import { recordJoint } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import { float } from '../promotion.js';
import { numberOfElements, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { named, namedTuple } from './options.js';
import { checkFloat, composedGradient, float64Or32, standardized } from './standardizing.js';

/** Normalized rows with their means and reciprocal deviations. */
function layerNormAll(
  op: string,
  input: Tensor,
  shape: Shape,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): [Tensor, Tensor, Tensor] {
  checkFloat(op, input);
  const rank = input.shape.length;
  const first = rank - shape.length;
  if (shape.length === 0)
    throw rangeError(
      `${op}: Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = [].`,
    );
  if (first < 0 || shape.some((size, i) => size !== input.shape[first + i])) {
    throw rangeError(
      `${op}: Given normalized_shape=[${shape.join(', ')}], expected input with shape [*, ${shape.join(', ')}], but got input of size [${input.shape.join(', ')}].`,
    );
  }
  for (const [name, parameter] of [
    ['weight', weight],
    ['bias', bias],
  ] as const) {
    if (
      parameter !== null &&
      (parameter.shape.length !== shape.length || parameter.shape.some((size, i) => size !== shape[i]))
    ) {
      throw rangeError(
        `${op}: Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape [${parameter.shape.join(', ')}] and normalized_shape = [${shape.join(', ')}].`,
      );
    }
  }
  const dims = shape.map((_, i) => first + i);
  const n = numberOfElements(shape);
  const rows = n === 0 ? 0 : input.count / n;
  const x = dense(input);
  const out = x.makeEmpty(input.shape, x.dtypeInfo);
  const statistics = [...input.shape.slice(0, first), ...shape.map(() => 1)];
  const mean = x.makeEmpty(statistics, x.dtypeInfo);
  const rstd = x.makeEmpty(statistics, x.dtypeInfo);
  if (!float64Or32(x)) throw typeError(`${op}: not implemented for ${x.dtype}; convert with to('float32').`);
  if (n > 0)
    kernels.layerNorm(
      out,
      x,
      weight === null ? null : dense(weight),
      bias === null ? null : dense(bias),
      mean,
      rstd,
      rows,
      n,
      eps,
    );
  const leading = Array.from({ length: first }, (_, i) => i);
  const overRows = (value: Tensor): Tensor => (first === 0 ? value : value.sum(leading));
  recordJoint(
    'NativeLayerNormBackward0',
    out,
    [input, weight, bias],
    [input, weight, mean, rstd] as const,
    (grad, wanted, x, w, m, r) => {
      if (mode.grad || n === 0) {
        return [
          wanted(0) ? composedGradient(grad, x, w, dims, eps) : null,
          wanted(1) ? overRows(grad.mul(standardized(x, dims, eps).normal)) : null,
          wanted(2) ? overRows(grad) : null,
        ];
      }
      const [g, whole] = [dense(grad), dense(x)];
      let gradients: [Tensor | null, Tensor | null, Tensor | null] = [null, null, null];
      if (wanted(1) || wanted(2)) {
        const ofWeight = grad.makeEmpty(shape, grad.dtypeInfo);
        const ofBias = grad.makeEmpty(shape, grad.dtypeInfo);
        kernels.layerNormParameters(ofWeight, ofBias, g, whole, m, r, rows, n);
        gradients = [null, ofWeight, ofBias];
      }
      if (wanted(0)) {
        gradients[0] = grad.makeEmpty(x.shape, x.dtypeInfo);
        kernels.layerNormBackward(gradients[0], g, whole, w === null ? null : dense(w), m, r, rows, n);
      }
      return gradients;
    },
  );
  return [out, mean, rstd];
}

/**
 * `(x - mean) / √(variance + eps) · weight + bias` over the last dimensions, of `normalizedShape`.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.layer_norm.html
 */
export const layerNorm = named(
  'layerNorm',
  ['input', 'normalizedShape', 'weight', 'bias', 'eps'],
  (
    input: Tensor,
    normalizedShape: Shape | number,
    weight?: Tensor | null,
    bias?: Tensor | null,
    eps: number = 1e-5,
  ): Tensor =>
    layerNormAll(
      'layerNorm',
      input,
      typeof normalizedShape === 'number' ? [normalizedShape] : normalizedShape,
      weight ?? null,
      bias ?? null,
      eps,
    )[0],
);

/** {@link layerNorm} with the means and reciprocal deviations it used. */
export const nativeLayerNorm = named(
  'nativeLayerNorm',
  ['input', 'normalizedShape', 'weight', 'bias', 'eps'],
  (input: Tensor, normalizedShape: Shape, weight: Tensor | null, bias: Tensor | null, eps: number) =>
    namedTuple(['output', 'mean', 'rstd'], layerNormAll('nativeLayerNorm', input, normalizedShape, weight, bias, eps)),
);

/**
 * `x / (k + alpha / size · Σ x²)^beta`, the sum over `size` neighbouring channels.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.local_response_norm.html
 */
export const localResponseNorm = named(
  'localResponseNorm',
  ['input', 'size', 'alpha', 'beta', 'k'],
  (x: Tensor, size: number, alpha: number = 1e-4, beta: number = 0.75, k: number = 1): Tensor => {
    checkTensor('localResponseNorm', x);
    const rank = x.shape.length;
    if (rank < 3)
      throw rangeError(`localResponseNorm: Expected 3D or higher dimensionality input (got ${rank} dimensions).`);
    if (x.count === 0) return x;
    const before = Math.floor(size / 2);
    const windows = joinChannels(before, x.square(), size - 1 - before).unfold(1, size, 1);
    const means = x.dtypeInfo.isFloat ? windows.mean(-1) : windows.sum(-1).div(size, { roundingMode: 'trunc' });
    return x.div(means.mul(float(alpha)).add(float(k)).pow(beta));
  },
);

/** x with channels of zeros before and after. */
function joinChannels(before: number, x: Tensor, after: number): Tensor {
  const shape = [...x.shape];
  const channels = x.shape[1]!;
  shape[1] = before + channels + after;
  return x
    .detach()
    .newZeros(shape)
    .sliceScatter(x, 1, before, before + channels);
}
