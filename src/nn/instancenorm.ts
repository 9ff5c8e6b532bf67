import type { Tensor } from '../tensor.js';
import { checkDims } from './batchnorm.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { NORM, type NormArguments, NormModule } from './normBase.js';
import type { LoadState } from './stateDict.js';

/** Instance normalisation of any number of dimensions; the last of `dims` has a batch. */
export abstract class InstanceNormModule extends NormModule {
  /** @internal How many dimensions the input has without a batch. */
  protected abstract get unbatched(): number;

  protected override checkInput(input: Tensor): void {
    checkDims(this.getName(), input, [this.unbatched, this.unbatched + 1]);
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    return input.ndim === this.unbatched ? normalized(this, input.unsqueeze(0)).squeeze(0) : normalized(this, input);
  }

  /** Statistics in a checkpoint of a module that keeps none are refused in PyTorch's words. */
  override loadFromStateDict(load: LoadState): void {
    const { state, prefix, errors } = load;
    const found = this.trackRunningStats
      ? []
      : [`${prefix}running_mean`, `${prefix}running_var`].filter((key) => state.has(key));
    if (found.length > 0) {
      errors.push(
        `Unexpected running stats buffer(s) ${found.map((key) => `"${key}"`).join(' and ')} for ${this.getName()} with track_running_stats=False: remove these keys from the state dict, or set trackRunningStats: true.`,
      );
      for (const key of found) state.delete(key);
    }
    super.loadFromStateDict(load);
  }
}

function normalized(module: InstanceNormModule, input: Tensor): Tensor {
  const { runningMean, runningVar, weight, bias, eps } = module;
  const usesInput = module.training || !module.trackRunningStats;
  return F.instanceNorm(input, runningMean, runningVar, weight, bias, usesInput, module.momentum ?? 0, eps);
}

/**
 * Normalises each channel of each sample over its length.
 * https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 */
export class InstanceNorm1d extends InstanceNormModule {
  constructor(...args: Construct<NormArguments, typeof NORM>) {
    super('InstanceNorm1d', take<NormArguments>('InstanceNorm1d', NORM, args), false);
  }

  protected override get unbatched(): number {
    return 2;
  }
}

/** {@link InstanceNorm1d} of images. https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html */
export class InstanceNorm2d extends InstanceNormModule {
  constructor(...args: Construct<NormArguments, typeof NORM>) {
    super('InstanceNorm2d', take<NormArguments>('InstanceNorm2d', NORM, args), false);
  }

  protected override get unbatched(): number {
    return 3;
  }
}

/** {@link InstanceNorm1d} of volumes. https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html */
export class InstanceNorm3d extends InstanceNormModule {
  constructor(...args: Construct<NormArguments, typeof NORM>) {
    super('InstanceNorm3d', take<NormArguments>('InstanceNorm3d', NORM, args), false);
  }

  protected override get unbatched(): number {
    return 4;
  }
}
