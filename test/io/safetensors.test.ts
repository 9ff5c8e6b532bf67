import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { DType } from '../../src/dtype.js';
import type { PlainTensor } from '../../src/io/plain.js';
import { parseSafetensors, parseSafetensorsHeader, serializeSafetensors } from '../../src/io/safetensors.js';
import { readSafetensors, readSafetensorsSync } from '../../src/io/safetensorsFile.js';

const folder = mkdtempSync(join(tmpdir(), 'nodegrad-safetensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file with this header text and so many bytes of data. */
function file(header: string, dataLength = 0, claimed?: bigint): Uint8Array {
  const json = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + json.byteLength + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(json.byteLength), true);
  bytes.set(json, 8);
  return bytes;
}

function bytesOf(...values: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(values).buffer);
}

describe('a file as the format describes it', () => {
  const header =
    '{"__metadata__":{"format":"pt"},"b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"e":{"dtype":"F32","shape":[0,3],"data_offsets":[16,16]}}  ';

  test('is read in its own order, the data being views', () => {
    const bytes = file(header, 16);
    bytes.set(bytesOf(1.5, -2), bytes.byteLength - 16);
    bytes[bytes.byteLength - 8] = 7;
    const { metadata, tensors } = parseSafetensors(bytes);
    expect([...metadata]).toEqual([['format', 'pt']]);
    expect([...tensors.keys()]).toEqual(['b', 'a', 'e']);
    expect(tensors.get('a')).toEqual({ dtype: 'float32', shape: [2, 1], data: bytesOf(1.5, -2) });
    expect(tensors.get('b')!.data).toEqual(Uint8Array.of(7, 0, 0, 0, 0, 0, 0, 0));
    expect(tensors.get('e')!.data.byteLength).toBe(0);
    expect(tensors.get('a')!.data.buffer).toBe(bytes.buffer);
  });

  test('the header can be read without the data', () => {
    const bytes = file(header, 16);
    const { entries } = parseSafetensorsHeader(bytes.subarray(0, bytes.byteLength - 16), bytes.byteLength);
    expect(entries.get('b')).toEqual({
      dtype: 'int64',
      shape: [],
      start: bytes.byteLength - 8,
      end: bytes.byteLength,
    });
  });

  test('an empty one', () => {
    expect(parseSafetensors(file('{}')).tensors.size).toBe(0);
    expect(parseSafetensors(serializeSafetensors([])).tensors.size).toBe(0);
  });
});

describe('writing', () => {
  const tensors = new Map<string, PlainTensor>([
    ['flags', { dtype: 'bool', shape: [3], data: Uint8Array.of(1, 0, 1) }],
    ['weight', { dtype: 'float32', shape: [1, 2], data: bytesOf(1, 2) }],
    ['step', { dtype: 'int64', shape: [], data: new Uint8Array(BigInt64Array.of(-5n).buffer) }],
    ['half', { dtype: 'bfloat16', shape: [1], data: Uint8Array.of(0x80, 0x3f) }],
  ]);

  test('keeps order, metadata and bytes, and aligns every tensor', () => {
    const bytes = serializeSafetensors(tensors, new Map([['epoch', '3']]));
    const back = parseSafetensors(bytes);
    expect([...back.tensors]).toEqual([...tensors]);
    expect([...back.metadata]).toEqual([['epoch', '3']]);
    const sizes: Record<string, number> = { flags: 1, weight: 4, step: 8, half: 2 };
    for (const [name, { start }] of parseSafetensorsHeader(bytes, bytes.byteLength).entries) {
      expect(start % sizes[name]!).toBe(0);
    }
  });

  test('refuses what the format cannot hold', () => {
    const one = { dtype: 'float32', shape: [2], data: bytesOf(1) } as const;
    expect(() => serializeSafetensors([['a', one]])).toThrow(/takes 8 bytes, but has 4/);
    const good = { dtype: 'float32', shape: [1], data: bytesOf(1) } as const;
    expect(() => serializeSafetensors([['__metadata__', good]])).toThrow(RangeError);
    expect(() => serializeSafetensors([['a.__proto__.b', good]])).toThrow(/not allowed/);
    expect(() =>
      serializeSafetensors([
        ['a', good],
        ['a', good],
      ]),
    ).toThrow(/twice/);
    expect(() => serializeSafetensors([], [['a', 3 as unknown as string]])).toThrow(TypeError);
  });

  test('any tensors come back', () => {
    const dtypes: [DType, number][] = [
      ['float32', 4],
      ['float64', 8],
      ['int64', 8],
      ['int32', 4],
      ['int16', 2],
      ['int8', 1],
      ['uint8', 1],
      ['bool', 1],
      ['complex64', 8],
      ['float16', 2],
      ['bfloat16', 2],
    ];
    const tensor = fc
      .tuple(fc.constantFrom(...dtypes), fc.array(fc.nat(4), { maxLength: 4 }), fc.nat(255))
      .map(([[dtype, size], shape, fill]): PlainTensor => {
        const count = shape.reduce((n, s) => n * s, 1);
        return { dtype, shape, data: new Uint8Array(count * size).fill(fill) };
      });
    const name = fc
      .string({ unit: 'binary' })
      .filter((s) => s !== '__metadata__' && !/__proto__|constructor|prototype/.test(s));
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, tensor), { selector: ([key]) => key, maxLength: 8 }), (entries) => {
        expect([...parseSafetensors(serializeSafetensors(entries)).tensors]).toEqual(entries);
      }),
      { numRuns: 200 },
    );
  });
});

