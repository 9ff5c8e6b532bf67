/**
 * `ng.nn.functional`: the ops of neural networks, each from the file of src/ops where it stands beside its derivative.
 * One line a file, alphabetical.
 */
export { hardshrink, hardsigmoid, hardtanh, leakyRelu, relu, relu6, softshrink, threshold } from '../ops/activation.js';
export { _scaledDotProductAttention, scaledDotProductAttention } from '../ops/attention.js';
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  lpPool1d,
  lpPool2d,
} from '../ops/averaging.js';
export { batchNorm } from '../ops/batchNorm.js';
export { bilinear } from '../ops/bilinear.js';
export { binaryCrossEntropy, binaryCrossEntropyWithLogits } from '../ops/binaryCrossEntropy.js';
export { fold, unfold } from '../ops/blocks.js';
export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from '../ops/convolution.js';
export { ctcLoss } from '../ops/ctc.js';
export { cosineSimilarity, normalize, pairwiseDistance } from '../ops/distance.js';
export { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from '../ops/dropout.js';
export { embedding, oneHot } from '../ops/embedding.js';
export { type BagMode, embeddingBag } from '../ops/embeddingbag.js';
export { sigmoid } from '../ops/exponential.js';
export { glu, gumbelSoftmax, prelu, rrelu } from '../ops/gating.js';
export { type GridPadding, gridSample } from '../ops/gridsample.js';
export { groupNorm, instanceNorm } from '../ops/groupNorm.js';
export { celu_, elu_, hardtanh_, leakyRelu_, relu_, rrelu_, selu_, threshold_ } from '../ops/inplace.js';
export {
  type InterpolationMode,
  interpolate,
  upsample,
  upsampleBilinear,
  upsampleNearest,
} from '../ops/interpolation.js';
export { gaussianNllLoss, klDiv, poissonNllLoss } from '../ops/likelihood.js';
export { linear } from '../ops/linear.js';
export { huberLoss, l1Loss, mseLoss, smoothL1Loss, softMarginLoss } from '../ops/loss.js';
export {
  cosineEmbeddingLoss,
  hingeEmbeddingLoss,
  marginRankingLoss,
  type TripletOptions,
  tripletMarginLoss,
  tripletMarginWithDistanceLoss,
} from '../ops/margin.js';
export { multilabelMarginLoss, multilabelSoftMarginLoss, multiMarginLoss } from '../ops/multiMargin.js';
export { crossEntropy, nllLoss } from '../ops/nll.js';
export { layerNorm, localResponseNorm } from '../ops/normalization.js';
export { pad } from '../ops/padding.js';
export { pdist } from '../ops/pairDistances.js';
export {
  maxPool1d,
  maxPool1dWithIndices,
  maxPool2d,
  maxPool2dWithIndices,
  maxPool3d,
  maxPool3dWithIndices,
} from '../ops/pooling.js';
export { affineGrid } from '../ops/sampling.js';
export { channelShuffle, pixelShuffle, pixelUnshuffle } from '../ops/shuffling.js';
export {
  celu,
  elu,
  gelu,
  hardswish,
  logsigmoid,
  mish,
  selu,
  silu,
  softplus,
  softsign,
  tanhshrink,
} from '../ops/smooth.js';
export { logSoftmax, softmax, softmin } from '../ops/softmax.js';
export { tanh } from '../ops/trigonometric.js';
export {
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  fractionalMaxPool2d,
  fractionalMaxPool3d,
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
} from '../ops/unpooling.js';
export { type AttentionArguments, multiHeadAttentionForward } from './multiheadForward.js';
