/** Elements along one dimension by an index tensor of x's rank: gather and the scatters. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { type DTypeInfo, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { checkFits, isScalar, type Scalar } from '../promotion.js';
import { describe, type Shape, sameShape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense, scalarOperand } from './apply.js';
import { sliceDim } from './movement.js';
import { named } from './options.js';
import {
  gatherInto,
  groups,
  reporting,
  type ScatterKernel,
  scatterInto,
  type Walk,
  walkOf,
  walkOrCopy,
} from './places.js';
import { intoZeros } from './views.js';
import { apart, type WritingOp, writing } from './writing.js';

/** A scalar counts as a vector of one element. */
function asVector(x: Tensor): Tensor {
  return x.shape.length === 0 ? x.makeAlias([1], [1], x.offset) : x;
}

/** The part of x that the index spans in every other dimension. */
function spanned(x: Tensor, dim: number, index: Shape): Tensor {
  return x.makeAlias(
    x.shape.map((size, d) => (d === dim ? size : index[d]!)),
    x.strides,
    x.offset,
  );
}

/** out[…, j, …] = x[…, index[…, j, …], …] along `dim`, without checks of shapes and without a record. */
export function gatherAlong(op: string, x: Tensor, dim: number, index: Tensor, wrap = false): Tensor {
  const out = x.makeEmpty(index.shape, x.dtypeInfo);
  if (out.count === 0) return out;
  const [from, at] = [asVector(x), asVector(index)];
  const walked = walkOrCopy(spanned(from, dim, at.shape), dim, dim + 1);
  const places = walkOrCopy(at, dim, dim + 1);
  const lookup = { index: places, bound: from.shape[dim]!, wrap, step: walked.step };
  reporting(op, () => gatherInto(out, walked, lookup, groups(at.shape, dim, dim + 1)));
  return out;
}

/** target[…, index[…, j, …], …] (op)= src[…, j, …] along `dim`, without checks of shapes and without a record. */
export function scatterAlong(
  op: string,
  kernel: ScatterKernel,
  target: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | Scalar,
  wrap = false,
): void {
  if (isScalar(src)) checkFits(op, src, target.dtypeInfo);
  if (index.count === 0) return;
  const at = asVector(apart(index, target));
  const to = spanned(asVector(target), dim, at.shape);
  const walked = walkOf(to, dim, dim + 1);
  const copy = walked === null ? dense(to) : to;
  const walk = walked ?? walkOf(copy, dim, dim + 1)!;
  const lookup = { index: walkOrCopy(at, dim, dim + 1), bound: to.shape[dim]!, wrap, step: walk.step };
  const from = isScalar(src) ? single(src, target.dtypeInfo) : sourceWalk(asVector(apart(src, target)), dim, at.shape);
  reporting(op, () => scatterInto(kernel, walk, lookup, from, groups(at.shape, dim, dim + 1)));
  if (copy !== to) kernels.copy(to, copy);
}

/** One value for every place. */
function single(value: Scalar, info: DTypeInfo): Walk {
  return { memory: scalarOperand(value, info), outer: 0, step: 0, inner: 0 };
}

function sourceWalk(src: Tensor, dim: number, index: Shape): Walk {
  const part = src.makeAlias(index, src.strides, src.offset);
  return walkOrCopy(part, dim, dim + 1);
}

/** Checks the index of gather and scatter as PyTorch does; returns the dimension. */
export function checkIndex(op: string, x: Tensor, dim: number, index: Tensor, src: Tensor | null): number {
  checkTensor(op, index, 'index');
  const d = wrapDim(op, dim, x.shape.length);
  if (index.count === 0) return d;
  if (index.dtypeInfo !== int64) {
    throw typeError(`${op}: Expected dtype int64 for index, but it is ${index.dtype}; convert it with to('int64').`);
  }
  const rank = (y: Tensor): number => Math.max(y.shape.length, 1);
  if (rank(index) !== rank(x)) {
    throw rangeError(
      `${op}: Index tensor must have the same number of dimensions as ${src === null && op === 'gather' ? 'input' : 'self'} tensor: the index has shape [${index.shape.join(', ')}], the tensor [${x.shape.join(', ')}].`,
    );
  }
  if (src !== null && rank(index) !== rank(src)) {
    throw rangeError(
      `${op}: Index tensor must have the same number of dimensions as src tensor: the index has shape [${index.shape.join(', ')}], src [${src.shape.join(', ')}].`,
    );
  }
  for (const [i, size] of index.shape.entries()) {
    if (i !== d && size > (x.shape[i] ?? 1)) {
      throw rangeError(
        `${op}: Size does not match at dimension ${i} expected index [${index.shape.join(', ')}] to be smaller than self [${x.shape.join(', ')}] apart from dimension ${d}.`,
      );
    }
    if (src !== null && size > (src.shape[i] ?? 1)) {
      throw rangeError(
        `${op}: Expected index [${index.shape.join(', ')}] to be smaller than src [${src.shape.join(', ')}] in every dimension.`,
      );
    }
  }
  return d;
}

