/** Choices by a mask. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, uint8 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { isScalar, resultInfo, type Scalar } from '../promotion.js';
import { broadcastAll, broadcastTwo } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, shapeOf } from './apply.js';
import { named } from './options.js';

function checkMask(op: string, mask: Tensor, name: string): void {
  checkTensor(op, mask, name);
  if (mask.dtypeInfo !== bool && mask.dtypeInfo !== uint8) throw typeError(`${op}: expected ${name} to be a boolean tensor, but got a tensor with dtype ${mask.dtype}; compare with eq(…), lt(…) …`);
}

/**
 * x where the condition holds, y elsewhere, broadcast. What is not chosen gets a gradient of 0, even if it holds NaN.
 * https://pytorch.org/docs/stable/generated/torch.where.html
 */
export const where = named('where', ['condition', 'input', 'other'], (condition: Tensor, x: Tensor | Scalar, y: Tensor | Scalar): Tensor => {
  checkMask('where', condition, 'condition');
  for (const [name, value] of [['input', x], ['other', y]] as const) if (!isScalar(value)) checkTensor('where', value, name);
  const info = resultInfo([x, y]);
  const out = condition.makeEmpty(broadcastAll('where', [condition.shape, shapeOf(x), shapeOf(y)]), info);
  kernels.where(out, condition, castOperand(x, info), castOperand(y, info));
  return record('WhereBackward0', out, [condition, x, y], [condition], [
    null,
    (grad, chosen: Tensor) => where(chosen, grad, 0),
    (grad, chosen: Tensor) => where(chosen, 0, grad),
  ]);
});

/**
 * x with `value` where the mask holds; the mask broadcasts to x.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html
 */
export const maskedFill = named('maskedFill', ['input', 'mask', 'value'], (x: Tensor, mask: Tensor, value: Tensor | Scalar): Tensor => {
  checkTensor('maskedFill', x);
  checkMask('maskedFill', mask, 'mask');
  if (!isScalar(value) && value.shape.length > 0) throw rangeError(`maskedFill: masked_fill only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`);
  const out = x.makeEmpty(broadcastTwo('maskedFill', x.shape, mask.shape), x.dtypeInfo);
  kernels.where(out, mask, castOperand(value, x.dtypeInfo), x);
  return record(isScalar(value) ? 'MaskedFillBackward0' : 'MaskedFillBackward1', out, [x, mask, value], [mask], [
    (grad, filled: Tensor) => maskedFill(grad, filled, 0),
    null,
    (grad, filled: Tensor) => where(filled, grad, 0).sum(),
  ]);
});
