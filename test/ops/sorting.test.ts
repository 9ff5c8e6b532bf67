import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { randomFrom } from '../agreement/operands.js';

const { tensor } = ng;
const SIZES = [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 40, 41, 64, 100, 257, 1000, 5000];

/** Values with repeats, NaN, infinities and both zeros. */
function values(n: number, seed: number): number[] {
  const random = randomFrom(seed);
  const special = [NaN, Infinity, -Infinity, 0, -0, 1, -1];
  return Array.from({ length: n }, () =>
    random() < 0.3 ? special[Math.floor(random() * special.length)]! : Math.fround(random() * 8 - 4),
  );
}

/** NaN above all, and no difference between zeros. */
const compare = (a: number, b: number): number => {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return a < b ? -1 : a > b ? 1 : 0;
};
const orderOf = (list: readonly number[], descending: boolean): number[] =>
  list
    .map((_, i) => i)
    .sort((i, j) => (descending ? compare(list[j]!, list[i]!) : compare(list[i]!, list[j]!)) || i - j);

describe('sort, topk, kthvalue and median are right on every size', () => {
  it.each(['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8'] as const)('%s', (dtype) => {
    for (const n of SIZES) {
      const isFloat = dtype.startsWith('float');
      const list = values(n, n)
        .map((v) =>
          isFloat ? v : dtype === 'uint8' ? Math.abs(Math.trunc(v * 10) || 0) % 200 : Math.trunc(v * 10) || 0,
        )
        .map((v) => (isFloat || Number.isFinite(v) ? v : 0));
      const x = tensor(list, { dtype });
      for (const descending of [false, true]) {
        const order = orderOf(list, descending);
        expect(x.sort({ descending }).indices.tolist()).toEqual(order);
        for (const k of new Set([1, Math.min(n, 7), Math.ceil(n / 3)])) {
          expect(x.topk(k, { largest: descending }).indices.tolist()).toEqual(order.slice(0, k));
        }
      }
      const order = orderOf(list, false);
      for (const k of new Set([1, Math.ceil(n / 2), n])) expect(x.kthvalue(k).indices.item()).toBe(order[k - 1]);
      const numbers = list.filter((v) => !Number.isNaN(v)).length;
      if (numbers === n) expect(x.median(0).indices.item()).toBe(order[(n - 1) >> 1]);
      else expect(x.median(0).indices.item()).toBe(list.findIndex(Number.isNaN));
      if (numbers > 0) expect(x.nanmedian(0).indices.item()).toBe(order[(numbers - 1) >> 1]);
    }
  });

  it('also for bool, float16 and bfloat16', () => {
    expect(tensor([true, false, true]).sort().values.tolist()).toEqual([false, true, true]);
    for (const dtype of ['float16', 'bfloat16'] as const) {
      const x = tensor([1, NaN, -2, 0.5]).to(dtype);
      expect(x.sort().values.tolist()).toEqual([-2, 0.5, 1, NaN]);
      expect(x.sort().values.dtype).toBe(dtype);
      expect(x.max(0).indices.item()).toBe(1);
      expect(x.nanmedian().item()).toBe(0.5);
    }
  });
});

it('sorts along any dim of any layout', () => {
  const x = tensor(values(5 * 7 * 3, 5)).reshape([5, 7, 3]);
  for (const dim of [0, 1, 2, -1]) {
    const along = x.transpose(dim, -1).contiguous();
    const expected = along.sort(-1).indices.transpose(dim, -1).tolist();
    for (const y of [x, x.transpose(0, 2).contiguous().transpose(0, 2), ng.stack([x, x], 1).select(1, 0)]) {
      expect(y.sort(dim).indices.tolist()).toEqual(expected);
      const { values: sorted, indices } = y.sort(dim);
      expect(y.gather(dim, indices).tolist()).toEqual(sorted.tolist());
    }
  }
});

it('uses all threads alike on many rows', () => {
  const x = ng.randn(300, 200);
  const { values: sorted, indices } = x.sort(0);
  expect(x.gather(0, indices).tolist()).toEqual(sorted.tolist());
  expect(
    sorted
      .narrow(0, 1, 299)
      .ge(sorted.narrow(0, 0, 299))
      .all()
      .item(),
  ).toBe(true);
  const top = x.topk(5, 1);
  expect(top.values.tolist()).toEqual(x.sort(1, true).values.narrow(1, 0, 5).tolist());
});

