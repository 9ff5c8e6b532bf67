/** Elements in other places: flips, rolls, repetitions, padding. */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import { checkFits, type Scalar } from '../promotion.js';
import { numberOfElements, type Shape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor } from './apply.js';
import { named } from './options.js';

/** Wraps dims that may not repeat. */
function distinctDims(op: string, dims: readonly number[], rank: number): number[] {
  const wrapped = dims.map((d) => wrapDim(op, d, rank));
  if (new Set(wrapped).size !== wrapped.length)
    throw rangeError(`${op}: dim appears multiple times in the list of dims [${dims.join(', ')}].`);
  return wrapped;
}

/**
 * The order along `dims` reversed, as a copy.
 * https://pytorch.org/docs/stable/generated/torch.flip.html
 */
export const flip = named('flip', ['input', 'dims'], (x: Tensor, dims: number | readonly number[]): Tensor => {
  checkTensor('flip', x);
  const over = distinctDims('flip', typeof dims === 'number' ? [dims] : dims, x.shape.length);
  const out = x.makeEmpty(x.shape, x.dtypeInfo);
  if (x.count > 0 && x.shape.length > 0) {
    let { offset } = x;
    const strides = [...x.strides];
    for (const d of over) {
      offset += (x.shape[d]! - 1) * strides[d]!;
      strides[d] = -strides[d]!;
    }
    kernels.copy(out, x.makeAlias(x.shape, strides, offset));
  } else {
    kernels.copy(out, x);
  }
  return record('FlipBackward0', out, [x], [], [(grad) => flip(grad, over)]);
});

/** Columns in reverse: {@link flip} along dimension 1. */
export function fliplr(x: Tensor): Tensor {
  checkTensor('fliplr', x);
  if (x.shape.length < 2) throw rangeError(`fliplr: Input must be >= 2-d, but has shape [${x.shape.join(', ')}].`);
  return flip(x, 1);
}

/** Rows in reverse: {@link flip} along dimension 0. */
export function flipud(x: Tensor): Tensor {
  checkTensor('flipud', x);
  if (x.shape.length < 1) throw rangeError('flipud: Input must be >= 1-d, but is a scalar.');
  return flip(x, 0);
}

/** Copies x into out, moved on by `shift` along `dim`, what falls out coming in at the other end. */
function rollOnce(out: Tensor, x: Tensor, dim: number, shift: number): void {
  const size = x.shape[dim]!;
  const by = ((shift % size) + size) % size;
  for (const [to, from, length] of [
    [by, 0, size - by],
    [0, size - by, by],
  ] as const) {
    if (length === 0) continue;
    const shape = x.shape.map((n, d) => (d === dim ? length : n));
    kernels.copy(
      out.makeAlias(shape, out.strides, out.offset + to * out.strides[dim]!),
      x.makeAlias(shape, x.strides, x.offset + from * x.strides[dim]!),
    );
  }
}

/**
 * Elements moved on by `shifts` along `dims`, round the end; without dims along the flattened tensor.
 * https://pytorch.org/docs/stable/generated/torch.roll.html
 */
export const roll = named(
  'roll',
  ['input', 'shifts', 'dims'],
  (x: Tensor, shifts: number | readonly number[], dims?: number | readonly number[] | null): Tensor => {
    checkTensor('roll', x);
    const by = typeof shifts === 'number' ? [shifts] : shifts;
    if (by.length === 0) throw rangeError('roll: `shifts` required; give at least one.');
    const over = dims === null || dims === undefined ? [] : typeof dims === 'number' ? [dims] : dims;
    if (over.length === 0 && by.length > 1)
      throw rangeError(`roll: shifts and dimensions must align. shifts: ${by.length}, dims:0.`);
    if (over.length > 0 && over.length !== by.length)
      throw rangeError(`roll: shifts and dimensions must align. shifts: ${by.length}, dims:${over.length}.`);
    let out: Tensor;
    if (x.count === 0) out = x.makeEmpty(x.shape, x.dtypeInfo);
    else if (over.length === 0) {
      const flat = x.detach().reshape([-1]);
      out = x.makeEmpty(x.shape, x.dtypeInfo);
      rollOnce(out.makeAlias([x.count], [1], 0), flat, 0, by[0]!);
    } else {
      out = x;
      for (const [i, d] of over.entries()) {
        const next = x.makeEmpty(x.shape, x.dtypeInfo);
        rollOnce(next, out, wrapDim('roll', d, x.shape.length), by[i]!);
        out = next;
      }
    }
    const back = by.map((shift) => -shift);
    return record('RollBackward0', out, [x], [], [(grad) => roll(grad, back, over)]);
  },
);

