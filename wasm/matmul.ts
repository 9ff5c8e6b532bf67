/** Matrix products. */
import { DType, dtypeOf, check, int } from './descriptor';

/** One product of any type: out (m, n) (+)= a (m, k) · c (k, n), every matrix given by its steps in elements. */
function product<T>(
  out: usize,
  a: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  aRow: usize,
  aColumn: usize,
  cRow: usize,
  cColumn: usize,
): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let x = a;
      let y = c + <usize>j * cColumn;
      let total: T = load<T>(out);
      for (let p = 0; p < k; p++) {
        total = <T>(total + load<T>(x) * load<T>(y));
        x += aColumn;
        y += cRow;
      }
      store<T>(out, total);
      out += sizeof<T>();
    }
    a += aRow;
  }
}

function products<T>(out: usize, a: usize, c: usize, bias: usize): void {
  const batch = int(4, 0);
  const m = int(4, 1);
  const n = int(4, 2);
  const k = int(4, 3);
  const transA = int(4, 4);
  const transB = int(4, 5);
  const accumulate = int(4, 8);
  const size = sizeof<T>();
  const aRow = <usize>(transA ? 1 : k) * size;
  const aColumn = <usize>(transA ? m : <i32>1) * size;
  const cRow = <usize>(transB ? 1 : n) * size;
  const cColumn = <usize>(transB ? k : <i32>1) * size;
  for (let b = 0; b < batch; b++) {
    if (!accumulate) begin<T>(out, 0, m, n);
    if (bias) begin<T>(out, bias, m, n);
    product<T>(out, a, c, m, n, k, aRow, aColumn, cRow, cColumn);
    out += <usize>(m * n) * size;
    a += <usize>int(4, 6) * size;
    c += <usize>int(4, 7) * size;
  }
}

/** Zero in every element, or the bias added to every row. */
function begin<T>(out: usize, bias: usize, m: i32, n: i32): void {
  if (bias == 0) {
    memory.fill(out, 0, <usize>(m * n) * sizeof<T>());
    return;
  }
  for (let i = 0; i < m; i++) {
    for (let j: usize = 0; j < <usize>n; j++) {
      store<T>(out, <T>(load<T>(out) + load<T>(bias + j * sizeof<T>())));
      out += sizeof<T>();
    }
  }
}

/** out[b] = a[b] · c[b] (+ bias), see `src/kernels.ts`. */
export function gemm(out: usize, a: usize, c: usize, bias: usize): void {
  const batch = <i64>int(4, 0);
  const m = <i64>int(4, 1);
  const n = <i64>int(4, 2);
  const k = <i64>int(4, 3);
  if (batch == 0 || m == 0 || n == 0) return;
  check(4, 0, batch * m * n);
  check(4, 1, (batch - 1) * int(4, 6) + m * k);
  check(4, 2, (batch - 1) * int(4, 7) + k * n);
  if (bias != 0) check(4, 3, n);
  switch (dtypeOf(0)) {
    case DType.float32:
      return products<f32>(out, a, c, bias);
    case DType.float64:
      return products<f64>(out, a, c, bias);
    case DType.int64:
      return products<i64>(out, a, c, bias);
    case DType.int32:
      return products<i32>(out, a, c, bias);
    case DType.int16:
      return products<i16>(out, a, c, bias);
    case DType.int8:
      return products<i8>(out, a, c, bias);
    default:
      return products<u8>(out, a, c, bias);
  }
}
