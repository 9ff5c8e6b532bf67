import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { DTYPES, type DType } from '../../src/dtype.js';
import { concatenate } from '../../src/io/plain.js';
import { Counter, PtStorage, PtTensor, ptParts, readPt, writePt } from '../../src/io/pt.js';
import { type ZipInput, ZipReader, zipParts } from '../../src/io/zip.js';
import { OrderedDict, repr, Tuple } from '../../src/repr.js';
import { Size } from '../../src/size.js';

const folder = mkdtempSync(join(tmpdir(), 'nodegrad-pt-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Written by torch.save of PyTorch 1.13.
const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

type Dict = Map<unknown, unknown>;

/** A tensor's elements in row-major order. */
function elements(value: unknown): number[] {
  expect(value).toBeInstanceOf(PtTensor);
  const { storage, dtype, shape, strides, offset } = value as PtTensor;
  const bytes = storage.bytes!;
  const info = DTYPES[dtype];
  const data = new info.array(
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    (bytes.byteLength / info.size) * info.lanes,
  );
  const list: number[] = [];
  const walk = (dim: number, at: number): void => {
    if (dim === shape.length) for (let i = 0; i < info.lanes; i++) list.push(Number(data[at * info.lanes + i]));
    else for (let i = 0; i < shape[dim]!; i++) walk(dim + 1, at + i * strides[dim]!);
  };
  walk(0, offset);
  return list;
}

async function collect(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const list: Uint8Array[] = [];
  for await (const part of parts) list.push(part);
  return concatenate(list);
}

function tensorOf(values: number[], shape = [values.length]): PtTensor {
  const bytes = new Uint8Array(Float32Array.from(values).buffer);
  const strides = shape.map((_, i) => shape.slice(i + 1).reduce((n, s) => n * s, 1));
  return new PtTensor(new PtStorage(bytes.byteLength, bytes), 'float32', 0, shape, strides);
}

describe('files from PyTorch', () => {
  test('a state dict, with its metadata', async () => {
    const state = (await readPt(fixture('state-dict.pt'))) as OrderedDict;
    expect(state).toBeInstanceOf(OrderedDict);
    expect([...state.keys()]).toEqual([
      '0.weight',
      '0.bias',
      '1.weight',
      '1.bias',
      '1.running_mean',
      '1.running_var',
      '1.num_batches_tracked',
    ]);
    expect(elements(state.get('0.weight'))).toEqual([-0.5, -0.25, 0, 0.25, 0.5, 0.75]);
    expect((state.get('0.weight') as PtTensor).shape).toEqual([3, 2]);
    expect(elements(state.get('1.num_batches_tracked'))).toEqual([0]);
    expect(repr(state.metadata)).toBe(
      "OrderedDict([('', {'version': 1}), ('0', {'version': 1}), ('1', {'version': 2})])",
    );
  });

  test('views share their storage', async () => {
    const views = (await readPt(fixture('views.pt'))) as Dict;
    const tensor = (name: string): PtTensor => views.get(name) as PtTensor;
    const base = tensor('base');
    for (const value of views.values()) expect((value as PtTensor).storage).toBe(base.storage);
    expect(tensor('same')).toBe(base);
    expect(elements(tensor('row'))).toEqual([4, 5, 6, 7]);
    expect(elements(tensor('column'))).toEqual([2, 6, 10]);
    expect(tensor('column').strides).toEqual([4]);
    expect(elements(tensor('transposed'))).toEqual([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]);
    expect(elements(tensor('expanded'))).toEqual([5, 5, 5, 5]);
    expect(elements(tensor('empty'))).toEqual([]);
  });

  test('every dtype', async () => {
    const tensors = (await readPt(fixture('dtypes.pt'))) as Dict;
    expect([...tensors.keys()].sort()).toEqual(Object.keys(DTYPES).sort());
    for (const [name, value] of tensors) expect((value as PtTensor).dtype).toBe(name);
    for (const name of ['float32', 'float64', 'int64', 'int32', 'int16', 'int8', 'uint8']) {
      expect(elements(tensors.get(name))).toEqual([1, 0, 3]);
    }
    expect(elements(tensors.get('bool'))).toEqual([1, 0, 1]);
    expect(elements(tensors.get('complex64'))).toEqual([1, 0, 0, 0, 3, 0]);
    expect(elements(tensors.get('float16'))).toEqual([0x3c00, 0, 0x4200]);
    expect(elements(tensors.get('bfloat16'))).toEqual([0x3f80, 0, 0x4040]);
  });

  test('a training checkpoint of every kind of value', async () => {
    const checkpoint = (await readPt(fixture('checkpoint.pt'))) as Dict;
    const get = (name: unknown): unknown => checkpoint.get(name);
    const optimizer = get('optimizer') as Dict;
    const first = (optimizer.get('state') as Dict).get(0) as Dict;
    expect([...first.keys()]).toEqual(['step', 'exp_avg', 'exp_avg_sq']);
    expect(elements(first.get('step'))).toEqual([1]);
    const group = (optimizer.get('param_groups') as Dict[])[0]!;
    expect(group.get('lr')).toBe(0.01);
    expect(repr(group.get('betas'))).toBe('(0.9, 0.999)');
    expect(group.get('params')).toEqual([0, 1, 2, 3]);
    expect(repr((get('scheduler') as Dict).get('milestones'))).toBe('Counter({2: 1, 4: 2})');
    expect([get('epoch'), get('loss'), get('done'), get('none')]).toEqual([3, 0.1, true, null]);
    expect(repr([get('tuple'), get('empty'), get('one')])).toBe("[(1, 2.5, 'x', None), (), (1,)]");
    expect(get('size')).toBeInstanceOf(Size);
    expect(repr(get('size'))).toBe('torch.Size([2, 3])');
    expect(get('dtype')).toBe(DTYPES.float32);
    expect([get('big'), get('negative'), get('large')]).toEqual([2n ** 70n, -5, -(2 ** 40)]);
    expect(get('text')).toBe('größe 😀');
    expect(get('bytes')).toEqual(Uint8Array.of(0, 127, 128, 255));
    expect(get('set')).toEqual(new Set([7]));
    expect(get('device')).toBe('cpu');
    expect([get('nan'), get('inf')]).toEqual([Number.NaN, Number.NEGATIVE_INFINITY]);
    expect(get('list')).toEqual([1, [2, []]]);
    expect([get(5), get(true)]).toEqual(['five', 'yes']);
    const kinds = ['parameter', 'frozen', 'grad'].map((name) => {
      const { isParameter, requiresGrad } = get(name) as PtTensor;
      return [isParameter, requiresGrad];
    });
    expect(kinds).toEqual([
      [true, true],
      [true, false],
      [false, true],
    ]);
  });

  test('NumPy scalars, frozen sets and default dicts', async () => {
    const checkpoint = (await readPt(fixture('scalars.pt'))) as Dict;
    expect([...checkpoint]).toEqual([
      ['best', 0.75],
      ['f4', 1.5],
      ['i8', -3],
      ['i4', 70_000],
      ['u8', 2n ** 64n - 1n],
      ['u1', 200],
      ['bool', true],
      ['frozen', new Set([5])],
      ['lists', new Map([['a', [1, 2]]])],
      ['counts', new Map()],
      ['plain', new Map([[1, 'one']])],
    ]);
  });

  test('other protocols, a bare parameter, a tensor with attributes', async () => {
    expect(elements(((await readPt(fixture('protocol4.pt'))) as Dict).get('a'))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ]);
    expect((await readPt(readFileSync(fixture('param.pt')))) as PtTensor).toMatchObject({
      isParameter: true,
      shape: [1, 1],
    });
    expect(elements(await readPt(fixture('attributes.pt')))).toEqual([1, 2]);
  });

  test('a file of the form before 1.6', async () => {
    const value = (await readPt(fixture('legacy.pt'))) as Dict;
    expect(elements(value.get('a'))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const made = (await readPt(readFileSync(fixture('legacy.pt')), ({ shape }) => ({ shape }))) as Dict;
    expect(made.get('a')).toEqual({ shape: [12] });
  });

  test('a file of the form before 1.6 that lies or is cut off', async () => {
    const whole = readFileSync(fixture('legacy.pt'));
    for (let end = 0; end < whole.length; end += 5)
      await expect(readPt(whole.subarray(0, end)), `${end} bytes`).rejects.toThrow(RangeError);
    const changed = (at: number, byte: number): Promise<unknown> => {
      const copy = Buffer.from(whole);
      copy[at] = byte;
      return readPt(copy);
    };
    // The count of elements beside the bytes, and in the storage's id.
    await expect(changed(whole.length - 48 - 8, 11)).rejects.toThrow(/another size than its tensors say/);
    await expect(changed(whole.indexOf('K\x0cNt') + 1, 200)).rejects.toThrow(
      /claims 200 elements|ends beyond the file/,
    );
    await expect(changed(whole.indexOf('K\x0cNt') + 1, 3)).rejects.toThrow(/needs 48 bytes, but its storage has 12/);
    for (let at = 14; at < whole.length - 48; at++) {
      const error = await changed(at, whole[at]! ^ 0x55).then(
        () => null,
        (reason: unknown) => reason as { code?: string },
      );
      if (error !== null) expect(error.code, `byte ${at}`).toMatch(/^ERR_/);
    }
  });

  test('the caller makes its own tensors', async () => {
    const made: PtTensor[] = [];
    const views = (await readPt(fixture('views.pt'), (tensor) => {
      made.push(tensor);
      return { shape: tensor.shape };
    })) as Dict;
    expect(views.get('row')).toEqual({ shape: [4] });
    expect(views.get('same')).toBe(views.get('base'));
    expect(made.every(({ storage }) => storage.bytes !== null)).toBe(true);
  });

  test('objects of classes are refused by name', async () => {
    await expect(readPt(fixture('foreign.pt'))).rejects.toThrow(/"__builtin__.print", which is not among/);
    await expect(readPt(fixture('module.pt'))).rejects.toThrow(/Sequential", which is not among/);
    await expect(readPt(join(folder, 'missing.pt'))).rejects.toThrow(/ENOENT/);
  });
});

describe('writing', () => {
  test('everything that can be read comes back', async () => {
    for (const name of ['state-dict.pt', 'views.pt', 'dtypes.pt', 'checkpoint.pt', 'param.pt']) {
      const value = await readPt(fixture(name));
      const path = join(folder, name);
      await writePt(path, value);
      expect(await readPt(path)).toEqual(value);
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  test('what is shared stays shared, and may even hold itself', async () => {
    const tensor = tensorOf([1, 2, 3, 4], [2, 2]);
    const row = new PtTensor(tensor.storage, 'float32', 2, [2], [1], true);
    const list: unknown[] = [tensor, row, 'text', 'text'];
    list.push(list);
    const back = (await readPt(
      await collect(
        ptParts(
          new Map([
            ['a', list],
            ['b', list],
          ]),
        ),
      ),
    )) as Dict;
    const copy = back.get('a') as unknown[];
    expect(back.get('b')).toBe(copy);
    expect(copy[4]).toBe(copy);
    expect((copy[1] as PtTensor).storage).toBe((copy[0] as PtTensor).storage);
    expect([elements(copy[1]), (copy[1] as PtTensor).requiresGrad]).toEqual([[3, 4], true]);
  });

  test('the archive has the entries of torch.save, stored, the same every time', async () => {
    const value = { weight: tensorOf([1, 2]), bias: tensorOf([3]) };
    const bytes = await collect(ptParts(value));
    const zip = await ZipReader.open('test', bytes);
    expect([...zip.entries.values()]).toEqual([
      { name: 'archive/data.pkl', size: expect.any(Number) as number, stored: true },
      { name: 'archive/byteorder', size: 6, stored: true },
      { name: 'archive/data/0', size: 8, stored: true },
      { name: 'archive/data/1', size: 4, stored: true },
      { name: 'archive/version', size: 2, stored: true },
    ]);
    expect(Buffer.compare(await collect(ptParts(value)), bytes)).toBe(0);
  });

  test('the pickle of a small dict, byte for byte as a reader of protocol 2 wants it', async () => {
    const zip = await ZipReader.open(
      'test',
      await collect(ptParts({ a: [1, -1, 300, 0.5, null, true, new Tuple([2])] })),
    );
    expect(Buffer.from(await zip.read('archive/data.pkl')).toString('latin1')).toBe(
      '\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xff\xff\xff\xffM\x2c\x01G?\xe0\x00\x00\x00\x00\x00\x00N\x88K\x02\x85q\x03eu.',
    );
  });

  test('plain values come back', async () => {
    const key = fc.string({ unit: 'binary' }).filter((s) => !/__proto__|constructor|prototype/.test(s));
    const value = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, true, false, -0, Number.NaN, Number.POSITIVE_INFINITY),
        fc.integer(),
        fc.maxSafeInteger(),
        fc.double(),
        fc.bigInt().filter((n) => !Number.isSafeInteger(Number(n)) && n > -(2n ** 2000n) && n < 2n ** 2000n),
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array(),
        fc.array(tie('value'), { maxLength: 5 }),
        fc.array(tie('value'), { maxLength: 5 }).map((items) => new Tuple(items)),
        fc
          .array(fc.tuple(fc.oneof(key, fc.integer()), tie('value')), { maxLength: 5 })
          .map((entries) => new Map(entries)),
        fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((entries) => new OrderedDict(entries)),
        fc.array(fc.nat(9), { maxLength: 3 }).map((sizes) => new Size(sizes)),
        fc.constantFrom(...Object.values(DTYPES)),
        fc.uniqueArray(fc.integer()).map((items) => new Set(items)),
      ),
    })).value;
    await fc.assert(
      fc.asyncProperty(value, async (given) => {
        expect(await readPt(await collect(ptParts(given)))).toEqual(given);
      }),
      { numRuns: 150 },
    );
  });

  test('undefined is None, a plain object a dict, a Counter a Counter', async () => {
    const back = (await readPt(await collect(ptParts({ a: undefined, b: new Counter([[2, 1]]) })))) as Dict;
    expect(back).toBeInstanceOf(Map);
    expect(back.get('a')).toBe(null);
    expect(back.get('b')).toBeInstanceOf(Counter);
  });

  test('refuses what a checkpoint cannot hold', () => {
    expect(() => ptParts({ f: () => 1 })).toThrow(/cannot be saved/);
    expect(() => ptParts({ d: new Date() })).toThrow(/Date cannot be saved/);
    expect(() => ptParts(new Map([[{}, 1]]))).toThrow(TypeError);
    expect(() => ptParts(new Map([['__proto__', 1]]))).toThrow(/not allowed/);
    expect(() => ptParts({ n: 1n << 3000n })).toThrow(/too long/);
    expect(() => ptParts(new PtTensor(new PtStorage(4), 'float32', 0, [1], [1]))).toThrow(/should have 4 bytes/);
  });
});

describe('hostile files', () => {
  const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
  /** An archive around a pickle. */
  const archive = (pickle: string, storage = new Uint8Array(16), more: ZipInput[] = []): Promise<Uint8Array> =>
    collect(
      zipParts([{ name: 'x/data.pkl', parts: [latin1(pickle)] }, { name: 'x/data/0', parts: [storage] }, ...more]),
    );
  const string = (text: string): string => `X${String.fromCharCode(text.length)}\0\0\0${text}`;
  const integer = (value: number): string => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return `\x8a\x08${bytes.toString('latin1')}`;
  };
  const storage = (type = 'FloatStorage', elements = 4, key = '0'): string =>
    `(${string('storage')}ctorch\n${type}\n${string(key)}${string('cpu')}${integer(elements)}tQ`;
  const tuple = (values: number[]): string => `(${values.map(integer).join('')}t`;
  /** A tensor on the 16 bytes of storage 0. */
  const tensor = (shape: number[], strides: number[], offset = 0, from = storage()): string =>
    `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(${from}${integer(offset)}${tuple(shape)}${tuple(strides)}\x89ccollections\nOrderedDict\n)RtR.`;

  test('the helpers make sound files', async () => {
    expect(elements(await readPt(await archive(tensor([2, 2], [2, 1]))))).toEqual([0, 0, 0, 0]);
    expect(elements(await readPt(await archive(tensor([0, 1000], [1, 1], 4))))).toEqual([]);
    expect(await readPt(await archive('\x80\x02}.'))).toEqual(new Map());
  });

  test.each<[string, string, RegExp]>([
    ['beyond the end', tensor([5], [1]), /needs 20 bytes, but its storage has 16/],
    ['an offset beyond the end', tensor([4], [1], 1), /needs 20 bytes/],
    ['strides beyond the end', tensor([2, 2], [3, 1]), /needs 20 bytes/],
    ['an empty tensor with an offset beyond the end', tensor([0], [1], 5), /needs 20 bytes/],
    ['a negative stride', tensor([2], [-1]), /strides/],
    ['a negative offset', tensor([2], [1], -1), /offset -1/],
    ['a negative size', tensor([-1], [1]), /whole number/],
    ['more strides than sizes', tensor([2], [1, 1]), /strides/],
    ['a product that overflows', tensor([2 ** 40, 2 ** 40], [0, 0]), /can be counted/],
    ['a reach that overflows', tensor([2, 2], [2 ** 52, 2 ** 52]), /storage has 16/],
    ['a hundred dimensions', tensor(new Array<number>(100).fill(1), new Array<number>(100).fill(0)), /malformed/],
    ['a storage that lies about its size', tensor([1], [1], 0, storage('FloatStorage', 400)), /should have 1600 bytes/],
    ['a storage whose size overflows', tensor([1], [1], 0, storage('DoubleStorage', 2 ** 52)), /can be counted/],
    ['a storage that is not there', tensor([1], [1], 0, storage('FloatStorage', 4, '1')), /no storage "1"/],
    ['a storage outside the folder', tensor([1], [1], 0, storage('FloatStorage', 4, '../data.pkl')), /no storage/],
    ['a storage of bytes without a dtype', tensor([1], [1], 0, storage('UntypedStorage', 16)), /dtype is malformed/],
    ['an unknown storage class', tensor([1], [1], 0, storage('QInt8Storage', 16)), /QInt8Storage", which is not/],
    ['something else than a storage', tensor([1], [1], 0, 'K\x01'), /malformed/],
  ])('a tensor: %s', async (_, pickle, message) => {
    await expect(readPt(await archive(pickle))).rejects.toThrow(message);
  });

  test.each<[string, string, RegExp]>([
    ['empty', '', /does not end/],
    ['no STOP', '\x80\x02}', /does not end/],
    ['an empty stack', '.', /a value is missing/],
    ['a mark as the value', '(.', /a value is missing/],
    ['two values', '}}.', /left over/],
    ['a later protocol', '\x80\x06}.', /protocol/],
    ['os.system', `cos\nsystem\n(${string('true')}tR.`, /"os.system", which is not among/],
    ['builtins.eval', `c__builtin__\neval\n(${string('1')}tR.`, /eval", which is not among/],
    ['a global of the prototype', 'c__proto__\ntoString\n.', /which is not among/],
    ['a global by STACK_GLOBAL', `${string('os')}${string('system')}\x93.`, /"os.system"/],
    ['a global name that is no string', 'K\x01K\x02\x93.', /no string/],
    ['a global without an end', 'cos', /does not end/],
    ['a global as the result', 'ccollections\nOrderedDict\n.', /is no value/],
    ['a dtype that is called', 'ctorch\nfloat32\n)R.', /cannot be called/],
    ['a call of a number', 'K\x01)R.', /malformed/],
    ['a call without a tuple', 'ccollections\nOrderedDict\nK\x01R.', /malformed/],
    ['OrderedDict of a number', 'ccollections\nOrderedDict\nK\x01\x85R.', /malformed/],
    ['a set of a number', 'c__builtin__\nset\nK\x01\x85R.', /malformed/],
    ['a NumPy dtype of objects', `cnumpy\ndtype\n(${string('O8')}\x89\x88tR.`, /malformed/],
    ['a NumPy dtype of the prototype', `cnumpy\ndtype\n(${string('toString')}\x89\x88tR.`, /malformed/],
    [
      'a structured NumPy dtype',
      `cnumpy\ndtype\n(${string('f8')}\x89\x88tR(K\x03${string('|')}}}}tb.`,
      /state is malformed/,
    ],
    [
      'a NumPy scalar without bytes',
      `cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(${string('f8')}\x89\x88tRNtR.`,
      /malformed/,
    ],
    [
      'a NumPy scalar that is cut off',
      `cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(${string('f8')}\x89\x88tRC\x02abtR.`,
      /malformed/,
    ],
    ['a defaultdict of a function', 'ccollections\ndefaultdict\n(K\x01tR.', /malformed/],
    ['bytes of another encoding', `c_codecs\nencode\n(${string('x')}${string('utf-7')}tR.`, /malformed/],
    ['a parameter of a number', 'ctorch._utils\n_rebuild_parameter\n(K\x01\x88}tR.', /malformed/],
    ['a persistent id that is no tuple', 'K\x01Q.', /persistent id/],
    ['BUILD on a list', ']}b.', /has none/],
    ['BUILD on a dict', '}}b.', /has none/],
    ['NEWOBJ', 'ctorch\nSize\n)\x81.', /opcode 0x81/],
    ['INST', '(ios\nsystem\n.', /opcode 0x69/],
    ['OBJ', '(cos\nsystem\no.', /"os.system"/],
    ['EXT1', '\x82\x01.', /opcode 0x82/],
    ['a memo that was never written', 'h\x05.', /memo 5 is empty/],
    ['a memo of nothing', 'q\x00.', /a value is missing/],
    ['APPEND to a dict', '}K\x01a.', /no list/],
    ['APPEND to a tuple', ')K\x01a.', /no list/],
    ['APPENDS without a mark', ']e.', /a mark is missing/],
    ['SETITEM on a list', ']K\x01K\x01s.', /no dict/],
    ['SETITEMS with a key too many', '}(K\x01u.', /no value/],
    ['a dict as a key', '}}K\x01s.', /no string or number/],
    ['a number as a key of an OrderedDict', 'ccollections\nOrderedDict\n)RK\x01K\x01s.', /no string/],
    ['__proto__ as a key', `}${string('__proto__')}}s.`, /not allowed/],
    ['a string that is cut off', 'X\xff\xff\xff\xff', /cut off/],
    ['bytes that are cut off', 'B\xff\xff\xff\xff', /cut off/],
    ['a frame beyond the end', '\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xff.', /cut off/],
    ['a string that is not UTF-8', 'X\x01\0\0\0\xff.', /not UTF-8/],
    ['a long that is cut off', '\x8a\xff.', /cut off/],
  ])('a pickle: %s', async (_, pickle, message) => {
    await expect(readPt(await archive(pickle))).rejects.toThrow(message);
  });

  test('deep nesting is read, or refused, without a crash', async () => {
    const depth = 100_000;
    const nested = await readPt(await archive(`${']'.repeat(depth)}${'a'.repeat(depth - 1)}.`));
    expect(Array.isArray(nested)).toBe(true);
  });

  test('archives that are no checkpoints', async () => {
    await expect(readPt(new Uint8Array(100))).rejects.toThrow(RangeError);
    const none = await collect(zipParts([{ name: 'a.txt', parts: [latin1('x')] }]));
    await expect(readPt(none)).rejects.toThrow(/0 files data.pkl/);
    const two = await archive('}.', new Uint8Array(16), [{ name: 'y/data.pkl', parts: [latin1('}.')] }]);
    await expect(readPt(two)).rejects.toThrow(/2 files data.pkl/);
    const packed = await collect(zipParts([{ name: 'x/data.pkl', parts: [latin1('}.')] }], true));
    await expect(readPt(packed)).rejects.toThrow(/compressed/);
    const big = await archive('}.', new Uint8Array(16), [{ name: 'x/byteorder', parts: [latin1('big')] }]);
    await expect(readPt(big)).rejects.toThrow(/byte order/);
  });

  test('random damage to a pickle is an error of ours, or still a value', async () => {
    const zip = await ZipReader.open('test', fixture('checkpoint.pt'));
    const inputs: ZipInput[] = [];
    for (const name of zip.entries.keys()) inputs.push({ name, parts: [await zip.read(name)] });
    await zip.close();
    const pickle = inputs.find(({ name }) => name.endsWith('data.pkl'))!.parts[0]!;
    const edits = fc.array(fc.tuple(fc.nat(pickle.byteLength - 1), fc.nat(255)), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const damaged = new Uint8Array(pickle);
        for (const [at, value] of changes) damaged[at] = value;
        const bytes = await collect(
          zipParts(inputs.map(({ name, parts }) => ({ name, parts: name.endsWith('data.pkl') ? [damaged] : parts }))),
        );
        const refusal = await readPt(bytes).then(
          () => null,
          (error: unknown) => error as { code?: string },
        );
        if (refusal !== null) expect(refusal.code).toMatch(/^ERR_/);
      }),
      { numRuns: 300 },
    );
  });
});

test('a storage may be viewed under several dtypes', async () => {
  const bytes = new Uint8Array(8);
  const shared = new PtStorage(8, bytes);
  const dtypes: DType[] = ['int64', 'float32', 'uint8'];
  const value = dtypes.map((dtype) => new PtTensor(shared, dtype, 0, [8 / DTYPES[dtype].size], [1]));
  const back = (await readPt(await collect(ptParts(value)))) as PtTensor[];
  expect(back.map(({ dtype, shape }) => [dtype, ...shape])).toEqual([
    ['int64', 1],
    ['float32', 2],
    ['uint8', 8],
  ]);
  expect(new Set(back.map(({ storage }) => storage)).size).toBe(1);
});
