import * as ng from 'nodegrad';
import { describe, expect, it } from 'vitest';

/** Elements of results that are cut from large memory, or come from its pools: native's, and that of WebAssembly. */
const SIZES = [
  { n: 4000, kept: 200, rounds: 4000, more: 20000 },
  { n: 1 << 18, kept: 20, rounds: 200, more: 3000 },
  { n: 9 << 20, kept: 4, rounds: 16, more: 40 },
];

const differing = (values: Iterable<unknown>, want: number): number => {
  let count = 0;
  for (const value of values) count += value === want ? 0 : 1;
  return count;
};

describe.each(SIZES)('large memory of $n elements', ({ n, kept: count, rounds, more }) => {
  /** Makes and drops results, so that all memory nobody holds is written over. */
  const churn = (times = rounds): void => {
    const one = ng.ones([n]);
    for (let i = 0; i < times; i++) one.add(i);
  };

  it('stays with the tensors that are kept', () => {
    const kept = Array.from({ length: count }, (_, i) => ng.full([n], i + 0.5));
    churn();
    expect(kept.map((x, i) => differing(x.toTypedArray() as Float32Array, i + 0.5))).toEqual(kept.map(() => 0));
  });

  it('stays with a part of a tensor that is gone', () => {
    const last = ng.full([n / 4, 4], 7.5).select(0, n / 4 - 1);
    churn();
    expect(last.tolist()).toEqual([7.5, 7.5, 7.5, 7.5]);
  });

  it('stays with a view of a tensor that is gone', () => {
    const view = ((x) => x.storage.view(x.dtypeInfo, 0, n))(ng.full([n], 2.5)) as Float32Array;
    const [whole, first] = (({ storage }) => [storage.memory.floats, storage.byteOffset / 4] as const)(
      ng.full([n], 3.5),
    );
    churn();
    expect(differing(view, 2.5)).toBe(0);
    expect(differing(whole.subarray(first, first + n), 3.5)).toBe(0);
  });

  it('is used again within a synchronous loop', () => {
    churn();
    const before = process.memoryUsage().rss;
    churn(more);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(Math.max(200, n >> 14));
  });

  it('is not used again once its buffer was taken away', () => {
    const [taken, start] = ((x) => {
      const { buffer, byteOffset } = x.storage;
      return [structuredClone(buffer, { transfer: [buffer] }), byteOffset] as const;
    })(ng.full([n], 4.5));
    churn();
    expect(differing(new Float32Array(taken, start, n), 4.5)).toBe(0);
  });
});
