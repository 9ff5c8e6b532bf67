/** What Fourier transforms are made of: complex to complex over some dimensions, and the conversions around it. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { complex64, float64 } from '../dtype.js';
import { trackAllocations } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { dense } from './apply.js';
import { conj, toComplex } from './complex.js';
import { cat } from './joining.js';
import { realPart } from './properties.js';

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
export function c2c(x: Tensor, dims: readonly number[], inverse: boolean, scale: number): Tensor {
  const out = transformDims(x, dims, inverse, scale);
  return record('FftC2CBackward0', out, [x], [], [(grad) => c2c(toComplex(grad), dims, !inverse, scale)]);
}

/** Real to complex: all of the result, or the first half of the last dim. */
export function r2c(
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
export function c2r(x: Tensor, dims: readonly number[], n: number, inverse: boolean, scale: number): Tensor {
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
export function resized(x: Tensor, dim: number, n: number): Tensor {
  const have = x.shape[dim]!;
  if (n <= have) return n === have ? x : x.narrow(dim, 0, n);
  const shape = [...x.shape];
  shape[dim] = n - have;
  return cat([x, x.detach().newZeros(shape)], dim);
}
