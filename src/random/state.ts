/**
 * A generator's state: what the random kernels read and write, and PyTorch's own form of it (5056 bytes, as
 * `torch.get_rng_state()` gives them).
 *
 * Words 0–623 are mt19937's; then `left` (how many are unused, counted as the reference implementation does), `next`
 * (where the next one stands), and the cached second half of a pair of normal numbers with its flag.
 */
import { rangeError, stateError } from '../errors.js';

export const STATE_WORDS = 640;
/** How many bytes PyTorch's form has. */
export const STATE_BYTES = 5056;
const WORDS = 624;
const LEFT = 624;
const NEXT = 625;
const FLOAT_NORMAL_VALID = 626;
const FLOAT_NORMAL = 627;
const NORMAL_VALID = 628;
const NORMAL = 630;

/** Sets the words as mt19937's own initialisation does from 32 bits. */
export function seedWords(words: Int32Array, seed: number): void {
  words.fill(0);
  words[0] = seed;
  for (let i = 1; i < WORDS; i++) {
    const previous = words[i - 1]!;
    words[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
  }
  words[LEFT] = 1;
}

/** PyTorch's bytes: seed, left, seeded, next, the words as 64-bit numbers, cached normals. Little endian. */
export function stateToBytes(words: Int32Array, seed: bigint): Uint8Array {
  const bytes = new Uint8Array(STATE_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, seed, true);
  view.setInt32(8, words[LEFT]!, true);
  view.setInt32(12, 1, true);
  view.setBigUint64(16, BigInt(words[NEXT]!), true);
  for (let i = 0; i < WORDS; i++) view.setUint32(24 + 8 * i, words[i]!, true);
  view.setInt32(5024, words[NORMAL]!, true);
  view.setInt32(5028, words[NORMAL + 1]!, true);
  view.setInt32(5040, words[NORMAL_VALID]!, true);
  view.setInt32(5048, words[FLOAT_NORMAL]!, true);
  view.setUint8(5052, words[FLOAT_NORMAL_VALID]!);
  return bytes;
}

/**
 * Reads PyTorch's bytes into the words and returns the seed.
 *
 * @throws RangeError for another length; Error for bytes that are not a generator's state. The words are then as before.
 */
export function bytesToState(bytes: Uint8Array, words: Int32Array): bigint {
  if (bytes.byteLength !== STATE_BYTES) {
    throw rangeError(
      `setState: a generator's state has ${STATE_BYTES} bytes, this has ${bytes.byteLength}; give what getState returned.`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const left = view.getInt32(8, true);
  const next = view.getBigUint64(16, true);
  const fresh = left === 1 && next === 0n;
  if (left < 1 || left > WORDS || view.getInt32(12, true) === 0 || !(fresh || next === BigInt(WORDS + 1 - left))) {
    throw stateError(
      `setState: the bytes are no mt19937 state (left ${left}, next ${next}); give what getState returned.`,
    );
  }
  for (let i = 0; i < WORDS; i++) words[i] = view.getInt32(24 + 8 * i, true);
  words[LEFT] = left;
  words[NEXT] = Number(next);
  words[NORMAL] = view.getInt32(5024, true);
  words[NORMAL + 1] = view.getInt32(5028, true);
  words[NORMAL_VALID] = view.getInt32(5040, true) === 0 ? 0 : 1;
  words[FLOAT_NORMAL] = view.getInt32(5048, true);
  words[FLOAT_NORMAL_VALID] = view.getUint8(5052) === 0 ? 0 : 1;
  return view.getBigUint64(0, true);
}
