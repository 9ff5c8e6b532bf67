import { rangeError, typeError } from '../../errors.js';
import { named } from '../../ops/options.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { registerParametrization } from './parametrize.js';
import { asMatrix, unitVector } from './reparametrize.js';
import { powerMethod } from './spectralNorm.js';
import { normExceptDim } from './weightNorm.js';

export { type OrthogonalMap, orthogonal } from './orthogonal.js';

/** `g · v / ‖v‖`. */
class _WeightNorm extends Module {
  constructor(readonly dim: number | null) {
    super();
  }

  override forward(length: Tensor, direction: Tensor): Tensor {
    return direction.mul(length.div(normExceptDim(direction, this.dim)));
  }

  rightInverse(weight: Tensor): [Tensor, Tensor] {
    return [normExceptDim(weight, this.dim), weight];
  }
}

/** A weight divided by its largest singular value. */
class _SpectralNorm extends Module {
  readonly dim: number;
  readonly eps: number;
  readonly nPowerIterations: number;
  declare _u: Tensor;
  declare _v: Tensor;

  constructor(weight: Tensor, nPowerIterations: number, dim: number, eps: number) {
    super();
    if (dim >= weight.ndim || dim < -weight.ndim)
      throw rangeError(
        `spectralNorm: Dimension out of range (expected to be in range of [${-weight.ndim}, ${weight.ndim - 1}] but got ${dim}).`,
      );
    if (!Number.isInteger(nPowerIterations) || nPowerIterations <= 0)
      throw rangeError(`spectralNorm: Expected nPowerIterations to be positive, but got ${nPowerIterations}.`);
    this.dim = dim < 0 ? dim + weight.ndim : dim;
    this.eps = eps;
    this.nPowerIterations = nPowerIterations;
    if (weight.ndim < 2) return;
    const matrix = asMatrix(weight.detach(), this.dim);
    const drawn = (size: number): Tensor => matrix.newEmpty([size]).normal_(0, 1);
    const [u, v] = [drawn(matrix.shape[0]!), drawn(matrix.shape[1]!)];
    this.registerBuffer('_u', unitVector(u, eps));
    this.registerBuffer('_v', unitVector(v, eps));
    powerMethod(matrix, this._u, this._v, 15, eps, false);
  }

  override forward(weight: Tensor): Tensor {
    if (weight.ndim < 2) return unitVector(weight, this.eps);
    const matrix = asMatrix(weight, this.dim);
    if (this.training) powerMethod(matrix, this._u, this._v, this.nPowerIterations, this.eps, false);
    return weight.div(this._u.clone().dot(matrix.mv(this._v.clone())));
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

function tensorOf(op: string, module: Module, name: string): Tensor {
  const found = (module as unknown as Record<string, Tensor | null | undefined>)[name];
  if (found === null || found === undefined)
    throw typeError(`${op}: ${module.getName()} has no parameter or buffer with name ${name}.`);
  return found;
}

/** {@link weightNorm} of nn.utils as a parametrization. https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.weight_norm.html */
export const weightNorm = named(
  'weightNorm',
  ['module', 'name', 'dim'],
  <M extends Module>(module: M, name?: string, dim?: number | null): M => {
    tensorOf('weightNorm', module, name ?? 'weight');
    return registerParametrization(module, name ?? 'weight', new _WeightNorm(dim === undefined ? 0 : dim), {
      unsafe: true,
    });
  },
) as <M extends Module>(module: M, name?: string | { name?: string; dim?: number | null }, dim?: number | null) => M;

/** {@link spectralNorm} of nn.utils as a parametrization. https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.spectral_norm.html */
export const spectralNorm = named(
  'spectralNorm',
  ['module', 'name', 'nPowerIterations', 'eps', 'dim'],
  <M extends Module>(module: M, name?: string, nPowerIterations?: number, eps?: number, dim?: number | null): M => {
    const weight = tensorOf('spectralNorm', module, name ?? 'weight');
    const front = dim ?? ((module as { transposed?: unknown }).transposed === true ? 1 : 0);
    return registerParametrization(
      module,
      name ?? 'weight',
      new _SpectralNorm(weight, nPowerIterations ?? 1, front, eps ?? 1e-12),
    );
  },
) as <M extends Module>(
  module: M,
  name?: string | { name?: string; nPowerIterations?: number; eps?: number; dim?: number | null },
  nPowerIterations?: number,
  eps?: number,
  dim?: number | null,
) => M;
