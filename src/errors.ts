import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const libraryFolder = dirname(fileURLToPath(import.meta.url));

/** An error of this library: a built-in error class with a `code`. */
export type CodedError<E extends Error = Error> = E & { code: string };

/** Makes an error whose stack starts at the user's call site, not in here. */
function coded<E extends Error>(error: E, code: string): CodedError<E> {
  const stack = error.stack;
  if (stack !== undefined) {
    const lines = stack.split('\n');
    const kept = lines.filter((line) => !(line.trimStart().startsWith('at ') && line.includes(libraryFolder)));
    error.stack = kept.join('\n');
  }
  return Object.assign(error, { code });
}

/** A value of the wrong kind. */
export const typeError = (message: string): TypeError => coded(new TypeError(message), 'ERR_INVALID_TYPE');
/** A value outside what is allowed: shapes, sizes, dims. */
export const rangeError = (message: string): RangeError => coded(new RangeError(message), 'ERR_OUT_OF_RANGE');
/** An index outside its dimension. */
export const indexError = (message: string): RangeError => coded(new RangeError(message), 'ERR_INDEX');
/** Something the graph does not allow: freed, modified, in-place on a leaf. */
export const autogradError = (message: string): Error => coded(new Error(message), 'ERR_AUTOGRAD');
/** Anything else the library refuses. */
export const stateError = (message: string): Error => coded(new Error(message), 'ERR_STATE');
/** What PyTorch knows and this library has not. */
export const notSupported = (message: string): Error => coded(new Error(message), 'ERR_NOT_SUPPORTED');
