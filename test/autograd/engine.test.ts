import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const leaf = (values: number[]): ng.Tensor => ng.tensor(values, { dtype: 'float32', requiresGrad: true });

describe('backward', () => {
  it('adds up over calls and over uses', () => {
    const x = leaf([1, 2]);
    x.mul(2).sum().backward();
    x.mul(3).add(x).sum().backward();
    expect(x.grad!.tolist()).toEqual([6, 6]);
  });

  it('sums the gradient of a broadcast operand to its shape', () => {
    const x = leaf([1, 2]);
    const y = ng.ones([3, 2], { requiresGrad: true });
    x.mul(y).sum().backward();
    expect(x.grad!.tolist()).toEqual([3, 3]);
    expect(y.grad!.tolist()).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
  });

  it('takes a gradient for a result with dimensions and refuses to guess one', () => {
    const x = leaf([1, 2, 3]);
    const y = x.mul(x);
    expect(() => y.backward()).toThrow(/only for scalar outputs/);
    y.backward(ng.tensor([1, 0.5, 0]));
    expect(x.grad!.tolist()).toEqual([2, 2, 0]);
    expect(() => x.mul(x).backward(ng.ones(2))).toThrow(/Mismatch in shape/);
    expect(() => ng.ones(1).backward()).toThrow(/does not require grad/);
  });

  it('keeps the graph only when asked', () => {
    const x = leaf([1, 2]);
    const y = x.mul(x).sum();
    y.backward(null, { retainGraph: true });
    y.backward();
    expect(x.grad!.tolist()).toEqual([4, 8]);
    expect(() => y.backward()).toThrow(/second time/);
  });

  it('differentiates its own gradients', () => {
    const x = leaf([2, 3]);
    const y = x.mul(x).mul(x).sum();
    const [first] = ng.autograd.grad(y, x, { createGraph: true });
    expect(first!.tolist()).toEqual([12, 27]);
    const [second] = ng.autograd.grad(first!.sum(), x, { createGraph: true });
    expect(second!.tolist()).toEqual([12, 18]);
    const [third] = ng.autograd.grad(second!.sum(), x);
    expect(third!.tolist()).toEqual([6, 6]);
  });

  it('leaves earlier results readable', () => {
    const x = leaf([1, 2, 3]);
    const activation = x.mul(2);
    const y = activation.exp().sum();
    y.backward();
    for (let i = 0; i < 50; i++) x.mul(3).exp().sum().backward();
    expect(activation.tolist()).toEqual([2, 4, 6]);
  });

  it('does not share the memory of gradients', () => {
    const x = leaf([1, 2]);
    const y = leaf([3, 4]);
    x.add(y).sum().backward();
    x.grad!.mul_(5);
    expect(y.grad!.tolist()).toEqual([1, 1]);
    const given = ng.ones(2);
    const z = leaf([1, 1]);
    z.add(0).backward(given);
    z.grad!.add_(1);
    expect(given.tolist()).toEqual([1, 1]);
  });

  it('restricts itself to inputs', () => {
    const x = leaf([1, 2]);
    const y = leaf([3, 4]);
    const z = x.mul(y);
    ng.autograd.backward(z.sum(), null, { inputs: [x] });
    expect(x.grad!.tolist()).toEqual([3, 4]);
    expect(y.grad).toBeNull();
  });

  it('runs and releases a chain of 100 000 ops', () => {
    const x = leaf([1]);
    let y = x;
    for (let i = 0; i < 100_000; i++) y = y.add(1);
    y.backward();
    expect(x.grad!.item()).toBe(1);
    expect(y.item()).toBe(100_001);
  });

  it('visits a graph of many paths once a node', () => {
    const x = leaf([1]);
    let y = x;
    for (let i = 0; i < 60; i++) y = y.add(y).mul(0.5);
    y.backward();
    expect(x.grad!.item()).toBe(1);
  });
});

