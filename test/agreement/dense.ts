// What dense kernels are run with. Sums of small whole numbers are exact in any order, so there the bits must be equal;
// sums of positive numbers do not cancel, so there the bound is in units in the last place.
import type { DType } from '../../src/dtype.js';
import type { KernelName } from '../../src/kernels.js';
import { STATE_WORDS, seedWords } from '../../src/random/state.js';
import { indexingRules } from './indexing.js';
import { SIZES, type Values } from './operands.js';
import { optimRules } from './optim.js';

export interface DenseOperand {
  readonly dtype: DType;
  readonly length: number;
  readonly values?: Values;
}

export interface DenseCase {
  readonly operands: readonly (DenseOperand | null)[];
  readonly ints: readonly number[];
  readonly scalars?: readonly number[];
  readonly ulps?: number;
}

export interface DenseRule {
  readonly cases: () => Iterable<DenseCase>;
}

const FLOATS = ['float32', 'float64'] as const;
const REAL = [...FLOATS, 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'] as const;

/** [outer, n, inner] of a reduction. */
const REDUCTIONS = [
  ...SIZES.map((n) => [1, n, 1] as const),
  ...SIZES.map((n) => [3, n, 1] as const),
  ...SIZES.map((n) => [1, 5, n] as const),
  [2, 3, 4],
  [0, 4, 3],
  [5, 0, 3],
  [7, 33, 17],
  [1, 5000, 1],
  [2, 4097, 1],
  [1, 4097, 3],
] as const;

function* reductions(dtypes: readonly DType[], out: (dtype: DType) => DType, ulps: number): Iterable<DenseCase> {
  for (const dtype of dtypes) {
    for (const [outer, n, inner] of REDUCTIONS) {
      for (const values of ['whole', 'positive', 'special'] as const) {
        const operands = [
          { dtype: out(dtype), length: outer * inner },
          { dtype, length: outer * n * inner, values },
        ];
        yield { operands, ints: [outer, n, inner], ulps: values === 'positive' ? ulps : 0 };
      }
    }
  }
}

/** Reductions that carry float64: exact on whole numbers, a unit apart on others. */
function* folds(
  dtypes: readonly DType[],
  scalars: readonly (readonly number[])[],
  { results = 1, values = ['whole', 'positive', 'special'] as readonly Values[], ulps = 2 } = {},
): Iterable<DenseCase> {
  for (const dtype of dtypes) {
    for (const [outer, n, inner] of REDUCTIONS) {
      for (const set of scalars) {
        for (const each of values) {
          const result: DenseOperand = { dtype, length: outer * inner };
          const operands = [
            ...Array.from({ length: results }, () => result),
            { dtype, length: outer * n * inner, values: each },
          ];
          yield { operands, ints: [outer, n, inner], scalars: set, ulps };
        }
      }
    }
  }
}

/** Running sums and the like, forwards and backwards. */
function* scans(dtypes: readonly DType[], inputs: number, ulps: number): Iterable<DenseCase> {
  for (const dtype of dtypes) {
    for (const [outer, n, inner] of REDUCTIONS) {
      for (const reverse of [0, 1]) {
        for (const values of ['whole', 'positive', 'unit'] as const) {
          const length = outer * n * inner;
          const operands = Array.from({ length: inputs + 1 }, () => ({ dtype, length, values }));
          yield { operands, ints: [outer, n, inner, reverse], ulps: values === 'whole' ? 0 : ulps };
        }
      }
    }
  }
}

/** Numbers in steps, of a start that is far away too. */
function* sequences(): Iterable<DenseCase> {
  for (const dtype of [...FLOATS, 'int64', 'int32', 'int16', 'int8', 'uint8'] as const) {
    for (const length of [...SIZES, 100_000]) {
      for (const scalars of [
        [0, 1, 0],
        [-3.5, 0.1, 0],
        [2, -0.25, -7],
      ]) {
        yield { operands: [{ dtype, length }], ints: [], scalars };
      }
    }
  }
}

/** Numbers taken apart into mantissa and exponent. */
function* exponents(): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    for (const length of SIZES) {
      for (const values of ['any', 'edge'] as const) {
        yield {
          operands: [
            { dtype, length },
            { dtype: 'int32', length },
            { dtype, length, values },
          ],
          ints: [],
        };
      }
    }
  }
}

/** [batch, m, n, k] of a matrix product. */
const PRODUCTS = [
  [1, 0, 3, 4],
  [1, 3, 0, 4],
  [1, 3, 4, 0],
  [1, 1, 1, 1],
  [1, 1, 17, 5],
  [1, 17, 1, 5],
  [1, 2, 3, 4],
  [1, 7, 9, 8],
  [1, 16, 16, 16],
  [1, 33, 31, 17],
  [3, 5, 6, 7],
  [1, 64, 10, 256],
  [1, 13, 65, 130],
] as const;

const TRANSPOSED = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

const ADDED = [
  [false, 0],
  [true, 0],
  [false, 1],
] as const;

function* products(): Iterable<DenseCase> {
  for (const dtype of ['float32', 'float64', 'int64', 'int32'] as const) {
    for (const [batch, m, n, k] of PRODUCTS) {
      for (const [transA, transB] of TRANSPOSED) {
        for (const [bias, accumulate] of ADDED) {
          for (const values of ['whole', 'positive'] as const) {
            yield {
              operands: [
                { dtype, length: batch * m * n, values },
                { dtype, length: batch * m * k, values },
                { dtype, length: k * n, values },
                bias ? { dtype, length: n, values } : null,
              ],
              ints: [batch, m, n, k, transA, transB, m * k, 0, accumulate],
              ulps: values === 'positive' ? 32 : 0,
            };
          }
        }
      }
    }
  }
}

