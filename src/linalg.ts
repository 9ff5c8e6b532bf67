/** PyTorch's torch.linalg. */

import { checkTensor } from './ops/apply.js';
import { diagonal as diagonalOf } from './ops/diagonal.js';
import { named } from './ops/options.js';
import { crossAlong } from './ops/products.js';
import type { Tensor } from './tensor.js';

export { matmul } from './ops/matmul.js';

/**
 * The vector product over `dim`, broadcast.
 * https://pytorch.org/docs/stable/generated/torch.linalg.cross.html
 */
export const cross = named('cross', ['input', 'other', 'dim'], (x: Tensor, other: Tensor, dim: number = -1): Tensor => {
  checkTensor('cross', x);
  checkTensor('cross', other, 'other');
  return crossAlong('cross', x, other, dim);
});

/** The diagonal of the last two dims (by default) as the last dimension of a view. */
export const diagonal = named(
  'diagonal',
  ['A', 'offset', 'dim1', 'dim2'],
  (x: Tensor, offset: number = 0, dim1: number = -2, dim2: number = -1): Tensor => diagonalOf(x, offset, dim1, dim2),
);
