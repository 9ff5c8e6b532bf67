import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import type { DType } from '../src/dtype.js';
import {
  formatTensor,
  getPrintoptions,
  type PrintSettings,
  setPrintoptions,
  type TensorView,
  viewOf,
} from '../src/printing.js';
import { exponential, fixed, floatRepr } from '../src/pythonNumber.js';
import { dtypeRepr, OrderedDict, repr, reprSymbol, tuple } from '../src/repr.js';
import { Size } from '../src/size.js';
import { load } from './vectors/reader.mjs';

interface PrintingCase {
  id: string;
  type: string;
  repr: string;
  shape?: number[];
  dtype?: DType;
  data?: { $t: number; grad?: boolean };
  parameter?: boolean;
  printOptions?: Record<string, unknown>;
  arrays: { dtype: DType; shape: number[]; data: ArrayLike<number | bigint> }[];
}

const file = fileURLToPath(new URL('./vectors/printing.json', import.meta.url));
const cases = load(file).cases as unknown as PrintingCase[];

/** set_printoptions' argument names, in our habit. */
function settings(given: Record<string, unknown>): PrintSettings {
  const { sci_mode, ...rest } = given;
  return { ...rest, ...(sci_mode === undefined ? {} : { sciMode: sci_mode as boolean }) };
}

afterEach(() => setPrintoptions({ profile: 'default' }));

describe('PyTorch prints', () => {
  const tensors = cases.filter((c) => c.type === 'tensor');
  test('there are rows of every kind', () => {
    const count = (type: string): number => cases.filter((c) => c.type === type).length;
    expect(tensors.length).toBeGreaterThan(100);
    expect(count('size')).toBeGreaterThan(0);
    expect(count('dtype')).toBeGreaterThan(0);
  });

  test.each(tensors)('$id', (c) => {
    const array = c.arrays[c.data!.$t]!;
    setPrintoptions({ profile: 'default', ...settings(c.printOptions ?? {}) });
    const text = formatTensor(viewOf(array.shape, array.dtype, array.data), {
      requiresGrad: c.data!.grad === true || c.parameter === true,
      parameter: c.parameter === true,
    });
    expect(text).toBe(c.repr);
  });

  test.each(cases.filter((c) => c.type === 'size'))('$id', (c) => {
    expect(String(new Size(c.shape!))).toBe(c.repr);
    expect(repr(new Size(c.shape!))).toBe(c.repr);
  });

  test.each(cases.filter((c) => c.type === 'dtype'))('$id', (c) => {
    expect(dtypeRepr(c.dtype!)).toBe(c.repr);
  });
});

