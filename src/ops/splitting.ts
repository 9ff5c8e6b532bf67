/** Tensors taken apart, into views. */
import { recordMany } from '../autograd/record.js';
import { rangeError } from '../errors.js';
import { checkListed, MOST_PARTS, wrapDim } from '../shape.js';
import type { Several } from '../size.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { cat, stack } from './joining.js';
import { sliceDim } from './movement.js';
import { named } from './options.js';

function splitInto(name: string, x: Tensor, sizes: readonly number[], dim: number): Several<Tensor> {
  if (x.shape.length === 0) throw rangeError('splitWithSizes: split expects at least a 1-dimensional tensor.');
  const d = wrapDim('splitWithSizes', dim, x.shape.length);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (sizes.some((size) => !Number.isInteger(size) || size < 0))
    throw rangeError(
      `splitWithSizes: split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=[${sizes.join(', ')}].`,
    );
  if (total !== x.shape[d]) {
    throw rangeError(
      `splitWithSizes: split_with_sizes expects split_sizes to sum exactly to ${x.shape[d]} (input tensor's size at dimension ${d}), but got split_sizes=[${sizes.join(', ')}].`,
    );
  }
  let at = 0;
  const parts = sizes.map((size) => {
    const shape = [...x.shape];
    shape[d] = size;
    const part = x.makeView(shape, x.strides, x.offset + at * x.strides[d]!, 'multi');
    at += size;
    return part;
  }) as Several<Tensor>;
  const shapes = parts.map((part) => part.shape);
  return recordMany(
    name,
    parts,
    [x],
    [],
    [
      (grads) => {
        const like = grads.find((grad) => grad !== null)!;
        return cat(
          grads.map((grad, i) => grad ?? like.newZeros(shapes[i]!)),
          d,
        );
      },
    ],
  );
}

/** Views of x along `dim`, of sizes `sizes`. */
export const splitWithSizes = named(
  'splitWithSizes',
  ['input', 'splitSizes', 'dim'],
  (x: Tensor, splitSizes: readonly number[], dim: number = 0): Several<Tensor> => {
    checkTensor('splitWithSizes', x);
    return splitInto('SplitWithSizesBackward0', x, splitSizes, dim);
  },
);

/** Views of x along `dim` of size `splitSize`, the last one what is left; or of the sizes given. */
export const split = named(
  'split',
  ['tensor', 'splitSizeOrSections', 'dim'],
  (x: Tensor, splitSize: number | readonly number[], dim: number = 0): Several<Tensor> => {
    checkTensor('split', x);
    if (typeof splitSize !== 'number') return splitWithSizes(x, splitSize, dim);
    if (x.shape.length === 0) throw rangeError('split: split expects at least a 1-dimensional tensor.');
    const d = wrapDim('split', dim, x.shape.length);
    const size = x.shape[d]!;
    if (!Number.isInteger(splitSize) || splitSize < 0)
      throw rangeError(`split: split expects split_size be non-negative, but got split_size=${splitSize}.`);
    if (splitSize === 0 && size !== 0)
      throw rangeError(`split: split_size can only be 0 if dimension size is 0, but got dimension size of ${size}.`);
    const count = splitSize === 0 ? 1 : Math.max(1, Math.ceil(size / splitSize));
    checkListed('split', 'parts', count, MOST_PARTS);
    const sizes = Array.from({ length: count }, (_, i) => Math.min(splitSize, size - i * splitSize));
    return splitInto('SplitBackward0', x, sizes, d);
  },
);

/** At most `chunks` views of x along `dim`, all of one size but the last. */
export const chunk = named(
  'chunk',
  ['input', 'chunks', 'dim'],
  (x: Tensor, chunks: number, dim: number = 0): Several<Tensor> => {
    checkTensor('chunk', x);
    if (!Number.isInteger(chunks) || chunks <= 0)
      throw rangeError(`chunk: chunk expects \`chunks\` to be greater than 0, got: ${chunks}.`);
    if (x.shape.length === 0) throw rangeError('chunk: chunk expects at least a 1-dimensional tensor.');
    const size = x.shape[wrapDim('chunk', dim, x.shape.length)]!;
    if (size === 0) checkListed('chunk', 'parts', chunks, MOST_PARTS);
    else checkListed('chunk', 'parts', Math.ceil(size / Math.ceil(size / chunks)), MOST_PARTS);
    if (size === 0) return splitWithSizes(x, new Array<number>(chunks).fill(0), dim);
    return split(x, Math.ceil(size / chunks), dim);
  },
);

