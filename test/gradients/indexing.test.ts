import { describe, it } from 'vitest';
import * as ng from '../../src/index.js';
import { type Check, checkGradients } from './check.js';

const { tensor } = ng;
const without = ['expanded'];
const of = (body: (x: ng.Tensor) => ng.Tensor | readonly ng.Tensor[], shape: readonly number[] = [3, 4, 2]): Check => ({
  inputs: [{ shape }],
  body: (x) => body(x!),
  without,
});
const pair = (
  a: readonly number[],
  b: readonly number[],
  body: (x: ng.Tensor, y: ng.Tensor) => ng.Tensor | readonly ng.Tensor[],
): Check => ({ inputs: [{ shape: a }, { shape: b }], body: (x, y) => body(x!, y!), without });

/** x with y written to a part of it. */
const written = (x: ng.Tensor, items: ng.IndexItem[], y: ng.Tensor): ng.Tensor => {
  const out = x.clone();
  out.setAt(items, y);
  return out.mul(out);
};

const MASK = tensor([
  [true, false, true, true],
  [false, false, true, false],
  [true, true, false, true],
]);
/** Repeats, so that gradients must add up. */
const ROWS = tensor([2, 0, 2]);
const PLACES = tensor([
  [0, 2, 1, 0],
  [2, 2, 0, 1],
]);

const reductions = Object.fromEntries(
  (['sum', 'prod', 'mean', 'amax', 'amin'] as const).flatMap((reduce) =>
    [true, false].map((includeSelf) => [
      `scatterReduce ${reduce}${includeSelf ? '' : ' without self'}`,
      pair([3, 4], [2, 4], (x, y) => x.scatterReduce(0, PLACES, y, reduce, includeSelf)),
    ]),
  ),
);
const indexReductions = Object.fromEntries(
  (['prod', 'mean', 'amax', 'amin'] as const).map((reduce) => [
    `indexReduce ${reduce}`,
    pair([3, 4], [3, 4], (x, y) => x.indexReduce(0, ROWS, y, reduce)),
  ]),
);

