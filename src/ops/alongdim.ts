/** Slices of one dimension by an index vector (indexSelect and its kin), and elements of x as one vector (take, put). */
import { record } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { int32, int64 } from '../dtype.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { isScalar, type Scalar } from '../promotion.js';
import { contiguousStrides, type Shape, wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, dense } from './apply.js';
import { gatherAlong, scatterAlong } from './gathering.js';
import { named } from './options.js';
import { type WritingOp, writing } from './writing.js';

/** Checks an index vector (a scalar counts as one of one element); returns it in int64. */
export function checkVector(op: string, index: Tensor, allowInt32: boolean): Tensor {
  checkTensor(op, index, 'index');
  if (index.shape.length > 1) {
    throw indexError(`${op}: Index is supposed to be a vector, but it has shape [${index.shape.join(', ')}].`);
  }
  if (index.dtypeInfo === int64) return index;
  if (allowInt32 && index.dtypeInfo === int32) return castOperand(index, int64) as Tensor;
  throw typeError(
    `${op}: Expected dtype int64${allowInt32 ? ' or int32' : ''} for index, but it is ${index.dtype}; convert it with to('int64').`,
  );
}

/** The index vector seen as an index of the given shape, the same for all places but along `dim`. */
export function spreadIndex(index: Tensor, dim: number, shape: Shape): Tensor {
  const stride = index.strides[0] ?? 0;
  const sizes = shape.length === 0 ? [1] : shape.map((size, d) => (d === dim ? index.count : size));
  return index.makeAlias(
    sizes,
    sizes.map((_, d) => (d === dim ? stride : 0)),
    index.offset,
  );
}

/**
 * The slices of `dim` that `index` (int64 or int32) names, in its order: a copy. The gradient of a slice that is taken
 * twice adds up. Indices do not wrap: -1 is out of bounds.
 * https://pytorch.org/docs/stable/generated/torch.index_select.html
 * @throws RangeError for an index out of bounds
 */
export const indexSelect = named(
  'indexSelect',
  ['input', 'dim', 'index'],
  (x: Tensor, dim: number, index: Tensor): Tensor => {
    checkTensor('indexSelect', x);
    const at = checkVector('indexSelect', index, true);
    const d = wrapDim('indexSelect', dim, x.shape.length);
    if (x.shape.length === 0 && at.count !== 1) {
      throw indexError(`indexSelect: Index to scalar can have only 1 value, got ${at.count} value(s).`);
    }
    const picked = gatherAlong('indexSelect', x, d, spreadIndex(at, d, x.shape));
    const out = x.shape.length === 0 ? picked.makeAlias([], [], picked.offset) : picked;
    const { shape } = x;
    return record('IndexSelectBackward0', out, [x], [at] as [Tensor], [
      (grad, saved) => indexAdd(grad.newZeros(shape), d, saved, grad),
    ]);
  },
);

/** Checks the source of indexAdd and its kin: x's shape, but for `dim`, which is as long as the index. */
export function checkSource(op: string, x: Tensor, dim: number, index: Tensor, source: Tensor): number {
  const d = wrapDim(op, dim, x.shape.length);
  checkTensor(op, source, 'source');
  if (source.dtypeInfo !== x.dtypeInfo) {
    throw typeError(
      `${op}: self (${x.dtype}) and source (${source.dtype}) expected to have the same dtype; convert source with to('${x.dtype}').`,
    );
  }
  const length = source.shape[d] ?? 1;
  if (source.shape.length > 0 && index.count !== length) {
    throw indexError(
      `${op}: Number of indices (${index.count}) should be equal to source.size(dim): (${length}), for dim: ${d}.`,
    );
  }
  const ranks = [Math.max(x.shape.length, 1), Math.max(source.shape.length, 1)];
  const fits = ranks[0] === ranks[1] && source.shape.every((size, i) => i === d || size === (x.shape[i] ?? 1));
  if (!fits || (source.shape.length === 0 && index.count !== 1)) {
    throw rangeError(
      `${op}: source [${source.shape.join(', ')}] does not fit: apart from dimension ${d} it must have self's shape [${x.shape.join(', ')}].`,
    );
  }
  return d;
}

