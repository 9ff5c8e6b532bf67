/** Circular and hyperbolic functions and their inverses. */
import { kernels } from '../backends/index.js';
import { scalarOperand } from './apply.js';
import { complexCos, complexCosh, complexSin, complexSinh } from './complexFunctions.js';
import { fromGrad, fromInput, fromOutput, fromOutputBy } from './derivatives.js';
import { floatsOnly } from './dtypeChecks.js';
import { binary, unary } from './factories.js';

const float = { rule: 'float' } as const;

/** The sine; x in radians. */
export const sin = unary(
  'sin',
  kernels.sin,
  fromInput((grad, x) => grad.mul(x.cos())),
  { ...float, complex: complexSin },
);
/** The cosine; x in radians. */
export const cos = unary(
  'cos',
  kernels.cos,
  fromInput((grad, x) => grad.mul(x.sin().neg())),
  { ...float, complex: complexCos },
);
/** The tangent; x in radians. */
export const tan = unary(
  'tan',
  kernels.tan,
  fromOutput((grad, y) => grad.mul(y.mul(y).add(1))),
  float,
);
/** The arc sine; NaN outside [-1, 1]. */
export const asin = unary(
  'asin',
  kernels.asin,
  fromInput((grad, x) => grad.mul(x.mul(x).neg().add(1).rsqrt())),
  float,
);
/** The arc cosine; NaN outside [-1, 1]. */
export const acos = unary(
  'acos',
  kernels.acos,
  fromInput((grad, x) => grad.mul(x.mul(x).neg().add(1).rsqrt().neg())),
  float,
);
/** The arc tangent. */
export const atan = unary(
  'atan',
  kernels.atan,
  fromInput((grad, x) => grad.div(x.mul(x).add(1))),
  float,
);
/** The hyperbolic sine. */
export const sinh = unary(
  'sinh',
  kernels.sinh,
  fromInput((grad, x) => grad.mul(x.cosh())),
  { ...float, complex: complexSinh },
);
/** The hyperbolic cosine. */
export const cosh = unary(
  'cosh',
  kernels.cosh,
  fromInput((grad, x) => grad.mul(x.sinh())),
  { ...float, complex: complexCosh },
);
/** The hyperbolic tangent. */
export const tanh = unary(
  'tanh',
  kernels.tanh,
  fromOutputBy(kernels.tanhBackward, (grad, y) => grad.mul(y.mul(y).neg().add(1))),
  float,
);
/** The inverse of sinh. */
export const asinh = unary(
  'asinh',
  kernels.asinh,
  fromInput((grad, x) => grad.mul(x.mul(x).add(1).rsqrt())),
  float,
);
/** The inverse of cosh; NaN below 1. */
export const acosh = unary(
  'acosh',
  kernels.acosh,
  fromInput((grad, x) => grad.mul(x.mul(x).sub(1).rsqrt())),
  float,
);
/** The inverse of tanh; NaN outside [-1, 1]. */
export const atanh = unary(
  'atanh',
  kernels.atanh,
  fromInput((grad, x) => grad.div(x.mul(x).neg().add(1))),
  float,
);

/**
 * The angle of the point (y, x): `atan2(x, y)` is the arc tangent of x / y in its quadrant.
 * https://pytorch.org/docs/stable/generated/torch.atan2.html
 */
export const atan2 = binary(
  'atan2',
  kernels.atan2,
  [
    (grad, x, y) => grad.mul(y.mul(x.mul(x).add(y.mul(y)).reciprocal())),
    (grad, x, y) => grad.mul(x.neg().mul(x.mul(x).add(y.mul(y)).reciprocal())),
  ],
  { rule: 'float', tensorsOnly: true },
);

const DEGREE = Math.PI / 180;

/** Degrees to radians. */
export const deg2rad = unary(
  'deg2rad',
  (out, x) => kernels.mul(out, x, scalarOperand(DEGREE, out.dtypeInfo)),
  fromGrad((grad) => grad.mul(DEGREE)),
  {
    ...float,
    gradFn: 'Deg2RadBackward0',
  },
);
/** Radians to degrees. */
export const rad2deg = unary(
  'rad2deg',
  (out, x) => kernels.mul(out, x, scalarOperand(1 / DEGREE, out.dtypeInfo)),
  fromGrad((grad) => grad.mul(1 / DEGREE)),
  {
    ...float,
    gradFn: 'Rad2DegBackward0',
  },
);

/** `√(x² + y²)`, without overflow on the way; floats of one dtype. */
export const hypot = binary(
  'hypot',
  kernels.hypot,
  [(grad, x, y) => grad.mul(x.div(x.hypot(y))), (grad, x, y) => grad.mul(y.div(x.hypot(y)))],
  { tensorsOnly: true, check: floatsOnly('hypot') },
);
