import { beforeEach, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { expectClose } from '../close.js';

const { scaledDotProductAttention } = ng.nn.functional;
type Options = { attnMask?: ng.Tensor | null; isCausal?: boolean; scale?: number | null };

beforeEach(() => void ng.manualSeed(3));

/** The formula, one op after the other. */
function composed(q: ng.Tensor, k: ng.Tensor, v: ng.Tensor, { attnMask, isCausal, scale }: Options): ng.Tensor {
  let scores = q.matmul(k.transpose(-2, -1)).mul(scale ?? 1 / Math.sqrt(q.shape.at(-1)!));
  const [rows, columns] = scores.shape.slice(-2) as [number, number];
  if (isCausal) scores = scores.maskedFill(ng.ones(rows, columns).tril().eq(0), Number.NEGATIVE_INFINITY);
  if (attnMask?.dtype === 'bool')
    scores = scores.add(ng.zerosLike(attnMask, { dtype: q.dtype }).maskedFill(attnMask.logicalNot(), -Infinity));
  else if (attnMask) scores = scores.add(attnMask);
  return scores.softmax(-1).matmul(v);
}

type Shapes = readonly [q: readonly number[], k: readonly number[], v: readonly number[]];
const CASES: readonly [string, Shapes, Options][] = [
  [
    'one query and one key',
    [
      [1, 1, 1, 3],
      [1, 1, 1, 3],
      [1, 1, 1, 2],
    ],
    {},
  ],
  [
    'odd sizes',
    [
      [2, 3, 5, 7],
      [2, 3, 9, 7],
      [2, 3, 9, 3],
    ],
    {},
  ],
  [
    'two dimensions',
    [
      [5, 4],
      [6, 4],
      [6, 5],
    ],
    { scale: 0.3 },
  ],
  [
    'three dimensions',
    [
      [3, 5, 4],
      [3, 6, 4],
      [3, 6, 5],
    ],
    {},
  ],
  [
    'several blocks',
    [
      [1, 2, 70, 5],
      [1, 2, 300, 5],
      [1, 2, 300, 3],
    ],
    {},
  ],
  [
    'causal',
    [
      [2, 2, 33, 8],
      [2, 2, 33, 8],
      [2, 2, 33, 8],
    ],
    { isCausal: true },
  ],
  [
    'causal over several blocks',
    [
      [1, 1, 290, 3],
      [1, 1, 290, 3],
      [1, 1, 290, 2],
    ],
    { isCausal: true },
  ],
  [
    'causal, more keys than queries',
    [
      [1, 2, 9, 4],
      [1, 2, 21, 4],
      [1, 2, 21, 4],
    ],
    { isCausal: true },
  ],
  [
    'causal, fewer keys than queries',
    [
      [1, 2, 50, 4],
      [1, 2, 7, 4],
      [1, 2, 7, 4],
    ],
    { isCausal: true },
  ],
  [
    'one head of keys for all queries',
    [
      [2, 4, 6, 5],
      [2, 1, 7, 5],
      [2, 1, 7, 5],
    ],
    {},
  ],
  [
    'keys for all batches',
    [
      [2, 4, 6, 5],
      [4, 7, 5],
      [1, 1, 7, 5],
    ],
    {},
  ],
  [
    'a negative scale',
    [
      [1, 2, 5, 3],
      [1, 2, 6, 3],
      [1, 2, 6, 3],
    ],
    { scale: -0.7 },
  ],
  [
    'four leading dimensions',
    [
      [2, 1, 2, 3, 4],
      [2, 2, 1, 5, 4],
      [2, 2, 1, 5, 4],
    ],
    {},
  ],
];

const MASKS: readonly (readonly [string, () => ng.Tensor])[] = [
  ['of numbers', () => ng.randn([5, 6])],
  ['of numbers a column', () => ng.randn([6])],
  ['of numbers a row', () => ng.randn([2, 1, 5, 1])],
  ['of booleans', () => ng.rand([2, 3, 5, 6]).gt(0.3)],
  ['of booleans that leaves a row nothing', () => ng.arange(5).ne(2).unsqueeze(1).expand(5, 6)],
  ['transposed', () => ng.randn([6, 5]).t()],
];

function compare(q: ng.Tensor, k: ng.Tensor, v: ng.Tensor, options: Options): void {
  const results = [scaledDotProductAttention(q, k, v, options), composed(q, k, v, options)].map((out) => {
    const weights = ng
      .arange(out.numel())
      .mul(0.37)
      .sin()
      .reshape(out.shape as number[]);
    return [out, ...ng.autograd.grad(out.mul(weights).sum(), [q, k, v])];
  });
  expect(results[0]!.map((x) => x.shape)).toEqual(results[1]!.map((x) => x.shape));
  for (const [i, x] of results[0]!.entries()) expectClose(x.nanToNum(7), results[1]![i]!.nanToNum(7), 2e-5);
}

const leaf = (shape: readonly number[], dtype: ng.DType = 'float32') =>
  ng.randn([...shape], { dtype, requiresGrad: true });

describe('scaledDotProductAttention', () => {
  it.each(CASES)('%s: as the formula', (_name, [q, k, v], options) => {
    compare(leaf(q), leaf(k), leaf(v), options);
  });

  it.each(MASKS)('takes a mask %s', (_name, make) => {
    compare(leaf([2, 3, 5, 4]), leaf([2, 3, 6, 4]), leaf([2, 3, 6, 2]), { attnMask: make() });
  });

  it('reads heads out of rows, and leaves its result and gradients as they lie', () => {
    const x = leaf([2, 5, 3 * 12]);
    const heads = (part: ng.Tensor) => part.view(2, 5, 3, 4).transpose(1, 2);
    const attend = (f: (q: ng.Tensor, k: ng.Tensor, v: ng.Tensor) => ng.Tensor) => {
      const [q, k, v] = x.split(12, 2).map(heads) as [ng.Tensor, ng.Tensor, ng.Tensor];
      return f(q, k, v);
    };
    const out = attend((q, k, v) => scaledDotProductAttention(q, k, v, { isCausal: true }));
    expect(out.transpose(1, 2).isContiguous()).toBe(true);
    const expected = attend((q, k, v) => composed(q, k, v, { isCausal: true }));
    expectClose(out, expected);
    expectClose(ng.autograd.grad(out.sin().sum(), x)[0]!, ng.autograd.grad(expected.sin().sum(), x)[0]!);
  });

  it.each(CASES.filter(([name]) => !name.includes('blocks')))('%s: both derivatives', (_name, shapes, options) => {
    const inputs = shapes.map((shape) =>
      leaf(
        shape.map((size) => Math.min(size, 5)),
        'float64',
      ),
    ) as ng.Tensor[];
    const body = (q: ng.Tensor, k: ng.Tensor, v: ng.Tensor) => scaledDotProductAttention(q, k, v, options);
    expect(ng.autograd.gradcheck(body as never, inputs)).toBe(true);
    expect(ng.autograd.gradgradcheck(body as never, inputs)).toBe(true);
  });

  it('gives a mask that needs one its gradient', () => {
    const mask = leaf([4, 5], 'float64');
    const inputs = [leaf([2, 4, 3], 'float64'), leaf([2, 5, 3], 'float64'), leaf([2, 5, 3], 'float64'), mask];
    const body = (q: ng.Tensor, k: ng.Tensor, v: ng.Tensor, m: ng.Tensor) => scaledDotProductAttention(q, k, v, m);
    expect(ng.autograd.gradcheck(body as never, inputs)).toBe(true);
  });

  it('computes gradients of some inputs only', () => {
    const [q, k, v] = [leaf([2, 4, 3]), ng.randn(2, 5, 3), leaf([2, 5, 3])];
    const expected = ng.autograd.grad(composed(q, k, v, {}).sum(), [v]);
    expectClose(ng.autograd.grad(scaledDotProductAttention(q, k, v).sum(), [v])[0]!, expected[0]!);
  });

  it('takes no keys and no queries', () => {
    const none = ng.zeros(2, 0, 3);
    const x = ng.ones(2, 4, 3);
    expect(scaledDotProductAttention(none, x, x).shape).toEqual([2, 0, 3]);
    expect(scaledDotProductAttention(x, none, none).tolist()).toEqual(ng.zeros(2, 4, 3).tolist());
  });

  it('keeps NaN and survives scores far apart', () => {
    const q = ng.tensor([[1e4], [Number.NaN]]);
    const k = ng.tensor([[-1], [1]], { dtype: 'float32' });
    const out = scaledDotProductAttention(q, k, k);
    expect(out.tolist()).toEqual([[1], [Number.NaN]]);
  });

  it('drops weights out at random, and refuses what does not fit', () => {
    const x = ng.ones(1, 8, 4);
    expect(scaledDotProductAttention(x, x, x, { dropoutP: 0.9 }).eq(1).all().item()).toBe(false);
    expect(() => scaledDotProductAttention(x, x, x, { isCausal: true, attnMask: ng.ones(8, 8) })).toThrow(/not both/);
    expect(() => scaledDotProductAttention(x, ng.ones(1, 8, 5), x)).toThrow(RangeError);
    expect(() => scaledDotProductAttention(x, ng.ones(3, 8, 4), ng.ones(2, 8, 4))).toThrow(RangeError);
    expect(() => scaledDotProductAttention(x, x, x.double())).toThrow(TypeError);
  });

  it('has the same bits on any number of threads', () => {
    const [q, k, v] = [leaf([3, 4, 90, 16]), leaf([3, 4, 90, 16]), leaf([3, 4, 90, 16])];
    const threads = ng.getNumThreads();
    const results = [1, 2, 3].map((n) => {
      ng.setNumThreads(n);
      const out = scaledDotProductAttention(q, k, v, { isCausal: true });
      return [out, ...ng.autograd.grad(out.square().sum(), [q, k, v])].map((x) => x.tolist());
    });
    ng.setNumThreads(threads);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});
