import { FloatScalar } from '../promotion.js';
import { floatRepr } from '../pythonNumber.js';
import { repr, tuple } from '../repr.js';
import { type Registry, registrySymbol } from './registry.js';

/** A number argument: whole ones that were marked with `ng.float` print as floats. */
export type NumberArgument = number | FloatScalar;

/** Reads a number argument, noting on the module where it has to print as a float. */
export function numberOf(module: { readonly [registrySymbol]: Registry }, name: string, value: NumberArgument): number {
  const { floats } = module[registrySymbol];
  if (value instanceof FloatScalar) {
    floats.add(name);
    return value.value;
  }
  floats.delete(name);
  return value;
}

/** A number as Python prints it: `2` or, as a float, `2.0`. */
export function floatText(value: number, isFloat: boolean): string {
  return isFloat ? floatRepr(value) : repr(value);
}

/** Sizes as Python prints a tuple: `(3, 3)`, `(3,)`. */
export function tupleText(values: readonly unknown[]): string {
  return repr(tuple(...values));
}
