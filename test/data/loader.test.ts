import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest';
import * as ng from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'nodegrad-loader-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const { DataLoader, Dataset, IterableDataset, Subset, TensorDataset } = ng.data;

class Squares extends Dataset<number> {
  constructor(readonly n = 10) {
    super();
  }
  override get length(): number {
    return this.n;
  }
  override getItem(i: number): number {
    return i * i;
  }
}

class Count extends IterableDataset<number> {
  constructor(readonly n: number) {
    super();
  }
  override *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.n; i++) yield i;
  }
}

const lists = (loader: Iterable<unknown>): unknown[] => Array.from(loader, (batch) => (batch as ng.Tensor).tolist());

describe('DataLoader', () => {
  test('makes batches in order, the last one short or dropped', () => {
    const set = new Squares();
    expect(lists(new DataLoader(set, { batchSize: 4 }))).toEqual([
      [0, 1, 4, 9],
      [16, 25, 36, 49],
      [64, 81],
    ]);
    const loader = new DataLoader(set, { batchSize: 4, dropLast: true });
    expect(lists(loader)).toEqual([
      [0, 1, 4, 9],
      [16, 25, 36, 49],
    ]);
    expect(loader.length).toBe(2);
    expect(new DataLoader(set, { batchSize: 4 }).length).toBe(3);
  });

  test('gives samples one by one with batchSize null', () => {
    expect([...new DataLoader(new Squares(3), { batchSize: null })]).toEqual([0, 1, 4]);
    expect([...new DataLoader(new Count(3), { batchSize: null })]).toEqual([0, 1, 2]);
  });

  test('takes iterable data sets', () => {
    expect(lists(new DataLoader(new Count(5), { batchSize: 2 }))).toEqual([[0, 1], [2, 3], [4]]);
    expect(lists(new DataLoader(new Count(5), { batchSize: 2, dropLast: true }))).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(() => new DataLoader(new Count(5)).length).toThrow(/an IterableDataset has no length/);
  });

  test('shuffles as PyTorch does, anew each epoch', () => {
    ng.manualSeed(0);
    const loader = new DataLoader(new TensorDataset(ng.arange(10)), { batchSize: 10, shuffle: true });
    const epochs = [[...loader], [...loader]].map((batches) => (batches as ng.Tensor[][])[0]![0]!.tolist());
    // list(DataLoader(TensorDataset(torch.arange(10)), 10, shuffle=True)) twice, after torch.manual_seed(0)
    expect(epochs).toEqual([
      [6, 7, 1, 4, 2, 0, 9, 8, 3, 5],
      [2, 4, 7, 0, 8, 9, 5, 3, 6, 1],
    ]);
  });

  test('awaits samples that are promises', async () => {
    class Slow extends Dataset<Promise<number>> {
      override get length(): number {
        return 3;
      }
      override getItem(i: number): Promise<number> {
        return new Promise((resolve) => setTimeout(() => resolve(i), 3 - i));
      }
    }
    const batches: unknown[] = [];
    for await (const batch of new DataLoader(new Slow(), { batchSize: 2 })) batches.push((batch as ng.Tensor).tolist());
    expect(batches).toEqual([[0, 1], [2]]);
    expect(() => [...new DataLoader(new Slow())]).toThrow(/getItem returned a promise; iterate with for await/);
  });

  test('uses the given sampler, batch sampler and collate function', () => {
    const set = new Squares();
    expect(lists(new DataLoader(set, { sampler: [3, 1], batchSize: 2 }))).toEqual([[9, 1]]);
    expect(lists(new DataLoader(set, { batchSampler: [[1], [2, 3]] }))).toEqual([[1], [4, 9]]);
    const collateFn = (samples: number[]): number => samples.reduce((a, b) => a + b, 0);
    expect([...new DataLoader(set, { batchSize: 5, collateFn })]).toEqual([30, 255]);
  });

  test.each([
    [{ batchSize: 0 }, /batchSize should be a positive integer value, but got 0/],
    [{ batchSize: 1.5 }, /batchSize should be a positive integer value/],
    [{ sampler: [1], shuffle: true }, /sampler option is mutually exclusive with shuffle/],
    [{ batchSampler: [[1]], batchSize: 2 }, /batchSampler option is mutually exclusive/],
    [{ batchSize: null, dropLast: true }, /mutually exclusive with dropLast/],
    [{ numWorkers: -1 }, /numWorkers must be a whole number/],
    [{ numWorkers: 1 }, /a Squares object cannot go to a worker thread/],
  ])('refuses %o', (options, message) => {
    expect(() => new DataLoader(new Squares(), options)).toThrow(message);
  });

  test('refuses options that it does not know', () => {
    const misspelt = { batchsize: 1 } as object;
    expect(() => new DataLoader(new Squares(), misspelt)).toThrow(
      /^DataLoader: there is no argument "batchsize"; it takes batchSize, shuffle, /,
    );
  });

  test.each([
    [{ length: 3 }, /^DataLoader: the data set is Object, without getItem; .*get length\(\) and getItem\(i\)/],
    [{ getItem: (i: number) => i }, /^DataLoader: the data set is Object, without length;/],
    [null, /^DataLoader: the data set is null, without getItem/],
    [{ length: Number.NaN, getItem: (i: number) => i }, /length must be a whole number ≥ 0, but is number NaN/],
  ])('refuses what is no data set: %o', (dataset, message) => {
    expect(() => new DataLoader(dataset as never)).toThrow(message);
  });

  test('asks no length of a data set with a sampler', () => {
    const dataset = { getItem: (i: number) => i * 2 } as unknown as ng.data.Dataset<number>;
    expect(lists(new DataLoader(dataset, { sampler: [1, 2], batchSize: 2 }))).toEqual([[2, 4]]);
  });

  test('refuses an order for data without indices', () => {
    expect(() => new DataLoader(new Count(3), { shuffle: true })).toThrow(/an IterableDataset has no indices/);
  });
});

