import type { Tensor } from '../tensor.js';
import { int64Vector } from './places.js';

/** For each result along a dimension: which elements it is made of, and with which weights. */
export interface Taps {
  /** Lists of equal length: the i-th result looks at `index[k][i]`. */
  readonly index: readonly (readonly number[])[];
  /** null: the elements as they are, from one list. */
  readonly weight: readonly (readonly number[])[] | null;
}

/** A vector of x's dtype. */
export function floatVector(x: Tensor, values: ArrayLike<number>): Tensor {
  const out = x.makeEmpty([values.length], x.dtypeInfo);
  const view = out.storage.view(x.dtypeInfo, 0, values.length);
  for (let i = 0; i < values.length; i++) view[i] = values[i]!;
  return out;
}

/** Σₖ weight[k] · x[index[k]] along `dim`. */
export function resample(x: Tensor, dim: number, { index, weight }: Taps): Tensor {
  let sum: Tensor | null = null;
  const shape = x.shape.map((_, i) => (i === dim ? -1 : 1));
  for (const [k, list] of index.entries()) {
    let part = x.indexSelect(dim, int64Vector(x, list));
    if (weight !== null) part = part.mul(floatVector(x, weight[k]!).view(shape));
    sum = sum === null ? part : sum.add(part);
  }
  return sum!;
}
