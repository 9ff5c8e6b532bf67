// The rules of nn.functional's kernels: see rules.ts.
import type { DType } from '../../src/dtype.js';
import type { KernelName } from '../../src/kernels.js';
import type { DenseCase, DenseOperand, DenseRule } from './dense.js';
import type { StridedRule } from './rules.js';

const FLOATS = ['float32', 'float64'] as const;
const WIDTHS = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33] as const;

/** [outer, n, inner] of a softmax. */
const ROWS = [
  ...WIDTHS.map((n) => [3, n, 1]),
  ...WIDTHS.map((inner) => [2, 5, inner]),
  [0, 4, 3],
  [4, 0, 3],
  [2, 1000, 1],
  [300, 100, 1],
] as const;

function* rows(operands: number): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    for (const ints of ROWS) {
      const length = ints[0] * ints[1] * ints[2];
      // Gradients of rows whose terms do not cancel; the first operand is written.
      const all = Array.from({ length: operands }, () => ({ dtype, length, values: 'positive' }) as DenseOperand);
      yield { operands: all, ints, ulps: operands === 2 ? 64 : 1024 };
    }
  }
}

const softmaxes = (operands: number): DenseRule => ({ cases: () => rows(operands) });

type Build = (
  dtype: (typeof FLOATS)[number],
  outer: number,
  n: number,
  inner: number,
  reduction: number,
) => DenseCase['operands'];

const CLASSES = [0, 2, 1, -100, 3, 0] as const;

/** Classes 0 to 3 and ignored ones; sometimes one that is not there. */
function* classes(build: Build, ulps: number): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    for (const [outer, n, inner] of [
      [6, 4, 1],
      [3, 5, 7],
      [2, 9, 16],
      [1, 17, 1],
      [40, 33, 1],
      [6, 3, 1],
      [0, 4, 1],
    ] as const) {
      for (const reduction of [0, 1, 2]) {
        yield {
          operands: build(dtype, outer, n, inner, reduction),
          ints: [outer, n, inner, reduction],
          scalars: [-100],
          ulps,
        };
      }
    }
  }
}

const target = (length: number): DenseOperand => ({ dtype: 'int64', length, values: CLASSES });

const logits: Build = (dtype, outer, n, inner, reduction) => [
  { dtype, length: reduction === 0 ? outer * inner : 1 },
  { dtype, length: 2 * outer * inner },
  { dtype, length: 1 },
  { dtype, length: outer * n * inner, values: 'positive' },
  target(outer * inner),
  reduction === 2 ? null : { dtype, length: n, values: 'positive' },
];

const logitsBack: Build = (dtype, outer, n, inner, reduction) => [
  { dtype, length: outer * n * inner },
  { dtype, length: reduction === 0 ? outer * inner : 1, values: 'positive' },
  { dtype, length: outer * n * inner, values: 'unit' },
  { dtype, length: 2 * outer * inner, values: [1, 1.5, 2] },
  target(outer * inner),
  reduction === 2 ? null : { dtype, length: n, values: 'positive' },
  { dtype, length: 1, values: [7] },
];

const logProbabilities: Build = (dtype, outer, n, inner, reduction) => [
  { dtype, length: reduction === 0 ? outer * inner : 1 },
  { dtype, length: 1 },
  { dtype, length: outer * n * inner, values: 'positive' },
  target(outer * inner),
  reduction === 2 ? null : { dtype, length: n, values: 'positive' },
];

const logProbabilitiesBack: Build = (dtype, outer, n, inner, reduction) => [
  { dtype, length: outer * n * inner },
  { dtype, length: reduction === 0 ? outer * inner : 1, values: 'positive' },
  target(outer * inner),
  reduction === 2 ? null : { dtype, length: n, values: 'positive' },
  { dtype, length: 1, values: [7] },
];

interface Sizes {
  readonly n: number;
  readonly c: number;
  readonly o: number;
  readonly groups: number;
  readonly size: readonly [number, number, number];
  readonly kernel: readonly [number, number, number];
  readonly stride: readonly [number, number, number];
  readonly pad: readonly [number, number, number];
  readonly dilation: readonly [number, number, number];
}

const ONES = [1, 1, 1] as const;
const ZEROS = [0, 0, 0] as const;
const flat = { groups: 1, stride: ONES, pad: ZEROS, dilation: ONES } as const;

