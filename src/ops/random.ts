import { record, recordInPlace } from '../autograd/record.js';
import type { Operand } from '../backends/call.js';
import { kernels } from '../backends/index.js';
import { bool, type DTypeInfo, float32, float64, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { defaultGenerator, type Generator } from '../random/generator.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkInPlace, checkTensor, dense } from './apply.js';
import { named } from './options.js';

/** Where random functions draw from. */
export interface RandomOptions {
  generator?: Generator | null;
}

function stateOf(generator: Generator | null | undefined): Operand {
  return (generator ?? defaultGenerator).state;
}

/** x's memory from front to back where x fills it in some order of its dims, else null. PyTorch draws in that order. */
function inMemoryOrder(x: Tensor): Tensor | null {
  if (x.isDense) return x;
  const dims = x.shape.map((size, i) => [x.strides[i]!, size] as const).filter(([, size]) => size !== 1);
  dims.sort((a, b) => a[0] - b[0]);
  let expected = 1;
  for (const [stride, size] of dims) {
    if (stride !== expected) return null;
    expected *= size;
  }
  return x.makeAlias([x.count], [1], x.offset);
}

/** Overwrites x with what `fill` draws. */
function fillRandom(op: string, gradFn: string, x: Tensor, fill: (target: Tensor) => void): Tensor {
  checkTensor(op, x);
  checkInPlace(op, x);
  const target = inMemoryOrder(x);
  if (target !== null) fill(target);
  else {
    const drawn = x.makeEmpty(x.shape, x.dtypeInfo);
    fill(drawn);
    x.writeFrom(drawn);
  }
  return recordInPlace(gradFn, x, [x], [], [(grad) => grad.newZeros(grad.shape)]);
}

function checkFloat(op: string, info: DTypeInfo): void {
  if (info !== float32 && info !== float64)
    throw typeError(`${op}: not implemented for ${info.name}; use a float32 or float64 tensor.`);
}

/** Uniform numbers in [from, to). */
export const uniform_ = named(
  'uniform_',
  ['input', 'from', 'to', 'generator'],
  (x: Tensor, from: number = 0, to: number = 1, generator?: Generator | null): Tensor => {
    checkTensor('uniform_', x);
    checkFloat('uniform_', x.dtypeInfo);
    if (!(from <= to))
      throw rangeError(`uniform_: uniform_ expects to return a [from, to) range, but found from=${from} > to=${to}.`);
    return fillRandom('uniform_', 'UniformBackward0', x, (target) =>
      kernels.randomUniform(target, stateOf(generator), from, to),
    );
  },
);

/** Normal numbers of this mean and standard deviation. */
export const normal_ = named(
  'normal_',
  ['input', 'mean', 'std', 'generator'],
  (x: Tensor, mean: number = 0, std: number = 1, generator?: Generator | null): Tensor => {
    checkTensor('normal_', x);
    checkFloat('normal_', x.dtypeInfo);
    if (!(std >= 0)) throw rangeError(`normal_: normal expects std >= 0.0, but found std ${std}.`);
    const serial = x.isDense ? 0 : 1;
    return fillRandom('normal_', 'NormalBackward0', x, (target) =>
      kernels.randomNormal(target, stateOf(generator), serial, mean, std),
    );
  },
);

const halves = (value: bigint): [number, number] => [Number((value >> 32n) & 0xffffffffn), Number(value & 0xffffffffn)];

/** How many whole numbers, from 0 on, random_() draws from: all that the dtype holds exactly. 0 is 2 ** 64. */
function fullRange(info: DTypeInfo): bigint {
  if (info === float64) return (1n << 53n) + 1n;
  if (info === float32) return (1n << 24n) + 1n;
  if (info === bool) return 2n;
  if (info.name === 'uint8') return 256n;
  return 1n << BigInt(info.size * 8 - 1);
}

/** Whole numbers in [from, to), or [0, to), or all the dtype can hold. */
export const random_ = named(
  'random_',
  ['input', 'from', 'to', 'generator'],
  (x: Tensor, from?: number | bigint | null, to?: number | bigint | null, generator?: Generator | null): Tensor => {
    checkTensor('random_', x);
    const hasRange = from !== undefined && from !== null;
    const low = hasRange && to !== undefined && to !== null ? BigInt(from) : 0n;
    const high = hasRange ? BigInt(to ?? from) : fullRange(x.dtypeInfo);
    if (low >= high)
      throw rangeError(`random_: random_ expects 'from' to be less than 'to', but got from=${low} >= to=${high}.`);
    return fillRandom('random_', 'RandomBackward0', x, (target) =>
      kernels.randomInteger(target, stateOf(generator), ...halves(high - low), ...halves(BigInt.asUintN(64, low))),
    );
  },
);

/** 1 with probability p, else 0; p a number or a tensor of x's shape. */
export const bernoulli_ = named(
  'bernoulli_',
  ['input', 'p', 'generator'],
  (x: Tensor, p: number | Tensor = 0.5, generator?: Generator | null): Tensor => {
    checkTensor('bernoulli_', x);
    if (typeof p === 'number') {
      if (!(p >= 0 && p <= 1)) throw rangeError(`bernoulli_: bernoulli_ expects p to be in [0, 1], but got p=${p}.`);
      return fillRandom('bernoulli_', 'BernoulliBackward0', x, (target) =>
        kernels.randomBernoulli(target, stateOf(generator), null, p, 1),
      );
    }
    const probabilities = dense(p.expand(x.shape));
    checkProbabilities('bernoulli_', probabilities);
    return fillRandom('bernoulli_', 'BernoulliBackward1', x, (target) =>
      kernels.randomBernoulli(target, stateOf(generator), probabilities, 0, 1),
    );
  },
);

function checkProbabilities(op: string, p: Tensor): void {
  checkFloat(op, p.dtypeInfo);
  const values = p.storage.view(p.dtypeInfo, p.offset, p.count) as Float64Array;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!(value >= 0 && value <= 1))
      throw rangeError(`${op}: Expected p_in >= 0 && p_in <= 1 to be true, but element ${i} is ${value}.`);
  }
}

