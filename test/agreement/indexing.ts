// What the gather, scatter, mask, sort and search kernels are given.
import type { DType } from '../../src/dtype.js';
import type { KernelName } from '../../src/kernels.js';
import type { DenseCase, DenseOperand, DenseRule } from './dense.js';

const FLOATS = ['float32', 'float64'] as const;
const REAL = [...FLOATS, 'int64', 'int32', 'int16', 'int8', 'uint8', 'bool'] as const;
const EVERY = [...REAL, 'complex64', 'float16', 'bfloat16'] as const;

/** `count` indices below `bound`, some negative if `wrap`. */
const indices = (count: number, bound: number, wrap: boolean): number[] =>
  Array.from({ length: count }, (_, i) => ((i * 7 + 3) % Math.max(bound, 1)) - (wrap && i % 3 === 0 ? bound : 0));

interface Geometry {
  readonly sizes: readonly [outer: number, count: number, inner: number];
  readonly bound: number;
  /** Whether every element has an index of its own, or each row. */
  readonly each: boolean;
}

const GEOMETRIES: readonly Geometry[] = [
  { sizes: [1, 1, 1], bound: 1, each: false },
  { sizes: [1, 9, 1], bound: 5, each: false },
  { sizes: [1, 9, 33], bound: 5, each: false },
  { sizes: [3, 4, 7], bound: 6, each: false },
  { sizes: [3, 4, 7], bound: 2, each: true },
  { sizes: [2, 300, 1], bound: 17, each: true },
  { sizes: [1, 5, 600], bound: 4, each: true },
  { sizes: [1, 700, 130], bound: 40, each: false },
  { sizes: [0, 4, 3], bound: 2, each: false },
  { sizes: [2, 0, 3], bound: 0, each: true },
];

interface Placed {
  readonly ints: number[];
  readonly index: DenseOperand;
  readonly x: number;
  readonly count: number;
}

function* placements(): Iterable<Placed> {
  for (const { sizes, bound, each } of GEOMETRIES) {
    const [outer, count, inner] = sizes;
    const all = outer * count * inner;
    for (const wrap of [false, true]) {
      const length = each ? all : count;
      const values = indices(length, bound, wrap);
      const steps = each ? [count * inner, inner, 1] : [0, 1, 0];
      const ints = [outer, count, inner, bound, wrap ? 1 : 0, bound * inner, inner, 1, ...steps];
      yield {
        ints,
        index: { dtype: 'int64', length, values: values.length > 0 ? values : [0] },
        x: outer * bound * inner,
        count: all,
      };
    }
  }
  // A bad index among good ones, and columns that lie apart.
  yield {
    ints: [1, 4, 2, 3, 0, 6, 2, 1, 0, 1, 0],
    index: { dtype: 'int64', length: 4, values: [0, 2, 3, 1] },
    x: 6,
    count: 8,
  };
  yield {
    ints: [1, 2, 3, 3, 1, 0, 1, 3, 0, 1, 0],
    index: { dtype: 'int64', length: 2, values: [-1, -4] },
    x: 9,
    count: 6,
  };
  yield {
    ints: [2, 3, 5, 4, 1, 1, 2, 8, 0, 1, 0],
    index: { dtype: 'int64', length: 3, values: [3, -1, 0] },
    x: 40,
    count: 30,
  };
}

function* gathers(): Iterable<DenseCase> {
  for (const dtype of EVERY) {
    for (const { ints, index, x, count } of placements()) {
      yield { operands: [{ dtype, length: count }, { dtype, length: x }, index], ints };
    }
  }
}

/** 1, i, -1, -i: their products are exact, however many. */
const UNITS = [1, 0, 0, 1, -1, 0, 0, -1];

function* scatters(dtypes: readonly DType[], isProduct = false): Iterable<DenseCase> {
  for (const dtype of dtypes) {
    const isComplexProduct = isProduct && dtype === 'complex64';
    const values = isComplexProduct ? UNITS : 'whole';
    // Where a compiler fuses the products of complex numbers, zeros get another sign.
    const ulps = isComplexProduct ? 1 : 0;
    for (const { ints, index, x, count } of placements()) {
      const [, n = 0, inner = 0] = ints;
      const whole: DenseCase = {
        operands: [{ dtype, length: x, values }, index, { dtype, length: count, values }],
        ints: [...ints, n * inner, inner, 1],
        ulps,
      };
      yield whole;
      yield {
        operands: [
          { dtype, length: x, values: isComplexProduct ? UNITS : 'special' },
          index,
          { dtype, length: 1, values: isComplexProduct ? UNITS : 'special' },
        ],
        ints: [...ints, 0, 0, 0],
        ulps,
      };
    }
  }
}

