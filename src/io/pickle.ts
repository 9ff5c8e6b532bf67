/**
 * A closed pickle reader. It knows the opcodes that checkpoints are made of and the globals of a table; nothing in a
 * file can name code of ours or run any.
 */
import { rangeError } from '../errors.js';
import { OrderedDict, Tuple } from '../repr.js';
import { checkKey } from './keys.js';

/** A name that a file may use: what it stands for, and what calling it gives. */
export interface PickleGlobal {
  /** The value itself, for names that are values (dtypes, storage types). */
  readonly value?: unknown;
  /** What REDUCE makes of the arguments. */
  readonly call?: (args: readonly unknown[]) => unknown;
}

export interface PickleTable {
  /** By `module.name`. */
  readonly globals: ReadonlyMap<string, PickleGlobal>;
  /** What a persistent id stands for: a storage. */
  persistent(id: unknown): unknown;
}

/** A global on the stack. Compared by identity with the table's own. */
class Reference {
  constructor(
    readonly name: string,
    readonly global: PickleGlobal,
  ) {}
}

/** What BUILD completes. @returns whether the state was a sound one */
interface Buildable {
  build(state: unknown): boolean;
}

function isBuildable(value: unknown): value is Buildable {
  return typeof value === 'object' && value !== null && typeof (value as Partial<Buildable>).build === 'function';
}

const MARK = Symbol('mark');
const MAX_PROTOCOL = 5;

