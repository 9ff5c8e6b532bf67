export * from './addmm.js';
export * from './aliases.js';
export { indexAdd, indexCopy, indexFill, indexSelect, put, take } from './alongdim.js';
export {
  type AlphaOptions,
  abs,
  add,
  div,
  floorDivide,
  fmod,
  mul,
  neg,
  positive,
  type RoundingOptions,
  reciprocal,
  remainder,
  rsub,
  sgn,
  sign,
  sub,
} from './arithmetic.js';
export * from './arranging.js';
export { batchNorm, nativeBatchNorm } from './batchNorm.js';
export { i0 } from './bessel.js';
export * from './bitwise.js';
export type { ValuesAndIndices } from './choosing.js';
export * from './clamping.js';
export * from './comparison.js';
export * from './complex.js';
export { imaginaryPart as imag } from './complex.js';
export {
  clone,
  contiguous,
  fill,
  type MemoryFormat,
  zero_,
} from './copying.js';
export {
  cumprod,
  cumsum,
  logcumsumexp,
} from './cumulative.js';
export {
  diag,
  diagEmbed,
  diagflat,
  diagonal,
  diagonalScatter,
  fillDiagonal_,
  trace,
} from './diagonal.js';
export * from './differences.js';
export * from './einsum.js';
export * from './exponential.js';
export {
  amax,
  amin,
  aminmax,
  argmax,
  argmin,
  cummax,
  cummin,
  type ExtremeOptions,
  max,
  min,
} from './extremes.js';
export type { Other } from './factories.js';
export * from './functional.js';
export { digamma, igamma, igammac, lgamma, mvlgamma, polygamma } from './gamma.js';
export { gather, scatter, scatterAdd, takeAlongDim } from './gathering.js';
export * from './grids.js';
export { groupNorm, instanceNorm } from './groupNorm.js';
export { type Bins, bincount, histc, histogram, histogramdd } from './histogram.js';
export { type Indices, indexPut } from './indexing.js';
export {
  atleast1d,
  atleast2d,
  atleast3d,
  blockDiag,
  cat,
  columnStack,
  dstack,
  hstack,
  stack,
  vstack,
} from './joining.js';
export * from './linalg/index.js';
export { argwhere, maskedFill, maskedScatter, maskedSelect, nonzero, where } from './masks.js';
export {
  bmm,
  dot,
  matmul,
  mm,
  mv,
} from './matmul.js';
export {
  broadcastTo,
  expand,
  flatten,
  narrow,
  narrowCopy,
  ravel,
  reshape,
  select,
  squeeze,
  unflatten,
  unsqueeze,
  view,
} from './movement.js';
export {
  dist,
  norm,
  renorm,
} from './norm.js';
export { layerNorm, nativeLayerNorm } from './normalization.js';
export { movedim, permute, t, transpose } from './permuting.js';
export * from './powers.js';
export {
  type ContractedDims,
  cross,
  inner,
  kron,
  outer,
  tensordot,
  vdot,
} from './products.js';
export { realPart as real } from './properties.js';
export { type Interpolation, nanquantile, quantile } from './quantile.js';
export * from './questions.js';
export * from './random.js';
export {
  all,
  any,
  countNonzero,
  logsumexp,
  mean,
  nanmean,
  nansum,
  prod,
  sum,
  sumToSize,
} from './reduction.js';
export { selectScatter, sliceScatter } from './replacing.js';
export * from './rounding.js';
export { indexReduce, type ScatterReduction, scatterReduce } from './scatterreduce.js';
export { bucketize, isin, searchsorted } from './searching.js';
export { argsort, kthvalue, median, mode, msort, nanmedian, sort, topk } from './sorting.js';
export * from './special.js';
export * from './splitting.js';
export * from './statistics.js';
export * from './stft.js';
export * from './strided.js';
export { at, setAt } from './subscript.js';
export * from './ternary.js';
export { tril, triu } from './triangle.js';
export * from './trigonometric.js';
export { type ConsecutiveOptions, type UniqueOptions, unique, uniqueConsecutive } from './unique.js';
