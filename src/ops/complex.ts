/** Complex numbers: made, taken apart, conjugated. */
import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, complex64, float32 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { broadcastTwo } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { zerosLike } from './derivatives.js';
import { matrixTranspose, realPart } from './properties.js';

/** The real (0) or imaginary (1) parts of a complex tensor's memory, without a record. */
function partAlias(x: Tensor, part: 0 | 1): Tensor {
  return x.makeAlias(
    x.shape,
    x.strides.map((stride) => 2 * stride),
    2 * x.offset + part,
    float32,
  );
}

/** Complex numbers of two real tensors, without a record. */
function joined(real: Tensor | null, imaginary: Tensor | null, like: Tensor, shape: readonly number[]): Tensor {
  const out = like.makeEmpty(shape, complex64);
  if (real === null) partAlias(out, 0).fillWith(0);
  else partAlias(out, 0).writeFrom(real);
  if (imaginary === null) partAlias(out, 1).fillWith(0);
  else partAlias(out, 1).writeFrom(imaginary);
  return out;
}

/** `real + i · imag`, broadcast; float32 gives complex64. */
export function complex(real: Tensor, imag: Tensor): Tensor {
  checkTensor('complex', real, 'real');
  checkTensor('complex', imag, 'imag');
  if (real.dtypeInfo !== float32 || imag.dtypeInfo !== float32) {
    throw typeError(
      `complex: expected both inputs to be float32, but got ${real.dtype} and ${imag.dtype}; convert with to('float32').`,
    );
  }
  const out = joined(real, imag, real, broadcastTwo('complex', real.shape, imag.shape));
  return record('ComplexBackward0', out, [real, imag], [], [(grad) => realPart(grad), (grad) => imaginaryPart(grad)]);
}

/** The imaginary part, a view. @throws TypeError for real numbers, which have none to view */
export function imaginaryPart(x: Tensor): Tensor {
  checkTensor('imag', x);
  if (!x.dtypeInfo.isComplex)
    throw typeError(`imag: imag is not implemented for tensors with non-complex dtypes (${x.dtype}).`);
  return record(
    'SelectBackward0',
    partAlias(x, 1),
    [x],
    [],
    [(grad) => record('ImagBackward0', joined(null, grad, grad, grad.shape), [grad], [], [(g) => imaginaryPart(g)])],
  );
}

/** Complex numbers as real ones of a last dimension (real, imaginary), a view. */
export function viewAsReal(x: Tensor): Tensor {
  checkTensor('viewAsReal', x);
  if (!x.dtypeInfo.isComplex)
    throw typeError(`viewAsReal: view_as_real is only supported for complex tensors, not ${x.dtype}.`);
  const out = x.makeAlias([...x.shape, 2], [...x.strides.map((stride) => 2 * stride), 1], 2 * x.offset, float32);
  return record('ViewAsRealBackward0', out, [x], [], [(grad) => viewAsComplex(grad.contiguous())]);
}

/** Real numbers of a last dimension of size 2 as complex ones, a view. */
export function viewAsComplex(x: Tensor): Tensor {
  checkTensor('viewAsComplex', x);
  const rank = x.shape.length;
  if (x.dtypeInfo !== float32)
    throw typeError(`viewAsComplex: view_as_complex is only supported for float32 here, not ${x.dtype}.`);
  if (rank === 0 || x.shape[rank - 1] !== 2)
    throw rangeError(
      `viewAsComplex: Tensor must have a last dimension of size 2, but has shape [${x.shape.join(', ')}].`,
    );
  const outer = x.strides.slice(0, -1);
  if (x.strides[rank - 1] !== 1 || outer.some((stride) => stride % 2 !== 0) || x.offset % 2 !== 0) {
    throw rangeError(
      'viewAsComplex: Tensor must have a last dimension with stride 1, and all other strides and the offset even; call contiguous() first.',
    );
  }
  const out = x.makeAlias(
    x.shape.slice(0, -1),
    outer.map((stride) => stride / 2),
    x.offset / 2,
    complex64,
  );
  return record('ViewAsComplexBackward0', out, [x], [], [(grad) => viewAsReal(grad)]);
}

