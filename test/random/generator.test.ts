import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { kernels } from '../../src/backends/index.js';
import {
  defaultGenerator,
  Generator,
  getRngState,
  initialSeed,
  manualSeed,
  seed,
  setRngState,
} from '../../src/random/generator.js';
import { operand } from './kernels.js';

const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

function uniforms(generator: Generator, n: number): number[] {
  const out = operand('float32', [n]);
  kernels.randomUniform(out, generator.state, 0, 1);
  return Array.from(out.data as Float32Array);
}

function normals(generator: Generator, n: number, dtype: 'float32' | 'float64' = 'float32'): number[] {
  const out = operand(dtype, [n]);
  kernels.randomNormal(out, generator.state, 0, 0, 1);
  return Array.from(out.data as Float32Array);
}

// Hashes of what torch.get_rng_state() gives after the same calls.
describe("a generator's state has PyTorch's bytes", () => {
  test('right after seeding', () => {
    expect(sha(new Generator().manualSeed(5).getState())).toBe(
      'f4ef6f460154679cfe881f5d260e16f8ed904898fabc025c755a71e2692eb75c',
    );
  });

  test('with one half of a normal pair waiting, and without', () => {
    const generator = new Generator().manualSeed(5);
    normals(generator, 1);
    expect(sha(generator.getState())).toBe('35adce56ae19b58b402a9256362d05609319d0933563e2b8fbf81e3cf1667885');
    normals(generator, 1);
    expect(sha(generator.getState())).toBe('24f961218a78566f25e859dcfeb98a8bc294a18948936a5680baea3dab0c91cb');
    generator.manualSeed(5);
    normals(generator, 3, 'float64');
    expect(sha(generator.getState())).toBe('b4d410285f91ff274a51ee6e3aa48d4890aeb2cf2bd7da29b71a4cbbd79f53f3');
  });

  test('at the end of a block and inside the next', () => {
    const generator = new Generator().manualSeed(5);
    uniforms(generator, 624);
    expect(sha(generator.getState())).toBe('7447755f70b7c1784d39e5cfca8fb9d7f9402df4c6310341075f5ab62572db34');
    uniforms(generator, 76);
    expect(sha(generator.getState())).toBe('4813909976d4960b1e7f8b767acce1e4389e78cde131dcaa25b453a0214eda50');
  });

  test('with a negative seed', () => {
    const generator = new Generator().manualSeed(-5);
    expect(generator.initialSeed()).toBe(18446744073709551611n);
    uniforms(generator, 0);
    expect(sha(generator.manualSeed(-5).getState())).toBe(sha(new Generator().manualSeed(2n ** 64n - 5n).getState()));
    expect(uniforms(generator, 3)).toEqual([0.9308151006698608, 0.6607242226600647, 0.9807688593864441]);
  });
});

describe('seeds', () => {
  test('the low 32 bits decide', () => {
    expect(uniforms(new Generator().manualSeed(2n ** 64n - 1n), 3)).toEqual([
      0.9937993884086609, 0.5713063478469849, 0.5700080394744873,
    ]);
    expect(uniforms(new Generator().manualSeed(2 ** 40 + 7), 3)).toEqual(uniforms(new Generator().manualSeed(7), 3));
  });

  test('a new generator has the default seed', () => {
    const generator = new Generator();
    expect(generator.initialSeed()).toBe(67280421310721);
    expect(uniforms(generator, 3)).toEqual([0.267295241355896, 0.8725283145904541, 0.3352888226509094]);
  });

  test('what is no seed is refused', () => {
    const generator = new Generator();
    expect(() => generator.manualSeed(1.5)).toThrow(RangeError);
    expect(() => generator.manualSeed(2n ** 64n)).toThrow(/does not fit 64 bits/);
    expect(() => generator.manualSeed(-(2n ** 63n) - 1n)).toThrow(RangeError);
    expect(() => generator.manualSeed('7' as unknown as number)).toThrow(TypeError);
    expect(generator.initialSeed()).toBe(67280421310721);
  });

  test('seed() starts another stream each time', () => {
    const generator = new Generator();
    const first = generator.seed();
    expect(generator.initialSeed()).toBe(first);
    expect(generator.seed()).not.toBe(first);
  });

  test('the module functions speak of the default generator', () => {
    expect(manualSeed(42)).toBe(defaultGenerator);
    expect(initialSeed()).toBe(42);
    const state = getRngState();
    const first = uniforms(defaultGenerator, 5);
    setRngState(state);
    expect(uniforms(defaultGenerator, 5)).toEqual(first);
    expect(initialSeed()).toBe(42);
    expect(seed()).toBe(initialSeed());
  });
});

describe('setState and clone', () => {
  test('continue the stream where it stood, the waiting normal number included', () => {
    const generator = new Generator().manualSeed(1);
    normals(generator, 7);
    const other = new Generator().setState(generator.getState());
    const copy = generator.clone();
    const expected = normals(generator, 40);
    expect(normals(other, 40)).toEqual(expected);
    expect(normals(copy, 40)).toEqual(expected);
    expect(other.getState()).toEqual(generator.getState());
    expect(copy.initialSeed()).toBe(1);
  });

  test('refuse bytes that are no state, and keep the old one', () => {
    const generator = new Generator().manualSeed(1);
    const state = generator.getState();
    const change = (offset: number, value: number): Uint8Array => {
      const bytes = state.slice();
      new DataView(bytes.buffer).setInt32(offset, value, true);
      return bytes;
    };
    expect(() => generator.setState(state.subarray(8))).toThrow(/5056 bytes/);
    for (const bytes of [change(8, 0), change(8, 625), change(8, -1), change(16, 700), change(20, 1), change(12, 0)]) {
      expect(() => generator.setState(bytes)).toThrow(/no mt19937 state/);
    }
    expect(generator.getState()).toEqual(state);
  });

  test('a state read from an unaligned view', () => {
    const generator = new Generator().manualSeed(3);
    uniforms(generator, 10);
    const shifted = new Uint8Array(5057).subarray(1);
    shifted.set(generator.getState());
    expect(uniforms(new Generator().setState(shifted), 3)).toEqual(uniforms(generator, 3));
  });
});
