/** Max pooling in up to three dimensions and the way back through its indices. */
import { check, DType, dtypeOf, int, Problem, report } from './descriptor';

/** Words of a dense call with 3 operands. */
const enum Field {
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
function field(at: i32, d: i32): i32 {
  return int(3, at + d);
}

function product(at: i32): i64 {
  return <i64>field(at, 0) * field(at, 1) * field(at, 2);
}

/** The first tap of output p along d that lies inside. */
function firstTap(d: i32, p: i32): i32 {
  const start = p * field(Field.stride, d) - field(Field.pad, d);
  const dilation = field(Field.dilation, d);
  return start < 0 ? (dilation - 1 - start) / dilation : 0;
}

/** One past the last tap of output p along d that lies inside. */
function endTap(d: i32, p: i32): i32 {
  const room = field(Field.size, d) - p * field(Field.stride, d) + field(Field.pad, d);
  return room <= 0 ? 0 : min((room - 1) / field(Field.dilation, d) + 1, field(Field.kernel, d));
}

function maxPlane<T>(out: usize, indices: usize, x: usize): void {
  const height = field(Field.size, 1);
  const width = field(Field.size, 2);
  for (let d = 0; d < field(Field.out, 0); d++) {
    const d0 = firstTap(0, d);
    const d1 = endTap(0, d);
    for (let h = 0; h < field(Field.out, 1); h++) {
      const h0 = firstTap(1, h);
      const h1 = endTap(1, h);
      for (let p = 0; p < field(Field.out, 2); p++) {
        const w0 = firstTap(2, p);
        const w1 = endTap(2, p);
        let most: T = <T>0;
        let index = -1;
        for (let i = d0; i < d1; i++) {
          const inD = d * field(Field.stride, 0) - field(Field.pad, 0) + i * field(Field.dilation, 0);
          for (let j = h0; j < h1; j++) {
            const inH = h * field(Field.stride, 1) - field(Field.pad, 1) + j * field(Field.dilation, 1);
            const row = (inD * height + inH) * width + p * field(Field.stride, 2) - field(Field.pad, 2);
            for (let k = w0; k < w1; k++) {
              const at = row + k * field(Field.dilation, 2);
              const value = load<T>(x + <usize>at * sizeof<T>());
              // a NaN wins, and the last of several; of equal values the first
              if (index < 0 || value > most || value != value) {
                most = value;
                index = at;
              }
            }
          }
        }
        store<T>(out, most);
        store<i64>(indices, index);
        out += sizeof<T>();
        indices += 8;
      }
    }
  }
}

function maxPlanes<T>(out: usize, indices: usize, x: usize): void {
  const count = <usize>product(Field.out);
  const volume = <usize>product(Field.size);
  for (let i = 0; i < int(3, Field.planes); i++) {
    maxPlane<T>(out, indices, x);
    out += count * sizeof<T>();
    indices += count << 3;
    x += volume * sizeof<T>();
  }
}

export function maxPool(out: usize, indices: usize, x: usize): void {
  const planes = int(3, Field.planes);
  if (planes < 0) abort();
  for (let d = 0; d < 3; d++) {
    if (field(Field.size, d) < 0 || field(Field.out, d) < 0 || field(Field.kernel, d) <= 0) abort();
    if (field(Field.stride, d) <= 0 || field(Field.dilation, d) <= 0) abort();
  }
  check(3, 0, <i64>planes * product(Field.out));
  check(3, 1, <i64>planes * product(Field.out));
  check(3, 2, <i64>planes * product(Field.size));
  switch (dtypeOf(0)) {
    case DType.float32:
      return maxPlanes<f32>(out, indices, x);
    case DType.float64:
      return maxPlanes<f64>(out, indices, x);
    default:
      return maxPlanes<i64>(out, indices, x);
  }
}

function scatter<T>(out: usize, grad: usize, indices: usize, planes: i32, volume: i32, count: i32): void {
  memory.fill(out, 0, <usize>(planes * volume) * sizeof<T>());
  for (let plane = 0; plane < planes; plane++) {
    for (let j = 0; j < count; j++) {
      const index = load<i64>(indices);
      if (index < 0 || index >= <i64>volume) report(Problem.badIndex, index, volume);
      else {
        const at = out + <usize>index * sizeof<T>();
        store<T>(at, load<T>(at) + load<T>(grad));
      }
      grad += sizeof<T>();
      indices += 8;
    }
    out += <usize>volume * sizeof<T>();
  }
}

export function maxPoolBackward(out: usize, grad: usize, indices: usize): void {
  const planes = int(3, 0);
  const volume = int(3, 1);
  const count = int(3, 2);
  if (planes < 0 || volume < 0 || count < 0) abort();
  check(3, 0, <i64>planes * volume);
  check(3, 1, <i64>planes * count);
  check(3, 2, <i64>planes * count);
  if (dtypeOf(0) == DType.float32) scatter<f32>(out, grad, indices, planes, volume, count);
  else scatter<f64>(out, grad, indices, planes, volume, count);
}
