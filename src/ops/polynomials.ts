/**
 * Orthogonal polynomials at `x` of degree `n`, broadcast; either may be a number. A degree is cut off to a whole number;
 * below 0 the result is 0. As in PyTorch they have no gradients.
 */
import { kernels } from '../backends/index.js';
import type { Scalar } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { binary } from './factories.js';
import { named } from './options.js';

function polynomial(op: string, kernel: Parameters<typeof binary>[1]) {
  const evaluate = binary(op, kernel, null, { rule: 'float' });
  return named(op, ['x', 'n'], (x: Tensor | Scalar, n: Tensor | Scalar): Tensor => evaluate(x, n));
}

/** Chebyshev's polynomial of the first kind, `Tₙ(cos θ) = cos nθ`. */
export const chebyshevPolynomialT = polynomial('chebyshevPolynomialT', kernels.chebyshevPolynomialT);
/** Chebyshev's polynomial of the second kind, `Uₙ(cos θ) = sin (n + 1)θ / sin θ`. */
export const chebyshevPolynomialU = polynomial('chebyshevPolynomialU', kernels.chebyshevPolynomialU);
/** Chebyshev's polynomial of the third kind, `Vₙ(cos θ) = cos (n + ½)θ / cos θ/2`. */
export const chebyshevPolynomialV = polynomial('chebyshevPolynomialV', kernels.chebyshevPolynomialV);
/** Chebyshev's polynomial of the fourth kind, `Wₙ(cos θ) = sin (n + ½)θ / sin θ/2`. */
export const chebyshevPolynomialW = polynomial('chebyshevPolynomialW', kernels.chebyshevPolynomialW);
/** `Tₙ(2x - 1)`, on [0, 1] what {@link chebyshevPolynomialT} is on [-1, 1]. */
export const shiftedChebyshevPolynomialT = polynomial(
  'shiftedChebyshevPolynomialT',
  kernels.shiftedChebyshevPolynomialT,
);
/** `Uₙ(2x - 1)`, see {@link chebyshevPolynomialU}. */
export const shiftedChebyshevPolynomialU = polynomial(
  'shiftedChebyshevPolynomialU',
  kernels.shiftedChebyshevPolynomialU,
);
/** `Vₙ(2x - 1)`, see {@link chebyshevPolynomialV}. */
export const shiftedChebyshevPolynomialV = polynomial(
  'shiftedChebyshevPolynomialV',
  kernels.shiftedChebyshevPolynomialV,
);
/** `Wₙ(2x - 1)`, see {@link chebyshevPolynomialW}. */
export const shiftedChebyshevPolynomialW = polynomial(
  'shiftedChebyshevPolynomialW',
  kernels.shiftedChebyshevPolynomialW,
);
/** The physicists' Hermite polynomial, `Hₙ₊₁ = 2x Hₙ - 2n Hₙ₋₁`. */
export const hermitePolynomialH = polynomial('hermitePolynomialH', kernels.hermitePolynomialH);
/** The probabilists' Hermite polynomial, `Heₙ₊₁ = x Heₙ - n Heₙ₋₁`. */
export const hermitePolynomialHe = polynomial('hermitePolynomialHe', kernels.hermitePolynomialHe);
/** Laguerre's polynomial, `(n + 1) Lₙ₊₁ = (2n + 1 - x) Lₙ - n Lₙ₋₁`. */
export const laguerrePolynomialL = polynomial('laguerrePolynomialL', kernels.laguerrePolynomialL);
/** Legendre's polynomial, `(n + 1) Pₙ₊₁ = (2n + 1) x Pₙ - n Pₙ₋₁`. */
export const legendrePolynomialP = polynomial('legendrePolynomialP', kernels.legendrePolynomialP);
