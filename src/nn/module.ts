import type { Grad, RemovableHandle } from '../autograd/node.js';
import type { Device } from '../device.js';
import { checkDevice } from '../device.js';
import type { DType } from '../dtype.js';
import { notSupported, typeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import { OrderedDict, reprSymbol } from '../repr.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { Callable } from './callable.js';
import { type ConversionTarget, convertAll, convertFloats } from './converting.js';
import { deepcopy } from './deepcopy.js';
import { type BackwardHook, type ForwardHook, type ForwardPreHook, ModuleHooks } from './hooks.js';
import { moduleText } from './moduleText.js';
import { floatText } from './numbers.js';
import type { Parameter } from './parameter.js';
import { registerBuffer, registerModule, registerParameter } from './registering.js';
import { type Registry, registrySymbol } from './registry.js';
import {
  type IncompatibleKeys,
  type LoadState,
  loadOwn,
  loadStateDict,
  type PostLoadHook,
  type PreLoadHook,
  type StateDict,
  type StateDictHook,
  StateDictHooks,
  type StateDictOptions,
  type StateSource,
  saveOwn,
  saveState,
} from './stateDict.js';
import {
  getMember,
  getSubmodule,
  type MembersArguments,
  type ModulesArguments,
  namedChildren,
  namedMembers,
  namedModules,
} from './walking.js';

/** A module that takes a tensor and gives one: what most layers are. */
export type Layer = Module & ((input: Tensor) => Tensor);

/** Where and as what the parameters of a new module are made. */
export interface FactoryOptions {
  device?: Device | string | null;
  dtype?: DType | null;
}

export interface Module {
  /** Runs the hooks and {@link Module.forward}. */
  // biome-ignore lint/style/useShorthandFunctionType: it merges with the class
  (...args: Parameters<this['forward']>): ReturnType<this['forward']>;
}

/**
 * The base of all neural network modules. A subclass assigns parameters and other modules as attributes and defines
 * `forward`; the instance is then called like a function.
 * https://pytorch.org/docs/stable/generated/torch.nn.Module.html
 *
 * @example
 * class Net extends nn.Module {
 *   hidden = new nn.Linear(2, 4);
 *   output = new nn.Linear(4, 1);
 *   forward(x: Tensor) {
 *     return this.output(this.hidden(x).tanh());
 *   }
 * }
 * const y = new Net()(x);
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface only adds the call, which Callable makes true
export class Module extends Callable {
  /** @internal */
  declare readonly [registrySymbol]: Registry;
  /** Whether it is in training mode, which dropout and batch normalisation look at. */
  training = true;

  /** What a call computes; every subclass defines it. */
  forward(..._input: never[]): unknown {
    throw notSupported(`${this.getName()}: Module [${this.getName()}] is missing the required "forward" function.`);
  }

  // ---- registering ----

  /** @internal What is registered, up to date. */
  get registry(): Registry {
    return this[registrySymbol].sync(this);
  }

  /** @internal The name an attribute is registered under: PyTorch's own for what has one. */
  stateName(attribute: string): string {
    return attribute;
  }

  /** The name it prints under: its class's. */
  getName(): string {
    return this.constructor.name;
  }

  /** Makes `parameter` the attribute `name`; null reserves the name. @throws TypeError for a bad name or value */
  registerParameter(name: string, parameter: Parameter | null): void {
    registerParameter(this, name, parameter);
  }

  /**
   * Makes `tensor` the attribute `name` and part of the module's state; null reserves the name. TypeScript does not see
   * the attribute: `declare` the field, which says its type and gives it no value.
   * @example
   * class Scale extends nn.Module {
   *   declare mean: ng.Tensor;
   *   constructor() { super(); this.registerBuffer('mean', ng.zeros(3)); }
   * }
   * @param persistent whether it stands in state dicts
   */
  registerBuffer(name: string, tensor: Tensor | null, persistent: boolean | { persistent?: boolean } = true): void {
    registerBuffer(this, name, tensor, flag(persistent, 'persistent'));
  }

  /** Makes `module` the attribute `name`; null reserves the name. */
  registerModule(name: string, module: Module | null): void {
    registerModule(this, name, module);
  }

  /** See {@link registerModule}. */
  addModule(name: string, module: Module | null): void {
    this.registerModule(name, module);
  }

  // ---- walking ----

  /** Every module in this one and itself with its dotted name, each once. */
  namedModules(...args: ModulesArguments): [string, Module][] {
    return namedModules(this, args);
  }

  /** Every module in this one and itself, each once. */
  modules(): Module[] {
    return namedModules(this, []).map(([, module]) => module);
  }

  /** The direct submodules with their names, each once. */
  namedChildren(): [string, Module][] {
    return namedChildren(this);
  }

  /** The direct submodules, each once. */
  children(): Module[] {
    return namedChildren(this).map(([, module]) => module);
  }

  /** The parameters with their dotted names, each once. */
  namedParameters(...args: MembersArguments): [string, Parameter][] {
    return namedMembers('namedParameters', this, (registry) => registry.parameters, args);
  }

  /** The parameters, each once; what an optimizer is given. */
  parameters(recurse: boolean | { recurse?: boolean } = true): Parameter[] {
    return this.namedParameters('', flag(recurse, 'recurse')).map(([, parameter]) => parameter);
  }

  /** The buffers with their dotted names, each once. */
  namedBuffers(...args: MembersArguments): [string, Tensor][] {
    return namedMembers('namedBuffers', this, (registry) => registry.buffers, args);
  }

  /** The buffers, each once. */
  buffers(recurse: boolean | { recurse?: boolean } = true): Tensor[] {
    return this.namedBuffers('', flag(recurse, 'recurse')).map(([, buffer]) => buffer);
  }

  /** The submodule at a dotted path; '' is the module itself. @throws TypeError when there is none */
  getSubmodule(target: string): Module {
    return getSubmodule(this, target);
  }

  /** The parameter at a dotted path. @throws TypeError when there is none */
  getParameter(target: string): Parameter {
    return getMember('getParameter', 'parameter', this, target, (registry) => registry.parameters);
  }

  /** The buffer at a dotted path. @throws TypeError when there is none */
  getBuffer(target: string): Tensor {
    return getMember('getBuffer', 'buffer', this, target, (registry) => registry.buffers);
  }

  // ---- changing all of it ----

  /** Calls `body` on every submodule and then on itself. */
  apply(body: (module: Module) => void): this {
    for (const child of this.children()) child.apply(body);
    body(this);
    return this;
  }

  /** Sets training mode, or evaluation mode with false, on all of it. */
  train(mode: boolean | { mode?: boolean } = true): this {
    const on = flag(mode, 'mode');
    if (typeof on !== 'boolean')
      throw typeError(`train: training mode is expected to be boolean, not ${describe(on)}.`);
    this.training = on;
    for (const child of this.children()) child.train(on);
    return this;
  }

  /** Sets evaluation mode on all of it. */
  eval(): this {
    return this.train(false);
  }

  /** Asks for gradients of all parameters, or no more. */
  requiresGrad_(requiresGrad: boolean | { requiresGrad?: boolean } = true): this {
    const on = flag(requiresGrad, 'requiresGrad');
    for (const parameter of this.parameters()) parameter.requiresGrad_(on);
    return this;
  }

  /** Forgets the gradients of all parameters, or sets them to 0. */
  zeroGrad(setToNone: boolean | { setToNone?: boolean } = true): void {
    const none = flag(setToNone, 'setToNone');
    for (const parameter of this.parameters()) {
      const { grad } = parameter;
      if (grad === null) continue;
      if (none) parameter.grad = null;
      else parameter.grad = (grad.gradFn !== null ? grad.detach() : grad.requiresGrad_(false)).zero_();
    }
  }

  /** Converts parameters and buffers of floating dtypes (or moves them to the one device there is). */
  to(target: ConversionTarget): this {
    convertFloats(this, target);
    return this;
  }

  /** All parameters and buffers to `dtype`. */
  type(dtype: DType): this {
    convertAll(this, dtype);
    return this;
  }

  /** Floating parameters and buffers to float32. */
  float(): this {
    return this.to('float32');
  }

  /** Floating parameters and buffers to float64. */
  double(): this {
    return this.to('float64');
  }

  /** Floating parameters and buffers to float16. */
  half(): this {
    return this.to('float16');
  }

  /** Floating parameters and buffers to bfloat16. */
  bfloat16(): this {
    return this.to('bfloat16');
  }

  /** Itself: there is no other device. */
  cpu(): this {
    return this;
  }

  /** @throws Error always: there is no such device */
  cuda(): never {
    checkDevice('cuda', 'cuda');
    throw notSupported('cuda: there is no CUDA device; leave the module where it is.');
  }

  /** A deep copy: its own parameters and buffers, the same classes and hooks. */
  clone(): this {
    return deepcopy(this);
  }

  // ---- state ----

  /**
   * The parameters and persistent buffers by dotted name, in PyTorch's order and under PyTorch's names. They share
   * memory with the module.
   * @param options `prefix` before every name; `keepVars` to get the parameters themselves instead of detached views;
   * `destination` to add to an existing dict
   */
  stateDict(options: StateDictOptions = {}): StateDict {
    return saveState(
      this,
      options.destination ?? new OrderedDict<Tensor>(),
      options.prefix ?? '',
      options.keepVars ?? false,
    );
  }

  /** @internal The version of what its class saves, which stands in a state dict's metadata. */
  get stateVersion(): number {
    return 1;
  }

  /** @internal Adds its own parameters and buffers to a state dict; a class with state of its own extends it. */
  saveToStateDict(destination: StateDict, prefix: string, keepVars: boolean): void {
    saveOwn(this, destination, prefix, keepVars);
  }

  /**
   * Copies values into the parameters and buffers.
   * @param state a Map, or an object, from dotted names to tensors
   * @param strict whether the names must match exactly
   * @returns the names that were missing and those that were not expected
   * @throws Error that lists every missing and unexpected name (strict) and every shape that does not fit; nothing is then changed
   */
  loadStateDict(state: StateSource, strict: boolean | { strict?: boolean } = true): IncompatibleKeys {
    return loadStateDict(this, state, flag(strict, 'strict'));
  }

  /** @internal Notes what to copy into its own parameters and buffers; a class with state of its own extends it. */
  loadFromStateDict(load: LoadState): void {
    loadOwn(this, load);
  }

  /** State that is no tensor; a class that has some defines this and {@link setExtraState}. */
  getExtraState(): unknown {
    throw notSupported(`getExtraState: ${this.getName()} has no extra state.`);
  }

  /** Takes what {@link getExtraState} gave. */
  setExtraState(_state: unknown): void {
    throw notSupported(`setExtraState: ${this.getName()} has no extra state.`);
  }

  /** @internal Whether its class defines extra state. */
  definesExtraState(method: 'getExtraState' | 'setExtraState'): boolean {
    return this[method] !== Module.prototype[method];
  }

  // ---- hooks ----

  /** Calls `hook(module, args)` before forward; an array it returns takes the arguments' place. */
  registerForwardPreHook<M extends Module = this>(
    hook: (module: M, args: Parameters<M['forward']>) => unknown,
  ): RemovableHandle {
    return hooksOf(this).pre.add(hook as unknown as ForwardPreHook);
  }

  /** Calls `hook(module, args, output)` after forward; what it returns takes the output's place. */
  registerForwardHook<M extends Module = this>(
    hook: (module: M, args: Parameters<M['forward']>, output: ReturnType<M['forward']>) => unknown,
  ): RemovableHandle {
    return hooksOf(this).forward.add(hook as unknown as ForwardHook);
  }

  /** Calls `hook(module, gradInput, gradOutput)` in backward; an array it returns takes gradInput's place. */
  registerFullBackwardHook(
    hook: (module: this, gradInput: Grad[], gradOutput: Grad[]) => ReturnType<BackwardHook>,
  ): RemovableHandle {
    return hooksOf(this).backward.add(hook as unknown as BackwardHook);
  }

  /** Calls `hook(module, gradOutput)` in backward before the module's own gradients; an array it returns replaces gradOutput. */
  registerFullBackwardPreHook(hook: (module: this, gradOutput: Grad[]) => ReturnType<BackwardHook>): RemovableHandle {
    return hooksOf(this).backwardPre.add(hook as never);
  }

  /** Calls `hook(module, stateDict, prefix)` when this module's part of a state dict is made. */
  registerStateDictHook(hook: StateDictHook): RemovableHandle {
    return stateHooksOf(this).save.add(hook);
  }

  /** Calls `hook(module, prefix, keepVars)` before this module's part of a state dict is made. */
  registerStateDictPreHook(hook: (module: Module, prefix: string, keepVars: boolean) => void): RemovableHandle {
    return stateHooksOf(this).saveFirst.add(hook);
  }

  /** Calls `hook(stateDict, prefix, strict, missingKeys, unexpectedKeys, errors)` before this module loads its part; it may change the dict, a copy. */
  registerLoadStateDictPreHook(hook: PreLoadHook): RemovableHandle {
    return stateHooksOf(this).load.add(hook);
  }

  /** Calls `hook(module, incompatibleKeys)` after it has loaded; it may change the lists. */
  registerLoadStateDictPostHook(hook: PostLoadHook): RemovableHandle {
    return stateHooksOf(this).loaded.add(hook);
  }

  // ---- printing ----

  /** What stands in the brackets when it prints; a class defines it. */
  extraRepr(): string {
    return '';
  }

  /** @internal A number attribute as it prints: one that was given as a float prints as one. */
  protected numberText(name: string): string {
    const value = (this as unknown as Record<string, number>)[name]!;
    return floatText(value, this[registrySymbol].floats.has(name));
  }

  override toString(): string {
    return moduleText(this);
  }

  [reprSymbol](): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** A flag given by position or by name. */
function flag<K extends string>(value: boolean | { [Key in K]?: boolean }, name: K): boolean {
  return isOptions(value) ? ((value as Record<string, boolean | undefined>)[name] ?? true) : (value as boolean);
}

function hooksOf(module: Module): ModuleHooks {
  const registry = module[registrySymbol];
  registry.hooks ??= new ModuleHooks();
  return registry.hooks;
}

function stateHooksOf(module: Module): StateDictHooks {
  const registry = module[registrySymbol];
  registry.stateHooks ??= new StateDictHooks();
  return registry.stateHooks;
}
