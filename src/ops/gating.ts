import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { float64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { defaultGenerator } from '../random/generator.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { leakyRelu } from './activation.js';
import { checkInPlace, checkTensor } from './apply.js';
import { cat } from './joining.js';
import { where } from './masks.js';
import { named } from './options.js';
import { softmax } from './softmax.js';

function checkFloat(op: string, x: Tensor): void {
  if (x.dtypeInfo.name !== 'float32' && x.dtypeInfo.name !== 'float64') {
    throw typeError(`${op}: not implemented for ${x.dtype}; convert with to('float32').`);
  }
}

/**
 * `a sigmoid(b)`, a and b being the two halves of x along `dim`.
 * @throws RangeError where the dimension is odd
 */
export const glu = named('glu', ['input', 'dim'], (input: Tensor, dim: number = -1): Tensor => {
  checkTensor('glu', input);
  checkFloat('glu', input);
  if (input.shape.length === 0) throw rangeError('glu: glu does not support 0-dimensional tensors.');
  const d = wrapDim('glu', dim, input.shape.length);
  const size = input.shape[d]!;
  if (size % 2 !== 0) throw rangeError(`glu: Halving dimension must be even, but dimension ${d} is size ${size}.`);
  const half = size / 2;
  const a = halfOf(input, d, 0);
  const out = input.makeEmpty(a.shape, input.dtypeInfo);
  kernels.sigmoid(out, halfOf(input, d, half));
  kernels.mul(out, out, a);
  return record(
    'GluBackward0',
    out,
    [input],
    [input],
    [
      (grad, x) => {
        const gate = x.narrow(d, half, half).sigmoid();
        const gradA = grad.mul(gate);
        return cat([gradA, gradA.mul(gate.neg().add(1)).mul(x.narrow(d, 0, half))], d);
      },
    ],
  );
});

/** Half of x along d, without history. */
function halfOf(x: Tensor, d: number, start: number): Tensor {
  const shape = x.shape.map((size, i) => (i === d ? size / 2 : size));
  return x.makeAlias(shape, x.strides, x.offset + start * x.strides[d]!);
}

/**
 * `x > 0 ? x : weight · x`, with one weight, or one for each channel (dimension 1).
 * @throws RangeError for a weight that does not fit
 */
export const prelu = named('prelu', ['input', 'weight'], (input: Tensor, weight: Tensor): Tensor => {
  checkTensor('prelu', input);
  checkTensor('prelu', weight, 'weight');
  checkFloat('prelu', input);
  if (weight.dtypeInfo !== input.dtypeInfo)
    throw typeError(`prelu: expected weight of dtype ${input.dtype}, but got ${weight.dtype}.`);
  const rank = input.shape.length;
  if (weight.count !== 1) {
    if (rank === 0) throw rangeError('prelu: Not allow zero-dim input tensor with more than one weight.');
    const channels = rank > 1 ? input.shape[1]! : 1;
    if (channels !== weight.count) {
      throw rangeError(
        `prelu: Mismatch of parameter numbers and input channel size. Found parameter numbers = ${weight.count} and channel size = ${channels}.`,
      );
    }
  }
  if (weight.shape.length > 1)
    throw rangeError(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got ndim = ${weight.shape.length}.`);
  const spread = weight.count === 1 ? [] : input.shape.slice(1).map((_, i) => (i === 0 ? weight.count : 1));
  const out = input.makeEmpty(input.shape, input.dtypeInfo);
  const strides = spread.map((_, i) => (i === 0 ? (weight.strides[0] ?? 0) : 0));
  kernels.prelu(out, input, weight.makeAlias(spread, strides, weight.offset));
  const { shape } = weight;
  return record('PreluBackward0', out, [input, weight], [input, weight] as const, [
    (grad, x: Tensor, w: Tensor) => where(x.gt(0), grad, grad.mul(w.reshape(spread))),
    using([0], (grad, x: Tensor, _w: Tensor) => where(x.gt(0), 0, grad.mul(x)).sumToSize(spread).reshape(shape)),
  ]);
});

/**
 * {@link leakyRelu} with a slope drawn for each negative element from [lower, upper) when training, else their mean.
 * @param inplace overwrite x
 * @throws RangeError where lower is above upper
 */
export const rrelu = named(
  'rrelu',
  ['input', 'lower', 'upper', 'training', 'inplace'],
  (
    input: Tensor,
    lower: number = 1 / 8,
    upper: number = 1 / 3,
    training: boolean = false,
    inplace: boolean = false,
  ): Tensor => {
    checkTensor('rrelu', input);
    checkFloat('rrelu', input);
    if (!(lower <= upper))
      throw rangeError(
        `rrelu: lower bound should be less than or equal to the upper bound, but they are ${lower} and ${upper}.`,
      );
    if (!training) return leakyRelu(input, (lower + upper) / 2, inplace);
    const slopes = drawSlopes(input.detach(), lower, upper);
    if (inplace) {
      checkInPlace('rrelu', input);
      return input.mul_(slopes);
    }
    const out = input.detach().mul(slopes);
    return record('RreluWithNoiseBackward0', out, [input], [slopes], [(grad, s) => grad.mul(s)]);
  },
);

/** 1 where x is positive, else a number from [lower, upper), drawn in order. */
function drawSlopes(x: Tensor, lower: number, upper: number): Tensor {
  const mask = x.le(0);
  const draws = x.makeEmpty([mask.sum().item()], float64);
  // PyTorch draws in float64 between bounds of x's dtype.
  const [from, to] = x.dtype === 'float64' ? [lower, upper] : [Math.fround(lower), Math.fround(upper)];
  kernels.randomUniform(draws, defaultGenerator.state, from, to);
  return x.newOnes(x.shape).maskedScatter(mask, draws.to(x.dtype));
}

/**
 * A sample of categories by the Gumbel trick, differentiable: `softmax((logits + gumbel noise) / tau)`.
 *
 * @param tau the smaller, the closer to one-hot
 * @param hard gives one-hot vectors, with the gradient of the soft ones
 * @param eps not used any more
 */
export const gumbelSoftmax = named(
  'gumbelSoftmax',
  ['logits', 'tau', 'hard', 'eps', 'dim'],
  (logits: Tensor, tau: number = 1, hard: boolean = false, _eps: number = 1e-10, dim: number = -1): Tensor => {
    checkTensor('gumbelSoftmax', logits, 'logits');
    checkFloat('gumbelSoftmax', logits);
    const noise = logits.makeEmpty(logits.shape, logits.dtypeInfo);
    kernels.randomExponential(noise, defaultGenerator.state, 1);
    const soft = softmax(logits.add(noise.log().neg()).div(tau), dim);
    if (!hard) return soft;
    const index = soft.detach().argmax(dim, true);
    const one = logits.newZeros(logits.shape).scatter(dim, index, 1);
    return one.sub(soft.detach()).add(soft);
  },
);
