import { randint, randomSeed } from '../creation/random.js';
import { tensor } from '../creation.js';
import { rangeError, typeError } from '../errors.js';
import { multinomial } from '../ops/random.js';
import { Generator } from '../random/generator.js';
import { permutation } from './permutation.js';

/** An order of indices; iterate it once an epoch. */
export abstract class Sampler<T = number> {
  abstract get length(): number;
  abstract [Symbol.iterator](): Iterator<T>;
}

interface Sized {
  readonly length: number;
}

/** 0, 1, 2, … */
export class SequentialSampler extends Sampler {
  constructor(readonly dataSource: Sized) {
    super();
  }

  override get length(): number {
    return this.dataSource.length;
  }

  override *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.dataSource.length; i++) yield i;
  }
}

export interface RandomSamplerOptions {
  replacement?: boolean;
  numSamples?: number | null;
  generator?: Generator | null;
}

/** A new random order each epoch, or draws with replacement. */
export class RandomSampler extends Sampler {
  constructor(
    readonly dataSource: Sized,
    readonly options: RandomSamplerOptions = {},
  ) {
    super();
    const { numSamples } = options;
    if (numSamples !== undefined && numSamples !== null && !(Number.isInteger(numSamples) && numSamples > 0)) {
      throw rangeError(
        `RandomSampler: num_samples should be a positive integer value, but got num_samples=${numSamples}.`,
      );
    }
  }

  override get length(): number {
    return this.options.numSamples ?? this.dataSource.length;
  }

  override *[Symbol.iterator](): Iterator<number> {
    const n = this.dataSource.length;
    const generator = this.options.generator ?? new Generator().manualSeed(randomSeed());
    let left = this.length;
    if (this.options.replacement) {
      for (; left > 0; left -= 32)
        yield* randint(n, [Math.min(left, 32)], { dtype: 'int64', generator }).tolist() as number[];
      return;
    }
    for (; left > 0; left -= n) yield* permutation(n, generator).slice(0, left);
  }
}

/** The given indices in a random order. */
export class SubsetRandomSampler extends Sampler {
  constructor(
    readonly indices: readonly number[],
    readonly options: { generator?: Generator | null } = {},
  ) {
    super();
  }

  override get length(): number {
    return this.indices.length;
  }

  override *[Symbol.iterator](): Iterator<number> {
    for (const i of permutation(this.indices.length, this.options.generator ?? undefined)) yield this.indices[i]!;
  }
}

/** Indices drawn with the given weights, which need not sum to 1. */
export class WeightedRandomSampler extends Sampler {
  constructor(
    readonly weights: readonly number[],
    readonly numSamples: number,
    readonly replacement = true,
    readonly options: { generator?: Generator | null } = {},
  ) {
    super();
    if (!Number.isInteger(numSamples) || numSamples <= 0)
      throw rangeError(
        `WeightedRandomSampler: num_samples should be a positive integer value, but got num_samples=${numSamples}.`,
      );
  }

  override get length(): number {
    return this.numSamples;
  }

  override *[Symbol.iterator](): Iterator<number> {
    const { generator } = this.options;
    const weights = tensor([...this.weights], { dtype: 'float64' });
    yield* multinomial(weights, this.numSamples, this.replacement, generator ? { generator } : {}).tolist() as number[];
  }
}

/** Lists of `batchSize` indices of another sampler. */
export class BatchSampler extends Sampler<number[]> {
  constructor(
    readonly sampler: Iterable<number> & Sized,
    readonly batchSize: number,
    readonly dropLast: boolean,
  ) {
    super();
    if (!Number.isInteger(batchSize) || batchSize <= 0)
      throw rangeError(`BatchSampler: batch_size should be a positive integer value, but got batch_size=${batchSize}.`);
    if (typeof dropLast !== 'boolean')
      throw typeError(`BatchSampler: drop_last should be a boolean value, but got drop_last=${String(dropLast)}.`);
  }

  override get length(): number {
    const batches = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  override *[Symbol.iterator](): Iterator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length === this.batchSize) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

export interface DistributedSamplerOptions {
  numReplicas: number;
  rank: number;
  shuffle?: boolean;
  seed?: number;
  dropLast?: boolean;
}

/** One process's share of a data set that several train on. Call `setEpoch` before each epoch. */
export class DistributedSampler extends Sampler {
  #epoch = 0;
  readonly numSamples: number;
  readonly totalSize: number;

  constructor(
    readonly dataset: Sized,
    readonly options: DistributedSamplerOptions,
  ) {
    super();
    const { numReplicas, rank, dropLast = false } = options;
    if (!Number.isInteger(rank) || rank >= numReplicas || rank < 0)
      throw rangeError(
        `DistributedSampler: Invalid rank ${rank}, rank should be in the interval [0, ${numReplicas - 1}].`,
      );
    const n = dataset.length;
    this.numSamples =
      dropLast && n % numReplicas !== 0 ? Math.ceil((n - numReplicas) / numReplicas) : Math.ceil(n / numReplicas);
    this.totalSize = this.numSamples * numReplicas;
  }

  setEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  override get length(): number {
    return this.numSamples;
  }

  override *[Symbol.iterator](): Iterator<number> {
    const { numReplicas, rank, shuffle = true, seed = 0, dropLast = false } = this.options;
    const n = this.dataset.length;
    let order = shuffle
      ? permutation(n, new Generator().manualSeed(seed + this.#epoch))
      : Array.from({ length: n }, (_, i) => i);
    if (dropLast) order = order.slice(0, this.totalSize);
    for (let i = rank; i < this.totalSize; i += numReplicas) yield order[i % order.length]!;
  }
}
