import { notSupported, rangeError, typeError } from '../../errors.js';
import { exponential } from '../../pythonNumber.js';
import { describe } from '../../shape.js';
import { camelCase, entriesOf, snakeCase } from '../names.js';
import { Optimizer, type ParamGroup, setComputed } from '../optimizer.js';

/** A scheduler's state in PyTorch's form. */
export type SchedulerStateDict = Record<string, unknown>;

/** Attributes whose names in PyTorch are not just another spelling. */
const SPECIAL: Readonly<Record<string, string>> = {
  stepCount: '_step_count',
  lastLr: '_last_lr',
  schedulers: '_schedulers',
  schedulePhases: '_schedule_phases',
  T0: 'T_0',
};

/** The attributes that are state: numbers, flags, strings, arrays and dicts of them. */
export function stateOf(scheduler: object, left: readonly string[]): SchedulerStateDict {
  const state: SchedulerStateDict = {};
  for (const [key, value] of Object.entries(scheduler)) {
    if (left.includes(key) || typeof value === 'function') continue;
    state[SPECIAL[key] ?? snakeCase(key)] = Array.isArray(value) ? [...(value as unknown[])] : value;
  }
  return state;
}

/** Takes over state by either spelling; attributes that the scheduler does not have, and functions, are left out. */
export function restore(op: string, scheduler: object, state: unknown, left: readonly string[]): void {
  const attributes = scheduler as Record<string, unknown>;
  for (const [key, value] of entriesOf(op, state)) {
    const name = Object.keys(SPECIAL).find((own) => SPECIAL[own] === key) ?? camelCase(key);
    if (left.includes(name) || !Object.hasOwn(attributes, name) || typeof attributes[name] === 'function') continue;
    if (typeof attributes[name] === 'number' && typeof value !== 'number') {
      throw typeError(`${op}: ${key} is ${describe(value)}, not a number.`);
    }
    attributes[name] = Array.isArray(value) ? [...(value as unknown[])] : value;
  }
}

/** Checks a number of steps that a schedule divides by. @throws RangeError for what is not above 0 */
export function checkPositive(op: string, name: string, value: number): void {
  if (!(value > 0))
    throw rangeError(`${op}: ${name} must be above 0, but is ${String(value)}; give a number of steps.`);
}

/** Refuses what is no optimizer. */
export function checkOptimizer(op: string, optimizer: unknown): asserts optimizer is Optimizer {
  if (!(optimizer instanceof Optimizer)) throw typeError(`${op}: ${describe(optimizer)} is not an Optimizer.`);
}

/** One value for every group: given as such or as a list of one for each. */
export function forGroups<T>(op: string, name: string, optimizer: Optimizer, value: T | readonly T[]): T[] {
  const count = optimizer.paramGroups.length;
  if (!Array.isArray(value)) return new Array<T>(count).fill(value as T);
  if (value.length !== count) throw rangeError(`${op}: expected ${count} values for ${name}, got ${value.length}.`);
  return [...(value as readonly T[])];
}

/**
 * The base of the schedulers. A subclass defines {@link getLr} and, at the end of its constructor, calls
 * {@link initialStep}.
 * https://pytorch.org/docs/stable/optim.html#how-to-adjust-learning-rate
 */
export class LRScheduler {
  readonly optimizer: Optimizer;
  /** Each group's rate before any schedule. */
  baseLrs: number[];
  lastEpoch: number;
  verbose: boolean;
  /** @internal How often step() was called. */
  stepCount = 0;
  /** @internal */
  lastLr: number[] = [];

  constructor(optimizer: Optimizer, lastEpoch = -1, verbose = false) {
    const name = this.constructor.name;
    checkOptimizer(name, optimizer);
    this.optimizer = optimizer;
    for (const [i, group] of optimizer.paramGroups.entries()) {
      if (lastEpoch === -1) group.initialLr ??= group.lr;
      else if (group.initialLr === undefined) {
        throw typeError(
          `${name}: param 'initial_lr' is not specified in param_groups[${i}] when resuming an optimizer; load the optimizer's state first.`,
        );
      }
    }
    this.baseLrs = optimizer.paramGroups.map((group) => group.initialLr!);
    this.lastEpoch = lastEpoch;
    this.verbose = verbose;
  }

  /** The rate of each group at {@link lastEpoch}, from the rates now. */
  getLr(): number[] {
    throw notSupported(`${this.constructor.name}: the class does not define getLr().`);
  }

  /** @internal The rates from the base rates alone, where there is such a formula. */
  protected closedForm(): number[] | null {
    return null;
  }

  /** @internal Sets the rates of the first epoch. */
  initialStep(): void {
    this.optimizer.stepCount = 0;
    this.stepCount = 0;
    this.step();
  }

  /** The rates of the groups as the last step set them. */
  getLastLr(): number[] {
    return this.lastLr;
  }

  /**
   * Goes to the next epoch (or to `epoch`) and sets the rates. Call it after the optimizer's step.
   */
  step(epoch: number | null = null): void {
    if (this.stepCount === 1 && this.optimizer.stepCount < 1) {
      process.emitWarning(
        'Detected call of lrScheduler.step() before optimizer.step(). Call them in the opposite order: the first value of the schedule is skipped otherwise.',
      );
    }
    this.stepCount++;
    this.lastEpoch = epoch ?? this.lastEpoch + 1;
    const rates = epoch === null ? this.getLr() : (this.closedForm() ?? this.getLr());
    this.setRates(rates, epoch);
  }

  /** @internal Gives the groups their rates. */
  protected setRates(rates: readonly number[], epoch: number | null): void {
    for (const [i, group] of this.optimizer.paramGroups.entries()) {
      if (i >= rates.length) break;
      setComputed(group, 'lr', rates[i]!);
      this.printLr(this.verbose, i, rates[i]!, epoch);
    }
    this.lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** Prints a rate that was set, if `isVerbose`. */
  printLr(isVerbose: boolean, group: number, lr: number, epoch: number | null = null): void {
    if (!isVerbose) return;
    const rate = exponential(lr, 4);
    if (epoch === null) console.log(`Adjusting learning rate of group ${group} to ${rate}.`);
    else console.log(`Epoch ${epochText(epoch)}: adjusting learning rate of group ${group} to ${rate}.`);
  }

  /** @internal The groups' rates now. */
  protected get rates(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** @internal Attributes that are not state. */
  protected get notState(): readonly string[] {
    return ['optimizer'];
  }

  /** The state under PyTorch's names. */
  stateDict(): SchedulerStateDict {
    return stateOf(this, this.notState);
  }

  /** Takes over what {@link stateDict}, or PyTorch's, gave. */
  loadStateDict(state: SchedulerStateDict): void {
    restore(`${this.constructor.name}.loadStateDict`, this, state, this.notState);
  }
}

/** Python's "%.5d", or "%.2f" of a fraction. */
export function epochText(epoch: number): string {
  return Number.isInteger(epoch) ? String(epoch).padStart(5, '0') : epoch.toFixed(2);
}

export type { ParamGroup };
