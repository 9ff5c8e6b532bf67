import { zeros } from '../creation.js';
import { rangeError, typeError } from '../errors.js';
import { checkTensor } from '../ops/apply.js';
import { scaledDotProductAttention } from '../ops/attention.js';
import { dropout } from '../ops/dropout.js';
import { cat } from '../ops/joining.js';
import { linear } from '../ops/linear.js';
import { spreadOptions } from '../ops/options.js';
import { softmax } from '../ops/softmax.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** The arguments of {@link multiHeadAttentionForward}, in order. */
export interface AttentionArguments {
  query: Tensor;
  key: Tensor;
  value: Tensor;
  embedDimToCheck: number;
  numHeads: number;
  inProjWeight: Tensor | null;
  inProjBias: Tensor | null;
  biasK: Tensor | null;
  biasV: Tensor | null;
  addZeroAttn: boolean;
  dropoutP: number;
  outProjWeight: Tensor;
  outProjBias: Tensor | null;
  training?: boolean;
  keyPaddingMask?: Tensor | null;
  needWeights?: boolean;
  attnMask?: Tensor | null;
  useSeparateProjWeight?: boolean;
  qProjWeight?: Tensor | null;
  kProjWeight?: Tensor | null;
  vProjWeight?: Tensor | null;
  staticK?: Tensor | null;
  staticV?: Tensor | null;
  averageAttnWeights?: boolean;
}

const NAMES = [
  'query',
  'key',
  'value',
  'embedDimToCheck',
  'numHeads',
  'inProjWeight',
  'inProjBias',
  'biasK',
  'biasV',
  'addZeroAttn',
  'dropoutP',
  'outProjWeight',
  'outProjBias',
  'training',
  'keyPaddingMask',
  'needWeights',
  'attnMask',
  'useSeparateProjWeight',
  'qProjWeight',
  'kProjWeight',
  'vProjWeight',
  'staticK',
  'staticV',
  'averageAttnWeights',
] as const;

const OP = 'multiHeadAttention';
const text = (x: Tensor): string => `[${x.shape.join(', ')}]`;

function fail(message: string): never {
  throw rangeError(`${OP}: ${message}`);
}

/** Throws unless query, key, value and the masks fit in their numbers of dimensions; whether there is a batch. */
function checkDims({
  query,
  key,
  value,
  keyPaddingMask: padding,
  attnMask: mask,
  numHeads,
}: AttentionArguments): boolean {
  for (const [name, x] of Object.entries({ query, key, value })) checkTensor(OP, x, name);
  const rank = query.ndim;
  if (rank !== 2 && rank !== 3)
    fail(`query should be unbatched 2D or batched 3D tensor but received ${rank}-D query tensor.`);
  const kind = rank === 3 ? 'batched (3-D)' : 'unbatched (2-D)';
  if (key.ndim !== rank || value.ndim !== rank)
    fail(
      `For ${kind} query, expected key and value to be ${rank}-D but found ${key.ndim}-D and ${value.ndim}-D tensors respectively.`,
    );
  if (padding && padding.ndim !== rank - 1)
    fail(
      `For ${kind} query, expected keyPaddingMask to be null or ${rank - 1}-D but found ${padding.ndim}-D tensor instead.`,
    );
  if (mask && mask.ndim !== 2 && mask.ndim !== 3)
    fail(`For ${kind} query, expected attnMask to be null, 2-D or 3-D but found ${mask.ndim}-D tensor instead.`);
  if (mask?.ndim === 3 && rank === 2 && !sameShape(mask.shape, [numHeads, query.shape[0]!, key.shape[0]!])) {
    fail(`Expected attnMask shape to be [${numHeads}, ${query.shape[0]}, ${key.shape[0]}] but got ${text(mask)}.`);
  }
  return rank === 3;
}

function checkMask(name: string, mask: Tensor | null): Tensor | null {
  if (mask === null) return null;
  if (mask.dtype === 'uint8') return mask.to('bool');
  if (!mask.dtypeInfo.isFloat && mask.dtype !== 'bool')
    throw typeError(`${OP}: only bool and floating types of ${name} are supported, not ${mask.dtype}.`);
  return mask;
}

