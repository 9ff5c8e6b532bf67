import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { type AdamGroup, type AdamState, adamStep } from './adam.js';
import { checkBetas, checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type Params } from './optimizer.js';

const NAMES = ['params', 'lr', 'betas', 'eps', 'weightDecay', 'amsgrad', 'maximize', 'foreach', 'capturable'] as const;
type AdamWArguments = [
  params: Params,
  lr?: NumberOption,
  betas?: readonly [number, number],
  eps?: NumberOption,
  weightDecay?: NumberOption,
  amsgrad?: boolean,
  maximize?: boolean,
  foreach?: boolean | null,
  capturable?: boolean,
];

/**
 * Adam with weight decay that does not go through the averages: `p = (1 - lr · weightDecay) · p` before the step.
 * https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 */
export class AdamW extends Optimizer<AdamGroup> {
  constructor(...args: Construct<AdamWArguments, typeof NAMES>) {
    const [
      params,
      lr = 1e-3,
      betas = [0.9, 0.999],
      eps = 1e-8,
      weightDecay = 1e-2,
      amsgrad = false,
      maximize = false,
      foreach = null,
      capturable = false,
    ] = take<AdamWArguments>('AdamW', NAMES, args);
    checkNumber('AdamW', 'learning rate', lr);
    checkNumber('AdamW', 'epsilon value', eps);
    checkBetas('AdamW', betas);
    checkNumber('AdamW', 'weight_decay value', weightDecay);
    super(params, { lr, betas, eps, weightDecay, amsgrad, foreach, maximize, capturable });
  }

  protected override update(param: Tensor, grad: Tensor, state: AdamState, group: AdamGroup): void {
    adamStep(param, grad, state, group, this.stateTensor, true);
  }
}
