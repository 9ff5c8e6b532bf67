/** Normalization over layers, batches, groups, instances and neighbouring channels. */
import { mode } from '../autograd/mode.js';
import { record, recordJoint } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import { float } from '../promotion.js';
import { numberOfElements, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { named, namedTuple } from './options.js';

function checkFloat(op: string, x: Tensor): void {
  checkTensor(op, x);
  if (!x.dtypeInfo.isFloat)
    throw typeError(`${op}: expected a floating-point tensor, but got ${x.dtype}; convert with to('float32').`);
}

/** The result of a composition, recorded under PyTorch's name for the whole. */
function whole(name: string, y: Tensor): Tensor {
  return record(name, y.makeAlias(y.shape, y.strides, y.offset), [y], [], [(grad) => grad]);
}

/** x less its mean over `dims`, over its standard deviation, and both; differentiable. */
function standardized(
  x: Tensor,
  dims: readonly number[],
  eps: number,
): { normal: Tensor; mean: Tensor; variance: Tensor; rstd: Tensor } {
  const mean = x.mean(dims, true);
  const centred = x.sub(mean);
  const variance = centred.square().mean(dims, true);
  const rstd = variance.add(eps).rsqrt();
  return { normal: centred.mul(rstd), mean, variance, rstd };
}

const float64Or32 = (x: Tensor): boolean => x.dtypeInfo.name === 'float32' || x.dtypeInfo.name === 'float64';

/** Sums of layer normalization's gradient, composed so that they have gradients themselves. */
function composedGradient(
  grad: Tensor,
  x: Tensor,
  weight: Tensor | null,
  dims: readonly number[],
  eps: number,
): Tensor {
  const { normal, rstd } = standardized(x, dims, eps);
  const g = weight === null ? grad : grad.mul(weight);
  return g
    .sub(g.mean(dims, true))
    .sub(normal.mul(g.mul(normal).mean(dims, true)))
    .mul(rstd);
}

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

/** A parameter of the channels, [channels], against [batch, channels, …]. */
const perChannel = (parameter: Tensor, rank: number): Tensor =>
  parameter.reshape([1, parameter.count, ...new Array<number>(rank - 2).fill(1)]);

interface BatchNorm {
  readonly output: Tensor;
  readonly mean: Tensor;
  readonly rstd: Tensor;
}

function checkChannels(op: string, input: Tensor, parameters: Readonly<Record<string, Tensor | null>>): void {
  const channels = input.shape[1]!;
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter !== null && parameter.count !== channels) {
      throw rangeError(
        `${op}: ${name} should contain ${channels} elements (the channels of the input [${input.shape.join(', ')}]) not ${parameter.count}.`,
      );
    }
  }
}

function batchNormAll(
  op: string,
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null,
  bias: Tensor | null,
  training: boolean,
  momentum: number,
  eps: number,
): BatchNorm {
  checkFloat(op, input);
  const rank = input.shape.length;
  if (rank < 2)
    throw rangeError(
      `${op}: expected at least 2 dimensions, [batch, channels, …], but got [${input.shape.join(', ')}].`,
    );
  checkChannels(op, input, { running_mean: runningMean, running_var: runningVar, weight, bias });
  if (!training && (runningMean === null || runningVar === null))
    throw rangeError(`${op}: Expected running_mean and running_var to be defined when training=False.`);
  const channels = input.shape[1]!;
  const dims = input.shape.map((_, i) => i).filter((i) => i !== 1);
  const n = channels === 0 ? 0 : input.count / channels;
  let normal: Tensor;
  let mean: Tensor;
  let rstd: Tensor;
  if (training) {
    const parts = standardized(input, dims, eps);
    ({ normal, rstd } = parts);
    mean = parts.mean;
    const factor = n / (n - 1);
    runningMean
      ?.detach()
      .mul_(1 - momentum)
      .add_(parts.mean.detach().reshape([channels]).mul(momentum));
    runningVar
      ?.detach()
      .mul_(1 - momentum)
      .add_(
        parts.variance
          .detach()
          .reshape([channels])
          .mul(momentum * factor),
      );
  } else {
    mean = perChannel(runningMean!, rank);
    rstd = perChannel(runningVar!, rank).add(eps).rsqrt();
    normal = input.sub(mean).mul(rstd);
  }
  let output = normal;
  if (weight !== null) output = output.mul(perChannel(weight, rank));
  if (bias !== null) output = output.add(perChannel(bias, rank));
  return { output, mean: mean.reshape([channels]), rstd: rstd.reshape([channels]) };
}

/**
 * `(x - mean) / √(variance + eps) · weight + bias` for each channel of [batch, channels, …]: with the batch's own
 * statistics in training, which also move the running ones, else with the running ones.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.batch_norm.html
 */
