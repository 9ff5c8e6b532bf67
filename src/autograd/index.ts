export { type BackwardOptions, backward, type GradOptions, grad } from './engine.js';
export { Function, FunctionContext } from './function.js';
export * as functional from './functional.js';
export { type GradcheckOptions, gradcheck, gradgradcheck } from './gradcheck.js';
export {
  detectAnomaly,
  enableGrad,
  inferenceMode,
  isAnomalyEnabled,
  noGrad,
  setDetectAnomaly,
  setGradEnabled,
} from './mode.js';
export { AccumulateGrad, Node } from './node.js';
