/** Powers of tensors and numbers. */
import { using } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import { complex64, float64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { isScalar, type Scalar, scalarDType, scalarNumber } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, scalarOperand } from './apply.js';
import { conjugate } from './complexFunctions.js';
import { zerosLike } from './derivatives.js';
import { notBool } from './dtypeChecks.js';
import { type BinaryOp, binary, type Other, otherOf } from './factories.js';
import { named } from './options.js';

/** x² of integers, floats and (as int64) bools. */
export const square = Object.assign((x: Tensor): Tensor => power(x, 2), {
  inPlace: (x: Tensor): Tensor => powerInPlace(x, 2),
});

const noBools = notBool('pow', 'convert one with to(…)');

const powers = binary(
  'pow',
  kernels.pow,
  [(grad, x, y) => baseGradient(grad, x, y), (grad, x, y) => exponentGradient(grad, x, y)],
  {
    gradFn: 'PowBackward1',
    reversedGradFn: 'PowBackward2',
    check: (info, x, y) => {
      noBools(info);
      if (info.category < 2 && isScalar(y) && scalarNumber(y) < 0 && !isScalar(x)) {
        throw rangeError(
          `pow: Integers to negative integer powers are not allowed (${String(y)}); convert x with to('float32').`,
        );
      }
    },
  },
);

/** x ** e for a scalar e, with PyTorch's shortcuts; `out` may be x. */
function powerInto(out: Operand, x: Operand, exponent: number): void {
  const isFloat = out.dtypeInfo.isFloat;
  if (exponent === 2 && out.dtypeInfo !== complex64) kernels.square(out, x);
  else if (exponent === 2) kernels.mul(out, x, x);
  else if (isFloat && exponent === 0.5) kernels.sqrt(out, x);
  else if (isFloat && exponent === -0.5) kernels.rsqrt(out, x);
  else if (isFloat && exponent === -1) kernels.reciprocal(out, x);
  else if (isFloat && exponent === -2) {
    kernels.square(out, x);
    kernels.reciprocal(out, out);
  } else if (isFloat && exponent === 3) kernels.cube(out, x);
  else kernels.pow(out, x, scalarOperand(exponent, out.dtypeInfo));
}

const scalarPowers = new Map<number, BinaryOp>();

/** x ** exponent: the op of one exponent, made once. */
function powerOf(exponent: number): BinaryOp {
  let op = scalarPowers.get(exponent);
  if (op === undefined) {
    op = binary(
      'pow',
      (out, x) => powerInto(out, x, exponent),
      [using([0], (grad, x) => scalarPowerGradient(grad, x, exponent)), null],
      {
        gradFn: 'PowBackward0',
        check: (info, x) => {
          noBools(info);
          if (info.category < 2 && exponent < 0 && !isScalar(x)) {
            throw rangeError(
              `pow: Integers to negative integer powers are not allowed (${exponent}); convert x with to('float32').`,
            );
          }
        },
      },
    );
    if (scalarPowers.size < 64) scalarPowers.set(exponent, op);
  }
  return op;
}

function scalarPowerGradient(grad: Tensor, x: Tensor, exponent: number): Tensor {
  if (exponent === 0) return zerosLike(grad);
  if (exponent === 1) return grad;
  const z = conjugate(x);
  if (exponent === 2) return grad.mul(z.mul(2));
  return grad.mul(z.pow(exponent - 1).mul(exponent));
}

/** 0 where the exponent is 0, even at x = 0, where 0 · x ** -1 would be NaN. */
function baseGradient(grad: Tensor, x: Tensor, y: Tensor | Scalar): Tensor {
  if (isScalar(y)) return scalarPowerGradient(grad, x, scalarNumber(y));
  return grad.mul(y.mul(x.pow(y.sub(1)))).maskedFill(y.eq(0), 0);
}

/** x ** y · log x, and 0 at x = 0 for y ≥ 0, where log x is -∞. */
function exponentGradient(grad: Tensor, x: Tensor | Scalar, y: Tensor): Tensor {
  if (isScalar(x)) {
    const base = scalarNumber(x);
    // 0 ** y is a step: flat from 0 on, infinite below.
    if (base === 0) return grad.mul(zerosLike(y).maskedFill(y.lt(0), Number.NEGATIVE_INFINITY));
    return grad.mul(pow(x, y).mul(Math.log(base)));
  }
  const flat = x.eq(0).logicalAnd(y.ge(0));
  return grad.mul(x.pow(y).mul(x.maskedFill(flat, 1).log()).maskedFill(flat, 0));
}

function power(x: Tensor | Scalar, y: Tensor | Scalar): Tensor {
  if (isScalar(y) && !isScalar(x) && scalarDType(y) !== complex64) return powerOf(scalarNumber(y))(x, y);
  return powers(x, y);
}

function powerInPlace(x: Tensor, y: Tensor | Scalar): Tensor {
  if (isScalar(y) && scalarDType(y) !== complex64) return powerOf(scalarNumber(y)).inPlace(x, y);
  return powers.inPlace(x, y);
}

const exponentOf = (op: string, y: Other | { exponent: Tensor | Scalar }): Tensor | Scalar =>
  typeof y === 'object' && 'exponent' in y ? (y.exponent as Tensor | Scalar) : otherOf(op, y as Other);

/**
 * `x ** y`, broadcast; either may be a number.
 * https://pytorch.org/docs/stable/generated/torch.pow.html
 * @throws RangeError for integers to a negative whole number
 */
export const pow = Object.assign(
  (x: Tensor | Scalar, y: Other | { exponent: Tensor | Scalar }): Tensor => power(x, exponentOf('pow', y)),
  {
    inPlace: (x: Tensor, y: Other | { exponent: Tensor | Scalar }): Tensor => powerInPlace(x, exponentOf('pow', y)),
  },
);

/** `x ** y` in float64 (or complex64), whatever the operands are. */
export const floatPower = Object.assign(
  (x: Tensor | Scalar, y: Other | { exponent: Tensor | Scalar }): Tensor => {
    const exponent = exponentOf('floatPower', y);
    const complex = [x, exponent].some((value) => (isScalar(value) ? scalarDType(value) : value.dtypeInfo).isComplex);
    const wide = (value: Tensor | Scalar): Tensor | Scalar =>
      isScalar(value) ? value : value.to(complex ? 'complex64' : float64.name);
    return power(wide(x), wide(exponent));
  },
  {
    inPlace: (x: Tensor, y: Other | { exponent: Tensor | Scalar }): Tensor => {
      if (x.dtypeInfo !== float64)
        throw typeError(
          `floatPower_: the base given to float_power_ has dtype ${x.dtype} but the operation's result requires dtype float64; convert x first.`,
        );
      const exponent = exponentOf('floatPower_', y);
      return powerInPlace(x, isScalar(exponent) ? exponent : exponent.to('float64'));
    },
  },
);

/** `x * 2 ** y`, broadcast. */
export const ldexp = named('ldexp', ['input', 'other'], (x: Tensor, y: Tensor): Tensor => {
  checkTensor('ldexp', x);
  checkTensor('ldexp', y, 'other');
  return x.mul(pow(2, y.dtypeInfo.isFloat ? y : y.to('float32')));
});
