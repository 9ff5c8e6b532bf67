/** Index tensors: what x[i, :, j] gathers, and where x[i, :, j] = v writes. */
import { needsRecord, type PartialFormula, record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, type DTypeInfo, int32, int64, uint8 } from '../dtype.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { broadcastAll, describe, numberOfElements, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, dense, scalarOperand } from './apply.js';
import { expand } from './movement.js';
import {
  gatherInto,
  groups,
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

/** Whether an index is a mask: bool, or uint8 as of old. */
export function isMask(info: DTypeInfo): boolean {
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
