import { mode } from '../autograd/mode.js';
import { type Gradient, needsRecord, recordInPlace, recordNeeded, using } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { bool, type DTypeInfo, float32 } from '../dtype.js';
import { autogradError, typeError } from '../errors.js';
import { defaultDType, isScalar, resultInfoOfTwo, type Scalar } from '../promotion.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import {
  broadcastOperands,
  castOperand,
  checkInPlace,
  checkInPlaceDType,
  checkInPlaceShape,
  checkOverlap,
  checkTensor,
  inFloat32,
  isHalf,
  isTensor,
  shapeOf,
  tensorOf,
} from './apply.js';
import { isOptions, spreadOptions } from './options.js';

/** How an op's result dtype comes from what its operands are promoted to. */
export type DTypeRule =
  /** The promoted dtype itself. */
  | 'same'
  /** Integers and bools become floats. */
  | 'float'
  /** Always bool; the operands are promoted. */
  | 'bool';

/** A unary op, and its in-place form as `op.inPlace`. */
export interface UnaryOp {
  (x: Tensor): Tensor;
  inPlace(x: Tensor): Tensor;
}

/** A second operand, by position or by PyTorch's name. */
export type Other = Tensor | Scalar | { other: Tensor | Scalar };

/** A binary op of tensors or scalars, and its in-place form. */
export interface BinaryOp {
  (x: Tensor | Scalar, y: Other): Tensor;
  inPlace(x: Tensor, y: Other): Tensor;
}

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

function computeInfo(rule: DTypeRule, promoted: DTypeInfo): DTypeInfo {
  return rule === 'float' && promoted.category < 2 ? defaultDType() : promoted;
}

/** A kernel of one operand on half precision: computed in float32, a result that is no bool rounded. */
function ofHalf(kernel: (out: Operand, x: Operand) => void, out: Tensor, x: Tensor): void {
  if (isHalf(out.dtypeInfo)) inFloat32(out, (wide) => kernel(wide, castOperand(x, float32)));
  else kernel(out, castOperand(x, float32));
}

export interface UnarySpec {
  readonly rule?: DTypeRule;
  /** PyTorch's grad_fn name, where it is not the op's. */
  readonly gradFn?: string;
  /** Refuses dtypes the op is not defined for. */
  readonly check?: (info: DTypeInfo) => void;
  /** The values for complex numbers, where the kernel has none; the derivative holds with conjugated saved values. */
  readonly complex?: (z: Tensor) => Tensor;
  /** Integers are their own result (rounding a whole number). */
  readonly keepsIntegers?: boolean;
}

/** Makes a unary op of a kernel of the same kind and a derivative. */
export function unary(
  op: string,
  kernel: (out: Operand, x: Operand) => void,
  gradient: UnaryGradient | null,
  spec: UnarySpec = {},
): UnaryOp {
  const rule = spec.rule ?? 'same';
  const name = spec.gradFn ?? gradFnName(op);
  const saves = gradient === null ? 'nothing' : gradient.from;
  const formulas = gradient === null ? [] : [gradient.formula as Gradient<[Tensor]>];
  const apply = (out: Tensor, x: Tensor, compute: DTypeInfo): void => {
    if (spec.keepsIntegers === true && compute.category < 2) out.writeFrom(x);
    else if (isHalf(compute)) ofHalf(kernel, out, x);
    else kernel(out, castOperand(x, compute));
  };
  const forward = (x: Tensor): Tensor => {
    checkTensor(op, x);
    spec.check?.(x.dtypeInfo);
    if (spec.complex !== undefined && x.dtypeInfo.isComplex) return ofComplex(spec.complex, x);
    const compute = computeInfo(rule, x.dtypeInfo);
    const out = x.makeEmpty(x.shape, rule === 'bool' ? bool : compute);
    apply(out, x, compute);
    if (gradient === null || !(mode.grad && x.requiresGrad)) return out;
    const saved = saves === 'input' ? [x] : saves === 'output' ? [out] : [];
    return recordNeeded(name, out, [x], saved as [Tensor], formulas);
  };
  /** A holomorphic function: the gradient is multiplied by the derivative's conjugate. */
  const ofComplex = (values: (z: Tensor) => Tensor, x: Tensor): Tensor => {
    const out = values(x.detach());
    if (gradient === null || !(mode.grad && x.requiresGrad)) return out;
    const saved = saves === 'input' ? [x] : saves === 'output' ? [out] : [];
    return recordNeeded(name, out, [x], saved as [Tensor], [
      (grad: Tensor, value: Tensor) => gradient.formula(grad, value?.conj()),
    ]);
  };
  const inPlace = (x: Tensor): Tensor => {
    checkTensor(op, x);
    spec.check?.(x.dtypeInfo);
    if (spec.complex !== undefined && x.dtypeInfo.isComplex) return overwrite(`${op}_`, x, forward);
    const compute = computeInfo(rule, x.dtypeInfo);
    checkInPlaceDType(`${op}_`, x, rule === 'bool' ? bool : compute);
    checkInPlace(`${op}_`, x);
    const before = saves === 'input' && needsRecord([x]) ? x.clone() : x;
    if (compute === x.dtypeInfo && (rule !== 'bool' || compute === bool)) apply(x, x, compute);
    else x.writeFrom(forward(x.detach()));
    const saved = saves === 'nothing' ? [] : saves === 'input' ? [before] : [x];
    return recordInPlace(name, x, [x], saved as [Tensor], formulas, saves === 'output');
  };
  return Object.assign(forward, { inPlace });
}