/** Query, key and value through their projections; what is the same tensor goes through one product. */
function project(a: AttentionArguments, query: Tensor, key: Tensor, value: Tensor): [Tensor, Tensor, Tensor] {
  const { inProjWeight: weight, inProjBias: bias, embedDimToCheck: size } = a;
  if (a.useSeparateProjWeight) {
    const { qProjWeight: q, kProjWeight: k, vProjWeight: v } = a;
    if (!q || !k || !v) return fail('useSeparateProjWeight is true but a projection weight is null.');
    const [first, second, third] = bias === null ? [null, null, null] : bias.chunk(3);
    return [linear(query, q, first ?? null), linear(key, k, second ?? null), linear(value, v, third ?? null)];
  }
  if (weight === null) return fail('useSeparateProjWeight is false but inProjWeight is null.');
  if (key === value && query === key) return linear(query, weight, bias).chunk(3, -1) as [Tensor, Tensor, Tensor];
  if (key === value) {
    const [first, rest] = weight.split([size, 2 * size]) as [Tensor, Tensor];
    const [firstBias, restBias] = bias === null ? [null, null] : (bias.split([size, 2 * size]) as [Tensor, Tensor]);
    const [k, v] = linear(key, rest, restBias).chunk(2, -1) as [Tensor, Tensor];
    return [linear(query, first, firstBias), k, v];
  }
  const [q, k, v] = weight.chunk(3) as [Tensor, Tensor, Tensor];
  const [qBias, kBias, vBias] = bias === null ? [null, null, null] : (bias.chunk(3) as [Tensor, Tensor, Tensor]);
  return [linear(query, q, qBias), linear(key, k, kBias), linear(value, v, vBias)];
}

/** The attention mask as [heads or 1, target, source]. */
function maskOf(mask: Tensor | null, batch: number, heads: number, target: number, source: number): Tensor | null {
  if (mask === null) return null;
  if (mask.ndim === 2) {
    if (mask.shape[0] !== target || mask.shape[1] !== source)
      fail(`The shape of the 2D attnMask is ${text(mask)}, but should be [${target}, ${source}].`);
    return mask.unsqueeze(0);
  }
  if (!sameShape(mask.shape, [batch * heads, target, source])) {
    fail(`The shape of the 3D attnMask is ${text(mask)}, but should be [${batch * heads}, ${target}, ${source}].`);
  }
  return mask;
}

/** A column of a mask that lets attention through. */
const widened = (mask: Tensor | null): Tensor | null =>
  mask === null ? null : cat([mask, mask.newZeros([...mask.shape.slice(0, -1), 1])], -1);

/** A mask as numbers to add: bool ones forbid where they are true. */
function additive(mask: Tensor, like: Tensor): Tensor {
  if (mask.dtype !== 'bool') return mask;
  return like.newZeros(mask.shape).maskedFill(mask, Number.NEGATIVE_INFINITY);
}

function merged(mask: Tensor | null, padding: Tensor | null, like: Tensor): Tensor | null {
  if (mask === null || padding === null) {
    const only = mask ?? padding;
    return only === null ? null : additive(only, like);
  }
  if (mask.dtype === 'bool' && padding.dtype === 'bool') return additive(mask.logicalOr(padding), like);
  return additive(mask, like).add(additive(padding, like));
}

/** Attention with its weights, which are dropped out at random. */
function weighted(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | null, dropoutP: number): [Tensor, Tensor] {
  const scaled = q.div(Math.sqrt(q.shape[q.ndim - 1]!));
  const scores = mask === null ? scaled.bmm(k.transpose(1, 2)) : mask.baddbmm(scaled, k.transpose(1, 2));
  const weights = softmax(scores, -1);
  const kept = dropoutP > 0 ? dropout(weights, dropoutP, true) : weights;
  return [kept.bmm(v), kept];
}

/**
 * Attention by several heads, with all projections: `softmax(q kᵀ / √d + mask) v`.
 * https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 * @returns the output, and the weights (their mean over heads) if they are needed
 */
