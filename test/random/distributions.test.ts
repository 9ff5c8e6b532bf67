import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { kernels } from '../../src/backends/index.js';
import type { DType } from '../../src/dtype.js';
import { Generator } from '../../src/random/generator.js';
import { bits, operand, type PlainOperand } from './kernels.js';

const seeded = (seed = 42): Generator => new Generator().manualSeed(seed);

function list(x: PlainOperand): unknown[] {
  return Array.from(x.data as Float32Array);
}

function filled(dtype: DType, n: number, fill: (out: PlainOperand) => void): unknown[] {
  const out = operand(dtype, [n]);
  fill(out);
  return list(out);
}

// What PyTorch 1.13 draws where the vectors have no row.
describe('every dtype', () => {
  const random = (dtype: DType, range: bigint): unknown[] =>
    filled(dtype, 6, (out) =>
      kernels.randomInteger(out, seeded().state, Number(range >> 32n), Number(range & 0xffffffffn), 0, 0),
    );

  test('random_()', () => {
    expect(random('float32', 2n ** 24n + 1n)).toEqual([14801927, 15351016, 6423145, 16094432, 6550447, 10081152]);
    expect(random('float64', 2n ** 53n + 1n)).toEqual([
      523809042610868, 566644413140339, 1113164382588524, 473600017246026, 4739335117215546, 4294495278986135,
    ]);
    expect(random('int64', 2n ** 63n)).toEqual([
      6909045637428952499n,
      8314211556539077902n,
      4279532810384561223n,
      1819927849474927636n,
      2878035897379592313n,
      2877591057541362902n,
    ]);
    expect(random('int32', 2n ** 31n)).toEqual([1608637542, 1273642419, 1935803228, 787846414, 996406378, 1201263687]);
    expect(random('int16', 2n ** 15n)).toEqual([23654, 15795, 860, 5390, 29802, 21575]);
    expect(random('int8', 128n)).toEqual([102, 51, 92, 14, 106, 71]);
    expect(random('uint8', 256n)).toEqual([102, 179, 92, 14, 106, 71]);
    expect(random('bool', 2n)).toEqual([0, 1, 0, 0, 0, 1]);
  });

  test('random_ over all 64 bits', () => {
    const drawn = filled('int64', 3, (out) => kernels.randomInteger(out, seeded().state, 0, 0, 0, 0));
    expect(drawn).toEqual([6909045637428952499n, -909160480315697906n, -4943839226470214585n]);
  });

  test('geometric_ wraps in narrow integers', () => {
    const draw = (dtype: DType): unknown[] =>
      filled(dtype, 6, (out) => kernels.randomGeometric(out, seeded().state, 0.01));
    expect(draw('int64')).toEqual([284n, 276n, 209n, 294n, 64n, 74n]);
    expect(draw('int16')).toEqual([284, 276, 209, 294, 64, 74]);
    expect(draw('uint8')).toEqual([28, 20, 209, 38, 64, 74]);
    expect(draw('float64')).toEqual([284, 276, 209, 294, 64, 74]);
  });

  test('a permutation is the same in every dtype', () => {
    for (const dtype of ['int32', 'int16', 'uint8', 'float32', 'float64'] as const) {
      expect(filled(dtype, 10, (out) => kernels.randomPermutation(out, seeded(3).state))).toEqual([
        6, 0, 3, 7, 8, 5, 1, 9, 2, 4,
      ]);
    }
    expect(filled('int64', 0, (out) => kernels.randomPermutation(out, seeded().state))).toEqual([]);
  });

  test('bernoulli_ of integers, and with float64 probabilities', () => {
    const generator = seeded();
    expect(filled('int64', 12, (out) => kernels.randomBernoulli(out, generator.state, null, 0.3, 1))).toEqual(
      [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 0].map(BigInt),
    );
    const p = operand('float64', [12], new Array(12).fill(0.3));
    expect(filled('float32', 12, (out) => kernels.randomBernoulli(out, generator.state, p, 0, 1))).toEqual([
      0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0,
    ]);
  });
});

test('bernoulli_ at the ends of the range, in lengths around the vector width', () => {
  for (const n of [0, 1, 3, 4, 5, 311, 313, 1000]) {
    const always = filled('float32', n, (out) => kernels.randomBernoulli(out, seeded().state, null, 1, 2));
    expect(always).toEqual(new Array(n).fill(2));
    const never = filled('float32', n, (out) => kernels.randomBernoulli(out, seeded().state, null, 0, 2));
    expect(never).toEqual(new Array(n).fill(0));
    const floats = filled('float32', n, (out) => kernels.randomBernoulli(out, seeded().state, null, 0.3, 1));
    const doubles = filled('float64', n, (out) => kernels.randomBernoulli(out, seeded().state, null, 0.3, 1));
    expect(floats).toEqual(doubles);
  }
});

test('normal_ of a tensor with gaps is drawn one by one', () => {
  const drawn = filled('float32', 20, (out) => kernels.randomNormal(out, seeded().state, 1, 2, 3));
  expect(drawn).toEqual([
    3.010071039199829, 2.386428117752075, 2.7033870220184326, 2.6909990310668945, -1.3685691356658936,
    1.4410151243209839, 8.624604225158691, 0.08600883185863495, 3.3849716186523438, 2.8020524978637695,
    3.6047141551971436, 4.42807149887085, 5.330871105194092, -3.069396734237671, -0.966879665851593, 4.873915195465088,
    5.966405391693115, 4.451569080352783, -0.2975158095359802, -0.25186702609062195,
  ]);
});

