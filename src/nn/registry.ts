import { typeError } from '../errors.js';
import { Tensor } from '../tensor.js';
import type { ModuleHooks } from './hooks.js';
import type { Module } from './module.js';
import { Buffer, kindOf, Parameter } from './parameter.js';
import type { StateDictHooks } from './stateDict.js';

/** Where a module keeps its {@link Registry}. */
export const registrySymbol: unique symbol = Symbol('nodegrad.registry') as never;

/**
 * What a module has registered. Attributes are the truth: class fields are defined, not set, so no setter would ever
 * see them, and `sync` reads them off instead, in the order they were made. A name that was registered keeps its place
 * when its value changes, as in PyTorch's dicts.
 */
export class Registry {
  readonly parameters = new Map<string, Parameter | null>();
  readonly buffers = new Map<string, Tensor | null>();
  readonly modules = new Map<string, Module | null>();
  /** Buffers that are left out of state dicts. */
  readonly nonPersistent = new Set<string>();
  /** Registered names that are no attributes: a container's keys that a method's name hides. */
  readonly hidden = new Set<string>();
  /** Names of single attributes that are registered under another one, as {@link Module.stateName} says of a class's. */
  readonly aliases = new Map<string, string>();
  /** Whole numbers among the attributes that print as floats. */
  readonly floats = new Set<string>();
  /** null until the first hook is registered: a call looks at nothing else. */
  hooks: ModuleHooks | null = null;
  stateHooks: StateDictHooks | null = null;
  #keys: string[] = [];
  #values: unknown[] = [];
  /** How many attributes are lent to {@link lend}'s tensors. */
  #lent = 0;

  /** Brings the maps up to date with the module's attributes. */
  sync(module: Module): this {
    if (this.#lent > 0) return this;
    const keys = Object.keys(module);
    const attributes = module as unknown as Readonly<Record<string, unknown>>;
    let same = keys.length === this.#keys.length;
    for (let i = 0; same && i < keys.length; i++)
      same = keys[i] === this.#keys[i] && attributes[keys[i]!] === this.#values[i];
    if (!same) this.#scan(module, keys, attributes);
    return this;
  }

  #scan(module: Module, keys: string[], attributes: Readonly<Record<string, unknown>>): void {
    const names = keys.map((key) => this.nameOf(module, key));
    const present = new Set(names);
    for (const map of [this.parameters, this.buffers, this.modules]) {
      for (const name of map.keys()) {
        if (present.has(name) || this.hidden.has(name)) continue;
        map.delete(name);
        this.nonPersistent.delete(name);
      }
    }
    const moved = movedKeys(this.#keys, keys);
    for (const [i, key] of keys.entries()) this.#classify(module, names[i]!, attributes[key], moved.has(key));
    this.#keys = keys;
    this.#values = keys.map((key) => attributes[key]);
  }

  #classify(module: Module, name: string, value: unknown, isNew: boolean): void {
    if (value instanceof Parameter) this.#put(this.parameters, name, value, isNew);
    else if (isModule(value)) this.#put(this.modules, name, value, isNew);
    else if (value instanceof Buffer) {
      if (!this.buffers.has(name) && !value.persistent) this.nonPersistent.add(name);
      this.#put(this.buffers, name, value, isNew);
    } else if (isNew) this.forget(name);
    else if (this.buffers.has(name))
      this.#replace(module, this.buffers, name, value, value instanceof Tensor, 'buffer');
    else if (this.parameters.has(name)) this.#replace(module, this.parameters, name, value, false, 'parameter');
    else if (this.modules.has(name)) this.#replace(module, this.modules, name, value, false, 'module');
  }

  #put<T>(map: Map<string, T | null>, name: string, value: T, isNew: boolean): void {
    for (const other of [this.parameters, this.buffers, this.modules] as Map<string, unknown>[]) {
      if (other !== map || isNew) other.delete(name);
    }
    map.set(name, value);
  }

  #replace<T>(
    module: Module,
    map: Map<string, T | null>,
    name: string,
    value: unknown,
    fits: boolean,
    kind: string,
  ): void {
    if (value === null || value === undefined) map.set(name, null);
    else if (fits) map.set(name, value as T);
    else {
      const wanted = kind === 'buffer' ? 'a Tensor' : kind === 'module' ? 'a Module' : 'an nn.Parameter';
      throw typeError(
        `${module.getName()}: cannot assign ${kindOf(value)} to ${kind} '${name}' (${wanted} or null expected); delete the attribute first to make it something else.`,
      );
    }
  }

  /** The name an attribute is registered under. */
  nameOf(module: Module, attribute: string): string {
    return this.aliases.get(attribute) ?? module.stateName(attribute);
  }

  /** The attribute that is registered as `name`, or null where there is none. */
  attributeOf(module: Module, name: string): string | null {
    return this.#keys.find((key) => this.nameOf(module, key) === name) ?? null;
  }

  /** Sets the attribute that is registered as `name`. */
  assign(module: Module, name: string, value: Parameter | Tensor | Module | null): void {
    const attribute = this.attributeOf(module, name);
    if (attribute !== null) (module as unknown as Record<string, unknown>)[attribute] = value;
    else if (value instanceof Parameter) this.parameters.set(name, value);
    else if (value instanceof Tensor) this.buffers.set(name, value);
    else this.modules.set(name, value);
  }

  /** Puts any tensor in a parameter's or buffer's place for a while. @returns what puts the old one back */
  lend(module: Module, attribute: string, name: string, value: Tensor): () => void {
    const attributes = module as unknown as Record<string, unknown>;
    const map = (this.parameters.has(name) ? this.parameters : this.buffers) as Map<string, Tensor | null>;
    const [own, registered] = [attributes[attribute], map.get(name)!];
    this.#lent++;
    attributes[attribute] = value;
    map.set(name, value);
    return () => {
      attributes[attribute] = own;
      map.set(name, registered);
      this.#lent--;
    };
  }

  /** Takes over another's hooks; lists of their own from then on. */
  copyHooks(from: Registry): void {
    if (from.hooks !== null) this.hooks = from.hooks.copy();
    if (from.stateHooks !== null) this.stateHooks = from.stateHooks.copy();
  }

  /** Drops a name from all maps. */
  forget(name: string): void {
    this.parameters.delete(name);
    this.buffers.delete(name);
    this.modules.delete(name);
    this.nonPersistent.delete(name);
    this.hidden.delete(name);
  }
}

/** Attributes that were deleted and made again: of those in both lists, the ones that now stand behind later ones. */
function movedKeys(before: readonly string[], now: readonly string[]): Set<string> {
  const moved = new Set<string>();
  const position = new Map(before.map((key, i) => [key, i]));
  // A key keeps its place when nothing that used to stand behind it stands before it now.
  let furthest = -1;
  for (const key of now) {
    const at = position.get(key);
    if (at === undefined) continue;
    if (at < furthest) moved.add(key);
    else furthest = at;
  }
  return moved;
}

/** The class is in a file that needs this one, so a module is told by its registry. */
export function isModule(value: unknown): value is Module {
  return typeof value === 'function' && registrySymbol in value;
}
