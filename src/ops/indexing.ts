import { needsRecord, type PartialFormula, record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, type DTypeInfo, int32, int64, uint8 } from '../dtype.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { type IndexArray, type IndexItem, type ParsedItem, parseIndex, Slice } from '../indexing.js';
import { isScalar, type Scalar } from '../promotion.js';
import { broadcastAll, describe, numberOfElements, type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, dense, scalarOperand } from './apply.js';
import { expand, select, sliceDim, unsqueeze } from './movement.js';
import {
  gatherInto,
  groups,
  int64Vector,
  type Lookup,
  memoryOf,
  mergedStride,
  nonzeroRows,
  reporting,
  scatterInto,
  type Walk,
  walkOrCopy,
} from './places.js';
import { type WritingOp, writing } from './writing.js';

/** An index tensor for each dimension of x; null for a dimension taken whole. */
export type Indices = readonly (Tensor | null)[];

// ---- index tensors: what x[i, :, j] gathers, and where x[i, :, j] = v writes ----

function isMask(info: DTypeInfo): boolean {
  return info === bool || info === uint8;
}

/** x with the dimensions that masks span merged where its strides allow, and an int64 index (or null) for each. */
interface Expanded {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly indices: Indices;
}

function expandMasks(op: string, x: Tensor, indices: Indices): Expanded {
  const shape: number[] = [];
  const strides: number[] = [];
  const out: (Tensor | null)[] = [];
  let at = 0;
  const keep = (index: Tensor | null): void => {
    if (at >= x.shape.length) {
      throw indexError(`${op}: too many indices for tensor of dimension ${x.shape.length}; give at most one for each.`);
    }
    shape.push(x.shape[at]!);
    strides.push(x.strides[at]!);
    out.push(index);
    at++;
  };
  for (const [position, index] of indices.entries()) {
    if (index === null) {
      keep(null);
    } else if (isMask(index.dtypeInfo)) {
      const rank = index.shape.length;
      for (let j = 0; j < rank; j++) {
        if (index.shape[j] !== x.shape[at + j]) {
          throw indexError(
            `${op}: The shape of the mask [${index.shape.join(', ')}] at index ${j} does not match the shape of the indexed tensor [${x.shape.join(', ')}] at index ${at + j}.`,
          );
        }
      }
      const stride = rank > 1 ? mergedStride(x.shape, x.strides, at, at + rank) : null;
      if (stride !== null) {
        const flat = dense(index).makeAlias([index.count], [1], dense(index).offset);
        shape.push(index.count);
        strides.push(stride);
        out.push(nonzeroRows(flat).select(1, 0));
        at += rank;
      } else {
        const rows = nonzeroRows(index);
        for (let j = 0; j < rank; j++) keep(rows.select(1, j));
      }
    } else if (index.dtypeInfo === int64) {
      keep(index);
    } else if (index.dtypeInfo === int32) {
      keep(castOperand(index, int64) as Tensor);
    } else {
      throw typeError(
        `${op}: tensors used as indices must be long, byte or bool tensors, but index ${position} is ${index.dtype}; convert it with to('int64').`,
      );
    }
  }
  while (at < x.shape.length) keep(null);
  return { shape, strides, indices: out };
}

/** How an index meets a tensor: the indexed dimensions stand side by side, at [first, last) of `shape`. */
interface Plan {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly first: number;
  readonly last: number;
  /** int64, one for each indexed dimension, of one shape. */
  readonly indices: readonly Tensor[];
  readonly indexShape: Shape;
  /** The shape of what the index picks. */
  readonly result: Shape;
}