function* counts(): Iterable<DenseCase> {
  for (const dtype of EVERY) {
    for (const [outer, n, inner] of [
      [1, 17, 1],
      [3, 5, 4],
      [2, 0, 3],
      [0, 3, 1],
      [1, 1000, 70],
    ] as const) {
      const x: DenseOperand = { dtype, length: outer * n * inner, values: [0, 1, -0, 3, 0, 0, 2] };
      yield { operands: [{ dtype: 'int64', length: outer * inner }, x], ints: [outer, n, inner] };
    }
  }
}

function* nonzeros(): Iterable<DenseCase> {
  const pattern = [0, 1, -0, 3, 0, 0, 2];
  for (const dtype of EVERY) {
    for (const shape of [[], [7], [3, 4], [2, 3, 5]]) {
      const n = shape.reduce((product, size) => product * size, 1);
      const lanes = dtype === 'complex64' ? 2 : 1;
      const flat = Array.from({ length: n * lanes }, (_, i) => pattern[i % pattern.length]!);
      let count = 0;
      for (let i = 0; i < n; i++) if (flat.slice(i * lanes, (i + 1) * lanes).some((value) => value !== 0)) count++;
      const rank = shape.length;
      yield {
        operands: [
          { dtype: 'int64', length: count * rank },
          { dtype, length: n, values: pattern },
          { dtype: 'int64', length: rank, values: rank > 0 ? shape : [0] },
        ],
        ints: [n, count, rank],
      };
    }
  }
}

const MASK = [1, 0, 1, 1, 0];

function* masked(inPlace: boolean): Iterable<DenseCase> {
  for (const dtype of EVERY) {
    for (const n of [0, 1, 5, 33]) {
      const count = Array.from({ length: n }, (_, i) => MASK[i % 5]!).reduce((sum, bit) => sum + bit, 0);
      const mask: DenseOperand = { dtype: 'bool', length: n, values: MASK };
      const [many, few]: DenseOperand[] = [
        { dtype, length: n },
        { dtype, length: count },
      ];
      yield { operands: inPlace ? [many!, mask, few!] : [few!, many!, mask], ints: [n, count] };
    }
  }
}

function* triangles(): Iterable<DenseCase> {
  for (const dtype of EVERY) {
    for (const [batch, rows, columns] of [
      [1, 3, 5],
      [2, 5, 3],
      [0, 2, 2],
      [3, 0, 4],
    ] as const) {
      for (const diagonal of [-9, -1, 0, 2, 9]) {
        const length = batch * rows * columns;
        yield {
          operands: [
            { dtype, length },
            { dtype, length },
          ],
          ints: [batch, rows, columns, diagonal],
        };
      }
    }
  }
}

const ROWS = [
  [1, 1, 1],
  [1, 7, 1],
  [1, 33, 1],
  [3, 50, 1],
  [2, 5, 3],
  [1, 9, 70],
  [1, 140_000, 1],
  [40, 500, 1],
  [0, 3, 2],
  [2, 3, 0],
] as const;

function* extremes(running: boolean): Iterable<DenseCase> {
  for (const dtype of REAL) {
    for (const [outer, n, inner] of ROWS) {
      for (const values of ['special', 'whole', 'any'] as const) {
        const out = running ? outer * n * inner : outer * inner;
        const [value, index]: DenseOperand[] = [
          { dtype, length: out },
          { dtype: 'int64', length: out },
        ];
        const x: DenseOperand = { dtype, length: outer * n * inner, values };
        // Which of two zeros is the larger does not matter.
        yield { operands: [value!, index!, x], ints: [outer, n, inner], ulps: 1 };
        if (!running) yield { operands: [null, index!, x], ints: [outer, n, inner] };
        if (!running) yield { operands: [value!, null, x], ints: [outer, n, inner], ulps: 1 };
      }
    }
  }
}

