import { randomSeed } from '../creation/random.js';
import { fromTypedArray } from '../creation.js';
import { stateError, typeError } from '../errors.js';
import { defaultGenerator, Generator } from '../random/generator.js';
import type { Tensor } from '../tensor.js';
import { batchesOf } from './batches.js';
import { type Collate, type Collated, defaultCollate, defaultConvert } from './collate.js';
import { type Dataset, IterableDataset } from './dataset.js';
import { checkLoaderOptions, type DataLoaderOptions, type IndexSampler } from './loaderOptions.js';
import { checkState, type DataLoaderState } from './loaderState.js';
import { collateOf, toRecipe } from './module.js';
import { BatchSampler, RandomSampler, SequentialSampler } from './sampler.js';
import { fetchInOrder } from './workers.js';

/**
 * Batches of a data set, in a new order each epoch when shuffled. Iterate it with `for`, or `for await`.
 * https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 */
export class DataLoader<T = unknown, S extends number | null = number, B = S extends null ? T : Collated<T>> {
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly sampler: IndexSampler | null;
  readonly batchSampler: (Iterable<number[]> & { readonly length: number }) | null;
  readonly collateFn: Collate;
  readonly generator: Generator | null;
  readonly numWorkers: number;
  readonly prefetchFactor: number;
  readonly #signal: AbortSignal | null;
  /** How many batches of the running epoch were given, and its generators' states when it began. */
  #position = 0;
  #states: Uint8Array[] = [];
  /** Where a loaded state stands in its epoch. */
  #resume: { readonly position: number; readonly states: Uint8Array[] } | null = null;

