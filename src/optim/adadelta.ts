import { rangeError } from '../errors.js';
import { type Construct, take } from '../nn/construct.js';
import { float } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

interface AdadeltaGroup extends ParamGroup {
  rho: number;
  eps: number;
  weightDecay: number;
  maximize: boolean;
}

interface AdadeltaState {
  step?: number;
  squareAvg?: Tensor;
  accDelta?: Tensor;
}

const NAMES = ['params', 'lr', 'rho', 'eps', 'weightDecay', 'foreach', 'maximize'] as const;
type AdadeltaArguments = [
  params: Params,
  lr?: NumberOption,
  rho?: NumberOption,
  eps?: NumberOption,
  weightDecay?: NumberOption,
  foreach?: boolean | null,
  maximize?: boolean,
];

/**
 * Adadelta: `p -= lr · √(u + eps) / √(v + eps) · g` with moving averages v of squared gradients and u of squared changes.
 * https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html
 */
export class Adadelta extends Optimizer<AdadeltaGroup> {
  protected override readonly tensorState = new Set<string>();

  constructor(...args: Construct<AdadeltaArguments, typeof NAMES>) {
    const [params, lr = float(1), rho = 0.9, eps = 1e-6, weightDecay = 0, foreach = null, maximize = false] =
      take<AdadeltaArguments>('Adadelta', NAMES, args);
    checkNumber('Adadelta', 'learning rate', lr);
    checkNumber('Adadelta', 'rho value', rho);
    if (Number(rho) > 1) throw rangeError(`Adadelta: Invalid rho value: ${Number(rho)}; give a number from 0 to 1.`);
    checkNumber('Adadelta', 'epsilon value', eps);
    checkNumber('Adadelta', 'weight_decay value', weightDecay);
    super(params, { lr, rho, eps, weightDecay, maximize, foreach });
  }

  protected override update(param: Tensor, grad: Tensor, state: AdadeltaState, group: AdadeltaGroup): void {
    if (state.squareAvg === undefined) {
      state.step = 0;
      state.squareAvg = this.stateTensor(param);
      state.accDelta = this.stateTensor(param);
    }
    state.step = (state.step ?? 0) + 1;
    addStep(
      'adadeltaStep',
      param,
      grad,
      state.squareAvg,
      state.accDelta!,
      group.lr,
      group.rho,
      group.eps,
      group.weightDecay,
      group.maximize ? -1 : 1,
    );
  }
}
