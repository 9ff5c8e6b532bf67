import { reprSymbol } from './repr.js';

const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A tensor's sizes: an array of numbers that prints as PyTorch's, `torch.Size([2, 3])`. */
export class Size extends Array<number> {
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
