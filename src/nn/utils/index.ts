export { clipGradNorm_, clipGradValue_, parametersToVector, vectorToParameters } from './clipGrad.js';
export * as parametrizations from './parametrizations.js';
export * as parametrize from './parametrize.js';
export * as rnn from './rnn.js';
export { removeSpectralNorm, spectralNorm } from './spectralNorm.js';
export { removeWeightNorm, weightNorm } from './weightNorm.js';
