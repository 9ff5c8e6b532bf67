import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { tensor } = ng;
const of = (values: readonly number[], dtype: ng.DType): ng.Tensor => tensor([...values], { dtype });

describe('whole numbers beyond int64', () => {
  it('are floats as numbers', () => {
    expect(tensor([1e300]).dtype).toBe('float32');
    expect(tensor([1e300]).tolist()).toEqual([Number.POSITIVE_INFINITY]);
    expect(tensor([2 ** 63]).dtype).toBe('float32');
    expect(tensor([2 ** 62]).dtype).toBe('int64');
    expect(tensor([-(2 ** 63)]).tolist()).toEqual([-(2n ** 63n)]);
    expect(ng.full([2], 1e30).dtype).toBe('float32');
    expect(tensor([1]).mul(1e300).tolist()).toEqual([Number.POSITIVE_INFINITY]);
    expect(tensor([1]).mul(1e300).dtype).toBe('float32');
    expect(
      tensor([1])
        .lt(2 ** 63)
        .tolist(),
    ).toEqual([true]);
    expect(ng.arange(1e30, 2e30, 1e30).dtype).toBe('float32');
  });

  it('are refused as bigints', () => {
    expect(() => tensor([2n ** 64n])).toThrow(/18446744073709551616 cannot be converted to int64 without overflow/);
    expect(() => tensor([1]).lt(2n ** 63n)).toThrow(RangeError);
    expect(() => tensor([1]).add(2n ** 70n)).toThrow(RangeError);
    expect(tensor([2n ** 64n], { dtype: 'float64' }).tolist()).toEqual([2 ** 64]);
    expect(tensor([-(2n ** 63n)]).tolist()).toEqual([-(2n ** 63n)]);
  });
});

describe('values that a dtype cannot hold are refused', () => {
  const first = tensor([true, false]);
  const cases: readonly [string, ng.DType, () => unknown][] = [
    ['full', 'int64', () => ng.full([1], 2 ** 63, { dtype: 'int64' })],
    ['full', 'float32', () => ng.full([1], 1e300)],
    ['full', 'uint8', () => ng.full([1], -0.5, { dtype: 'uint8' })],
    ['fullLike', 'int64', () => ng.fullLike(tensor([1]), 1e30)],
    ['newFull', 'int64', () => tensor([1]).newFull([1], 1e30)],
    ['tensor', 'int32', () => of([2 ** 31], 'int32')],
    ['tensor', 'uint8', () => of([-256], 'uint8')],
    ['tensor', 'int64', () => of([Number.NaN], 'int64')],
    ['tensor', 'int16', () => of([Number.POSITIVE_INFINITY], 'int16')],
    ['fill_', 'int32', () => of([1], 'int32').fill_(1e30)],
    ['fill_', 'uint8', () => of([1], 'uint8').fill_(300)],
    ['fill_', 'int64', () => tensor([1]).fill_(Number.NaN)],
    ['fill', 'int8', () => ng.fill(of([1], 'int8'), 128)],
    ['maskedFill', 'int64', () => tensor([1, 2]).maskedFill(first, 1e30)],
    ['indexFill', 'int64', () => tensor([1, 2]).indexFill(0, tensor([0]), 1e30)],
    ['constantPadNd', 'int64', () => ng.nn.functional.pad(tensor([1]), [1, 1], { value: 1e30 })],
  ];
  it.each(cases)('%s of %s', (op, dtype, run) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(new RegExp(`^${op}: value .* cannot be converted to ${dtype} without overflow`));
  });

  it('but wrapped or cut as in PyTorch', () => {
    expect(of([1], 'uint8').fill_(-1).tolist()).toEqual([255]);
    expect(of([-255], 'uint8').tolist()).toEqual([1]);
    expect(of([1.7, -1.7], 'int32').tolist()).toEqual([1, -1]);
    expect(of([1.5], 'float32').fill_(Number.NEGATIVE_INFINITY).tolist()).toEqual([Number.NEGATIVE_INFINITY]);
    expect(tensor([true]).fill_(300).tolist()).toEqual([true]);
  });
});
