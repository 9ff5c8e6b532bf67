import { rangeError } from '../../errors.js';
import { type Construct, take } from '../../nn/construct.js';
import { type Optimizer, setComputed } from '../optimizer.js';
import { checkOptimizer, checkPositive, forGroups, LRScheduler } from './base.js';

const NAMES = [
  'optimizer',
  'baseLr',
  'maxLr',
  'stepSizeUp',
  'stepSizeDown',
  'mode',
  'gamma',
  'scaleFn',
  'scaleMode',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
  'lastEpoch',
  'verbose',
] as const;
type CyclicArguments = [
  optimizer: Optimizer,
  baseLr: number | readonly number[],
  maxLr: number | readonly number[],
  stepSizeUp?: number,
  stepSizeDown?: number | null,
  mode?: 'triangular' | 'triangular2' | 'exp_range',
  gamma?: number,
  scaleFn?: ((x: number) => number) | null,
  scaleMode?: 'cycle' | 'iterations',
  cycleMomentum?: boolean,
  baseMomentum?: number | readonly number[],
  maxMomentum?: number | readonly number[],
  lastEpoch?: number,
  verbose?: boolean,
];

const SCALES = { triangular: 'cycle', triangular2: 'cycle', exp_range: 'iterations' } as const;

/**
 * Rates that go up and down between `baseLr` and `maxLr`, and momentums the other way.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CyclicLR.html
 */
export class CyclicLR extends LRScheduler {
  maxLrs: number[];
  totalSize: number;
  stepRatio: number;
  mode: string;
  gamma: number;
  scaleMode: 'cycle' | 'iterations';
  cycleMomentum: boolean;
  baseMomentums: number[] = [];
  maxMomentums: number[] = [];
  readonly #custom: ((x: number) => number) | null;

  constructor(...args: Construct<CyclicArguments, typeof NAMES>) {
    const [
      optimizer,
      baseLr,
      maxLr,
      stepSizeUp = 2000,
      stepSizeDown = null,
      mode = 'triangular',
      gamma = 1,
      scaleFn = null,
      scaleMode = 'cycle',
      cycleMomentum = true,
      baseMomentum = 0.8,
      maxMomentum = 0.9,
      lastEpoch = -1,
      verbose = false,
    ] = take<CyclicArguments>('CyclicLR', NAMES, args);
    checkOptimizer('CyclicLR', optimizer);
    checkPositive('CyclicLR', 'stepSizeUp', stepSizeUp);
    const baseLrs = forGroups('CyclicLR', 'base_lr', optimizer, baseLr);
    const maxLrs = forGroups('CyclicLR', 'max_lr', optimizer, maxLr);
    if (!Object.hasOwn(SCALES, mode) && scaleFn === null)
      throw rangeError(
        `CyclicLR: mode ${mode} is invalid and scaleFn is not given; use triangular, triangular2 or exp_range.`,
      );
    if (cycleMomentum && !('momentum' in optimizer.defaults)) {
      throw rangeError(
        'CyclicLR: optimizer must support momentum with cycleMomentum option enabled; give cycleMomentum: false.',
      );
    }
    const baseMomentums = cycleMomentum ? forGroups('CyclicLR', 'base_momentum', optimizer, baseMomentum) : [];
    const maxMomentums = cycleMomentum ? forGroups('CyclicLR', 'max_momentum', optimizer, maxMomentum) : [];
    if (lastEpoch === -1) {
      for (const [i, group] of optimizer.paramGroups.entries()) {
        setComputed(group, 'lr', baseLrs[i]!);
        if (cycleMomentum) setComputed(group, 'momentum', baseMomentums[i]!);
      }
    }
    super(optimizer, lastEpoch, verbose);
    this.maxLrs = maxLrs;
    const down = stepSizeDown ?? stepSizeUp;
    this.totalSize = stepSizeUp + down;
    this.stepRatio = stepSizeUp / this.totalSize;
    this.mode = mode;
    this.gamma = gamma;
    this.#custom = scaleFn;
    this.scaleMode = scaleFn === null ? SCALES[mode] : scaleMode;
    this.cycleMomentum = cycleMomentum;
    if (cycleMomentum) {
      this.baseMomentums = optimizer.paramGroups.map((group) => group.momentum as number);
      this.maxMomentums = maxMomentums;
    }
    this.initialStep();
    this.baseLrs = baseLrs;
  }

  /** The amplitude's factor at a cycle or an iteration. */
  scaleFn(x: number): number {
    if (this.#custom !== null) return this.#custom(x);
    if (this.mode === 'triangular') return 1;
    return this.mode === 'triangular2' ? 1 / 2 ** (x - 1) : this.gamma ** x;
  }

  override getLr(): number[] {
    const position = this.lastEpoch / this.totalSize;
    const cycle = Math.floor(1 + position);
    const x = 1 + position - cycle;
    const height = x <= this.stepRatio ? x / this.stepRatio : (x - 1) / (this.stepRatio - 1);
    const scale = this.scaleFn(this.scaleMode === 'cycle' ? cycle : this.lastEpoch);
    if (this.cycleMomentum) {
      for (const [i, group] of this.optimizer.paramGroups.entries()) {
        const most = this.maxMomentums[i]!;
        setComputed(group, 'momentum', most - (most - this.baseMomentums[i]!) * height * scale);
      }
    }
    return this.baseLrs.map((base, i) => base + (this.maxLrs[i]! - base) * height * scale);
  }
}
