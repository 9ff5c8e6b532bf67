import { noGrad } from '../autograd/mode.js';
import { stateError, typeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import { OrderedDict, reprSymbol } from '../repr.js';
import { describe, sameShape } from '../shape.js';
import { Size } from '../size.js';
import { Tensor } from '../tensor.js';
import { HookList } from './hooks.js';
import type { Module } from './module.js';
import { isLazy, kindOf } from './parameter.js';
import { checkKey } from './registering.js';
import { registrySymbol } from './registry.js';

/** A module's state: tensors by dotted name. */
export type StateDict = OrderedDict<Tensor>;
/** What a state is loaded from. */
export type StateSource = ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>>;

/** What goes into a state dict, and under which names. */
export interface StateDictOptions {
  /** Gets the entries instead of a new dict. */
  destination?: StateDict;
  /** Stands before every name. */
  prefix?: string;
  /** The parameters themselves instead of detached views. */
  keepVars?: boolean;
}

/** One module's part of a load in progress. */
export interface LoadState {
  /** A copy of what is loaded, of the entries whose names start with `prefix`; hooks may change it. */
  readonly state: Map<string, unknown>;
  readonly prefix: string;
  /** The version of the module's class that was saved; null where the dict does not say. */
  readonly version: number | null;
  readonly missing: string[];
  readonly unexpected: string[];
  /** What does not fit, in words. */
  readonly errors: string[];
  /** What to do when nothing was wrong. */
  readonly copies: (() => void)[];
}

export type StateDictHook = (
  module: Module,
  stateDict: StateDict,
  prefix: string,
) => StateDict | null | undefined | void;
export type PreLoadHook = (
  state: Map<string, unknown>,
  prefix: string,
  strict: boolean,
  missingKeys: string[],
  unexpectedKeys: string[],
  errors: string[],
) => void;
export type PostLoadHook = (module: Module, incompatibleKeys: IncompatibleKeys) => void;

/** The hooks of saving and loading; a module has this once it had one. */
export class StateDictHooks {
  readonly save = new HookList<StateDictHook>();
  readonly saveFirst = new HookList<(module: Module, prefix: string, keepVars: boolean) => void>();
  readonly load = new HookList<PreLoadHook>();
  readonly loaded = new HookList<PostLoadHook>();

  copy(): StateDictHooks {
    const copy = new StateDictHooks();
    copy.save.addAll(this.save);
    copy.saveFirst.addAll(this.saveFirst);
    copy.load.addAll(this.load);
    copy.loaded.addAll(this.loaded);
    return copy;
  }
}

/** What did not match in a load; prints as PyTorch's. */
export class IncompatibleKeys {
  constructor(
    readonly missingKeys: string[],
    readonly unexpectedKeys: string[],
  ) {}

  *[Symbol.iterator](): IterableIterator<string[]> {
    yield this.missingKeys;
    yield this.unexpectedKeys;
  }

  [reprSymbol](inner: (value: unknown) => string): string {
    if (this.missingKeys.length === 0 && this.unexpectedKeys.length === 0) return '<All keys matched successfully>';
    return `_IncompatibleKeys(missing_keys=${inner(this.missingKeys)}, unexpected_keys=${inner(this.unexpectedKeys)})`;
  }

  toString(): string {
    return this[reprSymbol]((keys) => `[${(keys as string[]).map((key) => `'${key}'`).join(', ')}]`);
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

const EXTRA_STATE = '_extra_state';

/** What a state dict says of one module beside its tensors, as PyTorch keeps it: its class's version at least. */
export function metadataOf(state: unknown, prefix: string): Map<string, unknown> | null {
  const { metadata } = state as { metadata?: unknown };
  const found: unknown = metadata instanceof Map ? metadata.get(prefix.slice(0, -1)) : null;
  return found instanceof Map ? (found as Map<string, unknown>) : null;
}

function putMetadata(module: Module, destination: StateDict, prefix: string): void {
  if (!(destination instanceof OrderedDict)) return;
  if (!(destination.metadata instanceof OrderedDict)) destination.metadata = new OrderedDict<unknown>();
  (destination.metadata as OrderedDict<unknown>).set(prefix.slice(0, -1), new Map([['version', module.stateVersion]]));
}

/** See {@link Module.stateDict}. */
export function saveState(module: Module, destination: StateDict, prefix: string, keepVars: boolean): StateDict {
  const hooks = module[registrySymbol].stateHooks;
  for (const hook of hooks?.saveFirst ?? []) hook(module, prefix, keepVars);
  putMetadata(module, destination, prefix);
  module.saveToStateDict(destination, prefix, keepVars);
  for (const [name, child] of module.registry.modules)
    child?.stateDict({ destination, prefix: `${prefix}${name}.`, keepVars });
  let result = destination;
  for (const hook of hooks?.save ?? []) result = hook(module, result, prefix) ?? result;
  return result;
}

/** See {@link Module.saveToStateDict}. */
export function saveOwn(module: Module, destination: StateDict, prefix: string, keepVars: boolean): void {
  const { parameters, buffers, nonPersistent } = module.registry;
  const put = (name: string, x: Tensor): void =>
    void destination.set(prefix + name, keepVars || isLazy(x) ? x : x.detach());
  for (const [name, parameter] of parameters) if (parameter !== null) put(name, parameter);
  for (const [name, buffer] of buffers) if (buffer !== null && !nonPersistent.has(name)) put(name, buffer);
  if (module.definesExtraState('getExtraState'))
    destination.set(prefix + EXTRA_STATE, module.getExtraState() as Tensor);
}

function entriesOf(state: unknown): Map<string, unknown> {
  if (state instanceof Map) {
    for (const key of state.keys()) {
      if (typeof key !== 'string')
        throw typeError(`loadStateDict: names must be strings, but one is ${describe(key)}.`);
    }
    return new Map(state as Map<string, unknown>);
  }
  if (isOptions(state)) return new Map(Object.entries(state));
  throw typeError(`loadStateDict: expected a state dict, a Map or an object of tensors by name, not ${kindOf(state)}.`);
}

/** See {@link Module.loadStateDict}. */
export function loadStateDict(root: Module, source: unknown, strict: boolean): IncompatibleKeys {
  const state = entriesOf(source);
  for (const key of state.keys()) checkKey('loadStateDict', key);
  const missing: string[] = [];
  const unexpected: string[] = [];
  const errors: string[] = [];
  const copies: (() => void)[] = [];
  const incompatible = new IncompatibleKeys(missing, unexpected);
  const finished: [Module, StateDictHooks][] = [];
  const load = (module: Module, part: Map<string, unknown>, prefix: string): void => {
    const hooks = module[registrySymbol].stateHooks;
    for (const hook of hooks?.load ?? []) hook(part, prefix, true, missing, unexpected, errors);
    const given = metadataOf(source, prefix)?.get('version');
    const version = typeof given === 'number' ? given : null;
    module.loadFromStateDict({ state: part, prefix, version, missing, unexpected, errors, copies });
    for (const [name, child] of module.registry.modules) {
      if (child === null) continue;
      const inner = `${prefix}${name}.`;
      load(child, new Map([...part].filter(([key]) => key.startsWith(inner))), inner);
    }
    if (hooks !== null) finished.push([module, hooks]);
  };
  load(root, state, '');
  for (const [module, hooks] of finished) for (const hook of hooks.loaded) hook(module, incompatible);

  const quoted = (keys: readonly string[]): string => keys.map((key) => `"${key}"`).join(', ');
  if (strict && unexpected.length > 0) errors.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpected)}. `);
  if (strict && missing.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quoted(missing)}. `);
  if (errors.length > 0) {
    throw stateError(`loadStateDict: Error(s) in loading state_dict for ${root.getName()}:\n\t${errors.join('\n\t')}`);
  }
  noGrad(() => {
    for (const copy of copies) copy();
  });
  return incompatible;
}