function* orders(
  ints: (n: number) => (readonly number[])[],
  outputs: (n: number, ints: readonly number[]) => number,
): Iterable<DenseCase> {
  for (const dtype of REAL) {
    for (const [outer, n, inner] of ROWS) {
      if (n > 1000) continue;
      for (const values of ['special', 'any'] as const) {
        for (const more of ints(n)) {
          const out = outer * outputs(n, more) * inner;
          const key = dtype === 'float64' || dtype === 'int64' ? 8 : 4;
          yield {
            operands: [
              { dtype, length: out },
              { dtype: 'int64', length: out },
              { dtype, length: outer * n * inner, values },
              { dtype: 'uint8', length: 4 * Math.ceil((n * (2 * key + 8)) / 8) * 8 },
            ],
            ints: [outer, n, inner, ...more],
          };
        }
      }
    }
  }
}

function* searches(): Iterable<DenseCase> {
  const sorted = [-8, -3, -3, 0, 1, 4, 4, 4, 7];
  for (const dtype of REAL) {
    for (const right of [0, 1]) {
      for (const out of ['int64', 'int32'] as const) {
        const values: DenseOperand = { dtype, length: 40, values: 'special' };
        const order = sorted.map((_, i) => i);
        const sorter: DenseOperand = { dtype: 'int64', length: 9, values: order };
        const row: DenseOperand = { dtype, length: 9, values: sorted };
        yield { operands: [{ dtype: out, length: 40 }, row, values, null], ints: [4, 9, 10, right, 1] };
        yield { operands: [{ dtype: out, length: 40 }, row, values, sorter], ints: [1, 9, 40, right, 0] };
        yield {
          operands: [{ dtype: out, length: 40 }, row, values, { ...sorter, values: [0, 1, 2, 30] }],
          ints: [1, 9, 40, right, 0],
        };
        yield {
          operands: [{ dtype: out, length: 40 }, { ...row, length: 0 }, values, null],
          ints: [1, 0, 40, right, 1],
        };
      }
    }
  }
}

function* rowOrders(withWork: boolean): Iterable<DenseCase> {
  for (const dtype of REAL) {
    for (const [rows, columns] of [
      [0, 3],
      [1, 1],
      [17, 1],
      [40, 2],
      [9, 0],
    ] as const) {
      const x: DenseOperand = { dtype, length: rows * columns, values: [0, 1, 0, 1, 1, -0, 3] };
      const out: DenseOperand = { dtype: 'int64', length: rows };
      yield { operands: withWork ? [out, x, out] : [out, x], ints: [rows, columns] };
    }
  }
}

function* binnings(edges: readonly number[] | null): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    const linear: DenseOperand = { dtype: 'int64', length: 50, values: [0, 0, 2, -1] };
    const x: DenseOperand = { dtype, length: 50, values: 'special' };
    if (edges === null) yield { operands: [linear, x], ints: [50, 7], scalars: [-3, 4] };
    else yield { operands: [linear, x, { dtype, length: edges.length, values: edges }], ints: [50, edges.length - 1] };
  }
}

const number: readonly DType[] = [...REAL, 'complex64'];

export const indexingRules: { readonly [name in KernelName]?: DenseRule } = {
  gather: { cases: gathers },
  scatter: { cases: () => scatters(EVERY) },
  scatterAdd: { cases: () => scatters(number) },
  scatterMultiply: { cases: () => scatters(number, true) },
  scatterMaximum: { cases: () => scatters(REAL) },
  scatterMinimum: { cases: () => scatters(REAL) },
  countNonzero: { cases: counts },
  nonzero: { cases: nonzeros },
  maskedSelect: { cases: () => masked(false) },
  maskedScatter: { cases: () => masked(true) },
  tril: { cases: triangles },
  triu: { cases: triangles },
  max: { cases: () => extremes(false) },
  min: { cases: () => extremes(false) },
  cummax: { cases: () => extremes(true) },
  cummin: { cases: () => extremes(true) },
  sort: {
    cases: () =>
      orders(
        () => [[0], [1]],
        (n) => n,
      ),
  },
  topk: {
    cases: () =>
      orders(
        (n) =>
          [1, n >> 1, n].flatMap((k) => [
            [k, 0],
            [k, 1],
          ]),
        (_, [k]) => k!,
      ),
  },
  kthvalue: {
    cases: () =>
      orders(
        (n) => [
          [1, 0],
          [n, 0],
          [0, 0],
          [0, 1],
        ],
        () => 1,
      ),
  },
  mode: {
    cases: () =>
      orders(
        () => [[]],
        () => 1,
      ),
  },
  searchsorted: { cases: searches },
  sortRows: { cases: () => rowOrders(true) },
  runs: { cases: () => rowOrders(false) },
  bins: { cases: () => binnings([-5, -2.5, 0, 1, 6]) },
  evenBins: { cases: () => binnings(null) },
};
