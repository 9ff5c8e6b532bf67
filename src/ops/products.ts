/** Products of vectors and tensors. */
import { record, using } from '../autograd/record.js';
import { rangeError } from '../errors.js';
import { broadcastTwo, numberOfElements, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { conj } from './complex.js';
import { checkSameType } from './gemm.js';
import { dot, unsafeView } from './matmul.js';
import { named } from './options.js';

/** The outer product of two vectors: [n] and [m] give [n, m]. */
export const outer = named('outer', ['input', 'vec2'], (x: Tensor, vec2: Tensor): Tensor => {
  checkTensor('outer', x);
  checkTensor('outer', vec2, 'vec2');
  for (const v of [x, vec2])
    if (v.shape.length !== 1)
      throw rangeError(`outer: expected 1-D tensors, but one has shape [${v.shape.join(', ')}].`);
  return x.reshape([x.count, 1]).mul(vec2);
});

/** `Σ conj(x) * y` of two vectors. @throws RangeError for other shapes */
export const vdot = named('vdot', ['input', 'other'], (x: Tensor, other: Tensor): Tensor => {
  checkTensor('vdot', x);
  const out = dot(conj(x.detach()), other.detach());
  return record('VdotBackward0', out, [x, other], [x, other] as const, [
    using([1], (grad, _x: Tensor, b: Tensor) => conj(grad).mul(b)),
    using([0], (grad, a: Tensor) => grad.mul(a)),
  ]);
});

/**
 * The sum of products over the last dimensions of both; scalars multiply.
 * https://pytorch.org/docs/stable/generated/torch.inner.html
 */
export const inner = named('inner', ['input', 'other'], (x: Tensor, other: Tensor): Tensor => {
  checkTensor('inner', x);
  checkTensor('inner', other, 'other');
  if (x.shape.length === 0 || other.shape.length === 0) return x.mul(other);
  const [a, b] = [x.shape[x.shape.length - 1], other.shape[other.shape.length - 1]];
  if (a !== b)
    throw rangeError(
      `inner: inner() the last dimension must match on both input tensors but got shapes [${x.shape.join(', ')}] and [${other.shape.join(', ')}].`,
    );
  return tensordot(x, other, [[-1], [-1]]);
});

/** How many dims to contract, or which of each. */
export type ContractedDims = number | readonly [readonly number[] | number, readonly number[] | number];

/**
 * The sum of products over dims of x and as many of y: the last n and the first n, or `[dims of x, dims of y]`.
 * https://pytorch.org/docs/stable/generated/torch.tensordot.html
 */
export const tensordot = named(
  'tensordot',
  ['a', 'b', 'dims'],
  (x: Tensor, y: Tensor, dims: ContractedDims = 2): Tensor => {
    checkTensor('tensordot', x, 'a');
    checkTensor('tensordot', y, 'b');
    checkSameType('tensordot', x, y);
    const [ofX, ofY] = contracted(x, y, dims);
    let a = x;
    let b = y;
    for (const [i, d] of ofX.entries()) {
      const e = ofY[i]!;
      // A size of 1 on one side counts for every element on the other.
      if (x.shape[d] === 1 && y.shape[e] !== 1) b = b.sum(e, true);
      else if (y.shape[e] === 1 && x.shape[d] !== 1) a = a.sum(d, true);
      else if (x.shape[d] !== y.shape[e]) {
        throw rangeError(
          `tensordot: contracted dimensions need to match, but first has size ${x.shape[d]} in dim ${d} and second has size ${y.shape[e]} in dim ${e}.`,
        );
      }
    }
    const freeX = a.shape.map((_, d) => d).filter((d) => !ofX.includes(d));
    const freeY = b.shape.map((_, d) => d).filter((d) => !ofY.includes(d));
    const rows = freeX.map((d) => a.shape[d]!);
    const columns = freeY.map((d) => b.shape[d]!);
    const shared = numberOfElements(ofX.map((d) => a.shape[d]!));
    const left = a.permute([...freeX, ...ofX]).reshape([numberOfElements(rows), shared]);
    const right = b.permute([...ofY, ...freeY]).reshape([shared, numberOfElements(columns)]);
    return left.mm(right).reshape([...rows, ...columns]);
  },
);

function contracted(x: Tensor, y: Tensor, dims: ContractedDims): [number[], number[]] {
  if (typeof dims === 'number') {
    if (!Number.isInteger(dims) || dims < 0) throw rangeError(`tensordot: expects dims >= 0, but got dims=${dims}.`);
    if (dims > x.shape.length || dims > y.shape.length)
      throw rangeError(
        `tensordot: cannot contract ${dims} dims of shapes [${x.shape.join(', ')}] and [${y.shape.join(', ')}].`,
      );
    return [
      Array.from({ length: dims }, (_, i) => x.shape.length - dims + i),
      Array.from({ length: dims }, (_, i) => i),
    ];
  }
  const [ofX, ofY] = dims.map((list) => (typeof list === 'number' ? [list] : [...list])) as [number[], number[]];
  if (ofX.length !== ofY.length)
    throw rangeError(
      `tensordot: both dimension lists should have same length, but got ${ofX.length} and ${ofY.length}.`,
    );
  const wrap = (list: number[], rank: number): number[] => {
    const wrapped = list.map((d) => wrapDim('tensordot', d, rank));
    if (new Set(wrapped).size !== wrapped.length)
      throw rangeError(`tensordot: dim appears multiple times in the list of dims [${list.join(', ')}].`);
    return wrapped;
  };
  return [wrap(ofX, x.shape.length), wrap(ofY, y.shape.length)];
}

/**
 * The Kronecker product: every element of x times all of y.
 * https://pytorch.org/docs/stable/generated/torch.kron.html
 */
export const kron = named('kron', ['input', 'other'], (x: Tensor, other: Tensor): Tensor => {
  checkTensor('kron', x);
  checkTensor('kron', other, 'other');
  const rank = Math.max(x.shape.length, other.shape.length);
  const padded = (t: Tensor): number[] => [...new Array<number>(rank - t.shape.length).fill(1), ...t.shape];
  const [a, b] = [padded(x), padded(other)];
  const product = x.reshape(a.flatMap((size) => [size, 1])).mul(other.reshape(b.flatMap((size) => [1, size])));
  return unsafeView(
    product,
    a.map((size, d) => size * b[d]!),
  );
});

/**
 * The vector product over a dimension of size 3: the last (or the first of that size, as `cross`), broadcast.
 * https://pytorch.org/docs/stable/generated/torch.linalg.cross.html
 */
export function crossAlong(op: string, x: Tensor, other: Tensor, dim: number): Tensor {
  const shape = broadcastTwo(op, x.shape, other.shape);
  const d = wrapDim(op, dim, shape.length);
  if (x.shape.length !== other.shape.length)
    throw rangeError(
      `${op}: inputs must have the same number of dimensions, but have shapes [${x.shape.join(', ')}] and [${other.shape.join(', ')}].`,
    );
  if (x.shape[d] !== 3 || other.shape[d] !== 3)
    throw rangeError(`${op}: inputs dimension ${dim} must have length 3. Got ${x.shape[d]} and ${other.shape[d]}.`);
  const [a, b] = [x.detach(), other.detach()];
  const out = a
    .roll(-1, d)
    .mul(b.roll(-2, d))
    .sub(a.roll(-2, d).mul(b.roll(-1, d)));
  return record('LinalgCrossBackward0', out, [x, other], [x, other] as const, [
    using([1], (grad, _x: Tensor, second: Tensor) => crossAlong(op, second.expand(shape), grad, d)),
    using([0], (grad, first: Tensor) => crossAlong(op, grad, first.expand(shape), d)),
  ]);
}

/** The vector product over `dim`, by default the first dimension of size 3. */
export const cross = named(
  'cross',
  ['input', 'other', 'dim'],
  (x: Tensor, other: Tensor, dim?: number | null): Tensor => {
    checkTensor('cross', x);
    checkTensor('cross', other, 'other');
    if (dim !== null && dim !== undefined) return crossAlong('cross', x, other, dim);
    const first = x.shape.indexOf(3);
    if (first < 0) throw rangeError(`cross: no dimension of size 3 in input [${x.shape.join(', ')}].`);
    return crossAlong('cross', x, other, first);
  },
);
