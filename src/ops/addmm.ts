/** Products of matrices and vectors added to a tensor: `beta * input + alpha * product`. */
import { mode } from '../autograd/mode.js';
import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool } from '../dtype.js';
import { rangeError } from '../errors.js';
import { resultInfo, type Scalar, scalarNumber } from '../promotion.js';
import { type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkInPlace, checkTensor } from './apply.js';
import { checkSameType, doNotFit, gemm } from './gemm.js';
import { named } from './options.js';
import { inPlaceOf } from './overwriting.js';

interface Factors {
  readonly beta: number;
  readonly alpha: number;
}

/** Integers and bools are multiplied by whole numbers. */
function factorsOf(x: Tensor, beta: Scalar | undefined, alpha: Scalar | undefined): Factors {
  const factor = (value: Scalar | undefined): number => {
    const number = value === undefined ? 1 : scalarNumber(value);
    if (x.dtypeInfo.category >= 2) return number;
    return x.dtypeInfo.category === 1 ? Math.trunc(number) : Math.min(Math.abs(Math.trunc(number)), 1);
  };
  return { beta: factor(beta), alpha: factor(alpha) };
}

function checkShapes(op: string, tensors: readonly [Tensor, string, number][]): void {
  for (const [x, name, rank] of tensors) {
    checkTensor(op, x, name);
    if (x.shape.length !== rank)
      throw rangeError(`${op}: expected ${name} to be a ${rank}-D tensor, but its shape is [${x.shape.join(', ')}].`);
  }
}

/** beta · x spread over `shape`, to be added to. With beta 0 x is not even looked at: its NaN does not count. */
function spreadInput(op: string, x: Tensor, shape: Shape, beta: number): Tensor {
  const out = x.makeEmpty(shape, x.dtypeInfo);
  if (beta === 0) {
    out.fillWith(0);
    return out;
  }
  const missing = shape.length - x.shape.length;
  if (missing < 0 || x.shape.some((size, d) => size !== 1 && size !== shape[d + missing])) {
    throw rangeError(
      `${op}: The expanded size of the tensor [${shape.join(', ')}] must match the existing size of the input [${x.shape.join(', ')}]; its sizes must be equal or 1.`,
    );
  }
  kernels.copy(out, x);
  if (beta !== 1) kernels.mul(out, out, castOperand(beta, x.dtypeInfo));
  return out;
}

/** beta · x + alpha · (a · b): in one call of the matrix kernel where alpha is 1. */
function addProduct(
  op: string,
  x: Tensor,
  a: Tensor,
  b: Tensor,
  batch: number,
  shape: Shape,
  factors: Factors,
): Tensor {
  const { beta, alpha } = factors;
  const isBias = beta === 1 && alpha === 1 && x.shape.length === 1 && x.shape[0] === shape[shape.length - 1];
  if (isBias) return gemm(a, b, batch, shape, x);
  if (alpha === 1) return gemm(a, b, batch, shape, null, spreadInput(op, x, shape, beta));
  const out = gemm(a, b, batch, shape);
  kernels.mul(out, out, castOperand(alpha, x.dtypeInfo));
  kernels.add(out, out, spreadInput(op, x, shape, beta));
  return out;
}

function times(grad: Tensor, factor: number): Tensor {
  return factor === 1 ? grad : grad.mul(factor);
}

const NAMES = ['beta', 'alpha'] as const;

/**
 * `beta * input + alpha * (mat1 · mat2)`: input broadcast to [m, n].
 * https://pytorch.org/docs/stable/generated/torch.addmm.html
 */
