import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { nn, optim } = ng;
type Optimizer = InstanceType<typeof optim.Optimizer>;
type Make = (params: ng.Tensor[] | { params: ng.Tensor[]; lr?: number }[]) => Optimizer;

const MAKERS: readonly [string, Make][] = [
  ['SGD', (params) => new optim.SGD(params, { lr: 0.1 })],
  ['SGD with momentum', (params) => new optim.SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true })],
  ['Adam', (params) => new optim.Adam(params, { lr: 0.1, weightDecay: 0.01 })],
  ['Adam with amsgrad', (params) => new optim.Adam(params, { lr: 0.1, amsgrad: true })],
  ['AdamW', (params) => new optim.AdamW(params, { lr: 0.1 })],
  ['RMSprop', (params) => new optim.RMSprop(params, { centered: true, momentum: 0.5 })],
  ['NAdam', (params) => new optim.NAdam(params)],
  ['Adagrad', (params) => new optim.Adagrad(params)],
];

/** Parameters of many sizes, dtypes and layouts; some without a gradient in odd steps. */
function makeParameters(count: number): ng.Tensor[] {
  ng.manualSeed(7);
  return Array.from({ length: count }, (_, i) => {
    const shape = [(i % 5) + 1, (i % 7) + 1];
    const x = ng.randn(shape, { dtype: i % 4 === 3 ? 'float64' : 'float32' });
    return new nn.Parameter(i % 6 === 5 ? x.t() : x);
  });
}

function giveGradients(params: readonly ng.Tensor[], step: number): void {
  for (const [i, x] of params.entries()) {
    x.grad =
      step % 2 === 1 && i % 3 === 1
        ? null
        : x
            .detach()
            .mul(0.5)
            .add(0.1 * (i % 3))
            .contiguous();
  }
}

describe.each(MAKERS)('%s', (_name, make) => {
  it('steps all parameters as it steps each alone', () => {
    const [together, alone] = [makeParameters(40), makeParameters(40)];
    const one = make(together);
    const many = alone.map((x) => make([x]));
    for (let step = 0; step < 3; step++) {
      giveGradients(together, step);
      giveGradients(alone, step);
      one.step();
      for (const optimizer of many) optimizer.step();
    }
    expect(together.map((x) => x.tolist())).toEqual(alone.map((x) => x.tolist()));
  });
});

describe('steps of many parameters', () => {
  it('are more than one call of the backend has room for', () => {
    const params = Array.from({ length: 700 }, (_, i) => new nn.Parameter(ng.tensor([i + 0.5, 1])));
    const optimizer = new optim.Adam([{ params: params.slice(0, 300) }, { params: params.slice(300), lr: 0 }]);
    for (const x of params) x.grad = ng.ones(2);
    optimizer.step();
    expect(params.slice(0, 300).every((x, i) => x.at(0).item() < i + 0.5 && x.at(1).item() < 1)).toBe(true);
    expect(params.slice(300).every((x, i) => x.at(0).item() === i + 300.5)).toBe(true);
  });

  it('are made as far as they go when one fails', () => {
    const [x, y] = [new nn.Parameter(ng.ones(2)), new nn.Parameter(ng.ones(2))];
    class Failing extends optim.SGD {
      protected override update(param: ng.Tensor, grad: ng.Tensor, state: object, group: never): void {
        if (param === y) throw new Error('no');
        super.update(param, grad, state, group);
      }
    }
    for (const p of [x, y]) p.grad = ng.ones(2);
    expect(() => new Failing([x, y], { lr: 0.5 }).step()).toThrow('no');
    expect([x.tolist(), y.tolist()]).toEqual([
      [0.5, 0.5],
      [1, 1],
    ]);
    new optim.SGD([y], { lr: 0.25 }).step();
    expect([x.tolist(), y.tolist()]).toEqual([
      [0.5, 0.5],
      [0.75, 0.75],
    ]);
  });
});
