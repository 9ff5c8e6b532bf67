/** Norms of vectors. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import type { DType } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { dtypeOf, type Scalar, scalarNumber } from '../promotion.js';
import { type Shape, wrapDim, wrapDims } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor } from './apply.js';
import { type Dims, narrowed, reduced, workInfo } from './dims.js';
import { singularValues } from './linalg/svd.js';
import { named } from './options.js';
import { inPlaceOf } from './overwriting.js';

/** (Σ |x|^p)^(1/p) over dims; p may be 0 and ±∞. Its gradient at a norm of 0 is 0. */
export function vectorNorm(
  op: string,
  gradFn: string,
  x: Tensor,
  p: number,
  dim: Dims | undefined,
  keepdim: boolean,
): Tensor {
  checkTensor(op, x);
  if (x.dtypeInfo.isComplex) return vectorNorm(op, gradFn, x.abs(), p, dim, keepdim);
  if (!x.dtypeInfo.isFloat)
    throw typeError(
      `${op}: input dtype should be either floating point or complex. Got ${x.dtype} instead; convert with to('float32').`,
    );
  const dims = wrapDims(op, dim, x.shape.length);
  const work = workInfo(x.dtypeInfo);
  const r = reduced(x.dtypeInfo === work ? x : (castOperand(x, work) as Tensor), dims);
  const out = x.makeEmpty(keepdim ? r.kept : r.dropped, work);
  if (r.n === 0) out.fillWith(0);
  else kernels.norm(out, r.x, r.outer, r.n, r.inner, p);
  const result = narrowed(out, x.dtypeInfo);
  const { kept } = r;
  return record(gradFn, result, [x], [x, result] as const, [
    (grad, saved: Tensor, norm: Tensor) => normGradient(grad, saved, norm, p, kept),
  ]);
}

/** The gradient of a p-norm, for each p in the form that neither overflows nor divides 0 by 0. */
export function normGradient(grad: Tensor, x: Tensor, norm: Tensor, p: number, kept: Shape): Tensor {
  const g = grad.reshape(kept);
  const n = norm.reshape(kept);
  if (p === 0) return x.mul(0).mul(g);
  if (p === 1) return x.sgn().mul(g);
  if (p === 2) return x.div(n).maskedFill(n.eq(0).expand(x.shape), 0).mul(g);
  if (Math.abs(p) === Number.POSITIVE_INFINITY) {
    const extreme = x.abs().eq(n).to(x.dtype);
    const dims = kept.flatMap((size, d) => (size === 1 ? [d] : []));
    const shares = dims.length === 0 ? extreme : extreme.sum(dims, true);
    return x.sgn().mul(g.div(shares).mul(extreme));
  }
  const scale = p < 1 ? g.mul(n.pow(1 - p)) : g.div(n.pow(p - 1)).maskedFill(n.eq(0), 0);
  if (p < 2) {
    const power = x.abs().pow(p - 1);
    return x
      .sgn()
      .mul(power.maskedFill(x.eq(0), 0))
      .mul(scale);
  }
  return x.mul(x.abs().pow(p - 2)).mul(scale);
}

/**
 * The p-norm over `dim` (all dims by default); p is a number (±∞ too) or 'fro', the 2-norm.
 * https://pytorch.org/docs/stable/generated/torch.norm.html
 */
export const norm = named(
  'norm',
  ['input', 'p', 'dim', 'keepdim', 'dtype'],
  (
    x: Tensor,
    p: Scalar | 'fro' | 'nuc' | null = 'fro',
    dim?: Dims,
    keepdim: boolean = false,
    dtype?: DType | null,
  ): Tensor => {
    checkTensor('norm', x);
    if (typeof p === 'string' && p !== 'fro' && p !== 'nuc')
      throw rangeError(`norm: the order is a number, 'fro' or 'nuc', not ${JSON.stringify(p)}.`);
    const from = dtype === null || dtype === undefined ? x : x.to(dtypeOf('norm', dtype).name);
    const dims = dim === null || dim === undefined ? null : typeof dim === 'number' ? [dim] : dim;
    if (p === 'nuc') return nuclearNorm(from, dims, keepdim);
    const isMatrixNorm = p === 'fro' && dims !== null && dims.length === 2;
    const order = p === 'fro' || p === null ? 2 : scalarNumber(p as Scalar);
    return vectorNorm('norm', isMatrixNorm ? 'SqrtBackward0' : 'NormBackward1', from, order, dims, keepdim);
  },
);

