import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const leaf = (values: number[]): ng.Tensor => ng.tensor(values, { dtype: 'float32', requiresGrad: true });

describe('in-place ops', () => {
  it('are refused on a leaf and on views of one, allowed inside noGrad', () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow(/leaf Variable/);
    expect(() => x.narrow(0, 0, 1).mul_(2)).toThrow(/view of a leaf/);
    ng.noGrad(() => x.add_(1));
    expect(x.tolist()).toEqual([2, 3]);
    expect(x.isLeaf).toBe(true);
  });

  it('are differentiated', () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    y.mul_(y.detach().clone()).add_(1);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([9, 18]);
  });

  it('with their own operand as the other one', () => {
    const x = leaf([2, 3]);
    const y = x.mul(1);
    y.mul_(y);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([4, 6]);
  });

  it('are noticed where a value was saved', () => {
    const x = leaf([1, 2]);
    const y = x.exp();
    y.mul_(2);
    expect(() => y.sum().backward()).toThrow(/modified by an inplace operation/);
    const w = leaf([1, 2]);
    const v = w.mul(x.detach());
    ng.noGrad(() => w.add_(1));
    expect(() => v.sum().backward()).not.toThrow();
  });

  it('on a view change the history of the base, and the other way round', () => {
    const w = leaf([2, 3]);
    const base = ng.zeros(4);
    const view = base.narrow(0, 1, 2);
    view.copy_(w.mul(2));
    expect(base.gradFn!.name).toBe('CopySlices');
    expect(view.gradFn!.name).toBe('AsStridedBackward0');
    base.mul(base).sum().backward();
    expect(w.grad!.tolist()).toEqual([16, 24]);
    const x = leaf([1, 2, 3, 4]);
    const y = x.mul(1);
    const part = y.view(2, 2).select(0, 1);
    y.mul_(10);
    part.sum().backward();
    expect(x.grad!.tolist()).toEqual([0, 0, 10, 10]);
  });

  it('through a transposed view', () => {
    const x = leaf([1, 2, 3, 4, 5, 6]);
    const y = x.mul(1).view(2, 3);
    y.t().select(0, 2).mul_(7);
    expect(y.tolist()).toEqual([
      [1, 2, 21],
      [4, 5, 42],
    ]);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([1, 1, 7, 1, 1, 7]);
  });

  it('are refused on views that several outputs share, and on expanded tensors', () => {
    const x = leaf([1, 2, 3, 4]).mul(1);
    const [part] = x.split(2);
    expect(() => part!.add_(1)).toThrow(/multiple views/);
    expect(() => ng.ones(1).expand(3).add_(1)).toThrow(/single memory location/);
  });

  it('keep dtype and shape', () => {
    expect(() => ng.arange(3).add_(0.5)).toThrow(/can't be cast/);
    expect(() => ng.ones(3).add_(ng.ones([2, 3]))).toThrow(/broadcast shape/);
    expect(ng.arange(3).mul_(2).dtype).toBe('int64');
  });

  it('have second derivatives', () => {
    const x = ng.tensor([0.5, 1.5], { dtype: 'float64', requiresGrad: true });
    const body = (a: ng.Tensor): ng.Tensor => {
      const y = a.mul(a);
      y.narrow(0, 0, 1).mul_(a.narrow(0, 1, 1));
      return y.exp();
    };
    expect(ng.autograd.gradcheck(body, x)).toBe(true);
    expect(ng.autograd.gradgradcheck(body, x)).toBe(true);
  });
});
