/** Means of windows in up to three dimensions, and the way back. As native/averaging.cpp. */
import { check, DType, dtypeOf, int, lengthOf, unsupported } from './descriptor';
import { endTap, field, Field, firstTap, placeOf, product } from './pooling_window';

/** Four windows at a time of two elements side by side each, as far as they reach within the row; says how many. */
function averagePairs(out: usize, corner: usize, grad: usize, factors: usize, step: usize, slices: i32, rows: i32): i32 {
  const size = field(Field.size, 2);
  const places = field(Field.out, 2);
  const line = <usize>size << 2;
  const down = <usize>field(Field.dilation, 1) * line;
  const deep = <usize>(field(Field.dilation, 0) * field(Field.size, 1)) * line;
  let p = 0;
  for (; p + 4 <= places && 2 * p + 8 <= size; p += 4, corner += 32) {
    const own = <usize>p << 2;
    const factor = step == 0 ? v128.load32_splat(factors) : v128.load(factors + own);
    let low = f32x4.splat(0);
    let high = f32x4.splat(0);
    if (grad != 0) {
      const g = f32x4.mul(v128.load(grad + own), factor);
      low = v128.shuffle<f32>(g, g, 0, 0, 1, 1);
      high = v128.shuffle<f32>(g, g, 2, 2, 3, 3);
    }
    let slice = corner;
    for (let i = 0; i < slices; i++, slice += deep) {
      let row = slice;
      for (let j = 0; j < rows; j++, row += down) {
        if (grad == 0) {
          low = f32x4.add(low, v128.load(row));
          high = f32x4.add(high, v128.load(row, 16));
        } else {
          v128.store(row, f32x4.add(v128.load(row), low));
          v128.store(row, f32x4.add(v128.load(row, 16), high), 16);
        }
      }
    }
    if (grad == 0) {
      const sums = f32x4.add(v128.shuffle<f32>(low, high, 0, 2, 4, 6), v128.shuffle<f32>(low, high, 1, 3, 5, 7));
      v128.store(out + own, f32x4.mul(sums, factor));
    }
  }
  return p;
}

/**
 * The outputs of row (d, h): what each window of the plane x gives, or, where `grad` is not 0, what of that row of it is
 * added to the elements of the plane x.
 */
function averageRow<T>(out: usize, x: usize, grad: usize, factors: usize, step: usize, d: i32, h: i32): void {
  const d0 = firstTap(0, d);
  const d1 = endTap(0, d);
  const h0 = firstTap(1, h);
  const h1 = endTap(1, h);
  const dilation = field(Field.dilation, 2);
  const reach = (field(Field.kernel, 2) - 1) * dilation + 1;
  const size = field(Field.size, 2);
  const stride = field(Field.stride, 2);
  const places = field(Field.out, 2);
  const hop = <usize>dilation * sizeof<T>();
  const line = <usize>size * sizeof<T>();
  const down = <usize>field(Field.dilation, 1) * line;
  const deep = <usize>(field(Field.dilation, 0) * field(Field.size, 1)) * line;
  let start = -field(Field.pad, 2);
  // The place of tap (d0, h0, 0), which may stand before the row.
  const corner = x + <usize>(placeOf(d, h, 0, d0, h0) - start) * sizeof<T>();
  let done = 0;
  if (sizeof<T>() == 4 && reach == 2 && dilation == 1 && stride == 2 && start == 0)
    done = averagePairs(out, corner, grad, factors, step, d1 - d0, h1 - h0);
  start += done * stride;
  factors += <usize>done * step;
  for (let p = done; p < places; p++, start += stride, factors += step) {
    const first = start < 0 ? start + ((dilation - 1 - start) / dilation) * dilation : start;
    const left = <usize>first * sizeof<T>();
    const right = <usize>max(min(start + reach, size), first) * sizeof<T>();
    const own = <usize>p * sizeof<T>();
    let sum: T = <T>0;
    const g: T = grad == 0 ? <T>0 : load<T>(grad + own) * load<T>(factors);
    let slice = corner;
    for (let i = d0; i < d1; i++, slice += deep) {
      let row = slice;
      for (let j = h0; j < h1; j++, row += down) {
        const end = row + right;
        if (grad == 0) for (let at = row + left; at < end; at += hop) sum += load<T>(at);
        else for (let at = row + left; at < end; at += hop) store<T>(at, load<T>(at) + g);
      }
    }
    if (grad == 0) store<T>(out + own, sum * load<T>(factors));
  }
}

function averagePlanes<T>(out: usize, given: usize, factors: usize, backward: bool): void {
  const planes = int(3, Field.planes);
  const volume = <usize>product(Field.size) * sizeof<T>();
  const row = <usize>field(Field.out, 2) * sizeof<T>();
  const outVolume = <usize>product(Field.out) * sizeof<T>();
  const step: usize = lengthOf(3, 2) == 1 ? 0 : sizeof<T>();
  for (let plane: usize = 0; plane < <usize>planes; plane++) {
    const ofPlane = backward ? out + plane * volume : out + plane * outVolume;
    if (backward) memory.fill(ofPlane, 0, volume);
    let at: usize = 0;
    for (let d = 0; d < field(Field.out, 0); d++) {
      for (let h = 0; h < field(Field.out, 1); h++, at += row) {
        const factor = step == 0 ? factors : factors + at;
        if (backward) averageRow<T>(0, ofPlane, given + plane * outVolume + at, factor, step, d, h);
        else averageRow<T>(ofPlane + at, given + plane * volume, 0, factor, step, d, h);
      }
    }
  }
}

function average(out: usize, given: usize, factors: usize, backward: bool): void {
  const planes = int(3, Field.planes);
  if (planes < 0) abort();
  for (let d = 0; d < 3; d++) {
    if (field(Field.size, d) < 0 || field(Field.out, d) < 0 || field(Field.kernel, d) <= 0) abort();
    if (field(Field.stride, d) <= 0 || field(Field.dilation, d) <= 0) abort();
  }
  check(3, 0, <i64>planes * product(backward ? Field.size : Field.out));
  check(3, 1, <i64>planes * product(backward ? Field.out : Field.size));
  if (lengthOf(3, 2) != 1) check(3, 2, product(Field.out));
  for (let i = 1; i < 3; i++) if (dtypeOf(i) != dtypeOf(0)) unsupported();
  if (dtypeOf(0) == DType.float32) averagePlanes<f32>(out, given, factors, backward);
  else if (dtypeOf(0) == DType.float64) averagePlanes<f64>(out, given, factors, backward);
  else unsupported();
}

export function averagePool(out: usize, x: usize, factors: usize): void {
  average(out, x, factors, false);
}

export function averagePoolBackward(out: usize, grad: usize, factors: usize): void {
  average(out, grad, factors, true);
}
