import { using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { isOptions } from './options.js';
import { type BinaryOp, binary, fromGrad, fromOutput, notBool, unary } from './factories.js';
import type { Scalar } from '../promotion.js';
import { isScalar } from '../promotion.js';
import type { Tensor } from '../tensor.js';

const sum = binary('add', kernels.add, [(grad) => grad, (grad) => grad]);
const difference = binary('sub', kernels.sub, [(grad) => grad, (grad) => grad.neg()], {
  check: notBool('sub', 'use logicalXor or bitwiseXor'),
});

/** `x * y`. */
export const mul = binary('mul', kernels.mul, [
  using([1], (grad, _x, y) => grad.mul(y)),
  using([0], (grad, x) => grad.mul(x)),
]);

/** Options of {@link add} and {@link sub}. */
export interface AlphaOptions {
  /** Multiplies y. */
  alpha?: Scalar;
}

/** Lets a binary op take `alpha`, a factor of its second operand. */
function withAlpha(op: BinaryOp) {
  const scaled = (y: Tensor | Scalar, options: AlphaOptions | undefined): Tensor | Scalar => {
    const alpha = options?.alpha;
    if (alpha === undefined || alpha === 1) return y;
    return isScalar(y) ? Number(y) * Number(alpha) : mul(y, alpha);
  };
  return Object.assign(
    (x: Tensor | Scalar, y: Tensor | Scalar, options?: AlphaOptions): Tensor => op(x, options === undefined ? y : scaled(y, options)),
    {
      inPlace: (x: Tensor, y: Tensor | Scalar, options?: AlphaOptions): Tensor =>
        op.inPlace(x, isOptions(options) ? scaled(y, options) : y),
    },
  );
}

/** `x + alpha * y`. */
export const add = withAlpha(sum);
/** `x - alpha * y`. */
export const sub = withAlpha(difference);

/** `x / y`; integers give floats. */
export const div = binary(
  'div',
  kernels.div,
  [using([1], (grad, _x, y) => grad.div(y)), (grad, x, y) => grad.neg().mul(x.div(y).div(y))],
  { rule: 'float' },
);

/** `-x`. */
export const neg = unary('neg', kernels.neg, fromGrad((grad) => grad.neg()), { check: notBool('neg', 'use logicalNot or bitwiseNot') });

/** `e ** x`. */
export const exp = unary('exp', kernels.exp, fromOutput((grad, y) => grad.mul(y)), { rule: 'float' });
