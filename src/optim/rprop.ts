import { rangeError } from '../errors.js';
import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { addStep } from './steps.js';

interface RpropGroup extends ParamGroup {
  etas: readonly [number, number];
  stepSizes: readonly [number, number];
  maximize: boolean;
}

interface RpropState {
  step?: number;
  prev?: Tensor;
  stepSize?: Tensor;
}

const NAMES = ['params', 'lr', 'etas', 'stepSizes', 'foreach', 'maximize'] as const;
type RpropArguments = [
  params: Params,
  lr?: NumberOption,
  etas?: readonly [number, number],
  stepSizes?: readonly [number, number],
  foreach?: boolean | null,
  maximize?: boolean,
];

/**
 * Resilient backpropagation: each element has a step of its own, which grows while the gradient keeps its sign.
 * https://pytorch.org/docs/stable/generated/torch.optim.Rprop.html
 */
export class Rprop extends Optimizer<RpropGroup> {
  protected override readonly tensorState = new Set<string>();

  constructor(...args: Construct<RpropArguments, typeof NAMES>) {
    const [params, lr = 1e-2, etas = [0.5, 1.2], stepSizes = [1e-6, 50], foreach = null, maximize = false] =
      take<RpropArguments>('Rprop', NAMES, args);
    checkNumber('Rprop', 'learning rate', lr);
    const [smaller, greater] = etas;
    if (!(smaller > 0 && smaller < 1 && greater > 1))
      throw rangeError(
        `Rprop: Invalid eta values: ${smaller}, ${greater}; the first lies between 0 and 1, the second above 1.`,
      );
    super(params, { lr, etas, stepSizes, foreach, maximize });
  }

  protected override update(param: Tensor, grad: Tensor, state: RpropState, group: RpropGroup): void {
    if (state.prev === undefined) {
      state.step = 0;
      state.prev = this.stateTensor(param);
      state.stepSize = this.stateTensor(param, group.lr);
    }
    state.step = (state.step ?? 0) + 1;
    const [smaller, greater] = group.etas;
    const [least, most] = group.stepSizes;
    addStep(
      'rpropStep',
      param,
      grad,
      state.prev,
      state.stepSize!,
      smaller,
      greater,
      least,
      most,
      group.maximize ? -1 : 1,
    );
  }
}
