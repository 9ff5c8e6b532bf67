import { isTensorLike } from '../autograd/record.js';
import { typeError } from '../errors.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** A trailing plain object that gives arguments by name. */
type OptionsOf<P extends readonly unknown[], N extends readonly string[]> = P extends readonly [infer A, ...infer R]
  ? N extends readonly [infer K extends string, ...infer M extends readonly string[]]
    ? { [Key in K]?: A } & OptionsOf<R, M>
    : unknown
  : unknown;

/** Every way to end positional arguments with an options object for the rest. */
type Trailing<
  P extends readonly unknown[],
  N extends readonly string[],
  Head extends readonly unknown[] = [],
> = P extends readonly [infer A, ...infer R]
  ?
      | [...Head, OptionsOf<P, N>]
      | (N extends readonly [string, ...infer M extends readonly string[]] ? Trailing<R, M, [...Head, A]> : never)
  : never;

/** The argument lists of a function whose parameters may also be given by name. */
export type Arguments<P extends readonly unknown[], N extends readonly string[]> = P | Trailing<Required<P>, N>;

/** All but the first argument, the tensor: what a method takes. */
export type Rest<F extends (...args: never[]) => unknown> = Tail<Parameters<F>>;
type Tail<T> = T extends readonly [infer First, ...infer R] ? (First extends Tensor ? R : never) : never;

/** Whether a value is a plain object and so means options. */
export function isOptions(value: unknown): value is Record<string, unknown> {
  // Tensors first: they are what is asked about most, and a prototype is slow to get.
  if (typeof value !== 'object' || value === null || isTensorLike(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Refuses options that `op` does not know, so that a misspelt one is not passed over. @throws TypeError that lists the known */
export function checkOptions(op: string, known: readonly string[], options: object): void {
  for (const key in options) {
    if (!known.includes(key))
      throw typeError(`${op}: there is no argument ${JSON.stringify(key)}; it takes ${known.join(', ')}.`);
  }
}

/** What every function that makes a tensor takes by name; layouts and pinned memory are PyTorch's and change nothing. */
const TENSOR_OPTIONS = ['dtype', 'device', 'requiresGrad', 'layout', 'pinMemory', 'memoryFormat'] as const;

/** Refuses options that no function which makes a tensor knows, nor `op` with its `own`. */
export function checkTensorOptions(op: string, options: object, ...own: string[]): void {
  if (!isOptions(options))
    throw typeError(`${op}: the options are ${describe(options)}; give an object: { dtype: 'float32' }.`);
  checkOptions(op, own.length === 0 ? TENSOR_OPTIONS : [...own, ...TENSOR_OPTIONS], options);
}

/** Puts the options of a call in their places: `args` as if all had been positional. */
export function spreadOptions(op: string, names: readonly string[], args: unknown[]): unknown[] {
  const last = args[args.length - 1];
  if (args.length === 0 || !isOptions(last)) return args;
  args.pop();
  for (const [key, value] of Object.entries(last)) {
    const at = names.indexOf(key);
    if (at < 0) throw typeError(`${op}: there is no argument ${JSON.stringify(key)}; it takes ${names.join(', ')}.`);
    if (at < args.length && args[at] !== undefined)
      throw typeError(`${op}: argument ${key} is given twice, by position and by name.`);
    args[at] = value;
  }
  return args;
}

/**
 * Lets every argument of `body` be given by name in a trailing plain object: `sum(x, 1, { keepdim: true })`.
 * @param op the name that errors give
 * @param names the names of all of body's parameters, in order
 */
export function named<const N extends readonly string[], P extends readonly unknown[], R>(
  op: string,
  names: N,
  body: (...args: P) => R,
): (...args: Arguments<P, N>) => R {
  return (...args) => {
    const last = args[args.length - 1];
    if (typeof last !== 'object' || !isOptions(last)) return body(...(args as unknown as P));
    return body(...(spreadOptions(op, names, [...args]) as unknown as P));
  };
}

/** Several results: an array to destructure, with PyTorch's field names on it. */
export type NamedTuple<N extends readonly string[], T extends readonly unknown[]> = T & {
  readonly [K in Exclude<keyof N, keyof (readonly unknown[])> as N[K] extends string ? N[K] : never]: K extends keyof T
    ? T[K]
    : never;
};

/** Makes a {@link NamedTuple}: `const [values, indices] = x.max(1)` or `x.max(1).values`. */
export function namedTuple<const N extends readonly string[], const T extends readonly unknown[]>(
  names: N,
  values: T,
): NamedTuple<N, T> {
  const tuple = [...values];
  for (const [i, name] of names.entries()) Object.defineProperty(tuple, name, { value: values[i], enumerable: false });
  return tuple as unknown as NamedTuple<N, T>;
}
