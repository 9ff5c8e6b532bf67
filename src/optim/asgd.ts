import { type Construct, take } from '../nn/construct.js';
import { float } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

interface ASGDGroup extends ParamGroup {
  lambd: number;
  alpha: number;
  t0: number;
  weightDecay: number;
  maximize: boolean;
}

interface ASGDState {
  step?: number;
  eta?: number;
  mu?: number;
  ax?: Tensor;
}

const NAMES = ['params', 'lr', 'lambd', 'alpha', 't0', 'weightDecay', 'foreach', 'maximize'] as const;
type ASGDArguments = [
  params: Params,
  lr?: NumberOption,
  lambd?: NumberOption,
  alpha?: NumberOption,
  t0?: NumberOption,
  weightDecay?: NumberOption,
  foreach?: boolean | null,
  maximize?: boolean,
];

/**
 * Averaged stochastic gradient descent: `p = (1 - lambd · η) · p - η · g`, and a running mean of p from step t0 on.
 * https://pytorch.org/docs/stable/generated/torch.optim.ASGD.html
 */
export class ASGD extends Optimizer<ASGDGroup> {
  protected override readonly tensorState = new Set(['step', 'eta', 'mu']);

  constructor(...args: Construct<ASGDArguments, typeof NAMES>) {
    const [
      params,
      lr = 1e-2,
      lambd = 1e-4,
      alpha = 0.75,
      t0 = float(1e6),
      weightDecay = 0,
      foreach = null,
      maximize = false,
    ] = take<ASGDArguments>('ASGD', NAMES, args);
    checkNumber('ASGD', 'learning rate', lr);
    checkNumber('ASGD', 'weight_decay value', weightDecay);
    super(params, { lr, lambd, alpha, t0, weightDecay, foreach, maximize });
  }

  protected override update(param: Tensor, grad: Tensor, state: ASGDState, group: ASGDGroup): void {
    const { lr, lambd, alpha, t0, weightDecay } = group;
    if (state.ax === undefined) {
      state.step = 0;
      state.eta = lr;
      state.mu = 1;
      state.ax = this.stateTensor(param);
    }
    const step = (state.step ?? 0) + 1;
    const eta = state.eta ?? lr;
    addStep(
      'asgdStep',
      param,
      grad,
      state.ax,
      1 - lambd * eta,
      eta,
      state.mu ?? 1,
      weightDecay,
      group.maximize ? -1 : 1,
    );
    state.step = step;
    state.eta = lr / (1 + lambd * lr * step) ** alpha;
    state.mu = 1 / Math.max(1, step - t0);
  }
}