export interface BinarySpec {
  readonly rule?: DTypeRule;
  /** PyTorch's grad_fn name, where it is not the op's. */
  readonly gradFn?: string;
  /** PyTorch's name where the second operand is a scalar, if that is another. */
  readonly scalarGradFn?: string;
  /** PyTorch's name where the first operand is a scalar, if that is another. */
  readonly reversedGradFn?: string;
  /** Refuses dtypes the op is not defined for; `compute` is what the operands are promoted to. */
  readonly check?: (compute: DTypeInfo, x: Tensor | Scalar, y: Tensor | Scalar) => void;
  /** PyTorch takes no scalars here. */
  readonly tensorsOnly?: boolean;
  /** PyTorch takes a scalar only as the second operand here. */
  readonly tensorFirst?: boolean;
}

type BinaryGradient = Gradient<[Tensor, Tensor]>;

const OTHER = ['other'] as const;

/** The second operand, which may be given by name. */
export function otherOf(op: string, y: Other): Tensor | Scalar {
  if (!isOptions(y)) return y as Tensor | Scalar;
  return spreadOptions(op, OTHER, [y])[0] as Tensor | Scalar;
}

/** Makes a binary op of a kernel and a derivative for each operand; broadcast gradients are summed by the engine. */
export function binary(
  op: string,
  kernel: (out: Operand, x: Operand, y: Operand) => void,
  gradients: readonly [BinaryGradient, BinaryGradient] | null,
  spec: BinarySpec = {},
): BinaryOp {
  const rule = spec.rule ?? 'same';
  const name = spec.gradFn ?? gradFnName(op);
  const scalarName = spec.scalarGradFn ?? name;
  const reversedName = spec.reversedGradFn ?? name;
  const formulas = (gradients ?? []).map(sparing);
  const savesNothing = formulas.every(
    (gradient) => gradient !== null && 'uses' in gradient && gradient.uses.length === 0,
  );
  /** Refuses operands that are not two tensors, unless one of them may be a scalar. */
  const check = (x: Tensor | Scalar, y: Tensor | Scalar): void => {
    if (isTensor(x) && isTensor(y)) return;
    if (!isScalar(x)) checkTensor(op, x);
    if (!isScalar(y)) checkTensor(op, y, 'other');
    if (spec.tensorFirst === true && isScalar(x))
      throw typeError(`${op}: the first argument must be a Tensor, not ${String(x)}; exchange the two.`);
    if (spec.tensorsOnly === true) {
      throw typeError(
        `${op}: both arguments must be Tensors, but one is ${String(isScalar(x) ? x : y)}; make it one with tensor(…).`,
      );
    }
  };
  const apply = (out: Tensor, x: Tensor | Scalar, y: Tensor | Scalar, compute: DTypeInfo): void => {
    if (!isHalf(compute)) kernel(out, castOperand(x, compute), castOperand(y, compute));
    else if (!isHalf(out.dtypeInfo)) kernel(out, castOperand(x, float32), castOperand(y, float32));
    else inFloat32(out, (wide) => kernel(wide, castOperand(x, float32), castOperand(y, float32)));
  };
  const forward = (x: Tensor | Scalar, other: Other): Tensor => {
    const y = otherOf(op, other);
    check(x, y);
    const like = tensorOf(op, x, y);
    const compute = computeInfo(rule, resultInfoOfTwo(x, y));
    spec.check?.(compute, x, y);
    const out = like.makeEmpty(broadcastOperands(op, x, y), rule === 'bool' ? bool : compute);
    apply(out, x, y, compute);
    if (gradients === null || !mode.grad || !(requires(x) || requires(y))) return out;
    const saved = (savesNothing ? [] : [x, y]) as unknown as [Tensor, Tensor];
    return recordNeeded(isTensor(y) ? (isTensor(x) ? name : reversedName) : scalarName, out, [x, y], saved, formulas);
  };
  const inPlace = (x: Tensor, other: Other): Tensor => {
    const y = otherOf(op, other);
    check(x, y);
    const compute = computeInfo(rule, resultInfoOfTwo(x, y));
    const info = rule === 'bool' ? bool : compute;
    spec.check?.(compute, x, y);
    checkInPlaceDType(`${op}_`, x, info);
    if (shapeOf(y) !== x.shape) checkInPlaceShape(`${op}_`, x, broadcastOperands(op, x, y));
    checkInPlace(`${op}_`, x);
    if (isTensor(y)) checkOverlap(`${op}_`, x, y);
    // The clone is recorded, so that second derivatives reach what x was made from.
    const before = needsRecord([x, y]) && looksAt(formulas, [x, y], 0) ? x.clone() : x;
    const saved = y === x ? before : y;
    if (compute === x.dtypeInfo && info === x.dtypeInfo) apply(x, x, unaliased(x, y), compute);
    else x.writeFrom(forward(x.detach(), isScalar(y) ? y : y.detach()));
    const kept = (savesNothing ? [] : [before, saved]) as [Tensor, Tensor];
    return recordInPlace(isScalar(y) ? scalarName : name, x, [x, y], kept, formulas);
  };
  return Object.assign(forward, { inPlace });
}

