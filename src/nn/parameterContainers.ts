import { indexError, stateError, typeError } from '../errors.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import { pairsOf, wrapIndex } from './container.js';
import { Module } from './module.js';
import { Parameter } from './parameter.js';
import { checkKey } from './registering.js';
import { registrySymbol } from './registry.js';

/** A tensor becomes a parameter; anything else stays. */
const asParameter = (value: unknown): unknown =>
  value instanceof Tensor && !(value instanceof Parameter) ? new Parameter(value) : value;

/** Tensor types as PyTorch's `type()` names them. */
const TYPE_NAMES: Readonly<Record<string, string>> = {
  float32: 'torch.FloatTensor',
  float64: 'torch.DoubleTensor',
  float16: 'torch.HalfTensor',
  bfloat16: 'torch.BFloat16Tensor',
  int64: 'torch.LongTensor',
  int32: 'torch.IntTensor',
  int16: 'torch.ShortTensor',
  int8: 'torch.CharTensor',
  uint8: 'torch.ByteTensor',
  bool: 'torch.BoolTensor',
  complex64: 'torch.ComplexFloatTensor',
};

function lines(entries: Iterable<readonly [string, unknown]>, typeOf: (x: Tensor) => string): string {
  return [...entries]
    .map(([key, value]) => {
      if (!(value instanceof Tensor))
        return `  (${key}): Object of type: ${value === null ? 'NoneType' : ((value as object).constructor?.name ?? typeof value)}`;
      return `  (${key}): ${value instanceof Parameter ? 'Parameter' : 'Tensor'} containing: [${typeOf(value)} of size ${value.shape.join('x')}]`;
    })
    .join('\n');
}

/** Adds what is no attribute to scan for parameters. */
function hide(module: object, name: string, value: unknown): void {
  Object.defineProperty(module, name, { value, writable: true, enumerable: false, configurable: true });
}

/**
 * Parameters in a list. A tensor that is added becomes a parameter; other values are kept as they are.
 * https://pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 */
export class ParameterList<T = Parameter> extends Module {
  [index: number]: T;
  /** @internal */
  declare protected count: number;

  constructor(values: Iterable<T | Tensor> | null = null) {
    super();
    hide(this, 'count', 0);
    if (values !== null) this.extend(values);
  }

  /** How many values. */
  override get length(): number {
    return this.count;
  }

  /** The value at `index`; -1 is the last. @throws RangeError beyond the ends */
  at(index: number): T {
    return this[wrapIndex(this.getName(), index, this.count)] as T;
  }

  /** Replaces the value at `index`. */
  set(index: number, value: T | Tensor): this {
    this[wrapIndex(this.getName(), index, this.count)] = asParameter(value) as T;
    return this;
  }

  /** Adds a value at the end. */
  append(value: T | Tensor): this {
    this[this.count++] = asParameter(value) as T;
    return this;
  }

  /** Adds all of `values` at the end. */
  extend(values: Iterable<T | Tensor>): this {
    if (values instanceof Tensor || typeof (values as Partial<Iterable<T>> | null)?.[Symbol.iterator] !== 'function') {
      throw typeError(`ParameterList.extend: should be called with an iterable, but got ${describe(values)}.`);
    }
    for (const value of [...values]) this.append(value);
    return this;
  }

  /** A ParameterList of the same values from `start` to before `end`, as an array's slice. */
  slice(start?: number, end?: number): ParameterList<T> {
    return new ParameterList<T>([...this].slice(start, end));
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let i = 0; i < this.count; i++) yield this[i] as T;
  }

  override extraRepr(): string {
    return lines(
      [...this].map((value, i) => [String(i), value]),
      (x) => `torch.${x.dtype}`,
    );
  }

  override forward(): never {
    throw stateError('ParameterList: a ParameterList should not be called.');
  }
}

/**
 * Parameters by name. A tensor that is added becomes a parameter; other values are kept as they are.
 * https://pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 */
export class ParameterDict<T = Parameter> extends Module {
  /** @internal Values that are no attributes, because a method's name hides them, are here alone. */
  declare protected contents: Map<string, unknown>;

