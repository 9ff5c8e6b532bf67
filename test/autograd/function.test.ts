import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

type Context = ng.autograd.FunctionContext;

class Cube extends ng.autograd.Function {
  static override forward(ctx: Context, x: ng.Tensor): ng.Tensor {
    ctx.saveForBackward(x);
    return x.mul(x).mul(x);
  }

  static override backward(ctx: Context, grad: ng.Tensor): ng.Tensor {
    const [x] = ctx.savedTensors as [ng.Tensor];
    return grad.mul(x).mul(x).mul(3);
  }
}

const double = (values: number[]): ng.Tensor => ng.tensor(values, { dtype: 'float64', requiresGrad: true });

describe('autograd.Function', () => {
  it('has the gradient it says, twice', () => {
    const x = double([1, 2]);
    const y = Cube.apply(x);
    expect(y.gradFn!.name).toBe('CubeBackward');
    expect(ng.autograd.gradcheck((a) => Cube.apply(a), x)).toBe(true);
    expect(ng.autograd.gradgradcheck((a) => Cube.apply(a), x)).toBe(true);
  });

  it('checks what backward returns', () => {
    class Short extends ng.autograd.Function {
      static override forward(_ctx: Context, x: ng.Tensor, y: ng.Tensor): ng.Tensor {
        return x.add(y);
      }
      static override backward(_ctx: Context, grad: ng.Tensor): ng.Tensor {
        return grad;
      }
    }
    expect(() => Short.apply(double([1]), double([2])).backward()).toThrow(/expected 2, got 1/);
    class Wide extends ng.autograd.Function {
      static override forward(_ctx: Context, x: ng.Tensor): ng.Tensor {
        return x.sum();
      }
      static override backward(_ctx: Context, grad: ng.Tensor): ng.Tensor {
        return grad.expand(3);
      }
    }
    expect(() => Wide.apply(double([1, 2])).backward()).toThrow(/Wide.*invalid gradient/);
  });

  it('frees what it saved, and notices changes', () => {
    const x = double([1, 2]).mul(1);
    const y = Cube.apply(x).sum();
    y.backward();
    expect(() => y.backward()).toThrow(/second time/);
    const z = Cube.apply(x).sum();
    x.add_(1);
    expect(() => z.backward()).toThrow(/modified by an inplace/);
  });

  it('gives several outputs, zeros for unused ones, none for marked ones', () => {
    const given: unknown[] = [];
    class Split extends ng.autograd.Function {
      static override forward(ctx: Context, x: ng.Tensor): ng.Tensor[] {
        const sign = x.mul(0);
        ctx.markNonDifferentiable(sign);
        return [x.mul(2), x.mul(3), sign];
      }
      static override backward(_ctx: Context, a: ng.Tensor, b: ng.Tensor): ng.Tensor {
        given.push(a.tolist(), b.tolist());
        return a.mul(2).add(b.mul(3));
      }
    }
    const x = double([1, 1]);
    const [a, , sign] = Split.apply(x) as [ng.Tensor, ng.Tensor, ng.Tensor];
    expect(sign.requiresGrad).toBe(false);
    a.sum().backward();
    expect(given).toEqual([
      [1, 1],
      [0, 0],
    ]);
    expect(x.grad!.tolist()).toEqual([2, 2]);
  });

  it('may work in place when it says so', () => {
    class Doubled extends ng.autograd.Function {
      static override forward(ctx: Context, x: ng.Tensor): ng.Tensor {
        ctx.markDirty(x);
        return x.mul_(2);
      }
      static override backward(_ctx: Context, grad: ng.Tensor): ng.Tensor {
        return grad.mul(2);
      }
    }
    const x = double([1, 2]);
    const y = x.mul(1);
    const z = Doubled.apply(y);
    expect(z).toBe(y);
    z.sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 2]);
  });

  it('may return its input', () => {
    class Same extends ng.autograd.Function {
      static override forward(_ctx: Context, x: ng.Tensor): ng.Tensor {
        return x;
      }
      static override backward(_ctx: Context, grad: ng.Tensor): ng.Tensor {
        return grad.neg();
      }
    }
    const x = double([1]);
    const y = Same.apply(x);
    y.backward();
    expect(x.isLeaf).toBe(true);
    expect(x.grad!.tolist()).toEqual([-1]);
  });
});

describe('gradcheck', () => {
  it('finds a wrong gradient', () => {
    class Wrong extends ng.autograd.Function {
      static override forward(_ctx: Context, x: ng.Tensor): ng.Tensor {
        return x.mul(2);
      }
      static override backward(_ctx: Context, grad: ng.Tensor): ng.Tensor {
        return grad.mul(3);
      }
    }
    expect(() => ng.autograd.gradcheck((a) => Wrong.apply(a), double([1]))).toThrow(
      /numerical (2|1\.99)\d*.*analytical 3/,
    );
    expect(ng.autograd.gradcheck((a) => Wrong.apply(a), double([1]), { raiseException: false })).toBe(false);
  });
});

describe('autograd.functional', () => {
  const x = ng.tensor([1.5, 2], { dtype: 'float64' });
  const { functional } = ng.autograd;

  it('jacobian', () => {
    const j = functional.jacobian((a) => ng.stack([a.select(0, 0).mul(a.select(0, 1)), a.sum()]), x);
    expect(j.tolist()).toEqual([
      [2, 1.5],
      [1, 1],
    ]);
  });

  it('hessian, vhp and hvp', () => {
    const body = (a: ng.Tensor): ng.Tensor => a.mul(a).mul(a).sum();
    expect(functional.hessian(body, x).tolist()).toEqual([
      [9, 0],
      [0, 12],
    ]);
    const v = ng.tensor([1, 2], { dtype: 'float64' });
    expect((functional.vhp(body, x, v)[1] as ng.Tensor).tolist()).toEqual([9, 24]);
    expect((functional.hvp(body, x, v)[1] as ng.Tensor).tolist()).toEqual([9, 24]);
  });

  it('vjp and jvp', () => {
    const v = ng.tensor([1, 10], { dtype: 'float64' });
    expect((functional.vjp((a) => a.mul(a), x, v)[1] as ng.Tensor).tolist()).toEqual([3, 40]);
    expect((functional.jvp((a) => a.mul(a), x, v)[1] as ng.Tensor).tolist()).toEqual([3, 40]);
  });

  it('strict mode refuses independence', () => {
    expect(() => functional.jacobian(() => ng.ones(1), x, { strict: true })).toThrow(/does not depend/);
    expect(functional.jacobian(() => ng.ones(1), x).tolist()).toEqual([[0, 0]]);
  });
});
