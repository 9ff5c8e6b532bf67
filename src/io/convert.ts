import { DTYPES, type DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import { clone } from '../ops/movement.js';
import { allocate, fromBuffer, type Storage } from '../storage.js';
import { Tensor } from '../tensor.js';
import type { PlainTensor } from './plain.js';

/** Larger tensors keep the memory that a file was read into; smaller ones share slabs. */
const SMALL = 4096;

/** Refuses a `dtype` option that is none, or that floating-point tensors cannot be brought to. */
export function checkDtype(op: string, dtype: DType | undefined): void {
  if (dtype !== undefined && !(Object.hasOwn(DTYPES, dtype) && DTYPES[dtype].isFloat)) {
    throw rangeError(
      `${op}: dtype is ${JSON.stringify(dtype)}; floating-point tensors are brought to 'float32', 'float64', 'float16' or 'bfloat16'.`,
    );
  }
}

/** `x` in the wanted dtype, if it is a floating-point tensor and one is wanted. */
export function inDtype(x: Tensor, dtype: DType | undefined): Tensor {
  return dtype === undefined || dtype === x.dtype || !x.dtypeInfo.isFloat ? x : x.detach().to(dtype);
}

/**
 * A tensor as a file holds it; its bytes are the tensor's own where it is row-major and its memory nobody else's.
 * @param copied whether they must be a copy, since the file is written while the tensor may change
 */
export function toPlain(x: Tensor, options: { dtype?: DType | undefined; copied?: boolean } = {}): PlainTensor {
  const cast = inDtype(x, options.dtype);
  const dense = cast.isDense ? cast : clone(cast.detach());
  const { storage, dtypeInfo } = dense;
  const start = storage.byteOffset + dense.offset * dtypeInfo.size;
  const end = start + dense.count * dtypeInfo.size;
  // Memory on loan goes back with the tensor, however long the file takes.
  const mustCopy = storage.memory.pooled || (options.copied && storage === x.storage);
  const data = mustCopy ? storage.bytes.slice(start, end) : storage.bytes.subarray(start, end);
  return { dtype: dense.dtype, shape: [...x.shape], data };
}

/** A storage of a file's bytes, which nobody else may keep. */
export function toStorage(data: Uint8Array): Storage {
  const { buffer, byteOffset, byteLength } = data;
  if (byteLength > SMALL && byteOffset % 16 === 0 && buffer instanceof ArrayBuffer) {
    return fromBuffer(buffer, byteOffset, byteLength);
  }
  const storage = allocate(byteLength);
  storage.bytes.set(data, storage.byteOffset);
  return storage;
}

/** A tensor on a file's bytes, which nobody else may keep. */
export function fromPlain({ dtype, shape, data }: PlainTensor, wanted?: DType): Tensor {
  return inDtype(new Tensor(toStorage(data), 0, [...shape], null, DTYPES[dtype]), wanted);
}
