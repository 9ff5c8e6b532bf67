/** Arithmetic of one operand and of two. */
import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, type DTypeInfo, float32, float64 } from '../dtype.js';
import { typeError } from '../errors.js';
import {
  FloatScalar,
  isScalar,
  resultInfo,
  resultInfoOfTwo,
  type Scalar,
  scalarDType,
  scalarNumber,
} from '../promotion.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, isTensor } from './apply.js';
import { complexReciprocal, complexSgn, conjugate } from './complexFunctions.js';
import { flat, fromGrad, fromInput, fromOutput, notDifferentiable, zerosLike } from './derivatives.js';
import { notBool } from './dtypeChecks.js';
import { type BinaryOp, binary, type Other, unary } from './factories.js';
import { isOptions, named, spreadOptions } from './options.js';
import { overwrite } from './overwriting.js';

function noBools(op: string): (info: DTypeInfo, x: Tensor | Scalar, y: Tensor | Scalar) => void {
  return (_info, x, y) => {
    if (isBool(x) || isBool(y)) {
      throw typeError(
        `${op}: Subtraction, the \`-\` operator, with a bool tensor is not supported; use logicalXor or bitwiseXor.`,
      );
    }
  };
}

function isBool(x: Tensor | Scalar): boolean {
  return isTensor(x) ? x.dtypeInfo === bool : typeof x === 'boolean';
}

const sum = binary('add', kernels.add, [(grad) => grad, (grad) => grad]);
const difference = binary('sub', kernels.sub, [(grad) => grad, (grad) => grad.neg()], { check: noBools('sub') });
const reversed = binary('rsub', (out, x, y) => kernels.sub(out, y, x), [(grad) => grad.neg(), (grad) => grad], {
  check: noBools('rsub'),
  scalarGradFn: 'RsubBackward1',
});

/**
 * `x * y`, broadcast.
 * https://pytorch.org/docs/stable/generated/torch.mul.html
 */
export const mul = binary('mul', kernels.mul, [
  using([1], (grad, _x, y) => grad.mul(conjugate(y))),
  using([0], (grad, x) => grad.mul(conjugate(x))),
]);

/** {@link mul} by a number inside another op, under the name that has in PyTorch. */
export const mulScalar = binary('mul', kernels.mul, [(grad, _x, y) => grad.mul(y), null], { gradFn: 'MulBackward1' });
/** Division by a number inside another op, under the name that has in PyTorch. */
export const divScalar = binary('div', kernels.div, [(grad, _x, y) => grad.div(y), null], {
  rule: 'float',
  gradFn: 'DivBackward1',
});

/** Options of {@link add} and {@link sub}. */
export interface AlphaOptions {
  /** Multiplies y. */
  alpha?: Scalar;
}

/** A second operand with the factor it may have. */
type Scaled = Other | (AlphaOptions & { other: Tensor | Scalar });

/** alpha · y for an op that adds it: alpha may not lift integers to floats. */
function scaled(op: string, x: Tensor | Scalar, y: Tensor | Scalar, alpha: Scalar | undefined): Tensor | Scalar {
  if (alpha === undefined || alpha === 1) return y;
  if (!isScalar(alpha))
    throw typeError(`${op}: alpha must be a number, the factor of other, but is ${describe(alpha)}.`);
  const info = resultInfo([x, y]);
  if (info.category < 2 && scalarDType(alpha).category >= 2) {
    throw typeError(
      `${op}: For integral input tensors, argument alpha must not be a floating point number (${String(alpha)}).`,
    );
  }
  if (typeof alpha === 'boolean' && info !== bool)
    throw typeError(`${op}: Boolean alpha only supported for Boolean results; give a number.`);
  if (!isScalar(y)) return mul(y, alpha);
  const product = scalarNumber(y) * scalarNumber(alpha);
  return y instanceof FloatScalar ? new FloatScalar(product) : product;
}

/** x + alpha · y of floats in one kernel; null where the factor has to be multiplied first. */
function fusedWithAlpha(op: string, sign: 1 | -1, x: Tensor | Scalar, y: Tensor | Scalar, alpha: unknown) {
  if (typeof alpha !== 'number' || alpha === 1 || !isTensor(x) || !isTensor(y)) return null;
  const info = resultInfoOfTwo(x, y);
  if (info !== float32 && info !== float64) return null;
  const factor = sign * alpha;
  return binary(op, (out, a, b) => kernels.addScaled(out, a, b, factor), [(grad) => grad, (grad) => grad.mul(factor)]);
}

