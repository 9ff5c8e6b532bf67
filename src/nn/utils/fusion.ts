import { noGrad } from '../../autograd/mode.js';
import { onesLike, zerosLike } from '../../creation.js';
import { stateError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import type { BatchNormModule } from '../batchnorm.js';
import { deepcopy } from '../deepcopy.js';
import type { Module } from '../module.js';
import { Parameter } from '../parameter.js';

type Conv = Module & { weight: Parameter; bias: Parameter | null; transposed: boolean };

/**
 * Weight and bias of a convolution that does what a convolution and a batch normalisation behind it do.
 * @param transpose whether the weight is a transposed convolution's, with the output's channels second
 */
export function fuseConvBnWeights(
  weight: Tensor,
  bias: Tensor | null,
  runningMean: Tensor,
  runningVar: Tensor,
  eps: number,
  bnWeight: Tensor | null,
  bnBias: Tensor | null,
  transpose = false,
): [weight: Parameter, bias: Parameter] {
  return noGrad(() => {
    const factor = runningVar
      .add(eps)
      .rsqrt()
      .mul(bnWeight ?? onesLike(runningVar));
    const shape: number[] = weight.shape.map(() => 1);
    shape[transpose ? 1 : 0] = -1;
    const shift = (bias ?? zerosLike(runningMean))
      .sub(runningMean)
      .mul(factor)
      .add(bnBias ?? zerosLike(runningMean));
    return [new Parameter(weight.mul(factor.reshape(shape)), weight.requiresGrad), new Parameter(shift)];
  });
}

/**
 * A copy of a convolution that includes the batch normalisation behind it; both must be in eval mode.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.fuse_conv_bn_eval.html
 */
export function fuseConvBnEval<C extends Module>(conv: C, bn: BatchNormModule, transpose = false): C {
  if (conv.training || bn.training)
    throw stateError('fuseConvBnEval: Fusion only for eval! Call eval() of both modules first.');
  if (bn.runningMean === null || bn.runningVar === null)
    throw stateError('fuseConvBnEval: the batch normalisation has no running statistics to fuse.');
  const fused = deepcopy(conv) as C & Conv;
  const { weight, bias } = fused;
  [fused.weight, fused.bias] = fuseConvBnWeights(
    weight,
    bias,
    bn.runningMean,
    bn.runningVar,
    bn.eps,
    bn.weight,
    bn.bias,
    transpose,
  );
  return fused;
}
