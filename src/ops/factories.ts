import { mode } from '../autograd/mode.js';
import { needsRecord, record, recordInPlace, type Gradient } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { bool, type DTypeInfo } from '../dtype.js';
import { isScalar, resultInfoOfTwo, type Scalar, defaultDType } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import {
  broadcastOperands,
  castOperand,
  checkInPlace,
  checkInPlaceDType,
  checkInPlaceShape,
  checkTensor,
  shapeOf,
  tensorOf,
} from './apply.js';
import { typeError } from '../errors.js';

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

/** A binary op of tensors or scalars, and its in-place form. */
export interface BinaryOp {
  (x: Tensor | Scalar, y: Tensor | Scalar): Tensor;
  inPlace(x: Tensor, y: Tensor | Scalar): Tensor;
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

/** The gradient alone decides. */
export function fromGrad(formula: (grad: Tensor) => Tensor): UnaryGradient {
  return { from: 'nothing', formula };
}

/** `sigmoid` → `SigmoidBackward0`. */
export function gradFnName(op: string): string {
  return `${op[0]!.toUpperCase()}${op.slice(1)}Backward0`;
}

/** The dtype an op computes in; its result has it too, unless the rule is 'bool'. */
function computeInfo(rule: DTypeRule, promoted: DTypeInfo): DTypeInfo {
  return rule === 'float' && promoted.category < 2 ? defaultDType() : promoted;
}

export interface UnarySpec {
  readonly rule?: DTypeRule;
  /** PyTorch's grad_fn name, where it is not the op's. */
  readonly gradFn?: string;
  /** Refuses dtypes the op is not defined for. */
  readonly check?: (info: DTypeInfo) => void;
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
  const formulas = gradient === null ? [] : [gradient.formula as Gradient<[Tensor]>];
  const saves = gradient?.from;
  const forward = (x: Tensor): Tensor => {
    checkTensor(op, x);
    spec.check?.(x.dtypeInfo);
    const compute = computeInfo(rule, x.dtypeInfo);
    const info = rule === 'bool' ? bool : compute;
    const out = x.makeEmpty(x.shape, info);
    kernel(out, compute === x.dtypeInfo ? x : castOperand(x, compute));
    if (gradient === null || !(mode.grad && x.requiresGrad)) return out;
    const saved = (saves === 'input' ? [x] : saves === 'output' ? [out] : []) as [Tensor];
    return record(name, out, [x], saved, formulas);
  };
  const inPlace = (x: Tensor): Tensor => {
    checkTensor(op, x);
    spec.check?.(x.dtypeInfo);
    const compute = computeInfo(rule, x.dtypeInfo);
    const info = rule === 'bool' ? bool : compute;
    checkInPlaceDType(`${op}_`, x, info);
    checkInPlace(`${op}_`, x);
    const before = gradient !== null && saves === 'input' && needsRecord([x]) ? x.clone() : x;
    if (compute === x.dtypeInfo && info === x.dtypeInfo) kernel(x, x);
    else x.writeFrom(forward(x.detach()));
    const saved = (saves === 'nothing' || saves === undefined ? [] : saves === 'input' ? [before] : [x]) as [Tensor];
    return recordInPlace(name, x, [x], saved, formulas, saves === 'output');
  };
  return Object.assign(forward, { inPlace });
}

export interface BinarySpec {
  readonly rule?: DTypeRule;
  readonly gradFn?: string;
  readonly check?: (info: DTypeInfo) => void;
}

/** Makes a binary op of a kernel and a derivative for each operand; broadcast gradients are summed by the engine. */
export function binary(
  op: string,
  kernel: (out: Operand, x: Operand, y: Operand) => void,
  gradients: readonly [Gradient<[Tensor, Tensor]>, Gradient<[Tensor, Tensor]>] | null,
  spec: BinarySpec = {},
): BinaryOp {
  const rule = spec.rule ?? 'same';
  const name = spec.gradFn ?? gradFnName(op);
  const forward = (x: Tensor | Scalar, y: Tensor | Scalar): Tensor => {
    if (!isScalar(x)) checkTensor(op, x);
    if (!isScalar(y)) checkTensor(op, y, 'other');
    const like = tensorOf(op, x, y);
    const compute = computeInfo(rule, resultInfoOfTwo(x, y));
    const info = rule === 'bool' ? bool : compute;
    spec.check?.(compute);
    const out = like.makeEmpty(broadcastOperands(op, x, y), info);
    kernel(out, castOperand(x, compute), castOperand(y, compute));
    if (gradients === null || !(mode.grad && (requires(x) || requires(y)))) return out;
    return record(name, out, [x, y], [x, y] as [Tensor, Tensor], gradients);
  };
  const inPlace = (x: Tensor, y: Tensor | Scalar): Tensor => {
    checkTensor(op, x);
    if (!isScalar(y)) checkTensor(op, y, 'other');
    const compute = computeInfo(rule, resultInfoOfTwo(x, y));
    const info = rule === 'bool' ? bool : compute;
    spec.check?.(compute);
    checkInPlaceDType(`${op}_`, x, info);
    if (shapeOf(y) !== x.shape) checkInPlaceShape(`${op}_`, x, broadcastOperands(op, x, y));
    checkInPlace(`${op}_`, x);
    const before = needsRecord([x, y]) && looksAt(gradients, [x, y], 0) ? x.clone() : x;
    const other = !isScalar(y) && y.storage === x.storage ? before : y;
    if (compute === x.dtypeInfo && info === x.dtypeInfo) kernel(x, x, castOperand(y, compute));
    else x.writeFrom(forward(x.detach(), isScalar(y) ? y : y.detach()));
    return recordInPlace(name, x, [x, y], [before, other] as [Tensor, Tensor], gradients ?? []);
  };
  return Object.assign(forward, { inPlace });
}

function requires(x: Tensor | Scalar): boolean {
  return !isScalar(x) && x.requiresGrad;
}

/** Whether a formula that will run looks at saved value `at`, which an in-place op would overwrite. */
function looksAt(
  gradients: readonly Gradient<[Tensor, Tensor]>[] | null,
  inputs: readonly (Tensor | Scalar)[],
  at: number,
): boolean {
  return (gradients ?? []).some((gradient, i) => {
    const input = inputs[i]!;
    if (gradient === null || isScalar(input) || !input.requiresGrad) return false;
    return typeof gradient === 'function' ? gradient.length > 1 : gradient.uses.includes(at);
  });
}

/** A check for {@link UnarySpec}: refuses bool. */
export function notBool(op: string, instead: string): (info: DTypeInfo) => void {
  return (info) => {
    if (info === bool) throw typeError(`${op}: bool tensors are not supported; ${instead}.`);
  };
}
