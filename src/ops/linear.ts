import { mode } from '../autograd/mode.js';
import { recordNeeded, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { gemm } from './gemm.js';

/** PyTorch's node: one product of matrices, a view of one around it, or a product and a sum. */
function gradFnOf(x: Tensor, hasBias: boolean): string {
  const rank = x.shape.length;
  if (hasBias) return rank === 2 ? 'AddmmBackward0' : rank === 3 && x.isDense ? 'ViewBackward0' : 'AddBackward0';
  return rank === 1 ? 'SqueezeBackward3' : rank === 2 ? 'MmBackward0' : 'UnsafeViewBackward0';
}

/**
 * `x · weightᵀ + bias`, `x · weight` with `turned` 0, of all x's dimensions but the last as rows; without a record.
 */
function product(x: Tensor, weight: Tensor, turned: 0 | 1, shape: Shape, bias: Tensor | null = null): Tensor {
  const k = x.shape[x.shape.length - 1]!;
  const n = shape[shape.length - 1]!;
  const out = x.makeEmpty(shape, x.dtypeInfo);
  const m = n === 0 ? 0 : out.count / n;
  const addend = bias === null ? null : dense(bias);
  kernels.gemm(out, dense(x), dense(weight), addend, 1, m, n, k, 0, turned, 0, 0, 0);
  return out;
}

/** `gradᵀ · x`, of all dimensions but the last as rows; without a record. */
function weightGradient(grad: Tensor, x: Tensor): Tensor {
  const m = grad.shape[grad.shape.length - 1]!;
  const n = x.shape[x.shape.length - 1]!;
  const out = x.makeEmpty([m, n], x.dtypeInfo);
  const k = m === 0 ? 0 : grad.count / m;
  kernels.gemm(out, dense(grad), dense(x), null, 1, m, n, k, 1, 0, 0, 0, 0);
  return out;
}

/** The sum of all but the last dimension; without a record. */
function biasGradient(grad: Tensor): Tensor {
  const n = grad.shape[grad.shape.length - 1]!;
  const out = grad.makeEmpty([n], grad.dtypeInfo);
  kernels.sum(out, dense(grad), 1, n === 0 ? 0 : grad.count / n, n);
  return out;
}

/**
 * `x · weightᵀ + bias` over x's last dimension.
 *
 * @param input […, inFeatures]
 * @param weight [outFeatures, inFeatures], or [inFeatures]
 * @param bias [outFeatures]
 * @returns […, outFeatures]
 * @throws RangeError for shapes that do not fit, TypeError for unlike dtypes
 * @example linear(x, weight, bias)
 */
export function linear(input: Tensor, weight: Tensor, bias: Tensor | null | { bias?: Tensor | null } = null): Tensor {
  checkTensor('linear', input);
  checkTensor('linear', weight, 'weight');
  const addend = bias !== null && !('dtypeInfo' in bias) ? (bias.bias ?? null) : (bias as Tensor | null);
  if (addend !== null) checkTensor('linear', addend, 'bias');
  if (input.dtypeInfo !== weight.dtypeInfo || (addend !== null && addend.dtypeInfo !== input.dtypeInfo)) {
    throw typeError(
      `linear: expected input, weight and bias of one dtype, but got ${input.dtype}, ${weight.dtype}${addend === null ? '' : ` and ${addend.dtype}`}; convert with to(…).`,
    );
  }
  if (input.dtypeInfo === bool) throw typeError("linear: not implemented for bool; convert with to('float32').");
  if (weight.shape.length === 1) {
    const product = input.matmul(weight);
    return addend === null ? product : product.add(addend);
  }
  const rank = input.shape.length;
  const features = input.shape[rank - 1];
  if (rank === 0)
    throw rangeError(
      `linear: input is 0-d and has no features; weight [${weight.shape.join(', ')}] wants a last dimension of ${weight.shape[1] ?? 0}: give input of shape [${weight.shape[1] ?? 0}] or [batch, ${weight.shape[1] ?? 0}].`,
    );
  if (weight.shape.length !== 2 || weight.shape[1] !== features) {
    throw rangeError(
      `linear: input [${input.shape.join(', ')}] and weight [${weight.shape.join(', ')}] do not fit: input's last dimension (${features}) must equal weight's (${weight.shape[1]}).`,
    );
  }
  const outFeatures = weight.shape[0]!;
  if (addend !== null && !(addend.shape.length === 1 && addend.shape[0] === outFeatures)) {
    const product = linear(input, weight);
    return product.add(addend);
  }
  const shape = rank === 2 ? [input.shape[0]!, outFeatures] : [...input.shape.slice(0, -1), outFeatures];
  // A transposed matrix is read as it lies, which the general product sees to.
  const isTurned = rank === 2 && !input.isDense;
  const out = isTurned ? gemm(input, weight.detach().t(), 1, shape, addend) : product(input, weight, 1, shape, addend);
  if (!mode.grad || !(input.requiresGrad || weight.requiresGrad || addend?.requiresGrad)) return out;
  const { shape: inputShape } = input;
  return recordNeeded(gradFnOf(input, addend !== null), out, [input, weight, addend], [input, weight] as const, [
    using([1], (grad, _x, w: Tensor) => (mode.grad ? grad.matmul(w) : product(grad, w, 0, inputShape))),
    using([0], (grad, x: Tensor) => {
      if (!mode.grad) return weightGradient(grad, x);
      const columns = grad.reshape([-1, outFeatures]).t();
      return columns.matmul(x.reshape([-1, features!]));
    }),
    using([], (grad) => (mode.grad ? grad.reshape([-1, outFeatures]).sum(0) : biasGradient(grad))),
  ]);
}
