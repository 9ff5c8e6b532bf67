import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { functional } = ng.nn;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const geluTanh = (x: ng.Tensor): ng.Tensor => functional.gelu(x, { approximate: 'tanh' });

/** [x, f(x), f'(x)] as PyTorch gives them; within 1e-6 of 1 + |value|, in float64 too. */
const FAR: Readonly<Record<string, readonly [(x: ng.Tensor) => ng.Tensor, readonly (readonly number[])[]]>> = {
  'gelu, tanh': [
    geluTanh,
    [
      [0, 0, 0.5],
      [-9, 0, 0],
      [20, 20, 1],
      [-20, 0, 0],
      [40, 40, 1],
      [-40, 0, 0],
      [inf, inf, nan],
      [-inf, nan, nan],
      [nan, nan, nan],
    ],
  ],
  mish: [
    functional.mish,
    [
      [0, 0, 0.6],
      [-9, -0.001110619748942554, -0.000987148960120976],
      [19, 19, 1],
      [21, 21, 1],
      [-20, -4.1223072406287606e-8, -3.9161918743489685e-8],
      [40, 40, 1],
      [-40, 0, 0],
      [inf, inf, nan],
      [-inf, nan, nan],
      [nan, nan, nan],
    ],
  ],
};

describe('activations far from 0, and where they are not finite', () => {
  for (const [name, [f, rows]] of Object.entries(FAR)) {
    it.each(['float32', 'float64'] as const)(`${name} of %s`, (dtype) => {
      // Each value in all lanes of a vector and in what is left of one.
      for (const [at, value, slope] of rows) {
        const x = ng.full([37], at!, { dtype }).requiresGrad_();
        const y = f(x);
        y.backward(ng.ones([37], { dtype }));
        for (const [got, expected] of [
          [y.detach(), value!],
          [x.grad!, slope!],
        ] as const) {
          for (const one of got.tolist() as number[]) {
            if (Number.isFinite(expected))
              expect(Math.abs(one - expected)).toBeLessThan(1e-6 * (1 + Math.abs(expected)));
            else expect(one).toBe(expected);
          }
        }
      }
    });
  }
});

describe('log1p', () => {
  it('has the digits of float32 from the smallest to the largest', () => {
    const values: number[] = [];
    for (let k = -140; k < 127; k += 0.37) values.push(2 ** k, -(2 ** Math.min(k, -k)) * 0.999);
    const x = ng.tensor(values.filter((value) => value > -1));
    const got = ng.log1p(x).tolist() as number[];
    for (const [i, value] of (x.tolist() as number[]).entries()) {
      const expected = Math.log1p(value);
      expect(Math.abs(got[i]! - expected)).toBeLessThanOrEqual(1.2e-7 * Math.abs(expected) + 1.5e-45);
    }
    expect(ng.log1p(ng.tensor([-1, -2, inf, nan, -0])).tolist()).toEqual([-inf, nan, inf, nan, -0]);
  });
});
