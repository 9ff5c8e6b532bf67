import { rangeError } from '../../errors.js';
import { type Construct, take } from '../../nn/construct.js';
import type { Optimizer } from '../optimizer.js';
import { checkPositive, LRScheduler } from './base.js';

const STEP = ['optimizer', 'stepSize', 'gamma', 'lastEpoch', 'verbose'] as const;
type StepArguments = [optimizer: Optimizer, stepSize: number, gamma?: number, lastEpoch?: number, verbose?: boolean];

/**
 * `lr · gamma` every `stepSize` epochs.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.StepLR.html
 */
export class StepLR extends LRScheduler {
  stepSize: number;
  gamma: number;

  constructor(...args: Construct<StepArguments, typeof STEP>) {
    const [optimizer, stepSize, gamma = 0.1, lastEpoch = -1, verbose = false] = take<StepArguments>(
      'StepLR',
      STEP,
      args,
    );
    checkPositive('StepLR', 'stepSize', stepSize);
    super(optimizer, lastEpoch, verbose);
    this.stepSize = stepSize;
    this.gamma = gamma;
    this.initialStep();
  }

  override getLr(): number[] {
    if (this.lastEpoch === 0 || this.lastEpoch % this.stepSize !== 0) return this.rates;
    return this.rates.map((lr) => lr * this.gamma);
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((base) => base * this.gamma ** Math.floor(this.lastEpoch / this.stepSize));
  }
}

const MULTI_STEP = ['optimizer', 'milestones', 'gamma', 'lastEpoch', 'verbose'] as const;
type MultiStepArguments = [
  optimizer: Optimizer,
  milestones: Iterable<number>,
  gamma?: number,
  lastEpoch?: number,
  verbose?: boolean,
];

/**
 * `lr · gamma` at each of the milestones.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiStepLR.html
 */
export class MultiStepLR extends LRScheduler {
  /** How often each milestone was given. */
  milestones: Map<number, number>;
  gamma: number;

  constructor(...args: Construct<MultiStepArguments, typeof MULTI_STEP>) {
    const [optimizer, milestones, gamma = 0.1, lastEpoch = -1, verbose = false] = take<MultiStepArguments>(
      'MultiStepLR',
      MULTI_STEP,
      args,
    );
    super(optimizer, lastEpoch, verbose);
    this.milestones = new Map();
    for (const milestone of milestones) this.milestones.set(milestone, (this.milestones.get(milestone) ?? 0) + 1);
    this.gamma = gamma;
    this.initialStep();
  }

  override getLr(): number[] {
    const times = this.milestones.get(this.lastEpoch);
    return times === undefined ? this.rates : this.rates.map((lr) => lr * this.gamma ** times);
  }

  protected override closedForm(): number[] {
    let passed = 0;
    for (const [milestone, times] of this.milestones) if (milestone <= this.lastEpoch) passed += times;
    return this.baseLrs.map((base) => base * this.gamma ** passed);
  }

  override loadStateDict(state: Record<string, unknown>): void {
    super.loadStateDict(state);
    const { milestones } = state;
    // A Counter that came through a file is a Map or an object.
    if (milestones !== undefined && !(milestones instanceof Map)) {
      this.milestones = new Map(
        Object.entries(milestones as object).map(([key, times]) => [Number(key), Number(times)]),
      );
    }
  }
}

const CONSTANT = ['optimizer', 'factor', 'totalIters', 'lastEpoch', 'verbose'] as const;
type ConstantArguments = [
  optimizer: Optimizer,
  factor?: number,
  totalIters?: number,
  lastEpoch?: number,
  verbose?: boolean,
];

/**
 * `lr · factor` until epoch `totalIters`.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ConstantLR.html
 */
export class ConstantLR extends LRScheduler {
  factor: number;
  totalIters: number;

  constructor(...args: Construct<ConstantArguments, typeof CONSTANT>) {
    const [optimizer, factor = 1 / 3, totalIters = 5, lastEpoch = -1, verbose = false] = take<ConstantArguments>(
      'ConstantLR',
      CONSTANT,
      args,
    );
    if (!(factor >= 0 && factor <= 1))
      throw rangeError(`ConstantLR: Constant multiplicative factor expected to be between 0 and 1, but got ${factor}.`);
    super(optimizer, lastEpoch, verbose);
    this.factor = factor;
    this.totalIters = totalIters;
    this.initialStep();
  }

  override getLr(): number[] {
    if (this.lastEpoch === 0) return this.rates.map((lr) => lr * this.factor);
    if (this.lastEpoch !== this.totalIters) return this.rates;
    return this.rates.map((lr) => lr * (1 / this.factor));
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((base) => base * (this.lastEpoch >= this.totalIters ? 1 : this.factor));
  }
}

