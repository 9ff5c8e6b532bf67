/** Scaled dot-product attention. */
import { bool } from '../dtype.js';
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { dropout } from './dropout.js';
import { named } from './options.js';

/** A mask to add to scores: booleans keep (0) or drop (-∞). */
function additive(mask: Tensor, like: Tensor): Tensor {
  if (mask.dtypeInfo !== bool) return mask;
  return like.detach().newZeros(mask.shape).maskedFill(mask.logicalNot(), Number.NEGATIVE_INFINITY);
}

function causalMask(rows: number, columns: number, like: Tensor): Tensor {
  return like.detach().newOnes([rows, columns]).tril().eq(0);
}

/**
 * `softmax(query · keyᵀ · scale + mask) · value`, with the weights dropped out at random.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 *
 * @param query [..., L, E]
 * @param key [..., S, E]
 * @param value [..., S, V]
 * @param attnMask broadcast to [..., L, S]: booleans (true takes part), or numbers added to the scores
 * @param scale 1 / √E unless given
 * @returns [..., L, V]
 */
export const scaledDotProductAttention = named(
  'scaledDotProductAttention',
  ['query', 'key', 'value', 'attnMask', 'dropoutP', 'isCausal', 'scale'],
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attnMask?: Tensor | null,
    dropoutP: number = 0,
    isCausal: boolean = false,
    scale?: number | null,
  ): Tensor => {
    for (const [name, x] of [
      ['query', query],
      ['key', key],
      ['value', value],
    ] as const) {
      checkTensor('scaledDotProductAttention', x, name);
      if (x.shape.length < 2)
        throw rangeError(
          `scaledDotProductAttention: ${name} must have at least 2 dimensions, but has shape [${x.shape.join(', ')}].`,
        );
    }
    if (isCausal && attnMask) throw rangeError('scaledDotProductAttention: give isCausal or attnMask, not both.');
    const width = query.shape[query.shape.length - 1]!;
    let scores = query.matmul(key.transpose(-2, -1)).mul(scale ?? 1 / Math.sqrt(width));
    const [rows, columns] = scores.shape.slice(-2) as [number, number];
    if (isCausal) scores = scores.maskedFill(causalMask(rows, columns, scores), Number.NEGATIVE_INFINITY);
    else if (attnMask) scores = scores.add(additive(attnMask, scores));
    const weights = dropoutP > 0 ? dropout(scores.softmax(-1), dropoutP, true) : scores.softmax(-1);
    return weights.matmul(value);
  },
);

/** PyTorch 1.13's private form: the attention and its weights. */
export const _scaledDotProductAttention = named(
  '_scaledDotProductAttention',
  ['query', 'key', 'value', 'attnMask', 'dropoutP', 'needAttnWeights', 'isCausal'],
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attnMask?: Tensor | null,
    dropoutP: number = 0,
    _needAttnWeights: boolean = true,
    isCausal: boolean = false,
  ): [Tensor, Tensor] => {
    const scaling = query.shape[query.shape.length - 1]! ** -0.25;
    let scores = query.mul(scaling).matmul(key.mul(scaling).transpose(-2, -1));
    const [rows, columns] = scores.shape.slice(-2) as [number, number];
    if (isCausal) scores = scores.add(additive(causalMask(rows, columns, scores).logicalNot(), scores));
    else if (attnMask) scores = scores.add(additive(attnMask, scores));
    const weights = dropoutP > 0 ? dropout(scores.softmax(-1), dropoutP, true) : scores.softmax(-1);
    return [weights.matmul(value), weights];
  },
);
