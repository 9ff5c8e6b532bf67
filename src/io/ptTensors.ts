/** Checkpoints of the library's own tensors: between Tensor, Parameter and what .pt files hold. */
import { DTYPES, type DType } from '../dtype.js';
import { Parameter } from '../nn/parameter.js';
import { OrderedDict } from '../repr.js';
import { Size } from '../size.js';
import type { Storage } from '../storage.js';
import { Tensor } from '../tensor.js';
import { inDtype, toStorage } from './convert.js';
import { Dict } from './dict.js';
import { ptParts, readPt } from './pt.js';
import { Counter, isDtype, PtStorage, PtTensor } from './ptValues.js';

/**
 * A checkpoint's bytes in pieces. The tensors' memory is copied before this returns; tensors that share memory share it
 * in the file too, unless they see it as different dtypes.
 */
export function checkpointParts(value: unknown, dtype?: DType): AsyncGenerator<Uint8Array> {
  const storages = new Map<Storage, Map<DType, PtStorage>>();
  const storageOf = (storage: Storage, name: DType): PtStorage => {
    let byDtype = storages.get(storage);
    if (byDtype === undefined) {
      byDtype = new Map();
      storages.set(storage, byDtype);
    }
    let copy = byDtype.get(name);
    if (copy === undefined) {
      const { size } = DTYPES[name];
      const length = Math.floor(storage.byteLength / size) * size;
      copy = new PtStorage(length, storage.bytes.slice(storage.byteOffset, storage.byteOffset + length));
      byDtype.set(name, copy);
    }
    return copy;
  };
  return ptParts(value, (item) => {
    if (!(item instanceof Tensor)) return undefined;
    const x = inDtype(item, dtype);
    const storage = storageOf(x.storage, x.dtype);
    const { requiresGrad } = item;
    return new PtTensor(storage, x.dtype, x.offset, x.shape, x.strides, requiresGrad, item instanceof Parameter);
  });
}

/** Reads a checkpoint: its tensors as Tensors and Parameters, its dicts as {@link Dict}s, dtypes as strings. */
export async function readCheckpoint(path: string, dtype?: DType): Promise<unknown> {
  const storages = new Map<PtStorage, Storage>();
  const make = (found: PtTensor): Tensor => {
    let storage = storages.get(found.storage);
    if (storage === undefined) {
      storage = toStorage(found.storage.bytes!);
      storages.set(found.storage, storage);
    }
    const raw = new Tensor(storage, found.offset, [...found.shape], [...found.strides], DTYPES[found.dtype]);
    const x = inDtype(raw, dtype);
    if (found.isParameter) return new Parameter(x, found.requiresGrad);
    return found.requiresGrad ? x.requiresGrad_() : x;
  };
  return finish(await readPt(path, make));
}

/** The same value with dicts as Dicts and dtypes as strings; containers may hold themselves, and be nested deeply. */
function finish(read: unknown): unknown {
  const done = new Map<object, unknown>();
  const open: (() => void)[] = [];
  const convert = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || value instanceof Tensor || ArrayBuffer.isView(value))
      return value;
    if (isDtype(value)) return value.name;
    const known = done.get(value);
    if (known !== undefined) return known;
    if (value instanceof Size || value instanceof Set || value instanceof Counter) return value;
    if (Array.isArray(value)) {
      done.set(value, value);
      open.push(() => {
        for (const [i, item] of value.entries()) value[i] = convert(item);
      });
      return value;
    }
    if (!(value instanceof Map)) return value;
    const dict: Map<unknown, unknown> = value instanceof OrderedDict ? value : new Dict();
    done.set(value, dict);
    open.push(() => {
      for (const [key, item] of value as Map<unknown, unknown>) dict.set(key, convert(item));
      if (value instanceof OrderedDict) value.metadata = convert(value.metadata);
    });
    return dict;
  };
  const result = convert(read);
  for (let next = open.pop(); next !== undefined; next = open.pop()) next();
  return result;
}
