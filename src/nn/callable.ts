import { callWithHooks, hasGlobalHooks } from './hooks.js';
import type { Module } from './module.js';
import { Registry, registrySymbol } from './registry.js';

/**
 * A module object: a function that calls `forward`, with the given prototype. A function's own `name` and `length`
 * are deleted, so that classes may have attributes and getters of these names.
 */
export function makeCallable(prototype: object): Module {
  const registry = new Registry();
  const self = ((...args: unknown[]) =>
    registry.hooks === null && !hasGlobalHooks()
      ? (self as unknown as Forward).forward(...args)
      : callWithHooks(self, args)) as unknown as Module;
  delete (self as { name?: unknown }).name;
  delete (self as { length?: unknown }).length;
  Object.setPrototypeOf(self, prototype);
  Object.defineProperty(self, registrySymbol, { value: registry });
  return self;
}

interface Forward {
  forward(...args: unknown[]): unknown;
}

/** A class whose instances are functions. */
export class Callable {
  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: the instance has to be a function, to be callable
    return makeCallable(new.target.prototype);
  }
}

// Not the whole of Function.prototype: its read-only name and length would get in the way of attributes.
for (const method of ['call', 'bind'] as const) {
  Object.defineProperty(Callable.prototype, method, {
    value: Function.prototype[method],
    writable: true,
    configurable: true,
  });
}
