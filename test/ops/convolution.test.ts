// The float32 convolutions are computed in tiles, by size and stride in several ways; the float64 ones plainly, element
// by element. Here the first are held against the second over many geometries, gradients included.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

type Numbers = readonly number[];
interface Case {
  /** batch, channels, spatial sizes */
  readonly x: Numbers;
  /** outputs, channels of a group, kernel sizes */
  readonly w: Numbers;
  readonly stride?: number | Numbers;
  readonly padding?: number | Numbers;
  readonly dilation?: number | Numbers;
  readonly groups?: number;
  readonly outputPadding?: number | Numbers;
}

const forward: readonly Case[] = [
  // 2d, stride 1: channels about the vectors' and the tiles' sizes
  { x: [2, 1, 9, 9], w: [1, 1, 3, 3] },
  { x: [2, 3, 13, 14], w: [17, 3, 3, 3], padding: 1 },
  { x: [1, 17, 10, 11], w: [33, 17, 3, 3] },
  { x: [3, 33, 6, 5], w: [3, 33, 3, 3], padding: 1 },
  { x: [1, 32, 12, 12], w: [64, 32, 3, 3] },
  { x: [9, 4, 8, 8], w: [16, 4, 3, 3], padding: [1, 0] },
  { x: [1, 2, 31, 29], w: [5, 2, 5, 4], padding: [2, 3] },
  { x: [1, 70, 5, 5], w: [40, 70, 3, 3], padding: 1 },
  // more steps than one sum takes
  { x: [1, 130, 6, 7], w: [18, 130, 2, 2] },
  // 3 × 3 taps by tiles of 2 × 2 results: odd sizes, images that share a piece of work, rows that are cut, groups
  { x: [2, 32, 26, 26], w: [64, 32, 3, 3] },
  { x: [7, 24, 7, 7], w: [40, 24, 3, 3], padding: 1 },
  { x: [1, 8, 11, 260], w: [9, 8, 3, 3], padding: [3, 2] },
  { x: [1, 200, 9, 10], w: [20, 200, 3, 3], padding: [0, 1] },
  { x: [3, 32, 8, 9], w: [48, 16, 3, 3], padding: 1, groups: 2 },
  // smaller than a tile, one place, padding beyond the kernel, kernel as large as the image
  { x: [1, 5, 2, 2], w: [7, 5, 2, 2], padding: 4 },
  { x: [2, 3, 1, 1], w: [4, 3, 1, 1] },
  { x: [2, 6, 4, 4], w: [8, 6, 4, 4] },
  { x: [1, 2, 3, 3], w: [20, 2, 1, 1], padding: 2 },
  { x: [0, 3, 8, 8], w: [4, 3, 3, 3] },
  // 1 × 1
  { x: [3, 20, 7, 9], w: [34, 20, 1, 1] },
  { x: [2, 8, 9, 9], w: [16, 8, 1, 1], stride: 2 },
  { x: [2, 96, 8, 9], w: [16, 96, 1, 1] },
  // windows that share no pixel, with pixels between and behind them; several spans of rows; more depth than one sum takes
  { x: [2, 3, 48, 50], w: [20, 3, 16, 16], stride: 16 },
  { x: [1, 4, 23, 30], w: [10, 2, 5, 4], stride: [6, 7], groups: 2 },
  { x: [1, 40, 20, 21], w: [530, 40, 4, 5], stride: 5 },
  // vectors along rows of several images' lines, few steps and few channels; rows that end within a vector
  { x: [3, 3, 11, 21], w: [30, 3, 3, 3], padding: 1 },
  { x: [2, 8, 14, 35], w: [7, 8, 3, 3], padding: 1 },
  { x: [2, 16, 13, 18], w: [12, 4, 3, 3], groups: 4, stride: 2, padding: 1 },
  // strides and dilation
  { x: [2, 5, 15, 16], w: [9, 5, 3, 3], stride: 2, padding: 1 },
  { x: [1, 3, 23, 23], w: [24, 3, 7, 7], stride: 2, padding: 3 },
  { x: [1, 4, 17, 19], w: [6, 4, 2, 2], stride: 3 },
  { x: [2, 4, 16, 18], w: [10, 4, 3, 3], dilation: 2, padding: 2 },
  { x: [1, 6, 20, 17], w: [8, 6, 3, 2], stride: [2, 3], dilation: [1, 4], padding: [3, 1] },
  { x: [1, 2, 40, 41], w: [3, 2, 2, 3], stride: [9, 10], dilation: [3, 2] },
  // groups, depthwise
  { x: [2, 8, 9, 9], w: [8, 2, 3, 3], groups: 4, padding: 1 },
  { x: [1, 12, 7, 8], w: [42, 4, 3, 3], groups: 3 },
  { x: [2, 17, 12, 13], w: [17, 1, 3, 3], groups: 17, padding: 1 },
  { x: [1, 6, 37, 40], w: [6, 1, 3, 5], groups: 6, stride: 2, padding: [1, 2] },
  { x: [2, 5, 11, 9], w: [15, 1, 3, 3], groups: 5, dilation: 2, padding: 1 },
  { x: [1, 3, 70, 70], w: [6, 1, 2, 2], groups: 3, stride: 3 },
  { x: [2, 8, 10, 10], w: [6, 4, 3, 3], groups: 2, padding: 1 },
  // one or two outputs: more taps than are taken at once, kernels larger than a vector, groups of two
  { x: [1, 40, 12, 13], w: [2, 40, 3, 5], padding: 1 },
  { x: [2, 40, 9, 40], w: [1, 40, 3, 3], padding: [1, 2], dilation: [1, 2] },
  { x: [2, 4, 9, 21], w: [4, 2, 5, 5], groups: 2, padding: 2 },
  { x: [1, 4, 8, 7, 9], w: [4, 2, 3, 3, 3], groups: 2, padding: 1, stride: [1, 1, 2] },
  // many small groups
  { x: [2, 20, 15, 14], w: [20, 1, 7, 7], groups: 20, padding: 3 },
  { x: [3, 33, 9, 5], w: [33, 1, 5, 5], groups: 33, padding: 2 },
  { x: [2, 40, 13, 11], w: [60, 2, 3, 3], groups: 20, stride: 2, padding: 1 },
  { x: [1, 48, 150, 90], w: [48, 1, 3, 3], groups: 48, stride: [2, 1], padding: 1 },
  { x: [2, 16, 17], w: [32, 1, 3], groups: 16, padding: 1 },
  { x: [2, 32, 5, 6, 7], w: [32, 2, 3, 2, 3], groups: 16, stride: [2, 1, 1], dilation: [1, 2, 1], padding: [0, 1, 2] },
  // 1d
  { x: [4, 3, 50], w: [8, 3, 5], padding: 2 },
  { x: [2, 16, 33], w: [32, 16, 3], stride: 2 },
  { x: [1, 7, 100], w: [7, 1, 9], groups: 7, dilation: 3 },
  { x: [1, 1, 300], w: [1, 1, 120], padding: 10 },
  { x: [1, 33, 500], w: [5, 33, 3], stride: 4, padding: 1 },
  // 3d
  { x: [2, 3, 5, 6, 7], w: [9, 3, 3, 3, 3], padding: 1 },
  { x: [1, 16, 4, 9, 9], w: [17, 16, 2, 3, 1], stride: [1, 2, 1] },
  { x: [1, 4, 6, 5, 8], w: [4, 1, 3, 2, 3], groups: 4, stride: [2, 1, 3], padding: [1, 0, 2] },
  { x: [1, 2, 7, 7, 7], w: [6, 2, 3, 3, 3], dilation: [2, 1, 3], padding: [1, 2, 3] },
];