/** Lets a binary op, the sum or (with sign -1) the difference, take `alpha`, a factor of its second operand. */
function withAlpha(op: string, base: BinaryOp, sign: 1 | -1) {
  /** The op to call with which second operand. */
  const given = (x: Tensor | Scalar, y: Scaled, options?: AlphaOptions): [BinaryOp, Tensor | Scalar] => {
    if (options === undefined && !isOptions(y)) return [base, y as Tensor | Scalar];
    const values = spreadOptions(op, ['other', 'alpha'], options === undefined ? [y] : [y, options]);
    const [other, alpha] = values as [Tensor | Scalar, Scalar | undefined];
    const fused = fusedWithAlpha(op, sign, x, other, alpha);
    return fused === null ? [base, scaled(op, x, other, alpha)] : [fused, other];
  };
  return Object.assign(
    (x: Tensor | Scalar, y: Scaled, options?: AlphaOptions): Tensor => {
      const [apply, term] = given(x, y, options);
      return apply(x, term);
    },
    {
      inPlace: (x: Tensor, y: Scaled, options?: AlphaOptions): Tensor => {
        const [apply, term] = given(x, y, options);
        return apply.inPlace(x, term);
      },
    },
  );
}

/**
 * `x + alpha * y`, broadcast.
 * https://pytorch.org/docs/stable/generated/torch.add.html
 */
export const add = withAlpha('add', sum, 1);
/** `x - alpha * y`, broadcast. @throws TypeError for bool tensors */
export const sub = withAlpha('sub', difference, -1);

/** `y - alpha * x`, broadcast. */
export const rsub = named(
  'rsub',
  ['input', 'other', 'alpha'],
  (x: Tensor, y: Tensor | Scalar, alpha?: Scalar): Tensor => {
    checkTensor('rsub', x);
    return reversed(scaled('rsub', y, x, alpha), y);
  },
);

const quotient = binary(
  'div',
  kernels.div,
  [using([1], (grad, _x, y) => grad.div(conjugate(y))), (grad, x, y) => grad.neg().mul(conjugate(div(x, y).div(y)))],
  { rule: 'float' },
);

/** Rounding divisions have gradients of zero. */
function roundedQuotient(op: string, kernel: typeof kernels.floorDivide, gradFn: string): BinaryOp {
  return binary(op, kernel, [(grad) => zerosLike(grad), (grad) => zerosLike(grad)], {
    gradFn,
    check: notBool(op, 'convert one with to(…)'),
  });
}
const quotientDown = roundedQuotient('div', kernels.floorDivide, 'DivBackward2');
const quotientToZero = roundedQuotient('div', kernels.truncDivide, 'DivBackward2');

/** Options of {@link div}. */
export interface RoundingOptions {
  /** 'floor' rounds down, 'trunc' towards zero; integers stay integers then. */
  roundingMode?: 'floor' | 'trunc' | null;
}

type Divided = Other | (RoundingOptions & { other: Tensor | Scalar });

function division(y: Divided, options: RoundingOptions | undefined): [BinaryOp, Tensor | Scalar] {
  if (options === undefined && !isOptions(y)) return [quotient, y as Tensor | Scalar];
  const [other, mode] = spreadOptions('div', ['other', 'roundingMode'], options === undefined ? [y] : [y, options]) as [
    Tensor | Scalar,
    unknown,
  ];
  if (mode === undefined || mode === null) return [quotient, other];
  if (mode === 'floor') return [quotientDown, other];
  if (mode === 'trunc') return [quotientToZero, other];
  throw typeError(
    `div: expected roundingMode to be one of null, 'trunc', or 'floor' but found ${JSON.stringify(mode)}.`,
  );
}

/**
 * `x / y`, broadcast; integers give floats, unless `roundingMode` ('floor' or 'trunc') rounds the quotient.
 * https://pytorch.org/docs/stable/generated/torch.div.html
 */
export const div = Object.assign(
  (x: Tensor | Scalar, y: Divided, options?: RoundingOptions): Tensor => {
    const [op, other] = division(y, options);
    return op(x, other);
  },
  {
    inPlace: (x: Tensor, y: Divided, options?: RoundingOptions): Tensor => {
      const [op, other] = division(y, options);
      return op.inPlace(x, other);
    },
  },
);

