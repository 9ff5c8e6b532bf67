/** Views with dimensions in another order. */
import { rangeError } from '../errors.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { named } from './options.js';
import { recordView } from './views.js';

/** Dimensions in another order: dimension i of the result is dimension dims[i] of x. */
export const permute = named('permute', ['input', 'dims'], (x: Tensor, dims: readonly number[]): Tensor => {
  checkTensor('permute', x);
  const rank = x.shape.length;
  if (dims.length !== rank) {
    throw rangeError(
      `permute: permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${rank} is not equal to len(dims) = ${dims.length}.`,
    );
  }
  const order = dims.map((d) => wrapDim('permute', d, rank));
  if (new Set(order).size !== rank)
    throw rangeError(`permute: repeated dim in permute ([${dims.join(', ')}]); name each dim once.`);
  const inverse = new Array<number>(rank);
  order.forEach((d, i) => {
    inverse[d] = i;
  });
  return recordView(
    'PermuteBackward0',
    x,
    order.map((d) => x.shape[d]!),
    order.map((d) => x.strides[d]!),
    x.offset,
    (grad) => grad.permute(inverse),
  );
});

/** Two dimensions exchanged. */
export const transpose = named(
  'transpose',
  ['input', 'dim0', 'dim1'],
  (x: Tensor, dim0: number, dim1: number): Tensor => {
    checkTensor('transpose', x);
    const a = wrapDim('transpose', dim0, x.shape.length);
    const b = wrapDim('transpose', dim1, x.shape.length);
    return recordTransposed('TransposeBackward0', x, a, b);
  },
);

/** Dims a and b exchanged, recorded under a name of the caller. */
export function recordTransposed(name: string, x: Tensor, a: number, b: number): Tensor {
  const shape = [...x.shape];
  const strides = [...x.strides];
  if (shape.length > 0) {
    [shape[a], shape[b]] = [shape[b]!, shape[a]!];
    [strides[a], strides[b]] = [strides[b]!, strides[a]!];
  }
  return recordView(name, x, shape, strides, x.offset, (grad) => (shape.length > 1 ? grad.transpose(a, b) : grad));
}

/** The transpose of a matrix; vectors and scalars as they are. */
export function t(x: Tensor): Tensor {
  checkTensor('t', x);
  if (x.shape.length > 2)
    throw rangeError(
      `t: t() expects a tensor with <= 2 dimensions, but self is ${x.shape.length}D; use transpose(dim0, dim1).`,
    );
  return recordTransposed('TBackward0', x, 0, Math.max(x.shape.length - 1, 0));
}

/** The same memory and geometry as a view of its own. */
function alias(x: Tensor): Tensor {
  return recordView('AliasBackward0', x, x.shape, x.strides, x.offset, (grad) => grad);
}

/**
 * Dimensions `source` moved to the places `destination`; the others keep their order.
 * https://pytorch.org/docs/stable/generated/torch.movedim.html
 */
export const movedim = named(
  'movedim',
  ['input', 'source', 'destination'],
  (x: Tensor, source: number | readonly number[], destination: number | readonly number[]): Tensor => {
    checkTensor('movedim', x);
    const rank = x.shape.length;
    const given = typeof source === 'number' ? [source] : source;
    const wanted = typeof destination === 'number' ? [destination] : destination;
    if (given.length !== wanted.length) {
      throw rangeError(
        `movedim: Invalid source or destination dims: source ([${given.join(', ')}] dims) should contain the same number of dims as destination ([${wanted.join(', ')}] dims).`,
      );
    }
    const from = given.map((d) => wrapDim('movedim', d, rank));
    const to = wanted.map((d) => wrapDim('movedim', d, rank));
    if (new Set(from).size !== from.length)
      throw rangeError(`movedim: repeated dim in \`source\` ([${given.join(', ')}]).`);
    if (new Set(to).size !== to.length)
      throw rangeError(`movedim: repeated dim in \`destination\` ([${wanted.join(', ')}]).`);
    if (rank === 0 || from.length === 0) return alias(x);
    const order = new Array<number>(rank).fill(-1);
    from.forEach((d, i) => {
      order[to[i]!] = d;
    });
    const rest = x.shape.map((_, d) => d).filter((d) => !from.includes(d));
    return permute(
      x,
      order.map((d) => (d === -1 ? rest.shift()! : d)),
    );
  },
);
