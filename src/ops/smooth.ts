import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { type Activation, activate, relu } from './activation.js';
import { checkTensor } from './apply.js';
import { where } from './masks.js';
import { named } from './options.js';

type EluConstants = readonly [alpha: number, scale: number, inputScale: number];

const eluKind: Activation<EluConstants> = {
  op: 'elu',
  gradFn: 'EluBackward0',
  forward: (out, x, [alpha, scale, inputScale]) => kernels.elu(out, x, alpha, scale, inputScale),
  backward: (out, grad, x, [alpha, scale, inputScale]) => kernels.eluBackward(out, grad, x, alpha, scale, inputScale),
  // Clamped, so that what is not chosen does not overflow.
  slope: (x, [alpha, scale, inputScale]) =>
    where(
      x.gt(0),
      scale,
      relu(x.neg())
        .mul(-inputScale)
        .exp()
        .mul(alpha * scale * inputScale),
    ),
};

/**
 * `x > 0 ? x : alpha (eˣ - 1)`.
 * @param inplace overwrite x
 */
export const elu = named(
  'elu',
  ['input', 'alpha', 'inplace'],
  (input: Tensor, alpha: number = 1, inplace: boolean = false): Tensor =>
    activate(eluKind, input, [alpha, 1, 1] as const, inplace),
);

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/**
 * `scale · elu(x, alpha)` with the two constants that keep mean 0 and variance 1 from layer to layer.
 * @param inplace overwrite x
 */
export const selu = named(
  'selu',
  ['input', 'inplace'],
  (input: Tensor, inplace: boolean = false): Tensor =>
    activate({ ...eluKind, op: 'selu' }, input, [SELU_ALPHA, SELU_SCALE, 1] as const, inplace),
);

/**
 * `max(0, x) + min(0, alpha (e^(x / alpha) - 1))`.
 * @param inplace overwrite x
 * @throws RangeError for alpha 0
 */
export const celu = named(
  'celu',
  ['input', 'alpha', 'inplace'],
  (input: Tensor, alpha: number = 1, inplace: boolean = false): Tensor => {
    if (alpha === 0) throw rangeError('celu: ZeroDivisionError: alpha cannot be 0 for CELU.');
    return activate(
      { ...eluKind, op: 'celu', gradFn: 'CeluBackward0' },
      input,
      [alpha, 1, 1 / alpha] as const,
      inplace,
    );
  },
);

const INVERSE_ROOT_2PI = 1 / Math.sqrt(2 * Math.PI);

const geluKind: Activation<readonly []> = {
  op: 'gelu',
  gradFn: 'GeluBackward0',
  forward: (out, x) => kernels.gelu(out, x),
  backward: (out, grad, x) => kernels.geluBackward(out, grad, x),
  slope: (x) => {
    const below = x.mul(Math.SQRT1_2).erf().add(1).mul(0.5);
    return below.add(x.mul(x).mul(-0.5).exp().mul(INVERSE_ROOT_2PI).mul(x));
  },
};

const ROOT_2_OVER_PI = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

const geluTanhKind: Activation<readonly []> = {
  op: 'gelu',
  gradFn: 'GeluBackward0',
  forward: (out, x) => kernels.geluTanh(out, x),
  backward: (out, grad, x) => kernels.geluTanhBackward(out, grad, x),
  slope: (x) => {
    const square = x.mul(x);
    const t = square.mul(CUBIC).add(1).mul(x).mul(ROOT_2_OVER_PI).tanh();
    const inner = square
      .mul(3 * CUBIC)
      .add(1)
      .mul(ROOT_2_OVER_PI);
    return t
      .add(1)
      .mul(0.5)
      .add(x.mul(0.5).mul(t.mul(t).neg().add(1)).mul(inner));
  },
};

/**
 * `x Φ(x)`, Φ being the normal distribution.
 * @param approximate 'none', or 'tanh' for `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`
 * @throws RangeError for another word
 */
export const gelu = named(
  'gelu',
  ['input', 'approximate'],
  (input: Tensor, approximate: 'none' | 'tanh' = 'none'): Tensor => {
    if (approximate !== 'none' && approximate !== 'tanh') {
      throw rangeError(`gelu: approximate argument must be either none or tanh, but is ${String(approximate)}.`);
    }
    return activate(approximate === 'tanh' ? geluTanhKind : geluKind, input, [] as const);
  },
);

