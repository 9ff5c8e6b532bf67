/** The data of the workloads: the same numbers on every backend and in PyTorch (bench/torch_worker.py). */

/** Uniform doubles in [0, 1) from a counter-based mulberry32. */
export function random(seed: number, n: number): Float64Array {
  const out = new Float64Array(n);
  let state = seed >>> 0;
  for (let i = 0; i < n; i++) {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    out[i] = ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  return out;
}

/** Uniform float32 in [-scale, scale). */
export function uniform(seed: number, n: number, scale = 1): Float32Array {
  return Float32Array.from(random(seed, n), (r) => (2 * r - 1) * scale);
}

/** Uniform float32 in [0, 1). */
export const unit = (seed: number, n: number): Float32Array => Float32Array.from(random(seed, n));

/** Whole numbers in [0, k). */
export const integers = (seed: number, n: number, k: number): Int32Array =>
  Int32Array.from(random(seed, n), (r) => Math.floor(r * k));

/** Parameters of a linear layer, PyTorch's [out, in]. */
export interface LinearData {
  readonly weight: Float32Array;
  readonly bias: Float32Array;
  readonly outputs: number;
  readonly inputs: number;
}

const linear = (seed: number, outputs: number, inputs: number): LinearData => ({
  weight: uniform(seed, outputs * inputs, 1 / Math.sqrt(inputs)),
  bias: uniform(seed + 1, outputs, 1 / Math.sqrt(inputs)),
  outputs,
  inputs,
});

/** [m, k, n] of W1. */
export const gemmSizes: readonly (readonly [number, number, number])[] = [
  ...[64, 128, 256, 512, 1024, 2048].map((n) => [n, n, n] as const),
  [128, 784, 512],
];

export const BIG = 1 << 24;
export const CHAIN = 1000;
const BATCHES = 10;

const batches = <T>(make: (i: number) => T): T[] => Array.from({ length: BATCHES }, (_, i) => make(i));

/** W5: 128 noisy points of the exclusive or. */
export function xor() {
  const n = 128;
  const bits = integers(10, 2 * n, 2);
  const noise = uniform(11, 2 * n, 0.2);
  return {
    n,
    x: Float32Array.from(bits, (bit, i) => bit + noise[i]!),
    y: Float32Array.from({ length: n }, (_, i) => bits[2 * i]! ^ bits[2 * i + 1]!),
    layers: [linear(12, 4, 2), linear(14, 1, 4)],
  };
}

/** W6: the 784-512-256-10 network and its batches of 64. */
export function mlp() {
  return {
    batch: 64,
    batches: batches((i) => ({ x: unit(100 + i, 64 * 784), y: integers(200 + i, 64, 10) })),
    layers: [linear(20, 512, 784), linear(22, 256, 512), linear(24, 10, 256)],
  };
}

/** W7: the convolutional network. */
export function cnn() {
  return {
    batch: 64,
    batches: batches((i) => ({ x: unit(300 + i, 64 * 784), y: integers(400 + i, 64, 10) })),
    conv: [
      { weight: uniform(30, 32 * 9, 1 / 3), bias: uniform(31, 32, 1 / 3) },
      { weight: uniform(32, 64 * 32 * 9, 1 / Math.sqrt(288)), bias: uniform(33, 64, 1 / Math.sqrt(288)) },
    ],
    layers: [linear(34, 128, 9216), linear(36, 10, 128)],
  };
}

/** W8: the character transformer. */
export function gpt() {
  const [vocabulary, width, context, batch, depth, heads] = [65, 128, 64, 16, 4, 4];
  return {
    vocabulary,
    width,
    context,
    batch,
    heads,
    batches: batches((i) => {
      const text = integers(500 + i, batch * (context + 1), vocabulary);
      const rows = (shift: number) =>
        Int32Array.from(
          { length: batch * context },
          (_, j) => text[Math.floor(j / context) * (context + 1) + (j % context) + shift]!,
        );
      return { x: rows(0), y: rows(1) };
    }),
    tokens: uniform(900, vocabulary * width, 0.05),
    positions: uniform(901, context * width, 0.05),
    blocks: Array.from({ length: depth }, (_, l) => {
      const seed = 1000 + 20 * l;
      return {
        qkv: linear(seed, 3 * width, width),
        proj: linear(seed + 2, width, width),
        fc: linear(seed + 4, 4 * width, width),
        out: linear(seed + 6, width, 4 * width),
      };
    }),
    head: uniform(902, vocabulary * width, 1 / Math.sqrt(width)),
  };
}