/** 1 with the probability that x holds, else 0. */
export const bernoulli = named(
  'bernoulli',
  ['input', 'p', 'generator'],
  (x: Tensor, p?: number | null, generator?: Generator | null): Tensor => {
    checkTensor('bernoulli', x);
    const out = x.makeEmpty(x.shape, x.dtypeInfo);
    if (typeof p === 'number') return bernoulli_(out, p, generator);
    const probabilities = dense(x);
    checkProbabilities('bernoulli', probabilities);
    kernels.randomBernoulli(out, stateOf(generator), probabilities, 0, 1);
    return record('BernoulliBackward0', out, [x], [], [(grad) => grad.newZeros(grad.shape)]);
  },
);

/** Exponential numbers of this rate. */
export const exponential_ = named(
  'exponential_',
  ['input', 'lambd', 'generator'],
  (x: Tensor, lambd: number = 1, generator?: Generator | null): Tensor => {
    checkFloat('exponential_', x.dtypeInfo);
    if (!(lambd >= 0)) throw rangeError(`exponential_: exponential_ expects lambda >= 0.0, but found lambda=${lambd}.`);
    return fillRandom('exponential_', 'ExponentialBackward0', x, (target) =>
      kernels.randomExponential(target, stateOf(generator), lambd),
    );
  },
);

/** How many trials of probability p until the first success. */
export const geometric_ = named(
  'geometric_',
  ['input', 'p', 'generator'],
  (x: Tensor, p: number, generator?: Generator | null): Tensor => {
    if (!(p > 0 && p < 1)) throw rangeError(`geometric_: geometric_ expects p to be in (0, 1), but got p=${p}.`);
    return fillRandom('geometric_', 'GeometricBackward0', x, (target) =>
      kernels.randomGeometric(target, stateOf(generator), p),
    );
  },
);

/** Numbers of Cauchy's distribution. */
export const cauchy_ = named(
  'cauchy_',
  ['input', 'median', 'sigma', 'generator'],
  (x: Tensor, median: number = 0, sigma: number = 1, generator?: Generator | null): Tensor => {
    checkFloat('cauchy_', x.dtypeInfo);
    if (!(sigma > 0)) throw rangeError(`cauchy_: cauchy_ expects sigma > 0.0, but found sigma=${sigma}.`);
    return fillRandom('cauchy_', 'CauchyBackward0', x, (target) =>
      kernels.randomCauchy(target, stateOf(generator), median, sigma),
    );
  },
);

