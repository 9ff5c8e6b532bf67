/** Checkpoints of PyTorch before 1.6: pickles one after the other, then the storages' bytes. */
import { DTYPES } from '../dtype.js';
import { rangeError } from '../errors.js';
import { Tuple } from '../repr.js';
import { type PickleTable, unpickleFirst } from './pickle.js';
import { checkpointGlobals, type TensorMaker } from './ptGlobals.js';
import { PtStorage, StorageType, storageOf } from './ptValues.js';

/** The first pickle: PyTorch's number for its files, 0x1950a86a20f9469cfc6c. */
export const LEGACY_HEAD = Uint8Array.of(
  0x80,
  2,
  0x8a,
  0x0a,
  0x6c,
  0xfc,
  0x9c,
  0x46,
  0xf9,
  0x20,
  0x6a,
  0xa8,
  0x50,
  0x19,
);
const VERSION = 1001;

/** Whether a file begins as those do. */
export function isLegacy(head: Uint8Array): boolean {
  return head.length === LEGACY_HEAD.length && LEGACY_HEAD.every((byte, i) => byte === head[i]);
}

/**
 * Reads such a file, as closed as any other checkpoint.
 *
 * @throws RangeError for a damaged file, or one that wants anything but plain values and tensors
 */
export function readLegacy(op: string, bytes: Uint8Array, make: TensorMaker): unknown {
  const fail = (what: string): never => {
    throw rangeError(`${op}: ${what}; the file is cut off or damaged.`);
  };
  const noTable: PickleTable = { globals: new Map(), persistent: () => fail('a storage stands where none can be') };
  let at = 0;
  const next = (table: PickleTable): unknown => {
    const { value, length } = unpickleFirst(op, bytes.subarray(at), table);
    at += length;
    return value;
  };
  next(noTable);
  if (next(noTable) !== VERSION) fail(`the version is not ${VERSION}`);
  const system = next(noTable);
  if (!(system instanceof Map) || system.get('little_endian') !== true)
    throw rangeError(`${op}: the file's byte order is not little endian; only that can be read.`);

  const storages = new Map<string, { storage: PtStorage; elements: number }>();
  const persistent = (id: unknown): unknown => {
    if (!(id instanceof Tuple) || id.length !== 6 || id[5] !== null) return fail('a persistent id is malformed');
    const [, type, , , elements] = id as unknown as unknown[];
    return storageOf(op, new Tuple((id as unknown as unknown[]).slice(0, 5)), (key) => {
      let known = storages.get(key);
      if (known === undefined) {
        const size = type instanceof StorageType && type.dtype !== null ? DTYPES[type.dtype].size : 1;
        const count = elements as number;
        if (!Number.isSafeInteger(count * size) || count < 0 || count * size > bytes.byteLength)
          fail(`a storage claims ${String(elements)} elements`);
        known = { storage: new PtStorage(count * size), elements: count };
        storages.set(key, known);
      }
      return known.storage;
    });
  };
  const start = at;
  const read = (maker: TensorMaker): unknown => next({ globals: checkpointGlobals(op, maker), persistent });
  // Once to check everything and see which storages there are; then, with their bytes, for the caller.
  read((tensor) => tensor);
  const keys = next(noTable);
  if (!Array.isArray(keys) || keys.length !== storages.size || new Set(keys).size !== keys.length)
    fail('the list of storages is wrong');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const key of keys as unknown[]) {
    const { storage, elements } = storages.get(key as string) ?? fail('the list of storages is wrong');
    if (at + 8 + storage.byteLength > bytes.byteLength) fail('a storage ends beyond the file');
    if (view.getBigInt64(at, true) !== BigInt(elements)) fail('a storage has another size than its tensors say');
    at += 8;
    storage.bytes = bytes.slice(at, at + storage.byteLength);
    at += storage.byteLength;
  }
  at = start;
  return read(make);
}
