import { rand, randLike } from '../../creation/random.js';
import { onesLike } from '../../creation.js';
import { rangeError, typeError } from '../../errors.js';
import { FloatScalar } from '../../promotion.js';
import { describe, sameShape } from '../../shape.js';
import { Tensor } from '../../tensor.js';

/** How much to prune: a part (0.3, or `ng.float(1)` for all of it), or a whole number of entries. */
export type Amount = number | FloatScalar;

/** Python's round: halves go to the even neighbour. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

function checkAmount(amount: Amount): { value: number; isPart: boolean } {
  const value = amount instanceof FloatScalar ? amount.value : amount;
  const isPart = amount instanceof FloatScalar || !Number.isInteger(value);
  if (typeof value !== 'number' || !(value >= 0) || (isPart && value > 1)) {
    throw rangeError(
      `prune: amount=${describe(value)} should either be a float in the range [0, 1] or a non-negative integer.`,
    );
  }
  return { value, isPart };
}

function countOf(amount: Amount, size: number): number {
  const { value, isPart } = checkAmount(amount);
  if (isPart) return roundHalfEven(value * size);
  if (value > size)
    throw rangeError(`prune: amount=${value} should be smaller than the number of parameters to prune=${size}.`);
  return value;
}

/**
 * Decides what is pruned: a subclass makes a mask of zeros and ones.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.BasePruningMethod.html
 */
export abstract class BasePruningMethod {
  /** What a later pruning of the same tensor looks at: the entries that are left, the channels that are, or all of it. */
  abstract readonly pruningType: 'unstructured' | 'structured' | 'global';
  /** The dimension of the channels, for structured methods. */
  readonly dim: number = -1;

  /** The mask for `t`, an importance for each entry; what `defaultMask` has pruned stays so. */
  abstract computeMask(t: Tensor, defaultMask: Tensor): Tensor;
}

/** `mask` with zeros at the places that are given in its row-major order. */
function withoutPlaces(mask: Tensor, places: Tensor): Tensor {
  return mask
    .clone()
    .reshape(-1)
    .indexFill(0, places, 0)
    .reshape([...mask.shape]);
}

/** Prunes nothing. */
export class Identity extends BasePruningMethod {
  readonly pruningType = 'unstructured' as const;

  override computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask;
  }
}

/** Entries drawn at random. */
export class RandomUnstructured extends BasePruningMethod {
  readonly pruningType = 'unstructured' as const;

  constructor(readonly amount: Amount) {
    super();
    checkAmount(amount);
  }

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf(this.amount, t.numel());
    if (count === 0) return defaultMask.clone();
    return withoutPlaces(defaultMask, randLike(t).reshape(-1).topk(count).indices);
  }
}

/** The entries of smallest magnitude. */
export class L1Unstructured extends BasePruningMethod {
  readonly pruningType = 'unstructured' as const;

  constructor(readonly amount: Amount) {
    super();
    checkAmount(amount);
  }

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf(this.amount, t.numel());
    if (count === 0) return defaultMask.clone();
    return withoutPlaces(defaultMask, t.abs().reshape(-1).topk(count, { largest: false }).indices);
  }
}

/** What structured methods share: how many channels, and masks of whole ones. */
abstract class Structured extends BasePruningMethod {
  readonly pruningType = 'structured' as const;

  constructor(
    readonly amount: Amount,
    override readonly dim: number = -1,
  ) {
    super();
    checkAmount(amount);
  }

  /** Which channels stay, of `count` that go. */
  protected abstract kept(t: Tensor, channels: number, count: number): Tensor;

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    if (t.ndim <= 1) {
      throw rangeError(
        `prune: Structured pruning can only be applied to multidimensional tensors. Found tensor of shape [${t.shape.join(', ')}] with ${t.ndim} dims.`,
      );
    }
    if (!Number.isInteger(this.dim) || this.dim >= t.ndim || this.dim < -t.ndim)
      throw rangeError(`prune: Invalid index ${this.dim} for tensor of size [${t.shape.join(', ')}].`);
    const dim = this.dim < 0 ? this.dim + t.ndim : this.dim;
    const channels = t.shape[dim]!;
    const count = countOf(this.amount, channels);
    if (count === 0) return defaultMask;
    const shape = t.shape.map((size, d) => (d === dim ? size : 1));
    return defaultMask.mul(this.kept(t, channels, count).to(t.dtype).reshape(shape));
  }
}

/** Channels drawn at random. */
export class RandomStructured extends Structured {
  protected override kept(_t: Tensor, channels: number, count: number): Tensor {
    const drawn = rand(channels);
    return drawn.gt(drawn.kthvalue(count).values);
  }
}

/** The channels of smallest norm. */
export class LnStructured extends Structured {
  constructor(
    amount: Amount,
    /** Which norm: 2, 1, Infinity, 'fro', … */
    readonly n: number | 'fro' | 'nuc',
    dim = -1,
  ) {
    super(amount, dim);
  }

  protected override kept(t: Tensor, channels: number, count: number): Tensor {
    const dim = this.dim < 0 ? this.dim + t.ndim : this.dim;
    const others = t.shape.map((_, d) => d).filter((d) => d !== dim);
    const largest = t.norm(this.n, others).topk(channels - count).indices;
    return t.newZeros([channels]).indexFill(0, largest, 1);
  }
}

/** A mask that is given. */
export class CustomFromMask extends BasePruningMethod {
  readonly pruningType = 'global' as const;

  constructor(readonly mask: Tensor) {
    super();
    if (!(mask instanceof Tensor))
      throw typeError(`prune: mask is ${describe(mask)}; give a Tensor of zeros and ones.`);
  }

  override computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
    if (!sameShape(this.mask.shape, defaultMask.shape)) {
      throw rangeError(
        `prune: mask has shape [${this.mask.shape.join(', ')}], but the tensor [${defaultMask.shape.join(', ')}].`,
      );
    }
    return defaultMask.mul(this.mask.to(defaultMask.dtype));
  }
}

/** The mask after another pruning: the method looks only at what the earlier ones have left. */
export function combinedMask(method: BasePruningMethod, t: Tensor, mask: Tensor): Tensor {
  if (method.pruningType === 'global') return method.computeMask(t, mask);
  if (method.pruningType === 'unstructured') {
    const left = mask.reshape(-1).nonzero().reshape(-1);
    const part = method.computeMask(t.reshape(-1).indexSelect(0, left), onesLike(left).to(mask.dtype));
    return mask
      .reshape(-1)
      .indexCopy(0, left, part)
      .reshape([...mask.shape]);
  }
  const dim = method.dim < 0 ? method.dim + mask.ndim : method.dim;
  if (mask.ndim < 2 || dim < 0 || dim >= mask.ndim) return method.computeMask(t, mask);
  const others = mask.shape.map((_, d) => d).filter((d) => d !== dim);
  const left = mask.sum(others).nonzero().reshape(-1);
  const part = method.computeMask(t.indexSelect(dim, left), mask.indexSelect(dim, left));
  return mask.indexCopy(dim, left, part);
}
