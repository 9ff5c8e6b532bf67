import { mode } from '../autograd/mode.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import type { DTypeInfo } from '../dtype.js';
import { bool, complex64, float32, float64, int64 } from '../dtype.js';
import { autogradError, rangeError, typeError } from '../errors.js';
import { ComplexScalar, canCastInfo, type Scalar, scalarNumber } from '../promotion.js';
import { broadcastTwo, describe, overlapsItself, type Shape, sameShape } from '../shape.js';
import { allocate, trackAllocations } from '../storage.js';
import type { Tensor } from '../tensor.js';

/** One element in memory that a scalar is written to for the length of a kernel call. */
class ScalarOperand implements Operand {
  readonly storage;
  readonly offset = 0;
  readonly shape: Shape = [];
  readonly strides: Shape = [];
  readonly count = 1;
  readonly isDense = true;
  readonly #view;
  /** Where a half-precision number stands before it is rounded. */
  readonly #wide: ScalarOperand | null;

  constructor(readonly dtypeInfo: DTypeInfo) {
    this.#wide = isHalf(dtypeInfo) ? new ScalarOperand(float32) : null;
    this.storage = trackAllocations(null, () => allocate(16));
    this.#view = this.storage.view(dtypeInfo, 0, 1);
  }

  set(value: Scalar): void {
    const view = this.#view;
    this.storage.noteWrite();
    if (this.dtypeInfo === float32 || this.dtypeInfo === float64) view[0] = Number(value);
    else if (this.dtypeInfo === complex64) {
      view[0] = value instanceof ComplexScalar ? value.re : scalarNumber(value);
      view[1] = value instanceof ComplexScalar ? value.im : 0;
    } else if (this.dtypeInfo === int64)
      view[0] = typeof value === 'bigint' ? value : BigInt(Math.trunc(scalarNumber(value)));
    else if (this.dtypeInfo === bool) view[0] = scalarNumber(value) ? 1 : 0;
    else if (this.#wide !== null) {
      this.#wide.set(value);
      kernels.copy(this, this.#wide);
    } else view[0] = scalarNumber(value);
  }
}

const scalars = new Map<DTypeInfo, ScalarOperand[]>();
let turn = 0;

/** An operand that holds a scalar until the fourth call after this one. */
export function scalarOperand(value: Scalar, info: DTypeInfo): Operand {
  let ring = scalars.get(info);
  if (ring === undefined) {
    ring = [0, 1, 2, 3].map(() => new ScalarOperand(info));
    scalars.set(info, ring);
  }
  turn = (turn + 1) & 3;
  const operand = ring[turn]!;
  operand.set(value);
  return operand;
}

/** Whether a value is a tensor. A class check would turn the layers round, so it looks at a field. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && (value as Tensor).dtypeInfo !== undefined;
}

/** Refuses what is no tensor. */
export function checkTensor(op: string, value: unknown, name = 'input'): asserts value is Tensor {
  if (!isTensor(value)) {
    throw typeError(`${op}: ${name} must be a Tensor, not ${describe(value)}; make one with tensor(…).`);
  }
}

/** x as an operand of dtype `info`: itself, or a converted copy. */
export function castOperand(x: Tensor | Scalar, info: DTypeInfo): Operand {
  if (!isTensor(x)) return scalarOperand(x, info);
  if (x.dtypeInfo === info) return x;
  const out = x.makeEmpty(x.shape, info);
  kernels.copy(out, x);
  return out;
}

/** Whether numbers of a dtype take two bytes and kernels work on them in float32. */
export function isHalf(info: DTypeInfo): boolean {
  return info.isFloat && info.size === 2;
}

/** Runs `body` on a float32 result, which is rounded to `out`, a tensor of half precision. */
export function inFloat32(out: Tensor, body: (wide: Tensor) => void): void {
  const wide = out.makeEmpty(out.shape, float32);
  body(wide);
  kernels.copy(out, wide);
}

/** x itself or, where it is strided, a contiguous copy without history: what dense kernels take. */
export function dense(x: Tensor): Tensor {
  if (x.isDense) return x;
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  kernels.copy(out, x);
  return out;
}

export function shapeOf(x: Tensor | Scalar): Shape {
  return isTensor(x) ? x.shape : [];
}

/** The shape two operands broadcast to, a scalar fitting any. */
export function broadcastOperands(op: string, x: Tensor | Scalar, y: Tensor | Scalar): Shape {
  if (!isTensor(y)) return shapeOf(x);
  if (!isTensor(x)) return y.shape;
  return broadcastTwo(op, x.shape, y.shape);
}

/** The tensor among operands, to make results from. */
export function tensorOf(op: string, x: Tensor | Scalar, y: Tensor | Scalar): Tensor {
  if (isTensor(x)) return x;
  if (isTensor(y)) return y;
  throw typeError(`${op}: none of the arguments is a Tensor; make one with tensor(…).`);
}

/** PyTorch's rules for writing into `x`: throws for a leaf that needs a gradient, its views, and expanded tensors. */
export function checkInPlace(op: string, x: Tensor): void {
  checkHistory(op, x);
  if (overlapsItself(x.shape, x.strides)) {
    throw rangeError(
      `${op}: unsupported operation: more than one element of the written-to tensor refers to a single memory location (shape [${x.shape.join(', ')}], strides [${x.strides.join(', ')}]). Please clone() the tensor before performing the operation.`,
    );
  }
}

/** The elements a tensor without gaps takes up, or null for one with gaps or elements in the same place. */
function extentOf(x: Tensor): number | null {
  let last = 0;
  for (let d = 0; d < x.shape.length; d++) last += (x.shape[d]! - 1) * x.strides[d]!;
  return last + 1 === x.count && !overlapsItself(x.shape, x.strides) ? x.count : null;
}

/** Throws where `y` shares some elements of what is written to `x`, but not each with its own place. */
export function checkOverlap(op: string, x: Tensor, y: Tensor): void {
  if (y === x || y.storage !== x.storage) return;
  const [a, b] = [extentOf(x), extentOf(y)];
  if (a === null || b === null) return;
  const isSame = x.offset === y.offset && a === b && x.strides.every((stride, d) => stride === y.strides[d]);
  if (!isSame && x.offset < y.offset + b && y.offset < x.offset + a) {
    throw rangeError(
      `${op}: unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.`,
    );
  }
}

/** The part of {@link checkInPlace} about the graph: for what may be expanded, or only changes its geometry. */
export function checkHistory(op: string, x: Tensor): void {
  if (mode.grad && x.requiresGrad) {
    if (x.isLeaf && x.viewBase === null) {
      throw autogradError(
        `${op}: a leaf Variable that requires grad is being used in an in-place operation; wrap it in noGrad(() => …), or work on a copy.`,
      );
    }
    if (x.viewBase?.isLeaf) {
      throw autogradError(
        `${op}: a view of a leaf Variable that requires grad is being used in an in-place operation; wrap it in noGrad(() => …), or work on a copy.`,
      );
    }
    x.checkViewWrite(op);
  }
}

/** Throws when an in-place result of dtype `result` can't be stored in `x`. */
export function checkInPlaceDType(op: string, x: Tensor, result: DTypeInfo): void {
  if (!canCastInfo(result, x.dtypeInfo)) {
    throw typeError(
      `${op}: result type ${result.name} can't be cast to the desired output type ${x.dtype}; convert x with to('${result.name}') first.`,
    );
  }
}

/** Throws when an in-place result would not have `x`'s shape. */
export function checkInPlaceShape(op: string, x: Tensor, shape: Shape): void {
  if (!sameShape(shape, x.shape)) {
    throw rangeError(
      `${op}: output with shape [${x.shape.join(', ')}] doesn't match the broadcast shape [${shape.join(', ')}]; use the form without _.`,
    );
  }
}
