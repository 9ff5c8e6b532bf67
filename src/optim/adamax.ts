import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { checkBetas, checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

interface AdamaxGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  maximize: boolean;
}

interface AdamaxState {
  step?: number;
  expAvg?: Tensor;
  expInf?: Tensor;
}

const NAMES = ['params', 'lr', 'betas', 'eps', 'weightDecay', 'foreach', 'maximize'] as const;
type AdamaxArguments = [
  params: Params,
  lr?: NumberOption,
  betas?: readonly [number, number],
  eps?: NumberOption,
  weightDecay?: NumberOption,
  foreach?: boolean | null,
  maximize?: boolean,
];

/**
 * Adam by the infinity norm: `u = max(β₂ · u, |g| + eps); p -= lr / (1 - β₁ᵗ) · m / u`.
 * https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html
 */
export class Adamax extends Optimizer<AdamaxGroup> {
  constructor(...args: Construct<AdamaxArguments, typeof NAMES>) {
    const [params, lr = 2e-3, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0, foreach = null, maximize = false] =
      take<AdamaxArguments>('Adamax', NAMES, args);
    checkNumber('Adamax', 'learning rate', lr);
    checkNumber('Adamax', 'epsilon value', eps);
    checkBetas('Adamax', betas);
    checkNumber('Adamax', 'weight_decay value', weightDecay);
    super(params, { lr, betas, eps, weightDecay, foreach, maximize });
  }

  protected override update(param: Tensor, grad: Tensor, state: AdamaxState, group: AdamaxGroup): void {
    if (state.expAvg === undefined) {
      state.step = 0;
      state.expAvg = this.stateTensor(param);
      state.expInf = this.stateTensor(param);
    }
    const step = (state.step ?? 0) + 1;
    state.step = step;
    const [beta1, beta2] = group.betas;
    const stepSize = group.lr / (1 - beta1 ** step);
    addStep(
      'adamaxStep',
      param,
      grad,
      state.expAvg,
      state.expInf!,
      stepSize,
      beta1,
      beta2,
      group.eps,
      group.weightDecay,
      group.maximize ? -1 : 1,
    );
  }
}
