import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { notSupported } from '../errors.js';

const require = createRequire(import.meta.url);

/**
 * An optional package, which only those install who need it.
 *
 * @throws Error that names the command to install it, where it is not there
 */
export async function importOptional<T>(op: string, name: string, purpose: string): Promise<T> {
  let file: string;
  try {
    file = require.resolve(name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A package for import alone has nothing that require could resolve, but import finds it.
    if (code !== 'MODULE_NOT_FOUND') return (await import(name)) as T;
    throw notSupported(`${op}: ${purpose} needs the package ${name}, which is not installed; run: npm install ${name}`);
  }
  return (await import(pathToFileURL(file).href)) as T;
}