function requires(x: Tensor | Scalar): boolean {
  return isTensor(x) && x.requiresGrad;
}

/** y, or a copy of it where it lies in x's memory otherwise than x: writing x would change it while it is read. */
export function unaliased<T extends Tensor | Scalar>(x: Tensor, y: T): T {
  if (isScalar(y) || y.storage !== x.storage) return y;
  if (y.offset === x.offset && sameShape(y.shape, x.shape) && sameShape(y.strides, x.strides)) return y;
  return y.detach().clone() as T;
}

/** A formula that takes the gradient alone looks at nothing that is saved. */
function sparing(gradient: BinaryGradient): BinaryGradient {
  return typeof gradient === 'function' && gradient.length === 1 ? using([], gradient) : gradient;
}

/** Whether a formula that will run looks at saved value `at`, which an in-place op would overwrite. */
export function looksAt(
  gradients: readonly Gradient<never>[],
  inputs: readonly (Tensor | Scalar)[],
  at: number,
): boolean {
  return gradients.some((gradient, i) => {
    const input = inputs[i]!;
    if (gradient === null || isScalar(input) || !input.requiresGrad) return false;
    return typeof gradient === 'function' || gradient.uses.includes(at);
  });
}

/** A check for {@link UnarySpec}: refuses bool. */
export function notBool(op: string, instead: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info === bool) throw typeError(`${op}: bool tensors are not supported; ${instead}.`);
  };
}

/** A check: floats (and complex numbers) only. */
export function floatsOnly(op: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category < 2) throw typeError(`${op}: not implemented for ${info.name}; convert with to('float32').`);
  };
}

/** A check: integers and bool only. */
export function integersOnly(op: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info.category > 1)
      throw typeError(
        `${op}: not implemented for ${info.name}; it is an op on the bits of integers, convert with to('int64').`,
      );
  };
}

/**
 * The in-place form of an op without one of its own: the op is recorded on a copy of x, whose memory and history its
 * result then takes.
 */
export function overwrite(op: string, x: Tensor, body: (x: Tensor) => Tensor): Tensor {
  checkTensor(op, x);
  checkInPlace(op, x);
  const isRecorded = mode.grad && x.requiresGrad;
  let result = body(isRecorded ? x.clone() : x);
  // Another operand asks for a gradient, whose formula may look at x as it was.
  if (!isRecorded && result.requiresGrad) result = body(x.detach().clone());
  checkInPlaceDType(op, x, result.dtypeInfo);
  checkInPlaceShape(op, x, result.shape);
  if (result.requiresGrad && x.viewBase !== null) return x.copy_(result);
  x.writeFrom(result);
  if (!result.requiresGrad) return recordInPlace(gradFnName(op), x, [x], [] as never[], [null]);
  x.storage.version++;
  x.setHistory(result.gradFn!, result.outputIndex);
  return x;
}

/** Gives an op an in-place form through {@link overwrite}. */
export function inPlaceOf<A extends readonly unknown[]>(
  op: string,
  forward: (...args: A) => Tensor,
): ((...args: A) => Tensor) & { inPlace(...args: A): Tensor } {
  const inPlace = (...args: A): Tensor =>
    overwrite(`${op}_`, args[0] as Tensor, (y) => forward(...([y, ...args.slice(1)] as unknown as A)));
  return Object.assign((...args: A) => forward(...args), { inPlace });
}
