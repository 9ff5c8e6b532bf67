/** What the ops of torch.masked share: a mask is true where an element counts, and broadcasts to the input's shape. */
import { bool, type DType } from '../../dtype.js';
import { indexError, rangeError, typeError } from '../../errors.js';
import type { Scalar } from '../../promotion.js';
import type { Tensor } from '../../tensor.js';
import { checkTensor } from '../apply.js';
import { where } from '../masks.js';

export type Mask = Tensor | null;

/** What leaves a result as it is: the element that masked-out ones are replaced with. */
export type Identity = 'zero' | 'one' | 'lowest' | 'highest';

const integerLimits = (x: Tensor): [lowest: bigint, highest: bigint] => {
  const bits = BigInt(8 * x.dtypeInfo.size);
  return x.dtype === 'uint8' ? [0n, 255n] : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
};

function identityOf(op: string, kind: Identity, x: Tensor): Scalar {
  if (kind === 'zero') return 0;
  if (kind === 'one') return 1;
  if (x.dtypeInfo.isFloat) return kind === 'lowest' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (x.dtypeInfo.category !== 1)
    throw typeError(`${op}: there is no element of ${x.dtype} to put for masked-out ones; convert with to('float32').`);
  return integerLimits(x)[kind === 'lowest' ? 0 : 1];
}

/** The mask as bool of x's shape. */
export function maskFor(op: string, x: Tensor, mask: Tensor): Tensor {
  checkTensor(op, mask, 'mask');
  if (mask.ndim > x.ndim) {
    throw indexError(
      `${op}: expected a broadcastable mask, but [${mask.shape.join(', ')}] has more dimensions than the input [${x.shape.join(', ')}]; index or squeeze it.`,
    );
  }
  const offset = x.ndim - mask.ndim;
  for (const [d, size] of mask.shape.entries()) {
    if (size !== 1 && size !== x.shape[offset + d])
      throw rangeError(
        `${op}: the mask [${mask.shape.join(', ')}] does not broadcast to the input's shape [${x.shape.join(', ')}]: size ${size} of its dimension ${d} must be 1 or ${x.shape[offset + d]}.`,
      );
  }
  const truth = mask.dtypeInfo === bool ? mask : mask.detach().ne(0);
  return truth.expand(x.shape);
}

/** x with the identity in place of what is masked out; x itself without a mask. */
export function filled(op: string, x: Tensor, mask: Mask | undefined, kind: Identity): Tensor {
  checkTensor(op, x);
  return filledWith(op, x, mask, () => identityOf(op, kind, x));
}

/** x with a value of its dtype in place of what is masked out. */
export function filledWith(op: string, x: Tensor, mask: Mask | undefined, value: () => Scalar): Tensor {
  if (mask === null || mask === undefined) return x;
  const truth = maskFor(op, x, mask);
  const y = value();
  // 0 and 1 are whole numbers, which would make bools integers.
  return x.dtypeInfo === bool ? where(truth, x, y !== 0) : where(truth, x, y);
}

/** The dtype of sums and products: int64 for bools and narrower integers. */
export function wideDType(x: Tensor, dtype: DType | null | undefined): DType {
  return dtype ?? (x.dtypeInfo.category < 2 ? 'int64' : x.dtype);
}
