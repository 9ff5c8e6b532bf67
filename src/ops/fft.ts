/**
 * Fourier transforms.
 * https://pytorch.org/docs/stable/fft.html
 */
import { rangeError, typeError } from '../errors.js';
import { numberOfElements, wrapDim, wrapDims } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { toComplex } from './complex.js';
import { named } from './options.js';
import { c2c, c2r, r2c, resized } from './transforming.js';

/** How a transform is scaled: backward (default) divides the inverse by n, forward the transform, ortho both by √n. */
export type FftNorm = 'backward' | 'forward' | 'ortho' | null;

function scaleOf(op: string, norm: FftNorm | undefined, n: number, inverse: boolean): number {
  switch (norm ?? 'backward') {
    case 'backward':
      return inverse ? 1 / n : 1;
    case 'forward':
      return inverse ? 1 : 1 / n;
    case 'ortho':
      return 1 / Math.sqrt(n);
    default:
      throw rangeError(
        `${op}: Invalid normalization mode: ${JSON.stringify(norm)}; use 'backward', 'forward' or 'ortho'.`,
      );
  }
}

function checkInput(op: string, x: Tensor): Tensor {
  checkTensor(op, x);
  if (x.dtypeInfo.name === 'float64')
    throw typeError(`${op}: float64 transforms need complex128, which is not there; convert with to('float32').`);
  return x.dtypeInfo.category < 2 ? x.to('float32') : x;
}

function checkLength(op: string, n: number): number {
  if (!Number.isInteger(n) || n < 1) throw rangeError(`${op}: Invalid number of data points (${n}) specified.`);
  return n;
}

interface Sizes {
  readonly dims: readonly number[];
  readonly sizes: readonly number[];
}

/** PyTorch's rules for `s` and `dim`: either may be left out; a size of -1 keeps what is there. */
function sizesOf(
  op: string,
  x: Tensor,
  s: readonly number[] | null | undefined,
  dim: number | readonly number[] | null | undefined,
): Sizes {
  const rank = x.shape.length;
  if (Array.isArray(dim) && dim.length === 0) return { dims: [], sizes: [] };
  const given = typeof dim === 'number' ? [dim] : dim;
  // Throws for a dim that is named twice.
  if (given !== null && given !== undefined) wrapDims(op, given, rank);
  const dims =
    given !== null && given !== undefined
      ? given.map((d) => wrapDim(op, d, rank))
      : Array.from({ length: s?.length ?? rank }, (_, i) => rank - (s?.length ?? rank) + i);
  if (s !== null && s !== undefined && s.length !== dims.length)
    throw rangeError(
      `${op}: When given, dim and s arguments must have the same length ([${dims.join(', ')}] and [${s.join(', ')}]).`,
    );
  if (dims.some((d) => d < 0))
    throw rangeError(`${op}: Got shape with ${s?.length} values but input tensor only has ${rank} dimensions.`);
  return {
    dims,
    sizes: dims.map((d, i) => (s === null || s === undefined || s[i] === -1 ? x.shape[d]! : checkLength(op, s[i]!))),
  };
}

/** PyTorch's name for a complex result of real input, by how it gets there. */
const oneDimName = (inverse: boolean): string => (inverse ? 'ConjBackward0' : 'FftR2CBackward0');

function forwardOrBack(op: string, inverse: boolean, name = 'FftC2CBackward0') {
  return (input: Tensor, { dims, sizes }: Sizes, norm: FftNorm | undefined): Tensor => {
    if (dims.length === 0) return toComplex(input);
    let x = input;
    for (const [i, d] of dims.entries()) x = resized(x, d, checkLength(op, sizes[i]!));
    const scale = scaleOf(op, norm, numberOfElements(sizes), inverse);
    return x.dtypeInfo.isComplex ? c2c(x, dims, inverse, scale) : r2c(x, dims, inverse, scale, false, name);
  };
}

/** Real input to half a spectrum; `inverse` for the transforms of ihfft. */
function realToHalf(op: string, inverse: boolean) {
  return (input: Tensor, { dims, sizes }: Sizes, norm: FftNorm | undefined): Tensor => {
    if (input.dtypeInfo.isComplex)
      throw typeError(`${op}: expects a real input tensor, but got ${input.dtype}; use the complex transform.`);
    if (dims.length === 0) throw rangeError(`${op}: must transform at least one axis.`);
    let x = input;
    for (const [i, d] of dims.entries()) x = resized(x, d, checkLength(op, sizes[i]!));
    const name = inverse && dims.length > 1 ? 'FftC2CBackward0' : oneDimName(inverse);
    return r2c(x, dims, inverse, scaleOf(op, norm, numberOfElements(sizes), inverse), true, name);
  };
}

/** Half a spectrum to real output of `sizes`, the last one free. */
function halfToReal(op: string, inverse: boolean) {
  return (input: Tensor, { dims, sizes }: Sizes, norm: FftNorm | undefined): Tensor => {
    if (dims.length === 0) throw rangeError(`${op}: must transform at least one axis.`);
    let x = toComplex(input);
    const last = dims.length - 1;
    const n = checkLength(op, sizes[last]!);
    for (const [i, d] of dims.entries())
      x = resized(x, d, i === last ? Math.floor(n / 2) + 1 : checkLength(op, sizes[i]!));
    return c2r(x, dims, n, inverse, scaleOf(op, norm, numberOfElements(sizes), inverse));
  };
}

