import { noGrad } from '../autograd/mode.js';
import { kernels } from '../backends/index.js';
import { randperm } from '../creation/random.js';
import { tensor as newTensor } from '../creation.js';
import { float64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { checkTensor } from '../ops/apply.js';
import { named } from '../ops/options.js';
import type { Generator } from '../random/generator.js';
import { describe, numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';

const LINEAR = new Set([
  'linear',
  'conv1d',
  'conv2d',
  'conv3d',
  'convTranspose1d',
  'convTranspose2d',
  'convTranspose3d',
  'sigmoid',
]);

/** PyTorch's own spelling of a function's name as ours. */
const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/**
 * The factor by which a nonlinearity's weights should be larger: `√2` for relu, `5/3` for tanh, `√(2 / (1 + slope²))` for
 * leakyRelu, …
 * @param param leakyRelu's slope, 0.01 if not given
 */
export function calculateGain(nonlinearity: string, param: number | null = null): number {
  const name = camel(nonlinearity);
  if (LINEAR.has(name)) return 1;
  if (name === 'tanh') return 5 / 3;
  if (name === 'relu') return Math.sqrt(2);
  if (name === 'selu') return 3 / 4;
  if (name !== 'leakyRelu')
    throw typeError(
      `calculateGain: Unsupported nonlinearity ${nonlinearity}; use linear, a convolution's name, sigmoid, tanh, relu, leakyRelu or selu.`,
    );
  if (param !== null && typeof param !== 'number')
    throw typeError(`calculateGain: negative_slope ${describe(param)} not a valid number.`);
  return Math.sqrt(2 / (1 + (param ?? 0.01) ** 2));
}

/** How many inputs and outputs each element of a weight connects. @throws RangeError for fewer than 2 dimensions */
export function calculateFanInAndFanOut(tensor: Tensor): [fanIn: number, fanOut: number] {
  checkTensor('calculateFanInAndFanOut', tensor);
  const [outputs, inputs, ...kernel] = tensor.shape;
  if (inputs === undefined) {
    throw rangeError(
      `calculateFanInAndFanOut: Fan in and fan out can not be computed for tensor with fewer than 2 dimensions, but its shape is [${tensor.shape.join(', ')}].`,
    );
  }
  const field = numberOfElements(kernel);
  return [inputs * field, outputs! * field];
}

function correctFan(tensor: Tensor, mode: string): number {
  const name = camel(String(mode)).toLowerCase();
  if (name !== 'fanin' && name !== 'fanout')
    throw rangeError(`kaiming: Mode ${mode} not supported, please use one of fan_in, fan_out.`);
  return calculateFanInAndFanOut(tensor)[name === 'fanin' ? 0 : 1];
}

function inPlace(tensor: Tensor, body: () => unknown): Tensor {
  checkTensor('init', tensor);
  noGrad(() => void body());
  return tensor;
}

/** Elements drawn uniformly from `[a, b)`. */
export const uniform_ = named(
  'uniform_',
  ['tensor', 'a', 'b', 'generator'],
  (tensor: Tensor, a: number = 0, b: number = 1, generator?: Generator | null): Tensor =>
    inPlace(tensor, () => tensor.uniform_(a, b, { generator: generator ?? null })),
);

/** Elements drawn from the normal distribution `N(mean, std²)`. */
export const normal_ = named(
  'normal_',
  ['tensor', 'mean', 'std', 'generator'],
  (tensor: Tensor, mean: number = 0, std: number = 1, generator?: Generator | null): Tensor =>
    inPlace(tensor, () => tensor.normal_(mean, std, { generator: generator ?? null })),
);

/** Every element `val`. */
export function constant_(tensor: Tensor, val: number): Tensor {
  return inPlace(tensor, () => tensor.fill_(val));
}

/** Every element 1. */
export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/** Every element 0. */
export function zeros_(tensor: Tensor): Tensor {
  return inPlace(tensor, () => tensor.zero_());
}

/** The identity matrix. @throws RangeError unless the tensor has 2 dimensions */
export function eye_(tensor: Tensor): Tensor {
  checkTensor('eye_', tensor);
  const [rows, columns] = tensor.shape;
  if (tensor.shape.length !== 2)
    throw rangeError(`eye_: Only tensors with 2 dimensions are supported, but this one has ${tensor.shape.length}.`);
  return inPlace(tensor, () => {
    tensor.zero_();
    const [down, across] = tensor.strides;
    tensor.makeAlias([Math.min(rows!, columns!)], [down! + across!], tensor.offset).fill_(1);
  });
}

/** The kernel of a convolution (3, 4 or 5 dimensions) that passes its inputs on, as many channels of each group as there are. */
export const dirac_ = named('dirac_', ['tensor', 'groups'], (tensor: Tensor, groups: number = 1): Tensor => {
  checkTensor('dirac_', tensor);
  const { shape, strides } = tensor;
  if (shape.length < 3 || shape.length > 5)
    throw rangeError(
      `dirac_: Only tensors with 3, 4, or 5 dimensions are supported, but this one has ${shape.length}.`,
    );
  if (shape[0]! % groups !== 0)
    throw rangeError(`dirac_: dim 0 (${shape[0]}) must be divisible by groups (${groups}).`);
  const perGroup = shape[0]! / groups;
  const middle = shape
    .slice(2)
    .reduce((offset, size, i) => offset + Math.floor(size / 2) * strides[i + 2]!, tensor.offset);
  return inPlace(tensor, () => {
    tensor.zero_();
    const size = [groups, Math.min(perGroup, shape[1]!)];
    tensor.makeAlias(size, [perGroup * strides[0]!, strides[0]! + strides[1]!], middle).fill_(1);
  });
});

/** Uniform with bound `gain · √(6 / (fanIn + fanOut))` (Glorot). */
export const xavierUniform_ = named(
  'xavierUniform_',
  ['tensor', 'gain', 'generator'],
  (tensor: Tensor, gain: number = 1, generator?: Generator | null): Tensor => {
    const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
    const bound = Math.sqrt(3) * (gain * Math.sqrt(2 / (fanIn + fanOut)));
    return uniform_(tensor, -bound, bound, generator);
  },
);

/** Normal with standard deviation `gain · √(2 / (fanIn + fanOut))` (Glorot). */
export const xavierNormal_ = named(
  'xavierNormal_',
  ['tensor', 'gain', 'generator'],
  (tensor: Tensor, gain: number = 1, generator?: Generator | null): Tensor => {
    const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
    return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), generator);
  },
);

