/** Broadcasting of lists, grids of coordinates, tuples of elements. */

import { rangeError, typeError } from '../errors.js';
import { broadcastAll, checkAllocation, checkListed, MOST_PARTS, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { checkList, listOf, stack, type TensorList } from './joining.js';
import { isOptions, named } from './options.js';
import { int64Vector } from './places.js';

/** Tensors broadcast against each other, as views. */
export function broadcastTensors(...tensors: TensorList): Tensor[] {
  const list = listOf(tensors);
  for (const x of list) checkTensor('broadcastTensors', x);
  const shape = broadcastAll(
    'broadcastTensors',
    list.map((x) => x.shape),
  );
  return list.map((x) => x.expand(shape));
}

/**
 * Grids of coordinates: the i-th result varies along dimension i. With indexing 'xy' the first two are exchanged.
 * https://pytorch.org/docs/stable/generated/torch.meshgrid.html
 * @example meshgrid(rows, columns, { indexing: 'ij' })
 */
export function meshgrid(
  ...args: readonly (Tensor | readonly Tensor[] | { indexing?: 'ij' | 'xy' | null })[]
): Tensor[] {
  const last = args[args.length - 1];
  const options = isOptions(last) ? (last as { indexing?: 'ij' | 'xy' | null }) : {};
  const list = listOf((isOptions(last) ? args.slice(0, -1) : args) as TensorList);
  checkList('meshgrid', list);
  const indexing = options.indexing ?? 'ij';
  if (indexing !== 'ij' && indexing !== 'xy')
    throw rangeError(
      `meshgrid: torch.meshgrid: indexing must be one of "xy" or "ij", but received: ${String(indexing)}.`,
    );
  for (const x of list) {
    if (x.shape.length > 1)
      throw rangeError(`meshgrid: Expected 0D or 1D tensor in the tensor list but got: [${x.shape.join(', ')}].`);
    if (x.dtypeInfo !== list[0]!.dtypeInfo)
      throw typeError(
        `meshgrid: torch.meshgrid expects all tensors to have the same dtype, but got ${list[0]!.dtype} and ${x.dtype}.`,
      );
  }
  const swap = indexing === 'xy' && list.length > 1;
  const ordered = swap ? [list[1]!, list[0]!, ...list.slice(2)] : list;
  const shape = ordered.map((x) => x.count);
  const grids = ordered.map((x, i) => x.reshape(shape.map((_, j) => (j === i ? x.count : 1))).expand(shape));
  if (!swap) return grids;
  return [grids[1]!, grids[0]!, ...grids.slice(2)];
}

/**
 * All combinations of `r` elements of a vector, in order, as rows; an element several times with `withReplacement`.
 * https://pytorch.org/docs/stable/generated/torch.combinations.html
 */
export const combinations = named(
  'combinations',
  ['input', 'r', 'withReplacement'],
  (x: Tensor, r: number = 2, withReplacement: boolean = false): Tensor => {
    checkTensor('combinations', x);
    if (x.shape.length !== 1)
      throw rangeError(`combinations: Expect a 1D vector, but got shape [${x.shape.join(', ')}].`);
    if (!Number.isInteger(r) || r < 0) throw rangeError(`combinations: Expect a non-negative number, but got ${r}.`);
    if (r === 0) return x.newEmpty([0]);
    const count = combinationCount(withReplacement ? x.count + r - 1 : x.count, r);
    checkAllocation('combinations', [count, r], x.dtypeInfo.size);
    checkListed('combinations', 'columns', r, MOST_PARTS);
    checkListed('combinations', 'places', count * r);
    const columns: number[][] = Array.from({ length: r }, () => []);
    const chosen: number[] = [];
    const choose = (from: number): void => {
      if (chosen.length === r) {
        for (const [i, at] of chosen.entries()) columns[i]!.push(at);
        return;
      }
      for (let at = from; at < x.count; at++) {
        chosen.push(at);
        choose(withReplacement ? at : at + 1);
        chosen.pop();
      }
    };
    choose(0);
    return stack(
      columns.map((column) => x.indexSelect(0, int64Vector(x, column))),
      1,
    );
  },
);

/** n! / (r! (n - r)!). */
function combinationCount(n: number, r: number): number {
  if (r > n) return 0;
  let count = 1;
  for (let i = 1; i <= Math.min(r, n - r); i++) {
    count *= (n - i + 1) / i;
    if (count > Number.MAX_SAFE_INTEGER) break;
  }
  return Math.round(count);
}

/** The shape that shapes broadcast to. @throws RangeError where they do not */
export function broadcastShapes(...shapes: readonly (Shape | number)[]): number[] {
  return [
    ...broadcastAll(
      'broadcastShapes',
      shapes.map((shape) => (typeof shape === 'number' ? [shape] : shape)),
    ),
  ];
}

/** All tuples of one element of each vector, as rows. */
export function cartesianProd(...tensors: TensorList): Tensor {
  const list = listOf(tensors);
  checkList('cartesianProd', list);
  for (const x of list)
    if (x.shape.length !== 1)
      throw rangeError(`cartesianProd: Expect a 1D vector, but got shape [${x.shape.join(', ')}].`);
  if (list.length === 1) return list[0]!;
  return stack(
    meshgrid(list).map((grid) => grid.flatten()),
    1,
  );
}
