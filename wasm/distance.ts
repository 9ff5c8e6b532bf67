/** Distances of all rows of one matrix from all of another, and the way back. As native/distance.cpp. */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { getPart, minus, plus, putPart, splat, sumOf, times, width as lanes } from './lanes';

let batch: i32 = 0;
let rows: i32 = 0;
let columns: i32 = 0;
let width: i32 = 0;

function readSizes(k: i32): void {
  batch = int(k, 0);
  rows = int(k, 1);
  columns = int(k, 2);
  width = int(k, 3);
  if (batch < 0 || rows < 0 || columns < 0 || width < 0) abort();
  for (let i = 1; i < k; i++) if (dtypeOf(i) != dtypeOf(0)) unsupported();
}

/** Whether operand i holds a matrix a batch. */
function fits(k: i32, i: i32, a: i32, b: i32): void {
  if (<f64>batch * <f64>a * <f64>b > 4294967296) abort();
  check(k, i, <i64>batch * a * b);
}

function distance<T>(x: usize, y: usize): T {
  let sum = splat<T>(<T>0);
  for (let k = 0; k < width; k += lanes<T>()) {
    const at = <usize>k * sizeof<T>();
    const d = minus<T>(getPart<T>(x + at, width - k), getPart<T>(y + at, width - k));
    sum = plus<T>(sum, times<T>(d, d));
  }
  return <T>sqrt<T>(sumOf<T>(sum));
}

function distancesOf<T>(out: usize, x: usize, y: usize): void {
  const step = <usize>width * sizeof<T>();
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        store<T>(out, distance<T>(x, y + <usize>j * step));
        out += sizeof<T>();
      }
      x += step;
    }
    y += <usize>columns * step;
  }
}

/** out = Σ factor[j] (x - y[j]) over j. */
function pull<T>(out: usize, factor: usize, x: usize, y: usize): void {
  const step = <usize>width * sizeof<T>();
  for (let k = 0; k < width; k += lanes<T>()) {
    const at = <usize>k * sizeof<T>();
    const own = getPart<T>(x + at, width - k);
    let sum = splat<T>(<T>0);
    for (let j = 0; j < columns; j++) {
      const d = minus<T>(own, getPart<T>(y + at + <usize>j * step, width - k));
      sum = plus<T>(sum, times<T>(splat<T>(load<T>(factor + <usize>j * sizeof<T>())), d));
    }
    putPart<T>(out + at, sum, width - k);
  }
}

function pullsOf<T>(out: usize, factor: usize, x: usize, y: usize): void {
  const step = <usize>width * sizeof<T>();
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      pull<T>(out, factor, x, y);
      out += step;
      x += step;
      factor += <usize>columns * sizeof<T>();
    }
    y += <usize>columns * step;
  }
}

export function distances(out: usize, x: usize, y: usize): void {
  readSizes(3);
  fits(3, 0, rows, columns);
  fits(3, 1, rows, width);
  fits(3, 2, columns, width);
  if (dtypeOf(0) == DType.float32) distancesOf<f32>(out, x, y);
  else if (dtypeOf(0) == DType.float64) distancesOf<f64>(out, x, y);
  else unsupported();
}

export function distancesBackward(out: usize, factor: usize, x: usize, y: usize): void {
  readSizes(4);
  fits(4, 0, rows, width);
  fits(4, 1, rows, columns);
  fits(4, 2, rows, width);
  fits(4, 3, columns, width);
  if (dtypeOf(0) == DType.float32) pullsOf<f32>(out, factor, x, y);
  else if (dtypeOf(0) == DType.float64) pullsOf<f64>(out, factor, x, y);
  else unsupported();
}
