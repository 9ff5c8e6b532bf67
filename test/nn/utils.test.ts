import { beforeEach, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { expectClose } from '../close.js';

const { nn } = ng;
const { parametrizations, parametrize } = nn.utils;

beforeEach(() => void ng.manualSeed(1));

const withGrad = (...grads: number[][]): ng.Tensor[] =>
  grads.map((grad) => {
    const parameter = new nn.Parameter(ng.zeros(grad.length));
    parameter.grad = ng.tensor(grad, { dtype: 'float32' });
    return parameter;
  });

describe('clipGradNorm_', () => {
  it('scales gradients down to the norm, never up', () => {
    const [a, b] = withGrad([3, 0], [4]) as [ng.Tensor, ng.Tensor];
    expect(nn.utils.clipGradNorm_([a, b], 10).item()).toBe(5);
    expect(a.grad?.tolist()).toEqual([3, 0]);
    expect(nn.utils.clipGradNorm_([a, b], { maxNorm: 1 } as never).item()).toBe(5);
    expect(b.grad?.item()).toBeCloseTo(0.8, 5);
    expect(nn.utils.clipGradNorm_(a, 0.5, Infinity).item()).toBeCloseTo(0.6, 5);
  });

  it('leaves out what has no gradient, and says when norms are not finite', () => {
    expect(nn.utils.clipGradNorm_([new nn.Parameter(ng.ones(1))], 1).item()).toBe(0);
    const bad = withGrad([Number.NaN]);
    expect(Number.isNaN(nn.utils.clipGradNorm_(bad, 1).item())).toBe(true);
    expect(() => nn.utils.clipGradNorm_(bad, 1, 2, true)).toThrow(/non-finite/);
    expect(() => nn.utils.clipGradNorm_([3 as never], 1)).toThrow(/must be Tensors/);
  });
});

describe('clipGradValue_', () => {
  it('cuts elements off', () => {
    const parameters = withGrad([3, -3, 0.5]);
    nn.utils.clipGradValue_(parameters, 1);
    expect(parameters[0]!.grad?.tolist()).toEqual([1, -1, 0.5]);
  });
});

describe('parametersToVector and vectorToParameters', () => {
  it('are each other’s inverse', () => {
    const model = new nn.Linear(2, 3);
    const vector = nn.utils.parametersToVector(model.parameters());
    expect(vector.shape).toEqual([9]);
    const other = new nn.Linear(2, 3);
    nn.utils.vectorToParameters(vector, other.parameters());
    expect(other.weight.tolist()).toEqual(model.weight.tolist());
    expect(other.weight.requiresGrad).toBe(true);
    expect(() => nn.utils.vectorToParameters(ng.ones(2), other.parameters())).toThrow(/too few/);
  });
});

describe('weightNorm', () => {
  it('splits a weight into length and direction, trains both, and can be undone', () => {
    const linear = nn.utils.weightNorm(new nn.Linear(3, 2));
    expect([...linear.stateDict().keys()]).toEqual(['bias', 'weight_g', 'weight_v']);
    const { weightG, weightV } = linear as unknown as { weightG: ng.Tensor; weightV: ng.Tensor };
    expect(weightG.shape).toEqual([2, 1]);
    const x = ng.randn(4, 3);
    ng.noGrad(() => void weightG.mul_(2));
    const y = linear(x);
    expectClose(linear.weight.norm(2, 1), weightG.squeeze(1));
    y.sum().backward();
    expect(weightG.grad?.shape).toEqual([2, 1]);
    expect(weightV.grad).not.toBeNull();
    nn.utils.removeWeightNorm(linear);
    expect([...linear.stateDict().keys()]).toEqual(['bias', 'weight']);
    expectClose(linear(x), y);
    expect(() => nn.utils.removeWeightNorm(linear)).toThrow(/there is none/);
  });

  it('works on a recurrent network’s weights and refuses what is not there', () => {
    const network = nn.utils.weightNorm(new nn.GRU(2, 3), { name: 'weight_hh_l0' });
    expect([...network.stateDict().keys()]).toContain('weight_hh_l0_g');
    const before = network(ng.ones(2, 1, 2))[0];
    ng.noGrad(() => void network.getParameter('weight_hh_l0_g').mul_(3));
    expect(network(ng.ones(2, 1, 2))[0].tolist()).not.toEqual(before.tolist());
    expect(() => nn.utils.weightNorm(new nn.Linear(1, 1), 'other')).toThrow(/no parameter 'other'/);
    expect(() => nn.utils.weightNorm(nn.utils.weightNorm(new nn.Linear(1, 1)))).toThrow(/no parameter 'weight'/);
  });
});

/** The largest singular value by many steps of the power method. */
function largestSingularValue(matrix: ng.Tensor): number {
  let v = ng.ones(matrix.shape[1]!);
  for (let i = 0; i < 300; i++) {
    v = matrix.t().mv(matrix.mv(v));
    v = v.div(v.norm());
  }
  return matrix.mv(v).norm().item();
}

describe('spectralNorm', () => {
  it('divides a weight by its largest singular value, and can be undone', () => {
    const linear = nn.utils.spectralNorm(new nn.Linear(3, 4), { nPowerIterations: 3 });
    expect([...linear.stateDict().keys()]).toEqual(['bias', 'weight_orig', 'weight_u', 'weight_v']);
    for (let i = 0; i < 40; i++) linear(ng.ones(1, 3));
    expect(largestSingularValue(linear.weight.detach())).toBeCloseTo(1, 4);
    const u = linear.getBuffer('weight_u').tolist();
    linear.eval()(ng.ones(1, 3));
    expect(linear.getBuffer('weight_u').tolist()).toEqual(u);
    const y = linear(ng.ones(1, 3));
    nn.utils.removeSpectralNorm(linear);
    expect([...linear.stateDict().keys()]).toEqual(['bias', 'weight']);
    expectClose(linear(ng.ones(1, 3)), y);
  });

  it('has gradients through two forwards', () => {
    const linear = nn.utils.spectralNorm(new nn.Linear(3, 4));
    linear(ng.ones(1, 3))
      .sum()
      .sub(linear(ng.ones(2, 3)).sum())
      .backward();
    expect(linear.getParameter('weight_orig').grad?.shape).toEqual([4, 3]);
  });
});

describe('parametrizations', () => {
  class Doubled extends nn.Module {
    override forward(x: ng.Tensor): ng.Tensor {
      return x.mul(2);
    }
    rightInverse(x: ng.Tensor): ng.Tensor {
      return x.div(2);
    }
  }

  it('compute a parameter wherever it is read', () => {
    const linear = new nn.Linear(2, 2);
    const { weight } = linear;
    const before = weight.tolist();
    parametrize.registerParametrization(linear, 'weight', new Doubled());
    expect(linear.getName()).toBe('ParametrizedLinear');
    expect(linear).toBeInstanceOf(nn.Linear);
    expect(linear.weight.tolist()).toEqual(before);
    expect([...linear.stateDict().keys()]).toEqual(['bias', 'parametrizations.weight.original']);
    expect(linear.parameters()).toContain(weight);
    linear.weight = ng.ones(2, 2) as never;
    expect(linear.getParameter('parametrizations.weight.original').tolist()).toEqual([
      [0.5, 0.5],
      [0.5, 0.5],
    ]);
    expect(ng.deepcopy(linear)(ng.ones(1, 2)).tolist()).toEqual(linear(ng.ones(1, 2)).tolist());
    expect([parametrize.isParametrized(linear), parametrize.isParametrized(linear, 'bias')]).toEqual([true, false]);
    parametrize.removeParametrizations(linear, 'weight');
    expect(linear.getName()).toBe('Linear');
    expect(linear.weight).toBe(weight);
    expect(weight.tolist()).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  it('can be stacked, and refuse to change the shape', () => {
    class Wider extends nn.Module {
      override forward(x: ng.Tensor): ng.Tensor {
        return x.unsqueeze(0);
      }
    }
    const linear = new nn.Linear(2, 2);
    const before = linear.weight.tolist() as number[][];
    parametrize.registerParametrization(linear, 'weight', new Doubled());
    parametrize.registerParametrization(linear, 'weight', new Doubled());
    expect(linear.weight.at(0, 0).item()).toBeCloseTo(2 * before[0]![0]!, 6);
    expect(() => parametrize.registerParametrization(new nn.Linear(2, 2), 'weight', new Wider())).toThrow(
      /may not change the shape/,
    );
    expect(() => parametrize.registerParametrization(new nn.Linear(2, 2), 'other', new Doubled())).toThrow(
      /does not have a parameter/,
    );
  });

  it('include weight and spectral normalisation', () => {
    const linear = parametrizations.weightNorm(new nn.Linear(3, 2));
    expect([...linear.stateDict().keys()].slice(1)).toEqual([
      'parametrizations.weight.original0',
      'parametrizations.weight.original1',
    ]);
    linear(ng.ones(1, 3)).sum().backward();
    expect(linear.getParameter('parametrizations.weight.original0').grad?.shape).toEqual([2, 1]);
    const spectral = parametrizations.spectralNorm(new nn.Linear(3, 4));
    for (let i = 0; i < 20; i++) spectral(ng.ones(1, 3));
    expect(largestSingularValue(spectral.eval().weight.detach())).toBeCloseTo(1, 3);
    expect([...spectral.stateDict().keys()].slice(1)).toEqual([
      'parametrizations.weight.original',
      'parametrizations.weight.0._u',
      'parametrizations.weight.0._v',
    ]);
  });
});