// What PyTorch 1.13 prints where the vectors have no row.
describe('formatTensor', () => {
  const print = (dtype: DType, shape: number[], data: ArrayLike<number | bigint>, suffixes = {}): string =>
    formatTensor(viewOf(shape, dtype, data), suffixes);

  test('complex numbers have a column for each part', () => {
    expect(print('complex64', [2], [1, 2, -0.5, -3.25])).toBe('tensor([ 1.0000+2.0000j, -0.5000-3.2500j])');
    expect(print('complex64', [], [1.5, -2])).toBe('tensor(1.5000-2.j)');
    expect(print('complex64', [2], [1, 1, 22, -3])).toBe('tensor([ 1.+1.j, 22.-3.j])');
    expect(print('complex64', [0, 2], [])).toBe('tensor([], size=(0, 2), dtype=torch.complex64)');
    const mixed = [1, 0, 0, Number.NaN, 1e6, Math.fround(-1e-6), Number.NEGATIVE_INFINITY, -0];
    expect(print('complex64', [2, 2], mixed)).toBe(
      'tensor([[1.0000e+00+0.0000e+00j, 0.0000e+00+nanj],\n        [1.0000e+06-1.0000e-06j,       -inf-0.0000e+00j]])',
    );
  });

  test('half precision names its dtype', () => {
    expect(print('bfloat16', [2], [1.5, 3.140625])).toBe('tensor([1.5000, 3.1406], dtype=torch.bfloat16)');
    expect(print('float16', [3], [1.5, Number.POSITIVE_INFINITY, Math.fround(-0.0999755859375)])).toBe(
      'tensor([ 1.5000,     inf, -0.1000], dtype=torch.float16)',
    );
  });

  test('the default dtype needs no mention', () => {
    expect(print('float64', [1], [1.5], { defaultDtype: 'float64' })).toBe('tensor([1.5000])');
    expect(print('float32', [1], [1.5], { defaultDtype: 'float64' })).toBe('tensor([1.5000], dtype=torch.float32)');
  });

  test('a suffix that does not fit goes to a line of its own', () => {
    const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => 1 + i / 10);
    expect(print('float32', [8], ramp(8), { gradFn: 'AddBackward0' })).toBe(
      'tensor([1.0000, 1.1000, 1.2000, 1.3000, 1.4000, 1.5000, 1.6000, 1.7000],\n       grad_fn=<AddBackward0>)',
    );
    expect(print('float32', [10], ramp(10), { gradFn: 'AddBackward0', requiresGrad: true })).toBe(
      'tensor([1.0000, 1.1000, 1.2000, 1.3000, 1.4000, 1.5000, 1.6000, 1.7000, 1.8000,\n        1.9000], grad_fn=<AddBackward0>)',
    );
  });

  test('exact ties round to the even digit, as Python rounds', () => {
    expect(print('float64', [4], [0.03125, 0.09375, 2.5, -0.03125])).toBe(
      'tensor([ 0.0312,  0.0938,  2.5000, -0.0312], dtype=torch.float64)',
    );
    setPrintoptions({ precision: 0 });
    expect(print('float32', [3], [0.5, 1.5, 2.5])).toBe('tensor([0, 2, 2])');
  });

  test('zero keeps its sign', () => {
    expect(print('float32', [2], [-0, 0])).toBe('tensor([-0., 0.])');
    expect(print('float32', [2], [-0, 0.5])).toBe('tensor([-0.0000, 0.5000])');
  });

  test('forced scientific notation keeps the width of the notation it overrules', () => {
    setPrintoptions({ sciMode: true });
    expect(print('float32', [3], [Number.NaN, 0.5, Number.NEGATIVE_INFINITY])).toBe(
      'tensor([   nan, 5.0000e-01,   -inf])',
    );
    expect(print('float32', [2], [0, 0])).toBe('tensor([0., 0.])');
    expect(print('float32', [], [Number.POSITIVE_INFINITY])).toBe('tensor(inf)');
  });

  test('a large tensor is asked for the shown elements only', () => {
    let asked = 0;
    const view: TensorView = {
      shape: [4096, 4096],
      dtype: 'int64',
      at: (index) => {
        asked++;
        return BigInt(index);
      },
    };
    expect(formatTensor(view)).toBe(
      [
        'tensor([[       0,        1,        2,  ...,     4093,     4094,     4095],',
        '        [    4096,     4097,     4098,  ...,     8189,     8190,     8191],',
        '        [    8192,     8193,     8194,  ...,    12285,    12286,    12287],',
        '        ...,',
        '        [16764928, 16764929, 16764930,  ..., 16769021, 16769022, 16769023],',
        '        [16769024, 16769025, 16769026,  ..., 16773117, 16773118, 16773119],',
        '        [16773120, 16773121, 16773122,  ..., 16777213, 16777214, 16777215]])',
      ].join('\n'),
    );
    expect(asked).toBe(36);
  });

  test('a subclass prints under its own name, which sets the indent', () => {
    expect(print('float32', [2, 1], [1, 2], { prefix: 'Batch' })).toBe('Batch([[1.],\n       [2.]])');
  });
});

describe('setPrintoptions', () => {
  test('keeps what is not given, except sciMode', () => {
    setPrintoptions({ precision: 2, sciMode: true });
    setPrintoptions({ linewidth: 40 });
    expect(getPrintoptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 3, linewidth: 40, sciMode: null });
  });

  test('refuses what makes no sense and leaves the options alone', () => {
    expect(() => setPrintoptions({ precision: 101 })).toThrow(/precision is 101/);
    expect(() => setPrintoptions({ edgeitems: -1 })).toThrow(RangeError);
    expect(() => setPrintoptions({ linewidth: 1.5 })).toThrow(RangeError);
    expect(() => setPrintoptions({ profile: 'toString' as 'full' })).toThrow(/'default', 'short' or 'full'/);
    expect(getPrintoptions().precision).toBe(4);
  });
});

