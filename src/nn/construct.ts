import { empty } from '../creation.js';
import type { Device } from '../device.js';
import { checkDevice } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { type Arguments, spreadOptions } from '../ops/options.js';
import { describe, type Shape } from '../shape.js';
import { Parameter } from './parameter.js';

/** The arguments of a class whose constructor takes them by position or by name; see {@link take}. */
export type Construct<P extends readonly unknown[], N extends readonly string[]> = Arguments<P, N>;

/** A constructor's arguments in their places. */
export function take<P extends readonly unknown[]>(
  name: string,
  names: readonly string[],
  args: readonly unknown[],
): P {
  return spreadOptions(name, names, [...args]) as unknown as P;
}

/** A parameter whose elements are not set yet. */
export function newParameter(
  op: string,
  shape: Shape,
  device: Device | string | null | undefined,
  dtype: DType | null | undefined,
): Parameter {
  checkDevice(op, device);
  return new Parameter(empty(shape, { dtype: dtype ?? null }));
}

/** Checks a size: a whole number, ≥ `least`. */
export function checkSize(op: string, name: string, value: unknown, least = 0): asserts value is number {
  if (typeof value !== 'number')
    throw typeError(`${op}: ${name} must be a number, not ${describe(value)}; give a whole number ≥ ${least}.`);
  if (!Number.isSafeInteger(value) || value < least)
    throw rangeError(`${op}: ${name} is ${value}; give a whole number ≥ ${least}.`);
}

/** Checks that something is true of a constructor's or call's arguments. */
export function require(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw rangeError(message());
}
