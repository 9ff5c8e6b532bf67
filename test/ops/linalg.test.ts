import { describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/index.js';
import * as ng from '../../src/index.js';

const { linalg } = ng;

function random(...shape: number[]): Tensor {
  return ng.randn(shape, { dtype: 'float64' }).requiresGrad_();
}

/** A matrix far from singular. */
const regular = (x: Tensor): Tensor => x.add(ng.eye(3, { dtype: 'float64' }).mul(4));
const definite = (x: Tensor): Tensor => x.matmul(x.mT).add(ng.eye(3, { dtype: 'float64' }));

type Case = readonly [name: string, shapes: readonly (readonly number[])[], f: (...x: Tensor[]) => Tensor];

const CASES: readonly Case[] = [
  ['cholesky', [[2, 3, 3]], (x) => linalg.cholesky(definite(x!))],
  [
    'choleskySolve',
    [
      [3, 3],
      [3, 2],
    ],
    (x, b) => ng.choleskySolve(b!, linalg.cholesky(definite(x!))),
  ],
  ['inv', [[2, 3, 3]], (x) => linalg.inv(regular(x!))],
  [
    'solve',
    [
      [3, 3],
      [3, 2],
    ],
    (x, b) => linalg.solve(regular(x!), b!),
  ],
  [
    'solve, right',
    [
      [3, 3],
      [2, 3],
    ],
    (x, b) => linalg.solve(regular(x!), b!, { left: false }),
  ],
  ['det', [[2, 3, 3]], (x) => linalg.det(x!)],
  ['slogdet', [[3, 3]], (x) => linalg.slogdet(regular(x!)).logabsdet],
  ['lu, wide', [[2, 4]], (x) => linalg.lu(x!).U],
  ['lu, tall', [[4, 2]], (x) => linalg.lu(x!).L],
  ['qr', [[4, 3]], (x) => linalg.qr(x!).R],
  ['qr, wide', [[2, 4]], (x) => linalg.qr(x!).R],
  ['svdvals', [[4, 3]], (x) => linalg.svdvals(x!)],
  ['svd', [[4, 3]], (x) => linalg.svd(x!, { fullMatrices: false }).U.square()],
  ['eigh', [[3, 3]], (x) => linalg.eigh(x!.add(x!.mT)).eigenvectors.square()],
  ['matrixExp', [[3, 3]], (x) => linalg.matrixExp(x!)],
  ['matrixPower', [[3, 3]], (x) => linalg.matrixPower(regular(x!), -2)],
  ['pinv', [[4, 3]], (x) => linalg.pinv(x!)],
  [
    'lstsq',
    [
      [4, 3],
      [4, 2],
    ],
    (a, b) => linalg.lstsq(a!, b!).solution,
  ],
  ['householderProduct', [[4, 3], [3]], (a, tau) => linalg.householderProduct(a!, tau!)],
];

describe('gradients of linear algebra', () => {
  it.each(CASES)('%s', (_, shapes, f) => {
    ng.manualSeed(3);
    const inputs = shapes.map((shape) => random(...shape));
    expect(ng.autograd.gradcheck(f, inputs)).toBe(true);
    expect(ng.autograd.gradgradcheck(f, inputs)).toBe(true);
  });
});

describe('factorizations give their matrix back', () => {
  const far = (x: Tensor, y: Tensor): number => Number(x.sub(y).abs().max().item());

  it.each([
    [5, 3],
    [3, 5],
    [40, 40],
  ])('%i by %i', (m, n) => {
    ng.manualSeed(1);
    const a = ng.randn([m, n], { dtype: 'float64' });
    const { P, L, U } = linalg.lu(a);
    expect(far(P.matmul(L).matmul(U), a)).toBeLessThan(1e-12);
    const { Q, R } = linalg.qr(a);
    expect(far(Q.matmul(R), a)).toBeLessThan(1e-12);
    const { U: left, S, Vh } = linalg.svd(a, { fullMatrices: false });
    expect(far(left.mul(S).matmul(Vh), a)).toBeLessThan(1e-12);
  });
});

it('the gradient of a zero norm is zero', () => {
  const x = ng.zeros([2, 2], { requiresGrad: true });
  linalg.matrixNorm(x).backward();
  expect(x.grad!.tolist()).toEqual([
    [0, 0],
    [0, 0],
  ]);
});

it('singular matrices are refused by name', () => {
  const singular = ng.tensor(
    [
      [1, 2],
      [2, 4],
    ],
    { dtype: 'float32' },
  );
  expect(() => linalg.inv(singular)).toThrow(/linalg\.inv: The diagonal element 2 is zero/);
  expect(() => linalg.cholesky(singular.neg())).toThrow(/leading minor of order 1/);
});
