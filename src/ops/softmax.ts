import { mode } from '../autograd/mode.js';
import { record } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import type { DType } from '../dtype.js';
import { typeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense, isHalf } from './apply.js';
import { toDType } from './copying.js';
import { named } from './options.js';

/** `[outer, n, inner]` around a dimension. */
export type Around = readonly [outer: number, n: number, inner: number];

/** The sizes before, at and after `dim`, which is wrapped. A scalar has one element along its dimension. */
export function around(x: Tensor, dim: number): Around {
  const { shape } = x;
  let outer = 1;
  let inner = 1;
  for (let i = 0; i < dim; i++) outer *= shape[i]!;
  for (let i = dim + 1; i < shape.length; i++) inner *= shape[i]!;
  return [outer, shape[dim] ?? 1, inner];
}

type Kernel = (out: Operand, x: Operand, outer: number, n: number, inner: number) => void;
type Backward = (out: Operand, grad: Operand, y: Operand, outer: number, n: number, inner: number) => void;

function fused(kernel: Backward, grad: Tensor, y: Tensor, [outer, n, inner]: Around): Tensor {
  const out = y.makeEmpty(y.shape, y.dtypeInfo);
  kernel(out, dense(grad), dense(y), outer, n, inner);
  return out;
}

function alongDim(
  op: string,
  name: string,
  kernel: Kernel,
  backward: Backward,
  composed: (grad: Tensor, y: Tensor, dim: number) => Tensor,
) {
  const along = named(
    op,
    ['input', 'dim', '_stacklevel', 'dtype'],
    (x: Tensor, dim?: number | null, stackLevel?: number | DType | null, dtype?: DType | null): Tensor => {
      checkTensor(op, x);
      // torch.softmax(x, dim, dtype) and nn.functional.softmax(x, dim, _stacklevel, dtype)
      const target = typeof stackLevel === 'string' ? stackLevel : dtype;
      const from = target === undefined || target === null ? x : toDType(x, target);
      if (!from.dtypeInfo.isFloat) {
        throw typeError(`${op}: not implemented for ${from.dtype}; give dtype: 'float32' or convert x.`);
      }
      if (isHalf(from.dtypeInfo)) return toDType(along(toDType(from, 'float32'), dim), from.dtype);
      const d = wrapDim(op, dim ?? implicitDim(x.shape.length), x.shape.length);
      const out = from.makeEmpty(from.shape, from.dtypeInfo);
      const sizes = around(from, d);
      kernel(out, dense(from), ...sizes);
      return record(
        name,
        out,
        [from],
        [out],
        [(grad, y) => (mode.grad ? composed(grad, y, d) : fused(backward, grad, y, sizes))],
      );
    },
  );
  return along;
}

/** Where dim is not given, PyTorch takes (with a warning) 0 for 0, 1 and 3 dimensions, else 1. */
function implicitDim(rank: number): number {
  return rank === 0 || rank === 1 || rank === 3 ? 0 : 1;
}

/**
 * `e^xᵢ / Σⱼ e^xⱼ` along `dim`, computed without overflow. A slice that is all -inf gives NaN.
 * @param dim the dimension that sums to 1
 * @param dtype converts x first
 * @throws TypeError for integers, RangeError for a dim that x has not
 * @example softmax(tensor([1, 2, 3.5]), 0)
 */
export const softmax = alongDim(
  'softmax',
  'SoftmaxBackward0',
  kernels.softmax,
  kernels.softmaxBackward,
  (grad, y, dim) => y.mul(grad.sub(grad.mul(y).sum(dim, true))),
);

/**
 * `log(softmax(x))` along `dim`, computed as `x - max - log Σ e^(x - max)`.
 * @param dim the dimension whose exponentials sum to 1
 * @param dtype converts x first
 * @throws TypeError for integers, RangeError for a dim that x has not
 */
export const logSoftmax = alongDim(
  'logSoftmax',
  'LogSoftmaxBackward0',
  kernels.logSoftmax,
  kernels.logSoftmaxBackward,
  (grad, y, dim) => grad.sub(y.exp().mul(grad.sum(dim, true))),
);

/**
 * `softmax(-x)` along `dim`.
 * @throws TypeError for integers, RangeError for a dim that x has not
 */
export const softmin = named(
  'softmin',
  ['input', 'dim', '_stacklevel', 'dtype'],
  (x: Tensor, dim?: number | null, stackLevel?: number | null, dtype?: DType | null): Tensor => {
    checkTensor('softmin', x);
    return softmax(x.neg(), dim, stackLevel, dtype);
  },
);
