/** PyTorch's torch.special. */
export {
  airyAi,
  besselJ0,
  besselJ1,
  besselY0,
  besselY1,
  i0,
  i0e,
  i1,
  i1e,
  modifiedBesselI0,
  modifiedBesselI1,
  modifiedBesselK0,
  modifiedBesselK1,
  scaledModifiedBesselK0,
  scaledModifiedBesselK1,
  sphericalBesselJ0,
} from './ops/bessel.js';
export {
  digamma,
  digamma as psi,
  igamma as gammainc,
  igammac as gammaincc,
  lgamma as gammaln,
  mvlgamma as multigammaln,
  polygamma,
  zeta,
} from './ops/gamma.js';
export {
  erf,
  erfc,
  erfinv,
  exp2,
  expm1,
  log1p,
  logit,
  logSoftmax,
  logsumexp,
  round,
  sigmoid as expit,
  sinc,
  softmax,
  xlogy,
} from './ops/index.js';
export { entr, erfcx, logNdtr, ndtr, ndtri, xlog1py } from './ops/normal.js';
export * from './ops/polynomials.js';
