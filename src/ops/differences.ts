/** Differences and integrals along dims. */
import { record } from '../autograd/record.js';
import { bool } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { FloatScalar, isScalar, type Scalar, scalarNumber } from '../promotion.js';
import { wrapDim } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { divScalar, mulScalar } from './arithmetic.js';
import { cat } from './joining.js';
import { isOptions, named, spreadOptions } from './options.js';

/**
 * The n-th differences of neighbours along `dim`: x[i+1] - x[i].
 * https://pytorch.org/docs/stable/generated/torch.diff.html
 */
export const diff = named(
  'diff',
  ['input', 'n', 'dim', 'prepend', 'append'],
  (x: Tensor, n: number = 1, dim: number = -1, prepend?: Tensor | null, append?: Tensor | null): Tensor => {
    checkTensor('diff', x);
    if (x.shape.length === 0)
      throw rangeError('diff: diff expects input to be at least one-dimensional, but it is a scalar.');
    if (!Number.isInteger(n) || n < 0) throw rangeError(`diff: order must be non-negative but got ${n}.`);
    const d = wrapDim('diff', dim, x.shape.length);
    for (const [name, side] of [
      ['prepend', prepend],
      ['append', append],
    ] as const) {
      if (side === null || side === undefined) continue;
      checkTensor('diff', side, name);
      if (side.shape.length !== x.shape.length)
        throw rangeError(
          `diff: diff expects ${name} to have the same number of dimensions as input (${x.shape.length}), but it has ${side.shape.length}.`,
        );
      if (side.shape.some((size, i) => i !== d && size !== x.shape[i])) {
        throw rangeError(
          `diff: diff expects the shape of ${name} [${side.shape.join(', ')}] to match that of input [${x.shape.join(', ')}] except along the differencing dimension ${d}.`,
        );
      }
    }
    const parts = [prepend, x, append].filter((part) => part !== null && part !== undefined) as Tensor[];
    if (n === 0)
      return record('CopyBackwards', x.detach().clone(), [x, prepend, append], [], [(grad) => grad, null, null]);
    let out = parts.length > 1 ? cat(parts, d) : x;
    for (let i = 0; i < n; i++) {
      const size = out.shape[d]!;
      if (size === 0) break;
      const upper = out.narrow(d, 1, size - 1);
      const lower = out.narrow(d, 0, size - 1);
      out = out.dtypeInfo === bool ? upper.logicalXor(lower) : upper.sub(lower);
    }
    return out;
  },
);

/** Parts of y's line: from the second on, and up to the last but one. */
function neighbours(y: Tensor, dim: number): [Tensor, Tensor] {
  const n = y.shape[dim]!;
  return [y.narrow(dim, Math.min(1, n), Math.max(n - 1, 0)), y.narrow(dim, 0, Math.max(n - 1, 0))];
}

/** The widths between sample points x, shaped to go with y's line along `dim`. */
function widths(op: string, y: Tensor, x: Tensor, dim: number): Tensor {
  if (x.shape.length === 0) throw rangeError(`${op}: The provided \`x\` is a scalar; give one point for each value.`);
  let points = x;
  let d: number;
  if (x.shape.length === 1) {
    if (x.shape[0] !== y.shape[dim])
      throw rangeError(
        `${op}: There must be one \`x\` value for each sample point; got ${x.shape[0]} for ${y.shape[dim]}.`,
      );
    points = x.reshape(y.shape.map((_, i) => (i === dim ? x.count : 1)));
    d = dim;
  } else {
    d = wrapDim(op, dim - y.shape.length, x.shape.length);
    if (x.shape[d] !== y.shape[dim])
      throw rangeError(
        `${op}: There must be one \`x\` value for each sample point; got ${x.shape[d]} for ${y.shape[dim]}.`,
      );
  }
  const [right, left] = neighbours(points, d);
  return right.sub(left);
}

interface Sampling {
  readonly x?: Tensor | null;
  readonly dx?: Scalar | null;
}

