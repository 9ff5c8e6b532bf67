export { clipGradNorm_, clipGradValue_, parametersToVector, vectorToParameters } from './clipGrad.js';
export { fuseConvBnEval, fuseConvBnWeights } from './fusion.js';
export * as parametrizations from './parametrizations.js';
export * as parametrize from './parametrize.js';
export * as prune from './prune.js';
export * as rnn from './rnn.js';
export { removeSpectralNorm, spectralNorm } from './spectralNorm.js';
export * as stateless from './stateless.js';
export { removeWeightNorm, weightNorm } from './weightNorm.js';