/** What is loaded into `target`; null, with a word in `errors`, where it does not fit. */
function fitting(key: string, value: unknown, target: Tensor, errors: string[]): Tensor | null {
  if (!(value instanceof Tensor)) {
    errors.push(
      `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint but received ${kindOf(value)}`,
    );
    return null;
  }
  if (isLazy(value)) {
    errors.push(
      `While copying the parameter named "${key}": the checkpoint's is uninitialized; run the lazy module it came from once before saving.`,
    );
    return null;
  }
  // A scalar was saved as one element by old versions.
  if (target.shape.length === 0 && value.shape.length === 1 && value.count === 1) return value.reshape([]);
  if (sameShape(value.shape, target.shape)) return value;
  errors.push(
    `size mismatch for ${key}: copying a param with shape ${new Size(value.shape)} from checkpoint, the shape in current model is ${new Size(target.shape)}.`,
  );
  return null;
}

/** See {@link Module.loadFromStateDict}. */
export function loadOwn(module: Module, load: LoadState): void {
  const { state, prefix, missing, unexpected, errors, copies } = load;
  const { parameters, buffers, modules, nonPersistent } = module.registry;
  const own = new Map<string, Tensor>();
  for (const [name, parameter] of parameters) if (parameter !== null) own.set(name, parameter);
  for (const [name, buffer] of buffers) if (buffer !== null && !nonPersistent.has(name)) own.set(name, buffer);

  for (const [name, target] of own) {
    const key = prefix + name;
    if (!state.has(key)) {
      missing.push(key);
      continue;
    }
    const source = fitting(key, state.get(key), target, errors);
    if (source !== null) copies.push(() => void target.copy_(source));
  }

  const extraKey = prefix + EXTRA_STATE;
  if (module.definesExtraState('setExtraState')) {
    if (state.has(extraKey)) copies.push(() => module.setExtraState(state.get(extraKey)));
    else missing.push(extraKey);
  } else if (state.has(extraKey)) unexpected.push(extraKey);

  for (const key of state.keys()) {
    if (!key.startsWith(prefix) || key === extraKey) continue;
    const path = key.slice(prefix.length).split('.');
    if (path.length > 1 ? !modules.has(path[0]!) : !own.has(path[0]!)) unexpected.push(key);
  }
}