/** The two ways of giving the widths: sample points or a common width. */
function samplingOf(
  op: string,
  y: Tensor,
  x: Tensor | Scalar | null | undefined,
  dx: Scalar | null | undefined,
): Sampling {
  checkTensor(op, y);
  if (y.dtypeInfo === bool)
    throw typeError(`${op}: received a bool input for \`y\`, but bool is not supported; convert with to(…).`);
  if (x !== null && x !== undefined && dx !== null && dx !== undefined)
    throw rangeError(`${op}: give either x or dx, not both.`);
  if (x === null || x === undefined) return { dx: dx ?? 1 };
  if (isScalar(x)) return { dx: x };
  checkTensor(op, x, 'x');
  if (x.dtypeInfo === bool)
    throw typeError(`${op}: received a bool input for \`x\`, but bool is not supported; convert with to(…).`);
  return { x };
}

/**
 * The integral of y along `dim` by the trapezoid rule, over sample points `x` or a common width `dx`.
 * https://pytorch.org/docs/stable/generated/torch.trapezoid.html
 */
export const trapezoid = named(
  'trapezoid',
  ['y', 'x', 'dx', 'dim'],
  (y: Tensor, x?: Tensor | Scalar | null, dx?: Scalar | null, dim: number = -1): Tensor => {
    const given = samplingOf('trapezoid', y, x, dx);
    const d = wrapDim('trapezoid', dim, y.shape.length);
    if (y.shape[d] === 0) {
      const shape = y.shape.filter((_, i) => i !== d);
      return y.newZeros(shape, { dtype: y.dtypeInfo.category < 2 ? 'float32' : y.dtype });
    }
    if (given.x) {
      const [right, left] = neighbours(y, d);
      return divScalar(
        left
          .add(right)
          .mul(widths('trapezoid', y, given.x, d))
          .sum(d),
        2,
      );
    }
    const ends = y.select(d, 0).add(y.select(d, -1));
    return mulScalar(y.sum(d).sub(mulScalar(ends, 0.5)), new FloatScalar(Number(given.dx!)));
  },
);

/** {@link trapezoid}, under its older name. */
export const trapz = trapezoid;

/**
 * The running integral of y along `dim` by the trapezoid rule; one shorter than y.
 * https://pytorch.org/docs/stable/generated/torch.cumulative_trapezoid.html
 */
export const cumulativeTrapezoid = named(
  'cumulativeTrapezoid',
  ['y', 'x', 'dx', 'dim'],
  (y: Tensor, x?: Tensor | Scalar | null, dx?: Scalar | null, dim: number = -1): Tensor => {
    const given = samplingOf('cumulativeTrapezoid', y, x, dx);
    const d = wrapDim('cumulativeTrapezoid', dim, y.shape.length);
    const [right, left] = neighbours(y, d);
    if (given.x)
      return divScalar(
        left
          .add(right)
          .mul(widths('cumulativeTrapezoid', y, given.x, d))
          .cumsum(d),
        2,
      );
    return right
      .add(left)
      .mul(new FloatScalar(Number(given.dx!) / 2))
      .cumsum(d);
  },
);

/** What {@link gradient} takes between the values: a distance for all dims, one for each, or coordinates for each. */
export type Spacing = Scalar | readonly (Scalar | Tensor)[] | Tensor | null;

/**
 * The slope of x along dims, from second-order central differences; at the ends of order `edgeOrder` (1 or 2).
 * https://pytorch.org/docs/stable/generated/torch.gradient.html
 * @returns one tensor for each dim
 */
export function gradient(
  x: Tensor,
  options: { spacing?: Spacing; dim?: number | readonly number[] | null; edgeOrder?: number } = {},
): Tensor[] {
  checkTensor('gradient', x);
  if (!isOptions(options))
    throw typeError('gradient: spacing, dim and edgeOrder are given by name: gradient(x, { spacing: 2 }).');
  const [spacing, dim, edge] = spreadOptions('gradient', ['spacing', 'dim', 'edgeOrder'], [options]) as [
    Spacing | undefined,
    number | readonly number[] | null | undefined,
    number | undefined,
  ];
  const edgeOrder = edge ?? 1;
  if (edgeOrder !== 1 && edgeOrder !== 2)
    throw rangeError(`gradient: torch.gradient only supports edge_order=1 and edge_order=2, but got ${edgeOrder}.`);
  const rank = x.shape.length;
  const dims = (
    dim === null || dim === undefined ? x.shape.map((_, d) => d) : typeof dim === 'number' ? [dim] : dim
  ).map((d) => wrapDim('gradient', d, rank));
  if (new Set(dims).size !== dims.length)
    throw rangeError(`gradient: dim appears multiple times in the list of dims [${dims.join(', ')}].`);
  const widthsOfDims = spacingsOf(spacing ?? null, dims.length);
  const values = x.dtypeInfo.category < 2 ? x.to('float32') : x;
  return dims.map((d, i) => {
    const size = x.shape[d]!;
    if (size < edgeOrder + 1)
      throw rangeError(
        `gradient: torch.gradient expected each dimension size to be at least edge_order+1 (${edgeOrder + 1}), but dimension ${d} has size ${size}.`,
      );
    const width = widthsOfDims[i]!;
    if (isScalar(width)) return evenSlopes(values, d, scalarNumber(width), edgeOrder);
    if (width.shape.length !== 1 || width.count !== size)
      throw rangeError(
        `gradient: torch.gradient expected each coordinate tensor to be 1-D and as long as its dimension (${size}), but one has shape [${width.shape.join(', ')}].`,
      );
    return unevenSlopes(values, width, d, edgeOrder);
  });
}

