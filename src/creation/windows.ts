import { arange } from '../creation.js';
import { rangeError } from '../errors.js';
import { checkTensorOptions } from '../ops/options.js';
import type { Tensor, TensorOptions } from '../tensor.js';

interface WindowOptions extends TensorOptions {
  /** Made to be repeated (the default), or symmetric. */
  periodic?: boolean;
}

/** A window of `n` samples from its formula over the phase 0 … 1, computed in float64. */
function window(op: string, n: number, options: WindowOptions, formula: (phase: Tensor) => Tensor): Tensor {
  checkTensorOptions(op, options, 'periodic', ...(op === 'hammingWindow' ? ['alpha', 'beta'] : []));
  if (!Number.isInteger(n) || n < 0)
    throw rangeError(`${op}: requires non-negative window_length, got window_length=${n}.`);
  const { periodic = true, requiresGrad = false, dtype } = options;
  const last = n === 1 ? 1 : periodic ? n : n - 1;
  const phase = arange(n, { dtype: 'float64' }).div(last);
  const out = (n === 1 ? phase.mul(0).add(1) : formula(phase)).to(dtype ?? 'float32');
  return requiresGrad ? out.requiresGrad_() : out;
}

const cosine = (phase: Tensor, turns: number): Tensor => phase.mul(2 * Math.PI * turns).cos();

/** `½ (1 - cos 2πp)`. */
export function hannWindow(n: number, options: WindowOptions = {}): Tensor {
  return window('hannWindow', n, options, (p) => cosine(p, 1).mul(-0.5).add(0.5));
}

/** `α - β cos 2πp`. */
export function hammingWindow(n: number, options: WindowOptions & { alpha?: number; beta?: number } = {}): Tensor {
  const { alpha = 0.54, beta = 0.46 } = options;
  return window('hammingWindow', n, options, (p) => cosine(p, 1).mul(-beta).add(alpha));
}

/** `0.42 - ½ cos 2πp + 0.08 cos 4πp`. */
export function blackmanWindow(n: number, options: WindowOptions = {}): Tensor {
  return window('blackmanWindow', n, options, (p) => cosine(p, 1).mul(-0.5).add(0.42).add(cosine(p, 2).mul(0.08)));
}

/** `1 - |2p - 1|`. */
export function bartlettWindow(n: number, options: WindowOptions = {}): Tensor {
  return window('bartlettWindow', n, options, (p) => p.mul(2).sub(1).abs().neg().add(1));
}