export const CONVOLUTIONS: readonly Sizes[] = [
  { ...flat, n: 2, c: 3, o: 4, size: [1, 7, 6], kernel: [1, 3, 3] },
  { ...flat, n: 2, c: 1, o: 32, size: [1, 12, 12], kernel: [1, 3, 3] },
  { ...flat, n: 3, c: 33, o: 17, size: [1, 9, 20], kernel: [1, 3, 3], pad: [0, 1, 1] },
  { ...flat, n: 2, c: 16, o: 48, size: [1, 8, 40], kernel: [1, 5, 5], pad: [0, 2, 2] },
  { ...flat, n: 2, c: 18, o: 20, size: [1, 5, 5], kernel: [1, 1, 1] },
  {
    ...flat,
    n: 2,
    c: 8,
    o: 12,
    size: [1, 9, 11],
    kernel: [1, 3, 2],
    stride: [1, 2, 3],
    pad: [0, 1, 1],
    dilation: [1, 2, 1],
  },
  { ...flat, n: 2, c: 12, o: 24, groups: 3, size: [1, 6, 6], kernel: [1, 3, 3], pad: [0, 1, 1] },
  { ...flat, n: 2, c: 20, o: 20, groups: 20, size: [1, 9, 9], kernel: [1, 3, 3], pad: [0, 1, 1] },
  { ...flat, n: 2, c: 6, o: 12, groups: 6, size: [1, 9, 33], kernel: [1, 3, 3], stride: [1, 2, 2], pad: [0, 1, 1] },
  { ...flat, n: 2, c: 5, o: 7, size: [1, 1, 37], kernel: [1, 1, 4], pad: [0, 0, 2] },
  { ...flat, n: 1, c: 4, o: 6, size: [5, 6, 7], kernel: [2, 3, 3], pad: [1, 1, 1], stride: [2, 1, 1] },
  { ...flat, n: 0, c: 2, o: 3, size: [1, 4, 4], kernel: [1, 2, 2] },
  { ...flat, n: 2, c: 3, o: 5, size: [1, 6, 6], kernel: [1, 2, 2], stride: [1, 3, 3], pad: [0, 2, 2] },
];

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** order: which of y, x, weight (and bias) the operands are. */
function* convolutions(order: readonly ('y' | 'x' | 'weight' | 'bias')[], integers: boolean): Iterable<DenseCase> {
  for (const dtype of [...FLOATS, ...(integers ? (['int64', 'int32'] as const) : [])]) {
    for (const s of CONVOLUTIONS) {
      const out = s.size.map(
        (size, d) => Math.floor((size + 2 * s.pad[d]! - s.dilation[d]! * (s.kernel[d]! - 1) - 1) / s.stride[d]!) + 1,
      );
      const lengths = {
        y: s.n * s.o * product(out),
        x: s.n * s.c * product(s.size),
        weight: s.o * (s.c / s.groups) * product(s.kernel),
        bias: s.o,
      };
      for (const values of ['whole', 'positive'] as const) {
        yield {
          operands: order.map((name) => ({ dtype, length: lengths[name], values })),
          ints: [s.n, s.c, s.o, s.groups, ...s.size, ...s.kernel, ...out, ...s.stride, ...s.pad, ...s.dilation],
          // Sums of a few thousand positive terms in unlike order.
          ulps: values === 'positive' ? 128 : 0,
        };
      }
    }
  }
}

function* windows(): Iterable<DenseCase> {
  for (const dtype of [...FLOATS, 'int64'] as const) {
    for (const s of CONVOLUTIONS) {
      const out = s.size.map(
        (size, d) => Math.floor((size + 2 * s.pad[d]! - s.dilation[d]! * (s.kernel[d]! - 1) - 1) / s.stride[d]!) + 1,
      );
      if (s.pad.some((pad, d) => 2 * pad > s.kernel[d]!)) continue;
      const planes = s.n * s.c;
      for (const values of ['whole', 'special', 'any'] as const) {
        yield {
          operands: [
            { dtype, length: planes * product(out) },
            { dtype: 'int64', length: planes * product(out) },
            { dtype, length: planes * product(s.size), values },
          ],
          ints: [planes, ...s.size, ...s.kernel, ...out, ...s.stride, ...s.pad, ...s.dilation],
        };
      }
    }
  }
}

/** The windows of poolings that take means: with one factor, and with one for each place. */
function* meanWindows(backward: boolean): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    for (const s of CONVOLUTIONS) {
      const out = s.size.map(
        (size, d) => Math.floor((size + 2 * s.pad[d]! - s.dilation[d]! * (s.kernel[d]! - 1) - 1) / s.stride[d]!) + 1,
      );
      const planes = s.n * s.c;
      for (const factors of [1, product(out)]) {
        for (const values of ['whole', 'special'] as const) {
          const [result, given] = backward ? [s.size, out] : [out, s.size];
          yield {
            operands: [
              { dtype, length: planes * product(result) },
              { dtype, length: planes * product(given), values },
              { dtype, length: factors, values: 'whole' },
            ],
            ints: [planes, ...s.size, ...s.kernel, ...out, ...s.stride, ...s.pad, ...s.dilation],
          };
        }
      }
    }
  }
}

function* planes(): Iterable<DenseCase> {
  for (const dtype of FLOATS) {
    for (const indices of [
      [0, 3, 3, 5],
      [0, 7, 2],
      [1, -1],
    ]) {
      yield {
        operands: [
          { dtype, length: 3 * 7 },
          { dtype, length: 3 * 5, values: 'whole' },
          { dtype: 'int64', length: 3 * 5, values: indices },
        ],
        ints: [3, 7, 5],
      };
    }
  }
}

