import { mode } from '../autograd/mode.js';
import { record, recordInPlace, using } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import { bool, type DTypeInfo, float32 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkInPlace, checkTensor, inFloat32, isHalf } from './apply.js';
import { fromOutput, notDifferentiable, zerosLike } from './derivatives.js';
import { notBool } from './dtypeChecks.js';
import { type UnaryOp, unary } from './factories.js';
import { isOptions, named } from './options.js';

/** The last argument of an activation: whether to overwrite the input. */
export type InPlace = boolean | { inplace?: boolean };

/** Gives a unary op PyTorch's `inplace` argument. */
function withInPlace(op: UnaryOp) {
  return Object.assign(
    (x: Tensor, inplace: InPlace = false): Tensor =>
      (isOptions(inplace) ? inplace.inplace === true : inplace) ? op.inPlace(x) : op(x),
    { inPlace: op.inPlace },
  );
}

/** An activation with constants, and its derivative. */
export interface Activation<C extends readonly number[]> {
  readonly op: string;
  readonly gradFn: string;
  /** Whether integers are taken too. */
  readonly integers?: boolean;
  readonly forward: (out: Operand, x: Operand, constants: C) => void;
  /** out = grad · f'(x). */
  readonly backward: (out: Operand, grad: Operand, x: Operand, constants: C) => void;
  /** The same in tensor ops, to be differentiated again; not given where f' is constant in pieces. */
  readonly slope?: (x: Tensor, constants: C) => Tensor;
  /** The slope's own gradient, where it is not 0 but unknown to PyTorch. */
  readonly second?: (grad: Tensor) => Tensor;
}

function gradient<C extends readonly number[]>(f: Activation<C>, grad: Tensor, x: Tensor, constants: C): Tensor {
  if (mode.grad && f.slope !== undefined) return grad.mul(f.slope(x, constants));
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  if (!mode.grad) {
    f.backward(out, grad, x, constants);
    return out;
  }
  const ones = x.makeEmpty([], x.dtypeInfo);
  ones.fillWith(1);
  f.backward(out, ones, x, constants);
  // The slope is constant in pieces: x has a part in it, with a gradient of 0.
  const name = f.gradFn.replace('Backward0', 'BackwardBackward0');
  return grad.mul(record(name, out, [x], [], [f.second ?? zerosLike]));
}

function checkFloat(op: string, info: DTypeInfo, integers: boolean): void {
  if (info.name === 'float32' || info.name === 'float64') return;
  if (integers && info.category === 1) return;
  throw typeError(`${op}: not implemented for ${info.name}; convert with to('float32').`);
}

/** `f(x)`, as a result of its own or in x's place. */
export function activate<C extends readonly number[]>(
  f: Activation<C>,
  x: Tensor,
  constants: C,
  inplace = false,
): Tensor {
  checkTensor(f.op, x);
  checkFloat(f.op, x.dtypeInfo, f.integers === true);
  if (inplace) {
    checkInPlace(f.op, x);
    const before = mode.grad && x.requiresGrad ? x.detach().clone() : x;
    f.forward(x, x, constants);
    return recordInPlace(f.gradFn, x, [x], [before], [(grad, value: Tensor) => gradient(f, grad, value, constants)]);
  }
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  f.forward(out, x, constants);
  if (!(mode.grad && x.requiresGrad)) return out;
  return record(f.gradFn, out, [x], [x], [(grad, value: Tensor) => gradient(f, grad, value, constants)]);
}

/** A number of an integer tensor's range, as PyTorch casts it. */
function fitting(op: string, name: string, value: number, x: Tensor): number {
  if (x.dtypeInfo.isFloat) return value;
  const bits = x.dtypeInfo.size * 8;
  const [low, high] = x.dtypeInfo.name === 'uint8' ? [0, 255] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  if (!(value >= low && value <= high))
    throw rangeError(`${op}: ${name} ${value} cannot be converted to type ${x.dtype} without overflow.`);
  return Math.trunc(value);
}

/** `x ≤ threshold ? 0 : grad`: the gradient of relu and threshold. */
export function thresholdBackward(grad: Tensor, x: Tensor, threshold: number): Tensor {
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  if (isHalf(x.dtypeInfo))
    inFloat32(out, (wide) =>
      kernels.thresholdBackward(wide, castOperand(grad, float32), castOperand(x, float32), threshold),
    );
  else kernels.thresholdBackward(out, grad, x, threshold);
  return record(
    'ThresholdBackwardBackward0',
    out,
    [grad, x],
    [x],
    [using([0], (g, value: Tensor) => thresholdBackward(g, value, threshold)), using([], (g) => zerosLike(g))],
  );
}

/**
 * `max(x, 0)`, NaN kept.
 * @param inplace overwrite x
 * @example relu(tensor([-1.5, 2])) // tensor([0., 2.])
 */
export const relu = withInPlace(
  unary(
    'relu',
    kernels.relu,
    fromOutput((grad, y) => thresholdBackward(grad, y, 0)),
    {
      check: notBool('relu', "convert with to('uint8')"),
    },
  ),
);