/** Numbers whose logarithm is normal. */
export const logNormal_ = named(
  'logNormal_',
  ['input', 'mean', 'std', 'generator'],
  (x: Tensor, mean: number = 1, std: number = 2, generator?: Generator | null): Tensor => {
    checkFloat('logNormal_', x.dtypeInfo);
    if (!(std > 0)) throw rangeError(`logNormal_: log_normal_ expects std > 0.0, but found std=${std}.`);
    return fillRandom('logNormal_', 'LogNormalBackward0', x, (target) =>
      kernels.randomLogNormal(target, stateOf(generator), mean, std),
    );
  },
);

/** Poisson numbers of the rates in x. */
export const poisson = named('poisson', ['input', 'generator'], (x: Tensor, generator?: Generator | null): Tensor => {
  checkTensor('poisson', x);
  checkFloat('poisson', x.dtypeInfo);
  const rates = dense(x);
  const values = rates.storage.view(rates.dtypeInfo, rates.offset, rates.count) as Float64Array;
  if (values.some((value) => !(value >= 0)))
    throw rangeError('poisson: invalid Poisson rate, expected rate to be non-negative.');
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  kernels.randomPoisson(out, stateOf(generator), rates);
  return record('PoissonBackward0', out, [x], [], [(grad) => grad.newZeros(grad.shape)]);
});

/**
 * Indices drawn from each row of weights [categories] or [rows, categories] → int64 [numSamples] or [rows, numSamples].
 * https://pytorch.org/docs/stable/generated/torch.multinomial.html
 */
export const multinomial = named(
  'multinomial',
  ['input', 'numSamples', 'replacement', 'generator'],
  (x: Tensor, numSamples: number, replacement = false, generator?: Generator | null): Tensor => {
    checkTensor('multinomial', x);
    checkFloat('multinomial', x.dtypeInfo);
    const rank = x.shape.length;
    if (rank !== 1 && rank !== 2)
      throw rangeError(`multinomial: prob_dist must be 1 or 2 dim, but has shape [${x.shape.join(', ')}].`);
    if (!Number.isInteger(numSamples) || numSamples <= 0)
      throw rangeError(`multinomial: cannot sample n_sample <= 0 samples, got ${describe(numSamples)}.`);
    const categories = x.shape[rank - 1]!;
    const rows = rank === 2 ? x.shape[0]! : 1;
    if (categories === 0) throw rangeError('multinomial: there are no categories to draw from.');
    if (!replacement && numSamples > categories)
      throw rangeError(
        `multinomial: cannot sample n_sample (${numSamples}) > prob_dist.size(-1) (${categories}) samples without replacement.`,
      );
    const shape = rank === 2 ? [rows, numSamples] : [numSamples];
    const weights = dense(x.detach());
    if (replacement) {
      const out = x.makeEmpty(shape, int64);
      kernels.randomMultinomial(
        out,
        stateOf(generator),
        weights,
        x.makeEmpty([categories], x.dtypeInfo),
        rows,
        categories,
        numSamples,
      );
      return out;
    }
    checkWeights(weights, rows, categories);
    // Each weight over an exponential number: the largest are a sample without replacement.
    const keys = exponential_(x.makeEmpty(x.shape, x.dtypeInfo), 1, generator);
    const ratio = weights.div(keys);
    return largest(ratio, rows, categories, numSamples, x.makeEmpty(shape, int64));
  },
);

/** The places of the `count` largest of each row, largest first. */
function largest(x: Tensor, rows: number, categories: number, count: number, out: Tensor): Tensor {
  const values = x.storage.view(x.dtypeInfo, x.offset, x.count) as Float64Array;
  const places = out.storage.view(int64, out.offset, out.count);
  for (let row = 0; row < rows; row++) {
    const order = Array.from({ length: categories }, (_, i) => i);
    order.sort((a, b) => values[row * categories + b]! - values[row * categories + a]!);
    for (let i = 0; i < count; i++) places[row * count + i] = BigInt(order[i]!);
  }
  return out;
}

function checkWeights(weights: Tensor, rows: number, categories: number): void {
  const values = weights.storage.view(weights.dtypeInfo, weights.offset, weights.count) as Float64Array;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = row * categories; i < (row + 1) * categories; i++) {
      if (!(values[i]! >= 0 && values[i]! < Number.POSITIVE_INFINITY))
        throw rangeError(`multinomial: probability tensor contains either inf, nan or element < 0 (${values[i]}).`);
      sum += values[i]!;
    }
    if (!(sum > 0)) throw rangeError('multinomial: invalid multinomial distribution (sum of probabilities <= 0).');
  }
}
