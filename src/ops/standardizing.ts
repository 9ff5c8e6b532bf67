/** What normalizations share, composed of other ops. */
import { typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';

export function checkFloat(op: string, x: Tensor): void {
  checkTensor(op, x);
  if (!x.dtypeInfo.isFloat)
    throw typeError(`${op}: expected a floating-point tensor, but got ${x.dtype}; convert with to('float32').`);
}

/** x less its mean over `dims`, over its standard deviation, and both; differentiable. */
export function standardized(
  x: Tensor,
  dims: readonly number[],
  eps: number,
): { normal: Tensor; mean: Tensor; variance: Tensor; rstd: Tensor } {
  const mean = x.mean(dims, true);
  const centred = x.sub(mean);
  const variance = centred.square().mean(dims, true);
  const rstd = variance.add(eps).rsqrt();
  return { normal: centred.mul(rstd), mean, variance, rstd };
}

export const float64Or32 = (x: Tensor): boolean => x.dtypeInfo.name === 'float32' || x.dtypeInfo.name === 'float64';

/** Sums of layer normalization's gradient, composed so that they have gradients themselves. */
export function composedGradient(
  grad: Tensor,
  x: Tensor,
  weight: Tensor | null,
  dims: readonly number[],
  eps: number,
): Tensor {
  const { normal, rstd } = standardized(x, dims, eps);
  const g = weight === null ? grad : grad.mul(weight);
  return g
    .sub(g.mean(dims, true))
    .sub(normal.mul(g.mul(normal).mean(dims, true)))
    .mul(rstd);
}
