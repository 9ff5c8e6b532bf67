import { randint, randomSeed } from '../creation/random.js';
import { tensor } from '../creation.js';
import { rangeError, typeError } from '../errors.js';
import { type Construct, take } from '../nn/construct.js';
import { multinomial } from '../ops/random.js';
import { Generator } from '../random/generator.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import { batchesOf } from './batches.js';
import { permutation } from './permutation.js';

/** An order of indices; iterate it once an epoch. */
export abstract class Sampler<T = number> {
  /** How many indices it gives. */
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

function checkCount(name: string, numSamples: unknown): void {
  if (!Number.isSafeInteger(numSamples) || (numSamples as number) <= 0) {
    throw rangeError(
      `${name}: num_samples should be a positive integer value, but got num_samples=${String(numSamples)}.`,
    );
  }
}

const RANDOM = ['dataSource', 'replacement', 'numSamples', 'generator'] as const;
type RandomArguments = [
  dataSource: Sized,
  replacement?: boolean,
  numSamples?: number | null,
  generator?: Generator | null,
];

/** A new random order each epoch, or draws with replacement. */
export class RandomSampler extends Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly generator: Generator | null;
  readonly #numSamples: number | null;

  constructor(...args: Construct<RandomArguments, typeof RANDOM>) {
    super();
    const [dataSource, replacement = false, numSamples = null, generator = null] = take<RandomArguments>(
      'RandomSampler',
      RANDOM,
      args,
    );
    if (typeof replacement !== 'boolean')
      throw typeError(
        `RandomSampler: replacement should be a boolean value, but got replacement=${describe(replacement)}.`,
      );
    if (numSamples !== null) checkCount('RandomSampler', numSamples);
    this.dataSource = dataSource;
    this.replacement = replacement;
    this.generator = generator;
    this.#numSamples = numSamples;
  }

  override get length(): number {
    return this.#numSamples ?? this.dataSource.length;
  }

  override *[Symbol.iterator](): Iterator<number> {
    const n = this.dataSource.length;
    const generator = this.generator ?? new Generator().manualSeed(randomSeed());
    let left = this.length;
    if (this.replacement) {
      for (; left > 0; left -= 32)
        yield* randint(n, [Math.min(left, 32)], { dtype: 'int64', generator }).tolist() as number[];
      return;
    }
    for (; left > 0; left -= n) yield* permutation(n, generator).slice(0, left);
  }
}

const SUBSET = ['indices', 'generator'] as const;
type SubsetArguments = [indices: readonly number[], generator?: Generator | null];

/** The given indices in a random order. */
export class SubsetRandomSampler extends Sampler {
  readonly indices: readonly number[];
  readonly generator: Generator | null;

  constructor(...args: Construct<SubsetArguments, typeof SUBSET>) {
    super();
    const [indices, generator = null] = take<SubsetArguments>('SubsetRandomSampler', SUBSET, args);
    this.indices = indices;
    this.generator = generator;
  }

  override get length(): number {
    return this.indices.length;
  }

  override *[Symbol.iterator](): Iterator<number> {
    for (const i of permutation(this.indices.length, this.generator ?? undefined)) yield this.indices[i]!;
  }
}

const WEIGHTED = ['weights', 'numSamples', 'replacement', 'generator'] as const;
type WeightedArguments = [
  weights: readonly number[] | Tensor,
  numSamples: number,
  replacement?: boolean,
  generator?: Generator | null,
];

/** Indices drawn with the given weights, which need not sum to 1. */
export class WeightedRandomSampler extends Sampler {
  /** In float64. */
  readonly weights: Tensor;
  readonly numSamples: number;
  readonly replacement: boolean;
  readonly generator: Generator | null;

  constructor(...args: Construct<WeightedArguments, typeof WEIGHTED>) {
    super();
    const name = 'WeightedRandomSampler';
    const [weights, numSamples, replacement = true, generator = null] = take<WeightedArguments>(name, WEIGHTED, args);
    checkCount(name, numSamples);
    if (typeof replacement !== 'boolean')
      throw typeError(`${name}: replacement should be a boolean value, but got replacement=${describe(replacement)}.`);
    this.weights =
      weights instanceof Tensor ? weights.detach().to('float64') : tensor([...weights], { dtype: 'float64' });
    if (this.weights.ndim !== 1) {
      throw rangeError(
        `${name}: weights should be a 1d sequence but given weights have shape [${this.weights.shape.join(', ')}].`,
      );
    }
    const values = this.weights.toTypedArray() as Float64Array;
    const bad = values.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (bad >= 0)
      throw rangeError(`${name}: weights must be finite and not negative, but weights[${bad}] is ${values[bad]}.`);
    this.numSamples = numSamples;
    this.replacement = replacement;
    this.generator = generator;
  }

