import { kernels } from '../backends/index.js';
import { float32, float64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { defaultGenerator } from '../random/generator.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';

/** What a dropout draws: one number for each element or for each feature (channel). */
interface Kind {
  readonly op: string;
  readonly ofFeatures: boolean;
  /** Keeps mean and variance of what selu gives, by dropping to its lowest value. */
  readonly alpha: boolean;
}

/** The lowest value of selu, negated. */
const SELU_DEPTH = 1.7580993408473766;

function noiseShape(kind: Kind, x: Tensor): Shape {
  if (!kind.ofFeatures) return x.shape;
  if (x.shape.length < 2) {
    throw rangeError(
      `${kind.op}: Feature dropout requires at least 2 dimensions in the input, but it has shape [${x.shape.join(', ')}].`,
    );
  }
  return x.shape.map((size, i) => (i < 2 ? size : 1));
}

function drop(kind: Kind, x: Tensor, p: number, training: boolean, inplace: boolean): Tensor {
  const { op } = kind;
  checkTensor(op, x);
  if (!(typeof p === 'number' && p >= 0 && p <= 1)) {
    throw rangeError(`${op}: dropout probability has to be between 0 and 1, but got ${p}.`);
  }
  if (p === 0 || !training || x.count === 0) return x;
  const info = x.dtypeInfo;
  if (info !== float32 && info !== float64)
    throw typeError(`${op}: not implemented for ${x.dtype}; convert input with to('float32').`);
  if (p === 1) {
    const zero = x.makeEmpty([], info);
    zero.fillWith(0);
    return inplace ? x.mul_(zero) : x.mul(zero);
  }
  const noise = x.makeEmpty(noiseShape(kind, x), info);
  if (!kind.alpha) {
    // The factor as PyTorch has it: the quotient of numbers of the dtype.
    const factor = info === float32 ? Math.fround(1 / Math.fround(1 - p)) : 1 / (1 - p);
    kernels.randomBernoulli(noise, defaultGenerator.state, null, 1 - p, factor);
    return inplace ? x.mul_(noise) : x.mul(noise);
  }
  kernels.randomBernoulli(noise, defaultGenerator.state, null, 1 - p, 1);
  const a = 1 / Math.sqrt((SELU_DEPTH * SELU_DEPTH * p + 1) * (1 - p));
  const b = noise
    .add(-1)
    .mul_(SELU_DEPTH * a)
    .add_(SELU_DEPTH * a * p);
  noise.mul_(a);
  return (inplace ? x.mul_(noise) : x.mul(noise)).add_(b);
}

function dropoutOp(kind: Kind, defaultTraining: boolean) {
  return named(
    kind.op,
    ['input', 'p', 'training', 'inplace'],
    (input: Tensor, p: number = 0.5, training: boolean = defaultTraining, inplace: boolean = false): Tensor =>
      drop(kind, input, p, training, inplace),
  );
}

/**
 * Sets each element to 0 with probability p and multiplies the others with 1 / (1 - p); does nothing unless training.
 * @throws RangeError for a p outside [0, 1]
 * @example dropout(x, 0.2, { training: model.training })
 */
export const dropout = dropoutOp({ op: 'dropout', ofFeatures: false, alpha: false }, true);

/**
 * {@link dropout} for networks of selu: sets elements to selu's lowest value and keeps mean and variance.
 * @throws RangeError for a p outside [0, 1]
 */
export const alphaDropout = dropoutOp({ op: 'alphaDropout', ofFeatures: false, alpha: true }, false);

/**
 * {@link alphaDropout} of whole channels: of [batch, channels, …].
 * @throws RangeError for a p outside [0, 1] and for less than two dimensions
 */
export const featureAlphaDropout = dropoutOp({ op: 'featureAlphaDropout', ofFeatures: true, alpha: true }, false);

/**
 * {@link dropout} of whole channels: of [batch, channels, …].
 * @throws RangeError for a p outside [0, 1] and for less than two dimensions
 */
export const featureDropout = dropoutOp({ op: 'featureDropout', ofFeatures: true, alpha: false }, true);

/** Dropout of channels for input of `rank` dimensions with a batch, and one less without. */
function channels(op: string, rank: number) {
  const kind: Kind = { op, ofFeatures: true, alpha: false };
  return named(
    op,
    ['input', 'p', 'training', 'inplace'],
    (input: Tensor, p: number = 0.5, training: boolean = true, inplace: boolean = false): Tensor => {
      checkTensor(op, input);
      if (op === 'dropout1d' && input.shape.length !== rank && input.shape.length !== rank - 1) {
        throw rangeError(
          `${op}: Expected 2D or 3D input, but received a ${input.shape.length}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension.`,
        );
      }
      // dropout2d takes 3 dimensions as [batch, channels, length], as PyTorch does.
      if (op === 'dropout2d' || input.shape.length !== rank - 1) return drop(kind, input, p, training, inplace);
      const dropped = drop(kind, input.unsqueeze(0), p, training, inplace);
      return inplace ? input : dropped.squeeze(0);
    },
  );
}

/**
 * {@link dropout} of whole channels of [batch, channels, length] or [channels, length].
 * @throws RangeError for a p outside [0, 1] and for another number of dimensions
 */
export const dropout1d = channels('dropout1d', 3);

/**
 * {@link dropout} of whole channels of [batch, channels, height, width].
 * @throws RangeError for a p outside [0, 1]
 */
export const dropout2d = channels('dropout2d', 4);

/**
 * {@link dropout} of whole channels of [batch, channels, depth, height, width] or without batch.
 * @throws RangeError for a p outside [0, 1]
 */
export const dropout3d = channels('dropout3d', 5);
