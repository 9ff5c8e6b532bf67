import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { tensor } = ng;
const F = ng.nn.functional;
const floats = (...shape: number[]): ng.Tensor =>
  ng
    .arange(
      shape.reduce((n, size) => n * size, 1),
      { dtype: 'float32' },
    )
    .reshape(shape);

describe('at', () => {
  const x = floats(2, 3, 4);

  it('takes slices as strings, objects and several in one string', () => {
    expect(x.at(0, '1:', '::2').tolist()).toEqual([
      [4, 6],
      [8, 10],
    ]);
    expect(x.at('0, 1:, ::2').tolist()).toEqual(x.at(0, ng.slice(1, null), ng.slice(null, null, 2)).tolist());
    expect(x.at(':', -1, ng.slice(2)).tolist()).toEqual([
      [8, 9],
      [20, 21],
    ]);
    expect(x.at('-1').shape).toEqual([3, 4]);
    expect(x.at(ng.slice(tensor(1), tensor(2))).shape).toEqual([1, 3, 4]);
    expect(x.at('5:', '2:1').shape).toEqual([0, 0, 4]);
    expect(x.at('...', null, 0, null).shape).toEqual([2, 3, 1, 1]);
    expect(x.at(1n, 2, 3).item()).toBe(23);
  });

  it('gives views that share memory where PyTorch does, and copies elsewhere', () => {
    for (const view of [x.at(0), x.at(':', '::2'), x.at(null), x.at('...'), x.at(tensor(1)), x.at()]) {
      expect(view.storage).toBe(x.storage);
    }
    for (const copy of [x.at([0]), x.at(true), x.at(x.gt(3)), x.at(tensor([1]))])
      expect(copy.storage).not.toBe(x.storage);
  });

  it('puts indexed dimensions that are apart first', () => {
    expect(x.at([0, 1], ':', [0, 1]).tolist()).toEqual([
      [0, 4, 8],
      [13, 17, 21],
    ]);
    expect(x.at(':', [[0], [2]], [1, 3]).shape).toEqual([2, 2, 2]);
    expect(x.at([0, 1], null, [1, 2]).shape).toEqual([2, 1, 4]);
    // An integer is no index tensor: it drops its dimension before the others are looked at.
    expect(x.at(0, ':', [1, 2]).shape).toEqual([3, 2]);
  });

  it('takes masks of any rank, uint8 ones too', () => {
    const mask = tensor([
      [1, 0, 0],
      [0, 1, 1],
    ]);
    expect(x.at(mask.to('bool')).tolist()).toEqual([
      [0, 1, 2, 3],
      [16, 17, 18, 19],
      [20, 21, 22, 23],
    ]);
    expect(x.at(mask.to('uint8'), '1:3').tolist()).toEqual([
      [1, 2],
      [17, 18],
      [21, 22],
    ]);
    expect(x.transpose(0, 1).at(mask.to('bool').t(), -1).tolist()).toEqual([3, 19, 23]);
    expect(x.at(':', [true, false, true], 0).tolist()).toEqual([
      [0, 8],
      [12, 20],
    ]);
    expect(x.at(false).shape).toEqual([0, 2, 3, 4]);
    expect(tensor(5.5).at(true).tolist()).toEqual([5.5]);
    expect(x.at([]).shape).toEqual([0, 3, 4]);
    expect(x.at(tensor([1, 0]).to('int32')).shape).toEqual([2, 3, 4]);
  });

  it('says what is wrong', () => {
    expect(() => x.at(2)).toThrow('at: index 2 is out of bounds for dimension 0 with size 2.');
    expect(() => x.at(0, 0, 0, 0)).toThrow('at: too many indices for tensor of dimension 3 (got 4).');
    expect(() => tensor(1).at(0)).toThrow(/0-dim tensor/);
    expect(() => x.at('abc')).toThrow(/'abc' is no index/);
    expect(() => x.at(0.5)).toThrow(/only integers/);
    expect(() => x.at(tensor([0.5]))).toThrow(/must be long, byte or bool/);
    expect(() => x.at(tensor([true]))).toThrow(/shape of the mask \[1\] at index 0 does not match/);
    expect(() => x.at([0, 1], [0, 1, 2])).toThrow(/could not be broadcast together with shapes \[2\], \[3\]/);
    expect(() => x.at([[0], [1, 2]])).toThrow(/ragged/);
    expect(() => x.at({} as never)).toThrow(TypeError);
    expect(() => ng.zeros([0, 3]).at([0])).toThrow(RangeError);
  });
});

