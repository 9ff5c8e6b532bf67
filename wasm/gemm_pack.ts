/** Packing for the float32 matrix product: panels of four rows of A, and of eight columns of B. */

export const ROWS: i32 = 4;
export const COLUMNS: i32 = 8;
/** Rows of A in a block, and how much of k. */
export const MC: i32 = 192;
export const KC: i32 = 256;

export const PACKED_A: usize = memory.data(192 * 256 * 4, 64);
export const PACKED_B: usize = memory.data(256 * 8 * 4, 64);

/** Four vectors as rows of a 4 × 4 matrix, stored as its columns, `step` bytes apart. */
// @ts-ignore: decorator
@inline
export function storeTransposed(to: usize, step: usize, r0: v128, r1: v128, r2: v128, r3: v128): void {
  const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
  const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
  const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
  v128.store(to + step, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
  v128.store(to + 2 * step, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
  v128.store(to + 3 * step, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
}

/**
 * Packs `count` (1 to 4) lines of length k, `step` bytes apart, so that their elements at one place lie side by side,
 * `pace` bytes from place to place. Missing lines become zeros.
 */
export function packAcross(to: usize, pace: usize, from: usize, step: usize, count: i32, k: i32): void {
  if (count == 4) {
    const r1 = from + step;
    const r2 = r1 + step;
    const r3 = r2 + step;
    let i: usize = 0;
    const end = <usize>k << 2;
    for (; i + 16 <= end; i += 16) {
      storeTransposed(to, pace, v128.load(from + i), v128.load(r1 + i), v128.load(r2 + i), v128.load(r3 + i));
      to += 4 * pace;
    }
    for (; i < end; i += 4) {
      store<f32>(to, load<f32>(from + i));
      store<f32>(to, load<f32>(r1 + i), 4);
      store<f32>(to, load<f32>(r2 + i), 8);
      store<f32>(to, load<f32>(r3 + i), 12);
      to += pace;
    }
    return;
  }
  for (; k > 0; k--) {
    let at = from;
    for (let j = 0; j < 4; j++) {
      store<f32>(to + (<usize>j << 2), j < count ? load<f32>(at) : 0);
      at += step;
    }
    from += 4;
    to += pace;
  }
}

/** Packs k lines of `count` (1 to 4) neighbours, `step` bytes apart. Missing neighbours become zeros. */
function packAlong(to: usize, pace: usize, from: usize, step: usize, count: i32, k: i32): void {
  if (count == 4) {
    for (; k > 0; k--) {
      v128.store(to, v128.load(from));
      from += step;
      to += pace;
    }
    return;
  }
  for (; k > 0; k--) {
    for (let j = 0; j < 4; j++) {
      store<f32>(to + (<usize>j << 2), j < count ? load<f32>(from + (<usize>j << 2)) : 0);
    }
    from += step;
    to += pace;
  }
}

/** Packs k lines of eight neighbours. */
function packEight(to: usize, from: usize, step: usize, k: i32): void {
  for (; k > 0; k--) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += step;
    to += 32;
  }
}

/** Packs up to eight columns of B (k × n at `from`, or its transpose). */
// @ts-ignore: decorator
@inline
export function packB(from: usize, step: usize, columns: i32, k: i32, transposed: bool): void {
  const pace: usize = columns > 4 ? 32 : 16;
  const first = min(columns, 4);
  if (transposed) {
    packAcross(PACKED_B, pace, from, step, first, k);
    if (columns > 4) packAcross(PACKED_B + 16, pace, from + 4 * step, step, columns - 4, k);
  } else if (columns == COLUMNS) {
    packEight(PACKED_B, from, step, k);
  } else {
    packAlong(PACKED_B, pace, from, step, first, k);
    if (columns > 4) packAlong(PACKED_B + 16, pace, from + 16, step, columns - 4, k);
  }
}

/** Packs rows of A in panels of four. */
// @ts-ignore: decorator
@inline
export function packA(from: usize, step: usize, rows: i32, k: i32, transposed: bool): void {
  let to = PACKED_A;
  for (let i = 0; i < rows; i += ROWS) {
    const count = min(ROWS, rows - i);
    if (transposed) packAlong(to, 16, from + (<usize>i << 2), step, count, k);
    else packAcross(to, 16, from + <usize>i * step, step, count, k);
    to += <usize>k << 4;
  }
}