export const batchNorm = named(
  'batchNorm',
  ['input', 'runningMean', 'runningVar', 'weight', 'bias', 'training', 'momentum', 'eps'],
  (
    input: Tensor,
    runningMean?: Tensor | null,
    runningVar?: Tensor | null,
    weight?: Tensor | null,
    bias?: Tensor | null,
    training: boolean = false,
    momentum: number = 0.1,
    eps: number = 1e-5,
  ): Tensor => {
    checkFloat('batchNorm', input);
    const perBatch = input.shape.reduce((n, size, i) => (i === 1 ? n : n * size), 1);
    if (training && perBatch === 1) {
      throw rangeError(
        `batchNorm: Expected more than 1 value per channel when training, got input size torch.Size([${input.shape.join(', ')}]).`,
      );
    }
    if (input.count === 0) return input.clone();
    const { output } = batchNormAll(
      'batchNorm',
      input,
      runningMean ?? null,
      runningVar ?? null,
      weight ?? null,
      bias ?? null,
      training,
      momentum,
      eps,
    );
    return whole('NativeBatchNormBackward0', output);
  },
);

/** {@link batchNorm} with the means and reciprocal deviations it used (empty outside training). */
export const nativeBatchNorm = named(
  'nativeBatchNorm',
  ['input', 'weight', 'bias', 'runningMean', 'runningVar', 'training', 'momentum', 'eps'],
  (
    input: Tensor,
    weight: Tensor | null,
    bias: Tensor | null,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    training: boolean,
    momentum: number,
    eps: number,
  ) => {
    const all = batchNormAll('nativeBatchNorm', input, runningMean, runningVar, weight, bias, training, momentum, eps);
    const saved = (x: Tensor): Tensor => (training ? x.detach() : x.detach().newEmpty([0]));
    return namedTuple(['output', 'mean', 'rstd'], [
      whole('NativeBatchNormBackward0', all.output),
      saved(all.mean),
      saved(all.rstd),
    ] as const);
  },
);

/**
 * {@link layerNorm} of the channels of [batch, channels, …] in `numGroups` groups, with a weight and bias a channel.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 */
export const groupNorm = named(
  'groupNorm',
  ['input', 'numGroups', 'weight', 'bias', 'eps'],
  (input: Tensor, numGroups: number, weight?: Tensor | null, bias?: Tensor | null, eps: number = 1e-5): Tensor => {
    checkFloat('groupNorm', input);
    const rank = input.shape.length;
    if (rank < 2) throw rangeError(`groupNorm: expected at least 2 dimensions, but got [${input.shape.join(', ')}].`);
    const [batch, channels] = input.shape as [number, number];
    if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
      throw rangeError(
        `groupNorm: Expected number of channels in input to be divisible by num_groups, but got input of shape [${input.shape.join(', ')}] and num_groups=${numGroups}.`,
      );
    }
    checkChannels('groupNorm', input, { weight: weight ?? null, bias: bias ?? null });
    const grouped = input.reshape([batch, numGroups, input.count === 0 ? 0 : input.count / (batch * numGroups)]);
    let out = standardized(grouped, [2], eps).normal.reshape(input.shape as number[]);
    if (weight) out = out.mul(perChannel(weight, rank));
    if (bias) out = out.add(perChannel(bias, rank));
    return whole('NativeGroupNormBackward0', out);
  },
);

/**
 * {@link batchNorm} of each sample on its own.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.instance_norm.html
 */
export const instanceNorm = named(
  'instanceNorm',
  ['input', 'runningMean', 'runningVar', 'weight', 'bias', 'useInputStats', 'momentum', 'eps'],
  (
    input: Tensor,
    runningMean?: Tensor | null,
    runningVar?: Tensor | null,
    weight?: Tensor | null,
    bias?: Tensor | null,
    useInputStats: boolean = true,
    momentum: number = 0.1,
    eps: number = 1e-5,
  ): Tensor => {
    checkFloat('instanceNorm', input);
    const rank = input.shape.length;
    if (rank < 2)
      throw rangeError(`instanceNorm: expected at least 2 dimensions, but got [${input.shape.join(', ')}].`);
    const [batch, channels] = input.shape as [number, number];
    const perInstance = numberOfElements(input.shape.slice(2));
    if (useInputStats && perInstance === 1) {
      throw rangeError(
        `instanceNorm: Expected more than 1 spatial element when training, got input size torch.Size([${input.shape.join(', ')}]).`,
      );
    }
    checkChannels('instanceNorm', input, {
      running_mean: runningMean ?? null,
      running_var: runningVar ?? null,
      weight: weight ?? null,
      bias: bias ?? null,
    });
    const repeated = (x: Tensor | null | undefined): Tensor | null => (x ? x.repeat(batch) : null);
    const means = runningMean ? runningMean.detach().repeat(batch) : null;
    const variances = runningVar ? runningVar.detach().repeat(batch) : null;
    const { output } = batchNormAll(
      'instanceNorm',
      input.reshape([1, batch * channels, ...input.shape.slice(2)]),
      means,
      variances,
      repeated(weight),
      repeated(bias),
      useInputStats,
      momentum,
      eps,
    );
    if (useInputStats) {
      const averaged = (all: Tensor): Tensor => all.view(batch, channels).mean(0);
      if (runningMean && means) runningMean.detach().copy_(averaged(means));
      if (runningVar && variances) runningVar.detach().copy_(averaged(variances));
    }
    return output.contiguous().view(input.shape as number[]);
  },
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
