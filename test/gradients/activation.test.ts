import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { checkGradients } from './check.js';

const F = ng.nn.functional;

type Unary = (x: ng.Tensor) => ng.Tensor;
type Interval = readonly [from: number, to: number];

/** Every activation, on each of its smooth pieces. */
const ACTIVATIONS: Readonly<Record<string, readonly [op: Unary, ...pieces: Interval[]]>> = {
  celu: [(x) => F.celu(x, 1.5), [-2, -0.1], [0.1, 2]],
  elu: [(x) => F.elu(x, 0.7), [-2, -0.1], [0.1, 2]],
  gelu: [(x) => F.gelu(x), [-2, 2]],
  'gelu by tanh': [(x) => F.gelu(x, { approximate: 'tanh' }), [-2, 2]],
  hardshrink: [(x) => F.hardshrink(x), [-2, -0.6], [-0.4, 0.4], [0.6, 2]],
  hardswish: [(x) => F.hardswish(x), [-5, -3.1], [-2.9, 2.9], [3.1, 5]],
  hardtanh: [(x) => F.hardtanh(x), [-3, -1.1], [-0.9, 0.9], [1.1, 3]],
  leakyRelu: [(x) => F.leakyRelu(x, 0.3), [-2, -0.1], [0.1, 2]],
  logsigmoid: [(x) => F.logsigmoid(x), [-2, 2]],
  mish: [(x) => F.mish(x), [-3, 3]],
  prelu: [(x) => F.prelu(x, ng.tensor([0.3], { dtype: 'float64' })), [-2, -0.1], [0.1, 2]],
  relu: [(x) => F.relu(x), [-2, -0.1], [0.1, 2]],
  relu6: [(x) => F.relu6(x), [-2, -0.1], [0.1, 5.9], [6.1, 8]],
  selu: [(x) => F.selu(x), [-2, -0.1], [0.1, 2]],
  sigmoid: [(x) => F.sigmoid(x), [-2, 2]],
  silu: [(x) => F.silu(x), [-3, 3]],
  softplus: [(x) => F.softplus(x, 2, 3), [-2, 1.4], [1.6, 3]],
  softshrink: [(x) => F.softshrink(x), [-2, -0.6], [-0.4, 0.4], [0.6, 2]],
  softsign: [(x) => F.softsign(x), [-2, -0.1], [0.1, 2]],
  tanh: [(x) => F.tanh(x), [-2, 2]],
  tanhshrink: [(x) => F.tanhshrink(x), [-2, 2]],
  threshold: [(x) => F.threshold(x, 0.5, 2), [-2, 0.4], [0.6, 2]],
};

describe('derivatives of activations', () => {
  it.each(Object.keys(ACTIVATIONS))('%s, twice', (name) => {
    const [op, ...pieces] = ACTIVATIONS[name]!;
    for (const [from, to] of pieces) {
      for (const shape of [[], [0], [1], [9], [17], [2, 3]])
        checkGradients(name, { inputs: [{ shape, from, to }], body: (x) => op(x!) });
    }
  });

  it.each(['hardshrink', 'hardtanh', 'leakyRelu', 'relu', 'relu6', 'softshrink', 'threshold'])(
    '%s has a second derivative of 0, not none',
    (name) => {
      const x = ng.tensor([-3, 0.25, 7], { dtype: 'float64', requiresGrad: true });
      const [slope] = ng.autograd.grad(ACTIVATIONS[name]![0](x).sum(), x, { createGraph: true });
      expect(ng.autograd.grad(slope!.sum(), x)[0]!.tolist()).toEqual([0, 0, 0]);
    },
  );

  it('hardsigmoid has one derivative, as in PyTorch', () => {
    const x = ng.tensor([-4, 0.5, 4], { dtype: 'float64', requiresGrad: true });
    ng.autograd.gradcheck((y) => F.hardsigmoid(y!), [x]);
    const [slope] = ng.autograd.grad(F.hardsigmoid(x).sum(), x, { createGraph: true });
    expect(() => slope!.sum().backward()).toThrow(/'hardsigmoid_backward' is not implemented/);
  });

  it('at NaN the slope is in every place what the scalar code of PyTorch has', () => {
    const slopes: Readonly<Record<string, number>> = {
      celu: 1,
      elu: 1,
      hardshrink: 1,
      hardsigmoid: 0,
      hardtanh: 1,
      relu: 1,
      relu6: 1,
      selu: 1.0507009873554805,
      softshrink: 1,
      threshold: 1,
    };
    for (const dtype of ['float32', 'float64'] as const) {
      for (const [name, slope] of Object.entries(slopes)) {
        const x = ng.full([17], Number.NaN, { dtype }).requiresGrad_();
        const op = name === 'hardsigmoid' ? (y: ng.Tensor) => F.hardsigmoid(y) : ACTIVATIONS[name]![0];
        op(x).sum().backward();
        expect(x.grad!.tolist(), name).toEqual(
          new Array<number>(17).fill(dtype === 'float32' ? Math.fround(slope) : slope),
        );
      }
    }
  });

  it('smoothL1Loss with beta 0 is the absolute difference under its own name', () => {
    const x = ng.tensor([1, 2.5, -3], { dtype: 'float64', requiresGrad: true });
    const y = ng.tensor([1, 2, 4], { dtype: 'float64' });
    for (const reduction of ['none', 'sum', 'mean'] as const) {
      const loss = F.smoothL1Loss(x, y, { beta: 0, reduction });
      expect(String(loss.gradFn)).toContain('SmoothL1LossBackward0');
      expect(loss.tolist()).toEqual(F.l1Loss(x, y, { reduction }).tolist());
      for (const createGraph of [false, true]) {
        const [grad] = ng.autograd.grad(F.smoothL1Loss(x, y, { beta: 0, reduction }).sum(), x, { createGraph });
        const share = reduction === 'mean' ? 1 / 3 : 1;
        expect(grad!.tolist()).toEqual([0, share, -share]);
      }
    }
  });
});
