export * as autograd from './autograd/index.js';
export {
  enableGrad,
  inferenceMode,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
} from './autograd/mode.js';
export { backend, getNumThreads, setNumThreads } from './backends/index.js';
export * from './constants.js';
export * from './creation/random.js';
export * from './creation/windows.js';
export * from './creation.js';
export * as data from './data/index.js';
export { cpu, cuda, Device, device } from './device.js';
export type { DType, TypedArray } from './dtype.js';
export * as fft from './fft.js';
export * as func from './func.js';
export { type IndexItem, Slice, slice } from './indexing.js';
export {
  Dict,
  type Format,
  type LoadOptions,
  load,
  loadMetadata,
  loadSync,
  type SaveOptions,
  save,
  saveSync,
  type TensorDict,
} from './io/index.js';
export { type FloatLimits, finfo, type IntegerLimits, iinfo } from './limits.js';
export * as linalg from './linalg.js';
export * as masked from './masked.js';
export { fromMessage, type Message, toMessage } from './message.js';
export { deepcopy } from './nn/deepcopy.js';
export * as nn from './nn/index.js';
export * from './ops/index.js';
export * as optim from './optim/index.js';
export * from './predicates.js';
export { getPrintoptions, setPrintoptions } from './printing.js';
export {
  ComplexScalar,
  canCast,
  FloatScalar,
  float,
  getDefaultDtype,
  promoteTypes,
  resultType,
  type Scalar,
  setDefaultDtype,
} from './promotion.js';
export { Generator, initialSeed, manualSeed, seed } from './random/generator.js';
export { OrderedDict, repr, tuple } from './repr.js';
export { type Several, Size } from './size.js';
export * as special from './special.js';
export { type Nested, Tensor, type TensorOptions } from './tensor.js';
export * as tensorboard from './tensorboard/index.js';
export * as viz from './viz/index.js';
