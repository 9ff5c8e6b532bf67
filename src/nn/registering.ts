import { typeError } from '../errors.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import type { Module } from './module.js';
import { checkParameter, kindOf, type Parameter } from './parameter.js';
import { isModule } from './registry.js';

/** Names that reach into an object's workings and may not come from a file or a user's data. */
const REFUSED = new Set(['__proto__', 'constructor', 'prototype']);

/** What a module has only because it is a function. */
const OF_FUNCTIONS = new Set(['call', 'bind']);

/** Refuses a name that would be an object's own workings. */
export function checkKey(op: string, name: string): void {
  if (REFUSED.has(name.slice(name.lastIndexOf('.') + 1)) || REFUSED.has(name))
    throw typeError(`${op}: the name '${name}' is not allowed; choose another one.`);
}

function checkName(
  op: string,
  kind: string,
  module: Module,
  name: unknown,
  taken: ReadonlyMap<string, unknown>,
): asserts name is string {
  if (typeof name !== 'string') throw typeError(`${op}: ${kind} name should be a string, not ${describe(name)}.`);
  if (name.includes('.')) throw typeError(`${op}: ${kind} name can't contain ".", but it is ${JSON.stringify(name)}.`);
  if (name === '') throw typeError(`${op}: ${kind} name can't be empty string "".`);
  checkKey(op, name);
  // A field that TypeScript code declares without a value is there, undefined.
  const isDeclared = Object.hasOwn(module, name) && (module as unknown as Record<string, unknown>)[name] === undefined;
  const isFree = taken.has(name) || isDeclared || (OF_FUNCTIONS.has(name) && !Object.hasOwn(module, name));
  if (name in module && !isFree)
    throw typeError(
      `${op}: attribute '${name}' already exists; choose another name, or give the field no value: in TypeScript write declare ${name}: ng.Tensor;`,
    );
}

/** Defined, not set: a setter or a frozen prototype property must not get in the way. */
function define(module: Module, name: string, value: unknown): void {
  Object.defineProperty(module, name, { value, writable: true, enumerable: true, configurable: true });
}

/** See {@link Module.registerParameter}. */
export function registerParameter(module: Module, name: string, parameter: Parameter | null): void {
  const { registry } = module;
  const { parameters } = registry;
  checkName('registerParameter', 'parameter', module, name, parameters);
  checkParameter('registerParameter', name, parameter);
  define(module, name, parameter);
  parameters.set(name, parameter);
  registry.sync(module);
}

/** See {@link Module.registerBuffer}. */
export function registerBuffer(module: Module, name: string, tensor: Tensor | null, persistent: boolean): void {
  const { registry } = module;
  const { buffers, nonPersistent } = registry;
  checkName('registerBuffer', 'buffer', module, name, buffers);
  if (tensor !== null && !(tensor instanceof Tensor)) {
    throw typeError(`registerBuffer: cannot assign ${kindOf(tensor)} to buffer '${name}' (a Tensor or null required).`);
  }
  define(module, name, tensor);
  buffers.set(name, tensor);
  if (persistent) nonPersistent.delete(name);
  else nonPersistent.add(name);
  registry.sync(module);
}

/** See {@link Module.registerModule}. */
export function registerModule(module: Module, name: string, child: Module | null): void {
  const { registry } = module;
  const { modules } = registry;
  if (child !== null && !isModule(child)) throw typeError(`addModule: ${kindOf(child)} is not a Module subclass.`);
  checkName('addModule', 'module', module, name, modules);
  define(module, name, child);
  modules.set(name, child);
  registry.sync(module);
}

/** Registers a parameter that is an attribute under one name and in state dicts under PyTorch's. */
export function addParameter(module: Module, attribute: string, parameter: Parameter | null): void {
  const { registry } = module;
  define(module, attribute, parameter);
  registry.parameters.set(registry.nameOf(module, attribute), parameter);
  registry.sync(module);
}

/** Registers a buffer that is an attribute under one name and in state dicts under PyTorch's. */
export function addBuffer(module: Module, attribute: string, tensor: Tensor | null): void {
  const { registry } = module;
  define(module, attribute, tensor);
  registry.buffers.set(registry.nameOf(module, attribute), tensor);
  registry.sync(module);
}
