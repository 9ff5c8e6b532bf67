// The deliberate differences from PyTorch, all of them in differences.json.
import { readFileSync } from 'node:fs';
import type { Outcome } from './outcome.js';

/** What an entry covers, and why. Every field given must match. */
export interface Difference {
  /** The case's id or the op's name; `*` stands for anything. */
  readonly match: string;
  /** Only these parts of the case may differ; all, if not given. */
  readonly parts?: readonly string[];
  /** Only cases whose `src` this is. */
  readonly src?: string;
  /** Only on this backend. */
  readonly backend?: string;
  readonly reason: string;
}

export function loadDifferences(): Difference[] {
  return JSON.parse(readFileSync(new URL('./differences.json', import.meta.url), 'utf8')) as Difference[];
}

const pattern = (match: string): RegExp =>
  new RegExp(
    `^${match
      .split('*')
      .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  );

/** Turns failures that are allowed for into `different`, with the reason. */
export class Differences {
  readonly used = new Set<Difference>();
  readonly #entries: readonly (readonly [RegExp, Difference])[];

  constructor(
    entries: readonly Difference[],
    readonly backend: string,
  ) {
    this.#entries = entries.map((entry) => [pattern(entry.match), entry] as const);
  }

  apply(outcome: Outcome, src: unknown): Outcome {
    if (outcome.status !== 'failed' && outcome.status !== 'absent') return outcome;
    const matching = this.#entries
      .filter(([regexp]) => regexp.test(outcome.id) || regexp.test(outcome.op))
      .map(([, entry]) => entry)
      .filter((entry) => (entry.src ?? src) === src && (entry.backend ?? this.backend) === this.backend);
    const covering = outcome.failures.map(({ part }) => matching.find((entry) => entry.parts?.includes(part) ?? true));
    if (covering.length === 0 || covering.includes(undefined)) return outcome;
    for (const entry of covering) this.used.add(entry!);
    return { ...outcome, status: 'different', reason: covering[0]!.reason };
  }
}
