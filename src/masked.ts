/** PyTorch's torch.masked: ops on the elements where a `mask` is true, `ng.masked.sum(x, 1, { mask })`. */
export {
  cumprod,
  cumsum,
  logaddexp,
  logSoftmax,
  normalize,
  softmax,
  softmin,
} from './ops/masked/normalizations.js';
export {
  amax,
  amin,
  argmax,
  argmin,
  logsumexp,
  mean,
  median,
  norm,
  prod,
  std,
  sum,
  varOf as var,
} from './ops/masked/reductions.js';
