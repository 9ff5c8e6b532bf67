import { randomFillSync } from 'node:crypto';
import type { Operand } from '../backends/call.js';
import { int32 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { Memory } from '../memory.js';
import { describe } from '../shape.js';
import { Storage } from '../storage.js';
import { bytesToState, STATE_WORDS, seedWords, stateToBytes } from './state.js';

/** What a new generator is seeded with, as in PyTorch. */
const DEFAULT_SEED = 67280421310721n;
const MODULUS = 1n << 64n;

/** A seed as 64 unsigned bits; negative ones count back from 2 ** 64. */
function checkSeed(seed: number | bigint): bigint {
  if (typeof seed !== 'number' && typeof seed !== 'bigint') {
    throw typeError(`manualSeed: the seed must be a whole number or a bigint, not ${describe(seed)}.`);
  }
  if (typeof seed === 'number' && !Number.isSafeInteger(seed)) {
    throw rangeError(`manualSeed: ${seed} is not a whole number up to 2 ** 53; give a larger seed as a bigint.`);
  }
  const value = BigInt(seed);
  if (value < -(MODULUS >> 1n) || value >= MODULUS) {
    throw rangeError(`manualSeed: ${value} does not fit 64 bits; give a seed from -2 ** 63 to 2 ** 64 - 1.`);
  }
  return value < 0n ? value + MODULUS : value;
}

/** A number where it is exact, else a bigint. */
function plainInteger(value: bigint): number | bigint {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function nondeterministicSeed(): bigint {
  const words = randomFillSync(new BigUint64Array(1));
  return words[0]! & ((1n << 53n) - 1n);
}

/** The words of a generator as the kernels take them. */
class StateOperand implements Operand {
  readonly words = new Int32Array(new ArrayBuffer(STATE_WORDS * 4));
  readonly storage = new Storage(new Memory(this.words.buffer as ArrayBuffer), 0, STATE_WORDS * 4, 0);
  readonly offset = 0;
  readonly shape = [STATE_WORDS];
  readonly strides = [1];
  readonly dtypeInfo = int32;
  readonly count = STATE_WORDS;
  readonly isDense = true;
}

/**
 * A source of random numbers: PyTorch's CPU generator (mt19937), number for number.
 *
 * @example
 * const generator = new Generator().manualSeed(42);
 * ng.rand(2, 3, { generator });
 */
export class Generator {
  readonly #operand = new StateOperand();
  #seed = DEFAULT_SEED;

  constructor() {
    this.manualSeed(DEFAULT_SEED);
  }

  /** Always the CPU. */
  get device(): 'cpu' {
    return 'cpu';
  }

  /** The state as the random kernels' operand; they advance it. */
  get state(): Operand {
    return this.#operand;
  }

  /**
   * Starts the stream of this seed: its low 32 bits decide.
   *
   * @throws RangeError for a seed that is not whole or does not fit 64 bits
   */
  manualSeed(seed: number | bigint): this {
    const value = checkSeed(seed);
    seedWords(this.#operand.words, Number(value & 0xffffffffn));
    this.#seed = value;
    return this;
  }

  /** The seed that the stream began with. */
  initialSeed(): number | bigint {
    return plainInteger(this.#seed);
  }

  /** Starts a stream nobody can foresee and returns its seed. */
  seed(): number {
    const seed = nondeterministicSeed();
    this.manualSeed(seed);
    return Number(seed);
  }

  /** The state in PyTorch's own form, 5056 bytes. */
  getState(): Uint8Array {
    return stateToBytes(this.#operand.words, this.#seed);
  }

  /**
   * Continues where the generator stood that gave these bytes, ours or PyTorch's.
   *
   * @throws RangeError for another length, Error for bytes that are no state; the generator is then as before
   */
  setState(bytes: Uint8Array): this {
    this.#seed = bytesToState(bytes, this.#operand.words);
    return this;
  }

  /** A generator in the same state, which goes its own way from here. */
  clone(): Generator {
    const copy = new Generator();
    copy.#operand.words.set(this.#operand.words);
    copy.#seed = this.#seed;
    return copy;
  }
}

/** What every random function draws from that is given no generator. */
export const defaultGenerator = new Generator();
defaultGenerator.seed();

/** Seeds the default generator. @returns it */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed);
}

/** Seeds the default generator with a number nobody can foresee. @returns the number */
export function seed(): number {
  return defaultGenerator.seed();
}

/** The seed of the default generator's stream. */
export function initialSeed(): number | bigint {
  return defaultGenerator.initialSeed();
}

/** The default generator's state in PyTorch's form. */
export function getRngState(): Uint8Array {
  return defaultGenerator.getState();
}

/** Puts the default generator into a state. @throws RangeError, Error for bytes that are no state */
export function setRngState(bytes: Uint8Array): void {
  defaultGenerator.setState(bytes);
}