const transposed: readonly Case[] = [
  { x: [2, 16, 7, 7], w: [16, 8, 4, 4], stride: 2, padding: 1 },
  { x: [1, 5, 6, 8], w: [5, 33, 3, 3] },
  { x: [1, 6, 5, 5], w: [6, 3, 3, 3], stride: 3, outputPadding: 2, groups: 2 },
  { x: [2, 4, 20], w: [4, 1, 2], stride: 4, groups: 4 },
  { x: [2, 16, 9, 7], w: [16, 2, 4, 3], stride: [3, 2], padding: 1, groups: 16 },
  { x: [1, 24, 8, 8], w: [24, 1, 2, 2], stride: 4, outputPadding: 2, groups: 24 },
  { x: [1, 8, 3, 4, 5], w: [8, 5, 2, 3, 2], stride: [2, 1, 2], padding: [0, 1, 0], dilation: [1, 2, 1] },
];

const functions = {
  conv: [ng.nn.functional.conv1d, ng.nn.functional.conv2d, ng.nn.functional.conv3d],
  convTranspose: [ng.nn.functional.convTranspose1d, ng.nn.functional.convTranspose2d, ng.nn.functional.convTranspose3d],
} as const;

/** The result and the gradients towards x, weight and bias, in a dtype, from the same numbers. */
function run(c: Case, kind: keyof typeof functions, dtype: 'float32' | 'float64'): ng.Tensor[] {
  const generator = new ng.Generator().manualSeed(7);
  const random = (shape: Numbers): ng.Tensor => ng.randn([...shape], { generator }).to(dtype);
  const outputs = kind === 'conv' ? c.w[0]! : c.w[1]! * (c.groups ?? 1);
  const inputs = [random(c.x), random(c.w), random([outputs])].map((t) => t.requiresGrad_());
  const [x, weight, bias] = inputs as [ng.Tensor, ng.Tensor, ng.Tensor];
  const { stride = 1, padding = 0, dilation = 1, groups = 1, outputPadding = 0 } = c;
  const rank = c.x.length - 3;
  const y =
    kind === 'conv'
      ? functions.conv[rank]!(x, weight, bias, { stride, padding, dilation, groups })
      : functions.convTranspose[rank]!(x, weight, bias, { stride, padding, dilation, groups, outputPadding });
  y.backward(random(y.shape));
  return [y.detach(), ...inputs.map((t) => t.grad!)];
}