describe('setAt', () => {
  it('writes numbers, tensors that broadcast and values with ones in front', () => {
    const x = ng.zeros(2, 3);
    x.setAt(0, 1);
    x.setAt([':', -1], tensor([5, 6]));
    x.setAt(['...', 0], ng.ones([1, 1, 2]));
    expect(x.tolist()).toEqual([
      [1, 1, 5],
      [1, 0, 6],
    ]);
    x.setAt(
      [
        [1, 1],
        [0, 1],
      ],
      tensor([7.5, 8.5]),
    );
    x.setAt([x.eq(5)], -5);
    expect(x.tolist()).toEqual([
      [1, 1, -5],
      [7.5, 8.5, 6],
    ]);
    x.setAt(false, 9);
    x.setAt(true, 0);
    expect(x.sum().item()).toBe(0);
  });

  it('reads what it writes first where both are one memory', () => {
    const x = floats(4);
    x.setAt(['1:'], x.at(':3').clone());
    expect(x.tolist()).toEqual([0, 0, 1, 2]);
    const y = floats(4);
    y.setAt([[1, 2, 3]], y.at(':3'));
    expect(y.tolist()).toEqual([0, 0, 1, 2]);
    const index = tensor([2, 0, 1]);
    index.setAt([index], tensor([5, 6, 7]));
    expect(index.tolist()).toEqual([6, 7, 5]);
  });

  it('writes through strided views and counts versions', () => {
    const x = floats(3, 4);
    const before = x._version;
    x.t().setAt([[0, 2]], 0);
    expect(x.tolist()).toEqual([
      [0, 1, 0, 3],
      [0, 5, 0, 7],
      [0, 9, 0, 11],
    ]);
    expect(x._version).toBeGreaterThan(before);
    x.at('::2', '1:').setAt([[1], [0, 2]], -1);
    expect(x.at(2).tolist()).toEqual([0, -1, 0, -1]);
  });

  it('refuses what does not fit', () => {
    const x = ng.zeros(2, 3);
    expect(() => x.setAt(0, ng.ones(2))).toThrow(RangeError);
    expect(() => x.setAt([[0, 1]], ng.ones([3, 3]))).toThrow(
      /cannot be broadcast to indexing result of shape \[2, 3\]/,
    );
    expect(() => x.setAt([[0]], tensor([1, 2, 3]))).toThrow(/dtypes match/);
    expect(() => ng.ones(3, { requiresGrad: true }).setAt(0, 1)).toThrow(/leaf/);
  });
});

