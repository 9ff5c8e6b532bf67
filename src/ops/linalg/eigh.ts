/** Eigenvalues of symmetric matrices: A = V · diag(L) · Vᵀ. */
import type { Grad } from '../../autograd/node.js';
import { recordMany } from '../../autograd/record.js';
import { kernels } from '../../backends/index.js';
import { float64 } from '../../dtype.js';
import { autogradError, rangeError, stateError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { named, namedTuple } from '../options.js';
import {
  batchCount,
  batchElement,
  batchOf,
  checkSquare,
  converging,
  finished,
  identity,
  notFinite,
  sizeOf,
  transposedAlias,
  working,
} from './common.js';

/** Which triangle of a symmetric matrix is looked at. */
export type Uplo = 'L' | 'U' | 'l' | 'u';

const notConverged =
  'The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues.';

/** Rising eigenvalues and the eigenvectors as columns, in float64, without a record. */
export function decomposeSymmetric(op: string, a: Tensor, upper: boolean): { values: Tensor; vectors: Tensor } {
  const [n] = sizeOf(a);
  const count = batchCount(a);
  const work = working(a);
  const bad = notFinite(work);
  if (bad >= 0) throw stateError(`${op}: ${batchElement(a, bad)}${notConverged}`);
  mirror(work, n, count, upper);
  const values = a.makeEmpty([...batchOf(a), n], float64);
  const space = a.makeEmpty([3 * n], float64);
  converging(op, a, notConverged, () => kernels.symmetricEigen(work, values, space, count, n));
  return { values, vectors: transposedAlias(work) };
}

/** Makes matrices symmetric by one of their triangles. */
function mirror(x: Tensor, n: number, count: number, upper: boolean): void {
  const values = x.storage.view(float64, x.offset, x.count) as Float64Array;
  for (let base = 0; base < count * n * n; base += n * n) {
    for (let i = 1; i < n; i++) {
      for (let j = 0; j < i; j++) {
        const [lower, above] = [base + i * n + j, base + j * n + i];
        if (upper) values[lower] = values[above]!;
        else values[above] = values[lower]!;
      }
    }
  }
  x.storage.version++;
}

/** Values and vectors with their gradient. */
export function eighOp(op: string, gradFn: string, a: Tensor, upper: boolean): [values: Tensor, vectors: Tensor] {
  checkSquare(op, a);
  const { values, vectors } = decomposeSymmetric(op, a, upper);
  const outputs = [finished(values, a.dtypeInfo), finished(vectors, a.dtypeInfo)] as const;
  recordMany(gradFn, outputs, [a], outputs, [
    ([gradL, gradV], l: Tensor, v: Tensor) => symmetricGradient(gradL ?? null, gradV ?? null, l, v),
  ]);
  return [...outputs];
}

/** V · (diag(gL) + (Vᵀ · gV) / E) · Vᵀ with Eᵢⱼ = lⱼ - lᵢ; of Vᵀ · gV only the skew part is a change of V. */
function symmetricGradient(gradL: Grad, gradV: Grad, l: Tensor, v: Tensor): Tensor {
  if (gradV === null) return v.mul(gradL!.unsqueeze(-2)).matmul(v.mT);
  const n = l.shape[l.shape.length - 1]!;
  const gaps = l
    .unsqueeze(-2)
    .sub(l.unsqueeze(-1))
    .add(identity(l, [], n, l.dtypeInfo));
  const product = v.mT.matmul(gradV);
  const turned = product.sub(product.mT).mul(0.5).div(gaps);
  return v.matmul(gradL === null ? turned : turned.add(gradL.diagEmbed())).matmul(v.mT);
}

function isUpper(op: string, uplo: Uplo): boolean {
  const letter = String(uplo).toUpperCase();
  if (letter !== 'L' && letter !== 'U') {
    throw rangeError(`${op}: Expected UPLO argument to be 'L' or 'U', but got ${uplo}.`);
  }
  return letter === 'U';
}

/**
 * Rising eigenvalues and orthonormal eigenvectors (columns) of symmetric matrices, of which only the lower (`UPLO` 'L')
 * or upper triangle is looked at.
 * https://pytorch.org/docs/stable/generated/torch.linalg.eigh.html
 */
export const eigh = named('linalg.eigh', ['A', 'UPLO'], (a: Tensor, uplo: Uplo = 'L') =>
  namedTuple(
    ['eigenvalues', 'eigenvectors'],
    eighOp('linalg.eigh', 'LinalgEighBackward0', a, isUpper('linalg.eigh', uplo)),
  ),
);

/** The eigenvalues of {@link eigh} alone. */
export const eigvalsh = named(
  'linalg.eigvalsh',
  ['A', 'UPLO'],
  (a: Tensor, uplo: Uplo = 'L'): Tensor =>
    eighOp('linalg.eigvalsh', 'LinalgEighBackward0', a, isUpper('linalg.eigvalsh', uplo))[0],
);

/** PyTorch's older form of {@link eigh}; without `eigenvectors` they are empty, and there is no gradient. */
export const symeig = named(
  'symeig',
  ['input', 'eigenvectors', 'upper'],
  (a: Tensor, eigenvectors: boolean = false, upper: boolean = true) => {
    if (eigenvectors) {
      return namedTuple(['eigenvalues', 'eigenvectors'], eighOp('symeig', 'SymeigBackward0', a, upper));
    }
    checkSquare('symeig', a, 'input');
    const values = finished(decomposeSymmetric('symeig', a, upper).values, a.dtypeInfo);
    recordMany(
      'SymeigBackward0',
      [values],
      [a],
      [],
      [
        () => {
          throw autogradError(
            'symeig: cannot compute backward without eigenvectors in the forward pass; give eigenvectors: true, or use linalg.eigvalsh.',
          );
        },
      ],
    );
    return namedTuple(['eigenvalues', 'eigenvectors'], [values, a.makeEmpty([0], a.dtypeInfo)]);
  },
);
