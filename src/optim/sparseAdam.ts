import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import { type Construct, take } from '../nn/construct.js';
import type { Tensor } from '../tensor.js';
import { checkBetas, checkNumber, type NumberOption } from './checks.js';
import { Optimizer, type ParamGroup, type Params } from './optimizer.js';

interface SparseAdamGroup extends ParamGroup {
  betas: readonly [number, number];
  eps: number;
  maximize: boolean;
}

interface SparseAdamState {
  step?: number;
  expAvg?: Tensor;
  expAvgSq?: Tensor;
}

const NAMES = ['params', 'lr', 'betas', 'eps', 'maximize'] as const;
type SparseAdamArguments = [
  params: Params,
  lr?: NumberOption,
  betas?: readonly [number, number],
  eps?: NumberOption,
  maximize?: boolean,
];

/** The rows (of dimension 0) in which a contiguous gradient is not zero throughout. */
function touchedRows(grad: Tensor): number[] {
  const rows = grad.shape[0] ?? 1;
  const width = rows === 0 ? 0 : grad.count / rows;
  const view = grad.storage.view(grad.dtypeInfo, grad.offset, grad.count);
  const touched: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (view[i] !== 0) {
        touched.push(row);
        break;
      }
    }
  }
  return touched;
}

/**
 * Adam for embeddings: rows whose gradient is all zero (words that are not in the batch) keep their value and their
 * averages, as with PyTorch's sparse gradients.
 * https://pytorch.org/docs/stable/generated/torch.optim.SparseAdam.html
 */
export class SparseAdam extends Optimizer<SparseAdamGroup> {
  protected override readonly tensorState = new Set<string>();

  constructor(...args: Construct<SparseAdamArguments, typeof NAMES>) {
    const [params, lr = 1e-3, betas = [0.9, 0.999], eps = 1e-8, maximize = false] = take<SparseAdamArguments>(
      'SparseAdam',
      NAMES,
      args,
    );
    checkNumber('SparseAdam', 'learning rate', lr);
    checkNumber('SparseAdam', 'epsilon value', eps);
    if (Number(lr) === 0) throw rangeError('SparseAdam: Invalid learning rate: 0; give a number > 0.');
    if (Number(eps) === 0) throw rangeError('SparseAdam: Invalid epsilon value: 0; give a number > 0.');
    checkBetas('SparseAdam', betas);
    super(params, { lr, betas, eps, maximize });
  }

  protected override update(param: Tensor, grad: Tensor, state: SparseAdamState, group: SparseAdamGroup): void {
    if (state.expAvg === undefined) {
      state.step = 0;
      state.expAvg = this.stateTensor(param);
      state.expAvgSq = this.stateTensor(param);
    }
    const step = (state.step ?? 0) + 1;
    state.step = step;
    const [beta1, beta2] = group.betas;
    const stepSize = (group.lr * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
    const sign = group.maximize ? -1 : 1;
    const rows = touchedRows(grad);
    const all = [param, grad, state.expAvg, state.expAvgSq!] as const;
    const size = param.shape.length === 0 ? [] : [1, ...param.shape.slice(1)];
    const width = rows.length === 0 ? 0 : param.count / (param.shape[0] ?? 1);
    for (const row of rows) {
      const [p, g, average, square] = all.map((x) => x.makeAlias(size, x.strides, x.offset + row * width)) as [
        Tensor,
        Tensor,
        Tensor,
        Tensor,
      ];
      kernels.adamStep(p, g, average, square, null, stepSize, beta1, beta2, group.eps, 1, 0, 1, sign);
    }
    for (const x of [state.expAvg, state.expAvgSq!]) x.storage.version++;
  }
}
