/** Exponentials, logarithms and roots. */
import { kernels } from '../backends/index.js';
import { isScalar, type Scalar, scalarNumber } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { complexExp, complexLog, complexSqrt } from './complexFunctions.js';
import { fromInput, fromOutput, fromOutputBy } from './derivatives.js';
import { floatsOnly } from './dtypeChecks.js';
import { binary, type UnaryOp, unary } from './factories.js';
import { named } from './options.js';

/** `e ** x`. */
export const exp = unary(
  'exp',
  kernels.exp,
  fromOutput((grad, y) => grad.mul(y)),
  { rule: 'float', complex: complexExp },
);
/** `2 ** x`. */
export const exp2 = unary(
  'exp2',
  kernels.exp2,
  fromOutput((grad, y) => grad.mul(y).mul(Math.LN2)),
  { rule: 'float' },
);
/** `e ** x - 1`, precise near 0. */
export const expm1 = unary(
  'expm1',
  kernels.expm1,
  fromOutput((grad, y) => grad.mul(y.add(1))),
  { rule: 'float' },
);

/** The natural logarithm. */
export const log = unary(
  'log',
  kernels.log,
  fromInput((grad, x) => grad.div(x)),
  { rule: 'float', complex: complexLog },
);
/** The logarithm to base 2. */
export const log2 = unary(
  'log2',
  kernels.log2,
  fromInput((grad, x) => grad.div(x.mul(Math.LN2))),
  { rule: 'float' },
);
/** The logarithm to base 10. */
export const log10 = unary(
  'log10',
  kernels.log10,
  fromInput((grad, x) => grad.div(x.mul(Math.LN10))),
  { rule: 'float' },
);
/** `log(1 + x)`, precise near 0. */
export const log1p = unary(
  'log1p',
  kernels.log1p,
  fromInput((grad, x) => grad.div(x.add(1))),
  { rule: 'float', gradFn: 'Log1PBackward0' },
);

/** `√x`. */
export const sqrt = unary(
  'sqrt',
  kernels.sqrt,
  fromOutput((grad, y) => grad.div(y.mul(2))),
  { rule: 'float', complex: complexSqrt },
);
/** `1 / √x`. */
export const rsqrt = unary(
  'rsqrt',
  kernels.rsqrt,
  fromOutput((grad, y) => grad.mul(-0.5).mul(y.pow(3))),
  { rule: 'float' },
);
/** `1 / (1 + e ** -x)`. */
export const sigmoid = unary(
  'sigmoid',
  kernels.sigmoid,
  fromOutputBy(kernels.sigmoidBackward, (grad, y) => grad.mul(y.neg().add(1)).mul(y)),
  { rule: 'float' },
);

/** The checks of the two logaddexps. */
const addsExponentials = (op: string) => ({ tensorsOnly: true, check: floatsOnly(op) });

/**
 * `log(exp(x) + exp(y))`, broadcast, without overflow; floats only.
 * https://pytorch.org/docs/stable/generated/torch.logaddexp.html
 */
export const logaddexp = binary(
  'logaddexp',
  kernels.logaddexp,
  [(grad, x, y) => grad.div(y.sub(x).exp().add(1)), (grad, x, y) => grad.div(x.sub(y).exp().add(1))],
  addsExponentials('logaddexp'),
);
/** `log2(2 ** x + 2 ** y)`, broadcast, without overflow; floats only. */
export const logaddexp2 = binary(
  'logaddexp2',
  kernels.logaddexp2,
  [(grad, x, y) => grad.div(y.sub(x).exp2().add(1)), (grad, x, y) => grad.div(x.sub(y).exp2().add(1))],
  addsExponentials('logaddexp2'),
);

/**
 * `log(x / (1 - x))`; with `eps`, x is first clamped to [eps, 1 - eps].
 * https://pytorch.org/docs/stable/special.html#torch.special.logit
 */
export const logit = Object.assign(
  named('logit', ['input', 'eps'], (x: Tensor, eps?: number | null): Tensor => logitOf(eps)(x)),
  { inPlace: named('logit_', ['input', 'eps'], (x: Tensor, eps?: number | null): Tensor => logitOf(eps).inPlace(x)) },
);

function logitOf(eps: number | null | undefined): UnaryOp {
  const low = eps ?? 0;
  // NaN is no limit: without eps what lies outside (0, 1) is to be NaN, not clamped.
  const limit = eps ?? Number.NaN;
  return unary(
    'logit',
    (out, x) => kernels.logit(out, x, limit),
    fromInput((grad, x) =>
      grad
        .div(x.mul(x.neg().add(1)))
        .maskedFill(x.lt(low).logicalOr(x.gt(1 - low)), Number.isNaN(limit) ? Number.NaN : 0),
    ),
    { rule: 'float' },
  );
}

/**
 * `x * log(y)`, broadcast, and 0 where x is 0, unless y is NaN.
 * https://pytorch.org/docs/stable/special.html#torch.special.xlogy
 */
export const xlogy = binary(
  'xlogy',
  kernels.xlogy,
  [
    (grad, x, y: Tensor | Scalar) => {
      if (!isScalar(y)) return grad.mul(y.log().maskedFill(x.eq(0).logicalAnd(y.le(0)), 0));
      const slope = grad.mul(Math.log(scalarNumber(y)));
      return scalarNumber(y) <= 0 ? slope.maskedFill(x.eq(0), 0) : slope;
    },
    (grad, x: Tensor | Scalar, y) => grad.mul(isScalar(x) ? y.reciprocal().mul(x) : x.div(y)),
  ],
  { rule: 'float', scalarGradFn: 'XlogyBackward2', reversedGradFn: 'XlogyBackward1' },
);
