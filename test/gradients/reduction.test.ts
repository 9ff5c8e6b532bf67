import { describe, it } from 'vitest';
import * as ng from '../../src/index.js';
import { type Check, checkGradients, type Input } from './check.js';

const x234: Input = { shape: [2, 3, 4] };
const positive234: Input = { shape: [2, 3, 4], from: 0.5, to: 2 };

/** A check of one input. */
const of = (body: (x: ng.Tensor) => ng.Tensor | readonly ng.Tensor[], input: Input = x234): Check => ({
  inputs: [input],
  body: (x) => body(x!),
});

const CHECKS: Readonly<Record<string, Check>> = {
  sum: of((x) => x.sum()),
  'sum of dims': of((x) => x.sum([0, 2])),
  'sum, kept': of((x) => x.sum(1, true)),
  mean: of((x) => x.mean()),
  'mean of a dim': of((x) => x.mean(-1)),
  prod: of((x) => x.prod(), { shape: [5] }),
  'prod of a dim': of((x) => x.prod(1)),
  'prod, kept': of((x) => x.prod(0, true)),
  logsumexp: of((x) => x.logsumexp([0, 1])),
  nansum: of((x) => x.nansum(1)),
  nanmean: of((x) => x.nanmean(1)),
  var: of((x) => x.var(1)),
  'var of all, biased': of((x) => x.var({ correction: 0 })),
  std: of((x) => x.std([0, 2], { keepdim: true })),
  varMean: of((x) => ng.varMean(x, 1)),
  stdMean: of((x) => ng.stdMean(x, 1)),
  'norm 2': of((x) => x.norm(2, 1)),
  'norm 1': of((x) => x.norm(1, 1), positive234),
  'norm 3': of((x) => x.norm(3, 1), positive234),
  'norm 1.5': of((x) => x.norm(1.5, 1), positive234),
  'norm 0.5': of((x) => x.norm(0.5, 1), positive234),
  'norm -1': of((x) => x.norm(-1, 1), positive234),
  'norm inf': of((x) => x.norm(Number.POSITIVE_INFINITY, 1), positive234),
  'norm of all': of((x) => x.norm()),
  dist: { inputs: [x234, { shape: [3, 1] }], body: (x, y) => ng.dist(x!, y!, 3) },
  renorm: { ...of((x) => x.renorm(2, 1, 0.5)), without: ['expanded'] },
  cov: { ...of((x) => x.cov(), { shape: [3, 5] }), without: ['expanded'] },
  corrcoef: { ...of((x) => x.corrcoef(), { shape: [3, 5] }), without: ['expanded'] },
  cumsum: of((x) => x.cumsum(1)),
  cumprod: of((x) => x.cumprod(1)),
  logcumsumexp: of((x) => x.logcumsumexp(1)),
  diff: of((x) => x.diff(2, 1)),
  trapezoid: of((x) => ng.trapezoid(x, 0.5)),
  'trapezoid over points': {
    inputs: [{ shape: [3, 4] }, { shape: [4] }],
    body: (y, x) => ng.trapezoid(y!, x!),
    without: ['expanded'],
  },
  cumulativeTrapezoid: of((x) => ng.cumulativeTrapezoid(x)),
  gradient: {
    ...of((x) => ng.gradient(x, { spacing: 0.5, dim: [0, 1], edgeOrder: 2 }), { shape: [4, 5] }),
    without: ['expanded'],
  },
  'gradient over points': {
    ...of((x) => ng.gradient(x, { spacing: [ng.tensor([0, 1, 3, 3.5])], dim: 0 }), { shape: [4, 3] }),
    without: ['expanded'],
  },
  sumToSize: of((x) => x.sumToSize(3, 1)),
};

describe('derivatives of reductions and running ops', () => {
  it.each(Object.keys(CHECKS))('%s', (name) => checkGradients(name, CHECKS[name]!));

  it.each([
    ['prod', (x: ng.Tensor) => x.prod(-1)],
    ['cumprod', (x: ng.Tensor) => x.cumprod(-1)],
  ] as const)('%s is right where x has zeros', (_, op) => {
    for (const zeros of [[1], [1, 2], [0, 3], [0, 1, 2, 3]]) {
      const x = ng.tensor([2, -3, 0.5, 4], { dtype: 'float64' });
      for (const i of zeros) x.setAt(i, 0);
      x.requiresGrad_();
      ng.autograd.gradcheck(op, [x]);
      ng.autograd.gradgradcheck(op, [x]);
    }
  });
});
