import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { backendPeer, type Peer, torchPeer } from './peers.js';
import { type MemoryResult, memoryRows, type Row, rows } from './rows.js';
import { inUnit, type Measured, markdown, memoryLine, regressions } from './table.js';
import type { Timing } from './worker.js';

const HELP = `nodegrad bench: the workloads on native and WASM, each in its own process, interleaved

  --filter TEXT           only rows whose name contains one of the comma-separated texts
  --backend native,wasm   only these backends
  --quick                 a short run
  --rounds N              how often the peers take turns in each row (3)
  --threads N             threads of the native backend
  --torch                 PyTorch beside them, where Debian's python3-torch is found; NODEGRAD_TORCH_ENV, a JSON
                          object, is added to its environment
  --memory                resident memory over thousands of training steps (W9, W9s) too
  --json FILE             the results for machines ('-': to standard output, alone)
  --markdown FILE         the table for a CI step summary (appended)
  --compare FILE          exits with 1 when a row is slower than in that JSON …
  --max-regression X      … by more than X times (1.15)
`;

interface Report {
  readonly machine: Record<string, unknown>;
  readonly rows: Measured[];
  readonly memory: Record<string, Record<string, MemoryResult>>;
}

/** The Python that has PyTorch: the system's, not a version manager's. */
function findTorch(threads: number): Peer | null {
  const python = '/usr/bin/python3';
  const script = new URL('../../../bench/torch_worker.py', import.meta.url);
  if (!existsSync(python) || !existsSync(script)) return null;
  return torchPeer(python, script.pathname, threads);
}

/** Asks each peer in turn, several rounds; the best block of all, and the median of the medians. */
async function measureRow(row: Row, peers: readonly Peer[], rounds: number, seconds: number): Promise<Measured> {
  const timings = new Map<string, Timing[]>();
  const results: Measured['results'] = {};
  for (let round = 0; round < rounds; round++) {
    for (const peer of peers) {
      if (typeof results[peer.name] === 'string') continue;
      try {
        const timing = await peer.ask<Timing>({ kind: 'measure', row: row.id, seconds });
        timings.set(peer.name, [...(timings.get(peer.name) ?? []), timing]);
      } catch (error) {
        results[peer.name] = (error as Error).message;
      }
    }
  }
  for (const [name, list] of timings) {
    const medians = list.map((t) => t.median).sort((a, b) => a - b);
    results[name] = inUnit(row, { best: Math.min(...list.map((t) => t.best)), median: medians[medians.length >> 1]! });
  }
  return { id: row.id, unit: row.unit, results };
}

const OPTIONS = {
  filter: { type: 'string' },
  backend: { type: 'string', default: 'native,wasm' },
  quick: { type: 'boolean', default: false },
  rounds: { type: 'string' },
  threads: { type: 'string' },
  torch: { type: 'boolean', default: false },
  memory: { type: 'boolean', default: false },
  json: { type: 'string' },
  markdown: { type: 'string' },
  compare: { type: 'string' },
  'max-regression': { type: 'string', default: '1.15' },
  help: { type: 'boolean', default: false },
} as const;

type Say = (text: string) => void;

/** Starts the processes that measure. What cannot start is left out, with a word why. */
async function startPeers(
  makers: readonly (() => Peer | null)[],
  machine: Record<string, unknown>,
  say: Say,
): Promise<Peer[]> {
  const peers: Peer[] = [];
  for (const make of makers) {
    const peer = make();
    if (peer === null) {
      say('PyTorch was not found (Debian: apt-get install python3-torch).');
      continue;
    }
    try {
      machine[peer.name] = await peer.ask({ kind: 'describe' });
      peers.push(peer);
      say(`${peer.name}: ${JSON.stringify(machine[peer.name])}`);
    } catch (error) {
      say(`${peer.name} is left out: ${(error as Error).message}`);
      peer.close();
    }
  }
  return peers;
}

/** W9 and W9s, each in a process that has run nothing else. */
async function measureMemoryRows(
  ids: readonly string[],
  backends: readonly string[],
  threads: number | null,
  seconds: number,
  say: Say,
): Promise<Report['memory']> {
  const memory: Report['memory'] = {};
  for (const id of ids) {
    for (const name of backends) {
      const fresh = backendPeer(name, threads);
      const result = await fresh.ask<MemoryResult>({ kind: 'memory', row: id, seconds });
      fresh.close();
      memory[id] = { ...memory[id], [name]: result };
      say(memoryLine(id, name, result));
    }
  }
  return memory;
}

/** Rows that failed, in words. */
function failures(measured: readonly Measured[]): string[] {
  return measured.flatMap((row) =>
    Object.entries(row.results)
      .filter(([, result]) => typeof result === 'string')
      .map(([peer, why]) => `${row.id}, ${peer}: ${why as string}`),
  );
}

/** Runs the benchmark; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const say = values.json === '-' ? console.error : console.log;
  const limit = Number(values['max-regression']);
  if (!(limit > 0)) throw new Error(`bench: --max-regression ${values['max-regression']} is no number above 0.`);
  const baseline = values.compare === undefined ? null : (JSON.parse(readFileSync(values.compare, 'utf8')) as Report);
  const wanted = (id: string): boolean =>
    values.filter === undefined ||
    values.filter.split(',').some((text) => id.toLowerCase().includes(text.trim().toLowerCase()));
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const seconds = values.quick ? 0.15 : 0.5;
  const threads = values.threads === undefined ? null : Number(values.threads);

  const machine: Record<string, unknown> = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    node: process.version,
    date: new Date().toISOString(),
  };
  const makers: (() => Peer | null)[] = values.backend
    .split(',')
    .map((name) => () => backendPeer(name.trim(), threads));
  if (values.torch) makers.push(() => findTorch(threads ?? Math.min(2, cpus().length)));
  const peers = await startPeers(makers, machine, say);
  const names = peers.map((peer) => peer.name);
  const measured: Measured[] = [];
  for (const row of rows.filter(({ id }) => wanted(id))) {
    measured.push(await measureRow(row, peers, rounds, seconds));
    say(markdown(measured.slice(-1), names).split('\n')[2]!);
  }
  for (const peer of peers) peer.close();

  const memoryIds = values.memory ? memoryRows.map(({ id }) => id).filter(wanted) : [];
  const backends = names.filter((name) => name !== 'torch');
  const memory = await measureMemoryRows(memoryIds, backends, threads, values.quick ? 10 : 60, say);
  const table = markdown(measured, names);
  say(`\n${table}`);
  const report: Report = { machine, rows: measured, memory };
  if (values.json === '-') console.log(JSON.stringify(report, null, 2));
  else if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${table}\n`, { flag: 'a' });

  const wrong = failures(measured);
  for (const line of wrong) say(`failed: ${line}`);
  const slower = baseline === null ? [] : regressions(baseline.rows, measured, limit);
  if (slower.length > 0) say(`\nSlower than ${values.compare} by more than ${limit} times:\n${slower.join('\n')}`);
  return wrong.length > 0 || slower.length > 0 ? 1 : 0;
}
