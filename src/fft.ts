/** PyTorch's torch.fft. */
import { arange } from './creation.js';
import { rangeError } from './errors.js';
import type { Tensor, TensorOptions } from './tensor.js';

export {
  fft,
  fft2,
  fftn,
  fftshift,
  hfft,
  hfft2,
  hfftn,
  ifft,
  ifft2,
  ifftn,
  ifftshift,
  ihfft,
  ihfft2,
  ihfftn,
  irfft,
  irfft2,
  irfftn,
  rfft,
  rfft2,
  rfftn,
} from './ops/fft.js';

function checkCount(op: string, n: number): void {
  if (!Number.isInteger(n) || n < 1) throw rangeError(`${op}: n must be a whole number ≥ 1, but is ${n}.`);
}

/** The frequencies of fft's results, for samples `d` apart: 0, 1, … , -2, -1 over n d. */
export function fftfreq(n: number, d = 1, options: TensorOptions = {}): Tensor {
  checkCount('fftfreq', n);
  const positive = Math.floor((n + 1) / 2);
  const x = arange(n, { dtype: 'float32', ...options, requiresGrad: false });
  x.narrow(0, positive, n - positive).sub_(n);
  const out = x.div(n * d);
  return options.requiresGrad ? out.requiresGrad_() : out;
}

/** The frequencies of rfft's results. */
export function rfftfreq(n: number, d = 1, options: TensorOptions = {}): Tensor {
  checkCount('rfftfreq', n);
  const out = arange(Math.floor(n / 2) + 1, { dtype: 'float32', ...options, requiresGrad: false }).div(n * d);
  return options.requiresGrad ? out.requiresGrad_() : out;
}