/**
 * `out[…, j, …] = x[…, index[…, j, …], …]`: along `dim`, each element of the result is one of x that `index` (int64, of
 * x's rank) names. The gradient adds up where an element is taken more than once.
 * https://pytorch.org/docs/stable/generated/torch.gather.html
 * @example gather(tensor([[1, 2], [3, 4]]), 1, tensor([[0, 0], [1, 0]])) // [[1, 1], [4, 3]]
 * @throws RangeError for an index out of bounds
 */
export const gather = named(
  'gather',
  ['input', 'dim', 'index', 'sparseGrad'],
  (x: Tensor, dim: number, index: Tensor, sparseGrad: boolean = false): Tensor => {
    checkTensor('gather', x);
    if (sparseGrad) throw typeError('gather: sparseGrad is not supported; gradients are dense.');
    const d = checkIndex('gather', x, dim, index, null);
    return recordGather('GatherBackward0', x, d, index, gatherAlong('gather', x, d, index));
  },
);

/** Records `out`, gathered from x. */
export function recordGather(name: string, x: Tensor, dim: number, index: Tensor, out: Tensor): Tensor {
  const { shape } = x;
  return record(name, out, [x], [index] as [Tensor], [(grad, at) => scatterZeros(grad, dim, at, shape)]);
}

/** Zeros of `shape` with `grad` added at the index: the gradient of {@link gather}, whose own gradient is gather. */
export function scatterZeros(grad: Tensor, dim: number, index: Tensor, shape: Shape): Tensor {
  const out = grad.makeEmpty(shape, grad.dtypeInfo);
  out.fillWith(0);
  scatterAlong('gather', kernels.scatterAdd, out, dim, index, grad.detach());
  return record('ScatterAddBackward0', out, [grad], [index] as [Tensor], [(g, at) => gather(g, dim, at)]);
}

/** A gradient that has the index's shape as one of src's shape: what the index does not span gets none. */
export function toSourceShape(grad: Tensor, shape: Shape): Tensor {
  if (sameShape(grad.shape, shape)) return grad;
  if (grad.shape.length !== shape.length) return grad.reshape(shape);
  const part = grad.shape;
  return intoZeros(grad, shape, (whole) => part.reduce((view, size, d) => sliceDim(view, d, 0, size), whole));
}

export function checkSource(op: string, x: Tensor, src: Tensor): void {
  if (src.dtypeInfo !== x.dtypeInfo) {
    throw typeError(
      `${op}: Expected self.dtype to be equal to src.dtype, but they are ${x.dtype} and ${src.dtype}; convert src with to('${x.dtype}').`,
    );
  }
}

type ScatterArguments = [
  x: Tensor,
  dim: number,
  index: Tensor,
  src?: Tensor | Scalar,
  reduce?: 'add' | 'multiply' | null,
  value?: Scalar,
];
type ScatterNames = ['input', 'dim', 'index', 'src', 'reduce', 'value'];

/**
 * A copy of x with `x[…, index[…, j, …], …] = src[…, j, …]` along `dim`; src is a tensor or one value for all places.
 * `reduce` adds to or multiplies what stands there (without a gradient, as in PyTorch: use scatterAdd, scatterReduce).
 * Where a place is named twice the last source counts.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_.html
 * @throws RangeError for an index out of bounds
 */
