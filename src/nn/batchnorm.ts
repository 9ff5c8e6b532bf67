import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import type { Module } from './module.js';
import { NORM, type NormArguments, NormModule } from './normBase.js';

/** Throws unless the input has one of these numbers of dimensions. */
export function checkDims(name: string, input: Tensor, dims: readonly number[]): void {
  if (dims.includes(input.ndim)) return;
  const wanted = dims.map((n) => `${n}D`).join(' or ');
  throw rangeError(
    `${name}: expected ${wanted} input (got ${input.ndim}D input of shape [${input.shape.join(', ')}]).`,
  );
}

/** Batch normalisation of any number of dimensions. */
export abstract class BatchNormModule extends NormModule {
  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    const usesBatch = this.training || (this.runningMean === null && this.runningVar === null);
    let factor = this.momentum ?? 0;
    if (this.training && this.trackRunningStats && this.numBatchesTracked !== null) {
      this.numBatchesTracked.add_(1);
      factor = this.momentum ?? 1 / this.numBatchesTracked.item();
    }
    const keeps = !this.training || this.trackRunningStats;
    return F.batchNorm(
      input,
      keeps ? this.runningMean : null,
      keeps ? this.runningVar : null,
      this.weight,
      this.bias,
      usesBatch,
      factor,
      this.eps,
    );
  }
}

/**
 * Normalises each channel over the batch (and length): `(x - mean) / √(var + eps) · weight + bias`.
 * https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
 */
export class BatchNorm1d extends BatchNormModule {
  constructor(...args: Construct<NormArguments, typeof NORM>) {
    super('BatchNorm1d', take<NormArguments>('BatchNorm1d', NORM, args), true);
  }

  protected override checkInput(input: Tensor): void {
    checkDims('BatchNorm1d', input, [2, 3]);
  }
}

/** {@link BatchNorm1d} of images. https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html */
export class BatchNorm2d extends BatchNormModule {
  constructor(...args: Construct<NormArguments, typeof NORM>) {
    super('BatchNorm2d', take<NormArguments>('BatchNorm2d', NORM, args), true);
  }

  protected override checkInput(input: Tensor): void {
    checkDims('BatchNorm2d', input, [4]);
  }
}

/** {@link BatchNorm1d} of volumes. https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html */
export class BatchNorm3d extends BatchNormModule {
  constructor(...args: Construct<NormArguments, typeof NORM>) {
    super('BatchNorm3d', take<NormArguments>('BatchNorm3d', NORM, args), true);
  }

  protected override checkInput(input: Tensor): void {
    checkDims('BatchNorm3d', input, [5]);
  }
}

/**
 * Batch normalisation over all processes. There is one process here, so it is batch normalisation of any number of
 * dimensions. https://pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
 */
export class SyncBatchNorm extends BatchNormModule {
  constructor(...args: Construct<NormArguments, typeof NORM>) {
    super('SyncBatchNorm', take<NormArguments>('SyncBatchNorm', NORM, args), true);
  }

  protected override checkInput(input: Tensor): void {
    if (input.ndim < 2) throw rangeError(`SyncBatchNorm: expected at least 2D input (got ${input.ndim}D input).`);
  }

  /** Puts SyncBatchNorms in the place of all batch normalisations in `module`, with their parameters and statistics. */
  static convertSyncBatchnorm(module: Module): Module {
    let result = module;
    if (module instanceof BatchNormModule && !(module instanceof SyncBatchNorm)) {
      const { numFeatures, eps, momentum, affine, trackRunningStats } = module;
      const sync = new SyncBatchNorm(numFeatures, eps, momentum, affine, trackRunningStats);
      Object.assign(sync, {
        weight: module.weight,
        bias: module.bias,
        runningMean: module.runningMean,
        runningVar: module.runningVar,
        numBatchesTracked: module.numBatchesTracked,
        training: module.training,
      });
      result = sync;
    }
    const { registry } = result;
    for (const [name, child] of registry.modules)
      if (child !== null) registry.assign(result, name, SyncBatchNorm.convertSyncBatchnorm(child));
    return result;
  }
}
