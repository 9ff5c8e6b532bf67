/** Linear algebra under PyTorch's older names, which stand on `ng` and on tensors. */
export { cholesky, choleskyInverse, choleskySolve } from './cholesky.js';
export { det, logdet, slogdet } from './determinant.js';
export { symeig, type Uplo } from './eigh.js';
export { matrixExp, matrixPower } from './functions.js';
export type { LstsqDriver } from './leastSquares.js';
export { lu, luUnpack } from './lu.js';
export { luSolve } from './luSolve.js';
export type { MatrixDims, MatrixOrder } from './norms.js';
export { chainMatmul } from './products.js';
export { pinverse, type Tolerance } from './pseudoinverse.js';
export { geqrf, orgqr, ormqr, type QrMode, qr } from './qr.js';
export { inverse } from './solve.js';
export { svdOld as svd } from './svd.js';
export { triangularSolve } from './triangular.js';