describe('reading tensor by tensor', () => {
  const bytes = serializeSafetensors(
    [
      ['flag', { dtype: 'bool', shape: [1], data: Uint8Array.of(1) }],
      ['weight', { dtype: 'float32', shape: [2], data: bytesOf(1, 2) }],
      ['none', { dtype: 'int64', shape: [0], data: new Uint8Array(0) }],
    ],
    [['epoch', '3']],
  );
  const path = join(folder, 'a.safetensors');
  writeFileSync(path, bytes);

  test('gives what reading the whole gives, each tensor in memory of its own', async () => {
    const whole = parseSafetensors(bytes);
    for (const file of [await readSafetensors(path), await readSafetensors(bytes), readSafetensorsSync(path)]) {
      expect(file).toEqual(whole);
      const buffers = new Set([...file.tensors.values()].map(({ data }) => data.buffer));
      expect(buffers.size).toBe(3);
      for (const { data } of file.tensors.values()) expect(data.buffer.byteLength).toBe(data.byteLength);
    }
  });

  test('a file that is cut off, empty or missing', async () => {
    for (const end of [0, 5, 20, bytes.byteLength - 1]) {
      const cut = join(folder, `cut-${end}`);
      writeFileSync(cut, bytes.subarray(0, end));
      await expect(readSafetensors(cut)).rejects.toThrow(RangeError);
      expect(() => readSafetensorsSync(cut)).toThrow(RangeError);
    }
    await expect(readSafetensors(join(folder, 'missing'))).rejects.toThrow(/ENOENT/);
    expect(() => readSafetensorsSync(join(folder, 'missing'))).toThrow(/ENOENT/);
  });
});

