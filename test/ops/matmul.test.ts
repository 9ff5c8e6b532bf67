import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/index.js';
import * as ng from '../../src/index.js';

/** The same matrices, stored column by column. */
const turned = (x: Tensor): Tensor => x.transpose(1, 2).contiguous().transpose(1, 2);

/** Every operand row by row and column by column. */
function layouts(x: Tensor, y: Tensor): [Tensor, Tensor][] {
  return [
    [x, y],
    [turned(x), y],
    [x, turned(y)],
    [turned(x), turned(y)],
  ];
}

const sizes: [number, number, number, number][] = [
  [1, 1, 1, 1],
  [1, 5, 9, 3],
  [3, 4, 8, 1],
  [2, 7, 17, 16],
  [1, 33, 40, 31],
];

describe('matmul', () => {
  it.each(['int64', 'int32', 'int16', 'int8', 'uint8'] as const)('multiplies %s exactly, wrapping around', (dtype) => {
    ng.manualSeed(0);
    const bits = { int64: 64, int32: 32, int16: 16, int8: 8, uint8: 8 }[dtype];
    const wrap = dtype === 'uint8' ? BigInt.asUintN : BigInt.asIntN;
    for (const [batch, m, n, k] of sizes) {
      const a = ng.randint(0, 128, [batch, m, k], { dtype });
      const b = ng.randint(0, 128, [batch, k, n], { dtype });
      const numbers = (x: Tensor): bigint[] => (x.reshape([-1]).tolist() as number[]).map((v) => BigInt(v));
      const [x, y] = [numbers(a), numbers(b)];
      const expected: bigint[] = [];
      for (let z = 0; z < batch; z++) {
        for (let i = 0; i < m; i++) {
          for (let j = 0; j < n; j++) {
            let sum = 0n;
            for (let p = 0; p < k; p++) sum += x[(z * m + i) * k + p]! * y[(z * k + p) * n + j]!;
            expected.push(wrap(bits, sum));
          }
        }
      }
      for (const [left, right] of layouts(a, b)) expect(numbers(left.bmm(right))).toEqual(expected);
    }
  });

  it('gives the same bits with one thread and two', () => {
    ng.manualSeed(0);
    const threads = ng.getNumThreads();
    try {
      for (const [m, n, k] of [
        [64, 64, 1536],
        [130, 70, 600],
        [300, 33, 300],
        [16, 500, 700],
      ] as const) {
        for (const [x, y] of layouts(ng.randn(1, m, k), ng.randn(1, k, n))) {
          ng.setNumThreads(1);
          const one = x.bmm(y);
          ng.setNumThreads(2);
          expect(ng.equal(x.bmm(y), one)).toBe(true);
        }
      }
    } finally {
      ng.setNumThreads(threads);
    }
  });
});