/** One float dtype for all operands. */
const floats = (operands: number): DType[][] => FLOATS.map((dtype) => new Array<DType>(operands).fill(dtype));

/** One dtype, float or integer, for all operands. */
const numbers = (operands: number): DType[][] =>
  ([...FLOATS, 'int64', 'int32', 'int16', 'int8', 'uint8'] as const).map((dtype) =>
    new Array<DType>(operands).fill(dtype),
  );

/** Losses whose terms cancel differ by more units, of a smaller number. */
const loss = (operands: number, ulps: number, scalars: readonly number[] = []): StridedRule => ({
  dtypes: floats(operands),
  ulps,
  values: 'positive',
  scalars: [scalars],
  withoutEdges: 'terms that cancel',
});

/** Polynomials of either backend's own: a few units, more where terms nearly cancel. */
const smooth = (operands: number, scalars: readonly number[] = []): StridedRule => ({
  dtypes: floats(operands),
  ulps: operands === 2 ? 256 : 4096,
  values: 'unit',
  scalars: [scalars],
  withoutEdges: 'terms that cancel; test/ops/activation.test.ts has the edges',
});

export const functionalRules = {
  relu: { dtypes: numbers(2) },
  threshold: {
    dtypes: numbers(2),
    scalars: [
      [0, 5],
      [1, 20],
    ],
  },
  thresholdBackward: { dtypes: numbers(3), scalars: [[0], [2]] },
  hardtanh: {
    dtypes: numbers(2),
    scalars: [
      [1, 3],
      [0, 6],
      [3, 2],
    ],
  },
  hardtanhBackward: { dtypes: floats(3), scalars: [[-1, 1]] },
  leakyRelu: { dtypes: floats(2), scalars: [[0.01]] },
  leakyReluBackward: { dtypes: floats(3), scalars: [[0.01]] },
  prelu: { dtypes: floats(3) },
  hardshrink: { dtypes: floats(2), scalars: [[0.5]] },
  softshrink: { dtypes: floats(2), scalars: [[0.5]] },
  shrinkBackward: { dtypes: floats(3), scalars: [[0.5]] },
  hardsigmoid: { dtypes: floats(2) },
  hardsigmoidBackward: { dtypes: floats(3) },
  hardswish: { dtypes: floats(2) },
  hardswishBackward: { dtypes: floats(3) },
  elu: smooth(2, [1.5, 1.25, 0.5]),
  eluBackward: smooth(3, [1.5, 1.25, 0.5]),
  gelu: smooth(2),
  geluBackward: smooth(3),
  geluTanh: smooth(2),
  geluTanhBackward: smooth(3),
  silu: smooth(2),
  siluBackward: smooth(3),
  mish: smooth(2),
  mishBackward: smooth(3),
  softplus: smooth(2, [2, 20]),
  softplusBackward: smooth(3, [2, 20]),
  logSigmoid: smooth(2),
  logSigmoidBackward: smooth(3),
  softmax: softmaxes(2),
  logSoftmax: softmaxes(2),
  softmaxBackward: softmaxes(3),
  logSoftmaxBackward: softmaxes(3),
  crossEntropy: { cases: () => classes(logits, 32) },
  crossEntropyBackward: { cases: () => classes(logitsBack, 32) },
  nllLoss: { cases: () => classes(logProbabilities, 4) },
  nllLossBackward: { cases: () => classes(logProbabilitiesBack, 4) },
  mseLoss: { dtypes: floats(3) },
  mseLossBackward: { dtypes: floats(4), scalars: [[0.5]] },
  binaryCrossEntropy: loss(3, 64),
  binaryCrossEntropyBackward: { ...loss(4, 4), values: 'unit' },
  binaryCrossEntropyWithLogits: loss(3, 4096),
  binaryCrossEntropyWithLogitsBackward: loss(4, 256, [0.25]),
  smoothL1Loss: loss(3, 4, [0.25]),
  smoothL1LossBackward: loss(4, 4, [0.25, 2]),
  huberLoss: loss(3, 4, [0.25]),
  huberLossBackward: loss(4, 4, [0.25, 2]),
  convolution: { cases: () => convolutions(['y', 'x', 'weight', 'bias'], true) },
  convolutionBackwardInput: { cases: () => convolutions(['x', 'y', 'weight'], true) },
  convolutionBackwardWeight: { cases: () => convolutions(['weight', 'x', 'y'], false) },
  averagePool: { cases: () => meanWindows(false) },
  averagePoolBackward: { cases: () => meanWindows(true) },
  maxPool: { cases: windows },
  maxPoolBackward: { cases: planes },
} satisfies { readonly [name in KernelName]?: StridedRule | DenseRule };
