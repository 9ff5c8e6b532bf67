import type { Reduction } from '../ops/reductions.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
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
import { addBuffer } from './registering.js';

/** `|x - y|`. https://pytorch.org/docs/stable/generated/torch.nn.L1Loss.html */
export class L1Loss extends LossModule {
  constructor(...args: Construct<PlainArguments, typeof PLAIN>) {
    super(...take<[Legacy, Legacy, Reduction]>('L1Loss', PLAIN, args));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.l1Loss(input, target, null, null, this.reduction);
  }
}

/** `(x - y)²`. https://pytorch.org/docs/stable/generated/torch.nn.MSELoss.html */
export class MSELoss extends LossModule {
  constructor(...args: Construct<PlainArguments, typeof PLAIN>) {
    super(...take<[Legacy, Legacy, Reduction]>('MSELoss', PLAIN, args));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.mseLoss(input, target, null, null, this.reduction);
  }
}

const SMOOTH = [...PLAIN, 'beta'] as const;
type SmoothArguments = [sizeAverage?: Legacy, reduce?: Legacy, reduction?: Reduction, beta?: number];

/** Squared below `beta`, absolute above. https://pytorch.org/docs/stable/generated/torch.nn.SmoothL1Loss.html */
export class SmoothL1Loss extends LossModule {
  beta: number;

  constructor(...args: Construct<SmoothArguments, typeof SMOOTH>) {
    const [sizeAverage, reduce, reduction, beta = 1] = take<SmoothArguments>('SmoothL1Loss', SMOOTH, args);
    super(sizeAverage, reduce, reduction);
    this.beta = beta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.smoothL1Loss(input, target, null, null, this.reduction, this.beta);
  }
}

const HUBER = ['reduction', 'delta'] as const;
type HuberArguments = [reduction?: Reduction, delta?: number];

/** Squared below `delta`, linear above. https://pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html */
export class HuberLoss extends LossModule {
  delta: number;

  constructor(...args: Construct<HuberArguments, typeof HUBER>) {
    const [reduction, delta = 1] = take<HuberArguments>('HuberLoss', HUBER, args);
    super(null, null, reduction);
    this.delta = delta;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.huberLoss(input, target, this.reduction, this.delta);
  }
}

const NLL = ['weight', 'sizeAverage', 'ignoreIndex', 'reduce', 'reduction'] as const;
type NLLArguments = [
  weight?: Tensor | null,
  sizeAverage?: Legacy,
  ignoreIndex?: number,
  reduce?: Legacy,
  reduction?: Reduction,
];

/** The negative log likelihood of the target classes. https://pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html */
export class NLLLoss extends WeightedLossModule {
  ignoreIndex: number;

  constructor(...args: Construct<NLLArguments, typeof NLL>) {
    const [weight, sizeAverage, ignoreIndex = -100, reduce, reduction] = take<NLLArguments>('NLLLoss', NLL, args);
    super(weight, sizeAverage, reduce, reduction);
    this.ignoreIndex = ignoreIndex;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.nllLoss(input, target, this.weight, null, this.ignoreIndex, null, this.reduction);
  }
}

/** {@link NLLLoss} of images: its old name. */
export class NLLLoss2d extends NLLLoss {}

const CROSS_ENTROPY = [...NLL, 'labelSmoothing'] as const;
type CrossEntropyArguments = [
  weight?: Tensor | null,
  sizeAverage?: Legacy,
  ignoreIndex?: number,
  reduce?: Legacy,
  reduction?: Reduction,
  labelSmoothing?: number,
];

/** Cross entropy of logits with classes or class probabilities. https://pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html */
export class CrossEntropyLoss extends WeightedLossModule {
  ignoreIndex: number;
  labelSmoothing: number;

  constructor(...args: Construct<CrossEntropyArguments, typeof CROSS_ENTROPY>) {
    const [weight, sizeAverage, ignoreIndex = -100, reduce, reduction, labelSmoothing = 0] =
      take<CrossEntropyArguments>('CrossEntropyLoss', CROSS_ENTROPY, args);
    super(weight, sizeAverage, reduce, reduction);
    this.ignoreIndex = ignoreIndex;
    this.labelSmoothing = labelSmoothing;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.crossEntropy(
      input,
      target,
      this.weight,
      null,
      this.ignoreIndex,
      null,
      this.reduction,
      this.labelSmoothing,
    );
  }
}

