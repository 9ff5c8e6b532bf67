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

describe('results too large to list are refused before they are', () => {
  const F = ng.nn.functional;
  const line = ng.ones(1).expand(2 ** 30);
  const cases: readonly [string, () => unknown][] = [
    ['interpolate', () => F.interpolate(ng.ones(1, 1, 2, 2), { scaleFactor: 1e9 })],
    ['interpolate', () => F.interpolate(ng.ones(1, 1, 2), { size: 1e9 })],
    ['interpolate', () => F.interpolate(ng.ones(1, 1, 2, 2), { size: 1e9, mode: 'bicubic' })],
    ['adaptiveAvgPool2d', () => F.adaptiveAvgPool2d(ng.ones(1, 1, 2, 2), 1e9)],
    ['adaptiveAvgPool1d', () => F.adaptiveAvgPool1d(ng.ones(1, 1, 2), 1e9)],
    ['adaptiveMaxPool2d', () => F.adaptiveMaxPool2d(ng.ones(1, 1, 2, 2), 1e9)],
    ['chunk', () => line.chunk(2 ** 30)],
    ['chunk', () => ng.ones(0).chunk(1e9)],
    ['split', () => line.split(1)],
    ['unbind', () => line.unbind()],
    ['tensorSplit', () => line.tensorSplit(1e9)],
    ['tolist', () => line.tolist()],
    ['triuIndices', () => ng.triuIndices(1e9, 1e9)],
    ['trilIndices', () => ng.trilIndices(1e6, 1e9)],
    ['combinations', () => ng.combinations(ng.arange(40), { r: 20 })],
    ['combinations', () => ng.combinations(ng.arange(4), { r: 1e9 })],
  ];
  it.each(cases)('%s %#', (op, run) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(new RegExp(`^${op}: .*(listed|allocated)`));
  });

  it('arrays that contain themselves', () => {
    const loop: unknown[] = [];
    loop.push(loop);
    expect(() => tensor(loop as number[])).toThrow(/^tensor: the arrays are nested more than 64 deep/);
    let deep: unknown = 1;
    for (let i = 0; i < 64; i++) deep = [deep];
    expect(tensor(deep as number[]).shape).toHaveLength(64);
    expect(() => tensor([deep] as number[])).toThrow(RangeError);
  });

  it('iteration takes as much as is walked', () => {
    let rows = 0;
    for (const row of ng.ones(1).expand(2 ** 40)) {
      expect(row.shape).toEqual([]);
      if (++rows === 3) break;
    }
    const x = ng.arange(70000, { dtype: 'float32', requiresGrad: true });
    const all = [...x];
    expect(all).toHaveLength(70000);
    expect(all[69999]!.item()).toBe(69999);
    all[69998]!.mul(2).backward();
    expect(x.grad!.nonzero().tolist()).toEqual([[69998]]);
    expect(x.grad!.sum().item()).toBe(2);
  });

  it('and many are not', () => {
    const x = tensor(
      [
        [
          [
            [1, 2],
            [4, 3],
          ],
        ],
      ],
      { dtype: 'float32' },
    );
    const [most, at] = F.adaptiveMaxPool2d(x, 400, true);
    expect(most.shape).toEqual([1, 1, 400, 400]);
    expect([most.sum().item(), at.select(-1, 399).unique().tolist()]).toEqual([400000, [1, 3]]);
    const [near, where] = F.adaptiveMaxPool2d(ng.arange(9, { dtype: 'float32' }).neg().view([1, 1, 3, 3]), 2, true);
    expect([near.flatten().tolist(), where.flatten().tolist()]).toEqual([
      [-0, -1, -3, -4],
      [0, 1, 3, 4],
    ]);
    expect(
      F.adaptiveAvgPool1d(ng.ones(1, 1, 5), 300000)
        .sum()
        .item(),
    ).toBe(300000);
    expect(ng.combinations(ng.arange(5), { r: 3 }).shape).toEqual([10, 3]);
    expect(ng.combinations(ng.arange(5), { r: 3, withReplacement: true }).shape).toEqual([35, 3]);
    expect(ng.combinations(ng.arange(3), { r: 5 }).count).toBe(0);
  });
});