describe('extremes are right on every size and layout', () => {
  it.each(SIZES)('%i', (n) => {
    const list = values(n, n + 1);
    const best = list.reduce(
      (at, v, i) => (Number.isNaN(list[at]!) ? at : Number.isNaN(v) || v > list[at]! ? i : at),
      0,
    );
    const x = tensor(list, { dtype: 'float32' });
    const columns = ng.stack([x, x.neg(), x], 1);
    for (const [value, index] of [x.max(0), columns.max(0), columns.t().contiguous().max(1), columns.t().max(1)].map(
      (result) => [result.values, result.indices] as const,
    )) {
      expect(index.flatten().at(0).item()).toBe(best);
      expect(value.flatten().at(0).item() + 0).toBe(list[best]! + 0);
    }
    expect(x.argmax().item()).toBe(best);
    expect(x.max().item() + 0).toBe(list[best]! + 0);
    expect(x.neg().argmin().item()).toBe(best);
    const doubles = x.to('float64');
    expect(doubles.argmax().item()).toBe(best);
  });

  it('of large inputs, on several threads', () => {
    const x = ng.zeros(500_000);
    x.setAt([[300_001, 400_000]], 3);
    expect(x.argmax().item()).toBe(300_001);
    expect(x.max().item()).toBe(3);
    x.setAt(450_000, NaN);
    expect(x.argmax().item()).toBe(450_000);
    expect(x.argmin().item()).toBe(450_000);
  });

  it('of integers to their limits', () => {
    const x = tensor([-(2n ** 63n), 5n, 2n ** 63n - 1n]);
    expect([x.argmax().item(), x.argmin().item()]).toEqual([2, 0]);
    expect(x.sort({ descending: true }).indices.tolist()).toEqual([2, 1, 0]);
    expect(tensor([3, 1], { dtype: 'bool' }).amin().item()).toBe(true);
  });

  it('take dims and options by name', () => {
    const x = ng.arange(24).reshape([2, 3, 4]);
    expect(x.max({ dim: 1, keepdim: true }).values.shape).toEqual([2, 1, 4]);
    expect(x.max(0, { keepdim: true }).values.shape).toEqual([1, 3, 4]);
    expect(
      x
        .max({ other: tensor(20) })
        .at(0, 0, 0)
        .item(),
    ).toBe(20);
    expect(x.amax({ dim: [0, 2] }).tolist()).toEqual([15, 19, 23]);
    expect(x.argmax({ keepdim: true }).shape).toEqual([1, 1, 1]);
    expect(() => x.max({ axis: 1 } as never)).toThrow(/there is no argument "axis"/);
    const [smallest, largest] = x.aminmax();
    expect([smallest.item(), largest.item()]).toEqual([0, 23]);
  });
});

describe('unique', () => {
  it('gives values, inverse and counts', () => {
    const [value, inverse, count] = ng.unique(
      tensor([
        [3, 1],
        [3, 2],
      ]),
      { returnInverse: true, returnCounts: true },
    );
    expect(value!.tolist()).toEqual([1, 2, 3]);
    expect(inverse!.tolist()).toEqual([
      [2, 0],
      [2, 1],
    ]);
    expect(count!.tolist()).toEqual([1, 1, 2]);
    expect(ng.unique(ng.zeros(0)).shape).toEqual([0]);
    expect(ng.unique(tensor([-0, 0.0, 1.5])).numel()).toBe(2);
  });

  it('gives rows and columns', () => {
    const x = tensor([
      [2, 1, 2],
      [0, 5, 0],
      [2, 1, 2],
    ]);
    const [rows, inverse] = x.unique({ dim: 0, returnInverse: true });
    expect(rows!.tolist()).toEqual([
      [0, 5, 0],
      [2, 1, 2],
    ]);
    expect(inverse!.tolist()).toEqual([1, 0, 1]);
    expect(x.unique({ dim: 1 }).tolist()).toEqual([
      [1, 2],
      [5, 0],
      [1, 2],
    ]);
    expect(() => ng.zeros(3, 0).unique({ dim: 0 })).toThrow(RangeError);
  });

  it('of neighbours only', () => {
    const [value, inverse, count] = tensor([1, 1, 2, 1]).uniqueConsecutive({ returnInverse: true, returnCounts: true });
    expect(value!.tolist()).toEqual([1, 2, 1]);
    expect(inverse!.tolist()).toEqual([0, 0, 1, 2]);
    expect(count!.tolist()).toEqual([2, 1, 1]);
    expect(
      tensor([
        [1, 2],
        [1, 2],
        [0, 0],
      ]).uniqueConsecutive({ dim: 0 }).shape,
    ).toEqual([2, 2]);
  });
});

