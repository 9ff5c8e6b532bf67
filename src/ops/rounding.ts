/** Rounding. Whole numbers are their own result. */
import { kernels } from '../backends/index.js';
import { typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, scalarOperand } from './apply.js';
import { flat, fromGrad } from './derivatives.js';
import { floatsOnly, notBool } from './dtypeChecks.js';
import { type UnaryOp, unary } from './factories.js';
import { named } from './options.js';

const whole = (op: string) => ({ keepsIntegers: true, check: notBool(op, 'bools are whole already') });

/** The largest whole number not above x. Its gradient is 0. */
export const floor = unary('floor', kernels.floor, flat, whole('floor'));
/** The smallest whole number not below x. Its gradient is 0. */
export const ceil = unary('ceil', kernels.ceil, flat, whole('ceil'));
/** x without its fraction. Its gradient is 0. */
export const trunc = unary('trunc', kernels.trunc, flat, whole('trunc'));
/** x - trunc(x), the fraction, with x's sign; floats only. */
export const frac = unary(
  'frac',
  kernels.frac,
  fromGrad((grad) => grad),
  { check: floatsOnly('frac') },
);

const nearest = unary('round', kernels.round, flat, whole('round'));
const byDecimals = new Map<number, UnaryOp>();

/** Rounding to a number of decimals: scaled by the power of ten, rounded, scaled back. */
function roundTo(decimals: number): UnaryOp {
  let op = byDecimals.get(decimals);
  if (op === undefined) {
    if (!Number.isInteger(decimals)) throw typeError(`round: decimals must be a whole number, but is ${decimals}.`);
    const scale = 10 ** Math.abs(decimals);
    const [there, back] = decimals >= 0 ? ([kernels.mul, kernels.div] as const) : ([kernels.div, kernels.mul] as const);
    op = unary(
      'round',
      (out, x) => {
        const factor = scalarOperand(scale, out.dtypeInfo);
        if (decimals === 0) kernels.round(out, x);
        else {
          there(out, x, factor);
          kernels.round(out, out);
          back(out, out, factor);
        }
      },
      flat,
      { gradFn: 'RoundBackward1', check: floatsOnly('round') },
    );
    if (byDecimals.size < 64) byDecimals.set(decimals, op);
  }
  return op;
}

const roundingOf = (decimals: number | null | undefined): UnaryOp =>
  decimals === undefined || decimals === null ? nearest : roundTo(decimals);

/**
 * x rounded to `decimals` places (whole numbers by default), halves to the even neighbour. Its gradient is 0.
 * https://pytorch.org/docs/stable/generated/torch.round.html
 */
export const round = Object.assign(
  named('round', ['input', 'decimals'], (x: Tensor, decimals?: number | null): Tensor => {
    checkTensor('round', x);
    return roundingOf(decimals)(x);
  }),
  {
    inPlace: named(
      'round_',
      ['input', 'decimals'],
      (x: Tensor, decimals?: number | null): Tensor => roundingOf(decimals).inPlace(x),
    ),
  },
);