/** Where the indexed dimensions are apart, they come first: PyTorch's (and NumPy's) rule. */
function planOf(op: string, { shape, strides, indices }: Expanded): Plan {
  const given = indices.flatMap((index, d) => (index === null ? [] : [d]));
  const first = given[0] ?? 0;
  const last = (given[given.length - 1] ?? -1) + 1;
  let indexShape: Shape;
  try {
    indexShape = broadcastAll(
      op,
      given.map((d) => indices[d]!.shape),
    );
  } catch {
    const shapes = given.map((d) => `[${indices[d]!.shape.join(', ')}]`).join(', ');
    throw indexError(`${op}: shape mismatch: indexing tensors could not be broadcast together with shapes ${shapes}.`);
  }
  if (numberOfElements(indexShape) > 0) {
    for (const d of given) {
      if (shape[d] === 0) throw indexError(`${op}: index is out of bounds for dimension ${d} with size 0.`);
    }
  }
  const adjacent = last - first === given.length;
  const order = adjacent
    ? shape.map((_, d) => d)
    : [...given, ...shape.map((_, d) => d).filter((d) => indices[d] === null)];
  const start = adjacent ? first : 0;
  const end = start + given.length;
  const ordered = order.map((d) => shape[d]!);
  return {
    shape: ordered,
    strides: order.map((d) => strides[d]!),
    first: start,
    last: end,
    indices: given.map((d) => indices[d]!),
    indexShape,
    result: [...ordered.slice(0, start), ...indexShape, ...ordered.slice(end)],
  };
}

/** The plan's index as one, into x walked by `strides`: a single one as it is, several as a sum of offsets. */
function lookupOf(x: Tensor, plan: Plan, strides: readonly number[]): Lookup {
  const { indices, indexShape, first } = plan;
  const sizes = plan.shape.slice(first, plan.last);
  if (indices.length === 1) {
    const index = indices[0]!;
    const step = mergedStride(index.shape, index.strides, 0, index.shape.length);
    const walked = step === null ? dense(index) : index;
    return {
      index: { memory: memoryOf(walked), outer: 0, step: step ?? 1, inner: 0 },
      bound: sizes[0]!,
      wrap: true,
      step: strides[first]!,
    };
  }
  const linear = x.makeEmpty(indexShape, int64);
  let bound = 1;
  if (indices.length === 0) linear.fillWith(0);
  for (const [i, index] of indices.entries()) {
    const stride = strides[first + i]!;
    kernels.linearIndex(linear, i === 0 ? scalarOperand(0, int64) : linear, index, sizes[i]!, stride);
    bound += Math.max(sizes[i]! - 1, 0) * stride;
  }
  return { index: { memory: linear, outer: 0, step: 1, inner: 0 }, bound, wrap: false, step: 1 };
}

/** The walk around the indexed dimensions, whose own strides the index takes care of. */
function around(x: Tensor, plan: Plan): Walk | null {
  const outer = mergedStride(x.shape, x.strides, 0, plan.first);
  const inner = mergedStride(x.shape, x.strides, plan.last, x.shape.length);
  return outer === null || inner === null ? null : { memory: memoryOf(x), outer, step: 0, inner };
}

/** Sizes of what a plan picks, as [outer, count, inner]. */
function sizesOf(plan: Plan): [number, number, number] {
  return groups(plan.result, plan.first, plan.first + plan.indexShape.length);
}

/** What `indices` pick of x, without a record. */
function pick(op: string, x: Tensor, indices: Indices): Tensor {
  const plan = planOf(op, expandMasks(op, x, indices));
  const out = x.makeEmpty(plan.result, x.dtypeInfo);
  if (out.count === 0) return out;
  reporting(op, () => {
    const whole = x.makeAlias(plan.shape, plan.strides, x.offset);
    const walk = around(whole, plan);
    const from = walk === null ? dense(whole) : whole;
    gatherInto(out, walk ?? around(from, plan)!, lookupOf(x, plan, from.strides), sizesOf(plan));
  });
  return out;
}

/** Writes (or adds) `value`, broadcast, at the places `indices` give, without a record. */
function put(op: string, x: Tensor, indices: Indices, value: Tensor, accumulate: boolean): void {
  const plan = planOf(op, expandMasks(op, x, indices));
  const target = x.makeAlias(plan.shape, plan.strides, x.offset);
  let source: Tensor;
  try {
    source = expand(value.detach(), plan.result);
  } catch {
    throw rangeError(
      `${op}: shape mismatch: value tensor of shape [${value.shape.join(', ')}] cannot be broadcast to indexing result of shape [${plan.result.join(', ')}].`,
    );
  }
  if (source.count === 0) return;
  if (source.storage === x.storage) source = source.clone();
  const separate = plan.indices.map((index) => (index.storage === x.storage ? index.clone() : index));
  const safe = { ...plan, indices: separate };
  reporting(op, () => {
    const walk = around(target, plan);
    const to = walk === null ? dense(target) : target;
    const from = walkOrCopy(source, plan.first, plan.first + plan.indexShape.length);
    const kernel = accumulate ? kernels.scatterAdd : kernels.scatter;
    scatterInto(kernel, walk ?? around(to, plan)!, lookupOf(x, safe, to.strides), from, sizesOf(plan));
    if (to !== target) kernels.copy(target, to);
  });
}

