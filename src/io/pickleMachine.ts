import { rangeError } from '../errors.js';
import { OrderedDict, Tuple } from '../repr.js';
import { checkKey } from './keys.js';
import type { PickleStream } from './pickleStream.js';

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

/** The stack and the memo that a pickle's opcodes work on. Every step checks what it finds there. */
export class PickleMachine {
  readonly #stream: PickleStream;
  readonly #table: PickleTable;
  readonly #stack: unknown[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(stream: PickleStream, table: PickleTable) {
    this.#stream = stream;
    this.#table = table;
  }

  /** How many values the memo has. */
  get memoSize(): number {
    return this.#memo.size;
  }

  push(value: unknown): void {
    this.#stack.push(value);
  }

  /** Pushes the mark that {@link popMark} goes back to. */
  mark(): void {
    this.#stack.push(MARK);
  }

  /** The topmost value, taken off. */
  pop(): unknown {
    const value = this.#stack.pop();
    if (value === undefined || value === MARK) this.#stream.fail('a value is missing');
    return value;
  }

  /** Everything above the last mark. */
  popMark(): unknown[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) this.#stream.fail('a mark is missing');
    const items = this.#stack.splice(mark + 1);
    this.#stack.pop();
    return items;
  }

  /** The topmost value, left there. */
  top(): unknown {
    const value = this.#stack[this.#stack.length - 1];
    if (value === undefined || value === MARK) this.#stream.fail('a value is missing');
    return value;
  }

  /** Notes the topmost value under a number. */
  memoize(index: number): void {
    this.#memo.set(index, this.top());
  }

  /** Pushes what was noted under a number. */
  recall(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) this.#stream.fail(`memo ${index} is empty`);
    this.#stack.push(value);
  }

  /** Sets keys and values, which alternate in `items`, in the topmost dict. */
  setItems(items: readonly unknown[]): void {
    const target = this.top();
    if (!(target instanceof Map)) this.#stream.fail('items are set on what is no dict');
    if (items.length % 2 !== 0) this.#stream.fail('a key has no value');
    for (let i = 0; i < items.length; i += 2) {
      const key = plain(items[i]);
      if (typeof key === 'string') checkKey(this.#stream.op, key);
      else if (target instanceof OrderedDict || typeof key === 'object')
        this.#stream.fail('a key is no string or number');
      target.set(key, plain(items[i + 1]));
    }
  }

  /** Adds items to the topmost list. */
  append(items: readonly unknown[]): void {
    const target = this.top();
    if (!Array.isArray(target) || target instanceof Tuple) this.#stream.fail('items are appended to what is no list');
    for (const item of items) target.push(plain(item));
  }

  /** Pushes a tuple. */
  tuple(items: readonly unknown[]): void {
    this.#stack.push(new Tuple(items.map(plain)));
  }

  /** Pushes what a name of the table stands for. */
  global(module: string, name: string): void {
    const full = `${module}.${name}`;
    const global = this.#table.globals.get(full);
    if (global === undefined) {
      throw rangeError(
        `${this.#stream.op}: the file names ${JSON.stringify(full)}, which is not among what a checkpoint may use; save plain containers, numbers, strings and tensors (a state dict) instead.`,
      );
    }
    this.#stack.push(new Reference(full, global));
  }

  /** Pushes what a global gives when it is called with a tuple of arguments. */
  reduce(): void {
    const args = this.pop();
    const reference = this.pop();
    if (!(reference instanceof Reference) || !(args instanceof Tuple)) this.#stream.fail('a call is malformed');
    if (reference.global.call === undefined) this.#stream.fail(`${reference.name} cannot be called`);
    this.#stack.push(reference.global.call(args));
  }

  /** Gives the topmost value a state: an OrderedDict carries attributes, its `_metadata`, and what a global made may take a state. */
  build(): void {
    const state = this.pop();
    const target = this.top();
    if (isBuildable(target)) {
      if (!target.build(state)) this.#stream.fail('a state is malformed');
      return;
    }
    if (!(target instanceof OrderedDict) || !(state instanceof Map))
      this.#stream.fail('attributes are set on what has none');
    target.metadata = state.get('_metadata') ?? null;
  }

  /** Pushes what a persistent id stands for. */
  persistent(): void {
    this.#stack.push(this.#table.persistent(this.pop()));
  }

  /** The value of the whole pickle, which must be all that is left. */
  result(): unknown {
    const result = plain(this.pop());
    if (this.#stack.length !== 0) this.#stream.fail('values are left over');
    return result;
  }
}

/** A global used as a value is its value. */
function plain(value: unknown): unknown {
  if (!(value instanceof Reference)) return value;
  if (value.global.value === undefined) throw rangeError(`load: ${value.name} is no value.`);
  return value.global.value;
}
