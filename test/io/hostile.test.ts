import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import * as ng from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'nodegrad-hostile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RawEntry {
  readonly name: string;
  readonly data: Uint8Array;
  /** What the directory's zip64 field says instead of the truth. */
  readonly size?: bigint;
  readonly offset?: bigint;
  /** Cuts the zip64 field off. */
  readonly extraLength?: number;
}

/** A stored archive whose directory gives sizes and places in 64 bits, true or not. */
function zip64(entries: readonly RawEntry[], end: { count?: bigint; start?: bigint } = {}): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, data, size, offset, extraLength } of entries) {
    const local = Buffer.alloc(30 + name.length);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(45, 4);
    local.writeUInt32LE(crc32(data), 14);
    local.writeUInt32LE(data.length, 18);
    local.writeUInt32LE(data.length, 22);
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30, 'latin1');
    const record = Buffer.alloc(46 + name.length + 28);
    record.writeUInt32LE(0x02014b50, 0);
    record.writeUInt16LE(45, 4);
    record.writeUInt16LE(45, 6);
    record.writeUInt32LE(crc32(data), 16);
    record.writeUInt32LE(0xffffffff, 20);
    record.writeUInt32LE(0xffffffff, 24);
    record.writeUInt16LE(name.length, 28);
    record.writeUInt16LE(28, 30);
    record.writeUInt32LE(0xffffffff, 42);
    record.write(name, 46, 'latin1');
    const extra = 46 + name.length;
    record.writeUInt16LE(1, extra);
    record.writeUInt16LE(extraLength ?? 24, extra + 2);
    record.writeBigUInt64LE(size ?? BigInt(data.length), extra + 4);
    record.writeBigUInt64LE(size ?? BigInt(data.length), extra + 12);
    record.writeBigUInt64LE(offset ?? BigInt(at), extra + 20);
    locals.push(local, Buffer.from(data));
    directory.push(record);
    at += local.length + data.length;
  }
  const length = directory.reduce((sum, record) => sum + record.length, 0);
  const last = Buffer.alloc(56 + 20 + 22);
  last.writeUInt32LE(0x06064b50, 0);
  last.writeBigUInt64LE(44n, 4);
  last.writeBigUInt64LE(end.count ?? BigInt(entries.length), 24);
  last.writeBigUInt64LE(end.count ?? BigInt(entries.length), 32);
  last.writeBigUInt64LE(BigInt(length), 40);
  last.writeBigUInt64LE(end.start ?? BigInt(at), 48);
  last.writeUInt32LE(0x07064b50, 56);
  last.writeBigUInt64LE(BigInt(at + length), 64);
  last.writeUInt32LE(1, 72);
  last.writeUInt32LE(0x06054b50, 76);
  last.writeUInt16LE(0xffff, 84);
  last.writeUInt16LE(0xffff, 86);
  last.writeUInt32LE(0xffffffff, 88);
  last.writeUInt32LE(0xffffffff, 92);
  return Buffer.concat([...locals, ...directory, last]);
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
const string = (text: string): string => `X${String.fromCharCode(text.length)}\0\0\0${text}`;
/** Four floats of 0 as a tensor. */
const tensor = `ctorch._utils\n_rebuild_tensor_v2\n((${string('storage')}ctorch\nFloatStorage\n${string('0')}${string('cpu')}K\x04tQK\x00(K\x04t(K\x01t\x89ccollections\nOrderedDict\n)RtR`;

let files = 0;
async function load(bytes: Uint8Array): Promise<unknown> {
  const path = join(folder, `${files++}.pt`);
  writeFileSync(path, bytes);
  return ng.load(path);
}
const entriesOf = (pickle: string): RawEntry[] => [
  { name: 'x/data.pkl', data: latin1(pickle) },
  { name: 'x/data/0', data: new Uint8Array(16) },
];
const loadPickle = (pickle: string): Promise<unknown> => load(zip64(entriesOf(pickle)));