/**
 * Turned by `k` times 90° in the plane of two dims, from the first towards the second.
 * https://pytorch.org/docs/stable/generated/torch.rot90.html
 */
export const rot90 = named(
  'rot90',
  ['input', 'k', 'dims'],
  (x: Tensor, k: number = 1, dims: readonly number[] = [0, 1]): Tensor => {
    checkTensor('rot90', x);
    const rank = x.shape.length;
    if (dims.length !== 2) throw rangeError(`rot90: expected total rotation dims == 2, but got dims = ${dims.length}.`);
    if (rank < 2) throw rangeError(`rot90: expected total dims >= 2, but got total dims = ${rank}.`);
    if (dims[0] === dims[1] || Math.abs(dims[0]! - dims[1]!) === rank) {
      throw rangeError(
        `rot90: expected rotation dims to be different, but got dim0 = ${dims[0]} and dim1 = ${dims[1]}.`,
      );
    }
    const [a, b] = dims.map((d) => wrapDim('rot90', d, rank)) as [number, number];
    const from = x.detach();
    const turns = ((k % 4) + 4) % 4;
    const out =
      turns === 0 ? from.clone() : turns === 2 ? flip(from, [a, b]) : flip(from.transpose(a, b), turns === 1 ? a : b);
    return record('Rot90Backward0', out, [x], [], [(grad) => rot90(grad, -k, dims)]);
  },
);

/**
 * x laid side by side `repeats` times along each dimension; more repeats than dimensions add leading ones.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.repeat.html
 */
export const repeat = named('repeat', ['input', 'repeats'], (x: Tensor, repeats: Shape): Tensor => {
  checkTensor('repeat', x);
  if (repeats.length < x.shape.length) {
    throw rangeError(
      `repeat: Number of dimensions of repeat dims (${repeats.length}) can not be smaller than number of dimensions of tensor (${x.shape.length}).`,
    );
  }
  for (const times of repeats) {
    if (!Number.isInteger(times) || times < 0)
      throw rangeError(`repeat: Trying to create tensor with negative dimension: ${times} repeats.`);
  }
  const missing = repeats.length - x.shape.length;
  const sizes = [...new Array<number>(missing).fill(1), ...x.shape];
  const strides = [...new Array<number>(missing).fill(0), ...x.strides];
  const out = x.makeEmpty(
    sizes.map((size, d) => size * repeats[d]!),
    x.dtypeInfo,
  );
  const shape = sizes.flatMap((size, d) => [repeats[d]!, size]);
  const tiles = out.makeAlias(
    shape,
    out.strides.flatMap((stride, d) => [stride * sizes[d]!, stride]),
    0,
  );
  if (out.count > 0)
    kernels.copy(
      tiles,
      x.makeAlias(
        shape,
        strides.flatMap((stride) => [0, stride]),
        x.offset,
      ),
    );
  const from = x.shape;
  const repeated = repeats.flatMap((times, d) => (times === 1 ? [] : [2 * d]));
  return record(
    'RepeatBackward0',
    out,
    [x],
    [],
    [(grad) => (repeated.length === 0 ? grad.reshape(from) : grad.reshape(shape).sum(repeated).reshape(from))],
  );
});

/** {@link repeat} with missing repeats taken as 1. */
export const tile = named('tile', ['input', 'dims'], (x: Tensor, dims: Shape): Tensor => {
  checkTensor('tile', x);
  const missing = Math.max(x.shape.length - dims.length, 0);
  return repeat(x, [...new Array<number>(missing).fill(1), ...dims]);
});

/**
 * Every element (or slice along `dim`) several times in a row: `repeats` times, or as often as it says for each.
 * https://pytorch.org/docs/stable/generated/torch.repeat_interleave.html
 */
