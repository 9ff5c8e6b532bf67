import { rangeError } from '../../errors.js';
import { type Construct, take } from '../../nn/construct.js';
import { tuple } from '../../repr.js';
import { type Optimizer, setComputed } from '../optimizer.js';
import { checkOptimizer, forGroups, LRScheduler } from './base.js';

const NAMES = [
  'optimizer',
  'maxLr',
  'totalSteps',
  'epochs',
  'stepsPerEpoch',
  'pctStart',
  'annealStrategy',
  'cycleMomentum',
  'baseMomentum',
  'maxMomentum',
  'divFactor',
  'finalDivFactor',
  'threePhase',
  'lastEpoch',
  'verbose',
] as const;
type OneCycleArguments = [
  optimizer: Optimizer,
  maxLr: number | readonly number[],
  totalSteps?: number | null,
  epochs?: number | null,
  stepsPerEpoch?: number | null,
  pctStart?: number,
  annealStrategy?: 'cos' | 'linear',
  cycleMomentum?: boolean,
  baseMomentum?: number | readonly number[],
  maxMomentum?: number | readonly number[],
  divFactor?: number,
  finalDivFactor?: number,
  threePhase?: boolean,
  lastEpoch?: number,
  verbose?: boolean,
];

type Bound = 'initialLr' | 'maxLr' | 'minLr' | 'maxMomentum' | 'baseMomentum';

/** A part of the cycle: until which step, and between which of the group's values. */
interface Phase {
  readonly endStep: number;
  readonly lr: readonly [Bound, Bound];
  readonly momentum: readonly [Bound, Bound];
}

function positive(name: string, value: number): number {
  if (!Number.isInteger(value) || value <= 0)
    throw rangeError(`OneCycleLR: Expected positive integer ${name}, but got ${value}.`);
  return value;
}

function phases(total: number, start: number, isThreePhase: boolean): Phase[] {
  const up: Phase = {
    endStep: start * total - 1,
    lr: ['initialLr', 'maxLr'],
    momentum: ['maxMomentum', 'baseMomentum'],
  };
  if (!isThreePhase)
    return [up, { endStep: total - 1, lr: ['maxLr', 'minLr'], momentum: ['baseMomentum', 'maxMomentum'] }];
  return [
    up,
    { endStep: 2 * start * total - 2, lr: ['maxLr', 'initialLr'], momentum: ['baseMomentum', 'maxMomentum'] },
    { endStep: total - 1, lr: ['initialLr', 'minLr'], momentum: ['maxMomentum', 'maxMomentum'] },
  ];
}

/**
 * The 1cycle policy: from a small rate up to `maxLr` and down to next to nothing, once, with momentum the other way.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.OneCycleLR.html
 */
export class OneCycleLR extends LRScheduler {
  totalSteps: number;
  cycleMomentum: boolean;
  /** Whether the momentum is Adam's first beta. */
  useBeta1: boolean;
  readonly #phases: readonly Phase[];
  readonly #isLinear: boolean;

  constructor(...args: Construct<OneCycleArguments, typeof NAMES>) {
    const [
      optimizer,
      maxLr,
      totalSteps = null,
      epochs = null,
      stepsPerEpoch = null,
      pctStart = 0.3,
      annealStrategy = 'cos',
      cycleMomentum = true,
      baseMomentum = 0.85,
      maxMomentum = 0.95,
      divFactor = 25,
      finalDivFactor = 1e4,
      threePhase = false,
      lastEpoch = -1,
      verbose = false,
    ] = take<OneCycleArguments>('OneCycleLR', NAMES, args);
    checkOptimizer('OneCycleLR', optimizer);
    if (totalSteps === null && (epochs === null || stepsPerEpoch === null)) {
      throw rangeError('OneCycleLR: You must define either totalSteps OR (epochs AND stepsPerEpoch).');
    }
    const total =
      totalSteps === null
        ? positive('epochs', epochs!) * positive('steps_per_epoch', stepsPerEpoch!)
        : positive('total_steps', totalSteps);
    if (!(pctStart >= 0 && pctStart <= 1))
      throw rangeError(`OneCycleLR: Expected float between 0 and 1 pct_start, but got ${pctStart}.`);
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear')
      throw rangeError(
        `OneCycleLR: anneal_strategy must be one of 'cos' or 'linear', instead got ${String(annealStrategy)}.`,
      );
    const useBeta1 = 'betas' in optimizer.defaults;
    if (cycleMomentum && !useBeta1 && !('momentum' in optimizer.defaults)) {
      throw rangeError(
        'OneCycleLR: optimizer must support momentum with cycleMomentum option enabled; give cycleMomentum: false.',
      );
    }
    if (lastEpoch === -1) {
      const rates = forGroups('OneCycleLR', 'max_lr', optimizer, maxLr);
      const most = forGroups('OneCycleLR', 'max_momentum', optimizer, maxMomentum);
      const least = forGroups('OneCycleLR', 'base_momentum', optimizer, baseMomentum);
      for (const [i, group] of optimizer.paramGroups.entries()) {
        setComputed(group, 'initialLr', rates[i]! / divFactor);
        group.maxLr = rates[i]!;
        setComputed(group, 'minLr', group.initialLr! / finalDivFactor);
        if (!cycleMomentum) continue;
        if (useBeta1) group.betas = tuple(most[i]!, ...(group.betas as number[]).slice(1));
        else group.momentum = most[i]!;
        group.maxMomentum = most[i]!;
        group.baseMomentum = least[i]!;
      }
    }
    super(optimizer, lastEpoch, verbose);
    this.totalSteps = total;
    this.cycleMomentum = cycleMomentum;
    this.useBeta1 = useBeta1;
    this.#phases = phases(total, pctStart, threePhase);
    this.#isLinear = annealStrategy === 'linear';
    this.initialStep();
  }

  #anneal(start: number, end: number, part: number): number {
    if (this.#isLinear) return (end - start) * part + start;
    return end + ((start - end) / 2) * (Math.cos(Math.PI * part) + 1);
  }

  override getLr(): number[] {
    const step = this.lastEpoch;
    if (step > this.totalSteps)
      throw rangeError(
        `OneCycleLR: Tried to step ${step + 1} times. The specified number of total steps is ${this.totalSteps}.`,
      );
    const last = this.#phases.length - 1;
    const index = this.#phases.findIndex((phase, i) => step <= phase.endStep || i === last);
    const phase = this.#phases[index]!;
    const start = index === 0 ? 0 : this.#phases[index - 1]!.endStep;
    const part = (step - start) / (phase.endStep - start);
    return this.optimizer.paramGroups.map((group) => {
      const between = ([from, to]: readonly [Bound, Bound]): number =>
        this.#anneal(group[from] as number, group[to] as number, part);
      if (this.cycleMomentum) {
        const momentum = between(phase.momentum);
        if (this.useBeta1) group.betas = tuple(momentum, ...(group.betas as number[]).slice(1));
        else setComputed(group, 'momentum', momentum);
      }
      return between(phase.lr);
    });
  }
}
