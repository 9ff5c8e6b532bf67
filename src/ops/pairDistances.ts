/** Distances of rows. */
import { mode } from '../autograd/mode.js';
import { recordJoint } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError } from '../errors.js';
import { broadcastTwo, numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor, dense } from './apply.js';
import { named } from './options.js';
import { int64Vector } from './places.js';
import { float64Or32 } from './standardizing.js';
import { under } from './under.js';

const differences = (x1: Tensor, x2: Tensor): Tensor => x1.unsqueeze(-2).sub(x2.unsqueeze(-3));

/** The gradients over the distances, 0 where two points are one. */
const factorOf = (grad: Tensor, distances: Tensor): Tensor => grad.div(distances).maskedFill(distances.eq(0), 0);

/** Euclidean distances of matrices [batch, rows, width] and [batch, columns, width], of one float dtype. */
function euclidean(x1: Tensor, x2: Tensor): Tensor {
  const [batch, rows, width] = x1.shape as [number, number, number];
  const columns = x2.shape[1]!;
  const info = x1.dtypeInfo;
  const out = x1.makeEmpty([batch, rows, columns], info);
  kernels.distances(out, dense(x1), dense(x2), batch, rows, columns, width);
  return recordJoint('CdistBackward0', out, [x1, x2], [x1, x2, out] as const, (grad, wanted, x, y, distances) => {
    if (mode.grad) {
      const apart = differences(x, y);
      const pulls = apart.mul(factorOf(grad, apart.norm(2, -1)).unsqueeze(-1));
      return [wanted(0) ? pulls.sum(-2) : null, wanted(1) ? pulls.sum(-3).neg() : null];
    }
    const factor = factorOf(grad, distances);
    const pulled = (a: Tensor, b: Tensor, factors: Tensor): Tensor => {
      const made = a.makeEmpty(a.shape, info);
      kernels.distancesBackward(made, dense(factors), dense(a), dense(b), batch, a.shape[1]!, b.shape[1]!, width);
      return made;
    };
    return [wanted(0) ? pulled(x, y, factor) : null, wanted(1) ? pulled(y, x, factor.transpose(1, 2)) : null];
  });
}

/** `‖x1ᵢ - x2ⱼ‖` in the p-norm for all rows. */
export const cdist = named(
  'cdist',
  ['x1', 'x2', 'p', 'computeMode'],
  (x1: Tensor, x2: Tensor, p: number = 2, _mode?: string | null): Tensor => {
    checkTensor('cdist', x1, 'x1');
    checkTensor('cdist', x2, 'x2');
    if (x1.shape.length < 2 || x2.shape.length < 2)
      throw rangeError(
        `cdist: only supports at least 2D tensors, X1 got: ${x1.shape.length}D, X2 got: ${x2.shape.length}D.`,
      );
    const columns = x1.shape[x1.shape.length - 1];
    if (columns !== x2.shape[x2.shape.length - 1]) {
      throw rangeError(
        `cdist: X1 and X2 must have the same number of columns. X1: ${columns} X2: ${x2.shape[x2.shape.length - 1]}.`,
      );
    }
    if (!(p >= 0)) throw rangeError(`cdist: only supports non-negative p values, but p is ${p}.`);
    if (p !== 2 || !float64Or32(x1) || x2.dtypeInfo !== x1.dtypeInfo)
      return under('CdistBackward0', differences(x1, x2).norm(p, -1));
    const batch = broadcastTwo('cdist', x1.shape.slice(0, -2), x2.shape.slice(0, -2));
    const matrices = (x: Tensor): Tensor => {
      const last = x.shape.slice(-2);
      return x.expand([...batch, ...last]).reshape([numberOfElements(batch), ...last]);
    };
    const [a, b] = [matrices(x1), matrices(x2)];
    return under('CdistBackward0', euclidean(a, b).reshape([...batch, a.shape[1]!, b.shape[1]!]));
  },
);

/** The distances of all pairs of rows i < j of a matrix, in order. */
export const pdist = named('pdist', ['input', 'p'], (input: Tensor, p: number = 2): Tensor => {
  checkTensor('pdist', input);
  if (input.shape.length !== 2) throw rangeError(`pdist: only supports 2D tensors, got: ${input.shape.length}D.`);
  if (!(p >= 0)) throw rangeError(`pdist: only supports non-negative p values, but p is ${p}.`);
  const n = input.shape[0]!;
  const [first, second]: [number[], number[]] = [[], []];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      first.push(i);
      second.push(j);
    }
  }
  const differences = input
    .indexSelect(0, int64Vector(input, first))
    .sub(input.indexSelect(0, int64Vector(input, second)));
  return under('PdistBackward0', differences.norm(p, -1));
});
