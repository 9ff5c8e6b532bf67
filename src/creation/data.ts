/** Tensors of given data. */
import { bool, DTYPES, type DTypeInfo, int64, type TypedArray } from '../dtype.js';
import { autogradError, rangeError, stateError, typeError } from '../errors.js';
import { checkTensorOptions } from '../ops/options.js';
import {
  ComplexScalar,
  checkFits,
  defaultDType,
  isScalar,
  promote,
  type Scalar,
  scalarDType,
  scalarNumber,
} from '../promotion.js';
import { describe } from '../shape.js';
import { fromBuffer } from '../storage.js';
import { Tensor, type TensorOptions } from '../tensor.js';
import { finish, infoOf, make } from './making.js';

/** What `tensor()` takes: a value, nested arrays of values or of 0-d tensors, or a typed array. */
export type TensorData =
  | Scalar
  | Tensor
  | TypedArray
  | readonly TensorData[]
  | Float32Array
  | readonly (readonly number[])[];

/** The dtype a typed array's elements have. */
export function typedArrayInfo(op: string, array: TypedArray | ArrayBufferView): DTypeInfo {
  if (array instanceof Uint8ClampedArray) return DTYPES.uint8;
  for (const info of Object.values(DTYPES)) if (info.lanes === 1 && array.constructor === info.array) return info;
  if (array instanceof Uint8Array) return DTYPES.uint8;
  throw typeError(
    `${op}: ${array.constructor.name} has no dtype; use one of Float32Array, Float64Array, BigInt64Array, Int32Array, Int16Array, Int8Array, Uint8Array.`,
  );
}

/** As many as PyTorch has. */
const MOST_DIMS = 64;

interface Flat {
  readonly shape: number[];
  readonly values: Scalar[];
  info: DTypeInfo | null;
}

/** Flattens nested arrays; throws for ragged ones. `infers`: whether their dtype is asked for. */
function flattenData(data: TensorData, infers: boolean): Flat {
  const flat: Flat = { shape: [], values: [], info: null };
  for (
    let level: unknown = data;
    Array.isArray(level) || isTypedArray(level);
    level = (level as ArrayLike<unknown>)[0]
  ) {
    if (isTypedArray(level)) checkAttached('tensor', level);
    flat.shape.push((level as ArrayLike<unknown>).length);
    if (flat.shape.length > MOST_DIMS)
      throw rangeError(
        `tensor: the arrays are nested more than ${MOST_DIMS} deep, or contain themselves; give at most ${MOST_DIMS} dimensions.`,
      );
    if ((level as ArrayLike<unknown>).length === 0) break;
  }
  const note = (info: DTypeInfo): void => {
    flat.info = flat.info === null ? info : promote(flat.info, info);
  };
  const walk = (value: unknown, depth: number): void => {
    if (value instanceof Tensor) {
      const nested = value.tolist();
      if (depth < flat.shape.length && value.shape.length === 0) throw ragged(flat.shape, depth);
      if (value.shape.length > 0)
        throw typeError(
          `tensor: only one element tensors can stand in nested arrays, but one has shape [${value.shape.join(', ')}]; use stack.`,
        );
      note(value.dtypeInfo);
      flat.values.push(nested as Scalar);
    } else if (isScalar(value)) {
      if (depth < flat.shape.length) throw ragged(flat.shape, depth);
      if (infers) note(scalarDType(value));
      flat.values.push(value);
    } else if (Array.isArray(value) || isTypedArray(value)) {
      if (isTypedArray(value)) checkAttached('tensor', value);
      const list = value as ArrayLike<unknown>;
      if (depth >= flat.shape.length || list.length !== flat.shape[depth]) throw ragged(flat.shape, depth);
      for (let i = 0; i < list.length; i++) walk(list[i], depth + 1);
    } else {
      throw typeError(
        `tensor: could not infer the dtype of ${describe(value)}; give numbers, bigints, booleans or nested arrays of them.`,
      );
    }
  };
  walk(data, 0);
  return flat;
}

function ragged(shape: readonly number[], depth: number): RangeError {
  return rangeError(
    `tensor: expected sequence of length ${shape[depth] ?? 0} at dim ${depth}; the nested arrays are ragged, make all rows of a dimension equally long.`,
  );
}

