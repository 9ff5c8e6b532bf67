/** Losses of two tensors element by element, reduced, as one node of the graph. */
import { mode } from '../autograd/mode.js';
import { record } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import type { DTypeInfo } from '../dtype.js';
import { typeError } from '../errors.js';
import { resultInfo } from '../promotion.js';
import { broadcastTwo, numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, scalarOperand } from './apply.js';
import { named } from './options.js';
import { type Legacy, type Reduction, reduceLosses, reductionOf } from './reductions.js';

/** What a pointwise loss is made of: kernels, and the gradient in tensor ops for when it is differentiated again. */
export interface Pointwise {
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
export function pointwise(
  p: Pointwise,
  x: Tensor,
  y: Tensor,
  reduction: Reduction,
  weight: Tensor | null = null,
): Tensor {
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

/** @throws TypeError where a loss's input or target is no tensor */
export function checkPair(op: string, input: Tensor, target: Tensor): void {
  checkTensor(op, input);
  checkTensor(op, target, 'target');
}

/** A loss of two tensors that broadcast, without parameters of its own. */
export function lossOp(p: Pointwise) {
  return named(
    p.op,
    ['input', 'target', 'sizeAverage', 'reduce', 'reduction'],
    (input: Tensor, target: Tensor, sizeAverage?: Legacy, reduce?: Legacy, reduction: Reduction = 'mean'): Tensor => {
      checkPair(p.op, input, target);
      return pointwise(p, input, target, reductionOf(p.op, reduction, sizeAverage, reduce));
    },
  );
}

/** out = factor · out. */
export function scaleBy(out: Operand, factor: number): void {
  if (factor !== 1) kernels.mul(out, out, scalarOperand(factor, out.dtypeInfo));
}