/** The gradient of a source: the slices that the index names. */
function backToSource(grad: Tensor, dim: number, index: Tensor, shape: Shape): Tensor {
  return indexSelect(grad, dim, index).reshape(shape);
}

type IndexAddArguments = [x: Tensor, dim: number, index: Tensor, source: Tensor, alpha?: Scalar];

/**
 * A copy of x with `alpha * source` added to the slices of `dim` that `index` names; a slice named twice gets both.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html
 * @throws RangeError for an index out of bounds
 */
export const indexAdd: WritingOp<IndexAddArguments, ['input', 'dim', 'index', 'source', 'alpha']> = writing(
  'indexAdd',
  ['input', 'dim', 'index', 'source', 'alpha'],
  (op, x: Tensor, dim: number, index: Tensor, source: Tensor, alpha: Scalar = 1) => {
    const at = checkVector(op, index, true);
    const d = checkSource(op, x, dim, at, source);
    const { shape } = source;
    return {
      name: 'IndexAddBackward0',
      inputs: [source],
      saved: [at],
      gradients: [
        (grad: Tensor) => grad,
        (grad: Tensor, saved: Tensor) => {
          const back = backToSource(grad, d, saved, shape);
          return alpha === 1 ? back : back.mul(alpha);
        },
      ],
      apply(target) {
        const scaled = Number(alpha) === 1 ? source : source.detach().mul(alpha).to(source.dtype);
        scatterAlong(op, kernels.scatterAdd, target, d, spreadIndex(at, d, source.shape), scaled);
      },
    };
  },
);

/**
 * A copy of x with source's slices in the places of `dim` that `index` names.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.index_copy_.html
 * @throws RangeError for an index out of bounds
 */
export const indexCopy = writing(
  'indexCopy',
  ['input', 'dim', 'index', 'source'],
  (op, x: Tensor, dim: number, index: Tensor, source: Tensor) => {
    const at = checkVector(op, index, false);
    const d = checkSource(op, x, dim, at, source);
    const { shape } = source;
    return {
      name: 'IndexCopyBackward0',
      inputs: [source],
      saved: [at],
      gradients: [
        (grad: Tensor, saved: Tensor) => indexFill(grad, d, saved, 0),
        (grad: Tensor, saved: Tensor) => backToSource(grad, d, saved, shape),
      ],
      apply: (target) => scatterAlong(op, kernels.scatter, target, d, spreadIndex(at, d, source.shape), source),
    };
  },
);

type IndexFillArguments = [x: Tensor, dim: number, index: Tensor, value: Scalar | Tensor];

/**
 * A copy of x with `value`, a number or a 0-d tensor, in the slices of `dim` that `index` names.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.index_fill_.html
 * @throws RangeError for an index out of bounds
 */
export const indexFill: WritingOp<IndexFillArguments, ['input', 'dim', 'index', 'value']> = writing(
  'indexFill',
  ['input', 'dim', 'index', 'value'],
  (op, x: Tensor, dim: number, index: Tensor, value: Scalar | Tensor) => {
    const at = checkVector(op, index, false);
    const d = wrapDim(op, dim, x.shape.length);
    if (!isScalar(value)) {
      checkTensor(op, value, 'value');
      if (value.shape.length > 0) {
        throw rangeError(
          `${op}: Only supports 0-dimensional value tensor, but got tensor with ${value.shape.length} dimension(s).`,
        );
      }
    }
    return {
      name: isScalar(value) ? 'IndexFillBackward0' : 'IndexFillBackward1',
      inputs: isScalar(value) ? [null] : [value],
      saved: [at],
      gradients: [
        (grad: Tensor, saved: Tensor) => indexFill(grad, d, saved, 0),
        (grad: Tensor, saved: Tensor) => indexSelect(grad, d, saved).sum(),
      ],
      apply(target) {
        const filled = isScalar(value) ? value : (castOperand(value, x.dtypeInfo) as Tensor);
        const sizes = x.shape.length === 0 ? [at.count] : x.shape.map((size, i) => (i === d ? at.count : size));
        const source = isScalar(filled)
          ? filled
          : filled.makeAlias(
              sizes,
              sizes.map(() => 0),
              filled.offset,
            );
        scatterAlong(op, kernels.scatter, target, d, spreadIndex(at, d, sizes), source, true);
      },
    };
  },
);

