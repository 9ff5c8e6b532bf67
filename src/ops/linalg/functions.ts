/** Functions of square matrices: powers, the exponential. */
import { record } from '../../autograd/record.js';
import { float64 } from '../../dtype.js';
import { typeError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { cat } from '../joining.js';
import { named } from '../options.js';
import { batchOf, checkSquare, finished, identity, sizeOf, working } from './common.js';
import { factorInPlace, solveByFactors } from './luFactors.js';
import { inv } from './solve.js';

/**
 * A square matrix multiplied by itself n times, by squaring; its inverse for n < 0.
 * https://pytorch.org/docs/stable/generated/torch.linalg.matrix_power.html
 */
export const matrixPower = named('linalg.matrixPower', ['A', 'n'], (a: Tensor, n: number): Tensor => {
  const op = 'linalg.matrixPower';
  checkTensor(op, a, 'A');
  // Integers have powers too, if no inverses.
  if (a.dtypeInfo.category === 1 && n >= 0 && a.shape.length >= 2 && sizeOf(a)[0] === sizeOf(a)[1]) return power(a, n);
  checkSquare(op, a);
  if (!Number.isInteger(n)) throw typeError(`${op}: n must be a whole number, not ${String(n)}.`);
  if (n >= 0) return power(a, n);
  return n === -1 ? inv(a) : power(inv(a), -n);
});

function power(a: Tensor, n: number): Tensor {
  // A part of the graph, as in PyTorch: the gradient is zero.
  if (n === 0) return a.clone().copy_(identity(a, batchOf(a), sizeOf(a)[0], a.dtypeInfo));
  if (n === 1) return a.clone();
  if (n === 2) return a.matmul(a);
  if (n === 3) return a.matmul(a).matmul(a);
  let square: Tensor = a;
  let product: Tensor | null = null;
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest !== n) square = square.matmul(square);
    if (rest % 2 === 1) product = product === null ? square : product.matmul(square);
  }
  return product!;
}

/** The coefficients of the Padé approximant of degree 13, and the largest norm it is exact for in float64. */
const PADE = [
  64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
  670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
];
const PADE_LIMIT = 5.371920351148152;

/** e ** A of matrices [batch, n, n] in float64, halved `halvings` times first and squared as often after. */
function exponential(a: Tensor, halvings: number): Tensor {
  const [n] = sizeOf(a);
  const x = halvings > 0 ? a.mul(2 ** -halvings) : a;
  const one = identity(a, batchOf(a), n, float64);
  const x2 = x.matmul(x);
  const x4 = x2.matmul(x2);
  const x6 = x4.matmul(x2);
  /** The terms of even powers from `from` on, as c₀ + c₁ · X² + …, up to X⁶. */
  const terms = (from: number): Tensor =>
    x6
      .mul(PADE[from + 6]!)
      .add(x4.mul(PADE[from + 4]!))
      .add(x2.mul(PADE[from + 2]!))
      .add(one.mul(PADE[from]!));
  const high = (from: number): Tensor =>
    x6
      .mul(PADE[from + 4]!)
      .add(x4.mul(PADE[from + 2]!))
      .add(x2.mul(PADE[from]!));
  const odd = x.matmul(x6.matmul(high(9)).add(terms(1)));
  const even = x6.matmul(high(8)).add(terms(0));
  let result = even.add(odd).contiguous();
  solveByFactors('matrixExp', result, factorInPlace(even.sub(odd).contiguous()), false);
  for (let i = 0; i < halvings; i++) result = result.matmul(result);
  return result;
}

/** How often each matrix must be halved for the approximant. */
function halvingsOf(values: Float64Array, n: number): number[] {
  const count = n === 0 ? 0 : values.length / (n * n);
  return Array.from({ length: count }, (_, b) => {
    let norm = 0;
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.abs(values[(b * n + i) * n + j]!);
      norm = Math.max(norm, sum);
    }
    return Number.isFinite(norm) ? Math.max(0, Math.ceil(Math.log2(norm / PADE_LIMIT))) : 0;
  });
}

/** e ** A in float64, matrices that are halved equally often together. */
function exponentials(a: Tensor): Tensor {
  const work = working(a);
  const [n] = sizeOf(a);
  const values = work.storage.view(float64, work.offset, work.count) as Float64Array;
  const groups = new Map<number, number[]>();
  for (const [b, halvings] of halvingsOf(values, n).entries()) {
    const group = groups.get(halvings);
    if (group === undefined) groups.set(halvings, [b]);
    else group.push(b);
  }
  const size = n * n;
  for (const [halvings, members] of groups) {
    const part = a.makeEmpty([members.length, n, n], float64);
    const input = part.storage.view(float64, part.offset, part.count) as Float64Array;
    for (const [i, b] of members.entries()) input.set(values.subarray(b * size, (b + 1) * size), i * size);
    part.storage.version++;
    const output = exponential(part, halvings).toTypedArray() as Float64Array;
    for (const [i, b] of members.entries()) values.set(output.subarray(i * size, (i + 1) * size), b * size);
  }
  work.storage.version++;
  return work;
}

/**
 * The matrix exponential `Σ Aⁿ / n!`.
 * https://pytorch.org/docs/stable/generated/torch.linalg.matrix_exp.html
 */
export function matrixExp(input: Tensor): Tensor {
  checkSquare('linalg.matrixExp', input);
  const out = finished(exponentials(input.detach()), input.dtypeInfo);
  return record('LinalgMatrixExpBackward0', out, [input], [input], [(grad, a) => exponentialGradient(grad, a)]);
}

/** The derivative in a direction stands at the upper right of the exponential of [[Aᵀ, G], [0, Aᵀ]]. */
function exponentialGradient(grad: Tensor, a: Tensor): Tensor {
  const [n] = sizeOf(a);
  const upper = cat([a.mT, grad], -1);
  const lower = cat([grad.newZeros(grad.shape), a.mT], -1);
  return matrixExp(cat([upper, lower], -2))
    .narrow(-2, 0, n)
    .narrow(-1, n, n);
}