export function attend(a: AttentionArguments): [output: Tensor, weights: Tensor | null] {
  const isBatched = checkDims(a);
  const { numHeads: heads, biasK, biasV, dropoutP } = a;
  const batched = (x: Tensor): Tensor => (isBatched ? x : x.unsqueeze(1));
  const query = batched(a.query);
  const key = a.key === a.query ? query : batched(a.key);
  const value = a.value === a.key ? key : a.value === a.query ? query : batched(a.value);
  let padding = checkMask('keyPaddingMask', a.keyPaddingMask ?? null);
  if (padding !== null && !isBatched) padding = padding.unsqueeze(0);
  const [target, batch, size] = query.shape as unknown as [number, number, number];
  if (size !== a.embedDimToCheck) fail(`was expecting embedding dimension of ${a.embedDimToCheck}, but got ${size}.`);
  const headSize = size / heads;
  if (!Number.isInteger(headSize)) fail(`embedDim ${size} not divisible by numHeads ${heads}.`);
  const compared = a.useSeparateProjWeight ? 2 : 3;
  if (key.shape.slice(0, compared).join() !== value.shape.slice(0, compared).join())
    fail(`key shape ${text(key)} does not match value shape ${text(value)}.`);

  let [q, k, v] = project(a, query, key, value);
  let mask = maskOf(checkMask('attnMask', a.attnMask ?? null), batch, heads, target, key.shape[0]!);
  if (biasK !== null && biasV !== null) {
    k = cat([k, biasK.expand([1, batch, size])]);
    v = cat([v, biasV.expand([1, batch, size])]);
    mask = widened(mask);
    padding = widened(padding);
  }
  const byHead = (x: Tensor): Tensor => x.reshape([x.shape[0]!, batch * heads, headSize]).transpose(0, 1);
  q = byHead(q);
  k = a.staticK ?? byHead(k);
  v = a.staticV ?? byHead(v);
  if (a.addZeroAttn) {
    const none = zeros([batch * heads, 1, headSize], { dtype: k.dtype });
    k = cat([k, none], 1);
    v = cat([v, none], 1);
    mask = widened(mask);
    padding = widened(padding);
  }
  const source = k.shape[1]!;
  if (padding !== null) {
    if (padding.shape[0] !== batch || padding.shape[1] !== source)
      fail(`expecting keyPaddingMask shape of [${batch}, ${source}], but got ${text(padding)}.`);
    padding = padding
      .reshape([batch, 1, 1, source])
      .expand([batch, heads, 1, source])
      .reshape([batch * heads, 1, source]);
  }
  const whole = merged(mask, padding, q);
  const dropped = a.training !== false ? dropoutP : 0;
  const [attended, weights] =
    a.needWeights === false
      ? [scaledDotProductAttention(q, k, v, whole, dropped), null]
      : weighted(q, k, v, whole, dropped);
  const together = attended.transpose(0, 1).reshape([target * batch, size]);
  const projected = linear(together, a.outProjWeight, a.outProjBias);
  const output = projected.reshape([target, batch, projected.shape[1]!]);
  const result = isBatched ? output : output.squeeze(1);
  if (weights === null) return [result, null];
  const each = weights.reshape([batch, heads, target, source]);
  const shown = a.averageAttnWeights === false ? each : each.mean(1);
  return [result, isBatched ? shown : shown.squeeze(0)];
}

/** {@link attend} with its arguments in PyTorch's order, or by name. */
export function multiHeadAttentionForward(...args: unknown[]): [output: Tensor, weights: Tensor | null] {
  const values = spreadOptions('multiHeadAttentionForward', NAMES, args);
  const given = Object.fromEntries(
    NAMES.map((name, i) => [name, values[i]]).filter(([, value]) => value !== undefined),
  );
  return attend({
    inProjWeight: null,
    inProjBias: null,
    biasK: null,
    biasV: null,
    addZeroAttn: false,
    dropoutP: 0,
    outProjBias: null,
    ...given,
  } as AttentionArguments);
}
