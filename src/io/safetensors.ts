/** The safetensors format: a length, a JSON header, and the tensors' bytes one after another. */
import { DTYPES, type DType } from '../dtype.js';
import { notSupported, rangeError, typeError } from '../errors.js';
import { checkKey } from './keys.js';
import { byteLengthOf, checkPlain, concatenate, type PlainTensor, plainBytes } from './plain.js';
import { parseStrictJson, type StrictJson } from './strictJson.js';

const LENGTH_BYTES = 8;
const MAX_HEADER = 100_000_000;
const METADATA = '__metadata__';

const names: Readonly<Record<DType, string>> = {
  float32: 'F32',
  float64: 'F64',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint8: 'U8',
  bool: 'BOOL',
  complex64: 'C64',
  float16: 'F16',
  bfloat16: 'BF16',
};
const dtypes: ReadonlyMap<string, DType> = new Map(
  Object.entries(names).map(([dtype, name]) => [name, dtype as DType] as const),
);

/** Where a tensor's bytes stand in the file. */
export interface SafetensorsEntry {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly start: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Map<string, string>;
  /** In the header's order. */
  readonly entries: Map<string, SafetensorsEntry>;
}

export interface SafetensorsFile {
  readonly metadata: Map<string, string>;
  readonly tensors: Map<string, PlainTensor>;
}

const op = 'safetensors';

function metadataOf(value: StrictJson): Map<string, string> {
  if (!(value instanceof Map)) throw rangeError(`${op}: ${METADATA} must be an object of strings.`);
  for (const [key, item] of value) {
    if (typeof item !== 'string')
      throw rangeError(`${op}: ${METADATA} holds ${JSON.stringify(key)}, which is no string.`);
  }
  return value as Map<string, string>;
}

function entryOf(name: string, value: StrictJson, dataStart: number): SafetensorsEntry {
  const label = JSON.stringify(name);
  if (!(value instanceof Map)) throw rangeError(`${op}: the entry of ${label} is no object.`);
  for (const key of value.keys()) {
    if (key !== 'dtype' && key !== 'shape' && key !== 'data_offsets') {
      throw rangeError(`${op}: the entry of ${label} has ${JSON.stringify(key)}, which the format does not know.`);
    }
  }
  const dtypeName = value.get('dtype');
  const shape = value.get('shape');
  const offsets = value.get('data_offsets');
  if (typeof dtypeName !== 'string' || !Array.isArray(shape) || !Array.isArray(offsets)) {
    throw rangeError(`${op}: the entry of ${label} needs dtype, shape and data_offsets.`);
  }
  const dtype = dtypes.get(dtypeName);
  if (dtype === undefined) {
    throw notSupported(`${op}: ${label} has dtype ${dtypeName}; only ${[...dtypes.keys()].join(', ')} can be read.`);
  }
  const [begin, end] = offsets;
  if (
    offsets.length !== 2 ||
    !Number.isSafeInteger(begin) ||
    !Number.isSafeInteger(end) ||
    (begin as number) < 0 ||
    (end as number) < (begin as number)
  ) {
    throw rangeError(`${op}: ${label} has the offsets [${offsets.map(String).join(', ')}], which are no range.`);
  }
  const wanted = byteLengthOf(`${op}: ${label}`, dtype, shape);
  if ((end as number) - (begin as number) !== wanted) {
    throw rangeError(
      `${op}: ${label} is ${dtypeName} [${shape.join(', ')}], which takes ${wanted} bytes, but its offsets span ${(end as number) - (begin as number)}.`,
    );
  }
  return {
    dtype,
    shape: shape as number[],
    start: dataStart + (begin as number),
    end: dataStart + (end as number),
  };
}

/**
 * How long the header is, from a file's first 8 bytes.
 *
 * @throws RangeError for a length beyond the file or 100 MB
 */
