// Faults of other libraries (bugs.jsonl) in indexing, masks, extremes and order, each with its kind in the neighbours.
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { tensor } = ng;
const F = ng.nn.functional;
const leaf = (values: ng.TensorData): ng.Tensor => tensor(values, { dtype: 'float32', requiresGrad: true });
/** The gradient of x when the result of `body` gets a gradient of `grad` (ones, if not given). */
function gradient(x: ng.Tensor, body: (x: ng.Tensor) => ng.Tensor, grad?: ng.TensorData): unknown {
  const y = body(x);
  y.backward(grad === undefined ? ng.onesLike(y) : tensor(grad, { dtype: 'float32' }));
  return x.grad!.tolist();
}

/** What each op must refuse for an index, and leave the process alive. */
const outOfRange = { name: 'RangeError', code: 'ERR_INDEX' };

describe('the unselected branch gets exactly zero (B011)', () => {
  it('of where, even if it holds NaN or infinity', () => {
    const x = leaf([1, 1]);
    const y = leaf([NaN, Infinity]);
    ng.where(tensor([true, true]), x, y)
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([1, 1]);
    expect(y.grad!.tolist()).toEqual([0, 0]);
  });

  it('of where with an infinite gradient', () => {
    const x = leaf([1, 2]);
    const y = leaf([3, 4]);
    ng.where(tensor([true, false]), x, y).backward(tensor([Infinity, NaN]));
    expect(x.grad!.tolist()).toEqual([Infinity, 0]);
    expect(y.grad!.tolist()).toEqual([0, NaN]);
  });

  it('of maskedFill, maskedSelect, maskedScatter, setAt and indexPut', () => {
    const mask = tensor([true, false]);
    const values = (): ng.Tensor => leaf([NaN, 2]);
    expect(gradient(values(), (x) => x.maskedFill(mask, 0), [Infinity, 1])).toEqual([0, 1]);
    expect(gradient(values(), (x) => x.maskedSelect(mask.logicalNot()))).toEqual([0, 1]);
    expect(gradient(values(), (x) => x.maskedScatter(mask, tensor([5.5])), [NaN, 1])).toEqual([0, 1]);
    expect(gradient(values(), (x) => x.indexPut([mask], tensor(0.5)), [NaN, 1])).toEqual([0, 1]);
    const written = (x: ng.Tensor): ng.Tensor => {
      const y = x.clone();
      y.setAt([mask], 0);
      return y;
    };
    expect(gradient(values(), written, [NaN, 1])).toEqual([0, 1]);
  });

  it('of tril and triu, which are no products with zeros', () => {
    const nan = leaf([
      [1, NaN],
      [Infinity, 2],
    ]);
    expect(nan.tril().tolist()).toEqual([
      [1, 0],
      [Infinity, 2],
    ]);
    expect(nan.triu(1).tolist()).toEqual([
      [0, NaN],
      [0, 0],
    ]);
  });

  it('is NaN where an op before where makes it so, as in PyTorch (B012), and not with two wheres', () => {
    const a = leaf(100);
    ng.where(a.le(0), a.exp(), a.add(1)).backward();
    expect(a.grad!.item()).toBe(NaN);
    const b = leaf(100);
    const safe = ng.where(b.le(0), b, 0);
    ng.where(b.le(0), safe.exp(), b.add(1)).backward();
    expect(b.grad!.item()).toBe(1);
  });
});

