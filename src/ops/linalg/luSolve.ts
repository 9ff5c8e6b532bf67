/** Systems of equations by LU factors. */
import { record, using } from '../../autograd/record.js';
import { rangeError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { named } from '../options.js';
import {
  checkMatrix,
  checkSameDType,
  checkSquare,
  commonBatch,
  finished,
  sizeOf,
  transposedAlias,
  workingInBatch,
} from './common.js';
import { luUnpack } from './lu.js';
import { checkPivots, solveByFactors } from './luFactors.js';
import { solveTriangle } from './triangular.js';

/** X of A · X = B (X · A = B; with Aᵀ if adjoint) by LU factors, with its gradient. */
function solveLu(op: string, lu: Tensor, pivots: Tensor, b: Tensor, left: boolean, adjoint: boolean): Tensor {
  const batch = commonBatch(op, lu, b);
  const right = workingInBatch(left ? b : transposedAlias(b), batch);
  const factors = {
    lu: workingInBatch(lu, batch),
    pivots: pivots.expand([...batch, pivots.shape[pivots.shape.length - 1]!]),
    info: pivots,
  };
  solveByFactors(op, right, factors, left === adjoint);
  const x = finished(left ? right : transposedAlias(right), b.dtypeInfo);
  return record('LinalgLuSolveBackward0', x, [lu, b], [lu, pivots, x] as const, [
    // X · A = B is Aᵀ · Xᵀ = Bᵀ: one formula for both.
    (grad, factored: Tensor, exchanges: Tensor, saved: Tensor) =>
      left
        ? luSolveGradient(grad, factored, exchanges, saved, adjoint)
        : luSolveGradient(grad.mT, factored, exchanges, saved.mT, !adjoint),
    using([0, 1], (grad, factored: Tensor, exchanges: Tensor, _x: Tensor) =>
      solveLu(op, factored, exchanges, grad, left, !adjoint),
    ),
  ]);
}

/** The gradient of LU in the solution of A · X = B, or of Aᵀ · X = B. */
function luSolveGradient(grad: Tensor, lu: Tensor, pivots: Tensor, x: Tensor, adjoint: boolean): Tensor {
  const { P, L, U } = luUnpack(lu, pivots);
  const by = (a: Tensor, y: Tensor, upper: boolean, transposed: boolean): Tensor =>
    solveTriangle('linalg.luSolve', a, y, { upper, left: true, unit: !upper, transposed });
  if (!adjoint) {
    // X = U⁻¹ · L⁻¹ · Pᵀ · B
    const full = by(U, grad, true, true).matmul(x.mT).neg();
    return by(L, full, false, true).matmul(U.mT).tril(-1).add(full.triu());
  }
  // X = P · Z with Lᵀ · Z = W, Uᵀ · W = B
  const z = P.mT.matmul(x);
  const gradW = by(L, P.mT.matmul(grad), false, false);
  const ofL = z.matmul(gradW.mT).tril(-1);
  const ofU = L.mT
    .matmul(z)
    .matmul(by(U, gradW, true, false).mT)
    .triu();
  return ofL.add(ofU).neg();
}

function checkLuSolve(op: string, lu: Tensor, pivots: Tensor, b: Tensor, left: boolean): void {
  checkSquare(op, lu, 'LU');
  checkMatrix(op, b, 'B');
  checkSameDType(op, lu, b);
  checkPivots(op, lu, pivots);
  const n = lu.shape[lu.shape.length - 1]!;
  const [rows, columns] = sizeOf(b);
  if ((left ? rows : columns) !== n) {
    throw rangeError(
      `${op}: Incompatible shapes of A and B for the equation ${left ? 'AX = B' : 'XA = B'} (${n}x${n} and ${rows}x${columns}).`,
    );
  }
}

/**
 * X of `A X = B` (`X A = B` with `left: false`, with Aᵀ if `adjoint`) by what linalg.luFactor gives.
 * https://pytorch.org/docs/stable/generated/torch.linalg.lu_solve.html
 */
export const luSolveFactored = named(
  'linalg.luSolve',
  ['LU', 'pivots', 'B', 'left', 'adjoint'],
  (factors: Tensor, pivots: Tensor, b: Tensor, left: boolean = true, adjoint: boolean = false): Tensor => {
    checkLuSolve('linalg.luSolve', factors, pivots, b, left);
    return solveLu('linalg.luSolve', factors, pivots, b, left, adjoint);
  },
);

/** PyTorch's older form of {@link luSolveFactored}, B first. */
export const luSolve = named(
  'luSolve',
  ['b', 'LUData', 'LUPivots'],
  (b: Tensor, factors: Tensor, pivots: Tensor): Tensor => {
    checkLuSolve('luSolve', factors, pivots, b, true);
    return solveLu('luSolve', factors, pivots, b, true, false);
  },
);
