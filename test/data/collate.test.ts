import { describe, expect, test } from 'vitest';
import * as ng from '../../src/index.js';

const { defaultCollate, defaultConvert } = ng.data;
const facts = (x: unknown): unknown => {
  const tensor = x as ng.Tensor;
  return [tensor.dtype, tensor.tolist()];
};

describe('defaultCollate', () => {
  test('stacks tensors and typed arrays', () => {
    expect(facts(defaultCollate([ng.tensor([1, 2]), ng.tensor([3, 4])]))).toEqual([
      'int64',
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect(facts(defaultCollate([Float64Array.of(1, 2), Float64Array.of(3, 4)]))).toEqual([
      'float64',
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect(facts(defaultCollate([ng.tensor(1), ng.tensor(2)]))).toEqual(['int64', [1, 2]]);
  });

  test('makes tensors of numbers: floats are doubles, as in Python', () => {
    expect(facts(defaultCollate([1, 2]))).toEqual(['int64', [1, 2]]);
    expect(facts(defaultCollate([1.5, 2]))).toEqual(['float64', [1.5, 2]]);
    expect(facts(defaultCollate([ng.float(1), 2]))).toEqual(['float64', [1, 2]]);
    expect(facts(defaultCollate([true, false]))).toEqual(['bool', [true, false]]);
    expect(facts(defaultCollate([2n ** 60n, 1n]))).toEqual(['int64', [2n ** 60n, 1]]);
  });

  test('goes into arrays, objects and Maps, mixed', () => {
    const samples = [
      { image: ng.ones(2), meta: { name: 'a', box: [1, 2.5] }, tags: new Map([['k', true]]) },
      { image: ng.zeros(2), meta: { name: 'b', box: [3, 4] }, tags: new Map([['k', false]]) },
    ];
    const batch = defaultCollate(samples);
    expect(batch.image.shape).toEqual([2, 2]);
    expect(batch.meta.name).toEqual(['a', 'b']);
    expect(batch.meta.box.map(facts)).toEqual([
      ['int64', [1, 3]],
      ['float64', [2.5, 4]],
    ]);
    expect(facts(batch.tags.get('k'))).toEqual(['bool', [true, false]]);
    const [x, [y, words]] = defaultCollate<[ng.Tensor, [number, string]]>([
      [ng.tensor(1), [2, 'x']],
      [ng.tensor(3), [4, 'y']],
    ]);
    expect([facts(x), facts(y), words]).toEqual([
      ['int64', [1, 3]],
      ['int64', [2, 4]],
      ['x', 'y'],
    ]);
  });

  test('keeps names from an untrusted object away from prototypes', () => {
    const sample = JSON.parse('{"__proto__": 1, "a": 2}') as Record<string, number>;
    const batch = defaultCollate([sample, sample]);
    expect(Object.getPrototypeOf(batch)).toBe(Object.prototype);
    expect(facts(batch.a)).toEqual(['int64', [2, 2]]);
  });

  test('keeps gradients', () => {
    const x = ng.ones(2, { requiresGrad: true });
    defaultCollate([x, x.mul(2)])
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([3, 3]);
  });

  test.each<[string, unknown[], RegExp]>([
    ['nothing', [], /the batch is empty/],
    ['lists of different lengths', [[1, 2], [1]], /each element in list of batch should be of equal size/],
    ['tensors of different shapes', [ng.ones(2), ng.ones(3)], /stack.*equal size|sizes of tensors/i],
    ['a function', [() => 1], /batch must contain tensors, numbers, objects or arrays; found function/],
    ['null', [null, null], /found null/],
    ['undefined', [undefined], /found undefined/],
    ['a date', [new Date(0)], /found .*Date/],
    ['a number among tensors', [ng.ones(2), 3], /Tensor/],
    ['a key that one sample lacks', [{ a: 1, b: 2 }, { a: 1 }], /'b' of the first sample is not in sample 1/],
    ['a word among numbers', [1, 'a'], /number|string/],
  ])('refuses %s', (_, samples, message) => {
    expect(() => defaultCollate(samples)).toThrow(message);
  });
});

describe('defaultConvert', () => {
  test('makes tensors of typed arrays and leaves the rest', () => {
    const converted = defaultConvert({ a: Float32Array.of(1), b: [Int32Array.of(2), 'x', 3], c: null }) as {
      a: ng.Tensor;
      b: unknown[];
      c: null;
    };
    expect(facts(converted.a)).toEqual(['float32', [1]]);
    expect([facts(converted.b[0]), converted.b[1], converted.b[2], converted.c]).toEqual([
      ['int32', [2]],
      'x',
      3,
      null,
    ]);
  });
});
