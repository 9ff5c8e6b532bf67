export { type BackwardOptions, backward, type GradOptions, grad } from './engine.js';
export { Function, FunctionContext } from './function.js';
export * as functional from './functional.js';
export { type GradcheckOptions, gradcheck, gradgradcheck } from './gradcheck.js';
export { detectAnomaly, isAnomalyEnabled, setDetectAnomaly } from './mode.js';
export { AccumulateGrad, Node } from './node.js';