function spacingsOf(spacing: Spacing, count: number): readonly (Scalar | Tensor)[] {
  if (spacing === null) return new Array<Scalar>(count).fill(1);
  if (isScalar(spacing)) return new Array<Scalar>(count).fill(spacing);
  const list = (Array.isArray(spacing) ? spacing : [spacing]) as readonly (Scalar | Tensor)[];
  if (list.length !== count)
    throw rangeError(
      `gradient: torch.gradient expected spacing to be unspecified, a scalar or a list of length equal to the number of dims (${count}), but got length ${list.length}.`,
    );
  return list;
}

function evenSlopes(x: Tensor, d: number, h: number, edgeOrder: number): Tensor {
  const size = x.shape[d]!;
  const part = (start: number, length: number): Tensor => x.narrow(d, start, length);
  const inner = part(2, Math.max(size - 2, 0))
    .sub(part(0, Math.max(size - 2, 0)))
    .div(2 * h);
  let first: Tensor;
  let last: Tensor;
  if (edgeOrder === 1) {
    first = part(1, 1).sub(part(0, 1)).div(h);
    last = part(size - 1, 1)
      .sub(part(size - 2, 1))
      .div(h);
  } else {
    first = part(1, 1).mul(2).sub(part(0, 1).mul(1.5)).sub(part(2, 1).mul(0.5)).div(h);
    last = part(size - 1, 1)
      .mul(1.5)
      .sub(part(size - 2, 1).mul(2))
      .add(part(size - 3, 1).mul(0.5))
      .div(h);
  }
  return cat([first, inner, last], d);
}

/** Slopes over coordinates that are not evenly apart: the parabola through a point and its neighbours. */
function unevenSlopes(x: Tensor, coordinates: Tensor, d: number, edgeOrder: number): Tensor {
  const size = x.shape[d]!;
  const h = diff(coordinates.to(x.dtype)).reshape(x.shape.map((_, i) => (i === d ? size - 1 : 1)));
  const part = (start: number, length: number): Tensor => x.narrow(d, start, length);
  const width = (start: number, length: number): Tensor => h.narrow(d, start, length);
  const m = size - 2;
  const [left, right] = [width(0, m), width(1, m)];
  const inner = part(2, m)
    .mul(left.div(right.mul(left.add(right))))
    .add(part(1, m).mul(right.sub(left).div(left.mul(right))))
    .sub(part(0, m).mul(right.div(left.mul(left.add(right)))));
  if (edgeOrder === 1) {
    const first = part(1, 1).sub(part(0, 1)).div(width(0, 1));
    const last = part(size - 1, 1)
      .sub(part(size - 2, 1))
      .div(width(size - 2, 1));
    return cat([first, inner, last], d);
  }
  const [a, b] = [width(0, 1), width(1, 1)];
  const first = part(0, 1)
    .mul(
      a
        .mul(2)
        .add(b)
        .neg()
        .div(a.mul(a.add(b))),
    )
    .add(part(1, 1).mul(a.add(b).div(a.mul(b))))
    .sub(part(2, 1).mul(a.div(b.mul(a.add(b)))));
  const [e, f] = [width(size - 3, 1), width(size - 2, 1)];
  const last = part(size - 3, 1)
    .mul(f.div(e.mul(e.add(f))))
    .sub(part(size - 2, 1).mul(e.add(f).div(e.mul(f))))
    .add(
      part(size - 1, 1).mul(
        f
          .mul(2)
          .add(e)
          .div(f.mul(e.add(f))),
      ),
    );
  return cat([first, inner, last], d);
}