  constructor(
    readonly dataset: Dataset<T> | IterableDataset<T>,
    options: DataLoaderOptions<T, S, B> = {},
  ) {
    checkLoaderOptions(dataset, options);
    const {
      shuffle = false,
      sampler = null,
      batchSampler = null,
      dropLast = false,
      collateFn = null,
      generator = null,
    } = options;
    const batchSize: number | null = options.batchSize === undefined ? 1 : options.batchSize;
    this.batchSize = batchSampler === null ? batchSize : null;
    this.dropLast = dropLast;
    this.generator = generator;
    this.numWorkers = options.numWorkers ?? 0;
    this.prefetchFactor = options.prefetchFactor ?? 2;
    this.#signal = options.signal ?? null;
    const isIterable = dataset instanceof IterableDataset;
    this.sampler = isIterable
      ? null
      : (sampler ?? (shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset)));
    this.batchSampler =
      batchSampler ??
      (this.sampler === null || batchSize === null ? null : new BatchSampler(this.sampler, batchSize, dropLast));
    this.collateFn =
      (collateFn as Collate | null) ??
      collateOf(dataset) ??
      ((this.batchSampler === null && batchSize === null ? defaultConvert : defaultCollate) as Collate);
  }

  /** How many batches an epoch has. */
  get length(): number {
    if (this.batchSampler !== null) return this.batchSampler.length;
    if (this.sampler !== null) return this.sampler.length;
    throw typeError('DataLoader: an IterableDataset has no length.');
  }

  /** The indices of each batch, or of each sample where there are no batches. */
  *#order(): IterableIterator<readonly number[] | number> {
    yield* this.batchSampler ?? this.sampler!;
  }

  /** The generators that an epoch draws from: the loader's or the default one, and those of its samplers. */
  get #generators(): Generator[] {
    const found = new Set([this.generator ?? defaultGenerator]);
    for (const part of [
      this.sampler,
      this.batchSampler,
      (this.batchSampler as { sampler?: unknown } | null)?.sampler,
    ]) {
      const own = (part as { generator?: unknown } | null | undefined)?.generator;
      if (own instanceof Generator) found.add(own);
    }
    return [...found];
  }

  /**
   * Begins an epoch, or goes on in one that a loaded state stands in: PyTorch draws a base seed for its workers first,
   * and so do we. An epoch that goes on is drawn again from its beginning and its first batches left out, after which
   * the generators stand where they stood.
   */
  #begin<R>(epoch: (seed: bigint) => Iterator<R>): { seed: bigint; rest: Iterator<R> } {
    const resume = this.#resume;
    this.#resume = null;
    const generators = this.#generators;
    const now = resume === null ? [] : generators.map((generator) => generator.getState());
    if (resume !== null) for (const [i, generator] of generators.entries()) generator.setState(resume.states[i]!);
    this.#states = generators.map((generator) => generator.getState());
    this.#position = resume?.position ?? 0;
    const seed = randomSeed(this.generator);
    const rest = epoch(seed);
    for (let i = 0; i < this.#position; i++) rest.next();
    for (const [i, generator] of generators.entries()) {
      // Workers look ahead in the order, so that only a replay knows where a generator of its own should stand.
      if (now[i] !== undefined && (this.numWorkers === 0 || generator === defaultGenerator)) generator.setState(now[i]);
    }
    return { seed, rest };
  }

  /** The samples of an iterable data set, in lists where there are batches. */
  #stream(dataset: IterableDataset<T>): Iterator<T | T[]> {
    return batchesOf({ [Symbol.iterator]: () => dataset[Symbol.iterator]() }, this.batchSize, this.dropLast);
  }

  /** What an epoch gives: finished batches, or samples that are still to be collated. */
  *#fetched(): IterableIterator<{ batch: B } | { samples: T | T[] }> {
    const { dataset } = this;
    if (dataset instanceof IterableDataset) {
      const { rest } = this.#begin(() => this.#stream(dataset));
      for (let next = rest.next(); !next.done; next = rest.next()) {
        this.#position++;
        yield { samples: next.value };
      }
    } else {
      const { rest } = this.#begin(() => this.#order());
      for (let next = rest.next(); !next.done; next = rest.next()) {
        this.#position++;
        const indices = next.value;
        const batch =
          typeof indices === 'number' || this.collateFn !== defaultCollate
            ? null
            : (dataset.getBatch?.(indices) ?? null);
        if (batch !== null) yield { batch: batch as B };
        else
          yield {
            samples: typeof indices === 'number' ? dataset.getItem(indices) : indices.map((i) => dataset.getItem(i)),
          };
      }
    }
    this.#position = 0;
  }

  *[Symbol.iterator](): IterableIterator<B> {
    if (this.numWorkers > 0)
      throw typeError('DataLoader: worker threads need time to answer; iterate with for await, or use numWorkers: 0.');
    for (const fetched of this.#fetched()) {
      if ('batch' in fetched) {
        yield fetched.batch;
        continue;
      }
      const { samples } = fetched;
      const list: readonly unknown[] = Array.isArray(samples) ? samples : [samples];
      if (list.some((x) => x instanceof Promise)) {
        throw stateError('DataLoader: getItem returned a promise; iterate with for await.');
      }
      yield this.collateFn(samples as never[]) as B;
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Awaited<B>> {
    if (this.numWorkers > 0) {
      yield* this.#fromWorkers();
      return;
    }
    for (const fetched of this.#fetched()) {
      if ('batch' in fetched) {
        yield fetched.batch as Awaited<B>;
        continue;
      }
      const { samples } = fetched;
      const ready = Array.isArray(samples) ? await Promise.all(samples) : await samples;
      yield this.collateFn(ready as never[]) as Awaited<B>;
    }
  }

  async *#fromWorkers(): AsyncIterableIterator<Awaited<B>> {
    const { numWorkers, prefetchFactor, batchSize, dropLast } = this;
    const isStream = this.sampler === null && this.batchSampler === null;
    const { seed, rest } = this.#begin<readonly number[] | number>(() => (isStream ? [].values() : this.#order()));
    const options = { recipe: toRecipe(this.dataset), numWorkers, prefetchFactor, batchSize, dropLast, seed };
    const requests = isStream ? null : { [Symbol.iterator]: () => rest };
    // Nobody can tell a stream's threads where to begin.
    let left = isStream ? this.#position : 0;
    for await (const batch of fetchInOrder(requests, { ...options, signal: this.#signal })) {
      if (left-- > 0) continue;
      this.#position++;
      yield batch as Awaited<B>;
    }
    this.#position = 0;
  }

  /**
   * Where the loader stands: how many batches of the running epoch it has given (0 between epochs), and the states of
   * its generators at the epoch's beginning and now. Saved in a checkpoint together with {@link getRngState}, it lets a
   * run go on with exactly the batches that are left.
   * @example await save({ model: model.stateDict(), loader: loader.stateDict(), rng: ng.getRngState() }, 'run.pt')
   */
  stateDict(): DataLoaderState {
    const pack = (states: Uint8Array[]): Tensor[] => states.map((bytes) => fromTypedArray(bytes));
    const { position, states } = this.#resume ?? { position: this.#position, states: this.#states };
    const now = this.#generators.map((generator) => generator.getState());
    return { position, epochStates: position === 0 ? [] : pack(states), generatorStates: pack(now) };
  }

  /**
   * Takes over what {@link stateDict} gave: the next iteration gives the batches that were left of that epoch. Generators
   * of the loader's own are set at once; the default generator is left to {@link setRngState}.
   *
   * @throws TypeError, RangeError for what is no such state, or one of a loader with other generators
   */
  loadStateDict(state: DataLoaderState | ReadonlyMap<unknown, unknown>): void {
    const generators = this.#generators;
    const { position, epochStates, generatorStates } = checkState(state, generators.length);
    // All of them are tried before one is set.
    for (const bytes of [...epochStates, ...generatorStates]) new Generator().setState(bytes);
    for (const [i, generator] of generators.entries())
      if (generator !== defaultGenerator) generator.setState(generatorStates[i]!);
    this.#position = 0;
    this.#resume = position === 0 ? null : { position, states: epochStates };
  }
}
