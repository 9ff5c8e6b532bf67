/** PyTorch's checkpoint files (.pt, .pth): a zip archive of a pickle and the tensors' storages. */
import { rangeError } from '../errors.js';
import { writeFileAtomic } from './atomic.js';
import { openSource } from './files.js';
import { unpickle } from './pickle.js';
import { type Converter, pickle } from './pickleWriter.js';
import { checkpointGlobals, type TensorMaker } from './ptGlobals.js';
import { isLegacy, LEGACY_HEAD, readLegacy } from './ptLegacy.js';
import { PtStorage, storageOf } from './ptValues.js';
import { ZipReader, zipParts } from './zip.js';

export { Counter, PtStorage, PtTensor } from './ptValues.js';

const op = 'load';
/** More than any checkpoint's structure; the tensors' bytes are not in it. */
const MAX_PICKLE = 2 ** 28;

/** The one folder that everything in the archive stands in. */
function folderOf(zip: ZipReader): string {
  const found = [...zip.entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (found.length !== 1) {
    throw rangeError(`${op}: the archive has ${found.length} files data.pkl; it is no checkpoint of torch.save.`);
  }
  return found[0]!.slice(0, -'data.pkl'.length);
}

/**
 * Reads a checkpoint that `torch.save` (or {@link writePt}) wrote, before PyTorch 1.6 too. Nothing in the file is run: names outside a closed
 * table are errors.
 *
 * Dicts come as Maps (an OrderedDict as one), tuples as Tuples, dtypes as the dtypes' own objects, tensors as what
 * `make` gives for them. Tensors that shared a storage still do.
 *
 * @param source a path, or the file's bytes
 * @param make what a tensor becomes; without it, the {@link PtTensor} itself
 * @throws RangeError for a damaged or foreign file, or one that wants anything but plain values and tensors
 */
export async function readPt(source: string | Uint8Array, make: TensorMaker = (tensor) => tensor): Promise<unknown> {
  const bytes = await openSource(source);
  try {
    const head = await bytes.read(0, Math.min(LEGACY_HEAD.length, bytes.length));
    if (isLegacy(head)) return readLegacy(op, await bytes.read(0, bytes.length), make);
  } finally {
    await bytes.close();
  }
  const zip = await ZipReader.open(op, source);
  try {
    const folder = folderOf(zip);
    for (const { name, stored, size } of zip.entries.values()) {
      if (!stored)
        throw rangeError(`${op}: the archive's entry ${JSON.stringify(name)} is compressed; checkpoints are not.`);
      if (name === `${folder}data.pkl` && size > MAX_PICKLE) {
        throw rangeError(`${op}: the archive's pickle has ${size} bytes; at most ${MAX_PICKLE} are read.`);
      }
    }
    if (zip.entries.has(`${folder}byteorder`)) {
      const order = new TextDecoder().decode(await zip.read(`${folder}byteorder`));
      if (order !== 'little')
        throw rangeError(`${op}: the file's byte order is ${JSON.stringify(order)}; only little endian can be read.`);
    }
    const bytes = await zip.read(`${folder}data.pkl`);
    const storages = new Map<string, PtStorage>();
    const find = (key: string): PtStorage => {
      const known = storages.get(key);
      if (known !== undefined) return known;
      const entry = zip.entries.get(`${folder}data/${key}`);
      if (entry === undefined) throw rangeError(`${op}: the archive has no storage ${JSON.stringify(key)}.`);
      const storage = new PtStorage(entry.size);
      storages.set(key, storage);
      return storage;
    };
    const read = (maker: TensorMaker): unknown =>
      unpickle(op, bytes, {
        globals: checkpointGlobals(op, maker),
        persistent: (id) => storageOf(op, id, find),
      });
    // Once to check everything and see which storages there are; then, with their bytes, for the caller.
    read((tensor) => tensor);
    for (const [key, storage] of storages) storage.bytes = await zip.read(`${folder}data/${key}`);
    return read(make);
  } finally {
    await zip.close();
  }
}

/**
 * A checkpoint's bytes in pieces. `torch.load` reads them, `weights_only=True` too where the value is made of dicts,
 * lists, tuples, numbers, strings and tensors.
 *
 * @param value plain values, with a PtTensor for each tensor; each storage's bytes must be there
 * @param convert gives the PtTensor of a tensor of the caller's own kind
 * @throws TypeError for a value that checkpoints cannot hold
 */
export function ptParts(value: unknown, convert?: Converter): AsyncGenerator<Uint8Array> {
  const { bytes, storages } = pickle('save', value, convert);
  const data = storages.map((storage, key) => {
    if (storage.bytes === null || storage.bytes.byteLength !== storage.byteLength) {
      throw rangeError(`save: storage ${key} should have ${storage.byteLength} bytes.`);
    }
    return { name: `archive/data/${key}`, parts: [storage.bytes] };
  });
  const text = (content: string): Uint8Array[] => [new TextEncoder().encode(content)];
  return zipParts([
    { name: 'archive/data.pkl', parts: [bytes] },
    { name: 'archive/byteorder', parts: text('little') },
    ...data,
    { name: 'archive/version', parts: text('3\n') },
  ]);
}

/** Writes a checkpoint, atomically. */
export async function writePt(path: string, value: unknown): Promise<void> {
  await writeFileAtomic(path, ptParts(value));
}