  override get length(): number {
    return this.numSamples;
  }

  override *[Symbol.iterator](): Iterator<number> {
    const { generator, weights, numSamples, replacement } = this;
    yield* multinomial(weights, numSamples, replacement, generator ? { generator } : {}).tolist() as number[];
  }
}

const BATCH = ['sampler', 'batchSize', 'dropLast'] as const;
type BatchArguments = [sampler: Iterable<number> & Sized, batchSize: number, dropLast: boolean];

/** Lists of `batchSize` indices of another sampler. */
export class BatchSampler extends Sampler<number[]> {
  readonly sampler: Iterable<number> & Sized;
  readonly batchSize: number;
  readonly dropLast: boolean;

  constructor(...args: Construct<BatchArguments, typeof BATCH>) {
    super();
    const [sampler, batchSize, dropLast] = take<BatchArguments>('BatchSampler', BATCH, args);
    if (!Number.isInteger(batchSize) || batchSize <= 0)
      throw rangeError(`BatchSampler: batch_size should be a positive integer value, but got batch_size=${batchSize}.`);
    if (typeof dropLast !== 'boolean')
      throw typeError(`BatchSampler: drop_last should be a boolean value, but got drop_last=${String(dropLast)}.`);
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  override get length(): number {
    const batches = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  override [Symbol.iterator](): Iterator<number[]> {
    return batchesOf(this.sampler, this.batchSize, this.dropLast);
  }
}

const DISTRIBUTED = ['dataset', 'numReplicas', 'rank', 'shuffle', 'seed', 'dropLast'] as const;
type DistributedArguments = [
  dataset: Sized,
  numReplicas: number,
  rank: number,
  shuffle?: boolean,
  seed?: number,
  dropLast?: boolean,
];

/** One process's share of a data set that several train on. Call `setEpoch` before each epoch. */
export class DistributedSampler extends Sampler {
  readonly dataset: Sized;
  readonly numReplicas: number;
  readonly rank: number;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly dropLast: boolean;
  readonly numSamples: number;
  readonly totalSize: number;
  epoch = 0;

  constructor(...args: Construct<DistributedArguments, typeof DISTRIBUTED>) {
    super();
    const name = 'DistributedSampler';
    const [dataset, numReplicas, rank, shuffle = true, seed = 0, dropLast = false] = take<DistributedArguments>(
      name,
      DISTRIBUTED,
      args,
    );
    if (!Number.isSafeInteger(numReplicas) || numReplicas < 1)
      throw rangeError(`${name}: numReplicas is ${numReplicas}; give the number of processes.`);
    if (!Number.isInteger(rank) || rank >= numReplicas || rank < 0)
      throw rangeError(`${name}: Invalid rank ${rank}, rank should be in the interval [0, ${numReplicas - 1}].`);
    this.dataset = dataset;
    this.numReplicas = numReplicas;
    this.rank = rank;
    this.shuffle = shuffle;
    this.seed = seed;
    this.dropLast = dropLast;
    const n = dataset.length;
    const isCut = dropLast && n % numReplicas !== 0;
    this.numSamples = Math.max(Math.ceil((isCut ? n - numReplicas : n) / numReplicas), 0);
    this.totalSize = this.numSamples * numReplicas;
  }

  /** Which epoch comes: each has its own order, the same in all processes. */
  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }

  override get length(): number {
    return this.numSamples;
  }

  override *[Symbol.iterator](): Iterator<number> {
    const { numReplicas, rank, shuffle, seed, dropLast } = this;
    const n = this.dataset.length;
    let order = shuffle
      ? permutation(n, new Generator().manualSeed(seed + this.epoch))
      : Array.from({ length: n }, (_, i) => i);
    if (dropLast) order = order.slice(0, this.totalSize);
    for (let i = rank; i < this.totalSize; i += numReplicas) yield order[i % order.length]!;
  }
}
