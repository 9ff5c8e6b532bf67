/** The in-place forms that nn.functional has as functions: `elu_(x)` is `elu(x, { inplace: true })`. */
import type { Tensor } from '../tensor.js';
import { hardtanh, leakyRelu, relu, threshold } from './activation.js';
import { rrelu } from './gating.js';
import { named } from './options.js';
import { celu, elu, selu } from './smooth.js';

/** Overwrites x with `celu(x)`. */
export const celu_ = named(
  'celu_',
  ['input', 'alpha'],
  (input: Tensor, alpha: number = 1): Tensor => celu(input, alpha, true),
);

/** Overwrites x with `elu(x)`. */
export const elu_ = named(
  'elu_',
  ['input', 'alpha'],
  (input: Tensor, alpha: number = 1): Tensor => elu(input, alpha, true),
);

/** Overwrites x with `hardtanh(x)`. */
export const hardtanh_ = named(
  'hardtanh_',
  ['input', 'minVal', 'maxVal'],
  (input: Tensor, minVal: number = -1, maxVal: number = 1): Tensor => hardtanh(input, minVal, maxVal, true),
);

/** Overwrites x with `leakyRelu(x)`. */
export const leakyRelu_ = named(
  'leakyRelu_',
  ['input', 'negativeSlope'],
  (input: Tensor, negativeSlope: number = 0.01): Tensor => leakyRelu(input, negativeSlope, true),
);

/** Overwrites x with `relu(x)`. */
export const relu_ = (input: Tensor): Tensor => relu(input, true);

/** Overwrites x with `rrelu(x)`. */
export const rrelu_ = named(
  'rrelu_',
  ['input', 'lower', 'upper', 'training'],
  (input: Tensor, lower: number = 1 / 8, upper: number = 1 / 3, training: boolean = false): Tensor =>
    rrelu(input, lower, upper, training, true),
);

/** Overwrites x with `selu(x)`. */
export const selu_ = (input: Tensor): Tensor => selu(input, true);

/** Overwrites x with `threshold(x)`. */
export const threshold_ = named(
  'threshold_',
  ['input', 'threshold', 'value'],
  (input: Tensor, limit: number, value: number): Tensor => threshold(input, limit, value, true),
);
