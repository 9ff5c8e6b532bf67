/** Comparisons, classification and logic: results are bool. */
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import { bool } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import {
  broadcastOperands,
  castOperand,
  checkInPlace,
  checkInPlaceShape,
  checkTensor,
  scalarOperand,
} from './apply.js';
import { binary, type Other, otherOf, unary } from './factories.js';
import { named } from './options.js';

const truth = { rule: 'bool' } as const;
const compared = { rule: 'bool', tensorFirst: true } as const;

/** `x === y`, elementwise. */
export const eq = binary('eq', kernels.eq, null, compared);
/** `x !== y`, elementwise; true for NaN. */
export const ne = binary('ne', kernels.ne, null, compared);
/** `x < y`, elementwise. */
export const lt = binary('lt', kernels.lt, null, compared);
/** `x <= y`, elementwise. */
export const le = binary('le', kernels.le, null, compared);
/** `x > y`, elementwise. */
export const gt = binary('gt', kernels.gt, null, compared);
/** `x >= y`, elementwise. */
export const ge = binary('ge', kernels.ge, null, compared);

/** Whether an element is not a number. */
export const isnan = unary('isnan', kernels.isnan, null, truth);
/** Whether an element is ∞ or -∞. */
export const isinf = unary('isinf', kernels.isinf, null, truth);
/** Whether an element is neither infinite nor NaN. */
export const isfinite = unary('isfinite', kernels.isfinite, null, truth);

function equalsScalar(value: number): (out: Operand, x: Operand) => void {
  // No integer is infinite.
  return (out, x) =>
    x.dtypeInfo.isFloat ? kernels.eq(out, x, scalarOperand(value, x.dtypeInfo)) : kernels.ne(out, x, x);
}

function realOnly(op: string): { rule: 'bool'; check: (info: { isComplex: boolean }) => void } {
  return {
    ...truth,
    check: (info) => {
      if (info.isComplex) throw typeError(`${op}: ${op} does not support complex inputs.`);
    },
  };
}

/** Whether an element is ∞. */
export const isposinf = unary('isposinf', equalsScalar(Number.POSITIVE_INFINITY), null, realOnly('isposinf'));
/** Whether an element is -∞. */
export const isneginf = unary('isneginf', equalsScalar(Number.NEGATIVE_INFINITY), null, realOnly('isneginf'));
/** Whether an element's sign bit is set: negative numbers and -0. */
export const signbit = unary(
  'signbit',
  (out, x) => {
    // 1 with x's sign is below 0 for -0 and negative NaN too.
    if (!x.dtypeInfo.isFloat || !('makeEmpty' in x)) return kernels.lt(out, x, scalarOperand(0, x.dtypeInfo));
    const signs = (x as Tensor).makeEmpty(x.shape, x.dtypeInfo);
    kernels.copysign(signs, scalarOperand(1, x.dtypeInfo), x);
    kernels.lt(out, signs, scalarOperand(0, x.dtypeInfo));
  },
  null,
  realOnly('signbit'),
);

/** Whether an element is 0. */
export const logicalNot = unary('logicalNot', kernels.logicalNot, null, truth);

/** x as bools: whether an element is not 0. */
function truthOf(x: Tensor): Tensor {
  if (x.dtypeInfo === bool) return x;
  const out = x.makeEmpty(x.shape, bool);
  kernels.ne(out, x, scalarOperand(0, x.dtypeInfo));
  return out;
}

/** An op on the truth of two tensors; what PyTorch calls with numbers it refuses here too. */
function logical(op: string, kernel: (out: Operand, x: Operand, y: Operand) => void) {
  const operands = (x: Tensor, other: Other): [Tensor, Tensor] => {
    const y = otherOf(op, other) as Tensor;
    checkTensor(op, x);
    checkTensor(op, y, 'other');
    return [x, y];
  };
  const forward = (x: Tensor, other: Other): Tensor => {
    const [a, b] = operands(x, other);
    const out = a.makeEmpty(broadcastOperands(op, a, b), bool);
    kernel(out, truthOf(a), truthOf(b));
    return out;
  };
  const inPlace = (x: Tensor, other: Other): Tensor => {
    const [a, b] = operands(x, other);
    checkInPlaceShape(`${op}_`, a, broadcastOperands(op, a, b));
    checkInPlace(`${op}_`, a);
    a.writeFrom(forward(a, b));
    a.storage.version++;
    return a;
  };
  return Object.assign(forward, { inPlace });
}

/** Whether neither element is 0. */
export const logicalAnd = logical('logicalAnd', kernels.bitwiseAnd);
/** Whether not both elements are 0. */
export const logicalOr = logical('logicalOr', kernels.bitwiseOr);
/** Whether exactly one element is 0. */
export const logicalXor = logical('logicalXor', kernels.bitwiseXor);

/**
 * Whether `|x - y| <= atol + rtol * |y|`, elementwise; infinities are close to themselves, NaN too with `equalNan`.
 * https://pytorch.org/docs/stable/generated/torch.isclose.html
 */
export const isclose = named(
  'isclose',
  ['input', 'other', 'rtol', 'atol', 'equalNan'],
  (x: Tensor, y: Tensor, rtol: number = 1e-5, atol: number = 1e-8, equalNan: boolean = false): Tensor => {
    checkTensor('isclose', x);
    checkTensor('isclose', y, 'other');
    if (x.dtypeInfo !== y.dtypeInfo)
      throw typeError(`isclose: ${x.dtype} did not match ${y.dtype}; convert one with to(…).`);
    if (rtol < 0) throw rangeError(`isclose: rtol must be greater than or equal to zero, but got ${rtol}.`);
    if (atol < 0) throw rangeError(`isclose: atol must be greater than or equal to zero, but got ${atol}.`);
    const a = x.detach();
    const b = y.detach();
    let close = eq(a, b);
    if (equalNan && (a.dtypeInfo.isFloat || a.dtypeInfo.isComplex))
      close = logicalOr(close, logicalAnd(isnan(a), isnan(b)));
    if (rtol === 0 && atol === 0) return close;
    const wide = b.dtypeInfo.category < 2 ? b.to('float32') : b;
    const distance = (a.dtypeInfo.category < 2 ? a.to(wide.dtype) : a).sub(wide).abs();
    const near = distance.le(wide.mul(rtol).abs().add(atol));
    return logicalOr(close, logicalAnd(near, isfinite(distance)));
  },
);

/** Whether all elements are {@link isclose}. */
export const allclose = named(
  'allclose',
  ['input', 'other', 'rtol', 'atol', 'equalNan'],
  (x: Tensor, y: Tensor, rtol: number = 1e-5, atol: number = 1e-8, equalNan: boolean = false): boolean =>
    Boolean(isclose(x, y, rtol, atol, equalNan).all().item()),
);

/** Whether two tensors have the same shape and equal elements. */
export const equal = named('equal', ['input', 'other'], (x: Tensor, y: Tensor): boolean => {
  checkTensor('equal', x);
  checkTensor('equal', y, 'other');
  if (!sameShape(x.shape, y.shape)) return false;
  const other = y.dtypeInfo === x.dtypeInfo ? y : (castOperand(y, x.dtypeInfo) as Tensor);
  return Boolean(eq(x.detach(), other.detach()).all().item());
});
