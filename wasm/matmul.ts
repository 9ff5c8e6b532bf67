/** Matrix products. */
import { check, DType, dtypeOf, int, sizeOf, unsupported } from './descriptor';
import { rowsDotVector, vectorTimesRows } from './matvec';
import { sgemm } from './sgemm';

/** Zero, or the bias, in every row; or the bias added. */
function prepare<T>(out: usize, bias: usize, m: i32, n: i32, accumulate: bool): void {
  const row = <usize>n * sizeof<T>();
  for (let i = 0; i < m; i++) {
    if (!accumulate) {
      if (bias != 0) memory.copy(out, bias, row);
      else memory.fill(out, 0, row);
    } else if (bias != 0) {
      for (let j: usize = 0; j < row; j += sizeof<T>()) {
        store<T>(out + j, <T>(load<T>(out + j) + load<T>(bias + j)));
      }
    }
    out += row;
  }
}

/** out (m, n) += a · c of any type but float32. The inner loop runs along c's rows, if transposed its columns. */
function product<T>(out: usize, a: usize, c: usize, m: i32, n: i32, k: i32, transA: bool, transB: bool): void {
  const aRow = <usize>(transA ? <i32>1 : k) * sizeof<T>();
  const aColumn = <usize>(transA ? m : <i32>1) * sizeof<T>();
  const row = <usize>n * sizeof<T>();
  for (let i = 0; i < m; i++) {
    let y = c;
    if (transB) {
      for (let j: usize = 0; j < row; j += sizeof<T>()) {
        let x = a;
        let total = load<T>(out + j);
        for (let p = 0; p < k; p++) {
          total = <T>(total + load<T>(x) * load<T>(y));
          x += aColumn;
          y += sizeof<T>();
        }
        store<T>(out + j, total);
      }
    } else {
      let x = a;
      for (let p = 0; p < k; p++) {
        const factor = load<T>(x);
        for (let j: usize = 0; j < row; j += sizeof<T>()) {
          store<T>(out + j, <T>(load<T>(out + j) + factor * load<T>(y + j)));
        }
        x += aColumn;
        y += row;
      }
    }
    a += aRow;
    out += row;
  }
}

function anyProduct<T>(
  out: usize,
  a: usize,
  c: usize,
  bias: usize,
  m: i32,
  n: i32,
  k: i32,
  transA: bool,
  transB: bool,
  accumulate: bool,
): void {
  prepare<T>(out, bias, m, n, accumulate);
  product<T>(out, a, c, m, n, k, transA, transB);
}

/** float32: one row or one column is a vector's product, everything else goes through tiles. */
function floatProduct(
  out: usize,
  a: usize,
  c: usize,
  bias: usize,
  m: i32,
  n: i32,
  k: i32,
  transA: bool,
  transB: bool,
  accumulate: bool,
): void {
  if (k == 0) prepare<f32>(out, bias, m, n, accumulate);
  else if (n == 1 && !transA) rowsDotVector(out, a, c, bias, 0, m, k, accumulate);
  else if (n == 1) vectorTimesRows(out, a, c, bias, 0, m, k, accumulate);
  else if (m == 1 && transB) rowsDotVector(out, c, a, bias, 4, n, k, accumulate);
  else if (m == 1) vectorTimesRows(out, c, a, bias, 4, n, k, accumulate);
  else sgemm(out, a, c, bias, m, n, k, transA, transB, accumulate);
}

/** out[b] = a[b] · c[b] (+ bias), see `src/kernels.ts`. */
export function gemm(out: usize, a: usize, c: usize, bias: usize): void {
  const batch = int(4, 0);
  const m = int(4, 1);
  const n = int(4, 2);
  const k = int(4, 3);
  const transA = int(4, 4) != 0;
  const transB = int(4, 5) != 0;
  const strideA = int(4, 6);
  const strideB = int(4, 7);
  const accumulate = int(4, 8) != 0;
  if (batch <= 0 || m <= 0 || n <= 0) return;
  if (k < 0 || strideA < 0 || strideB < 0) abort();
  check(4, 0, <i64>batch * m * n);
  check(4, 1, <i64>(batch - 1) * strideA + <i64>m * k);
  check(4, 2, <i64>(batch - 1) * strideB + <i64>k * n);
  if (bias != 0) check(4, 3, n);
  const dtype = dtypeOf(0);
  if (dtypeOf(1) != dtype || dtypeOf(2) != dtype || (bias != 0 && dtypeOf(3) != dtype)) unsupported();
  const size = sizeOf(dtype);
  for (let b = 0; b < batch; b++) {
    switch (dtype) {
      case DType.float32:
        floatProduct(out, a, c, bias, m, n, k, transA, transB, accumulate);
        break;
      case DType.float64:
        anyProduct<f64>(out, a, c, bias, m, n, k, transA, transB, accumulate);
        break;
      case DType.int64:
        anyProduct<i64>(out, a, c, bias, m, n, k, transA, transB, accumulate);
        break;
      case DType.int32:
        anyProduct<i32>(out, a, c, bias, m, n, k, transA, transB, accumulate);
        break;
      case DType.int16:
        anyProduct<i16>(out, a, c, bias, m, n, k, transA, transB, accumulate);
        break;
      case DType.int8:
      case DType.uint8:
        anyProduct<i8>(out, a, c, bias, m, n, k, transA, transB, accumulate);
        break;
      default:
        unsupported();
    }
    out += <usize>(m * n * size);
    a += <usize>(strideA * size);
    c += <usize>(strideB * size);
  }
}
