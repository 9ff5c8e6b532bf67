import { describe, expect, it } from 'vitest';
import { kernels } from '../../src/backends/index.js';
import * as ng from '../../src/index.js';

const halves = ['float16', 'bfloat16'] as const;

/** The error a function throws. */
function thrown(body: () => unknown): Error & { code?: string } {
  try {
    body();
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('nothing was thrown');
}

describe.each(halves)('%s numbers', (dtype) => {
  it('are written by their value', () => {
    expect(ng.ones(2, { dtype }).tolist()).toEqual([1, 1]);
    expect(ng.full([2], -2.5, { dtype }).tolist()).toEqual([-2.5, -2.5]);
    expect(ng.eye(2, { dtype }).tolist()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    expect(ng.onesLike(ng.zeros(1, { dtype })).tolist()).toEqual([1]);
    expect(ng.zeros([2, 2], { dtype }).fillDiagonal_(3).tolist()).toEqual([
      [3, 0],
      [0, 3],
    ]);
    expect(
      ng
        .zeros(2, { dtype })
        .maskedFill(ng.tensor([false, true]), 5)
        .tolist(),
    ).toEqual([0, 5]);
    const x = ng.zeros(3, { dtype });
    x.setAt(1, 3);
    expect(x.tolist()).toEqual([0, 3, 0]);
    expect(ng.full([], Number.POSITIVE_INFINITY, { dtype }).item()).toBe(Number.POSITIVE_INFINITY);
  });

  it('round as PyTorch does', () => {
    expect(ng.full([1], 1.1, { dtype }).tolist()).toEqual([dtype === 'float16' ? 1.099609375 : 1.1015625]);
    expect(ng.full([1], 1e6, { dtype }).tolist()).toEqual([dtype === 'float16' ? Number.POSITIVE_INFINITY : 999424]);
  });

  it('are where backward starts from', () => {
    const x = ng.tensor([1, 2], { dtype: 'float32' }).requiresGrad_();
    x.to(dtype).sum().backward();
    expect(x.grad!.tolist()).toEqual([1, 1]);
  });
});

describe.each(halves)('%s arithmetic', (dtype) => {
  const of = (values: number[]): ng.Tensor => ng.tensor(values, { dtype });

  it('is done in float32 and rounded', () => {
    const [x, y] = [of([1, 2, -3]), of([0.5, 4, 2])];
    expect(x.add(y).dtype).toBe(dtype);
    expect(x.add(y).tolist()).toEqual([1.5, 6, -1]);
    expect(x.mul(y).sub(1).div(2).tolist()).toEqual([-0.25, 3.5, -3.5]);
    expect(x.relu().tolist()).toEqual([1, 2, 0]);
    expect(x.lt(y).tolist()).toEqual([false, true, true]);
    expect(x.add_(y).tolist()).toEqual([1.5, 6, -1]);
    expect(of([1]).exp().tolist()).toEqual([2.71875]);
    expect(of([0, 4, 9]).sqrt_().tolist()).toEqual([0, 2, 3]);
  });

  it('has gradients of its dtype', () => {
    const x = of([1, -2, 3]).requiresGrad_();
    x.mul(x).relu().add(x.sigmoid().mul(0)).sum().backward();
    expect(x.grad!.dtype).toBe(dtype);
    expect(x.grad!.tolist()).toEqual([2, -4, 6]);
  });

  it('takes softmax', () => {
    const x = of([0, 0, 0, 0]).requiresGrad_();
    const y = x.softmax(0);
    expect(y.dtype).toBe(dtype);
    expect(y.tolist()).toEqual([0.25, 0.25, 0.25, 0.25]);
    y.mul(of([4, 0, 0, 0]))
      .sum()
      .backward();
    expect(x.grad!.dtype).toBe(dtype);
    expect(x.grad!.tolist()).toEqual([0.75, -0.25, -0.25, -0.25]);
  });

  it('multiplies matrices', () => {
    const x = of([1, 2, 3, 4]).reshape([2, 2]).requiresGrad_();
    const y = x.mm(x.t());
    expect(y.dtype).toBe(dtype);
    expect(y.tolist()).toEqual([
      [5, 11],
      [11, 25],
    ]);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [8, 12],
      [8, 12],
    ]);
  });
});

describe('dtypes that a kernel does not take', () => {
  const half = ng.ones([2, 2], { dtype: 'float16' });
  const bools = ng.ones([2, 2], { dtype: 'bool' });
  const complex = ng.ones([2, 2], { dtype: 'complex64' });

  it.each([
    [
      'add',
      () => kernels.add(ng.ones([2, 2], { dtype: 'float16' }), half, half),
      "add: not implemented for float16 (operands float16, float16); convert with to('float32').",
    ],
    [
      'exp',
      () => kernels.exp(ng.ones([2, 2], { dtype: 'float16' }), half.t()),
      "exp: not implemented for float16 (operands float16); convert with to('float32').",
    ],
    [
      'gemm',
      () => kernels.gemm(ng.ones([2, 2], { dtype: 'bool' }), bools, bools, null, 1, 2, 2, 2, 0, 0, 0, 0, 0),
      "gemm: not implemented for bool (operands bool, bool); convert with to('float32').",
    ],
    [
      'softmax',
      () => kernels.softmax(ng.ones([2, 2], { dtype: 'complex64' }), complex, 1, 2, 2),
      'softmax: not implemented for complex64 (operands complex64); take its real and imaginary parts with viewAsReal().',
    ],
    [
      'norm',
      () => kernels.norm(ng.ones(2, { dtype: 'float16' }), half, 1, 2, 2, 2),
      "norm: not implemented for float16 (operands float16); convert with to('float32').",
    ],
  ])('are named with all operands: %s', (_name, body, message) => {
    const error = thrown(body);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe('ERR_INVALID_TYPE');
    expect(error.message).toBe(message);
    expect(ng.tensor([3, 1, 2]).sort().values.tolist()).toEqual([1, 2, 3]);
  });
});
