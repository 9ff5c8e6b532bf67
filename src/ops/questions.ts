/** What can be asked of a tensor by a function: PyTorch's `torch.is_…` and `torch.numel`. */
import { rangeError } from '../errors.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';

/** Whether the elements are floats. */
export function isFloatingPoint(input: Tensor): boolean {
  checkTensor('isFloatingPoint', input);
  return input.dtypeInfo.isFloat;
}

/** Whether the elements are complex numbers. */
export function isComplex(input: Tensor): boolean {
  checkTensor('isComplex', input);
  return input.dtypeInfo.isComplex;
}

/** Whether the dtype has negative numbers: not bool and uint8. */
export function isSigned(input: Tensor): boolean {
  checkTensor('isSigned', input);
  return input.dtype !== 'bool' && input.dtype !== 'uint8';
}

/**
 * Whether the one element is not 0.
 * @throws RangeError for more or fewer elements
 */
export function isNonzero(input: Tensor): boolean {
  checkTensor('isNonzero', input);
  if (input.count !== 1) {
    throw rangeError(
      `isNonzero: Boolean value of Tensor with ${input.count === 0 ? 'no values' : 'more than one value'} is ambiguous: it has ${input.count}; reduce it with any() or all().`,
    );
  }
  return input.detach().ne(0).item<boolean>();
}

/** Whether two tensors have the same shape. */
export function isSameSize(input: Tensor, other: Tensor): boolean {
  checkTensor('isSameSize', input);
  checkTensor('isSameSize', other, 'other');
  return sameShape(input.shape, other.shape);
}

/** How many elements. */
export function numel(input: Tensor): number {
  checkTensor('numel', input);
  return input.count;
}
