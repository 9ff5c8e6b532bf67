// Operands for kernels: the same bytes for both backends, in every layout a tensor can have.
import type { Operand } from '../../src/backends/call.js';
import { DTYPES, type DType, type DTypeInfo } from '../../src/dtype.js';
import { contiguousStrides } from '../../src/shape.js';
import { fromBuffer } from '../../src/storage.js';

/** Sizes around the SIMD widths. */
export const SIZES = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100] as const;

/** A small generator (mulberry32): the same inputs in every run. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * What an operand is filled with: `any` finite numbers of every size, `edge` the values where kernels go wrong,
 * `unit` numbers in [-1, 1], `positive` numbers in [0.5, 1.5) (sums of them do not cancel), `whole` small whole
 * numbers (sums and products of them are exact, in any order), `special` those with some NaN, ±inf and -0 among them;
 * or a list, repeated.
 */
export type Values = 'any' | 'edge' | 'unit' | 'positive' | 'whole' | 'special' | readonly number[];

const FLOAT_EDGES: Readonly<Record<'float32' | 'float64', readonly number[]>> = {
  float32: [2 ** -149, 2 ** -127, 2 ** -126, 3.4028234663852886e38, 88.72283, 88.72284, 103.97, 16777216, 8388609.5],
  float64: [5e-324, 2.2250738585072e-308, 2 ** -1022, Number.MAX_VALUE, 709.78, 709.79, 745.13, 2 ** 53, 2 ** 51 + 0.5],
};
const COMMON_EDGES = [0, 1, 0.5, 1.5, 2.5, 3, 10, 1e-3, 1e-8, Math.PI, Math.PI / 2, 100, 12345.678, 2 ** 31, Infinity];

const SPECIAL = [Number.NaN, Infinity, -Infinity, -0];

function integerRange(info: DTypeInfo): readonly [low: number, high: number] {
  if (info.name === 'bool') return [0, 1];
  if (info.name === 'uint8') return [0, 255];
  const bits = Math.min(info.size * 8 - 1, 53);
  return [-(2 ** bits), 2 ** bits - 1];
}

/** The values of a dtype where kernels go wrong. */
export function edgesOf(dtype: DType): (number | bigint)[] {
  const info = DTYPES[dtype];
  if (dtype === 'float32' || dtype === 'float64') {
    const positive = [...COMMON_EDGES, ...FLOAT_EDGES[dtype]];
    return [...positive, ...positive.map((value) => -value), Number.NaN];
  }
  if (dtype === 'int64') return [0n, 1n, -1n, 2n, 7n, -8n, 2n ** 31n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
  const [low, high] = integerRange(info);
  return [
    ...new Set([0, 1, 2, 7, -1, -8, low, low + 1, high - 1, high].filter((value) => value >= low && value <= high)),
  ];
}

function fillOne(dtype: DType, values: Values, random: () => number, i: number): number | bigint {
  if (typeof values !== 'string') {
    const value = values[i % values.length]!;
    return dtype === 'int64' ? BigInt(value) : value;
  }
  if (values === 'edge') {
    const edges = edgesOf(dtype);
    return edges[Math.floor(random() * edges.length)]!;
  }
  const info = DTYPES[dtype];
  if (info.isFloat) {
    if (values === 'positive') return 0.5 + random();
    if (values === 'unit') return 2 * random() - 1;
    if (values === 'special' && random() < 0.1) return SPECIAL[Math.floor(random() * SPECIAL.length)]!;
    if (values === 'whole' || values === 'special') return Math.floor(17 * random()) - 8;
    const sign = random() < 0.5 ? -1 : 1;
    return sign * 2 ** (24 * random() - 12);
  }
  const [low, high] = values === 'any' ? integerRange(info) : values === 'positive' ? [1, 9] : [-8, 8];
  const value = Math.min(
    Math.max(low + Math.floor((high - low + 1) * random()), integerRange(info)[0]),
    integerRange(info)[1],
  );
  return dtype === 'int64' ? BigInt(value) : value;
}

/** Where an operand's elements are. */
export interface Layout {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

export const contiguous = (shape: readonly number[], offset = 0): Layout => ({
  shape,
  strides: contiguousStrides(shape),
  offset,
});

/** The description of an operand, from which each backend gets its own copy. */
export interface OperandSpec extends Layout {
  readonly dtype: DType;
  readonly bytes: Uint8Array;
}

/** Elements the buffer needs, with a few after the last to catch writes beyond the end. */
function extent({ shape, strides, offset }: Layout): number {
  if (shape.includes(0)) return offset + 4;
  return offset + shape.reduce((last, size, d) => last + (size - 1) * strides[d]!, 0) + 5;
}

/** Longer operands repeat their first values; a prime, so that no row or vector starts alike. */
const BLOCK = 1009;

export function makeSpec(dtype: DType, layout: Layout, values: Values, random: () => number): OperandSpec {
  const info = DTYPES[dtype];
  const data = new info.array(new ArrayBuffer(extent(layout) * info.size), 0, extent(layout) * info.lanes);
  const element = dtype === 'complex64' ? 'float32' : dtype;
  const block = Math.min(data.length, typeof values === 'string' ? BLOCK : data.length);
  for (let i = 0; i < block; i++) data[i] = fillOne(element, values, random, i) as never;
  for (let i = block; i < data.length; i += block) data.copyWithin(i, 0, block);
  return { ...layout, dtype, bytes: new Uint8Array(data.buffer as ArrayBuffer) };
}

/** A fresh operand of that description. */
export function instantiate(spec: OperandSpec): Operand & { readonly buffer: ArrayBuffer } {
  const buffer = spec.bytes.slice().buffer;
  const { shape, strides, offset, dtype } = spec;
  return {
    storage: fromBuffer(buffer, 0, buffer.byteLength),
    offset,
    shape,
    strides,
    dtypeInfo: DTYPES[dtype],
    count: shape.reduce((n, size) => n * size, 1),
    isDense: strides.join() === contiguousStrides(shape).join(),
    buffer,
  };
}
