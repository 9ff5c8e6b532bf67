// Reports from other libraries about modules, optimizers, the graph, random numbers and memory, each with its neighbours.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { parseSafetensors } from '../../src/io/safetensors.js';
import { expectClose } from '../close.js';

const { nn, optim } = ng;
const F = nn.functional;
const float = (values: ng.Nested): ng.Tensor => ng.tensor(values, { dtype: 'float32' });
const leaf = (values: ng.Nested): ng.Tensor => float(values).requiresGrad_();

describe('normalization', () => {
  it('B060: the running variance is the unbiased one, the batch is normalized with the biased one', () => {
    const x = float([[1], [3]]);
    const norm = new nn.BatchNorm1d(1, { momentum: 1 });
    const y = norm(x) as ng.Tensor;
    expect(norm.runningVar!.item()).toBe(2);
    expect(norm.runningMean!.item()).toBe(2);
    expect(y.at(1, 0).item()).toBeCloseTo(1, 4);
    norm.eval();
    expect((norm(x) as ng.Tensor).at(1, 0).item()).toBeCloseTo(Math.SQRT1_2, 4);
    const instance = new nn.InstanceNorm1d(1, { momentum: 1, trackRunningStats: true });
    instance(x.reshape([1, 1, 2]));
    expect(instance.runningVar!.item()).toBe(2);
  });

  it('B086: every normalization has a gradient for its input, weight and bias', () => {
    const x = ng.randn([2, 4, 3], { requiresGrad: true });
    const weight = ng.ones([4], { requiresGrad: true });
    const bias = ng.zeros([4], { requiresGrad: true });
    const forms: (() => ng.Tensor)[] = [
      () => F.layerNorm(x.transpose(1, 2), [4], weight, bias),
      () => F.groupNorm(x, 2, weight, bias),
      () => F.batchNorm(x, null, null, weight, bias, true),
      () => F.instanceNorm(x, null, null, weight, bias),
    ];
    for (const form of forms) {
      for (const leaf of [x, weight, bias]) leaf.grad = null;
      form().pow(3).sum().backward();
      for (const leaf of [x, weight, bias]) expect(leaf.grad!.abs().sum().item()).toBeGreaterThan(0);
    }
  });
});

describe('optimizers', () => {
  const stepped = (make: (p: ng.Tensor) => ng.optim.Optimizer, gradients: number[]): number => {
    const p = leaf([0]);
    const optimizer = make(p);
    for (const gradient of gradients) {
      p.grad = float([gradient]);
      optimizer.step();
    }
    return p.item();
  };

  it('B121: the first step of Adam and its kin is as long as the learning rate', () => {
    expect(stepped((p) => new optim.Adam([p], { lr: 0.1 }), [3])).toBeCloseTo(-0.1, 6);
    expect(stepped((p) => new optim.Adam([p], { lr: 0.1, amsgrad: true }), [-3e-3])).toBeCloseTo(0.1, 6);
    expect(stepped((p) => new optim.AdamW([p], { lr: 0.1 }), [3])).toBeCloseTo(-0.1, 6);
    expect(stepped((p) => new optim.Adamax([p], { lr: 0.1 }), [3])).toBeCloseTo(-0.1, 6);
  });

  it('B123: the first step with momentum takes the gradient as it is, dampening comes with the second', () => {
    const sgd = (p: ng.Tensor) => new optim.SGD([p], { lr: 1, momentum: 0.9, dampening: 0.5 });
    expect(stepped(sgd, [1])).toBe(-1);
    expect(stepped(sgd, [1, 1])).toBeCloseTo(-1 - 0.9 - 0.5, 6);
    const nesterov = (p: ng.Tensor) => new optim.SGD([p], { lr: 1, momentum: 0.9, nesterov: true });
    expect(stepped(nesterov, [1])).toBeCloseTo(-1.9, 6);
  });
});

describe('random numbers', () => {
  it('B124: what has no probability is never drawn', () => {
    ng.manualSeed(0);
    const weights = ng.zeros([20000, 2]);
    weights.setAt([':', 1], 1);
    for (let i = 0; i < 20; i++) expect(ng.multinomial(weights, 1).eq(1).all().item()).toBe(true);
    expect(
      ng
        .bernoulli(ng.zeros([20000]))
        .sum()
        .item(),
    ).toBe(0);
    expect(
      ng
        .bernoulli(ng.ones([20000]))
        .sum()
        .item(),
    ).toBe(20000);
    const drawn = ng.multinomial(float([0, 1, 0, 2]), 1000, true);
    expect(drawn.remainder(2).eq(1).all().item()).toBe(true);
    expect(() => ng.multinomial(float([0, 0]), 1)).toThrow();
    expect(() => ng.multinomial(float([0, 1]), 2)).not.toThrow();
  });
});

