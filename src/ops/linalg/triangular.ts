/** Equations with triangular matrices. */
import { record, recordMany, using } from '../../autograd/record.js';
import { kernels } from '../../backends/index.js';
import { rangeError } from '../../errors.js';
import { numberOfElements } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { named, namedTuple } from '../options.js';
import {
  checkMatrix,
  checkSameDType,
  checkSquare,
  commonBatch,
  finished,
  inBatch,
  sizeOf,
  transposedAlias,
  working,
  workingInBatch,
} from './common.js';

/** Which triangular matrix, and where it stands. */
export interface Triangle {
  readonly upper: boolean;
  /** Solve A · X = B, else X · A = B. */
  readonly left: boolean;
  /** Take the diagonal for ones. */
  readonly unit: boolean;
  /** Solve with Aᵀ. */
  readonly transposed: boolean;
}

/** b = A⁻¹ · b (or with Aᵀ) in place; both float64, row-major and of one batch. */
export function solveInPlace(b: Tensor, a: Tensor, upper: boolean, transposed: boolean, unit: boolean): void {
  const [rows, columns] = sizeOf(b);
  const batch = numberOfElements(b.shape.slice(0, -2));
  kernels.triangularSolve(b, a, batch, rows, columns, upper ? 1 : 0, transposed ? 1 : 0, unit ? 1 : 0);
}

/** The solution without a record, in B's dtype. */
function solution(op: string, a: Tensor, b: Tensor, { upper, left, unit, transposed }: Triangle): Tensor {
  const batch = commonBatch(op, a, b);
  const matrix = workingInBatch(a, batch);
  // X · A = B is Aᵀ · Xᵀ = Bᵀ.
  const right = workingInBatch(left ? b : transposedAlias(b), batch);
  solveInPlace(right, matrix, upper, left ? transposed : !transposed, unit);
  return finished(left ? right : transposedAlias(right), b.dtypeInfo);
}

function checkFit(op: string, a: Tensor, b: Tensor, left: boolean): void {
  checkSquare(op, a);
  checkMatrix(op, b, 'B');
  checkSameDType(op, a, b);
  const [rows, columns] = sizeOf(b);
  const n = a.shape[a.shape.length - 1]!;
  if ((left ? rows : columns) !== n) {
    const shapes = `(${n}x${n} and ${rows}x${columns})`;
    throw rangeError(
      `${op}: Incompatible shapes of A and B for the equation ${left ? `AX = B ${shapes}` : `XA = B ${shapes}`}.`,
    );
  }
}

/** X of A · X = B (or X · A = B), A triangular, with its gradient. */
export function solveTriangle(op: string, a: Tensor, b: Tensor, triangle: Triangle): Tensor {
  checkFit(op, a, b, triangle.left);
  const out = solution(op, a, b, triangle);
  return record('LinalgSolveTriangularBackward0', out, [a, b], [a, out] as const, [
    (grad, matrix: Tensor, x: Tensor) => matrixGradient(rightGradient(grad, matrix, triangle), x, triangle),
    using([0], (grad, matrix: Tensor, _x: Tensor) => rightGradient(grad, matrix, triangle)),
  ]);
}

/** The gradient of B: the same equation with the other transpose. */
function rightGradient(grad: Tensor, a: Tensor, triangle: Triangle): Tensor {
  return solveTriangle('linalg.solveTriangular', a, grad, { ...triangle, transposed: !triangle.transposed });
}

/** The gradient of A from B's: -gB · Xᵀ where A has elements. */
function matrixGradient(gradB: Tensor, x: Tensor, { upper, left, unit, transposed }: Triangle): Tensor {
  const product = left ? gradB.matmul(x.mT) : x.mT.matmul(gradB);
  const full = (transposed ? product.mT : product).neg();
  return upper ? full.triu(unit ? 1 : 0) : full.tril(unit ? -1 : 0);
}

/**
 * The solution X of `A X = B` (or `X A = B` with `left: false`), A triangular; only that triangle is looked at. With
 * `unitriangular` A's diagonal counts as ones.
 * https://pytorch.org/docs/stable/generated/torch.linalg.solve_triangular.html
 * @example linalg.solveTriangular(A, B, { upper: false })
 */
export const solveTriangular = named(
  'linalg.solveTriangular',
  ['A', 'B', 'upper', 'left', 'unitriangular'],
  (a: Tensor, b: Tensor, upper: boolean, left: boolean = true, unitriangular: boolean = false): Tensor =>
    solveTriangle('linalg.solveTriangular', a, b, { upper, left, unit: unitriangular, transposed: false }),
);

/**
 * The solution X of `A X = B`, A triangular, and a copy of A.
 * https://pytorch.org/docs/stable/generated/torch.triangular_solve.html
 */
export const triangularSolve = named(
  'triangularSolve',
  ['b', 'A', 'upper', 'transpose', 'unitriangular'],
  (b: Tensor, a: Tensor, upper: boolean = true, transpose: boolean = false, unitriangular: boolean = false) => {
    checkFit('triangularSolve', a, b, true);
    const triangle: Triangle = { upper, left: true, unit: unitriangular, transposed: transpose };
    const batch = commonBatch('triangularSolve', a, b);
    const x = solution('triangularSolve', a, b, triangle);
    const copy = finished(working(inBatch(a.detach(), batch)), a.dtypeInfo);
    recordMany('TriangularSolveBackward0', [x, copy], [b, a], [a, x] as const, [
      { uses: [0], formula: ([grad], matrix: Tensor) => (grad ? rightGradient(grad, matrix, triangle) : null) },
      ([grad, gradCopy], matrix: Tensor, saved: Tensor) => {
        if (!grad) return gradCopy ?? null;
        const own = matrixGradient(rightGradient(grad, matrix, triangle), saved, triangle);
        return gradCopy ? own.add(gradCopy) : own;
      },
    ]);
    return namedTuple(['solution', 'clonedCoefficient'], [x, copy]);
  },
);
