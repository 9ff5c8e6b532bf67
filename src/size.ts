import { reprSymbol } from './repr.js';

const inspect = Symbol.for('nodejs.util.inspect.custom');

/**
 * An array whose first places can be taken apart without asking whether they are there, also under TypeScript's
 * `noUncheckedIndexedAccess`: `const [query, key, value] = x.chunk(3)`.
 */
export interface Several<T> extends Array<T> {
  0: T;
  1: T;
  2: T;
  3: T;
  4: T;
  5: T;
  6: T;
  7: T;
  map<U>(callback: (value: T, index: number, array: T[]) => U, thisArg?: unknown): Several<U>;
}

/** A tensor's sizes: an array of numbers that prints as PyTorch's, `torch.Size([2, 3])`. */
export class Size extends Array<number> {
  // As in Several.
  declare 0: number;
  declare 1: number;
  declare 2: number;
  declare 3: number;
  declare 4: number;
  declare 5: number;
  declare 6: number;
  declare 7: number;

  /** Arrays made from a Size (map, filter) hold whatever the callback gives, so they are plain. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  constructor(sizes: readonly number[]) {
    super(sizes.length);
    for (let i = 0; i < sizes.length; i++) this[i] = sizes[i]!;
  }

  /** The number of elements a tensor of these sizes has: their product. */
  numel(): number {
    let n = 1;
    for (const size of this) n *= size;
    return n;
  }

  override toString(): string {
    return `torch.Size([${this.join(', ')}])`;
  }

  [reprSymbol](): string {
    return this.toString();
  }

  [Symbol.toPrimitive](): string {
    return this.toString();
  }

  [inspect](): string {
    return this.toString();
  }
}
