/** What tensors have as properties: T, H, mT, real. */
import { record } from '../autograd/record.js';
import { complex64, float32 } from '../dtype.js';
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { permute, transpose } from './permuting.js';

/** x with its last two dimensions exchanged; a scalar as it is. */
export function matrixTranspose(x: Tensor): Tensor {
  if (x.shape.length === 0) return x;
  if (x.shape.length < 2)
    throw rangeError(
      `mT: tensor.mT is only supported on matrices or batches of matrices. Got ${x.shape.length}-D tensor.`,
    );
  return transpose(x, -2, -1);
}

/** x with all its dimensions in the opposite order. */
export function reversedDims(x: Tensor): Tensor {
  return permute(
    x,
    x.shape.map((_, i) => x.shape.length - 1 - i),
  );
}

/** The transpose of a matrix, whose conjugate `H` is; a scalar as it is. */
export function hermitianTranspose(x: Tensor): Tensor {
  if (x.shape.length === 0) return x;
  if (x.shape.length !== 2)
    throw rangeError(`H: tensor.H is only supported on matrices (2-D tensors). Got ${x.shape.length}-D tensor.`);
  return transpose(x, 0, 1);
}

/** The real part of complex numbers, a view; real numbers are their own. */
export function realPart(x: Tensor): Tensor {
  if (!x.dtypeInfo.isComplex) return x;
  const parts = x.makeAlias(
    x.shape,
    x.strides.map((stride) => 2 * stride),
    2 * x.offset,
    float32,
  );
  return record('SelectBackward0', parts, [x], [], [(grad) => withoutImaginary(grad)]);
}

/** Real numbers as complex ones. */
function withoutImaginary(grad: Tensor): Tensor {
  const out = grad.makeEmpty(grad.shape, complex64);
  out.fillWith(0);
  realPart(out).writeFrom(grad);
  return record('RealBackward0', out, [grad], [], [(g) => realPart(g)]);
}
