/** Choices by a mask: where, the masked ops, and where elements are not 0. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, type DTypeInfo, uint8 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { ComplexScalar, checkFits, isScalar, resultInfo, type Scalar } from '../promotion.js';
import { broadcastAll, broadcastTwo, numberOfElements, type Shape, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkInPlaceShape, checkTensor, dense, shapeOf } from './apply.js';
import { expand } from './movement.js';
import { type Arguments, named } from './options.js';
import { countTrue, nonzeroRows } from './places.js';
import { apart, type WritingOp, writing } from './writing.js';

function checkMask(op: string, mask: Tensor, name: string): void {
  checkTensor(op, mask, name);
  if (mask.dtypeInfo !== bool && mask.dtypeInfo !== uint8) {
    throw typeError(
      `${op}: expected ${name} to be a boolean tensor, but got a tensor with dtype ${mask.dtype}; compare with eq(…), lt(…) …`,
    );
  }
}

const WHERE = ['condition', 'input', 'other'] as const;

/**
 * x where the condition holds, y elsewhere, broadcast. What is not chosen gets a gradient of 0, even if it holds NaN or
 * infinity (an op before `where` may still turn that 0 into NaN: 0 · ∞; choose its input by another `where` then).
 * With the condition alone: where it holds, as {@link nonzero} with `asTuple`.
 * https://pytorch.org/docs/stable/generated/torch.where.html
 * @example where(x.gt(0), x, 0)
 */
export function where(condition: Tensor): Tensor[];
export function where(
  ...args: Arguments<[condition: Tensor, input: Tensor | Scalar, other: Tensor | Scalar], typeof WHERE>
): Tensor;
export function where(...args: readonly unknown[]): Tensor | Tensor[] {
  if (args.length === 1) return nonzero(args[0] as Tensor, true) as Tensor[];
  return choose(...(args as Parameters<typeof choose>));
}

const choose = named('where', WHERE, (condition: Tensor, x: Tensor | Scalar, y: Tensor | Scalar): Tensor => {
  checkMask('where', condition, 'condition');
  for (const [name, value] of [
    ['input', x],
    ['other', y],
  ] as const) {
    if (!isScalar(value)) checkTensor('where', value, name);
  }
  const info = resultInfo([x, y]);
  const out = condition.makeEmpty(broadcastAll('where', [condition.shape, shapeOf(x), shapeOf(y)]), info);
  kernels.where(out, condition, castOperand(x, info), castOperand(y, info));
  return record(
    'WhereBackward0',
    out,
    [condition, x, y],
    [condition],
    [null, (grad, chosen: Tensor) => choose(chosen, grad, 0), (grad, chosen: Tensor) => choose(chosen, 0, grad)],
  );
});

function checkFill(op: string, info: DTypeInfo, value: Tensor | Scalar): void {
  if (isScalar(value)) {
    if (value instanceof ComplexScalar && !info.isComplex) {
      throw typeError(`${op}: value cannot be converted to type ${info.name} without overflow: it is complex.`);
    }
    checkFits(op, value, info);
    return;
  }
  checkTensor(op, value, 'value');
  if (value.shape.length > 0) {
    throw rangeError(
      `${op}: masked_fill only supports a 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s); give a number or a 0-d tensor.`,
    );
  }
  if (value.dtypeInfo.isComplex && !info.isComplex) {
    throw typeError(`${op}: value cannot be converted to type ${info.name} without overflow: it is ${value.dtype}.`);
  }
}

/** x broadcast with the mask for a new tensor; in place the mask must fit x. */
function masked(op: string, x: Tensor, mask: Tensor): Shape {
  checkMask(op, mask, 'mask');
  const shape = broadcastTwo(op, x.shape, mask.shape);
  if (op.endsWith('_')) checkInPlaceShape(op, x, shape);
  return shape;
}

type MaskedFillArguments = [x: Tensor, mask: Tensor, value: Tensor | Scalar];

/**
 * x with `value`, a number or a 0-d tensor, where the mask holds; both broadcast.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.masked_fill_.html
 */
export const maskedFill: WritingOp<MaskedFillArguments, ['input', 'mask', 'value']> = writing(
  'maskedFill',
  ['input', 'mask', 'value'],
  (op, x: Tensor, mask: Tensor, value: Tensor | Scalar) => {
    const shape = masked(op, x, mask);
    checkFill(op, x.dtypeInfo, value);
    return {
      name: isScalar(value) ? 'MaskedFillBackward0' : 'MaskedFillBackward1',
      inputs: isScalar(value) ? [null] : [value],
      saved: [mask],
      gradients: [
        (grad: Tensor, filled: Tensor) => maskedFill(grad, filled, 0),
        (grad: Tensor, filled: Tensor) => choose(filled, grad, 0).sum(),
      ],
      shape,
      apply: (target) =>
        kernels.where(
          target,
          apart(mask, target),
          isScalar(value) ? castOperand(value, x.dtypeInfo) : castOperand(apart(value, target), x.dtypeInfo),
          target,
        ),
    };
  },
);

