/** Losses of many classes that a margin should keep apart. */
import { int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { bracketed, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { relu } from './activation.js';
import { named } from './options.js';
import { checkPair } from './pointwiseLoss.js';
import { type Legacy, type Reduction, reduced, reductionOf } from './reductions.js';
import { logsigmoid } from './smooth.js';
import { under } from './under.js';

/** Checks [classes] or [batch, classes] and makes it a batch. */
function rowsOf(op: string, input: Tensor, target: Tensor): Tensor {
  checkPair(op, input, target);
  if (input.shape.length > 2 || (input.shape[input.shape.length - 1] ?? 1) === 0) {
    throw rangeError(
      `${op}: Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${bracketed(input.shape)}.`,
    );
  }
  if (target.dtypeInfo !== int64)
    throw typeError(`${op}: expected target of dtype int64 but found ${target.dtype}; convert with to('int64').`);
  return input.reshape([input.shape.length < 2 ? 1 : input.shape[0]!, input.shape[input.shape.length - 1] ?? 1]);
}

/** The losses of a batch; the only one, where the input was none. */
function unbatched(losses: Tensor, input: Tensor): Tensor {
  return input.shape.length < 2 ? losses.reshape([]) : losses;
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
      throw rangeError(
        `multiMarginLoss: inconsistent target size, expected [${batch}], got: ${bracketed(target.shape)}.`,
      );
    if (weight !== null && !sameShape(weight.shape, [classes])) {
      throw rangeError(
        `multiMarginLoss: inconsistent weight size, expected ${classes} but got ${bracketed(weight.shape)}.`,
      );
    }
    let terms = relu(x.sub(x.gather(1, y)).add(margin));
    if (p === 2) terms = terms.mul(terms);
    if (weight !== null) terms = terms.mul(weight.at(y));
    const losses = terms.scatter(1, y, 0).sum(1).div(classes);
    return under('MultiMarginLossBackward0', reduced(unbatched(losses, input), kind));
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
        `multilabelMarginLoss: inconsistent target size: ${bracketed(target.shape)} for input of size: ${bracketed(input.shape)}.`,
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
    return under('MultilabelMarginLossBackward0', reduced(unbatched(losses, input), kind));
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
    checkPair('multilabelSoftMarginLoss', input, target);
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