export const addmm = inPlaceOf(
  'addmm',
  named(
    'addmm',
    ['input', 'mat1', 'mat2', ...NAMES],
    (x: Tensor, mat1: Tensor, mat2: Tensor, beta?: Scalar, alpha?: Scalar): Tensor => {
      checkTensor('addmm', x);
      checkShapes('addmm', [
        [mat1, 'mat1', 2],
        [mat2, 'mat2', 2],
      ]);
      checkSameType('addmm', mat1, mat2);
      checkSameType('addmm', x, mat1);
      if (mat1.shape[1] !== mat2.shape[0]) throw doNotFit('addmm', mat1, mat2);
      const factors = factorsOf(x, beta, alpha);
      const out = addProduct('addmm', x, mat1, mat2, 1, [mat1.shape[0]!, mat2.shape[1]!], factors);
      return record('AddmmBackward0', out, [x, mat1, mat2], [mat1, mat2] as const, [
        using([], (grad) => times(grad, factors.beta)),
        using([1], (grad, _a: Tensor, b: Tensor) => times(grad.mm(b.t()), factors.alpha)),
        using([0], (grad, a: Tensor) => times(a.t().mm(grad), factors.alpha)),
      ]);
    },
  ),
);

/** `beta * input + alpha * (mat · vec)`. */
export const addmv = inPlaceOf(
  'addmv',
  named(
    'addmv',
    ['input', 'mat', 'vec', ...NAMES],
    (x: Tensor, mat: Tensor, vec: Tensor, beta?: Scalar, alpha?: Scalar): Tensor => {
      checkTensor('addmv', x);
      checkShapes('addmv', [
        [mat, 'mat', 2],
        [vec, 'vec', 1],
      ]);
      checkSameType('addmv', mat, vec);
      checkSameType('addmv', x, mat);
      if (mat.shape[1] !== vec.shape[0]) throw doNotFit('addmv', mat, vec);
      const factors = factorsOf(x, beta, alpha);
      const column = vec.makeAlias([vec.count, 1], [vec.strides[0]!, 1], vec.offset);
      const shape = [mat.shape[0]!];
      const product = gemm(mat, column, 1, shape);
      if (factors.alpha !== 1) kernels.mul(product, product, castOperand(factors.alpha, x.dtypeInfo));
      kernels.add(product, product, spreadInput('addmv', x, shape, factors.beta));
      return record('AddmvBackward0', product, [x, mat, vec], [mat, vec] as const, [
        using([], (grad) => times(grad, factors.beta)),
        using([1], (grad, _a: Tensor, b: Tensor) => times(grad.unsqueeze(1).mul(b), factors.alpha)),
        using([0], (grad, a: Tensor) => times(a.t().mv(grad), factors.alpha)),
      ]);
    },
  ),
);

/** `beta * input + alpha * (vec1 ⊗ vec2)`: the outer product. */
export const addr = inPlaceOf(
  'addr',
  named(
    'addr',
    ['input', 'vec1', 'vec2', ...NAMES],
    (x: Tensor, vec1: Tensor, vec2: Tensor, beta?: Scalar, alpha?: Scalar): Tensor => {
      checkTensor('addr', x);
      checkShapes('addr', [
        [vec1, 'vec1', 1],
        [vec2, 'vec2', 1],
      ]);
      const factors = factorsOf(x, beta, alpha);
      const outer = vec1.detach().unsqueeze(1).mul(vec2.detach());
      const info = resultInfo([outer, x]);
      const product = factors.alpha === 1 ? outer : outer.mul(info === bool ? Boolean(factors.alpha) : factors.alpha);
      const out =
        factors.beta === 0 ? product : product.add(spreadInput('addr', x, [vec1.count, vec2.count], factors.beta));
      return record('AddrBackward0', out, [x, vec1, vec2], [vec1, vec2] as const, [
        using([], (grad) => times(grad, factors.beta)),
        using([1], (grad, _a: Tensor, b: Tensor) => times(grad.mv(b), factors.alpha)),
        using([0], (grad, a: Tensor) => times(grad.t().mv(a), factors.alpha)),
      ]);
    },
  ),
);

function checkBatches(op: string, x: Tensor, batch1: Tensor, batch2: Tensor): void {
  checkTensor(op, x);
  checkShapes(op, [
    [batch1, 'batch1', 3],
    [batch2, 'batch2', 3],
  ]);
  checkSameType(op, batch1, batch2);
  checkSameType(op, x, batch1);
  if (batch1.shape[0] !== batch2.shape[0] || batch1.shape[2] !== batch2.shape[1]) {
    throw rangeError(
      `${op}: Expected size for first two dimensions of batch2 tensor to be: [${batch1.shape[0]}, ${batch1.shape[2]}] but got: [${batch2.shape[0]}, ${batch2.shape[1]}].`,
    );
  }
}