describe('memory that is gone', () => {
  const gone = /detached|freed|shorter|reaches outside its ArrayBuffer/;

  it('a detached array is not an empty one', () => {
    const array = new Float32Array([1, 2]);
    structuredClone(array.buffer, { transfer: [array.buffer] });
    for (const make of [
      () => tensor(array),
      () => tensor([array]),
      () => ng.fromTypedArray(array),
      () => ng.asTensor(array),
    ])
      expect(make).toThrow(gone);
    expect(tensor(new Float32Array(0)).shape).toEqual([0]);
  });

  it('a resizable buffer that shrinks under a tensor', () => {
    const Resizable = ArrayBuffer as unknown as new (
      bytes: number,
      options: { maxByteLength: number },
    ) => ArrayBuffer & { resize(bytes: number): void };
    const buffer = new Resizable(64, { maxByteLength: 128 });
    const x = ng.fromTypedArray(new Float32Array(buffer, 0, 16));
    expect(x.add(1).sum().item()).toBe(16);
    buffer.resize(128);
    expect(x.add(1).sum().item()).toBe(16);
    buffer.resize(16);
    for (const use of [() => x.add(1), () => x.sum(), () => x.tolist(), () => x.fill_(1), () => x.select(0, 12).item()])
      expect(use).toThrow(gone);
    expect(() => tensor(new Float32Array(buffer).subarray(0, 4))).not.toThrow();
  });
});

describe('schedules that would divide by 0', () => {
  const { lrScheduler, SGD } = ng.optim;
  const make = (): InstanceType<typeof SGD> =>
    new SGD([ng.ones(1, { requiresGrad: true })], { lr: 0.1, momentum: 0.9 });
  it.each([
    ['CosineAnnealingLR', () => new lrScheduler.CosineAnnealingLR(make(), 0)],
    ['CosineAnnealingWarmRestarts', () => new lrScheduler.CosineAnnealingWarmRestarts(make(), 0)],
    ['CyclicLR', () => new lrScheduler.CyclicLR(make(), { baseLr: 0.1, maxLr: 0.2, stepSizeUp: 0 })],
    ['OneCycleLR', () => new lrScheduler.OneCycleLR(make(), 0.1, { totalSteps: 0 })],
    ['StepLR', () => new lrScheduler.StepLR(make(), 0)],
  ] as const)('%s', (name, run) => {
    expect(run).toThrow(RangeError);
    expect(run).toThrow(new RegExp(`^${name}: `));
  });
});

describe('gridSample at positions that are not finite, as PyTorch', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  const places = [
    [nan, 0],
    [0, nan],
    [nan, nan],
    [inf, 0],
    [-inf, 0],
    [0, inf],
    [0, -inf],
    [1e30, 0],
  ];
  const image = of([1, 2, 3, 4, 5, 6], 'float32').view([1, 1, 2, 3]);
  it.each([
    ['bilinear', 'zeros', [nan, nan, nan, nan, nan, nan, nan, 0]],
    ['bilinear', 'border', [2.5, 2, 1, 4.5, 2.5, 5, 2, 4.5]],
    ['bilinear', 'reflection', [2.5, 2, 1, 2.5, 2.5, 2, 2, 2.5]],
    ['nearest', 'zeros', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['nearest', 'border', [1, 2, 1, 3, 1, 5, 2, 3]],
    ['nearest', 'reflection', [1, 2, 1, 1, 1, 2, 2, 1]],
    ['bicubic', 'border', [nan, nan, nan, nan, nan, nan, nan, 4.5]],
  ] as const)('%s, %s', (mode, paddingMode, expected) => {
    const grid = tensor(places, { dtype: 'float32' }).view([1, 1, 8, 2]);
    for (const alignCorners of [false, true]) {
      const got = ng.nn.functional.gridSample(image, grid, { mode, paddingMode, alignCorners });
      expect(got.flatten().tolist()).toEqual(expected);
    }
  });

  it.each([
    ['bilinear', 'zeros', [0, 0, 0, 0]],
    ['bilinear', 'border', [6.5, 6.5, 4.5, 10]],
    ['bilinear', 'reflection', [6.5, 6.5, 6.5, 10]],
    ['nearest', 'zeros', [0, 0, 0, 0]],
  ] as const)('%s, %s, in a volume', (mode, paddingMode, expected) => {
    const volume = ng.arange(12, { dtype: 'float32' }).view([1, 1, 2, 2, 3]);
    const grid = tensor(
      [
        [nan, 0, 0],
        [inf, 0, 0],
        [-inf, 0, 0],
        [0, nan, inf],
      ],
      { dtype: 'float32' },
    );
    const got = ng.nn.functional.gridSample(volume, grid.view([1, 1, 1, 4, 3]), { mode, paddingMode });
    expect(got.flatten().tolist()).toEqual(expected);
  });
});
