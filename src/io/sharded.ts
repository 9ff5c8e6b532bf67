/** State dicts in several safetensors files with an index, as large models are published. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { rangeError, typeError } from '../errors.js';
import { writeFilesAtomic } from './atomic.js';
import { checkKey } from './keys.js';
import type { PlainTensor } from './plain.js';
import { type SafetensorsFile, safetensorsParts } from './safetensors.js';
import { readSafetensors, readSafetensorsSync } from './safetensorsFile.js';
import { parseStrictJson } from './strictJson.js';

/** The ending of an index file's name. */
export const INDEX_ENDING = '.safetensors.index.json';

const units: Readonly<Record<string, number>> = {
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
};

/** A size in bytes, given as a number or as '5GB', '200MiB'. */
export function bytesOf(op: string, size: number | string): number {
  const found = /^(\d+(?:\.\d+)?)\s*([KMG]?I?B)$/i.exec(String(size));
  const unit = found === null ? undefined : units[found[2]!.toUpperCase()];
  const bytes = typeof size === 'number' ? size : unit === undefined ? Number.NaN : Number(found![1]) * unit;
  if (!(bytes >= 1)) {
    throw rangeError(`${op}: maxShardSize is ${JSON.stringify(size)}; give bytes or a size such as '5GB' or '200MiB'.`);
  }
  return bytes;
}

type Named = readonly [string, PlainTensor];

/** The tensors in their order, in groups of at most `limit` bytes (one larger than that is a group of its own). */
function shardsOf(tensors: readonly Named[], limit: number): Named[][] {
  const shards: Named[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const named of tensors) {
    const bytes = named[1].data.byteLength;
    if (size + bytes > limit) {
      shards.push([]);
      size = 0;
    }
    shards[shards.length - 1]!.push(named);
    size += bytes;
  }
  return shards;
}

/**
 * Writes `model-00001-of-00003.safetensors`, … and `model.safetensors.index.json` for the path `model.safetensors` (or
 * the index's own); a state that fits one shard is the one file. The index is put in its place last.
 */
export async function writeSharded(
  path: string,
  tensors: readonly Named[],
  limit: number,
  metadata: Iterable<readonly [string, string]> | null,
): Promise<void> {
  const stem = path.endsWith(INDEX_ENDING) ? path.slice(0, -INDEX_ENDING.length) : path.replace(/\.safetensors$/, '');
  const shards = shardsOf(tensors, limit);
  if (shards.length <= 1 && !path.endsWith(INDEX_ENDING)) {
    await writeFilesAtomic([[path, safetensorsParts(tensors, metadata)]]);
    return;
  }
  const map: [string, string][] = [];
  const files: [string, Uint8Array[]][] = shards.map((shard, i) => {
    const digits = (n: number): string => String(n).padStart(5, '0');
    const name = `${stem}-${digits(i + 1)}-of-${digits(shards.length)}.safetensors`;
    for (const [key] of shard) map.push([checkKey('save', key), basename(name)]);
    return [name, safetensorsParts(shard, metadata)];
  });
  const total = tensors.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  const index = { metadata: { total_size: total }, weight_map: Object.fromEntries(map) };
  const text = `${JSON.stringify(index, null, 2)}\n`;
  await writeFilesAtomic([...files, [`${stem}${INDEX_ENDING}`, [new TextEncoder().encode(text)]]]);
}

/** What an index says: the names of each shard's tensors, by the shard's path, and all names in their order. */
function parseIndex(path: string, text: string): { names: string[]; shards: Map<string, string[]> } {
  const op = 'load';
  const index = parseStrictJson(op, text);
  const map = index instanceof Map ? index.get('weight_map') : undefined;
  if (!(map instanceof Map))
    throw rangeError(`${op}: ${JSON.stringify(path)} has no object weight_map; it is no index of safetensors files.`);
  const shards = new Map<string, string[]>();
  for (const [name, file] of map) {
    if (typeof file !== 'string') throw typeError(`${op}: the index gives no file name for ${JSON.stringify(name)}.`);
    // Only files beside the index: it must not reach anything else.
    if (!/^[^/\\:\0]+\.safetensors$/.test(file)) {
      throw rangeError(
        `${op}: the index puts ${JSON.stringify(name)} into ${JSON.stringify(file)}; shards are .safetensors files beside the index.`,
      );
    }
    const shard = join(dirname(path), file);
    const list = shards.get(shard);
    if (list === undefined) shards.set(shard, [name]);
    else list.push(name);
  }
  return { names: [...map.keys()], shards };
}

function collect(
  { names, shards }: ReturnType<typeof parseIndex>,
  files: ReadonlyMap<string, SafetensorsFile>,
): Map<string, PlainTensor> {
  const found = new Map<string, PlainTensor>();
  for (const [file, expected] of shards) {
    const { tensors } = files.get(file)!;
    for (const name of expected) {
      const tensor = tensors.get(name);
      if (tensor === undefined) {
        throw rangeError(
          `load: the index puts ${JSON.stringify(name)} into ${basename(file)}, which does not have it; the shards and the index are of different saves.`,
        );
      }
      found.set(name, tensor);
    }
  }
  return new Map(names.map((name) => [name, found.get(name)!]));
}

/** Reads the files that an index names. @throws RangeError where index and files do not agree */
export async function readSharded(path: string): Promise<Map<string, PlainTensor>> {
  const index = parseIndex(path, await readFile(path, 'utf8'));
  const files = new Map<string, SafetensorsFile>();
  for (const file of index.shards.keys()) files.set(file, await readSafetensors(file));
  return collect(index, files);
}

/** {@link readSharded}, without leaving the caller's job. */
export function readShardedSync(path: string): Map<string, PlainTensor> {
  const index = parseIndex(path, readFileSync(path, 'utf8'));
  return collect(index, new Map([...index.shards.keys()].map((file) => [file, readSafetensorsSync(file)])));
}
