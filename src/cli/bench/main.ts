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

/** Runs the benchmark; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
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
    },
  });
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
  const chosen = rows.filter((row) => wanted(row.id));
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3));
  const seconds = values.quick ? 0.15 : 0.5;
  const threads = values.threads === undefined ? null : Number(values.threads);

  const peers: Peer[] = [];
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
  const measured: Measured[] = [];
  for (const row of chosen) {
    measured.push(await measureRow(row, peers, rounds, seconds));
    say(
      markdown(
        measured.slice(-1),
        peers.map((peer) => peer.name),
      ).split('\n')[2]!,
    );
  }
  for (const peer of peers) peer.close();

  const memory: Report['memory'] = {};
  if (values.memory) {
    for (const { id } of memoryRows.filter((row) => wanted(row.id))) {
      for (const name of peers.map((peer) => peer.name).filter((peerName) => peerName !== 'torch')) {
        const fresh = backendPeer(name, threads);
        const result = await fresh.ask<MemoryResult>({ kind: 'memory', row: id, seconds: values.quick ? 10 : 60 });
        fresh.close();
        memory[id] = { ...memory[id], [name]: result };
        say(memoryLine(id, name, result));
      }
    }
  }
  const table = markdown(
    measured,
    peers.map((peer) => peer.name),
  );
  say(`\n${table}`);
  const report: Report = { machine, rows: measured, memory };
  if (values.json === '-') console.log(JSON.stringify(report, null, 2));
  else if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (values.markdown !== undefined) writeFileSync(values.markdown, `${table}\n`, { flag: 'a' });

  const wrong = measured.flatMap((row) =>
    Object.entries(row.results)
      .filter(([, result]) => typeof result === 'string')
      .map(([peer, why]) => `${row.id}, ${peer}: ${why as string}`),
  );
  for (const line of wrong) say(`failed: ${line}`);
  const slower = baseline === null ? [] : regressions(baseline.rows, measured, limit);
  if (slower.length > 0) say(`\nSlower than ${values.compare} by more than ${limit} times:\n${slower.join('\n')}`);
  return wrong.length > 0 || slower.length > 0 ? 1 : 0;
}
