// gradcheck and gradgradcheck in float64 of every op that PyTorch's vectors differentiate, on the smallest of their
// cases, in each layout of a tensor; elementwise ops also on no dimension, no element and sizes around a SIMD lane.
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { type AnyTensor, flatten, isTensor } from '../conformance/library.js';
import type { OpCase } from '../conformance/ops.js';
import { isPresent, resolveCalls } from '../conformance/spellings.js';
import { Arguments } from '../conformance/values.js';
import { load } from '../vectors/reader.mjs';
import { EXCEPTIONS, OWN_LAYOUT, OWN_RANK } from './exceptions.js';

const GROUPS = ['ops_core', 'ops_nn', 'ops_more', 'ops_linalg', 'ops_exotic', 'ops_hand'];
const SIZES = [0, 1, 7, 8, 9, 15, 16, 17, 31, 33];
const LARGEST = 200;
/** How many cases of an op are taken. */
const EXAMPLES = 3;

type Arrange = (x: ng.Tensor) => ng.Tensor;
const isFloat = (dtype: string): boolean => dtype === 'float32';

/** How an op may get an input of the same shape. */
const LAYOUTS: Readonly<Record<string, Arrange>> = {
  contiguous: (x) => x,
  transposed: (x) => (x.ndim < 2 ? x : x.transpose(0, -1).contiguous().transpose(0, -1)),
  strided: (x) => ng.stack([x, x.mul(2)], -1).select(-1, 0),
};
/** Of an op whose elements do not meet each other, also the same row over and over. */
const ELEMENTWISE: Readonly<Record<string, Arrange>> = {
  ...LAYOUTS,
  expanded: (x) => (x.ndim === 0 ? x : x.narrow(0, 0, Math.min(1, x.shape[0]!)).expand(x.shape)),
};

interface Example {
  readonly case: OpCase;
  readonly call: (args: Arguments) => unknown;
  /** The arrays that are differentiated, and those that only have to be float64 beside them. */
  readonly leaves: readonly number[];
  readonly others: readonly number[];
  readonly second: boolean;
}

/** Indices of the tensors in encoded arguments. */
function references(value: unknown, into = new Map<number, boolean>()): Map<number, boolean> {
  if (Array.isArray(value)) for (const item of value) references(item, into);
  else if (value !== null && typeof value === 'object') {
    const { $t, grad } = value as { $t?: number; grad?: boolean };
    if ($t === undefined) for (const item of Object.values(value)) references(item, into);
    else into.set($t, grad === true || into.get($t) === true);
  }
  return into;
}

/** For each op of the vectors, by name and variant, the cases of a handful of elements. */
function examples(): [name: string, examples: readonly Example[]][] {
  const found = new Map<string, { rank: number; example: Example }[]>();
  for (const group of GROUPS) {
    const { header, cases } = load(join(import.meta.dirname, '..', 'vectors', `${group}.json`));
    for (const c of cases as unknown as OpCase[]) {
      if (c.grads === undefined || c.ties || (c as { src?: string }).src !== 'sample') continue;
      if (JSON.stringify([c.args, c.kwargs]).includes('"$dtype"')) continue;
      const tensors = [...references([c.args, c.kwargs ?? {}])];
      const leaves = tensors.filter(([i, grad]) => grad && isFloat(c.arrays[i]!.dtype)).map(([i]) => i);
      const others = tensors.filter(([i, grad]) => !grad && isFloat(c.arrays[i]!.dtype)).map(([i]) => i);
      const size = leaves.reduce((sum, i) => sum + c.arrays[i]!.data.length, 0);
      if (size === 0 || size > LARGEST || tensors.some(([i]) => c.arrays[i]!.dtype === 'complex64')) continue;
      const spelling = resolveCalls(c, header).find(isPresent);
      if (spelling === undefined) continue;
      const name = c.variant ? `${c.op} (${c.variant})` : c.op;
      // A case of a few elements says more than one of a single element, and costs less than one of hundreds.
      const rank = Math.abs(size - 12);
      const second = c.hvp?.some(([, , hv]) => hv !== null) === true;
      const list = found.get(name) ?? [];
      list.push({ rank, example: { case: c, call: spelling.call, leaves, others, second } });
      found.set(name, list);
    }
  }
  return [...found].map(([name, list]) => {
    const best = list.sort((a, b) => a.rank - b.rank).slice(0, EXAMPLES);
    return [name, best.map(({ example }) => example)];
  });
}