describe('the graph', () => {
  it('B090: reading values leaves the graph alone', () => {
    const a = leaf([1, 1]);
    const b = a.add(ng.ones([3, 2]));
    b.lt(1).tolist();
    b.tolist();
    b.toTypedArray();
    String(b);
    b.sum().item();
    b.pow(2).sum().backward();
    expect(a.grad!.tolist()).toEqual([12, 12]);
  });

  it('B092: a second backward through a graph that is gone says so', () => {
    const x = leaf([1, 1]);
    const y = x.mul(x).sum();
    y.backward();
    expect(() => y.backward()).toThrow(/second time/);
    expect(() => ng.autograd.grad(y, x)).toThrow(/second time/);
    const z = x.exp().sum();
    z.backward({ retainGraph: true });
    expect(() => z.backward()).not.toThrow();
    expect(() => z.backward()).toThrow(/second time/);
  });

  it('B096: a long graph runs and is walked and let go without recursion', () => {
    const x = leaf([1]);
    let y = x as ng.Tensor;
    for (let i = 0; i < 100_000; i++) y = y.add(1);
    y.backward();
    expect(x.grad!.item()).toBe(1);
    let z = x.mul(2);
    for (let i = 0; i < 50_000; i++) z = z.mul(1).add(z.mul(0));
    z.backward();
    expect(x.grad!.item()).toBe(3);
  });

  it('B145: two backward calls add up', () => {
    const x = leaf([1]);
    x.mul(2).sum().backward();
    x.mul(2).sum().backward();
    expect(x.grad!.item()).toBe(4);
    expect(ng.autograd.grad(x.mul(3).sum(), x)[0]!.item()).toBe(3);
    expect(x.grad!.item()).toBe(4);
  });

  it('B148: a mode ends with its block, also when that throws', () => {
    const fail = () => {
      throw new Error('stop');
    };
    expect(() => ng.noGrad(fail)).toThrow('stop');
    expect(ng.isGradEnabled()).toBe(true);
    expect(() => ng.inferenceMode(fail)).toThrow('stop');
    expect(ng.isGradEnabled()).toBe(true);
    expect(() => ng.noGrad(() => ng.enableGrad(fail))).toThrow('stop');
    expect(ng.isGradEnabled()).toBe(true);
    const x = leaf([1]);
    x.registerHook(fail);
    expect(() => x.mul(2).sum().backward()).toThrow('stop');
    expect(ng.isGradEnabled()).toBe(true);
    expect(leaf([1]).mul(2).requiresGrad).toBe(true);
  });

  it('B149: the gradient of an input that was not used is asked for by name', () => {
    const [a, b] = [leaf([1]), leaf([1])];
    expect(() => ng.autograd.grad(a.sum(), b)).toThrow(/allowUnused/);
    expect(ng.autograd.grad(a.sum(), [a, b], { allowUnused: true })[1]).toBeNull();
  });
});

describe('linear algebra', () => {
  it('B118: the gradient of an inverse, a solution and a triangular solution', () => {
    const values = [
      [2, 1],
      [1, 3],
    ];
    const expected = float([
      [-0.16, -0.08],
      [-0.08, -0.04],
    ]);
    const a = leaf(values);
    ng.inverse(a).sum().backward();
    expectClose(a.grad!, expected);
    const b = leaf(values);
    ng.linalg.solve(b, ng.eye(2)).sum().backward();
    expectClose(b.grad!, expected);
    const c = leaf(values);
    ng.linalg.solveTriangular(c, ng.eye(2), { upper: true }).sum().backward();
    expect(c.grad!.at(1, 0).item()).toBe(0);
  });
});

describe('memory', () => {
  it('B119: the gradient of a product takes matrices, not their outer product', () => {
    const a = ng.ones([256, 256], { requiresGrad: true });
    const before = process.memoryUsage().arrayBuffers;
    a.matmul(a).sum().backward();
    expect(a.grad!.at(0, 0).item()).toBe(512);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(256 * 256 * 256);
  });
});

describe('what comes in from outside', () => {
  it('B130: a shape whose product wraps around is refused', () => {
    const header = '{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}';
    const bytes = new Uint8Array(8 + header.length);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
    bytes.set(new TextEncoder().encode(header), 8);
    expect(() => parseSafetensors(bytes)).toThrow();
    expect(() => ng.zeros([4294967296, 4294967296])).toThrow(RangeError);
    expect(() => ng.zeros([1]).expand([4294967296, 4294967296])).toThrow(RangeError);
  });

  it('B140: ragged lists are refused', () => {
    expect(() => ng.tensor([[1, 2], [3]])).toThrow(/ragged/);
    expect(() => ng.tensor([[1, 2], 3])).toThrow();
    expect(() => ng.tensor([[], [1]])).toThrow();
  });

  it('B133: a worker that is ended in the middle of its kernels takes nothing with it', async () => {
    const script = fileURLToPath(new URL('./terminate.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 50_000 });
    expect(stdout).toBe('ended 4 workers\n');
  });
});