/** `x / y` rounded down, of the operands' dtype. It has no gradient. */
export const floorDivide = binary(
  'floorDivide',
  kernels.floorDivide,
  [notDifferentiable('floorDivide'), notDifferentiable('floorDivide')],
  {
    gradFn: 'NotImplemented',
    check: notBool('floorDivide', 'convert one with to(…)'),
  },
);

/** A scalar divided by a tensor: PyTorch has no derivative of the remainder for the divisor alone. */
function remainderOf(op: string, kernel: typeof kernels.remainder, mode: 'floor' | 'trunc'): BinaryOp {
  return binary(
    op,
    kernel,
    [
      (grad) => grad,
      (grad, x, y) =>
        isScalar(x as Tensor | Scalar) ? notDifferentiable(op)() : grad.neg().mul(x.div(y, { roundingMode: mode })),
    ],
    {
      gradFn: `${op === 'fmod' ? 'Fmod' : 'Remainder'}Backward1`,
      scalarGradFn: `${op === 'fmod' ? 'Fmod' : 'Remainder'}Backward0`,
      reversedGradFn: 'NotImplemented',
      check: notBool(op, 'convert one with to(…)'),
    },
  );
}

/** `x - y * floor(x / y)`: the remainder with y's sign, as Python's `%`. */
export const remainder = remainderOf('remainder', kernels.remainder, 'floor');
/** `x - y * trunc(x / y)`: the remainder with x's sign, as C's fmod. */
export const fmod = remainderOf('fmod', kernels.fmod, 'trunc');

/** `-x`. @throws TypeError for bool tensors */
export const neg = unary(
  'neg',
  kernels.neg,
  fromGrad((grad) => grad.neg()),
  { check: notBool('neg', 'use logicalNot or bitwiseNot') },
);

/** x itself. @throws TypeError for bool tensors */
export function positive(x: Tensor): Tensor {
  checkTensor('positive', x);
  if (x.dtypeInfo === bool)
    throw typeError('positive: The `+` operator, on a bool tensor is not supported; convert with to(…).');
  return x;
}

/** `1 / x`. */
export const reciprocal = unary(
  'reciprocal',
  kernels.reciprocal,
  fromOutput((grad, y) => grad.neg().mul(y.mul(y))),
  { rule: 'float', complex: complexReciprocal },
);

const realAbs = unary(
  'abs',
  kernels.abs,
  fromInput((grad, x) => grad.mul(x.sgn())),
  { check: notBool('abs', 'convert with to(…)') },
);

/** `|x|`, of complex numbers in float32; its gradient at 0 is 0. */
export const abs = Object.assign(
  (x: Tensor): Tensor => {
    checkTensor('abs', x);
    if (!x.dtypeInfo.isComplex) return realAbs(x);
    const out = x.makeEmpty(x.shape, float32);
    kernels.abs(out, x);
    return record('AbsBackward0', out, [x], [x] as const, [(grad, z: Tensor) => grad.mul(z.sgn())]);
  },
  {
    inPlace: (x: Tensor): Tensor => {
      checkTensor('abs_', x);
      if (x.dtypeInfo.isComplex)
        throw typeError('abs_: In-place abs is not supported for complex tensors, whose results are real; use abs.');
      return realAbs.inPlace(x);
    },
  },
);

/** -1, 0 or 1 by x's sign; 0 for NaN. */
export const sign = unary('sign', signKernel, flat);
const realSgn = unary('sgn', signKernel, flat);

/** {@link sign}, under the name that also serves complex numbers: z / |z|, and 0 at 0. */
export const sgn = Object.assign(
  (x: Tensor): Tensor => {
    checkTensor('sgn', x);
    return x.dtypeInfo.isComplex ? complexSgn(x) : realSgn(x);
  },
  {
    inPlace: (x: Tensor): Tensor => {
      checkTensor('sgn_', x);
      return x.dtypeInfo.isComplex ? overwrite('sgn_', x, complexSgn) : realSgn.inPlace(x);
    },
  },
);

function signKernel(out: Parameters<typeof kernels.sign>[0], x: Parameters<typeof kernels.sign>[1]): void {
  if (x.dtypeInfo === bool) kernels.copy(out, x);
  else kernels.sign(out, x);
}