/** An integer of little-endian two's complement bytes: a number where it is safe, else a bigint. */
function longOf(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.byteLength - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  if (bytes.byteLength > 0) value = BigInt.asIntN(bytes.byteLength * 8, value);
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

class Unpickler {
  readonly #op: string;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #table: PickleTable;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #at = 0;

  constructor(op: string, bytes: Uint8Array, table: PickleTable) {
    this.#op = op;
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#table = table;
  }

  /** How many bytes were read. */
  get position(): number {
    return this.#at;
  }

  #fail(what: string): never {
    throw rangeError(`${this.#op}: the pickle is wrong at byte ${this.#at}: ${what}.`);
  }

  #take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.byteLength) this.#fail('it is cut off');
    const part = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return part;
  }

  #number(size: 1 | 2 | 4): number {
    const at = this.#at;
    this.#take(size);
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  /** A 64-bit length; what a file can hold fits a number. */
  #length8(): number {
    const at = this.#at;
    this.#take(8);
    const length = this.#view.getBigUint64(at, true);
    return length > BigInt(this.#bytes.byteLength) ? this.#fail('it is cut off') : Number(length);
  }

  #string(length: number): string {
    try {
      return this.#text.decode(this.#take(length));
    } catch (error) {
      if (error instanceof RangeError) throw error;
      return this.#fail('a string is not UTF-8');
    }
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.#fail('a name does not end');
    const text = this.#string(end - this.#at);
    this.#at++;
    return text;
  }

  #pop(): unknown {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) this.#fail('a value is missing');
    return value;
  }

  /** Everything above the last mark. */
  #popMark(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) this.#fail('a mark is missing');
    const items = this.#stack.splice(mark + 1);
    this.#stack.pop();
    return items;
  }

  #top(): unknown {
    const value = this.#stack[this.#stack.length - 1];
    if (value === undefined || value === MARK) this.#fail('a value is missing');
    return value;
  }

  #memoize(index: number): void {
    this.#memo.set(index, this.#top());
  }

  #recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.#fail(`memo ${index} is empty`);
    this.#stack.push(value);
  }

  #setItems(target: unknown, items: readonly unknown[]): void {
    if (!(target instanceof Map)) this.#fail('items are set on what is no dict');
    if (items.length % 2 !== 0) this.#fail('a key has no value');
    for (let i = 0; i < items.length; i += 2) {
      const key = plain(items[i]);
      if (typeof key === 'string') checkKey(this.#op, key);
      else if (target instanceof OrderedDict || typeof key === 'object') this.#fail('a key is no string or number');
      target.set(key, plain(items[i + 1]));
    }
  }

  #append(target: unknown, items: readonly unknown[]): void {
    if (!Array.isArray(target) || target instanceof Tuple) this.#fail('items are appended to what is no list');
    for (const item of items) target.push(plain(item));
  }

  #tuple(items: readonly unknown[]): void {
    this.#stack.push(new Tuple(items.map(plain)));
  }

  #global(module: string, name: string): void {
    const full = `${module}.${name}`;
    const global = this.#table.globals.get(full);
    if (global === undefined) {
      throw rangeError(
        `${this.#op}: the file names ${JSON.stringify(full)}, which is not among what a checkpoint may use; save plain containers, numbers, strings and tensors (a state dict) instead.`,
      );
    }
    this.#stack.push(new Reference(full, global));
  }

  #reduce(): void {
    const args = this.#pop();
    const reference = this.#pop();
    if (!(reference instanceof Reference) || !(args instanceof Tuple)) this.#fail('a call is malformed');
    if (reference.global.call === undefined) this.#fail(`${reference.name} cannot be called`);
    this.#stack.push(reference.global.call(args));
  }

  /** An OrderedDict carries attributes, its `_metadata`, and what a global made may take a state. */
  #build(): void {
    const state = this.#pop();
    const target = this.#top();
    if (isBuildable(target)) {
      if (!target.build(state)) this.#fail('a state is malformed');
      return;
    }
    if (!(target instanceof OrderedDict) || !(state instanceof Map)) this.#fail('attributes are set on what has none');
    target.metadata = state.get('_metadata') ?? null;
  }

  read(): unknown {
    const { length } = this.#bytes;
    while (this.#at < length) {
      const opcode = this.#bytes[this.#at++]!;
      if (opcode === 0x2e) {
        const result = plain(this.#pop());
        if (this.#stack.length !== 0) this.#fail('values are left over');
        return result;
      }
      this.#step(opcode);
    }
    return this.#fail('it does not end');
  }

  #step(opcode: number): void {
    const stack = this.#stack;
    switch (opcode) {
      case 0x80: // PROTO
        if (this.#number(1) > MAX_PROTOCOL) this.#fail('its protocol is unknown');
        return;
      case 0x95: // FRAME
        this.#length8();
        return;
      case 0x28: // MARK
        stack.push(MARK);
        return;
      case 0x4e: // NONE
        stack.push(null);
        return;
      case 0x88: // NEWTRUE
        stack.push(true);
        return;
      case 0x89: // NEWFALSE
        stack.push(false);
        return;
      case 0x4a: // BININT
        stack.push(this.#number(4) | 0);
        return;
      case 0x4b: // BININT1
        stack.push(this.#number(1));
        return;
      case 0x4d: // BININT2
        stack.push(this.#number(2));
        return;
      case 0x8a: // LONG1
        stack.push(longOf(this.#take(this.#number(1))));
        return;
      case 0x47: // BINFLOAT
        this.#take(8);
        stack.push(this.#view.getFloat64(this.#at - 8, false));
        return;
      case 0x58: // BINUNICODE
        stack.push(this.#string(this.#number(4)));
        return;
      case 0x8c: // SHORT_BINUNICODE
        stack.push(this.#string(this.#number(1)));
        return;
      case 0x55: // SHORT_BINSTRING
        stack.push(this.#string(this.#number(1)));
        return;
      case 0x42: // BINBYTES
        stack.push(new Uint8Array(this.#take(this.#number(4))));
        return;
      case 0x43: // SHORT_BINBYTES
        stack.push(new Uint8Array(this.#take(this.#number(1))));
        return;
      case 0x5d: // EMPTY_LIST
        stack.push([]);
        return;
      case 0x7d: // EMPTY_DICT
        stack.push(new Map());
        return;
      case 0x29: // EMPTY_TUPLE
        this.#tuple([]);
        return;
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: {
        // TUPLE3
        const items: unknown[] = [];
        for (let i = 0x84; i < opcode; i++) items.unshift(this.#pop());
        this.#tuple(items);
        return;
      }
      case 0x74: // TUPLE
        this.#tuple(this.#popMark());
        return;
      case 0x61: {
        // APPEND
        const item = this.#pop();
        this.#append(this.#top(), [item]);
        return;
      }
      case 0x65: {
        // APPENDS
        const items = this.#popMark();
        this.#append(this.#top(), items);
        return;
      }
      case 0x73: {
        // SETITEM
        const value = this.#pop();
        const key = this.#pop();
        this.#setItems(this.#top(), [key, value]);
        return;
      }
      case 0x75: {
        // SETITEMS
        const items = this.#popMark();
        this.#setItems(this.#top(), items);
        return;
      }
      case 0x71: // BINPUT
        this.#memoize(this.#number(1));
        return;
      case 0x72: // LONG_BINPUT
        this.#memoize(this.#number(4));
        return;
      case 0x94: // MEMOIZE
        this.#memoize(this.#memo.size);
        return;
      case 0x68: // BINGET
        this.#recall(this.#number(1));
        return;
      case 0x6a: // LONG_BINGET
        this.#recall(this.#number(4));
        return;
      case 0x63: // GLOBAL
        this.#global(this.#line(), this.#line());
        return;
      case 0x93: {
        // STACK_GLOBAL
        const name = this.#pop();
        const module = this.#pop();
        if (typeof name !== 'string' || typeof module !== 'string') this.#fail('a name is no string');
        this.#global(module, name);
        return;
      }
      case 0x52: // REDUCE
        this.#reduce();
        return;
      case 0x62: // BUILD
        this.#build();
        return;
      case 0x51: // BINPERSID
        stack.push(this.#table.persistent(this.#pop()));
        return;
      default:
        this.#at--;
        this.#fail(`opcode 0x${opcode.toString(16)} is not among what a checkpoint may use`);
    }
  }
}

/** A global used as a value is its value. */
function plain(value: unknown): unknown {
  if (!(value instanceof Reference)) return value;
  if (value.global.value === undefined) throw rangeError(`pickle: ${value.name} is no value.`);
  return value.global.value;
}

/**
 * Reads a pickle of plain values: None, booleans, numbers, strings, bytes, lists, tuples, dicts, and what the table has.
 *
 * Dicts become Maps, tuples Tuples, integers beyond 2 ** 53 bigints.
 *
 * @throws RangeError for any other opcode or name, and for a pickle that is malformed
 */
export function unpickle(op: string, bytes: Uint8Array, table: PickleTable): unknown {
  return new Unpickler(op, bytes, table).read();
}

/** {@link unpickle} of a pickle that other bytes may follow, and how long it is. */
export function unpickleFirst(op: string, bytes: Uint8Array, table: PickleTable): { value: unknown; length: number } {
  const unpickler = new Unpickler(op, bytes, table);
  const value = unpickler.read();
  return { value, length: unpickler.position };
}