export const repeatInterleave = named(
  'repeatInterleave',
  ['input', 'repeats', 'dim', 'outputSize'],
  (x: Tensor, repeats?: number | Tensor, dim?: number | null, outputSize?: number | null): Tensor => {
    checkTensor('repeatInterleave', x);
    if (repeats === undefined) return indices(x, timesOf(x), outputSize);
    const flat = dim === null || dim === undefined ? x.reshape([-1]) : x;
    const d = wrapDim('repeatInterleave', dim ?? 0, flat.shape.length);
    const size = flat.shape.length === 0 ? 1 : flat.shape[d]!;
    const times = typeof repeats === 'number' ? [repeats] : timesOf(repeats);
    if (times.length !== 1 && times.length !== size) {
      throw rangeError(
        `repeatInterleave: repeats must have the same size as input along dim, but has ${times.length} where input has ${size}.`,
      );
    }
    const index = indices(x, times.length === 1 ? new Array<number>(size).fill(times[0]!) : times, outputSize);
    return flat.indexSelect(d, index);
  },
);

function timesOf(repeats: Tensor): number[] {
  checkTensor('repeatInterleave', repeats, 'repeats');
  if (repeats.shape.length > 1)
    throw rangeError(
      `repeatInterleave: repeat_interleave only accepts 1D vector as repeat, but it has shape [${repeats.shape.join(', ')}].`,
    );
  if (repeats.dtype !== 'int64' && repeats.dtype !== 'int32')
    throw typeError(`repeatInterleave: repeats has to be Long or Int tensor, but is ${repeats.dtype}.`);
  return Array.from(repeats.toTypedArray() as ArrayLike<number | bigint>, Number);
}

function indices(like: Tensor, times: readonly number[], outputSize: number | null | undefined): Tensor {
  if (times.some((n) => !Number.isInteger(n) || n < 0))
    throw rangeError('repeatInterleave: repeats can not be negative.');
  const total = times.reduce((sum, n) => sum + n, 0);
  if (outputSize !== null && outputSize !== undefined && outputSize !== total) {
    throw rangeError(`repeatInterleave: allocated size (${outputSize}) does not match required size (${total}).`);
  }
  const out = like.newEmpty([total], { dtype: 'int64' });
  const view = out.storage.view(out.dtypeInfo, out.offset, total) as BigInt64Array;
  let at = 0;
  for (const [i, n] of times.entries()) {
    view.fill(BigInt(i), at, at + n);
    at += n;
  }
  return out;
}

/**
 * `value` around x: `pad` gives the counts before and after the last dimension, then the one before it, and so on.
 * Negative counts cut off.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 */
export const constantPadNd = named(
  'constantPadNd',
  ['input', 'pad', 'value'],
  (x: Tensor, pad: readonly number[], value: Scalar = 0): Tensor => {
    checkTensor('constantPadNd', x);
    const rank = x.shape.length;
    if (pad.length % 2 !== 0)
      throw rangeError(`constantPadNd: Length of pad must be even but instead it equals ${pad.length}.`);
    if (pad.length > 2 * rank) {
      throw rangeError(
        `constantPadNd: Length of pad should be no more than twice the number of dimensions of the input. Pad length is ${pad.length} while the input has ${rank} dimensions.`,
      );
    }
    const before = x.shape.map((_, d) => pad[2 * (rank - 1 - d)] ?? 0);
    const after = x.shape.map((_, d) => pad[2 * (rank - 1 - d) + 1] ?? 0);
    const shape = x.shape.map((size, d) => size + before[d]! + after[d]!);
    const bad = shape.findIndex((size) => size < 0);
    if (bad >= 0) {
      throw rangeError(
        `constantPadNd: The input size ${x.shape[bad]}, plus negative padding ${before[bad]} and ${after[bad]} resulted in a negative output size, which is invalid. Check dimension ${bad} of your input.`,
      );
    }
    checkFits('constantPadNd', value, x.dtypeInfo);
    const out = x.makeEmpty(shape, x.dtypeInfo);
    const kept = x.shape.map((size, d) => Math.max(size + Math.min(before[d]!, 0) + Math.min(after[d]!, 0), 0));
    if (numberOfElements(kept) !== out.count) kernels.copy(out, castOperand(value, x.dtypeInfo));
    if (numberOfElements(kept) > 0) {
      const start = (geometry: Tensor, sign: number): number =>
        geometry.strides.reduce((at, stride, d) => at + Math.max(sign * before[d]!, 0) * stride, geometry.offset);
      kernels.copy(out.makeAlias(kept, out.strides, start(out, 1)), x.makeAlias(kept, x.strides, start(x, -1)));
    }
    const back = pad.map((count) => -count);
    return record('ConstantPadNdBackward0', out, [x], [], [(grad) => constantPadNd(grad, back)]);
  },
);
