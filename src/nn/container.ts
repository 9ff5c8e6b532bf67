import { indexError, typeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import { type Layer, Module } from './module.js';
import { kindOf } from './parameter.js';
import { checkKey } from './registering.js';
import { isModule, registrySymbol } from './registry.js';

/** What is counted from 0, or from the end below 0. */
export function wrapIndex(op: string, index: number, length: number): number {
  if (!Number.isInteger(index)) throw typeError(`${op}: an index must be a whole number, not ${describe(index)}.`);
  if (index < -length || index >= length)
    throw indexError(`${op}: index ${index} is out of range for ${length} entries.`);
  return index < 0 ? index + length : index;
}

/** Modules by number: what {@link Sequential} and {@link ModuleList} share. */
export class ModuleSequence<M extends Module> extends Module {
  [index: number]: M;

  /** How many modules. */
  override get length(): number {
    return this.registry.modules.size;
  }

  /** The module at `index`; -1 is the last. @throws RangeError beyond the ends */
  at(index: number): M {
    const list = this.toArray();
    return list[wrapIndex(this.getName(), index, list.length)]!;
  }

  /** Its modules as an array. */
  toArray(): M[] {
    return [...this.registry.modules.values()] as M[];
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.toArray().values();
  }

  /** Puts `module` in the place of the one at `index`. */
  set(index: number, module: M): this {
    checkModule(this.getName(), module);
    const { registry } = this;
    const names = [...registry.modules.keys()];
    registry.assign(this, names[wrapIndex(this.getName(), index, names.length)]!, module);
    return this;
  }

  /** Adds `module` at the end. */
  append(module: M): this {
    checkModule(`${this.getName()}.append`, module);
    this.addModule(String(this.length), module);
    return this;
  }

  /** Adds all of `modules` at the end. */
  extend(modules: Iterable<M>): this {
    if (!isIterable(modules))
      throw typeError(`${this.getName()}.extend: should be called with an iterable, but got ${describe(modules)}.`);
    for (const module of [...modules]) this.append(module);
    return this;
  }

  /** Adds `module` before the one at `index`. */
  insert(index: number, module: M): this {
    checkModule(`${this.getName()}.insert`, module);
    const list = this.toArray();
    const at = index === list.length ? index : wrapIndex(`${this.getName()}.insert`, index, list.length);
    list.splice(at, 0, module);
    renumber(this, list);
    return this;
  }

  /** Takes the module at `index` (the last) out; those behind it move up. @returns it */
  pop(index = -1): M {
    const list = this.toArray();
    const [module] = list.splice(wrapIndex(`${this.getName()}.pop`, index, list.length), 1);
    renumber(this, list);
    return module!;
  }

  /** Takes out the module at `index`, or those from `start` to `end`. */
  remove(start: number, end?: number): this {
    const list = this.toArray();
    if (end === undefined) list.splice(wrapIndex(`${this.getName()}.remove`, start, list.length), 1);
    else {
      const from = start < 0 ? Math.max(start + list.length, 0) : start;
      list.splice(from, list.slice(start, end).length);
    }
    renumber(this, list);
    return this;
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return (
    value !== null &&
    value !== undefined &&
    !(value instanceof Tensor) &&
    typeof (value as Iterable<unknown>)[Symbol.iterator] === 'function'
  );
}

function checkModule(op: string, module: unknown): void {
  if (!isModule(module)) throw typeError(`${op}: ${kindOf(module)} is not a Module.`);
}

function renumber(sequence: Module, list: readonly Module[]): void {
  const { registry } = sequence;
  for (const name of registry.modules.keys()) Reflect.deleteProperty(sequence, name);
  registry.sync(sequence);
  for (const [i, module] of list.entries()) sequence.addModule(String(i), module);
}

/**
 * Modules that run one after the other, each on what the one before it gave.
 * https://pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 *
 * @example
 * new nn.Sequential(new nn.Linear(2, 4), new nn.Tanh(), new nn.Linear(4, 1));
 * new nn.Sequential({ hidden: new nn.Linear(2, 4), act: new nn.Tanh() });
 */
export class Sequential<Input = Tensor, Output = Tensor> extends ModuleSequence<Module> {
  /** Takes the modules, or one Map or object of modules by name. */
  constructor(...modules: readonly Module[] | [ReadonlyMap<string, Module> | Readonly<Record<string, Module>>]) {
    super();
    const [first] = modules;
    if (modules.length === 1 && first instanceof Map)
      for (const [name, module] of first as Map<string, Module>) this.addModule(name, module);
    else if (modules.length === 1 && isOptions(first))
      for (const [name, module] of Object.entries(first)) this.addModule(name, module as Module);
    else for (const [i, module] of (modules as readonly Module[]).entries()) this.addModule(String(i), module);
  }

  /**
   * The module at `index`; -1 is the last. TypeScript may be told its class.
   * @example model.at<nn.Linear>(0).weight
   * @throws RangeError beyond the ends
   */
  override at<T extends Module = Module>(index: number): T {
    return super.at(index) as T;
  }

  override forward(input: Input): Output {
    let value: unknown = input;
    for (const module of this.registry.modules.values())
      value = (module as unknown as (input: unknown) => unknown)(value);
    return value as Output;
  }

  /** A Sequential of the same modules from `start` to before `end`, as an array's slice. */
  slice(start?: number, end?: number): Sequential {
    return new (this.constructor as typeof Sequential)(
      new Map([...this.registry.modules].slice(start, end) as [string, Module][]),
    );
  }

  /** A Sequential of its modules and then `other`'s. */
  add(other: Sequential): Sequential {
    return new Sequential(...this, ...other);
  }

  /** A Sequential that runs the same modules `times` times. */
  mul(times: number): Sequential {
    if (!Number.isInteger(times) || times <= 0)
      throw typeError(`Sequential.mul: Non-positive multiplication factor ${times}; give a whole number > 0.`);
    return new Sequential(...Array.from({ length: times }, () => [...this]).flat());
  }
}

/**
 * Modules in a list; it registers them and does nothing else.
 * https://pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 */
export class ModuleList<M extends Module = Layer> extends ModuleSequence<M> {
  constructor(modules: Iterable<M> | null = null) {
    super();
    if (modules !== null) this.extend(modules);
  }

  /** A ModuleList of the same modules from `start` to before `end`, as an array's slice. */
  slice(start?: number, end?: number): ModuleList<M> {
    return new (this.constructor as typeof ModuleList)(this.toArray().slice(start, end));
  }

  /** A ModuleList of its modules and then those of `other`. */
  add(other: Iterable<M>): ModuleList<M> {
    return new ModuleList([...this, ...other]);
  }
}

/**
 * Modules by name, in the order they were added; it registers them and does nothing else.
 * https://pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 *
 * @example
 * const layers = new nn.ModuleDict({ conv: new nn.Conv2d(10, 10, 3), pool: new nn.MaxPool2d(3) });
 * layers.get('conv')(x);
 */
export class ModuleDict<T extends Record<string, Module> = Record<string, Layer>> extends Module {
  /** Takes an object, a Map, another ModuleDict or pairs of name and module. */
  constructor(modules: T | Iterable<readonly [string, Module]> | null = null) {
    super();
    if (modules !== null) this.update(modules);
  }

  /** How many modules. */
  override get length(): number {
    return this.registry.modules.size;
  }

  /** The module called `name`. @throws RangeError when there is none */
  get<K extends keyof T & string>(name: K): T[K] {
    const { modules } = this.registry;
    const found = modules.get(name);
    if (found === undefined)
      throw indexError(
        `${this.getName()}: there is no key '${String(name)}'; it has ${[...modules.keys()].join(', ') || 'none'}.`,
      );
    return found as T[K];
  }

  /** Whether there is a module called `name`. */
  has(name: string): boolean {
    return this.registry.modules.has(name);
  }

  /** Adds a module, or replaces the one of that name. */
  set(name: string, module: Module): this {
    checkModule(this.getName(), module);
    if (typeof name === 'string') checkKey(this.getName(), name);
    const { modules, hidden } = this.registry;
    // A key may be called what a method is called: then it is found by get() alone.
    if (typeof name === 'string' && name !== '' && !name.includes('.') && name in this && !Object.hasOwn(this, name)) {
      hidden.add(name);
      modules.set(name, module);
    } else this.addModule(name, module);
    return this;
  }

  /** Takes a module out. @throws RangeError when there is none of that name */
  pop<K extends keyof T & string>(name: K): T[K] {
    const module = this.get(name);
    Reflect.deleteProperty(this, name);
    this[registrySymbol].forget(name);
    return module;
  }

  /** Takes a module out. @returns whether there was one */
  delete(name: string): boolean {
    const found = this.has(name);
    if (found) this.pop(name);
    return found;
  }

  /** Takes all modules out. */
  clear(): void {
    for (const name of [...this.keys()]) this.pop(name);
  }

  /** Adds all of an object, a Map, a ModuleDict or pairs, replacing what has the same name. */
  update(modules: T | Iterable<readonly [string, Module]>): this {
    for (const [name, module] of pairsOf(`${this.getName()}.update`, modules)) this.set(name, module as Module);
    return this;
  }

  /** The names. */
  keys(): IterableIterator<string> {
    return this.registry.modules.keys();
  }

  /** The modules. */
  values(): IterableIterator<T[string]> {
    return this.registry.modules.values() as IterableIterator<T[string]>;
  }

  /** Pairs of name and module. */
  entries(): IterableIterator<[string, T[string]]> {
    return this.registry.modules.entries() as IterableIterator<[string, T[string]]>;
  }

  /** See {@link entries}: PyTorch's name. */
  items(): IterableIterator<[string, T[string]]> {
    return this.entries();
  }

  [Symbol.iterator](): IterableIterator<[string, T[string]]> {
    return this.entries();
  }
}

/** Pairs from an object, a Map or an iterable of pairs. */
export function pairsOf(op: string, source: unknown): [string, unknown][] {
  if (isOptions(source)) return Object.entries(source);
  if (!isIterable(source))
    throw typeError(`${op}: should be called with an iterable of key/value pairs, but got ${describe(source)}.`);
  return [...source].map((pair, i) => {
    if (!Array.isArray(pair))
      throw typeError(`${op}: update sequence element #${i} should be a pair of name and value; is ${describe(pair)}.`);
    if (pair.length !== 2)
      throw typeError(`${op}: update sequence element #${i} has length ${pair.length}; 2 is required.`);
    return pair as [string, unknown];
  });
}
