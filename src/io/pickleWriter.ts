/** Writes pickles of protocol 2, in the forms that PyTorch itself writes. */
import { DTYPES } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { FloatScalar } from '../promotion.js';
import { OrderedDict, Tuple } from '../repr.js';
import { describe } from '../shape.js';
import { Size } from '../size.js';
import { checkKey } from './keys.js';
import { Counter, isDtype, type PtStorage, PtTensor, storageTypes } from './ptValues.js';

/** Bytes that grow. */
class Sink {
  #bytes = new Uint8Array(1024);
  #length = 0;

  byte(...values: number[]): void {
    this.put(Uint8Array.from(values));
  }

  put(part: Uint8Array): void {
    const end = this.#length + part.byteLength;
    if (end > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.byteLength * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#length);
    this.#length = end;
  }

  done(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

const utf8 = new TextEncoder();

/** What stands in a file for an object, or undefined for the object itself. */
export type Converter = (value: object) => PtTensor | undefined;

/** The opcodes that are written, with the names of Python's pickletools. */
const Opcode = {
  PROTO: 0x80,
  STOP: 0x2e,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  NONE: 0x4e,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  BININT1: 0x4b,
  BININT2: 0x4d,
  BININT: 0x4a,
  LONG1: 0x8a,
  BINFLOAT: 0x47,
  BINUNICODE: 0x58,
  GLOBAL: 0x63,
  MARK: 0x28,
  EMPTY_TUPLE: 0x29,
  TUPLE: 0x74,
  TUPLE1: 0x85,
  REDUCE: 0x52,
  EMPTY_LIST: 0x5d,
  APPENDS: 0x65,
  SETITEMS: 0x75,
  EMPTY_DICT: 0x7d,
  BUILD: 0x62,
  TUPLE3: 0x87,
  BINPERSID: 0x51,
} as const;

class Pickler {
  readonly #op: string;
  readonly #sink = new Sink();
  /** Where strings and objects stand in the memo, so that what is shared stays shared. */
  readonly #memo = new Map<unknown, number>();
  readonly #keys = new Map<PtStorage, string>();
  readonly storages: PtStorage[] = [];

  readonly #convert: Converter;

  constructor(op: string, convert: Converter) {
    this.#op = op;
    this.#convert = convert;
  }

  pickle(value: unknown): Uint8Array {
    this.#sink.byte(Opcode.PROTO, 2);
    this.#value(value);
    this.#sink.byte(Opcode.STOP);
    return this.#sink.done();
  }

  /** Fetches what was written before; false if this is the first time. */
  #recall(value: unknown): boolean {
    const index = this.#memo.get(value);
    if (index === undefined) return false;
    if (index < 256) this.#sink.byte(Opcode.BINGET, index);
    else this.#withNumber(Opcode.LONG_BINGET, index);
    return true;
  }

  #memoize(value: unknown): void {
    const index = this.#memo.size;
    this.#memo.set(value, index);
    if (index < 256) this.#sink.byte(Opcode.BINPUT, index);
    else this.#withNumber(Opcode.LONG_BINPUT, index);
  }

  #withNumber(opcode: number, value: number): void {
    this.#sink.byte(opcode, value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24);
  }