describe('numbers as Python writes them', () => {
  test('fixed and exponential round ties to even', () => {
    expect([fixed(0.5, 0), fixed(1.5, 0), fixed(2.5, 0), fixed(-0.125, 2)]).toEqual(['0', '2', '2', '-0.12']);
    expect([exponential(2.5, 0), exponential(9.5, 0), exponential(25, 0), exponential(1e22, 1)]).toEqual([
      '2e+00',
      '1e+01',
      '2e+01',
      '1.0e+22',
    ]);
    expect(fixed(1e22, 2)).toBe('10000000000000000000000.00');
  });

  test('floatRepr', () => {
    expect([1, 1e-5, 1e16, 123456789012345680, 0.1, -0, 1e-4, 5e-324, 1.5e300].map(floatRepr)).toEqual([
      '1.0',
      '1e-05',
      '1e+16',
      '1.2345678901234568e+17',
      '0.1',
      '-0.0',
      '0.0001',
      '5e-324',
      '1.5e+300',
    ]);
  });
});

describe('repr', () => {
  test('plain values', () => {
    expect(
      [true, false, null, undefined, 3, 0.5, 2n, Number.NaN, Number.NEGATIVE_INFINITY].map((v) => repr(v)),
    ).toEqual(['True', 'False', 'None', 'None', '3', '0.5', '2', 'nan', '-inf']);
  });

  test('strings', () => {
    expect(repr('a')).toBe("'a'");
    expect(repr("it's")).toBe('"it\'s"');
    expect(repr(`it's "so"`)).toBe("'it\\'s \"so\"'");
    expect(repr('a\n\t\\\u0000\u00a0\u2028é😀')).toBe("'a\\n\\t\\\\\\x00\\xa0\\u2028é😀'");
  });

  test('containers', () => {
    expect(repr([1, 'a', [2]])).toBe("[1, 'a', [2]]");
    expect(repr([1, [2]], { tuples: true })).toBe('(1, (2,))');
    expect(repr(tuple(0.9, 0.999))).toBe('(0.9, 0.999)');
    expect(repr(tuple())).toBe('()');
    expect(
      repr(
        new Map<unknown, unknown>([
          ['a', 1],
          [2, null],
        ]),
      ),
    ).toBe("{'a': 1, 2: None}");
    expect(repr(new Set([1]))).toBe('{1}');
    expect(repr(new Set())).toBe('set()');
    expect(repr({ lr: 0.1 })).toBe("{'lr': 0.1}");
    expect(repr(new OrderedDict())).toBe('OrderedDict()');
  });

  test('a container inside itself', () => {
    const list: unknown[] = [1];
    list.push(list);
    expect(repr(list)).toBe('[1, [...]]');
    const shared = [1];
    expect(repr([shared, shared])).toBe('[[1], [1]]');
  });

  test('objects write themselves, tensors over several lines', () => {
    const weight = { [reprSymbol]: () => 'tensor([[1.],\n        [2.]])' };
    const state = new OrderedDict<unknown>([
      ['weight', weight],
      ['size', new Size([2, 1])],
    ]);
    expect(repr(state)).toBe("OrderedDict([('weight', tensor([[1.],\n        [2.]])), ('size', torch.Size([2, 1]))])");
    expect(String(state)).toBe(repr(state));
  });

  test('a Size is an array that prints as PyTorch prints it', () => {
    const size = new Size([2, 3]);
    expect(`${size}`).toBe('torch.Size([2, 3])');
    expect(size.numel()).toBe(6);
    expect([...size]).toEqual([2, 3]);
    expect(size.map((n) => n * 2)).toEqual([4, 6]);
    expect(new Size([5]).length).toBe(1);
  });
});
