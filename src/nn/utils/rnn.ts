import { full, tensor } from '../../creation.js';
import type { DType } from '../../dtype.js';
import { rangeError, typeError } from '../../errors.js';
import { checkTensor } from '../../ops/apply.js';
import { cat, stack } from '../../ops/joining.js';
import { named } from '../../ops/options.js';
import { describe } from '../../shape.js';
import { Tensor } from '../../tensor.js';

/**
 * Sequences of several lengths without padding: the first elements of all, then the second ones, … Made by
 * {@link packPaddedSequence} and {@link packSequence}.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 */
export class PackedSequence {
  constructor(
    /** The elements, `[Σ lengths, …]`. */
    readonly data: Tensor,
    /** How many sequences are that long, for each step; int64. */
    readonly batchSizes: Tensor,
    /** Which sequence of the original batch each one is, where they were sorted; int64. */
    readonly sortedIndices: Tensor | null = null,
    /** The inverse: where each sequence of the original batch is. */
    readonly unsortedIndices: Tensor | null = sortedIndices === null ? null : invertPermutation(sortedIndices),
  ) {
    checkTensor('PackedSequence', data, 'data');
    checkTensor('PackedSequence', batchSizes, 'batchSizes');
  }

  *[Symbol.iterator](): IterableIterator<Tensor | null> {
    yield this.data;
    yield this.batchSizes;
    yield this.sortedIndices;
    yield this.unsortedIndices;
  }

  /** The same sequences with their elements converted. */
  to(dtype: DType): PackedSequence {
    const data = this.data.to(dtype);
    return data === this.data
      ? this
      : new PackedSequence(data, this.batchSizes, this.sortedIndices, this.unsortedIndices);
  }

  /** See {@link to}. */
  double(): PackedSequence {
    return this.to('float64');
  }

  /** See {@link to}. */
  float(): PackedSequence {
    return this.to('float32');
  }

  toString(): string {
    return `PackedSequence(data=${this.data}, batch_sizes=${this.batchSizes}, sorted_indices=${this.sortedIndices ?? 'None'}, unsorted_indices=${this.unsortedIndices ?? 'None'})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Whole numbers, from a tensor or an array. */
export function wholeNumbers(op: string, name: string, value: Tensor | readonly number[]): number[] {
  const list = value instanceof Tensor ? (value.tolist() as unknown) : value;
  if (!Array.isArray(list)) throw typeError(`${op}: ${name} must be a list of whole numbers, not ${describe(value)}.`);
  for (const item of list)
    if (!Number.isSafeInteger(item))
      throw typeError(`${op}: ${name} must be whole numbers, but one is ${describe(item)}.`);
  return list as number[];
}

const indexTensor = (values: readonly number[]): Tensor => tensor([...values], { dtype: 'int64' });

/** The permutation that undoes another. */
export function invertPermutation(permutation: Tensor): Tensor {
  const given = wholeNumbers('invertPermutation', 'permutation', permutation);
  const inverse = new Array<number>(given.length);
  for (const [i, at] of given.entries()) inverse[at] = i;
  return indexTensor(inverse);
}

/**
 * Packs a padded batch of sequences, `[time, batch, …]` or `[batch, time, …]`.
 * @param lengths how long each sequence is; sorted from the longest on, unless `enforceSorted` is false
 */
export const packPaddedSequence = named(
  'packPaddedSequence',
  ['input', 'lengths', 'batchFirst', 'enforceSorted'],
  (
    input: Tensor,
    lengths: Tensor | readonly number[],
    batchFirst?: boolean,
    enforceSorted?: boolean,
  ): PackedSequence => {
    const op = 'packPaddedSequence';
    checkTensor(op, input);
    let long = wholeNumbers(op, 'lengths', lengths);
    const batch = batchFirst ? 0 : 1;
    if (input.ndim < 2 || long.length !== input.shape[batch]) {
      throw rangeError(
        `${op}: Expected \`len(lengths)\` to be equal to batch_size, but got ${long.length} (batch_size=${input.shape[batch]}).`,
      );
    }
    if (long.length === 0 || input.count === 0) throw rangeError(`${op}: Cannot pack empty tensors.`);
    const bad = long.find((length) => length <= 0 || length > input.shape[1 - batch]!);
    if (bad !== undefined) {
      throw rangeError(
        `${op}: Length of all samples has to be greater than 0 and at most ${input.shape[1 - batch]}, but found an element in 'lengths' that is ${bad}.`,
      );
    }
    let sequences = input;
    let sorted: Tensor | null = null;
    if (enforceSorted === false) {
      const order = long.map((_, i) => i).sort((i, j) => long[j]! - long[i]!);
      long = order.map((i) => long[i]!);
      sorted = indexTensor(order);
      sequences = sequences.indexSelect(batch, sorted);
    } else if (long.some((length, i) => i > 0 && length > long[i - 1]!)) {
      throw rangeError(
        `${op}: \`lengths\` array must be sorted in decreasing order when \`enforceSorted\` is true; sort the batch, or pass enforceSorted: false.`,
      );
    }
    const steps = batchFirst ? sequences.transpose(0, 1) : sequences;
    const sizes = Array.from({ length: long[0]! }, (_, t) => long.filter((length) => length > t).length);
    const data = cat(sizes.map((size, t) => steps.select(0, t).narrow(0, 0, size)));
    return new PackedSequence(data, indexTensor(sizes), sorted);
  },
);

