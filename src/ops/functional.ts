/** What of nn.functional also stands in `ng` itself, and as methods. */
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
export { maxPool1d, maxPool1dWithIndices, maxPool2d, maxPool2dWithIndices, maxPool3d } from './pooling.js';
export { logSoftmax, softmax } from './softmax.js';
