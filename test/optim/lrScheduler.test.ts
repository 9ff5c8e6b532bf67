import { describe, expect, it, vi } from 'vitest';
import * as ng from '../../src/index.js';

const { nn, optim } = ng;
const { lrScheduler } = optim;
const sgd = (options: Record<string, unknown> = {}): InstanceType<typeof optim.SGD> =>
  new optim.SGD([new nn.Parameter(ng.ones(1))], { lr: 1, momentum: 0.9, ...options });

interface Scheduler {
  step(...args: number[]): void;
  getLastLr(): number[];
  stateDict(): Record<string, unknown>;
  loadStateDict(state: Record<string, unknown>): void;
}

const EVERY: Record<string, (optimizer: InstanceType<typeof optim.SGD>) => Scheduler> = {
  LambdaLR: (o) => new lrScheduler.LambdaLR(o, (epoch) => 0.9 ** epoch),
  MultiplicativeLR: (o) => new lrScheduler.MultiplicativeLR(o, () => 0.9),
  StepLR: (o) => new lrScheduler.StepLR(o, 2),
  MultiStepLR: (o) => new lrScheduler.MultiStepLR(o, [2, 4, 4]),
  ConstantLR: (o) => new lrScheduler.ConstantLR(o, { totalIters: 4 }),
  LinearLR: (o) => new lrScheduler.LinearLR(o),
  ExponentialLR: (o) => new lrScheduler.ExponentialLR(o, 0.5),
  CosineAnnealingLR: (o) => new lrScheduler.CosineAnnealingLR(o, 6),
  CosineAnnealingWarmRestarts: (o) => new lrScheduler.CosineAnnealingWarmRestarts(o, 2, { TMult: 2 }),
  PolynomialLR: (o) => new lrScheduler.PolynomialLR(o, { power: 2 }),
  CyclicLR: (o) => new lrScheduler.CyclicLR(o, 0.1, 1, { stepSizeUp: 3, mode: 'triangular2' }),
  OneCycleLR: (o) => new lrScheduler.OneCycleLR(o, 1, { totalSteps: 12 }),
  ReduceLROnPlateau: (o) => new lrScheduler.ReduceLROnPlateau(o, { patience: 0 }),
  SequentialLR: (o) =>
    new lrScheduler.SequentialLR(o, [new lrScheduler.ConstantLR(o), new lrScheduler.ExponentialLR(o, 0.5)], [3]),
  ChainedScheduler: (o) =>
    new lrScheduler.ChainedScheduler([new lrScheduler.ConstantLR(o), new lrScheduler.ExponentialLR(o, 0.5)]),
  SWALR: (o) => new optim.swaUtils.SWALR(o, 0.05, { annealEpochs: 4 }),
};

/** A step of the optimizer and its scheduler, and the rate after it. */
function next(optimizer: InstanceType<typeof optim.SGD>, scheduler: Scheduler): number {
  optimizer.step();
  scheduler.step(1);
  return optimizer.paramGroups[0]!.lr;
}

describe.each(Object.entries(EVERY))('%s', (name, make) => {
  const step = (optimizer: InstanceType<typeof optim.SGD>, scheduler: Scheduler): number => {
    if (name === 'ReduceLROnPlateau') return next(optimizer, scheduler);
    optimizer.step();
    scheduler.step();
    return optimizer.paramGroups[0]!.lr;
  };

  it('changes the rate, and reports it', () => {
    const optimizer = sgd();
    const scheduler = make(optimizer);
    const rates = Array.from({ length: 6 }, () => step(optimizer, scheduler));
    expect(new Set(rates).size).toBeGreaterThan(1);
    expect(scheduler.getLastLr()).toEqual([rates.at(-1)]);
  });

  it('goes on from its state dict, under PyTorch’s names', () => {
    const optimizer = sgd();
    const scheduler = make(optimizer);
    for (let i = 0; i < 3; i++) step(optimizer, scheduler);
    const state = scheduler.stateDict();
    for (const key of Object.keys(state)) expect(key).not.toMatch(/[a-z][A-Z]/);
    expect(state).not.toHaveProperty('optimizer');
    const other = sgd();
    const resumed = make(other);
    other.loadStateDict(optimizer.stateDict());
    resumed.loadStateDict(state);
    for (let i = 0; i < 5; i++) expect(step(other, resumed)).toBe(step(optimizer, scheduler));
  });
});

describe('a scheduler', () => {
  it('refuses what is no optimizer and options out of range', () => {
    const optimizer = sgd();
    expect(() => new lrScheduler.StepLR(3 as never, 2)).toThrow(/not an Optimizer/);
    expect(() => new lrScheduler.LambdaLR(optimizer, [() => 1, () => 2])).toThrow(/expected 1 values/);
    expect(() => new lrScheduler.ConstantLR(optimizer, { factor: 2 })).toThrow(/between 0 and 1/);
    expect(() => new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 0)).toThrow(/positive integer T_0/);
    expect(() => new lrScheduler.OneCycleLR(optimizer, 1)).toThrow(/totalSteps OR/);
    expect(() => new lrScheduler.CyclicLR(new optim.Adam([new nn.Parameter(ng.ones(1))]), 0.1, 1)).toThrow(
      /support momentum/,
    );
    expect(() => new lrScheduler.ReduceLROnPlateau(optimizer, { factor: 1 })).toThrow(/Factor should be < 1/);
    expect(() => new lrScheduler.SequentialLR(optimizer, [new lrScheduler.ConstantLR(sgd())], [])).toThrow(
      /same optimizer/,
    );
    expect(() => new lrScheduler.SequentialLR(optimizer, [new lrScheduler.ConstantLR(optimizer)], [1])).toThrow(
      /one more/,
    );
    expect(() => new lrScheduler.StepLR(optimizer, 2, { lastEpoch: 3 }).lastEpoch).not.toThrow();
    expect(() => new lrScheduler.StepLR(sgd(), 2, { lastEpoch: 3 })).toThrow(/initial_lr/);
  });

  it('computes a given epoch in closed form', () => {
    const optimizer = sgd();
    new lrScheduler.StepLR(optimizer, 2).step(5);
    expect(optimizer.paramGroups[0]!.lr).toBeCloseTo(0.01, 12);
  });

  it('says so when it is stepped first', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    new lrScheduler.StepLR(sgd(), 2).step();
    expect(warn.mock.calls[0]?.[0]).toMatch(/before optimizer.step/);
    warn.mockRestore();
  });

  it('prints rates when verbose, in Python’s form', () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const optimizer = sgd();
    const scheduler = new lrScheduler.ExponentialLR(optimizer, 0.5, { verbose: true });
    optimizer.step();
    scheduler.step();
    expect(log.mock.calls).toEqual([
      ['Adjusting learning rate of group 0 to 1.0000e+00.'],
      ['Adjusting learning rate of group 0 to 5.0000e-01.'],
    ]);
    log.mockRestore();
  });

  it('shows in what the optimizer prints', () => {
    const optimizer = sgd({ lr: 10 });
    const scheduler = new lrScheduler.StepLR(optimizer, 1);
    optimizer.step();
    scheduler.step();
    expect(String(optimizer)).toContain('    initial_lr: 10\n    lr: 1.0\n');
  });
});
