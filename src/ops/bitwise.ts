/** Bits of integers, and what only whole numbers have. */
import { kernels } from '../backends/index.js';
import { bool, type DTypeInfo } from '../dtype.js';
import { typeError } from '../errors.js';
import { integersOnly } from './dtypeChecks.js';
import { binary, unary } from './factories.js';

function integersNotBool(op: string): (info: DTypeInfo) => void {
  return (info) => {
    integersOnly(op)(info);
    if (info === bool) throw typeError(`${op}: not implemented for bool; convert with to('int64').`);
  };
}

const integer = (op: string) => ({ check: integersOnly(op) });
const number = (op: string) => ({ check: integersNotBool(op) });

/** Every bit turned over; of bools the truth. */
export const bitwiseNot = unary('bitwiseNot', kernels.bitwiseNot, null, integer('bitwiseNot'));
/** The bits that both have. */
export const bitwiseAnd = binary('bitwiseAnd', kernels.bitwiseAnd, null, integer('bitwiseAnd'));
/** The bits that either has. */
export const bitwiseOr = binary('bitwiseOr', kernels.bitwiseOr, null, integer('bitwiseOr'));
/** The bits that exactly one has. */
export const bitwiseXor = binary('bitwiseXor', kernels.bitwiseXor, null, integer('bitwiseXor'));
/** x's bits moved up by y. */
export const bitwiseLeftShift = binary('bitwiseLeftShift', kernels.bitwiseLeftShift, null, number('bitwiseLeftShift'));
/** x's bits moved down by y; the sign stays. */
export const bitwiseRightShift = binary(
  'bitwiseRightShift',
  kernels.bitwiseRightShift,
  null,
  number('bitwiseRightShift'),
);

/** The greatest common divisor, not negative; gcd(0, 0) is 0. */
export const gcd = binary('gcd', kernels.gcd, null, { ...number('gcd'), tensorsOnly: true });
/** The least common multiple, not negative. */
export const lcm = binary('lcm', kernels.lcm, null, { ...number('lcm'), tensorsOnly: true });
