import { mode } from '../autograd/mode.js';
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, int64, uint8 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense, scalarOperand } from './apply.js';
import { named } from './options.js';
import { type Reduction, reductionCode, reductionOf } from './reductions.js';
import { type Around, around, logSoftmax } from './softmax.js';

/** What a loss of classes was called with. Numbers and shapes only, so that formulas may hold it. */
interface Problem {
  readonly op: string;
  readonly reduction: Reduction;
  readonly ignoreIndex: number;
  /** The dimension of the classes. */
  readonly dim: number;
  readonly sizes: Around;
  /** The shape of the losses before they are reduced. */
  readonly losses: Shape;
}

function checkFloat(op: string, x: Tensor): void {
  if (x.dtypeInfo.name !== 'float32' && x.dtypeInfo.name !== 'float64') {
    throw typeError(`${op}: not implemented for ${x.dtype}; convert input with to('float32').`);
  }
}

function problemOf(
  op: string,
  x: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
  ignoreIndex: number,
): Problem {
  const rank = x.shape.length;
  if (rank === 0)
    throw rangeError(`${op}: Expected 1 or more dimensions (got 0); give logits [classes] or [batch, classes, …].`);
  const dim = rank === 1 ? 0 : 1;
  const losses = x.shape.filter((_, i) => i !== dim);
  if (rank > 1 && target.shape.length > 0 && target.shape[0] !== x.shape[0]) {
    throw rangeError(
      `${op}: Expected input batch_size (${x.shape[0]}) to match target batch_size (${target.shape[0]}).`,
    );
  }
  // A target of one element may also come as [1] beside unbatched input.
  const fits = sameShape(target.shape, losses) || (rank === 1 && sameShape(target.shape, [1]));
  if (!fits) throw rangeError(`${op}: Expected target size [${losses.join(', ')}], got [${target.shape.join(', ')}].`);
  if (target.dtypeInfo !== int64 && target.dtypeInfo !== uint8) {
    throw typeError(
      `${op}: expected class indices of dtype int64 but found ${target.dtype}; convert target with to('int64').`,
    );
  }
  const classes = x.shape[dim]!;
  if (weight !== null && !sameShape(weight.shape, [classes])) {
    throw rangeError(
      `${op}: weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: [${weight.shape.join(', ')}].`,
    );
  }
  if (weight !== null && weight.dtypeInfo !== x.dtypeInfo) {
    throw typeError(`${op}: expected weight of dtype ${x.dtype} but found ${weight.dtype}; convert one with to(…).`);
  }
  return { op, reduction, ignoreIndex, dim, sizes: around(x, dim), losses };
}

/** PyTorch has one node for [n, classes], another for images, which others are reshaped to. */
function gradFnOf(rank: number, reduction: Reduction): string {
  if (rank <= 2) return 'NllLossBackward0';
  return rank === 4 || reduction !== 'none' ? 'NllLoss2DBackward0' : 'ViewBackward0';
}

/** The classes as int64 in a row. */
function classes(target: Tensor): Tensor {
  return dense(target.dtypeInfo === int64 ? target : target.to('int64'));
}

function lossShape(p: Problem): Shape {
  return p.reduction === 'none' ? p.losses : [];
}

/** The loss of log-probabilities. */
function nll(x: Tensor, target: Tensor, weight: Tensor | null, p: Problem): Tensor {
  const out = x.makeEmpty(lossShape(p), x.dtypeInfo);
  const total = x.makeEmpty([], x.dtypeInfo);
  kernels.nllLoss(out, total, dense(x), target, weight, ...p.sizes, reductionCode[p.reduction], p.ignoreIndex);
  const { shape } = x;
  return record(gradFnOf(shape.length, p.reduction), out, [x], [target, weight, total] as const, [
    (grad, t, w, sum) => nllBackward(grad, t, w, sum, shape, p),
  ]);
}

