// The conformance runner's command line; scripts/conformance.mjs starts it with the backend in the environment.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Differences, loadDifferences } from './differences.js';
import { GROUPS, type Group, loadGroup, NAMED_GROUPS, NameFilter, runGroup } from './groups.js';
import { backendName, find } from './library.js';
import type { Outcome } from './outcome.js';
import { printDifferences, printFailures, printSummary, type Summary, summarize } from './summary.js';

const HELP = `npm run conformance -- [options]
  --backend native|wasm   one backend (default: both, one after the other)
  --group a,b             only these groups: ${GROUPS.join(', ')} (ops: all ops_*)
  --op a,b                only these ops, modules, optimizers …; a name nothing has is a prefix, as is one ending in *
  --id id                 only this case, or those that start with it if it ends in *
  --ignore part,part      do not count these parts: gradFn, alias, hvp, inplace, call, requiresGrad, message …
  --failures              list every failing case (default: the first 20)
  --verbose               with every message and stack
  --write-present         add to present.json what is there now: test/conformance.test.ts holds it to that
  --json                  everything as one JSON object on the standard output`;

const { values } = parseArgs({
  options: {
    group: { type: 'string' },
    op: { type: 'string' },
    id: { type: 'string' },
    ignore: { type: 'string' },
    failures: { type: 'boolean', default: false },
    verbose: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'write-present': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

function chosenGroups(): readonly Group[] {
  if (values.group === undefined) return values.op === undefined ? GROUPS : NAMED_GROUPS;
  const wanted = values.group.split(',').map((name) => name.trim());
  const groups = GROUPS.filter((group) => wanted.some((name) => group === name || group.startsWith(`${name}_`)));
  if (groups.length === 0) {
    console.error(`conformance: no group ${values.group}; there are ${GROUPS.join(', ')}`);
    process.exit(2);
  }
  return groups;
}

/** Drops failures of ignored parts. */
function withoutParts(outcome: Outcome, ignored: ReadonlySet<string>): Outcome {
  if (outcome.status !== 'failed' || ignored.size === 0) return outcome;
  const failures = outcome.failures.filter(({ part }) => !ignored.has(part));
  return { ...outcome, failures, status: failures.length === 0 ? 'passed' : 'failed' };
}

/** Adds the names that have no absent case to those that must stay. */
function writePresent(summary: Summary): void {
  const url = new URL('./present.json', import.meta.url);
  const present = JSON.parse(readFileSync(url, 'utf8')) as Record<string, string[]>;
  for (const [group, { ops }] of summary.groups) {
    const there = [...ops].filter(([, counts]) => counts.absent === 0 && counts.failed === 0).map(([name]) => name);
    present[group] = [...new Set([...(present[group] ?? []), ...there])].sort();
  }
  const groups = GROUPS.map((group) => {
    const names = (present[group] ?? []).map((name) => `    ${JSON.stringify(name)}`);
    return `  ${JSON.stringify(group)}: [${names.length > 0 ? `\n${names.join(',\n')}\n  ` : ''}]`;
  });
  writeFileSync(url, `{\n${groups.join(',\n')}\n}\n`);
}

async function main(): Promise<number> {
  const start = performance.now();
  const loaded = chosenGroups().map(loadGroup);
  const filter = values.op === undefined ? null : new NameFilter(values.op);
  const names = filter?.select(new Set(loaded.flatMap(({ cases }) => cases.map(({ name }) => name))));
  const differences = new Differences(loadDifferences(), backendName());
  const ignored = new Set(values.ignore?.split(',').map((part) => part.trim()));
  const outcomes: Outcome[] = [];
  for (const group of loaded) {
    const some = await runGroup(group, {
      differences,
      ...(names === undefined ? {} : { names }),
      ...(values.id === undefined ? {} : { id: values.id }),
    });
    outcomes.push(...some.map((outcome) => withoutParts(outcome, ignored)));
  }
  if (outcomes.length === 0) {
    console.error('conformance: no case has that name');
    return 2;
  }
  const summary = summarize(outcomes);
  if (values['write-present']) writePresent(summary);
  if (values.json) {
    const groups = Object.fromEntries(
      [...summary.groups].map(([name, { counts, ops }]) => [name, { ...counts, ops: Object.fromEntries(ops) }]),
    );
    const listed = outcomes.filter(({ status }) => status === 'failed' || status === 'different');
    console.log(JSON.stringify({ backend: backendName(), ...summary.all, groups, cases: listed }));
    return summary.all.failed > 0 ? 1 : 0;
  }
  const write = (line: string): void => console.log(line);
  printSummary(summary, write);
  printFailures(outcomes, { limit: values.failures || values.verbose ? Infinity : 20, verbose: values.verbose }, write);
  printDifferences(outcomes, write);
  const near = outcomes.filter(({ notes, status }) => status === 'passed' && notes !== undefined).length;
  if (near > 0) write(`${near} random streams within maxRelDiff, not bit for bit`);
  if (summary.parts.size > 0)
    write(`failing parts: ${[...summary.parts].map(([part, n]) => `${part} ${n}`).join(', ')}`);
  const { passed, failed, different, absent } = summary.all;
  const info = find('backend') as { isa?: string } | undefined;
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  write(
    `${backendName()} (${info?.isa ?? '?'}): ${outcomes.length} cases in ${seconds} s: ${different} deliberately different, ${absent} absent`,
  );
  write(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

if (values.help) console.log(HELP);
else process.exitCode = await main();