const thresholdKind: Activation<readonly [number, number]> = {
  op: 'threshold',
  gradFn: 'ThresholdBackward0',
  integers: true,
  forward: (out, x, [limit, value]) => kernels.threshold(out, x, limit, value),
  backward: (out, grad, x, [limit]) => kernels.thresholdBackward(out, grad, x, limit),
};

/**
 * `x > threshold ? x : value`.
 * @param inplace overwrite x
 * @example threshold(x, 0.1, 20)
 */
export const threshold = named(
  'threshold',
  ['input', 'threshold', 'value', 'inplace'],
  (input: Tensor, limit: number, value: number, inplace: boolean = false): Tensor => {
    checkTensor('threshold', input);
    const constants = [
      fitting('threshold', 'threshold', limit, input),
      fitting('threshold', 'value', value, input),
    ] as const;
    return activate(thresholdKind, input, constants, inplace);
  },
);

const hardtanhKind: Activation<readonly [number, number]> = {
  op: 'hardtanh',
  gradFn: 'HardtanhBackward0',
  integers: true,
  forward: (out, x, [low, high]) => kernels.hardtanh(out, x, low, high),
  backward: (out, grad, x, [low, high]) => kernels.hardtanhBackward(out, grad, x, low, high),
};

/**
 * x cut off below minVal and above maxVal, where its gradient is 0.
 * @param inplace overwrite x
 */
export const hardtanh = named(
  'hardtanh',
  ['input', 'minVal', 'maxVal', 'inplace'],
  (input: Tensor, minVal: number = -1, maxVal: number = 1, inplace: boolean = false): Tensor => {
    checkTensor('hardtanh', input);
    if (input.dtypeInfo === bool)
      throw typeError("hardtanh: Bool inputs not supported for hardtanh; convert with to('float32').");
    const constants = [
      fitting('hardtanh', 'minVal', minVal, input),
      fitting('hardtanh', 'maxVal', maxVal, input),
    ] as const;
    return activate(hardtanhKind, input, constants, inplace);
  },
);

/**
 * `min(max(x, 0), 6)`.
 * @param inplace overwrite x
 */
export const relu6 = named('relu6', ['input', 'inplace'], (input: Tensor, inplace: boolean = false): Tensor => {
  checkTensor('relu6', input);
  return activate({ ...hardtanhKind, op: 'relu6' }, input, [0, 6] as const, inplace);
});

const leakyReluKind: Activation<readonly [number]> = {
  op: 'leakyRelu',
  gradFn: 'LeakyReluBackward0',
  forward: (out, x, [slope]) => kernels.leakyRelu(out, x, slope),
  backward: (out, grad, x, [slope]) => kernels.leakyReluBackward(out, grad, x, slope),
};

/**
 * `x > 0 ? x : negativeSlope · x`.
 * @param inplace overwrite x
 */
export const leakyRelu = named(
  'leakyRelu',
  ['input', 'negativeSlope', 'inplace'],
  (input: Tensor, negativeSlope: number = 0.01, inplace: boolean = false): Tensor =>
    activate(leakyReluKind, input, [negativeSlope] as const, inplace),
);

const hardshrinkKind: Activation<readonly [number]> = {
  op: 'hardshrink',
  gradFn: 'HardshrinkBackward0',
  forward: (out, x, [width]) => kernels.hardshrink(out, x, width),
  backward: (out, grad, x, [width]) => kernels.shrinkBackward(out, grad, x, width),
};

/** `|x| ≤ lambd ? 0 : x`. */
export const hardshrink = named(
  'hardshrink',
  ['input', 'lambd'],
  (input: Tensor, lambd: number = 0.5): Tensor => activate(hardshrinkKind, input, [lambd] as const),
);

const softshrinkKind: Activation<readonly [number]> = {
  op: 'softshrink',
  gradFn: 'SoftshrinkBackward0',
  forward: (out, x, [width]) => kernels.softshrink(out, x, width),
  backward: (out, grad, x, [width]) => kernels.shrinkBackward(out, grad, x, width),
};

/**
 * x moved towards 0 by lambd, as far as 0.
 * @throws RangeError for a negative lambd
 */
export const softshrink = named('softshrink', ['input', 'lambd'], (input: Tensor, lambd: number = 0.5): Tensor => {
  if (!(lambd >= 0)) throw rangeError(`softshrink: lambda must be greater or equal to 0, but found to be ${lambd}.`);
  return activate(softshrinkKind, input, [lambd] as const);
});

const hardsigmoidKind: Activation<readonly []> = {
  op: 'hardsigmoid',
  gradFn: 'HardsigmoidBackward0',
  forward: (out, x) => kernels.hardsigmoid(out, x),
  backward: (out, grad, x) => kernels.hardsigmoidBackward(out, grad, x),
  second: notDifferentiable('hardsigmoid', 'hardsigmoid_backward'),
};

/**
 * `min(max(x + 3, 0), 6) / 6`.
 * @param inplace overwrite x
 */
export const hardsigmoid = named(
  'hardsigmoid',
  ['input', 'inplace'],
  (input: Tensor, inplace: boolean = false): Tensor => activate(hardsigmoidKind, input, [] as const, inplace),
);
