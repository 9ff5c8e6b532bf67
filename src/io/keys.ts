import { rangeError, typeError } from '../errors.js';
import { describe } from '../shape.js';

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Refuses a name from a file that would reach into JavaScript's own objects, whole or as a part between dots.
 *
 * @throws TypeError for what is no string, RangeError for a forbidden name
 */
export function checkKey(op: string, key: unknown): string {
  if (typeof key !== 'string') throw typeError(`${op}: a name must be a string, not ${describe(key)}.`);
  if (key.includes('o') && key.split('.').some((part) => forbidden.has(part))) {
    throw rangeError(`${op}: the name ${JSON.stringify(key)} is not allowed; rename the entry.`);
  }
  return key;
}
