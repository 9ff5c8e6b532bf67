/** The places of triangles' elements. */
import { checkDevice, type Device } from '../device.js';
import { type DType, int32, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { named } from '../ops/options.js';
import { dtypeOf } from '../promotion.js';
import { checkAllocation, checkListed } from '../shape.js';
import { allocate } from '../storage.js';
import { Tensor } from '../tensor.js';

const NAMES = ['row', 'col', 'offset', 'dtype', 'device', 'layout'] as const;
type Arguments = [
  row: number,
  col: number,
  offset?: number,
  dtype?: DType | null,
  device?: Device | string | null,
  layout?: unknown,
];

function indicesOf(op: string, lower: boolean, [row, col, offset = 0, dtype, device]: Arguments): Tensor {
  checkDevice(op, device);
  for (const [name, size] of [
    ['row', row],
    ['col', col],
  ] as const) {
    if (!Number.isInteger(size) || size < 0) throw rangeError(`${op}: ${name} must be non-negative, got ${size}.`);
  }
  if (!Number.isInteger(offset)) throw typeError(`${op}: offset must be a whole number, not ${offset}.`);
  const info = dtype === undefined || dtype === null ? int64 : dtypeOf(op, dtype);
  if (info !== int64 && info.category !== 1) throw typeError(`${op}: indices are integers, not ${info.name}.`);
  checkListed(op, 'rows', row);
  // Row i of the lower triangle ends before column i + offset + 1, of the upper one it starts at i + offset.
  const edges = Array.from({ length: row }, (_, i) => Math.min(Math.max(i + offset + (lower ? 1 : 0), 0), col));
  const total = edges.reduce((n, edge) => n + (lower ? edge : col - edge), 0);
  checkAllocation(op, [2, total], info.size);
  const out = new Tensor(allocate(8 * total), 0, [2, total], null, int32);
  const view = out.storage.view(int32, 0, 2 * total);
  let at = 0;
  for (const [i, edge] of edges.entries()) {
    for (let j = lower ? 0 : edge; j < (lower ? edge : col); j++, at++) {
      view[at] = i;
      view[total + at] = j;
    }
  }
  return out.to(info.name);
}

/**
 * The rows and columns [2, n] of the elements on and below the diagonal (`offset` to the right of the main one) of a
 * row × col matrix, row by row; int64 unless `dtype` says other.
 * https://pytorch.org/docs/stable/generated/torch.tril_indices.html
 */
export const trilIndices = named(
  'trilIndices',
  NAMES,
  (...args: Arguments): Tensor => indicesOf('trilIndices', true, args),
);

/** The rows and columns of the elements on and above the diagonal, as {@link trilIndices}. */
export const triuIndices = named(
  'triuIndices',
  NAMES,
  (...args: Arguments): Tensor => indicesOf('triuIndices', false, args),
);
