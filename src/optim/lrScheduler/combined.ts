import { rangeError, typeError } from '../../errors.js';
import { type Construct, take } from '../../nn/construct.js';
import { describe } from '../../shape.js';
import type { Optimizer } from '../optimizer.js';
import { LRScheduler, restore, type SchedulerStateDict, stateOf } from './base.js';

function checkSchedulers(op: string, schedulers: unknown): asserts schedulers is readonly LRScheduler[] {
  if (!Array.isArray(schedulers) || schedulers.length === 0)
    throw typeError(`${op}: expected an array of schedulers, not ${describe(schedulers)}.`);
  for (const [i, scheduler] of schedulers.entries()) {
    if (!(scheduler instanceof LRScheduler))
      throw typeError(`${op}: the entry at index ${i}, ${describe(scheduler)}, is not a scheduler.`);
    if (scheduler.optimizer !== (schedulers[0] as LRScheduler).optimizer) {
      throw rangeError(
        `${op}: all schedulers are expected to belong to the same optimizer, but those at index 0 and ${i} are different.`,
      );
    }
  }
}

const NOT_STATE = ['optimizer', 'schedulers'];

function saveSchedulers(scheduler: object, schedulers: readonly LRScheduler[]): SchedulerStateDict {
  return { ...stateOf(scheduler, NOT_STATE), _schedulers: schedulers.map((inner) => inner.stateDict()) };
}

function loadSchedulers(
  op: string,
  scheduler: object,
  schedulers: readonly LRScheduler[],
  state: SchedulerStateDict,
): void {
  const inner = state._schedulers ?? state.schedulers;
  if (!Array.isArray(inner) || inner.length !== schedulers.length)
    throw rangeError(`${op}: the state is not one of ${schedulers.length} schedulers.`);
  restore(op, scheduler, state, NOT_STATE);
  for (const [i, part] of inner.entries()) schedulers[i]!.loadStateDict(part as SchedulerStateDict);
}

/**
 * Several schedulers, all of which take every step.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ChainedScheduler.html
 */
export class ChainedScheduler {
  readonly schedulers: readonly LRScheduler[];
  readonly optimizer: Optimizer;
  /** @internal */
  lastLr: number[];

  constructor(schedulers: readonly LRScheduler[]) {
    checkSchedulers('ChainedScheduler', schedulers);
    this.schedulers = [...schedulers];
    this.optimizer = schedulers[0]!.optimizer;
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** The rates of the groups as the last step set them. */
  getLastLr(): number[] {
    return this.lastLr;
  }

  /** One step of every scheduler, in order. */
  step(): void {
    for (const scheduler of this.schedulers) scheduler.step();
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  stateDict(): SchedulerStateDict {
    return saveSchedulers(this, this.schedulers);
  }

  loadStateDict(state: SchedulerStateDict): void {
    loadSchedulers('ChainedScheduler.loadStateDict', this, this.schedulers, state);
  }
}

const SEQUENTIAL = ['optimizer', 'schedulers', 'milestones', 'lastEpoch', 'verbose'] as const;
type SequentialArguments = [
  optimizer: Optimizer,
  schedulers: readonly LRScheduler[],
  milestones: readonly number[],
  lastEpoch?: number,
  verbose?: boolean,
];

/**
 * Several schedulers, each of which takes over at its milestone.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.SequentialLR.html
 */
export class SequentialLR {
  readonly schedulers: readonly LRScheduler[];
  readonly optimizer: Optimizer;
  readonly milestones: readonly number[];
  lastEpoch: number;
  /** @internal */
  lastLr: number[];

  constructor(...args: Construct<SequentialArguments, typeof SEQUENTIAL>) {
    const [optimizer, schedulers, milestones, lastEpoch = -1] = take<SequentialArguments>(
      'SequentialLR',
      SEQUENTIAL,
      args,
    );
    checkSchedulers('SequentialLR', schedulers);
    if (schedulers[0]!.optimizer !== optimizer) {
      throw rangeError(
        'SequentialLR: all schedulers are expected to belong to the same optimizer, but they are not made for the one given.',
      );
    }
    if (milestones.length !== schedulers.length - 1) {
      throw rangeError(
        `SequentialLR: the number of schedulers must be one more than the number of milestone points, but got ${schedulers.length} and ${milestones.length}.`,
      );
    }
    this.schedulers = [...schedulers];
    this.milestones = [...milestones];
    this.optimizer = optimizer;
    this.lastEpoch = lastEpoch + 1;
    // What making the schedulers did to the rates is undone; only the first one takes its first step.
    for (const group of optimizer.paramGroups) group.lr = group.initialLr!;
    for (const scheduler of schedulers) scheduler.lastEpoch--;
    schedulers[0]!.initialStep();
    this.lastLr = schedulers[0]!.getLastLr();
  }

  /** The rates of the groups as the last step set them. */
  getLastLr(): number[] {
    return this.lastLr;
  }

  /** A step of the scheduler whose turn it is. */
  step(): void {
    this.lastEpoch++;
    const turn = this.milestones.filter((milestone) => milestone <= this.lastEpoch).length;
    const scheduler = this.schedulers[turn]!;
    if (turn > 0 && this.milestones[turn - 1] === this.lastEpoch) scheduler.step(0);
    else scheduler.step();
    this.lastLr = scheduler.getLastLr();
  }

  stateDict(): SchedulerStateDict {
    const { milestones, ...state } = saveSchedulers(this, this.schedulers);
    return { ...state, _milestones: milestones };
  }

  loadStateDict(state: SchedulerStateDict): void {
    const { _milestones: milestones, ...rest } = state;
    loadSchedulers('SequentialLR.loadStateDict', this, this.schedulers, {
      milestones: milestones ?? this.milestones,
      ...rest,
    });
  }
}
