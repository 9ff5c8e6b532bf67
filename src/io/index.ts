import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { notSupported, typeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import { OrderedDict } from '../repr.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import { writeFileAtomic, writeFileAtomicSync } from './atomic.js';
import { fromPlain, toPlain } from './convert.js';
import { parseSafetensors, safetensorsParts } from './safetensors.js';

/** The file formats, by their usual endings. */
export type Format = 'safetensors';

export interface SaveOptions {
  /** Where the file's name does not tell. */
  format?: Format;
  /** Strings kept in a safetensors file's header. */
  metadata?: Record<string, string> | Map<string, string>;
}

export interface LoadOptions {
  format?: Format;
}

/** Tensors by name: a state dict. */
export type TensorDict = Map<string, Tensor> | Record<string, Tensor>;

function formatOf(op: string, path: string, given: Format | undefined): Format {
  const format = given ?? extname(path).slice(1);
  if (format !== 'safetensors')
    throw notSupported(
      `${op}: ${JSON.stringify(path)} has no known ending; name the file .safetensors or give { format }.`,
    );
  return format;
}

function entriesOf(op: string, value: unknown): [string, Tensor][] {
  if (!(value instanceof Map) && !isOptions(value))
    throw typeError(`${op}: safetensors files hold tensors by name, not ${describe(value)}; give a state dict.`);
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  for (const [name, x] of entries)
    if (!(x instanceof Tensor))
      throw typeError(`${op}: ${String(name)} is ${describe(x)}, no Tensor; safetensors files hold tensors only.`);
  return entries as [string, Tensor][];
}

function parts(op: string, value: unknown, path: string, options: SaveOptions): Uint8Array[] {
  formatOf(op, path, options.format);
  const { metadata } = options;
  const header = metadata === undefined ? null : metadata instanceof Map ? metadata : Object.entries(metadata);
  return safetensorsParts(
    entriesOf(op, value).map(([name, x]) => [name, toPlain(x)] as const),
    header,
  );
}

function parse(bytes: Uint8Array): OrderedDict<Tensor> {
  const { tensors } = parseSafetensors(bytes);
  return new OrderedDict([...tensors].map(([name, plain]) => [name, fromPlain(plain)] as const));
}

/**
 * Writes a state dict: a temporary file, synced, then put in the place of the old one.
 * @example await save(model.stateDict(), 'model.safetensors')
 */
export async function save(value: TensorDict, path: string, options: SaveOptions = {}): Promise<void> {
  await writeFileAtomic(path, parts('save', value, path, options));
}

/** {@link save}, finished when it returns. */
export function saveSync(value: TensorDict, path: string, options: SaveOptions = {}): void {
  writeFileAtomicSync(path, parts('saveSync', value, path, options));
}

/** Reads what {@link save}, or another library, wrote. @throws RangeError for a file that is not what it claims */
export async function load(path: string, options: LoadOptions = {}): Promise<OrderedDict<Tensor>> {
  formatOf('load', path, options.format);
  return parse(await readFile(path));
}

export function loadSync(path: string, options: LoadOptions = {}): OrderedDict<Tensor> {
  formatOf('loadSync', path, options.format);
  return parse(readFileSync(path));
}
