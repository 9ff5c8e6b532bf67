import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { nn } = ng;
const { parametrizations, parametrize } = nn.utils;
const { orthogonal } = parametrizations;

const start = [
  [1, 0.5, -2],
  [0, 3, 0.25],
  [-1, 2, 1],
];

/** A float64 layer with a part of `start` as its weight. */
function layer(rows: number, columns: number): ng.nn.Linear {
  const linear = new nn.Linear(columns, rows, { bias: false }).double();
  linear.weight.data.copy_(ng.tensor(start, { dtype: 'float64' }).narrow(0, 0, rows).narrow(1, 0, columns));
  return linear;
}

describe('parametrizations.orthogonal', () => {
  // What PyTorch 1.13 gives after one step along the gradient of (weight · [1, 2, 3, …]).sum().
  it.each([
    [
      3,
      3,
      'matrix_exp',
      true,
      [
        [0.573414792, 0.020701162, -0.819003626],
        [-0.791692788, 0.271169043, -0.547439384],
        [-0.210755798, -0.962309104, -0.171881301],
      ],
    ],
    [
      3,
      3,
      'cayley',
      true,
      [
        [0.564759253, 0.099915081, -0.819184938],
        [-0.732726649, 0.517403789, -0.442046352],
        [-0.379682294, -0.849888402, -0.365419019],
      ],
    ],
    [
      3,
      2,
      'householder',
      false,
      [
        [-0.419116206, -0.01666924],
        [-0.422358741, 0.888642577],
        [-0.803713071, -0.4582974],
      ],
    ],
    [
      2,
      3,
      'cayley',
      false,
      [
        [-0.030550768, 0.04300046, -0.998607836],
        [-0.347086065, 0.936448683, 0.05094239],
      ],
    ],
  ] as const)('%i × %i by %s, trivialized: %s', (rows, columns, orthogonalMap, useTrivialization, expected) => {
    const linear = orthogonal(layer(rows, columns), { orthogonalMap, useTrivialization });
    linear.weight
      .mul(ng.arange(1, 1 + rows * columns).reshape(rows, columns))
      .sum()
      .backward();
    const original = linear.getParameter('parametrizations.weight.original');
    ng.noGrad(() => original.sub_(original.grad!.mul(0.1)));
    expect(
      linear.weight
        .sub(ng.tensor(expected, { dtype: 'float64' }))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-8);
    expect([...linear.stateDict().keys()]).toEqual(
      useTrivialization
        ? ['parametrizations.weight.original', 'parametrizations.weight.0.base']
        : ['parametrizations.weight.original'],
    );
  });

  it('stays orthogonal while it is trained, tall, wide and in batches', () => {
    ng.manualSeed(1);
    for (const shape of [
      [4, 4],
      [5, 3],
      [3, 5],
      [2, 4, 3],
    ]) {
      class Rotation extends nn.Module {
        weight = new nn.Parameter(ng.randn(shape));
        override forward(): ng.Tensor {
          return this.weight;
        }
      }
      const rotation = orthogonal(new Rotation());
      const optimizer = new ng.optim.SGD(rotation.parameters(), { lr: 0.1 });
      const target = ng.randn(shape);
      const before = rotation().detach().clone();
      for (let i = 0; i < 5; i++) {
        optimizer.zeroGrad();
        rotation().sub(target).pow(2).sum().backward();
        optimizer.step();
      }
      const q = rotation().detach();
      const [rows, columns] = shape.slice(-2) as [number, number];
      const product = rows < columns ? q.matmul(q.mT) : q.mT.matmul(q);
      expect(
        product
          .sub(ng.eye(Math.min(rows, columns)))
          .abs()
          .max()
          .item(),
      ).toBeLessThan(1e-5);
      expect(q.sub(target).pow(2).sum().item()).toBeLessThan(before.sub(target).pow(2).sum().item());
    }
  });

  it('takes an orthogonal value, and makes any other one so', () => {
    const linear = orthogonal(new nn.Linear(3, 3, { bias: false }));
    const wanted = nn.init.orthogonal_(ng.empty(3, 3));
    linear.weight = wanted as never;
    expect(linear.weight.allclose(wanted, { atol: 1e-6 })).toBe(true);
    linear.weight = ng.eye(3).mul(5) as never;
    expect(linear.weight.allclose(ng.eye(3), { atol: 1e-6 })).toBe(true);
  });

  it('refuses vectors, unknown maps, assignments without an inverse', () => {
    expect(() => orthogonal(new nn.Linear(2, 2), 'bias')).toThrow(/Got a tensor of 1 dimensions/);
    expect(() => orthogonal(new nn.Linear(2, 2), 'other')).toThrow(/has no parameter or buffer with name other/);
    expect(() => orthogonal(new nn.Linear(2, 2), { orthogonalMap: 'qr' as never })).toThrow(
      /orthogonalMap should be one of 'matrix_exp', 'cayley', 'householder', but is 'qr'/,
    );
    const fixed = orthogonal(new nn.Linear(2, 2), { useTrivialization: false });
    expect(() => {
      fixed.weight = ng.eye(2) as never;
    }).toThrow(/not possible to assign to the matrix exponential/);
    const square = orthogonal(new nn.Linear(2, 2));
    expect(() => {
      square.weight = ng.eye(3) as never;
    }).toThrow(/Expected a matrix or batch of matrices of shape \[2, 2\]/);
  });
});

