import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { checkBetas, checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

interface NAdamGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  momentumDecay: number;
}

interface NAdamState {
  step?: number;
  muProduct?: number;
  expAvg?: Tensor;
  expAvgSq?: Tensor;
}

const NAMES = ['params', 'lr', 'betas', 'eps', 'weightDecay', 'momentumDecay', 'foreach'] as const;
type NAdamArguments = [
  params: Params,
  lr?: NumberOption,
  betas?: readonly [number, number],
  eps?: NumberOption,
  weightDecay?: NumberOption,
  momentumDecay?: NumberOption,
  foreach?: boolean | null,
];

/**
 * Adam with Nesterov's momentum.
 * https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html
 */
export class NAdam extends Optimizer<NAdamGroup> {
  protected override readonly tensorState = new Set(['step', 'muProduct']);

  constructor(...args: Construct<NAdamArguments, typeof NAMES>) {
    const [params, lr = 2e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, momentumDecay = 4e-3, foreach = null] =
      take<NAdamArguments>('NAdam', NAMES, args);
    checkNumber('NAdam', 'learning rate', lr);
    checkNumber('NAdam', 'epsilon value', eps);
    checkBetas('NAdam', betas);
    checkNumber('NAdam', 'weight_decay value', weightDecay);
    checkNumber('NAdam', 'momentum_decay value', momentumDecay);
    super(params, { lr, betas, eps, weightDecay, momentumDecay, foreach });
  }

  protected override update(param: Tensor, grad: Tensor, state: NAdamState, group: NAdamGroup): void {
    if (state.expAvg === undefined) {
      state.step = 0;
      state.muProduct = 1;
      state.expAvg = this.stateTensor(param);
      state.expAvgSq = this.stateTensor(param);
    }
    const step = (state.step ?? 0) + 1;
    state.step = step;
    const { lr, eps, weightDecay, momentumDecay } = group;
    const [beta1, beta2] = group.betas;
    const mu = beta1 * (1 - 0.5 * 0.96 ** (step * momentumDecay));
    const next = beta1 * (1 - 0.5 * 0.96 ** ((step + 1) * momentumDecay));
    const product = (state.muProduct ?? 1) * mu;
    state.muProduct = product;
    const gradStep = (lr * (1 - mu)) / (1 - product);
    // PyTorch 1.13 takes mu into the product once more.
    const averageStep = (lr * next) / (1 - product * mu * next);
    addStep(
      'nadamStep',
      param,
      grad,
      state.expAvg,
      state.expAvgSq!,
      gradStep,
      averageStep,
      beta1,
      beta2,
      eps,
      1 - beta2 ** step,
      weightDecay,
      1,
    );
  }
}