describe('batches of tensor data sets', () => {
  const dtypes = [
    'float32',
    'float64',
    'float16',
    'bfloat16',
    'int64',
    'int32',
    'int16',
    'int8',
    'uint8',
    'bool',
  ] as const;
  const tensors = [
    ...dtypes.map((dtype) => ng.arange(24).reshape(6, 4).remainder(5).to(dtype)),
    ng.arange(6).mul(0.5),
    ng.arange(24).reshape(4, 6).t(),
    ng.ones(1, 3).expand(6, 3),
    ng.zeros(6, 0),
    ng.arange(48).reshape(6, 2, 2, 2),
  ];
  const set = new TensorDataset(...tensors);

  test.each([
    ['TensorDataset', set, [4, 0, 5, 5, -1]],
    ['Subset', new Subset(new Subset(set, [5, 3, 1, 0]), [3, 2, 0]), [2, 0, 1, -1]],
  ])('%s: the same as sample by sample', (_, dataset, indices) => {
    const fast = dataset.getBatch(indices) as ng.Tensor[];
    const slow = ng.data.defaultCollate(indices.map((i) => dataset.getItem(i))) as ng.Tensor[];
    expect(fast.length).toBe(slow.length);
    for (const [i, x] of fast.entries()) {
      expect([x.dtype, x.shape, x.stride(), x.tolist()]).toEqual([
        slow[i]!.dtype,
        slow[i]!.shape,
        slow[i]!.stride(),
        slow[i]!.tolist(),
      ]);
      expect(x.isContiguous()).toBe(true);
      expect(x.storage).not.toBe(tensors[i]!.storage);
    }
  });

  test('are made by a subclass’s own getItem', () => {
    class Twice extends TensorDataset {
      override getItem(i: number): ng.Tensor[] {
        return super.getItem(i).map((x) => x.mul(2));
      }
    }
    const [batch] = [...new DataLoader(new Twice(ng.arange(3)), { batchSize: 3 })] as ng.Tensor[][];
    expect(batch![0]!.tolist()).toEqual([0, 2, 4]);
    const subset = new Subset(new Twice(ng.arange(3)), [2, 1]);
    expect(([...new DataLoader(subset, { batchSize: 2 })] as ng.Tensor[][])[0]![0]!.tolist()).toEqual([4, 2]);
  });

  test('keep gradients', () => {
    const x = ng.ones(4, 2, { requiresGrad: true });
    const [[batch]] = [...new DataLoader(new TensorDataset(x), { batchSize: 2 })] as [[ng.Tensor], [ng.Tensor]];
    expect(String(batch.gradFn)).toContain('StackBackward0');
    batch.sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [1, 1],
      [1, 1],
      [0, 0],
      [0, 0],
    ]);
  });

  test('refuse an index outside', () => {
    const loader = new DataLoader(new TensorDataset(ng.arange(3)), { sampler: [0, 3], batchSize: 2 });
    expect(() => [...loader]).toThrow(/TensorDataset: index 3 is out of range for 3 samples/);
  });
});

