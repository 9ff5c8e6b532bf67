/** How a pooling window moves: the ints of a dense call with 3 operands. */
import { int } from './descriptor';

/** Words of a dense call with 3 operands. */
export const enum Field {
  planes = 0,
  size = 1,
  kernel = 4,
  out = 7,
  stride = 10,
  pad = 13,
  dilation = 16,
}

// @ts-ignore: decorator
@inline
export function field(at: i32, d: i32): i32 {
  return int(3, at + d);
}

export function product(at: i32): i64 {
  return <i64>field(at, 0) * field(at, 1) * field(at, 2);
}

/** The first tap of output p along d that lies inside. */
export function firstTap(d: i32, p: i32): i32 {
  const start = p * field(Field.stride, d) - field(Field.pad, d);
  const dilation = field(Field.dilation, d);
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** One past the last tap of output p along d that lies inside. */
export function endTap(d: i32, p: i32): i32 {
  const room = field(Field.size, d) - p * field(Field.stride, d) + field(Field.pad, d);
  return room <= 0 ? 0 : min((room - 1) / field(Field.dilation, d) + 1, field(Field.kernel, d));
}

/** Where output p of row (d, h) looks with its tap (i, j, 0): an index into the plane. */
// @ts-ignore: decorator
@inline
export function placeOf(d: i32, h: i32, p: i32, i: i32, j: i32): i32 {
  const inD = d * field(Field.stride, 0) - field(Field.pad, 0) + i * field(Field.dilation, 0);
  const inH = h * field(Field.stride, 1) - field(Field.pad, 1) + j * field(Field.dilation, 1);
  return (inD * field(Field.size, 1) + inH) * field(Field.size, 2) + p * field(Field.stride, 2) - field(Field.pad, 2);
}