export function safetensorsHeaderLength(bytes: Uint8Array, fileLength: number): number {
  if (bytes.byteLength < LENGTH_BYTES || fileLength < LENGTH_BYTES) {
    throw rangeError(`${op}: the file has ${fileLength} bytes; even an empty one has more. It is no safetensors file.`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const limit = Math.min(MAX_HEADER, fileLength - LENGTH_BYTES);
  if (length > BigInt(limit)) {
    throw rangeError(
      `${op}: the header claims ${length} bytes, but at most ${limit} are possible; the file is damaged or of another format.`,
    );
  }
  return Number(length);
}

/**
 * Reads the header: `bytes` holds at least the file's beginning, up to the header's end.
 *
 * @throws RangeError where the header is not what the format allows: overlapping or missing bytes, names given twice,
 * sizes that do not fit the offsets
 */
export function parseSafetensorsHeader(bytes: Uint8Array, fileLength: number): SafetensorsHeader {
  const length = safetensorsHeaderLength(bytes, fileLength);
  if (bytes.byteLength < LENGTH_BYTES + length) throw rangeError(`${op}: the header is cut off.`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(
      bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length),
    );
  } catch {
    throw rangeError(`${op}: the header is not UTF-8; the file is damaged or of another format.`);
  }
  if (!text.startsWith('{')) throw rangeError(`${op}: the header does not start with '{'.`);
  const header = parseStrictJson(op, text) as Map<string, StrictJson>;
  const dataStart = LENGTH_BYTES + length;
  let metadata = new Map<string, string>();
  const entries = new Map<string, SafetensorsEntry>();
  for (const [name, value] of header) {
    if (name === METADATA) metadata = metadataOf(value);
    else entries.set(name, entryOf(name, value, dataStart));
  }
  let at = dataStart;
  const byPlace = [...entries].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
  for (const [name, entry] of byPlace) {
    if (entry.start !== at) {
      throw rangeError(
        `${op}: ${JSON.stringify(name)} starts at byte ${entry.start} of the file, but ${at} comes next; tensors must follow one another without gaps or overlaps.`,
      );
    }
    at = entry.end;
  }
  if (at !== fileLength) {
    throw rangeError(
      `${op}: the header describes ${at} bytes, but the file has ${fileLength}; it is cut off or damaged.`,
    );
  }
  return { metadata, entries };
}

/**
 * Reads a safetensors file. The tensors' data are views of `bytes`.
 *
 * @throws RangeError for anything the format does not allow, Error for dtypes that do not exist here
 */
export function parseSafetensors(bytes: Uint8Array): SafetensorsFile {
  const { metadata, entries } = parseSafetensorsHeader(bytes, bytes.byteLength);
  const plain = plainBytes(bytes);
  const tensors = new Map<string, PlainTensor>();
  for (const [name, { dtype, shape, start, end }] of entries) {
    tensors.set(name, { dtype, shape, data: plain.subarray(start, end) });
  }
  return { metadata, tensors };
}

/**
 * Writes tensors as a safetensors file, in pieces: the header, then each tensor's own bytes, nothing copied.
 *
 * The header keeps the given order; the bytes stand by element size, so that each tensor is aligned in the file.
 *
 * @throws TypeError or RangeError for names, metadata or data that do not fit the format
 */
export function safetensorsParts(
  tensors: Iterable<readonly [string, PlainTensor]>,
  metadata?: Iterable<readonly [string, string]> | null,
): Uint8Array[] {
  const given = new Map<string, PlainTensor>();
  for (const [name, tensor] of tensors) {
    if (checkKey(op, name) === METADATA) throw rangeError(`${op}: a tensor cannot be named ${METADATA}.`);
    if (given.has(name)) throw rangeError(`${op}: the name ${JSON.stringify(name)} is there twice.`);
    checkPlain(op, JSON.stringify(name), tensor);
    given.set(name, tensor);
  }
  const placed = [...given].sort(([, a], [, b]) => DTYPES[b.dtype].size - DTYPES[a.dtype].size);
  const offsets = new Map<string, [number, number]>();
  let at = 0;
  for (const [name, tensor] of placed) {
    const end = at + tensor.data.byteLength;
    offsets.set(name, [at, end]);
    at = end;
  }
  const fields: string[] = [];
  const field = (key: string, value: unknown): string => `${JSON.stringify(key)}:${JSON.stringify(value)}`;
  if (metadata) {
    const items: string[] = [];
    const seen = new Set<string>();
    for (const [key, value] of metadata) {
      if (typeof value !== 'string') throw typeError(`${op}: metadata ${JSON.stringify(key)} must be a string.`);
      if (seen.has(checkKey(op, key))) throw rangeError(`${op}: metadata ${JSON.stringify(key)} is there twice.`);
      seen.add(key);
      items.push(field(key, value));
    }
    if (items.length > 0) fields.push(`"${METADATA}":{${items.join(',')}}`);
  }
  for (const [name, { dtype, shape }] of given) {
    fields.push(field(name, { dtype: names[dtype], shape, data_offsets: offsets.get(name) }));
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const length = Math.ceil(json.byteLength / 8) * 8;
  if (length > MAX_HEADER)
    throw rangeError(`${op}: the header would take ${length} bytes; at most ${MAX_HEADER} are allowed.`);
  const header = new Uint8Array(LENGTH_BYTES + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, LENGTH_BYTES);
  return [header, ...placed.map(([, tensor]) => tensor.data)];
}

/** Like {@link safetensorsParts}, as one array. */
export function serializeSafetensors(
  tensors: Iterable<readonly [string, PlainTensor]>,
  metadata?: Iterable<readonly [string, string]> | null,
): Uint8Array {
  return concatenate(safetensorsParts(tensors, metadata));
}
