import { beforeEach, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { expectClose } from '../close.js';

const { batchNorm, groupNorm, instanceNorm } = ng.nn.functional;
beforeEach(() => void ng.manualSeed(5));
const leaf = (...shape: number[]): ng.Tensor => ng.randn(shape, { dtype: 'float64', requiresGrad: true });

/** The formula with the batch's own statistics. */
function formula(x: ng.Tensor, w: ng.Tensor, b: ng.Tensor): ng.Tensor {
  const dims = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const spread = (y: ng.Tensor): ng.Tensor => y.reshape([1, -1, ...dims.slice(1).map(() => 1)]);
  const centred = x.sub(x.mean(dims, true));
  const normal = centred.div(centred.square().mean(dims, true).add(1e-5).sqrt());
  return normal.mul(spread(w)).add(spread(b));
}

/** Columns, planes shorter than a vector, and long ones of odd sizes. */
const SHAPES = [
  [6, 3],
  [3, 18],
  [4, 3, 5],
  [2, 3, 9],
  [3, 2, 4, 5],
  [2, 2, 2, 3, 7],
] as const;

describe.each(SHAPES.map((shape) => [shape.join(' × '), shape] as const))('batchNorm of %s', (_name, shape) => {
  const [x, w, b] = [leaf(...shape), leaf(shape[1]), leaf(shape[1])];

  it('is its formula, with its gradients', () => {
    const results = [batchNorm(x, null, null, w, b, true), formula(x, w, b)].map((y) => [
      y,
      ...ng.autograd.grad(y.sin().sum(), [x, w, b]),
    ]);
    for (const [i, y] of results[0]!.entries()) expectClose(y, results[1]![i]!, 1e-10);
  });

  it('has both derivatives, in training and with running statistics', () => {
    const running = [ng.randn([shape[1]], { dtype: 'float64' }), ng.rand([shape[1]], { dtype: 'float64' }).add(0.5)];
    for (const training of [true, false]) {
      const body = (x: ng.Tensor, w: ng.Tensor, b: ng.Tensor): ng.Tensor =>
        batchNorm(x, running[0]!.clone(), running[1]!.clone(), w, b, training);
      expect(ng.autograd.gradcheck(body as never, [x, w, b])).toBe(true);
      expect(ng.autograd.gradgradcheck(body as never, [x, w, b])).toBe(true);
    }
  });
});

describe('batchNorm', () => {
  it('takes strided input, float32, and no weight', () => {
    const x = ng.randn([2, 5, 4, 3]).transpose(1, 3).requiresGrad_();
    const [w, b] = [ng.ones(3), ng.zeros(3)];
    expectClose(batchNorm(x, null, null, null, null, true), formula(x, w, b));
    expect(batchNorm(x, null, null, null, null, true).gradFn!.name).toBe('NativeBatchNormBackward0');
  });

  it('moves the running statistics, and leaves what backward needs as it was', () => {
    const [mean, variance] = [ng.zeros(3), ng.ones(3)];
    const x = ng.randn([4, 3, 10]).mul(2).add(1);
    batchNorm(x, mean, variance, null, null, true, 0.25);
    expectClose(mean, x.mean([0, 2]).mul(0.25));
    expectClose(variance, x.var([0, 2]).mul(0.25).add(0.75));
    const y = x.clone().requiresGrad_();
    const out = batchNorm(y, mean, variance);
    const rstd = variance.add(1e-5).rsqrt();
    mean.add_(1);
    variance.mul_(2);
    out.sum().backward();
    expectClose(y.grad!, rstd.reshape([1, 3, 1]).expand(4, 3, 10));
  });

  it('has the same bits on any number of threads', () => {
    const x = ng.randn([8, 16, 40, 40]).requiresGrad_();
    const threads = ng.getNumThreads();
    const results = [1, 2, 3].map((n) => {
      ng.setNumThreads(n);
      const out = batchNorm(x, null, null, null, null, true);
      return [out, ...ng.autograd.grad(out.pow(3).sum(), [x])].map((y) => y.sum().item());
    });
    ng.setNumThreads(threads);
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

describe('groupNorm and instanceNorm', () => {
  it.each([
    [6, 12],
    [3, 6, 1, 35],
    [2, 4, 9],
  ])('are layerNorm of groups, in float32 and float64', (...shape: number[]) => {
    const channels = shape[1]!;
    const [x, w, b] = [leaf(...shape), leaf(channels), leaf(channels)];
    const byRows = (x: ng.Tensor, w: ng.Tensor, b: ng.Tensor): ng.Tensor => {
      const spread = (y: ng.Tensor): ng.Tensor => y.reshape([1, -1, ...shape.slice(2).map(() => 1)]);
      const rows = x.reshape([shape[0]! * 2, -1]);
      const normal = ng.nn.functional.layerNorm(rows, rows.shape.slice(1)).reshape(shape);
      return normal.mul(spread(w)).add(spread(b));
    };
    for (const dtype of ['float64', 'float32'] as const) {
      const given = [x, w, b].map((y) => y.detach().to(dtype).requiresGrad_()) as [ng.Tensor, ng.Tensor, ng.Tensor];
      const results = [groupNorm(given[0], 2, given[1], given[2]), byRows(...given)].map((y) => [
        y,
        ...ng.autograd.grad(y.sin().sum(), given),
      ]);
      for (const [i, y] of results[0]!.entries()) expectClose(y, results[1]![i]!, dtype === 'float64' ? 1e-10 : 1e-4);
    }
    expectClose(groupNorm(x, 2), byRows(x, ng.ones(channels).double(), ng.zeros(channels).double()), 1e-10);
  });

  it.each([
    [2, 4, 9],
    [3, 4],
  ])('have both derivatives', (...shape: number[]) => {
    const [x, w, b] = [leaf(...shape), leaf(4), leaf(4)];
    for (const body of [
      (x: ng.Tensor, w: ng.Tensor, b: ng.Tensor) => groupNorm(x, 2, w, b),
      (x: ng.Tensor, w: ng.Tensor, b: ng.Tensor) => groupNorm(x, 1, w, b),
      ...(shape.length > 2 ? [(x: ng.Tensor, w: ng.Tensor, b: ng.Tensor) => instanceNorm(x, null, null, w, b)] : []),
    ]) {
      expect(ng.autograd.gradcheck(body as never, [x, w, b])).toBe(true);
      expect(ng.autograd.gradgradcheck(body as never, [x, w, b])).toBe(true);
    }
  });
});