export const scatter: WritingOp<ScatterArguments, ScatterNames> = writing(
  'scatter',
  ['input', 'dim', 'index', 'src', 'reduce', 'value'],
  (
    op,
    x: Tensor,
    dim: number,
    index: Tensor,
    src?: Tensor | Scalar,
    reduce?: 'add' | 'multiply' | null,
    value?: Scalar,
  ) => {
    const source = src ?? value;
    if (source === undefined) throw typeError(`${op}: give src, a tensor or a number.`);
    if (!isScalar(source)) {
      checkTensor(op, source, 'src');
      if (index.count > 0) checkSource(op, x, source);
    }
    const d = checkIndex(op, x, dim, index, isScalar(source) ? null : source);
    if (reduce !== undefined && reduce !== null && reduce !== 'add' && reduce !== 'multiply') {
      throw typeError(`${op}: reduce argument must be either add or multiply, not ${describe(reduce)}.`);
    }
    const inputs = isScalar(source) ? [null] : [source];
    if (reduce === 'add' || reduce === 'multiply') {
      const kernel = reduce === 'add' ? kernels.scatterAdd : kernels.scatterMultiply;
      return {
        name: 'NotImplemented',
        inputs,
        saved: [],
        gradients: [scatterReduceHasNone, scatterReduceHasNone],
        apply: (target) => scatterAlong(op, kernel, target, d, index, source),
      };
    }
    const shape = isScalar(source) ? [] : source.shape;
    return {
      name: isScalar(source) ? 'ScatterBackward1' : 'ScatterBackward0',
      inputs,
      saved: [index],
      gradients: [
        (grad: Tensor, at: Tensor) => scatter(grad, d, at, 0),
        (grad: Tensor, at: Tensor) => toSourceShape(gather(grad, d, at), shape),
      ],
      apply: (target) => scatterAlong(op, kernels.scatter, target, d, index, source),
    };
  },
);

function scatterReduceHasNone(): never {
  throw typeError(
    'scatter: the derivative for scatter with reduce is not implemented; use scatterAdd or scatterReduce, which have one.',
  );
}

/**
 * A copy of x with `x[…, index[…, j, …], …] += src[…, j, …]` along `dim`; a place named twice gets both.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_add_.html
 * @throws RangeError for an index out of bounds
 */
export const scatterAdd = writing(
  'scatterAdd',
  ['input', 'dim', 'index', 'src'],
  (op, x: Tensor, dim: number, index: Tensor, src: Tensor) => {
    checkTensor(op, src, 'src');
    checkSource(op, x, src);
    const d = checkIndex(op, x, dim, index, src);
    const { shape } = src;
    return {
      name: 'ScatterAddBackward0',
      inputs: [src],
      saved: [index],
      gradients: [(grad: Tensor) => grad, (grad: Tensor, at: Tensor) => toSourceShape(gather(grad, d, at), shape)],
      apply: (target) => scatterAlong(op, kernels.scatterAdd, target, d, index, src),
    };
  },
);

/**
 * {@link gather} with an index that broadcasts to x; without `dim` from x as one vector.
 * https://pytorch.org/docs/stable/generated/torch.take_along_dim.html
 */
export const takeAlongDim = named(
  'takeAlongDim',
  ['input', 'indices', 'dim'],
  (x: Tensor, indices: Tensor, dim?: number | null): Tensor => {
    checkTensor('takeAlongDim', x);
    checkTensor('takeAlongDim', indices, 'indices');
    if (indices.dtypeInfo !== int64) {
      throw typeError(`takeAlongDim: indices should have dtype int64, not ${indices.dtype}; convert with to('int64').`);
    }
    if (dim === undefined || dim === null) return gather(x.reshape([-1]), 0, indices.reshape([-1]));
    if (indices.shape.length !== x.shape.length) {
      throw rangeError(
        `takeAlongDim: input and indices should have the same number of dimensions, but got ${x.shape.length} dimensions for input, and ${indices.shape.length} dimensions for indices.`,
      );
    }
    const d = wrapDim('takeAlongDim', dim, x.shape.length);
    const sizes = x.shape.map((size, i) => {
      const other = indices.shape[i]!;
      if (i !== d && size !== other && size !== 1 && other !== 1) {
        throw rangeError(
          `takeAlongDim: input [${x.shape.join(', ')}] and indices [${indices.shape.join(', ')}] do not broadcast outside dimension ${d}: sizes ${size} and ${other} at dimension ${i}.`,
        );
      }
      return size === 1 ? other : size;
    });
    const from = x.expand(sizes.map((size, i) => (i === d ? x.shape[i]! : size)));
    const at = indices.expand(sizes.map((size, i) => (i === d ? indices.shape[i]! : size)));
    return gather(from, d, at);
  },
);
