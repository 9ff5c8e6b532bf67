// What the linear algebra kernels are run with. Both backends do the same operations in the same order: the same bits.
import type { KernelName } from '../../src/kernels.js';
import type { DenseCase, DenseOperand, DenseRule } from './dense.js';

const SIZES = [1, 2, 3, 4, 5, 7, 8, 12];
const doubles = (length: number, values: DenseOperand['values'] = 'unit'): DenseOperand => ({
  dtype: 'float64',
  length,
  values,
});
const words = (length: number): DenseOperand => ({ dtype: 'int32', length });

/** A symmetric matrix of the order of a tridiagonal one with a heavy diagonal: positive definite. */
function definite(n: number): number[] {
  return Array.from({ length: n * n }, (_, i) => {
    const distance = Math.abs(Math.floor(i / n) - (i % n));
    return distance === 0 ? 4 + (i % 3) : 1 / (1 + distance);
  });
}

function* shapes(): Iterable<[batch: number, m: number, n: number]> {
  for (const n of SIZES)
    yield* [
      [1, n, n],
      [2, n + 3, n],
      [1, n, n + 2],
    ] as [number, number, number][];
}

const rule = (cases: () => Iterable<DenseCase>): DenseRule => ({ cases });

/** [rows, n] of normalized rows. */
const ROWS = [1, 7, 8, 9, 15, 16, 17, 31, 33].map((n) => [3, n] as const);

function* normalized(output: boolean): Iterable<DenseCase> {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const [rows, n] of ROWS) {
      const matrix = { dtype, length: rows * n, values: 'positive' } as const;
      const vector = { dtype, length: n, values: 'positive' } as const;
      const perRow = { dtype, length: rows, values: 'positive' } as const;
      // The sums run in lanes of other widths, and what they give is subtracted.
      const ulps = 4096;
      if (output)
        yield { operands: [matrix, matrix, matrix, n % 2 ? vector : null, perRow, perRow], ints: [rows, n], ulps };
      else yield { operands: [vector, vector, matrix, matrix, perRow, perRow], ints: [rows, n], ulps };
    }
  }
}

/** [batch, heads, rows, columns, width, valueWidth, causal] of attention. */
const ATTENTIONS = [
  [1, 1, 1, 1, 1, 1, 0],
  [2, 3, 5, 7, 3, 2, 0],
  [2, 1, 33, 9, 8, 17, 1],
  [1, 2, 40, 300, 5, 4, 1],
  [1, 2, 9, 270, 16, 3, 0],
] as const;

/** Distances of dense matrices [batch, heads, rows, width]. */
const steps = (heads: number, rows: number, width: number): number[] => [heads * rows * width, rows * width, width];

function* attentions(backward: boolean): Iterable<DenseCase> {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const [index, sizes] of ATTENTIONS.entries()) {
      const [batch, heads, rows, columns, width, valueWidth] = sizes;
      const matrices = batch * heads;
      const make = (m: number, n: number): [DenseOperand, number[]] => [
        { dtype, length: matrices * m * n, values: 'positive' },
        steps(heads, m, n),
      ];
      const query = make(rows, width);
      const key = make(columns, width);
      const value = make(columns, valueWidth);
      const result = make(rows, valueWidth);
      const mask: [DenseOperand | null, number[]] = index % 2 ? make(rows, columns) : [null, [0, 0, 0]];
      const logSums: DenseOperand = { dtype, length: matrices * rows, values: 'positive' };
      const all = backward
        ? [query, key, value, result, query, key, value, mask, result]
        : [result, query, key, value, mask];
      const operands = all.map(([operand]) => operand);
      yield {
        operands: backward ? [...operands, logSums] : [operands[0]!, logSums, ...operands.slice(1)],
        ints: [...sizes, ...all.flatMap(([, distances]) => distances)],
        scalars: [0.3],
        // Sums in lanes of other widths, and exponentials of them; in the gradient differences of such sums.
        ulps: backward ? 1 << 18 : 16384,
      };
    }
  }
}

/** [batch, channels, inner] of normalized channels. */
const CHANNELS = [
  ...[1, 7, 8, 9, 16, 17, 33].map((inner) => [2, 3, inner] as const),
  ...[5, 64, 75, 300].map((channels) => [35, channels, 1] as const),
];

function* channelNorms(backward: boolean): Iterable<DenseCase> {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const sizes of CHANNELS) {
      for (const training of [0, 1]) {
        const [batch, channels, inner] = sizes;
        const whole = { dtype, length: batch * channels * inner, values: 'positive' } as const;
        const each = { dtype, length: channels, values: 'positive' } as const;
        const weight = inner % 2 ? each : null;
        // The sums run in lanes of other widths, and what they give is subtracted.
        const ulps = 1 << 16;
        const ints = [...sizes, training];
        if (backward) yield { operands: [whole, each, each, whole, whole, weight, each, each], ints, ulps };
        else yield { operands: [whole, whole, weight, weight, each, each, each], ints, scalars: [0.5], ulps };
      }
    }
  }
}

/** [rows, groups, channels of a group, inner]. */
const GROUPS = [
  [4, 2, 3, 1],
  [3, 3, 37, 1],
  [6, 2, 2, 7],
  [2, 1, 5, 33],
  [4, 4, 1, 130],
] as const;

