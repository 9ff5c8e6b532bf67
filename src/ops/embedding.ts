/** Rows of a table by index, and indices as vectors of 0 and 1. */
import { noGrad } from '../autograd/mode.js';
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { int32, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { type Scalar, scalarNumber } from '../promotion.js';
import { contiguousStrides } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { indexCopy, indexSelect, spreadIndex } from './alongdim.js';
import { castOperand, checkTensor, dense } from './apply.js';
import { gatherAlong, scatterAlong } from './gathering.js';
import { renorm } from './norm.js';
import { named } from './options.js';
import { unique } from './unique.js';

/** The padding row counted from the start, or -1 for none. */
export function paddingRow(op: string, paddingIdx: number | null | undefined, rows: number): number {
  if (paddingIdx === null || paddingIdx === undefined) return -1;
  if (!Number.isInteger(paddingIdx) || paddingIdx < -rows || paddingIdx >= rows) {
    throw rangeError(
      `${op}: Padding_idx must be within num_embeddings: it is ${paddingIdx}, and there are ${rows} rows.`,
    );
  }
  return paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
}

/** An index tensor as an int64 vector. */
export function flatIndex(index: Tensor): Tensor {
  const wide = dense(castOperand(index, int64) as Tensor);
  return wide.makeAlias([wide.count], [1], wide.offset);
}

/** Scales the rows that `index` names down to a norm of maxNorm, in place and unrecorded. */
export function renormTable(weight: Tensor, index: Tensor, maxNorm: Scalar, normType: Scalar): void {
  noGrad(() => {
    const table = weight.detach();
    const rows = unique(index) as Tensor;
    const scaled = renorm(indexSelect(table, 0, rows), scalarNumber(normType), 0, scalarNumber(maxNorm));
    indexCopy.inPlace(table, 0, rows, scaled);
  });
}

/**
 * The rows of `weight` [rows, columns] that `input` (int64 or int32, of any shape) names: [...input.shape, columns].
 * `paddingIdx` names a row that gets no gradient; with `maxNorm` the rows named are first scaled down, in place, to that
 * `normType`-norm; `scaleGradByFreq` divides a row's gradient by how often it is named. Gradients are dense, `sparse` or
 * not.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.embedding.html
 * @throws RangeError for an index out of bounds
 */
export const embedding = named(
  'embedding',
  ['input', 'weight', 'paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq', 'sparse'],
  (
    input: Tensor,
    weight: Tensor,
    paddingIdx?: number | null,
    maxNorm?: Scalar | null,
    normType: Scalar = 2,
    scaleGradByFreq: boolean = false,
    _sparse: boolean = false,
  ): Tensor => {
    checkTensor('embedding', input);
    checkTensor('embedding', weight, 'weight');
    if (input.dtypeInfo !== int64 && input.dtypeInfo !== int32) {
      throw typeError(
        `embedding: Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got ${input.dtype} instead; convert it with to('int64').`,
      );
    }
    if (weight.shape.length !== 2) {
      throw rangeError(`embedding: 'weight' must be 2-D, but it has shape [${weight.shape.join(', ')}].`);
    }
    const [rows, columns] = weight.shape as [number, number];
    const padding = paddingRow('embedding', paddingIdx, rows);
    const index = flatIndex(input);
    if (maxNorm !== null && maxNorm !== undefined) renormTable(weight, index, maxNorm, normType);
    const picked = gatherAlong('embedding', weight, 0, spreadIndex(index, 0, weight.shape));
    const shape = [...input.shape, columns];
    const out = picked.makeAlias(shape, contiguousStrides(shape), picked.offset);
    return record('EmbeddingBackward0', out, [weight], [index] as [Tensor], [
      (grad, saved) => embeddingGradient(grad, saved, rows, padding, scaleGradByFreq),
    ]);
  },
);

/** 1 / how often each index's row is named, as a column. */
function frequencies(grad: Tensor, index: Tensor, rows: number): Tensor {
  const counts = grad.makeEmpty([rows], grad.dtypeInfo);
  counts.fillWith(0);
  scatterAlong('embedding', kernels.scatterAdd, counts, 0, index, 1);
  return gatherAlong('embedding', counts, 0, index).reciprocal().unsqueeze(1);
}

/** The gradient of the table. Its own gradient is an embedding again, without the padding. */
function embeddingGradient(grad: Tensor, index: Tensor, rows: number, padding: number, scale: boolean): Tensor {
  const columns = grad.shape[grad.shape.length - 1]!;
  const whole = grad.reshape([index.count, columns]);
  const source = scale ? whole.detach().mul(frequencies(grad, index, rows)) : whole.detach();
  const out = grad.makeEmpty([rows, columns], grad.dtypeInfo);
  out.fillWith(0);
  scatterAlong('embedding', kernels.scatterAdd, out, 0, spreadIndex(index, 0, out.shape), source);
  if (padding >= 0) out.makeAlias([columns], [1], padding * columns).fillWith(0);
  return record('EmbeddingDenseBackward0', out, [whole], [index] as [Tensor], [
    (g, saved) => {
      let back = indexSelect(g, 0, saved);
      if (scale) back = back.mul(frequencies(g, saved, rows));
      return padding >= 0 ? back.maskedFill(saved.eq(padding).unsqueeze(1), 0) : back;
    },
  ]);
}

/**
 * int64 vectors of `numClasses` elements that are 1 at the index and 0 elsewhere: [...input.shape, numClasses]. Without
 * numClasses, one more than the largest index.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 * @throws RangeError for an index that is negative or not below numClasses
 */
export const oneHot = named('oneHot', ['input', 'numClasses'], (input: Tensor, numClasses: number = -1): Tensor => {
  checkTensor('oneHot', input);
  if (input.dtypeInfo !== int64) {
    throw typeError(
      `oneHot: one_hot is only applicable to index tensor, but it is ${input.dtype}; convert it with to('int64').`,
    );
  }
  if (!Number.isInteger(numClasses)) throw typeError(`oneHot: numClasses must be a whole number, not ${numClasses}.`);
  if (input.count === 0) {
    if (numClasses <= 0)
      throw rangeError('oneHot: Can not infer total number of classes from empty tensor; give numClasses.');
    return input.newZeros([...input.shape, numClasses]);
  }
  if (Number(input.min().item()) < 0) throw rangeError('oneHot: Class values must be non-negative.');
  const largest = Number(input.max().item());
  if (numClasses === 0 || numClasses < -1)
    throw rangeError(`oneHot: num_classes should be positive, but it is ${numClasses}.`);
  if (numClasses !== -1 && largest >= numClasses) {
    throw rangeError(`oneHot: Class values must be smaller than num_classes: ${largest} is not below ${numClasses}.`);
  }
  const out = input.newZeros([...input.shape, numClasses === -1 ? largest + 1 : numClasses]);
  scatterAlong('oneHot', kernels.scatter, out, input.shape.length, input.unsqueeze(-1), 1);
  return out;
});
