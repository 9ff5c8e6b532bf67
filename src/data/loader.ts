import { randomSeed } from '../creation/random.js';
import { rangeError, stateError, typeError } from '../errors.js';
import type { Generator } from '../random/generator.js';
import { type Collate, defaultCollate, defaultConvert } from './collate.js';
import { type Dataset, IterableDataset } from './dataset.js';
import { collateOf, toRecipe } from './module.js';
import { BatchSampler, RandomSampler, SequentialSampler } from './sampler.js';
import { fetchInOrder } from './workers.js';

type IndexSampler = Iterable<number> & { readonly length: number };

export interface DataLoaderOptions {
  /** null: samples one by one, not in batches. */
  batchSize?: number | null;
  shuffle?: boolean;
  sampler?: IndexSampler | null;
  batchSampler?: (Iterable<number[]> & { readonly length: number }) | null;
  collateFn?: Collate | null;
  dropLast?: boolean;
  generator?: Generator | null;
  /** Threads that fetch samples; 0: this one does. With workers, iterate with `for await`. */
  numWorkers?: number;
  /** Batches that each worker fetches ahead. */
  prefetchFactor?: number;
  /** Stops the workers. */
  signal?: AbortSignal | null;
}

/**
 * Batches of a data set, in a new order each epoch when shuffled. Iterate it with `for`, or `for await`.
 * https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 */
export class DataLoader<T = unknown> {
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly sampler: IndexSampler | null;
  readonly batchSampler: (Iterable<number[]> & { readonly length: number }) | null;
  readonly collateFn: Collate;
  readonly generator: Generator | null;
  readonly numWorkers: number;
  readonly prefetchFactor: number;
  readonly #signal: AbortSignal | null;

  constructor(
    readonly dataset: Dataset<T> | IterableDataset<T>,
    options: DataLoaderOptions = {},
  ) {
    const {
      shuffle = false,
      sampler = null,
      batchSampler = null,
      dropLast = false,
      collateFn = null,
      generator = null,
    } = options;
    const batchSize = options.batchSize === undefined ? 1 : options.batchSize;
    const isIterable = dataset instanceof IterableDataset;
    if (isIterable && (shuffle || sampler !== null || batchSampler !== null)) {
      throw rangeError(
        'DataLoader: an IterableDataset has no indices, so shuffle, sampler and batchSampler do not go with it.',
      );
    }
    if (sampler !== null && shuffle) throw rangeError('DataLoader: sampler option is mutually exclusive with shuffle.');
    if (batchSampler !== null && (options.batchSize !== undefined || shuffle || sampler !== null || dropLast)) {
      throw rangeError(
        'DataLoader: batchSampler option is mutually exclusive with batchSize, shuffle, sampler, and dropLast.',
      );
    }
    if (batchSize === null && dropLast)
      throw rangeError('DataLoader: batchSize: null disables auto-batching and is mutually exclusive with dropLast.');
    this.batchSize = batchSampler === null ? batchSize : null;
    this.dropLast = dropLast;
    this.generator = generator;
    this.numWorkers = options.numWorkers ?? 0;
    this.prefetchFactor = options.prefetchFactor ?? 2;
    this.#signal = options.signal ?? null;
    for (const [name, value] of [
      ['numWorkers', this.numWorkers],
      ['prefetchFactor', this.prefetchFactor],
    ] as const) {
      if (!Number.isInteger(value) || value < 0)
        throw rangeError(`DataLoader: ${name} must be a whole number ≥ 0, but is ${value}.`);
    }
    if (this.numWorkers > 0) {
      if (collateFn !== null) {
        throw typeError(
          'DataLoader: a collateFn cannot go to worker threads; export it as collateFn from the module given to data.fromModule, or use numWorkers: 0.',
        );
      }
      toRecipe(dataset);
    }
    this.sampler = isIterable
      ? null
      : (sampler ?? (shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset)));
    this.batchSampler =
      batchSampler ??
      (this.sampler === null || batchSize === null ? null : new BatchSampler(this.sampler, batchSize, dropLast));
    if (batchSize !== null && batchSampler === null && !(Number.isInteger(batchSize) && batchSize > 0)) {
      throw rangeError(`DataLoader: batchSize should be a positive integer value, but got ${batchSize}.`);
    }
    this.collateFn =
      collateFn ??
      collateOf(dataset) ??
      ((this.batchSampler === null && batchSize === null ? defaultConvert : defaultCollate) as Collate);
  }

  /** How many batches an epoch has. */
  get length(): number {
    if (this.batchSampler !== null) return this.batchSampler.length;
    if (this.sampler !== null) return this.sampler.length;
    throw typeError('DataLoader: an IterableDataset has no length.');
  }

  /** The lists of samples of an epoch. PyTorch draws a base seed for its workers first, and so do we. */
  *#batches(): IterableIterator<T | T[]> {
    randomSeed(this.generator);
    const { dataset } = this;
    if (dataset instanceof IterableDataset) {
      let batch: T[] = [];
      for (const sample of { [Symbol.iterator]: () => dataset[Symbol.iterator]() }) {
        if (this.batchSize === null) {
          yield sample;
          continue;
        }
        batch.push(sample);
        if (batch.length === this.batchSize) {
          yield batch;
          batch = [];
        }
      }
      if (batch.length > 0 && !this.dropLast) yield batch;
      return;
    }
    if (this.batchSampler !== null)
      for (const indices of this.batchSampler) yield indices.map((i) => dataset.getItem(i));
    else for (const index of this.sampler!) yield dataset.getItem(index);
  }

  *[Symbol.iterator](): IterableIterator<unknown> {
    if (this.numWorkers > 0)
      throw typeError('DataLoader: worker threads need time to answer; iterate with for await, or use numWorkers: 0.');
    for (const batch of this.#batches()) {
      const samples: readonly unknown[] = Array.isArray(batch) ? batch : [batch];
      if (samples.some((x) => x instanceof Promise)) {
        throw stateError('DataLoader: getItem returned a promise; iterate with for await.');
      }
      yield this.collateFn(batch as never[]);
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    if (this.numWorkers > 0) {
      const { numWorkers, prefetchFactor, batchSize, dropLast } = this;
      const seed = randomSeed(this.generator);
      const options = {
        recipe: toRecipe(this.dataset),
        numWorkers,
        prefetchFactor,
        batchSize,
        dropLast,
        seed,
        signal: this.#signal,
      };
      yield* fetchInOrder(this.batchSampler ?? this.sampler, options);
      return;
    }
    for (const batch of this.#batches()) {
      yield this.collateFn((Array.isArray(batch) ? await Promise.all(batch) : await batch) as never[]);
    }
  }
}
