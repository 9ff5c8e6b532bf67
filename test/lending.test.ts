import { describe, expect, it } from 'vitest';
import { makeCollector } from '../src/backends/collector.js';
import { Lending } from '../src/backends/lending.js';

const bytes = 40 * 2 ** 20;
const collect = makeCollector()!;

describe('large buffers on loan', () => {
  it('are lent again within a job, once their owners are garbage', () => {
    const lending = new Lending(collect);
    const kept = {};
    const own = lending.allocate(bytes, kept);
    const seen = new Set<ArrayBuffer>();
    for (let i = 0; i < 30; i++) seen.add(lending.allocate(bytes, {})!);
    expect(seen.size).toBeLessThan(20);
    expect(seen.has(own!)).toBe(false);
    expect(kept).toEqual({});
  });

  it('are lent again after the job', async () => {
    const lending = new Lending(collect);
    const first = lending.allocate(bytes, {});
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect(true);
    }
    expect(lending.allocate(bytes, {})).toBe(first);
  });

  it('are not lent again once somebody took them away', () => {
    const lending = new Lending(collect);
    const first = lending.allocate(bytes, {})!;
    structuredClone(first, { transfer: [first] });
    for (let i = 0; i < 30; i++) expect(lending.allocate(bytes, {})!.byteLength).toBe(bytes);
  });

  it('are no matter for what is smaller, or cannot be had', () => {
    const lending = new Lending(collect);
    expect(lending.allocate(2 ** 20, {})).toBe(null);
    expect(lending.allocate(2 ** 60, {})).toBe(null);
  });
});
