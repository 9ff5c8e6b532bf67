import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { masked, tensor } = ng;
const inf = Number.POSITIVE_INFINITY;
const nan = Number.NaN;

const x = tensor([
  [1, 2],
  [3, 4],
]).to('float32');
/** The second row is masked out altogether. */
const mask = tensor([
  [true, false],
  [false, false],
]);

describe('masked reductions', () => {
  it('leave masked-out elements out, and give the identity where there is nothing', () => {
    const of = (f: (x: ng.Tensor, dim: number, options: { mask: ng.Tensor }) => ng.Tensor): unknown =>
      f(x, 1, { mask }).tolist();
    expect(of(masked.sum)).toEqual([1, 0]);
    expect(of(masked.prod)).toEqual([1, 1]);
    expect(of(masked.amax)).toEqual([1, -inf]);
    expect(of(masked.amin)).toEqual([1, inf]);
    expect(of(masked.argmax)).toEqual([0, 0]);
    expect(of(masked.argmin)).toEqual([0, 0]);
    expect(of(masked.mean)).toEqual([1, nan]);
    expect(of(masked.median)).toEqual([1, nan]);
    expect(of(masked.var)).toEqual([0, nan]);
    expect(of(masked.std)).toEqual([0, nan]);
    expect(of(masked.logsumexp)).toEqual([1, -inf]);
    expect(masked.norm(x, 2, 1, { mask }).tolist()).toEqual([1, 0]);
    expect(masked.norm(x, -inf, 1, { mask }).tolist()).toEqual([1, inf]);
    expect(masked.var(x, 1, true, { mask }).tolist()).toEqual([nan, nan]);
  });

  it('without a mask are the ops themselves', () => {
    expect(masked.sum(x).item()).toBe(10);
    expect(masked.prod(x, 0).tolist()).toEqual([3, 8]);
    expect(masked.mean(x, [0, 1], { keepdim: true }).tolist()).toEqual([[2.5]]);
    expect(masked.var(x, 1, true).tolist()).toEqual(x.var(1).tolist());
    expect(masked.std(x, { dim: 0 }).tolist()).toEqual(x.std(0, { correction: 0 }).tolist());
    expect(masked.median(x).tolist()).toEqual([1, 3]);
    expect(masked.argmax(x).item()).toBe(3);
    expect(masked.logsumexp(x, 1).tolist()).toEqual(x.logsumexp(1).tolist());
    expect(masked.norm(x).item()).toBeCloseTo(Math.sqrt(30), 6);
  });

  it('of integers', () => {
    const integers = x.to('int32');
    const sum = masked.sum(integers, 1, { mask });
    expect([sum.dtype, sum.tolist()]).toEqual(['int64', [1, 0]]);
    const highest = masked.amax(integers, 1, { mask });
    expect([highest.dtype, highest.tolist()]).toEqual(['int32', [1, -(2 ** 31)]]);
    expect(masked.amin(x.to('uint8'), 1, { mask }).tolist()).toEqual([1, 255]);
    expect(masked.amax(x.to('int64'), 1, { mask }).tolist()).toEqual([1, -(2n ** 63n)]);
    expect(masked.mean(integers, 1, { mask: mask.logicalNot() }).tolist()).toEqual([2, 3.5]);
    expect(masked.median(integers, 1, { mask: mask.logicalNot() }).tolist()).toEqual([2, 3]);
    expect(masked.var(integers, 1).dtype).toBe('float32');
    expect(masked.cumsum(integers, 1, { mask }).dtype).toBe('int32');
    expect(masked.argmax(integers, 1, { dtype: 'int64' }).dtype).toBe('int64');
  });

  it('of bools', () => {
    expect(masked.sum(x.gt(1), { mask }).item()).toBe(0);
    expect(masked.sum(x.gt(1)).item()).toBe(3);
    expect(masked.prod(x.gt(1), 1, { mask }).tolist()).toEqual([0, 1]);
  });

  it('take masks that broadcast, and masks of other dtypes', () => {
    expect(masked.sum(x, { mask: tensor([1, 0]) }).item()).toBe(4);
    expect(masked.sum(x, { mask: tensor([[1.5], [0]]) }).item()).toBe(3);
    expect(masked.sum(x, { mask: tensor(false) }).item()).toBe(0);
  });

  it('of strided, empty and 0-d tensors', () => {
    expect(masked.sum(x.t(), 1, { mask: mask.t() }).tolist()).toEqual([1, 0]);
    expect(masked.sum(ng.zeros(0, 3), 0, { mask: ng.ones(0, 3) }).tolist()).toEqual([0, 0, 0]);
    expect(masked.prod(tensor(3.5), { mask: tensor(false) }).item()).toBe(1);
  });

  it('say what is wrong', () => {
    expect(() => masked.sum(x, { mask: tensor([[[true]]]) })).toThrow(/masked\.sum: .*more dimensions than the input/);
    expect(() => masked.sum(x, { mask: tensor([true, true, false]) })).toThrow(/mask \[3\] does not broadcast/);
    expect(() => masked.amax(x.gt(1), { mask })).toThrow(/masked\.amax: there is no element of bool/);
    expect(() => masked.median(x.to('int64'), 1, { mask })).toThrow(/row of the mask is all false/);
    expect(() => masked.sum(x, [0, 0])).toThrow(/appears multiple times/);
    expect(() => masked.softmax(x, 5, { mask })).toThrow(RangeError);
    expect(() => masked.sum([1, 2] as unknown as ng.Tensor)).toThrow(TypeError);
    expect(() => masked.mean(x, { mask: [true] as unknown as ng.Tensor })).toThrow(/mask must be a Tensor/);
  });
});

