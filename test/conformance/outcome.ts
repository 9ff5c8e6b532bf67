// What came of one case.
import { Absent } from './library.js';

export type Status = 'passed' | 'failed' | 'different' | 'absent';

export interface Failure {
  /** Which part of the case: call, throws, dtype, shape, value, alias, gradFn, requiresGrad, grad, hvp, inplace, … */
  readonly part: string;
  readonly message: string;
  readonly stack?: string;
}

export interface Outcome {
  readonly id: string;
  readonly group: string;
  readonly op: string;
  readonly status: Status;
  readonly failures: readonly Failure[];
  /** Why it is allowed to differ. */
  readonly reason?: string;
  /** Passed, but to be counted apart. */
  readonly notes?: readonly string[];
}

/** Collects what is wrong with one case. */
export class Report {
  readonly failures: Failure[] = [];
  readonly notes: string[] = [];
  #absent: string | null = null;

  add(part: string, message: string): void {
    this.failures.push({ part, message });
  }

  /** Adds `message` unless it is null. */
  check(part: string, message: string | null): void {
    if (message !== null) this.add(part, message);
  }

  /** The case passes, but this is worth counting apart. */
  note(message: string): void {
    this.notes.push(message);
  }

  /** The whole case is about something that is not there. */
  absent(what: string): void {
    this.#absent ??= what;
  }

  /** Runs one part of a case; what it throws is a failure of that part. */
  attempt(part: string, body: () => void): boolean {
    try {
      body();
      return true;
    } catch (error) {
      if (error instanceof Absent) this.absent(error.what);
      else if (error instanceof Error) {
        const failure = { part, message: `${error.name}: ${error.message.split('\n')[0]}` };
        this.failures.push(error.stack === undefined ? failure : { ...failure, stack: error.stack });
      } else this.add(part, `threw ${String(error)}`);
      return false;
    }
  }

  outcome(id: string, group: string, op: string): Outcome {
    if (this.failures.length === 0 && this.#absent !== null) {
      return { id, group, op, status: 'absent', failures: [{ part: 'absent', message: this.#absent }] };
    }
    const status = this.failures.length > 0 ? 'failed' : 'passed';
    return { id, group, op, status, failures: this.failures, ...(this.notes.length > 0 ? { notes: this.notes } : {}) };
  }
}
