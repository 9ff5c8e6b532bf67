import { stateError } from '../errors.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import type { ForwardPreHook } from './hooks.js';
import { ModuleHooks } from './hooks.js';
import type { Module } from './module.js';
import { isLazy, type UninitializedParameter } from './parameter.js';
import { registrySymbol } from './registry.js';
import type { LoadState } from './stateDict.js';

/** A module that learns its sizes from its first input. */
export interface LazyModule {
  /** Gives the parameters that have none a shape, and their first values. */
  initializeParameters(input: Tensor): void;
  /** @internal The class it is from then on. */
  readonly becomes: { readonly prototype: object };
}

/** Whether parameters or buffers still wait for their shapes. */
export function hasUninitializedParams(module: Module): boolean {
  const { parameters, buffers } = module.registry;
  return [...parameters.values(), ...buffers.values()].some(isLazy);
}

/** Runs before the first forward, and takes itself off. */
const infer: ForwardPreHook = (module, [input]) => {
  if (!(input instanceof Tensor))
    throw stateError(`${module.getName()}: the first input must be a Tensor, not ${describe(input)}.`);
  const lazy = module as unknown as LazyModule;
  lazy.initializeParameters(input);
  if (hasUninitializedParams(module)) throw stateError(`${module.getName()}: module has not been fully initialized.`);
  module[registrySymbol].hooks?.pre.delete(infer);
  Object.setPrototypeOf(module, lazy.becomes.prototype);
};

/** Makes a module of a lazy class wait for its first input. */
export function awaitInput(module: Module & LazyModule): void {
  const registry = module[registrySymbol];
  registry.hooks ??= new ModuleHooks();
  registry.hooks.pre.add(infer);
}

/** Gives parameters that wait for their shapes those of a state dict. */
export function materializeFrom(module: Module, { state, prefix }: LoadState): void {
  const { parameters, buffers } = module.registry;
  for (const [name, x] of [...parameters, ...buffers]) {
    const value = state.get(prefix + name);
    if (isLazy(x) && value instanceof Tensor && !isLazy(value)) (x as UninitializedParameter).materialize(value.shape);
  }
}
