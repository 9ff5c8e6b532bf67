// float32 windows are searched by vectors, float64 ones one by one: both must find the same elements.
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { expectClose } from '../close.js';

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

/** Means of the windows of the last dimension, then of the one before and so on, by unfolding what was padded. */
function meansByDims(x: ng.Tensor, c: Case, rank: number): ng.Tensor {
  const each = (sizes: Sizes, d: number): number => (typeof sizes === 'number' ? sizes : sizes[d]!);
  let y = x;
  for (let d = 0; d < rank; d++) {
    const dim = x.shape.length - rank + d;
    const [kernel, pad] = [each(c.kernel, d), each(c.padding ?? 0, d)];
    const sides = new Array<number>(2 * (rank - d)).fill(0);
    sides.splice(-2, 2, pad, pad);
    y = F.pad(y, sides)
      .unfold(dim, kernel, each(c.stride ?? c.kernel, d))
      .mean(-1);
  }
  return y;
}

describe('average pooling', () => {
  const generator = new ng.Generator().manualSeed(4);
  const wide: readonly Case[] = [
    { x: [3, 2, 9, 35], kernel: [3, 2], stride: 2 },
    { x: [2, 2, 4, 6, 19], kernel: 2 },
    { x: [1, 2, 12, 18], kernel: [3, 6] },
    { x: [2, 3, 33], kernel: 2 },
    { x: [5, 20, 20], kernel: [5, 2], stride: [4, 2] },
  ];
  const plain = cases.filter((c) => c.dilation === undefined && c.ceilMode !== true && c.x[0] !== 0);
  for (const c of [...plain, ...wide]) {
    it(`${JSON.stringify(c)} is the mean of its windows, with its gradient`, () => {
      const rank = c.x.length === 3 && typeof c.kernel !== 'number' ? 2 : Math.max(c.x.length - 2, 1);
      const pool = [F.avgPool1d, F.avgPool2d, F.avgPool3d][rank - 1]!;
      for (const dtype of ['float32', 'float64'] as const) {
        const x = ng
          .randn([...c.x], { generator })
          .to(dtype)
          .requiresGrad_();
        const y = pool(x, c.kernel, { stride: c.stride ?? null, padding: c.padding ?? 0 });
        const expected = meansByDims(x, c, rank);
        expectClose(y, expected, 1e-5);
        const weights = ng.randn([...y.shape], { generator }).to(dtype);
        const [ours] = ng.autograd.grad(y.mul(weights).sum(), [x]);
        const [theirs] = ng.autograd.grad(expected.mul(weights).sum(), [x]);
        expectClose(ours!, theirs!, 1e-5);
      }
    });
  }

  it('counts what lies inside only, where asked to, and windows that hang over the end', () => {
    const x = ng.ones([2, 3, 7, 13]);
    const inside = F.avgPool2d(x, 3, { stride: 2, padding: 1, countIncludePad: false, ceilMode: true });
    expect(inside.eq(1).all().item()).toBe(true);
    expect(F.avgPool2d(x, 2, { divisorOverride: 8 }).eq(0.5).all().item()).toBe(true);
  });
});