describe('ties', () => {
  it('of max along a dim go to the returned index alone (B025)', () => {
    const x = leaf([[1, 3, 3]]);
    const { values, indices } = x.max(1);
    values.sum().backward();
    expect(indices.tolist()).toEqual([1]);
    expect(x.grad!.tolist()).toEqual([[0, 1, 0]]);
  });

  it('of min, median, kthvalue, topk and sort too', () => {
    expect(gradient(leaf([[3, 1, 1]]), (x) => x.min(1).values)).toEqual([[0, 1, 0]]);
    expect(gradient(leaf([1, 1, 5]), (x) => x.kthvalue(2).values)).toEqual([0, 1, 0]);
    expect(gradient(leaf([1, 1, 5]), (x) => x.median(0).values)).toEqual([0, 1, 0]);
    expect(gradient(leaf([2, 2, 1]), (x) => x.topk(1).values)).toEqual([1, 0, 0]);
    expect(gradient(leaf([2, 2, 1]), (x) => x.sort().values, [1, 2, 3])).toEqual([2, 3, 1]);
    expect(gradient(leaf([2, 2, 1]), (x) => x.sort({ descending: true }).values, [1, 2, 3])).toEqual([1, 2, 3]);
  });

  it('of cummax and cummin go to the last', () => {
    expect(tensor([1, 3, 3, 2]).cummax(0).indices.tolist()).toEqual([0, 1, 2, 2]);
    expect(gradient(leaf([3, 3, 1]), (x) => x.cummax(0).values)).toEqual([1, 2, 0]);
    expect(gradient(leaf([1, 1, 3]), (x) => x.cummin(0).values)).toEqual([1, 2, 0]);
  });

  it('of max and min of all, amax and amin are shared evenly (B015)', () => {
    expect(gradient(leaf([1, 3, 3]), (x) => x.max())).toEqual([0, 0.5, 0.5]);
    expect(gradient(leaf([1, 1, 3]), (x) => x.min())).toEqual([0.5, 0.5, 0]);
    expect(
      gradient(
        leaf([
          [2, 2],
          [2, 1],
        ]),
        (x) => x.amax(),
      ),
    ).toEqual([[1 / 3, 1 / 3].map(Math.fround), [Math.fround(1 / 3), 0]]);
    expect(
      gradient(
        leaf([
          [2, 2],
          [2, 1],
        ]),
        (x) => x.amin(1),
      ),
    ).toEqual([
      [0.5, 0.5],
      [0, 1],
    ]);
    expect(gradient(leaf([1, 1, 2, 2]), (x) => x.median())).toEqual([0.5, 0.5, 0, 0]);
    expect(gradient(leaf([2, 0]), (x) => x.maximum(tensor([2, 1])))).toEqual([0.5, 0]);
    expect(gradient(leaf([2, 0]), (x) => x.max(tensor([2, 1])))).toEqual([0.5, 0]);
  });

  it('of scatterReduce are shared evenly', () => {
    const x = leaf([2, 0]);
    const src = leaf([2, 2, 1]);
    x.scatterReduce(0, tensor([0, 0, 0]), src, 'amax').backward(tensor([3, 1]));
    expect(x.grad!.tolist()).toEqual([1, 1]);
    expect(src.grad!.tolist()).toEqual([1, 1, 0]);
  });

  it('of argmax give the first (B026), of every length', () => {
    expect(tensor([2, 5, 5, 1]).argmax().item()).toBe(1);
    for (const n of [1, 7, 8, 9, 15, 16, 17, 31, 33, 100]) {
      expect(ng.zeros(n).argmax().item()).toBe(0);
      expect(ng.zeros(n).argmin().item()).toBe(0);
      expect(ng.zeros(n).max(0).indices.item()).toBe(0);
      expect(ng.zeros([n, 3]).argmax(0).tolist()).toEqual([0, 0, 0]);
      const late = ng.zeros(n);
      late.setAt(n - 1, 1);
      expect(late.argmax().item()).toBe(n - 1);
    }
  });

  it('keep their order in sort', () => {
    const x = tensor([1, 0, 1, 0, 1]);
    expect(x.sort().indices.tolist()).toEqual([1, 3, 0, 2, 4]);
    expect(x.sort({ descending: true }).indices.tolist()).toEqual([0, 2, 4, 1, 3]);
    const many = ng.arange(1000).remainder(7);
    const order = many.argsort().tolist() as number[];
    for (let i = 1; i < order.length; i++) {
      const [a, b] = [order[i - 1]!, order[i]!];
      expect(a % 7 < b % 7 || (a % 7 === b % 7 && a < b)).toBe(true);
    }
  });
});