function stateWords(seed: number): number[] {
  const words = new Int32Array(STATE_WORDS);
  seedWords(words, seed);
  return [...words];
}

/** Draws of every size from two seeds: the same numbers, and the same state after them. */
function* draws(
  dtypes: readonly DType[],
  scalars: readonly (readonly number[])[],
  rest: { operands?: (length: number) => (DenseOperand | null)[]; ints?: readonly number[]; ulps?: number } = {},
): Iterable<DenseCase> {
  for (const dtype of dtypes) {
    for (const set of scalars) {
      for (const length of [0, 1, 2, 5, 15, 16, 17, 33, 700]) {
        for (const seed of [0, 42]) {
          const state: DenseOperand = { dtype: 'int32', length: STATE_WORDS, values: stateWords(seed) };
          const operands = [{ dtype, length }, state, ...(rest.operands?.(length) ?? [])];
          yield { operands, ints: rest.ints ?? [], scalars: set, ulps: rest.ulps ?? 0 };
        }
      }
    }
  }
}

function* multinomials(): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    for (const [rows, categories, samples] of [
      [1, 4, 64],
      [3, 4, 8],
      [2, 1, 5],
      [1, 100, 10],
    ] as const) {
      for (const values of ['positive', [1, 0, 2, 0], [-1, 2], [0]] as const) {
        const operands: DenseOperand[] = [
          { dtype: 'int64', length: rows * samples },
          { dtype: 'int32', length: STATE_WORDS, values: stateWords(7) },
          { dtype, length: rows * categories, values },
          { dtype, length: categories },
        ];
        yield { operands, ints: [rows, categories, samples] };
      }
    }
  }
}

export const denseRules: { readonly [name in KernelName]?: DenseRule } = {
  sequence: { cases: sequences },
  sum: {
    cases: function* cases() {
      yield* reductions([...FLOATS, 'int64', 'int32'], (dtype) => dtype, 4);
      yield* reductions(['int32', 'int16', 'int8', 'uint8', 'bool'], () => 'int64', 0);
    },
  },
  prod: { cases: () => folds([...FLOATS, 'int64', 'int32'], [[]], { ulps: 64 }) },
  any: { cases: () => reductions(REAL, () => 'bool', 0) },
  all: { cases: () => reductions(REAL, () => 'bool', 0) },
  variance: { cases: () => folds(FLOATS, [[0], [1], [7]], { results: 2, ulps: 64 }) },
  norm: { cases: () => folds(FLOATS, [[0], [1], [2], [3.5], [0.5], [-1], [Infinity], [-Infinity]], { ulps: 64 }) },
  logSumExp: { cases: () => folds(FLOATS, [[]], { values: ['positive', 'special', 'unit'], ulps: 8 }) },
  cumsum: { cases: () => scans([...FLOATS, 'int64'], 1, 0) },
  cumprod: { cases: () => scans([...FLOATS, 'int64'], 1, 0) },
  logCumSumExp: { cases: () => scans(FLOATS, 1, 16) },
  recurrence: { cases: () => scans([...FLOATS, 'int64'], 2, 0) },
  frexp: { cases: exponents },
  gemm: { cases: products },
  ...optimRules,
  ...indexingRules,
  randomUniform: {
    cases: () =>
      draws(FLOATS, [
        [0, 1],
        [-1, 1],
        [-1e30, 1e30],
      ]),
  },
  randomNormal: {
    cases: function* cases() {
      for (const serial of [0, 1])
        yield* draws(
          FLOATS,
          [
            [0, 1],
            [2, 3],
          ],
          { ints: [serial] },
        );
    },
  },
  randomInteger: {
    cases: () =>
      draws(REAL, [
        [0, 100, 0, 0],
        [0, 2, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 10, -1, -5],
      ]),
  },
  randomPermutation: {
    cases: () =>
      draws(
        REAL.filter((dtype) => dtype !== 'bool'),
        [[]],
      ),
  },
  randomBernoulli: {
    cases: function* cases() {
      yield* draws(
        REAL,
        [
          [0.5, 1],
          [0, 1],
          [1, 1],
          [0.9, 2],
        ],
        { operands: () => [null] },
      );
      for (const dtype of FLOATS) {
        const probabilities = (length: number): DenseOperand[] => [{ dtype, length, values: [0, 0.25, 0.5, 1] }];
        yield* draws(['float32', 'float64', 'bool'], [[0.5, 1]], { operands: probabilities });
      }
    },
  },
  randomExponential: { cases: () => draws(FLOATS, [[1], [2.5]]) },
  randomGeometric: {
    cases: () =>
      draws(
        REAL.filter((dtype) => dtype !== 'bool'),
        [[0.3], [1]],
      ),
  },
  randomCauchy: {
    cases: () =>
      draws(FLOATS, [
        [0, 1],
        [2, 0.5],
      ]),
  },
  randomLogNormal: {
    cases: () =>
      draws(FLOATS, [
        [1, 2],
        [0, 0.25],
      ]),
  },
  randomPoisson: {
    cases: () =>
      draws(FLOATS, [[]], {
        operands: (length) => [{ dtype: 'float64', length, values: [0, 0.5, 3, 9.9, 10, 250.5] }],
      }),
  },
  randomMultinomial: { cases: multinomials },
};
