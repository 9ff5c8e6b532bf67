/** Sums, means and maxima of bags of a table's rows. */

import { record, using } from '../autograd/record.js';
import { int32, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import type { Scalar } from '../promotion.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { indexSelect } from './alongdim.js';
import { castOperand, checkTensor, dense } from './apply.js';
import { flatIndex, paddingRow, renormTable } from './embedding.js';
import { gather } from './gathering.js';
import { named } from './options.js';
import { int64Vector } from './places.js';
import { floatVector } from './resampling.js';

/** What {@link embeddingBag} makes of the rows of a bag. */
export type BagMode = 'sum' | 'mean' | 'max';

/** Where each bag starts; checked. The last is where the last bag ends. */
function bounds(input: Tensor, offsets: Tensor | null, includeLastOffset: boolean): number[] {
  if (input.shape.length === 2) {
    if (offsets !== null)
      throw rangeError(
        'embeddingBag: if input is 2D, then offsets has to be null, as input is treated as a mini-batch of fixed length sequences.',
      );
    const [bags, length] = input.shape as [number, number];
    return Array.from({ length: bags + 1 }, (_, i) => i * length);
  }
  if (input.shape.length !== 1)
    throw rangeError(
      `embeddingBag: input has to be 1D or 2D Tensor, but got Tensor of dimension ${input.shape.length}.`,
    );
  if (offsets === null) throw rangeError('embeddingBag: offsets has to be a 1D Tensor but got null; give offsets.');
  checkTensor('embeddingBag', offsets, 'offsets');
  if (offsets.shape.length !== 1)
    throw rangeError(`embeddingBag: offsets has to be a 1D Tensor, but it has shape [${offsets.shape.join(', ')}].`);
  const starts = Array.from(flatIndex(offsets).toTypedArray() as BigInt64Array, Number);
  if (includeLastOffset && starts.length === 0)
    throw rangeError('embeddingBag: include_last_offset: number of offsets should be at least 1.');
  if (starts.length > 0 && starts[0] !== 0)
    throw rangeError(
      `embeddingBag: offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts[0]}.`,
    );
  for (const [i, start] of starts.entries()) {
    if (start > input.count)
      throw rangeError(
        `embeddingBag: offsets[-1] can not be greater than input's length (${input.count}), but got offsets[${i}] of ${start}.`,
      );
    if (i > 0 && start < starts[i - 1]!)
      throw rangeError(
        `embeddingBag: offsets must not decrease, but offsets[${i}] is ${start} after ${starts[i - 1]}.`,
      );
  }
  if (includeLastOffset) {
    // What comes after the last offset is in no bag.
    return starts;
  }
  return [...starts, input.count];
}

/** `Σ scale_k · weight[index_k]` over each bag. What follows is differentiable any number of times in weight and scale. */
function sumOfBags(weight: Tensor, index: Tensor, bag: Tensor, scale: Tensor, bags: number): Tensor {
  const rows = indexSelect(weight.detach(), 0, index).mul(scale.detach().unsqueeze(1));
  const out = weight.detach().newZeros([bags, weight.shape[1]!]).indexAdd(0, bag, rows);
  const tableRows = weight.shape[0]!;
  return record('EmbeddingBagBackward0', out, [weight, scale], [weight, index, bag, scale] as const, [
    using([1, 2, 3], (grad, _w, at: Tensor, of: Tensor, s: Tensor) =>
      grad.newZeros([tableRows, grad.shape[1]!]).indexAdd(0, at, indexSelect(grad, 0, of).mul(s.unsqueeze(1))),
    ),
    using([0, 1, 2], (grad, w: Tensor, at: Tensor, of: Tensor) =>
      indexSelect(grad, 0, of)
        .mul(indexSelect(w, 0, at))
        .sum(1),
    ),
  ]);
}

/** The largest of each column over each bag, the first of equals; 0 for a bag of nothing. */
function largestOfBags(weight: Tensor, index: Tensor, starts: readonly number[], padding: number): Tensor {
  const [tableRows, columns] = weight.shape as [number, number];
  const bags = starts.length - 1;
  const rows = index.toTypedArray() as BigInt64Array;
  // Checks the indices, too.
  const values = indexSelect(weight.detach(), 0, index).toTypedArray() as Float64Array;
  const winners = weight.makeEmpty([bags, columns], int64);
  const memory = winners.storage.view(int64, 0, bags * columns) as BigInt64Array;
  const filled = new Float64Array(bags);
  const best = new Float64Array(columns);
  for (let b = 0; b < bags; b++) {
    memory.fill(0n, b * columns, (b + 1) * columns);
    for (let k = starts[b]!; k < starts[b + 1]!; k++) {
      if (Number(rows[k]) === padding) continue;
      for (let j = 0; j < columns; j++) {
        const value = values[k * columns + j]!;
        if (filled[b] === 0 || value > best[j]!) {
          best[j] = value;
          memory[b * columns + j] = rows[k]!;
        }
      }
      filled[b] = 1;
    }
  }
  const mask = floatVector(weight, filled).unsqueeze(1);
  const out = gather(weight.detach(), 0, winners).mul(mask);
  return record('EmbeddingBagBackward0', out, [weight], [winners, mask] as const, [
    (grad, at, present) => grad.newZeros([tableRows, columns]).scatterAdd(0, at, grad.mul(present)),
  ]);
}

/** 1 / how often each index is named at all. */
function inverseFrequencies(rows: readonly number[]): number[] {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.map((row) => 1 / counts.get(row)!);
}

function checkBags(
  input: Tensor,
  weight: Tensor,
  mode: BagMode,
  perSampleWeights: Tensor | null,
  scaleGradByFreq: boolean,
): void {
  if (mode !== 'sum' && mode !== 'mean' && mode !== 'max')
    throw rangeError(`embeddingBag: mode has to be one of sum, mean or max, not ${String(mode)}.`);
  if (input.dtypeInfo !== int64 && input.dtypeInfo !== int32)
    throw typeError(
      `embeddingBag: Expected input of dtype int64 or int32, but got ${input.dtype}; convert it with to('int64').`,
    );
  if (weight.shape.length !== 2)
    throw rangeError(`embeddingBag: weight has to be a 2D Tensor, but it has shape [${weight.shape.join(', ')}].`);
  if (perSampleWeights !== null) {
    checkTensor('embeddingBag', perSampleWeights, 'perSampleWeights');
    if (mode !== 'sum')
      throw rangeError(
        `embeddingBag: perSampleWeights was not null. perSampleWeights is only supported for mode='sum' (got mode='${mode}'); leave it out.`,
      );
    if (!sameShape(perSampleWeights.shape, input.shape))
      throw rangeError(
        `embeddingBag: If perSampleWeights is given, it must have the same shape as the input ([${input.shape.join(', ')}]), not [${perSampleWeights.shape.join(', ')}].`,
      );
    if (perSampleWeights.dtypeInfo !== weight.dtypeInfo)
      throw typeError(
        `embeddingBag: expected perSampleWeights (${perSampleWeights.dtype}) to have the dtype of weight (${weight.dtype}); convert one with to(…).`,
      );
  }
  if (mode === 'max' && scaleGradByFreq)
    throw rangeError('embeddingBag: max mode does not support scaling the gradient by the frequency.');
}

/** The bag that each index is in, and the factor of its row: 0 for padding, in means one over how many count. */
function sharesOf(
  rows: readonly number[],
  starts: readonly number[],
  padding: number,
  mode: 'sum' | 'mean',
): { bag: Float64Array; scale: Float64Array } {
  const bag = new Float64Array(rows.length);
  const scale = new Float64Array(rows.length);
  for (let b = 0; b + 1 < starts.length; b++) {
    let count = 0;
    for (let k = starts[b]!; k < starts[b + 1]!; k++) if (rows[k] !== padding) count++;
    for (let k = starts[b]!; k < starts[b + 1]!; k++) {
      bag[k] = b;
      if (rows[k] !== padding) scale[k] = mode === 'mean' ? 1 / count : 1;
    }
  }
  return { bag, scale };
}

/**
 * The sums, means or maxima of bags of rows of `weight` [rows, columns]: [bags, columns], without the rows between. A bag
 * is a row of a 2-D `input`, or what lies between two `offsets` of a 1-D one. `paddingIdx` names a row that counts for
 * nothing; `perSampleWeights` (for sums) has a factor for each index.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding_bag.html
 * @throws RangeError for an index out of bounds, offsets that do not rise
 */
export const embeddingBag = named(
  'embeddingBag',
  [
    'input',
    'weight',
    'offsets',
    'maxNorm',
    'normType',
    'scaleGradByFreq',
    'mode',
    'sparse',
    'perSampleWeights',
    'includeLastOffset',
    'paddingIdx',
  ],
  (
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | null = null,
    maxNorm: Scalar | null = null,
    normType: Scalar = 2,
    scaleGradByFreq: boolean = false,
    mode: BagMode = 'mean',
    _sparse: boolean = false,
    perSampleWeights: Tensor | null = null,
    includeLastOffset: boolean = false,
    paddingIdx: number | null = null,
  ): Tensor => {
    checkTensor('embeddingBag', input);
    checkTensor('embeddingBag', weight, 'weight');
    // PyTorch still takes the order of its first versions: table, indices.
    if (weight.dtypeInfo === int64 && input.dtypeInfo.isFloat) [input, weight] = [weight, input];
    checkBags(input, weight, mode, perSampleWeights, scaleGradByFreq);
    const padding = paddingRow('embeddingBag', paddingIdx, weight.shape[0]!);
    const starts = bounds(input, offsets, includeLastOffset);
    const bags = Math.max(starts.length - 1, 0);
    const all = flatIndex(dense(castOperand(input, int64) as Tensor));
    const used = starts[bags] ?? 0;
    const index = all.makeAlias([used], [1], all.offset);
    if (maxNorm !== null) renormTable(weight, index, maxNorm, normType);
    if (mode === 'max') return largestOfBags(weight, index, starts, padding);
    const rows = Array.from(index.toTypedArray() as BigInt64Array, Number);
    const { bag, scale } = sharesOf(rows, starts, padding, mode);
    let factors = floatVector(weight, scale);
    if (perSampleWeights !== null) factors = perSampleWeights.reshape([-1]).narrow(0, 0, used).mul(factors);
    const table = scaleGradByFreq
      ? scaledGradient(weight, floatVector(weight, inverseFrequencies(rows)), index)
      : weight;
    return sumOfBags(table, index, int64Vector(index, bag), factors, bags);
  },
);

/** `weight` itself, with a gradient that is divided, row by row, by how often the row is named. */
function scaledGradient(weight: Tensor, inverse: Tensor, index: Tensor): Tensor {
  const factors = weight.detach().newOnes([weight.shape[0]!]).indexCopy(0, index, inverse).unsqueeze(1);
  const alias = weight.makeAlias(weight.shape, weight.strides, weight.offset);
  return record('EmbeddingBagBackward0', alias, [weight], [factors] as const, [(grad, f) => grad.mul(f)]);
}
