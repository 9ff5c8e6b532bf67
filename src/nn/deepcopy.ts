import { stateError } from '../errors.js';
import { Generator } from '../random/generator.js';
import { Tensor } from '../tensor.js';
import { makeCallable } from './callable.js';
import type { Module } from './module.js';
import { Buffer, isLazy, Parameter, UninitializedBuffer, UninitializedParameter } from './parameter.js';
import { isModule, registrySymbol } from './registry.js';

/**
 * A copy that shares nothing with `value`: tensors, parameters, modules (of the same classes, with the same hooks),
 * generators, and arrays, Maps, Sets, plain objects and typed arrays of them. What was the same object twice is so in the
 * copy. Functions and objects of other classes are taken over as they are. A module of a class with private (`#`)
 * fields has to define `clone()` itself, since only its constructor can make those.
 * @throws Error for a tensor that the graph made
 */
export function deepcopy<T>(value: T): T {
  return copyOf(value, new Map()) as T;
}

type Memo = Map<object, unknown>;

function copyOf(value: unknown, memo: Memo): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return value;
  const known = memo.get(value);
  if (known !== undefined) return known;
  if (isModule(value)) return copyModule(value, memo);
  if (value instanceof Tensor) return kept(memo, value, copyTensor(value, memo));
  if (value instanceof Generator) return kept(memo, value, value.clone());
  if (ArrayBuffer.isView(value) && !(value instanceof DataView))
    return kept(memo, value, (value as Uint8Array).slice());
  if (Array.isArray(value)) return copyProperties(value, kept(memo, value, new Array(value.length)), memo);
  if (value instanceof Map) {
    const copy = kept(memo, value, new (value.constructor as MapConstructor)<unknown, unknown>());
    for (const [key, item] of value) copy.set(copyOf(key, memo), copyOf(item, memo));
    return copy;
  }
  if (value instanceof Set) {
    const copy = kept(memo, value, new (value.constructor as SetConstructor)<unknown>());
    for (const item of value) copy.add(copyOf(item, memo));
    return copy;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return value;
  return copyProperties(value, kept(memo, value, Object.create(prototype as object | null) as object), memo);
}

function kept<T>(memo: Memo, value: object, copy: T): T {
  memo.set(value, copy);
  return copy;
}

/** Own properties, copied; an array keeps its class and the names its elements have. */
function copyProperties<T extends object>(from: object, to: T, memo: Memo): T {
  if (Array.isArray(from) && Object.getPrototypeOf(from) !== Array.prototype)
    Object.setPrototypeOf(to, Object.getPrototypeOf(from) as object);
  for (const key of Reflect.ownKeys(from)) {
    const descriptor = Object.getOwnPropertyDescriptor(from, key)!;
    if (Array.isArray(from) && key === 'length') continue;
    if ('value' in descriptor) descriptor.value = copyOf(descriptor.value, memo);
    Object.defineProperty(to, key, descriptor);
  }
  return to;
}

function copyTensor(x: Tensor, memo: Memo): Tensor {
  if (x.gradFn !== null) {
    throw stateError(
      'deepcopy: only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment; detach() it first.',
    );
  }
  if (isLazy(x)) {
    const options = { dtype: x.dtype };
    return x instanceof UninitializedParameter
      ? new UninitializedParameter({ ...options, requiresGrad: x.requiresGrad })
      : new UninitializedBuffer(options);
  }
  const data = x.detach().clone();
  const copy =
    x instanceof Parameter
      ? new Parameter(data, x.requiresGrad)
      : x instanceof Buffer
        ? new Buffer(data, x.persistent)
        : data;
  if (x.requiresGrad && !(x instanceof Parameter)) copy.requiresGrad_();
  if (x.grad !== null) copy.setGrad(copyOf(x.grad, memo) as Tensor);
  return copy;
}

function copyModule(module: Module, memo: Memo): Module {
  const copy = makeCallable(Object.getPrototypeOf(module) as object);
  memo.set(module, copy);
  const from = module.registry;
  const to = copy[registrySymbol];
  // In the registered order, which attributes alone don't always have.
  for (const [name, parameter] of from.parameters) to.parameters.set(name, copyOf(parameter, memo) as Parameter | null);
  for (const [name, buffer] of from.buffers) to.buffers.set(name, copyOf(buffer, memo) as Tensor | null);
  for (const [name, child] of from.modules) to.modules.set(name, copyOf(child, memo) as Module | null);
  for (const name of from.nonPersistent) to.nonPersistent.add(name);
  for (const name of from.hidden) to.hidden.add(name);
  for (const [attribute, name] of from.aliases) to.aliases.set(attribute, name);
  for (const name of from.floats) to.floats.add(name);
  to.copyHooks(from);
  for (const key of Reflect.ownKeys(module)) {
    if (key === registrySymbol) continue;
    const descriptor = Object.getOwnPropertyDescriptor(module, key)!;
    if ('value' in descriptor) descriptor.value = copyOf(descriptor.value, memo);
    Object.defineProperty(copy, key, descriptor);
  }
  return copy;
}