const LINEAR = ['optimizer', 'startFactor', 'endFactor', 'totalIters', 'lastEpoch', 'verbose'] as const;
type LinearArguments = [
  optimizer: Optimizer,
  startFactor?: number,
  endFactor?: number,
  totalIters?: number,
  lastEpoch?: number,
  verbose?: boolean,
];

/**
 * `base ·` a factor that goes from `startFactor` to `endFactor` in a straight line over `totalIters` epochs.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LinearLR.html
 */
export class LinearLR extends LRScheduler {
  startFactor: number;
  endFactor: number;
  totalIters: number;

  constructor(...args: Construct<LinearArguments, typeof LINEAR>) {
    const [optimizer, startFactor = 1 / 3, endFactor = 1, totalIters = 5, lastEpoch = -1, verbose = false] =
      take<LinearArguments>('LinearLR', LINEAR, args);
    if (!(startFactor >= 0 && startFactor <= 1))
      throw rangeError(
        `LinearLR: Starting multiplicative factor expected to be between 0 and 1, but got ${startFactor}.`,
      );
    if (!(endFactor >= 0 && endFactor <= 1))
      throw rangeError(`LinearLR: Ending multiplicative factor expected to be between 0 and 1, but got ${endFactor}.`);
    super(optimizer, lastEpoch, verbose);
    this.startFactor = startFactor;
    this.endFactor = endFactor;
    this.totalIters = totalIters;
    this.initialStep();
  }

  override getLr(): number[] {
    const { startFactor, totalIters, lastEpoch } = this;
    const change = this.endFactor - startFactor;
    if (lastEpoch === 0) return this.rates.map((lr) => lr * startFactor);
    if (lastEpoch > totalIters) return this.rates;
    return this.rates.map((lr) => lr * (1 + change / (totalIters * startFactor + (lastEpoch - 1) * change)));
  }

  protected override closedForm(): number[] {
    const part = Math.min(this.totalIters, this.lastEpoch) / this.totalIters;
    return this.baseLrs.map((base) => base * (this.startFactor + (this.endFactor - this.startFactor) * part));
  }
}

const EXPONENTIAL = ['optimizer', 'gamma', 'lastEpoch', 'verbose'] as const;
type ExponentialArguments = [optimizer: Optimizer, gamma: number, lastEpoch?: number, verbose?: boolean];

/**
 * `lr · gamma` every epoch.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ExponentialLR.html
 */
export class ExponentialLR extends LRScheduler {
  gamma: number;

  constructor(...args: Construct<ExponentialArguments, typeof EXPONENTIAL>) {
    const [optimizer, gamma, lastEpoch = -1, verbose = false] = take<ExponentialArguments>(
      'ExponentialLR',
      EXPONENTIAL,
      args,
    );
    super(optimizer, lastEpoch, verbose);
    this.gamma = gamma;
    this.initialStep();
  }

  override getLr(): number[] {
    return this.lastEpoch === 0 ? this.rates : this.rates.map((lr) => lr * this.gamma);
  }

  protected override closedForm(): number[] {
    return this.baseLrs.map((base) => base * this.gamma ** this.lastEpoch);
  }
}

const POLYNOMIAL = ['optimizer', 'totalIters', 'power', 'lastEpoch', 'verbose'] as const;
type PolynomialArguments = [
  optimizer: Optimizer,
  totalIters?: number,
  power?: number,
  lastEpoch?: number,
  verbose?: boolean,
];

/**
 * `base · (1 - epoch / totalIters) ** power`.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.PolynomialLR.html
 */
export class PolynomialLR extends LRScheduler {
  totalIters: number;
  power: number;

  constructor(...args: Construct<PolynomialArguments, typeof POLYNOMIAL>) {
    const [optimizer, totalIters = 5, power = 1, lastEpoch = -1, verbose = false] = take<PolynomialArguments>(
      'PolynomialLR',
      POLYNOMIAL,
      args,
    );
    super(optimizer, lastEpoch, verbose);
    this.totalIters = totalIters;
    this.power = power;
    this.initialStep();
  }

  override getLr(): number[] {
    const { lastEpoch, totalIters, power } = this;
    if (lastEpoch === 0 || lastEpoch > totalIters) return this.rates;
    const factor = ((1 - lastEpoch / totalIters) / (1 - (lastEpoch - 1) / totalIters)) ** power;
    return this.rates.map((lr) => lr * factor);
  }

  protected override closedForm(): number[] {
    const left = 1 - Math.min(this.totalIters, this.lastEpoch) / this.totalIters;
    return this.baseLrs.map((base) => base * left ** this.power);
  }
}
