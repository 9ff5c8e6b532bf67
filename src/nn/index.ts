export * from './container.js';
export * as functional from './functional.js';
export { registerModuleForwardHook, registerModuleForwardPreHook, registerModuleFullBackwardHook } from './hooks.js';
export * as init from './init.js';
export * from './linear.js';
export { type FactoryOptions, type Layer, Module } from './module.js';
export { Buffer, isLazy, Parameter, UninitializedBuffer, UninitializedParameter } from './parameter.js';
export * from './parameterContainers.js';
export type { IncompatibleKeys, StateDict, StateDictOptions, StateSource } from './stateDict.js';
