// optim's scheduler cases: the learning rates after each step.
import type { CaseBase, Tolerance } from '../vectors/reader.mjs';
import { isClose } from './compare.js';
import { call, camelKeys, construct, lookup } from './library.js';
import type { Report } from './outcome.js';
import { number } from './values.js';

export interface Optimizer {
  step(closure?: () => unknown): unknown;
  zeroGrad(): void;
  stateDict(): unknown;
  readonly defaults: object;
  readonly paramGroups: readonly object[];
}

export interface SchedulerCase extends CaseBase {
  readonly scheduler: string;
  readonly optimizer: string;
  readonly optimizerOptions: object;
  readonly baseLr: readonly [number, number];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly lrs: readonly (readonly number[])[];
  readonly momentums?: readonly (readonly number[])[];
  readonly metrics?: readonly number[];
}

interface Scheduler {
  step(metric?: number): void;
}

const TOLERANCE: Tolerance = [1e-9, 0];

/** A Python expression of `epoch` that is JavaScript too, as a function. */
function expression(text: string): (epoch: number) => number {
  return new Function('epoch', `return ${text.replace(/\/\//g, '/')};`) as (epoch: number) => number;
}

function build(name: string, kwargs: Readonly<Record<string, unknown>>, optimizer: Optimizer): Scheduler {
  const path = `optim.lr_scheduler.${name}`;
  const options: Record<string, unknown> = { ...kwargs };
  if (options.lr_lambda !== undefined) {
    const lambda = options.lr_lambda;
    options.lr_lambda = Array.isArray(lambda) ? lambda.map((text) => expression(text)) : expression(String(lambda));
  }
  if (Array.isArray(options.schedulers)) {
    options.schedulers = options.schedulers.map((inner: { $scheduler: string; kwargs: Record<string, unknown> }) =>
      build(inner.$scheduler, inner.kwargs, optimizer),
    );
    if (name === 'ChainedScheduler') return construct(path, options.schedulers) as Scheduler;
  }
  return construct(path, optimizer, camelKeys(options)) as Scheduler;
}

export function runScheduler(report: Report, c: SchedulerCase): void {
  const groups = c.baseLr.map((lr) => ({ params: [call('zeros', [1], { requiresGrad: true })], lr }));
  const optimizer = construct(`optim.${c.optimizer}`, groups, { lr: c.baseLr[0], ...camelKeys(c.optimizerOptions) });
  const { paramGroups } = optimizer as Optimizer;
  const scheduler = build(c.scheduler, c.kwargs, optimizer as Optimizer);
  for (let t = 0; t < c.lrs.length; t++) {
    if (t > 0) {
      (optimizer as Optimizer).step();
      if (c.metrics) scheduler.step(number(c.metrics[t - 1]));
      else scheduler.step();
    }
    paramGroups.forEach((group, i) => {
      const lr = Number(lookup(group, 'lr'));
      const rate = number(c.lrs[t]![i]);
      if (!isClose(lr, rate, TOLERANCE)) {
        report.add('lr', `after step ${t}, group ${i}: ${lr}, expected ${rate}`);
      }
      if (c.momentums?.[t]?.[i] === undefined) return;
      const expected = number(c.momentums[t]![i]);
      const momentum = lookup(group, 'momentum') ?? (lookup(group, 'betas') as number[])[0];
      if (!isClose(Number(momentum), expected, TOLERANCE)) {
        report.add('momentum', `after step ${t}, group ${i}: ${String(momentum)}, expected ${expected}`);
      }
    });
    if (report.failures.length > 0) return;
  }
}
