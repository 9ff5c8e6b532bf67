import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { init } = ng.nn;
const numbers = (x: ng.Tensor): number[] => Array.from(x.toTypedArray() as Float32Array);

describe('init', () => {
  it('fills a parameter without a trace in the graph', () => {
    const parameter = new ng.nn.Parameter(ng.zeros(20, 30));
    expect(init.uniform_(parameter, -2, 3)).toBe(parameter);
    expect(parameter.gradFn).toBeNull();
    expect(Math.min(...numbers(parameter))).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...numbers(parameter))).toBeLessThan(3);
    expect(numbers(init.constant_(parameter, 7)).every((value) => value === 7)).toBe(true);
  });

  it('computes fans and gains', () => {
    expect(init.calculateFanInAndFanOut(ng.empty(5, 2, 3))).toEqual([6, 15]);
    expect(init.calculateGain('leakyRelu', 0.2)).toBeCloseTo(Math.sqrt(2 / 1.04), 12);
    expect(init.calculateGain('leaky_relu')).toBeCloseTo(Math.sqrt(2 / 1.0001), 12);
    expect(() => init.calculateGain('other')).toThrow(/Unsupported nonlinearity other/);
    expect(() => init.calculateFanInAndFanOut(ng.empty(5))).toThrow(/fewer than 2 dimensions/);
    expect(() => init.kaimingUniform_(ng.empty(2, 2), { mode: 'other' })).toThrow(/Mode other not supported/);
  });

  it('takes options by name and a generator', () => {
    const draw = (seed: number): number[] =>
      numbers(
        init.kaimingNormal_(ng.empty(4, 4), { a: 1, mode: 'fan_out', generator: new ng.Generator().manualSeed(seed) }),
      );
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });

  it('makes identities, Dirac kernels and sparse matrices', () => {
    expect(init.eye_(ng.ones(2, 3)).tolist()).toEqual([
      [1, 0, 0],
      [0, 1, 0],
    ]);
    const kernel = init.dirac_(ng.ones(4, 2, 3), 2);
    expect(kernel.sum().item()).toBe(4);
    expect([kernel.at(0, 0, 1).item(), kernel.at(3, 1, 1).item()]).toEqual([1, 1]);
    const sparse = init.sparse_(ng.empty(10, 4), 0.3);
    for (let column = 0; column < 4; column++) {
      expect((sparse.at(':', column).tolist() as number[]).filter((value) => value === 0)).toHaveLength(3);
    }
    expect(() => init.eye_(ng.ones(2))).toThrow(/2 dimensions/);
    expect(() => init.dirac_(ng.ones(3, 2, 3), 2)).toThrow(/divisible/);
    expect(() => init.sparse_(ng.ones(2), 0.5)).toThrow(/2 dimensions/);
  });

  it('keeps truncated normal numbers inside their bounds', () => {
    const values = numbers(init.truncNormal_(ng.empty(1000), 1, 2, { a: 0, b: 3 }));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(3);
  });

  it.each([
    [3, 5],
    [5, 3],
    [4, 2, 3],
  ])('makes [%s, %s] orthonormal along its shorter side', (...shape) => {
    const sizes = shape.filter((size): size is number => typeof size === 'number');
    const x = init.orthogonal_(ng.empty(sizes, { dtype: 'float64' }), { gain: 2 }).reshape([sizes[0]!, -1]);
    const [rows, columns] = x.shape as unknown as [number, number];
    const product = rows < columns ? x.matmul(x.t()) : x.t().matmul(x);
    const difference = product.sub(ng.eye(Math.min(rows, columns), { dtype: 'float64' }).mul(4));
    expect(Number(difference.abs().max().item())).toBeLessThan(1e-12);
  });

  it('makes no orthogonal vectors', () => {
    expect(() => init.orthogonal_(ng.empty(5))).toThrow(/Only tensors with 2 or more dimensions/);
  });
});
