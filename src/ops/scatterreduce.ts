/** Scattering with a reduction: scatterReduce, and indexReduce for an index vector. */
import { type Gradient, record, recordInPlace, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { bool, type DTypeInfo } from '../dtype.js';
import { autogradError, typeError } from '../errors.js';
import type { Scalar } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { checkSource as checkSlices, checkVector, spreadIndex } from './alongdim.js';
import { checkInPlace, checkTensor, scalarOperand } from './apply.js';
import { checkIndex, checkSource, gather, scatter, scatterAdd, scatterAlong, toSourceShape } from './gathering.js';
import { named } from './options.js';
import type { ScatterKernel } from './places.js';

/** How the values that meet in one place are reduced. */
export type ScatterReduction = 'sum' | 'prod' | 'mean' | 'amax' | 'amin';

const KERNELS: Readonly<Record<ScatterReduction, ScatterKernel>> = {
  sum: kernels.scatterAdd,
  mean: kernels.scatterAdd,
  prod: kernels.scatterMultiply,
  amax: kernels.scatterMaximum,
  amin: kernels.scatterMinimum,
};

/** The least (sign -1) or the greatest value of a dtype. */
function limit(info: DTypeInfo, sign: 1 | -1): Scalar {
  if (info.isFloat) return sign * Number.POSITIVE_INFINITY;
  if (info === bool) return sign > 0;
  if (info.name === 'uint8') return sign > 0 ? 255 : 0;
  const power = 2n ** BigInt(8 * info.size - 1);
  return sign > 0 ? power - 1n : -power;
}

/** What changes nothing. */
function identity(reduce: ScatterReduction, info: DTypeInfo): Scalar {
  if (reduce === 'prod') return 1;
  if (reduce === 'amax') return limit(info, -1);
  if (reduce === 'amin') return limit(info, 1);
  return 0;
}

/** Where two tensors are equal, as a bool tensor without history. */
function whereEqual(x: Tensor, y: Tensor): Tensor {
  return x.detach().eq(y.detach());
}

/** What a call works on: the places, and the values that go there. */
interface Scattering {
  readonly op: string;
  readonly dim: number;
  /** Of src's rank. */
  readonly index: Tensor;
  readonly src: Tensor;
  readonly reduce: ScatterReduction;
  readonly includeSelf: boolean;
}

/** How many values meet in each place (with x's own if it counts), at least 1; in x's dtype. */
function counts(x: Tensor, s: Scattering): Tensor {
  const n = x.makeEmpty(x.shape, x.dtypeInfo);
  n.fillWith(s.includeSelf ? 1 : 0);
  scatterAlong(s.op, kernels.scatterAdd, n, s.dim, s.index, 1);
  if (!s.includeSelf) kernels.maximum(n, n, scalarOperand(1, n.dtypeInfo));
  return n;
}

/** Reduces into `target`, which has x's values. */
function apply(target: Tensor, s: Scattering): void {
  const { op, dim, index, reduce } = s;
  if (index.count === 0) return;
  const n = reduce === 'mean' ? counts(target, s) : null;
  if (!s.includeSelf) scatterAlong(op, kernels.scatter, target, dim, index, identity(reduce, target.dtypeInfo));
  scatterAlong(op, KERNELS[reduce], target, dim, index, s.src);
  if (n === null) return;
  const divide = target.dtypeInfo.category < 2 ? kernels.floorDivide : kernels.div;
  divide(target, target, n);
}

/** What the gradients look at: x before, index, src, the result. */
type Saved = readonly [x: Tensor, index: Tensor, src: Tensor, result: Tensor];

function gradientsOf(s: Scattering): readonly [Gradient<Saved>, Gradient<Saved>] {
  const { dim, reduce, includeSelf } = s;
  const { shape } = s.src;
  const at = (grad: Tensor, index: Tensor): Tensor => gather(grad, dim, index);
  const toSelf = (grad: Tensor, index: Tensor): Tensor => (includeSelf ? grad : scatter(grad, dim, index, 0));
  const toSource = (grad: Tensor): Tensor => toSourceShape(grad, shape);
  const part = (src: Tensor, index: Tensor): Tensor =>
    src.shape.length === 0
      ? src.reshape(index.shape)
      : src.shape.reduce((y, _, d) => y.narrow(d, 0, index.shape[d]!), src);
  if (reduce === 'sum') {
    return [
      includeSelf ? using([], (grad) => grad) : using([1], (grad, _x, index) => toSelf(grad, index)),
      using([1], (grad, _x, index) => toSource(at(grad, index))),
    ];
  }
  if (reduce === 'mean') {
    const share = (grad: Tensor, index: Tensor): Tensor => grad.div(counts(grad, { ...s, index }));
    return [
      using([1], (grad, _x, index) => toSelf(share(grad, index), index)),
      using([1], (grad, _x, index) => toSource(at(share(grad, index), index))),
    ];
  }
  if (reduce === 'prod') {
    return [
      using([1, 2], (grad, _x, index, src) => {
        const others = scatterReduce(grad.newOnes(grad.shape), dim, index, src, 'prod');
        return toSelf(grad.mul(others), index);
      }),
      (grad, x, index, src, result) => toSource(prodGradient(grad, x, index, part(src, index), result, s)),
    ];
  }
  // Equal extremes share the gradient.
  const share = (grad: Tensor, x: Tensor, index: Tensor, src: Tensor, result: Tensor) => {
    const mine = whereEqual(x, result).to(grad.dtype);
    const theirs = whereEqual(part(src, index), at(result.detach(), index)).to(grad.dtype);
    const own = includeSelf ? mine : scatter(mine, dim, index, 0);
    return { mine, theirs, each: grad.div(scatterAdd(own, dim, index, theirs)) };
  };
  return [
    (grad, x, index, src, result) => {
      const { mine, each } = share(grad, x, index, src, result);
      return toSelf(each.mul(mine), index);
    },
    (grad, x, index, src, result) => {
      const { theirs, each } = share(grad, x, index, src, result);
      return toSource(at(each, index).mul(theirs));
    },
  ];
}

/** The product of all the others in a place: by division, and by multiplying again where the element itself is 0. */
function prodGradient(grad: Tensor, x: Tensor, index: Tensor, src: Tensor, result: Tensor, s: Scattering): Tensor {
  const { dim, includeSelf } = s;
  const isZero = src.detach().eq(0);
  const zeros = gather(scatterAdd(x.newZeros(x.shape), dim, index, isZero.to(src.dtype)), dim, index);
  const alone = isZero.logicalAnd(zeros.eq(1));
  const rest = scatterReduce(x, dim, index, src.maskedFill(alone, 1), 'prod', includeSelf);
  const divided = gather(grad.mul(result), dim, index).div(src.maskedFill(isZero, 1));
  const out = gather(grad.mul(rest), dim, index).where(alone, divided);
  if (!zeros.gt(1).any().item()) return out;
  return record(
    'DelayedErrorBackward0',
    out.detach(),
    [out],
    [],
    [
      () => {
        throw autogradError(
          `${s.op}: Double backward is unsupported for src when >1 zeros in src are scattered to the same position in self.`,
        );
      },
    ],
  );
}

function run(name: string, x: Tensor, s: Scattering): Tensor {
  const out = x.detach().clone();
  apply(out, s);
  return record(name, out, [x, s.src], [x, s.index, s.src, out] as Saved, gradientsOf(s));
}

function runInPlace(name: string, x: Tensor, s: Scattering): Tensor {
  checkInPlace(s.op, x);
  const before = x.detach().clone();
  apply(x, s);
  return recordInPlace(name, x, [x, s.src], [before, s.index, s.src, x] as Saved, gradientsOf(s), true);
}

function checkReduction(op: string, reduce: string, allowed: readonly string[]): void {
  if (!allowed.includes(reduce)) {
    throw typeError(`${op}: reduce argument must be one of ${allowed.join(', ')}, but got ${String(reduce)}.`);
  }
}

function scatterings(op: string) {
  return (
    x: Tensor,
    dim: number,
    index: Tensor,
    src: Tensor,
    reduce: ScatterReduction,
    includeSelf: boolean = true,
  ): Scattering => {
    checkTensor(op, x);
    checkTensor(op, src, 'src');
    checkReduction(op, reduce, ['sum', 'prod', 'mean', 'amax', 'amin']);
    checkSource(op, x, src);
    return { op, dim: checkIndex(op, x, dim, index, src), index, src, reduce, includeSelf };
  };
}

const SCATTER_NAMES = ['input', 'dim', 'index', 'src', 'reduce', 'includeSelf'] as const;
type ScatterReduceArguments = Parameters<ReturnType<typeof scatterings>>;

/**
 * A copy of x in which the values of `src` are brought together with what stands in the places that `index` names along
 * `dim`: their sum, product, mean, largest or smallest; without `includeSelf` theirs alone.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.scatter_reduce_.html
 * @throws RangeError for an index out of bounds
 */
export const scatterReduce = Object.assign(
  named(
    'scatterReduce',
    SCATTER_NAMES,
    (...args: ScatterReduceArguments): Tensor =>
      run('ScatterReduceBackward0', args[0], scatterings('scatterReduce')(...args)),
  ),
  {
    inPlace: named(
      'scatterReduce_',
      SCATTER_NAMES,
      (...args: ScatterReduceArguments): Tensor =>
        runInPlace('ScatterReduceBackward0', args[0], scatterings('scatterReduce_')(...args)),
    ),
  },
);

function slices(op: string) {
  return (
    x: Tensor,
    dim: number,
    index: Tensor,
    source: Tensor,
    reduce: Exclude<ScatterReduction, 'sum'>,
    includeSelf: boolean = true,
  ): Scattering => {
    checkTensor(op, x);
    checkReduction(op, reduce, ['prod', 'mean', 'amax', 'amin']);
    const at = checkVector(op, index, true);
    const d = checkSlices(op, x, dim, at, source);
    return { op, dim: d, index: spreadIndex(at, d, source.shape), src: source, reduce, includeSelf };
  };
}

const SLICE_NAMES = ['input', 'dim', 'index', 'source', 'reduce', 'includeSelf'] as const;
type IndexReduceArguments = Parameters<ReturnType<typeof slices>>;

/**
 * {@link scatterReduce} of whole slices of `dim`, which an index vector names.
 * https://pytorch.org/docs/stable/generated/torch.Tensor.index_reduce_.html
 * @throws RangeError for an index out of bounds
 */
export const indexReduce = Object.assign(
  named(
    'indexReduce',
    SLICE_NAMES,
    (...args: IndexReduceArguments): Tensor => run('IndexReduceBackward0', args[0], slices('indexReduce')(...args)),
  ),
  {
    inPlace: named(
      'indexReduce_',
      SLICE_NAMES,
      (...args: IndexReduceArguments): Tensor =>
        runInPlace('IndexReduceBackward0', args[0], slices('indexReduce_')(...args)),
    ),
  },
);