  #value(value: unknown): void {
    if (value === null || value === undefined) this.#sink.byte(Opcode.NONE);
    else if (typeof value === 'boolean') this.#sink.byte(value ? Opcode.NEWTRUE : Opcode.NEWFALSE);
    else if (typeof value === 'bigint') this.#integer(value);
    else if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'object') this.#object(value);
    else if (typeof value !== 'number') throw this.#refusal(value);
    else if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(value);
    else this.#float(value);
  }

  #refusal(value: unknown): TypeError {
    if (typeof value === 'function' && 'stateDict' in value) {
      return typeError(`${this.#op}: a module's class is code and cannot be saved; save its stateDict().`);
    }
    return typeError(
      `${this.#op}: ${describe(value)} cannot be saved; give tensors, numbers, strings, booleans, null, arrays, Maps and plain objects.`,
    );
  }

  #integer(value: number | bigint): void {
    if (value >= 0 && value < 256) this.#sink.byte(Opcode.BININT1, Number(value));
    else if (value >= 0 && value < 65536) this.#sink.byte(Opcode.BININT2, Number(value) & 255, Number(value) >> 8);
    else if (value >= -(2 ** 31) && value < 2 ** 31) this.#withNumber(Opcode.BININT, Number(value) | 0);
    else this.#long(BigInt(value));
  }

  #long(value: bigint): void {
    let size = 1;
    while (size < 256 && BigInt.asIntN(size * 8, value) !== value) size++;
    if (size > 255) throw rangeError(`${this.#op}: an integer of more than 255 bytes is too long to be saved.`);
    const bytes = Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
    this.#sink.byte(Opcode.LONG1, size, ...bytes);
  }

  #float(value: number): void {
    const bytes = new Uint8Array(9);
    bytes[0] = Opcode.BINFLOAT;
    new DataView(bytes.buffer).setFloat64(1, value, false);
    this.#sink.put(bytes);
  }

  #string(value: string): void {
    if (this.#recall(value)) return;
    const bytes = utf8.encode(value);
    this.#withNumber(Opcode.BINUNICODE, bytes.byteLength);
    this.#sink.put(bytes);
    this.#memoize(value);
  }

  #global(module: string, name: string): void {
    // A key of its own: a string of the same letters is another thing.
    const key = `\u0000${module}\n${name}\n`;
    if (this.#recall(key)) return;
    this.#sink.byte(Opcode.GLOBAL);
    this.#sink.put(utf8.encode(`${module}\n${name}\n`));
    this.#memoize(key);
  }

  #tuple(items: readonly unknown[]): void {
    const marked = items.length > 3;
    if (marked) this.#sink.byte(Opcode.MARK);
    for (const item of items) this.#value(item);
    this.#sink.byte(items.length === 0 ? Opcode.EMPTY_TUPLE : marked ? Opcode.TUPLE : Opcode.TUPLE1 + items.length - 1);
  }

  #call(module: string, name: string, args: readonly unknown[]): void {
    this.#global(module, name);
    this.#tuple(args);
    this.#sink.byte(Opcode.REDUCE);
  }

  #object(value: object): void {
    if (this.#recall(value)) return;
    const tensor = this.#convert(value);
    // Containers that can hold themselves enter the memo before their items.
    if (tensor !== undefined) {
      this.#tensor(tensor);
      this.#memoize(value);
    } else if (value instanceof OrderedDict) this.#orderedDict(value);
    else if (value instanceof Map && !(value instanceof Counter)) this.#dict(value, value);
    else if (Array.isArray(value) && !(value instanceof Tuple) && !(value instanceof Size)) this.#list(value);
    else if (isPlainObject(value) && !isDtype(value)) this.#dict(value, Object.entries(value));
    else {
      this.#leaf(value);
      this.#memoize(value);
    }
  }

  #leaf(value: object): void {
    if (value instanceof PtTensor) this.#tensor(value);
    else if (value instanceof FloatScalar) this.#float(value.value);
    else if (value instanceof Size) this.#call('torch', 'Size', [new Tuple(value)]);
    else if (value instanceof Tuple) this.#tuple(value);
    else if (value instanceof Counter) this.#call('collections', 'Counter', [new Map(value)]);
    else if (value instanceof Set) this.#call('__builtin__', 'set', [[...value]]);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (isDtype(value)) this.#global('torch', value.name);
    else throw this.#refusal(value);
  }

  #list(items: readonly unknown[]): void {
    this.#sink.byte(Opcode.EMPTY_LIST);
    this.#memoize(items);
    if (items.length === 0) return;
    this.#sink.byte(Opcode.MARK);
    for (const item of items) this.#value(item);
    this.#sink.byte(Opcode.APPENDS);
  }

  #items(entries: Iterable<readonly [unknown, unknown]>): void {
    let any = false;
    for (const [key, value] of entries) {
      if (!any) this.#sink.byte(Opcode.MARK);
      any = true;
      if (typeof key === 'string') checkKey(this.#op, key);
      else if (typeof key === 'object' || typeof key === 'undefined') throw this.#refusal(key);
      this.#value(key);
      this.#value(value);
    }
    if (any) this.#sink.byte(Opcode.SETITEMS);
  }

  #dict(owner: object, entries: Iterable<readonly [unknown, unknown]>): void {
    this.#sink.byte(Opcode.EMPTY_DICT);
    this.#memoize(owner);
    this.#items(entries);
  }

  #orderedDict(dict: OrderedDict): void {
    this.#call('collections', 'OrderedDict', []);
    this.#memoize(dict);
    this.#items(dict);
    if (dict.metadata !== null) {
      this.#value({ _metadata: dict.metadata });
      this.#sink.byte(Opcode.BUILD);
    }
  }

  #bytes(bytes: Uint8Array): void {
    const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
    this.#call('_codecs', 'encode', [text, 'latin1']);
  }

  #tensor(tensor: PtTensor): void {
    if (tensor.isParameter) {
      const { storage, dtype, offset, shape, strides, requiresGrad } = tensor;
      this.#global('torch._utils', '_rebuild_parameter');
      this.#tensor(new PtTensor(storage, dtype, offset, shape, strides));
      this.#sink.byte(requiresGrad ? Opcode.NEWTRUE : Opcode.NEWFALSE);
      this.#call('collections', 'OrderedDict', []);
      this.#sink.byte(Opcode.TUPLE3, Opcode.REDUCE);
      return;
    }
    this.#global('torch._utils', '_rebuild_tensor_v2');
    this.#sink.byte(Opcode.MARK);
    this.#storage(tensor);
    this.#value(tensor.offset);
    this.#tuple(tensor.shape);
    this.#tuple(tensor.strides);
    this.#value(tensor.requiresGrad);
    this.#call('collections', 'OrderedDict', []);
    this.#sink.byte(Opcode.TUPLE, Opcode.REDUCE);
  }

  #storage({ storage, dtype }: PtTensor): void {
    let key = this.#keys.get(storage);
    if (key === undefined) {
      key = String(this.storages.length);
      this.#keys.set(storage, key);
      this.storages.push(storage);
    }
    this.#sink.byte(Opcode.MARK);
    this.#string('storage');
    this.#global('torch', storageTypes[dtype]);
    this.#string(key);
    this.#string('cpu');
    this.#value(storage.byteLength / DTYPES[dtype].size);
    this.#sink.byte(Opcode.TUPLE, Opcode.BINPERSID);
  }
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Pickles plain values and tensors.
 *
 * @param convert gives the PtTensor to write for an object of the caller's
 * @returns the pickle, and the storages that its tensors stand on, in the order of their keys '0', '1', …
 * @throws TypeError for a value that checkpoints cannot hold
 */
export function pickle(
  op: string,
  value: unknown,
  convert: Converter = () => undefined,
): { bytes: Uint8Array; storages: PtStorage[] } {
  const pickler = new Pickler(op, convert);
  return { bytes: pickler.pickle(value), storages: pickler.storages };
}
