import { rangeError, typeError } from '../errors.js';
import { checkOptions, isOptions } from '../ops/options.js';
import type { Generator } from '../random/generator.js';
import { describe } from '../shape.js';
import { IterableDataset } from './dataset.js';
import { toRecipe } from './module.js';

/** Indices in the order in which they are to be fetched. */
export type IndexSampler = Iterable<number> & { readonly length: number };

/** PyTorch's arguments of a DataLoader. https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader */
export interface DataLoaderOptions<T = never, S extends number | null = number | null, B = unknown> {
  /** null: samples one by one, not in batches. */
  batchSize?: S;
  shuffle?: boolean;
  sampler?: IndexSampler | null;
  batchSampler?: (Iterable<number[]> & { readonly length: number }) | null;
  /** Makes a batch of a list of samples. */
  collateFn?: ((samples: Awaited<T>[]) => B) | null;
  dropLast?: boolean;
  generator?: Generator | null;
  /** Threads that fetch samples; 0: this one does. With workers, iterate with `for await`. */
  numWorkers?: number;
  /** Batches that each worker fetches ahead. */
  prefetchFactor?: number;
  /** Stops the workers. */
  signal?: AbortSignal | null;
}

const OPTIONS = [
  'batchSize',
  'shuffle',
  'sampler',
  'batchSampler',
  'collateFn',
  'dropLast',
  'generator',
  'numWorkers',
  'prefetchFactor',
  'signal',
] as const;

/** @param isCounted whether the loader asks the data set for its length */
function checkMapDataset(dataset: unknown, isCounted: boolean): void {
  const { getItem, length } = (dataset ?? {}) as { getItem?: unknown; length?: unknown };
  if (typeof getItem !== 'function' || (isCounted && length === undefined)) {
    throw typeError(
      `DataLoader: the data set is ${describe(dataset)}, without ${typeof getItem === 'function' ? 'length' : 'getItem'}; extend data.Dataset with get length() and getItem(i), or data.IterableDataset with an iterator.`,
    );
  }
  if (isCounted && !(Number.isSafeInteger(length) && (length as number) >= 0))
    throw rangeError(`DataLoader: the data set's length must be a whole number ≥ 0, but is ${describe(length)}.`);
}

/** Refuses options that are unknown, or that do not go with each other or with the data set. */
export function checkLoaderOptions<T, S extends number | null, B>(
  dataset: object,
  options: DataLoaderOptions<T, S, B>,
): void {
  if (!isOptions(options as unknown))
    throw typeError(`DataLoader: the options are ${describe(options)}; give an object: { batchSize: 32 }.`);
  checkOptions('DataLoader', OPTIONS, options);
  checkBatches(dataset, options);
  checkWorkers(dataset, options);
}

function checkBatches<T, S extends number | null, B>(dataset: unknown, options: DataLoaderOptions<T, S, B>): void {
  const { shuffle = false, sampler = null, batchSampler = null, dropLast = false } = options;
  const batchSize: number | null = options.batchSize === undefined ? 1 : options.batchSize;
  const isIterable = dataset instanceof IterableDataset;
  if (isIterable && (shuffle || sampler !== null || batchSampler !== null)) {
    throw rangeError(
      'DataLoader: an IterableDataset has no indices, so shuffle, sampler and batchSampler do not go with it.',
    );
  }
  if (!isIterable) checkMapDataset(dataset, sampler === null && batchSampler === null);
  if (sampler !== null && shuffle) throw rangeError('DataLoader: sampler option is mutually exclusive with shuffle.');
  if (batchSampler !== null && (options.batchSize !== undefined || shuffle || sampler !== null || dropLast)) {
    throw rangeError(
      'DataLoader: batchSampler option is mutually exclusive with batchSize, shuffle, sampler, and dropLast.',
    );
  }
  if (batchSize === null && dropLast)
    throw rangeError('DataLoader: batchSize: null disables auto-batching and is mutually exclusive with dropLast.');
  if (batchSize !== null && batchSampler === null && !(Number.isInteger(batchSize) && batchSize > 0)) {
    throw rangeError(`DataLoader: batchSize should be a positive integer value, but got ${batchSize}.`);
  }
}

function checkWorkers<T, S extends number | null, B>(dataset: object, options: DataLoaderOptions<T, S, B>): void {
  const numWorkers = options.numWorkers ?? 0;
  const prefetchFactor = options.prefetchFactor ?? 2;
  for (const [name, value, least] of [
    ['numWorkers', numWorkers, 0],
    ['prefetchFactor', prefetchFactor, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least)
      throw rangeError(`DataLoader: ${name} must be a whole number ≥ ${least}, but is ${value}.`);
  }
  if (numWorkers > 0) {
    if (options.collateFn !== null && options.collateFn !== undefined) {
      throw typeError(
        'DataLoader: a collateFn cannot go to worker threads; export it as collateFn from the module given to data.fromModule, or use numWorkers: 0.',
      );
    }
    toRecipe(dataset);
  }
}
