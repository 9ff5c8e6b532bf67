import { tensor } from './creation/data.js';
import { finish, infoOf, make, sizesAndOptions } from './creation/making.js';
import { rangeError, typeError } from './errors.js';
import { checkTensor } from './ops/apply.js';
import { checkTensorOptions, isOptions } from './ops/options.js';
import { checkFits, defaultDType, type Scalar, scalarDType } from './promotion.js';
import { checkSizes, type Shape, storageExtent } from './shape.js';
import { Tensor, type TensorOptions } from './tensor.js';

export { asTensor, fromTypedArray, type TensorData, tensor } from './creation/data.js';
export { arange, eye, linspace, logspace, range } from './creation/ranges.js';
export { trilIndices, triuIndices } from './creation/triangles.js';

type Sized =
  | [...sizes: number[]]
  | [...sizes: number[], options: TensorOptions]
  | [shape: Shape]
  | [shape: Shape, options: TensorOptions];

/** Memory as it comes. */
export function empty(...args: Sized): Tensor {
  const { shape, options } = sizesAndOptions('empty', args);
  return finish('empty', make(shape, infoOf('empty', options.dtype, defaultDType())), options);
}

function filled(op: string, args: readonly unknown[], value: Scalar): Tensor {
  const { shape, options } = sizesAndOptions(op, args);
  const x = make(shape, infoOf(op, options.dtype, defaultDType()));
  x.fillWith(value);
  return finish(op, x, options);
}

/** All 0. @example zeros(2, 3); zeros([2, 3], { dtype: 'int64' }) */
export function zeros(...args: Sized): Tensor {
  return filled('zeros', args, 0);
}

/** All 1. @example ones(2, 3) */
export function ones(...args: Sized): Tensor {
  return filled('ones', args, 1);
}

type FullOptions = TensorOptions & { fillValue?: Scalar | Tensor; size?: Shape };

/** All `fillValue`, whose kind decides the dtype. @example full([2, 3], 1.5) */
export function full(
  shape: Shape | FullOptions,
  value?: Scalar | Tensor | FullOptions,
  rest: TensorOptions = {},
): Tensor {
  const options = (isOptions(shape) ? shape : isOptions(value) ? value : rest) as FullOptions;
  checkTensorOptions('full', options, 'size', 'fillValue');
  const size = (isOptions(shape) ? options.size : shape) as Shape | undefined;
  const fillValue = (isOptions(value) || value === undefined ? options.fillValue : value) as
    | Scalar
    | Tensor
    | undefined;
  if (size === undefined || fillValue === undefined)
    throw typeError('full: give the sizes and the value: full([2, 3], 1.5).');
  checkSizes('full', size);
  const info = infoOf(
    'full',
    options.dtype,
    fillValue instanceof Tensor ? fillValue.dtypeInfo : scalarDType(fillValue),
  );
  const x = make([...size], info);
  if (fillValue instanceof Tensor) x.writeFrom(fillValue);
  else {
    checkFits('full', fillValue, info);
    x.fillWith(fillValue);
  }
  return finish('full', x, options);
}

function like(op: string, x: Tensor, options: TensorOptions, value: Scalar): Tensor {
  checkTensor(op, x);
  checkTensorOptions(op, options);
  const made = make(x.shape, infoOf(op, options.dtype, x.dtypeInfo));
  checkFits(op, value, made.dtypeInfo);
  made.fillWith(value);
  return finish(op, made, options);
}

/** All 0, of the shape and dtype of x. @throws TypeError for what is no tensor */
export function zerosLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return like('zerosLike', x, options, 0);
}

/** All 1, of the shape and dtype of x. @throws TypeError for what is no tensor */
export function onesLike(x: Tensor, options: TensorOptions = {}): Tensor {
  return like('onesLike', x, options, 1);
}

/** All `fillValue`, of the shape and dtype of x. @throws RangeError for a value that x's dtype does not hold */
export function fullLike(x: Tensor, fillValue: Scalar, options: TensorOptions = {}): Tensor {
  return like('fullLike', x, options, fillValue);
}

/** Memory as it comes, of the shape and dtype of x. @throws TypeError for what is no tensor */
export function emptyLike(x: Tensor, options: TensorOptions = {}): Tensor {
  checkTensor('emptyLike', x);
  checkTensorOptions('emptyLike', options);
  return finish('emptyLike', make(x.shape, infoOf('emptyLike', options.dtype, x.dtypeInfo)), options);
}

/** Memory as it comes, seen with the sizes and strides given. */
export function emptyStrided(shape: Shape, strides: readonly number[], options: TensorOptions = {}): Tensor {
  checkSizes('emptyStrided', shape);
  checkTensorOptions('emptyStrided', options);
  if (shape.length !== strides.length)
    throw rangeError(
      `emptyStrided: dimensionality of sizes (${shape.length}) must match dimensionality of strides (${strides.length}).`,
    );
  checkSizes('emptyStrided', strides);
  const info = infoOf('emptyStrided', options.dtype, defaultDType());
  const memory = make([storageExtent(shape, strides)], info);
  return finish('emptyStrided', memory.makeAlias([...shape], [...strides], 0), options);
}

/** A 0-d tensor of a value, of the default dtype. */
export function scalarTensor(value: Scalar, options: TensorOptions = {}): Tensor {
  checkTensorOptions('scalarTensor', options);
  return tensor(value, { ...options, dtype: options.dtype ?? defaultDType().name });
}