const NAMES = ['result', "x's gradient", "weight's gradient", "bias's gradient"];

/** Each element within a few roundings of the largest one. */
function compare(c: Case, kind: keyof typeof functions): void {
  const fast = run(c, kind, 'float32');
  const plain = run(c, kind, 'float64');
  for (const [i, name] of NAMES.entries()) {
    const [a, b] = [fast[i]!, plain[i]!];
    expect(a.shape, name).toEqual(b.shape);
    if (b.numel() === 0) continue;
    const largest = b.abs().max().item();
    const error = a.to('float64').sub(b).abs().max().item();
    // written so that NaN fails
    expect(error <= 3e-6 * largest, `${name}: off by ${error}, the largest element is ${largest}`).toBe(true);
  }
}

const title = (c: Case): string =>
  Object.entries(c)
    .map(([key, value]) => `${key} ${Array.isArray(value) ? value.join('×') : value}`)
    .join(', ');

describe('float32 convolutions agree with plain float64 ones', () => {
  for (const c of forward) it(title(c), () => compare(c, 'conv'));
  for (const c of transposed) it(`transposed: ${title(c)}`, () => compare(c, 'convTranspose'));
});

describe('float32 convolutions of 3 × 3 taps agree with plain ones at any size', () => {
  const geometry = fc.record({
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    inputs: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 60, max: 70 })),
    outputs: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 60, max: 70 })),
    size: fc.tuple(fc.integer({ min: 3, max: 14 }), fc.oneof(fc.integer({ min: 3, max: 20 }), fc.constant(149))),
    padding: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 })),
  });
  for (const kind of ['conv', 'convTranspose'] as const) {
    it(kind, () => {
      fc.assert(
        fc.property(geometry, ({ batch, groups, inputs, outputs, size, padding }) => {
          const isConv = kind === 'conv';
          const x = [batch, inputs * groups, ...size];
          const w = isConv ? [outputs * groups, inputs, 3, 3] : [inputs * groups, outputs, 3, 3];
          // what a transposed convolution pads shrinks its result
          compare(
            { x, w, groups, padding: isConv ? padding : padding.map((p, i) => Math.min(p, size[i]! >> 1)) },
            kind,
          );
        }),
        { numRuns: 40 },
      );
    });
  }
});

