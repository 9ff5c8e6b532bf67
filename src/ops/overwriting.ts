/** In-place forms of ops that have no kernel of their own for it. */
import { mode } from '../autograd/mode.js';
import { recordInPlace } from '../autograd/record.js';
import { isScalar, type Scalar } from '../promotion.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkInPlace, checkInPlaceDType, checkInPlaceShape, checkTensor } from './apply.js';
import { gradFnName } from './derivatives.js';

/** y, or a copy of it where it lies in x's memory otherwise than x: writing x would change it while it is read. */
export function unaliased<T extends Tensor | Scalar>(x: Tensor, y: T): T {
  if (isScalar(y) || y.storage !== x.storage) return y;
  if (y.offset === x.offset && sameShape(y.shape, x.shape) && sameShape(y.strides, x.strides)) return y;
  return y.detach().clone() as T;
}

/**
 * The in-place form of an op without one of its own: the op is recorded on a copy of x, whose memory and history its
 * result then takes.
 */
export function overwrite(op: string, x: Tensor, body: (x: Tensor) => Tensor): Tensor {
  checkTensor(op, x);
  checkInPlace(op, x);
  const isRecorded = mode.grad && x.requiresGrad;
  let result = body(isRecorded ? x.clone() : x);
  // Another operand asks for a gradient, whose formula may look at x as it was.
  if (!isRecorded && result.requiresGrad) result = body(x.detach().clone());
  checkInPlaceDType(op, x, result.dtypeInfo);
  checkInPlaceShape(op, x, result.shape);
  if (result.requiresGrad && x.viewBase !== null) return x.copy_(result);
  x.writeFrom(result);
  if (!result.requiresGrad) return recordInPlace(gradFnName(op), x, [x], [] as never[], [null]);
  x.storage.version++;
  x.setHistory(result.gradFn!, result.outputIndex);
  return x;
}

/** Gives an op an in-place form through {@link overwrite}. */
export function inPlaceOf<A extends readonly unknown[]>(
  op: string,
  forward: (...args: A) => Tensor,
): ((...args: A) => Tensor) & { inPlace(...args: A): Tensor } {
  const inPlace = (...args: A): Tensor =>
    overwrite(`${op}_`, args[0] as Tensor, (y) => forward(...([y, ...args.slice(1)] as unknown as A)));
  return Object.assign((...args: A) => forward(...args), { inPlace });
}
