/** The names that PyTorch's checkpoints may use, and what they stand for. */
import { DTYPES, type DType, type DTypeInfo } from '../dtype.js';
import { notSupported, rangeError } from '../errors.js';
import { OrderedDict } from '../repr.js';
import { Size } from '../size.js';
import { numpyGlobals } from './numpyScalars.js';
import type { PickleGlobal } from './pickle.js';
import { Counter, checkExtent, isDtype, PtTensor, StorageType, storageTypes, TypedStorage } from './ptValues.js';

/** No tensor has more dimensions. */
const MAX_DIMS = 64;

/** How a file's tensors turn into the caller's. */
export type TensorMaker = (tensor: PtTensor) => unknown;

/** Refuses what a file holds, in the words of the op that reads it. */
type Malformed = (what: string) => never;

type Named = readonly [name: string, global: PickleGlobal];

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

function sizesOf(value: unknown, malformed: Malformed): number[] {
  if (!Array.isArray(value) || value.length > MAX_DIMS) return malformed('a shape');
  for (const size of value as unknown[]) if (typeof size !== 'number') malformed('a shape');
  return Array.from(value as number[]);
}

/** The functions that make tensors and parameters. */
function tensorGlobals(op: string, make: TensorMaker, malformed: Malformed): Named[] {
  const rebuild = (args: readonly unknown[], dtype: DTypeInfo | null): PtTensor => {
    const [typed, offset, shape, strides, requiresGrad] = args;
    if (!(typed instanceof TypedStorage) || typeof offset !== 'number') return malformed('a tensor');
    const name = dtype?.name ?? typed.type.dtype;
    if (name === null) return malformed("a tensor's dtype");
    const sizes = sizesOf(shape, malformed);
    const tensor = new PtTensor(typed.storage, name, offset, sizes, sizesOf(strides, malformed), requiresGrad === true);
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
  const types = { value: new TensorType() };
  return [
    ...Object.entries(rebuilders).map(
      ([name, call]): Named => [`torch._utils.${name}`, { call, value: new Rebuilder(call) }],
    ),
    ['torch.Tensor', types],
    ['torch._tensor.Tensor', types],
    ['torch.nn.parameter.Parameter', types],
    // A tensor with Python attributes: (how to build, its class, arguments, attributes); the attributes are dropped.
    [
      'torch._tensor._rebuild_from_type_v2',
      {
        call: ([how, type, args]) =>
          how instanceof Rebuilder && type instanceof TensorType && Array.isArray(args)
            ? how.call(args)
            : malformed('a tensor'),
      },
    ],
    ...['_rebuild_sparse_tensor', '_rebuild_qtensor', '_rebuild_sparse_csr_tensor'].map(
      (name): Named => [
        `torch._utils.${name}`,
        {
          call: () => {
            throw notSupported(
              `${op}: the file holds a sparse or quantized tensor; save it dense (to_dense, dequantize).`,
            );
          },
        },
      ],
    ),
  ];
}

/** Storage classes, dtypes, sizes and devices. */
function typeGlobals(malformed: Malformed): Named[] {
  return [
    ...Object.entries(storageTypes).map(
      ([dtype, name]): Named => [`torch.${name}`, { value: new StorageType(dtype as DType) }],
    ),
    ['torch.UntypedStorage', { value: new StorageType(null) }],
    ['torch.storage.UntypedStorage', { value: new StorageType(null) }],
    ...Object.values(DTYPES).map((info): Named => [`torch.${info.name}`, { value: info }]),
    ...Object.entries(dtypeAliases).map(([alias, name]): Named => [`torch.${alias}`, { value: DTYPES[name] }]),
    ['torch.Size', { call: ([items]) => new Size(sizesOf(items, malformed)) }],
    ['torch.device', { call: ([type]) => String(type) }],
  ];
}

/** Python's containers. */
function containerGlobals(malformed: Malformed): Named[] {
  const orderedDict = (args: readonly unknown[]): unknown => {
    const dict = new OrderedDict();
    if (args.length === 0) return dict;
    // The form that old protocols use: a list of pairs.
    if (args.length !== 1 || !Array.isArray(args[0])) return malformed('an OrderedDict');
    for (const pair of args[0] as unknown[]) {
      if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[0] !== 'string') malformed('an OrderedDict');
      dict.set((pair as [string, unknown])[0], (pair as [string, unknown])[1]);
    }
    return dict;
  };
  const counter = ([counts]: readonly unknown[]): unknown =>
    counts === undefined ? new Counter() : counts instanceof Map ? new Counter(counts) : malformed('a Counter');
  // What it makes for a key that is not there is left behind.
  const defaultDict = ([factory]: readonly unknown[]): unknown =>
    factory === undefined || factory === null || factory instanceof Factory ? new Map() : malformed('a defaultdict');
  return [
    ['collections.OrderedDict', { call: orderedDict }],
    ['collections.Counter', { call: counter }],
    ['collections.defaultdict', { call: defaultDict }],
  ];
}

/** Python's built-in classes, under the names of both of its versions. */
function builtinGlobals(malformed: Malformed): Named[] {
  const set = ([items]: readonly unknown[]): unknown =>
    new Set(Array.isArray(items) ? (items as unknown[]) : malformed('a set'));
  const byteArray = ([bytes]: readonly unknown[]): unknown =>
    bytes instanceof Uint8Array ? bytes : malformed('bytes');
  // How protocol 2 writes bytes: text of code points below 256, encoded as Latin-1.
  const encode = ([text, encoding]: readonly unknown[]): unknown =>
    typeof text === 'string' && encoding === 'latin1'
      ? Uint8Array.from(text, (character) => character.codePointAt(0)!)
      : malformed('bytes');
  const classes = ['int', 'long', 'float', 'list', 'dict', 'str', 'unicode', 'bool'];
  return [
    ...['__builtin__', 'builtins'].flatMap((module): Named[] => [
      [`${module}.set`, { call: set, value: new Factory() }],
      [`${module}.frozenset`, { call: set }],
      [`${module}.bytearray`, { call: byteArray }],
      ...classes.map((name): Named => [`${module}.${name}`, { value: new Factory() }]),
    ]),
    ['_codecs.encode', { call: encode }],
  ];
}

/**
 * The names that a checkpoint may use: dtypes, storages, tensors, parameters, Size, device, OrderedDict, Counter,
 * defaultdict, set, bytes and NumPy's scalars.
 */
export function checkpointGlobals(op: string, make: TensorMaker): ReadonlyMap<string, PickleGlobal> {
  const malformed: Malformed = (what) => {
    throw rangeError(`${op}: ${what} is malformed.`);
  };
  return new Map([
    ...tensorGlobals(op, make, malformed),
    ...typeGlobals(malformed),
    ...containerGlobals(malformed),
    ...builtinGlobals(malformed),
    ...numpyGlobals(malformed),
  ]);
}
