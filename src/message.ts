import { DTYPES, type DType } from './dtype.js';
import { typeError } from './errors.js';
import { clone } from './ops/movement.js';
import { describe } from './shape.js';
import { fromBuffer } from './storage.js';
import { Tensor } from './tensor.js';

/** What {@link toMessage} makes of a tensor: plain data that structuredClone and postMessage keep. */
interface TensorMessage {
  readonly nodegrad: 'tensor';
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly requiresGrad: boolean;
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
}

export interface Message {
  /** To post, or to clone. */
  readonly data: unknown;
  /** Buffers that may be transferred instead of copied, as postMessage's second argument. */
  readonly transfer: ArrayBuffer[];
}

function tensorMessage(x: Tensor, transfer: ArrayBuffer[], mayMove: boolean): TensorMessage {
  const { dtype, requiresGrad } = x;
  const shape = [...x.shape];
  // A piece of a slab would take its neighbours along; only a tensor that is all of its memory can move.
  const { storage } = x;
  const isWhole =
    x.isDense &&
    !storage.memory.pooled &&
    storage.byteLength === x.count * x.dtypeInfo.size &&
    storage.capacity === storage.buffer.byteLength;
  if (mayMove && isWhole && x.count > 0) {
    transfer.push(x.storage.buffer);
    return { nodegrad: 'tensor', dtype, shape, requiresGrad, buffer: x.storage.buffer, byteOffset: 0 };
  }
  const dense = x.isDense ? x : clone(x.detach());
  const start = dense.storage.byteOffset + dense.offset * dense.dtypeInfo.size;
  const buffer = dense.storage.buffer.slice(start, start + dense.count * dense.dtypeInfo.size);
  transfer.push(buffer);
  return { nodegrad: 'tensor', dtype, shape, requiresGrad, buffer, byteOffset: 0 };
}

/**
 * Tensors, and arrays, Maps and plain objects of them, as data for another thread: structuredClone of a Tensor would
 * lose its class. Values are copied, unless `move` is given and a tensor is all of its memory, as large ones are on the
 * WebAssembly backend (native's share or lend it): then it is handed over, and the tensor here can no longer be used.
 * @example const { data, transfer } = toMessage(model.stateDict()); worker.postMessage(data, transfer);
 */
export function toMessage(value: unknown, options: { move?: boolean } = {}): Message {
  const transfer: ArrayBuffer[] = [];
  const walk = (item: unknown): unknown => {
    if (item instanceof Tensor) return tensorMessage(item, transfer, options.move ?? false);
    if (Array.isArray(item)) return item.map(walk);
    if (item instanceof Map) return new Map([...item].map(([key, entry]) => [key, walk(entry)]));
    if (typeof item === 'function' || typeof item === 'symbol') {
      throw typeError(
        `toMessage: ${describe(item)} cannot go to another thread; send tensors, numbers, strings, arrays, Maps and plain objects.`,
      );
    }
    if (typeof item !== 'object' || item === null || ArrayBuffer.isView(item)) return item;
    return Object.fromEntries(Object.entries(item).map(([key, entry]) => [key, walk(entry)]));
  };
  return { data: walk(value), transfer };
}

function isTensorMessage(value: object): value is TensorMessage {
  return 'nodegrad' in value && value.nodegrad === 'tensor';
}

/** The tensors of a message's `data`, on the memory that came with it. */
export function fromMessage(data: unknown): unknown {
  if (typeof data !== 'object' || data === null || ArrayBuffer.isView(data)) return data;
  if (Array.isArray(data)) return data.map(fromMessage);
  if (data instanceof Map) return new Map([...data].map(([key, value]) => [key, fromMessage(value)]));
  if (!isTensorMessage(data))
    return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, fromMessage(value)]));
  const info = DTYPES[data.dtype];
  const storage = fromBuffer(
    data.buffer,
    data.byteOffset,
    data.shape.reduce((n, size) => n * size, info.size),
  );
  const x = new Tensor(storage, 0, data.shape, null, info);
  return data.requiresGrad ? x.requiresGrad_() : x;
}
