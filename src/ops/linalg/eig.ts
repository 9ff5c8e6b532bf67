/** Eigenvalues of general real matrices, which are complex. */
import { mode } from '../../autograd/mode.js';
import { recordMany } from '../../autograd/record.js';
import { kernels } from '../../backends/index.js';
import { complex64, float32, float64 } from '../../dtype.js';
import { autogradError, stateError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { imaginaryPart } from '../complex.js';
import { cat } from '../joining.js';
import { named, namedTuple } from '../options.js';
import { realPart } from '../properties.js';
import { batchCount, batchOf, checkSquare, converging, identity, notFinite, sizeOf, working } from './common.js';
import { solve } from './solve.js';

const notConverged =
  'The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues.';

/** Pairs of float64 as complex numbers. */
function paired(pairs: Tensor): Tensor {
  const narrow = pairs.makeEmpty(pairs.shape, float32);
  kernels.copy(narrow, pairs);
  const strides = narrow.strides.slice(0, -1).map((stride) => stride / 2);
  return narrow.makeAlias(pairs.shape.slice(0, -1), strides, 0, complex64);
}

/** Values and, if wanted, vectors, without a record. */
function decomposeGeneral(op: string, a: Tensor, vectors: boolean): { values: Tensor; vectors: Tensor | null } {
  checkSquare(op, a);
  const [n] = sizeOf(a);
  const batch = batchOf(a);
  const work = working(a);
  if (notFinite(work) >= 0) throw stateError(`${op}: input tensor should not contain infs or NaNs.`);
  const values = a.makeEmpty([...batch, n, 2], float64);
  const found = vectors ? a.makeEmpty([...batch, n, n, 2], float64) : null;
  const space = a.makeEmpty([7 * n + (vectors ? n * n : 0)], float64);
  converging(op, a, notConverged, () => kernels.generalEigen(work, values, found, space, batchCount(a), n));
  return { values: paired(values), vectors: found === null ? null : paired(found) };
}

/** Values and vectors with their gradient. */
function eigOp(op: string, a: Tensor): [values: Tensor, vectors: Tensor] {
  const { values, vectors } = decomposeGeneral(op, a, true);
  const outputs = [values, vectors!] as const;
  const { dtype } = a;
  recordMany('LinalgEigBackward0', outputs, [a], outputs, [
    ([gradL, gradV], l: Tensor, v: Tensor) =>
      gradient(gradL ? parts(gradL) : null, gradV ? parts(gradV) : null, parts(l), parts(v)).to(dtype),
  ]);
  return [...outputs];
}

/** Complex matrices as two real ones: formulas need no complex products. */
interface Parts {
  readonly re: Tensor;
  readonly im: Tensor;
}

const parts = (x: Tensor): Parts => ({ re: realPart(x), im: imaginaryPart(x) });
const adjoint = (x: Parts): Parts => ({ re: x.re.mT, im: x.im.mT.neg() });
const add = (x: Parts, y: Parts): Parts => ({ re: x.re.add(y.re), im: x.im.add(y.im) });

function product(x: Parts, y: Parts): Parts {
  return {
    re: x.re.matmul(y.re).sub(x.im.matmul(y.im)),
    im: x.re.matmul(y.im).add(x.im.matmul(y.re)),
  };
}

/** x / conj(y), element by element. */
function overConjugate(x: Parts, y: Parts): Parts {
  const size = y.re.mul(y.re).add(y.im.mul(y.im));
  return {
    re: x.re.mul(y.re).sub(x.im.mul(y.im)).div(size),
    im: x.re.mul(y.im).add(x.im.mul(y.re)).div(size),
  };
}

/** The real part of x⁻¹ · y, by the real matrix of twice the size. */
function realSolution(x: Parts, y: Parts): Tensor {
  const whole = cat([cat([x.re, x.im.neg()], -1), cat([x.im, x.re], -1)], -2);
  return solve(whole, cat([y.re, y.im], -2)).narrow(-2, 0, x.re.shape[x.re.shape.length - 1]!);
}

/**
 * V⁻ᴴ · (diag(gL) + (Vᴴ · gV - Vᴴ · V · diag(Re diag(Vᴴ · gV))) / conj(E)) · Vᴴ with Eᵢⱼ = lⱼ - lᵢ, for vectors of length 1.
 * @throws Error where the gradient depends on the angle of the vectors, which is arbitrary
 */
function gradient(gradL: Parts | null, gradV: Parts | null, l: Parts, v: Parts): Tensor {
  const vh = adjoint(v);
  const diagonal = gradL === null ? null : { re: gradL.re.diagEmbed(), im: gradL.im.diagEmbed() };
  if (gradV === null) return realSolution(vh, product(diagonal!, vh));
  const turned = product(vh, gradV);
  checkAngles(turned.im.diagonal({ dim1: -2, dim2: -1 }));
  const lengths = turned.re.diagonal({ dim1: -2, dim2: -1 }).unsqueeze(-2);
  const gram = product(vh, v);
  const free: Parts = { re: turned.re.sub(gram.re.mul(lengths)), im: turned.im.sub(gram.im.mul(lengths)) };
  const n = l.re.shape[l.re.shape.length - 1]!;
  const own = identity(l.re, [], n, l.re.dtypeInfo);
  const gaps: Parts = {
    re: l.re.unsqueeze(-2).sub(l.re.unsqueeze(-1)).add(own),
    im: l.im.unsqueeze(-2).sub(l.im.unsqueeze(-1)),
  };
  const scaled = overConjugate(free, gaps);
  const beside = own.eq(0).to(own.dtype);
  const off: Parts = { re: scaled.re.mul(beside), im: scaled.im.mul(beside) };
  return realSolution(vh, product(diagonal === null ? off : add(off, diagonal), vh));
}

function checkAngles(imaginary: Tensor): void {
  const values = imaginary.detach().toTypedArray() as Float32Array;
  if (values.every((value) => Math.abs(value) <= 1e-2)) return;
  throw autogradError(
    'linalg.eig: The eigenvectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this quantity, so it is ill-defined; use abs() of them, or products that do not depend on it.',
  );
}

/**
 * Complex eigenvalues and eigenvectors (columns, of length 1) of square matrices, as complex64. The gradient through the
 * vectors is that of functions that do not depend on their angles.
 * https://pytorch.org/docs/stable/generated/torch.linalg.eig.html
 */
export const eig = named('linalg.eig', ['A'], (a: Tensor) =>
  namedTuple(['eigenvalues', 'eigenvectors'], eigOp('linalg.eig', a)),
);

/** The eigenvalues of {@link eig} alone. */
export const eigvals = named('linalg.eigvals', ['A'], (a: Tensor): Tensor => {
  if (mode.grad && a.requiresGrad) return eigOp('linalg.eigvals', a)[0];
  return decomposeGeneral('linalg.eigvals', a, false).values;
});
