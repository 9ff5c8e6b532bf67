import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { kernels } from '../../src/backends/index.js';
import type { DType } from '../../src/dtype.js';
import { Generator } from '../../src/random/generator.js';
import { load } from '../vectors/reader.mjs';
import { bits, operand, type PlainOperand } from './kernels.js';

interface StreamCase {
  id: string;
  type: string;
  call: string;
  seed: number;
  out: number[];
  scalar?: number[];
  arrays: { dtype: DType; shape: number[]; data: PlainOperand['data'] }[];
}

const cases = load(fileURLToPath(new URL('../vectors/rng.json', import.meta.url))).cases as unknown as StreamCase[];

type Results = PlainOperand[];

/** A kernel call on a fresh operand. */
function draw(dtype: DType, shape: readonly number[], fill: (out: PlainOperand) => void): PlainOperand {
  const out = operand(dtype, shape);
  fill(out);
  return out;
}

function normal(g: Generator, dtype: DType, shape: readonly number[], mean = 0, std = 1): PlainOperand {
  return draw(dtype, shape, (out) => kernels.randomNormal(out, g.state, 0, mean, std));
}

function uniform(g: Generator, dtype: DType, shape: readonly number[], from = 0, to = 1): PlainOperand {
  return draw(dtype, shape, (out) => kernels.randomUniform(out, g.state, from, to));
}

function integer(g: Generator, dtype: DType, n: number, low: bigint, range: bigint): PlainOperand {
  const high = (value: bigint): number => Number(BigInt.asUintN(32, value >> 32n));
  const lower = (value: bigint): number => Number(BigInt.asUintN(32, value));
  return draw(dtype, [n], (out) =>
    kernels.randomInteger(out, g.state, high(range), lower(range), high(low), lower(low)),
  );
}

function bernoulli(g: Generator, shape: readonly number[], probability: number, scale = 1): PlainOperand {
  return draw('float32', shape, (out) => kernels.randomBernoulli(out, g.state, null, probability, scale));
}

function multinomial(g: Generator, rows: number, samples: number, replacement: boolean): PlainOperand {
  const weights = [0.1, 0.2, 0.3, 0.4];
  const table = operand('float32', [rows, 4], Array.from({ length: rows }, () => weights).flat());
  const shape = rows === 1 ? [samples] : [rows, samples];
  const out = operand('int64', shape);
  if (replacement && samples > 1) {
    kernels.randomMultinomial(out, g.state, table, operand('float32', [4]), rows, 4, samples);
    return out;
  }
  // Without replacement: the largest of weight / exponential.
  const noise = draw('float32', [rows, 4], (q) => kernels.randomExponential(q, g.state, 1));
  for (let row = 0; row < rows; row++) {
    const scores = weights.map((_, i) =>
      Math.fround((table.data[row * 4 + i] as number) / (noise.data[row * 4 + i] as number)),
    );
    const order = [0, 1, 2, 3].sort((a, b) => scores[b]! - scores[a]!);
    for (let i = 0; i < samples; i++) out.data[row * samples + i] = BigInt(order[i]!) as never;
  }
  return out;
}

