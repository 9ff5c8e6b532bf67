import { notSupported, rangeError, typeError } from '../errors.js';
import type { FloatScalar } from '../promotion.js';
import { describe } from '../shape.js';

/** A number option, which prints as a float when it was marked by `ng.float`. */
export type NumberOption = number | FloatScalar;

/** Checks an option: a number, at least `least`. */
export function checkNumber(op: string, what: string, value: unknown, least = 0): void {
  const number = typeof value === 'object' && value !== null ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number))
    throw typeError(`${op}: Invalid ${what}: ${describe(value)}; give a number.`);
  if (number < least) throw rangeError(`${op}: Invalid ${what}: ${number}; give a number ≥ ${least}.`);
}

/** Checks a pair of decay factors. */
export function checkBetas(op: string, betas: unknown): asserts betas is readonly [number, number] {
  if (!Array.isArray(betas) || betas.length !== 2)
    throw typeError(`${op}: betas must be two numbers, not ${describe(betas)}.`);
  for (const [i, beta] of betas.entries()) {
    if (!(beta >= 0 && beta < 1))
      throw rangeError(
        `${op}: Invalid beta parameter at index ${i}: ${String(beta)}; give a number from 0 to below 1.`,
      );
  }
}

/** Refuses what only PyTorch's own machinery can do. */
export function checkMachinery(op: string, options: { readonly differentiable?: boolean }): void {
  if (options.differentiable)
    throw notSupported(`${op}: a step cannot be differentiated through; compute the new parameters with ops instead.`);
}
