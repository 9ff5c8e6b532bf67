import { rangeError } from '../../errors.js';
import { type Construct, take } from '../../nn/construct.js';
import { exponential } from '../../pythonNumber.js';
import { Tensor } from '../../tensor.js';
import { type Optimizer, setComputed } from '../optimizer.js';
import { checkOptimizer, epochText, forGroups, restore, type SchedulerStateDict, stateOf } from './base.js';

const NAMES = [
  'optimizer',
  'mode',
  'factor',
  'patience',
  'threshold',
  'thresholdMode',
  'cooldown',
  'minLr',
  'eps',
  'verbose',
] as const;
type PlateauArguments = [
  optimizer: Optimizer,
  mode?: 'min' | 'max',
  factor?: number,
  patience?: number,
  threshold?: number,
  thresholdMode?: 'rel' | 'abs',
  cooldown?: number,
  minLr?: number | readonly number[],
  eps?: number,
  verbose?: boolean,
];

/**
 * `lr · factor` when a metric has not become better for more than `patience` epochs.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
 */
export class ReduceLROnPlateau {
  readonly optimizer: Optimizer;
  factor: number;
  minLrs: number[];
  patience: number;
  verbose: boolean;
  cooldown: number;
  cooldownCounter = 0;
  mode: 'min' | 'max';
  threshold: number;
  thresholdMode: 'rel' | 'abs';
  best: number;
  numBadEpochs = 0;
  /** Worse than anything. */
  modeWorse: number;
  eps: number;
  lastEpoch = 0;
  /** @internal */
  lastLr: number[];

  constructor(...args: Construct<PlateauArguments, typeof NAMES>) {
    const [
      optimizer,
      mode = 'min',
      factor = 0.1,
      patience = 10,
      threshold = 1e-4,
      thresholdMode = 'rel',
      cooldown = 0,
      minLr = 0,
      eps = 1e-8,
      verbose = false,
    ] = take<PlateauArguments>('ReduceLROnPlateau', NAMES, args);
    if (!(factor < 1)) throw rangeError(`ReduceLROnPlateau: Factor should be < 1.0, but is ${factor}.`);
    checkOptimizer('ReduceLROnPlateau', optimizer);
    if (mode !== 'min' && mode !== 'max')
      throw rangeError(`ReduceLROnPlateau: mode ${String(mode)} is unknown; use 'min' or 'max'.`);
    if (thresholdMode !== 'rel' && thresholdMode !== 'abs')
      throw rangeError(`ReduceLROnPlateau: threshold mode ${String(thresholdMode)} is unknown; use 'rel' or 'abs'.`);
    this.optimizer = optimizer;
    this.factor = factor;
    this.minLrs = forGroups('ReduceLROnPlateau', 'min_lr', optimizer, minLr);
    this.patience = patience;
    this.verbose = verbose;
    this.cooldown = cooldown;
    this.mode = mode;
    this.threshold = threshold;
    this.thresholdMode = thresholdMode;
    this.eps = eps;
    this.modeWorse = mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    this.best = this.modeWorse;
    this.lastLr = optimizer.paramGroups.map((group) => group.lr);
  }

  /** The rates of the groups as the last step left them. */
  getLastLr(): number[] {
    return this.lastLr;
  }

  /** Takes the epoch's metric, a number or a tensor of one element. */
  step(metrics: number | Tensor, epoch: number | null = null): void {
    const current = metrics instanceof Tensor ? metrics.item() : Number(metrics);
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    if (this.isBetter(current, this.best)) {
      this.best = current;
      this.numBadEpochs = 0;
    } else this.numBadEpochs++;
    if (this.inCooldown) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce(this.lastEpoch);
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  #reduce(epoch: number): void {
    for (const [i, group] of this.optimizer.paramGroups.entries()) {
      const before = group.lr;
      const lr = Math.max(before * this.factor, this.minLrs[i]!);
      if (before - lr <= this.eps) continue;
      setComputed(group, 'lr', lr);
      if (this.verbose)
        console.log(`Epoch ${epochText(epoch)}: reducing learning rate of group ${i} to ${exponential(lr, 4)}.`);
    }
  }

  /** Whether bad epochs are not counted at the moment. */
  get inCooldown(): boolean {
    return this.cooldownCounter > 0;
  }

  /** Whether a metric is better than the best by more than the threshold. */
  isBetter(metric: number, best: number): boolean {
    const { mode, threshold } = this;
    if (this.thresholdMode === 'rel')
      return mode === 'min' ? metric < best * (1 - threshold) : metric > best * (threshold + 1);
    return mode === 'min' ? metric < best - threshold : metric > best + threshold;
  }

  /** The state under PyTorch's names. */
  stateDict(): SchedulerStateDict {
    return stateOf(this, ['optimizer']);
  }

  /** Takes over what {@link stateDict}, or PyTorch's, gave. */
  loadStateDict(state: SchedulerStateDict): void {
    restore('ReduceLROnPlateau.loadStateDict', this, state, ['optimizer']);
    this.modeWorse = this.mode === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }
}