function* groupNorms(backward: boolean): Iterable<DenseCase> {
  for (const dtype of ['float32', 'float64'] as const) {
    for (const [i, sizes] of GROUPS.entries()) {
      const [rows, groups, width, inner] = sizes;
      const make = (length: number): DenseOperand => ({ dtype, length, values: 'positive' });
      const [whole, perRow, channels] = [make(rows * width * inner), make(rows), make(rows * width)];
      const weight = i % 2 ? make(groups * width) : null;
      // The sums run in lanes of other widths, and what they give is subtracted.
      const common = { ints: [...sizes], ulps: 1 << 16 };
      if (backward) yield { operands: [whole, channels, channels, whole, whole, weight, perRow, perRow], ...common };
      else yield { operands: [whole, whole, weight, weight, perRow, perRow], scalars: [0.5], ...common };
    }
  }
}

export const linearRules: { readonly [name in KernelName]?: DenseRule } = {
  attention: rule(() => attentions(false)),
  attentionBackward: rule(() => attentions(true)),
  batchNorm: rule(() => channelNorms(false)),
  batchNormBackward: rule(() => channelNorms(true)),
  groupNorm: rule(() => groupNorms(false)),
  groupNormBackward: rule(() => groupNorms(true)),
  layerNorm: rule(function* () {
    for (const dtype of ['float32', 'float64'] as const) {
      for (const [rows, n] of ROWS) {
        const matrix = { dtype, length: rows * n, values: 'positive' } as const;
        const vector = { dtype, length: n, values: 'positive' } as const;
        const perRow = { dtype, length: rows } as const;
        yield {
          operands: [matrix, matrix, n % 2 ? vector : null, null, perRow, perRow],
          ints: [rows, n],
          scalars: [0.5],
          ulps: 4096,
        };
      }
    }
  }),
  layerNormBackward: rule(() => normalized(true)),
  layerNormParameters: rule(() => normalized(false)),
  fft: rule(function* () {
    for (const [n, m] of [
      [1, 1],
      [2, 2],
      [8, 8],
      [32, 32],
      [3, 8],
      [5, 16],
      [12, 32],
      [33, 128],
    ] as const) {
      const direct = n === m;
      const complex = (): DenseOperand => ({ dtype: 'complex64', length: 3 * n, values: 'unit' });
      for (const inverse of [0, 1]) {
        yield {
          operands: [complex(), complex(), doubles(direct ? m : m + 2 * n), doubles(direct ? 2 * m : 4 * m)],
          ints: [3, n, m, inverse],
          scalars: [0.5],
        };
      }
    }
  }),
  luFactor: rule(function* () {
    for (const [batch, m, n] of shapes())
      yield { operands: [doubles(batch * m * n), words(batch * Math.min(m, n)), words(batch)], ints: [batch, m, n] };
    yield { operands: [doubles(9, [0]), words(3), words(1)], ints: [1, 3, 3] };
  }),
  choleskyFactor: rule(function* () {
    for (const n of SIZES) yield { operands: [doubles(n * n, definite(n)), words(1)], ints: [1, n] };
  }),
  triangularSolve: rule(function* () {
    for (const n of SIZES) {
      for (const flags of [0, 1, 2, 3, 4, 5, 6, 7]) {
        yield {
          operands: [doubles(2 * n * 3), doubles(2 * n * n, 'positive')],
          ints: [2, n, 3, flags & 1, (flags >> 1) & 1, flags >> 2],
        };
      }
    }
  }),
  qrFactor: rule(function* () {
    for (const [batch, m, n] of shapes())
      yield { operands: [doubles(batch * m * n), doubles(batch * Math.min(m, n)), doubles(n)], ints: [batch, m, n] };
  }),
  householderProduct: rule(function* () {
    for (const n of SIZES) yield { operands: [doubles((n + 2) * n), doubles(n), doubles(n)], ints: [1, n + 2, n, n] };
  }),
  symmetricEigen: rule(function* () {
    for (const n of SIZES) yield { operands: [doubles(n * n, definite(n)), doubles(n), doubles(3 * n)], ints: [1, n] };
  }),
  svdFactor: rule(function* () {
    for (const n of SIZES)
      yield {
        operands: [doubles(2 * (n + 2) * (n + 3)), doubles(2 * n), doubles(2 * n * n)],
        ints: [2, n + 3, n, n + 2],
      };
  }),
  generalEigen: rule(function* () {
    for (const n of [...SIZES, 17]) {
      for (const values of ['unit', 'whole', definite(n)] as const) {
        for (const vectors of [doubles(4 * n * n), null]) {
          const work = doubles(7 * n + (vectors === null ? 0 : n * n));
          yield { operands: [doubles(2 * n * n, values), doubles(4 * n), vectors, work], ints: [2, n] };
        }
      }
    }
    const balanced = [2, 1e9, 0, 0, 1e-9, 3, 0, 0, 1, 1, 5, 0, 1, 1e6, 1, 7];
    yield { operands: [doubles(16, balanced), doubles(8), doubles(32), doubles(44)], ints: [1, 4] };
  }),
  ldlFactor: rule(function* () {
    for (const n of [...SIZES, 17]) {
      for (const values of ['unit', 'whole', [0]] as const) {
        yield { operands: [doubles(2 * n * n, values), words(2 * n), words(2)], ints: [2, n] };
      }
    }
  }),
  ldlSolve: rule(function* () {
    const pivots = { dtype: 'int32' as const, length: 5, values: [2, -3, -3, 4, 5] };
    for (const m of [0, 1, 3]) yield { operands: [doubles(5 * m), doubles(25, 'positive'), pivots], ints: [1, 5, m] };
    for (const values of [[0], [6], [-1, -2], [1, 2, 3, 4, -5]]) {
      yield { operands: [doubles(10), doubles(25), { ...pivots, values }], ints: [1, 5, 2] };
    }
  }),
};