describe('parametrize', () => {
  class Counted extends nn.Module {
    calls = 0;
    override forward(x: ng.Tensor): ng.Tensor {
      this.calls++;
      return x.mul(2);
    }
    rightInverse(x: ng.Tensor): ng.Tensor {
      return x.div(2);
    }
  }

  it('cached computes once, however often a tensor is read', () => {
    const [linear, counted] = [new nn.Linear(2, 2), new Counted()];
    parametrize.registerParametrization(linear, 'weight', counted);
    counted.calls = 0;
    const same = parametrize.cached(() => {
      linear(ng.ones(1, 2));
      parametrize.cached(() => linear(ng.ones(1, 2)));
      const { weight } = linear;
      return linear.weight === weight;
    });
    expect([same, counted.calls]).toEqual([true, 1]);
    {
      using _ = parametrize.cached();
      void linear.weight;
      linear.weight = ng.eye(2) as never;
      expect(linear.weight.tolist()).toEqual(ng.eye(2).tolist());
      expect(counted.calls).toBe(3);
    }
    void [linear.weight, linear.weight];
    expect(counted.calls).toBe(5);
  });

  it('typeBeforeParametrizations gives the class', () => {
    const linear = new nn.Linear(2, 2);
    expect(parametrize.typeBeforeParametrizations(linear)).toBe(nn.Linear);
    parametrize.registerParametrization(linear, 'weight', new Counted());
    expect(parametrize.typeBeforeParametrizations(linear)).toBe(nn.Linear);
  });
});

describe('functionalCall', () => {
  const { functionalCall } = ng.func;

  it('calls a module with other tensors, which get the gradients', () => {
    ng.manualSeed(0);
    const model = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3), new nn.Linear(3, 1));
    const before = [...model.stateDict().keys()];
    const own = model.parameters();
    const x = ng.randn(4, 2);
    const weight = ng.zeros(1, 3, { requiresGrad: true });
    const mean = ng.ones(3);
    const y = functionalCall(model, { '2.weight': weight, '2.bias': ng.tensor([7.5]), '1.running_mean': mean }, x);
    expect(y.tolist()).toEqual([[7.5], [7.5], [7.5], [7.5]]);
    y.sum().backward();
    expect(weight.grad!.shape).toEqual([1, 3]);
    expect(own.map(({ grad }) => grad === null)).toEqual([false, false, false, false, true, true]);
    expect(mean.tolist()).not.toEqual([1, 1, 1]);
    expect(model.getBuffer('1.running_mean').tolist()).toEqual([0, 0, 0]);
    expect(model.parameters().every((parameter, i) => parameter === own[i])).toBe(true);
    expect([...model.stateDict().keys()]).toEqual(before);
  });

  it('puts everything back after an error, and knows what is not there', () => {
    const linear = new nn.Linear(2, 3);
    const { weight } = linear;
    expect(() => functionalCall(linear, { weight: ng.ones(3, 5) }, [ng.ones(1, 2)])).toThrow(RangeError);
    expect(linear.weight).toBe(weight);
    expect(linear.parameters()[0]).toBe(weight);
    expect(() => functionalCall(linear, { other: weight }, ng.ones(1, 2))).toThrow(
      /has no parameter or buffer 'other'/,
    );
    expect(() => functionalCall(linear, { weight: 1 as never }, ng.ones(1, 2))).toThrow(TypeError);
  });

  it('differentiates through an inner step', () => {
    const linear = new nn.Linear(1, 1, { bias: false });
    linear.weight.data.fill_(2);
    const x = ng.tensor([[3.0]], { dtype: 'float32' });
    const inner = linear(x).pow(2).sum();
    const [grad] = ng.autograd.grad(inner, [linear.weight], { createGraph: true });
    // w' = w - 0.01 · 2 x² w = 0.82 w, and d (w' x)² / dw = 2 x² w' · 0.82
    functionalCall(linear, { weight: linear.weight.sub(grad.mul(0.01)) }, x)
      .pow(2)
      .sum()
      .backward();
    expect(linear.weight.grad!.item()).toBeCloseTo(2 * 9 * 2 * 0.82 * 0.82, 4);
  });
});

describe('fuseConvBnEval', () => {
  it.each([
    ['Conv2d', () => new nn.Conv2d(2, 3, 3), false],
    ['ConvTranspose2d', () => new nn.ConvTranspose2d(2, 3, 3, { bias: false }), true],
  ] as const)('makes one layer of %s and its normalisation', (_, make, transpose) => {
    ng.manualSeed(2);
    const conv = make() as ng.nn.Conv2d;
    const bn = new nn.BatchNorm2d(3);
    const both = new nn.Sequential(conv, bn);
    nn.init.uniform_(bn.weight!, 0.5, 2);
    for (let i = 0; i < 3; i++) both(ng.randn(4, 2, 6, 6));
    expect(() => nn.utils.fuseConvBnEval(conv, bn)).toThrow(/only for eval/);
    both.eval();
    const fused = nn.utils.fuseConvBnEval(conv, bn, transpose);
    const x = ng.randn(2, 2, 6, 6);
    expect(fused(x).allclose(both(x), { atol: 1e-5 })).toBe(true);
    expect(fused).not.toBe(conv);
    expect(conv.weight.allclose(fused.weight)).toBe(false);
  });
});
