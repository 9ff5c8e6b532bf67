import { describe, expect, test } from 'vitest';
import * as ng from '../../src/index.js';

const anything = <T>(value: unknown): T => value as T;

describe('options that are not known', () => {
  const misspelt = anything<ng.TensorOptions>({ dtyp: 'float64' });
  const makers: readonly [string, () => unknown][] = [
    ['ones', () => ng.ones(2, misspelt)],
    ['zeros', () => ng.zeros([2], misspelt)],
    ['empty', () => ng.empty(2, misspelt)],
    ['full', () => ng.full([2], 1, misspelt)],
    ['tensor', () => ng.tensor([1], misspelt)],
    ['asTensor', () => ng.asTensor([1], misspelt)],
    ['arange', () => ng.arange(3, misspelt)],
    ['linspace', () => ng.linspace(0, 1, 3, misspelt)],
    ['eye', () => ng.eye(2, misspelt)],
    ['rand', () => ng.rand(2, misspelt)],
    ['randn', () => ng.randn(2, misspelt)],
    ['randint', () => ng.randint(0, 3, [2], misspelt)],
    ['randperm', () => ng.randperm(3, misspelt)],
    ['randLike', () => ng.randLike(ng.ones(2), misspelt)],
    ['onesLike', () => ng.onesLike(ng.ones(2), misspelt)],
    ['emptyLike', () => ng.emptyLike(ng.ones(2), misspelt)],
    ['hannWindow', () => ng.hannWindow(4, misspelt)],
    ['newZeros', () => ng.ones(2).newZeros([2], misspelt)],
    ['newEmpty', () => ng.ones(2).newEmpty([2], misspelt)],
  ];
  test.each(makers)('%s names it and lists those it takes', (op, make) => {
    expect(make).toThrow(new RegExp(`^${op}: there is no argument "dtyp"; it takes .*dtype`));
  });

  test('what is known stays allowed', () => {
    const generator = new ng.Generator();
    expect(ng.rand(2, { generator, dtype: 'float64', device: 'cpu', requiresGrad: true }).dtype).toBe('float64');
    expect(ng.full({ size: [2], fillValue: 3 }).tolist()).toEqual([3, 3]);
    expect(ng.hammingWindow(4, { alpha: 0.5, beta: 0.5 }).shape).toEqual([4]);
  });
});

test.each(['__proto__', 'constructor', 'toString'])('%s is no dtype', (name) => {
  expect(() => ng.ones(2, { dtype: anything<ng.DType>(name) })).toThrow(
    `ones: ${name} is no dtype; give one of float32`,
  );
});

describe('values of the wrong kind', () => {
  test('dims that are no numbers', () => {
    expect(() => ng.ones(2).sum(anything<number>('a'))).toThrow(/^sum: dim must be a whole number, .* not string a\./);
  });
  test('an alpha that is no number', () => {
    expect(() => ng.ones(1).add(1, { alpha: anything<number>('x') })).toThrow(/^add: alpha must be a number.*string x/);
  });
  test('a number no kernel takes is reported with a name', () => {
    expect(() => ng.histc(ng.ones(4), { bins: 2 ** 40 })).toThrow(/^\w+: /);
  });
  test('linear of a 0-d tensor', () => {
    expect(() => new ng.nn.Linear(3, 2)(ng.tensor(1.5))).toThrow(/^linear: input is 0-d .*\[3\] or \[batch, 3\]/);
  });
  test('functions that give no tensor', () => {
    const five = anything<() => ng.Tensor>(() => 5);
    expect(() => ng.func.vmap(five)(...anything<[]>([ng.ones(2)]))).toThrow(
      'vmap: the function must return a Tensor or an array of them, but returned number 5.',
    );
    expect(() => ng.autograd.functional.jacobian(five, ng.ones(2))).toThrow(
      /^jacobian: the function must return a Tensor or an array of them, but returned number 5\./,
    );
  });
});

describe('what hooks return', () => {
  const five = anything<(grad: ng.Tensor) => ng.Tensor>(() => 5);
  test('a number is refused on leaves and others', () => {
    const leaf = ng.ones(2, { requiresGrad: true });
    leaf.registerHook(five);
    expect(() => leaf.sum().backward()).toThrow(/^registerHook: a hook returned number 5; return a Tensor/);
    const x = ng.ones(2, { requiresGrad: true });
    const y = x.mul(2);
    y.registerHook(five);
    expect(() => y.sum().backward()).toThrow(/^registerHook: a hook returned number 5; return a Tensor/);
  });
  test('another shape is refused', () => {
    const x = ng.ones(2, { requiresGrad: true });
    x.registerHook(() => ng.ones(3));
    expect(() => x.sum().backward()).toThrow(/changed the size of the gradient, from \[2\] to \[3\]/);
  });
  test('a node hook returns an array', () => {
    const y = ng.ones(2, { requiresGrad: true }).mul(2);
    y.gradFn?.registerHook(anything(() => 5));
    expect(() => y.sum().backward()).toThrow(
      /^registerHook: a hook of a graph node returned number 5; return an array/,
    );
  });
});

describe('at with its items in one array', () => {
  const x = ng.arange(6).reshape(2, 3);
  test('as setAt takes them', () => {
    expect(x.at([':', 1]).tolist()).toEqual([1, 4]);
    expect(x.at([':1']).tolist()).toEqual([[0, 1, 2]]);
    expect(x.at([null, 0]).shape).toEqual([1, 3]);
    expect(x.at([ng.slice(1, 2), '::2']).tolist()).toEqual([[3, 5]]);
    expect(x.at([x.gt(3)]).tolist()).toEqual([4, 5]);
  });
  test('numbers and booleans alone stay an index array', () => {
    expect(x.at([1, 0]).shape).toEqual([2, 3]);
    expect(x.at([true, false]).tolist()).toEqual([[0, 1, 2]]);
    expect(x.at([1], 0).tolist()).toEqual([3]);
  });
});
