import { beforeEach, describe, expect, test } from 'vitest';
import * as ng from '../../src/index.js';

const { data } = ng;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const seeded = (): ng.Generator => new ng.Generator().manualSeed(7);
beforeEach(() => void ng.manualSeed(3));

// The orders that torch.utils.data of PyTorch 1.13 gives from the same seeds.
describe('samplers draw what PyTorch draws', () => {
  test('SequentialSampler', () => {
    expect([...new data.SequentialSampler(range(4))]).toEqual([0, 1, 2, 3]);
  });

  test('RandomSampler', () => {
    const sampler = new data.RandomSampler(range(8));
    expect([...sampler]).toEqual([7, 0, 5, 4, 6, 1, 3, 2]);
    expect([...sampler]).toEqual([2, 1, 6, 5, 0, 4, 3, 7]);
    expect([...new data.RandomSampler(range(8), { generator: seeded() })]).toEqual([7, 0, 3, 4, 1, 5, 2, 6]);
    const many = new data.RandomSampler(range(5), { numSamples: 12, generator: seeded() });
    expect(many.length).toBe(12);
    expect([...many]).toEqual([0, 1, 3, 2, 4, 3, 4, 1, 2, 0, 3, 2]);
  });

  test('RandomSampler with replacement', () => {
    expect([...new data.RandomSampler(range(5), true, null, seeded())]).toEqual([0, 2, 1, 1, 3]);
    const many = new data.RandomSampler(range(100), { replacement: true, numSamples: 40, generator: seeded() });
    expect([...many]).toEqual([
      15, 92, 21, 86, 83, 47, 87, 79, 88, 61, 58, 31, 8, 17, 62, 30, 66, 72, 83, 18, 96, 40, 95, 51, 8, 68, 43, 27, 30,
      78, 51, 40, 16, 63, 5, 76, 16, 27, 65, 60,
    ]);
    expect([...new data.RandomSampler(range(9), true, 6)]).toEqual([4, 6, 6, 5, 8, 8]);
  });

  test('SubsetRandomSampler', () => {
    const indices = [10, 20, 30, 40, 50];
    expect([...new data.SubsetRandomSampler(indices, seeded())]).toEqual([10, 20, 40, 30, 50]);
    expect([...new data.SubsetRandomSampler(indices, { generator: seeded() })]).toEqual([10, 20, 40, 30, 50]);
    const sampler = new data.SubsetRandomSampler(indices);
    expect([[...sampler], sampler.length]).toEqual([[20, 10, 40, 50, 30], 5]);
  });

  test('WeightedRandomSampler', () => {
    const weights = [0.1, 0.9, 0.4, 0.7, 3, 0.6];
    expect([...new data.WeightedRandomSampler(weights, 5, { generator: seeded() })]).toEqual([3, 3, 4, 4, 5]);
    expect([...new data.WeightedRandomSampler(ng.tensor(weights, { dtype: 'float64' }), 5, false, seeded())]).toEqual([
      1, 4, 3, 5, 0,
    ]);
    expect([...new data.WeightedRandomSampler([0, 0, 1], { numSamples: 4 })]).toEqual([2, 2, 2, 2]);
  });

  test('BatchSampler', () => {
    const sampler = new data.SequentialSampler(range(7));
    const whole = new data.BatchSampler(sampler, 3, false);
    expect([[...whole], whole.length]).toEqual([[[0, 1, 2], [3, 4, 5], [6]], 3]);
    const cut = new data.BatchSampler(sampler, { batchSize: 3, dropLast: true });
    expect([[...cut], cut.length]).toEqual([
      [
        [0, 1, 2],
        [3, 4, 5],
      ],
      2,
    ]);
  });

  test('DistributedSampler', () => {
    const shares = (n: number, options: { shuffle?: boolean; seed?: number; dropLast?: boolean }, epoch = 0): unknown =>
      range(3).map((rank) => {
        const sampler = new data.DistributedSampler(range(n), { numReplicas: 3, rank, ...options });
        sampler.setEpoch(epoch);
        const share = [...sampler];
        expect(share.length).toBe(sampler.length);
        return share;
      });
    expect(shares(10, { shuffle: false })).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7, 0],
      [2, 5, 8, 1],
    ]);
    expect(shares(2, { shuffle: false })).toEqual([[0], [1], [0]]);
    expect(shares(10, { seed: 5 })).toEqual([
      [1, 6, 0, 7],
      [4, 3, 2, 1],
      [9, 5, 8, 4],
    ]);
    expect(shares(10, { seed: 5 }, 2)).toEqual([
      [5, 4, 9, 2],
      [0, 1, 6, 5],
      [3, 7, 8, 0],
    ]);
    expect(shares(7, { dropLast: true })).toEqual([
      [4, 3],
      [0, 2],
      [5, 6],
    ]);
    expect(shares(2, { dropLast: true })).toEqual([[], [], []]);
  });

  test('the loader draws a base seed before them', () => {
    const set = new data.TensorDataset(ng.arange(10));
    const lists = (options: ng.data.DataLoaderOptions<[ng.Tensor], number, [ng.Tensor]>): unknown[] =>
      Array.from(new data.DataLoader(set, { batchSize: 4, ...options }), ([x]) => x.tolist());
    expect(lists({ shuffle: true })).toEqual([
      [6, 2, 0, 1],
      [8, 3, 5, 4],
      [7, 9],
    ]);
    ng.manualSeed(3);
    expect(lists({ sampler: new data.RandomSampler(set, { replacement: true }) })).toEqual([
      [6, 3, 8, 7],
      [2, 6, 8, 0],
      [2, 9],
    ]);
    ng.manualSeed(3);
    expect(lists({ batchSize: 3, sampler: new data.WeightedRandomSampler([1, 2, 3, 4], 6) })).toEqual([
      [1, 3, 1],
      [3, 3, 1],
    ]);
    // A generator of its own leaves the default one alone.
    ng.manualSeed(3);
    const six = new data.TensorDataset(ng.arange(6));
    const own = new data.DataLoader(six, { batchSize: 3, shuffle: true, generator: seeded() });
    expect(Array.from(own, ([x]) => x.tolist())).toEqual([
      [1, 2, 5],
      [3, 0, 4],
    ]);
    expect(ng.rand(1).item()).toBeCloseTo(0.004263520240783691, 12);
  });
});

