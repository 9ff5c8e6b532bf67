/**
 * float32 convolutions by the tiles of the matrix product, without ever writing out what all windows see: forward,
 * weights · windows; towards the input, weightsᵀ · gradient, added to what the windows saw; towards the weight,
 * gradient · windowsᵀ.
 */
import { c, groups, inputs, n, o, outputs, outVolume, taps, volume } from './convolution_geometry';
import { addWindows, isRun, packTaps, packWindows, setTaps, setWindows } from './convolution_windows';
import { KC, MC, PACKED_A, PACKED_B, packA, packB, ROWS } from './gemm_pack';
import { edgeTile, fullTile, placeTile, TILE } from './gemm_tile';
import { pieces } from './sgemm';

/** Rows of PACKED_A times the eight columns in PACKED_B, as out[rows, columns], `step` bytes from row to row. */
function tiles(rows: i32, columns: i32, depth: i32, out: usize, step: usize, accumulate: bool): void {
  let panel = PACKED_A;
  for (let r = 0; r < rows; r += ROWS) {
    const height = min(ROWS, rows - r);
    if (columns == 8 && height == ROWS) {
      fullTile(panel, PACKED_B, depth, out, step, 0, accumulate);
    } else if (columns == 8) {
      edgeTile(height, true, panel, PACKED_B, depth, out, step, 0, accumulate);
    } else {
      edgeTile(height, true, panel, PACKED_B, depth, TILE, 32, 0, false);
      placeTile(height, columns, out, step, 0, accumulate);
    }
    panel += <usize>depth << 4;
    out += <usize>ROWS * step;
  }
}

/** The result's planes to begin with: the bias, or zeros. */
export function fillPlanes(y: usize, bias: usize): void {
  for (let i = 0; i < n * o; i++) {
    const value = bias != 0 ? load<f32>(bias + (<usize>(i % o) << 2)) : <f32>0;
    for (let p = 0; p < outVolume; p++, y += 4) store<f32>(y, value);
  }
}

/** Packs what packA does, of the weights of a turned convolution (see turn): rows from `first` on, columns from k on. */
function packTurned(weight: usize, group: i32, first: i32, rows: i32, k: i32, depth: i32): void {
  let to = PACKED_A;
  for (let r = 0; r < rows; r += ROWS) {
    const count = min(ROWS, rows - r);
    for (let q = k; q < k + depth; q++, to += 16) {
      const row = (group * inputs + q / taps) * outputs + first + r;
      let at = weight + (<usize>(row * taps + (taps - 1 - (q % taps))) << 2);
      v128.store(to, f32x4.splat(0));
      for (let j = 0; j < count; j++, at += <usize>taps << 2) store<f32>(to + (<usize>j << 2), load<f32>(at));
    }
  }
}

/** The convolution, or a turned one: the gradient of the input. */
export function tiledForward(y: usize, x: usize, weight: usize, bias: usize, turned: bool): void {
  if (bias != 0) fillPlanes(y, bias);
  const all = inputs * taps;
  const kc = pieces(all, KC, 4);
  const mc = pieces(outputs, MC, ROWS);
  if (all == 0 && bias == 0) memory.fill(y, 0, <usize>(n * o * outVolume) << 2);
  for (let group = 0; group < groups; group++) {
    for (let k = 0; k < all; k += kc) {
      const depth = min(kc, all - k);
      setTaps(k, depth);
      for (let i = 0; i < outputs; i += mc) {
        const rows = min(mc, outputs - i);
        const channel = group * outputs + i;
        if (turned) packTurned(weight, group, i, rows, k, depth);
        else packA(weight + (<usize>(channel * all + k) << 2), <usize>all << 2, rows, depth, false);
        for (let p = 0; p < outVolume; p += KC) {
          const count = min(KC, outVolume - p);
          setWindows(p, count);
          for (let image = 0; image < n; image++) {
            const from = x + (<usize>((image * c + group * inputs) * volume) << 2);
            const out = y + (<usize>((image * o + channel) * outVolume + p) << 2);
            for (let j = 0; j < count; j += 8) {
              const columns = min(8, count - j);
              packWindows(from, j, columns, depth);
              tiles(rows, columns, depth, out + (<usize>j << 2), <usize>outVolume << 2, bias != 0 || k > 0);
            }
          }
        }
      }
    }
  }
}

/** Up to eight columns of the gradient at `from`, through the packed weights, added to what their windows see. */
function spread(from: usize, image: usize, first: i32, columns: i32, rows: i32, depth: i32): void {
  const run = columns == 8 && isRun(first, 8);
  packB(from, <usize>outVolume << 2, columns, depth, false);
  let panel = PACKED_A;
  for (let r = 0; r < rows; r += ROWS) {
    const height = min(ROWS, rows - r);
    if (columns > 4) edgeTile(height, true, panel, PACKED_B, depth, TILE, 32, 0, false);
    else edgeTile(height, false, panel, PACKED_B, depth, TILE, 32, 0, false);
    addWindows(image, TILE, r, height, first, columns, run);
    panel += <usize>depth << 4;
  }
}

export function tiledBackwardInput(gradX: usize, grad: usize, weight: usize): void {
  memory.fill(gradX, 0, <usize>(n * c * volume) << 2);
  const all = inputs * taps;
  const kc = pieces(outputs, KC, 4);
  const mc = pieces(all, MC, ROWS);
  for (let group = 0; group < groups; group++) {
    for (let k = 0; k < outputs; k += kc) {
      const depth = min(kc, outputs - k);
      const channel = group * outputs + k;
      for (let i = 0; i < all; i += mc) {
        const rows = min(mc, all - i);
        setTaps(i, rows);
        packA(weight + (<usize>(channel * all + i) << 2), <usize>all << 2, rows, depth, true);
        for (let p = 0; p < outVolume; p += KC) {
          const count = min(KC, outVolume - p);
          setWindows(p, count);
          for (let image = 0; image < n; image++) {
            const from = grad + (<usize>((image * o + channel) * outVolume + p) << 2);
            const to = gradX + (<usize>((image * c + group * inputs) * volume) << 2);
            for (let j = 0; j < count; j += 8) spread(from + (<usize>j << 2), to, j, min(8, count - j), rows, depth);
          }
        }
      }
    }
  }
}

export function tiledBackwardWeight(gradW: usize, x: usize, grad: usize): void {
  const all = inputs * taps;
  const kc = pieces(outVolume, KC, 4);
  const mc = pieces(outputs, MC, ROWS);
  if (n == 0 || outVolume == 0) memory.fill(gradW, 0, <usize>(o * all) << 2);
  for (let group = 0; group < groups; group++) {
    for (let p = 0; p < outVolume; p += kc) {
      const depth = min(kc, outVolume - p);
      setWindows(p, depth);
      for (let image = 0; image < n; image++) {
        for (let i = 0; i < outputs; i += mc) {
          const rows = min(mc, outputs - i);
          const channel = group * outputs + i;
          const from = grad + (<usize>((image * o + channel) * outVolume + p) << 2);
          packA(from, <usize>outVolume << 2, rows, depth, false);
          for (let j = 0; j < all; j += 8) {
            const columns = min(8, all - j);
            setTaps(j, columns);
            packTaps(x + (<usize>((image * c + group * inputs) * volume) << 2), columns, depth);
            tiles(rows, columns, depth, gradW + (<usize>(channel * all + j) << 2), <usize>all << 2, p > 0 || image > 0);
          }
        }
      }
    }
  }
}