type Body = (x: Tensor, sizes: Sizes, norm: FftNorm | undefined) => Tensor;

/** The form over one dim. `freeLast`: n left out means 2 (half - 1). */
function overOne(op: string, body: Body, freeLast = false) {
  return named(
    op,
    ['input', 'n', 'dim', 'norm'],
    (input: Tensor, n?: number | null, dim: number = -1, norm?: FftNorm): Tensor => {
      const x = checkInput(op, input);
      const d = wrapDim(op, dim, x.shape.length);
      if (x.shape.length === 0) throw rangeError(`${op}: Dimension specified as ${dim} but tensor has no dimensions.`);
      const size = n ?? (freeLast ? 2 * (x.shape[d]! - 1) : x.shape[d]!);
      return body(x, { dims: [d], sizes: [checkLength(op, size)] }, norm);
    },
  );
}

/** The forms over two dims (the last two unless given) and over several (all unless given). */
function overSeveral(op: string, body: Body, two: boolean, freeLast = false) {
  return named(
    op,
    ['input', 's', 'dim', 'norm'],
    (input: Tensor, s?: readonly number[] | null, dim?: number | readonly number[] | null, norm?: FftNorm): Tensor => {
      const x = checkInput(op, input);
      const given = sizesOf(op, x, s, dim ?? (two ? [-2, -1] : null));
      const sizes = [...given.sizes];
      const last = sizes.length - 1;
      const isFree = s === null || s === undefined || s[last] === -1;
      if (freeLast && isFree && last >= 0) sizes[last] = 2 * (x.shape[given.dims[last]!]! - 1);
      return body(x, { dims: given.dims, sizes }, norm);
    },
  );
}

/**
 * The discrete Fourier transform `Σ x[j] e^(-2πi jk/n)` along a dim (the last), of `n` samples: x is cut, or filled up
 * with zeros. Complex64.
 * @throws TypeError for float64, RangeError for n below 1
 */
export const fft = overOne('fft', forwardOrBack('fft', false, oneDimName(false)));
/** {@link fft} over the last two dimensions, or two others. */
export const fft2 = overSeveral('fft2', forwardOrBack('fft2', false), true);
/** {@link fft} over all dimensions, or some. */
export const fftn = overSeveral('fftn', forwardOrBack('fftn', false), false);

/** The inverse of {@link fft}: `Σ x[j] e^(2πi jk/n) / n`. */
export const ifft = overOne('ifft', forwardOrBack('ifft', true, oneDimName(true)));
/** The inverse of {@link fft2}. */
export const ifft2 = overSeveral('ifft2', forwardOrBack('ifft2', true), true);
/** The inverse of {@link fftn}. */
export const ifftn = overSeveral('ifftn', forwardOrBack('ifftn', true), false);

/** {@link fft} of real input: the first half, n/2 + 1 values, which the rest mirrors. @throws TypeError for complex input */
export const rfft = overOne('rfft', realToHalf('rfft', false));
/** {@link rfft} along the last of two dimensions, {@link fft} along the other. */
export const rfft2 = overSeveral('rfft2', realToHalf('rfft2', false), true);
/** {@link rfft} along the last of several dimensions, {@link fft} along the others. */
export const rfftn = overSeveral('rfftn', realToHalf('rfftn', false), false);

/** The inverse of {@link rfft}: `n` real values, 2 (half - 1) if it is not given. */
export const irfft = overOne('irfft', halfToReal('irfft', true), true);
/** The inverse of {@link rfft2}. */
export const irfft2 = overSeveral('irfft2', halfToReal('irfft2', true), true, true);
/** The inverse of {@link rfftn}. */
export const irfftn = overSeveral('irfftn', halfToReal('irfftn', true), false, true);

/** The transform of half of a Hermitian signal: its spectrum, `n` real values. */
export const hfft = overOne('hfft', halfToReal('hfft', false), true);
/** {@link hfft} along the last of two dimensions, {@link fft} along the other. */
export const hfft2 = overSeveral('hfft2', halfToReal('hfft2', false), true, true);
/** {@link hfft} along the last of several dimensions, {@link fft} along the others. */
export const hfftn = overSeveral('hfftn', halfToReal('hfftn', false), false, true);

/** The inverse of {@link hfft}: half of a Hermitian signal. */
export const ihfft = overOne('ihfft', realToHalf('ihfft', true));
/** The inverse of {@link hfft2}. */
export const ihfft2 = overSeveral('ihfft2', realToHalf('ihfft2', true), true);
/** The inverse of {@link hfftn}. */
export const ihfftn = overSeveral('ihfftn', realToHalf('ihfftn', true), false);

function shift(op: string, back: boolean) {
  return named(op, ['input', 'dim'], (x: Tensor, dim?: number | readonly number[] | null): Tensor => {
    checkTensor(op, x);
    const dims = wrapDims(op, dim, x.shape.length);
    return x.roll(
      dims.map((d) => (back ? Math.ceil(x.shape[d]! / 2) : Math.floor(x.shape[d]! / 2))),
      dims,
    );
  });
}

/** Puts the zero frequency in the middle. */
export const fftshift = shift('fftshift', false);
/** Undoes fftshift. */
export const ifftshift = shift('ifftshift', true);