describe('what lies beyond the image', () => {
  it('is not touched by infinities at its edges', () => {
    // Products of zeros around the image with infinite weights are NaN; of lanes that are not there, nothing.
    const x = ng.full([1, 2, 5, 5], Number.POSITIVE_INFINITY);
    const depthwise = ng.nn.functional.conv2d(x, ng.ones([2, 1, 2, 2]), null, { groups: 2 });
    expect(depthwise.isinf().all().item()).toBe(true);
    const wide = ng.nn.functional.conv2d(x, ng.ones([7, 2, 3, 3]));
    expect(wide.isinf().all().item()).toBe(true);
  });

  it('nor by other pixels than it sees', () => {
    const one = ng.ones([1, 16, 12, 12]);
    one.setAt([0, 3, 5, 6], Number.POSITIVE_INFINITY);
    const seen = ng.nn.functional.conv2d(one, ng.ones([16, 16, 3, 3]), null, { padding: 1 });
    expect(seen.isinf().sum([2, 3]).tolist()).toEqual([Array(16).fill(9)]);
    expect(seen.isnan().any().item()).toBe(false);
    const x = ng.ones([1, 16, 12, 12], { requiresGrad: true });
    const weight = ng.ones([16, 16, 3, 3], { requiresGrad: true });
    const y = ng.nn.functional.conv2d(x, weight, null, { padding: 1 });
    const grad = ng.zeros(y.shape as number[]);
    grad.setAt([0, 2, 1, 1], Number.NEGATIVE_INFINITY);
    y.backward(grad);
    expect(x.grad!.isinf().sum([2, 3]).tolist()).toEqual([Array(16).fill(9)]);
    expect(x.grad!.isnan().any().item()).toBe(false);
    expect(weight.grad!.isinf().sum([1, 2, 3]).tolist()).toEqual([0, 0, 144, ...Array(13).fill(0)]);
  });

  it('whole numbers stay whole', () => {
    const generator = new ng.Generator().manualSeed(3);
    const random = (shape: number[]): ng.Tensor => ng.randint(-9, 10, shape, { generator }).to('float32');
    const [x, weight] = [random([2, 20, 13, 11]).requiresGrad_(), random([24, 20, 3, 3]).requiresGrad_()];
    const y = ng.nn.functional.conv2d(x, weight, null, { padding: 1 });
    const grad = random(y.shape as number[]);
    y.backward(grad);
    const [x64, weight64] = [x, weight].map((t) => t.detach().to('float64').requiresGrad_()) as [ng.Tensor, ng.Tensor];
    const y64 = ng.nn.functional.conv2d(x64, weight64, null, { padding: 1 });
    y64.backward(grad.to('float64'));
    for (const [a, b] of [
      [y, y64],
      [x.grad!, x64.grad!],
      [weight.grad!, weight64.grad!],
    ] as const) {
      expect(a.to('float64').equal(b)).toBe(true);
    }
  });

  it('infinities and NaN of one output stay in the gradients that see it', () => {
    const x = ng.ones([1, 3, 6, 6], { requiresGrad: true });
    const weight = ng.ones([5, 3, 3, 3], { requiresGrad: true });
    const y = ng.nn.functional.conv2d(x, weight);
    const grad = ng.zeros(y.shape as number[]);
    grad.setAt([0, 2, 0, 0], Number.NaN);
    y.backward(grad);
    expect(weight.grad!.isnan().sum([1, 2, 3]).tolist()).toEqual([0, 0, 27, 0, 0]);
    expect(x.grad!.isnan().at(0, 0).sum(0).tolist()).toEqual([3, 3, 3, 0, 0, 0]);
  });
});

describe('the number of threads', () => {
  it('changes no result', () => {
    const before = ng.getNumThreads();
    const cases: Case[] = [
      { x: [5, 17, 20, 20], w: [33, 17, 3, 3], padding: 1 },
      { x: [3, 16, 21, 20], w: [40, 16, 3, 3], padding: 1 },
      { x: [2, 24, 30, 30], w: [24, 1, 3, 3], groups: 24, stride: 2 },
    ];
    try {
      for (const c of cases) {
        const results = [1, 2, 3].map((threads) => {
          ng.setNumThreads(threads);
          return run(c, 'conv', 'float32');
        });
        for (const other of results.slice(1)) {
          for (const [i, tensor] of other.entries()) expect(tensor.equal(results[0]![i]!), NAMES[i]).toBe(true);
        }
      }
    } finally {
      ng.setNumThreads(before);
    }
  });
});
