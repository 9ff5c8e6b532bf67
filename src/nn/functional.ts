/**
 * `ng.nn.functional`: the ops of neural networks, each from the file of src/ops where it stands beside its derivative.
 * One line a file, alphabetical.
 */
export { relu } from '../ops/activation.js';
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from '../ops/convolution.js';
export { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from '../ops/dropout.js';
export { embedding, oneHot } from '../ops/embedding.js';
export { linear } from '../ops/linear.js';
export { mseLoss } from '../ops/loss.js';
export { crossEntropy, nllLoss } from '../ops/nll.js';
export {
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
} from '../ops/pooling.js';
export { logSoftmax, softmax, softmin } from '../ops/softmax.js';