/** The sum of the singular values of the matrices that two dims (of a matrix all) make. */
function nuclearNorm(x: Tensor, dims: readonly number[] | null, keepdim: boolean): Tensor {
  const rank = x.shape.length;
  const given = dims ?? (rank === 2 ? [0, 1] : []);
  if (given.length !== 2) {
    throw rangeError(
      `norm: the nuclear norm needs two dims, but x has shape [${x.shape.join(', ')}] and dim is ${dims === null ? 'not given' : `[${dims.join(', ')}]`}.`,
    );
  }
  const [first, second] = given.map((d) => wrapDim('norm', d, rank)) as [number, number];
  if (first === second) throw rangeError(`norm: the two dims must differ, but both are ${first}.`);
  const others = x.shape.map((_, d) => d).filter((d) => d !== first && d !== second);
  const total = singularValues('norm', x.permute([...others, first, second])).sum(-1);
  return keepdim ? total.reshape(x.shape.map((size, d) => (d === first || d === second ? 1 : size))) : total;
}

/**
 * The p-norm of `x - other`, broadcast.
 * https://pytorch.org/docs/stable/generated/torch.dist.html
 */
export const dist = named('dist', ['input', 'other', 'p'], (x: Tensor, other: Tensor, p: number = 2): Tensor => {
  checkTensor('dist', x);
  checkTensor('dist', other, 'other');
  const order = scalarNumber(p);
  const difference = x.detach().sub(other.detach());
  const out = vectorNorm('dist', 'DistBackward0', difference, order, null, false);
  const slope = (grad: Tensor, a: Tensor, b: Tensor): Tensor => {
    const d = a.sub(b);
    return normGradient(
      grad,
      d,
      vectorNorm('dist', 'DistBackward0', d, order, null, false),
      order,
      d.shape.map(() => 1),
    );
  };
  return record('DistBackward0', out, [x, other], [x, other] as const, [
    (grad, a: Tensor, b: Tensor) => slope(grad, a, b),
    (grad, a: Tensor, b: Tensor) => slope(grad, a, b).neg(),
  ]);
});

/**
 * x with every slice along `dim` whose p-norm is above `maxnorm` scaled down to it.
 * https://pytorch.org/docs/stable/generated/torch.renorm.html
 */
export const renorm = inPlaceOf(
  'renorm',
  named('renorm', ['input', 'p', 'dim', 'maxnorm'], (x: Tensor, p: Scalar, dim: number, maxnorm: Scalar): Tensor => {
    checkTensor('renorm', x);
    const order = scalarNumber(p);
    const limit = scalarNumber(maxnorm);
    if (order <= 0) throw rangeError(`renorm: renorm: non-positive-norm not supported (${order}).`);
    if (limit < 0) throw rangeError(`renorm: renorm: expected maxnorm to be >= 0 but got ${limit}.`);
    if (x.shape.length < 2)
      throw rangeError(`renorm: renorm: input needs at least 2 dimensions, got ${x.shape.length} dimensions.`);
    const d = wrapDim('renorm', dim, x.shape.length);
    const out = renormed(x.detach(), order, d, limit);
    return record(
      'RenormBackward0',
      out,
      [x],
      [x],
      [(grad, saved: Tensor) => renormGradient(grad, saved, order, d, limit)],
    );
  }),
);

function slicesNorm(x: Tensor, p: number, dim: number): Tensor {
  return vectorNorm(
    'renorm',
    'LinalgVectorNormBackward0',
    x,
    p,
    x.shape.map((_, i) => i).filter((i) => i !== dim),
    true,
  );
}

function renormed(x: Tensor, p: number, dim: number, maxnorm: number): Tensor {
  const norms = slicesNorm(x, p, dim);
  const factors = norms.add(1e-7).reciprocal().mul(maxnorm);
  return x.mul(factors.where(norms.gt(maxnorm), 1));
}

function renormGradient(grad: Tensor, x: Tensor, p: number, dim: number, maxnorm: number): Tensor {
  const norms = slicesNorm(x, p, dim);
  const dims = x.shape.map((_, i) => i).filter((i) => i !== dim);
  const through = x.mul(grad).sum(dims, true);
  const inverse = norms.add(1e-7).reciprocal();
  const slope = normGradient(through, x, norms, p, norms.shape);
  const scaled = grad
    .mul(inverse)
    .sub(slope.mul(inverse.mul(inverse)))
    .mul(maxnorm);
  return scaled.where(norms.gt(maxnorm), grad);
}
