/** Normalization over batches, groups and instances: of channels. */
import { mode } from '../autograd/mode.js';
import { recordJoint } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import { numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { dense } from './apply.js';
import { named, namedTuple } from './options.js';
import { checkFloat, composedGradient, float64Or32, standardized, whole } from './standardizing.js';

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

/** Whether the kernel takes it: floats of one dtype, in planes that are long enough for whole vectors. */
function isFusible(input: Tensor, others: readonly (Tensor | null)[]): boolean {
  if (!float64Or32(input) || input.count === 0) return false;
  return (
    input.count / (input.shape[0]! * input.shape[1]!) >= 8 &&
    others.every((x) => x === null || x.dtypeInfo === input.dtypeInfo)
  );
}

/** All dimensions but the channels'. */
const acrossChannels = (x: Tensor): number[] => x.shape.map((_, i) => i).filter((i) => i !== 1);

type Statistics = Record<'output' | 'mean' | 'variance' | 'rstd', Tensor>;

/** In one kernel forward and one backward. */
function fused(
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null,
  bias: Tensor | null,
  training: boolean,
  eps: number,
): Statistics {
  const [batch, channels] = input.shape as [number, number];
  const sizes = [batch, channels, input.count / (batch * channels), training ? 1 : 0] as const;
  const info = input.dtypeInfo;
  const perChannelOf = (running: Tensor | null): Tensor =>
    training ? input.makeEmpty([channels], info) : dense(running!).detach();
  const mean = perChannelOf(runningMean);
  const variance = perChannelOf(runningVar);
  const rstd = input.makeEmpty([channels], info);
  const output = input.makeEmpty(input.shape, info);
  const denseOrNull = (x: Tensor | null): Tensor | null => (x === null ? null : dense(x));
  kernels.batchNorm(output, dense(input), denseOrNull(weight), denseOrNull(bias), mean, variance, rstd, ...sizes, eps);
  recordJoint(
    'NativeBatchNormBackward0',
    output,
    [input, weight, bias],
    [input, weight, training ? mean : mean.clone(), rstd] as const,
    (grad, wanted, x, w, m, r) => {
      if (mode.grad) return composedGradients(grad, wanted, x, w, training ? null : { mean: m, rstd: r }, eps);
      const gradients = [x.makeEmpty(x.shape, info), r.makeEmpty(r.shape, info), r.makeEmpty(r.shape, info)] as const;
      kernels.batchNormBackward(...gradients, dense(grad), dense(x), denseOrNull(w), m, r, ...sizes);
      return gradients;
    },
  );
  return { output, mean, variance, rstd };
}

/** The gradients of {@link fused} made of other ops, so that they have gradients themselves. */
function composedGradients(
  grad: Tensor,
  wanted: (input: number) => boolean,
  x: Tensor,
  weight: Tensor | null,
  fixed: { mean: Tensor; rstd: Tensor } | null,
  eps: number,
): (Tensor | null)[] {
  const [dims, rank] = [acrossChannels(x), x.shape.length];
  const spread = weight === null ? null : perChannel(weight, rank);
  const normal = fixed
    ? x.sub(perChannel(fixed.mean, rank)).mul(perChannel(fixed.rstd, rank))
    : standardized(x, dims, eps).normal;
  let ofInput: Tensor | null = null;
  if (wanted(0)) {
    const scaled = spread === null ? grad : grad.mul(spread);
    ofInput = fixed ? scaled.mul(perChannel(fixed.rstd, rank)) : composedGradient(grad, x, spread, dims, eps);
  }
  return [ofInput, wanted(1) ? grad.mul(normal).sum(dims) : null, wanted(2) ? grad.sum(dims) : null];
}

/** Made of other ops. */
function composed(
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null,
  bias: Tensor | null,
  training: boolean,
  eps: number,
): Statistics {
  const rank = input.shape.length;
  let parts: ReturnType<typeof standardized>;
  if (training) {
    parts = standardized(input, acrossChannels(input), eps);
  } else {
    const mean = perChannel(runningMean!, rank);
    const variance = perChannel(runningVar!, rank);
    const rstd = variance.add(eps).rsqrt();
    parts = { normal: input.sub(mean).mul(rstd), mean, variance, rstd };
  }
  let output = parts.normal;
  if (weight !== null) output = output.mul(perChannel(weight, rank));
  if (bias !== null) output = output.add(perChannel(bias, rank));
  return { ...parts, output: whole('NativeBatchNormBackward0', output) };
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
  const n = channels === 0 ? 0 : input.count / channels;
  const made = isFusible(input, [runningMean, runningVar, weight, bias])
    ? fused(input, runningMean, runningVar, weight, bias, training, eps)
    : composed(input, runningMean, runningVar, weight, bias, training, eps);
  const { output, mean, variance, rstd } = made;
  if (training) {
    const track = (running: Tensor | null, value: Tensor, factor: number): void => {
      const moved = value.detach().reshape([channels]).mul(factor);
      running
        ?.detach()
        .mul_(1 - momentum)
        .add_(moved);
    };
    track(runningMean, mean, momentum);
    track(runningVar, variance, (momentum * n) / (n - 1));
  }

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
    return output;
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
    return namedTuple(['output', 'mean', 'rstd'], [all.output, saved(all.mean), saved(all.rstd)] as const);
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
    const rows = grouped.reshape([1, batch * numGroups, grouped.shape[2]!]);
    const normal = isFusible(rows, [])
      ? fused(rows, null, null, null, null, true, eps).output
      : standardized(rows, [2], eps).normal;
    let out = normal.reshape(input.shape as number[]);
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
