// Reports from other libraries about nn.functional, each with its neighbours.
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const F = ng.nn.functional;
const list = (x: ng.Tensor | null): unknown => x!.tolist();
const leaf = (values: ng.Nested): ng.Tensor => ng.tensor(values, { dtype: 'float32', requiresGrad: true });

describe('pooling', () => {
  it('B033: overlapping windows add their gradients', () => {
    const x = leaf([[[1, 5, 2, 0]]]);
    F.maxPool1d(x, 2, 1).sum().backward();
    expect(list(x.grad)).toEqual([[[0, 2, 1, 0]]]);
    const y = leaf([[[1, 5, 2, 0]]]);
    F.avgPool1d(y, 2, 1).sum().backward();
    expect(list(y.grad)).toEqual([[[0.5, 1, 1, 0.5]]]);
  });

  it('the first of equal elements gets the gradient, NaN wins', () => {
    const x = leaf([[[3, 3, 3]]]);
    F.maxPool1d(x, 3).sum().backward();
    expect(list(x.grad)).toEqual([[[1, 0, 0]]]);
    expect(F.maxPool1d(ng.tensor([[[1, Number.NaN, 3]]]), 3).item()).toBeNaN();
  });
});

describe('losses', () => {
  it('B046, B047: ignored rows count for nothing', () => {
    const losses = F.crossEntropy(ng.zeros([3, 3]), ng.tensor([0, 255, 1]), { ignoreIndex: 255, reduction: 'none' });
    expect(losses.at(1).item()).toBe(0);
    const x = leaf([
      [0, 0],
      [0, 0],
    ]);
    F.crossEntropy(x, ng.tensor([0, -100])).backward();
    expect(list(x.grad)).toEqual([
      [-0.5, 0.5],
      [0, 0],
    ]);
  });

  it('B048, B049, B050: logits at infinity, at 0 and far out', () => {
    const loss = (x: number, y: number): number =>
      F.binaryCrossEntropyWithLogits(ng.tensor([x], { dtype: 'float32' }), ng.tensor([y], { dtype: 'float32' })).item();
    expect(loss(Number.NEGATIVE_INFINITY, 0)).toBeNaN();
    expect(loss(-100, 0)).toBeLessThan(1e-30);
    expect(loss(-100, 1)).toBe(100);
    const x = leaf([0]);
    F.binaryCrossEntropyWithLogits(x, ng.zeros([1])).backward();
    expect(x.grad!.item()).toBe(0.5);
  });

  it('B052: 0 log 0 is 0', () => {
    const x = leaf([0, 1]);
    const loss = F.binaryCrossEntropy(x, ng.tensor([0, 1], { dtype: 'float32' }));
    loss.backward();
    expect(loss.item()).toBe(0);
    expect((list(x.grad) as number[]).every(Number.isFinite)).toBe(true);
  });
});

describe('activations', () => {
  it('B071, B073: no overflow', () => {
    const x = leaf([100, -200]);
    F.softplus(x).sum().backward();
    expect(F.softplus(x).at(0).item()).toBe(100);
    expect(list(x.grad)).toEqual([1, 0]);
    const y = leaf([-200, -1e30]);
    const silu = F.silu(y);
    silu.sum().backward();
    expect([...(list(silu) as number[]), ...(list(y.grad) as number[])].every(Number.isFinite)).toBe(true);
  });

  it('B078: the cosine of zero vectors is 0', () => {
    expect(F.cosineSimilarity(ng.zeros([2]), ng.zeros([2]), { dim: 0 }).item()).toBe(0);
  });

  it('B125: dropout of nothing and of everything', () => {
    const x = ng.ones([1000], { requiresGrad: true });
    const y = F.dropout(x, 1, true);
    y.sum().backward();
    expect(F.dropout(x, 0, true)).toBe(x);
    expect([y.abs().sum().item(), x.grad!.abs().sum().item()]).toEqual([0, 0]);
  });
});

describe('convolution and interpolation', () => {
  it('B082: a transposed kernel has the gradients of its copy', () => {
    const k = ng.arange(1, 17).to('float32').view(2, 2, 2, 2);
    const gradient = (kernel: ng.Tensor): unknown => {
      const x = ng.arange(1, 19).to('float32').view(1, 2, 3, 3).clone().requiresGrad_();
      F.conv2d(x, kernel).pow(2).sum().backward();
      return list(x.grad);
    };
    expect(gradient(k.transpose(0, 1))).toEqual(gradient(k.transpose(0, 1).contiguous()));
  });

  it('B109, B110: each axis has its own numbers', () => {
    expect(F.conv2d(ng.ones([1, 1, 9, 9]), ng.ones([1, 1, 2, 3]), null, { dilation: [1, 4] }).shape).toEqual([
      1, 1, 8, 1,
    ]);
    const options = { stride: 2, padding: [1, 0], outputPadding: [1, 0] };
    expect(F.convTranspose2d(ng.ones([1, 1, 3, 3]), ng.ones([1, 1, 3, 3]), null, options).shape).toEqual([1, 1, 6, 7]);
  });

  it('B113: corners aligned or not', () => {
    const x = ng.tensor([[[0, 1]]], { dtype: 'float32' });
    const at = (alignCorners: boolean): unknown =>
      list(F.interpolate(x, 4, { mode: 'linear', alignCorners }).flatten());
    expect(at(false)).toEqual([0, 0.25, 0.75, 1]);
    expect((at(true) as number[]).map((value) => Math.round(value * 1e4) / 1e4)).toEqual([0, 0.3333, 0.6667, 1]);
  });
});
