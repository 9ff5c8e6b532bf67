import { typeError } from '../errors.js';

/** `weightDecay` → `weight_decay`: how PyTorch writes it in state dicts and when it prints. */
export function snakeCase(name: string): string {
  return name.replace(/(?<=.)[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `weight_decay` → `weightDecay`. */
export function camelCase(name: string): string {
  return name.replace(/(?<=[^_])_([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** Entries of a Map or a plain object that came from outside; names that reach into objects' workings are refused. */
export function entriesOf(op: string, value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null)
    throw typeError(`${op}: expected a dict, a Map or an object, not ${String(value)}.`);
  const entries = value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value);
  return entries.map(([key, item]) => {
    const name = String(key);
    if (name === '__proto__' || name === 'constructor' || name === 'prototype') {
      throw typeError(`${op}: the name '${name}' is not allowed.`);
    }
    return [name, item];
  });
}

/** An entry of a Map or a plain object, by either spelling of its name. */
export function entry(op: string, container: unknown, name: string): unknown {
  for (const [key, value] of entriesOf(op, container)) if (key === name || camelCase(key) === name) return value;
  return undefined;
}
