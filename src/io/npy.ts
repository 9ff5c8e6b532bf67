/** NumPy's .npy files and the .npz archives of them. */
import { DTYPES, type DType } from '../dtype.js';
import { notSupported, rangeError } from '../errors.js';
import { writeFileAtomic } from './atomic.js';
import { checkKey } from './keys.js';
import { byteLengthOf, checkPlain, concatenate, type PlainTensor, plainBytes } from './plain.js';
import { ZipReader, zipParts } from './zip.js';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** NumPy's own bound for headers it does not trust. */
const MAX_HEADER = 10_000;
const ALIGNMENT = 64;

const descriptors: Readonly<Partial<Record<DType, string>>> = {
  float32: '<f4',
  float64: '<f8',
  float16: '<f2',
  int64: '<i8',
  int32: '<i4',
  int16: '<i2',
  int8: '|i1',
  uint8: '|u1',
  bool: '|b1',
  complex64: '<c8',
};
const kinds: ReadonlyMap<string, DType> = new Map(
  Object.entries(descriptors).map(([dtype, descriptor]) => [descriptor.slice(1), dtype as DType] as const),
);

interface NpyHeader {
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortranOrder: boolean;
  readonly shape: number[];
}

/**
 * The header is a Python dict literal of three fields: `{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }`.
 * Nothing else is taken.
 */
