/** The larger, the smaller, and what lies between. */
import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { complex64, type DTypeInfo } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { isScalar, resultInfo, type Scalar, scalarNumber } from '../promotion.js';
import { broadcastAll } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, shapeOf } from './apply.js';
import { binary } from './factories.js';
import { named } from './options.js';
import { inPlaceOf } from './overwriting.js';

function real(op: string): { tensorsOnly: true; check: (info: DTypeInfo) => void } {
  return {
    tensorsOnly: true,
    check: (info) => {
      if (info === complex64) throw typeError(`${op}: ${op} not implemented for complex tensors.`);
    },
  };
}

/** Half of a gradient where the operands are equal, all of it elsewhere. */
function shared(grad: Tensor, x: Tensor, y: Tensor): Tensor {
  return grad.where(x.ne(y), grad.div(2));
}

/**
 * The larger of two elements, NaN where either is; equal ones share the gradient.
 * https://pytorch.org/docs/stable/generated/torch.maximum.html
 */
export const maximum = binary(
  'maximum',
  kernels.maximum,
  [
    (grad, x, y) => shared(grad, x, y).maskedFill(x.lt(y), 0),
    (grad, x, y) => shared(grad, x, y).maskedFill(x.gt(y), 0),
  ],
  real('maximum'),
);
/** The smaller of two elements, NaN where either is; equal ones share the gradient. */
export const minimum = binary(
  'minimum',
  kernels.minimum,
  [
    (grad, x, y) => shared(grad, x, y).maskedFill(x.gt(y), 0),
    (grad, x, y) => shared(grad, x, y).maskedFill(x.lt(y), 0),
  ],
  real('minimum'),
);
/** The larger of two elements, the number where one is NaN; of equal ones the first gets the gradient. */
export const fmax = binary(
  'fmax',
  kernels.fmax,
  [
    (grad, x, y) => grad.maskedFill(x.ge(y).logicalOr(y.isnan()).logicalNot(), 0),
    (grad, x, y) => grad.maskedFill(x.ge(y).logicalOr(y.isnan()), 0),
  ],
  real('fmax'),
);
/** The smaller of two elements, the number where one is NaN; of equal ones the first gets the gradient. */
export const fmin = binary(
  'fmin',
  kernels.fmin,
  [
    (grad, x, y) => grad.maskedFill(x.le(y).logicalOr(y.isnan()).logicalNot(), 0),
    (grad, x, y) => grad.maskedFill(x.le(y).logicalOr(y.isnan()), 0),
  ],
  real('fmin'),
);

type Limit = Tensor | Scalar | null | undefined;

function checkLimits(op: string, x: Tensor, min: Limit, max: Limit): void {
  checkTensor(op, x);
  if ((min === null || min === undefined) && (max === null || max === undefined)) {
    throw rangeError(`${op}: torch.clamp: At least one of 'min' or 'max' must not be None.`);
  }
  const given = [min, max].filter((limit) => limit !== null && limit !== undefined) as (Tensor | Scalar)[];
  if (given.some(isScalar) !== given.every(isScalar))
    throw typeError(`${op}: min and max must both be numbers or both be Tensors; make a tensor of the number.`);
  for (const limit of given) if (!isScalar(limit)) checkTensor(op, limit, 'a limit');
  if (x.dtypeInfo.isComplex) throw typeError(`${op}: clamp is not supported for complex types.`);
}

/** Where x is between its limits, of which one may be missing, or at one. */
function within(x: Tensor, low: Tensor | number | null, high: Tensor | number | null): Tensor {
  const above = low === null ? null : x.ge(low);
  const below = high === null ? null : x.le(high);
  return above === null ? below! : below === null ? above : above.logicalAnd(below);
}

