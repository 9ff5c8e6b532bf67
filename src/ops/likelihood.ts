import { record } from '../autograd/record.js';
import { rangeError } from '../errors.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';
import { checkPair } from './pointwiseLoss.js';
import { type Legacy, type Reduction, reduced, reductionOf } from './reductions.js';

/**
 * The Kullback–Leibler divergence `target (log target - input)`, element by element; input holds log-probabilities.
 *
 * @param reduction 'batchmean' divides the sum by the size of the batch, which is the divergence's true mean
 * @param logTarget whether target holds log-probabilities too
 * @throws RangeError for shapes that do not broadcast
 */
export const klDiv = named(
  'klDiv',
  ['input', 'target', 'sizeAverage', 'reduce', 'reduction', 'logTarget'],
  (
    input: Tensor,
    target: Tensor,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction | 'batchmean' = 'mean',
    logTarget: boolean = false,
  ): Tensor => {
    checkPair('klDiv', input, target);
    const isBatchMean = reduction === 'batchmean';
    const kind = reductionOf('klDiv', isBatchMean ? 'sum' : reduction, sizeAverage, reduce);
    const losses = logTarget ? target.exp().mul(target.sub(input)) : target.xlogy(target).sub(target.mul(input));
    const loss = reduced(losses, kind);
    return isBatchMean && input.shape[0] !== 0 ? loss.div(input.shape[0] ?? 1) : loss;
  },
);

/**
 * The negative log-likelihood of counts: `e^input - target · input`, or `input - target log(input + eps)`.
 *
 * @param logInput whether input is the logarithm of the rate
 * @param full whether to add Stirling's approximation of log target!
 * @throws RangeError for shapes that do not broadcast
 */
export const poissonNllLoss = named(
  'poissonNllLoss',
  ['input', 'target', 'logInput', 'full', 'sizeAverage', 'eps', 'reduce', 'reduction'],
  (
    input: Tensor,
    target: Tensor,
    logInput: boolean = true,
    full: boolean = false,
    sizeAverage?: Legacy,
    eps: number = 1e-8,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkPair('poissonNllLoss', input, target);
    const kind = reductionOf('poissonNllLoss', reduction, sizeAverage, reduce);
    let losses = logInput ? input.exp().sub(target.mul(input)) : input.sub(target.mul(input.add(eps).log()));
    if (full) {
      const stirling = target
        .mul(target.log())
        .sub(target)
        .add(
          target
            .mul(2 * Math.PI)
            .log()
            .mul(0.5),
        );
      losses = losses.add(stirling.maskedFill(target.le(1), 0));
    }
    return reduced(losses, kind);
  },
);

/** The larger of x and eps, whose gradient ignores eps. */
export function flooredAt(x: Tensor, eps: number): Tensor {
  return record('CloneBackward0', x.detach().clampMin(eps), [x], [], [(grad) => grad]);
}

/**
 * The negative log-likelihood of a normal distribution: `½ (log var + (input - target)² / var)`.
 *
 * @param var_ the variance: of input's shape, or with its last dimension 1 or left out; at least eps is taken
 * @param full whether to add the constant ½ log 2π
 * @throws RangeError for a variance of another shape or below 0
 */
export const gaussianNllLoss = named(
  'gaussianNllLoss',
  ['input', 'target', 'var', 'full', 'eps', 'reduction'],
  (
    input: Tensor,
    target: Tensor,
    var_: Tensor,
    full: boolean = false,
    eps: number = 1e-6,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkPair('gaussianNllLoss', input, target);
    checkTensor('gaussianNllLoss', var_, 'var');
    const kind = reductionOf('gaussianNllLoss', reduction, null, null);
    const lead = input.shape.slice(0, -1);
    let variance = var_;
    if (!sameShape(var_.shape, input.shape)) {
      if (sameShape(var_.shape, lead)) variance = var_.unsqueeze(-1);
      else if (!(sameShape(var_.shape.slice(0, -1), lead) && var_.shape[var_.shape.length - 1] === 1)) {
        throw rangeError(
          `gaussianNllLoss: var is of incorrect size [${var_.shape.join(', ')}]; it should be like input [${input.shape.join(', ')}], or with the last dimension 1.`,
        );
      }
    }
    if (var_.detach().lt(0).any().item())
      throw rangeError('gaussianNllLoss: var has negative entry/entries; give variances of at least 0.');
    const floored = flooredAt(variance, eps);
    const difference = input.sub(target);
    let losses = floored.log().add(difference.mul(difference).div(floored)).mul(0.5);
    if (full) losses = losses.add(0.5 * Math.log(2 * Math.PI));
    return reduced(losses, kind);
  },
);
