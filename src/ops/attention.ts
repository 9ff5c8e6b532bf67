/** Scaled dot-product attention. */
import { mode } from '../autograd/mode.js';
import { recordJoint } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, float32, float64 } from '../dtype.js';
import { rangeError } from '../errors.js';
import { contiguousStrides, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
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

/** The weights of attention, made of other ops. */
function composedWeights(query: Tensor, key: Tensor, mask: Tensor | null, isCausal: boolean, scale: number): Tensor {
  let scores = query.matmul(key.transpose(-2, -1)).mul(scale);
  const [rows, columns] = scores.shape.slice(-2) as [number, number];
  if (isCausal) scores = scores.maskedFill(causalMask(rows, columns, scores), Number.NEGATIVE_INFINITY);
  else if (mask !== null) scores = scores.add(additive(mask, scores));
  return scores.softmax(-1);
}

/** The leading sizes of the kernel, which knows batches and heads. */
type Lead = readonly [batch: number, heads: number];

interface Geometry {
  readonly lead: Lead;
  /** The leading dimensions that the result has. */
  readonly rank: number;
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
  readonly valueWidth: number;
}

/** The sizes of a call that the kernel can do, or null: it broadcasts up to two leading dimensions and drops nothing out. */
function geometryOf(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null): Geometry | null {
  const info = query.dtypeInfo;
  if ((info !== float32 && info !== float64) || key.dtypeInfo !== info || value.dtypeInfo !== info) return null;
  const rank = Math.max(query.shape.length, key.shape.length, value.shape.length) - 2;
  if (rank > 2 || query.count === 0 || key.count === 0 || value.count === 0) return null;
  const size = (x: Tensor, fromEnd: number): number => x.shape[x.shape.length - fromEnd] ?? 1;
  if (size(query, 1) !== size(key, 1) || size(key, 2) !== size(value, 2)) return null;
  const lead: number[] = [];
  for (const d of [4, 3]) {
    const most = Math.max(size(query, d), size(key, d), size(value, d));
    for (const x of [query, key, value]) if (size(x, d) !== 1 && size(x, d) !== most) return null;
    lead.push(most);
  }
  const sizes = [...lead, size(query, 2), size(key, 2)];
  if (mask !== null) {
    if (mask.dtypeInfo !== info || mask.shape.length > rank + 2 || (mode.grad && mask.requiresGrad)) return null;
    for (let d = 1; d <= 4; d++) if (size(mask, d) !== 1 && size(mask, d) !== sizes[4 - d]) return null;
  }
  return {
    lead: lead as unknown as Lead,
    rank,
    rows: size(query, 2),
    columns: size(key, 2),
    width: size(query, 1),
    valueWidth: size(value, 1),
  };
}

/** The distances of an operand's batches, heads and rows: 0 where it is broadcast. */
function stepsOf(x: Tensor | null): [number, number, number] {
  if (x === null) return [0, 0, 0];
  const step = (fromEnd: number): number => {
    const d = x.shape.length - fromEnd;
    return d < 0 || x.shape[d] === 1 ? 0 : x.strides[d]!;
  };
  return [step(4), step(3), step(2)];
}

/** x as the kernel reads it: a row's elements next to each other, whatever lies between rows. */
function withRows(x: Tensor): Tensor {
  const last = x.shape.length - 1;
  return (x.strides[last] === 1 || x.shape[last] === 1) && x.strides.every((step) => step >= 0) ? x : dense(x);
}

/** All that x's elements span, as a vector. */
function spanOf(x: Tensor): Tensor {
  if (x.isDense) return x;
  let length = 1;
  for (let d = 0; d < x.shape.length; d++) length += (x.shape[d]! - 1) * x.strides[d]!;
  return x.makeAlias([length], [1], x.offset);
}

/** A new tensor in the order in which `like` has its dimensions: heads beside each other where they come from one row. */
function emptyLike(like: Tensor, shape: Shape): Tensor {
  const [, heads, rows] = stepsOf(like);
  const last = shape.length - 1;
  if (last < 2 || !(heads > 0 && heads < rows)) return like.makeEmpty(shape, like.dtypeInfo);
  const swapped = <T>(x: readonly T[]): T[] => [...x.slice(0, last - 2), x[last - 1]!, x[last - 2]!, x[last]!];
  const order = swapped(shape);
  const made = like.makeEmpty(order, like.dtypeInfo);
  return made.makeAlias(shape, swapped(contiguousStrides(order)), made.offset);
}

/** The leading dimensions of the results. */
const leadingOf = ({ lead, rank }: Geometry): readonly number[] => (rank === 2 ? lead : rank === 1 ? [lead[1]] : []);

/** The sizes that both kernels begin with. */
const sizesOf = ({ lead, rows, columns, width, valueWidth }: Geometry, isCausal: boolean) =>
  [...lead, rows, columns, width, valueWidth, isCausal ? 1 : 0] as const;

/** Attention and its gradient in one kernel each, without the matrix of scores. */
function fused(
  inputs: readonly [query: Tensor, key: Tensor, value: Tensor],
  mask: Tensor | null,
  isCausal: boolean,
  scale: number,
  geometry: Geometry,
): Tensor {
  const { rows, columns, valueWidth } = geometry;
  const leading = leadingOf(geometry);
  const [q, k, v] = [withRows(inputs[0]), withRows(inputs[1]), withRows(inputs[2])];
  let added = mask;
  if (mask !== null) {
    const isBroadcast = mask.shape[mask.shape.length - 1] !== columns || mask.shape.length === 0;
    added = withRows(isBroadcast ? mask.detach().expand([...mask.shape.slice(0, -1), columns]) : mask);
    if (isBroadcast) added = dense(added);
  }
  const out = emptyLike(q, [...leading, rows, valueWidth]);
  const logSums = q.makeEmpty([...leading, rows], q.dtypeInfo);
  kernels.attention(
    spanOf(out),
    logSums,
    spanOf(q),
    spanOf(k),
    spanOf(v),
    added === null ? null : spanOf(added),
    ...sizesOf(geometry, isCausal),
    ...stepsOf(out),
    ...stepsOf(q),
    ...stepsOf(k),
    ...stepsOf(v),
    ...stepsOf(added),
    scale,
  );
  return recordJoint(
    'ScaledDotProductAttentionBackward0',
    out,
    inputs,
    [...inputs, added, out, logSums] as const,
    (grad, wanted, query, key, value, added, out, logSums) =>
      mode.grad
        ? composedGradients(grad, wanted, query, key, value, added, isCausal, scale)
        : fusedGradients(grad, [query, key, value], added, out, logSums, isCausal, scale, geometry),
  );
}

/** The gradients of query, key and value in one kernel. */
function fusedGradients(
  gradient: Tensor,
  inputs: readonly [query: Tensor, key: Tensor, value: Tensor],
  added: Tensor | null,
  out: Tensor,
  logSums: Tensor,
  isCausal: boolean,
  scale: number,
  geometry: Geometry,
): Tensor[] {
  const { rows, columns, width, valueWidth } = geometry;
  const leading = leadingOf(geometry);
  const grad = withRows(gradient);
  const [q, k, v] = [withRows(inputs[0]), withRows(inputs[1]), withRows(inputs[2])];
  const dq = emptyLike(q, [...leading, rows, width]);
  const dk = emptyLike(k, [...leading, columns, width]);
  const dv = emptyLike(v, [...leading, columns, valueWidth]);
  kernels.attentionBackward(
    spanOf(dq),
    spanOf(dk),
    spanOf(dv),
    spanOf(grad),
    spanOf(q),
    spanOf(k),
    spanOf(v),
    added === null ? null : spanOf(added),
    spanOf(out),
    logSums,
    ...sizesOf(geometry, isCausal),
    ...stepsOf(dq),
    ...stepsOf(dk),
    ...stepsOf(dv),
    ...stepsOf(grad),
    ...stepsOf(q),
    ...stepsOf(k),
    ...stepsOf(v),
    ...stepsOf(added),
    ...stepsOf(out),
    scale,
  );
  return [dq, dk, dv];
}

/** The gradients of query, key and value made of other ops, so that they have gradients themselves. */
function composedGradients(
  grad: Tensor,
  wanted: (input: number) => boolean,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  isCausal: boolean,
  scale: number,
): (Tensor | null)[] {
  const weights = composedWeights(query, key, mask, isCausal, scale);
  const weightsGrad = grad.matmul(value.transpose(-2, -1));
  const scoresGrad = weights.mul(weightsGrad.sub(weightsGrad.mul(weights).sum(-1, true))).mul(scale);
  return [
    wanted(0) ? scoresGrad.matmul(key) : null,
    wanted(1) ? scoresGrad.transpose(-2, -1).matmul(query) : null,
    wanted(2) ? weights.transpose(-2, -1).matmul(grad) : null,
  ];
}

/**
 * `softmax(query · keyᵀ · scale + mask) · value`, with the weights dropped out at random. Without dropout and without a
 * gradient for the mask it never holds the matrix of scores.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 *
 * @param query [..., L, E]
 * @param key [..., S, E]
 * @param value [..., S, V]
 * @param attnMask broadcast to [..., L, S]: booleans (true takes part), or numbers added to the scores
 * @param scale 1 / √E unless given
 * @returns [..., L, V]
 * @throws RangeError for shapes that do not fit, and for a mask beside isCausal
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
    const factor = scale ?? 1 / Math.sqrt(query.shape[query.shape.length - 1]!);
    const mask = attnMask ? additive(attnMask, query) : null;
    const geometry = dropoutP > 0 ? null : geometryOf(query, key, value, mask);
    if (geometry !== null) return fused([query, key, value], mask, isCausal, factor, geometry);
    const weights = composedWeights(query, key, mask, isCausal, factor);
    return (dropoutP > 0 ? dropout(weights, dropoutP, true) : weights).matmul(value);
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
