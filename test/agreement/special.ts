// The rules of the special functions' kernels: see rules.ts. Both backends compute them by the same steps in float64, so
// float32 results differ only where a rounding is close; float64 ones by what the elementary functions differ, times what
// the function makes of it.
import type { DType } from '../../src/dtype.js';
import type { KernelName } from '../../src/kernels.js';
import type { StridedRule } from './rules.js';

const alike = (dtype: DType, operands: number): DType[][] => [Array.from({ length: operands }, () => dtype)];

/** Edges everywhere; float64 by so many units. */
const by = (float64: number, operands = 2, scalars?: StridedRule['scalars']): StridedRule[] => [
  { dtypes: alike('float32', operands), ulps: 1, ...(scalars && { scalars }) },
  { dtypes: alike('float64', operands), ulps: float64, ...(scalars && { scalars }) },
];

/** Near the zeros of a wave only the absolute error is bounded. */
const waves = by(1024);

/** Degrees up to 4096 at points as far out. A degree times an angle's last unit is what the two may differ by. */
const polynomial = (
  [
    ['float32', 4],
    ['float64', 65536],
  ] as const
).map(
  ([dtype, ulps]): StridedRule => ({
    dtypes: alike(dtype, 3),
    ulps,
    values: 'any',
    withoutEdges: 'recurrences of millions of steps',
  }),
);

export const specialRules: { readonly [name in KernelName]?: StridedRule | readonly StridedRule[] } = {
  lgamma: by(4),
  digamma: by(4),
  polygamma: by(4, 2, [[0], [1], [2], [5]]),
  zeta: by(4, 3),
  igamma: by(16, 3),
  igammac: by(16, 3),
  erfinv: by(16),
  erfcx: by(4),
  logNdtr: by(4),
  ndtri: by(4),
  entr: by(4),
  xlog1py: by(4, 3),
  besselJ0: waves,
  besselJ1: waves,
  besselY0: waves,
  besselY1: waves,
  i0: by(4),
  i0e: by(4),
  i1: by(4),
  i1e: by(4),
  modifiedBesselK0: by(4),
  modifiedBesselK1: by(4),
  scaledModifiedBesselK0: by(4),
  scaledModifiedBesselK1: by(4),
  sphericalBesselJ0: by(4),
  airyAi: waves,
  chebyshevPolynomialT: polynomial,
  chebyshevPolynomialU: polynomial,
  chebyshevPolynomialV: polynomial,
  chebyshevPolynomialW: polynomial,
  shiftedChebyshevPolynomialT: polynomial,
  shiftedChebyshevPolynomialU: polynomial,
  shiftedChebyshevPolynomialV: polynomial,
  shiftedChebyshevPolynomialW: polynomial,
  hermitePolynomialH: polynomial,
  hermitePolynomialHe: polynomial,
  laguerrePolynomialL: polynomial,
  legendrePolynomialP: polynomial,
};