describe('gather and scatter', () => {
  it('work on every layout, with fewer indices than elements', () => {
    const x = floats(3, 4, 2);
    const index = tensor([
      [[3], [0]],
      [[1], [1]],
    ]);
    const expected = x.gather(1, index).tolist();
    for (const y of [x.transpose(0, 2).contiguous().transpose(0, 2), ng.stack([x, x], -1).select(-1, 0)]) {
      expect(y.gather(1, index).tolist()).toEqual(expected);
      const z = y.clone();
      const into = y.detach().clone().transpose(1, 2).contiguous().transpose(1, 2);
      into.scatter_(1, index, -1);
      expect(into.tolist()).toEqual(z.scatter(1, index, -1).tolist());
    }
    expect(
      ng
        .ones(1)
        .expand([3, 4])
        .gather(1, tensor([[0, 3]]))
        .tolist(),
    ).toEqual([[1, 1]]);
  });

  it('scatter adds and multiplies by name, without a gradient', () => {
    const x = floats(3);
    expect(x.scatter(0, tensor([1, 1]), tensor([5.5, 6.5]), 'add').tolist()).toEqual([0, 13, 2]);
    expect(x.scatter(0, tensor([2, 2]), 3, { reduce: 'multiply' }).tolist()).toEqual([0, 1, 18]);
    const y = ng.ones(3, { requiresGrad: true }).scatter(0, tensor([1]), 2, { reduce: 'add' });
    expect(() => y.sum().backward()).toThrow(/not implemented/);
  });

  it('give a source that is larger than the index a gradient of its own shape', () => {
    const src = ng.ones([3, 3], { requiresGrad: true });
    ng.zeros(2, 3)
      .scatter(0, tensor([[1, 0]]), src)
      .sum()
      .backward();
    expect(src.grad!.tolist()).toEqual([
      [1, 1, 0],
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  it('reduce integers as PyTorch does: the mean is floored', () => {
    const x = tensor([1, -7]);
    const at = tensor([0, 1, 1]);
    const src = tensor([4, -2, 1]);
    expect(x.scatterReduce(0, at, src, 'mean').tolist()).toEqual([2, -3]);
    expect(x.scatterReduce(0, at, src, 'amax', { includeSelf: false }).tolist()).toEqual([4, 1]);
    expect(x.scatterReduce(0, at, src, 'amin', false).tolist()).toEqual([4, -2]);
    expect(x.to('uint8').scatterReduce(0, at, src.to('uint8'), 'amin', false).dtype).toBe('uint8');
  });

  it('in place keep history', () => {
    const w = ng.ones(3, { requiresGrad: true });
    const y = w.mul(2);
    y.scatterAdd_(0, tensor([0, 0]), w.narrow(0, 0, 2)).indexFill_(0, tensor([2]), 0);
    y.sum().backward();
    expect(w.grad!.tolist()).toEqual([3, 3, 0]);
  });
});

describe('embedding', () => {
  const ids = tensor([
    [0, 2],
    [2, 1],
  ]);

  it('gives padding no gradient, and divides by frequency', () => {
    const weight = floats(3, 2).requiresGrad_();
    F.embedding(ids, weight, 2).sum().backward();
    expect(weight.grad!.tolist()).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
    weight.grad = null;
    F.embedding(ids, weight, { paddingIdx: -3, scaleGradByFreq: true }).sum().backward();
    expect(weight.grad!.tolist()).toEqual([
      [0, 0],
      [1, 1],
      [1, 1],
    ]);
  });

  it('is differentiable twice, padding left out', () => {
    const weight = floats(3, 2).requiresGrad_();
    const cotangent = ng.ones([2, 2, 2], { requiresGrad: true });
    const [grad] = ng.autograd.grad(F.embedding(ids, weight, 2), weight, {
      gradOutputs: cotangent,
      createGraph: true,
    }) as ng.Tensor[];
    grad!.mul(floats(3, 2)).sum().backward();
    expect(cotangent.grad!.tolist()).toEqual([
      [
        [0, 1],
        [0, 0],
      ],
      [
        [0, 0],
        [2, 3],
      ],
    ]);
  });

  it('scales the rows it reads down to maxNorm, in place', () => {
    const weight = tensor([
      [3, 4],
      [30, 40],
      [0.3, 0.4],
    ]).requiresGrad_();
    const y = F.embedding(tensor([0, 2, 0]), weight, { maxNorm: 1 });
    expect(ng.allclose(y.norm(2, 1), tensor([1, 0.5, 1]))).toBe(true);
    expect(weight.at(1).tolist()).toEqual([30, 40]);
    expect(weight.at(0).norm().item()).toBeCloseTo(1, 5);
  });

  it('takes int32 and any shape of index', () => {
    expect(F.embedding(tensor(1).to('int32'), floats(3, 2)).tolist()).toEqual([2, 3]);
    expect(F.embedding(ng.zeros([2, 0], { dtype: 'int64' }), floats(3, 2)).shape).toEqual([2, 0, 2]);
    expect(() => F.embedding(tensor([0.5]), floats(3, 2))).toThrow(/Long, Int/);
    expect(() => F.embedding(ids, floats(3, 2), 3)).toThrow(/Padding_idx/);
  });

  it('oneHot counts classes itself or as told', () => {
    expect(F.oneHot(tensor([2, 0])).tolist()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(F.oneHot(tensor([[1]]), 4).shape).toEqual([1, 1, 4]);
    expect(F.oneHot(ng.zeros(0, { dtype: 'int64' }), 3).shape).toEqual([0, 3]);
    expect(() => F.oneHot(ng.zeros(0, { dtype: 'int64' }))).toThrow(/empty/);
  });
});

describe('masks', () => {
  it('maskedFill broadcasts both, in place only the mask', () => {
    const mask = tensor([[true], [false]]);
    expect(tensor([1.5, 2.5]).maskedFill(mask, 0).tolist()).toEqual([
      [0, 0],
      [1.5, 2.5],
    ]);
    expect(() => ng.zeros(2).maskedFill_(mask, 1)).toThrow(RangeError);
    expect(
      tensor([1, 2])
        .maskedFill(tensor([true, false]), 2.7)
        .tolist(),
    ).toEqual([2, 2]);
    const x = floats(3);
    x.maskedFill_(x.gt(0), x.at(2));
    expect(x.tolist()).toEqual([0, 2, 2]);
  });

  it('maskedScatter needs enough values', () => {
    expect(() => ng.zeros(3).maskedScatter(tensor([true, true, false]), ng.ones(1))).toThrow(
      /source \(1\) < number of ones in mask \(2\)/,
    );
  });

  it('where promotes, takes numbers, and lists places', () => {
    const condition = tensor([true, false]);
    expect(ng.where(condition, tensor([1, 2]), 0.5).dtype).toBe('float32');
    expect(ng.where(condition, 1, 2).tolist()).toEqual([1, 2]);
    expect(
      ng
        .where(
          tensor([
            [0, 3],
            [4, 0],
          ]),
        )
        .map((index) => index.tolist()),
    ).toEqual([
      [0, 1],
      [1, 0],
    ]);
    expect(ng.nonzero(tensor(3), { asTuple: true }).map((index) => index.tolist())).toEqual([[0]]);
    expect(tensor(3).nonzero().shape).toEqual([1, 0]);
  });

  it('triangles of batches and in place', () => {
    const x = floats(2, 2, 3);
    x.transpose(1, 2).tril_();
    expect(x.tolist()).toEqual([
      [
        [0, 1, 2],
        [0, 4, 5],
      ],
      [
        [6, 7, 8],
        [0, 10, 11],
      ],
    ]);
    expect(floats(2, 3).triu(-5).tolist()).toEqual(floats(2, 3).tolist());
    expect(floats(2, 3).tril(-5).sum().item()).toBe(0);
    expect(() => floats(3).tril()).toThrow(/at least 2 dimensions/);
  });
});