/** The slices along `dim`, each without it. */
export const unbind = named('unbind', ['input', 'dim'], (x: Tensor, dim: number = 0): Several<Tensor> => {
  checkTensor('unbind', x);
  if (x.shape.length === 0) throw rangeError('unbind: dimension specified as 0 but tensor has no dimensions.');
  const d = wrapDim('unbind', dim, x.shape.length);
  checkListed('unbind', 'parts', x.shape[d]!, MOST_PARTS);
  const shape = x.shape.filter((_, i) => i !== d);
  const strides = x.strides.filter((_, i) => i !== d);
  const parts = Array.from({ length: x.shape[d]! }, (_, i) =>
    x.makeView(shape, strides, x.offset + i * x.strides[d]!, 'multi'),
  ) as Several<Tensor>;
  return recordMany(
    'UnbindBackward0',
    parts,
    [x],
    [],
    [
      (grads) => {
        const like = grads.find((grad) => grad !== null)!;
        return stack(
          grads.map((grad) => grad ?? like.newZeros(shape)),
          d,
        );
      },
    ],
  );
});

/**
 * Views of x along `dim`: as many as `indicesOrSections` says, as equal as can be, or cut before the indices it lists.
 * https://pytorch.org/docs/stable/generated/torch.tensor_split.html
 */
export const tensorSplit = named(
  'tensorSplit',
  ['input', 'indicesOrSections', 'dim'],
  (x: Tensor, indicesOrSections: number | readonly number[] | Tensor, dim: number = 0): Several<Tensor> => {
    checkTensor('tensorSplit', x);
    if (x.shape.length === 0)
      throw rangeError(
        'tensorSplit: tensor_split expected at least a 1-dimensional tensor, but got a tensor with 0 dims.',
      );
    const d = wrapDim('tensorSplit', dim, x.shape.length);
    const size = x.shape[d]!;
    const cuts = cutsOf(indicesOrSections);
    if (typeof cuts !== 'number') {
      const ends = [...cuts, size];
      return ends.map((end, i) => sliceDim(x, d, i === 0 ? 0 : cuts[i - 1]!, end)) as Several<Tensor>;
    }
    if (!Number.isInteger(cuts) || cuts <= 0)
      throw rangeError(`tensorSplit: number of sections must be larger than 0, got ${cuts}.`);
    checkListed('tensorSplit', 'parts', cuts, MOST_PARTS);
    const small = Math.floor(size / cuts);
    const larger = size % cuts;
    return Array.from({ length: cuts }, (_, i) => {
      const start = i * small + Math.min(i, larger);
      return sliceDim(x, d, start, start + small + (i < larger ? 1 : 0));
    }) as Several<Tensor>;
  },
);

function cutsOf(given: number | readonly number[] | Tensor): number | readonly number[] {
  if (typeof given === 'number' || Array.isArray(given)) return given as number | readonly number[];
  const tensor = given as Tensor;
  checkTensor('tensorSplit', tensor, 'indicesOrSections');
  if (tensor.dtype !== 'int64' || tensor.shape.length > 1) {
    throw rangeError(
      `tensorSplit: tensor_split expected tensor_indices_or_sections to be an int64 tensor of zero or one dimension, but got ${tensor.dtype} [${tensor.shape.join(', ')}].`,
    );
  }
  return tensor.tolist() as number | number[];
}

/** {@link tensorSplit} along a dim, equal parts only, for tensors of enough dimensions. */
function splitAlong(op: string, least: number, dimOf: (x: Tensor) => number) {
  return named(
    op,
    ['input', 'indicesOrSections'],
    (x: Tensor, indicesOrSections: number | readonly number[]): Several<Tensor> => {
      checkTensor(op, x);
      if (x.shape.length < least)
        throw rangeError(
          `${op}: torch.${op} requires a tensor with at least ${least} dimension${least > 1 ? 's' : ''}, but got a tensor with ${x.shape.length} dimensions.`,
        );
      const dim = dimOf(x);
      if (typeof indicesOrSections === 'number') {
        if (indicesOrSections <= 0 || x.shape[dim]! % indicesOrSections !== 0) {
          throw rangeError(
            `${op}: torch.${op} attempted to split along dimension ${dim}, but the size of the dimension ${x.shape[dim]} is not divisible by the split_size ${indicesOrSections}.`,
          );
        }
      }
      return tensorSplit(x, indicesOrSections, dim);
    },
  );
}

/** Splits columns (dimension 1; of a vector its elements). */
export const hsplit = splitAlong('hsplit', 1, (x) => (x.shape.length === 1 ? 0 : 1));
/** Splits rows (dimension 0). */
export const vsplit = splitAlong('vsplit', 2, () => 0);
/** Splits along dimension 2. */
export const dsplit = splitAlong('dsplit', 3, () => 2);