/** Fills a tensor by the standard deviation that He's rule gives it, `gain / √fan`. */
function kaiming(op: string, fill: (tensor: Tensor, deviation: number, generator?: Generator | null) => Tensor) {
  return named(
    op,
    ['tensor', 'a', 'mode', 'nonlinearity', 'generator'],
    (
      tensor: Tensor,
      a: number = 0,
      mode: string = 'fan_in',
      nonlinearity: string = 'leaky_relu',
      generator?: Generator | null,
    ): Tensor => {
      checkTensor(op, tensor);
      if (tensor.count === 0) return tensor;
      return fill(tensor, calculateGain(nonlinearity, a) / Math.sqrt(correctFan(tensor, mode)), generator);
    },
  );
}

/** Uniform with bound `gain · √(3 / fan)` (He). */
export const kaimingUniform_ = kaiming('kaimingUniform_', (tensor, deviation, generator) => {
  const bound = Math.sqrt(3) * deviation;
  return uniform_(tensor, -bound, bound, generator);
});

/** Normal with standard deviation `gain / √fan` (He). */
export const kaimingNormal_ = kaiming('kaimingNormal_', (tensor, deviation, generator) =>
  normal_(tensor, 0, deviation, generator),
);

const TRUNCATED = ['tensor', 'mean', 'std', 'a', 'b', 'generator'] as const;
/** The standard normal distribution's function. */
const phi = (x: number): number => (1 + errorFunction(x / Math.sqrt(2))) / 2;

