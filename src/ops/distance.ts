import { rangeError, typeError } from '../errors.js';
import { float, resultInfo } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { flooredAt } from './likelihood.js';
import { named } from './options.js';

/**
 * x divided by its p-norm along `dim`, or by eps where that is larger.
 * @example normalize(x, { p: 1, dim: -1 })
 */
export const normalize = named(
  'normalize',
  ['input', 'p', 'dim', 'eps'],
  (input: Tensor, p: number = 2, dim: number | readonly number[] = 1, eps: number = 1e-12): Tensor => {
    checkTensor('normalize', input);
    return input.div(input.norm(p, dim, true).clampMin(eps).expand(input.shape));
  },
);

/**
 * `Σ x1 x2 / (max(‖x1‖, eps) max(‖x2‖, eps))` along `dim`; 0 for a vector of zeros.
 * @throws RangeError for shapes that do not broadcast
 */
export const cosineSimilarity = named(
  'cosineSimilarity',
  ['x1', 'x2', 'dim', 'eps'],
  (x1: Tensor, x2: Tensor, dim: number = 1, eps: number = 1e-8): Tensor => {
    checkTensor('cosineSimilarity', x1, 'x1');
    checkTensor('cosineSimilarity', x2, 'x2');
    const info = resultInfo([x1, x2]);
    if (!info.isFloat)
      throw typeError(
        `cosineSimilarity: expected common dtype to be floating point, yet common dtype is ${info.name}; convert with to('float32').`,
      );
    const a = x1.to(info.name);
    const b = x2.to(info.name);
    const shape = a.detach().mul(b.detach()).shape;
    return unit(a.expand(shape), dim, eps)
      .mul(unit(b.expand(shape), dim, eps))
      .sum(dim);
  },
);

function unit(x: Tensor, dim: number, eps: number): Tensor {
  return x.div(flooredAt(x.norm(2, dim, true), eps));
}

/**
 * `‖x1 - x2 + eps‖` along the last dimension.
 * @throws RangeError for shapes that do not broadcast
 */
export const pairwiseDistance = named(
  'pairwiseDistance',
  ['x1', 'x2', 'p', 'eps', 'keepdim'],
  (x1: Tensor, x2: Tensor, p: number = 2, eps: number = 1e-6, keepdim: boolean = false): Tensor => {
    checkTensor('pairwiseDistance', x1, 'x1');
    checkTensor('pairwiseDistance', x2, 'x2');
    if (x1.shape.length === 0 && x2.shape.length === 0)
      throw rangeError('pairwiseDistance: needs at least one dimension.');
    return x1.sub(x2).add(float(eps)).norm(p, -1, keepdim);
  },
);
