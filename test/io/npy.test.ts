import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { npzParts, parseNpy, readNpz, serializeNpy, writeNpz } from '../../src/io/npy.js';
import { concatenate, type PlainTensor } from '../../src/io/plain.js';
import { type ZipInput, zipParts } from '../../src/io/zip.js';

const folder = mkdtempSync(join(tmpdir(), 'nodegrad-npy-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Written by NumPy 1.24.
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
const numpy = (name: string): PlainTensor => parseNpy(readFileSync(fixture(name)));

function floats({ data }: PlainTensor): number[] {
  return Array.from(new Float32Array(data.slice().buffer));
}

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = [];
  for await (const part of parts) list.push(part);
  return concatenate(list);
}

describe('files from NumPy', () => {
  test('row-major floats', () => {
    const tensor = numpy('f4.npy');
    expect([tensor.dtype, tensor.shape]).toEqual(['float32', [2, 3]]);
    expect(floats(tensor)).toEqual([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5]);
  });

  test('Fortran order comes back row-major', () => {
    const tensor = numpy('f4-fortran.npy');
    expect(tensor.shape).toEqual([2, 3, 4]);
    expect(floats(tensor)).toEqual(Array.from({ length: 24 }, (_, i) => i));
  });

  test('big-endian integers', () => {
    const tensor = numpy('i8-big-endian.npy');
    expect(tensor.dtype).toBe('int64');
    expect(Array.from(new BigInt64Array(tensor.data.slice().buffer))).toEqual([1n, -2n, 1n << 40n]);
  });

  test('a scalar and an empty array', () => {
    expect(numpy('scalar.npy').shape).toEqual([]);
    expect(new Float64Array(numpy('scalar.npy').data.slice().buffer)[0]).toBe(1.5);
    expect(numpy('empty.npy')).toEqual({ dtype: 'int16', shape: [0, 3], data: new Uint8Array(0) });
  });

  test('objects are never read', () => {
    expect(() => numpy('object.npy')).toThrow(/dtype \|O cannot be read/);
  });

  test('archives, stored and compressed', async () => {
    const stored = await readNpz(fixture('stored.npz'));
    expect(Array.from(stored, ([name, { dtype }]) => `${name} ${dtype}`)).toEqual([
      'bool bool',
      'u1 uint8',
      'i1 int8',
      'i2 int16',
      'i4 int32',
      'f2 float16',
      'f8 float64',
      'c8 complex64',
    ]);
    expect(stored.get('i2')).toEqual({
      dtype: 'int16',
      shape: [1, 1],
      data: new Uint8Array(Int16Array.of(-300).buffer),
    });
    expect(floats(stored.get('c8')!)).toEqual([1, 2]);
    const packed = await readNpz(readFileSync(fixture('packed.npz')));
    expect(packed.get('a')!.shape).toEqual([5000]);
    expect(packed.get('b')!.data[8]).toBe(1);
  });
});

describe('writing', () => {
  const tensor: PlainTensor = {
    dtype: 'float32',
    shape: [2, 3],
    data: new Uint8Array(Float32Array.of(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5).buffer),
  };

  test('gives the very bytes that NumPy writes', () => {
    expect(Buffer.from(serializeNpy(tensor)).equals(readFileSync(fixture('f4.npy')))).toBe(true);
    expect(Buffer.from(serializeNpy(numpy('empty.npy'))).equals(readFileSync(fixture('empty.npy')))).toBe(true);
    expect(Buffer.from(serializeNpy(numpy('scalar.npy'))).equals(readFileSync(fixture('scalar.npy')))).toBe(true);
  });

  test.each([false, true])('an archive comes back (compress: %s)', async (compress) => {
    const path = join(folder, `a-${compress}.npz`);
    const one: PlainTensor = { dtype: 'bool', shape: [1], data: Uint8Array.of(1) };
    const large: PlainTensor = { dtype: 'uint8', shape: [3_000_000], data: new Uint8Array(3_000_000).fill(7) };
    const tensors = new Map([
      ['weight.0', tensor],
      ['größe', one],
      ['large', large],
    ]);
    await writeNpz(path, tensors, { compress });
    const back = await readNpz(path);
    expect([...back.keys()]).toEqual([...tensors.keys()]);
    for (const [name, { data }] of tensors) expect(Buffer.compare(back.get(name)!.data, data)).toBe(0);
    const again = await collect(npzParts(tensors, { compress }));
    expect(Buffer.compare(readFileSync(path), again)).toBe(0);
  });

  test('refuses what NumPy has not', async () => {
    expect(() => serializeNpy({ dtype: 'bfloat16', shape: [1], data: new Uint8Array(2) })).toThrow(/no bfloat16/);
    expect(() => serializeNpy({ dtype: 'float32', shape: [1], data: new Uint8Array(2) })).toThrow(/takes 4 bytes/);
    await expect(writeNpz(join(folder, 'x.npz'), [['__proto__', tensor]])).rejects.toThrow(/not allowed/);
  });
});

describe('hostile .npy files', () => {
  function file(header: string, dataLength = 0, claimed?: number): Uint8Array {
    const bytes = new Uint8Array(10 + header.length + dataLength);
    bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
    new DataView(bytes.buffer).setUint16(8, claimed ?? header.length, true);
    bytes.set(new TextEncoder().encode(header), 10);
    return bytes;
  }
  const header = (descr: string, shape: string, order = 'False'): string =>
    `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

  test('what is right is read', () => {
    expect(parseNpy(file(header("'<f4'", '(1,)'), 4)).shape).toEqual([1]);
    expect(parseNpy(file(`{"shape":(1,2L), "fortran_order":True, "descr":"f4"}`, 8)).shape).toEqual([1, 2]);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /does not begin/],
    ['the magic alone', file('').subarray(0, 8), /does not begin/],
    ['an unknown version', file(header("'<f4'", '()'), 4).fill(9, 6, 7), /version 9/],
    ['a header beyond the file', file('{', 0, 100), /cut off/],
    ['a header of 65 kB', file('{', 0, 65_000), /at most 10000/],
    ['code in the header', file(`__import__('os').system('x')`), /'\{' expected/],
    ['an object dtype', file(header("'|O'", '()')), /cannot be read/],
    ['a record dtype', file(header("[('a', '<f4')]", '()')), /a plain dtype expected/],
    ['a dtype from the prototype', file(header("'toString'", '()')), /a plain dtype expected/],
    ['a field twice', file(`{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': ()}`), /twice/],
    ['an unknown field', file(`{'x': 1}`), /does not know/],
    ['a missing field', file(`{'descr': '<f4', 'shape': ()}`), /needs descr/],
    ['a negative size', file(header("'<f4'", '(-1,)')), /a size expected/],
    ['a number that is no tuple', file(header("'<f4'", '(1)'), 4), /expected/],
    ['something after the dict', file(`${header("'<f4'", '()').trim()} + 1`, 4), /expected/],
    ['too few bytes', file(header("'<f4'", '(2,)'), 4), /takes 8 bytes, but 4/],
    ['too many bytes', file(header("'<f4'", '(2,)'), 12), /takes 8 bytes, but 12/],
    ['a huge shape', file(header("'<f4'", '(4294967296, 4294967296)')), /can be counted/],
    ['a huge shape with a zero', file(header("'<f4'", '(9007199254740991, 9007199254740991, 0)')), /can be counted/],
    ['a size of many digits', file(header("'<f4'", `(${'9'.repeat(40)},)`)), /expected/],
    ['an endless tuple', file(header("'<f4'", `(${'1,'.repeat(4000)})`)), /takes 4 bytes, but 0/],
  ])('%s', (_, bytes, message) => {
    expect(() => parseNpy(bytes)).toThrow(message);
  });
});

