/** What of nn.functional also stands in `ng` itself, and as methods. */

export { hardshrink, relu, threshold } from './activation.js';
export { adaptiveAvgPool1d, avgPool1d } from './averaging.js';
export { bilinear } from './bilinear.js';
export {
  conv1d,
  conv2d,
  conv3d,
  convolution,
  convTranspose1d,
  convTranspose2d,
  convTranspose3d,
} from './convolution.js';
export { ctcLoss } from './ctc.js';
export { cosineSimilarity, pairwiseDistance } from './distance.js';
export { alphaDropout, dropout, featureAlphaDropout, featureDropout } from './dropout.js';
export { prelu, rrelu } from './gating.js';
export { celu_, relu_, rrelu_, selu_, threshold_ } from './inplace.js';
export { cdist, pdist } from './pairDistances.js';
export { maxPool1d, maxPool1dWithIndices, maxPool2d, maxPool2dWithIndices, maxPool3d } from './pooling.js';
export { channelShuffle, pixelShuffle, pixelUnshuffle } from './shuffling.js';
export { celu, selu } from './smooth.js';
export { logSoftmax, softmax } from './softmax.js';
export { adaptiveMaxPool1d } from './unpooling.js';
