/** Copies and conversions. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { DTYPES, type DType } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { checkFits, dtypeOf, isScalar, type Scalar } from '../promotion.js';
import { contiguousStrides, describe, isContiguous, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor } from './apply.js';
import { zerosLike } from './derivatives.js';
import { named } from './options.js';

/** How a copy's memory is laid out: row by row, or with the channels (dimension 1) innermost. */
export type MemoryFormat = 'contiguous_format' | 'preserve_format' | 'channels_last' | 'channels_last_3d';

/** The strides a memory format has for a shape. @throws RangeError for a shape of other than 4 (or 5) dimensions */
export function formatStrides(op: string, shape: Shape, format: MemoryFormat | null | undefined): readonly number[] {
  switch (format) {
    case null:
    case undefined:
    case 'contiguous_format':
    case 'preserve_format':
      return contiguousStrides(shape);
    case 'channels_last':
    case 'channels_last_3d': {
      const rank = format === 'channels_last' ? 4 : 5;
      if (shape.length !== rank)
        throw rangeError(
          `${op}: required rank ${rank} tensor to use ${format} format, but its shape is [${shape.join(', ')}].`,
        );
      const order = [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];
      const strides = contiguousStrides(order.map((d) => shape[d]!));
      const out = new Array<number>(rank);
      order.forEach((d, i) => {
        out[d] = strides[i]!;
      });
      return out;
    }
    default:
      throw typeError(
        `${op}: ${describe(format)} is no memory format; give 'contiguous_format', 'preserve_format', 'channels_last' or 'channels_last_3d'.`,
      );
  }
}

/** Whether x is laid out as a memory format says; any way will do for none. */
function fits(op: string, x: Tensor, format: MemoryFormat | null | undefined): boolean {
  if (format === null || format === undefined || format === 'preserve_format') return true;
  if (format !== 'contiguous_format') return hasStrides(x, formatStrides(op, x.shape, format));
  // Any strides pass for row-major here but those of channels last.
  const rank = x.shape.length;
  if (x.isDense || (rank !== 4 && rank !== 5)) return true;
  return !hasStrides(x, formatStrides(op, x.shape, rank === 4 ? 'channels_last' : 'channels_last_3d'));
}

function hasStrides(x: Tensor, strides: readonly number[]): boolean {
  return x.shape.every((size, d) => size === 1 || x.strides[d] === strides[d]);
}

/** A tensor of x's shape whose elements are not set, laid out as a memory format says. */
function emptyIn(op: string, x: Tensor, info: Tensor['dtypeInfo'], format: MemoryFormat | null | undefined): Tensor {
  const out = x.makeEmpty(x.shape, info);
  if (format === null || format === undefined) return out;
  const strides = formatStrides(op, x.shape, format);
  return isContiguous(x.shape, strides) ? out : out.makeAlias(x.shape, strides, 0);
}

/**
 * A copy with its own memory, row-major unless `memoryFormat` says other.
 * https://pytorch.org/docs/stable/generated/torch.clone.html
 */
export const clone = named(
  'clone',
  ['input', 'memoryFormat'],
  (x: Tensor, memoryFormat?: MemoryFormat | null): Tensor => {
    checkTensor('clone', x);
    const out = emptyIn('clone', x, x.dtypeInfo, memoryFormat);
    kernels.copy(out, x);
    return record('CloneBackward0', out, [x], [], [(grad) => grad]);
  },
);

/** x itself where it is laid out as `memoryFormat` (row-major by default) says, else a {@link clone}. */
export const contiguous = named(
  'contiguous',
  ['input', 'memoryFormat'],
  (x: Tensor, memoryFormat?: MemoryFormat | null): Tensor => {
    checkTensor('contiguous', x);
    if (memoryFormat === null || memoryFormat === undefined || memoryFormat === 'contiguous_format')
      return x.isDense ? x : clone(x);
    return fits('contiguous', x, memoryFormat) ? x : clone(x, memoryFormat);
  },
);

/** x converted to a dtype; x itself where it has it already, unless `copy` asks for a new tensor. */
export function toDType(x: Tensor, dtype: DType, copy = false, memoryFormat?: MemoryFormat | null): Tensor {
  const info = dtypeOf('to', dtype);
  if (info === x.dtypeInfo && !copy && fits('to', x, memoryFormat)) return x;
  const out = emptyIn('to', x, info, memoryFormat);
  kernels.copy(out, x);
  const { dtype: from } = x;
  return record('ToCopyBackward0', out, [x], [], [(grad) => grad.to(from)]);
}

/** The bytes of x read as another dtype of the same size. */
export function viewDType(x: Tensor, dtype: DType): Tensor {
  const info = dtypeOf('view', dtype);
  if (info.size !== x.dtypeInfo.size) {
    throw rangeError(
      `view: ${x.dtype} and ${dtype} have elements of ${x.dtypeInfo.size} and ${DTYPES[info.name].size} bytes; only a dtype of the same size can view the same memory.`,
    );
  }
  return x.makeAlias(x.shape, x.strides, x.offset, info);
}

/** A tensor like x, every element `value`: a scalar, or a tensor of one element and no dimensions. */
export const fill = named('fill', ['input', 'value'], (x: Tensor, value: Scalar | Tensor): Tensor => {
  checkTensor('fill', x);
  if (isScalar(value)) checkFits('fill', value, x.dtypeInfo);
  else {
    checkTensor('fill', value, 'value');
    if (value.shape.length > 0)
      throw rangeError(
        `fill: fill only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`,
      );
  }
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  kernels.copy(out, castOperand(value, x.dtypeInfo));
  return record(
    isScalar(value) ? 'FillBackward0' : 'FillBackward1',
    out,
    [x, value],
    [],
    [(grad) => zerosLike(grad), (grad) => grad.sum()],
  );
});

/** x with every element 0, in place. */
export function zero_(x: Tensor): Tensor {
  checkTensor('zero_', x);
  return x.zero_();
}
