import { randn } from '../../creation/random.js';
import { eye } from '../../creation.js';
import { notSupported, rangeError, typeError } from '../../errors.js';
import { finfo } from '../../limits.js';
import { cat } from '../../ops/joining.js';
import { householderProduct } from '../../ops/linalg/qr.js';
import { solve } from '../../ops/linalg/solve.js';
import { named } from '../../ops/options.js';
import { repr } from '../../repr.js';
import { sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import { Module } from '../module.js';
import { registerParametrization } from './parametrize.js';

const MAPS = ['matrix_exp', 'cayley', 'householder'] as const;
/** How a matrix without constraints becomes orthogonal. */
export type OrthogonalMap = (typeof MAPS)[number];

const diagonalOf = (x: Tensor): Tensor => x.diagonal({ dim1: -2, dim2: -1 });

function isOrthogonal(q: Tensor): boolean {
  const [n, k] = q.shape.slice(-2) as [number, number];
  const eps = 10 * n * finfo(q.dtype).eps;
  return q.mT.matmul(q).allclose(eye(k, { dtype: q.dtype }), { atol: eps });
}

/** The orthogonal factor of a QR decomposition, with the signs that make an orthogonal matrix its own factor. */
function makeOrthogonal(x: Tensor): Tensor {
  const [factors, tau] = x.geqrf();
  return householderProduct(factors, tau).mul(diagonalOf(factors).sgn().unsqueeze(-2));
}

/** A matrix with orthonormal columns (rows, where it is wide) of a matrix without constraints. */
class _Orthogonal extends Module {
  /** Q₀ of the given value: with it the parametrization starts at the identity. */
  declare base: Tensor | null;

  constructor(
    readonly shape: readonly number[],
    readonly orthogonalMap: OrthogonalMap,
    useTrivialization: boolean,
  ) {
    super();
    if (useTrivialization) this.registerBuffer('base', null);
  }

  get #isTrivialized(): boolean {
    return this.registry.buffers.has('base');
  }

  override forward(given: Tensor): Tensor {
    const isWide = given.shape.at(-2)! < given.shape.at(-1)!;
    let x = isWide ? given.mT : given;
    const [n, k] = x.shape.slice(-2) as [number, number];
    let q: Tensor;
    if (this.orthogonalMap === 'householder') {
      const below = x.tril(-1);
      const tau = below.mul(below).sum(-2).add(1).reciprocal().mul(2);
      q = householderProduct(below, tau).mul(diagonalOf(x).to('int32').unsqueeze(-2));
    } else {
      x = x.tril();
      if (n !== k) x = cat([x, x.newZeros([n, n - k]).expand([...x.shape.slice(0, -2), -1, -1])], -1);
      const skew = x.sub(x.mT);
      if (this.orthogonalMap === 'matrix_exp') q = skew.matrixExp();
      else {
        const identity = eye(n, { dtype: skew.dtype });
        q = solve(identity.sub(skew.mul(0.5)), identity.add(skew.mul(0.5)));
      }
      if (n !== k) q = q.narrow(-1, 0, k);
    }
    if (this.#isTrivialized && this.base !== null) q = this.base.matmul(q);
    return isWide ? q.mT : q;
  }

  rightInverse(value: Tensor): Tensor {
    if (!sameShape(value.shape, this.shape))
      throw rangeError(
        `orthogonal: Expected a matrix or batch of matrices of shape [${this.shape.join(', ')}]. Got a tensor of shape [${value.shape.join(', ')}].`,
      );
    const isWide = value.shape.at(-2)! < value.shape.at(-1)!;
    let q = isWide ? value.mT : value;
    const [n, k] = q.shape.slice(-2) as [number, number];
    if (!this.#isTrivialized) {
      if (this.orthogonalMap !== 'householder') {
        throw notSupported(
          'orthogonal: It is not possible to assign to the matrix exponential or the Cayley parametrizations when useTrivialization is false.',
        );
      }
      const [factors, tau] = q.geqrf();
      const diagonal = diagonalOf(factors);
      diagonal.sign_();
      diagonal.copy_(diagonal.where(tau.ne(0), diagonal.neg()));
      return isWide ? factors.mT : factors;
    }
    if (n !== k) q = makeOrthogonal(cat([q, randn([...q.shape.slice(0, -2), n, n - k], { dtype: q.dtype })], -1));
    else q = isOrthogonal(q) ? q.clone() : makeOrthogonal(q);
    this.base = q;
    // In the trivialization −I, whose skew part is 0, stands for the base itself; householder reads it as reflections.
    const start = value.newZeros([...value.shape]);
    diagonalOf(start).fill_(-1);
    return start;
  }
}

type OrthogonalOptions = {
  name?: string;
  orthogonalMap?: OrthogonalMap | null;
  useTrivialization?: boolean;
};

/**
 * Keeps a matrix orthogonal, or with orthonormal columns or rows where it is not square, while it is trained.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrizations.orthogonal.html
 *
 * @param orthogonalMap 'matrix_exp' (for square matrices by default), 'cayley' or 'householder'
 * @throws RangeError for a parameter of fewer than two dimensions, or an unknown map
 */
export const orthogonal = named(
  'orthogonal',
  ['module', 'name', 'orthogonalMap', 'useTrivialization'],
  <M extends Module>(
    module: M,
    name: string = 'weight',
    orthogonalMap?: OrthogonalMap | null,
    useTrivialization: boolean = true,
  ): M => {
    const weight = (module as unknown as Record<string, Tensor | null | undefined>)[name];
    if (weight === null || weight === undefined)
      throw typeError(`orthogonal: ${module.getName()} has no parameter or buffer with name ${name}.`);
    if (weight.ndim < 2)
      throw rangeError(
        `orthogonal: Expected a matrix or batch of matrices. Got a tensor of ${weight.ndim} dimensions.`,
      );
    const map = orthogonalMap ?? (weight.shape.at(-2) === weight.shape.at(-1) ? 'matrix_exp' : 'householder');
    if (!MAPS.includes(map))
      throw rangeError(
        `orthogonal: orthogonalMap should be one of 'matrix_exp', 'cayley', 'householder', but is ${repr(map)}.`,
      );
    const parametrization = new _Orthogonal([...weight.shape], map, useTrivialization);
    return registerParametrization(module, name, parametrization, { unsafe: true });
  },
) as <M extends Module>(
  module: M,
  name?: string | OrthogonalOptions,
  orthogonalMap?: OrthogonalMap | null | OrthogonalOptions,
  useTrivialization?: boolean,
) => M;
