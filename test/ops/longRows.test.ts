// Long rows are cut into pieces for the threads, and float32 ones go by vectors: the results must not show it.
import { afterEach, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { expectClose } from '../close.js';

const threads = ng.getNumThreads();
afterEach(() => ng.setNumThreads(threads));

const LENGTHS = [1, 31, 255, 4096, 32768, 70001, 300007];
const random = (...shape: number[]): ng.Tensor => ng.randn(shape, { generator: new ng.Generator().manualSeed(3) });

function onAnyThreads(f: () => ng.Tensor): ng.Tensor {
  ng.setNumThreads(1);
  const alone = f();
  ng.setNumThreads(2);
  expect(ng.equal(f(), alone)).toBe(true);
  return alone;
}

describe.each(LENGTHS)('rows of %i elements', (n) => {
  it.each([1, 3, 6])('run along %i at a time', (rows) => {
    const x = random(rows, n);
    for (const values of [x, x.mul(1e-3).add(1)]) {
      const wide = values.double();
      expectClose(
        onAnyThreads(() => values.cumsum(1)),
        wide.cumsum(1).float(),
        1e-5,
      );
    }
    const near = x.mul(1e-4).add(1);
    expectClose(
      onAnyThreads(() => near.cumprod(1)),
      near.double().cumprod(1).float(),
      1e-5,
    );
  });

  it('run backwards in gradients', () => {
    const x = random(n).requiresGrad_();
    const grad = random(n);
    x.cumsum(0).backward(grad);
    expectClose(x.grad!, grad.double().flip(0).cumsum(0).flip(0).float(), 1e-5);
  });

  it('fold to products, norms and variances', () => {
    const x = random(n).mul(1e-3).add(1);
    const wide = x.double();
    for (const f of [
      (v: ng.Tensor) => v.prod(),
      (v: ng.Tensor) => v.norm(),
      (v: ng.Tensor) => v.norm(3),
      (v: ng.Tensor) => v.var({ correction: 0 }),
    ]) {
      expectClose(
        onAnyThreads(() => f(x)),
        f(wide).float(),
        1e-5,
      );
    }
  });

  it('have extremes, the first of equal ones', () => {
    const x = random(n).mul(3).round();
    const values = x.tolist() as number[];
    expect(x.max().item()).toBe(values.reduce((a, b) => Math.max(a, b)));
    expect(x.min().item()).toBe(values.reduce((a, b) => Math.min(a, b)));
    expect(x.argmax().item()).toBe(values.indexOf(x.max().item() as number));
    expect(x.argmin().item()).toBe(values.indexOf(x.min().item() as number));
  });

  it('give NaN, and where the first one stands', () => {
    for (const at of new Set([0, n >> 1, n - 1])) {
      const x = random(n);
      x.setAt([at], Number.NaN);
      x.setAt([n - 1], Number.NaN);
      expect(x.max().item()).toBeNaN();
      expect(x.argmin().item()).toBe(at);
      expect(x.cumsum(0).isnan().sum().item()).toBe(n - at);
    }
  });
});

it('runs through infinities as it would one by one', () => {
  const x = ng.ones([100000]);
  x.setAt([50000], Number.POSITIVE_INFINITY);
  x.setAt([90000], Number.NEGATIVE_INFINITY);
  const sums = x.cumsum(0);
  expect(sums.at(49999).item()).toBe(50000);
  expect(sums.at(89999).item()).toBe(Number.POSITIVE_INFINITY);
  expect(sums.isnan().sum().item()).toBe(10000);
});

describe.each([1, 16, 33, 100, 512])('%i columns', (width) => {
  it('have the extremes of float64 ones, NaN among them', () => {
    const x = random(70, width).mul(3).round();
    x.setAt([0, 0], Number.NaN);
    x.setAt([69, width - 1], Number.NaN);
    x.setAt([35, width >> 1], Number.NaN);
    for (const f of ['amax', 'amin'] as const) {
      const [values, wide] = [x[f](0), x.double()[f](0).float()];
      expect(ng.equal(values.isnan(), wide.isnan())).toBe(true);
      expect(ng.equal(values.nanToNum(), wide.nanToNum())).toBe(true);
      expect(ng.equal(x.max(0).values.isnan(), wide.isnan())).toBe(true);
    }
  });
});
