// How far native and WASM may be apart, kernel by kernel, and what the kernels that need particular sizes are given.
//
// A strided kernel needs no entry: it is run on every dtype that it takes, in all layouts, on random and edge values,
// and both backends must give the same bits. An entry widens the bound, or says which dtypes its operands have or which
// scalars it wants. A dense kernel always needs an entry with its cases: nobody can guess what its sizes mean.
import type { DType } from '../../src/dtype.js';
import type { KernelName } from '../../src/kernels.js';
import type { Values } from './operands.js';

export interface StridedRule {
  /** Units in the last place that the two may differ by; 0, the same bits, if not given. */
  readonly ulps?: number;
  /** The operands' dtypes; if not given, one dtype for all, each that the kernel takes. */
  readonly dtypes?: readonly (readonly DType[])[];
  /** Sets of scalars to run with. */
  readonly scalars?: readonly (readonly number[])[];
  /** What to fill the operands with, beside `edge`. */
  readonly values?: Values;
  /** Why edge values are left out. */
  readonly withoutEdges?: string;
}

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

export type Rule = StridedRule | DenseRule;

export const FLOATS = ['float32', 'float64'] as const;
export const INTEGERS = ['int64', 'int32', 'int16', 'int8', 'uint8'] as const;
export const ALL = [...FLOATS, ...INTEGERS, 'bool'] as const;
/** Sizes around the SIMD widths. */
export const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100] as const;

/** Every pair of dtypes. */
const pairs = (dtypes: readonly DType[]): DType[][] => dtypes.flatMap((to) => dtypes.map((from) => [to, from]));

/** Comparisons: two of a kind to bool. */
const comparison: StridedRule = { dtypes: ALL.map((dtype) => ['bool', dtype, dtype]) };

/** [outer, n, inner] of a reduction. */
const REDUCTIONS = [
  ...SIZES.map((n) => [1, n, 1]),
  ...SIZES.map((n) => [3, n, 1]),
  ...SIZES.map((n) => [1, 5, n]),
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

function* products(): Iterable<DenseCase> {
  for (const dtype of ['float32', 'float64', 'int64', 'int32'] as const) {
    for (const [batch, m, n, k] of PRODUCTS) {
      for (const [transA, transB] of [
        [0, 0],
        [0, 1],
        [1, 0],
        [1, 1],
      ] as const) {
        for (const [bias, accumulate] of [
          [false, 0],
          [true, 0],
          [false, 1],
        ] as const) {
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

export const rules: { readonly [name in KernelName]?: Rule } = {
  copy: { dtypes: pairs(ALL) },
  eq: comparison,
  lt: comparison,
  le: comparison,
  exp: { ulps: 2 },
  sum: { cases: () => reductions([...FLOATS, 'int64', 'int32'], (dtype) => dtype, 4) },
  gemm: { cases: products },
};

export const isDense = (rule: Rule | undefined): rule is DenseRule => rule !== undefined && 'cases' in rule;
