/** Second names that PyTorch has for ops. */
import type { Scalar } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { div } from './arithmetic.js';
import { type Other, otherOf } from './factories.js';

export { abs as absolute, div as divide, mul as multiply, neg as negative, sub as subtract } from './arithmetic.js';
export { clamp as clip } from './clamping.js';
export { ge as greaterEqual, gt as greater, le as lessEqual, lt as less, ne as notEqual } from './comparison.js';
export { cat as concat, cat as concatenate, vstack as rowStack } from './joining.js';
export { movedim as moveaxis, transpose as swapaxes, transpose as swapdims } from './permuting.js';
export { outer as ger } from './products.js';
export { trunc as fix } from './rounding.js';
export {
  acos as arccos,
  acosh as arccosh,
  asin as arcsin,
  asinh as arcsinh,
  atan as arctan,
  atan2 as arctan2,
  atanh as arctanh,
} from './trigonometric.js';

/** `x / y`, integers giving floats: {@link div} without rounding. */
export const trueDivide = Object.assign((x: Tensor | Scalar, y: Other): Tensor => div(x, otherOf('trueDivide', y)), {
  inPlace: (x: Tensor, y: Other): Tensor => div.inPlace(x, otherOf('trueDivide_', y)),
});
