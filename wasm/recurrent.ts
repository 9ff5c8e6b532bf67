/** Steps of recurrent cells, and their gradients. As native/recurrent.cpp. */
import { check, DType, dtypeOf, int, unsupported } from './descriptor';
import { getPart, minus, plus, putPart, splat, times, width } from './lanes';
import { sigmoid, tanh } from './vector_math';

// @ts-ignore: decorator
@inline
function sigmoidOf<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? sigmoid(x) : f64x2.splat(1 / (1 + NativeMath.exp(-f64x2.extract_lane(x, 0))));
}

// @ts-ignore: decorator
@inline
function tanhOf<T>(x: v128): v128 {
  return sizeof<T>() == 4 ? tanh(x) : f64x2.splat(NativeMath.tanh(f64x2.extract_lane(x, 0)));
}

/** x (1 - x), the derivative of a sigmoid by its value, times grad. */
// @ts-ignore: decorator
@inline
function throughSigmoid<T>(grad: v128, y: v128): v128 {
  return times<T>(times<T>(grad, minus<T>(splat<T>(<T>1), y)), y);
}

// @ts-ignore: decorator
@inline
function throughTanh<T>(grad: v128, y: v128): v128 {
  return times<T>(grad, minus<T>(splat<T>(<T>1), times<T>(y, y)));
}

let rows: i32 = 0;
let size: i32 = 0;

/** Reads the sizes of a call; the digits of `gates` say how many values a state each operand holds, 0 if it is absent. */
function readSizes(k: i32, gates: i32): void {
  rows = int(k, 0);
  size = int(k, 1);
  if (rows < 0 || size < 0) abort();
  for (let i = k - 1; i >= 0; i--) {
    const count = gates % 10;
    gates /= 10;
    if (count == 0) continue;
    if (dtypeOf(i) != dtypeOf(0)) unsupported();
    check(k, i, <i64>rows * size * count);
  }
}

/** Where gate g of `gates` in a row begins. */
// @ts-ignore: decorator
@inline
function place<T>(from: usize, row: i32, gates: i32, g: i32): usize {
  return from + ((<usize>row * gates + g) * size) * sizeof<T>();
}

/** A gate's sum. */
// @ts-ignore: decorator
@inline
function sum<T>(x: usize, hidden: usize, at: usize, g: i32, count: i32): v128 {
  const there = at + <usize>g * size * sizeof<T>();
  return plus<T>(getPart<T>(x + there, count), getPart<T>(hidden + there, count));
}

function lstmRow<T>(row: i32, h: usize, next: usize, x: usize, hidden: usize, c: usize): void {
  for (let i = 0; i < size; i += width<T>()) {
    const count = size - i;
    const own = place<T>(0, row, 1, 0) + <usize>i * sizeof<T>();
    const at = place<T>(0, row, 4, 0) + <usize>i * sizeof<T>();
    const input = sigmoidOf<T>(sum<T>(x, hidden, at, 0, count));
    const forget = sigmoidOf<T>(sum<T>(x, hidden, at, 1, count));
    const cell = tanhOf<T>(sum<T>(x, hidden, at, 2, count));
    const output = sigmoidOf<T>(sum<T>(x, hidden, at, 3, count));
    const after = plus<T>(times<T>(forget, getPart<T>(c + own, count)), times<T>(input, cell));
    putPart<T>(next + own, after, count);
    putPart<T>(h + own, times<T>(output, tanhOf<T>(after)), count);
  }
}

function lstmBackwardRow<T>(
  row: i32,
  out: usize,
  cGradient: usize,
  hGrad: usize,
  cGrad: usize,
  x: usize,
  hidden: usize,
  c: usize,
): void {
  const step = <usize>size * sizeof<T>();
  for (let i = 0; i < size; i += width<T>()) {
    const count = size - i;
    const own = place<T>(0, row, 1, 0) + <usize>i * sizeof<T>();
    const at = place<T>(0, row, 4, 0) + <usize>i * sizeof<T>();
    const input = sigmoidOf<T>(sum<T>(x, hidden, at, 0, count));
    const forget = sigmoidOf<T>(sum<T>(x, hidden, at, 1, count));
    const cell = tanhOf<T>(sum<T>(x, hidden, at, 2, count));
    const output = sigmoidOf<T>(sum<T>(x, hidden, at, 3, count));
    const before = getPart<T>(c + own, count);
    const shown = tanhOf<T>(plus<T>(times<T>(forget, before), times<T>(input, cell)));
    const grad = hGrad == 0 ? splat<T>(<T>0) : getPart<T>(hGrad + own, count);
    const later = cGrad == 0 ? splat<T>(<T>0) : getPart<T>(cGrad + own, count);
    const ofCell = plus<T>(later, throughTanh<T>(times<T>(grad, output), shown));
    putPart<T>(out + at, throughSigmoid<T>(times<T>(ofCell, cell), input), count);
    putPart<T>(out + at + step, throughSigmoid<T>(times<T>(ofCell, before), forget), count);
    putPart<T>(out + at + 2 * step, throughTanh<T>(times<T>(ofCell, input), cell), count);
    putPart<T>(out + at + 3 * step, throughSigmoid<T>(times<T>(grad, shown), output), count);
    putPart<T>(cGradient + own, times<T>(ofCell, forget), count);
  }
}

