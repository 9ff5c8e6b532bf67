// What the kernels of recurrent cells, of distances and of weighted lists are run with: see dense.ts.
import type { KernelName } from '../../src/kernels.js';
import type { DenseCase, DenseOperand, DenseRule } from './dense.js';
import type { Values } from './operands.js';

const FLOATS = ['float32', 'float64'] as const;
const STATES = [
  [0, 3],
  [2, 0],
  [1, 1],
  [3, 4],
  [2, 7],
  [5, 17],
  [2, 33],
  [40, 64],
] as const;

/** Sums of gates for which neither a tanh nor a difference comes near its end, and states beyond every tanh. */
const SUMS: Values = [0.1, 0.25, 0.4, 0.05, 0.3];
const BEYOND: Values = [1.5, 2, 3];

/** `gates` values a state of each operand; what is left out where `absent` says so. */
function* states(gates: readonly number[], absent: readonly number[] = []): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    for (const [rows, size] of STATES) {
      for (const missing of [-1, ...absent]) {
        const operands = gates.map((count, i): DenseOperand | null => {
          if (i === missing) return null;
          return { dtype, length: rows * size * count, values: count > 1 ? SUMS : BEYOND };
        });
        yield { operands, ints: [rows, size], ulps: 32 };
      }
    }
  }
}

const MATRICES = [
  [1, 1, 1, 1],
  [2, 5, 33, 3],
  [1, 9, 70, 17],
  [1, 4, 16, 200],
  [2, 3, 0, 4],
  [1, 2, 3, 0],
  [3, 65, 300, 8],
];

/** Matrices of whole numbers, where sums are exact in any order; others by what rounding may make. */
function* pairs(kinds: string, kindsOfValues: readonly (readonly [Values, number])[]): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    for (const ints of MATRICES) {
      const [batch, rows, columns, width] = ints as [number, number, number, number];
      const lengths: Record<string, number> = { d: rows * columns, x: rows * width, y: columns * width };
      for (const [values, ulps] of kindsOfValues) {
        yield { operands: [...kinds].map((kind) => ({ dtype, length: batch * lengths[kind]!, values })), ints, ulps };
      }
    }
  }
}

/** Lists of 0 to 3 places, in [outer, size, inner]. */
function* lists(): Iterable<DenseCase> {
  const [start, index] = [
    [0, 2, 2, 5, 6],
    [3, 0, 1, 4, 2, 4],
  ];
  for (const dtype of FLOATS) {
    for (const [outer, inner] of [
      [0, 1],
      [1, 1],
      [3, 1],
      [1, 3],
      [2, 4],
      [2, 17],
      [70, 100],
    ] as const) {
      for (const [places, values] of [
        [[...start, ...index], 'whole'],
        [[...start, ...index], 'special'],
        [[...start, 3, 0, 5, 4, 2, 4], 'whole'],
      ] as const) {
        const operands = [
          { dtype, length: outer * 4 * inner },
          { dtype, length: outer * 5 * inner, values },
          { dtype: 'int32' as const, length: places.length, values: places },
          { dtype, length: index.length, values: 'whole' as const },
        ];
        yield { operands, ints: [outer, 5, inner, 4], ulps: values === 'whole' ? 0 : 8 };
      }
    }
  }
}

const rule = (cases: DenseRule['cases']): DenseRule => ({ cases });

export const recurrentRules: { readonly [name in KernelName]?: DenseRule } = {
  lstmCell: rule(() => states([1, 1, 4, 4, 1])),
  lstmCellBackward: rule(() => states([4, 1, 1, 1, 4, 4, 1], [2, 3])),
  gruCell: rule(() => states([1, 3, 3, 1])),
  gruCellBackward: rule(() => states([3, 3, 1, 1, 3, 3, 1])),
  distances: rule(() =>
    pairs('dxy', [
      ['whole', 0],
      ['special', 64],
    ]),
  ),
  distancesBackward: rule(() => pairs('xdxy', [['whole', 0]])),
  resample: rule(lists),
};
