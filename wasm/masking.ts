/** Masks: counting and finding what is not 0, selecting and writing where a mask is true, triangles. */
import { DType, check, dtypeOf, int, sizeOf } from './descriptor';

/** The bits of an element that make it other than 0: all but the sign of a float. */
function significant(dtype: i32): u64 {
  switch (dtype) {
    case DType.float32:
      return 0x7fffffff;
    case DType.float64:
      return 0x7fffffffffffffff;
    case DType.complex64:
      return 0x7fffffff7fffffff;
    case DType.float16:
    case DType.bfloat16:
      return 0x7fff;
    default:
      return 0xffffffffffffffff;
  }
}

function countAs<T>(out: usize, x: usize, rows: i32, n: i32, columns: i32, bits: T): void {
  for (let o = 0; o < rows; o++) {
    for (let i = 0; i < columns; i++) {
      let total: i64 = 0;
      let at = x + <usize>i * sizeof<T>();
      for (let j = 0; j < n; j++, at += <usize>columns * sizeof<T>()) total += <i64>((load<T>(at) & bits) != 0);
      store<i64>(out, total);
      out += 8;
    }
    x += <usize>n * columns * sizeof<T>();
  }
}

export function countNonzero(out: usize, x: usize): void {
  const rows = int(2, 0);
  const n = int(2, 1);
  const columns = int(2, 2);
  check(2, 0, <i64>rows * columns);
  if (rows > 0 && columns > 0) check(2, 1, <i64>rows * n * columns);
  const bits = significant(dtypeOf(1));
  switch (sizeOf(dtypeOf(1))) {
    case 1:
      return countAs<u8>(out, x, rows, n, columns, <u8>bits);
    case 2:
      return countAs<u16>(out, x, rows, n, columns, <u16>bits);
    case 4:
      return countAs<u32>(out, x, rows, n, columns, <u32>bits);
    default:
      return countAs<u64>(out, x, rows, n, columns, bits);
  }
}

/** The index of the element that is looked at. */
const POSITION: usize = memory.data(64 * 8, 16);

function nonzeroAs<T>(out: usize, x: usize, shape: usize, n: i32, wanted: i32, rank: i32, bits: T): void {
  memory.fill(POSITION, 0, 64 * 8);
  let found = 0;
  for (let i = 0; i < n; i++) {
    if ((load<T>(x + <usize>i * sizeof<T>()) & bits) != 0) {
      if (found++ == wanted) return;
      memory.copy(out, POSITION, <usize>rank * 8);
      out += <usize>rank * 8;
    }
    for (let d = rank - 1; d >= 0; d--) {
      const at = POSITION + <usize>d * 8;
      const following = load<i64>(at) + 1;
      if (following < load<i64>(shape + <usize>d * 8)) {
        store<i64>(at, following);
        break;
      }
      store<i64>(at, 0);
    }
  }
}

export function nonzero(out: usize, x: usize, shape: usize): void {
  const n = int(3, 0);
  const wanted = int(3, 1);
  const rank = int(3, 2);
  check(3, 0, <i64>wanted * rank);
  check(3, 1, n);
  check(3, 2, rank);
  if (rank > 64) abort();
  const bits = significant(dtypeOf(1));
  switch (sizeOf(dtypeOf(1))) {
    case 1:
      return nonzeroAs<u8>(out, x, shape, n, wanted, rank, <u8>bits);
    case 2:
      return nonzeroAs<u16>(out, x, shape, n, wanted, rank, <u16>bits);
    case 4:
      return nonzeroAs<u32>(out, x, shape, n, wanted, rank, <u32>bits);
    default:
      return nonzeroAs<u64>(out, x, shape, n, wanted, rank, bits);
  }
}

function selectAs<T>(out: usize, x: usize, mask: usize, n: i32, count: i32): void {
  const end = out + <usize>count * sizeof<T>();
  for (let i: usize = 0; i < <usize>n && out < end; i++) {
    if (load<u8>(mask + i)) {
      store<T>(out, load<T>(x + i * sizeof<T>()));
      out += sizeof<T>();
    }
  }
}

export function maskedSelect(out: usize, x: usize, mask: usize): void {
  const n = int(3, 0);
  const count = int(3, 1);
  check(3, 0, count);
  check(3, 1, n);
  check(3, 2, n);
  switch (sizeOf(dtypeOf(0))) {
    case 1:
      return selectAs<u8>(out, x, mask, n, count);
    case 2:
      return selectAs<u16>(out, x, mask, n, count);
    case 4:
      return selectAs<u32>(out, x, mask, n, count);
    default:
      return selectAs<u64>(out, x, mask, n, count);
  }
}

function maskedScatterAs<T>(x: usize, mask: usize, src: usize, n: i32, count: i32): void {
  const end = src + <usize>count * sizeof<T>();
  for (let i: usize = 0; i < <usize>n && src < end; i++) {
    if (load<u8>(mask + i)) {
      store<T>(x + i * sizeof<T>(), load<T>(src));
      src += sizeof<T>();
    }
  }
}

export function maskedScatter(x: usize, mask: usize, src: usize): void {
  const n = int(3, 0);
  const count = int(3, 1);
  check(3, 0, n);
  check(3, 1, n);
  check(3, 2, count);
  switch (sizeOf(dtypeOf(0))) {
    case 1:
      return maskedScatterAs<u8>(x, mask, src, n, count);
    case 2:
      return maskedScatterAs<u16>(x, mask, src, n, count);
    case 4:
      return maskedScatterAs<u32>(x, mask, src, n, count);
    default:
      return maskedScatterAs<u64>(x, mask, src, n, count);
  }
}

function triangle(out: usize, x: usize, upper: bool): void {
  const batch = int(2, 0);
  const rows = int(2, 1);
  const columns = int(2, 2);
  const diagonal = int(2, 3);
  check(2, 0, <i64>batch * rows * columns);
  check(2, 1, <i64>batch * rows * columns);
  const size = <usize>sizeOf(dtypeOf(0));
  const row = <usize>columns * size;
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      const edge = <i64>i + diagonal + (upper ? 0 : 1);
      const cut = <usize>max<i64>(0, min<i64>(edge, columns)) * size;
      const first = upper ? cut : 0;
      const last = upper ? row : cut;
      memory.fill(out, 0, first);
      if (last > first) memory.copy(out + first, x + first, last - first);
      memory.fill(out + last, 0, row - last);
      out += row;
      x += row;
    }
  }
}

export function tril(out: usize, x: usize): void {
  triangle(out, x, false);
}

export function triu(out: usize, x: usize): void {
  triangle(out, x, true);
}