/** Calls by what they look like in PyTorch. */
const calls: [RegExp, (g: Generator, m: string[]) => Results][] = [
  [/^normal_\((\d+),mean=2,std=3\)$/, (g, [n]) => [normal(g, 'float32', [Number(n)], 2, 3)]],
  [/^uniform_\((\d+),-1,1\)$/, (g, [n]) => [uniform(g, 'float32', [Number(n)], -1, 1)]],
  [/^rand\((\d+)\)$/, (g, [n]) => [uniform(g, 'float32', [Number(n)])]],
  [/^rand\((\d+),float64\)$/, (g, [n]) => [uniform(g, 'float64', [Number(n)])]],
  [/^randn\((\d+)\)$/, (g, [n]) => [normal(g, 'float32', [Number(n)])]],
  [/^randn\((\d+),float64\)$/, (g, [n]) => [normal(g, 'float64', [Number(n)])]],
  [/^rand(\[.*\])$/, (g, [shape]) => [uniform(g, 'float32', JSON.parse(shape!) as number[])]],
  [/^randn(\[.*\])$/, (g, [shape]) => [normal(g, 'float32', JSON.parse(shape!) as number[])]],
  [
    /^randint\((-?\d+),(\d+),(\d+)(?:,(\w+))?\)$/,
    (g, [low, high, n, dtype]) => [
      integer(g, (dtype ?? 'int64') as DType, Number(n), BigInt(low!), BigInt(high!) - BigInt(low!)),
    ],
  ],
  [/^randperm\((\d+)\)$/, (g, [n]) => [draw('int64', [Number(n)], (out) => kernels.randomPermutation(out, g.state))]],
  [/^bernoulli_\((.*),64\)$/, (g, [p]) => [bernoulli(g, [64], Number(p))]],
  [
    /^bernoulli\(full\((.*)\),64\)$/,
    (g, [p]) => [
      draw('float32', [64], (out) =>
        kernels.randomBernoulli(out, g.state, operand('float32', [64], new Array(64).fill(Number(p))), 0, 1),
      ),
    ],
  ],
  [
    /^bernoulli\(linspace\(0,1,20\)\)$/,
    (g) => {
      // linspace counts up from the start to the middle and down from the end after it.
      const step = Math.fround(1 / 19);
      const ramp = Array.from({ length: 20 }, (_, i) => (i < 10 ? step * i : 1 - step * (19 - i)));
      return [
        draw('float32', [20], (out) => kernels.randomBernoulli(out, g.state, operand('float32', [20], ramp), 0, 1)),
      ];
    },
  ],
  [/^multinomial\(\[\.1,\.2,\.3,\.4\],(\d+)(,replacement)?\)$/, (g, [n, r]) => [multinomial(g, 1, Number(n), !!r)]],
  [
    /^multinomial\(\[\[\.1,\.2,\.3,\.4\]\]\*3,(\d+)(,replacement)?\)$/,
    (g, [n, r]) => [multinomial(g, 3, Number(n), !!r)],
  ],
  [
    /^exponential_\((\d+)(?:,(.*))?\)$/,
    (g, [n, rate]) => [
      draw('float32', [Number(n)], (out) => kernels.randomExponential(out, g.state, Number(rate ?? 1))),
    ],
  ],
  [/^cauchy_\((\d+)\)$/, (g, [n]) => [draw('float32', [Number(n)], (out) => kernels.randomCauchy(out, g.state, 0, 1))]],
  [
    /^log_normal_\((\d+)\)$/,
    (g, [n]) => [draw('float32', [Number(n)], (out) => kernels.randomLogNormal(out, g.state, 1, 2))],
  ],
  [
    /^geometric_\((\d+),(.*)\)$/,
    (g, [n, p]) => [draw('float32', [Number(n)], (out) => kernels.randomGeometric(out, g.state, Number(p)))],
  ],
  [/^random_\(64\)$/, (g) => [integer(g, 'float32', 64, 0n, 2n ** 24n + 1n)]],
  [/^random_\(64,int64\)$/, (g) => [integer(g, 'int64', 64, 0n, 2n ** 63n)]],
  [
    /^normal\(0,arange\(1\.\.5\)\)$/,
    (g) => {
      const out = normal(g, 'float32', [5]);
      for (let i = 0; i < 5; i++) out.data[i] = ((out.data[i] as number) * (i + 1)) as never;
      return [out];
    },
  ],
  [
    /^rand\(3\);randn\(5\);rand\(2\)$/,
    (g) => [uniform(g, 'float32', [3]), normal(g, 'float32', [5]), uniform(g, 'float32', [2])],
  ],
  [
    /^randn\(3\);manual_seed\(same\);randn\(3\)$/,
    (g) => {
      const first = normal(g, 'float32', [3]);
      g.manualSeed(g.initialSeed());
      return [first, normal(g, 'float32', [3])];
    },
  ],
  [/^randn\(20,float64\);randn\(3\)$/, (g) => [normal(g, 'float64', [20]), normal(g, 'float32', [3])]],
  [
    /^dropout\(ones\((\d+)\),(.*)\)$/,
    (g, [n, p]) => {
      const keep = 1 - Number(p);
      return [bernoulli(g, [Number(n)], keep, Math.fround(1 / Math.fround(keep)))];
    },
  ],
];

/** Streams that need modules, ops or samplers on top of a generator: `npm run conformance` runs those. */
const onTop = /^(nn\.|init\.|DataLoader|random_split|\w*Sampler|dropout2d|dropout\(ones\(4,5\)|rrelu|gumbel)/;

describe("PyTorch's random streams, bit for bit", () => {
  const streams = cases.filter((c) => c.type === 'stream' && !onTop.test(c.call));
  test('there are many', () => expect(streams.length).toBeGreaterThan(110));

  test.each(streams)('$id', (c) => {
    const found = calls.find(([pattern]) => pattern.test(c.call));
    expect(found, `no way to call ${c.call}`).toBeDefined();
    const [pattern, run] = found!;
    const results = run(new Generator().manualSeed(c.seed), pattern.exec(c.call)!.slice(1));
    const expected = (c.scalar ?? c.out).map((k) => c.arrays[k]!);
    expect(results.length).toBe(expected.length);
    expected.forEach((array, i) => {
      expect(results[i]!.shape).toEqual(array.shape);
      expect(Array.from(results[i]!.data as Float32Array)).toEqual(Array.from(array.data as Float32Array));
      expect(bits(results[i]!.data)).toEqual(bits(array.data));
    });
  });

  test.each(cases.filter((c) => c.type === 'raw'))('$id', (c) => {
    const result = integer(new Generator().manualSeed(c.seed), 'int64', 700, 0n, 2n ** 31n);
    expect(bits(result.data)).toEqual(bits(c.arrays[c.out[0]!]!.data));
  });
});
