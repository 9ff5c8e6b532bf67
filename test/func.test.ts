import { describe, expect, it } from 'vitest';
import * as ng from '../src/index.js';
import { expectClose } from './close.js';

const { func } = ng;
const x = ng.tensor([0.5, -1, 2], { dtype: 'float64' });

describe('func.grad', () => {
  it('gives the gradient of a scalar function, and leaves its argument alone', () => {
    const gradient = func.grad((t: ng.Tensor) => t.sin().sum())(x);
    expectClose(gradient, x.cos(), 1e-12);
    expect(gradient.requiresGrad).toBe(false);
    expect(x.requiresGrad).toBe(false);
    expect(x.grad).toBeNull();
  });

  it('nests', () => {
    const first = func.grad((t: ng.Tensor) => t.pow(4).sum());
    const second = func.grad((t: ng.Tensor) => first(t).sum());
    const third = func.grad((t: ng.Tensor) => second(t).sum());
    expectClose(third(x), x.mul(24), 1e-12);
  });

  it('takes the arguments that argnums names', () => {
    const f = (a: ng.Tensor, b: ng.Tensor, k: number) => a.mul(b).mul(k).sum();
    expectClose(func.grad(f, { argnums: 1 })(x, x.add(1), 3), x.mul(3), 1e-12);
    const [da, db] = func.grad(f, { argnums: [0, -2] })(x, x.add(1), 3) as ng.Tensor[];
    expectClose(da!, x.add(1).mul(3), 1e-12);
    expectClose(db!, x.mul(3), 1e-12);
  });

  it('is differentiable where its argument is', () => {
    const leaf = x.clone().requiresGrad_();
    func
      .grad((t: ng.Tensor) => t.pow(3).sum())(leaf)
      .sum()
      .backward();
    expectClose(leaf.grad!, x.mul(6), 1e-12);
  });

  it('gives the value too, and zeros where nothing depends', () => {
    const [gradient, value] = func.gradAndValue((t: ng.Tensor) => t.square().sum())(x);
    expectClose(gradient as ng.Tensor, x.mul(2), 1e-12);
    expect(value.item()).toBe(5.25);
    const constant = func.grad((_: ng.Tensor) => ng.tensor(1.5));
    expect(constant(x).tolist()).toEqual([0, 0, 0]);
  });

  it('works inside noGrad, as functions of functions do', () => {
    expectClose(
      ng.noGrad(() => func.grad((t: ng.Tensor) => t.exp().sum())(x)),
      x.exp(),
      1e-12,
    );
  });

  it('says what it cannot do', () => {
    expect(() => func.grad((t: ng.Tensor) => t.mul(2))(x)).toThrow(/one element.*\[3\]/);
    expect(() => func.grad((t: ng.Tensor) => t.sum(), { argnums: 1 })(x)).toThrow(/argument 1/);
  });
});

describe('func.vjp, jvp, jacrev, hessian', () => {
  const f = (t: ng.Tensor) => ng.stack([t.prod(), t.square().sum()]);
  const J = ng.tensor(
    [
      [-2, 1, -0.5],
      [1, -2, 4],
    ],
    { dtype: 'float64' },
  );

  it('agree with the Jacobian', () => {
    expectClose(func.jacrev(f)(x) as ng.Tensor, J, 1e-12);
    expectClose(func.jacfwd(f)(x) as ng.Tensor, J, 1e-12);
    const [y, pull] = func.vjp(f, x);
    expectClose(y as ng.Tensor, f(x), 1e-12);
    const v = ng.tensor([2, -1], { dtype: 'float64' });
    expectClose(pull(v)[0]!, v.matmul(J), 1e-12);
    const u = ng.tensor([1, 0.5, -1], { dtype: 'float64' });
    expectClose(func.jvp(f, [x], [u])[1] as ng.Tensor, J.matmul(u), 1e-12);
  });

  it('the Hessian of a cubic', () => {
    expectClose(func.hessian((t: ng.Tensor) => t.pow(3).sum())(x) as ng.Tensor, ng.diag(x.mul(6)), 1e-12);
  });
});

describe('func.vmap', () => {
  const a = ng.arange(6, { dtype: 'float64' }).reshape([2, 3]);

  it('maps over the leading dimension, or the one named, or none', () => {
    expect(
      func
        .vmap((s: ng.Tensor, t: ng.Tensor) => ng.dot(s, t))(a, a)
        .tolist(),
    ).toEqual([5, 50]);
    expect(
      func
        .vmap(
          (t: ng.Tensor) => t.sum(),
          1,
        )(a)
        .tolist(),
    ).toEqual([3, 5, 7]);
    const scale = func.vmap((s: ng.Tensor, t: ng.Tensor) => s.mul(t), [0, null], 1);
    expect(scale(a, ng.tensor([1.5, 0, 2])).tolist()).toEqual([
      [0, 4.5],
      [0, 0],
      [4, 10],
    ]);
  });

  it('gives gradients of each sample', () => {
    const gradients = func.vmap(func.grad((t: ng.Tensor) => t.square().sum()))(a);
    expectClose(gradients, a.mul(2), 1e-12);
  });

  it('maps functions of several results', () => {
    const [low, high] = func.vmap((t: ng.Tensor) => [t.min(), t.max()] as const)(a);
    expect([low.tolist(), high.tolist()]).toEqual([
      [0, 3],
      [2, 5],
    ]);
  });

  it('says what it cannot do', () => {
    expect(() => func.vmap((t: ng.Tensor) => t, null)(a)).toThrow(/at least one/);
    expect(() => func.vmap((s: ng.Tensor, t: ng.Tensor) => s.mul(t))(a, ng.ones([3]))).toThrow(/2, 3/);
    expect(() => func.vmap((t: ng.Tensor) => t)(ng.ones([0, 2]))).toThrow(/no elements/);
  });
});
