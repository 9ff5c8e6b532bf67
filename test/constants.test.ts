import { expect, it } from 'vitest';
import * as ng from '../src/index.js';

it('dtypes and numbers have PyTorch’s names', () => {
  const dtypes: ng.DType[] = [
    ng.float32,
    ng.double,
    ng.half,
    ng.bfloat16,
    ng.long,
    ng.int,
    ng.short,
    ng.int8,
    ng.uint8,
    ng.bool,
  ];
  for (const dtype of dtypes) expect(ng.zeros(2, { dtype }).dtype).toBe(dtype);
  expect(ng.ones(1).to(ng.float64).dtype).toBe('float64');
  expect(ng.full([1], -ng.inf).exp().item()).toBe(0);
  expect(ng.tensor([ng.pi, ng.nan, ng.e]).isnan().tolist()).toEqual([false, true, false]);
});

it('predicates', () => {
  const x: unknown = ng.ones(2, 3);
  expect(ng.isTensor(x) && ng.numel(x)).toBe(6);
  expect([ng.isTensor(3), ng.isTensor(null), ng.isTensor(new ng.nn.Parameter(ng.ones(1)))]).toEqual([
    false,
    false,
    true,
  ]);
  expect([ng.isFloatingPoint(ng.ones(1)), ng.isFloatingPoint(ng.tensor([1]))]).toEqual([true, false]);
  expect([ng.isComplex(ng.ones(1)), ng.isComplex(ng.complex(ng.ones(1), ng.ones(1)))]).toEqual([false, true]);
  expect([ng.isNonzero(ng.tensor([0.5])), ng.isNonzero(ng.tensor(0)), ng.isNonzero(ng.tensor(false))]).toEqual([
    true,
    false,
    false,
  ]);
  expect(() => ng.isNonzero(ng.ones(2))).toThrow(/Boolean value of Tensor with more than one value is ambiguous/);
  expect(() => ng.isNonzero(ng.ones(0))).toThrow(/with no values is ambiguous/);
  expect(() => ng.numel([1] as never)).toThrow(TypeError);
});
