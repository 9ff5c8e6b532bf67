/** Tensors as PyTorch's checkpoints hold them, and the names that such files may use. */
import { DTYPES, type DType, type DTypeInfo } from '../dtype.js';
import { notSupported, rangeError } from '../errors.js';
import { OrderedDict, reprSymbol, Tuple } from '../repr.js';
import { Size } from '../size.js';
import { numpyGlobals } from './numpyScalars.js';
import type { PickleGlobal } from './pickle.js';
import { byteLengthOf } from './plain.js';

/** No tensor has more dimensions. */
const MAX_DIMS = 64;

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

/** How a file's tensors turn into the caller's. */
export type TensorMaker = (tensor: PtTensor) => unknown;

/**
 * The names that a checkpoint may use: dtypes, storages, tensors, parameters, Size, device, OrderedDict, Counter,
 * defaultdict, set, bytes and NumPy's scalars.
 */
export function checkpointGlobals(op: string, make: TensorMaker): ReadonlyMap<string, PickleGlobal> {
  const globals = new Map<string, PickleGlobal>();
  const malformed = (what: string): never => {
    throw rangeError(`${op}: ${what} is malformed.`);
  };
  const sizes = (value: unknown): number[] => {
    if (!Array.isArray(value) || value.length > MAX_DIMS) return malformed('a shape');
    for (const size of value as unknown[]) if (typeof size !== 'number') malformed('a shape');
    return Array.from(value as number[]);
  };

  const rebuild = (args: readonly unknown[], dtype: DTypeInfo | null): PtTensor => {
    const [typed, offset, shape, strides, requiresGrad] = args;
    if (!(typed instanceof TypedStorage) || typeof offset !== 'number') return malformed('a tensor');
    const name = dtype?.name ?? typed.type.dtype;
    if (name === null) return malformed("a tensor's dtype");
    const tensor = new PtTensor(typed.storage, name, offset, sizes(shape), sizes(strides), requiresGrad === true);
    checkExtent(op, tensor);
    return tensor;
  };
  // Raw tensors are what a parameter is made of, so the maker runs last; one raw tensor gives one of the caller's.
  const made = new Map<PtTensor, unknown>();
  const raw = new Map<unknown, PtTensor>();
  const finish = (tensor: PtTensor): unknown => {
    if (!made.has(tensor)) {
      const value = make(tensor) ?? tensor;
      made.set(tensor, value);
      raw.set(value, tensor);
    }
    return made.get(tensor);
  };
  const parameter = ([data, requiresGrad]: readonly unknown[]): unknown => {
    const tensor = raw.get(data);
    if (tensor === undefined) return malformed('a parameter');
    const { storage, dtype, offset, shape, strides } = tensor;
    return finish(new PtTensor(storage, dtype, offset, shape, strides, requiresGrad === true, true));
  };
  const rebuilders: Record<string, (args: readonly unknown[]) => unknown> = {
    _rebuild_tensor: (args) => finish(rebuild(args, null)),
    _rebuild_tensor_v2: (args) => finish(rebuild(args, null)),
    _rebuild_tensor_v3: (args) => {
      const dtype = args[6];
      if (!isDtype(dtype)) return malformed("a tensor's dtype");
      return finish(rebuild(args, dtype));
    },
    _rebuild_parameter: parameter,
    _rebuild_parameter_with_state: parameter,
  };
  for (const [name, call] of Object.entries(rebuilders)) {
    globals.set(`torch._utils.${name}`, { call, value: new Rebuilder(call) });
  }
  const types = { value: new TensorType() };
  globals.set('torch.Tensor', types);
  globals.set('torch._tensor.Tensor', types);
  globals.set('torch.nn.parameter.Parameter', types);
  // A tensor with Python attributes: (how to build, its class, arguments, attributes); the attributes are dropped.
  globals.set('torch._tensor._rebuild_from_type_v2', {
    call: ([how, type, args]) =>
      how instanceof Rebuilder && type instanceof TensorType && Array.isArray(args)
        ? how.call(args)
        : malformed('a tensor'),
  });

  for (const [dtype, name] of Object.entries(storageTypes)) {
    globals.set(`torch.${name}`, { value: new StorageType(dtype as DType) });
  }
  for (const module of ['torch', 'torch.storage']) {
    globals.set(`${module}.UntypedStorage`, { value: new StorageType(null) });
  }
  for (const info of Object.values(DTYPES)) globals.set(`torch.${info.name}`, { value: info });
  for (const [alias, name] of Object.entries(dtypeAliases)) globals.set(`torch.${alias}`, { value: DTYPES[name] });

  globals.set('torch.Size', { call: ([items]) => new Size(sizes(items)) });
  globals.set('torch.device', { call: ([type]) => String(type) });
  globals.set('collections.OrderedDict', {
    call: (args) => {
      const dict = new OrderedDict();
      if (args.length === 0) return dict;
      // The form that old protocols use: a list of pairs.
      if (args.length !== 1 || !Array.isArray(args[0])) return malformed('an OrderedDict');
      for (const pair of args[0] as unknown[]) {
        if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') malformed('an OrderedDict');
        dict.set((pair as [string, unknown])[0], (pair as [string, unknown])[1]);
      }
      return dict;
    },
  });
  globals.set('collections.Counter', {
    call: ([counts]) =>
      counts === undefined ? new Counter() : counts instanceof Map ? new Counter(counts) : malformed('a Counter'),
  });
  for (const module of ['__builtin__', 'builtins']) {
    globals.set(`${module}.set`, {
      call: ([items]) => new Set(Array.isArray(items) ? (items as unknown[]) : malformed('a set')),
    });
    globals.set(`${module}.frozenset`, globals.get(`${module}.set`)!);
    for (const name of ['int', 'long', 'float', 'list', 'dict', 'set', 'str', 'unicode', 'bool']) {
      const known = globals.get(`${module}.${name}`);
      globals.set(`${module}.${name}`, { ...known, value: new Factory() });
    }
    globals.set(`${module}.bytearray`, {
      call: ([bytes]) => (bytes instanceof Uint8Array ? bytes : malformed('bytes')),
    });
  }
  // What it makes for a key that is not there is left behind.
  globals.set('collections.defaultdict', {
    call: ([factory]) =>
      factory === undefined || factory === null || factory instanceof Factory ? new Map() : malformed('a defaultdict'),
  });
  for (const [name, global] of numpyGlobals(malformed)) globals.set(name, global);
  // How protocol 2 writes bytes: text of code points below 256, encoded as Latin-1.
  globals.set('_codecs.encode', {
    call: ([text, encoding]) =>
      typeof text === 'string' && encoding === 'latin1'
        ? Uint8Array.from(text, (character) => character.codePointAt(0)!)
        : malformed('bytes'),
  });
  for (const name of ['_rebuild_sparse_tensor', '_rebuild_qtensor', '_rebuild_sparse_csr_tensor']) {
    globals.set(`torch._utils.${name}`, {
      call: () => {
        throw notSupported(`${op}: the file holds a sparse or quantized tensor; save it dense (to_dense, dequantize).`);
      },
    });
  }
  return globals;
}

/** A rebuild function as an argument of another. */
class Rebuilder {
  constructor(readonly call: (args: readonly unknown[]) => unknown) {}
}

/** A built-in class as a defaultdict's argument. */
class Factory {}

/** The classes Tensor and Parameter as arguments. */
class TensorType {}

const dtypeAliases: Readonly<Record<string, DType>> = {
  float: 'float32',
  double: 'float64',
  half: 'float16',
  long: 'int64',
  int: 'int32',
  short: 'int16',
  cfloat: 'complex64',
};

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