describe('autograd.grad', () => {
  it('gives gradients of leaves and of results without touching .grad', () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    const z = y.mul(y).sum();
    const [gx, gy] = ng.autograd.grad(z, [x, y]);
    expect(gx!.tolist()).toEqual([18, 36]);
    expect(gy!.tolist()).toEqual([6, 12]);
    expect(x.grad).toBeNull();
  });

  it('throws for an unused input unless allowed', () => {
    const x = leaf([1]);
    const y = leaf([2]);
    expect(() => ng.autograd.grad(x.sum(), y)).toThrow(/not have been used/);
    expect(ng.autograd.grad(x.sum(), [x, y], { allowUnused: true })[1]).toBeNull();
    expect(() => ng.autograd.grad(x.sum(), ng.ones(1))).toThrow(/does not require grad/);
  });

  it('gives the gradient of an output that is an input', () => {
    const x = leaf([2]);
    const [g] = ng.autograd.grad(x, x, { gradOutputs: ng.tensor([5], { dtype: 'float32' }) });
    expect(g!.tolist()).toEqual([5]);
  });
});

describe('hooks', () => {
  it('see and replace the gradient of leaves and results', () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    const handle = x.registerHook((grad) => grad.mul(10));
    const y = x.mul(2);
    y.registerHook((grad) => {
      seen.push(grad.tolist());
    });
    y.sum().backward();
    expect(seen).toEqual([[1, 1]]);
    expect(x.grad!.tolist()).toEqual([20, 20]);
    handle.remove();
    x.grad = null;
    x.mul(2).sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 2]);
  });

  it('may keep the gradient they see', () => {
    const x = leaf([1, 2]);
    const kept: ng.Tensor[] = [];
    for (let i = 1; i <= 20; i++) {
      const y = x.mul(i);
      y.registerHook((grad) => {
        kept.push(grad);
      });
      y.mul(i).sum().backward();
    }
    expect(kept.map((grad) => grad.tolist())).toEqual(Array.from({ length: 20 }, (_, i) => [i + 1, i + 1]));
  });

  it('may run backward themselves', () => {
    const x = leaf([3]);
    const z = leaf([2]);
    const y = x.mul(x);
    y.registerHook(() => {
      ng.enableGrad(() => z.mul(z).sum()).backward();
    });
    y.mul(2).sum().backward();
    expect(x.grad!.tolist()).toEqual([12]);
    expect(z.grad!.tolist()).toEqual([4]);
  });

  it('on nodes change what goes in and out', () => {
    const x = leaf([1]);
    const y = x.mul(3);
    y.gradFn!.registerPrehook((grads) => grads.map((grad) => grad!.mul(2)));
    y.gradFn!.registerHook((inputs) => inputs.map((grad) => grad?.mul(5) ?? null));
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([30]);
  });

  it('retainGrad keeps the gradient of a result', () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    y.retainGrad();
    y.mul(y).sum().backward();
    expect(y.grad!.tolist()).toEqual([6, 12]);
    expect(y.retainsGrad).toBe(true);
    expect(() => ng.ones(1).retainGrad()).toThrow(/requires_grad=False/);
  });
});

describe('the graph', () => {
  it('can be walked', () => {
    const x = leaf([1]);
    const y = x.mul(2).add(1);
    expect(y.gradFn!.name).toBe('AddBackward0');
    const [mul] = y.gradFn!.nextFunctions[0]!;
    expect(mul!.name).toBe('MulBackward0');
    const [accumulate] = mul!.nextFunctions[0]!;
    expect(accumulate!.name).toBe('AccumulateGrad');
    expect((accumulate as ng.autograd.AccumulateGrad).variable).toBe(x);
  });

  it('is not recorded inside noGrad, and inside enableGrad again', () => {
    const x = leaf([1]);
    ng.noGrad(() => {
      expect(x.mul(2).requiresGrad).toBe(false);
      expect(ng.enableGrad(() => x.mul(2)).requiresGrad).toBe(true);
    });
    expect(() =>
      ng.noGrad(() => {
        throw new Error('mine');
      }),
    ).toThrow('mine');
    expect(ng.isGradEnabled()).toBe(true);
    expect(() => ng.noGrad(async () => 1)).toThrow(/promise/);
    {
      using _ = ng.noGrad();
      expect(ng.isGradEnabled()).toBe(false);
    }
    expect(ng.isGradEnabled()).toBe(true);
  });

  it('names the forward call in anomaly mode', () => {
    ng.autograd.detectAnomaly(() => {
      const x = leaf([0]);
      const y = x.div(0).mul(0);
      expect(() => y.sum().backward()).toThrow(/nan values[\s\S]*engine\.test\.ts/);
    });
  });

  it('refuses gradients of integers', () => {
    expect(() => ng.arange(3).requiresGrad_()).toThrow(/floating point/);
    expect(() => ng.tensor([1, 2], { requiresGrad: true })).toThrow(/dtype: 'float32'/);
  });
});
