/** Losses of pairs and triplets of vectors that a margin should keep apart. */
import { rangeError } from '../errors.js';
import { float } from '../promotion.js';
import { bracketed } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { pairwiseDistance } from './distance.js';
import { where } from './masks.js';
import { named } from './options.js';
import { checkPair } from './pointwiseLoss.js';
import { type Legacy, type Reduction, reduced, reductionOf } from './reductions.js';

function checkTwo(op: string, input1: Tensor, input2: Tensor, target: Tensor): void {
  checkTensor(op, input1, 'input1');
  checkTensor(op, input2, 'input2');
  checkTensor(op, target, 'target');
}

/**
 * `max(0, -target (input1 - input2) + margin)`; target says which of the two should be the larger, by 1 or -1.
 * @throws RangeError for unlike dimensions
 */
export const marginRankingLoss = named(
  'marginRankingLoss',
  ['input1', 'input2', 'target', 'margin', 'sizeAverage', 'reduce', 'reduction'],
  (
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: number = 0,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkTwo('marginRankingLoss', input1, input2, target);
    const kind = reductionOf('marginRankingLoss', reduction, sizeAverage, reduce);
    if (input1.shape.length !== input2.shape.length || input1.shape.length !== target.shape.length) {
      throw rangeError(
        `marginRankingLoss: All input tensors should have same dimension but got sizes: input1: ${bracketed(input1.shape)}, input2: ${bracketed(input2.shape)}, target: ${bracketed(target.shape)}.`,
      );
    }
    return reduced(target.neg().mul(input1.sub(input2)).add(float(margin)).clampMin(0), kind);
  },
);

/** `x` where target is 1, `max(0, margin - x)` where it is -1. */
export const hingeEmbeddingLoss = named(
  'hingeEmbeddingLoss',
  ['input', 'target', 'margin', 'sizeAverage', 'reduce', 'reduction'],
  (
    input: Tensor,
    target: Tensor,
    margin: number = 1,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkPair('hingeEmbeddingLoss', input, target);
    const kind = reductionOf('hingeEmbeddingLoss', reduction, sizeAverage, reduce);
    const far = where(target.ne(1), input.neg().add(float(margin)).clampMin(0), 0);
    const near = where(target.ne(-1), input, 0);
    return reduced(far.add(near), kind);
  },
);

const EPSILON = 1e-12;

/**
 * `1 - cos(input1, input2)` where target is 1, `max(0, cos(input1, input2) - margin)` where it is -1.
 *
 * @param input1 [batch, features], or [features] with a target without dimensions
 * @param target [batch], or []
 * @throws RangeError for other shapes
 */
export const cosineEmbeddingLoss = named(
  'cosineEmbeddingLoss',
  ['input1', 'input2', 'target', 'margin', 'sizeAverage', 'reduce', 'reduction'],
  (
    input1: Tensor,
    input2: Tensor,
    target: Tensor,
    margin: number = 0,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkTwo('cosineEmbeddingLoss', input1, input2, target);
    const kind = reductionOf('cosineEmbeddingLoss', reduction, sizeAverage, reduce);
    const dim = target.shape.length;
    if (dim > 1)
      throw rangeError(
        `cosineEmbeddingLoss: 0D or 1D target tensor expected, multi-target not supported, but target has shape ${bracketed(target.shape)}.`,
      );
    if (input1.shape.length !== dim + 1 || input2.shape.length !== dim + 1) {
      throw rangeError(
        `cosineEmbeddingLoss: ${dim}D target tensor expects ${dim + 1}D input tensors, but found inputs with sizes ${bracketed(input1.shape)} and ${bracketed(input2.shape)}.`,
      );
    }
    const square1 = input1.mul(input1).sum(dim).add(EPSILON);
    const square2 = input2.mul(input2).sum(dim).add(EPSILON);
    const cosine = input1.mul(input2).sum(dim).div(square1.mul(square2).sqrt());
    const near = where(target.eq(1), cosine.neg().add(1), 0);
    const far = where(target.eq(-1), cosine.sub(margin).clampMin(0), 0);
    return reduced(near.add(far), kind);
  },
);

function checkTriplet(op: string, anchor: Tensor, positive: Tensor, negative: Tensor): void {
  checkTensor(op, anchor, 'anchor');
  checkTensor(op, positive, 'positive');
  checkTensor(op, negative, 'negative');
  if (anchor.shape.length !== positive.shape.length || anchor.shape.length !== negative.shape.length) {
    throw rangeError(
      `${op}: The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ${anchor.shape.length}D, positive ${positive.shape.length}D, and negative ${negative.shape.length}D inputs.`,
    );
  }
}

function triplet(near: Tensor, far: Tensor, margin: number, kind: Reduction): Tensor {
  return reduced(near.add(margin).sub(far).clampMin(0), kind);
}

/**
 * `max(0, d(anchor, positive) - d(anchor, negative) + margin)`, d being {@link pairwiseDistance}.
 * @param swap takes the distance of positive and negative where it is the smaller one
 * @throws RangeError for unlike dimensions
 */
export const tripletMarginLoss = named(
  'tripletMarginLoss',
  ['anchor', 'positive', 'negative', 'margin', 'p', 'eps', 'swap', 'sizeAverage', 'reduce', 'reduction'],
  (
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: number = 1,
    p: number = 2,
    eps: number = 1e-6,
    swap: boolean = false,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkTriplet('tripletMarginLoss', anchor, positive, negative);
    const kind = reductionOf('tripletMarginLoss', reduction, sizeAverage, reduce);
    const near = pairwiseDistance(anchor, positive, p, eps);
    const far = pairwiseDistance(anchor, negative, p, eps);
    return triplet(near, swap ? far.minimum(pairwiseDistance(positive, negative, p, eps)) : far, margin, kind);
  },
);

/** Options of {@link tripletMarginWithDistanceLoss}. */
export interface TripletOptions {
  /** The distance of two tensors; {@link pairwiseDistance} if not given. */
  distanceFunction?: ((x: Tensor, y: Tensor) => Tensor) | null;
  margin?: number;
  /** Takes the distance of positive and negative where it is the smaller one. */
  swap?: boolean;
  reduction?: Reduction;
}

/**
 * {@link tripletMarginLoss} with a distance of one's own.
 * @throws RangeError for unlike dimensions
 */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  { distanceFunction = null, margin = 1, swap = false, reduction = 'mean' }: TripletOptions = {},
): Tensor {
  checkTriplet('tripletMarginWithDistanceLoss', anchor, positive, negative);
  const kind = reductionOf('tripletMarginWithDistanceLoss', reduction, null, null);
  const distance = distanceFunction ?? ((x: Tensor, y: Tensor) => pairwiseDistance(x, y));
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  return triplet(near, swap ? far.minimum(distance(positive, negative)) : far, margin, kind);
}
