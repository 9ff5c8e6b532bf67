import { expect } from 'vitest';
import type { Tensor } from '../src/index.js';

/** Shapes are equal, and elements to about float32's precision. */
export function expectClose(actual: Tensor, expected: Tensor, tolerance = 1e-5): void {
  expect(actual.shape).toEqual(expected.shape);
  const [a, b] = [actual, expected].map((x) => Array.from(x.detach().toTypedArray() as Float32Array, Number));
  const wrong = a!.findIndex((value, i) => !(Math.abs(value - b![i]!) <= tolerance * (1 + Math.abs(b![i]!))));
  if (wrong >= 0) expect.fail(`element ${wrong} is ${a![wrong]}, expected ${b![wrong]}`);
}