/** The error function of one number, in double. */
const errorFunction = (x: number): number => newTensor([x], { dtype: 'float64' }).erf().item();

/** Normal numbers of which those outside `[a, b]` are drawn again. */
export const truncNormal_ = named(
  'truncNormal_',
  TRUNCATED,
  (
    tensor: Tensor,
    mean: number = 0,
    std: number = 1,
    a: number = -2,
    b: number = 2,
    generator?: Generator | null,
  ): Tensor => {
    if (mean < a - 2 * std || mean > b + 2 * std) {
      process.emitWarning(
        'mean is more than 2 std from [a, b] in nn.init.truncNormal_. The distribution of values may be incorrect.',
      );
    }
    return inPlace(tensor, () => {
      // Uniform between the bounds' values of the distribution function, through its inverse.
      tensor.uniform_(2 * phi((a - mean) / std) - 1, 2 * phi((b - mean) / std) - 1, { generator: generator ?? null });
      tensor.erfinv_();
      tensor.mul_(std * Math.sqrt(2));
      tensor.add_(mean);
      tensor.clamp_(a, b);
    });
  },
);

/** Normal numbers, of which a fraction of each column is 0. */
export const sparse_ = named(
  'sparse_',
  ['tensor', 'sparsity', 'std', 'generator'],
  (tensor: Tensor, sparsity: number, std: number = 0.01, generator?: Generator | null): Tensor => {
    checkTensor('sparse_', tensor);
    if (tensor.ndim !== 2)
      throw rangeError(`sparse_: Only tensors with 2 dimensions are supported, but this one has ${tensor.ndim}.`);
    const [rows, columns] = tensor.shape as unknown as [number, number];
    const zeros = Math.ceil(sparsity * rows);
    return inPlace(tensor, () => {
      tensor.normal_(0, std, { generator: generator ?? null });
      for (let column = 0; column < columns; column++) {
        const chosen = randperm(rows, { generator: generator ?? null }).narrow(0, 0, zeros);
        tensor.setAt([chosen, column], 0);
      }
    });
  },
);

/** The orthonormal factor Q of a matrix with no more columns than rows, each column with the sign that R's diagonal has. */
function orthonormal(matrix: Tensor): Tensor {
  const [rows, columns] = matrix.shape as unknown as [number, number];
  const q = matrix.to('float64').contiguous();
  const tau = q.makeEmpty([columns], float64);
  const work = q.makeEmpty([columns], float64);
  kernels.qrFactor(q, tau, work, 1, rows, columns);
  const signs = q.diagonal().sign();
  kernels.householderProduct(q, tau, work, 1, rows, columns, columns);
  return q.mul(signs);
}

/** Rows (or columns, where there are fewer of them) that are orthonormal, times `gain`; further dimensions count as columns. */
export const orthogonal_ = named(
  'orthogonal_',
  ['tensor', 'gain', 'generator'],
  (tensor: Tensor, gain: number = 1, generator?: Generator | null): Tensor => {
    checkTensor('orthogonal_', tensor);
    if (tensor.ndim < 2) {
      throw rangeError(
        `orthogonal_: Only tensors with 2 or more dimensions are supported, but this one has ${tensor.ndim}.`,
      );
    }
    if (tensor.count === 0) return tensor;
    const rows = tensor.shape[0]!;
    const columns = tensor.count / rows;
    return inPlace(tensor, () => {
      const drawn = tensor.newEmpty([rows, columns]).normal_(0, 1, { generator: generator ?? null });
      const q = rows < columns ? orthonormal(drawn.t()).t() : orthonormal(drawn);
      tensor.copy_(q.reshape(tensor.shape));
      tensor.mul_(gain);
    });
  },
);
