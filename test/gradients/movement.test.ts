import { describe, it } from 'vitest';
import * as ng from '../../src/index.js';
import { type Check, checkGradients, type Input } from './check.js';

const of = (body: (x: ng.Tensor) => ng.Tensor | readonly ng.Tensor[], shape: readonly number[] = [2, 3, 4]): Check => ({
  inputs: [{ shape }],
  body: (x) => body(x!),
  without: ['expanded'],
});
const pair = (
  a: readonly number[],
  b: readonly number[],
  body: (x: ng.Tensor, y: ng.Tensor) => ng.Tensor | readonly ng.Tensor[],
): Check => ({
  inputs: [{ shape: a }, { shape: b }],
  body: (x, y) => body(x!, y!),
  without: ['expanded'],
});
const three = (
  shapes: readonly (readonly number[])[],
  body: (x: ng.Tensor, y: ng.Tensor, z: ng.Tensor) => ng.Tensor,
): Check => ({
  inputs: shapes.map((shape): Input => ({ shape })),
  body: (x, y, z) => body(x!, y!, z!),
  without: ['expanded'],
});

const CHECKS: Readonly<Record<string, Check>> = {
  asStrided: { ...of((x) => x.contiguous().asStrided([2, 2], [1, 2]), [6]), without: ['expanded', 'strided'] },
  blockDiag: pair([2, 3], [2], (x, y) => ng.blockDiag(x, y)),
  broadcastTensors: pair([3, 1], [4], (x, y) => ng.broadcastTensors(x, y)),
  cartesianProd: pair([3], [2], (x, y) => ng.cartesianProd(x, y)),
  cat: pair([2, 3], [2, 1], (x, y) => ng.cat([x, y, x], 1)),
  chunk: of((x) => x.chunk(2, 1)),
  clone: of((x) => x.clone()),
  columnStack: pair([3], [3, 2], (x, y) => ng.columnStack([x, y])),
  combinations: of((x) => ng.combinations(x, 2), [4]),
  constantPadNd: of((x) => ng.constantPadNd(x, [1, 2, -1, 0], 3)),
  diag: of((x) => x.diag(1), [3, 4]),
  'diag of a vector': of((x) => x.diag(-1), [3]),
  diagEmbed: of((x) => x.diagEmbed(1, 0, 2)),
  diagflat: of((x) => x.diagflat(1), [2, 2]),
  diagonal: of((x) => x.diagonal(1, 0, 2)),
  diagonalScatter: pair([3, 3], [3], (x, y) => x.diagonalScatter(y)),
  dstack: pair([2, 3], [2, 3], (x, y) => ng.dstack([x, y])),
  expand: of((x) => x.unsqueeze(1).expand(2, 5, -1, -1)),
  flatten: of((x) => x.flatten(1)),
  flip: of((x) => x.flip(0, 2)),
  hsplit: of((x) => x.hsplit([1, 2])),
  hstack: pair([3], [2], (x, y) => ng.hstack([x, y])),
  meshgrid: pair([3], [2], (x, y) => ng.meshgrid(x, y, { indexing: 'xy' })),
  movedim: of((x) => x.movedim([0, 1], [2, 0])),
  narrow: of((x) => x.narrow(1, 1, 2)),
  permute: of((x) => x.permute(2, 0, 1)),
  repeat: of((x) => x.repeat(2, 1, 3, 2)),
  repeatInterleave: of((x) => x.repeatInterleave(2, 1)),
  'repeatInterleave by counts': of((x) => x.repeatInterleave(ng.tensor([2, 0, 1]), 1)),
  roll: of((x) => x.roll([1, -2], [0, 2])),
  rot90: of((x) => x.rot90(3, [0, 2])),
  select: of((x) => x.select(1, -1)),
  split: of((x) => x.split([1, 2], 1)),
  squeeze: of((x) => x.squeeze(1), [2, 1, 3]),
  stack: pair([2, 3], [2, 3], (x, y) => ng.stack([x, y], 1)),
  t: of((x) => x.t(), [2, 3]),
  tensorSplit: of((x) => x.tensorSplit(3, 2)),
  tile: of((x) => x.tile(2)),
  to: of((x) => x.to('float64', { copy: true })),
  trace: of((x) => x.trace(), [3, 4]),
  transpose: of((x) => x.transpose(0, -1)),
  unbind: of((x) => x.unbind(1)),
  unflatten: of((x) => x.unflatten(2, [2, -1])),
  unfold: of((x) => x.unfold(2, 3, 1)),
  unsqueeze: of((x) => x.unsqueeze(1)),
  view: of((x) => x.contiguous().view(6, 4)),
  vstack: pair([3], [2, 3], (x, y) => ng.vstack([x, y])),

  addbmm: three(
    [
      [2, 3],
      [4, 2, 5],
      [4, 5, 3],
    ],
    (x, a, b) => ng.addbmm(x, a, b, { beta: 0.5, alpha: 2 }),
  ),
  addmm: three([[3], [2, 4], [4, 3]], (x, a, b) => ng.addmm(x, a, b, { beta: 0.5, alpha: 2 })),
  addmv: three([[2], [2, 4], [4]], (x, a, b) => ng.addmv(x, a, b, { alpha: 2 })),
  addr: three([[2, 4], [2], [4]], (x, a, b) => ng.addr(x, a, b, { beta: 3 })),
  baddbmm: three(
    [
      [2, 1, 3],
      [2, 2, 4],
      [2, 4, 3],
    ],
    (x, a, b) => ng.baddbmm(x, a, b, { alpha: 2 }),
  ),
  cross: pair([2, 3], [2, 3], (x, y) => ng.cross(x, y)),
  'linalg.cross, broadcast': pair([1, 3], [2, 3], (x, y) => ng.linalg.cross(x, y)),
  dot: pair([4], [4], (x, y) => x.dot(y)),
  inner: pair([2, 3], [4, 3], (x, y) => x.inner(y)),
  kron: pair([2, 3], [2], (x, y) => x.kron(y)),
  'matmul, batches': pair([2, 1, 2, 3], [4, 3, 2], (x, y) => x.matmul(y)),
  'matmul, vector': pair([3], [4, 3, 2], (x, y) => x.matmul(y)),
  outer: pair([2], [3], (x, y) => x.outer(y)),
  tensordot: pair([2, 3, 4], [4, 3, 2], (x, y) =>
    ng.tensordot(x, y, [
      [1, 2],
      [1, 0],
    ]),
  ),
  vdot: pair([4], [4], (x, y) => x.vdot(y)),
  'einsum, batches': pair([2, 3, 4], [2, 4, 5], (x, y) => ng.einsum('bij,bjk->bik', x, y)),
  'einsum, diagonal': of((x) => ng.einsum('ii->i', x), [3, 3]),
  'einsum, sums': pair([2, 3], [3, 4], (x, y) => ng.einsum('ij,jk->k', x, y)),
  'einsum of three': three(
    [
      [2, 3],
      [3, 4],
      [4, 2],
    ],
    (x, y, z) => ng.einsum('ij,jk,kl->il', x, y, z),
  ),
};

describe('derivatives of movement ops and products', () => {
  it.each(Object.keys(CHECKS))('%s', (name) => checkGradients(name, CHECKS[name]!));
});
