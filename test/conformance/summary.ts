// Counts outcomes and prints them.
import type { Outcome, Status } from './outcome.js';

export interface Counts {
  passed: number;
  failed: number;
  different: number;
  absent: number;
}

const none = (): Counts => ({ passed: 0, failed: 0, different: 0, absent: 0 });
export const total = (counts: Counts): number => counts.passed + counts.failed + counts.different + counts.absent;

function countInto(counts: Counts, status: Status): void {
  counts[status]++;
}

export interface Summary {
  readonly all: Counts;
  readonly groups: Map<string, { readonly counts: Counts; readonly ops: Map<string, Counts> }>;
  /** How often each part of a case failed. */
  readonly parts: Map<string, number>;
}

export function summarize(outcomes: readonly Outcome[]): Summary {
  const summary: Summary = { all: none(), groups: new Map(), parts: new Map() };
  for (const { group, op, status, failures } of outcomes) {
    let entry = summary.groups.get(group);
    if (entry === undefined) {
      entry = { counts: none(), ops: new Map() };
      summary.groups.set(group, entry);
    }
    let counts = entry.ops.get(op);
    if (counts === undefined) {
      counts = none();
      entry.ops.set(op, counts);
    }
    for (const each of [summary.all, entry.counts, counts]) countInto(each, status);
    if (status !== 'failed') continue;
    for (const part of new Set(failures.map((failure) => failure.part))) {
      summary.parts.set(part, (summary.parts.get(part) ?? 0) + 1);
    }
  }
  return summary;
}

/** Names side by side, as many as fit in 120 columns. */
function columns(entries: readonly string[]): string[] {
  const lines: string[] = [];
  let line = '   ';
  for (const entry of entries) {
    if (line.length + entry.length + 2 > 120) {
      lines.push(line);
      line = '   ';
    }
    line += ` ${entry} `;
  }
  return line.trim() === '' ? lines : [...lines, line];
}

const WIDTH = 12;

/** passed / total per group and, below it, per op. */
export function printSummary(summary: Summary, write: (line: string) => void): void {
  for (const [group, { counts, ops }] of summary.groups) {
    const rest = (['failed', 'different', 'absent'] as const)
      .filter((status) => counts[status] > 0)
      .map((status) => `${counts[status]} ${status}`);
    write(
      `${group.padEnd(WIDTH)} ${counts.passed} / ${total(counts)} passed${rest.map((text) => `, ${text}`).join('')}`,
    );
    const rows = [...ops];
    const failing = rows.filter(([, op]) => op.failed > 0);
    const absent = rows.filter(([, op]) => op.failed === 0 && op.absent > 0);
    const good = rows.filter(([, op]) => op.failed === 0 && op.absent === 0);
    const row = ([name, op]: [string, Counts]): string => `${name} ${op.passed}/${total(op)}`;
    for (const line of columns(good.map(row))) write(line);
    if (failing.length > 0) write('    failing:');
    for (const line of columns(failing.map(row))) write(line);
    if (absent.length > 0) write('    absent:');
    for (const line of columns(absent.map(([name, op]) => (op.passed > 0 ? row([name, op]) : name)))) write(line);
  }
}

export interface PrintOptions {
  readonly limit: number;
  readonly verbose: boolean;
}

const MESSAGES = 4;

export function printFailures(
  outcomes: readonly Outcome[],
  options: PrintOptions,
  write: (line: string) => void,
): void {
  const failed = outcomes.filter((outcome) => outcome.status === 'failed');
  for (const { id, failures } of failed.slice(0, options.limit)) {
    write(`FAIL ${id}`);
    for (const { part, message, stack } of options.verbose ? failures : failures.slice(0, MESSAGES)) {
      write(`  ${part}: ${message}`);
      if (options.verbose && stack !== undefined) write(stack.replace(/^.*\n/, ''));
    }
    if (!options.verbose && failures.length > MESSAGES) write(`  … and ${failures.length - MESSAGES} more`);
  }
  if (failed.length > options.limit)
    write(`… and ${failed.length - options.limit} more failing cases (--failures lists all)`);
}

export function printDifferences(outcomes: readonly Outcome[], write: (line: string) => void): void {
  const reasons = new Map<string, number>();
  for (const { status, reason } of outcomes) {
    if (status === 'different') reasons.set(reason!, (reasons.get(reason!) ?? 0) + 1);
  }
  if (reasons.size > 0) write('deliberate differences:');
  for (const [reason, count] of reasons) write(`  ${count} × ${reason}`);
}
