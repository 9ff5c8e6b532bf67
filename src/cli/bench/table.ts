import type { MemoryResult, Row } from './rows.js';
import type { Timing } from './worker.js';

/** One row's results by peer; a string says why there is none. */
export interface Measured {
  readonly id: string;
  readonly unit: string;
  /** In the row's unit: GFLOPS, or time an iteration. */
  readonly results: Record<string, { best: number; median: number } | string>;
}

const UNITS = { ms: 1e3, µs: 1e6, ns: 1e9 } as const;

/** Seconds as the row's unit. */
export function inUnit(row: Row, timing: Timing): { best: number; median: number } {
  const convert = (seconds: number): number =>
    row.unit === 'GFLOPS' ? row.flops! / seconds / 1e9 : seconds * UNITS[row.unit];
  return { best: convert(timing.best), median: convert(timing.median) };
}

/** How many times faster than another; above 1 is faster. */
export function speed(unit: string, ours: number, theirs: number): number {
  return unit === 'GFLOPS' ? ours / theirs : theirs / ours;
}

export const format = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(3);

function best(row: Measured, peer: string): number | null {
  const result = row.results[peer];
  return result === undefined || typeof result === 'string' ? null : result.best;
}

function cell(row: Measured, peer: string): string {
  const result = row.results[peer];
  if (result === undefined) return '';
  return typeof result === 'string' ? result : `${format(result.best)} (${format(result.median)})`;
}

function ratio(row: Measured, ours: string, theirs: string): string {
  const [a, b] = [best(row, ours), best(row, theirs)];
  return a === null || b === null ? '' : `${speed(row.unit, a, b).toFixed(2)}`;
}

/** The table, in Markdown: best (median) of each peer, and how many times faster. */
export function markdown(measured: readonly Measured[], peers: readonly string[]): string {
  const ratios: [string, string][] = [];
  if (peers.includes('native') && peers.includes('wasm')) ratios.push(['native', 'wasm']);
  for (const peer of peers) if (peer !== 'torch' && peers.includes('torch')) ratios.push([peer, 'torch']);
  const header = [
    'workload',
    'unit',
    ...peers.map((peer) => `${peer} best (median)`),
    ...ratios.map(([a, b]) => `${a} : ${b}`),
  ];
  const lines = measured.map((row) => [
    row.id,
    row.unit,
    ...peers.map((peer) => cell(row, peer)),
    ...ratios.map(([a, b]) => ratio(row, a, b)),
  ]);
  const widths = header.map((title, i) => Math.max(title.length, ...lines.map((line) => line[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((text, i) => text.padEnd(widths[i]!)).join(' | ')} |`;
  return [line(header), line(widths.map((width) => '-'.repeat(width))), ...lines.map(line)].join('\n');
}

export function memoryLine(id: string, peer: string, result: MemoryResult): string {
  const mb = (value: number): string => `${value.toFixed(0)} MB`;
  return `${id}, ${peer}: start ${mb(result.start)}, step 500 ${mb(result.step500)}, end ${mb(result.end)}, peak ${mb(result.peak)} (${result.steps} steps)`;
}

/** Rows of `now` that are slower than in `before` by more than `limit` times. */
export function regressions(before: readonly Measured[], now: readonly Measured[], limit: number): string[] {
  const found: string[] = [];
  for (const row of now) {
    const old = before.find((r) => r.id === row.id);
    if (old === undefined) continue;
    for (const peer of Object.keys(row.results)) {
      if (peer === 'torch') continue;
      const [a, b] = [best(old, peer), best(row, peer)];
      if (a === null || b === null) continue;
      const slower = speed(row.unit, a, b);
      if (slower > limit)
        found.push(`${row.id}, ${peer}: ${format(a)} → ${format(b)} ${row.unit} (${slower.toFixed(2)} times slower)`);
    }
  }
  return found;
}