/** x and mask broadcast to each other, dense. */
function together(x: Tensor, mask: Tensor, shape: Shape): [x: Tensor, mask: Tensor] {
  const spread = (y: Tensor): Tensor => dense(sameShape(y.shape, shape) ? y : expand(y.detach(), shape));
  return [spread(x), spread(mask)];
}

/**
 * The elements of x where the mask holds, as a vector; both broadcast.
 * https://pytorch.org/docs/stable/generated/torch.masked_select.html
 */
export const maskedSelect = named('maskedSelect', ['input', 'mask'], (x: Tensor, mask: Tensor): Tensor => {
  checkTensor('maskedSelect', x);
  checkMask('maskedSelect', mask, 'mask');
  const shape = broadcastTwo('maskedSelect', x.shape, mask.shape);
  const [from, chosen] = together(x, mask, shape);
  const count = countTrue(chosen);
  const out = x.makeEmpty([count], x.dtypeInfo);
  kernels.maskedSelect(out, from, chosen, from.count, count);
  return record('MaskedSelectBackward0', out, [x], [mask] as [Tensor], [
    (grad, saved) => maskedScatter(grad.newZeros(shape), saved, grad),
  ]);
});

type MaskedScatterArguments = [x: Tensor, mask: Tensor, source: Tensor];

/**
 * x with source's elements, in order, where the mask holds; x and mask broadcast.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.masked_scatter_.html
 * @throws RangeError when source has fewer elements than the mask needs
 */
export const maskedScatter: WritingOp<MaskedScatterArguments, ['input', 'mask', 'source']> = writing(
  'maskedScatter',
  ['input', 'mask', 'source'],
  (op, x: Tensor, mask: Tensor, source: Tensor) => {
    const shape = masked(op, x, mask);
    checkTensor(op, source, 'source');
    if (source.dtypeInfo !== x.dtypeInfo) {
      throw typeError(
        `${op}: expected self and source to have same dtypes but got ${x.dtype} and ${source.dtype}; convert source with to('${x.dtype}').`,
      );
    }
    const { shape: sourceShape } = source;
    return {
      name: 'MaskedScatterBackward0',
      inputs: [source],
      saved: [mask],
      gradients: [
        (grad: Tensor, saved: Tensor) => maskedFill(grad, saved, 0),
        (grad: Tensor, saved: Tensor) => padded(maskedSelect(grad, saved), sourceShape),
      ],
      shape,
      apply(target) {
        const [to, chosen] = together(target, mask, shape);
        const count = countTrue(chosen);
        if (count > source.count) {
          throw rangeError(
            `${op}: Number of elements of source (${source.count}) < number of ones in mask (${count}).`,
          );
        }
        kernels.maskedScatter(to, chosen, dense(apart(source, target)), to.count, count);
        if (to !== target) kernels.copy(target, to);
      },
    };
  },
);

/** A vector filled up with zeros to the elements of a shape. */
function padded(values: Tensor, shape: Shape): Tensor {
  const total = numberOfElements(shape);
  const missing = total - values.count;
  const whole = missing === 0 ? values : values.newZeros([total]).indexCopy(0, values.newArange(values.count), values);
  return whole.reshape(shape);
}

/**
 * The indices of the elements that are not 0, one row each; with `asTuple` a vector for each dimension instead, as
 * index tensors are given.
 * https://pytorch.org/docs/stable/generated/torch.nonzero.html
 */
export function nonzero(input: Tensor, options?: { asTuple?: false }): Tensor;
export function nonzero(input: Tensor, options: true | { asTuple: true }): Tensor[];
export function nonzero(input: Tensor, options?: boolean | { asTuple?: boolean }): Tensor | Tensor[];
export function nonzero(...args: readonly unknown[]): Tensor | Tensor[] {
  return nonzeroOf(...(args as Parameters<typeof nonzeroOf>));
}

const nonzeroOf = named('nonzero', ['input', 'asTuple'], (x: Tensor, asTuple: boolean = false): Tensor | Tensor[] => {
  checkTensor('nonzero', x);
  if (!asTuple) return nonzeroRows(x);
  // A scalar counts as a vector of one element.
  const rows = nonzeroRows(x.shape.length === 0 ? x.makeAlias([1], [1], x.offset) : x);
  return Array.from({ length: rows.shape[1]! }, (_, d) => rows.select(1, d));
});

/** {@link nonzero} as rows. */
export function argwhere(x: Tensor): Tensor {
  checkTensor('argwhere', x);
  return nonzeroRows(x);
}
