import * as ng from 'nodegrad';
import { describe, expect, it } from 'vitest';

/** Enough that WebAssembly takes operands piece by piece, and that native uses its threads; not a multiple of anything. */
const n = 700_001;
/** Few enough that each backend takes them at once. */
const part = 50_000;

ng.manualSeed(5);
const x = ng.randn([n]);
const y = ng.randn([n]);
const z = ng.rand([n]);
const whole = ng.randint(-9, 9, [n]);

type Op = (...operands: ng.Tensor[]) => ng.Tensor;

const ops: Record<string, { op: Op; operands: ng.Tensor[] }> = {
  'exp, one operand': { op: (a) => a!.exp(), operands: [x] },
  'add, two': { op: (a, b) => a!.add(b!), operands: [x, y] },
  'mul by itself': { op: (a) => a!.mul(a!), operands: [x] },
  'sub of a number': { op: (a) => a!.sub(2.5), operands: [x] },
  'lt, whose result is smaller': { op: (a, b) => a!.lt(b!), operands: [x, y] },
  'a conversion to what is larger': { op: (a) => a!.to('float64'), operands: [x] },
  float64: { op: (a, b) => a!.to('float64').mul(b!), operands: [x, y] },
  int64: { op: (a) => a!.mul(a!).add(7), operands: [whole] },
  'clamp, with numbers': { op: (a) => a!.clamp(-0.5, 0.75), operands: [x] },
  'addcmul, three': { op: (a, b, c) => a!.addcmul(b!, c!, { value: 0.25 }), operands: [x, y, z] },
  where: { op: (a, b) => a!.where(a!.gt(0), b!), operands: [x, y] },
};

describe('ops on large operands', () => {
  it.each(Object.keys(ops))('are the same as on parts of them: %s', (name) => {
    const { op, operands } = ops[name]!;
    const all = op(...operands);
    const parts = Array.from({ length: Math.ceil(n / part) }, (_, i) =>
      op(...operands.map((a) => a.narrow(0, i * part, Math.min(part, n - i * part)))),
    );
    expect(all.equal(ng.cat(parts))).toBe(true);
  });

  it('write in place, also what was read often before', () => {
    const a = x.clone();
    for (let i = 0; i < 5; i++) a.sum();
    a.add_(y).mul_(a).sub_(1);
    expect(a.equal(x.add(y).square().sub(1))).toBe(true);
    expect(a.sum().item()).toBe(x.add(y).square().sub(1).sum().item());
  });

  it('read a typed array that two tensors share, before it is written', () => {
    const values = new Float32Array(n).fill(1);
    const low = ng.fromTypedArray(values.subarray(0, n - 1));
    const high = ng.fromTypedArray(values.subarray(1));
    high.copy_(ng.ones([n - 1]).mul(3));
    low.add_(1);
    expect([values[0], values[1], values[n - 2], values[n - 1]]).toEqual([2, 4, 4, 3]);
  });
});
