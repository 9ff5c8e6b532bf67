import { mode } from '../autograd/mode.js';
import { record } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import type { DTypeInfo } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { resultInfo } from '../promotion.js';
import { broadcastTwo, numberOfElements, type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, scalarOperand } from './apply.js';
import { where } from './masks.js';
import { named } from './options.js';
import { type Reduction, reduced, reduceLosses, reductionOf } from './reductions.js';

/** PyTorch's older way to say how losses are reduced. */
type Legacy = boolean | null | undefined;

/** What a pointwise loss is made of: kernels, and the gradient in tensor ops for when it is differentiated again. */
interface Pointwise {
  readonly op: string;
  readonly gradFn: string;
  readonly forward: (out: Operand, x: Operand, y: Operand) => void;
  /** out = factor · grad · d loss / dx. */
  readonly backward: (out: Operand, grad: Operand, x: Operand, y: Operand, factor: number) => void;
  /** grad · d loss / dx. */
  readonly gradX: (grad: Tensor, x: Tensor, y: Tensor) => Tensor;
  /** grad · d loss / dy; null where it has none, not given where it is -gradX. */
  readonly gradY?: ((grad: Tensor, x: Tensor, y: Tensor) => Tensor) | null;
}

function floatInfo(op: string, x: Tensor, y: Tensor): DTypeInfo {
  const info = resultInfo([x, y]);
  if (info.name === 'float32' || info.name === 'float64') return info;
  throw typeError(`${op}: not implemented for ${info.name}; convert with to('float32').`);
}

/** The loss of every element, times its weight, reduced; as one node. */
function pointwise(p: Pointwise, x: Tensor, y: Tensor, reduction: Reduction, weight: Tensor | null = null): Tensor {
  const info = floatInfo(p.op, x, y);
  const shape = broadcastTwo(p.op, x.shape, y.shape);
  const a = castOperand(x, info);
  const b = castOperand(y, info);
  const out = reduceLosses(x, shape, info, reduction, (losses) => {
    p.forward(losses, a, b);
    if (weight !== null) kernels.mul(losses, losses, castOperand(weight, info));
  });
  const n = reduction === 'mean' ? numberOfElements(shape) : 1;
  const scaled = (grad: Tensor, w: Tensor | null): Tensor => {
    const g = n === 1 ? grad : grad.div(n);
    return w === null ? g : g.mul(w);
  };
  const gradX = (grad: Tensor, xs: Tensor, ys: Tensor, w: Tensor | null, sign: 1 | -1): Tensor => {
    if (mode.grad) {
      const g = p.gradX(scaled(grad, w), xs, ys).expand(shape);
      return sign === 1 ? g : g.neg();
    }
    const g = grad.makeEmpty(shape, info);
    p.backward(g, grad, castOperand(xs, info), castOperand(ys, info), sign / n);
    if (w !== null) kernels.mul(g, g, castOperand(w, info));
    return g;
  };
  const { gradY } = p;
  return record(p.gradFn, out, [x, y], [x, y, weight] as const, [
    (grad, xs, ys, w) => gradX(grad, xs, ys, w, 1),
    gradY === null
      ? null
      : (grad, xs, ys, w) =>
          gradY === undefined ? gradX(grad, xs, ys, w, -1) : gradY(scaled(grad, w), xs, ys).expand(shape),
  ]);
}

const mse: Pointwise = {
  op: 'mseLoss',
  gradFn: 'MseLossBackward0',
  forward: kernels.mseLoss,
  backward: (out, grad, x, y, factor) => kernels.mseLossBackward(out, grad, x, y, 2 * factor),
  gradX: (grad, x, y) => grad.mul(x.sub(y)).mul(2),
};

/** A loss of two tensors that broadcast, without parameters of its own. */
function lossOp(p: Pointwise) {
  return named(
    p.op,
    ['input', 'target', 'sizeAverage', 'reduce', 'reduction'],
    (input: Tensor, target: Tensor, sizeAverage?: Legacy, reduce?: Legacy, reduction: Reduction = 'mean'): Tensor => {
      checkTensor(p.op, input);
      checkTensor(p.op, target, 'target');
      return pointwise(p, input, target, reductionOf(p.op, reduction, sizeAverage, reduce));
    },
  );
}

/**
 * The squared difference `(input - target)²`.
 * @throws RangeError for shapes that do not broadcast, TypeError for integers
 * @example mseLoss(prediction, target, { reduction: 'sum' })
 */
export const mseLoss = lossOp(mse);

/**
 * The absolute difference `|input - target|`.
 * @throws RangeError for shapes that do not broadcast, TypeError for integers
 */