test.each<[() => unknown, RegExp]>([
  [() => new data.RandomSampler(range(3), { numSamples: 0 }), /num_samples should be a positive integer value/],
  [() => new data.RandomSampler(range(3), 1 as never), /replacement should be a boolean value/],
  [() => new data.RandomSampler(range(3), { amount: 3 } as never), /there is no argument "amount"/],
  [
    () => new data.WeightedRandomSampler([1], 0),
    /num_samples should be a positive integer value, but got num_samples=0/,
  ],
  [() => new data.WeightedRandomSampler(ng.ones(2, 2), 1), /weights should be a 1d sequence .* shape \[2, 2\]/],
  [() => [...new data.WeightedRandomSampler([1, 2], 3, false)], /cannot sample n_sample \(3\) > prob_dist.size\(-1\)/],
  [
    () => [...new data.WeightedRandomSampler([-1, 2], 3)],
    /weights must be finite and not negative, but weights\[0\] is -1/,
  ],
  [() => new data.BatchSampler([1], 0, false), /batch_size should be a positive integer value, but got batch_size=0/],
  [() => new data.BatchSampler([1], 2, 1 as never), /drop_last should be a boolean value/],
  [() => new data.DistributedSampler(range(3), 2, 2), /Invalid rank 2, rank should be in the interval \[0, 1\]/],
  [() => new data.WeightedRandomSampler([1, Number.NaN], 3), /but weights\[1\] is NaN/],
  [() => new data.DistributedSampler(range(3), 0, 0), /numReplicas is 0/],
])('%s is refused', (make, message) => {
  expect(make).toThrow(message);
});

describe('randomSplit', () => {
  const indices = (parts: readonly ng.data.Subset<unknown>[]): unknown => parts.map((part) => part.indices);
  const set = (n: number): ng.data.Dataset<[ng.Tensor]> => new data.TensorDataset(ng.arange(n));

  test('takes lengths and fractions', () => {
    expect(indices(data.randomSplit(set(10), [0.3, 0.3, 0.4], { generator: seeded() }))).toEqual([
      [5, 0, 3],
      [4, 1, 7],
      [9, 6, 8, 2],
    ]);
    const [first, second] = data.randomSplit(set(7), [3, 4], seeded());
    expect(indices([first, second])).toEqual([
      [5, 0, 3],
      [1, 2, 6, 4],
    ]);
    expect(first.getItem(0)[0].item()).toBe(5);
  });

  test('gives what fractions leave over to the first parts', () => {
    const sizes = (n: number, fractions: number[]): number[] =>
      data.randomSplit(set(n), fractions).map((part) => part.length);
    expect(sizes(11, [0.3, 0.3, 0.4])).toEqual([4, 3, 4]);
    expect(sizes(10, [1 / 3, 1 / 3, 1 / 3])).toEqual([4, 3, 3]);
    expect(sizes(2, [0.1, 0.1, 0.8])).toEqual([1, 0, 1]);
  });

  test('refuses lengths that do not add up', () => {
    expect(() => data.randomSplit(set(5), [2, 2])).toThrow(/Sum of input lengths \(4\) does not equal .* \(5\)/);
    expect(() => data.randomSplit(set(5), [0.5, 0.4])).toThrow(/Sum of input lengths/);
    expect(() => data.randomSplit(set(5), [1.5, -0.5])).toThrow(/a fraction of \[1.5, -0.5\] is not between 0 and 1/);
  });
});
