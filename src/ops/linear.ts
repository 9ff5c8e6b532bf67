import { mode } from '../autograd/mode.js';
import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { gemm } from './gemm.js';

/** PyTorch's node: one product of matrices, a view of one around it, or a product and a sum. */
function gradFnOf(x: Tensor, hasBias: boolean): string {
  const rank = x.shape.length;
  if (hasBias) return rank === 2 ? 'AddmmBackward0' : rank === 3 && x.isDense ? 'ViewBackward0' : 'AddBackward0';
  return rank === 1 ? 'SqueezeBackward3' : rank === 2 ? 'MmBackward0' : 'UnsafeViewBackward0';
}

/** x as a matrix: all but the last dimension in one. */
function rows(x: Tensor, columns: number): Tensor {
  if (x.shape.length === 2) return x;
  const whole = dense(x);
  return whole.makeAlias([columns === 0 ? 0 : whole.count / columns, columns], [columns, 1], whole.offset);
}

/** A matrix with rows and columns exchanged, without history. */
function turned(x: Tensor): Tensor {
  return x.makeAlias([x.shape[1]!, x.shape[0]!], [x.strides[1]!, x.strides[0]!], x.offset);
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
  if (rank === 0 || weight.shape.length !== 2 || weight.shape[1] !== features) {
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
  const out = gemm(rows(input, features!), turned(weight), 1, shape, addend);
  if (!mode.grad || !(input.requiresGrad || weight.requiresGrad || addend?.requiresGrad)) return out;
  const { shape: inputShape } = input;
  return record(gradFnOf(input, addend !== null), out, [input, weight, addend], [input, weight] as const, [
    using([1], (grad, _x, w: Tensor) => (mode.grad ? grad.matmul(w) : gemm(rows(grad, outFeatures), w, 1, inputShape))),
    using([0], (grad, x: Tensor) => {
      if (mode.grad)
        return grad
          .reshape([-1, outFeatures])
          .t()
          .matmul(x.reshape([-1, features!]));
      return gemm(turned(rows(grad, outFeatures)), rows(x, features!), 1, [outFeatures, features!]);
    }),
    (grad) => {
      if (mode.grad) return grad.reshape([-1, outFeatures]).sum(0);
      const sum = grad.makeEmpty([outFeatures], grad.dtypeInfo);
      const matrix = dense(rows(grad, outFeatures));
      kernels.sum(sum, matrix, 1, matrix.shape[0]!, outFeatures);
      return sum;
    },
  ]);
}
