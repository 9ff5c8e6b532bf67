/**
 * Fourier transforms. Two ops carry all: complex to complex over some dimensions, and the conversions around it.
 * https://pytorch.org/docs/stable/fft.html
 */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { complex64, float64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { wrapDim, wrapDims } from '../shape.js';
import { trackAllocations } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { conj, toComplex } from './complex.js';
import { cat } from './joining.js';
import { named } from './options.js';
import { realPart } from './properties.js';

/** How a transform is scaled: backward (default) divides the inverse by n, forward the transform, ortho both by √n. */
export type FftNorm = 'backward' | 'forward' | 'ortho' | null;

interface Table {
  readonly m: number;
  readonly table: Tensor;
}

/** Tables by length; the few lengths of a program come again and again. */
const tables = new Map<number, Table>();
const TABLE_LIMIT = 16;

function tableOf(n: number, like: Tensor): Table {
  const known = tables.get(n);
  if (known !== undefined) return known;
  const isPower = (n & (n - 1)) === 0;
  let m = n;
  if (!isPower) for (m = 1; m < 2 * n - 1; ) m *= 2;
  const table = trackAllocations(null, () => like.makeEmpty([isPower ? m : m + 2 * n], float64));
  const values = table.storage.view(float64, table.offset, table.count);
  for (let k = 0; 2 * k < m; k++) {
    values[2 * k] = Math.cos((2 * Math.PI * k) / m);
    values[2 * k + 1] = -Math.sin((2 * Math.PI * k) / m);
  }
  for (let k = 0; !isPower && k < n; k++) {
    const turn = (Math.PI * ((k * k) % (2 * n))) / n;
    values[m + 2 * k] = Math.cos(turn);
    values[m + 2 * k + 1] = -Math.sin(turn);
  }
  if (m === 1) values[0] = 1;
  if (tables.size >= TABLE_LIMIT) tables.delete(tables.keys().next().value!);
  const made = { m, table };
  tables.set(n, made);
  return made;
}

/** The transform along the last dimension, without a record. */
function lastDim(x: Tensor, inverse: boolean, scale: number): Tensor {
  const rows = dense(x);
  const n = rows.shape[rows.shape.length - 1]!;
  const out = rows.makeEmpty(rows.shape, complex64);
  if (out.count === 0) return out;
  const { m, table } = tableOf(n, rows);
  const work = rows.makeEmpty([m === n ? 2 * m : 4 * m], float64);
  work.fillWith(0);
  kernels.fft(out, rows, table, work, rows.count / n, n, m, inverse ? 1 : 0, scale);
  return out;
}

/** Complex to complex over `dims`, scaled once by `scale`, without a record. */
function transformDims(x: Tensor, dims: readonly number[], inverse: boolean, scale: number): Tensor {
  const last = x.shape.length - 1;
  let result = x.detach();
  for (const [i, d] of dims.entries())
    result = lastDim(result.transpose(d, last), inverse, i === 0 ? scale : 1).transpose(d, last);
  return result.contiguous();
}

/** Its own derivative, the other way round. */
function c2c(x: Tensor, dims: readonly number[], inverse: boolean, scale: number): Tensor {
  const out = transformDims(x, dims, inverse, scale);
  return record('FftC2CBackward0', out, [x], [], [(grad) => c2c(toComplex(grad), dims, !inverse, scale)]);
}

/** Real to complex: all of the result, or the first half of the last dim. */
function r2c(
  x: Tensor,
  dims: readonly number[],
  inverse: boolean,
  scale: number,
  oneSided: boolean,
  name = 'FftR2CBackward0',
): Tensor {
  const whole = transformDims(toComplex(x.detach()), dims, inverse, scale);
  const last = dims[dims.length - 1]!;
  const n = x.shape[last]!;
  const half = Math.floor(n / 2) + 1;
  const out = oneSided ? whole.narrow(last, 0, half).contiguous() : whole;
  return record(
    name,
    out,
    [x],
    [],
    [(grad) => realPart(c2c(resized(toComplex(grad), last, n), dims, !inverse, scale))],
  );
}

/** The half of a Hermitian spectrum back to `n` real numbers along the last of `dims`. */
function c2r(x: Tensor, dims: readonly number[], n: number, inverse: boolean, scale: number): Tensor {
  const last = dims[dims.length - 1]!;
  const others = dims.slice(0, -1);
  const half = x.detach();
  const middle = Math.floor((n - 1) / 2);
  const inner = others.length > 0 ? transformDims(half, others, inverse, 1) : half;
  // The second half mirrors the first; the ends have none.
  const mirror = conj(inner.narrow(last, 1, middle)).flip([last]);
  const whole = realPart(transformDims(cat([inner, mirror], last), [last], inverse, scale)).contiguous();
  return record(
    'FftC2RBackward0',
    whole,
    [x],
    [],
    [
      (grad) => {
        const spectrum = r2c(grad, dims, !inverse, scale, true);
        if (middle === 0) return spectrum;
        const parts = [spectrum.narrow(last, 0, 1), spectrum.narrow(last, 1, middle).mul(2)];
        const rest = spectrum.shape[last]! - middle - 1;
        if (rest > 0) parts.push(spectrum.narrow(last, middle + 1, rest));
        return cat(parts, last);
      },
    ],
  );
}

/** x cut to `n` along `dim`, or filled up with zeros. */
function resized(x: Tensor, dim: number, n: number): Tensor {
  const have = x.shape[dim]!;
  if (n <= have) return n === have ? x : x.narrow(dim, 0, n);
  const shape = [...x.shape];
  shape[dim] = n - have;
  return cat([x, x.detach().newZeros(shape)], dim);
}

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

const product = (sizes: readonly number[]): number => sizes.reduce((n, size) => n * size, 1);

/** PyTorch's name for a complex result of real input, by how it gets there. */
const oneDimName = (inverse: boolean): string => (inverse ? 'ConjBackward0' : 'FftR2CBackward0');

function forwardOrBack(op: string, inverse: boolean, name = 'FftC2CBackward0') {
  return (input: Tensor, { dims, sizes }: Sizes, norm: FftNorm | undefined): Tensor => {
    if (dims.length === 0) return toComplex(input);
    let x = input;
    for (const [i, d] of dims.entries()) x = resized(x, d, checkLength(op, sizes[i]!));
    const scale = scaleOf(op, norm, product(sizes), inverse);
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
    return r2c(x, dims, inverse, scaleOf(op, norm, product(sizes), inverse), true, name);
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
    return c2r(x, dims, n, inverse, scaleOf(op, norm, product(sizes), inverse));
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

/** The discrete Fourier transform over a dim. */
export const fft = overOne('fft', forwardOrBack('fft', false, oneDimName(false)));
/** Its inverse. */
export const ifft = overOne('ifft', forwardOrBack('ifft', true, oneDimName(true)));
export const fft2 = overSeveral('fft2', forwardOrBack('fft2', false), true);
export const ifft2 = overSeveral('ifft2', forwardOrBack('ifft2', true), true);
export const fftn = overSeveral('fftn', forwardOrBack('fftn', false), false);
export const ifftn = overSeveral('ifftn', forwardOrBack('ifftn', true), false);
/** Of real input: the first half, the rest mirrors it. */
export const rfft = overOne('rfft', realToHalf('rfft', false));
export const rfft2 = overSeveral('rfft2', realToHalf('rfft2', false), true);
export const rfftn = overSeveral('rfftn', realToHalf('rfftn', false), false);
/** The inverse of rfft: real output. */
export const irfft = overOne('irfft', halfToReal('irfft', true), true);
export const irfft2 = overSeveral('irfft2', halfToReal('irfft2', true), true, true);
export const irfftn = overSeveral('irfftn', halfToReal('irfftn', true), false, true);

/** Of half of a Hermitian signal: its spectrum is real. */
export const hfft = overOne('hfft', halfToReal('hfft', false), true);
export const hfft2 = overSeveral('hfft2', halfToReal('hfft2', false), true, true);
export const hfftn = overSeveral('hfftn', halfToReal('hfftn', false), false, true);
/** The inverse of hfft. */
export const ihfft = overOne('ihfft', realToHalf('ihfft', true));
export const ihfft2 = overSeveral('ihfft2', realToHalf('ihfft2', true), true);
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
