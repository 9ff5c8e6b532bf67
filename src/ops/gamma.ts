/** The gamma function's logarithm and derivatives, the incomplete gamma functions and Hurwitz's zeta function. */
import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { isScalar, type Scalar, scalarNumber } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { fromInput, notDifferentiable } from './derivatives.js';
import { floatsOnly } from './dtypeChecks.js';
import { xlogy } from './exponential.js';
import { binary, type UnaryOp, unary } from './factories.js';
import { named } from './options.js';
import { inPlaceOf } from './overwriting.js';

const float = { rule: 'float' } as const;

/**
 * `log |Γ(x)|`, ∞ at the poles 0, -1, -2, …
 * https://pytorch.org/docs/stable/special.html#torch.special.gammaln
 */
export const lgamma = unary(
  'lgamma',
  kernels.lgamma,
  fromInput((grad, x) => grad.mul(digamma(x))),
  float,
);

/**
 * `ψ(x) = Γ'(x) / Γ(x)`: -∞ at 0, NaN at the poles below.
 * https://pytorch.org/docs/stable/special.html#torch.special.digamma
 */
export const digamma: UnaryOp = unary(
  'digamma',
  kernels.digamma,
  fromInput((grad, x) => grad.mul(polygamma(1, x))),
  float,
);

/** The n-th derivative of ψ as an op of x; PyTorch names the grad_fn of the in-place form otherwise. */
function polygammaOf(op: string, n: number, gradFn: string): UnaryOp {
  if (typeof n !== 'number' || !Number.isInteger(n))
    throw typeError(`${op}: n must be an integer, but is ${String(n)}; give the order first, then the tensor.`);
  if (n < 0) throw rangeError(`${op}: polygamma(n, x) does not support negative n, but n is ${n}; give n ≥ 0.`);
  return unary(
    op,
    (out, x) => kernels.polygamma(out, x, n),
    fromInput((grad, x) => grad.mul(polygamma(n + 1, x))),
    { rule: 'float', gradFn },
  );
}

/**
 * The n-th derivative of {@link digamma}: `(-1)ⁿ⁺¹ n! Σ 1 / (x + k)ⁿ⁺¹` over k ≥ 0 for n ≥ 1.
 * https://pytorch.org/docs/stable/special.html#torch.special.polygamma
 * @throws TypeError for an n that is no integer, RangeError for a negative one
 * @example polygamma(1, tensor([1, 0.5])) // tensor([1.6449, 4.9348])
 */
export const polygamma = Object.assign(
  named(
    'polygamma',
    ['n', 'input'],
    (n: number, input: Tensor): Tensor => polygammaOf('polygamma', n, 'PolygammaBackward0')(input),
  ),
  { inPlace: (n: number, x: Tensor): Tensor => polygammaOf('polygamma', n, 'PolygammaBackward1').inPlace(x) },
);

/** `Σ f(x + (1 - j) / 2)` over j = 1 … p. */
function sumOfSteps(f: (x: Tensor) => Tensor, x: Tensor, p: number): Tensor {
  let sum = f(x.add((1 - p) / 2));
  for (let k = 1; k < p; k++) sum = sum.add(f(x.add((1 - p + k) / 2)));
  return sum;
}

/**
 * `log Γₚ(x) = p (p - 1) / 4 log π + Σ log Γ(x + (1 - j) / 2)` over j = 1 … p, the multivariate gamma function of
 * dimension p.
 * https://pytorch.org/docs/stable/special.html#torch.special.multigammaln
 * @throws RangeError for p < 1, TypeError for bool
 */
export const mvlgamma = inPlaceOf(
  'mvlgamma',
  named('mvlgamma', ['input', 'p'], (x: Tensor, p: number): Tensor => {
    checkTensor('mvlgamma', x);
    if (x.dtypeInfo === bool)
      throw typeError("mvlgamma: the input tensor may not be a boolean tensor; convert with to('float32').");
    if (!(Number.isInteger(p) && p >= 1))
      throw rangeError(`mvlgamma: p has to be an integer greater than or equal to 1, but is ${String(p)}.`);
    const out = sumOfSteps(lgamma, x.detach(), p).add(((p * (p - 1)) / 4) * Math.log(Math.PI));
    return record(
      'MvlgammaBackward0',
      out,
      [x],
      [x],
      [(grad, saved: Tensor) => grad.mul(sumOfSteps(digamma, saved, p))],
    );
  }),
);

/** `xᵃ⁻¹ e⁻ˣ / Γ(a)`: how fast the incomplete gamma function grows with x. */
function density(a: Tensor, x: Tensor): Tensor {
  return xlogy(a.sub(1), x).sub(x).sub(lgamma(a)).exp();
}

const incomplete = (op: string) => ({ tensorsOnly: true, check: floatsOnly(op) }) as const;

/**
 * The lower incomplete gamma function `P(a, x) = 1/Γ(a) ∫₀ˣ tᵃ⁻¹ e⁻ᵗ dt` of a ≥ 0 (`input`) and x ≥ 0 (`other`),
 * broadcast; NaN elsewhere. It has a gradient for x only.
 * https://pytorch.org/docs/stable/special.html#torch.special.gammainc
 * @throws TypeError for integers
 */
export const igamma = binary(
  'igamma',
  kernels.igamma,
  [using([], notDifferentiable('igamma', 'igamma: input')), (grad, a, x) => grad.mul(density(a as Tensor, x))],
  incomplete('igamma'),
);

/**
 * The upper incomplete gamma function `Q(a, x) = 1 - P(a, x)` (see {@link igamma}), precise where it is small.
 * https://pytorch.org/docs/stable/special.html#torch.special.gammaincc
 * @throws TypeError for integers
 */
export const igammac = binary(
  'igammac',
  kernels.igammac,
  [using([], notDifferentiable('igammac', 'igammac: input')), (grad, a, x) => grad.mul(density(a as Tensor, x)).neg()],
  incomplete('igammac'),
);

/**
 * Hurwitz's `ζ(x, q) = Σ 1 / (q + k)ˣ` over k ≥ 0, broadcast: ∞ for x = 1, NaN below. It has a gradient for q only.
 * https://pytorch.org/docs/stable/special.html#torch.special.zeta
 */
export const zeta = binary(
  'zeta',
  kernels.zeta,
  [
    using([], notDifferentiable('zeta')),
    (grad, x: Tensor | Scalar, q) => {
      if (!isScalar(x)) return grad.mul(x.neg()).mul(zeta(x.add(1), q));
      return grad.mul(-scalarNumber(x)).mul(zeta(scalarNumber(x) + 1, q));
    },
  ],
  {
    rule: 'float',
    gradFn: 'SpecialZetaBackward0',
    scalarGradFn: 'SpecialZetaBackward2',
    reversedGradFn: 'SpecialZetaBackward1',
  },
);
