import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Has V8 collect garbage now: all of it, in some milliseconds, or what is young, in 0.1 ms. */
export type Collector = (all: boolean) => void;

const YOUNG = { type: 'minor' };

/**
 * V8 has the function only in contexts made while a flag is set. What an op made and nobody kept is gone after a
 * collection of the young. Null where the engine has no such thing.
 */
export function makeCollector(): Collector | null {
  if (process.versions.bun !== undefined || process.versions.deno !== undefined) return null;
  let collect: unknown = null;
  try {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
  } catch {
    return null;
  }
  if (typeof collect !== 'function') return null;
  const run = collect as (options?: object) => void;
  return (all) => (all ? run() : run(YOUNG));
}