describe('masked normalizations', () => {
  it('leave masked-out elements out', () => {
    expect(masked.softmax(x, 1, { mask }).tolist()).toEqual([
      [1, 0],
      [nan, nan],
    ]);
    expect(masked.logSoftmax(x, 1, { mask }).tolist()).toEqual([
      [0, -inf],
      [nan, nan],
    ]);
    expect(masked.softmin(x, 1, { mask }).tolist()).toEqual([
      [1, 0],
      [nan, nan],
    ]);
    expect(masked.normalize(x, 2, 1, { mask }).tolist()).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(masked.cumsum(x, 1, { mask }).tolist()).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(masked.cumprod(x, 1, { mask }).tolist()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    const [[sum]] = masked.logaddexp(x, x, { inputMask: mask }).tolist() as [[number]];
    expect(sum).toBeCloseTo(1 + Math.LN2, 6);
    expect(masked.logaddexp(x, x, { inputMask: mask }).at(1).tolist()).toEqual([3, 4]);
  });

  it('convert first where a dtype is given', () => {
    const y = masked.softmax(x.to('int64'), 1, { dtype: 'float32', mask });
    expect([y.dtype, y.at(0).tolist()]).toEqual(['float32', [1, 0]]);
    expect(masked.sum(x, 1, { dtype: 'float64' }).dtype).toBe('float64');
  });
});

describe('gradients through masks', () => {
  const some = tensor([
    [true, false, true],
    [true, true, false],
  ]);
  type Op = (x: ng.Tensor) => ng.Tensor;
  const ops: Readonly<Record<string, Op>> = {
    sum: (y) => masked.sum(y, 1, { mask: some }),
    prod: (y) => masked.prod(y, { mask: some }),
    amax: (y) => masked.amax(y, 1, { mask: some }),
    amin: (y) => masked.amin(y, 1, { mask: some }),
    mean: (y) => masked.mean(y, 1, { mask: some }),
    median: (y) => masked.median(y, 1, { mask: some }),
    var: (y) => masked.var(y, 1, { mask: some }),
    std: (y) => masked.std(y, 1, true, { mask: some }),
    norm: (y) => masked.norm(y, 3, 1, { mask: some }),
    logsumexp: (y) => masked.logsumexp(y, 1, { mask: some }),
    softmax: (y) => masked.softmax(y, 1, { mask: some }),
    softmin: (y) => masked.softmin(y, 1, { mask: some }),
    normalize: (y) => masked.normalize(y, 2, 1, { mask: some }),
    cumsum: (y) => masked.cumsum(y, 1, { mask: some }),
    cumprod: (y) => masked.cumprod(y, 1, { mask: some }),
    logaddexp: (y) => masked.logaddexp(y, y.mul(2), { otherMask: some }),
  };

  it.each(Object.keys(ops))('%s, twice', (name) => {
    const input = tensor(
      [
        [0.3, -1.2, 0.8],
        [1.5, 0.4, -0.6],
      ],
      { dtype: 'float64', requiresGrad: true },
    );
    ng.autograd.gradcheck(ops[name]!, [input]);
    // The second derivative of logaddexp at -∞ is NaN, as PyTorch's.
    if (name === 'logaddexp') return;
    ng.autograd.gradgradcheck(ops[name]!, [input]);
    // What is masked out has no part in the result, not even as NaN.
    const spoilt = input.detach().maskedFill(some.logicalNot(), 1e300).requiresGrad_();
    ops[name]!(spoilt).nansum().backward();
    expect(spoilt.grad!.maskedSelect(some.logicalNot()).tolist()).toEqual([0, 0]);
  });

  it('are named as in PyTorch', () => {
    const leaf = x.clone().requiresGrad_();
    expect(String(masked.sum(leaf, { mask }))).toContain('SumBackward1');
    expect(String(masked.mean(leaf, { mask }))).toContain('DivBackward0');
    expect(String(masked.std(leaf, { mask }))).toContain('SqrtBackward0');
    expect(String(masked.norm(leaf, { mask }))).toContain('LinalgVectorNormBackward0');
    expect(masked.argmax(leaf, { mask }).requiresGrad).toBe(false);
  });
});
