import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { DType } from '../dtype.js';
import { notSupported, typeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import { OrderedDict } from '../repr.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import { writeFileAtomic, writeFileAtomicSync } from './atomic.js';
import { checkDtype, fromPlain, toPlain } from './convert.js';
import { npyParts, npzParts, parseNpy, readNpz } from './npy.js';
import type { PlainTensor } from './plain.js';
import { checkpointParts, readCheckpoint } from './ptTensors.js';
import { safetensorsParts } from './safetensors.js';
import { readSafetensors, readSafetensorsSync } from './safetensorsFile.js';
import { bytesOf, INDEX_ENDING, readSharded, readShardedSync, writeSharded } from './sharded.js';

export { Dict } from './dict.js';

/**
 * The file formats: `safetensors`, and its index of several files; NumPy's `npy` (one tensor) and `npz` (tensors by
 * name); PyTorch's `pt` (anything made of tensors and plain values).
 */
export type Format = 'safetensors' | 'index' | 'npy' | 'npz' | 'pt';

/** How a file is written. */
export interface SaveOptions {
  /** Where the file's name does not tell. */
  format?: Format;
  /** What floating-point tensors are converted to; without it they keep their dtype. */
  dtype?: DType;
  /** Strings kept in a safetensors file's header. */
  metadata?: Record<string, string> | Map<string, string>;
  /** Writes several safetensors files of at most so many bytes, or '5GB', and an index of them. */
  maxShardSize?: number | string;
  /** Whether a .npz archive is compressed. */
  compress?: boolean;
}

/** How a file is read. */
export interface LoadOptions {
  format?: Format;
  /** What floating-point tensors are converted to; without it they keep their dtype. */
  dtype?: DType;
}

/** Tensors by name: a state dict. */
export type TensorDict = ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>;

const endings: readonly (readonly [ending: string, format: Format])[] = [
  [INDEX_ENDING, 'index'],
  ['.safetensors', 'safetensors'],
  ['.npy', 'npy'],
  ['.npz', 'npz'],
  ['.pt', 'pt'],
  ['.pth', 'pt'],
  ['.ckpt', 'pt'],
  ['.bin', 'pt'],
];

function formatOf(op: string, path: unknown, options: LoadOptions): Format {
  if (typeof path !== 'string') throw typeError(`${op}: the path is ${describe(path)}; give a string.`);
  if (!isOptions(options as unknown)) throw typeError(`${op}: the options are ${describe(options)}; give an object.`);
  checkDtype(op, options.dtype);
  const { format } = options;
  const found = format ?? endings.find(([ending]) => path.toLowerCase().endsWith(ending))?.[1];
  if (found === undefined || !endings.some(([, known]) => known === found)) {
    throw notSupported(
      `${op}: ${format === undefined ? `${JSON.stringify(basename(path))} has no known ending` : `there is no format ${JSON.stringify(format)}`}; name the file .safetensors, .npy, .npz, .pt or .pth, or give { format }.`,
    );
  }
  return found;
}

/** The tensors of a state dict, as files hold them. */
function namedOf(op: string, format: Format, value: unknown, options: SaveOptions): [string, PlainTensor][] {
  if (!(value instanceof Map) && !isOptions(value)) {
    throw typeError(
      `${op}: ${format} files hold tensors by name, not ${describe(value)}; give a state dict, model.stateDict().`,
    );
  }
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return entries.map(([name, x]) => {
    if (!(x instanceof Tensor)) {
      throw typeError(
        `${op}: ${String(name)} is ${describe(x)}, no Tensor; ${format} files hold tensors only, .pt files the rest too.`,
      );
    }
    return [name as string, toPlain(x, { dtype: options.dtype, copied: op === 'save' })];
  });
}

function metadataOf(op: string, format: Format, { metadata }: SaveOptions): Iterable<readonly [string, string]> | null {
  if (metadata === undefined) return null;
  if (format !== 'safetensors' && format !== 'index')
    throw notSupported(`${op}: ${format} files have no place for metadata; use .safetensors.`);
  return metadata instanceof Map ? metadata : Object.entries(metadata);
}

function arrayOf(op: string, value: unknown, options: SaveOptions): PlainTensor {
  if (!(value instanceof Tensor))
    throw typeError(`${op}: a .npy file holds one tensor, not ${describe(value)}; use .npz for several.`);
  return toPlain(value, { dtype: options.dtype, copied: op === 'save' });
}

function syncParts(op: string, value: unknown, path: string, options: SaveOptions): Uint8Array[] {
  const format = formatOf(op, path, options);
  const metadata = metadataOf(op, format, options);
  if (format === 'safetensors') return safetensorsParts(namedOf(op, format, value, options), metadata);
  if (format === 'npy') return npyParts(arrayOf(op, value, options), op);
  throw notSupported(`${op}: ${format} files are written by save only; use await save(…), or .safetensors or .npy.`);
}

function named(tensors: Iterable<readonly [string, PlainTensor]>, dtype: DType | undefined): OrderedDict<Tensor> {
  return new OrderedDict(Array.from(tensors, ([name, plain]) => [name, fromPlain(plain, dtype)] as const));
}

/**
 * Writes a file by its name's ending: `.safetensors` and `.npz` (tensors by name), `.npy` (one tensor), `.pt` and `.pth`
 * (tensors and plain values in any nesting, as `torch.load` reads them). The tensors' values are those of the moment of
 * the call, whatever happens to them while the file is written; the file is written beside the old one and put in its
 * place when it is whole.
 * @example await save({ model: model.stateDict(), optimizer: optimizer.stateDict(), epoch: 3 }, 'checkpoint.pt')
 * @throws TypeError for what the format cannot hold; the file system's errors
 */
export async function save(value: unknown, path: string, options: SaveOptions = {}): Promise<void> {
  const op = 'save';
  const format = formatOf(op, path, options);
  const metadata = metadataOf(op, format, options);
  const { maxShardSize, compress = false } = options;
  if (format === 'index' || maxShardSize !== undefined) {
    if (format !== 'index' && format !== 'safetensors')
      throw notSupported(`${op}: maxShardSize goes with .safetensors files, not ${format}.`);
    const limit = maxShardSize === undefined ? Number.POSITIVE_INFINITY : bytesOf(op, maxShardSize);
    await writeSharded(path, namedOf(op, format, value, options), limit, metadata);
  } else if (format === 'pt') {
    await writeFileAtomic(path, checkpointParts(value, options.dtype));
  } else if (format === 'npz') {
    await writeFileAtomic(path, npzParts(namedOf(op, format, value, options), { compress }));
  } else {
    await writeFileAtomic(path, syncParts(op, value, path, options));
  }
}

/** {@link save} of .safetensors and .npy files, finished when it returns. */
export function saveSync(value: TensorDict | Tensor, path: string, options: SaveOptions = {}): void {
  writeFileAtomicSync(path, syncParts('saveSync', value, path, options));
}

/**
 * Reads what {@link save}, or another library, wrote: a Tensor from .npy, an OrderedDict of tensors from .safetensors, its
 * index and .npz, from .pt whatever was saved, its dicts as {@link Dict}s and OrderedDicts. Nothing in a file is run.
 * @example const { model, epoch } = await load<{ model: StateDict; epoch: number }>('checkpoint.pt')
 * @throws RangeError for a file that is not what it claims; the file system's errors
 */
export async function load(path: `${string}.npy`, options?: LoadOptions): Promise<Tensor>;
export async function load<T = OrderedDict<Tensor>>(path: string, options?: LoadOptions): Promise<T>;
export async function load(path: string, options: LoadOptions = {}): Promise<unknown> {
  const { dtype } = options;
  switch (formatOf('load', path, options)) {
    case 'safetensors':
      return named((await readSafetensors(path)).tensors, dtype);
    case 'index':
      return named(await readSharded(path), dtype);
    case 'npy':
      return fromPlain(parseNpy(await readFile(path), 'load'), dtype);
    case 'npz':
      return named(await readNpz(path), dtype);
    case 'pt':
      return readCheckpoint(path, dtype);
  }
}

/** {@link load} of .safetensors (or their index) and .npy files, without leaving the caller's job. */
export function loadSync(path: `${string}.npy`, options?: LoadOptions): Tensor;
export function loadSync<T = OrderedDict<Tensor>>(path: string, options?: LoadOptions): T;
export function loadSync(path: string, options: LoadOptions = {}): unknown {
  const op = 'loadSync';
  const { dtype } = options;
  const format = formatOf(op, path, options);
  if (format === 'safetensors') return named(readSafetensorsSync(path).tensors, dtype);
  if (format === 'index') return named(readShardedSync(path), dtype);
  if (format === 'npy') return fromPlain(parseNpy(readFileSync(path), op), dtype);
  throw notSupported(`${op}: ${format} files are read by load only; use await load(…).`);
}

/** The strings in a safetensors file's header, by name; empty where there are none. */
export async function loadMetadata(path: string): Promise<Map<string, string>> {
  return new Map((await readSafetensors(path)).metadata ?? []);
}
