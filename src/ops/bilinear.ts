import { rangeError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';

/**
 * `y_k = x1ᵀ W_k x2 + b_k` over the last dimensions.
 *
 * @param input1 […, in1]
 * @param input2 […, in2], the same but for the last
 * @param weight [out, in1, in2]
 * @param bias [out]
 * @returns […, out]
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html
 * @throws RangeError for shapes that do not fit
 */
export const bilinear = named(
  'bilinear',
  ['input1', 'input2', 'weight', 'bias'],
  (x1: Tensor, x2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor => {
    checkTensor('bilinear', x1, 'input1');
    checkTensor('bilinear', x2, 'input2');
    checkTensor('bilinear', weight, 'weight');
    if (bias !== null) checkTensor('bilinear', bias, 'bias');
    if (x1.shape.length !== x2.shape.length) {
      throw rangeError(
        `bilinear: input dimensions do not match: got ${x1.shape.length} and ${x2.shape.length}; give both as many.`,
      );
    }
    const last = x1.shape.length - 1;
    for (let d = 0; d < last; d++) {
      if (x1.shape[d] !== x2.shape[d]) {
        throw rangeError(
          `bilinear: input batch dimensions do not match at dim ${d}: got ${x1.shape[d]} and ${x2.shape[d]}.`,
        );
      }
    }
    if (weight.shape.length !== 3)
      throw rangeError(`bilinear: weight must be [out, in1, in2], but got [${weight.shape.join(', ')}].`);
    const [out, in1, in2] = weight.shape as [number, number, number];
    if (last < 0 || x1.shape[last] !== in1)
      throw rangeError(`bilinear: input1 size does not match weight size: got ${x1.shape[last]} but expected ${in1}.`);
    if (x2.shape[last] !== in2)
      throw rangeError(`bilinear: input2 size does not match weight size: got ${x2.shape[last]} but expected ${in2}.`);
    if (bias !== null && bias.shape[0] !== out)
      throw rangeError(`bilinear: bias size does not match weight size: got ${bias.shape[0]} but expected ${out}.`);
    if (x1.dtypeInfo !== x2.dtypeInfo || x1.dtypeInfo !== weight.dtypeInfo)
      throw typeError(
        `bilinear: expected inputs and weight of one dtype, but got ${x1.dtype}, ${x2.dtype} and ${weight.dtype}; convert with to(…).`,
      );
    const left = x1.reshape([-1, in1]).matmul(weight.permute([1, 0, 2]).reshape([in1, out * in2]));
    const sums = left
      .reshape([-1, out, in2])
      .mul(x2.reshape([-1, 1, in2]))
      .sum(-1);
    const y = sums.reshape([...x1.shape.slice(0, -1), out]).to(x1.dtype);
    return bias === null ? y : y.add(bias);
  },
);
