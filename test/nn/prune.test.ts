import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { nn } = ng;
const { prune } = nn.utils;

/** A layer whose weight counts from -5 to 6, in three rows. */
function layer(): ng.nn.Linear {
  const linear = new nn.Linear(4, 3);
  linear.weight.data.copy_(ng.arange(12).sub(5).reshape(3, 4));
  return linear;
}
const mask = (module: ng.nn.Module): unknown => module.getBuffer('weight_mask').tolist();

// The masks are those of torch.nn.utils.prune of PyTorch 1.13.
describe('prune', () => {
  it('l1Unstructured takes the smallest, and the gradient goes through the mask', () => {
    const linear = prune.l1Unstructured(layer(), 'weight', 3);
    expect([...linear.stateDict().keys()]).toEqual(['bias', 'weight_orig', 'weight_mask']);
    expect(linear.weight.tolist()).toEqual([
      [-5, -4, -3, -2],
      [-0, 0, 0, 2],
      [3, 4, 5, 6],
    ]);
    linear(ng.ones(1, 4)).sum().backward();
    expect(linear.getParameter('weight_orig').grad!.tolist()).toEqual(mask(linear));
    expect(prune.isPruned(new nn.Sequential(linear))).toBe(true);
  });

  it('follows the parameter as it is trained', () => {
    const linear = prune.l1Unstructured(layer(), 'weight', { amount: 3 });
    const optimizer = new ng.optim.SGD(linear.parameters(), { lr: 1 });
    linear(ng.ones(1, 4)).sum().backward();
    optimizer.step();
    linear(ng.ones(1, 4));
    expect(linear.weight.tolist()).toEqual([
      [-6, -5, -4, -3],
      [-0, 0, 0, 1],
      [2, 3, 4, 5],
    ]);
  });

  it('prunes again what is left, and is made permanent by remove', () => {
    const linear = prune.l1Unstructured(layer(), 'weight', 3);
    const original = linear.getParameter('weight_orig');
    prune.lnStructured(linear, 'weight', { amount: 0.34, n: 2, dim: 0 });
    expect(mask(linear)).toEqual([
      [1, 1, 1, 1],
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
    // Of the eight that are left, an eighth.
    prune.l1Unstructured(linear, 'weight', 0.125);
    expect(mask(linear)).toEqual([
      [1, 1, 1, 0],
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ]);
    const pruned = linear.weight.tolist();
    prune.remove(linear, 'weight');
    expect([...linear.stateDict().keys()]).toEqual(['bias', 'weight']);
    expect(linear.weight).toBe(original);
    expect(linear.weight.tolist()).toEqual(pruned);
    expect(prune.isPruned(linear)).toBe(false);
  });

  it('draws what PyTorch draws', () => {
    const linear = layer();
    ng.manualSeed(1);
    prune.randomUnstructured(linear, 'weight', 0.5);
    expect(mask(linear)).toEqual([
      [0, 1, 1, 0],
      [1, 0, 1, 0],
      [0, 1, 0, 1],
    ]);
    const other = layer();
    ng.manualSeed(1);
    prune.randomStructured(other, 'weight', 2, 1);
    expect(mask(other)).toEqual([
      [1, 0, 0, 1],
      [1, 0, 0, 1],
      [1, 0, 0, 1],
    ]);
  });

  it('globalUnstructured compares all of them', () => {
    const [a, b] = [new nn.Linear(2, 2, { bias: false }), new nn.Linear(2, 2, { bias: false })];
    a.weight.data.copy_(ng.tensor([1, 2, 3, 4]).reshape(2, 2));
    b.weight.data.copy_(ng.tensor([0.5, 2.5, 3.5, -4.5]).reshape(2, 2));
    prune.globalUnstructured(
      [
        [a, 'weight'],
        [b, 'weight'],
      ],
      prune.L1Unstructured,
      { amount: 3 },
    );
    expect([mask(a), mask(b)]).toEqual([
      [
        [0, 0],
        [1, 1],
      ],
      [
        [0, 1],
        [1, 1],
      ],
    ]);
    expect(() => prune.globalUnstructured([[a, 'weight']], prune.RandomStructured, { amount: 1 })).toThrow(
      /Only "unstructured"/,
    );
  });

  it('takes masks, importances, other methods and biases', () => {
    const linear = prune.identity(layer(), 'weight');
    expect(linear.weight.equal(layer().weight)).toBe(true);
    prune.customFromMask(linear, 'weight', ng.eye(3, 4));
    expect(linear.weight.equal(layer().weight.mul(ng.eye(3, 4)))).toBe(true);
    const scores = ng.arange(12).reshape(3, 4).neg();
    const scored = prune.l1Unstructured(layer(), 'weight', 2, { importanceScores: scores });
    expect((mask(scored) as number[][])[0]).toEqual([0, 0, 1, 1]);
    class Negative extends prune.BasePruningMethod {
      readonly pruningType = 'unstructured' as const;
      override computeMask(t: ng.Tensor, defaultMask: ng.Tensor): ng.Tensor {
        return defaultMask.mul(t.ge(0).float());
      }
    }
    expect(prune.apply(layer(), 'weight', new Negative()).weight.min().item()).toBeCloseTo(0, 9);
    expect([...prune.l1Unstructured(layer(), 'bias', 1).stateDict().keys()]).toEqual([
      'weight',
      'bias_orig',
      'bias_mask',
    ]);
    const whole = prune.lnStructured(layer(), 'weight', ng.float(1), Number.POSITIVE_INFINITY, -1);
    expect(whole.weight.abs().sum().item()).toBe(0);
  });

  it('loads a pruned state', () => {
    const [first, second] = [layer(), new nn.Linear(4, 3)];
    prune.l1Unstructured(first, 'weight', 5);
    prune.identity(second, 'weight');
    second.loadStateDict(first.stateDict());
    const x = ng.ones(1, 4);
    expect(second(x).tolist()).toEqual(first(x).tolist());
  });

  it.each<[() => unknown, RegExp]>([
    [() => prune.l1Unstructured(layer(), 'weight', 1.5), /amount=.*1.5 should either be a float in the range \[0, 1\]/],
    [() => prune.l1Unstructured(layer(), 'weight', -1), /non-negative integer/],
    [() => prune.l1Unstructured(layer(), 'weight', 13), /amount=13 should be smaller than .* prune=12/],
    [() => prune.remove(layer(), 'weight'), /has to be pruned before pruning can be removed/],
    [() => prune.identity(layer(), 'other'), /has no parameter 'other'/],
    [() => prune.randomStructured(layer(), 'bias', 1, 0), /can only be applied to multidimensional tensors/],
    [() => prune.lnStructured(layer(), 'weight', 1, 2, 5), /Invalid index 5 for tensor of size \[3, 4\]/],
    [() => prune.customFromMask(layer(), 'weight', ng.ones(2)), /mask has shape \[2\]/],
    [() => prune.l1Unstructured(layer(), 'weight', 1, ng.ones(2)), /importanceScores should have the same shape/],
  ])('%s is refused', (act, message) => {
    expect(act).toThrow(message);
  });
});
