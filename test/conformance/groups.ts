// The groups of vectors, and how a case of each is run.
import { fileURLToPath } from 'node:url';
import { type CaseBase, type Header, load } from '../vectors/reader.mjs';
import { Differences, loadDifferences } from './differences.js';
import { backendName } from './library.js';
import type { Outcome, Report } from './outcome.js';

type Runner = (c: CaseBase, header: Header) => Report;

const OPS = ['ops_core', 'ops_nn', 'ops_more', 'ops_linalg', 'ops_exotic', 'ops_hand'] as const;
export const GROUPS = [...OPS, 'errors', 'modules', 'optim', 'printing', 'rng', 'autograd', 'facts', 'train'] as const;
export type Group = (typeof GROUPS)[number];

/** Where an op's name alone is looked for. */
export const NAMED_GROUPS: readonly Group[] = [...OPS, 'modules', 'optim', 'train'];

async function runner(group: Group): Promise<Runner> {
  const file = group.startsWith('ops_') ? 'ops' : group;
  const module = (await import(`./${file}.js`)) as { run: Runner };
  return module.run;
}

type Named = CaseBase & {
  readonly [key in 'op' | 'module' | 'optimizer' | 'scheduler' | 'type' | 'call' | 'src']?: string;
};

/** What a case is counted under: its op, module, optimizer or kind. */
function nameOf(group: Group, c: Named): string {
  switch (group) {
    case 'modules':
      return c.module!;
    case 'optim':
      return c.scheduler ?? c.optimizer ?? (c.type === 'lbfgs' ? 'LBFGS' : c.type!);
    case 'printing':
      return c.type!;
    case 'rng':
      return (c.call ?? c.type!).replace(/[([ ].*/, '') || c.type!;
    case 'autograd':
      return 'program';
    case 'facts':
      return c.op !== undefined ? `${c.type}.${c.op}` : c.type!;
    case 'train':
      return c.type!;
    default:
      return c.op!;
  }
}

/** A filter of `--op`: names separated by commas; a name that no op has is a prefix, and `*` may end one. */
export class NameFilter {
  readonly #names: readonly string[];

  constructor(text: string) {
    this.#names = text
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '');
  }

  /** Those of the names that are asked for. */
  select(all: ReadonlySet<string>): Set<string> {
    const found = new Set<string>();
    for (const name of this.#names) {
      const prefix = name.endsWith('*') ? name.slice(0, -1) : all.has(name) ? null : name;
      for (const candidate of all) {
        if (prefix === null ? candidate === name : candidate.startsWith(prefix)) found.add(candidate);
      }
    }
    return found;
  }
}

export interface LoadedGroup {
  readonly group: Group;
  readonly header: Header;
  readonly cases: readonly { readonly name: string; readonly c: Named }[];
}

export function loadGroup(group: Group): LoadedGroup {
  const path = fileURLToPath(new URL(`../vectors/${group}.json`, import.meta.url));
  const { header, cases } = load<Named>(path);
  return { group, header, cases: cases.map((c) => ({ name: nameOf(group, c), c })) };
}

export interface RunOptions {
  /** Only these names. */
  readonly names?: ReadonlySet<string>;
  /** Only these ids, `*` at the end allowed. */
  readonly id?: string;
  readonly differences?: Differences;
}

/** Runs a group's cases. */
export async function runGroup({ group, header, cases }: LoadedGroup, options: RunOptions = {}): Promise<Outcome[]> {
  const run = await runner(group);
  const differences = options.differences ?? new Differences(loadDifferences(), backendName());
  const { id, names } = options;
  const outcomes: Outcome[] = [];
  for (const { name, c } of cases) {
    if (names !== undefined && !names.has(name)) continue;
    if (id !== undefined && !(id.endsWith('*') ? c.id.startsWith(id.slice(0, -1)) : c.id === id)) continue;
    outcomes.push(differences.apply(run(c, header).outcome(c.id, group, name), c.src));
  }
  return outcomes;
}