/** x as one vector; dense, so that it shares x's memory if x is. */
function flat(x: Tensor): Tensor {
  const whole = dense(x);
  return whole.makeAlias([x.count], [1], whole.offset);
}

function checkTaken(op: string, x: Tensor, index: Tensor): void {
  checkTensor(op, index, 'index');
  if (index.dtypeInfo !== int64) {
    throw typeError(`${op}: Expected a long tensor for index, but got ${index.dtype}; convert it with to('int64').`);
  }
  if (x.count === 0 && index.count > 0) throw indexError(`${op}: tried to take from an empty tensor.`);
}

/**
 * The elements of x, seen as one vector, that `index` names; in index's shape. Negative indices count from the end.
 * https://pytorch.org/docs/stable/generated/torch.take.html
 * @throws RangeError for an index out of bounds
 */
export const take = named('take', ['input', 'index'], (x: Tensor, index: Tensor): Tensor => {
  checkTensor('take', x);
  checkTaken('take', x, index);
  const out = gatherAlong('take', flat(x), 0, flat(index), true).makeAlias(
    index.shape,
    contiguousStrides(index.shape),
    0,
  );
  const { shape } = x;
  return record('TakeBackward0', out, [x], [index] as [Tensor], [
    (grad, saved) => put(grad.newZeros(shape), saved, grad, true),
  ]);
});

type PutArguments = [x: Tensor, index: Tensor, source: Tensor, accumulate?: boolean];

/**
 * A copy of x with source's elements in the places that `index` names in x seen as one vector, or with `accumulate`
 * added there.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.put_.html
 * @throws RangeError for an index out of bounds
 */
export const put: WritingOp<PutArguments, ['input', 'index', 'source', 'accumulate']> = writing(
  'put',
  ['input', 'index', 'source', 'accumulate'],
  (op, x: Tensor, index: Tensor, source: Tensor, accumulate: boolean = false) => {
    checkTaken(op, x, index);
    checkTensor(op, source, 'source');
    if (source.dtypeInfo !== x.dtypeInfo) {
      throw typeError(
        `${op}: self (${x.dtype}) and source (${source.dtype}) expected to have the same dtype; convert source with to('${x.dtype}').`,
      );
    }
    if (source.count !== index.count) {
      throw rangeError(
        `${op}: Expected source and index to have the same number of elements, but got source.numel() = ${source.count}, index.numel() = ${index.count}.`,
      );
    }
    const { shape } = source;
    return {
      name: 'PutBackward0',
      inputs: [source],
      saved: [index],
      gradients: [
        (grad: Tensor, saved: Tensor) => (accumulate ? grad : put(grad, saved, grad.newZeros(saved.shape))),
        (grad: Tensor, saved: Tensor) => take(grad, saved).reshape(shape),
      ],
      apply(target) {
        const whole = flat(target);
        const kernel = accumulate ? kernels.scatterAdd : kernels.scatter;
        scatterAlong(op, kernel, whole, 0, flat(index), flat(source), true);
        if (whole.storage !== target.storage)
          kernels.copy(target, whole.makeAlias(target.shape, contiguousStrides(target.shape), 0));
      },
    };
  },
);