  /** Takes an object (whose names are sorted, as PyTorch sorts a dict's), a Map, another ParameterDict or pairs. */
  constructor(values: Readonly<Record<string, T | Tensor>> | Iterable<readonly [string, T | Tensor]> | null = null) {
    super();
    hide(this, 'contents', new Map());
    if (values !== null) this.update(values);
  }

  /** How many values. */
  override get length(): number {
    return this.contents.size;
  }

  /** The value called `name`, or `fallback` where one is given. @throws RangeError when there is none */
  get(name: string): T;
  get<D>(name: string, fallback: D): T | D;
  get(name: string, fallback?: unknown): unknown {
    if (!this.contents.has(name)) {
      if (fallback !== undefined) return fallback;
      throw indexError(
        `ParameterDict: there is no key '${name}'; it has ${[...this.contents.keys()].join(', ') || 'none'}.`,
      );
    }
    return Object.hasOwn(this, name) ? (this as unknown as Record<string, unknown>)[name] : this.contents.get(name);
  }

  /** Whether there is a value called `name`. */
  has(name: string): boolean {
    return this.contents.has(name);
  }

  /** Adds a value, or replaces the one of that name. */
  set(name: string, value: T | Tensor): this {
    if (typeof name !== 'string') throw typeError(`ParameterDict: a key must be a string, not ${describe(name)}.`);
    checkKey('ParameterDict', name);
    const given = asParameter(value);
    const isHidden = name in this && !Object.hasOwn(this, name);
    this.contents.set(name, given);
    const registry = this.registry;
    if (isHidden) {
      registry.forget(name);
      if (given instanceof Parameter) {
        registry.hidden.add(name);
        registry.parameters.set(name, given);
      }
    } else Object.defineProperty(this, name, { value: given, writable: true, enumerable: true, configurable: true });
    return this;
  }

  /** The value called `name`, after setting it to `fallback` where there was none. */
  setdefault(name: string, fallback: T | Tensor): T {
    if (!this.has(name)) this.set(name, fallback);
    return this.get(name);
  }

  /** Takes a value out. @throws RangeError when there is none of that name */
  pop(name: string): T {
    const value = this.get(name);
    this.contents.delete(name);
    Reflect.deleteProperty(this, name);
    this[registrySymbol].forget(name);
    return value;
  }

  /** Takes the last value out, with its name. */
  popitem(): [string, T] {
    const name = [...this.contents.keys()].at(-1);
    if (name === undefined) throw indexError('ParameterDict.popitem: the dictionary is empty.');
    return [name, this.pop(name)];
  }

  /** Takes a value out. @returns whether there was one */
  delete(name: string): boolean {
    const found = this.has(name);
    if (found) this.pop(name);
    return found;
  }

  /** Takes all values out. */
  clear(): void {
    for (const name of [...this.contents.keys()]) this.pop(name);
  }

  /** A ParameterDict of the same values. */
  copy(): ParameterDict<T> {
    return new ParameterDict<T>(this.entries());
  }

  /** Adds all of an object (sorted by name), a Map, a ParameterDict or pairs, replacing what has the same name. */
  update(values: Readonly<Record<string, T | Tensor>> | Iterable<readonly [string, T | Tensor]>): this {
    const pairs = pairsOf('ParameterDict.update', values);
    const isPlain = !(Symbol.iterator in (values as object));
    if (isPlain) pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    for (const [name, value] of pairs) this.set(name, value as T);
    return this;
  }

  /** The names. */
  keys(): IterableIterator<string> {
    return this.contents.keys();
  }

  /** The parameters. */
  *values(): IterableIterator<T> {
    for (const name of this.contents.keys()) yield this.get(name);
  }

  /** Pairs of name and value. */
  *entries(): IterableIterator<[string, T]> {
    for (const name of this.contents.keys()) yield [name, this.get(name)];
  }

  /** See {@link entries}: PyTorch's name. */
  items(): IterableIterator<[string, T]> {
    return this.entries();
  }

  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this.entries();
  }

  override extraRepr(): string {
    return lines(this.entries(), (x) => TYPE_NAMES[x.dtype]!);
  }

  override forward(): never {
    throw stateError('ParameterDict: a ParameterDict should not be called.');
  }
}