describe('a loader that goes on where another stood', () => {
  const data = new TensorDataset(ng.arange(23));
  const makers: [string, () => ng.data.DataLoader][] = [
    ['shuffled', () => new DataLoader(data, { batchSize: 4, shuffle: true })],
    [
      'shuffled by its own generator',
      () => new DataLoader(data, { batchSize: 4, shuffle: true, generator: new ng.Generator().manualSeed(5) }),
    ],
    ['in order', () => new DataLoader(data, { batchSize: 4 })],
    [
      'with replacement, by the sampler’s generator',
      () =>
        new DataLoader(data, {
          batchSize: 4,
          sampler: new ng.data.RandomSampler(data, {
            replacement: true,
            numSamples: 70,
            generator: new ng.Generator().manualSeed(3),
          }),
        }),
    ],
    ['iterable', () => new DataLoader(new Count(23), { batchSize: 4 })],
  ];

  /** Epochs of batches, with a random number drawn at each, as dropout does. */
  const run = (loader: ng.data.DataLoader, epochs: number, at?: (step: number) => void): unknown[] => {
    const seen: unknown[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
      for (const batch of loader) {
        seen.push([((Array.isArray(batch) ? batch[0] : batch) as ng.Tensor).tolist(), ng.rand(1).item()]);
        at?.(seen.length);
      }
    }
    return seen;
  };

  test.each(makers)('%s: any step of two epochs', async (_, make) => {
    ng.manualSeed(11);
    const saved: { loader: ng.data.DataLoaderState; rng: ng.Tensor }[] = [];
    const first = make();
    const whole = run(first, 3, () => saved.push({ loader: first.stateDict(), rng: ng.getRngState() }));
    const perEpoch = whole.length / 3;
    for (const step of [1, 3, perEpoch - 1, perEpoch, perEpoch + 2]) {
      await ng.save(saved[step - 1], join(folder, 'state.pt'));
      const state = await ng.load<(typeof saved)[number]>(join(folder, 'state.pt'));
      ng.manualSeed(999);
      const second = make();
      ng.setRngState(state.rng);
      second.loadStateDict(state.loader);
      // A state that was loaded but not yet used can be saved again.
      expect(second.stateDict().position).toBe(state.loader.position);
      const epochs = 3 - Math.floor((step - 1) / perEpoch);
      expect(run(second, epochs)).toEqual(whole.slice(step));
    }
  });

  test('after a break too', () => {
    ng.manualSeed(4);
    const loader = makers[0]![1]();
    for (const _ of loader) break;
    const state = loader.stateDict();
    const rng = ng.getRngState();
    expect(state.position).toBe(1);
    const again = makers[0]![1]();
    again.loadStateDict(state);
    ng.setRngState(rng);
    expect(run(again, 1).length).toBe(5);
    expect(again.stateDict().position).toBe(0);
  });

  test('refuses what is no such state', () => {
    const loader = makers[0]![1]();
    const state = loader.stateDict();
    for (const [wrong, message] of [
      [null, /loadStateDict: the state is/],
      [{ ...state, position: -1 }, /position is -1/],
      [{ ...state, position: 1 }, /epochStates has 0 generator states, but this loader has 1 generators/],
      [{ ...state, generatorStates: [] }, /generatorStates has 0/],
      [{ ...state, generatorStates: [ng.ones(3)] }, /a generator's state is a uint8 tensor/],
      [{ ...state, generatorStates: [ng.zeros(3, { dtype: 'uint8' })] }, /5056 bytes/],
    ] as const)
      expect(() => loader.loadStateDict(wrong as never)).toThrow(message);
  });
});

describe('the types of batches', () => {
  test('follow the samples', async () => {
    const pairs = new DataLoader(new TensorDataset(ng.ones(3, 2), ng.arange(3)), { batchSize: 3 });
    for (const [x, y] of pairs) {
      expectTypeOf(x).toEqualTypeOf<ng.Tensor>();
      expect([x.shape, y.tolist()]).toEqual([
        [3, 2],
        [0, 1, 2],
      ]);
    }
    expectTypeOf<ng.data.Collated<{ x: number; name: string; sizes: [boolean, bigint] }>>().toEqualTypeOf<{
      x: ng.Tensor;
      name: string[];
      sizes: [ng.Tensor, ng.Tensor];
    }>();
    for (const value of new DataLoader(new Squares(2), { batchSize: null }))
      expectTypeOf(value).toEqualTypeOf<number>();
    const sums = new DataLoader(new Squares(4), { batchSize: 2, collateFn: (samples) => samples.map((n) => n + 1) });
    const seen: number[][] = [];
    for await (const list of sums) seen.push(list);
    expect(seen).toEqual([
      [1, 2],
      [5, 10],
    ]);
  });
});
