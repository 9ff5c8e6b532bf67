import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Has V8 collect garbage now: all of it, in some milliseconds, or what is young, in 0.1 ms. */
export type Collector = (all: boolean) => void;

const YOUNG = { type: 'minor' };

/** V8's function, which it has only in contexts made while a flag is set; null where the engine has no such thing. */
function collectingFunction(): unknown {
  const { gc } = globalThis as { gc?: unknown };
  if (gc !== undefined) return gc;
  try {
    setFlagsFromString('--expose-gc');
    const made: unknown = runInNewContext('gc');
    setFlagsFromString('--no-expose-gc');
    return made;
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
