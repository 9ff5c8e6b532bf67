import { int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { float } from '../promotion.js';
import { type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { relu } from './activation.js';
import { checkTensor } from './apply.js';
import { pairwiseDistance } from './distance.js';
import { where } from './masks.js';
import { named } from './options.js';
import { type Reduction, reduced, reductionOf } from './reductions.js';
import { logsigmoid } from './smooth.js';
import { under } from './under.js';

type Legacy = boolean | null | undefined;

const list = (shape: Shape): string => `[${shape.join(', ')}]`;

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
    checkTensor('marginRankingLoss', input1, 'input1');
    checkTensor('marginRankingLoss', input2, 'input2');
    checkTensor('marginRankingLoss', target, 'target');
    const kind = reductionOf('marginRankingLoss', reduction, sizeAverage, reduce);
    if (input1.shape.length !== input2.shape.length || input1.shape.length !== target.shape.length) {
      throw rangeError(
        `marginRankingLoss: All input tensors should have same dimension but got sizes: input1: ${list(input1.shape)}, input2: ${list(input2.shape)}, target: ${list(target.shape)}.`,
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
    checkTensor('hingeEmbeddingLoss', input);
    checkTensor('hingeEmbeddingLoss', target, 'target');
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
    checkTensor('cosineEmbeddingLoss', input1, 'input1');
    checkTensor('cosineEmbeddingLoss', input2, 'input2');
    checkTensor('cosineEmbeddingLoss', target, 'target');
    const kind = reductionOf('cosineEmbeddingLoss', reduction, sizeAverage, reduce);
    const dim = target.shape.length;
    if (dim > 1)
      throw rangeError(
        `cosineEmbeddingLoss: 0D or 1D target tensor expected, multi-target not supported, but target has shape ${list(target.shape)}.`,
      );
    if (input1.shape.length !== dim + 1 || input2.shape.length !== dim + 1) {
      throw rangeError(
        `cosineEmbeddingLoss: ${dim}D target tensor expects ${dim + 1}D input tensors, but found inputs with sizes ${list(input1.shape)} and ${list(input2.shape)}.`,
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

/** Checks [classes] or [batch, classes] and makes it a batch. */
function rowsOf(op: string, input: Tensor, target: Tensor): Tensor {
  checkTensor(op, input);
  checkTensor(op, target, 'target');
  if (input.shape.length > 2 || (input.shape[input.shape.length - 1] ?? 1) === 0) {
    throw rangeError(
      `${op}: Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${list(input.shape)}.`,
    );
  }
  if (target.dtypeInfo !== int64)
    throw typeError(`${op}: expected target of dtype int64 but found ${target.dtype}; convert with to('int64').`);
  return input.reshape([input.shape.length < 2 ? 1 : input.shape[0]!, input.shape[input.shape.length - 1] ?? 1]);
}

/**
 * `Σ_{j ≠ y} max(0, margin - x[y] + x[j])^p / classes` for class y.
 *
 * @param input [batch, classes] or [classes]
 * @param target [batch] or []
 * @param p 1 or 2
 * @param weight a factor for each class
 * @throws RangeError for shapes that do not fit, classes that are not there, and another p
 */
export const multiMarginLoss = named(
  'multiMarginLoss',
  ['input', 'target', 'p', 'margin', 'weight', 'sizeAverage', 'reduce', 'reduction'],
  (
    input: Tensor,
    target: Tensor,
    p: number = 1,
    margin: number = 1,
    weight: Tensor | null = null,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
  ): Tensor => {
    const kind = reductionOf('multiMarginLoss', reduction, sizeAverage, reduce);
    const x = rowsOf('multiMarginLoss', input, target);
    const [batch, classes] = x.shape as [number, number];
    if (p !== 1 && p !== 2) throw rangeError(`multiMarginLoss: only p == 1 and p == 2 supported, but p is ${p}.`);
    const y = target.reshape([-1, 1]);
    if (y.shape[0] !== batch)
      throw rangeError(`multiMarginLoss: inconsistent target size, expected [${batch}], got: ${list(target.shape)}.`);
    if (weight !== null && !sameShape(weight.shape, [classes])) {
      throw rangeError(`multiMarginLoss: inconsistent weight size, expected ${classes} but got ${list(weight.shape)}.`);
    }
    let terms = relu(x.sub(x.gather(1, y)).add(margin));
    if (p === 2) terms = terms.mul(terms);
    if (weight !== null) terms = terms.mul(weight.at(y));
    const losses = terms.scatter(1, y, 0).sum(1).div(classes);
    const shaped = input.shape.length < 2 ? losses.reshape([]) : losses;
    return under('MultiMarginLossBackward0', reduced(shaped, kind));
  },
);

/**
 * `Σ_{y, j} max(0, 1 - (x[y] - x[j])) / classes` over the classes y that target names and those j that it does not.
 *
 * @param input [batch, classes] or [classes]
 * @param target of input's shape: in each row class indices, ended by a -1
 * @throws RangeError for unlike shapes and classes that are not there
 */
export const multilabelMarginLoss = named(
  'multilabelMarginLoss',
  ['input', 'target', 'sizeAverage', 'reduce', 'reduction'],
  (input: Tensor, target: Tensor, sizeAverage?: Legacy, reduce?: Legacy, reduction: Reduction = 'mean'): Tensor => {
    const kind = reductionOf('multilabelMarginLoss', reduction, sizeAverage, reduce);
    const x = rowsOf('multilabelMarginLoss', input, target);
    const classes = x.shape[1]!;
    if (!sameShape(input.shape, target.shape)) {
      throw rangeError(
        `multilabelMarginLoss: inconsistent target size: ${list(target.shape)} for input of size: ${list(input.shape)}.`,
      );
    }
    const y = target.reshape(x.shape);
    if (y.lt(-1).any().item() || y.ge(classes).any().item()) {
      throw rangeError(
        `multilabelMarginLoss: target is out of range: classes are from 0 to ${classes - 1}, and -1 ends a row.`,
      );
    }
    const listed = y.lt(0).cumsum(1).eq(0).to(x.dtype);
    const index = y.clampMin(0);
    const unlisted = x.detach().newZeros(x.shape).scatterAdd(1, index, listed).eq(0).to(x.dtype);
    const terms = relu(x.unsqueeze(1).sub(x.gather(1, index).unsqueeze(2)).add(1));
    const losses = terms.mul(listed.unsqueeze(2)).mul(unlisted.unsqueeze(1)).sum([1, 2]).div(classes);
    const shaped = input.shape.length < 2 ? losses.reshape([]) : losses;
    return under('MultilabelMarginLossBackward0', reduced(shaped, kind));
  },
);

/**
 * `-Σ (y log sigmoid(x) + (1 - y) log sigmoid(-x)) / classes`, over the last dimension.
 *
 * @param weight a factor for each class
 * @throws RangeError for shapes that do not broadcast
 */
export const multilabelSoftMarginLoss = named(
  'multilabelSoftMarginLoss',
  ['input', 'target', 'weight', 'sizeAverage', 'reduce', 'reduction'],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkTensor('multilabelSoftMarginLoss', input);
    checkTensor('multilabelSoftMarginLoss', target, 'target');
    const kind = reductionOf('multilabelSoftMarginLoss', reduction, sizeAverage, reduce);
    let terms = target
      .mul(logsigmoid(input))
      .add(target.neg().add(1).mul(logsigmoid(input.neg())))
      .neg();
    if (weight !== null) terms = terms.mul(weight);
    const dim = input.shape.length - 1;
    return reduced(terms.sum(dim).div(input.shape[dim] ?? 1), kind);
  },
);
