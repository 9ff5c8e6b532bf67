/** Tensors as PyTorch's checkpoints hold them. */
import { DTYPES, type DType, type DTypeInfo } from '../dtype.js';
import { rangeError } from '../errors.js';
import { reprSymbol, Tuple } from '../repr.js';
import { byteLengthOf } from './plain.js';

/** Memory that tensors of a checkpoint share. */
export class PtStorage {
  /** The bytes, little endian; null until the archive's entry has been read. */
  bytes: Uint8Array | null;

  constructor(
    readonly byteLength: number,
    bytes: Uint8Array | null = null,
  ) {
    this.bytes = bytes;
  }
}

/** A tensor of a checkpoint: a strided view of a storage. */
export class PtTensor {
  constructor(
    readonly storage: PtStorage,
    readonly dtype: DType,
    /** Elements before the first one. */
    readonly offset: number,
    readonly shape: readonly number[],
    /** In elements. */
    readonly strides: readonly number[],
    readonly requiresGrad = false,
    readonly isParameter = false,
  ) {}
}

/**
 * Refuses a tensor that reaches outside its storage.
 *
 * @throws RangeError for sizes, strides or an offset that are no whole numbers ≥ 0, or an element beyond the storage
 */
export function checkExtent(op: string, tensor: PtTensor): void {
  const { dtype, offset, shape, strides, storage } = tensor;
  byteLengthOf(op, dtype, shape);
  const whole = (n: unknown): boolean => typeof n === 'number' && Number.isSafeInteger(n) && n >= 0;
  if (shape.length !== strides.length || !whole(offset) || !strides.every(whole)) {
    throw rangeError(
      `${op}: a tensor of shape [${shape.join(', ')}] has strides [${strides.join(', ')}] and offset ${offset}.`,
    );
  }
  let last = offset;
  for (let i = 0; i < shape.length; i++) last += Math.max(shape[i]! - 1, 0) * strides[i]!;
  const end = shape.includes(0) ? offset : last + 1;
  if (!Number.isSafeInteger(end) || end * DTYPES[dtype].size > storage.byteLength) {
    throw rangeError(
      `${op}: a tensor of shape [${shape.join(', ')}], strides [${strides.join(', ')}] and offset ${offset} needs ${end * DTYPES[dtype].size} bytes, but its storage has ${storage.byteLength}.`,
    );
  }
}

/** The storage classes by dtype. */
export const storageTypes: Readonly<Record<DType, string>> = {
  float32: 'FloatStorage',
  float64: 'DoubleStorage',
  float16: 'HalfStorage',
  bfloat16: 'BFloat16Storage',
  int64: 'LongStorage',
  int32: 'IntStorage',
  int16: 'ShortStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
  bool: 'BoolStorage',
  complex64: 'ComplexFloatStorage',
};

/** Python's Counter, in which MultiStepLR keeps its milestones: value → how often. */
export class Counter extends Map<unknown, unknown> {
  [reprSymbol](inner: (value: unknown) => string): string {
    if (this.size === 0) return 'Counter()';
    return `Counter({${Array.from(this, ([key, count]) => `${inner(key)}: ${inner(count)}`).join(', ')}})`;
  }
}

/** A storage class named by a file. */
export class StorageType {
  /** @param dtype null for storages of bytes that tensors of any dtype may view */
  constructor(readonly dtype: DType | null) {}
}

/** A storage as a tensor is built from it: typed by the class it was saved under. */
export class TypedStorage {
  constructor(
    readonly storage: PtStorage,
    readonly type: StorageType,
  ) {}
}

/** Whether a value is a dtype, which checkpoints hold as the dtype's own object. */
export function isDtype(value: unknown): value is DTypeInfo {
  return typeof value === 'object' && value !== null && Object.values(DTYPES).includes(value as DTypeInfo);
}

/** The storage behind a persistent id: `('storage', class, key, location, elements)`. */
export function storageOf(op: string, id: unknown, find: (key: string) => PtStorage): TypedStorage {
  if (!(id instanceof Tuple) || id.length !== 5) throw rangeError(`${op}: a persistent id is malformed.`);
  const [tag, type, key, location, elements] = id as unknown as [unknown, unknown, unknown, unknown, unknown];
  if (tag !== 'storage' || !(type instanceof StorageType) || typeof key !== 'string' || typeof location !== 'string') {
    throw rangeError(`${op}: a persistent id is malformed.`);
  }
  const storage = find(key);
  const wanted = byteLengthOf(op, type.dtype ?? 'uint8', [elements]);
  if (wanted !== storage.byteLength) {
    throw rangeError(
      `${op}: storage ${JSON.stringify(key)} should have ${wanted} bytes, but has ${storage.byteLength}.`,
    );
  }
  return new TypedStorage(storage, type);
}
