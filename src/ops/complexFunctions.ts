/** Functions of complex numbers, from those of their real and imaginary parts in float64, without a record. */
import { complex64, float64 } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { complex, conj, imaginaryPart } from './complex.js';
import { realPart } from './properties.js';

type Parts = readonly [real: Tensor, imaginary: Tensor];

/** A function of complex numbers by its parts. */
function byParts(parts: (a: Tensor, b: Tensor) => Parts): (z: Tensor) => Tensor {
  return (z) => {
    const [real, imaginary] = parts(realPart(z).to(float64.name), imaginaryPart(z).to(float64.name));
    return complex(real.to('float32'), imaginary.to('float32'));
  };
}

/** x's magnitude, with `sign`'s sign bit. */
const signed = (x: Tensor, sign: Tensor): Tensor => x.copysign(sign);

export const complexExp = byParts((a, b) => {
  const size = a.exp();
  return [size.mul(b.cos()), size.mul(b.sin())];
});

export const complexLog = byParts((a, b) => [a.hypot(b).log(), b.atan2(a)]);

/** The root in the right half plane; the larger part is computed first, so that nothing cancels. */
export const complexSqrt = byParts((a, b) => {
  const larger = a.abs().add(a.hypot(b)).div(2).sqrt();
  const smaller = b.abs().div(larger.mul(2)).maskedFill(larger.eq(0), 0);
  const isRight = a.ge(0);
  return [larger.where(isRight, smaller), signed(smaller.where(isRight, larger), b)];
});

export const complexReciprocal = byParts((a, b) => {
  const square = a.square().add(b.square());
  return [a.div(square), b.neg().div(square)];
});

export const complexSin = byParts((a, b) => [a.sin().mul(b.cosh()), a.cos().mul(b.sinh())]);
export const complexCos = byParts((a, b) => [a.cos().mul(b.cosh()), a.sin().mul(b.sinh()).neg()]);
export const complexSinh = byParts((a, b) => [a.sinh().mul(b.cos()), a.cosh().mul(b.sin())]);
export const complexCosh = byParts((a, b) => [a.cosh().mul(b.cos()), a.sinh().mul(b.sin())]);

/** z / |z|, and 0 at 0; recorded by its parts. */
export function complexSgn(z: Tensor): Tensor {
  const [a, b] = [realPart(z), imaginaryPart(z)];
  const size = z.abs();
  const divisor = size.maskedFill(size.eq(0), 1);
  return complex(a.div(divisor), b.div(divisor));
}

/** The conjugate of complex values, which gradients of products take; anything real, or a number, as it is. */
export function conjugate(value: Tensor): Tensor {
  return value.dtypeInfo === complex64 ? conj(value) : value;
}

/** `multiply(x, y)` of complex tensors by four products of their parts, without a record. */
export function complexProduct(x: Tensor, y: Tensor, multiply: (a: Tensor, b: Tensor) => Tensor): Tensor {
  const [a, b] = [realPart(x.detach()).contiguous(), imaginaryPart(x.detach()).contiguous()];
  const [c, d] = [realPart(y.detach()).contiguous(), imaginaryPart(y.detach()).contiguous()];
  return complex(multiply(a, c).sub(multiply(b, d)), multiply(a, d).add(multiply(b, c)));
}
