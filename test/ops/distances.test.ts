import { beforeEach, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { expectClose } from '../close.js';

beforeEach(() => void ng.manualSeed(1));

/** What the distances are by their definition. */
const byDefinition = (x: ng.Tensor, y: ng.Tensor): ng.Tensor => x.unsqueeze(-2).sub(y.unsqueeze(-3)).norm(2, -1);

describe('distances of all pairs', () => {
  it('are those of the definition, whatever the sizes', () => {
    const sizes = [
      [1, 1, 1],
      [5, 33, 3],
      [9, 70, 17],
      [4, 16, 200],
      [3, 0, 4],
      [2, 3, 0],
    ] as const;
    for (const [rows, columns, width] of sizes) {
      for (const dtype of ['float32', 'float64'] as const) {
        const [x, y] = [ng.randn([rows, width], { dtype }), ng.randn([columns, width], { dtype })];
        expectClose(ng.cdist(x, y), byDefinition(x, y));
      }
    }
  });

  it('have gradients of both orders, broadcast over batches', () => {
    const x = ng.randn([2, 5, 3], { dtype: 'float64' }).requiresGrad_();
    const y = ng.randn([7, 3], { dtype: 'float64' }).requiresGrad_();
    const distances = (a: ng.Tensor, b: ng.Tensor): ng.Tensor => ng.cdist(a, b);
    expect(ng.autograd.gradcheck(distances, [x, y])).toBe(true);
    expect(ng.autograd.gradgradcheck(distances, [x, y])).toBe(true);
  });

  it('sum their gradients over many points as the definition does', () => {
    const [x, y] = [ng.randn(6, 40).requiresGrad_(), ng.randn(300, 40)];
    ng.cdist(x, y).sum().backward();
    const grad = x.grad!;
    x.grad = null;
    byDefinition(x, y).sum().backward();
    expectClose(grad, x.grad!);
  });

  it('are 0 between equal points, with a gradient of 0', () => {
    const x = ng.randn(6, 4).requiresGrad_();
    const distances = ng.cdist(x, x);
    expect(distances.diagonal().tolist()).toEqual([0, 0, 0, 0, 0, 0]);
    distances.diagonal().sum().backward();
    expect(x.grad!.abs().sum().item()).toBe(0);
  });
});