function isTypedArray(value: unknown): value is TypedArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Refuses an array whose memory is gone, which otherwise looks like an empty one. */
function checkAttached(op: string, array: TypedArray): void {
  try {
    array.at(0);
  } catch {
    throw stateError(`${op}: the array is detached, or its buffer was made shorter; copy it before that.`);
  }
}

/** Writes scalars as a dtype's elements, through JavaScript's own conversions. */
function writeValues(x: Tensor, values: readonly Scalar[]): void {
  const info = x.dtypeInfo;
  if (info.name === 'float16' || info.name === 'bfloat16') {
    const wide = make(x.shape, DTYPES.float32);
    writeValues(wide, values);
    x.writeFrom(wide);
    return;
  }
  const view = x.storage.view(info, x.offset, x.count);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (info.isComplex) {
      view[2 * i] = value instanceof ComplexScalar ? value.re : scalarNumber(value);
      view[2 * i + 1] = value instanceof ComplexScalar ? value.im : 0;
    } else if (info === bool) {
      view[i] = scalarNumber(value) !== 0 ? 1 : 0;
    } else if (info.isFloat) {
      view[i] = scalarNumber(value);
    } else {
      checkFits('tensor', value, info);
      if (info === int64) view[i] = typeof value === 'bigint' ? value : BigInt(Math.trunc(scalarNumber(value)));
      else view[i] = Math.trunc(scalarNumber(value));
    }
  }
}

/**
 * A tensor of a copy of the data. Whole numbers give int64, any fraction float32, booleans bool.
 * @example tensor([[1.5, 2], [3, 4]]); tensor([1, 2], { dtype: 'float32', requiresGrad: true })
 * @throws RangeError for ragged nested arrays
 */
export function tensor(data: TensorData, options: TensorOptions = {}): Tensor {
  checkTensorOptions('tensor', options);
  if (data instanceof Tensor) {
    const copy = data.detach().clone();
    return finish('tensor', options.dtype ? copy.to(options.dtype) : copy, options);
  }
  if (isTypedArray(data)) {
    checkAttached('tensor', data);
    return finish(
      'tensor',
      fromTypedArray(data).to(infoOf('tensor', options.dtype, typedArrayInfo('tensor', data)).name, { copy: true }),
      options,
    );
  }
  const flat = flattenData(data, !options.dtype);
  const info = infoOf('tensor', options.dtype, flat.info ?? defaultDType());
  if (options.requiresGrad && !info.isDifferentiable && !options.dtype) {
    throw autogradError(
      `tensor: whole numbers make an ${info.name} tensor, and only floating point tensors can require gradients; give dtype: 'float32'.`,
    );
  }
  const x = make(flat.shape, info);
  writeValues(x, flat.values);
  return finish('tensor', x, options);
}

/** A tensor that shares a typed array's memory, as PyTorch's from_numpy. @throws Error for shared or detached memory */
export function fromTypedArray(array: TypedArray): Tensor {
  if (!isTypedArray(array))
    throw typeError(`fromTypedArray: expected a typed array, not ${describe(array)}; use tensor(…) for nested arrays.`);
  checkAttached('fromTypedArray', array);
  const info = typedArrayInfo('fromTypedArray', array);
  if (!(array.buffer instanceof ArrayBuffer))
    throw stateError('fromTypedArray: shared memory may change under an op; copy it with tensor(array).');
  if (array.byteOffset % info.size !== 0)
    throw stateError('fromTypedArray: the array is not aligned to its element size; copy it with tensor(array).');
  return new Tensor(fromBuffer(array.buffer, array.byteOffset, array.byteLength), 0, [array.length], null, info);
}

/** See torch.as_tensor: x itself where dtype allows. */
export function asTensor(data: TensorData, options: TensorOptions = {}): Tensor {
  checkTensorOptions('asTensor', options);
  if (data instanceof Tensor) return options.dtype ? data.to(options.dtype) : data;
  if (isTypedArray(data)) return options.dtype ? fromTypedArray(data).to(options.dtype) : fromTypedArray(data);
  return tensor(data, options);
}