export const l1Loss = named(
  'l1Loss',
  ['input', 'target', 'sizeAverage', 'reduce', 'reduction'],
  (input: Tensor, target: Tensor, sizeAverage?: Legacy, reduce?: Legacy, reduction: Reduction = 'mean'): Tensor => {
    checkTensor('l1Loss', input);
    checkTensor('l1Loss', target, 'target');
    return reduced(input.sub(target).abs(), reductionOf('l1Loss', reduction, sizeAverage, reduce));
  },
);

function scaleBy(out: Operand, factor: number): void {
  if (factor !== 1) kernels.mul(out, out, scalarOperand(factor, out.dtypeInfo));
}

/** `log(1 + e^(-xy))`. */
const softMargin: Pointwise = {
  op: 'softMarginLoss',
  gradFn: 'SoftMarginLossBackward0',
  forward: (out, x, y) => {
    kernels.mul(out, x, y);
    kernels.neg(out, out);
    kernels.softplus(out, out, 1, 20);
  },
  backward: (out, grad, x, y, factor) => {
    kernels.mul(out, x, y);
    kernels.neg(out, out);
    kernels.sigmoid(out, out);
    kernels.mul(out, out, y);
    kernels.mul(out, out, grad);
    scaleBy(out, -factor);
  },
  gradX: (grad, x, y) => grad.mul(y).mul(x.mul(y).neg().sigmoid()).neg(),
  gradY: null,
};

/**
 * `log(1 + e^(-input · target))`, for targets of 1 and -1.
 * @throws RangeError for shapes that do not broadcast, TypeError for integers
 */
export const softMarginLoss = lossOp(softMargin);

/**
 * The squared difference over 2 beta where the difference is less than beta, else the absolute difference less beta / 2.
 * @throws RangeError for a negative beta and shapes that do not broadcast, TypeError for integers
 */
export const smoothL1Loss = named(
  'smoothL1Loss',
  ['input', 'target', 'sizeAverage', 'reduce', 'reduction', 'beta'],
  (
    input: Tensor,
    target: Tensor,
    sizeAverage?: Legacy,
    reduce?: Legacy,
    reduction: Reduction = 'mean',
    beta: number = 1,
  ): Tensor => {
    checkTensor('smoothL1Loss', input);
    checkTensor('smoothL1Loss', target, 'target');
    if (!(beta >= 0))
      throw rangeError(`smoothL1Loss: smooth_l1_loss does not support negative values for beta, but it is ${beta}.`);
    const kind = reductionOf('smoothL1Loss', reduction, sizeAverage, reduce);
    const p: Pointwise = {
      op: 'smoothL1Loss',
      gradFn: 'SmoothL1LossBackward0',
      forward: (out, x, y) => kernels.smoothL1Loss(out, x, y, beta),
      backward: (out, grad, x, y, factor) => {
        if (beta > 0) return kernels.smoothL1LossBackward(out, grad, x, y, beta, factor);
        // With nothing to smooth it is the absolute difference, whose gradient at 0 is 0.
        kernels.sub(out, x, y);
        kernels.sign(out, out);
        kernels.mul(out, out, grad);
        scaleBy(out, factor);
      },
      gradX: (grad, x, y) => {
        const d = x.sub(y);
        return grad.mul(beta > 0 ? where(d.abs().lt(beta), d.div(beta), d.sign()) : d.sign());
      },
    };
    return pointwise(p, input, target, kind);
  },
);

/**
 * Half the squared difference where it is within delta, else delta times the absolute difference less delta / 2.
 * @throws RangeError for a delta that is not positive and shapes that do not broadcast, TypeError for integers
 */
export const huberLoss = named(
  'huberLoss',
  ['input', 'target', 'reduction', 'delta'],
  (input: Tensor, target: Tensor, reduction: Reduction = 'mean', delta: number = 1): Tensor => {
    checkTensor('huberLoss', input);
    checkTensor('huberLoss', target, 'target');
    if (!(delta > 0))
      throw rangeError(`huberLoss: huber_loss does not support non-positive values for delta, but it is ${delta}.`);
    const p: Pointwise = {
      op: 'huberLoss',
      gradFn: 'HuberLossBackward0',
      forward: (out, x, y) => kernels.huberLoss(out, x, y, delta),
      backward: (out, grad, x, y, factor) => kernels.huberLossBackward(out, grad, x, y, delta, factor),
      gradX: (grad, x, y) => {
        const d = x.sub(y);
        return grad.mul(where(d.abs().le(delta), d, d.sign().mul(delta)));
      },
    };
    return pointwise(p, input, target, reductionOf('huberLoss', reduction, null, null));
  },
);

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
    checkTensor('binaryCrossEntropy', input);
    checkTensor('binaryCrossEntropy', target, 'target');
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
    checkTensor('binaryCrossEntropyWithLogits', input);
    checkTensor('binaryCrossEntropyWithLogits', target, 'target');
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