describe('hostile archives', () => {
  const scalar = serializeNpy({ dtype: 'uint8', shape: [], data: Uint8Array.of(5) });
  const zip = (entries: ZipInput[], compress = false): Promise<Uint8Array> => collect(zipParts(entries, compress));
  /** The archive's last central directory record of that name, as a view. */
  function directoryOf(bytes: Uint8Array, name: string): DataView {
    const at = Buffer.from(bytes).lastIndexOf(name) - 46;
    return new DataView(bytes.buffer, bytes.byteOffset + at);
  }

  test('no archive at all, and half of one', async () => {
    await expect(readNpz(new Uint8Array(0))).rejects.toThrow(RangeError);
    await expect(readNpz(scalar)).rejects.toThrow(/no zip archive/);
    const whole = await zip([{ name: 'a.npy', parts: [scalar] }]);
    for (let end = 0; end < whole.byteLength; end += 7) {
      await expect(readNpz(whole.slice(0, end))).rejects.toThrow(RangeError);
    }
    await expect(readNpz(join(folder, 'missing.npz'))).rejects.toThrow(/ENOENT/);
  });

  test('names', async () => {
    const named = (name: string): Promise<Uint8Array> => zip([{ name, parts: [scalar] }]);
    await expect(readNpz(await named('__proto__.npy'))).rejects.toThrow(/not allowed/);
    await expect(readNpz(await named('a.txt'))).rejects.toThrow(/no .npy file/);
    const outside = await named('aaaa.npy');
    const climbing = Buffer.from(outside);
    for (let at = climbing.indexOf('aaaa'); at >= 0; at = climbing.indexOf('aaaa', at)) climbing.write('../a', at);
    await expect(readNpz(climbing)).rejects.toThrow(/relative path|invalid/);
    const twice = Buffer.from(
      await zip([
        { name: 'a.npy', parts: [scalar] },
        { name: 'b.npy', parts: [scalar] },
      ]),
    );
    for (let at = twice.indexOf('b.npy'); at >= 0; at = twice.indexOf('b.npy', at)) twice.write('a', at);
    await expect(readNpz(twice)).rejects.toThrow(/twice/);
  });

  test('sizes that lie', async () => {
    const good = await zip([{ name: 'a.npy', parts: [scalar] }]);
    const longer = good.slice();
    directoryOf(longer, 'a.npy').setUint32(24, 1_000_000, true);
    await expect(readNpz(longer)).rejects.toThrow(/size/);
    const both = good.slice();
    directoryOf(both, 'a.npy').setUint32(20, 1_000_000, true);
    directoryOf(both, 'a.npy').setUint32(24, 1_000_000, true);
    await expect(readNpz(both)).rejects.toThrow(RangeError);
    const packed = await zip([{ name: 'a.npy', parts: [scalar] }], true);
    const bomb = packed.slice();
    directoryOf(bomb, 'a.npy').setUint32(24, 0xfffffff0, true);
    await expect(readNpz(bomb)).rejects.toThrow(/claims/);
    const short = packed.slice();
    directoryOf(short, 'a.npy').setUint32(24, 20, true);
    await expect(readNpz(short)).rejects.toThrow(RangeError);
  });

  test('entries that share their bytes', async () => {
    const data = serializeNpy({ dtype: 'uint8', shape: [2000], data: new Uint8Array(2000) });
    const bytes = await zip([
      { name: 'a.npy', parts: [data] },
      { name: 'b.npy', parts: [data] },
      { name: 'c.npy', parts: [scalar] },
    ]);
    const third = directoryOf(bytes, 'c.npy');
    const first = directoryOf(bytes, 'a.npy');
    for (const field of [16, 20, 24]) third.setUint32(field, first.getUint32(field, true), true);
    third.setUint32(42, 0, true);
    await expect(readNpz(bytes)).rejects.toThrow(/overlaps/);
  });

  test('a changed byte is found by its checksum', async () => {
    const bytes = await zip([{ name: 'a.npy', parts: [scalar] }]);
    const at = Buffer.from(bytes).indexOf(Buffer.from(scalar)) + scalar.byteLength - 1;
    bytes[at] = 6;
    await expect(readNpz(bytes)).rejects.toThrow(/checksum/);
  });

  test('an unknown packing', async () => {
    const bytes = await zip([{ name: 'a.npy', parts: [scalar] }]);
    directoryOf(bytes, 'a.npy').setUint16(10, 14, true);
    await expect(readNpz(bytes)).rejects.toThrow(/method 14/);
  });
});
