/** Triangles of matrices. */
import { record, recordInPlace } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { rangeError, typeError } from '../errors.js';
import { numberOfElements } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkInPlace, checkTensor, dense } from './apply.js';
import { named } from './options.js';

function triangle(op: 'tril' | 'triu') {
  const name = op === 'tril' ? 'TrilBackward0' : 'TriuBackward0';
  const into = (out: Tensor, x: Tensor, diagonal: number): void => {
    const rank = x.shape.length;
    const [rows, columns] = [x.shape[rank - 2]!, x.shape[rank - 1]!];
    // Beyond a corner it is all or nothing.
    const bounded = Math.min(Math.max(diagonal, -rows - 1), columns + 1);
    kernels[op](out, dense(x), numberOfElements(x.shape.slice(0, rank - 2)), rows, columns, bounded);
  };
  const check = (called: string, x: Tensor, diagonal: number): void => {
    checkTensor(called, x);
    if (x.shape.length < 2) {
      throw rangeError(
        `${called}: input tensor must have at least 2 dimensions, but it has shape [${x.shape.join(', ')}].`,
      );
    }
    if (!Number.isInteger(diagonal)) throw typeError(`${called}: diagonal must be a whole number, not ${diagonal}.`);
  };
  const forward = (x: Tensor, diagonal: number = 0): Tensor => {
    check(op, x, diagonal);
    const out = x.makeEmpty(x.shape, x.dtypeInfo);
    into(out, x, diagonal);
    return record(name, out, [x], [], [(grad) => forward(grad, diagonal)]);
  };
  const inPlace = (x: Tensor, diagonal: number = 0): Tensor => {
    check(`${op}_`, x, diagonal);
    checkInPlace(`${op}_`, x);
    if (x.isDense) into(x, x, diagonal);
    else x.writeFrom(forward(x.detach(), diagonal));
    return recordInPlace(name, x, [x], [], [(grad) => forward(grad, diagonal)]);
  };
  return Object.assign(named(op, ['input', 'diagonal'], forward), {
    inPlace: named(`${op}_`, ['input', 'diagonal'], inPlace),
  });
}

/**
 * The lower triangles of matrices: what is above the diagonal (`diagonal` to the right of the main one) becomes 0.
 * https://pytorch.org/docs/stable/generated/torch.tril.html
 */
export const tril = triangle('tril');

/** The upper triangles of matrices: what is below the diagonal becomes 0. */
export const triu = triangle('triu');