describe('hostile files', () => {
  const entry = (dtype: string, shape: string, offsets: string): string =>
    `{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;
  const a = entry('F32', '[2]', '[0,8]');

  test.each<[string, Uint8Array, RegExp]>([
    ['empty', new Uint8Array(0), /no safetensors file/],
    ['seven bytes', new Uint8Array(7), /no safetensors file/],
    ['a header longer than the file', file('{}', 0, 3n), /claims 3 bytes/],
    ['a header of 2 ** 63 bytes', file('{}', 0, 2n ** 63n), /claims/],
    ['no object', file('[]'), /start with/],
    ['a blank in front', file(' {}'), /start with/],
    ['no UTF-8', file('{}').fill(0xff, 9), /not UTF-8/],
    ['two values', file('{}{}'), /JSON is wrong/],
    ['a trailing comma', file('{"a":1,}'), /a string expected/],
    ['an unfinished string', file('{"a'), /a string expected/],
    ['a control character', file('{"a\nb":1}'), /a string expected/],
    ['deep nesting', file(`{"a":${'['.repeat(100_000)}`), /nested more than/],
    ['a name twice', file(`{"a":${a},"a":${a}}`, 8), /twice/],
    ['a name twice, once escaped', file(`{"a":${a},"\\u0061":${a}}`, 8), /twice/],
    ['a field twice', file(`{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}`, 8), /twice/],
    ['__proto__', file(`{"__proto__":${a}}`, 8), /not allowed/],
    ['constructor inside a name', file(`{"x.constructor.y":${a}}`, 8), /not allowed/],
    ['a prototype in the metadata', file('{"__metadata__":{"prototype":"x"}}'), /not allowed/],
    ['metadata that is no object', file('{"__metadata__":[]}'), /must be an object/],
    ['metadata that is no string', file('{"__metadata__":{"a":1}}'), /no string/],
    ['an entry that is no object', file('{"a":3}'), /no object/],
    ['an unknown field', file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}', 8), /does not know/],
    ['a missing field', file('{"a":{"dtype":"F32","shape":[2]}}', 8), /needs dtype/],
    ['an unknown dtype', file(`{"a":${entry('F8_E4M3', '[2]', '[0,2]')}}`, 2), /dtype F8_E4M3/],
    ['a dtype from the prototype', file(`{"a":${entry('toString', '[2]', '[0,2]')}}`, 2), /dtype toString/],
    ['offsets beyond the file', file(`{"a":${a}}`, 7), /describes/],
    ['bytes nobody owns at the end', file(`{"a":${a}}`, 9), /describes/],
    ['offsets that run backwards', file(`{"a":${entry('F32', '[2]', '[8,0]')}}`, 8), /no range/],
    ['offsets with a fraction', file(`{"a":${entry('F32', '[2]', '[0,8.5]')}}`, 8), /no range/],
    ['negative offsets', file(`{"a":${entry('F32', '[2]', '[-8,0]')}}`, 8), /no range/],
    ['three offsets', file(`{"a":${entry('F32', '[2]', '[0,4,8]')}}`, 8), /no range/],
    ['a gap', file(`{"a":${entry('F32', '[1]', '[4,8]')}}`, 8), /without gaps/],
    ['an overlap', file(`{"a":${a},"b":${entry('F32', '[2]', '[4,12]')}}`, 12), /without gaps or overlaps/],
    ['the same bytes twice', file(`{"a":${a},"b":${a}}`, 8), /without gaps or overlaps/],
    ['a shape that does not fit', file(`{"a":${entry('F32', '[3]', '[0,8]')}}`, 8), /takes 12 bytes/],
    ['a shape whose product overflows', file(`{"a":${entry('F32', '[4294967296,4294967296]', '[0,0]')}}`), /counted/],
    ['an overflow behind a zero', file(`{"a":${entry('F32', '[9007199254740991,3,0]', '[0,0]')}}`), /counted/],
    ['a negative size', file(`{"a":${entry('F32', '[-1]', '[0,0]')}}`), /whole number/],
    ['a size that is a string', file(`{"a":${entry('F32', '["2"]', '[0,8]')}}`, 8), /whole number/],
  ])('%s', (_, bytes, message) => {
    expect(() => parseSafetensors(bytes)).toThrow(message);
  });

  /** Apart from the assertions: those of what was parsed must not be taken for a refusal. */
  function parsedOrRefused(bytes: Uint8Array): ReturnType<typeof parseSafetensors> | Error {
    try {
      return parseSafetensors(bytes);
    } catch (error) {
      return error as Error;
    }
  }

  test('random damage is an error or a sound file, never anything else', () => {
    const good = serializeSafetensors([
      ['a', { dtype: 'float32', shape: [2], data: bytesOf(1, 2) }],
      ['b', { dtype: 'uint8', shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (edits) => {
          const bytes = good.slice();
          for (const [at, value] of edits) bytes[at] = value;
          const found = parsedOrRefused(bytes);
          if (found instanceof Error) expect(found.message).toMatch(/^safetensors: /);
          else for (const { data } of found.tensors.values()) expect(data.byteLength).toBeLessThan(64);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
