/** Normalization of channels over a batch. */
import { mode } from '../autograd/mode.js';
import { recordJoint } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { dense } from './apply.js';
import { named, namedTuple } from './options.js';
import { checkFloat, composedGradient, float64Or32, standardized } from './standardizing.js';
import { under } from './under.js';

/** A parameter of the channels, [channels], against [batch, channels, …]. */
export const perChannel = (parameter: Tensor, rank: number): Tensor =>
  parameter.reshape([1, parameter.count, ...new Array<number>(rank - 2).fill(1)]);

/** What a normalization of channels takes beside its input, a value a channel each; null where it is not given. */
export interface ChannelParameters {
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;
}

/** Refuses parameters that do not have a value for each of the input's channels; `parameters` by PyTorch's names. */
export function checkChannels(op: string, input: Tensor, parameters: Readonly<Record<string, Tensor | null>>): void {
  const channels = input.shape[1]!;
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter !== null && parameter.count !== channels) {
      throw rangeError(
        `${op}: ${name} should contain ${channels} elements (the channels of the input [${input.shape.join(', ')}]) not ${parameter.count}.`,
      );
    }
  }
}

/** Whether the kernel takes it: floats of one dtype. */
export function isFusible(input: Tensor, others: readonly (Tensor | null)[]): boolean {
  if (!float64Or32(input) || input.count === 0) return false;
  return others.every((x) => x === null || x.dtypeInfo === input.dtypeInfo);
}

/** All dimensions but the channels'. */
export const acrossChannels = (x: Tensor): number[] => x.shape.map((_, i) => i).filter((i) => i !== 1);

type Statistics = Record<'output' | 'mean' | 'variance' | 'rstd', Tensor>;

/** In one kernel forward and one backward. */
function fused(input: Tensor, parameters: ChannelParameters, training: boolean, eps: number): Statistics {
  const { runningMean, runningVar, weight, bias } = parameters;
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
function composed(input: Tensor, parameters: ChannelParameters, training: boolean, eps: number): Statistics {
  const { runningMean, runningVar, weight, bias } = parameters;
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
  return { ...parts, output: under('NativeBatchNormBackward0', output) };
}

/** Moves a running statistic by `factor` towards the batch's. */
function track(running: Tensor, value: Tensor, momentum: number, factor: number): void {
  const moved = value.detach().reshape([value.count]).mul(factor);
  running
    .detach()
    .mul_(1 - momentum)
    .add_(moved);
}

/** Refuses fewer dimensions than the two of batch and channels. */
export function checkHasChannels(op: string, input: Tensor): void {
  if (input.shape.length >= 2) return;
  throw rangeError(`${op}: expected at least 2 dimensions, [batch, channels, …], but got [${input.shape.join(', ')}].`);
}

/** What {@link batchNorm} is, with the statistics that it normalized by. */
export function normalizeChannels(
  op: string,
  input: Tensor,
  parameters: ChannelParameters,
  training: boolean,
  momentum: number,
  eps: number,
): Record<'output' | 'mean' | 'rstd', Tensor> {
  checkFloat(op, input);
  checkHasChannels(op, input);
  const { runningMean, runningVar, weight, bias } = parameters;
  checkChannels(op, input, { running_mean: runningMean, running_var: runningVar, weight, bias });
  if (!training && (runningMean === null || runningVar === null))
    throw rangeError(`${op}: Expected running_mean and running_var to be defined when training=False.`);
  const channels = input.shape[1]!;
  const made = isFusible(input, [runningMean, runningVar, weight, bias])
    ? fused(input, parameters, training, eps)
    : composed(input, parameters, training, eps);
  const { output, mean, variance, rstd } = made;
  if (training) {
    const n = channels === 0 ? 0 : input.count / channels;
    if (runningMean !== null) track(runningMean, mean, momentum, momentum);
    // The running variance is the unbiased one.
    if (runningVar !== null) track(runningVar, variance, momentum, (momentum * n) / (n - 1));
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
    const parameters = {
      runningMean: runningMean ?? null,
      runningVar: runningVar ?? null,
      weight: weight ?? null,
      bias: bias ?? null,
    };
    return normalizeChannels('batchNorm', input, parameters, training, momentum, eps).output;
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
    const parameters = { runningMean, runningVar, weight, bias };
    const all = normalizeChannels('nativeBatchNorm', input, parameters, training, momentum, eps);
    const saved = (x: Tensor): Tensor => (training ? x.detach() : x.detach().newEmpty([0]));
    return namedTuple(['output', 'mean', 'rstd'], [all.output, saved(all.mean), saved(all.rstd)] as const);
  },
);
