import type { Reduction } from '../ops/reductions.js';
import type { Tensor } from '../tensor.js';
import { Module } from './module.js';
import { addBuffer } from './registering.js';

/** `sizeAverage` and `reduce`: what PyTorch had before `reduction`. */
export type Legacy = boolean | null;

/** What all losses have: whether to give the mean, the sum, or all of them. */
export class LossModule extends Module {
  reduction: Reduction;

  constructor(sizeAverage: Legacy | undefined, reduce: Legacy | undefined, reduction: Reduction | undefined) {
    super();
    if ((sizeAverage ?? null) === null && (reduce ?? null) === null) this.reduction = reduction ?? 'mean';
    else this.reduction = (reduce ?? true) ? ((sizeAverage ?? true) ? 'mean' : 'sum') : 'none';
  }
}

/** A loss with a weight for each class or element, a buffer. */
export class WeightedLossModule extends LossModule {
  declare weight: Tensor | null;

  constructor(
    weight: Tensor | null | undefined,
    sizeAverage: Legacy | undefined,
    reduce: Legacy | undefined,
    reduction: Reduction | undefined,
  ) {
    super(sizeAverage, reduce, reduction);
    addBuffer(this, 'weight', weight ?? null);
  }
}

export const PLAIN = ['sizeAverage', 'reduce', 'reduction'] as const;
export type PlainArguments = [sizeAverage?: Legacy, reduce?: Legacy, reduction?: Reduction];
export const WEIGHTED = ['weight', ...PLAIN] as const;
export type WeightedArguments = [weight?: Tensor | null, sizeAverage?: Legacy, reduce?: Legacy, reduction?: Reduction];
