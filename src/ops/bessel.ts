/** Bessel functions of order 0 and 1, and Airy's function. PyTorch differentiates i0, i0e, i1 and i1e alone. */
import { kernels } from '../backends/index.js';
import type { Tensor } from '../tensor.js';
import { fromInput } from './derivatives.js';
import { type UnaryOp, unary } from './factories.js';
import { where } from './masks.js';

const float = { rule: 'float' } as const;

/** Where x is too near 0 to be divided by; as in PyTorch also where it is NaN. */
function nearZero(x: Tensor): Tensor {
  return x
    .abs()
    .gt(x.dtype === 'float64' ? 2 ** -52 : 2 ** -23)
    .logicalNot();
}

/**
 * The modified Bessel function of the first kind of order 0, `I₀(x) = Σ (x²/4)ᵏ / (k!)²`.
 * https://pytorch.org/docs/stable/special.html#torch.special.i0
 */
export const i0: UnaryOp = unary(
  'i0',
  kernels.i0,
  fromInput((grad, x) => grad.mul(i1(x))),
  float,
);

/**
 * `e^-|x| I₀(x)`, see {@link i0}.
 * https://pytorch.org/docs/stable/special.html#torch.special.i0e
 */
export const i0e: UnaryOp = unary(
  'i0e',
  kernels.i0e,
  fromInput((grad, x) => grad.mul(i1e(x).sub(x.sgn().mul(i0e(x))))),
  { rule: 'float', gradFn: 'SpecialI0EBackward0' },
);

/**
 * The modified Bessel function of the first kind of order 1, `I₁(x) = x/2 Σ (x²/4)ᵏ / (k! (k + 1)!)`.
 * https://pytorch.org/docs/stable/special.html#torch.special.i1
 */
export const i1: UnaryOp = unary(
  'i1',
  kernels.i1,
  fromInput((grad, x) => {
    const isZero = nearZero(x);
    const divisor = x.maskedFill(isZero, 1);
    return grad.mul(where(isZero, 0.5, i0(x).sub(i1(x).div(divisor))));
  }),
  { rule: 'float', gradFn: 'SpecialI1Backward0' },
);

/**
 * `e^-|x| I₁(x)`, see {@link i1}.
 * https://pytorch.org/docs/stable/special.html#torch.special.i1e
 */
export const i1e: UnaryOp = unary(
  'i1e',
  kernels.i1e,
  fromInput((grad, x) => {
    const isZero = nearZero(x);
    const divisor = x.maskedFill(isZero, 1);
    return grad.mul(where(isZero, 0.5, i0e(x).sub(i1e(x).mul(x.sgn().add(divisor.reciprocal())))));
  }),
  { rule: 'float', gradFn: 'SpecialI1EBackward0' },
);

/** The Bessel function of the first kind of order 0, J₀(x). It has no gradient. */
export const besselJ0 = unary('besselJ0', kernels.besselJ0, null, float);
/** The Bessel function of the first kind of order 1, J₁(x). It has no gradient. */
export const besselJ1 = unary('besselJ1', kernels.besselJ1, null, float);
/** The Bessel function of the second kind of order 0, Y₀(x): -∞ at 0, NaN below. It has no gradient. */
export const besselY0 = unary('besselY0', kernels.besselY0, null, float);
/** The Bessel function of the second kind of order 1, Y₁(x): -∞ at 0, NaN below. It has no gradient. */
export const besselY1 = unary('besselY1', kernels.besselY1, null, float);
/** I₀(x), as {@link i0}, but without a gradient. */
export const modifiedBesselI0 = unary('modifiedBesselI0', kernels.i0, null, float);
/** I₁(x), as {@link i1}, but without a gradient. */
export const modifiedBesselI1 = unary('modifiedBesselI1', kernels.i1, null, float);
/** The modified Bessel function of the second kind of order 0, K₀(x): ∞ at 0, NaN below. It has no gradient. */
export const modifiedBesselK0 = unary('modifiedBesselK0', kernels.modifiedBesselK0, null, float);
/** The modified Bessel function of the second kind of order 1, K₁(x): ∞ at 0, NaN below. It has no gradient. */
export const modifiedBesselK1 = unary('modifiedBesselK1', kernels.modifiedBesselK1, null, float);
/** `eˣ K₀(x)`, see {@link modifiedBesselK0}. */
export const scaledModifiedBesselK0 = unary('scaledModifiedBesselK0', kernels.scaledModifiedBesselK0, null, float);
/** `eˣ K₁(x)`, see {@link modifiedBesselK1}. */
export const scaledModifiedBesselK1 = unary('scaledModifiedBesselK1', kernels.scaledModifiedBesselK1, null, float);
/** The spherical Bessel function of order 0, `sin(x) / x`: 1 at 0, 0 at ±∞. It has no gradient. */
export const sphericalBesselJ0 = unary('sphericalBesselJ0', kernels.sphericalBesselJ0, null, float);
/** Airy's function Ai(x), the solution of `y'' = x y` that vanishes at ∞. It has no gradient. */
export const airyAi = unary('airyAi', kernels.airyAi, null, float);
