/** The element types of a tensor, as PyTorch names them. */
export type DType =
  | 'float32'
  | 'float64'
  | 'int64'
  | 'int32'
  | 'int16'
  | 'int8'
  | 'uint8'
  | 'bool'
  | 'complex64'
  | 'float16'
  | 'bfloat16';

export type TypedArray =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array
  | Uint16Array;

export type TypedArrayConstructor = new (buffer: ArrayBuffer, byteOffset: number, length: number) => TypedArray;

/** The order promotion climbs: bool < integers < floats < complex. */
export type Category = 0 | 1 | 2 | 3;

/** What the library knows of a dtype. One object a dtype, compared by identity. */
export interface DTypeInfo {
  readonly name: DType;
  /** The number the kernels know it by. Never reordered: both backends hold the same table. */
  readonly code: number;
  /** Bytes an element. */
  readonly size: number;
  /** log2(size). */
  readonly shift: number;
  readonly category: Category;
  readonly isFloat: boolean;
  readonly isComplex: boolean;
  /** Only floats and complex numbers have gradients. */
  readonly isDifferentiable: boolean;
  readonly array: TypedArrayConstructor;
  /** Typed-array elements one tensor element takes (2 for complex64). */
  readonly lanes: number;
}

function info(
  name: DType,
  code: number,
  shift: number,
  category: Category,
  array: TypedArrayConstructor,
  lanes = 1,
): DTypeInfo {
  const isFloat = category === 2;
  const isComplex = category === 3;
  return {
    name,
    code,
    size: 1 << shift,
    shift,
    category,
    isFloat,
    isComplex,
    isDifferentiable: isFloat || isComplex,
    array,
    lanes,
  };
}

export const float32 = info('float32', 0, 2, 2, Float32Array);
export const float64 = info('float64', 1, 3, 2, Float64Array);
export const int64 = info('int64', 2, 3, 1, BigInt64Array);
export const int32 = info('int32', 3, 2, 1, Int32Array);
export const int16 = info('int16', 4, 1, 1, Int16Array);
export const int8 = info('int8', 5, 0, 1, Int8Array);
export const uint8 = info('uint8', 6, 0, 1, Uint8Array);
export const bool = info('bool', 7, 0, 0, Uint8Array);
export const complex64 = info('complex64', 8, 3, 3, Float32Array, 2);
export const float16 = info('float16', 9, 1, 2, Uint16Array);
export const bfloat16 = info('bfloat16', 10, 1, 2, Uint16Array);

export const DTYPES: Readonly<Record<DType, DTypeInfo>> = {
  float32,
  float64,
  int64,
  int32,
  int16,
  int8,
  uint8,
  bool,
  complex64,
  float16,
  bfloat16,
};