const siluKind: Activation<readonly []> = {
  op: 'silu',
  gradFn: 'SiluBackward0',
  forward: (out, x) => kernels.silu(out, x),
  backward: (out, grad, x) => kernels.siluBackward(out, grad, x),
  slope: (x) => {
    const s = x.sigmoid();
    return s.mul(x.mul(s.neg().add(1)).add(1));
  },
};

/**
 * `x sigmoid(x)`.
 * @param inplace overwrite x
 */
export const silu = named(
  'silu',
  ['input', 'inplace'],
  (input: Tensor, inplace: boolean = false): Tensor => activate(siluKind, input, [] as const, inplace),
);

const mishKind: Activation<readonly []> = {
  op: 'mish',
  gradFn: 'MishBackward0',
  forward: (out, x) => kernels.mish(out, x),
  backward: (out, grad, x) => kernels.mishBackward(out, grad, x),
  slope: (x) => {
    const t = softplus(x).tanh();
    return t.add(x.mul(x.sigmoid()).mul(t.mul(t).neg().add(1)));
  },
};

/**
 * `x tanh(softplus(x))`.
 * @param inplace overwrite x
 */
export const mish = named(
  'mish',
  ['input', 'inplace'],
  (input: Tensor, inplace: boolean = false): Tensor => activate(mishKind, input, [] as const, inplace),
);

const softplusKind: Activation<readonly [beta: number, threshold: number]> = {
  op: 'softplus',
  gradFn: 'SoftplusBackward0',
  forward: (out, x, [beta, limit]) => kernels.softplus(out, x, beta, limit),
  backward: (out, grad, x, [beta, limit]) => kernels.softplusBackward(out, grad, x, beta, limit),
  slope: (x, [beta, limit]) => {
    const scaled = x.mul(beta);
    return where(scaled.gt(limit), 1, scaled.sigmoid());
  },
};

/**
 * `log(1 + e^(βx)) / β`; x itself where βx is above threshold.
 * @example softplus(x, { beta: 2 })
 */
export const softplus = named(
  'softplus',
  ['input', 'beta', 'threshold'],
  (input: Tensor, beta: number = 1, limit: number = 20): Tensor =>
    activate(softplusKind, input, [beta, limit] as const),
);

const logsigmoidKind: Activation<readonly []> = {
  op: 'logsigmoid',
  gradFn: 'LogSigmoidBackward0',
  forward: (out, x) => kernels.logSigmoid(out, x),
  backward: (out, grad, x) => kernels.logSigmoidBackward(out, grad, x),
  slope: (x) => x.neg().sigmoid(),
};

/** `log sigmoid(x)`, computed without overflow. */
export const logsigmoid = named(
  'logsigmoid',
  ['input'],
  (input: Tensor): Tensor => activate(logsigmoidKind, input, [] as const),
);

const hardswishKind: Activation<readonly []> = {
  op: 'hardswish',
  gradFn: 'HardswishBackward0',
  forward: (out, x) => kernels.hardswish(out, x),
  backward: (out, grad, x) => kernels.hardswishBackward(out, grad, x),
  slope: (x) => where(x.lt(-3), 0, where(x.le(3), x.div(3).add(0.5), 1)),
};

/**
 * `x min(max(x + 3, 0), 6) / 6`.
 * @param inplace overwrite x
 */
export const hardswish = named(
  'hardswish',
  ['input', 'inplace'],
  (input: Tensor, inplace: boolean = false): Tensor => activate(hardswishKind, input, [] as const, inplace),
);

/** `x - tanh(x)`. */
export const tanhshrink = named('tanhshrink', ['input'], (input: Tensor): Tensor => {
  checkTensor('tanhshrink', input);
  return input.sub(input.tanh());
});

/** `x / (1 + |x|)`. */
export const softsign = named('softsign', ['input'], (input: Tensor): Tensor => {
  checkTensor('softsign', input);
  return input.div(input.abs().add(1));
});
