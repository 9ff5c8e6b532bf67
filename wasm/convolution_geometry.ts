/** The sizes of a convolution, as the kernels' ints give them. */
import { int } from './descriptor';

/** Outputs of a group from which tiles of four of them pay. */
export const FEW: i32 = 3;

/** x [n, c, size], weight [o, c / groups, kernel], y [n, o, out]; output p sees p · stride - pad + k · dilation of x. */
export let n: i32 = 0;
export let c: i32 = 0;
export let o: i32 = 0;
export let groups: i32 = 0;
/** Input channels, and outputs, of a group. */
export let inputs: i32 = 0;
export let outputs: i32 = 0;
export let volume: i32 = 0;
export let outVolume: i32 = 0;
export let taps: i32 = 0;
/** Sizes, kernel, out, stride, pad, dilation: three words each. */
const GEOMETRY: usize = memory.data(18 * 4, 16);

// @ts-ignore: decorator
@inline
export function geometry(field: i32, d: i32): i32 {
  return load<i32>(GEOMETRY + (<usize>(3 * field + d) << 2));
}

export const enum Field {
  size,
  kernel,
  out,
  stride,
  pad,
  dilation,
}

/** Reads and checks the ints of a call with so many operands. */
export function begin(operands: i32): void {
  n = int(operands, 0);
  c = int(operands, 1);
  o = int(operands, 2);
  groups = int(operands, 3);
  if (n < 0 || c < 0 || o < 0 || groups <= 0 || c % groups != 0 || o % groups != 0) abort();
  for (let i = 0; i < 18; i++) store<i32>(GEOMETRY + (<usize>i << 2), int(operands, 4 + i));
  for (let d = 0; d < 3; d++) {
    if (geometry(Field.size, d) < 0 || geometry(Field.out, d) < 0 || geometry(Field.kernel, d) <= 0) abort();
    if (geometry(Field.stride, d) <= 0 || geometry(Field.dilation, d) <= 0) abort();
  }
  inputs = c / groups;
  outputs = o / groups;
  volume = product(Field.size);
  outVolume = product(Field.out);
  taps = product(Field.kernel);
}

/** Whether the convolution can be turned, and the turned one does not look far beyond the image. */
export function turnPays(): bool {
  for (let d = 0; d < 3; d++) if (geometry(Field.stride, d) != 1) return false;
  return <i64>4 * volume <= <i64>5 * outVolume;
}

function setGeometry(field: i32, d: i32, value: i32): void {
  store<i32>(GEOMETRY + (<usize>(3 * field + d) << 2), value);
}

/**
 * Turns a convolution of stride 1 into the one that gives the gradient of its input from that of its result, with the
 * taps the other way round.
 */
export function turn(): void {
  for (let d = 0; d < 3; d++) {
    const size = geometry(Field.size, d);
    setGeometry(Field.size, d, geometry(Field.out, d));
    setGeometry(Field.out, d, size);
    const reach = (geometry(Field.kernel, d) - 1) * geometry(Field.dilation, d);
    setGeometry(Field.pad, d, reach - geometry(Field.pad, d));
  }
  let old = c;
  c = o;
  o = old;
  old = inputs;
  inputs = outputs;
  outputs = old;
  old = volume;
  volume = outVolume;
  outVolume = old;
}

function product(field: i32): i32 {
  const all = <i64>geometry(field, 0) * geometry(field, 1) * geometry(field, 2);
  if (all > <i64>i32.MAX_VALUE) abort();
  return <i32>all;
}

/** The first output along d whose tap k lies inside. */
export function first(d: i32, k: i32): i32 {
  const start = geometry(Field.pad, d) - k * geometry(Field.dilation, d);
  const stride = geometry(Field.stride, d);
  return start > 0 ? (start + stride - 1) / stride : 0;
}

/** One past the last output along d whose tap k lies inside. */
export function last(d: i32, k: i32): i32 {
  const end = geometry(Field.size, d) - 1 + geometry(Field.pad, d) - k * geometry(Field.dilation, d);
  return end < 0 ? 0 : min(end / geometry(Field.stride, d) + 1, geometry(Field.out, d));
}