function gruRow<T>(row: i32, out: usize, x: usize, hidden: usize, h: usize): void {
  const step = <usize>size * sizeof<T>();
  for (let i = 0; i < size; i += width<T>()) {
    const count = size - i;
    const own = place<T>(0, row, 1, 0) + <usize>i * sizeof<T>();
    const at = place<T>(0, row, 3, 0) + <usize>i * sizeof<T>();
    const reset = sigmoidOf<T>(sum<T>(x, hidden, at, 0, count));
    const update = sigmoidOf<T>(sum<T>(x, hidden, at, 1, count));
    const inner = times<T>(reset, getPart<T>(hidden + at + 2 * step, count));
    const fresh = tanhOf<T>(plus<T>(getPart<T>(x + at + 2 * step, count), inner));
    const kept = times<T>(minus<T>(getPart<T>(h + own, count), fresh), update);
    putPart<T>(out + own, plus<T>(kept, fresh), count);
  }
}

function gruBackwardRow<T>(
  row: i32,
  ofX: usize,
  ofHidden: usize,
  ofH: usize,
  grads: usize,
  x: usize,
  hidden: usize,
  h: usize,
): void {
  const step = <usize>size * sizeof<T>();
  for (let i = 0; i < size; i += width<T>()) {
    const count = size - i;
    const own = place<T>(0, row, 1, 0) + <usize>i * sizeof<T>();
    const at = place<T>(0, row, 3, 0) + <usize>i * sizeof<T>();
    const reset = sigmoidOf<T>(sum<T>(x, hidden, at, 0, count));
    const update = sigmoidOf<T>(sum<T>(x, hidden, at, 1, count));
    const inner = getPart<T>(hidden + at + 2 * step, count);
    const fresh = tanhOf<T>(plus<T>(getPart<T>(x + at + 2 * step, count), times<T>(reset, inner)));
    const grad = getPart<T>(grads + own, count);
    const ofFresh = throughTanh<T>(minus<T>(grad, times<T>(grad, update)), fresh);
    const ofReset = throughSigmoid<T>(times<T>(ofFresh, inner), reset);
    const ofUpdate = throughSigmoid<T>(times<T>(grad, minus<T>(getPart<T>(h + own, count), fresh)), update);
    putPart<T>(ofX + at, ofReset, count);
    putPart<T>(ofX + at + step, ofUpdate, count);
    putPart<T>(ofX + at + 2 * step, ofFresh, count);
    putPart<T>(ofHidden + at, ofReset, count);
    putPart<T>(ofHidden + at + step, ofUpdate, count);
    putPart<T>(ofHidden + at + 2 * step, times<T>(ofFresh, reset), count);
    putPart<T>(ofH + own, times<T>(grad, update), count);
  }
}

export function lstmCell(h: usize, next: usize, x: usize, hidden: usize, c: usize): void {
  readSizes(5, 11441);
  const dtype = dtypeOf(0);
  for (let row = 0; row < rows; row++) {
    if (dtype == DType.float32) lstmRow<f32>(row, h, next, x, hidden, c);
    else if (dtype == DType.float64) lstmRow<f64>(row, h, next, x, hidden, c);
    else unsupported();
  }
}

export function lstmCellBackward(
  out: usize,
  cGradient: usize,
  hGrad: usize,
  cGrad: usize,
  x: usize,
  hidden: usize,
  c: usize,
): void {
  readSizes(7, 4100441 + (hGrad == 0 ? 0 : 10000) + (cGrad == 0 ? 0 : 1000));
  const dtype = dtypeOf(0);
  for (let row = 0; row < rows; row++) {
    if (dtype == DType.float32) lstmBackwardRow<f32>(row, out, cGradient, hGrad, cGrad, x, hidden, c);
    else if (dtype == DType.float64) lstmBackwardRow<f64>(row, out, cGradient, hGrad, cGrad, x, hidden, c);
    else unsupported();
  }
}

export function gruCell(out: usize, x: usize, hidden: usize, h: usize): void {
  readSizes(4, 1331);
  const dtype = dtypeOf(0);
  for (let row = 0; row < rows; row++) {
    if (dtype == DType.float32) gruRow<f32>(row, out, x, hidden, h);
    else if (dtype == DType.float64) gruRow<f64>(row, out, x, hidden, h);
    else unsupported();
  }
}

export function gruCellBackward(
  ofX: usize,
  ofHidden: usize,
  ofH: usize,
  grads: usize,
  x: usize,
  hidden: usize,
  h: usize,
): void {
  readSizes(7, 3311331);
  const dtype = dtypeOf(0);
  for (let row = 0; row < rows; row++) {
    if (dtype == DType.float32) gruBackwardRow<f32>(row, ofX, ofHidden, ofH, grads, x, hidden, h);
    else if (dtype == DType.float64) gruBackwardRow<f64>(row, ofX, ofHidden, ofH, grads, x, hidden, h);
    else unsupported();
  }
}