/** The last two dimensions exchanged and complex numbers conjugated; a scalar keeps its shape. */
export function adjoint(x: Tensor): Tensor {
  checkTensor('adjoint', x);
  return conj(matrixTranspose(x));
}

/** Complex conjugate; real numbers are their own. */
export function conj(x: Tensor): Tensor {
  checkTensor('conj', x);
  if (!x.dtypeInfo.isComplex) return x;
  const out = x.makeEmpty(x.shape, complex64);
  kernels.copy(out, x);
  const imaginary = partAlias(out, 1);
  kernels.neg(imaginary, imaginary);
  return record('ConjBackward0', out, [x], [], [(grad) => conj(grad)]);
}

/** {@link conj}: conjugates are always computed here, never noted for later. */
export const conjPhysical = conj;

/** x itself: no conjugation is ever pending. */
export function resolveConj(x: Tensor): Tensor {
  checkTensor('resolveConj', x);
  return x;
}

/** x itself: no negation is ever pending. */
export function resolveNeg(x: Tensor): Tensor {
  checkTensor('resolveNeg', x);
  return x;
}

/** The angle of complex numbers, in radians; of real ones π where they are negative, else 0 (NaN stays NaN). */
export function angle(x: Tensor): Tensor {
  checkTensor('angle', x);
  if (!x.dtypeInfo.isComplex) {
    const value = x.dtypeInfo.isFloat ? x.detach() : x.to('float32');
    const out = value.lt(0).to(value.dtype).mul(Math.PI).where(value.isnan().logicalNot(), value);
    return record('AngleBackward0', out, [x], [], [(grad) => zerosLike(grad)]);
  }
  const out = x.makeEmpty(x.shape, float32);
  kernels.atan2(out, partAlias(x, 1), partAlias(x, 0));
  return record('AngleBackward0', out, [x], [x] as const, [
    (grad, z: Tensor) => {
      const [re, im] = [realPart(z), imaginaryPart(z)];
      const square = re.square().add(im.square());
      return complex(im.neg().mul(grad).div(square), re.mul(grad).div(square));
    },
  ]);
}

/** `abs · (cos angle + i · sin angle)`, broadcast. */
export function polar(abs: Tensor, angles: Tensor): Tensor {
  checkTensor('polar', abs, 'abs');
  checkTensor('polar', angles, 'angle');
  const [radius, turn] = [abs.detach(), angles.detach()];
  const out = joined(
    radius.mul(turn.cos()),
    radius.mul(turn.sin()),
    abs,
    broadcastTwo('polar', abs.shape, angles.shape),
  );
  return record('PolarBackward0', out, [abs, angles], [abs, angles] as const, [
    using([1], (grad, _r: Tensor, a: Tensor) => realPart(grad).mul(a.cos()).add(imaginaryPart(grad).mul(a.sin()))),
    (grad, r: Tensor, a: Tensor) => imaginaryPart(grad).mul(a.cos()).sub(realPart(grad).mul(a.sin())).mul(r),
  ]);
}

/** Whether numbers have no imaginary part. */
export function isreal(x: Tensor): Tensor {
  checkTensor('isreal', x);
  if (x.dtypeInfo.isComplex) return imaginaryPart(x.detach()).eq(0);
  const out = x.makeEmpty(x.shape, bool);
  out.fillWith(true);
  return out;
}

/** A real tensor as a complex one. */
export function toComplex(x: Tensor): Tensor {
  if (x.dtypeInfo.isComplex) return x;
  return record('ToCopyBackward0', joined(x, null, x, x.shape), [x], [], [(grad) => realPart(grad)]);
}
