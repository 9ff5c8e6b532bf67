import { randperm } from '../creation/random.js';
import type { Generator } from '../random/generator.js';

/** A random order of 0 … n-1, drawn as PyTorch's randperm draws it. */
export function permutation(n: number, generator?: Generator): number[] {
  return randperm(n, generator === undefined ? {} : { generator }).tolist() as number[];
}