/** Clamping to numbers: the gradient goes through where x is within them, limits included. */
function clampToNumbers(name: string, x: Tensor, min: Scalar | null, max: Scalar | null): Tensor {
  const info = resultInfo([x, ...[min, max].filter((limit) => limit !== null)] as (Tensor | Scalar)[]);
  const out = x.makeEmpty(x.shape, info);
  const low = min === null ? Number.NaN : scalarNumber(min);
  const high = max === null ? Number.NaN : scalarNumber(max);
  if ((min !== null && Number.isNaN(low)) || (max !== null && Number.isNaN(high))) out.fillWith(Number.NaN);
  else kernels.clamp(out, castOperand(x, info), low, high);
  return record(
    name,
    out,
    [x],
    [x],
    [
      (grad, saved: Tensor) => {
        const inside = within(saved, min === null ? null : low, max === null ? null : high);
        return grad.maskedFill(inside.logicalNot(), 0);
      },
    ],
  );
}

/** Clamping to tensors: what is taken gets the gradient, x where it equals a limit. */
function clampToTensors(name: string, op: string, x: Tensor, min: Tensor | null, max: Tensor | null): Tensor {
  const given = [x, min, max].filter((value) => value !== null);
  const info = resultInfo(given);
  const out = x.makeEmpty(broadcastAll(op, given.map(shapeOf)), info);
  const from = castOperand(x, info);
  if (min !== null) kernels.maximum(out, from, castOperand(min, info));
  if (max !== null) kernels.minimum(out, min === null ? from : out, castOperand(max, info));
  const inputs = min === null ? [x, max] : max === null ? [x, min] : [x, min, max];
  return record(name, out, inputs, [x, min, max] as const, [
    (grad, a: Tensor, low: Tensor | null, high: Tensor | null) => grad.maskedFill(within(a, low, high).logicalNot(), 0),
    (grad, a: Tensor, low: Tensor | null, high: Tensor | null) =>
      low === null ? maxGradient(grad, a, low, high!) : minGradient(grad, a, low, high),
    using([0, 1, 2], (grad, a: Tensor, low: Tensor | null, high: Tensor | null) => maxGradient(grad, a, low, high!)),
  ]);
}

function minGradient(grad: Tensor, x: Tensor, min: Tensor, max: Tensor | null): Tensor {
  const taken = max === null ? x.lt(min) : min.lt(max).logicalAnd(x.lt(min));
  return grad.maskedFill(taken.logicalNot(), 0);
}

function maxGradient(grad: Tensor, x: Tensor, min: Tensor | null, max: Tensor): Tensor {
  const taken = min === null ? x.gt(max) : x.gt(max).logicalOr(max.lt(min));
  return grad.maskedFill(taken.logicalNot(), 0);
}

function clampWith(op: string, x: Tensor, min: Limit, max: Limit, numbers: string, tensors: string): Tensor {
  checkLimits(op, x, min, max);
  const low = min ?? null;
  const high = max ?? null;
  if ((low === null || isScalar(low)) && (high === null || isScalar(high)))
    return clampToNumbers(numbers, x, low, high);
  return clampToTensors(tensors, op, x, low as Tensor | null, high as Tensor | null);
}

/**
 * `min(max(x, min), max)`: limits are two numbers or two tensors, one may be left out.
 * https://pytorch.org/docs/stable/generated/torch.clamp.html
 * @example clamp(x, { min: 0 })
 */
export const clamp = inPlaceOf(
  'clamp',
  named(
    'clamp',
    ['input', 'min', 'max'],
    (x: Tensor, min?: Limit, max?: Limit): Tensor =>
      clampWith('clamp', x, min, max, 'ClampBackward1', 'ClampBackward0'),
  ),
);
/** `max(x, min)`. */
export const clampMin = inPlaceOf(
  'clampMin',
  named(
    'clampMin',
    ['input', 'min'],
    (x: Tensor, min: Tensor | Scalar): Tensor =>
      clampWith('clampMin', x, min, null, 'ClampMinBackward0', 'ClampMinBackward1'),
  ),
);
/** `min(x, max)`. */
export const clampMax = inPlaceOf(
  'clampMax',
  named(
    'clampMax',
    ['input', 'max'],
    (x: Tensor, max: Tensor | Scalar): Tensor =>
      clampWith('clampMax', x, null, max, 'ClampMaxBackward0', 'ClampMaxBackward1'),
  ),
);
