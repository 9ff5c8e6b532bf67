/** PyTorch's torch.linalg: `ng.linalg.solve(A, B)`. */
import { checkTensor } from './ops/apply.js';
import { diagonal as diagonalOf } from './ops/diagonal.js';
import { named } from './ops/options.js';
import { crossAlong } from './ops/products.js';
import type { Tensor } from './tensor.js';

export { choleskyEx, choleskyOf as cholesky } from './ops/linalg/cholesky.js';
export { det, slogdet } from './ops/linalg/determinant.js';
export { eig, eigvals } from './ops/linalg/eig.js';
export { eigh, eigvalsh, type Uplo } from './ops/linalg/eigh.js';
export { matrixExp, matrixPower } from './ops/linalg/functions.js';
export { ldlFactor, ldlFactorEx, ldlSolve } from './ops/linalg/ldl.js';
export { type LstsqDriver, lstsq } from './ops/linalg/leastSquares.js';
export { luFactor, luFactorEx, luMatrices as lu } from './ops/linalg/lu.js';
export { luSolveFactored as luSolve } from './ops/linalg/luSolve.js';
export { cond, type MatrixDims, type MatrixOrder, matrixNorm, norm, vectorNorm } from './ops/linalg/norms.js';
export { multiDot, vander, vecdot } from './ops/linalg/products.js';
export { matrixRank, pinv, type Tolerance } from './ops/linalg/pseudoinverse.js';
export { householderProduct, type QrMode, qrOf as qr } from './ops/linalg/qr.js';
export { inv, invEx, solve, solveEx, tensorinv, tensorsolve } from './ops/linalg/solve.js';
export { svd, svdvals } from './ops/linalg/svd.js';
export { solveTriangular } from './ops/linalg/triangular.js';
export { matmul } from './ops/matmul.js';

/**
 * The vector product over `dim`, broadcast.
 * https://pytorch.org/docs/stable/generated/torch.linalg.cross.html
 */
export const cross = named('cross', ['input', 'other', 'dim'], (x: Tensor, other: Tensor, dim: number = -1): Tensor => {
  checkTensor('cross', x);
  checkTensor('cross', other, 'other');
  return crossAlong('cross', x, other, dim);
});

/** The diagonal of the last two dims (by default) as the last dimension of a view. */
export const diagonal = named(
  'diagonal',
  ['A', 'offset', 'dim1', 'dim2'],
  (x: Tensor, offset: number = 0, dim1: number = -2, dim2: number = -1): Tensor => diagonalOf(x, offset, dim1, dim2),
);
