// Faults other libraries had in arithmetic, reductions, running ops, movement and creation (bugs.jsonl), each with its
// neighbours: the same fault elsewhere.
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const leaf = (values: ng.TensorData, dtype: ng.DType = 'float32'): ng.Tensor =>
  ng.tensor(values, { dtype, requiresGrad: true });

/** The gradient of the sum of f(x). */
function gradientOf(f: (x: ng.Tensor) => ng.Tensor, values: ng.TensorData, dtype: ng.DType = 'float64'): unknown {
  const x = leaf(values, dtype);
  f(x).sum().backward();
  return x.grad!.tolist();
}

/** d² f / dx² as a matrix, for f of a vector. */
function hessian(f: (x: ng.Tensor) => ng.Tensor, values: readonly number[]): number[][] {
  const x = leaf(values, 'float64');
  const gradient = ng.autograd.grad(f(x), x, { createGraph: true })[0]!;
  return values.map(
    (_, i) =>
      ng.autograd.grad(gradient.select(0, i), x, { retainGraph: true, allowUnused: true })[0]!.tolist() as number[],
  );
}

describe('gradients where a formula would divide 0 by 0', () => {
  it.each([2, 3, 1.5, 1, 0.5, 0])('B001: the %s-norm of zeros has a gradient of zero', (p) => {
    expect(gradientOf((x) => x.norm(p), [0, 0, 0])).toEqual([0, 0, 0]);
    expect(gradientOf((x) => x.norm(p, 1), [[0, 0]])).toEqual([[0, 0]]);
    expect(gradientOf((x) => x.dist(ng.zeros(3, { dtype: 'float64' }), p), [0, 0, 0])).toEqual([0, 0, 0]);
  });

  it('B002: so has the Frobenius norm of a matrix', () => {
    expect(
      gradientOf(
        (x) => x.norm('fro', [0, 1]),
        [
          [0, 0],
          [0, 0],
        ],
      ),
    ).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('B007: powers of base 0', () => {
    const x = leaf(0);
    const b = leaf(2);
    x.pow(b).backward();
    expect([x.grad!.item(), b.grad!.item()]).toEqual([0, 0]);
    expect(gradientOf((e) => ng.pow(0, e), [2, 0])).toEqual([0, 0]);
    expect(gradientOf((e) => ng.zeros(2, { dtype: 'float64' }).pow(e), [2, 0])).toEqual([0, 0]);
    expect(gradientOf((base) => base.pow(ng.tensor([0, 1, 2], { dtype: 'float64' })), [0, 0, 0])).toEqual([0, 1, 0]);
  });

  it('B008: a square where the difference is 0', () => {
    for (const square of [
      (d: ng.Tensor) => d.pow(2),
      (d: ng.Tensor) => d.square(),
      (d: ng.Tensor) => d.pow(ng.tensor(2)),
      (d: ng.Tensor) => d.mul(d),
    ]) {
      expect(gradientOf((y) => square(y.sub(0)), [0])).toEqual([0]);
    }
  });

  it('B009: (a - b) ** b where a and b are equal', () => {
    const a = leaf([1]);
    const b = leaf([1]);
    a.sub(b)
      .pow(b)
      .backward(ng.full([1], 123, { dtype: 'float32' }));
    expect([a.grad!.tolist(), b.grad!.tolist()]).toEqual([[123], [-123]]);
  });

  it('B013: the root of 0 squared stays NaN, as in PyTorch', () => {
    expect(gradientOf((x) => x.sqrt().pow(2), 0)).toBeNaN();
  });

  it('standard deviations of equal numbers', () => {
    expect(gradientOf((x) => x.std(), [2, 2, 2])).toEqual([0, 0, 0]);
    expect(gradientOf((x) => ng.stdMean(x)[0], [2, 2, 2])).toEqual([0, 0, 0]);
  });

  it('xlogy and sinc at 0', () => {
    expect(gradientOf((x) => ng.xlogy(x, ng.zeros(1, { dtype: 'float64' })), [0])).toEqual([0]);
    expect(gradientOf(ng.sinc, [0])).toEqual([0]);
  });
});

describe('products with zeros', () => {
  it('B020: the second derivative of a product with two zeros', () => {
    const values = [2, 3, 0, 0];
    const expected = [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 6],
      [0, 0, 6, 0],
    ];
    expect(hessian((x) => x.prod(), values)).toEqual(expected);
    expect(hessian((x) => x.prod(0), values)).toEqual(expected);
    expect(hessian((x) => x.cumprod(0).select(0, -1), values)).toEqual(expected);
  });

  it('first derivatives with none, one and two zeros', () => {
    for (const op of [(x: ng.Tensor) => x.prod(), (x: ng.Tensor) => x.cumprod(0).select(0, 2)]) {
      expect(gradientOf(op, [2, 3, 4])).toEqual([12, 8, 6]);
      expect(gradientOf(op, [2, 0, 4])).toEqual([0, 8, 0]);
      expect(gradientOf(op, [0, 3, 0])).toEqual([0, 0, 0]);
    }
  });
});

describe('ties and NaN', () => {
  it('B015: equal operands share the gradient', () => {
    for (const [op, second] of [
      [ng.maximum, [1, 0]],
      [ng.minimum, [1, 3]],
    ] as const) {
      const a = leaf([1, 2]);
      const b = leaf([...second]);
      op(a, b).sum().backward();
      expect([a.grad!.tolist(), b.grad!.tolist()]).toEqual([
        [0.5, 1],
        [0.5, 0],
      ]);
    }
  });

  it('B031: NaN wins, except in fmax and fmin', () => {
    const x = ng.tensor([1, Number.NaN, 3]);
    const zero = ng.zeros(3);
    expect(ng.maximum(x, zero).tolist()).toEqual([1, Number.NaN, 3]);
    expect(ng.minimum(zero, x).tolist()).toEqual([0, Number.NaN, 0]);
    expect(ng.fmax(x, zero).tolist()).toEqual([1, 0, 3]);
    expect(ng.fmin(zero, x).tolist()).toEqual([0, 0, 0]);
    expect(x.clamp(0, 2).tolist()).toEqual([1, Number.NaN, 2]);
  });

  it('B070: ∞ · 0 stays NaN', () => {
    const x = ng.tensor([-2, 2], { dtype: 'float32' });
    expect(x.div(0).mul(0).isnan().all().item()).toBe(true);
  });
});

describe('sums and their kin', () => {
  it('B042: logsumexp of nothing but -∞', () => {
    const low = ng.full([1, 2], Number.NEGATIVE_INFINITY);
    expect(ng.logsumexp(low, 1).tolist()).toEqual([Number.NEGATIVE_INFINITY]);
    expect(ng.logcumsumexp(low, 1).tolist()).toEqual([[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]]);
    expect(ng.logaddexp(low, low).tolist()).toEqual([[Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]]);
    expect(ng.logsumexp(ng.tensor([1000, 1000], { dtype: 'float64' }), 0).item()).toBeCloseTo(1000 + Math.LN2, 10);
  });

  it('B057: the deviation of one element', () => {
    const x = ng.tensor([3.5]);
    expect([x.std().item(), x.std({ unbiased: false }).item()]).toEqual([Number.NaN, 0]);
    expect([x.var().item(), x.var({ correction: 0 }).item()]).toEqual([Number.NaN, 0]);
  });

  it('B058: the deviation of nearly equal numbers', () => {
    expect(ng.tensor([-0.8212978, -0.8214609]).std({ unbiased: false }).item() * 1e5).toBeCloseTo(8.15, 2);
    const far = ng.tensor([1e8, 1e8 + 8, 1e8 + 16], { dtype: 'float32' });
    expect(far.var({ correction: 0 }).item()).toBeCloseTo(128 / 3, 3);
  });

  it('B061: sums of many numbers', () => {
    const x = ng.ones(5, 68, 64, 64).mul(0.1);
    expect(Math.abs(x.sum().item() * 10 - 1392640)).toBeLessThan(1.5);
    expect(Math.abs(x.sum([0, 1, 2]).sum().item() * 10 - 1392640)).toBeLessThan(1.5);
    expect(x.reshape([-1]).cumsum(0).select(0, -1).item() * 10).toBeCloseTo(1392640, 0);
  });

  it('B062: the mean of more ones than float32 counts', () => {
    const x = ng.ones(1).expand(2 ** 24 + 2 ** 20);
    expect(x.mean().item()).toBe(1);
    expect(x.norm(1).item()).toBe(2 ** 24 + 2 ** 20);
  });

  it('B064: reductions of nothing', () => {
    const x = ng.zeros(0);
    expect([x.sum().item(), x.prod().item(), x.mean().item()]).toEqual([0, 1, Number.NaN]);
    expect([x.any().item(), x.all().item()]).toEqual([false, true]);
    expect(x.logsumexp(0).item()).toBe(Number.NEGATIVE_INFINITY);
    expect(() => x.max()).toThrow(/max: /);
    expect(ng.zeros(0, 3).sum(0).tolist()).toEqual([0, 0, 0]);
  });

  it('B065: running sums of large magnitudes', () => {
    const x = ng.tensor([1e8, 1, -1e8, 1], { dtype: 'float64' });
    expect(x.cumsum(0).tolist()).toEqual([1e8, 100000001, 1, 2]);
    expect(x.to('float32').cumsum(0).tolist()).toEqual([1e8, 1e8, 1, 2]);
  });

  it('B087: gradients of what was broadcast', () => {
    const z = leaf(1);
    z.exp()
      .sub(0)
      .sum()
      .add(z.exp().sub(ng.zeros(1000)).sum())
      .backward();
    expect(z.grad!.item() / Math.E).toBeCloseTo(1001, 0);
  });

  it('B116: products over nothing are zeros', () => {
    expect(ng.ones(2, 0).matmul(ng.ones(0, 3)).tolist()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(ng.bmm(ng.ones(1, 2, 0), ng.ones(1, 0, 1)).tolist()).toEqual([[[0], [0]]]);
    expect(ng.mv(ng.ones(2, 0), ng.ones(0)).tolist()).toEqual([0, 0]);
    expect(ng.einsum('ij,jk->ik', ng.ones(2, 0), ng.ones(0, 1)).tolist()).toEqual([[0], [0]]);
    expect(ng.addmm(ng.ones(1), ng.ones(1, 0), ng.ones(0, 1)).tolist()).toEqual([[1]]);
  });
});

describe('elementary functions', () => {
  it.each([1, 7, 8, 9, 17])('B074: tanh and sigmoid of large numbers, %i of them', (n) => {
    expect(
      ng
        .tanh(ng.full([n], 100, { dtype: 'float32' }))
        .eq(1)
        .all()
        .item(),
    ).toBe(true);
    expect(
      ng
        .tanh(ng.full([n], -100, { dtype: 'float32' }))
        .eq(-1)
        .all()
        .item(),
    ).toBe(true);
    expect(
      ng
        .sigmoid(ng.full([n], -200, { dtype: 'float32' }))
        .isfinite()
        .all()
        .item(),
    ).toBe(true);
    expect(
      ng
        .sigmoid(ng.full([n], 200, { dtype: 'float32' }))
        .eq(1)
        .all()
        .item(),
    ).toBe(true);
  });
});

describe('creation', () => {
  it('B066: linspace hits its whole numbers', () => {
    const v = ng.linspace(0, 2 * 4099, 4100);
    expect([v.select(0, 4095).item(), v.select(0, -1).item()]).toEqual([8190, 8198]);
    expect(ng.linspace(0, 1, 11).select(0, 10).item()).toBe(1);
    expect(ng.logspace(0, 3, 4).tolist()).toEqual([1, 10, 100, 1000]);
    expect(ng.arange(0, 1, 0.1).shape).toEqual([10]);
  });

  it('B126: sizes that multiply to more than can be counted', () => {
    for (const make of [ng.ones, ng.zeros, ng.empty]) expect(() => make(2, 2, 1, 2 ** 61)).toThrow(RangeError);
    expect(() => ng.full([2 ** 30, 2 ** 30], 1)).toThrow(RangeError);
    expect(() => ng.eye(2 ** 30)).toThrow(RangeError);
  });

  it('B127: negative sizes', () => {
    expect(() => ng.empty(-1)).toThrow(RangeError);
    expect(() => ng.linspace(0, 1, -1)).toThrow(RangeError);
    expect(() => ng.ones(3).repeat(-1)).toThrow(RangeError);
    expect(() => ng.constantPadNd(ng.ones(3), [-2, -2])).toThrow(RangeError);
  });

  it('B134: whole numbers beyond float32', () => {
    expect(ng.tensor(16777217, { dtype: 'float32' }).item()).toBe(16777216);
    expect(ng.tensor(2n ** 53n + 1n).item()).toBe(2n ** 53n + 1n);
  });
});

describe('in place', () => {
  it('B079: what sees one element many times cannot be written', () => {
    const writes: ((x: ng.Tensor) => unknown)[] = [
      (x) => x.add_(1),
      (x) => x.mul_(2),
      (x) => x.exp_(),
      (x) => x.clamp_(0),
      (x) => x.cumsum_(0),
      (x) => x.addcmul_(x, x),
      (x) => x.logicalNot_(),
    ];
    for (const write of writes)
      expect(() => write(ng.arange(4, { dtype: 'float32' }).expand(5, 4))).toThrow(/single memory location/);
    expect(ng.ones([1]).expand([3]).fill_(2).tolist()).toEqual([2, 2, 2]);
  });

  it('B091: a saved tensor that was overwritten', () => {
    const y = leaf([1, 1]).exp();
    y.mul_(2);
    expect(() => y.sum().backward()).toThrow(/inplace/);
  });

  it('B093: a leaf that asks for a gradient', () => {
    const writes: ((x: ng.Tensor) => unknown)[] = [
      (x) => x.add_(1),
      (x) => x.sin_(),
      (x) => x.clampMin_(0),
      (x) => x.cumprod_(0),
      (x) => x.squeeze_(),
    ];
    for (const write of writes) expect(() => write(leaf([1, 1]))).toThrow(/leaf Variable/);
  });

  it('B095: a gradient that was one number can be written', () => {
    const x = leaf([1, 1, 1]);
    x.sum().backward();
    x.grad!.select(0, 0).fill_(7);
    expect(x.grad!.tolist()).toEqual([7, 1, 1]);
  });

  it('operands that overlap what is written', () => {
    const x = ng.arange(5, { dtype: 'float32' });
    expect(() => x.narrow(0, 1, 4).add_(x.narrow(0, 0, 4))).toThrow(/single memory location/);
    expect(() => x.narrow(0, 1, 4).copy_(x.narrow(0, 0, 4))).toThrow(/single memory location/);
    expect(
      x
        .narrow(0, 1, 4)
        .add_(x.narrow(0, 1, 4))
        .tolist(),
    ).toEqual([2, 4, 6, 8]);
    // With gaps between the elements, what is read is what was there before.
    const y = ng.arange(8);
    y.at(':6:2').copy_(y.at('2::2'));
    expect(y.tolist()).toEqual([2, 1, 4, 3, 6, 5, 6, 7]);
  });
});

it('B142: what does not broadcast is named', () => {
  expect(() => ng.ones(2, 3).add(ng.ones(2, 4))).toThrow(
    'The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1',
  );
});

it('B150: flip copies', () => {
  const x = ng.arange(3);
  expect(x.flip(0).tolist()).toEqual([2, 1, 0]);
  expect(x.flip(0).storage).not.toBe(x.storage);
});
