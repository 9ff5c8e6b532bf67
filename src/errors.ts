import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const libraryFolder = dirname(fileURLToPath(import.meta.url));

/** An error of this library: a built-in error class with a `code`. */
export type CodedError<E extends Error = Error> = E & { code: string };

/** Frames of the library that may stand above the user's. */
const OWN_FRAMES = 30;

/** Makes an error whose stack starts at the user's call site, not in here. */
function coded<E extends Error>(Class: new (message: string) => E, message: string, code: string): CodedError<E> {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = limit + OWN_FRAMES;
  const error = new Class(message);
  Error.stackTraceLimit = limit;
  const frames = userFrames(error);
  if (frames.length > 0) error.stack = [`${error.name}: ${message}`, ...frames.slice(0, limit)].join('\n');
  return Object.assign(error, { code });
}

/** The lines of an error's stack that are not the library's. */
function userFrames(error: Error): string[] {
  const lines = (error.stack ?? '').split('\n');
  return lines.filter((line) => line.trimStart().startsWith('at ') && !line.includes(libraryFolder));
}

/** Where the user's code stands right now, a line a call. */
export function callSite(): string {
  return userFrames(coded(Error, '', '')).join('\n');
}

/** A value of the wrong kind. */
export const typeError = (message: string): TypeError => coded(TypeError, message, 'ERR_INVALID_TYPE');
/** A value outside what is allowed: shapes, sizes, dims. */
export const rangeError = (message: string): RangeError => coded(RangeError, message, 'ERR_OUT_OF_RANGE');
/** An index outside its dimension. */
export const indexError = (message: string): RangeError => coded(RangeError, message, 'ERR_INDEX');
/** Something the graph does not allow: freed, modified, in-place on a leaf. */
export const autogradError = (message: string): Error => coded(Error, message, 'ERR_AUTOGRAD');
/** Anything else the library refuses. */
export const stateError = (message: string): Error => coded(Error, message, 'ERR_STATE');
/** What PyTorch knows and this library has not. */
export const notSupported = (message: string): Error => coded(Error, message, 'ERR_NOT_SUPPORTED');