it('argmin over a dim of size 1 is right for many rows (B029)', () => {
  expect(ng.randn(40000, 1).argmin(1).max().item()).toBe(0);
  expect(ng.randn(1, 40000).argmax(0).max().item()).toBe(0);
  expect(ng.randn(70000, 1).min(1).indices.max().item()).toBe(0);
  expect(ng.randn(40000, 1).sort(1).indices.max().item()).toBe(0);
});

it('indices carry no history (B030)', () => {
  const x = ng.randn(3, 2, { requiresGrad: true }).mul(2);
  const results = [
    x.argmax(-1),
    x.argmin(),
    x.argsort(),
    x.max(1).indices,
    x.min(1).indices,
    x.sort().indices,
    x.topk(1).indices,
    x.kthvalue(1).indices,
    x.median(1).indices,
    x.mode(1).indices,
    x.cummax(0).indices,
    x.nonzero(),
    x.argwhere(),
  ];
  for (const indices of results) {
    expect(indices.requiresGrad).toBe(false);
    expect(indices.gradFn).toBe(null);
    expect(indices.dtype).toBe('int64');
  }
});

describe('NaN', () => {
  it('is propagated by max and min (B031), wherever it stands', () => {
    const x = tensor([1, NaN, 3]);
    expect(x.max().item()).toBe(NaN);
    expect(x.min().item()).toBe(NaN);
    expect(ng.maximum(x, ng.zeros(3)).tolist()).toEqual([1, NaN, 3]);
    for (const n of [1, 7, 8, 9, 16, 17, 31, 33, 70]) {
      for (const at of new Set([0, n >> 1, n - 1])) {
        const y = ng.arange(n, { dtype: 'float32' });
        y.setAt(at, NaN);
        expect(y.max().item()).toBe(NaN);
        expect(y.amin().item()).toBe(NaN);
        expect(y.argmax().item()).toBe(at);
        expect(y.argmin().item()).toBe(at);
        expect(y.unsqueeze(1).expand([n, 5]).max(0).indices.tolist()).toEqual([at, at, at, at, at]);
      }
    }
    expect(x.cummax(0).values.tolist()).toEqual([1, NaN, NaN]);
    expect(x.aminmax().max.item()).toBe(NaN);
    expect(
      ng
        .zeros(1)
        .scatterReduce(0, tensor([0, 0]), tensor([NaN, 1]), 'amax')
        .item(),
    ).toBe(NaN);
    expect(
      ng
        .zeros(1)
        .scatterReduce(0, tensor([0, 0]), tensor([1, NaN]), 'amin')
        .item(),
    ).toBe(NaN);
  });

  it('sorts as the largest, topk returns it, the median is NaN (B137)', () => {
    const x = tensor([3, NaN, 1]);
    expect(x.sort().values.tolist()).toEqual([1, 3, NaN]);
    expect(x.sort().indices.tolist()).toEqual([2, 0, 1]);
    expect(x.topk(1).values.tolist()).toEqual([NaN]);
    expect(x.median().item()).toBe(NaN);
    expect(x.sort({ descending: true }).values.tolist()).toEqual([NaN, 3, 1]);
    expect(x.topk(2, { largest: false }).values.tolist()).toEqual([1, 3]);
    expect(x.kthvalue(3).values.item()).toBe(NaN);
    expect(x.median(0).indices.item()).toBe(1);
    expect(x.nanmedian().item()).toBe(1);
    expect(x.quantile(0.5).item()).toBe(NaN);
    expect(x.nanquantile(0.5).item()).toBe(2);
    expect(x.argsort().tolist()).toEqual([2, 0, 1]);
    expect(x.msort().tolist()).toEqual([1, 3, NaN]);
    expect(ng.unique(tensor([NaN, 1, NaN])).tolist()).toEqual([1, NaN, NaN]);
    expect(ng.searchsorted(tensor([1, 2, 3.5]), tensor([NaN])).tolist()).toEqual([3]);
    const negative = new Float32Array(new Uint32Array([0xffc00000, 0x3f800000]).buffer);
    expect(ng.tensor(negative).sort().values.tolist()).toEqual([1, NaN]);
  });

  it('is not 0, and -0 is', () => {
    expect(tensor([NaN, -0, 0, 1]).nonzero().tolist()).toEqual([[0], [3]]);
    expect(tensor([NaN, -0.0, 0.5]).countNonzero().item()).toBe(2);
  });
});

