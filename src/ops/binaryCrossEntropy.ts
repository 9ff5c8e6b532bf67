/** Cross-entropy of two classes, from probabilities and from logits. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import { broadcastTwo, type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';
import { checkPair, type Pointwise, pointwise, scaleBy } from './pointwiseLoss.js';
import { type Legacy, type Reduction, reduced, reductionOf } from './reductions.js';

function checkSameSize(op: string, input: Tensor, target: Tensor): void {
  if (sameShape(input.shape, target.shape)) return;
  throw rangeError(
    `${op}: Using a target size ([${target.shape.join(', ')}]) that is different to the input size ([${input.shape.join(', ')}]) is not supported; make them the same.`,
  );
}

function checkWeight(op: string, weight: Tensor | null, shape: Shape): void {
  if (weight === null) return;
  checkTensor(op, weight, 'weight');
  const wide = broadcastTwo(op, weight.shape, shape);
  if (!sameShape(wide, shape))
    throw rangeError(`${op}: weight [${weight.shape.join(', ')}] does not broadcast to [${shape.join(', ')}].`);
}

const bce: Pointwise = {
  op: 'binaryCrossEntropy',
  gradFn: 'BinaryCrossEntropyBackward0',
  forward: (out, x, y) => {
    try {
      kernels.binaryCrossEntropy(out, x, y);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_OUT_OF_RANGE') throw error;
      throw rangeError(
        'binaryCrossEntropy: all elements of input should be between 0 and 1; apply sigmoid, or use binaryCrossEntropyWithLogits on logits.',
      );
    }
  },
  backward: (out, grad, x, y, factor) => {
    kernels.binaryCrossEntropyBackward(out, grad, x, y);
    scaleBy(out, factor);
  },
  gradX: (grad, x, y) => grad.mul(x.sub(y)).div(x.neg().add(1).mul(x).clampMin(1e-12)),
  gradY: (grad, x) => grad.mul(x.neg().log1p().sub(x.log())),
};

/**
 * `-(target log input + (1 - target) log(1 - input))` for probabilities; logarithms are at least -100.
 *
 * @param input probabilities, in [0, 1]
 * @param target of input's shape
 * @param weight a factor for each element
 * @throws RangeError for unlike shapes and for an input outside [0, 1], TypeError for integers
 */
export const binaryCrossEntropy = named(
  'binaryCrossEntropy',
  ['input', 'target', 'weight', 'sizeAverage', 'reduce', 'reduction'],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
  ): Tensor => {
    checkPair('binaryCrossEntropy', input, target);
    const kind = reductionOf('binaryCrossEntropy', reduction, sizeAverage, reduce);
    checkSameSize('binaryCrossEntropy', input, target);
    checkWeight('binaryCrossEntropy', weight, input.shape);
    return pointwise(bce, input, target, kind, weight);
  },
);

const bceWithLogits: Pointwise = {
  op: 'binaryCrossEntropyWithLogits',
  gradFn: 'BinaryCrossEntropyWithLogitsBackward0',
  forward: kernels.binaryCrossEntropyWithLogits,
  backward: kernels.binaryCrossEntropyWithLogitsBackward,
  gradX: (grad, x, y) => grad.mul(x.sigmoid().sub(y)),
  gradY: (grad, x) => grad.mul(x.neg()),
};

/**
 * {@link binaryCrossEntropy} of `sigmoid(input)`, computed from the logits without overflow:
 * `(1 - target) input + log(1 + e^(-input))`.
 *
 * @param input logits
 * @param target of input's shape
 * @param weight a factor for each element
 * @param posWeight a factor for the positive part, broadcast to input's shape
 * @throws RangeError for unlike shapes, TypeError for integers
 * @example binaryCrossEntropyWithLogits(logits, labels, { posWeight: tensor([3.5]) })
 */
export const binaryCrossEntropyWithLogits = named(
  'binaryCrossEntropyWithLogits',
  ['input', 'target', 'weight', 'sizeAverage', 'reduce', 'reduction', 'posWeight'],
  (
    input: Tensor,
    target: Tensor,
    weight: Tensor | null = null,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
    posWeight: Tensor | null = null,
  ): Tensor => {
    checkPair('binaryCrossEntropyWithLogits', input, target);
    const kind = reductionOf('binaryCrossEntropyWithLogits', reduction, sizeAverage, reduce);
    checkSameSize('binaryCrossEntropyWithLogits', input, target);
    checkWeight('binaryCrossEntropyWithLogits', weight, input.shape);
    if (posWeight === null) return pointwise(bceWithLogits, input, target, kind, weight);
    checkWeight('binaryCrossEntropyWithLogits', posWeight, input.shape);
    return withPositiveWeight(input, target, kind, weight, posWeight);
  },
);

function withPositiveWeight(
  x: Tensor,
  y: Tensor,
  reduction: Reduction,
  weight: Tensor | null,
  posWeight: Tensor,
): Tensor {
  const [a, b, p] = [x.detach(), y.detach(), posWeight.detach()];
  // softplus(-x), and with it (1 - y) x + (1 + (p - 1) y) softplus(-x)
  const rest = a.clampMin(0).sub(a).add(a.abs().neg().exp().log1p());
  const plain = b.neg().add(1).mul(a).add(p.sub(1).mul(b).add(1).mul(rest));
  const out = reduced(weight === null ? plain : plain.mul(weight.detach()), reduction);
  const n = reduction === 'mean' ? x.count : 1;
  const scaled = (grad: Tensor, w: Tensor | null): Tensor => (w === null ? grad.div(n) : grad.div(n).mul(w));
  return record('BinaryCrossEntropyWithLogitsBackward0', out, [x, y], [x, y, weight, posWeight] as const, [
    (grad, xs, ys, w, pos) => {
      const t = pos.mul(ys);
      return scaled(grad, w).mul(t.add(1).sub(ys).mul(xs.sigmoid()).sub(t));
    },
    (grad, xs, _ys, w, pos) => {
      const low = xs.neg().sigmoid().log();
      return scaled(grad, w).mul(low.sub(pos.mul(low.add(xs))));
    },
  ]);
}
