import { kernels } from '../backends/index.js';
import { empty, fromTypedArray } from '../creation.js';
import { rangeError, typeError } from '../errors.js';
import { checkTensor } from '../ops/apply.js';
import { checkTensorOptions, isOptions } from '../ops/options.js';
import { normal_, type RandomOptions, random_, uniform_ } from '../ops/random.js';
import {
  defaultGenerator,
  type Generator,
  setRngState as setStateBytes,
  getRngState as stateBytes,
} from '../random/generator.js';
import { checkSizes, describe, type Shape } from '../shape.js';
import { Tensor, type TensorOptions } from '../tensor.js';
import { sizesAndOptions } from './making.js';

export type RandomTensorOptions = TensorOptions & RandomOptions;
type Sized =
  | [...sizes: number[]]
  | [...sizes: number[], options: RandomTensorOptions]
  | [shape: Shape]
  | [shape: Shape, options: RandomTensorOptions];

function drawn(op: string, args: readonly unknown[], fill: (x: Tensor, generator: Generator | null) => Tensor): Tensor {
  const { shape, options } = sizesAndOptions(op, args, 'generator');
  const { requiresGrad, generator, size: _, ...rest } = options as RandomTensorOptions & { size?: Shape };
  const x = fill(empty(shape, rest), generator ?? null);
  return requiresGrad ? x.requiresGrad_() : x;
}

/** Uniform numbers in [0, 1). @example rand(2, 3); rand([2, 3], { generator }) */
export function rand(...args: Sized): Tensor {
  return drawn('rand', args, (x, generator) => uniform_(x, 0, 1, generator));
}

/** Normal numbers of mean 0 and standard deviation 1. */
export function randn(...args: Sized): Tensor {
  return drawn('randn', args, (x, generator) => normal_(x, 0, 1, generator));
}

/** Whole numbers in [low, high), or [0, high); int64 unless a dtype is given. */
export function randint(high: number | bigint, size: Shape, options?: RandomTensorOptions): Tensor;
export function randint(
  low: number | bigint,
  high: number | bigint,
  size: Shape,
  options?: RandomTensorOptions,
): Tensor;
export function randint(...args: unknown[]): Tensor {
  const last = args[args.length - 1];
  const options = (isOptions(last) ? last : {}) as RandomTensorOptions & { low?: number; high?: number; size?: Shape };
  checkTensorOptions('randint', options, 'low', 'high', 'size', 'generator');
  const given = isOptions(last) ? args.slice(0, -1) : args;
  const size = (given.find(Array.isArray) as Shape | undefined) ?? options.size;
  const numbers = given.filter((value) => !Array.isArray(value)) as (number | bigint)[];
  if (size === undefined)
    throw typeError(
      `randint: size must be an array of sizes, got ${given.map(describe).join(', ')}; write randint(0, 10, [2, 3]).`,
    );
  checkSizes('randint', size);
  const low = numbers.length > 1 ? numbers[0]! : (options.low ?? 0);
  const high = numbers.length > 1 ? numbers[1]! : (numbers[0] ?? options.high);
  if (high === undefined) throw typeError('randint: high is missing; write randint(0, 10, [2, 3]).');
  const { requiresGrad, generator, dtype } = options;
  if (low >= high)
    throw rangeError(`randint: random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}.`);
  const x = random_(empty([...size], { dtype: dtype ?? 'int64' }), low, high, generator ?? null);
  return requiresGrad ? x.requiresGrad_() : x;
}

/** 0 … n-1 in a random order; int64 unless a dtype is given. */
export function randperm(n: number, options: RandomTensorOptions = {}): Tensor {
  checkSizes('randperm', [n]);
  checkTensorOptions('randperm', options, 'generator');
  const { requiresGrad, generator, dtype } = options;
  const x = empty([n], { dtype: dtype ?? 'int64' });
  kernels.randomPermutation(x, (generator ?? defaultGenerator).state);
  return requiresGrad ? x.requiresGrad_() : x;
}

function likeOptions(op: string, x: Tensor, options: RandomTensorOptions): RandomTensorOptions {
  checkTensorOptions(op, options, 'generator');
  return { ...options, dtype: options.dtype ?? x.dtype };
}

/** Uniform numbers from [0, 1), of x's shape and dtype. */
export function randLike(x: Tensor, options: RandomTensorOptions = {}): Tensor {
  checkTensor('randLike', x);
  return rand(x.shape, likeOptions('randLike', x, options));
}

/** Numbers of the standard normal distribution, of x's shape and dtype. */
export function randnLike(x: Tensor, options: RandomTensorOptions = {}): Tensor {
  checkTensor('randnLike', x);
  return randn(x.shape, likeOptions('randnLike', x, options));
}

/** Whole numbers from [low, high), of x's shape and dtype; from [0, low) without `high`. */
export function randintLike(
  x: Tensor,
  low: number,
  high?: number | RandomTensorOptions,
  options: RandomTensorOptions = {},
): Tensor {
  checkTensor('randintLike', x);
  if (typeof high !== 'number') return randint(0, low, x.shape, likeOptions('randintLike', x, high ?? {}));
  return randint(low, high, x.shape, likeOptions('randintLike', x, options));
}

/**
 * Normal numbers: mean and std numbers with a size, or tensors (broadcast) or one of each.
 * https://pytorch.org/docs/stable/generated/torch.normal.html
 */
export function normal(
  mean: number | Tensor,
  std: number | Tensor = 1,
  size?: Shape | RandomTensorOptions,
  options: RandomTensorOptions = {},
): Tensor {
  checkTensorOptions('normal', isOptions(size) ? size : options, 'generator');
  const generator = (isOptions(size) ? (size as RandomTensorOptions).generator : options.generator) ?? null;
  if (typeof mean === 'number' && typeof std === 'number') {
    if (size === undefined || !Array.isArray(size))
      throw typeError('normal: with two numbers the size is needed: normal(0, 1, [2, 3]).');
    const { requiresGrad, generator: _, ...rest } = options;
    const x = normal_(empty([...(size as Shape)], rest), mean, std, generator);
    return requiresGrad ? x.requiresGrad_() : x;
  }
  if (mean instanceof Tensor && typeof std === 'number')
    return normal_(empty(mean.shape, { dtype: mean.dtype }), 0, std, generator).add_(mean.detach());
  const deviations = std as Tensor;
  const values = deviations.toTypedArray() as Float64Array;
  if (values.some((value) => !(value >= 0))) throw rangeError('normal: normal expects all elements of std >= 0.0.');
  if (typeof mean === 'number')
    return normal_(empty(deviations.shape, { dtype: deviations.dtype }), 0, 1, generator)
      .mul_(deviations.detach())
      .add_(mean);
  const shape = mean.add(deviations).shape;
  return normal_(empty(shape, { dtype: mean.dtype }), 0, 1, generator)
    .mul_(deviations.detach())
    .add_(mean.detach());
}

/** A seed drawn from a generator, as PyTorch's data loader and samplers draw theirs. */
export function randomSeed(generator?: Generator | null): bigint {
  return BigInt(random_(empty([], { dtype: 'int64' }), null, null, generator ?? null).elementAt(0) as number | bigint);
}

/** The default generator's state, a uint8 tensor of PyTorch's layout. */
export function getRngState(): Tensor {
  return fromTypedArray(stateBytes());
}

/** Continues from a state that {@link getRngState}, or PyTorch's get_rng_state, gave. */
export function setRngState(state: Tensor): void {
  setStateBytes(state.toTypedArray() as Uint8Array);
}
