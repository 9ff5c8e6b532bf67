import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { checkBetas, checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

interface RAdamGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
}

interface RAdamState {
  step?: number;
  expAvg?: Tensor;
  expAvgSq?: Tensor;
}

const NAMES = ['params', 'lr', 'betas', 'eps', 'weightDecay', 'foreach'] as const;
type RAdamArguments = [
  params: Params,
  lr?: NumberOption,
  betas?: readonly [number, number],
  eps?: NumberOption,
  weightDecay?: NumberOption,
  foreach?: boolean | null,
];

/**
 * Adam that divides by the average of squares only once their variance can be estimated.
 * https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html
 */
export class RAdam extends Optimizer<RAdamGroup> {
  constructor(...args: Construct<RAdamArguments, typeof NAMES>) {
    const [params, lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, foreach = null] = take<RAdamArguments>(
      'RAdam',
      NAMES,
      args,
    );
    checkNumber('RAdam', 'learning rate', lr);
    checkNumber('RAdam', 'epsilon value', eps);
    checkBetas('RAdam', betas);
    checkNumber('RAdam', 'weight_decay value', weightDecay);
    super(params, { lr, betas, eps, weightDecay, foreach });
  }

  protected override update(param: Tensor, grad: Tensor, state: RAdamState, group: RAdamGroup): void {
    if (state.expAvg === undefined) {
      state.step = 0;
      state.expAvg = this.stateTensor(param);
      state.expAvgSq = this.stateTensor(param);
    }
    const step = (state.step ?? 0) + 1;
    state.step = step;
    const [beta1, beta2] = group.betas;
    const correction = 1 - beta2 ** step;
    const longest = 2 / (1 - beta2) - 1;
    const length = longest - (2 * step * beta2 ** step) / correction;
    let stepSize = group.lr / (1 - beta1 ** step);
    const rectified = length > 5;
    if (rectified) {
      const rectification = Math.sqrt(
        ((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length),
      );
      stepSize *= rectification * Math.sqrt(correction);
    }
    addStep(
      'radamStep',
      param,
      grad,
      state.expAvg,
      state.expAvgSq!,
      rectified ? 1 : 0,
      stepSize,
      beta1,
      beta2,
      group.eps,
      group.weightDecay,
      1,
    );
  }
}
