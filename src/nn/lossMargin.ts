import { rangeError } from '../errors.js';
import type { Reduction } from '../ops/reductions.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import { PairwiseDistance } from './distance.js';
import * as F from './functional.js';
import {
  type Legacy,
  LossModule,
  PLAIN,
  type PlainArguments,
  WEIGHTED,
  type WeightedArguments,
  WeightedLossModule,
} from './lossBase.js';

const MARGIN = ['margin', ...PLAIN] as const;
type MarginArguments = [margin?: number, sizeAverage?: Legacy, reduce?: Legacy, reduction?: Reduction];

/** What losses with a margin share. */
class MarginModule extends LossModule {
  margin: number;

  constructor(name: string, args: readonly unknown[], fallback: number) {
    const [margin = fallback, sizeAverage, reduce, reduction] = take<MarginArguments>(name, MARGIN, args);
    super(sizeAverage, reduce, reduction);
    this.margin = margin;
  }
}

/** `x` where y is 1, `max(0, margin - x)` where it is -1. https://pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html */
export class HingeEmbeddingLoss extends MarginModule {
  constructor(...args: Construct<MarginArguments, typeof MARGIN>) {
    super('HingeEmbeddingLoss', args, 1);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.hingeEmbeddingLoss(input, target, this.margin, null, null, this.reduction);
  }
}

/** `1 - cos` where y is 1, `max(0, cos - margin)` where it is -1. https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html */
export class CosineEmbeddingLoss extends MarginModule {
  constructor(...args: Construct<MarginArguments, typeof MARGIN>) {
    super('CosineEmbeddingLoss', args, 0);
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.cosineEmbeddingLoss(input1, input2, target, this.margin, null, null, this.reduction);
  }
}

/** `max(0, -y · (x₁ - x₂) + margin)`. https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html */
export class MarginRankingLoss extends MarginModule {
  constructor(...args: Construct<MarginArguments, typeof MARGIN>) {
    super('MarginRankingLoss', args, 0);
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.marginRankingLoss(input1, input2, target, this.margin, null, null, this.reduction);
  }
}

/** Hinge loss of several classes each. https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html */
export class MultiLabelMarginLoss extends LossModule {
  constructor(...args: Construct<PlainArguments, typeof PLAIN>) {
    super(...take<[Legacy, Legacy, Reduction]>('MultiLabelMarginLoss', PLAIN, args));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelMarginLoss(input, target, null, null, this.reduction);
  }
}

/** Binary cross entropy of several classes each. https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html */
export class MultiLabelSoftMarginLoss extends WeightedLossModule {
  constructor(...args: Construct<WeightedArguments, typeof WEIGHTED>) {
    const [weight, sizeAverage, reduce, reduction] = take<WeightedArguments>(
      'MultiLabelSoftMarginLoss',
      WEIGHTED,
      args,
    );
    super(weight, sizeAverage, reduce, reduction);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelSoftMarginLoss(input, target, this.weight, null, null, this.reduction);
  }
}

/** `log(1 + e^(-y · x))`. https://pytorch.org/docs/stable/generated/torch.nn.SoftMarginLoss.html */
export class SoftMarginLoss extends LossModule {
  constructor(...args: Construct<PlainArguments, typeof PLAIN>) {
    super(...take<[Legacy, Legacy, Reduction]>('SoftMarginLoss', PLAIN, args));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.softMarginLoss(input, target, null, null, this.reduction);
  }
}

const MULTI = ['p', 'margin', ...WEIGHTED] as const;
type MultiArguments = [
  p?: number,
  margin?: number,
  weight?: Tensor | null,
  sizeAverage?: Legacy,
  reduce?: Legacy,
  reduction?: Reduction,
];

/** Hinge loss of one class each. https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html */
export class MultiMarginLoss extends WeightedLossModule {
  p: number;
  margin: number;

