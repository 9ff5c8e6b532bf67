import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { checkBetas, checkMachinery, checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

/** The options of Adam and AdamW. */
export interface AdamGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  weightDecay: number;
  amsgrad: boolean;
  maximize: boolean;
}

/** What Adam and AdamW keep. */
export interface AdamState {
  step?: number;
  expAvg?: Tensor;
  expAvgSq?: Tensor;
  maxExpAvgSq?: Tensor | null;
}

/**
 * One step of Adam or AdamW. The bias corrections are computed in double: in float32 they change the result.
 * @param decoupled whether weight decay shrinks the parameter, or is added to the gradient
 */
export function adamStep(
  param: Tensor,
  grad: Tensor,
  state: AdamState,
  group: AdamGroup,
  zeros: (param: Tensor) => Tensor,
  decoupled: boolean,
): void {
  if (state.expAvg === undefined) {
    state.step = 0;
    state.expAvg = zeros(param);
    state.expAvgSq = zeros(param);
  }
  if (group.amsgrad) state.maxExpAvgSq ??= zeros(param);
  const step = (state.step ?? 0) + 1;
  state.step = step;
  const { lr, eps, weightDecay } = group;
  const [beta1, beta2] = group.betas;
  addStep(
    'adamStep',
    param,
    grad,
    state.expAvg,
    state.expAvgSq!,
    group.amsgrad ? state.maxExpAvgSq! : null,
    lr / (1 - beta1 ** step),
    beta1,
    beta2,
    eps,
    Math.sqrt(1 - beta2 ** step),
    decoupled ? 0 : weightDecay,
    decoupled ? 1 - lr * weightDecay : 1,
    group.maximize ? -1 : 1,
  );
}

const NAMES = [
  'params',
  'lr',
  'betas',
  'eps',
  'weightDecay',
  'amsgrad',
  'foreach',
  'maximize',
  'capturable',
  'differentiable',
  'fused',
] as const;
type AdamArguments = [
  params: Params,
  lr?: NumberOption,
  betas?: readonly [number, number],
  eps?: NumberOption,
  weightDecay?: NumberOption,
  amsgrad?: boolean,
  foreach?: boolean | null,
  maximize?: boolean,
  capturable?: boolean,
  differentiable?: boolean,
  fused?: boolean,
];

/**
 * Adam: `p -= lr · m̂ / (√v̂ + eps)` with moving averages m of the gradient and v of its square.
 * https://pytorch.org/docs/stable/generated/torch.optim.Adam.html
 */
export class Adam extends Optimizer<AdamGroup> {
  constructor(...args: Construct<AdamArguments, typeof NAMES>) {
    const [
      params,
      lr = 1e-3,
      betas = [0.9, 0.999],
      eps = 1e-8,
      weightDecay = 0,
      amsgrad = false,
      foreach = null,
      maximize = false,
      capturable = false,
      differentiable = false,
      fused = false,
    ] = take<AdamArguments>('Adam', NAMES, args);
    checkNumber('Adam', 'learning rate', lr);
    checkNumber('Adam', 'epsilon value', eps);
    checkBetas('Adam', betas);
    checkNumber('Adam', 'weight_decay value', weightDecay);
    checkMachinery('Adam', { differentiable });
    super(params, { lr, betas, eps, weightDecay, amsgrad, maximize, foreach, capturable, differentiable, fused });
  }

  protected override update(param: Tensor, grad: Tensor, state: AdamState, group: AdamGroup): void {
    adamStep(param, grad, state, group, this.stateTensor, false);
  }
}
