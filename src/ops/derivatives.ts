/** Derivatives of unary ops, and what formulas are made of. */
import { mode } from '../autograd/mode.js';
import type { Operand } from '../backends/call.js';
import { float32 } from '../dtype.js';
import { autogradError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { castOperand, inFloat32, isHalf } from './apply.js';

/** A unary op's derivative: from its input or its output. null: the op has none. */
export interface UnaryGradient {
  readonly from: 'input' | 'output' | 'nothing';
  readonly formula: (grad: Tensor, value: Tensor) => Tensor;
}

/** The gradient from the op's input. */
export function fromInput(formula: (grad: Tensor, x: Tensor) => Tensor): UnaryGradient {
  return { from: 'input', formula };
}

/** The gradient from the op's output. */
export function fromOutput(formula: (grad: Tensor, y: Tensor) => Tensor): UnaryGradient {
  return { from: 'output', formula };
}

/**
 * The gradient from the op's output by a kernel of (out, grad, output); where it may be differentiated again, by the
 * formula.
 */
export function fromOutputBy(
  kernel: (out: Operand, grad: Operand, y: Operand) => void,
  formula: (grad: Tensor, y: Tensor) => Tensor,
): UnaryGradient {
  return fromOutput((grad, y) => {
    if (mode.grad) return formula(grad, y);
    const out = y.makeEmpty(y.shape, y.dtypeInfo);
    if (isHalf(y.dtypeInfo))
      inFloat32(out, (wide) => kernel(wide, castOperand(grad, float32), castOperand(y, float32)));
    else kernel(out, castOperand(grad, y.dtypeInfo), y);
    return out;
  });
}

/** The gradient alone decides. */
export function fromGrad(formula: (grad: Tensor) => Tensor): UnaryGradient {
  return { from: 'nothing', formula };
}

/** The derivative of a step function: zero wherever there is one. */
export const flat = fromGrad((grad) => zerosLike(grad));

/** Zeros of a gradient's shape and dtype. */
export function zerosLike(grad: Tensor): Tensor {
  const zeros = grad.makeEmpty(grad.shape, grad.dtypeInfo);
  zeros.fillWith(0);
  return zeros;
}

/** A formula for what PyTorch has no derivative of: the op may be recorded, but going back through it throws. */
export function notDifferentiable(op: string, what = op): () => never {
  return () => {
    throw autogradError(`${op}: the derivative for '${what}' is not implemented; detach() the input first.`);
  };
}

/** `sigmoid` → `SigmoidBackward0`. */
export function gradFnName(op: string): string {
  return `${op[0]!.toUpperCase()}${op.slice(1)}Backward0`;
}