function parseHeader(op: string, text: string): NpyHeader {
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) return undefined;
    at = pattern.lastIndex;
    return found[1] ?? '';
  };
  const want = (pattern: RegExp, what: string): string => {
    const found = take(pattern);
    if (found === undefined) {
      throw rangeError(
        `${op}: the header is wrong at character ${at}: ${what} expected in ${JSON.stringify(text.slice(0, 200))}.`,
      );
    }
    return found;
  };
  const fields = new Map<string, string | boolean | number[]>();
  want(/\s*\{\s*/y, "'{'");
  while (take(/\}\s*$/y) === undefined) {
    const key = want(/['"]([a-z_]+)['"]\s*:\s*/y, 'a field');
    if (fields.has(key)) throw rangeError(`${op}: the header has ${key} twice.`);
    if (key === 'descr') fields.set(key, want(/['"]([<>|=]?[a-zA-Z]\d*)['"]\s*/y, 'a plain dtype'));
    else if (key === 'fortran_order') fields.set(key, want(/(True|False)\s*/y, 'True or False') === 'True');
    else if (key === 'shape') {
      want(/\(\s*/y, "'('");
      const shape: number[] = [];
      while (take(/\)\s*/y) === undefined) {
        shape.push(Number(want(/(\d{1,16})L?\s*/y, 'a size')));
        if (take(/,\s*/y) === undefined) {
          if (shape.length === 1) want(/,/y, "','");
          want(/\)\s*/y, "')'");
          break;
        }
      }
      fields.set(key, shape);
    } else {
      throw rangeError(`${op}: the header has the field ${key}, which the format does not know.`);
    }
    if (take(/,\s*/y) === undefined) {
      want(/\}\s*$/y, "',' or '}'");
      break;
    }
  }
  const descr = fields.get('descr');
  const fortranOrder = fields.get('fortran_order');
  const shape = fields.get('shape');
  if (typeof descr !== 'string' || typeof fortranOrder !== 'boolean' || !Array.isArray(shape)) {
    throw rangeError(`${op}: the header needs descr, fortran_order and shape.`);
  }
  const order = /^[<>|=]/.test(descr) ? descr[0] : '=';
  const dtype = kinds.get(order === '=' && descr[0] !== '=' ? descr : descr.slice(1));
  if (dtype === undefined) {
    throw notSupported(`${op}: dtype ${descr} cannot be read; convert it in NumPy, to float32 or int64 say.`);
  }
  return { dtype, bigEndian: order === '>', fortranOrder, shape };
}

/**
 * Reads a .npy file. Big-endian and Fortran-order data are brought into row-major little-endian order.
 *
 * @throws RangeError for a damaged file, Error for dtypes that do not exist here (objects are never read)
 */
export function parseNpy(bytes: Uint8Array, op = 'npy'): PlainTensor {
  if (bytes.byteLength < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw rangeError(`${op}: the file does not begin as a .npy file does.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6]!;
  if (major < 1 || major > 3) throw rangeError(`${op}: version ${major} of the format is unknown; 1 to 3 can be read.`);
  const start = major === 1 ? 10 : 12;
  if (bytes.byteLength < start) throw rangeError(`${op}: the header is cut off.`);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER)
    throw rangeError(`${op}: the header claims ${length} bytes; at most ${MAX_HEADER} are allowed.`);
  if (start + length > bytes.byteLength) throw rangeError(`${op}: the header is cut off.`);
  const text = new TextDecoder(major === 3 ? 'utf-8' : 'latin1').decode(bytes.subarray(start, start + length));
  const { dtype, bigEndian, fortranOrder, shape } = parseHeader(op, text);
  const wanted = byteLengthOf(op, dtype, shape);
  const data = plainBytes(bytes).subarray(start + length);
  if (data.byteLength !== wanted) {
    throw rangeError(
      `${op}: ${dtype} [${shape.join(', ')}] takes ${wanted} bytes, but ${data.byteLength} follow the header; the file is cut off or damaged.`,
    );
  }
  const info = DTYPES[dtype];
  const ordered = bigEndian ? swapped(data, info.size / info.lanes) : data;
  return { dtype, shape, data: fortranOrder && shape.length > 1 ? transposed(ordered, shape, info.size) : ordered };
}

function swapped(data: Uint8Array, size: number): Uint8Array {
  const copy = new Uint8Array(data);
  for (let at = 0; at < copy.byteLength; at += size) copy.subarray(at, at + size).reverse();
  return copy;
}

/** Column-major elements in row-major order. */
function transposed(data: Uint8Array, shape: readonly number[], size: number): Uint8Array {
  const out = new Uint8Array(data.byteLength);
  const rank = shape.length;
  const strides: number[] = [];
  let stride = size;
  for (const extent of shape) {
    strides.push(stride);
    stride *= extent;
  }
  const index = new Array<number>(rank).fill(0);
  let from = 0;
  for (let at = 0; at < out.byteLength; at += size) {
    for (let i = 0; i < size; i++) out[at + i] = data[from + i]!;
    for (let d = rank - 1; d >= 0; d--) {
      from += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      from -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return out;
}

/** A .npy file in pieces: the header and the data itself. */
export function npyParts(tensor: PlainTensor, op = 'npy'): Uint8Array[] {
  checkPlain(op, 'the array', tensor);
  const descriptor = descriptors[tensor.dtype];
  if (descriptor === undefined) {
    throw notSupported(`${op}: NumPy has no ${tensor.dtype}; convert to float32 first.`);
  }
  const shape = tensor.shape.length === 1 ? `(${tensor.shape[0]},)` : `(${tensor.shape.join(', ')})`;
  const text = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${shape}, }`;
  const total = Math.ceil((10 + text.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = new Uint8Array(total).fill(0x20);
  header.set(MAGIC);
  header[6] = 1;
  header[7] = 0;
  new DataView(header.buffer).setUint16(8, total - 10, true);
  header.set(new TextEncoder().encode(text), 10);
  header[total - 1] = 0x0a;
  return [header, tensor.data];
}

/** {@link npyParts}, as one array. */
export function serializeNpy(tensor: PlainTensor): Uint8Array {
  return concatenate(npyParts(tensor));
}

/**
 * Reads a .npz archive, stored or compressed: name → array.
 *
 * @param source a path, or the archive's bytes
 * @throws RangeError for a damaged archive or array
 */
export async function readNpz(source: string | Uint8Array): Promise<Map<string, PlainTensor>> {
  const zip = await ZipReader.open('npz', source);
  try {
    const tensors = new Map<string, PlainTensor>();
    for (const entry of zip.entries.keys()) {
      if (!entry.endsWith('.npy')) {
        throw rangeError(`npz: the archive has ${JSON.stringify(entry)}, which is no .npy file.`);
      }
      const name = checkKey('npz', entry.slice(0, -4));
      tensors.set(name, parseNpy(await zip.read(entry), `npz: ${name}`));
    }
    return tensors;
  } finally {
    await zip.close();
  }
}

/** A .npz archive's bytes, in pieces. */
export function npzParts(
  tensors: Iterable<readonly [string, PlainTensor]>,
  options: { compress?: boolean } = {},
): AsyncGenerator<Uint8Array> {
  const names = new Set<string>();
  const entries = Array.from(tensors, ([name, tensor]) => {
    if (names.has(checkKey('npz', name))) throw rangeError(`npz: the name ${JSON.stringify(name)} is there twice.`);
    names.add(name);
    return { name: `${name}.npy`, parts: npyParts(tensor, `npz: ${name}`) };
  });
  return zipParts(entries, options.compress ?? false);
}

/** Writes a .npz archive, atomically. */
export async function writeNpz(
  path: string,
  tensors: Iterable<readonly [string, PlainTensor]>,
  options: { compress?: boolean } = {},
): Promise<void> {
  await writeFileAtomic(path, npzParts(tensors, options));
}
