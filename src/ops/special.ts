/** Error functions and what else stands alone among the elementwise ops. */
import { recordMany } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { int32 } from '../dtype.js';
import { typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { fromInput, fromOutput, notDifferentiable, zerosLike } from './derivatives.js';
import { floatsOnly } from './dtypeChecks.js';
import { binary, unary } from './factories.js';
import { named, namedTuple } from './options.js';
import { inPlaceOf } from './overwriting.js';

const float = { rule: 'float' } as const;
const ERF_SLOPE = 2 / Math.sqrt(Math.PI);

/** `2/√π ∫₀ˣ e ** -t² dt`. */
export const erf = unary(
  'erf',
  kernels.erf,
  fromInput((grad, x) => grad.mul(x.mul(x).neg().exp().mul(ERF_SLOPE))),
  float,
);
/** `1 - erf(x)`, precise for large x. */
export const erfc = unary(
  'erfc',
  kernels.erfc,
  fromInput((grad, x) => grad.mul(x.mul(x).neg().exp().mul(-ERF_SLOPE))),
  float,
);
/** The inverse of erf on [-1, 1]. */
export const erfinv = unary(
  'erfinv',
  kernels.erfinv,
  fromOutput((grad, y) =>
    grad.mul(
      y
        .mul(y)
        .exp()
        .mul(1 / ERF_SLOPE),
    ),
  ),
  float,
);

/** `sin(πx) / πx`, and 1 at 0. */
export const sinc = unary('sinc', kernels.sinc, fromInput(sincGradient), float);

/** (πx cos πx - sin πx) / πx², and 0 at 0. */
function sincGradient(grad: Tensor, x: Tensor): Tensor {
  const angle = x.mul(Math.PI);
  const square = x.mul(x).mul(Math.PI);
  return grad.mul(angle.mul(angle.cos()).sub(angle.sin()).div(square)).maskedFill(square.eq(0), 0);
}

/**
 * |x| with the sign of y, broadcast.
 * https://pytorch.org/docs/stable/generated/torch.copysign.html
 */
export const copysign = binary(
  'copysign',
  kernels.copysign,
  [(grad, x, y) => grad.mul(copysign(x, y).div(x).maskedFill(x.eq(0), 0)), (grad) => zerosLike(grad)],
  { rule: 'float', scalarGradFn: 'CopysignBackward1' },
);

/** The next float after x in the direction of y. It has no gradient. */
export const nextafter = binary(
  'nextafter',
  kernels.nextafter,
  [notDifferentiable('nextafter'), notDifferentiable('nextafter')],
  {
    tensorsOnly: true,
    check: floatsOnly('nextafter'),
  },
);

/**
 * 0 below 0, 1 above, `values` at 0. It has no gradient.
 * https://pytorch.org/docs/stable/generated/torch.heaviside.html
 */
export const heaviside = binary(
  'heaviside',
  kernels.heaviside,
  [notDifferentiable('heaviside'), notDifferentiable('heaviside')],
  {
    tensorsOnly: true,
    gradFn: 'NotImplemented',
    check: (_info, x, y) => {
      if ((x as Tensor).dtypeInfo !== (y as Tensor).dtypeInfo)
        throw typeError(
          `heaviside: heaviside is not yet implemented for tensors with different dtypes (${(x as Tensor).dtype} and ${(y as Tensor).dtype}).`,
        );
    },
  },
);

const LARGEST: Readonly<Record<string, number>> = {
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
};

/**
 * NaN replaced by `nan` (0), ∞ by `posinf` and -∞ by `neginf` (the largest and lowest numbers of the dtype).
 * https://pytorch.org/docs/stable/generated/torch.nan_to_num.html
 */
export const nanToNum = inPlaceOf(
  'nanToNum',
  named(
    'nanToNum',
    ['input', 'nan', 'posinf', 'neginf'],
    (x: Tensor, nan?: number | null, posinf?: number | null, neginf?: number | null): Tensor => {
      checkTensor('nanToNum', x);
      const largest = LARGEST[x.dtype] ?? 0;
      return unary(
        'nanToNum',
        (out, value) => kernels.nanToNum(out, value, nan ?? 0, posinf ?? largest, neginf ?? -largest),
        fromInput((grad, saved) => grad.mul(saved.isfinite())),
        { keepsIntegers: true },
      )(x);
    },
  ),
);

/**
 * x as `mantissa * 2 ** exponent` with 0.5 <= |mantissa| < 1; the exponent is int32.
 * https://pytorch.org/docs/stable/generated/torch.frexp.html
 */
export function frexp(x: Tensor) {
  checkTensor('frexp', x);
  if (!x.dtypeInfo.isFloat)
    throw typeError(`frexp: torch.frexp() only supports floating-point dtypes, but x is ${x.dtype}.`);
  const mantissa = x.makeEmpty(x.shape, x.dtypeInfo);
  const exponent = x.makeEmpty(x.shape, int32);
  kernels.frexp(mantissa, exponent, dense(x));
  recordMany(
    'FrexpBackward0',
    [mantissa, exponent],
    [x],
    [exponent],
    [(grads, power: Tensor) => grads[0]?.div(power.to(grads[0].dtype).exp2()) ?? null],
  );
  return namedTuple(['mantissa', 'exponent'], [mantissa, exponent]);
}
