/**
 * The WebAssembly backend's module: every kernel of `src/kernels.ts` under its own name, and what the caller needs to
 * reach it: `memory`, `descriptor()` and `heapBase()`.
 *
 * A kernel takes the address of each operand's first element (0 for an absent one), then its scalars as f64.
 */
import { DESCRIPTOR } from './descriptor';

/** Where the descriptor stands. */
export function descriptor(): usize {
  return DESCRIPTOR;
}

/** The first address that is the caller's: it stages operands from there on, and grows the memory as it needs. */
export function heapBase(): usize {
  return (__heap_base + 63) & ~63;
}

export * from './compare';
export * from './convert';
export * from './decomposition';
export * from './cumulative';
export * from './eigen';
export * from './distributions';
export * from './elementwise';
export * from './extremes';
export * from './fold';
export * from './fft';
export * from './indexing';
export * from './masking';
export * from './ldl';
export * from './matmul';
export * from './norm';
export * from './normalization';
export * from './optim';
export * from './adam';
export * from './random';
export * from './reduction';
export * from './spectral';
export * from './special';
export * from './gamma';
export * from './normal';
export * from './bessel';
export * from './polynomials';
export * from './ternary';
export * from './unary';
export * from './searching';
export * from './sorting';
export * from './activation';
export * from './attention';
export * from './batch_norm';
export * from './group_norm';
export * from './convolution';
export * from './loss';
export * from './distance';
export * from './recurrent';
export * from './nll';
export * from './averaging';
export * from './pooling';
export * from './resample';
export * from './smooth';
export * from './softmax';