describe('nothing to choose from (B064)', () => {
  const empty = ng.zeros(0);
  it.each([
    ['max', (x: ng.Tensor) => x.max()],
    ['min', (x: ng.Tensor) => x.min()],
    ['amax', (x: ng.Tensor) => x.amax()],
    ['amin', (x: ng.Tensor) => x.amin()],
    ['aminmax', (x: ng.Tensor) => x.aminmax()],
    ['argmax', (x: ng.Tensor) => x.argmax()],
    ['max along a dim', (x: ng.Tensor) => x.max(0)],
    ['argmin along a dim', (x: ng.Tensor) => x.argmin(0)],
    ['median along a dim', (x: ng.Tensor) => x.median(0)],
    ['mode', (x: ng.Tensor) => x.mode(0)],
    ['kthvalue', (x: ng.Tensor) => x.kthvalue(1)],
    ['topk', (x: ng.Tensor) => x.topk(1)],
    ['quantile', (x: ng.Tensor) => x.quantile(0.5)],
  ] as const)('%s throws', (_, body) => {
    expect(() => body(empty)).toThrow(RangeError);
  });

  it('is no trouble where nothing is chosen', () => {
    expect(ng.zeros([0, 3]).max(1).values.shape).toEqual([0]);
    expect(ng.zeros([3, 0]).sort(1).values.shape).toEqual([3, 0]);
    expect(ng.zeros([0, 3]).amax(1).shape).toEqual([0]);
    expect(ng.zeros(0).sort().indices.shape).toEqual([0]);
    expect(ng.zeros(0).topk(0).values.shape).toEqual([0]);
    expect(ng.zeros(0).median().item()).toBe(NaN);
  });
});

describe('repeated indices add up (B097)', () => {
  it('in gather', () => {
    const grad = gradient(leaf([0.1]), (x) => x.gather(0, tensor([0, 0])), [0.25, 0.5]);
    expect(grad).toEqual([0.75]);
  });

  it.each([
    ['indexSelect', (x: ng.Tensor) => x.indexSelect(0, tensor([1, 1, 0]))],
    ['take', (x: ng.Tensor) => x.take(tensor([1, 1, 0]))],
    ['at an array', (x: ng.Tensor) => x.at([1, 1, 0])],
    ['at a tensor', (x: ng.Tensor) => x.at(tensor([-1, 1, 0]))],
    ['takeAlongDim', (x: ng.Tensor) => x.takeAlongDim(tensor([1, 1, 0]), 0)],
    ['embedding', (x: ng.Tensor) => F.embedding(tensor([1, 1, 0]), x.unsqueeze(1)).squeeze(1)],
  ] as const)('in %s', (_, body) => {
    expect(gradient(leaf([1, 2]), body, [1, 2, 4])).toEqual([4, 3]);
  });

  it('in scatterAdd, indexAdd, put and indexPut', () => {
    const [at, ones] = [tensor([1, 1, 0]), ng.ones(3)];
    expect(ng.zeros(2).scatterAdd(0, at, ones).tolist()).toEqual([1, 2]);
    expect(ng.zeros(2).indexAdd(0, at, ones).tolist()).toEqual([1, 2]);
    expect(ng.zeros(2).put(at, ones, true).tolist()).toEqual([1, 2]);
    expect(ng.zeros(2).indexPut([at], ones, true).tolist()).toEqual([1, 2]);
    expect(
      ng
        .zeros([2, 300])
        .indexAdd(0, at, ng.ones([3, 300]))
        .sum(1)
        .tolist(),
    ).toEqual([300, 600]);
  });
});

