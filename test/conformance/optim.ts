// optim: optimizers and schedulers stepped beside PyTorch's, and gradient clipping.
import type { CaseBase, Header, Tolerance } from '../vectors/reader.mjs';
import { compareData, comparePlain, isClose } from './compare.js';
import { type AnyTensor, call, camelKeys, construct, isTensor, lookup } from './library.js';
import { Report } from './outcome.js';
import { type Optimizer, runScheduler, type SchedulerCase } from './schedulers.js';
import { makeTensor, number } from './values.js';

interface OptimizerCase extends CaseBase {
  readonly type: 'optimizer';
  readonly optimizer: string;
  readonly options: object;
  readonly params: readonly number[];
  readonly paramGroups?: readonly ({ readonly params: readonly number[] } & object)[];
  readonly grads: readonly (readonly (number | null)[])[];
  readonly trajectory: readonly number[];
  readonly state: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly defaults: Readonly<Record<string, unknown>>;
  readonly tolScale?: { readonly traj?: number };
}

interface LbfgsCase extends CaseBase {
  readonly type: 'lbfgs';
  readonly problem: 'quadratic' | 'rosenbrock';
  readonly options: object;
  readonly x0: number;
  readonly A?: number;
  readonly b?: number;
  readonly losses: number;
  readonly x: number;
  readonly closureCalls: readonly number[];
  readonly comparable: number;
}

interface ClipCase extends CaseBase {
  readonly type: 'clipGradNorm' | 'clipGradValue';
  readonly grads: readonly number[];
  readonly clipped: readonly number[];
  readonly maxNorm?: unknown;
  readonly normType?: unknown;
  readonly totalNorm?: number;
  readonly clipValue?: unknown;
}

export type OptimCase = OptimizerCase | LbfgsCase | ClipCase | (SchedulerCase & { readonly type: 'scheduler' });

export function run(c: OptimCase, header: Header): Report {
  const report = new Report();
  const tolerances = header.tolerances as unknown as Record<'traj' | 'state' | 'lbfgs', Tolerance>;
  report.attempt('throws', () => {
    if (c.type === 'optimizer') runOptimizer(report, c, tolerances);
    else if (c.type === 'lbfgs') runLbfgs(report, c, tolerances.lbfgs);
    else if (c.type === 'scheduler') runScheduler(report, c);
    else runClip(report, c, tolerances.traj);
  });
  return report;
}

function parameter(c: CaseBase, index: number): AnyTensor {
  return makeTensor(c.arrays[index]!, true);
}

function runOptimizer(report: Report, c: OptimizerCase, tolerances: Record<'traj' | 'state', Tolerance>): void {
  const params = c.params.map((index) => parameter(c, index));
  const groups = c.paramGroups?.map(({ params: members, ...options }) => ({
    params: members.map((i) => params[i]!),
    ...camelKeys(options),
  }));
  const optimizer = construct(`optim.${c.optimizer}`, groups ?? params, camelKeys(c.options)) as Optimizer;
  const reported = new Set<number>();
  c.grads.forEach((gradients, step) => {
    gradients.forEach((index, i) => {
      params[i]!.grad = index === null ? null : makeTensor(c.arrays[index]!);
    });
    optimizer.step();
    params.forEach((tensor, i) => {
      const all = c.arrays[c.trajectory[i]!]!.data as Float32Array;
      const size = all.length / c.grads.length;
      const expected = all.subarray(step * size, (step + 1) * size);
      const message = compareData(tensor.toTypedArray(), expected, tolerances.traj, c.tolScale?.traj);
      if (message !== null && !reported.has(i)) {
        reported.add(i);
        report.add('trajectory', `parameter ${i}, step ${step + 1}: ${message}`);
      }
    });
  });
  report.attempt('state', () => checkState(report, c, optimizer, tolerances.state));
  checkDefaults(report, c, optimizer);
}

function checkState(report: Report, c: OptimizerCase, optimizer: Optimizer, tolerance: Tolerance): void {
  const state = lookup(optimizer.stateDict(), 'state');
  for (const [index, expected] of Object.entries(c.state)) {
    const actual = lookup(state, Number(index));
    for (const [name, value] of Object.entries(expected)) {
      const where = `parameter ${index}, ${name}`;
      const found = lookup(actual, name);
      if (found === undefined) {
        report.add('state', `${where}: missing`);
      } else if (value !== null && typeof value === 'object' && '$t' in value) {
        const array = c.arrays[(value as { $t: number }).$t]!;
        const message = isTensor(found) ? compareData(found.toTypedArray(), array.data, tolerance) : 'not a tensor';
        if (message !== null) report.add('state', `${where}: ${message}`);
      } else {
        const plain = isTensor(found) ? Number(found.item()) : found;
        const message = comparePlain(plain, value === null ? null : number(value), tolerance);
        if (message !== null) report.add('state', `${where}: ${message}`);
      }
    }
  }
}

