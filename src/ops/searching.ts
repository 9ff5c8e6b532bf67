/** Places in sorted sequences, and membership. */
import { kernels } from '../backends/index.js';
import { bool, int32, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { isScalar, resultInfo, type Scalar } from '../promotion.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, dense, tensorOf } from './apply.js';
import { checkOrdered, ordered } from './choosing.js';
import { gatherAlong } from './gathering.js';
import { named } from './options.js';
import { reporting } from './places.js';
import { sort } from './sorting.js';

/** The values to place as a tensor of the sequence's dtype. */
function valuesOf(op: string, sorted: Tensor, values: Tensor | Scalar): Tensor {
  if (isScalar(values)) {
    const out = sorted.makeEmpty([], sorted.dtypeInfo);
    out.fillWith(values);
    return out;
  }
  checkTensor(op, values);
  if (values.dtypeInfo !== sorted.dtypeInfo) {
    throw typeError(
      `${op}: boundary tensor and input value tensor should have same dtype, but they have ${sorted.dtype} and ${values.dtype}; convert one with to(…).`,
    );
  }
  return values;
}

function search(
  op: string,
  sorted: Tensor,
  values: Tensor,
  isInt32: boolean,
  right: boolean,
  sorter: Tensor | null,
): Tensor {
  checkOrdered(op, sorted.dtypeInfo);
  const out = values.makeEmpty(values.shape, isInt32 ? int32 : int64);
  const n = sorted.shape[sorted.shape.length - 1]!;
  const shared = sorted.shape.length === 1;
  const m = shared ? values.count : values.shape[values.shape.length - 1]!;
  const rows = values.count === 0 ? 0 : values.count / m;
  const [from, wanted] = [dense(ordered(sorted)), dense(ordered(values))];
  const order = sorter === null ? null : dense(sorter);
  if (rows > 0) {
    reporting(op, () => kernels.searchsorted(out, from, wanted, order, rows, n, m, right ? 1 : 0, shared ? 1 : 0));
  }
  return out;
}

/**
 * Where each value would go in a sorted sequence (along the last dim, row by row, or one sequence for all): the index
 * before which it is put, after its equals with `right` or `side: 'right'`. int64, or int32 with `outInt32`. `sorter` are
 * the indices that sort a sequence that is not.
 * https://pytorch.org/docs/stable/generated/torch.searchsorted.html
 * @example searchsorted(tensor([1, 3, 5]), tensor([3, 4])) // [1, 2]
 */
export const searchsorted = named(
  'searchsorted',
  ['sortedSequence', 'input', 'outInt32', 'right', 'side', 'sorter'],
  (
    sorted: Tensor,
    input: Tensor | Scalar,
    outInt32: boolean = false,
    right: boolean = false,
    side?: 'left' | 'right' | null,
    sorter?: Tensor | null,
  ): Tensor => {
    checkTensor('searchsorted', sorted, 'sortedSequence');
    const values = valuesOf('searchsorted', sorted, input);
    if (sorted.shape.length === 0) {
      throw rangeError('searchsorted: boundaries tensor should have positive dimension; give a vector, not a scalar.');
    }
    const leading = sorted.shape.slice(0, -1);
    if (sorted.shape.length > 1 && !sameShape(leading, values.shape.slice(0, -1))) {
      throw rangeError(
        `searchsorted: boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor [${sorted.shape.join(', ')}] and input value tensor [${values.shape.join(', ')}].`,
      );
    }
    if (side !== undefined && side !== null && side !== 'left' && side !== 'right') {
      throw typeError(`searchsorted: side can only be 'left' or 'right' but got ${String(side)}.`);
    }
    if (side === 'left' && right)
      throw typeError("searchsorted: side and right can't be set to opposites, got side of left while right was true.");
    if (sorter !== undefined && sorter !== null) {
      checkTensor('searchsorted', sorter, 'sorter');
      if (sorter.dtypeInfo !== int64)
        throw typeError(`searchsorted: sorter must be a tensor of long dtype but got dtype ${sorter.dtype}.`);
      if (!sameShape(sorter.shape, sorted.shape)) {
        throw rangeError(
          `searchsorted: boundary and sorter must have the same size, but got boundary tensor [${sorted.shape.join(', ')}] and got sorter tensor [${sorter.shape.join(', ')}].`,
        );
      }
    }
    return search('searchsorted', sorted, values, outInt32, right || side === 'right', sorter ?? null);
  },
);

/**
 * The bucket of each value between `boundaries`, a sorted vector: {@link searchsorted} with the arguments exchanged.
 * https://pytorch.org/docs/stable/generated/torch.bucketize.html
 */
export const bucketize = named(
  'bucketize',
  ['input', 'boundaries', 'outInt32', 'right'],
  (input: Tensor | Scalar, boundaries: Tensor, outInt32: boolean = false, right: boolean = false): Tensor => {
    checkTensor('bucketize', boundaries, 'boundaries');
    const values = valuesOf('bucketize', boundaries, input);
    if (boundaries.shape.length !== 1) {
      throw rangeError(`bucketize: boundaries tensor must be 1 dimension, but got dim(${boundaries.shape.length}).`);
    }
    return search('bucketize', boundaries, values, outInt32, right, null);
  },
);

/**
 * Whether each element of `elements` is among `testElements` (not among them with `invert`); bool.
 * https://pytorch.org/docs/stable/generated/torch.isin.html
 */
export const isin = named(
  'isin',
  ['elements', 'testElements', 'assumeUnique', 'invert'],
  (
    elements: Tensor | Scalar,
    testElements: Tensor | Scalar,
    _assumeUnique: boolean = false,
    invert: boolean = false,
  ): Tensor => {
    const like = tensorOf('isin', elements, testElements);
    const info = resultInfo([elements, testElements]);
    checkOrdered('isin', info);
    const asTensor = (value: Tensor | Scalar): Tensor => {
      if (!isScalar(value)) return castOperand(value.detach(), info) as Tensor;
      const out = like.makeEmpty([], info);
      out.fillWith(value);
      return out;
    };
    const [wanted, test] = [ordered(asTensor(elements)), ordered(asTensor(testElements))];
    const out = like.makeEmpty(wanted.shape, bool);
    out.fillWith(invert);
    if (wanted.count === 0 || test.count === 0) return out;
    const { values } = sort(test.reshape([-1]));
    // The element that stands where each would go, the last one for those above all.
    const places = search('isin', values, wanted, false, false, null);
    const last = places.makeEmpty([], int64);
    last.fillWith(values.count - 1);
    kernels.minimum(places, places, last);
    const found = gatherAlong('isin', values, 0, places.reshape([-1])).reshape(wanted.shape);
    (invert ? kernels.ne : kernels.eq)(out, found, wanted);
    return out;
  },
);
