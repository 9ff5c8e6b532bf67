/** Keys that order elements of any dtype as unsigned integers: NaN above everything, -0 equal to 0. */

/** 16-bit floats: T that stands for float16 and bfloat16 in {@link keyOf}. */
@unmanaged
export class Half {}
@unmanaged
export class Brain {}

function halfKey(bits: u32, infinity: u32): u32 {
  const magnitude = bits & 0x7fff;
  if (magnitude > infinity) return u32.MAX_VALUE;
  if (magnitude == 0) return 0x8000;
  return bits >> 15 ? ~bits & 0xffff : bits | 0x8000;
}

/** Bytes of an element. */
// @ts-ignore: decorator
@inline
export function widthOf<T>(): usize {
  return isReference<T>() ? 2 : sizeof<T>();
}

/** The key of the element at an address. K: u64 for elements of 8 bytes, else u32. */
// @ts-ignore: decorator
@inline
export function keyOf<T, K>(at: usize): K {
  if (isReference<T>()) return <K>halfKey(load<u16>(at), nameof<T>() == 'Half' ? 0x7c00 : 0x7f80);
  if (isFloat<T>()) {
    const x = load<T>(at);
    if (x != x) return <K>-1;
    let bits = load<K>(at);
    if (x == 0) bits = 0;
    const top = <K>1 << (sizeof<K>() * 8 - 1);
    return bits & top ? ~bits : bits | top;
  }
  if (isSigned<T>()) return <K>load<T>(at) ^ (<K>1 << (sizeof<K>() * 8 - 1));
  return <K>load<T>(at);
}

/** The counts of each byte of the keys: eight times 256. */
const COUNTS: usize = memory.data(8 * 256 * 4, 16);

/** Where the keys and the indices are after {@link sortKeys}. */
export let sortedKeys: usize = 0;
export let sortedIndices: usize = 0;

function insertionSort<K>(keys: usize, indices: usize, n: i32): void {
  for (let i = 1; i < n; i++) {
    const key = load<K>(keys + <usize>i * sizeof<K>());
    const index = load<i32>(indices + <usize>i * 4);
    let j = i;
    for (; j > 0; j--) {
      const before = load<K>(keys + <usize>(j - 1) * sizeof<K>());
      if (before <= key) break;
      store<K>(keys + <usize>j * sizeof<K>(), before);
      store<i32>(indices + <usize>j * 4, load<i32>(indices + <usize>(j - 1) * 4));
    }
    store<K>(keys + <usize>j * sizeof<K>(), key);
    store<i32>(indices + <usize>j * 4, index);
  }
}

/**
 * Sorts n keys and the int32 indices beside them, stably. `work` has the keys, room for as many, the indices, room for
 * as many. A radix sort, a byte at a time from the lowest; bytes that all keys share are skipped.
 */
export function sortKeys<K>(work: usize, room: i32, n: i32): void {
  let keys = work;
  let otherKeys = keys + <usize>room * sizeof<K>();
  let indices = otherKeys + <usize>room * sizeof<K>();
  let otherIndices = indices + <usize>room * 4;
  sortedKeys = keys;
  sortedIndices = indices;
  if (n <= 40) return insertionSort<K>(keys, indices, n);
  memory.fill(COUNTS, 0, sizeof<K>() * 256 * 4);
  for (let i: usize = 0, end = <usize>n * sizeof<K>(); i < end; i += sizeof<K>()) {
    let key = load<K>(keys + i);
    for (let at = COUNTS; at < COUNTS + sizeof<K>() * 1024; at += 1024) {
      const count = at + <usize>((<u32>key & 0xff) << 2);
      store<i32>(count, load<i32>(count) + 1);
      key >>= 8;
    }
  }
  for (let digit = 0; digit < <i32>sizeof<K>(); digit++) {
    const counts = COUNTS + <usize>digit * 1024;
    const shift = <K>(digit * 8);
    if (load<i32>(counts + <usize>(((<u32>(load<K>(keys) >> shift)) & 0xff) << 2)) == n) continue;
    let start = 0;
    for (let at = counts; at < counts + 1024; at += 4) {
      const count = load<i32>(at);
      store<i32>(at, start);
      start += count;
    }
    for (let i: usize = 0; i < <usize>n; i++) {
      const key = load<K>(keys + i * sizeof<K>());
      const place = counts + <usize>(((<u32>(key >> shift)) & 0xff) << 2);
      const to = load<i32>(place);
      store<i32>(place, to + 1);
      store<K>(otherKeys + <usize>to * sizeof<K>(), key);
      store<i32>(otherIndices + <usize>to * 4, load<i32>(indices + i * 4));
    }
    const k = keys;
    keys = otherKeys;
    otherKeys = k;
    const x = indices;
    indices = otherIndices;
    otherIndices = x;
  }
  sortedKeys = keys;
  sortedIndices = indices;
}

/** How many keys equal to the one {@link selectKey} found stand before it. */
export let equalBefore: i32 = 0;

/** The key that stands at place k (from 0) when sorted. */
export function selectKey<K>(keys: usize, n: i32, k: i32): K {
  let prefix: K = 0;
  let mask: K = 0;
  for (let digit = <i32>sizeof<K>() - 1; digit >= 0; digit--) {
    const shift = <K>(digit * 8);
    memory.fill(COUNTS, 0, 1024);
    for (let i: usize = 0, end = <usize>n * sizeof<K>(); i < end; i += sizeof<K>()) {
      const key = load<K>(keys + i);
      if ((key & mask) == prefix) {
        const count = COUNTS + <usize>(((<u32>(key >> shift)) & 0xff) << 2);
        store<i32>(count, load<i32>(count) + 1);
      }
    }
    let byte: usize = 0;
    for (; k >= load<i32>(COUNTS + byte * 4); byte++) k -= load<i32>(COUNTS + byte * 4);
    prefix |= <K>byte << shift;
    mask |= <K>0xff << shift;
  }
  equalBefore = k;
  return prefix;
}

/** The index of the element that is k-th (from 0) in stable order. */
export function selectIndex<K>(keys: usize, n: i32, k: i32): i32 {
  const key = selectKey<K>(keys, n, k);
  let before = equalBefore;
  for (let i = 0; i < n; i++) {
    if (load<K>(keys + <usize>i * sizeof<K>()) == key && before-- == 0) return i;
  }
  return 0;
}
