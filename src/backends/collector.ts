import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Has V8 collect garbage now: all of it, in some milliseconds, or what is young, in 0.1 ms. */
export type Collector = (all: boolean) => void;

const YOUNG = { type: 'minor' };

/**
 * V8's function, which it has only in contexts made while a flag is set; null where the engine has no such thing. Not
 * the program's own `gc`, which may be anything; but if it has one, its flag stays.
 */
function collectingFunction(): unknown {
  try {
    setFlagsFromString('--expose-gc');
    const collect: unknown = runInNewContext('gc');
    if (!('gc' in globalThis)) setFlagsFromString('--no-expose-gc');
    return collect;
  } catch {
    return null;
  }
}

/** A {@link Collector}, if the engine is V8 and lets us. What an op made and nobody kept is gone after one of the young. */
export function makeCollector(): Collector | null {
  if (process.versions.bun !== undefined || process.versions.deno !== undefined) return null;
  const collect = collectingFunction();
  if (typeof collect !== 'function') return null;
  const run = collect as (options?: object) => void;
  return (all) => (all ? run() : run(YOUNG));
}
