import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { tensor } = ng;

describe('questions', () => {
  it('are answered by functions and methods', () => {
    const x = ng.zeros(2, 3);
    expect([ng.isFloatingPoint(x), ng.isComplex(x), ng.numel(x), x.nelement(), x.ndimension()]).toEqual([
      true,
      false,
      6,
      6,
      2,
    ]);
    expect(['float32', 'int8', 'uint8', 'bool'].map((dtype) => x.to(dtype as ng.DType).isSigned())).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([ng.isNonzero(tensor([[0]])), tensor(-2.5).isNonzero(), tensor([Number.NaN]).isNonzero()]).toEqual([
      false,
      true,
      true,
    ]);
    expect([x.isSameSize(ng.ones(2, 3)), ng.isSameSize(x, ng.ones(3, 2))]).toEqual([true, false]);
    expect(x.cpu()).toBe(x);
    expect(x.getDevice()).toBe(-1);
    expect(() => ng.isNonzero(x)).toThrow(/isNonzero: Boolean value of Tensor with more than one value is ambiguous/);
    expect(() => ng.isNonzero(ng.zeros(0))).toThrow(/no values/);
    expect(() => ng.numel(3 as unknown as ng.Tensor)).toThrow(TypeError);
  });

  it('adjoint conjugates complex matrices', () => {
    const z = ng.complex(tensor([[1.5, 2]]), tensor([[-1, 0.5]]));
    expect(ng.viewAsReal(ng.adjoint(z)).tolist()).toEqual([[[1.5, 1]], [[2, -0.5]]]);
    expect(ng.viewAsReal(z.H).tolist()).toEqual(ng.viewAsReal(z.mH).tolist());
    expect(ng.adjoint(ng.zeros(2, 3, 4)).shape).toEqual([2, 4, 3]);
    expect(() => ng.adjoint(ng.zeros(2))).toThrow(/matrices/);
  });
});

describe('fillDiagonal_', () => {
  it('writes the diagonal of matrices and cubes', () => {
    const x = ng.zeros(3, 2);
    expect(x.fillDiagonal_(5)).toBe(x);
    expect(x.tolist()).toEqual([
      [5, 0],
      [0, 5],
      [0, 0],
    ]);
    expect(ng.zeros(2, 3).fillDiagonal_(1).tolist()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    expect(ng.zeros(7, 3).fillDiagonal_(1, true).nonzero().tolist()).toEqual([
      [0, 0],
      [1, 1],
      [2, 2],
      [4, 0],
      [5, 1],
      [6, 2],
    ]);
    expect(ng.zeros(3, 3, 3).fillDiagonal_(1).nonzero().tolist()).toEqual([
      [0, 0, 0],
      [1, 1, 1],
      [2, 2, 2],
    ]);
    const whole = ng.zeros(4, 4);
    whole.t().narrow(1, 1, 3).fillDiagonal_(2);
    expect(whole.nonzero().tolist()).toEqual([
      [1, 0],
      [2, 1],
      [3, 2],
    ]);
    expect(ng.zeros(0, 3).fillDiagonal_(1).shape).toEqual([0, 3]);
  });

  it('takes the gradient from what it overwrites', () => {
    const x = ng.ones(3, 3).requiresGrad_();
    const y = x.clone();
    y.fillDiagonal_(5);
    expect(String(y.gradFn)).toContain('CopySlices');
    y.mul(2).sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [0, 2, 2],
      [2, 0, 2],
      [2, 2, 0],
    ]);
    expect(() => x.fillDiagonal_(1)).toThrow(/leaf/);
  });

  it('says what is wrong', () => {
    expect(() => ng.zeros(3).fillDiagonal_(1)).toThrow(/fillDiagonal_: dimensions must be larger than 1/);
    expect(() => ng.zeros(2, 3, 3).fillDiagonal_(1)).toThrow(/equal length, but they are \[2, 3, 3\]/);
  });
});