/** The values of an array as a float64 tensor of that shape, repeated or cut where it has another size. */
function makeLeaf(c: OpCase, index: number, shape: readonly number[]): ng.Tensor {
  const { data } = c.arrays[index]!;
  const n = shape.reduce((product, size) => product * size, 1);
  const values = Array.from(
    { length: n },
    (_, i) => Number(data[i % data.length]) + 1e-3 * Math.floor(i / data.length),
  );
  return ng.tensor(values, { dtype: 'float64' }).reshape(shape);
}

/** Where everything is masked out a result is infinite or NaN, of which there are no differences. */
const finite = (y: ng.Tensor): ng.Tensor => (y.dtypeInfo.isFloat ? y.maskedFill(y.isfinite().logicalNot(), 0) : y);

/** An example as a function of its leaves, and values for them; in the case's own shapes, or all in the one given. */
function program({ case: c, call, leaves, others }: Example, arrange: Arrange, shape?: readonly number[]) {
  const shapeOf = (i: number): readonly number[] => shape ?? c.arrays[i]!.shape;
  const fixed = new Map(others.map((i) => [i, makeLeaf(c, i, shapeOf(i)) as unknown as AnyTensor]));
  const body = (...inputs: ng.Tensor[]): ng.Tensor[] => {
    const replace = new Map(fixed);
    for (const [k, index] of leaves.entries()) replace.set(index, arrange(inputs[k]!) as unknown as AnyTensor);
    const results = flatten(call(new Arguments(c, { markFloats: !c.op.startsWith('nn.functional.'), replace })));
    return results
      .map((y, i) => (c.post?.[i] === 'square' && isTensor(y) ? (y as unknown as ng.Tensor).square() : y))
      .map((y) => (c.op.startsWith('masked.') && isTensor(y) ? finite(y as unknown as ng.Tensor) : y))
      .filter(
        (y, i): y is ng.Tensor => isTensor(y) && y.dtype === 'float64' && c.cot?.[i] !== null && c.post?.[i] !== 'skip',
      );
  };
  return { body, inputs: leaves.map((i) => makeLeaf(c, i, shapeOf(i))) };
}

/** Do all operands have one shape, and each element of the result look at theirs in its own place alone? */
function isElementwise(example: Example): boolean {
  const { arrays, args, kwargs, kind } = example.case;
  const operands = [...references([args, kwargs ?? {}]).keys()].map((i) => arrays[i]!);
  const [{ shape, data }] = operands as [(typeof operands)[number]];
  if (kind !== 'elementwise' || data.length < 3 || args.some(Array.isArray)) return false;
  if (operands.some((x) => !isFloat(x.dtype) || String(x.shape) !== String(shape))) return false;
  const { body, inputs } = program(example, LAYOUTS.contiguous!);
  const before = body(...inputs);
  if (before.some((y) => String(y.shape) !== String(shape))) return false;
  for (const at of [0, -1]) inputs[0]!.flatten().setAt(at, inputs[0]!.flatten().at(at).add(1e-3));
  return body(...inputs).every((y, k) => {
    const changed = y.ne(before[k]!).flatten();
    return !changed
      .narrow(0, 1, Math.max(0, changed.numel() - 2))
      .any()
      .item<boolean>();
  });
}

function check(example: Example, arrange: Arrange, shape?: readonly number[]): void {
  const { body, inputs } = program(example, arrange, shape);
  for (const x of inputs) x.requiresGrad_();
  expect(body(...inputs).length, 'an output to differentiate').toBeGreaterThan(0);
  ng.autograd.gradcheck(body, inputs, { fastMode: true });
  if (example.second) ng.autograd.gradgradcheck(body, inputs, null, { fastMode: true });
}

function checkAll(example: Example): void {
  const { op } = example.case;
  const elementwise = isElementwise(example) && !OWN_RANK.includes(op);
  for (const [layout, arrange] of Object.entries(elementwise ? ELEMENTWISE : LAYOUTS)) {
    if (layout === 'contiguous' || !OWN_LAYOUT.includes(op)) check(example, arrange);
  }
  if (!elementwise) return;
  for (const shape of [[], ...SIZES.map((size) => [size])]) check(example, LAYOUTS.contiguous!, shape);
}

const ALL = examples();
const TABLE = ALL.filter(([name]) => !(name in EXCEPTIONS));

describe('derivatives of every op', () => {
  it('leaves out only what is named', () => {
    const names = new Set(ALL.map(([name]) => name));
    expect(Object.keys(EXCEPTIONS).filter((name) => !names.has(name))).toEqual([]);
    expect(TABLE.length).toBeGreaterThan(280);
  });

  it.each(TABLE)('%s', (_, list) => {
    for (const example of list) checkAll(example);
  });
});
