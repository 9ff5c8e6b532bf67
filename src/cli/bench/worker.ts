import { Bench } from 'tinybench';
import { backend, setNumThreads } from '../../backends/index.js';
import { type Case, measureMemory, memoryRows, type Row, rows } from './rows.js';

/** What the parent asks a worker process for. */
export type Request =
  | { readonly kind: 'describe' }
  | { readonly kind: 'measure'; readonly row: string; readonly seconds: number }
  | { readonly kind: 'memory'; readonly row: string; readonly seconds: number };

/** Seconds an iteration: the best block and the median one. */
export interface Timing {
  readonly best: number;
  readonly median: number;
}

let prepared: { row: Row; case: Case; iterations: number } | null = null;

/** Makes a row's case, checks its values, and finds how many iterations fill a block of about 20 ms. */
function prepare(id: string): NonNullable<typeof prepared> {
  if (prepared?.row.id === id) return prepared;
  prepared = null;
  const row = rows.find((r) => r.id === id);
  if (row === undefined) throw new Error(`there is no row ${id}`);
  const made = row.make();
  made.run();
  const problem = made.check();
  if (problem !== null) throw new Error(`WRONG: ${problem}`);
  let seconds = Number.POSITIVE_INFINITY;
  let iterations = 1;
  for (let round = 0; round < 6; round++) {
    const begin = performance.now();
    for (let i = 0; i < iterations; i++) made.run();
    seconds = (performance.now() - begin) / 1000 / iterations;
    if (seconds * iterations > 0.02) break;
    iterations = Math.max(iterations, Math.ceil(0.02 / Math.max(seconds, 1e-8)));
  }
  prepared = { row, case: made, iterations };
  return prepared;
}

function measure(id: string, seconds: number): Timing {
  const { row, case: made, iterations } = prepare(id);
  const bench = new Bench({ time: seconds * 1000, iterations: 3, warmup: false });
  bench.add(row.id, () => {
    for (let i = 0; i < iterations; i++) made.run();
  });
  bench.runSync();
  const { result } = bench.tasks[0]!;
  if (result === undefined || !('latency' in result)) throw new Error(`${row.id} was not measured`);
  const scale = 1000 * iterations * (made.per ?? 1);
  return { best: result.latency.min / scale, median: result.latency.p50 / scale };
}

async function answer(request: Request): Promise<unknown> {
  switch (request.kind) {
    case 'describe':
      return { ...backend, threads: backend.threads, node: process.version };
    case 'measure':
      return measure(request.row, request.seconds);
    case 'memory':
      return measureMemory(memoryRows.find((row) => row.id === request.row)!.synchronous, request.seconds);
  }
}

const threads = process.env.NODEGRAD_BENCH_THREADS;
if (threads !== undefined) setNumThreads(Number(threads));

process.on('message', (request: Request) => {
  answer(request).then(
    (value) => process.send?.({ value }),
    (error: unknown) => process.send?.({ error: error instanceof Error ? error.message : String(error) }),
  );
});
