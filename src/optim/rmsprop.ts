import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { checkMachinery, checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

interface RMSpropGroup extends ParamGroup {
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  centered: boolean;
  maximize: boolean;
}

interface RMSpropState {
  step?: number;
  squareAvg?: Tensor;
  momentumBuffer?: Tensor;
  gradAvg?: Tensor;
}

const NAMES = [
  'params',
  'lr',
  'alpha',
  'eps',
  'weightDecay',
  'momentum',
  'centered',
  'foreach',
  'maximize',
  'differentiable',
] as const;
type RMSpropArguments = [
  params: Params,
  lr?: NumberOption,
  alpha?: NumberOption,
  eps?: NumberOption,
  weightDecay?: NumberOption,
  momentum?: NumberOption,
  centered?: boolean,
  foreach?: boolean | null,
  maximize?: boolean,
  differentiable?: boolean,
];

/**
 * RMSprop: `p -= lr · g / (√v + eps)` with a moving average v of the squared gradient, less the mean's square if centered.
 * https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
 */
export class RMSprop extends Optimizer<RMSpropGroup> {
  protected override readonly tensorState = new Set<string>();

  constructor(...args: Construct<RMSpropArguments, typeof NAMES>) {
    const [
      params,
      lr = 1e-2,
      alpha = 0.99,
      eps = 1e-8,
      weightDecay = 0,
      momentum = 0,
      centered = false,
      foreach = null,
      maximize = false,
      differentiable = false,
    ] = take<RMSpropArguments>('RMSprop', NAMES, args);
    checkNumber('RMSprop', 'learning rate', lr);
    checkNumber('RMSprop', 'epsilon value', eps);
    checkNumber('RMSprop', 'momentum value', momentum);
    checkNumber('RMSprop', 'weight_decay value', weightDecay);
    checkNumber('RMSprop', 'alpha value', alpha);
    checkMachinery('RMSprop', { differentiable });
    super(params, { lr, momentum, alpha, eps, centered, weightDecay, foreach, maximize, differentiable });
  }

  protected override update(param: Tensor, grad: Tensor, state: RMSpropState, group: RMSpropGroup): void {
    const { lr, alpha, eps, momentum, weightDecay } = group;
    if (state.squareAvg === undefined) {
      state.step = 0;
      state.squareAvg = this.stateTensor(param);
    }
    state.step = (state.step ?? 0) + 1;
    if (momentum > 0) state.momentumBuffer ??= this.stateTensor(param);
    if (group.centered) state.gradAvg ??= this.stateTensor(param);
    addStep(
      'rmspropStep',
      param,
      grad,
      state.squareAvg,
      group.centered ? state.gradAvg! : null,
      momentum > 0 ? state.momentumBuffer! : null,
      lr,
      alpha,
      eps,
      momentum,
      weightDecay,
      group.maximize ? -1 : 1,
    );
  }
}
