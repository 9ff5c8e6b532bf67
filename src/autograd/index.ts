export { type BackwardOptions, backward, type GradOptions, grad } from './engine.js';
export { detectAnomaly, isAnomalyEnabled, setDetectAnomaly } from './mode.js';
export { AccumulateGrad, Node } from './node.js';
