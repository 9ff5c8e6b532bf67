/** Counts of values by bin. */
import { kernels } from '../backends/index.js';
import { float32, float64, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { describe, numberOfElements, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { scatterAlong } from './gathering.js';
import { type NamedTuple, named, namedTuple } from './options.js';

/**
 * How often each whole number from 0 on stands in x, or the sum of the weights where it does; at least `minlength`
 * numbers. int64 without weights, else float32 for float32 weights and float64.
 * https://pytorch.org/docs/stable/generated/torch.bincount.html
 */
export const bincount = named(
  'bincount',
  ['input', 'weights', 'minlength'],
  (x: Tensor, weights?: Tensor | null, minlength: number = 0): Tensor => {
    checkTensor('bincount', x);
    if (x.dtypeInfo.category !== 1)
      throw typeError(`bincount: only integers can be counted, not ${x.dtype}; convert with to('int64').`);
    if (!Number.isInteger(minlength) || minlength < 0)
      throw rangeError(`bincount: minlength should be >= 0, not ${minlength}.`);
    if (x.shape.length !== 1 || (x.count > 0 && Number(x.min().item()) < 0)) {
      throw rangeError(
        `bincount: bincount only supports 1-d non-negative integral inputs, but x has shape [${x.shape.join(', ')}]${x.shape.length === 1 ? ` and the smallest element ${x.min().item()}` : ''}.`,
      );
    }
    const info =
      weights === undefined || weights === null || x.count === 0
        ? int64
        : weights.dtypeInfo === float32
          ? float32
          : float64;
    const length = x.count === 0 ? minlength : Math.max(Number(x.max().item()) + 1, minlength);
    if (weights !== undefined && weights !== null) {
      checkTensor('bincount', weights, 'weights');
      if (weights.shape.length !== 1 || weights.count !== x.count) {
        throw rangeError(
          `bincount: weights should be 1-d and have the same length as input, but they have shape [${weights.shape.join(', ')}] for ${x.count} elements.`,
        );
      }
    }
    const out = x.makeEmpty([length], info);
    out.fillWith(0);
    const source = info === int64 ? 1 : weights!.detach().to(info.name);
    scatterAlong('bincount', kernels.scatterAdd, out, 0, x.to('int64'), source);
    return out;
  },
);

function checkFloats(op: string, x: Tensor): void {
  checkTensor(op, x);
  if (x.dtypeInfo !== float32 && x.dtypeInfo !== float64) {
    throw typeError(`${op}: only float32 and float64 are supported, not ${x.dtype}; convert with to('float32').`);
  }
}

function checkBins(op: string, bins: number): void {
  if (!Number.isInteger(bins) || bins < 1) throw rangeError(`${op}: bins must be > 0, but got ${bins} for bins.`);
}

/** The ends of even bins: those given, or the data's, moved apart by `margin` where they are one. */
function ends(
  op: string,
  x: Tensor,
  range: readonly [number, number] | null,
  margin: number,
): [low: number, high: number] {
  let [low, high] =
    range ??
    (x.count === 0 ? [0, margin === 1 ? 0 : 1] : [Number(x.detach().min().item()), Number(x.detach().max().item())]);
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw rangeError(`${op}: range of [${low}, ${high}] is not finite.`);
  if (low > high) throw rangeError(`${op}: min should not exceed max, but got min ${low} max ${high}.`);
  if (low === high) [low, high] = [low - margin, high + margin];
  return [low, high];
}

/** Counts, or sums of weights, of the cells that `linear` [n] names; -1 is outside. In x's dtype. */
function tally(x: Tensor, linear: Tensor, cells: number, weights: Tensor | null): Tensor {
  // Cell 0 takes what is outside.
  const place = linear.add(1);
  const out = x.makeEmpty([cells + 1], weights === null ? int64 : x.dtypeInfo);
  out.fillWith(0);
  scatterAlong('histogram', kernels.scatterAdd, out, 0, place, weights === null ? 1 : weights.reshape([-1]));
  const inside = out.makeAlias([cells], [1], out.offset + 1);
  return inside.to(x.dtype, { copy: true });
}

/**
 * How many elements of x are in each of `bins` bins of one width from `min` to `max` (the data's ends, if both are 0).
 * https://pytorch.org/docs/stable/generated/torch.histc.html
 */
export const histc = named(
  'histc',
  ['input', 'bins', 'min', 'max'],
  (x: Tensor, bins: number = 100, min: number = 0, max: number = 0): Tensor => {
    checkFloats('histc', x);
    checkBins('histc', Number(bins));
    const [from, to] = [Number(min), Number(max)];
    const [low, high] = ends('histc', x, from === to && x.count > 0 ? null : [from, to], 1);
    const linear = x.makeEmpty([x.count], int64);
    linear.fillWith(0);
    if (x.count > 0) kernels.evenBins(linear, dense(x), x.count, Number(bins), low, high);
    return tally(x, linear, Number(bins), null);
  },
);

/** Bins of a histogram: how many, or their edges. */
export type Bins = number | Tensor | readonly number[];

/** Edges as linspace gives them: from either end to the middle, in x's precision. */
function evenEdges(x: Tensor, bins: number, [low, high]: readonly [number, number]): Tensor {
  const edges = x.makeEmpty([bins + 1], x.dtypeInfo);
  const view = edges.storage.view(x.dtypeInfo, 0, bins + 1);
  const round = x.dtypeInfo === float32 ? Math.fround : (value: number): number => value;
  const [first, last] = [round(low), round(high)];
  const step = round(round(last - first) / bins);
  const half = Math.floor((bins + 1) / 2);
  for (let i = 0; i <= bins; i++) view[i] = i < half ? first + round(step * i) : last - round(step * (bins - i));
  return edges;
}

function edgesOf(op: string, x: Tensor, column: Tensor, bins: Bins, range: readonly [number, number] | null): Tensor {
  if (typeof bins === 'number') {
    checkBins(op, bins);
    return evenEdges(x, bins, ends(op, column, range, 0.5));
  }
  if (range !== null) throw typeError(`${op}: range goes with a number of bins, not with their edges.`);
  if (Array.isArray(bins)) {
    const edges = x.makeEmpty([bins.length], x.dtypeInfo);
    const view = edges.storage.view(x.dtypeInfo, 0, bins.length);
    for (const [i, edge] of bins.entries()) view[i] = edge;
    return checkEdges(op, x, edges);
  }
  checkTensor(op, bins, 'bins');
  return checkEdges(op, x, bins as Tensor);
}

function checkEdges(op: string, x: Tensor, edges: Tensor): Tensor {
  if (edges.shape.length !== 1 || edges.count < 2) {
    throw rangeError(
      `${op}: bins tensor should have one dimension and at least two edges, but it has shape [${edges.shape.join(', ')}].`,
    );
  }
  if (edges.dtypeInfo !== x.dtypeInfo)
    throw typeError(
      `${op}: input tensor and bins tensors should have the same dtype, but got input with dtype ${x.dtype} and bins with dtype ${edges.dtype}.`,
    );
  return edges;
}

/** Counts of points [n, D] in the cells between D sequences of edges, each weighed by its weight. */
function histogramOf(
  op: string,
  x: Tensor,
  points: Tensor,
  edges: readonly Tensor[],
  weight: Tensor | null,
  density: boolean,
): Tensor {
  if (weight !== null) {
    checkTensor(op, weight, 'weight');
    if (weight.dtypeInfo !== x.dtypeInfo)
      throw typeError(
        `${op}: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(dtype=${x.dtype}), and weight(dtype=${weight.dtype}).`,
      );
  }
  const n = points.shape[0]!;
  const linear = x.makeEmpty([n], int64);
  linear.fillWith(0);
  const sizes = edges.map((edge) => edge.count - 1);
  for (const [d, edge] of edges.entries()) {
    const column = dense(points.select(1, d));
    if (n > 0) kernels.bins(linear, column, dense(edge.detach()), n, sizes[d]!);
  }
  const counts = tally(x, linear, numberOfElements(sizes), weight === null ? null : weight.detach()).reshape(sizes);
  if (!density) return counts;
  let out = counts.div(counts.sum());
  for (const [d, edge] of edges.entries()) {
    const widths = edge
      .detach()
      .narrow(0, 1, sizes[d]!)
      .sub(edge.detach().narrow(0, 0, sizes[d]!));
    out = out.div(widths.reshape(sizes.map((size, i) => (i === d ? size : 1))));
  }
  return out;
}

/**
 * How many elements of x are in each bin, or the sum of their weights; with `density` as a density, whose integral is 1.
 * `bins` is a number of bins of one width within `range` (the data's ends, if not given), or the edges. A bin has its
 * left edge, the last one both.
 * https://pytorch.org/docs/stable/generated/torch.histogram.html
 */
export const histogram = named(
  'histogram',
  ['input', 'bins', 'range', 'weight', 'density'],
  (
    x: Tensor,
    bins: Bins,
    range?: readonly [number, number] | null,
    weight?: Tensor | null,
    density: boolean = false,
  ): NamedTuple<readonly ['hist', 'binEdges'], readonly [Tensor, Tensor]> => {
    checkFloats('histogram', x);
    if (weight !== undefined && weight !== null && !sameShape(weight.shape, x.shape)) {
      throw rangeError(
        `histogram: if weight tensor is provided it should have the same shape as the input, but got weight [${weight.shape.join(', ')}] for input [${x.shape.join(', ')}].`,
      );
    }
    const points = x.detach().reshape([-1, 1]);
    const edges = edgesOf('histogram', x, points, bins, range ?? null);
    const hist = histogramOf('histogram', x, points, [edges], weight ?? null, density);
    return namedTuple(['hist', 'binEdges'], [hist, edges === bins ? edges.detach().clone() : edges]);
  },
);

/**
 * {@link histogram} of points: the last dim of x are their D coordinates. `bins`: a number for all dims, D numbers, or D
 * sequences of edges; `range`: two ends for each dim, one after the other.
 * https://pytorch.org/docs/stable/generated/torch.histogramdd.html
 */
export const histogramdd = named(
  'histogramdd',
  ['input', 'bins', 'range', 'weight', 'density'],
  (
    x: Tensor,
    bins: number | readonly number[] | readonly Tensor[],
    range?: readonly number[] | null,
    weight?: Tensor | null,
    density: boolean = false,
  ): NamedTuple<readonly ['hist', 'binEdges'], readonly [Tensor, readonly Tensor[]]> => {
    checkFloats('histogramdd', x);
    if (x.shape.length < 2)
      throw rangeError(`histogramdd: input tensor should have at least 2 dimensions, but got ${x.shape.length}.`);
    const dims = x.shape[x.shape.length - 1]!;
    const list: readonly (number | Tensor)[] = typeof bins === 'number' ? new Array<number>(dims).fill(bins) : bins;
    if (list.length !== dims)
      throw rangeError(
        `histogramdd: the size of bins (${list.length}) should be equal to the innermost dimension of the input (${dims}).`,
      );
    if (range !== undefined && range !== null && range.length !== 2 * dims) {
      throw rangeError(
        `histogramdd: for a ${dims}-dimensional histogram range should have ${2 * dims} elements, but got ${describe(range)}.`,
      );
    }
    if (weight !== undefined && weight !== null && !sameShape(weight.shape, x.shape.slice(0, -1))) {
      throw rangeError(
        `histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got input [${x.shape.join(', ')}] and weight [${weight.shape.join(', ')}].`,
      );
    }
    const points = x.detach().reshape([numberOfElements(x.shape.slice(0, -1)), dims]);
    const edges = list.map((bin, d) =>
      edgesOf(
        'histogramdd',
        x,
        points.select(1, d),
        bin,
        range === undefined || range === null ? null : [range[2 * d]!, range[2 * d + 1]!],
      ),
    );
    const hist = histogramOf('histogramdd', x, points, edges, weight ?? null, density);
    return namedTuple(['hist', 'binEdges'], [hist, edges]);
  },
);