test('a large fill is the blocks of small ones, on any number of threads', () => {
  const whole = operand('float32', [600_000]);
  kernels.randomNormal(whole, seeded().state, 0, 0, 1);
  const generator = seeded();
  const part = operand('float32', [16_000]);
  for (let begin = 0; begin < 600_000; begin += 16_000) {
    const length = Math.min(16_000, 600_000 - begin);
    const out = length === 16_000 ? part : operand('float32', [length]);
    kernels.randomNormal(out, generator.state, 0, 0, 1);
    const same =
      Buffer.compare(bits((whole.data as Float32Array).subarray(begin, begin + length)), bits(out.data)) === 0;
    expect(same, `from ${begin} on`).toBe(true);
  }
});

describe('float64, as PyTorch draws without fused multiply-add', () => {
  const double = (fill: (out: PlainOperand) => void): unknown[] => filled('float64', 20, fill).slice(0, 8);

  test('normal_, exponential_, log_normal_, cauchy_', () => {
    expect(double((out) => kernels.randomNormal(out, seeded().state, 0, 2, 3))).toEqual([
      2.898668863250791, 2.727133372426823, 2.8496221832538597, 1.3011733730485209, 1.8883909781884252,
      5.105741891753878, 1.9697434348929879, 2.268440481396811,
    ]);
    expect(double((out) => kernels.randomExponential(out, seeded().state, 2.5))).toEqual([
      0.02396560627632086, 0.02599045151735412, 0.05276671199363623, 0.021605180716277664, 0.2987642698613506,
      0.25910493557970743, 1.2425377351201952, 1.056638676588481,
    ]);
    expect(double((out) => kernels.randomLogNormal(out, seeded().state, 1, 2))).toEqual([
      5.330157080559128, 3.517036776692234, 4.34456103815977, 4.3088284931287575, 0.2877357503696584, 1.872629141429076,
      225.0680207990022, 0.7588173975005741,
    ]);
    expect(double((out) => kernels.randomCauchy(out, seeded().state, 1.5, 2.5))).toEqual([
      -12.031218242493283, -10.98425270014091, -4.612185816817934, -13.496598538978896, 1.7060180590188525,
      1.3173439062735983, 19.159647141548046, 12.48202131831421,
    ]);
  });
});

describe('poisson', () => {
  test('small and large rates', () => {
    const rates = [0, 1, 5, 9.9, 10, 50, 1000, 1e6, 1e12, 15, 20, 12];
    const x = operand('float64', [12], rates);
    expect(filled('float64', 12, (out) => kernels.randomPoisson(out, seeded(3).state, x))).toEqual([
      0, 0, 5, 9, 6, 51, 977, 998332, 1000000196828, 5, 13, 16,
    ]);
  });

  test('twenty thousand of them', () => {
    const generator = seeded(1);
    const rates = operand('float64', [20_000]);
    kernels.randomUniform(rates, generator.state, 0, 1);
    for (let i = 0; i < 20_000; i++) rates.data[i] = ((rates.data[i] as number) * 60) as never;
    const out = operand('float64', [20_000]);
    kernels.randomPoisson(out, generator.state, rates);
    expect(list(out).slice(0, 8)).toEqual([3, 14, 12, 8, 31, 10, 32, 42]);
    expect(createHash('sha256').update(bits(out.data)).digest('hex')).toBe(
      '4fc694a78d985bc137aa05242d42e2f5d48b981341aa329e6aedd42c8a37a257',
    );
  });
});

describe('what the kernels refuse', () => {
  test('weights that are no probabilities', () => {
    for (const weights of [
      [1, -1],
      [0, 0],
      [1, Number.NaN],
      [1, Number.POSITIVE_INFINITY],
    ]) {
      expect(() =>
        kernels.randomMultinomial(
          operand('int64', [3]),
          seeded().state,
          operand('float32', [2], weights),
          operand('float32', [2]),
          1,
          2,
          3,
        ),
      ).toThrow(/randomMultinomial/);
    }
  });

  test('operands that are too short, or of the wrong dtype', () => {
    const out = operand('float32', [4]);
    expect(() => kernels.randomUniform(out, operand('int32', [639]), 0, 1)).toThrow();
    expect(() => kernels.randomUniform(out, operand('float32', [640]), 0, 1)).toThrow();
    expect(() => kernels.randomUniform(operand('int32', [4]), seeded().state, 0, 1)).toThrow();
    expect(() => kernels.randomBernoulli(out, seeded().state, operand('float32', [3]), 0, 1)).toThrow();
    expect(() => kernels.randomInteger(out, seeded().state, Number.NaN, 0, 0, 0)).toThrow();
    expect(() =>
      kernels.randomMultinomial(
        operand('int64', [2]),
        seeded().state,
        operand('float32', [2], [1, 1]),
        operand('float32', [2]),
        1,
        2,
        3,
      ),
    ).toThrow();
  });

  test('a state whose position makes no sense is read as exhausted', () => {
    const state = operand('int32', [640]);
    for (const left of [0, -1, 2 ** 31 - 1, 625]) {
      state.data[624] = left;
      expect(() => kernels.randomUniform(operand('float32', [2000]), state, 0, 1)).not.toThrow();
    }
  });
});
