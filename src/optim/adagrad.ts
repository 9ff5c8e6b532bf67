import { type Construct, take } from '../nn/construct.js';
import { dense } from '../ops/apply.js';
import type { Tensor } from '../tensor.js';
import { checkNumber, type NumberOption } from './checks.js';
import { type GroupSpec, Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

interface AdagradGroup extends ParamGroup {
  lrDecay: number;
  weightDecay: number;
  initialAccumulatorValue: number;
  eps: number;
  maximize: boolean;
}

interface AdagradState {
  step?: number;
  sum?: Tensor;
}

const NAMES = [
  'params',
  'lr',
  'lrDecay',
  'weightDecay',
  'initialAccumulatorValue',
  'eps',
  'foreach',
  'maximize',
] as const;
type AdagradArguments = [
  params: Params,
  lr?: NumberOption,
  lrDecay?: NumberOption,
  weightDecay?: NumberOption,
  initialAccumulatorValue?: NumberOption,
  eps?: NumberOption,
  foreach?: boolean | null,
  maximize?: boolean,
];

/**
 * Adagrad: `s += g²; p -= lr / (1 + (t - 1) · lrDecay) · g / (√s + eps)`.
 * https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
 */
export class Adagrad extends Optimizer<AdagradGroup> {
  constructor(...args: Construct<AdagradArguments, typeof NAMES>) {
    const [
      params,
      lr = 1e-2,
      lrDecay = 0,
      weightDecay = 0,
      initialAccumulatorValue = 0,
      eps = 1e-10,
      foreach = null,
      maximize = false,
    ] = take<AdagradArguments>('Adagrad', NAMES, args);
    checkNumber('Adagrad', 'learning rate', lr);
    checkNumber('Adagrad', 'lr_decay value', lrDecay);
    checkNumber('Adagrad', 'weight_decay value', weightDecay);
    checkNumber('Adagrad', 'initial_accumulator_value value', initialAccumulatorValue);
    checkNumber('Adagrad', 'epsilon value', eps);
    super(params, { lr, lrDecay, eps, weightDecay, initialAccumulatorValue, foreach, maximize });
  }

  /** The state is there from the start, as in PyTorch: a state dict before the first step has it. */
  override addParamGroup(spec: GroupSpec): void {
    super.addParamGroup(spec);
    const group = this.paramGroups.at(-1)!;
    for (const param of group.params)
      this.state.set(param, { step: 0, sum: this.stateTensor(dense(param.detach()), group.initialAccumulatorValue) });
  }

  protected override update(param: Tensor, grad: Tensor, state: AdagradState, group: AdagradGroup): void {
    const step = (state.step ?? 0) + 1;
    state.step = step;
    const kept = state.sum;
    state.sum = kept?.dtypeInfo === param.dtypeInfo ? kept : this.stateTensor(param, group.initialAccumulatorValue);
    const stepSize = group.lr / (1 + (step - 1) * group.lrDecay);
    addStep('adagradStep', param, grad, state.sum, stepSize, group.eps, group.weightDecay, group.maximize ? -1 : 1);
  }
}
