import { isGradEnabled } from '../autograd/mode.js';
import { tensor } from '../creation.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { Generator } from '../random/generator.js';
import { Tensor } from '../tensor.js';
import { permutation } from './permutation.js';

/**
 * Samples by index. Extend it with `get length()` and `getItem(index)`.
 * @example
 * class Squares extends data.Dataset { get length() { return 10; } getItem(i) { return ng.tensor(i * i); } }
 */
export abstract class Dataset<T = unknown> {
  /** How many samples there are. */
  abstract get length(): number;
  /** The sample at `index`, 0 ≤ index < length. May return a promise; then iterate with `for await`. */
  abstract getItem(index: number): T;
  /**
   * The batch that the default collate would make of the samples at `indices`, made at once. A data set that can do it
   * faster than sample by sample defines it; null: sample by sample. The tensors must be new, since workers hand them over.
   */
  getBatch?(indices: readonly number[]): unknown;

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.length; i++) yield this.getItem(i);
  }
}

/** Samples as they come, without an index: extend it with an iterator. */
export abstract class IterableDataset<T = unknown> {
  abstract [Symbol.iterator](): Iterator<T>;
}

/** Index `i` of `length`, counted from the end when negative. */
export function wrapIndex(op: string, index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw indexError(`${op}: index ${index} is out of range for ${length} samples.`);
  }
  return index < 0 ? index + length : index;
}

/** Tensors of equal first size; sample i is the array of their rows i. */
export class TensorDataset<T extends readonly Tensor[] = Tensor[]> extends Dataset<{
  -readonly [K in keyof T]: Tensor;
}> {
  readonly tensors: T;

  constructor(...tensors: T) {
    super();
    for (const [i, x] of tensors.entries()) {
      if (!(x instanceof Tensor)) throw typeError(`TensorDataset: argument ${i} is no Tensor.`);
      if (x.shape.length === 0 || x.shape[0] !== tensors[0]!.shape[0]) {
        throw rangeError(
          `TensorDataset: Size mismatch between tensors: argument ${i} has shape [${x.shape.join(', ')}], the first one [${tensors[0]!.shape.join(', ')}].`,
        );
      }
    }
    if (tensors.length === 0) throw rangeError('TensorDataset: give at least one tensor.');
    this.tensors = tensors;
  }

  override get length(): number {
    return this.tensors[0]!.shape[0]!;
  }

  override getItem(index: number): { -readonly [K in keyof T]: Tensor } {
    const i = wrapIndex('TensorDataset', index, this.length);
    return this.tensors.map((x) => x.select(0, i)) as { -readonly [K in keyof T]: Tensor };
  }

  /** One pick of rows from each tensor, unless a subclass makes samples its own way or gradients are recorded. */
  override getBatch(indices: readonly number[]): Tensor[] | null {
    const isPlain = this.getItem === TensorDataset.prototype.getItem && indices.length > 0;
    if (!isPlain || (isGradEnabled() && this.tensors.some((x) => x.requiresGrad))) return null;
    const { length } = this;
    const rows = tensor(
      indices.map((i) => wrapIndex('TensorDataset', i, length)),
      { dtype: 'int64' },
    );
    return this.tensors.map((x) => x.indexSelect(0, rows));
  }
}

/** Data sets one after the other. */
export class ConcatDataset<T> extends Dataset<T> {
  readonly datasets: readonly Dataset<T>[];
  readonly cumulativeSizes: readonly number[];

  constructor(datasets: Iterable<Dataset<T>>) {
    super();
    this.datasets = [...datasets];
    if (this.datasets.length === 0) throw rangeError('ConcatDataset: datasets should not be an empty iterable.');
    let total = 0;
    this.cumulativeSizes = this.datasets.map((d) => {
      if (d instanceof IterableDataset)
        throw typeError('ConcatDataset does not support IterableDataset; use ChainDataset.');
      total += d.length;
      return total;
    });
  }

  override get length(): number {
    return this.cumulativeSizes[this.cumulativeSizes.length - 1]!;
  }

  override getItem(index: number): T {
    const i = wrapIndex('ConcatDataset', index, this.length);
    const at = this.cumulativeSizes.findIndex((size) => i < size);
    return this.datasets[at]!.getItem(at === 0 ? i : i - this.cumulativeSizes[at - 1]!);
  }
}

/** Iterable data sets one after the other. */
export class ChainDataset<T> extends IterableDataset<T> {
  constructor(readonly datasets: Iterable<IterableDataset<T>>) {
    super();
  }

  override *[Symbol.iterator](): Iterator<T> {
    for (const d of this.datasets) yield* { [Symbol.iterator]: () => d[Symbol.iterator]() };
  }
}

/** The samples of `dataset` at `indices`. */
export class Subset<T> extends Dataset<T> {
  constructor(
    readonly dataset: Dataset<T>,
    readonly indices: readonly number[],
  ) {
    super();
  }

  override get length(): number {
    return this.indices.length;
  }

  override getItem(index: number): T {
    return this.dataset.getItem(this.indices[wrapIndex('Subset', index, this.length)]!);
  }

  /** Its data set's, unless a subclass makes samples its own way. */
  override getBatch(indices: readonly number[]): unknown {
    if (this.getItem !== Subset.prototype.getItem) return null;
    return this.dataset.getBatch?.(indices.map((i) => this.indices[wrapIndex('Subset', i, this.length)]!)) ?? null;
  }
}

/**
 * Splits a data set at random into parts of the given lengths, or of the given fractions of it (which sum to 1).
 * https://pytorch.org/docs/stable/data.html#torch.utils.data.random_split
 */
export function randomSplit<T, const L extends readonly number[]>(
  dataset: Dataset<T>,
  lengths: L,
  generator: Generator | { generator?: Generator | null } | null = null,
): { -readonly [K in keyof L]: Subset<T> } {
  const n = dataset.length;
  const sum = lengths.reduce((a, b) => a + b, 0);
  let sizes = [...lengths];
  if (Math.abs(sum - 1) < 1e-9 && sum <= 1 + 1e-9) {
    if (lengths.some((f) => f < 0 || f > 1))
      throw rangeError(`randomSplit: a fraction of [${lengths.join(', ')}] is not between 0 and 1.`);
    sizes = lengths.map((f) => Math.floor(n * f));
    const left = n - sizes.reduce((a, b) => a + b, 0);
    for (let i = 0; i < left; i++) sizes[i % sizes.length]!++;
  } else if (sum !== n) {
    throw rangeError(
      `randomSplit: Sum of input lengths (${sum}) does not equal the length of the input dataset (${n}).`,
    );
  }
  const order = permutation(n, (generator instanceof Generator ? generator : generator?.generator) ?? undefined);
  let at = 0;
  return sizes.map((size) => {
    at += size;
    return new Subset(dataset, order.slice(at - size, at));
  }) as { -readonly [K in keyof L]: Subset<T> };
}
