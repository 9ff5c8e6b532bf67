/** How views are recorded. Not exported to users. */
import { record } from '../autograd/record.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkHistory, checkTensor } from './apply.js';

/** A recorded view of x. */
export function recordView(
  name: string,
  x: Tensor,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  gradient: (grad: Tensor) => Tensor,
): Tensor {
  return record(name, x.makeView(shape, strides, offset), [x], [], [gradient]);
}

/** The gradient of a view: zeros with `grad` at the view's place. Its own gradient is the view again. */
export function intoZeros(grad: Tensor, shape: Shape, part: (whole: Tensor) => Tensor): Tensor {
  const whole = grad.makeEmpty(shape, grad.dtypeInfo).zero_();
  part(whole).copyInto(grad.detach());
  return record('IntoZerosBackward0', whole, [grad], [], [(g) => part(g)]);
}

/** PyTorch's names of the in-place forms' nodes. */
const IN_PLACE: Readonly<Record<string, string>> = {
  AsStridedBackward0: 'AsStridedBackward1',
  SqueezeBackward0: 'SqueezeBackward2',
  SqueezeBackward1: 'SqueezeBackward3',
  TBackward0: 'TBackward1',
  TransposeBackward0: 'TransposeBackward1',
  UnsqueezeBackward0: 'UnsqueezeBackward1',
};

/** Gives x the geometry and the history of one of its views: the in-place forms of views. */
export function viewInPlace(op: string, x: Tensor, body: (x: Tensor) => Tensor): Tensor {
  checkTensor(op, x);
  checkHistory(op, x);
  const seen = body(x);
  const node = seen === x ? null : seen.gradFn;
  x.offset = seen.offset;
  x.setGeometry(seen.shape, seen.strides);
  x.storage.version++;
  if (node !== null) {
    node.name = IN_PLACE[node.name] ?? node.name;
    x.setHistory(node, seen.outputIndex);
  }
  return x;
}
