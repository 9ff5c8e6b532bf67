import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { float32, int32 } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { dense } from './apply.js';
import { groups, int64Vector } from './places.js';

/** Which elements along a dimension each result is made of: the i-th of those from `start[i]` to `start[i + 1]`. */
export interface Taps {
  readonly start: readonly number[];
  readonly index: readonly number[];
  readonly weight: readonly number[];
}

/** The taps of `count` results, which `each` adds for one. */
export function tapsOf(count: number, each: (i: number, add: (index: number, weight: number) => void) => void): Taps {
  const start = [0];
  const index: number[] = [];
  const weight: number[] = [];
  const add = (place: number, factor: number) => {
    index.push(place);
    weight.push(factor);
  };
  for (let i = 0; i < count; i++) {
    each(i, add);
    start.push(index.length);
  }
  return { start, index, weight };
}

/** The taps of the way back, from the results to `size` elements. */
function turned({ start, index, weight }: Taps, size: number): Taps {
  const next = new Array<number>(size + 1).fill(0);
  for (const place of index) next[place + 1]!++;
  for (let i = 0; i < size; i++) next[i + 1]! += next[i]!;
  const begin = [...next];
  const places = new Array<number>(index.length);
  const factors = new Array<number>(index.length);
  for (let i = 0; i + 1 < start.length; i++) {
    for (let k = start[i]!; k < start[i + 1]!; k++) {
      const at = next[index[k]!]!++;
      places[at] = i;
      factors[at] = weight[k]!;
    }
  }
  return { start: begin, index: places, weight: factors };
}

/** A vector of x's dtype. */
export function floatVector(x: Tensor, values: ArrayLike<number>): Tensor {
  const out = x.makeEmpty([values.length], x.dtypeInfo);
  const view = out.storage.view(x.dtypeInfo, 0, values.length);
  for (let i = 0; i < values.length; i++) view[i] = values[i]!;
  return out;
}

/** Σ weight · x[index] along `dim`, of float32 or float64. */
function weighed(x: Tensor, dim: number, taps: Taps): Tensor {
  const { start, index, weight } = taps;
  const size = x.shape[dim]!;
  const out = x.makeEmpty(
    x.shape.map((n, d) => (d === dim ? start.length - 1 : n)),
    x.dtypeInfo,
  );
  const places = x.makeEmpty([start.length + index.length], int32);
  const view = places.storage.view(int32, places.offset, places.count);
  for (let i = 0; i < start.length; i++) view[i] = start[i]!;
  for (let i = 0; i < index.length; i++) view[start.length + i] = index[i]!;
  const [outer, count, inner] = groups(out.shape, dim, dim + 1);
  kernels.resample(out, dense(x), places, floatVector(x, weight), outer, size, inner, count);
  return record('ResampleBackward0', out, [x], [], [(grad) => weighed(grad, dim, turned(taps, size))]);
}

/** Σ weight · x[index] along `dim`; where x is no float each result is one element, as it is. */
export function resample(x: Tensor, dim: number, taps: Taps): Tensor {
  if (x.dtype === 'float32' || x.dtype === 'float64') return weighed(x, dim, taps);
  if (x.dtypeInfo.isFloat) return weighed(x.to(float32.name), dim, taps).to(x.dtype);
  return x.indexSelect(dim, int64Vector(x, taps.index));
}
