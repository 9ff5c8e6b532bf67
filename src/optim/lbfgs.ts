import { enableGrad, noGrad } from '../autograd/mode.js';
import { notSupported, rangeError, typeError } from '../errors.js';
import { type Construct, take } from '../nn/construct.js';
import { cat } from '../ops/joining.js';
import { Tensor } from '../tensor.js';
import type { NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';
import { type LinePoint, strongWolfe } from './strongWolfe.js';

interface LBFGSGroup extends ParamGroup {
  maxIter: number;
  maxEval: number;
  toleranceGrad: number;
  toleranceChange: number;
  historySize: number;
  lineSearchFn: string | null;
}

interface LBFGSState {
  funcEvals: number;
  nIter: number;
  /** The last direction and how far it was followed. */
  d?: Tensor | null;
  t?: number;
  /** Changes of the gradient and of the parameters, the oldest first. */
  oldDirs?: Tensor[];
  oldStps?: Tensor[];
  ro?: number[];
  HDiag?: number;
  prevFlatGrad?: Tensor | null;
  prevLoss?: number;
}

const NAMES = [
  'params',
  'lr',
  'maxIter',
  'maxEval',
  'toleranceGrad',
  'toleranceChange',
  'historySize',
  'lineSearchFn',
] as const;
type LBFGSArguments = [
  params: Params,
  lr?: NumberOption,
  maxIter?: number,
  maxEval?: number | null,
  toleranceGrad?: number,
  toleranceChange?: number,
  historySize?: number,
  lineSearchFn?: 'strong_wolfe' | null,
];

/** Elements' absolute values: the largest and the sum. */
export function magnitude(x: Tensor): { readonly largest: number; readonly total: number } {
  let largest = 0;
  let total = 0;
  for (const value of x.toTypedArray() as Float32Array) {
    const size = Math.abs(value);
    if (size > largest || Number.isNaN(size)) largest = size;
    total += size;
  }
  return { largest, total };
}

const lossValue = (loss: unknown): number => Number(loss instanceof Tensor ? loss.item() : loss);

/**
 * L-BFGS: quasi-Newton steps from the last changes of the gradient, with a strong Wolfe line search if asked for.
 * `step` needs a closure that computes the loss and the gradients.
 * https://pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 */
export class LBFGS extends Optimizer<LBFGSGroup> {
  protected override readonly tensorState = new Set<string>();
  protected override readonly hasShapedState = false;

  constructor(...args: Construct<LBFGSArguments, typeof NAMES>) {
    const [
      params,
      lr = 1,
      maxIter = 20,
      maxEval,
      toleranceGrad = 1e-7,
      toleranceChange = 1e-9,
      historySize = 100,
      lineSearchFn = null,
    ] = take<LBFGSArguments>('LBFGS', NAMES, args);
    super(params, {
      lr,
      maxIter,
      maxEval: maxEval ?? Math.floor((maxIter * 5) / 4),
      toleranceGrad,
      toleranceChange,
      historySize,
      lineSearchFn,
    });
    if (this.paramGroups.length !== 1)
      throw rangeError("LBFGS: LBFGS doesn't support per-parameter options (parameter groups); give one group.");
  }

  get #params(): Tensor[] {
    return this.paramGroups[0]!.params;
  }

  #flatGrad(): Tensor {
    return cat(
      this.#params.map((param) =>
        param.grad === null ? param.newZeros([param.count]) : param.grad.detach().reshape([param.count]),
      ),
    );
  }

  #move(by: number, direction: Tensor): void {
    let offset = 0;
    for (const param of this.#params) {
      param.add_(direction.narrow(0, offset, param.count).reshape(param.shape), { alpha: by });
      offset += param.count;
    }
  }

  override step(): never;
  override step<L>(closure: () => L): L;
  override step<L>(closure?: () => L): L {
    if (typeof closure !== 'function')
      throw typeError(
        'LBFGS.step: a closure is needed that computes the loss and the gradients anew; give step(() => …).',
      );
    return noGrad(
      () => this.#minimize(() => enableGrad(closure)) as L & (L extends Promise<unknown> ? never : unknown),
    );
  }

  #minimize<L>(closure: () => L): L {
    const group = this.paramGroups[0]!;
    const { maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = group;
    if (lineSearchFn !== null && lineSearchFn !== 'strong_wolfe')
      throw notSupported(`LBFGS: only 'strong_wolfe' is supported, not ${String(lineSearchFn)}.`);
    const first = this.#params[0]!;
    const state = (this.state.get(first) ?? { funcEvals: 0, nIter: 0 }) as unknown as LBFGSState;
    this.state.set(first, state as never);
    this.stepCount++;

    const firstLoss = closure();
    let loss = lossValue(firstLoss);
    let evaluations = 1;
    state.funcEvals++;
    let grad = this.#flatGrad();
    if (magnitude(grad).largest <= toleranceGrad) return firstLoss;

    let { d: direction, t = 0, prevFlatGrad = null, prevLoss = 0 } = state;
    for (let n = 1; n <= maxIter; n++) {
      state.nIter++;
      direction = this.#direction(state, grad, direction ?? null, t, prevFlatGrad, group.historySize);
      prevFlatGrad = grad.clone();
      prevLoss = loss;

      t = state.nIter === 1 ? Math.min(1, 1 / magnitude(grad).total) * group.lr : group.lr;
      const slope = Number(grad.dot(direction).item());
      if (slope > -toleranceChange) break;

      let calls = 0;
      let isOptimal = false;
      if (lineSearchFn === 'strong_wolfe') {
        const found = this.#search(closure, direction, t, { loss, grad, slope }, toleranceChange);
        ({ loss, grad } = found.point);
        t = found.by;
        calls = found.evaluations;
        this.#move(t, direction);
        isOptimal = magnitude(grad).largest <= toleranceGrad;
      } else {
        this.#move(t, direction);
        if (n !== maxIter) {
          loss = lossValue(closure());
          grad = this.#flatGrad();
          isOptimal = magnitude(grad).largest <= toleranceGrad;
          calls = 1;
        }
      }
      evaluations += calls;
      state.funcEvals += calls;

      if (n === maxIter || evaluations >= maxEval || isOptimal) break;
      if (magnitude(direction).largest * Math.abs(t) <= toleranceChange) break;
      if (Math.abs(loss - prevLoss) < toleranceChange) break;
    }
    Object.assign(state, { d: direction, t, prevFlatGrad, prevLoss });
    return firstLoss;
  }

  /** How far to follow a direction, about `by`; the parameters stay where they are. */
  #search(
    closure: () => unknown,
    direction: Tensor,
    by: number,
    from: LinePoint,
    toleranceChange: number,
  ): ReturnType<typeof strongWolfe> {
    const start = this.#params.map((param) => param.detach().clone());
    const evaluate = (distance: number): LinePoint => {
      this.#move(distance, direction);
      const loss = lossValue(closure());
      const grad = this.#flatGrad();
      for (const [i, param] of this.#params.entries()) param.copy_(start[i]!);
      return { loss, grad, slope: Number(grad.dot(direction).item()) };
    };
    return strongWolfe(evaluate, by, from, magnitude(direction).largest, toleranceChange);
  }

  /** The gradient times the inverse Hessian that the last changes suggest, downhill. */
  #direction(
    state: LBFGSState,
    grad: Tensor,
    last: Tensor | null,
    t: number,
    lastGrad: Tensor | null,
    historySize: number,
  ): Tensor {
    if (state.nIter === 1 || last === null || lastGrad === null) {
      Object.assign(state, { oldDirs: [], oldStps: [], ro: [], HDiag: 1 });
      return grad.neg();
    }
    const { oldDirs = [], oldStps = [], ro = [] } = state;
    const y = grad.sub(lastGrad);
    const s = last.mul(t);
    const ys = Number(y.dot(s).item());
    if (ys > 1e-10) {
      if (oldDirs.length === historySize) {
        oldDirs.shift();
        oldStps.shift();
        ro.shift();
      }
      oldDirs.push(y);
      oldStps.push(s);
      ro.push(1 / ys);
      state.HDiag = ys / Number(y.dot(y).item());
    }
    const q = grad.neg();
    const factors: number[] = [];
    for (let i = oldDirs.length - 1; i >= 0; i--) {
      factors[i] = Number(oldStps[i]!.dot(q).item()) * ro[i]!;
      q.add_(oldDirs[i]!, { alpha: -factors[i]! });
    }
    const r = q.mul(state.HDiag ?? 1);
    for (let i = 0; i < oldDirs.length; i++) {
      const correction = Number(oldDirs[i]!.dot(r).item()) * ro[i]!;
      r.add_(oldStps[i]!, { alpha: factors[i]! - correction });
    }
    return r;
  }
}