/**
 * The elements that index tensors pick, one tensor (or null: the whole dimension) for each dimension of x.
 * Negative indices count from the end; masks pick where they are true.
 */
export function indexTensors(x: Tensor, indices: Indices): Tensor {
  const out = pick('index', x, indices);
  if (!needsRecord([x])) return out;
  const { shape } = x;
  return record(
    'IndexBackward0',
    out,
    [x],
    [...indices],
    [byIndices(indices, (grad, at) => indexIntoZeros(grad, shape, at))],
  );
}

/** A formula that looks at all of the saved indices. */
function byIndices(indices: Indices, formula: (grad: Tensor, indices: Indices) => Tensor): PartialFormula<Indices> {
  return using(
    indices.map((_, i) => i),
    (grad: Tensor, ...at: Indices) => formula(grad, at),
  );
}

/** The gradient of {@link indexTensors}: zeros with `grad` added at the places the indices give. */
function indexIntoZeros(grad: Tensor, shape: Shape, indices: Indices): Tensor {
  const out = grad.makeEmpty(shape, grad.dtypeInfo);
  out.fillWith(0);
  put('index', out, indices, grad, true);
  return record('IndexPutBackward0', out, [grad], [...indices], [byIndices(indices, indexTensors)]);
}

function checkPut(op: string, x: Tensor, value: Tensor): void {
  if (value.dtypeInfo !== x.dtypeInfo) {
    throw typeError(
      `${op}: Index put requires the source and destination dtypes match, got ${x.dtype} for the destination and ${value.dtype} for the source; convert with to('${x.dtype}').`,
    );
  }
}

function checkIndices(op: string, x: Tensor, indices: unknown): asserts indices is Indices {
  checkTensor(op, x);
  if (!Array.isArray(indices)) throw typeError(`${op}: indices must be an array of tensors, not ${describe(indices)}.`);
  if (indices.length > x.shape.length) {
    throw indexError(`${op}: too many indices for tensor of dimension ${x.shape.length} (got ${indices.length}).`);
  }
  for (const [i, index] of indices.entries()) if (index !== null) checkTensor(op, index, `indices[${i}]`);
}

type IndexPutArguments = [x: Tensor, indices: Indices, values: Tensor, accumulate?: boolean];

/**
 * A copy of x with `values`, broadcast, at the places that the indices give (one tensor or mask, or null, for each
 * dimension), or with `accumulate` added there, where a place given twice counts twice.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.index_put_.html
 * @throws RangeError for an index out of bounds or values that do not broadcast
 */
export const indexPut: WritingOp<IndexPutArguments, ['input', 'indices', 'values', 'accumulate']> = writing(
  'indexPut',
  ['input', 'indices', 'values', 'accumulate'],
  (op, x: Tensor, indices: Indices, values: Tensor, accumulate: boolean = false) => {
    checkIndices(op, x, indices);
    checkTensor(op, values, 'values');
    checkPut(op, x, values);
    return {
      name: 'IndexPutBackward0',
      inputs: [values],
      saved: [...indices],
      gradients: [
        accumulate ? (grad: Tensor) => grad : byIndices(indices, (grad, at) => indexPut(grad, at, grad.newZeros([]))),
        byIndices(indices, indexTensors),
      ],
      apply: (target) => put(op, target, indices, values, accumulate),
    };
  },
);

// ---- x.at(…) and x.setAt(…) ----

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
      if (step < 0) throw rangeError(`${op}: step must be greater than zero, but it is ${step}; use flip() to reverse.`);
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
 * @example x.at(0), x.at(':2', -1), x.at('...', null), x.at(mask), x.at([0, 2], slice(1, 3))
 * @throws RangeError for an index out of bounds, a mask that does not fit, too many indices
 */
export function at(x: Tensor, ...items: IndexItem[]): Tensor {
  checkTensor('at', x);
  const { view, indices } = sliceBy('at', x, items);
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
