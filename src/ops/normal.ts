/** The normal distribution's functions, and what PyTorch has beside the error functions in torch.special. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { isScalar, type Scalar, scalarNumber } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { fromInput, fromOutput } from './derivatives.js';
import { binary, type UnaryOp, unary } from './factories.js';

const TWO_OVER_ROOT_PI = 2 / Math.sqrt(Math.PI);

/**
 * `e^(x²) erfc(x)`, which neither overflows nor underflows for x > 0.
 * https://pytorch.org/docs/stable/special.html#torch.special.erfcx
 */
export const erfcx: UnaryOp = unary(
  'erfcx',
  kernels.erfcx,
  fromInput((grad, x) => grad.mul(x.mul(2).mul(erfcx(x)).sub(TWO_OVER_ROOT_PI))),
  { rule: 'float', gradFn: 'SpecialErfcxBackward0' },
);

/**
 * `Φ(x) = ½ erfc(-x / √2)`, the normal distribution's integral from -∞ to x.
 * https://pytorch.org/docs/stable/special.html#torch.special.ndtr
 */
export function ndtr(input: Tensor): Tensor {
  checkTensor('ndtr', input);
  const twice = input.mul(-Math.SQRT1_2).erfc();
  return record('MulBackward1', twice.detach().mul(0.5), [twice], [], [(grad) => grad.mul(0.5)]);
}

/**
 * `log Φ(x)` (see {@link ndtr}), precise where Φ is near 0 and near 1.
 * https://pytorch.org/docs/stable/special.html#torch.special.log_ndtr
 */
export const logNdtr = unary(
  'logNdtr',
  kernels.logNdtr,
  // At -∞ PyTorch's slope is NaN.
  fromInput((grad, x) =>
    grad
      .div(erfcx(x.mul(-Math.SQRT1_2)))
      .mul(Math.SQRT1_2 * TWO_OVER_ROOT_PI)
      .maskedFill(x.eq(Number.NEGATIVE_INFINITY), Number.NaN),
  ),
  { rule: 'float', gradFn: 'SpecialLogNdtrBackward0' },
);

/**
 * The x for which {@link ndtr} is the input: -∞ at 0, ∞ at 1, NaN outside.
 * https://pytorch.org/docs/stable/special.html#torch.special.ndtri
 */
export const ndtri = unary(
  'ndtri',
  kernels.ndtri,
  fromOutput((grad, y) =>
    grad.mul(
      y
        .mul(y)
        .mul(0.5)
        .exp()
        .mul(Math.sqrt(2 * Math.PI)),
    ),
  ),
  { rule: 'float', gradFn: 'SpecialNdtriBackward0' },
);

/**
 * The entropy `-x log x`: 0 at 0, -∞ below.
 * https://pytorch.org/docs/stable/special.html#torch.special.entr
 */
export const entr = unary(
  'entr',
  kernels.entr,
  fromInput((grad, x) => grad.mul(x.log().add(1).neg())),
  { rule: 'float', gradFn: 'SpecialEntrBackward0' },
);

/**
 * `x log(1 + y)`, broadcast, and 0 where x is 0, unless y is NaN.
 * https://pytorch.org/docs/stable/special.html#torch.special.xlog1py
 */
export const xlog1py = binary(
  'xlog1py',
  kernels.xlog1py,
  [
    (grad, x, y: Tensor | Scalar) => {
      if (!isScalar(y)) return grad.mul(y.log1p().maskedFill(x.eq(0).logicalAnd(y.le(-1)), 0));
      const slope = grad.mul(Math.log1p(scalarNumber(y)));
      return scalarNumber(y) <= -1 ? slope.maskedFill(x.eq(0), 0) : slope;
    },
    (grad, x: Tensor | Scalar, y) => {
      const below = y.add(1);
      return grad.mul(isScalar(x) ? below.reciprocal().mul(x) : x.div(below));
    },
  ],
  {
    rule: 'float',
    gradFn: 'SpecialXlog1PyBackward0',
    scalarGradFn: 'SpecialXlog1PyBackward2',
    reversedGradFn: 'SpecialXlog1PyBackward1',
  },
);
