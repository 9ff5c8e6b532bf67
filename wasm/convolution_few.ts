/**
 * float32 convolutions with one or two outputs of a group, depthwise ones above all, and their gradients: vectors of
 * results that follow one another in a row, over a band of the image (convolution_band.ts). Each function returns false
 * where there is no room for a band.
 */
import { addBand, band, base, clearBand, cut, isWhole, listTaps, loadBand } from './convolution_band';
import { row, setBand, slice, STEPS, together } from './convolution_band';
import { c, Field, geometry, groups, inputs, n, o, outputs, outVolume, taps, volume } from './convolution_geometry';
import { fillPlanes } from './convolution_tiles';
import { KC } from './gemm_pack';
import { getPart, putPart, sumOf } from './lanes';
import { multiplyAdd } from './vector';

/** The weights of the listed taps, of one result. */
const WEIGHTS: usize = memory.data(256 * 4, 16);
/** All bits of the first 0 to 3 lanes. */
const MASKS: usize = memory.data<u32>([0, 0, 0, 0, -1, 0, 0, 0, -1, -1, 0, 0, -1, -1, -1, 0]);

/** Weights [from, from + count) of result `result`, of a group's inputs; of a turned convolution, turned. */
function listWeights(weight: usize, result: i32, from: i32, count: i32, turned: bool): void {
  if (!turned) {
    memory.copy(WEIGHTS, weight + (<usize>(result * inputs * taps + from) << 2), <usize>count << 2);
    return;
  }
  for (let i = 0; i < count; i++) {
    const q = from + i;
    const line = ((result / outputs) * inputs + q / taps) * outputs + (result % outputs);
    const at = weight + (<usize>(line * taps + taps - 1 - (q % taps)) << 2);
    store<f32>(WEIGHTS + (<usize>i << 2), load<f32>(at));
  }
}

/** The rows of a band's results, one after the other: where their windows begin, and where they are. */
let lineDepth: i32 = 0;
let lineHigh: i32 = 0;
let lineStart: i32 = 0;
let lineWidth: i32 = 0;
let lineCount: i32 = 0;

function setLines(start: i32, count: i32): void {
  if (isWhole) {
    lineDepth = lineHigh = lineCount = 1;
    lineStart = 0;
    lineWidth = outVolume;
    return;
  }
  lineDepth = cut == 0 ? count : geometry(Field.out, 0);
  lineHigh = cut == 1 ? count : geometry(Field.out, 1);
  lineWidth = cut == 2 ? count : geometry(Field.out, 2);
  const width = geometry(Field.out, 2);
  lineStart = start * (cut == 0 ? geometry(Field.out, 1) * width : cut == 1 ? width : 1);
  lineCount = lineDepth * lineHigh;
}

// @ts-ignore: decorator
@inline
function windowOf(line: i32): usize {
  const d = line / lineHigh;
  const h = line - d * lineHigh;
  return base + (<usize>(d * geometry(Field.stride, 0) * slice + h * geometry(Field.stride, 1) * row) << 2);
}

/** Of up to four vectors of results where their windows begin, where they are, and how many lanes they have. */
const QUEUE: usize = memory.data(4 * 12, 16);
/** Stands in for vectors that are not there. */
const NOWHERE: usize = memory.data(16, 16);

/** Whether results begin with `bias`, instead of what is there. */
let isFirst: bool = false;
let bias: f32 = 0;

// @ts-ignore: decorator
@inline
function begin(y: usize, lanes: i32): v128 {
  return isFirst ? f32x4.splat(bias) : getPart<f32>(y, lanes);
}

/** Adds what `count` taps see to the four vectors of results in the queue. */
function flush(count: i32): void {
  const p0 = <usize>load<u32>(QUEUE);
  const p1 = <usize>load<u32>(QUEUE, 12);
  const p2 = <usize>load<u32>(QUEUE, 24);
  const p3 = <usize>load<u32>(QUEUE, 36);
  const y0 = <usize>load<u32>(QUEUE, 4);
  const y1 = <usize>load<u32>(QUEUE, 16);
  const y2 = <usize>load<u32>(QUEUE, 28);
  const y3 = <usize>load<u32>(QUEUE, 40);
  let s0 = begin(y0, load<i32>(QUEUE, 8));
  let s1 = begin(y1, load<i32>(QUEUE, 20));
  let s2 = begin(y2, load<i32>(QUEUE, 32));
  let s3 = begin(y3, load<i32>(QUEUE, 44));
  for (let t: usize = 0, end = <usize>count << 2; t < end; t += 4) {
    const step = <usize>load<u32>(STEPS + t);
    const factor = v128.load32_splat(WEIGHTS + t);
    s0 = multiplyAdd(factor, v128.load(p0 + step), s0);
    s1 = multiplyAdd(factor, v128.load(p1 + step), s1);
    s2 = multiplyAdd(factor, v128.load(p2 + step), s2);
    s3 = multiplyAdd(factor, v128.load(p3 + step), s3);
  }
  putPart<f32>(y0, s0, load<i32>(QUEUE, 8));
  putPart<f32>(y1, s1, load<i32>(QUEUE, 20));
  putPart<f32>(y2, s2, load<i32>(QUEUE, 32));
  putPart<f32>(y3, s3, load<i32>(QUEUE, 44));
}