const KL = [...PLAIN, 'logTarget'] as const;
type KLArguments = [sizeAverage?: Legacy, reduce?: Legacy, reduction?: Reduction | 'batchmean', logTarget?: boolean];

/** `y · (log y - x)`. https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html */
export class KLDivLoss extends LossModule {
  logTarget: boolean;

  constructor(...args: Construct<KLArguments, typeof KL>) {
    const [sizeAverage, reduce, reduction, logTarget = false] = take<KLArguments>('KLDivLoss', KL, args);
    super(sizeAverage, reduce, reduction as Reduction | undefined);
    this.logTarget = logTarget;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.klDiv(input, target, null, null, this.reduction, this.logTarget);
  }
}

/** Binary cross entropy of probabilities. https://pytorch.org/docs/stable/generated/torch.nn.BCELoss.html */
export class BCELoss extends WeightedLossModule {
  constructor(...args: Construct<WeightedArguments, typeof WEIGHTED>) {
    const [weight, sizeAverage, reduce, reduction] = take<WeightedArguments>('BCELoss', WEIGHTED, args);
    super(weight, sizeAverage, reduce, reduction);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropy(input, target, this.weight, null, null, this.reduction);
  }
}

const LOGITS = [...WEIGHTED, 'posWeight'] as const;
type LogitsArguments = [
  weight?: Tensor | null,
  sizeAverage?: Legacy,
  reduce?: Legacy,
  reduction?: Reduction,
  posWeight?: Tensor | null,
];

/** Binary cross entropy of logits. https://pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html */
export class BCEWithLogitsLoss extends WeightedLossModule {
  declare posWeight: Tensor | null;

  constructor(...args: Construct<LogitsArguments, typeof LOGITS>) {
    const [weight, sizeAverage, reduce, reduction, posWeight = null] = take<LogitsArguments>(
      'BCEWithLogitsLoss',
      LOGITS,
      args,
    );
    super(weight, sizeAverage, reduce, reduction);
    addBuffer(this, 'posWeight', posWeight);
  }

  override stateName(attribute: string): string {
    return attribute === 'posWeight' ? 'pos_weight' : attribute;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropyWithLogits(input, target, this.weight, null, null, this.reduction, this.posWeight);
  }
}

const POISSON = ['logInput', 'full', 'sizeAverage', 'eps', 'reduce', 'reduction'] as const;
type PoissonArguments = [
  logInput?: boolean,
  full?: boolean,
  sizeAverage?: Legacy,
  eps?: number,
  reduce?: Legacy,
  reduction?: Reduction,
];

/** The negative log likelihood of Poisson numbers. https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html */
export class PoissonNLLLoss extends LossModule {
  logInput: boolean;
  full: boolean;
  eps: number;

  constructor(...args: Construct<PoissonArguments, typeof POISSON>) {
    const [logInput = true, full = false, sizeAverage, eps = 1e-8, reduce, reduction] = take<PoissonArguments>(
      'PoissonNLLLoss',
      POISSON,
      args,
    );
    super(sizeAverage, reduce, reduction);
    this.logInput = logInput;
    this.full = full;
    this.eps = eps;
  }

  override forward(logInput: Tensor, target: Tensor): Tensor {
    return F.poissonNllLoss(logInput, target, this.logInput, this.full, null, this.eps, null, this.reduction);
  }
}

const GAUSSIAN = ['full', 'eps', 'reduction'] as const;
type GaussianArguments = [full?: boolean, eps?: number, reduction?: Reduction];

/** The negative log likelihood of normal numbers. https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html */
export class GaussianNLLLoss extends LossModule {
  full: boolean;
  eps: number;

  constructor(...args: Construct<GaussianArguments, typeof GAUSSIAN>) {
    const [full = false, eps = 1e-6, reduction] = take<GaussianArguments>('GaussianNLLLoss', GAUSSIAN, args);
    super(null, null, reduction);
    this.full = full;
    this.eps = eps;
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return F.gaussianNllLoss(input, target, variance, this.full, this.eps, this.reduction);
  }
}
