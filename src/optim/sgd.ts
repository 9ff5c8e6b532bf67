import { rangeError } from '../errors.js';
import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { checkMachinery, checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params, required } from './optimizer.js';
import { addStep } from './steps.js';

interface SGDGroup extends ParamGroup {
  momentum: number;
  dampening: number;
  weightDecay: number;
  nesterov: boolean;
  maximize: boolean;
}

interface SGDState {
  momentumBuffer?: Tensor | null;
}

const NAMES = [
  'params',
  'lr',
  'momentum',
  'dampening',
  'weightDecay',
  'nesterov',
  'maximize',
  'foreach',
  'differentiable',
] as const;
type SGDArguments = [
  params: Params,
  lr?: NumberOption,
  momentum?: NumberOption,
  dampening?: NumberOption,
  weightDecay?: NumberOption,
  nesterov?: boolean,
  maximize?: boolean,
  foreach?: boolean | null,
  differentiable?: boolean,
];

/**
 * Stochastic gradient descent: `b = momentum · b + (1 - dampening) · g; p -= lr · b`.
 * https://pytorch.org/docs/stable/generated/torch.optim.SGD.html
 */
export class SGD extends Optimizer<SGDGroup> {
  constructor(...args: Construct<SGDArguments, typeof NAMES>) {
    const [
      params,
      lr,
      momentum = 0,
      dampening = 0,
      weightDecay = 0,
      nesterov = false,
      maximize = false,
      foreach = null,
      differentiable = false,
    ] = take<SGDArguments>('SGD', NAMES, args);
    if (lr !== undefined) checkNumber('SGD', 'learning rate', lr);
    checkNumber('SGD', 'momentum value', momentum);
    checkNumber('SGD', 'weight_decay value', weightDecay);
    checkMachinery('SGD', { differentiable });
    if (nesterov && (Number(momentum) <= 0 || Number(dampening) !== 0)) {
      throw rangeError(
        `SGD: Nesterov momentum requires a momentum and zero dampening, but momentum is ${Number(momentum)} and dampening ${Number(dampening)}.`,
      );
    }
    super(params, {
      lr: lr ?? required,
      momentum,
      dampening,
      weightDecay,
      nesterov,
      maximize,
      foreach,
      differentiable,
    });
  }

  protected override update(param: Tensor, grad: Tensor, state: SGDState, group: SGDGroup): void {
    const { lr, momentum, dampening, weightDecay } = group;
    const sign = group.maximize ? -1 : 1;
    if (momentum === 0) {
      addStep('sgdStep', param, grad, null, 0, 0, lr, momentum, dampening, weightDecay, sign);
      return;
    }
    const known = state.momentumBuffer ?? null;
    const buffer = known ?? param.makeEmpty(param.shape, param.dtypeInfo);
    state.momentumBuffer = buffer;
    addStep(
      'sgdStep',
      param,
      grad,
      buffer,
      known === null ? 1 : 0,
      group.nesterov ? 1 : 0,
      lr,
      momentum,
      dampening,
      weightDecay,
      sign,
    );
  }
}
