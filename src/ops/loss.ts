import { mode } from '../autograd/mode.js';
import { record } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import type { DTypeInfo } from '../dtype.js';
import { typeError } from '../errors.js';
import { resultInfo } from '../promotion.js';
import { broadcastTwo } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor } from './apply.js';
import { named } from './options.js';
import { type Reduction, reduceLosses, reductionOf } from './reductions.js';

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
  /** grad · d loss / dy; not given where it is -gradX. */
  readonly gradY?: (grad: Tensor, x: Tensor, y: Tensor) => Tensor;
}

function floatInfo(op: string, x: Tensor, y: Tensor): DTypeInfo {
  const info = resultInfo([x, y]);
  if (info.name !== 'float32' && info.name !== 'float64')
    throw typeError(`${op}: not implemented for ${info.name}; convert with to('float32').`);
  return info;
}

/** The loss of every element, reduced, as one node. */
function pointwise(p: Pointwise, x: Tensor, y: Tensor, reduction: Reduction): Tensor {
  const info = floatInfo(p.op, x, y);
  const shape = broadcastTwo(p.op, x.shape, y.shape);
  const a = castOperand(x, info);
  const b = castOperand(y, info);
  const out = reduceLosses(x, shape, info, reduction, (losses) => p.forward(losses, a, b));
  const n = reduction === 'mean' ? shape.reduce((product, size) => product * size, 1) : 1;
  const fused = (grad: Tensor, xs: Tensor, ys: Tensor, factor: number): Tensor => {
    const gradX = grad.makeEmpty(shape, info);
    p.backward(gradX, grad, castOperand(xs, info), castOperand(ys, info), factor);
    return gradX;
  };
  const scaled = (grad: Tensor): Tensor => (n === 1 ? grad : grad.div(n));
  return record(p.gradFn, out, [x, y], [x, y] as const, [
    (grad, xs, ys) => (mode.grad ? p.gradX(scaled(grad), xs, ys).expand(shape) : fused(grad, xs, ys, 1 / n)),
    (grad, xs, ys) => {
      if (p.gradY !== undefined) return p.gradY(scaled(grad), xs, ys).expand(shape);
      return mode.grad ? p.gradX(scaled(grad).neg(), xs, ys).expand(shape) : fused(grad, xs, ys, -1 / n);
    },
  ]);
}

const mse: Pointwise = {
  op: 'mseLoss',
  gradFn: 'MseLossBackward0',
  forward: kernels.mseLoss,
  backward: (out, grad, x, y, factor) => kernels.mseLossBackward(out, grad, x, y, 2 * factor),
  gradX: (grad, x, y) => grad.mul(x.sub(y)).mul(2),
};

/**
 * The squared difference `(input - target)²`.
 * @throws RangeError for shapes that do not broadcast, TypeError for integers
 * @example mseLoss(prediction, target, { reduction: 'sum' })
 */
export const mseLoss = named(
  'mseLoss',
  ['input', 'target', 'sizeAverage', 'reduce', 'reduction'],
  (input: Tensor, target: Tensor, sizeAverage?: Legacy, reduce?: Legacy, reduction: Reduction = 'mean'): Tensor => {
    checkTensor('mseLoss', input);
    checkTensor('mseLoss', target, 'target');
    return pointwise(mse, input, target, reductionOf('mseLoss', reduction, sizeAverage, reduce));
  },
);
