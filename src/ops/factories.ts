/** Makes ops of kernels and derivatives: checks, promotion, the record, and the in-place form. */
import { mode } from '../autograd/mode.js';
import { type Gradient, needsRecord, recordInPlace, recordNeeded, using } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { bool, type DTypeInfo, float32 } from '../dtype.js';
import { typeError } from '../errors.js';
import { defaultDType, isScalar, resultInfoOfTwo, type Scalar } from '../promotion.js';
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
import { gradFnName, type UnaryGradient } from './derivatives.js';
import { isOptions, spreadOptions } from './options.js';
import { overwrite, unaliased } from './overwriting.js';

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

/** What a formula looks at: the input, the output, or nothing. */
function savedOf(saves: UnaryGradient['from'], x: Tensor, out: Tensor): [Tensor] {
  return (saves === 'input' ? [x] : saves === 'output' ? [out] : []) as unknown as [Tensor];
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
  const opInPlace = `${op}_`;
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
    return recordNeeded(name, out, [x], savedOf(saves, x, out), formulas);
  };
  /** A holomorphic function: the gradient is multiplied by the derivative's conjugate. */
  const ofComplex = (values: (z: Tensor) => Tensor, x: Tensor): Tensor => {
    const out = values(x.detach());
    if (gradient === null || !(mode.grad && x.requiresGrad)) return out;
    return recordNeeded(name, out, [x], savedOf(saves, x, out), [
      (grad: Tensor, value: Tensor) => gradient.formula(grad, value?.conj()),
    ]);
  };
  const inPlace = (x: Tensor): Tensor => {
    checkTensor(op, x);
    spec.check?.(x.dtypeInfo);
    if (spec.complex !== undefined && x.dtypeInfo.isComplex) return overwrite(opInPlace, x, forward);
    const compute = computeInfo(rule, x.dtypeInfo);
    checkInPlaceDType(opInPlace, x, rule === 'bool' ? bool : compute);
    checkInPlace(opInPlace, x);
    const before = saves === 'input' && needsRecord([x]) ? x.clone() : x;
    if (compute === x.dtypeInfo && (rule !== 'bool' || compute === bool)) apply(x, x, compute);
    else x.writeFrom(forward(x.detach()));
    return recordInPlace(name, x, [x], savedOf(saves, before, x), formulas, saves === 'output');
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
  const opInPlace = `${op}_`;
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
    checkInPlaceDType(opInPlace, x, info);
    if (shapeOf(y) !== x.shape) checkInPlaceShape(opInPlace, x, broadcastOperands(op, x, y));
    checkInPlace(opInPlace, x);
    if (isTensor(y)) checkOverlap(opInPlace, x, y);
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
