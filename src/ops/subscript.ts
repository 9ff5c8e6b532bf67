/** `x.at(…)` and `x.setAt(…)`: PyTorch's `x[…]` and `x[…] = value`. */
import { record } from '../autograd/record.js';
import { bool, int64 } from '../dtype.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { type IndexArray, type IndexItem, itemsOf, type ParsedItem, parseIndex, Slice } from '../indexing.js';
import { checkFits, isScalar, type Scalar } from '../promotion.js';
import { describe, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { indexPut, indexTensors, isMask } from './indexing.js';
import { select, sliceDim, unsqueeze } from './movement.js';
import { int64Vector } from './places.js';

/** An array of whole numbers or booleans as an index tensor. */
function arrayIndex(op: string, x: Tensor, array: IndexArray): Tensor {
  const shape: number[] = [];
  for (let level: unknown = array; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (level.length === 0) break;
  }
  const values: (number | bigint | boolean)[] = [];
  const walk = (value: IndexArray[number], depth: number): void => {
    if (Array.isArray(value)) {
      if (value.length !== shape[depth])
        throw typeError(`${op}: an index array is ragged; make all its rows equally long.`);
      for (const inner of value) walk(inner, depth + 1);
    } else {
      if (depth !== shape.length) throw typeError(`${op}: an index array is ragged; make all its rows equally long.`);
      if (typeof value !== 'boolean' && !(typeof value === 'bigint' || Number.isInteger(value))) {
        throw typeError(`${op}: index arrays hold whole numbers or booleans, not ${describe(value)}.`);
      }
      values.push(value as number | bigint | boolean);
    }
  };
  walk(array, 0);
  const masks = values.length > 0 && values.every((value) => typeof value === 'boolean');
  const out = x.makeEmpty(shape, masks ? bool : int64);
  const view = out.storage.view(out.dtypeInfo, out.offset, out.count);
  for (let i = 0; i < values.length; i++) view[i] = masks ? Number(values[i]) : BigInt(values[i]!);
  return out;
}

/** How many of x's dimensions an item takes up. */
function dimensionsOf(item: ParsedItem | Tensor): number {
  if (item === null || item === '...' || typeof item === 'boolean') return 0;
  if (typeof item === 'number' || item instanceof Slice) return 1;
  const tensor = item as Tensor;
  return isMask(tensor.dtypeInfo) ? tensor.shape.length : 1;
}

/** x after an index's integers, slices and new axes, which give a view, and the index tensors that are left. */
function sliceBy(
  op: string,
  x: Tensor,
  items: readonly IndexItem[],
): { view: Tensor; indices: (Tensor | null)[] | null } {
  const parsed = parseIndex(op, items).map((item) => (Array.isArray(item) ? arrayIndex(op, x, item) : item)) as (
    | Exclude<ParsedItem, IndexArray>
    | Tensor
  )[];
  const specified = parsed.reduce<number>((n, item) => n + dimensionsOf(item), 0);
  if (specified > x.shape.length) {
    if (x.shape.length === 0)
      throw indexError(`${op}: invalid index of a 0-dim tensor. Use item() to convert it to a number.`);
    throw indexError(`${op}: too many indices for tensor of dimension ${x.shape.length} (got ${specified}).`);
  }
  let view = x;
  let dim = 0;
  let indices: (Tensor | null)[] | null = null;
  let covered = 0;
  const lookUp = (index: Tensor): void => {
    indices ??= [];
    for (; covered < dim; covered++) indices.push(null);
    indices.push(index);
    dim += dimensionsOf(index);
    covered = dim;
  };
  for (const item of parsed) {
    if (item === null) {
      view = unsqueeze(view, dim++);
    } else if (item === '...') {
      dim += x.shape.length - specified;
    } else if (typeof item === 'number') {
      view = selectAt(op, view, dim, item);
    } else if (item instanceof Slice) {
      const { start, stop, step } = item;
      if (step === 0) throw rangeError(`${op}: slice step cannot be zero; give 1 or more.`);
      if (step < 0)
        throw rangeError(`${op}: step must be greater than zero, but it is ${step}; use flip() to reverse.`);
      const size = view.shape[dim]!;
      const whole = step === 1 && (start ?? 0) === 0 && (stop ?? size) === size;
      if (!whole) view = sliceDim(view, dim, start, stop, step);
      dim++;
    } else if (typeof item === 'boolean') {
      view = unsqueeze(view, dim);
      lookUp(int64Vector(x, item ? [0] : []));
    } else if (item.shape.length === 0 && item.dtypeInfo.category < 2) {
      if (isMask(item.dtypeInfo)) {
        view = unsqueeze(view, dim);
        lookUp(int64Vector(x, Number(item.item()) !== 0 ? [0] : []));
      } else {
        view = selectAt(op, view, dim, Number(item.item()));
      }
    } else {
      lookUp(item);
    }
  }
  return { view, indices };
}

function selectAt(op: string, x: Tensor, dim: number, index: number): Tensor {
  const size = x.shape[dim]!;
  if (index < -size || index >= size) {
    throw indexError(`${op}: index ${index} is out of bounds for dimension ${dim} with size ${size}.`);
  }
  return select(x, dim, index);
}

/**
 * The part of x that an index names, as `x[…]` in PyTorch: a view for whole numbers, slices, `'...'` and null, a copy
 * where masks or index tensors take part. Indexed dimensions that are not side by side come first in the result.
 * The items may also stand in one array, as for {@link setAt}, if one of them is a string, slice, null or tensor; an
 * array of numbers or booleans alone picks rows.
 * @example x.at(0), x.at(':2', -1), x.at('...', null), x.at(mask), x.at([0, 2], slice(1, 3))
 * @throws RangeError for an index out of bounds, a mask that does not fit, too many indices
 */
export function at(x: Tensor, ...items: IndexItem[] | [items: readonly IndexItem[]]): Tensor {
  checkTensor('at', x);
  const { view, indices } = sliceBy('at', x, itemsOf(items));
  if (indices !== null) return indexTensors(view, indices);
  if (view !== x) return view;
  return record('AliasBackward0', x.makeView(x.shape, x.strides, x.offset), [x], [], [(grad) => grad]);
}

/** What is written: a scalar as a 0-d tensor of x's dtype. */
function writtenValue(op: string, x: Tensor, value: Tensor | Scalar): Tensor {
  if (!isScalar(value)) {
    checkTensor(op, value, 'value');
    return value;
  }
  checkFits(op, value, x.dtypeInfo);
  const out = x.makeEmpty([], x.dtypeInfo);
  out.fillWith(value);
  return out;
}

/** A value without its leading dimensions of size 1, of which it may have more than the place it goes to. */
function withoutLeadingOnes(value: Tensor): Tensor {
  let drop = 0;
  while (value.shape[drop] === 1) drop++;
  return drop === 0 ? value : value.reshape(value.shape.slice(drop));
}

/**
 * Writes `value`, broadcast, to the part of x that an index names, as `x[…] = value` in PyTorch.
 * @param items one index item, or an array of them
 * @example x.setAt(0, 1.5), x.setAt([':', 1], y), x.setAt([mask], 0)
 * @throws RangeError for an index out of bounds or a value that does not broadcast
 */
export function setAt(x: Tensor, items: IndexItem | readonly IndexItem[], value: Tensor | Scalar): void {
  checkTensor('setAt', x);
  const list = (Array.isArray(items) ? items : [items]) as readonly IndexItem[];
  const source = writtenValue('setAt', x, value);
  if (list.length === 1 && list[0] === false) return;
  const { view, indices } = sliceBy('setAt', x, list);
  if (indices !== null) indexPut.inPlace(view, indices, withoutLeadingOnes(source));
  else if (sameShape(view.shape, source.shape)) view.copy_(source);
  else if (isScalar(value)) view.fill_(value);
  else view.copy_(withoutLeadingOnes(source));
}