/** What {@link nll} does is linear: the gradient of its gradient is it again. */
function nllBackward(
  grad: Tensor,
  target: Tensor,
  weight: Tensor | null,
  total: Tensor,
  shape: Shape,
  p: Problem,
): Tensor {
  const out = grad.makeEmpty(shape, grad.dtypeInfo);
  kernels.nllLossBackward(
    out,
    dense(grad),
    target,
    weight,
    total,
    ...p.sizes,
    reductionCode[p.reduction],
    p.ignoreIndex,
  );
  return record('NllLossBackwardBackward0', out, [grad], [target, weight], [(g, t, w) => nll(g, t, w, p)]);
}

/** logSoftmax and {@link nll} in one. */
function crossEntropyOfClasses(x: Tensor, target: Tensor, weight: Tensor | null, p: Problem): Tensor {
  const out = x.makeEmpty(lossShape(p), x.dtypeInfo);
  const largest = x.makeEmpty([2, ...p.losses], x.dtypeInfo);
  const total = x.makeEmpty([], x.dtypeInfo);
  kernels.crossEntropy(
    out,
    largest,
    total,
    dense(x),
    target,
    weight,
    ...p.sizes,
    reductionCode[p.reduction],
    p.ignoreIndex,
  );
  return record(gradFnOf(x.shape.length, p.reduction), out, [x], [x, largest, target, weight, total] as const, [
    (grad, logits, most, t, w, sum) => {
      if (mode.grad) {
        const y = logSoftmax(logits, p.dim);
        const g = nllBackward(grad, t, w, sum, logits.shape, p);
        return g.sub(y.exp().mul(g.sum(p.dim, true)));
      }
      const gradX = logits.makeEmpty(logits.shape, logits.dtypeInfo);
      kernels.crossEntropyBackward(
        gradX,
        dense(grad),
        dense(logits),
        most,
        t,
        w,
        sum,
        ...p.sizes,
        reductionCode[p.reduction],
        p.ignoreIndex,
      );
      return gradX;
    },
  ]);
}

/**
 * The negative log-likelihood `-weight[y] x[y]` of log-probabilities x, for class indices y.
 *
 * @param input [classes], [batch, classes] or [batch, classes, …]
 * @param target the indices: input's shape without the classes
 * @param weight a factor for each class; with reduction 'mean' the sum is divided by the factors' sum
 * @param ignoreIndex a class that does not count
 * @throws RangeError for shapes that do not fit and classes that are not there, TypeError for dtypes
 * @example nllLoss(logSoftmax(x, 1), tensor([0, 2]))
 */
export const nllLoss = named(
  'nllLoss',
  ['input', 'target', 'weight', 'sizeAverage', 'ignoreIndex', 'reduce', 'reduction'],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage?: boolean | null,
    ignoreIndex: number = -100,
    reduce?: boolean | null,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkTensor('nllLoss', input);
    checkTensor('nllLoss', target, 'target');
    if (weight !== null) checkTensor('nllLoss', weight, 'weight');
    checkFloat('nllLoss', input);
    const kind = reductionOf('nllLoss', reduction, sizeAverage, reduce);
    const p = problemOf('nllLoss', input, target, weight, kind, ignoreIndex);
    return nll(input, classes(target), weight === null ? null : dense(weight), p);
  },
);

/**
 * `-log softmax(x)[y]` for logits x and class indices y; or `-Σ y log softmax(x)` for probabilities y of x's shape.
 *
 * @param input [classes], [batch, classes] or [batch, classes, …]
 * @param target indices (input's shape without the classes) or probabilities (input's shape)
 * @param weight a factor for each class; with indices and reduction 'mean' the sum is divided by the factors' sum
 * @param ignoreIndex an index that does not count
 * @param labelSmoothing how much of each target is spread over all classes, from 0 to 1
 * @throws RangeError for shapes that do not fit and classes that are not there, TypeError for dtypes
 * @example crossEntropy(model(x), tensor([3, 0, 7]), { labelSmoothing: 0.1 })
 */