describe('indices out of range (B102, B103)', () => {
  const x = ng.ones([5, 2]);
  const one = (value: number): ng.Tensor => tensor([value]);
  const row = ng.ones([1, 2]);
  const readers: readonly (readonly [string, (index: number) => unknown])[] = [
    ['indexSelect', (i) => x.indexSelect(0, one(i))],
    ['gather', (i) => x.gather(0, tensor([[i, 0]]))],
    ['takeAlongDim', (i) => x.takeAlongDim(tensor([[i, 0]]), 0)],
    ['embedding', (i) => F.embedding(one(i), x)],
    ['scatter', (i) => x.scatter(0, tensor([[i, 0]]), row)],
    ['scatter a value', (i) => x.scatter(0, tensor([[i, 0]]), 3)],
    ['scatterAdd', (i) => x.scatterAdd(0, tensor([[i, 0]]), row)],
    ['scatterReduce', (i) => x.scatterReduce(0, tensor([[i, 0]]), row, 'amax')],
    ['indexAdd', (i) => x.indexAdd(0, one(i), row)],
    ['indexCopy', (i) => x.indexCopy(0, one(i), row)],
    ['indexReduce', (i) => x.indexReduce(0, one(i), row, 'mean')],
    [
      'searchsorted with a sorter',
      (i) => ng.searchsorted(tensor([1, 2]), tensor([1.5]).to('int64'), { sorter: tensor([i, i]) }),
    ],
  ];
  it.each(readers)('%s refuses -1, the size and far beyond', (_, read) => {
    for (const index of [-1, 5, 2 ** 31, -(2 ** 40)])
      expect(() => read(index)).toThrow(expect.objectContaining(outOfRange));
  });

  const wrapping: readonly (readonly [string, (index: number) => unknown])[] = [
    ['at an integer', (i) => x.at(i)],
    ['at an array', (i) => x.at([i])],
    ['at a tensor', (i) => x.at(one(i))],
    ['at two tensors', (i) => x.at(one(i), one(0))],
    ['setAt', (i) => x.clone().setAt([[i]], 1)],
    ['indexPut', (i) => x.indexPut([one(i)], tensor(1.5))],
    ['indexFill', (i) => x.indexFill(0, one(i), 1)],
    ['select', (i) => x.select(0, i)],
  ];
  it.each(wrapping)('%s counts -1 from the end and refuses what is beyond', (_, read) => {
    expect(() => read(-1)).not.toThrow();
    expect(() => read(-5)).not.toThrow();
    for (const index of [5, -6, 2 ** 31]) expect(() => read(index)).toThrow(expect.objectContaining(outOfRange));
  });

  it('take and put count over all elements', () => {
    expect(x.take(one(-10)).item()).toBe(1);
    for (const index of [10, -11]) {
      expect(() => x.take(one(index))).toThrow(expect.objectContaining(outOfRange));
      expect(() => x.put(one(index), ng.ones(1))).toThrow(expect.objectContaining(outOfRange));
    }
  });

  it('in place they leave the process and the rest of the tensor alone', () => {
    const y = ng.zeros(3);
    expect(() => y.scatter_(0, tensor([7]), 1)).toThrow(expect.objectContaining(outOfRange));
    expect(() => y.indexAdd_(0, tensor([-1]), ng.ones(1))).toThrow(expect.objectContaining(outOfRange));
    expect(() => y.setAt([[3]], 1)).toThrow(expect.objectContaining(outOfRange));
    expect(y.tolist()).toEqual([0, 0, 0]);
  });

  it('are found in backward too, where the index was changed in between', () => {
    for (const body of [
      (w: ng.Tensor, i: ng.Tensor) => F.embedding(i, w),
      (w: ng.Tensor, i: ng.Tensor) => w.indexSelect(0, i),
      (w: ng.Tensor, i: ng.Tensor) => w.at(i),
    ]) {
      const weight = ng.ones([3, 2], { requiresGrad: true });
      const index = tensor([1, 2]);
      const y = body(weight, index);
      index.fill_(1000);
      expect(() => y.sum().backward()).toThrow(Error);
    }
  });

  it('of oneHot and bincount', () => {
    expect(() => F.oneHot(tensor([3]), 3)).toThrow(RangeError);
    expect(() => F.oneHot(tensor([-1]))).toThrow(RangeError);
    expect(() => tensor([-1]).bincount()).toThrow(RangeError);
  });
});

