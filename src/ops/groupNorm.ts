/** Normalization over the groups of channels and over the instances of a batch. */
import { rangeError } from '../errors.js';
import { numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';
import {
  type ChannelParameters,
  checkChannels,
  checkHasChannels,
  fused,
  isFusible,
  normalizeChannels,
  perChannel,
} from './batchNorm.js';
import { named } from './options.js';
import { checkFloat, standardized } from './standardizing.js';
import { under } from './under.js';

const NO_PARAMETERS: ChannelParameters = { runningMean: null, runningVar: null, weight: null, bias: null };

/**
 * layerNorm of the channels of [batch, channels, …] in `numGroups` groups, with a weight and bias a channel.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.group_norm.html
 */
export const groupNorm = named(
  'groupNorm',
  ['input', 'numGroups', 'weight', 'bias', 'eps'],
  (input: Tensor, numGroups: number, weight?: Tensor | null, bias?: Tensor | null, eps: number = 1e-5): Tensor => {
    checkFloat('groupNorm', input);
    const rank = input.shape.length;
    checkHasChannels('groupNorm', input);
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
      ? fused(rows, NO_PARAMETERS, true, eps).output
      : standardized(rows, [2], eps).normal;
    let out = normal.reshape(input.shape as number[]);
    if (weight) out = out.mul(perChannel(weight, rank));
    if (bias) out = out.add(perChannel(bias, rank));
    return under('NativeGroupNormBackward0', out);
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