const CHECKS: Readonly<Record<string, Check>> = {
  'at an integer': of((x) => x.at(1, ':', -1)),
  'at slices': of((x) => x.at('::2', '1:', null)),
  'at an index tensor': of((x) => x.at(ROWS)),
  'at two index tensors': of((x) => x.at(ROWS, tensor([1, 1, 3]))),
  'at index tensors apart': of((x) => x.at([0, 0], ':', [1, 0])),
  'at a mask': of((x) => x.at(MASK)),
  'at a mask and a slice': of((x) => x.at(MASK, '1:')),
  'at true': of((x) => x.at(true)),
  'setAt a slice': pair([3, 4], [2], (x, y) => written(x, ['1:', 1], y)),
  'setAt an index tensor': pair([3, 4], [4], (x, y) => written(x, [[2, 0]], y)),
  'setAt a mask': pair([3, 4], [7], (x, y) => written(x, [MASK], y)),
  indexPut: pair([3, 4], [2, 4], (x, y) => x.indexPut([tensor([2, 0])], y)),
  'indexPut accumulating': pair([3, 4], [3, 1], (x, y) => x.indexPut([ROWS], y, true)),
  gather: of((x) => x.gather(0, PLACES), [3, 4]),
  'gather of fewer': of((x) => x.gather(1, tensor([[3, 3]])), [3, 4]),
  'gather of a scalar': of((x) => x.gather(0, tensor([0, 0])), []),
  scatter: pair([3, 4], [2, 4], (x, y) =>
    x.scatter(
      1,
      tensor([
        [0, 1],
        [3, 2],
      ]),
      y,
    ),
  ),
  'scatter a value': of((x) => x.scatter(1, tensor([[0, 1]]), 2.5), [3, 4]),
  scatterAdd: pair([3, 4], [3, 4], (x, y) => x.scatterAdd(0, PLACES, y)),
  ...reductions,
  ...indexReductions,
  takeAlongDim: of((x) => x.takeAlongDim(tensor([[3, 3]]), 1), [3, 4]),
  'takeAlongDim of all': of((x) => x.takeAlongDim(tensor([3, 3, 11])), [3, 4]),
  indexSelect: of((x) => x.indexSelect(1, tensor([3, 0, 3]))),
  'indexSelect of a scalar': of((x) => x.indexSelect(0, tensor([0])), []),
  indexAdd: pair([3, 4], [3, 4], (x, y) => x.indexAdd(0, ROWS, y, { alpha: -2 })),
  indexCopy: pair([3, 4], [3, 2], (x, y) => x.indexCopy(1, tensor([3, 1]), y)),
  indexFill: of((x) => x.indexFill(1, tensor([3, 1]), 2)),
  'indexFill with a tensor': pair([3, 4], [], (x, y) => x.indexFill(1, tensor([3, 1]), y)),
  take: of((x) =>
    x.take(
      tensor([
        [3, -1],
        [3, 0],
      ]),
    ),
  ),
  put: pair([3, 4], [2], (x, y) => x.put(tensor([3, -1]), y)),
  'put accumulating': pair([3, 4], [3], (x, y) => x.put(tensor([3, -1, 3]), y, true)),
  maskedFill: of((x) => x.maskedFill(MASK, 2), [3, 4]),
  'maskedFill with a tensor': pair([4], [], (x, y) => x.maskedFill(MASK, y)),
  maskedSelect: of((x) => x.maskedSelect(MASK), [3, 4]),
  'maskedSelect broadcast': of((x) => x.maskedSelect(MASK), [4]),
  maskedScatter: pair([3, 4], [9], (x, y) => x.maskedScatter(MASK, y)),
  where: pair([3, 4], [4], (x, y) => x.where(MASK, y)),
  'where with a number': of((x) => ng.where(MASK, 1, x), [3, 4]),
  selectScatter: pair([3, 4], [3], (x, y) => x.selectScatter(y, 1, -1)),
  sliceScatter: pair([3, 4], [3, 2], (x, y) => x.sliceScatter(y, 1, 0, 4, 2)),
  tril: of((x) => x.tril(-1)),
  triu: of((x) => x.triu(1)),
  sort: of((x) => x.sort(1).values),
  'sort descending': of((x) => x.sort({ dim: 0, descending: true, stable: true }).values),
  'sort of a scalar': of((x) => x.sort(0).values, []),
  msort: of((x) => x.msort()),
  topk: of((x) => x.topk(2, 1).values),
  'topk smallest': of((x) => x.topk(2, 0, false).values),
  kthvalue: of((x) => x.kthvalue(2, 1).values),
  'kthvalue keeping the dim': of((x) => x.kthvalue(2, 1, true).values),
  median: of((x) => x.median()),
  'median along a dim': of((x) => x.median(1).values),
  nanmedian: of((x) => x.nanmedian(0, true).values),
  mode: of((x) => x.mode(1).values),
  cummax: of((x) => x.cummax(1).values),
  cummin: of((x) => x.cummin(0).values),
  max: of((x) => x.max()),
  'max along a dim': of((x) => x.max(1).values),
  'max keeping the dim': of((x) => x.max(0, true).values),
  'max of two': pair([3, 4], [4], (x, y) => x.max(y)),
  min: of((x) => x.min()),
  'min along a dim': of((x) => x.min(-1).values),
  amax: of((x) => x.amax([0, 2])),
  amin: of((x) => x.amin(1, true)),
  aminmax: of((x) => x.aminmax({ dim: 1 })),
  quantile: of((x) => x.quantile(0.4)),
  'quantile along a dim': of((x) => x.quantile(tensor([0.1, 0.6], { dtype: 'float64' }), 1)),
  nanquantile: of((x) => x.nanquantile(0.3, 0, true)),
  embedding: of((x) => ng.nn.functional.embedding(PLACES, x), [3, 2]),
  'gather of an expanded tensor': of((x) => x.expand(3, 4).gather(0, PLACES), [4]),
  'at of an expanded tensor': of((x) => x.expand(3, 4).at([0, 2], [1, 1]), [4]),
  'sort of an expanded tensor': of((x) => x.expand(3, 4).sort(1).values, [4]),
};

describe('gradcheck and gradgradcheck', () => {
  it.each(Object.keys(CHECKS))('%s', (name) => checkGradients(name, CHECKS[name]!));
});
