export { LRScheduler, type SchedulerStateDict } from './base.js';
export { ChainedScheduler, SequentialLR } from './combined.js';
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from './cosine.js';
export { CyclicLR } from './cyclic.js';
export { ConstantLR, ExponentialLR, LinearLR, MultiStepLR, PolynomialLR, StepLR } from './decays.js';
export { LambdaLR, type LrLambda, MultiplicativeLR } from './lambdas.js';
export { OneCycleLR } from './oneCycle.js';
export { ReduceLROnPlateau } from './plateau.js';
