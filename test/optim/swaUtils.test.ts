import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { nn, optim } = ng;
const { AveragedModel, getEmaAvgFn, updateBn } = optim.swaUtils;

function set(model: InstanceType<typeof nn.Linear>, value: number): void {
  ng.noGrad(() => {
    for (const parameter of model.parameters()) parameter.fill_(value);
  });
}

describe('AveragedModel', () => {
  it('averages all models it is given, under PyTorch’s names', () => {
    const model = new nn.Linear(1, 1);
    const average = new AveragedModel(model);
    for (const value of [1, 2, 6]) {
      set(model, value);
      average.updateParameters(model);
    }
    expect(average.module.weight.item()).toBe(3);
    expect(average(ng.ones(1, 1)).item()).toBe(6);
    expect([...average.stateDict().keys()]).toEqual(['n_averaged', 'module.weight', 'module.bias']);
    expect(average.nAveraged.item()).toBe(3);
  });

  it('can be an exponential moving average', () => {
    const model = new nn.Linear(1, 1);
    const average = new AveragedModel(model, { avgFn: getEmaAvgFn(0.75) });
    for (const value of [4, 8]) {
      set(model, value);
      average.updateParameters(model);
    }
    expect(average.module.bias?.item()).toBe(5);
    expect(() => getEmaAvgFn(2)).toThrow(/Invalid decay/);
  });
});

describe('updateBn', () => {
  it('computes running statistics over a loader', () => {
    const norm = new nn.BatchNorm1d(1);
    const model = new nn.Sequential(norm).eval();
    updateBn(
      [ng.tensor([[0], [2]], { dtype: 'float32' }), [ng.tensor([[4], [6]], { dtype: 'float32' }), 'label']],
      model,
    );
    expect(norm.runningMean?.item()).toBe(3);
    expect(norm.runningVar?.item()).toBe(2);
    expect([norm.momentum, norm.training]).toEqual([0.1, false]);
    expect(() => updateBn(['x'], model)).toThrow(/a batch must be a Tensor/);
  });
});
