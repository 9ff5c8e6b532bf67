export * from './addmm.js';
export * from './aliases.js';
export * from './arithmetic.js';
export * from './arranging.js';
export * from './bitwise.js';
export * from './clamping.js';
export * from './comparison.js';
export * from './copying.js';
export * from './cumulative.js';
export * from './diagonal.js';
export * from './differences.js';
export * from './einsum.js';
export * from './exponential.js';
export { indexAdd, indexCopy, indexFill, indexSelect, put, take } from './alongdim.js';
export { amax, amin, aminmax, argmax, argmin, cummax, cummin, type ExtremeOptions, max, min, type ValuesAndIndices } from './extremes.js';
export { gather, scatter, scatterAdd, takeAlongDim } from './gathering.js';
export { at, type Indices, indexPut, setAt } from './indexing.js';
export { relu } from './activation.js';
export {
  conv1d,
  conv2d,
  conv3d,
  convolution,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from './convolution.js';
export { alphaDropout, dropout, featureAlphaDropout, featureDropout } from './dropout.js';
export * from './elementwise.js';
export * from './indexing.js';
export * from './joining.js';
export { argwhere, maskedFill, maskedScatter, maskedSelect, nonzero, where } from './masks.js';
export * from './matmul.js';
export * from './movement.js';
export * from './norm.js';
export * from './products.js';
export * from './random.js';
export * from './reduction.js';
export * from './rounding.js';
export * from './special.js';
export * from './splitting.js';
export * from './statistics.js';
export * from './strided.js';
export * from './trigonometric.js';
export type { Other } from './factories.js';
export { indexReduce, type ScatterReduction, scatterReduce } from './scatterreduce.js';
export { argsort, kthvalue, median, mode, msort, nanmedian, sort, topk } from './sorting.js';
export { tril, triu } from './triangle.js';
export { selectScatter, sliceScatter } from './replacing.js';
export { realPart as real } from './properties.js';
