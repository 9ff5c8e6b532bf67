import { describe, expect, it } from 'vitest';
import { makeCollector } from '../src/backends/collector.js';
import { Lending } from '../src/backends/lending.js';
import { Memory } from '../src/memory.js';

const bytes = 40 * 2 ** 20;
const collect = makeCollector()!;

const lend = (lending: Lending, size = bytes, owner = new Memory(new ArrayBuffer(0))): ArrayBuffer | null =>
  lending.allocate(size, owner) ? owner.buffer : null;

describe('large buffers on loan', () => {
  it('are lent again within a job, once their owners are garbage', () => {
    const lending = new Lending(collect);
    const kept = new Memory(new ArrayBuffer(0));
    const own = lend(lending, bytes, kept);
    const seen = new Set<ArrayBuffer>();
    for (let i = 0; i < 30; i++) seen.add(lend(lending)!);
    expect(seen.size).toBeLessThan(20);
    expect(seen.has(own!)).toBe(false);
    expect(kept.buffer).toBe(own);
  });

  it('are lent again after the job', async () => {
    const lending = new Lending(collect);
    const first = lend(lending);
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect(true);
    }
    expect(lend(lending)).toBe(first);
  });

  it('are not lent again once somebody took them away', () => {
    const lending = new Lending(collect);
    const first = lend(lending)!;
    structuredClone(first, { transfer: [first] });
    for (let i = 0; i < 30; i++) expect(lend(lending)!.byteLength).toBe(bytes);
  });

  it('are no matter for what is smaller, or cannot be had', () => {
    const lending = new Lending(collect);
    expect(lend(lending, 2 ** 20)).toBe(null);
    expect(lend(lending, 2 ** 60)).toBe(null);
  });
});