/** An in-place form that gives x the result's shape where that is larger, as PyTorch's addbmm_ does. */
function resizing<A extends readonly unknown[]>(
  op: string,
  forward: (...args: A) => Tensor,
): ((...args: A) => Tensor) & { inPlace(...args: A): Tensor } {
  const plain = inPlaceOf(op, forward);
  const inPlace = (...args: A): Tensor => {
    const x = args[0] as Tensor;
    checkTensor(op, x);
    const result = forward(...([mode.grad && x.requiresGrad ? x.clone() : x, ...args.slice(1)] as unknown as A));
    if (sameShape(result.shape, x.shape)) return plain.inPlace(...args);
    checkInPlace(`${op}_`, x);
    if (x.viewBase !== null)
      throw rangeError(
        `${op}_: a view of shape [${x.shape.join(', ')}] cannot be resized to [${result.shape.join(', ')}]; use the form without _.`,
      );
    x.storage = result.storage;
    x.offset = result.offset;
    x.setGeometry(result.shape, result.strides);
    if (result.requiresGrad) x.setHistory(result.gradFn!, result.outputIndex);
    return x;
  };
  return Object.assign((...args: A) => forward(...args), { inPlace });
}

/** `beta * input + alpha * Σ_b (batch1[b] · batch2[b])`. */
export const addbmm = resizing(
  'addbmm',
  named(
    'addbmm',
    ['input', 'batch1', 'batch2', ...NAMES],
    (x: Tensor, batch1: Tensor, batch2: Tensor, beta?: Scalar, alpha?: Scalar): Tensor => {
      checkBatches('addbmm', x, batch1, batch2);
      const factors = factorsOf(x, beta, alpha);
      const [b, m, k] = batch1.shape as [number, number, number];
      const n = batch2.shape[2]!;
      // One product of [m, b · k] and [b · k, n].
      const wide = batch1
        .detach()
        .permute([1, 0, 2])
        .reshape([m, b * k]);
      const out = addProduct('addbmm', x, wide, batch2.detach().reshape([b * k, n]), 1, [m, n], factors);
      return record('AddbmmBackward0', out, [x, batch1, batch2], [batch1, batch2] as const, [
        using([], (grad) => times(grad, factors.beta)),
        using([1], (grad, _a: Tensor, c: Tensor) =>
          times(grad.unsqueeze(0).expand([b, m, n]).bmm(c.transpose(1, 2)), factors.alpha),
        ),
        using([0], (grad, a: Tensor) =>
          times(a.transpose(1, 2).bmm(grad.unsqueeze(0).expand([b, m, n])), factors.alpha),
        ),
      ]);
    },
  ),
);

/** `beta * input[b] + alpha * (batch1[b] · batch2[b])` for each b. */
export const baddbmm = inPlaceOf(
  'baddbmm',
  named(
    'baddbmm',
    ['input', 'batch1', 'batch2', ...NAMES],
    (x: Tensor, batch1: Tensor, batch2: Tensor, beta?: Scalar, alpha?: Scalar): Tensor => {
      checkBatches('baddbmm', x, batch1, batch2);
      const factors = factorsOf(x, beta, alpha);
      const [b, m] = batch1.shape as [number, number, number];
      const out = addProduct('baddbmm', x, batch1, batch2, b, [b, m, batch2.shape[2]!], factors);
      return record('BaddbmmBackward0', out, [x, batch1, batch2], [batch1, batch2] as const, [
        using([], (grad) => times(grad, factors.beta)),
        using([1], (grad, _a: Tensor, c: Tensor) => times(grad.bmm(c.transpose(1, 2)), factors.alpha)),
        using([0], (grad, a: Tensor) => times(a.transpose(1, 2).bmm(grad), factors.alpha)),
      ]);
    },
  ),
);