export const crossEntropy = named(
  'crossEntropy',
  ['input', 'target', 'weight', 'sizeAverage', 'ignoreIndex', 'reduce', 'reduction', 'labelSmoothing'],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage?: boolean | null,
    ignoreIndex: number = -100,
    reduce?: boolean | null,
    reduction: Reduction = 'mean',
    labelSmoothing: number = 0,
  ): Tensor => {
    checkTensor('crossEntropy', input);
    checkTensor('crossEntropy', target, 'target');
    if (weight !== null) checkTensor('crossEntropy', weight, 'weight');
    const kind = reductionOf('crossEntropy', reduction, sizeAverage, reduce);
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw rangeError(`crossEntropy: label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}.`);
    }
    checkFloat('crossEntropy', input);
    if (input.shape.length > 0 && sameShape(input.shape, target.shape)) {
      return crossEntropyOfProbabilities(input, target, weight, kind, ignoreIndex, labelSmoothing);
    }
    const p = problemOf('crossEntropy', input, target, weight, kind, ignoreIndex);
    const factors = weight === null ? null : dense(weight);
    if (labelSmoothing > 0) return smoothed(input, classes(target), factors, p, labelSmoothing);
    return crossEntropyOfClasses(input, classes(target), factors, p);
  },
);

function alongClasses(weight: Tensor, rank: number, dim: number): Tensor {
  return weight.view(Array.from({ length: rank }, (_, i) => (i === dim ? weight.count : 1)));
}

function crossEntropyOfProbabilities(
  input: Tensor,
  target: Tensor,
  weight: Tensor | null,
  reduction: Reduction,
  ignoreIndex: number,
  labelSmoothing: number,
): Tensor {
  if (!target.dtypeInfo.isFloat) {
    throw typeError(
      `crossEntropy: Expected floating point type for target with class probabilities, got ${target.dtype}; give class indices of shape [${input.shape.filter((_, i) => i !== (input.shape.length === 1 ? 0 : 1)).join(', ')}] or convert with to('float32').`,
    );
  }
  if (ignoreIndex >= 0)
    throw rangeError(
      `crossEntropy: ignore_index is not supported for floating point target, but it is ${ignoreIndex}.`,
    );
  const rank = input.shape.length;
  const dim = rank === 1 ? 0 : 1;
  const classCount = input.shape[dim]!;
  if (weight !== null && !sameShape(weight.shape, [classCount])) {
    throw rangeError(
      `crossEntropy: weight tensor should be defined either for all ${classCount} classes or no classes but got weight tensor of shape: [${weight.shape.join(', ')}].`,
    );
  }
  const probabilities = labelSmoothing > 0 ? target.mul(1 - labelSmoothing).add(labelSmoothing / classCount) : target;
  let product = logSoftmax(input, dim).mul(probabilities);
  if (weight !== null) product = product.mul(alongClasses(weight, rank, dim));
  if (reduction === 'none') return product.sum(dim).neg();
  const sum = product.sum().neg();
  if (reduction === 'sum') return sum;
  return overScalar(sum, input.count === 0 ? Number.NaN : input.count / classCount);
}

/** Division by a number under the name PyTorch gives it inside its own functions. */
function overScalar(x: Tensor, n: number): Tensor {
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  kernels.copy(out, x.detach().div(n));
  return record('DivBackward1', out, [x], [], [(grad) => grad.div(n)]);
}

/** Class indices with label smoothing: a mean over the classes takes its part of the loss. */
function smoothed(input: Tensor, target: Tensor, weight: Tensor | null, p: Problem, smoothing: number): Tensor {
  const y = logSoftmax(input, p.dim);
  const classCount = input.shape[p.dim]!;
  const hit = nll(y, target, weight, p);
  const weighted = weight === null ? y : y.mul(alongClasses(weight, input.shape.length, p.dim));
  const ignored = target.makeEmpty(p.losses, bool);
  kernels.eq(ignored, target.view(p.losses), scalarOperand(p.ignoreIndex, int64));
  const rows = weighted.sum(p.dim).mul(ignored.to(input.dtype).sub(1));
  let spread = rows;
  if (p.reduction !== 'none') spread = rows.sum();
  if (p.reduction === 'mean') {
    const total = input.makeEmpty([], input.dtypeInfo);
    const unused = input.makeEmpty([], input.dtypeInfo);
    kernels.nllLoss(unused, total, dense(y.detach()), target, weight, ...p.sizes, reductionCode.sum, p.ignoreIndex);
    spread = spread.div(total);
  }
  return hit.mul(1 - smoothing).add(spread.mul(smoothing / classCount));
}
