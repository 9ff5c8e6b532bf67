/** Normalization over layers and neighbouring channels. */
import { mode } from '../autograd/mode.js';
import { recordJoint } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import { float } from '../promotion.js';
import { bracketed, numberOfElements, type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { named, namedTuple } from './options.js';
import { checkFloat, composedGradient, float64Or32, standardized } from './standardizing.js';

function checkNormalized(op: string, input: Tensor, shape: Shape, parameters: Record<string, Tensor | null>): void {
  checkFloat(op, input);
  const first = input.shape.length - shape.length;
  if (shape.length === 0)
    throw rangeError(
      `${op}: Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = [].`,
    );
  if (first < 0 || shape.some((size, i) => size !== input.shape[first + i])) {
    throw rangeError(
      `${op}: Given normalized_shape=${bracketed(shape)}, expected input with shape [*, ${shape.join(', ')}], but got input of size ${bracketed(input.shape)}.`,
    );
  }
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter !== null && !sameShape(parameter.shape, shape)) {
      throw rangeError(
        `${op}: Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${bracketed(parameter.shape)} and normalized_shape = ${bracketed(shape)}.`,
      );
    }
  }
  if (!float64Or32(input)) throw typeError(`${op}: not implemented for ${input.dtype}; convert with to('float32').`);
}

const denseOrNull = (x: Tensor | null): Tensor | null => (x === null ? null : dense(x));

/** Normalized rows with their means and reciprocal deviations. */
function layerNormAll(
  op: string,
  input: Tensor,
  shape: Shape,
  weight: Tensor | null,
  bias: Tensor | null,
  eps: number,
): [Tensor, Tensor, Tensor] {
  checkNormalized(op, input, shape, { weight, bias });
  const first = input.shape.length - shape.length;
  const n = numberOfElements(shape);
  const rows = n === 0 ? 0 : input.count / n;
  const x = dense(input);
  const out = x.makeEmpty(input.shape, x.dtypeInfo);
  const statistics = [...input.shape.slice(0, first), ...shape.map(() => 1)];
  const mean = x.makeEmpty(statistics, x.dtypeInfo);
  const rstd = x.makeEmpty(statistics, x.dtypeInfo);
  if (n > 0) kernels.layerNorm(out, x, denseOrNull(weight), denseOrNull(bias), mean, rstd, rows, n, eps);
  recordJoint(
    'NativeLayerNormBackward0',
    out,
    [input, weight, bias],
    [input, weight, mean, rstd] as const,
    (grad, wanted, x, w, m, r) =>
      mode.grad || n === 0
        ? composedGradients(grad, wanted, x, w, first, eps)
        : kernelGradients(grad, wanted, x, w, m, r, shape),
  );
  return [out, mean, rstd];
}

/** The gradients of {@link layerNormAll} made of other ops, so that they have gradients themselves. */
function composedGradients(
  grad: Tensor,
  wanted: (input: number) => boolean,
  x: Tensor,
  weight: Tensor | null,
  first: number,
  eps: number,
): (Tensor | null)[] {
  const dims = x.shape.map((_, d) => d).slice(first);
  const leading = x.shape.map((_, d) => d).slice(0, first);
  const overRows = (value: Tensor): Tensor => (first === 0 ? value : value.sum(leading));
  return [
    wanted(0) ? composedGradient(grad, x, weight, dims, eps) : null,
    wanted(1) ? overRows(grad.mul(standardized(x, dims, eps).normal)) : null,
    wanted(2) ? overRows(grad) : null,
  ];
}

/** The gradients of {@link layerNormAll}: of the input by one kernel, of weight and bias by another. */
function kernelGradients(
  grad: Tensor,
  wanted: (input: number) => boolean,
  x: Tensor,
  weight: Tensor | null,
  mean: Tensor,
  rstd: Tensor,
  shape: Shape,
): (Tensor | null)[] {
  const n = numberOfElements(shape);
  const rows = x.count / n;
  const [g, whole] = [dense(grad), dense(x)];
  const gradients: (Tensor | null)[] = [null, null, null];
  if (wanted(1) || wanted(2)) {
    const ofWeight = grad.makeEmpty(shape, grad.dtypeInfo);
    const ofBias = grad.makeEmpty(shape, grad.dtypeInfo);
    kernels.layerNormParameters(ofWeight, ofBias, g, whole, mean, rstd, rows, n);
    gradients[1] = ofWeight;
    gradients[2] = ofBias;
  }
  if (wanted(0)) {
    const ofInput = grad.makeEmpty(x.shape, x.dtypeInfo);
    kernels.layerNormBackward(ofInput, g, whole, denseOrNull(weight), mean, rstd, rows, n);
    gradients[0] = ofInput;
  }
  return gradients;
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
