/** Losses of how far elements are from their targets. */
import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { where } from './masks.js';
import { named } from './options.js';
import { checkPair, lossOp, type Pointwise, pointwise, scaleBy } from './pointwiseLoss.js';
import { type Legacy, type Reduction, reduced, reductionOf } from './reductions.js';

const mse: Pointwise = {
  op: 'mseLoss',
  gradFn: 'MseLossBackward0',
  forward: kernels.mseLoss,
  backward: (out, grad, x, y, factor) => kernels.mseLossBackward(out, grad, x, y, 2 * factor),
  gradX: (grad, x, y) => grad.mul(x.sub(y)).mul(2),
};

/**
 * The squared difference `(input - target)²`.
 * @throws RangeError for shapes that do not broadcast, TypeError for integers
 * @example mseLoss(prediction, target, { reduction: 'sum' })
 */
export const mseLoss = lossOp(mse);

/**
 * The absolute difference `|input - target|`.
 * @throws RangeError for shapes that do not broadcast, TypeError for integers
 */
export const l1Loss = named(
  'l1Loss',
  ['input', 'target', 'sizeAverage', 'reduce', 'reduction'],
  (input: Tensor, target: Tensor, sizeAverage?: Legacy, reduce?: Legacy, reduction: Reduction = 'mean'): Tensor => {
    checkPair('l1Loss', input, target);
    return reduced(input.sub(target).abs(), reductionOf('l1Loss', reduction, sizeAverage, reduce));
  },
);

/** `log(1 + e^(-xy))`. */
const softMargin: Pointwise = {
  op: 'softMarginLoss',
  gradFn: 'SoftMarginLossBackward0',
  forward: (out, x, y) => {
    kernels.mul(out, x, y);
    kernels.neg(out, out);
    kernels.softplus(out, out, 1, 20);
  },
  backward: (out, grad, x, y, factor) => {
    kernels.mul(out, x, y);
    kernels.neg(out, out);
    kernels.sigmoid(out, out);
    kernels.mul(out, out, y);
    kernels.mul(out, out, grad);
    scaleBy(out, -factor);
  },
  gradX: (grad, x, y) => grad.mul(y).mul(x.mul(y).neg().sigmoid()).neg(),
  gradY: null,
};

/**
 * `log(1 + e^(-input · target))`, for targets of 1 and -1.
 * @throws RangeError for shapes that do not broadcast, TypeError for integers
 */
export const softMarginLoss = lossOp(softMargin);

/**
 * The squared difference over 2 beta where the difference is less than beta, else the absolute difference less beta / 2.
 * @throws RangeError for a negative beta and shapes that do not broadcast, TypeError for integers
 */
export const smoothL1Loss = named(
  'smoothL1Loss',
  ['input', 'target', 'sizeAverage', 'reduce', 'reduction', 'beta'],
  (
    input: Tensor,
    target: Tensor,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
    beta: number = 1,
  ): Tensor => {
    checkPair('smoothL1Loss', input, target);
    if (!(beta >= 0))
      throw rangeError(`smoothL1Loss: smooth_l1_loss does not support negative values for beta, but it is ${beta}.`);
    const kind = reductionOf('smoothL1Loss', reduction, sizeAverage, reduce);
    const p: Pointwise = {
      op: 'smoothL1Loss',
      gradFn: 'SmoothL1LossBackward0',
      forward: (out, x, y) => kernels.smoothL1Loss(out, x, y, beta),
      backward: (out, grad, x, y, factor) => {
        if (beta > 0) return kernels.smoothL1LossBackward(out, grad, x, y, beta, factor);
        // With nothing to smooth it is the absolute difference, whose gradient at 0 is 0.
        kernels.sub(out, x, y);
        kernels.sign(out, out);
        kernels.mul(out, out, grad);
        scaleBy(out, factor);
      },
      gradX: (grad, x, y) => {
        const d = x.sub(y);
        return grad.mul(beta > 0 ? where(d.abs().lt(beta), d.div(beta), d.sign()) : d.sign());
      },
    };
    return pointwise(p, input, target, kind);
  },
);

/**
 * Half the squared difference where it is within delta, else delta times the absolute difference less delta / 2.
 * @throws RangeError for a delta that is not positive and shapes that do not broadcast, TypeError for integers
 */
export const huberLoss = named(
  'huberLoss',
  ['input', 'target', 'reduction', 'delta'],
  (input: Tensor, target: Tensor, reduction: Reduction = 'mean', delta: number = 1): Tensor => {
    checkPair('huberLoss', input, target);
    if (!(delta > 0))
      throw rangeError(`huberLoss: huber_loss does not support non-positive values for delta, but it is ${delta}.`);
    const p: Pointwise = {
      op: 'huberLoss',
      gradFn: 'HuberLossBackward0',
      forward: (out, x, y) => kernels.huberLoss(out, x, y, delta),
      backward: (out, grad, x, y, factor) => kernels.huberLossBackward(out, grad, x, y, delta, factor),
      gradX: (grad, x, y) => {
        const d = x.sub(y);
        return grad.mul(where(d.abs().le(delta), d, d.sign().mul(delta)));
      },
    };
    return pointwise(p, input, target, reductionOf('huberLoss', reduction, null, null));
  },
);
