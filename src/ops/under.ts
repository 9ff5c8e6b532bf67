import { record } from '../autograd/record.js';
import type { Tensor } from '../tensor.js';

/** y under the name that PyTorch's own kernel for it would have in the graph. */
export function under(name: string, y: Tensor): Tensor {
  return record(name, y.makeAlias(y.shape, y.strides, y.offset), [y], [], [(grad) => grad]);
}
