import type { Operand } from '../../src/backends/call.js';
import { DTYPES, type DType } from '../../src/dtype.js';
import { contiguousStrides } from '../../src/shape.js';
import { fromBuffer } from '../../src/storage.js';

/** An operand for a kernel on plain memory, and its elements. */
export interface PlainOperand extends Operand {
  readonly data: Float32Array | Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array | Uint8Array;
}

/** A contiguous operand of `shape`, filled with `values` (else zeros). */
export function operand(dtype: DType, shape: readonly number[], values?: ArrayLike<number>): PlainOperand {
  const dtypeInfo = DTYPES[dtype];
  const count = shape.reduce((n, size) => n * size, 1);
  const buffer = new ArrayBuffer(count * dtypeInfo.size);
  const data = new dtypeInfo.array(buffer, 0, count) as PlainOperand['data'];
  if (values !== undefined) {
    for (let i = 0; i < count; i++) data[i] = (dtype === 'int64' ? BigInt(values[i]!) : values[i]!) as never;
  }
  return {
    storage: fromBuffer(buffer, 0, buffer.byteLength),
    offset: 0,
    shape,
    strides: contiguousStrides(shape),
    dtypeInfo,
    count,
    isDense: true,
    data,
  };
}

/** The elements' bits, for comparing streams exactly. */
export function bits(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