/** A tensor of one value for the rest of a padded dimension. */
function filler(like: Tensor, shape: readonly number[], value: number): Tensor {
  return full(shape, value, { dtype: like.dtype });
}

/** The padded batch of packed sequences, and their lengths. */
export const padPackedSequence = named(
  'padPackedSequence',
  ['sequence', 'batchFirst', 'paddingValue', 'totalLength'],
  (
    sequence: PackedSequence,
    batchFirst?: boolean,
    paddingValue?: number,
    totalLength?: number | null,
  ): [padded: Tensor, lengths: Tensor] => {
    const { data, unsortedIndices } = sequence;
    const sizes = wholeNumbers('padPackedSequence', 'batchSizes', sequence.batchSizes);
    const batch = sizes[0]!;
    const length = totalLength ?? sizes.length;
    if (length < sizes.length) {
      throw rangeError(
        `padPackedSequence: Expected total_length to be at least the length of the longest sequence in input, but got total_length=${length} and max sequence length being ${sizes.length}.`,
      );
    }
    const rest = data.shape.slice(1);
    let offset = 0;
    const steps = sizes.map((size) => {
      const rows = data.narrow(0, offset, size);
      offset += size;
      return size === batch ? rows : cat([rows, filler(data, [batch - size, ...rest], paddingValue ?? 0)]);
    });
    for (let t = sizes.length; t < length; t++) steps.push(filler(data, [batch, ...rest], paddingValue ?? 0));
    const padded = stack(steps, batchFirst ? 1 : 0);
    const lengths = indexTensor(Array.from({ length: batch }, (_, i) => sizes.filter((size) => size > i).length));
    if (unsortedIndices === null) return [padded, lengths];
    return [padded.indexSelect(batchFirst ? 0 : 1, unsortedIndices), lengths.indexSelect(0, unsortedIndices)];
  },
);

/** Sequences `[length, …]` as one batch, padded to the longest. */
export const padSequence = named(
  'padSequence',
  ['sequences', 'batchFirst', 'paddingValue'],
  (sequences: Iterable<Tensor>, batchFirst?: boolean, paddingValue?: number): Tensor => {
    if (typeof (sequences as Partial<Iterable<Tensor>> | null)?.[Symbol.iterator] !== 'function') {
      throw typeError(`padSequence: Expected iterable for input sequences, but got ${describe(sequences)}.`);
    }
    const list = [...sequences];
    if (list.length === 0) throw rangeError('padSequence: received an empty list of sequences.');
    for (const sequence of list) checkTensor('padSequence', sequence, 'a sequence');
    const longest = Math.max(...list.map((sequence) => sequence.shape[0] ?? 0));
    const padded = list.map((x) => {
      const missing = longest - x.shape[0]!;
      return missing === 0 ? x : cat([x, filler(x, [missing, ...x.shape.slice(1)], paddingValue ?? 0)]);
    });
    return stack(padded, batchFirst ? 0 : 1);
  },
);

/** The sequences of a padded batch, each as long as it is. */
export const unpadSequence = named(
  'unpadSequence',
  ['paddedSequences', 'lengths', 'batchFirst'],
  (paddedSequences: Tensor, lengths: Tensor | readonly number[], batchFirst?: boolean): Tensor[] => {
    const long = wholeNumbers('unpadSequence', 'lengths', lengths);
    const batch = batchFirst ? 0 : 1;
    return long.map((length, i) => paddedSequences.select(batch, i).narrow(0, 0, length));
  },
);

/** Packs sequences `[length, …]`, from the longest on unless `enforceSorted` is false. */
export const packSequence = named(
  'packSequence',
  ['sequences', 'enforceSorted'],
  (sequences: readonly Tensor[], enforceSorted?: boolean): PackedSequence =>
    packPaddedSequence(
      padSequence(sequences),
      sequences.map((sequence) => sequence.shape[0]!),
      false,
      enforceSorted ?? true,
    ),
);

/** The sequences that were packed. */
export function unpackSequence(packedSequences: PackedSequence): Tensor[] {
  const [padded, lengths] = padPackedSequence(packedSequences, true);
  return unpadSequence(padded, lengths, true);
}
