// Every report of bugs.jsonl has a test in this folder that carries its number.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const folder = import.meta.dirname;
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const reports = read('bugs.jsonl').trim().split('\n');
const tests = readdirSync(folder)
  .filter((name) => name.endsWith('.test.ts'))
  .map(read)
  .join('\n');

it.each(reports.map((line) => (JSON.parse(line) as { id: string }).id))('%s has a test', (id) => {
  expect(tests).toMatch(new RegExp(`^\\s*(it|describe)\\b.*\\b${id}\\b`, 'm'));
});