it('indexCopy with a repeated index credits both rows, as PyTorch does (B106)', () => {
  const y = leaf([1, 1]);
  const out = ng.zeros(2).indexCopy(0, tensor([0, 0]), y);
  out.sum().backward();
  expect(y.grad!.tolist()).toEqual([1, 1]);
  expect(out.tolist()).toEqual([1, 0]);
});

describe('an expanded tensor cannot be written in place (B079)', () => {
  const expanded = (): ng.Tensor => ng.arange(4, { dtype: 'float32' }).expand([5, 4]);
  const writes: readonly (readonly [string, (x: ng.Tensor) => unknown])[] = [
    ['setAt a mask', (x) => x.setAt([x.gt(1)], 1)],
    ['indexPut_', (x) => x.indexPut_([tensor([0])], tensor(1.5))],
    ['scatter_', (x) => x.scatter_(0, ng.zeros([1, 4], { dtype: 'int64' }), 1)],
    ['scatterAdd_', (x) => x.scatterAdd_(0, ng.zeros([1, 4], { dtype: 'int64' }), ng.ones([1, 4]))],
    ['indexAdd_', (x) => x.indexAdd_(0, tensor([0]), ng.ones([1, 4]))],
    ['indexCopy_', (x) => x.indexCopy_(0, tensor([0]), ng.ones([1, 4]))],
    ['indexFill_', (x) => x.indexFill_(0, tensor([0]), 1)],
    ['put_', (x) => x.put_(tensor([0]), ng.ones(1))],
    ['maskedFill_', (x) => x.maskedFill_(x.gt(1), 1)],
    ['maskedScatter_', (x) => x.maskedScatter_(x.gt(1), ng.ones(20))],
    ['tril_', (x) => x.tril_()],
  ];
  it.each(writes)('%s', (_, write) => {
    expect(() => write(expanded())).toThrow(/single memory location/);
  });

  it('but one of its rows can, which is one row of memory', () => {
    const x = expanded();
    x.setAt(0, 1);
    expect(x.sum().item()).toBe(20);
  });
});

it('a gradient that came expanded can be written to (B095)', () => {
  const x = ng.ones(3, { requiresGrad: true });
  x.sum().backward();
  x.grad!.setAt(0, 7);
  expect(x.grad!.tolist()).toEqual([7, 1, 1]);
});

it('index arithmetic holds beyond 2³¹ elements (B117)', () => {
  const x = ng
    .arange(4, { dtype: 'float32' })
    .reshape([4, 1, 1])
    .expand([4, 2 ** 16, 2 ** 15]);
  expect(x.numel()).toBe(2 ** 33);
  expect(x.at(3, -1, -1).item()).toBe(3);
  expect(x.at([1, 3], [0, 2 ** 16 - 1], [2 ** 15 - 1, 0]).tolist()).toEqual([1, 3]);
  expect(x.at(tensor([2, 0]), 5, 7).tolist()).toEqual([2, 0]);
});

it('slices do not go backwards, flip does (B150)', () => {
  expect(() => ng.arange(3).at('::-1')).toThrow(RangeError);
  expect(() => ng.arange(3).at(ng.slice(null, null, -1))).toThrow(RangeError);
  expect(() => ng.arange(3).at('::0')).toThrow(RangeError);
  expect(ng.arange(3).flip(0).tolist()).toEqual([2, 1, 0]);
});
