import { record } from '../autograd/record.js';
import { tensor } from '../creation.js';
import { rangeError } from '../errors.js';
import { checkTensor } from '../ops/apply.js';
import type { Tensor } from '../tensor.js';

/** What a response normalization is told. */
interface Response {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** [channels, channels] of 0 and 1: whether channel c sums channel j. */
function windows(like: Tensor, sums: (c: number, j: number) => boolean): Tensor {
  const channels = like.shape[1]!;
  const rows = Array.from({ length: channels }, (_, c) => Array.from({ length: channels }, (_, j) => +sums(c, j)));
  return tensor(rows, { dtype: like.dtype });
}

/** Sums over channels. */
function summed(window: Tensor, x: Tensor): Tensor {
  const [batch, channels] = x.shape as [number, number, number, number];
  return window.matmul(x.reshape([batch, channels, -1])).reshape(x.shape);
}

/**
 * `x · (k + alpha / size · Σ x²) ** -beta` over channels of [n, c, h, w]. PyTorch slides its windows by adding a channel
 * and taking one away, but not the channel before the first whole window, which so stays in all that follow; and its
 * gradient looks at windows that end, not stand, at the channel. Models trained there expect both.
 * @throws RangeError for an input that is not 4-D
 */
export function crossMapResponse(input: Tensor, { size, alpha, beta, k }: Response): Tensor {
  checkTensor('CrossMapLRN2d', input);
  if (input.shape.length !== 4) {
    throw rangeError(
      `CrossMapLRN2d: Expected input to be 4D, got ${input.shape.length}D instead: [${input.shape.join(', ')}].`,
    );
  }
  const ahead = Math.floor((size - 1) / 2 + 1);
  const behind = Math.floor(size - (size - 1) / 2);
  const x = input.detach();
  const reach = windows(x, (c, j) => j < c + ahead && (j === 0 || j > c - ahead));
  const scale = summed(reach, x.mul(x))
    .mul(alpha / size)
    .add(k);
  const out = scale.pow(-beta).mul(x);
  const back = windows(x, (c, j) => j >= c - behind && j < c - behind + size);
  return record('CrossMapLRN2dBackward', out, [input], [input, scale, back] as const, [
    (grad, values, divisor, window) => {
      const shares = divisor.pow(-beta);
      const ratio = grad.mul(values).mul(shares).div(divisor);
      return grad.mul(shares).sub(values.mul(summed(window, ratio)).mul((2 * alpha * beta) / size));
    },
  ]);
}