/** Defaults that are about PyTorch's own machinery. */
const MACHINERY = new Set(['foreach', 'capturable', 'differentiable', 'fused']);

function checkDefaults(report: Report, c: OptimizerCase, optimizer: Optimizer): void {
  for (const [name, value] of Object.entries(c.defaults)) {
    if (MACHINERY.has(name)) continue;
    const actual = lookup(optimizer.defaults, name);
    const expected = JSON.stringify(plainDefault(value));
    if (JSON.stringify(plainDefault(actual)) !== expected) {
      report.add('defaults', `${name} is ${JSON.stringify(plainDefault(actual))}, expected ${expected}`);
    }
  }
}

function plainDefault(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainDefault);
  return value !== null && typeof value === 'object' && '$f' in value ? number(value) : value;
}

function runLbfgs(report: Report, c: LbfgsCase, tolerance: Tolerance): void {
  // The reference ran in float64: in float32 PyTorch's own line search needs another number of calls.
  const x = makeTensor(c.arrays[c.x0]!).to('float64').requiresGrad_(true);
  const optimizer = construct('optim.LBFGS', [x], camelKeys(c.options)) as Optimizer;
  const loss = problem(c);
  let calls = 0;
  const losses = c.arrays[c.losses]!.data;
  const xs = c.arrays[c.x]!.data as Float64Array;
  const size = xs.length / losses.length;
  for (let step = 0; step < c.comparable; step++) {
    const result = optimizer.step(() => {
      calls++;
      optimizer.zeroGrad();
      const value = loss(x);
      value.backward();
      return value;
    });
    const value = isTensor(result) ? Number(result.item()) : Number(result);
    const expected = Number(losses[step]);
    if (!isClose(value, expected, tolerance)) report.add('loss', `step ${step + 1}: ${value}, expected ${expected}`);
    const message = compareData(
      x.toTypedArray(),
      Float64Array.from(xs.subarray(step * size, (step + 1) * size)),
      tolerance,
    );
    if (message !== null) report.add('trajectory', `step ${step + 1}: ${message}`);
    if (calls !== c.closureCalls[step]) {
      report.add('closure', `${calls} calls after step ${step + 1}, expected ${c.closureCalls[step]}`);
    }
  }
}

function problem(c: LbfgsCase): (x: AnyTensor) => AnyTensor {
  if (c.problem === 'quadratic') {
    const matrix = makeTensor(c.arrays[c.A!]!).to('float64');
    const b = makeTensor(c.arrays[c.b!]!).to('float64');
    return (x) => {
      const half = (call('dot', x, call('mv', matrix, x)) as AnyTensor).mul(0.5);
      return call('sub', half, call('dot', b, x)) as AnyTensor;
    };
  }
  return (x) => {
    const first = x.at(0);
    const second = x.at(1);
    const a = call('square', call('rsub', first, 1)) as AnyTensor;
    const b = call('square', call('sub', second, call('square', first))) as AnyTensor;
    return a.add(b.mul(100));
  };
}

function runClip(report: Report, c: ClipCase, tolerance: Tolerance): void {
  const params = c.grads.map((index) => {
    const tensor = call('zeros_like', makeTensor(c.arrays[index]!)) as AnyTensor;
    tensor.requiresGrad_(true);
    tensor.grad = makeTensor(c.arrays[index]!);
    return tensor;
  });
  if (c.type === 'clipGradNorm') {
    const total = call('nn.utils.clip_grad_norm_', params, number(c.maxNorm), number(c.normType)) as AnyTensor;
    const norm = Number(total.item());
    if (!isClose(norm, c.totalNorm!, tolerance)) report.add('value', `norm ${norm}, expected ${c.totalNorm}`);
  } else call('nn.utils.clip_grad_value_', params, number(c.clipValue));
  params.forEach((tensor, i) => {
    const message = compareData(tensor.grad!.toTypedArray(), c.arrays[c.clipped[i]!]!.data, tolerance);
    if (message !== null) report.add('value', `gradient ${i}: ${message}`);
  });
}