/** The same for sixteen results in a row. */
function sixteen(y: usize, from: usize, count: i32): void {
  let s0 = begin(y, 4);
  let s1 = begin(y + 16, 4);
  let s2 = begin(y + 32, 4);
  let s3 = begin(y + 48, 4);
  for (let t: usize = 0, end = <usize>count << 2; t < end; t += 4) {
    const at = from + <usize>load<u32>(STEPS + t);
    const factor = v128.load32_splat(WEIGHTS + t);
    s0 = multiplyAdd(factor, v128.load(at), s0);
    s1 = multiplyAdd(factor, v128.load(at, 16), s1);
    s2 = multiplyAdd(factor, v128.load(at, 32), s2);
    s3 = multiplyAdd(factor, v128.load(at, 48), s3);
  }
  v128.store(y, s0);
  v128.store(y, s1, 16);
  v128.store(y, s2, 32);
  v128.store(y, s3, 48);
}

/** Adds what `count` taps see to the band's results of the plane y. */
function gather(y: usize, count: i32): void {
  let slot = QUEUE;
  let to = y + (<usize>lineStart << 2);
  for (let line = 0; line < lineCount; line++) {
    const from = windowOf(line);
    let i = 0;
    for (; i + 16 <= lineWidth; i += 16) sixteen(to + (<usize>i << 2), from + (<usize>i << 2), count);
    for (; i < lineWidth; i += 4, slot += 12) {
      if (slot == QUEUE + 48) {
        flush(count);
        slot = QUEUE;
      }
      store<u32>(slot, <u32>from + (i << 2));
      store<u32>(slot, <u32>to + (i << 2), 4);
      store<i32>(slot, min(4, lineWidth - i), 8);
    }
    to += <usize>lineWidth << 2;
  }
  if (slot == QUEUE) return;
  for (; slot < QUEUE + 48; slot += 12) {
    store<u32>(slot, <u32>base);
    store<u32>(slot, <u32>NOWHERE, 4);
    store<i32>(slot, 4, 8);
  }
  flush(count);
}

/** The convolution, or a turned one: the gradient of the input. */
export function fewForward(y: usize, x: usize, weight: usize, biases: usize, turned: bool): bool {
  if (n * o * outVolume == 0) return true;
  if (!setBand(inputs)) return false;
  if (inputs == 0) fillPlanes(y, biases);
  for (let unit = 0; unit < n * groups; unit++) {
    const group = unit % groups;
    for (let start = 0, length = geometry(Field.out, cut); start < length; start += band) {
      setLines(start, min(band, length - start));
      for (let channel = 0; channel < inputs; channel += together) {
        const channels = min(together, inputs - channel);
        loadBand(x + (<usize>((unit * inputs + channel) * volume) << 2), channels, start);
        for (let t = 0; t < channels * taps; t += KC) {
          const count = min(KC, channels * taps - t);
          listTaps(t, min(KC, together * taps - t));
          for (let r = 0; r < outputs; r++) {
            const result = group * outputs + r;
            listWeights(weight, result, channel * taps + t, count, turned);
            isFirst = channel == 0 && t == 0;
            bias = biases == 0 ? <f32>0 : load<f32>(biases + (<usize>result << 2));
            gather(y + (<usize>((unit * outputs + r) * outVolume) << 2), count);
          }
        }
      }
    }
  }
  return true;
}

/** Adds to the band, `step` bytes from each window's first place, what tap number `factor` gives of the plane `grad`. */
function spread(grad: usize, step: usize, factor: f32): void {
  const by = f32x4.splat(factor);
  let from = grad + (<usize>lineStart << 2);
  for (let line = 0; line < lineCount; line++) {
    let to = windowOf(line) + step;
    const end = from + (<usize>lineWidth << 2);
    for (; from + 16 <= end; from += 16, to += 16) v128.store(to, multiplyAdd(by, v128.load(from), v128.load(to)));
    for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(to) + factor * load<f32>(from));
  }
}

