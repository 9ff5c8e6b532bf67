import { DTYPES } from '../dtype.js';
import { clone } from '../ops/movement.js';
import { allocate } from '../storage.js';
import { Tensor } from '../tensor.js';
import type { PlainTensor } from './plain.js';

/** A tensor as a file holds it; its bytes are the tensor's own where it is row-major. */
export function toPlain(x: Tensor): PlainTensor {
  const dense = x.isDense ? x : clone(x.detach());
  const { storage, dtypeInfo } = dense;
  const start = storage.byteOffset + dense.offset * dtypeInfo.size;
  return {
    dtype: x.dtype,
    shape: [...x.shape],
    data: storage.bytes.subarray(start, start + dense.count * dtypeInfo.size),
  };
}

/** A tensor of a copy of a file's bytes. */
export function fromPlain({ dtype, shape, data }: PlainTensor): Tensor {
  const storage = allocate(data.byteLength);
  storage.bytes.set(data, storage.byteOffset);
  return new Tensor(storage, 0, [...shape], null, DTYPES[dtype]);
}