describe('search and histograms', () => {
  it('searchsorted goes left or right of equals, row by row', () => {
    const sorted = tensor([
      [1, 3, 3, 5],
      [2, 4, 6, 8],
    ]);
    const x = tensor([
      [3, 9],
      [4, 0],
    ]);
    expect(ng.searchsorted(sorted, x).tolist()).toEqual([
      [1, 4],
      [1, 0],
    ]);
    expect(ng.searchsorted(sorted, x, { right: true }).tolist()).toEqual([
      [3, 4],
      [2, 0],
    ]);
    expect(ng.searchsorted(sorted.at(0), 3, { side: 'right', outInt32: true }).item()).toBe(3);
    expect(() => ng.searchsorted(sorted, x, { side: 'left', right: true })).toThrow(/opposites/);
    expect(() => ng.searchsorted(sorted, tensor([1]))).toThrow(/must match/);
    expect(ng.bucketize(tensor([1, 2, 3]), tensor([2, 3])).tolist()).toEqual([0, 0, 1]);
    expect(() => ng.bucketize(tensor([1]), sorted)).toThrow(/1 dimension/);
  });

  it('isin tells members', () => {
    expect(ng.isin(tensor([1, 2, 3]), tensor([3, 1])).tolist()).toEqual([true, false, true]);
    expect(ng.isin(tensor([1, 2]), 2, { invert: true }).tolist()).toEqual([true, false]);
    expect(ng.isin(tensor([NaN, 1]), tensor([NaN, 1])).tolist()).toEqual([false, true]);
    expect(ng.isin(2, tensor([1, 2])).item()).toBe(true);
    expect(ng.isin(tensor([1]), ng.zeros(0, { dtype: 'int64' })).tolist()).toEqual([false]);
  });

  it('bincount, histc and histogram count', () => {
    expect(tensor([1, 3, 1]).bincount({ minlength: 5 }).tolist()).toEqual([0, 2, 0, 1, 0]);
    expect(
      tensor([0, 1])
        .bincount(tensor([0.5, 2]))
        .tolist(),
    ).toEqual([0.5, 2]);
    expect(tensor([0, 0.4, 0.5, 1, 2, NaN]).histc(2, 0, 1).tolist()).toEqual([2, 2]);
    expect(tensor([1, 1.5]).histc(2).tolist()).toEqual([1, 1]);
    const { hist, binEdges } = tensor([0, 1, 2, 2.5]).histogram(tensor([0, 1, 2.5]));
    expect(hist.tolist()).toEqual([1, 3]);
    expect(binEdges.tolist()).toEqual([0, 1, 2.5]);
    expect(
      tensor([0, 1, 2, 3.5])
        .histogram(2, { range: [0, 4], density: true })
        .hist.tolist(),
    ).toEqual([0.25, 0.25]);
    const points = tensor([
      [0.5, 0.5],
      [1.5, 0.5],
      [9, 9],
    ]);
    expect(ng.histogramdd(points, [2, 1], { range: [0, 2, 0, 1] }).hist.tolist()).toEqual([[1], [1]]);
    expect(() => tensor([1.5, Infinity]).histc()).toThrow(/not finite/);
    expect(() => tensor([1, 2]).histc()).toThrow(/float32/);
  });
});

it('quantiles interpolate five ways', () => {
  const x = tensor([1, 2, 4, 8.5]);
  const at = (interpolation: ng.Interpolation): number => x.quantile(0.5, { interpolation }).item();
  expect(at('linear')).toBe(3);
  expect(at('lower')).toBe(2);
  expect(at('higher')).toBe(4);
  expect(at('midpoint')).toBe(3);
  expect(at('nearest')).toBe(4);
  expect(
    x
      .reshape([2, 2])
      .quantile(tensor([0, 1.0].map(ng.float) as never, { dtype: 'float32' }), 1)
      .tolist(),
  ).toEqual([
    [1, 4],
    [2, 8.5],
  ]);
  expect(() => x.quantile(1.5)).toThrow(/range \[0, 1\]/);
  expect(() => tensor([1, 2]).quantile(0.5)).toThrow(/float or double/);
});