describe('checkpoints with 64-bit sizes', () => {
  const [pickle, storage] = entriesOf(`\x80\x02${tensor}.`) as [RawEntry, RawEntry];

  test('are read where they are true', async () => {
    expect(((await load(zip64([pickle, storage]))) as ng.Tensor).tolist()).toEqual([0, 0, 0, 0]);
  });

  test.each<[string, Uint8Array]>([
    ['a size beyond the file', zip64([pickle, { ...storage, size: 2n ** 40n }])],
    ['a size beyond whole numbers', zip64([pickle, { ...storage, size: 2n ** 64n - 1n }])],
    ['a negative size, were it signed', zip64([pickle, { ...storage, size: 2n ** 63n }])],
    ['a smaller size', zip64([pickle, { ...storage, size: 8n }])],
    ['no size', zip64([pickle, { ...storage, size: 0n }])],
    ['a pickle of a larger size', zip64([{ ...pickle, size: 2n ** 33n }, storage])],
    ['a place beyond the file', zip64([pickle, { ...storage, offset: 2n ** 40n }])],
    ['a place beyond whole numbers', zip64([pickle, { ...storage, offset: 2n ** 64n - 1n }])],
    ['a place where another entry is', zip64([pickle, { ...storage, offset: 0n }])],
    ['a place in the middle', zip64([pickle, { ...storage, offset: 3n }])],
    ['a field that is too short', zip64([pickle, { ...storage, extraLength: 8 }])],
    ['a field that is too long', zip64([pickle, { ...storage, extraLength: 60_000 }])],
    ['more entries than there are', zip64([pickle, storage], { count: 2n ** 40n })],
    ['a directory beyond the file', zip64([pickle, storage], { start: 2n ** 50n })],
    ['a directory at the beginning', zip64([pickle, storage], { start: 0n })],
    ['an entry given twice', zip64([pickle, storage, storage])],
  ])('with a lie are refused: %s', async (_, bytes) => {
    await expect(load(bytes)).rejects.toThrow(RangeError);
  });

  test('that are cut off anywhere are refused', async () => {
    const whole = zip64([pickle, storage]);
    for (let end = 0; end < whole.length; end += 11)
      await expect(load(whole.subarray(0, end))).rejects.toThrow(RangeError);
  });

  test('with any one byte changed are an error of ours, or still a value', async () => {
    const whole = zip64([pickle, storage]);
    for (let at = 0; at < whole.length; at += 3) {
      const changed = Buffer.from(whole);
      changed[at]! ^= 0xff;
      const error = await load(changed).then(
        () => null,
        (reason: unknown) => reason as { code?: string },
      );
      if (error !== null) expect(error.code, `byte ${at}`).toMatch(/^ERR_/);
    }
  });
});

describe('pickles that would grow', () => {
  test('a list in a list in a list, each twice, stays as small as the file', async () => {
    // Level n holds level n − 1 twice: 2⁶⁰ leaves, were they told apart.
    let pickle = ']';
    for (let level = 0; level < 60; level++) {
      const memo = String.fromCharCode(level);
      pickle = `](${pickle}q${memo}h${memo}e`;
    }
    let value = (await loadPickle(`\x80\x02${pickle}.`)) as unknown[];
    let depth = 0;
    for (; value.length === 2; depth++) {
      expect(value[0]).toBe(value[1]);
      value = value[0] as unknown[];
    }
    expect([depth, value]).toEqual([60, []]);
  });

  test('dicts nested a hundred thousand deep are read without a crash', async () => {
    const depth = 100_000;
    let value = await loadPickle(`\x80\x02${`}${string('a')}`.repeat(depth)}K\x01${'s'.repeat(depth)}.`);
    let levels = 0;
    for (; value instanceof Map; levels++) value = value.get('a');
    expect([levels, value]).toEqual([depth, 1]);
  });

  test('a list that holds itself', async () => {
    const list = (await loadPickle('\x80\x02]q\x00h\x00a.')) as unknown[];
    expect(list[0]).toBe(list);
  });

  test('a storage is not copied for each tensor on it', async () => {
    const value = (await loadPickle(`\x80\x02](${tensor.repeat(200)}e.`)) as ng.Tensor[];
    expect(value.length).toBe(200);
    expect(new Set(value.map(({ storage }) => storage)).size).toBe(1);
  });
});

describe('names', () => {
  test('given twice take the last value, as in Python', async () => {
    const dict = (await loadPickle(`\x80\x02}(${string('a')}K\x01${string('a')}K\x02u.`)) as Map<string, number>;
    expect([...dict]).toEqual([['a', 2]]);
  });

  test.each(['__proto__', 'constructor', 'prototype', 'layer.__proto__.x'])('%s is refused', async (name) => {
    await expect(loadPickle(`\x80\x02}${string(name)}K\x01s.`)).rejects.toThrow(/not allowed/);
    await expect(loadPickle(`\x80\x02ccollections\nOrderedDict\n)R${string(name)}K\x01s.`)).rejects.toThrow(
      /not allowed/,
    );
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  test('of a Map’s methods are found by get only', async () => {
    const dict = (await loadPickle(`\x80\x02}(${string('get')}K\x01${string('size')}K\x02u.`)) as Map<string, number>;
    expect([dict.get('get'), dict.get('size'), dict.size]).toEqual([1, 2, 2]);
  });
});
