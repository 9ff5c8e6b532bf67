// The library as the vectors see it: everything is found by PyTorch's name, at run time, so that what is not there yet
// is reported as absent instead of failing to compile.
import * as library from '../../src/index.js';
import type { VectorData } from '../vectors/reader.mjs';

export type Callable = (...args: unknown[]) => unknown;

/** What the runner uses of a tensor. */
export interface AnyTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly storage: object;
  requiresGrad: boolean;
  readonly isLeaf: boolean;
  grad: AnyTensor | null;
  readonly gradFn: { readonly name: string } | null;
  stride(): readonly number[];
  toTypedArray(): VectorData;
  item(): number | bigint | boolean;
  requiresGrad_(value?: boolean): AnyTensor;
  asStrided(shape: readonly number[], stride: readonly number[]): AnyTensor;
  reshape(shape: readonly number[]): AnyTensor;
  clone(): AnyTensor;
  detach(): AnyTensor;
  mul(other: unknown): AnyTensor;
  add(other: unknown): AnyTensor;
  sum(): AnyTensor;
  to(dtype: string): AnyTensor;
  backward(gradient?: AnyTensor | null, options?: object): void;
  at(...index: unknown[]): AnyTensor;
  setAt(index: unknown[], value: unknown): void;
}

/** Something of PyTorch's that the library does not have. */
export class Absent extends Error {
  constructor(readonly what: string) {
    super(`${what} is not there`);
  }
}

const ng = library as unknown as Record<string, unknown>;

/** PyTorch's `log_softmax` is `logSoftmax` here; `index_add_` is `indexAdd_`, `T_max` is `TMax`. */
export function camel(name: string): string {
  return name.replace(/(?<=[^_])_([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** An object with its keys in camel case. */
export function camelKeys(values: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [camel(key), value]));
}

/** What stands at PyTorch's `nn.functional.log_softmax`, or undefined. */
export function find(path: string): unknown {
  let at: unknown = ng;
  for (const part of path.split('.')) {
    if (at === null || (typeof at !== 'object' && typeof at !== 'function')) return undefined;
    at = (at as Record<string, unknown>)[camel(part)];
  }
  return at;
}

/** The function at that path. @throws Absent */
export function need(path: string): Callable {
  const found = find(path);
  if (typeof found !== 'function') throw new Absent(path);
  return found as Callable;
}

/** Calls the function at that path. */
export function call(path: string, ...args: unknown[]): unknown {
  return need(path)(...args);
}

/** `new` of the class at that path. */
export function construct(path: string, ...args: unknown[]): unknown {
  const Class = need(path) as unknown as new (...args: unknown[]) => unknown;
  return new Class(...args);
}

/** Calls a method by PyTorch's name. @throws Absent */
export function callMethod(receiver: unknown, name: string, ...args: unknown[]): unknown {
  const method = (receiver as Record<string, unknown>)[camel(name)];
  if (typeof method !== 'function') throw new Absent(`Tensor.${name}`);
  return Reflect.apply(method, receiver, args);
}

/** Does a tensor have that method or property, by PyTorch's name? */
export function tensorHas(name: string): boolean {
  const tensor = find('Tensor') as { prototype: object } | undefined;
  return tensor !== undefined && camel(name) in tensor.prototype;
}

export function isTensor(value: unknown): value is AnyTensor {
  const tensor = find('Tensor');
  return typeof tensor === 'function' && value instanceof tensor;
}

/** The result's tensors and plain values in PyTorch's order: arrays, tuples and named results laid flat. */
export function flatten(value: unknown): unknown[] {
  if (isTensor(value) || value === null || typeof value !== 'object') return [value];
  if (Symbol.iterator in value) return [...(value as Iterable<unknown>)].flatMap(flatten);
  return Object.values(value).flatMap(flatten);
}

/** PyTorch's order of keyword arguments is ours, in a trailing object, when there are any. */
export function withOptions(args: readonly unknown[], kwargs: unknown): unknown[] {
  const options = kwargs && typeof kwargs === 'object' ? camelKeys(kwargs) : {};
  return Object.keys(options).length > 0 ? [...args, options] : [...args];
}

/** Gets by key from a Map or a plain object, trying each name in turn. */
export function lookup(container: unknown, ...names: (string | number)[]): unknown {
  for (const name of names) {
    for (const key of [name, String(name), camel(String(name))]) {
      if (container instanceof Map) {
        if (container.has(key)) return container.get(key);
      } else if (container !== null && typeof container === 'object' && key in container) {
        return (container as Record<string | number, unknown>)[key];
      }
    }
  }
  return undefined;
}

export function backendName(): string {
  return (find('backend') as { name: string } | undefined)?.name ?? 'unknown';
}
