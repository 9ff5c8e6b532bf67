/** Moving runs of elements of one size. */

/** Spreads one element over n. */
export function spread(to: usize, from: usize, n: i32, size: i32): void {
  if (size == 1) {
    memory.fill(to, load<u8>(from), <usize>n);
    return;
  }
  const value = size == 4 ? v128.load32_splat(from) : size == 8 ? v128.load64_splat(from) : v128.load16_splat(from);
  const end = to + <usize>(n * size);
  for (; to + 16 <= end; to += 16) v128.store(to, value);
  storePart(to, value, end - to);
}

/** Stores the first bytes of a vector, fewer than 16. */
// @ts-ignore: decorator
@inline
function storePart(to: usize, value: v128, bytes: usize): void {
  if (bytes & 8) {
    v128.store64_lane(to, value, 0);
    value = v128.shuffle<i64>(value, value, 1, 1);
    to += 8;
  }
  if (bytes & 4) {
    v128.store32_lane(to, value, 0);
    value = v128.shuffle<i32>(value, value, 1, 1, 1, 1);
    to += 4;
  }
  if (bytes & 2) v128.store16_lane(to, value, 0);
}

/** Copies bytes that do not overlap; a call of memory.copy costs more than a few of them. */
function copyBytes(to: usize, from: usize, bytes: usize): void {
  if (bytes > 256) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = to + (bytes & ~15);
  for (; to < end; to += 16, from += 16) v128.store(to, v128.load(from));
  if (bytes & 8) {
    store<u64>(to, load<u64>(from));
    to += 8;
    from += 8;
  }
  if (bytes & 4) {
    store<u32>(to, load<u32>(from));
    to += 4;
    from += 4;
  }
  if (bytes & 2) {
    store<u16>(to, load<u16>(from));
    to += 2;
    from += 2;
  }
  if (bytes & 1) store<u8>(to, load<u8>(from));
}

/** Copies n elements; strides in bytes. */
export function copyRun(to: usize, toStride: i32, from: usize, fromStride: i32, n: i32, size: i32): void {
  if (toStride == size && fromStride == size) {
    copyBytes(to, from, <usize>(n * size));
    return;
  }
  if (size == 4) copyElements<i32>(to, toStride, from, fromStride, n);
  else if (size == 8) copyElements<i64>(to, toStride, from, fromStride, n);
  else if (size == 1) copyElements<u8>(to, toStride, from, fromStride, n);
  else copyElements<u16>(to, toStride, from, fromStride, n);
}

function copyElements<T>(to: usize, toStride: i32, from: usize, fromStride: i32, n: i32): void {
  for (; n >= 4; n -= 4) {
    const a = load<T>(from);
    const b = load<T>(from + fromStride);
    const c = load<T>(from + 2 * fromStride);
    const d = load<T>(from + 3 * fromStride);
    store<T>(to, a);
    store<T>(to + toStride, b);
    store<T>(to + 2 * toStride, c);
    store<T>(to + 3 * toStride, d);
    from += 4 * fromStride;
    to += 4 * toStride;
  }
  for (; n > 0; n--) {
    store<T>(to, load<T>(from));
    from += fromStride;
    to += toStride;
  }
}
