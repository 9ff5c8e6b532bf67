// float32 windows are searched by vectors, float64 ones one by one: both must find the same elements.
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const F = ng.nn.functional;
type Sizes = number | readonly number[];
interface Case {
  readonly x: readonly number[];
  readonly kernel: Sizes;
  readonly stride?: Sizes;
  readonly padding?: Sizes;
  readonly dilation?: Sizes;
  readonly ceilMode?: boolean;
}

const cases: readonly Case[] = [
  { x: [2, 3, 24, 24], kernel: 2 },
  { x: [3, 2, 7, 66], kernel: 2 },
  { x: [1, 2, 9, 37], kernel: [2, 3], stride: [1, 2] },
  { x: [1, 3, 13, 40], kernel: 3, stride: 2, padding: 1 },
  { x: [1, 1, 5, 5], kernel: 5, stride: 1, padding: 2 },
  { x: [2, 2, 11, 33], kernel: 3, stride: 1 },
  { x: [1, 2, 20, 45], kernel: 3, stride: 3, dilation: 2, ceilMode: true },
  { x: [1, 2, 9, 50], kernel: 2, stride: 4, padding: 1, ceilMode: true },
  { x: [2, 4, 35], kernel: 4, stride: 2, padding: 2 },
  { x: [1, 3, 1], kernel: 1 },
  { x: [1, 2, 5, 6, 19], kernel: [2, 3, 2], stride: [1, 2, 2], padding: [1, 1, 0] },
  { x: [0, 2, 8, 8], kernel: 2 },
];

function pooled(c: Case, dtype: 'float32' | 'float64', values: ng.Tensor): readonly ng.Tensor[] {
  const x = values.to(dtype).requiresGrad_();
  const options = {
    stride: c.stride ?? null,
    padding: c.padding ?? 0,
    dilation: c.dilation ?? 1,
    ceilMode: c.ceilMode ?? false,
  };
  const pool = [F.maxPool1d, F.maxPool2d, F.maxPool3d][c.x.length - 3]!;
  const [y, indices] = pool(x, c.kernel, { ...options, returnIndices: true }) as unknown as [ng.Tensor, ng.Tensor];
  y.mul(y.detach().add(1)).sum().backward();
  return [y.detach().to('float64'), indices, x.grad!.to('float64')];
}

describe('max pooling of float32 and float64', () => {
  const generator = new ng.Generator().manualSeed(3);
  for (const c of cases) {
    it(JSON.stringify(c), () => {
      // whole numbers between -4 and 4: many are equal
      const values = ng.randint(-4, 5, [...c.x], { generator });
      const [fast, plain] = [pooled(c, 'float32', values), pooled(c, 'float64', values)];
      for (const [i, tensor] of fast.entries()) expect(tensor.equal(plain[i]!)).toBe(true);
    });
  }

  it('takes NaN before all, and of only -inf the first', () => {
    const values = ng.full([1, 1, 4, 40], Number.NEGATIVE_INFINITY);
    values.setAt([0, 0, 1, 7], Number.NaN);
    values.setAt([0, 0, 2, 39], 1);
    const [fast, plain] = (['float32', 'float64'] as const).map((dtype) => {
      const result = F.maxPool2d(values.to(dtype), 2, { returnIndices: true }) as unknown as [ng.Tensor, ng.Tensor];
      return [result[0].tolist(), result[1].tolist()];
    });
    expect(fast).toEqual(plain);
    expect((fast![1] as number[][][][])[0]![0]![0]!.slice(0, 4)).toEqual([0, 2, 4, 47]);
  });
});