  constructor(...args: Construct<MultiArguments, typeof MULTI>) {
    const [p = 1, margin = 1, weight, sizeAverage, reduce, reduction] = take<MultiArguments>(
      'MultiMarginLoss',
      MULTI,
      args,
    );
    if (p !== 1 && p !== 2) throw rangeError(`MultiMarginLoss: only p == 1 and p == 2 supported, but p is ${p}.`);
    if (weight && weight.ndim !== 1)
      throw rangeError(`MultiMarginLoss: weight must have 1 dimension, but has ${weight.ndim}.`);
    super(weight, sizeAverage, reduce, reduction);
    this.p = p;
    this.margin = margin;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multiMarginLoss(input, target, this.p, this.margin, this.weight, null, null, this.reduction);
  }
}

const TRIPLET = ['margin', 'p', 'eps', 'swap', ...PLAIN] as const;
type TripletArguments = [
  margin?: number,
  p?: number,
  eps?: number,
  swap?: boolean,
  sizeAverage?: Legacy,
  reduce?: Legacy,
  reduction?: Reduction,
];

/** `max(0, d(a, p) - d(a, n) + margin)`. https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html */
export class TripletMarginLoss extends LossModule {
  margin: number;
  p: number;
  eps: number;
  swap: boolean;

  constructor(...args: Construct<TripletArguments, typeof TRIPLET>) {
    const [margin = 1, p = 2, eps = 1e-6, swap = false, sizeAverage, reduce, reduction] = take<TripletArguments>(
      'TripletMarginLoss',
      TRIPLET,
      args,
    );
    super(sizeAverage, reduce, reduction);
    this.margin = margin;
    this.p = p;
    this.eps = eps;
    this.swap = swap;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return F.tripletMarginLoss(
      anchor,
      positive,
      negative,
      this.margin,
      this.p,
      this.eps,
      this.swap,
      null,
      null,
      this.reduction,
    );
  }
}

/** How far apart two batches of vectors are. */
export type DistanceFunction = (x: Tensor, y: Tensor) => Tensor;

const DISTANCE = ['distanceFunction', 'margin', 'swap', 'reduction'] as const;
type DistanceArguments = [
  distanceFunction?: DistanceFunction | null,
  margin?: number,
  swap?: boolean,
  reduction?: Reduction,
];

/** {@link TripletMarginLoss} by any distance. https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html */
export class TripletMarginWithDistanceLoss extends LossModule {
  distanceFunction: DistanceFunction;
  margin: number;
  swap: boolean;

  constructor(...args: Construct<DistanceArguments, typeof DISTANCE>) {
    const [distanceFunction, margin = 1, swap = false, reduction] = take<DistanceArguments>(
      'TripletMarginWithDistanceLoss',
      DISTANCE,
      args,
    );
    super(null, null, reduction);
    this.distanceFunction = distanceFunction ?? new PairwiseDistance();
    this.margin = margin;
    this.swap = swap;
  }

  override stateName(attribute: string): string {
    return attribute === 'distanceFunction' ? 'distance_function' : attribute;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this;
    return F.tripletMarginWithDistanceLoss(anchor, positive, negative, { distanceFunction, margin, swap, reduction });
  }
}

const CTC = ['blank', 'reduction', 'zeroInfinity'] as const;
type CTCArguments = [blank?: number, reduction?: Reduction, zeroInfinity?: boolean];

/** Connectionist temporal classification. https://pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html */
export class CTCLoss extends LossModule {
  blank: number;
  zeroInfinity: boolean;

  constructor(...args: Construct<CTCArguments, typeof CTC>) {
    const [blank = 0, reduction, zeroInfinity = false] = take<CTCArguments>('CTCLoss', CTC, args);
    super(null, null, reduction);
    this.blank = blank;
    this.zeroInfinity = zeroInfinity;
  }

  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
  ): Tensor {
    return F.ctcLoss(logProbs, targets, inputLengths, targetLengths, this.blank, this.reduction, this.zeroInfinity);
  }
}
