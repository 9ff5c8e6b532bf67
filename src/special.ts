/** PyTorch's torch.special. */
export {
  erf,
  erfc,
  erfinv,
  exp2,
  expm1,
  log1p,
  logit,
  logsumexp,
  round,
  sigmoid as expit,
  sinc,
  xlogy,
} from './ops/index.js';
