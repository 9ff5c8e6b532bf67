/** What sums of weighted elements along a dimension (interpolation, uneven windows, padding) do at the edges. */
import { describe, expect, test } from 'vitest';
import { nn, ones, tensor } from '../../src/index.js';

const F = nn.functional;

describe('resampling', () => {
  test('a window has its own elements only: an infinite mean is no NaN', () => {
    const x = tensor([[[1, Infinity, 3, 4, 5]]]);
    expect(F.adaptiveAvgPool1d(x, 3).tolist()).toEqual([[[Infinity, Infinity, 4.5]]]);
  });

  test('what no result looks at has gradient 0, whatever the gradients of the others', () => {
    const x = ones([1, 1, 6], { requiresGrad: true });
    F.interpolate(x, 2, { mode: 'nearest' }).backward(tensor([[[NaN, 7]]]));
    expect(x.grad!.tolist()).toEqual([[[NaN, 0, 0, 7, 0, 0]]]);
  });

  test('an element that is only copied keeps its sign', () => {
    const x = tensor([[[-0, 1]]]);
    expect(Object.is(F.interpolate(x, { scaleFactor: 2 }).at(0, 0, 1).item(), -0)).toBe(true);
    expect(Object.is(F.pad(x, [1, 1], 'replicate').at(0, 0, 0).item(), -0)).toBe(true);
  });

  test('long rows and short ones, in both precisions', () => {
    for (const [height, width] of [
      [3, 1],
      [2, 70],
      [9, 33],
    ] as const) {
      const x = ones([5, 3, height, width]).cumsum(-1).cumsum(-2);
      const up = F.interpolate(x, { scaleFactor: 2, mode: 'bilinear', alignCorners: true });
      const exact = F.interpolate(x.to('float64'), { scaleFactor: 2, mode: 'bilinear', alignCorners: true });
      // Rows and columns are evenly spaced from one to their number, so products of places are exact.
      const axis = (n: number) => Array.from({ length: 2 * n }, (_, i) => 1 + (i * (n - 1)) / (2 * n - 1));
      for (let i = 0; i < 2 * height; i++) {
        for (let j = 0; j < 2 * width; j++) {
          const want = axis(height)[i]! * axis(width)[j]!;
          expect(Math.abs(exact.at(4, 2, i, j).item() - want)).toBeLessThan(1e-12 * want);
          expect(Math.abs(up.at(4, 2, i, j).item() - want)).toBeLessThan(1e-6 * want);
        }
      }
    }
  });
});
