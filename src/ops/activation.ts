import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import type { Tensor } from '../tensor.js';
import { fromOutput, notBool, type UnaryOp, unary } from './factories.js';
import { isOptions } from './options.js';

/** The last argument of an activation: whether to overwrite the input. */
export type InPlace = boolean | { inplace?: boolean };

/** Gives a unary op PyTorch's `inplace` argument. */
export function withInPlace(op: UnaryOp) {
  return Object.assign(
    (x: Tensor, inplace: InPlace = false): Tensor =>
      (isOptions(inplace) ? inplace.inplace === true : inplace) ? op.inPlace(x) : op(x),
    { inPlace: op.inPlace },
  );
}

/** `x ≤ threshold ? 0 : grad`: the gradient of relu and threshold. */
export function thresholdBackward(grad: Tensor, x: Tensor, threshold: number): Tensor {
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  kernels.thresholdBackward(out, grad, x, threshold);
  return record(
    'ThresholdBackwardBackward0',
    out,
    [grad, x],
    [x],
    [using([0], (g, value) => thresholdBackward(g, value, threshold)), null],
  );
}

/**
 * `max(x, 0)`, NaN kept.
 * @param inplace overwrite x
 * @example relu(tensor([-1.5, 2])) // tensor([0., 2.])
 */
export const relu = withInPlace(
  unary(
    'relu',
    kernels.relu,
    fromOutput((grad, y) => thresholdBackward(grad, y, 0)),
    {
      check: notBool('relu', "convert with to('uint8')"),
    },
  ),
);
