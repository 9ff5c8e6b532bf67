import { stateError } from '../errors.js';
import { setCollector, setLargeAllocator } from '../storage.js';
import type { Arguments, Kernels, Repeat } from './call.js';
import { makeCollector } from './collector.js';
import { Lending } from './lending.js';
import { loadNative } from './native.js';
import { loadWasm } from './wasm.js';

/** Which backend runs the kernels, and why. */
export interface BackendInfo {
  readonly name: 'native' | 'wasm';
  /** The instruction set the kernels were picked for. */
  readonly isa: string;
  /** How many threads the kernels use. */
  readonly threads: number;
  /** Why this backend was picked, in a sentence. */
  readonly reason: string;
}

interface Chosen {
  readonly kernels: Kernels;
  readonly repeat: Repeat;
  readonly info: BackendInfo;
  setNumThreads(n: number): void;
}

function native(reason: string): Chosen {
  const { kernels, repeat, isa, addon, allocateLarge } = loadNative();
  const collector = makeCollector();
  if (collector !== null) addon.setCollector(collector);
  setLargeAllocator(allocateLarge);
  setCollector(collector);
  return {
    kernels,
    repeat,
    info: {
      name: 'native',
      isa,
      get threads() {
        return addon.getNumThreads();
      },
      reason,
    },
    setNumThreads: (n) => addon.setNumThreads(n),
  };
}

function wasm(reason: string): Chosen {
  const { kernels, isa } = loadWasm();
  const collector = makeCollector();
  setCollector(collector);
  if (collector !== null) {
    const lending = new Lending(collector);
    setLargeAllocator((bytes, memory) => lending.allocate(bytes, memory));
  }
  const repeat: Repeat = (name, calls) => {
    const kernel = kernels[name] as (...args: Arguments) => void;
    for (const args of calls) kernel(...args);
  };
  return { kernels, repeat, info: { name: 'wasm', isa, threads: 1, reason }, setNumThreads: () => undefined };
}

/** Native where it loads, else WASM; NODEGRAD_BACKEND forces one and fails rather than falls back. */
function choose(): Chosen {
  const forced = process.env.NODEGRAD_BACKEND;
  if (forced === 'native') {
    try {
      return native('NODEGRAD_BACKEND=native');
    } catch (error) {
      throw stateError(
        `nodegrad: NODEGRAD_BACKEND=native, but the addon does not load: ${(error as Error).message}; build it (npx nodegrad build) or unset the variable.`,
      );
    }
  }
  if (forced === 'wasm') return wasm('NODEGRAD_BACKEND=wasm');
  if (forced !== undefined && forced !== '') {
    throw stateError(`nodegrad: NODEGRAD_BACKEND=${forced} is neither native nor wasm; set one of them or none.`);
  }
  try {
    return native('the addon loads on this machine');
  } catch (error) {
    return wasm(`the native addon does not load: ${(error as Error).message}`);
  }
}

const chosen = choose();

/** The kernels of the backend in use. */
export const kernels: Kernels = chosen.kernels;
/** Calls one dense kernel several times with the same scalars: in one call of the backend where that saves time. */
export const repeat: Repeat = chosen.repeat;
/** The backend in use: name, instruction set, threads and the reason for the choice. */
export const backend: BackendInfo = chosen.info;

/** How many threads the kernels use. Results do not depend on it. */
export function getNumThreads(): number {
  return backend.threads;
}

/** Sets how many threads the kernels use (native; WASM has one). @throws RangeError for less than one */
export function setNumThreads(n: number): void {
  if (!Number.isInteger(n) || n < 1) throw stateError(`setNumThreads: ${n} is not a whole number ≥ 1.`);
  chosen.setNumThreads(n);
}
