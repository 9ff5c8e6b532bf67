/** Normalization over the groups of channels and over the instances of a batch. */
import { mode } from '../autograd/mode.js';
import { recordJoint } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import { numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { dense } from './apply.js';
import {
  acrossChannels,
  checkChannels,
  checkHasChannels,
  isFusible,
  normalizeChannels,
  perChannel,
} from './batchNorm.js';
import { named } from './options.js';
import { checkFloat, composedGradient, standardized } from './standardizing.js';
import { under } from './under.js';

const denseOrNull = (x: Tensor | null): Tensor | null => (x === null ? null : dense(x));

/** In one kernel forward and one backward. */
function fused(input: Tensor, numGroups: number, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  const [batch, channels] = input.shape as [number, number];
  const info = input.dtypeInfo;
  const rows = batch * numGroups;
  const sizes = [rows, numGroups, channels / numGroups, input.count / (batch * channels)] as const;
  const output = input.makeEmpty(input.shape, info);
  const mean = input.makeEmpty([rows], info);
  const rstd = input.makeEmpty([rows], info);
  kernels.groupNorm(output, dense(input), denseOrNull(weight), denseOrNull(bias), mean, rstd, ...sizes, eps);
  return recordJoint(
    'NativeGroupNormBackward0',
    output,
    [input, weight, bias],
    [input, weight, mean, rstd] as const,
    (grad, wanted, x, w, m, r) => {
      if (mode.grad) return composedGradients(grad, wanted, x, w, rows, eps);
      const ofInput = x.makeEmpty(x.shape, info);
      const products = x.makeEmpty([batch, channels], info);
      const sums = x.makeEmpty([batch, channels], info);
      kernels.groupNormBackward(ofInput, products, sums, dense(grad), dense(x), denseOrNull(w), m, r, ...sizes);
      return [ofInput, wanted(1) ? products.sum(0) : null, wanted(2) ? sums.sum(0) : null];
    },
  );
}

/** The gradients of {@link fused} made of other ops, so that they have gradients themselves. */
function composedGradients(
  grad: Tensor,
  wanted: (input: number) => boolean,
  x: Tensor,
  weight: Tensor | null,
  rows: number,
  eps: number,
): (Tensor | null)[] {
  const dims = acrossChannels(x);
  const grouped = (y: Tensor): Tensor => y.reshape([rows, -1]);
  const shape = x.shape as number[];
  const scaled = weight === null ? grad : grad.mul(perChannel(weight, shape.length));
  const normal = wanted(1) ? standardized(grouped(x), [1], eps).normal.reshape(shape) : null;
  return [
    wanted(0) ? composedGradient(grouped(scaled), grouped(x), null, [1], eps).reshape(shape) : null,
    normal === null ? null : grad.mul(normal).sum(dims),
    wanted(2) ? grad.sum(dims) : null,
  ];
}

/** Made of other ops. */
function composed(input: Tensor, numGroups: number, weight: Tensor | null, bias: Tensor | null, eps: number): Tensor {
  const [shape, rank] = [input.shape as number[], input.shape.length];
  const rows = shape[0]! * numGroups;
  const grouped = input.reshape([rows, input.count === 0 ? 0 : input.count / rows]);
  let out = standardized(grouped, [1], eps).normal.reshape(shape);
  if (weight) out = out.mul(perChannel(weight, rank));
  if (bias) out = out.add(perChannel(bias, rank));
  return under('NativeGroupNormBackward0', out);
}

/**
 * layerNorm of the channels of [batch, channels, …] in `numGroups` groups, with a weight and bias a channel.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 */
export const groupNorm = named(
  'groupNorm',
  ['input', 'numGroups', 'weight', 'bias', 'eps'],
  (input: Tensor, numGroups: number, weight?: Tensor | null, bias?: Tensor | null, eps: number = 1e-5): Tensor => {
    checkFloat('groupNorm', input);
    checkHasChannels('groupNorm', input);
    const channels = input.shape[1]!;
    if (!Number.isInteger(numGroups) || numGroups < 1 || channels % numGroups !== 0) {
      throw rangeError(
        `groupNorm: Expected number of channels in input to be divisible by num_groups, but got input of shape [${input.shape.join(', ')}] and num_groups=${numGroups}.`,
      );
    }
    checkChannels('groupNorm', input, { weight: weight ?? null, bias: bias ?? null });
    const [w, b] = [weight ?? null, bias ?? null];
    return isFusible(input, [w, b]) ? fused(input, numGroups, w, b, eps) : composed(input, numGroups, w, b, eps);
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
    checkHasChannels('instanceNorm', input);
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
    const means = repeated(runningMean?.detach());
    const variances = repeated(runningVar?.detach());
    // Each channel of each sample is a channel of a batch of one.
    const { output } = normalizeChannels(
      'instanceNorm',
      input.reshape([1, batch * channels, ...input.shape.slice(2)]),
      { runningMean: means, runningVar: variances, weight: repeated(weight), bias: repeated(bias) },
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
