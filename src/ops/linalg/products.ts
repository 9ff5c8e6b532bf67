/** Products of several matrices, of vectors, and powers as columns. */
import { bool } from '../../dtype.js';
import { rangeError, typeError } from '../../errors.js';
import { broadcastTwo, type Shape, wrapDim } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { conj } from '../complex.js';
import { cat } from '../joining.js';
import { named } from '../options.js';
import { vdot } from '../products.js';

/** Where each run i … j of a chain is cut so that fewest products are needed. sizes: rows of each, columns of the last. */
function bestCuts(sizes: readonly number[]): number[][] {
  const n = sizes.length - 1;
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const cuts = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let length = 2; length <= n; length++) {
    for (let i = 0; i + length <= n; i++) {
      const j = i + length - 1;
      cost[i]![j] = Number.POSITIVE_INFINITY;
      for (let cut = i; cut < j; cut++) {
        const total = cost[i]![cut]! + cost[cut + 1]![j]! + sizes[i]! * sizes[cut + 1]! * sizes[j + 1]!;
        if (total >= cost[i]![j]!) continue;
        cost[i]![j] = total;
        cuts[i]![j] = cut;
      }
    }
  }
  return cuts;
}

/** The product of a chain of matrices in the cheapest order. */
function chain(matrices: readonly Tensor[]): Tensor {
  const sizes = [...matrices.map((x) => x.shape[0]!), matrices[matrices.length - 1]!.shape[1]!];
  const cuts = bestCuts(sizes);
  const product = (i: number, j: number): Tensor =>
    i === j ? matrices[i]! : product(i, cuts[i]![j]!).mm(product(cuts[i]![j]! + 1, j));
  return product(0, matrices.length - 1);
}

/**
 * The product of two or more matrices in the order that takes fewest multiplications. The first and the last may be
 * vectors.
 * https://pytorch.org/docs/stable/generated/torch.linalg.multi_dot.html
 */
export function multiDot(tensors: readonly Tensor[]): Tensor {
  const op = 'linalg.multiDot';
  if (!Array.isArray(tensors)) throw typeError(`${op}: tensors must be an array of tensors.`);
  const list = tensors as readonly Tensor[];
  for (const x of list) checkTensor(op, x, 'each of tensors');
  const n = list.length;
  if (n < 2) throw rangeError(`${op}: expected at least 2 tensors but got ${n}.`);
  const [first, last] = [list[0]!, list[n - 1]!];
  list.forEach((x, i) => {
    const isEnd = i === 0 || i === n - 1;
    if (x.shape.length !== 2 && !(isEnd && x.shape.length === 1)) {
      throw rangeError(`${op}: tensor ${i} must be 2D${isEnd ? ' or 1D' : ''} but got ${x.shape.length}D.`);
    }
    if (x.dtypeInfo !== first.dtypeInfo) {
      throw typeError(`${op}: all tensors must have be the same dtype but got ${first.dtype} and ${x.dtype}.`);
    }
  });
  const matrices = list.map((x, i) => (x.shape.length === 2 ? x : i === 0 ? x.unsqueeze(0) : x.unsqueeze(-1)));
  for (let i = 1; i < n; i++) {
    if (matrices[i - 1]!.shape[1] !== matrices[i]!.shape[0]) {
      throw rangeError(
        `${op}: tensors ${i - 1} and ${i} with shapes [${list[i - 1]!.shape.join(', ')}] and [${list[i]!.shape.join(', ')}] cannot be multiplied.`,
      );
    }
  }
  const shape: Shape = [
    ...(first.shape.length === 2 ? [first.shape[0]!] : []),
    ...(last.shape.length === 2 ? [last.shape[1]!] : []),
  ];
  return chain(matrices).view(shape);
}

/** PyTorch's older form of {@link multiDot}: matrices one by one. */
export function chainMatmul(...matrices: Tensor[]): Tensor {
  for (const x of matrices) {
    checkTensor('chainMatmul', x, 'each of matrices');
    if (x.shape.length !== 2) {
      throw rangeError(`chainMatmul: each argument must be a matrix, but one has shape [${x.shape.join(', ')}].`);
    }
  }
  if (matrices.length === 0) throw rangeError('chainMatmul: expected one or more matrices, but got none.');
  return matrices.length === 1 ? matrices[0]! : multiDot(matrices);
}

/**
 * `Σ conj(x) * y` over `dim`, broadcast.
 * https://pytorch.org/docs/stable/generated/torch.linalg.vecdot.html
 */
export const vecdot = named('linalg.vecdot', ['x', 'y', 'dim'], (x: Tensor, y: Tensor, dim: number = -1): Tensor => {
  const op = 'linalg.vecdot';
  checkTensor(op, x, 'x');
  checkTensor(op, y, 'y');
  if (x.dtypeInfo.category < 2) {
    throw typeError(`${op}: Expected a floating point or complex tensor as input. Got ${x.dtype}.`);
  }
  if (x.dtypeInfo !== y.dtypeInfo)
    throw typeError(`${op}: Expected x and y to have the same dtype, but got ${x.dtype} and ${y.dtype}.`);
  if (x.shape.length === 1 && y.shape.length === 1) {
    wrapDim(op, dim, 1);
    return vdot(x, y);
  }
  wrapDim(op, dim, broadcastTwo(op, x.shape, y.shape).length);
  return conj(x).mul(y).sum(dim);
});

/**
 * The powers 0 … N - 1 of each element as a row (N: the number of elements): [n] gives [n, N].
 * https://pytorch.org/docs/stable/generated/torch.linalg.vander.html
 */
export const vander = named('linalg.vander', ['x', 'N'], (x: Tensor, count?: number | null): Tensor => {
  const op = 'linalg.vander';
  checkTensor(op, x, 'x');
  if (x.dtypeInfo === bool) {
    throw typeError(`${op}: linalg.vander supports floating point, complex, and integer tensors, but got bool.`);
  }
  const points = x.shape.length === 0 ? x.unsqueeze(-1) : x;
  const n = count ?? points.shape[points.shape.length - 1]!;
  if (!(n > 1) || !Number.isInteger(n)) throw rangeError(`${op}: N must be greater than 1, but it is ${n}.`);
  const powers = points
    .unsqueeze(-1)
    .expand([...points.shape, n - 1])
    .cumprod(-1);
  return cat([powers.newOnes([...points.shape, 1]), powers], -1);
});