/** The gradient of the input, with any strides. */
export function fewBackwardInput(gradX: usize, grad: usize, weight: usize): bool {
  memory.fill(gradX, 0, <usize>(n * c * volume) << 2);
  if (n * o * outVolume == 0) return true;
  if (!setBand(inputs)) return false;
  for (let unit = 0; unit < n * groups; unit++) {
    const group = unit % groups;
    for (let start = 0, length = geometry(Field.out, cut); start < length; start += band) {
      setLines(start, min(band, length - start));
      for (let channel = 0; channel < inputs; channel += together) {
        const channels = min(together, inputs - channel);
        clearBand(gradX + (<usize>((unit * inputs + channel) * volume) << 2), channels);
        for (let t = 0; t < channels * taps; t += KC) {
          const count = min(KC, channels * taps - t);
          listTaps(t, min(KC, together * taps - t));
          for (let r = 0; r < outputs; r++) {
            listWeights(weight, group * outputs + r, channel * taps + t, count, false);
            const from = grad + (<usize>((unit * outputs + r) * outVolume) << 2);
            for (let i = 0; i < count; i++) {
              spread(from, <usize>load<u32>(STEPS + (<usize>i << 2)), load<f32>(WEIGHTS + (<usize>i << 2)));
            }
          }
        }
        addBand(gradX + (<usize>((unit * inputs + channel) * volume) << 2), channels, start);
      }
    }
  }
  return true;
}

/** Adds to five weights' gradients, of which `count` are there, the band's sums with the plane `grad`. */
function dots(to: usize, steps: usize, count: i32, grad: usize): void {
  const t0 = <usize>load<u32>(steps);
  const t1 = count > 1 ? <usize>load<u32>(steps, 4) : t0;
  const t2 = count > 2 ? <usize>load<u32>(steps, 8) : t0;
  const t3 = count > 3 ? <usize>load<u32>(steps, 12) : t0;
  const t4 = count > 4 ? <usize>load<u32>(steps, 16) : t0;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let g = grad + (<usize>lineStart << 2);
  for (let line = 0; line < lineCount; line++) {
    let from = windowOf(line);
    let i = lineWidth;
    for (; i >= 4; i -= 4, g += 16, from += 16) {
      const by = v128.load(g);
      s0 = multiplyAdd(by, v128.load(from + t0), s0);
      s1 = multiplyAdd(by, v128.load(from + t1), s1);
      s2 = multiplyAdd(by, v128.load(from + t2), s2);
      s3 = multiplyAdd(by, v128.load(from + t3), s3);
      s4 = multiplyAdd(by, v128.load(from + t4), s4);
    }
    if (i > 0) {
      // What lies behind the row may be no number.
      const mask = v128.load(MASKS + (<usize>i << 4));
      const by = getPart<f32>(g, i);
      s0 = multiplyAdd(by, v128.and(v128.load(from + t0), mask), s0);
      s1 = multiplyAdd(by, v128.and(v128.load(from + t1), mask), s1);
      s2 = multiplyAdd(by, v128.and(v128.load(from + t2), mask), s2);
      s3 = multiplyAdd(by, v128.and(v128.load(from + t3), mask), s3);
      s4 = multiplyAdd(by, v128.and(v128.load(from + t4), mask), s4);
      g += <usize>i << 2;
    }
  }
  store<f32>(to, load<f32>(to) + sumOf<f32>(s0));
  if (count > 1) store<f32>(to, load<f32>(to, 4) + sumOf<f32>(s1), 4);
  if (count > 2) store<f32>(to, load<f32>(to, 8) + sumOf<f32>(s2), 8);
  if (count > 3) store<f32>(to, load<f32>(to, 12) + sumOf<f32>(s3), 12);
  if (count > 4) store<f32>(to, load<f32>(to, 16) + sumOf<f32>(s4), 16);
}

/** The gradient of the weight. */
export function fewBackwardWeight(gradW: usize, x: usize, grad: usize): bool {
  memory.fill(gradW, 0, <usize>(o * inputs * taps) << 2);
  if (n * o * outVolume == 0) return true;
  if (!setBand(inputs)) return false;
  for (let unit = 0; unit < n * groups; unit++) {
    const group = unit % groups;
    for (let start = 0, length = geometry(Field.out, cut); start < length; start += band) {
      setLines(start, min(band, length - start));
      for (let channel = 0; channel < inputs; channel += together) {
        const channels = min(together, inputs - channel);
        loadBand(x + (<usize>((unit * inputs + channel) * volume) << 2), channels, start);
        for (let t = 0; t < channels * taps; t += KC) {
          const count = min(KC, channels * taps - t);
          listTaps(t, min(KC, together * taps - t));
          for (let r = 0; r < outputs; r++) {
            const to = gradW + (<usize>(((group * outputs + r) * inputs + channel) * taps + t) << 2);
            const from = grad + (<usize>((unit * outputs + r) * outVolume) << 2);
            for (let i = 0; i < count; i += 5) {
              dots(to + (<usize>i << 2), STEPS + (<usize>i << 2), min(5, count - i), from);
            }
          }
        }
      }
    }
  }
  return true;
}
