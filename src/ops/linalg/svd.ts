/** Singular values: A = U · diag(S) · Vᵀ. */
import { mode } from '../../autograd/mode.js';
import type { Grad } from '../../autograd/node.js';
import { recordMany } from '../../autograd/record.js';
import { kernels } from '../../backends/index.js';
import { float64 } from '../../dtype.js';
import { stateError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { named, namedTuple } from '../options.js';
import {
  batchCount,
  batchElement,
  batchOf,
  checkMatrix,
  converging,
  finished,
  identity,
  notFinite,
  rowsAlias,
  sizeOf,
  transposedAlias,
} from './common.js';

const notConverged =
  'The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated singular values.';

/** U, S and Vᵀ in float64, without a record; with `full` U and V are square. */
export function decompose(op: string, a: Tensor, full: boolean): { u: Tensor; s: Tensor; vh: Tensor } {
  const [m, n] = sizeOf(a);
  const batch = batchOf(a);
  // The kernel wants the columns of a tall matrix as rows.
  const tall = m >= n;
  const [long, short] = tall ? [m, n] : [n, m];
  const rows = full ? long : short;
  const x = a.makeEmpty([...batch, rows, long], float64);
  kernels.copy(rowsAlias(x, 0, short), tall ? transposedAlias(a) : a);
  const bad = notFinite(rows === short ? x : finished(rowsAlias(x, 0, short), float64));
  if (bad >= 0) {
    throw stateError(
      `${op}: ${batchElement(a, bad)}The algorithm failed to converge because the input matrix contained non-finite values.`,
    );
  }
  const s = a.makeEmpty([...batch, short], float64);
  const v = a.makeEmpty([...batch, short, short], float64);
  converging(op, a, notConverged, () => kernels.svdFactor(x, s, v, batchCount(a), long, short, rows));
  return tall ? { u: transposedAlias(x), s, vh: v } : { u: transposedAlias(v), s, vh: x };
}

/** U, S and Vᵀ with their gradient. */
export function svdOp(op: string, a: Tensor, full: boolean): [u: Tensor, s: Tensor, vh: Tensor] {
  checkMatrix(op, a);
  const { u, s, vh } = decompose(op, a, full);
  const outputs = [finished(u, a.dtypeInfo), finished(s, a.dtypeInfo), finished(vh, a.dtypeInfo)] as const;
  recordMany('LinalgSvdBackward0', outputs, [a], outputs, [
    ([gradU, gradS, gradVh], savedU: Tensor, savedS: Tensor, savedVh: Tensor) => {
      const k = savedS.shape[savedS.shape.length - 1]!;
      // What completes U and V to square matrices is no function of A.
      const columns = (x: Grad | undefined): Grad => (x && full ? x.narrow(-1, 0, k) : (x ?? null));
      const rows = (x: Grad | undefined): Grad => (x && full ? x.narrow(-2, 0, k) : (x ?? null));
      return gradient(columns(gradU), gradS ?? null, rows(gradVh), columns(savedU)!, savedS, rows(savedVh)!);
    },
  ]);
  return [...outputs];
}

/** The gradient of A from those of U, S and Vᵀ, any of which may be missing. */
function gradient(gradU: Grad, gradS: Grad, gradVh: Grad, u: Tensor, s: Tensor, vh: Tensor): Tensor {
  const row = s.unsqueeze(-2);
  const column = s.unsqueeze(-1);
  if (gradU === null && gradVh === null) return u.mul(gradS!.unsqueeze(-2)).matmul(vh);
  const k = s.shape[s.shape.length - 1]!;
  const squares = s.mul(s);
  const gaps = squares
    .unsqueeze(-2)
    .sub(squares.unsqueeze(-1))
    .add(identity(s, [], k, s.dtypeInfo));
  let middle: Tensor;
  if (gradU === null) {
    middle = column.mul(skew(vh.matmul(gradVh!.mT)).div(gaps));
  } else if (gradVh === null) {
    middle = skew(u.mT.matmul(gradU)).div(gaps).mul(row);
  } else {
    middle = skew(u.mT.matmul(gradU))
      .mul(row)
      .add(column.mul(skew(vh.matmul(gradVh.mT))))
      .div(gaps);
  }
  if (gradS !== null) middle = middle.add(gradS.diagEmbed());
  if (gradU !== null && u.shape[u.shape.length - 2]! > k) {
    // What of gU stands outside the space of U's columns
    const scaled = gradU.div(row);
    return u
      .matmul(middle)
      .add(scaled)
      .sub(u.matmul(u.mT.matmul(scaled)))
      .matmul(vh);
  }
  if (gradVh !== null && vh.shape[vh.shape.length - 1]! > k) {
    const scaled = gradVh.div(column);
    return u.matmul(middle.matmul(vh).add(scaled).sub(scaled.matmul(vh.mT).matmul(vh)));
  }
  return u.matmul(middle).matmul(vh);
}

function skew(x: Tensor): Tensor {
  return x.sub(x.mT);
}

/**
 * Orthogonal U and Vᵀ and falling singular values S with `A = U diag(S) Vᵀ`; with `fullMatrices: false` only the
 * columns of U and rows of Vᵀ that S has. The gradient through U and V is that of functions that do not depend on
 * their signs, and infinite for equal singular values.
 * https://pytorch.org/docs/stable/generated/torch.linalg.svd.html
 * @example const { U, S, Vh } = linalg.svd(A, { fullMatrices: false })
 */
export const svd = named('linalg.svd', ['A', 'fullMatrices'], (a: Tensor, fullMatrices: boolean = true) =>
  namedTuple(['U', 'S', 'Vh'], svdOp('linalg.svd', a, fullMatrices)),
);

/** The singular values of A, falling. */
export const svdvals = named('linalg.svdvals', ['A'], (a: Tensor): Tensor => singularValues('linalg.svdvals', a));

/** {@link svdvals} in another op's name. */
export function singularValues(op: string, a: Tensor): Tensor {
  checkMatrix(op, a);
  if (mode.grad && a.requiresGrad) return svdOp(op, a, false)[1];
  return finished(decompose(op, a, false).s, a.dtypeInfo);
}

/**
 * PyTorch's older form of {@link svd}, with V instead of Vᵀ; `some` as `fullMatrices: false`. Without `computeUv` U and V
 * are zeros.
 */
export const svdOld = named(
  'svd',
  ['input', 'some', 'computeUv'],
  (a: Tensor, some: boolean = true, computeUv: boolean = true) => {
    checkMatrix('svd', a, 'input');
    if (computeUv) {
      const [u, s, vh] = svdOp('svd', a, !some);
      return namedTuple(['U', 'S', 'V'], [u, s, vh.mT]);
    }
    const [m, n] = sizeOf(a);
    const side = (size: number): Tensor => a.newZeros([...batchOf(a), size, size]);
    return namedTuple(['U', 'S', 'V'], [side(m), singularValues('svd', a), side(n)]);
  },
);
