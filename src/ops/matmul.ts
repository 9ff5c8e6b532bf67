/** Matrix products. */
import { record, using } from '../autograd/record.js';
import { rangeError } from '../errors.js';
import { broadcastTwo, contiguousStrides, numberOfElements, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkTensor } from './apply.js';
import { complexProduct, conjugate } from './complexFunctions.js';
import { checkSameType, doNotFit, gemm } from './gemm.js';

/** The kernel's product, of complex numbers by their parts; without a record. */
function product(x: Tensor, y: Tensor, batch: number, shape: Shape): Tensor {
  if (!x.dtypeInfo.isComplex) return gemm(x, y, batch, shape);
  return complexProduct(x, y, (a, b) => gemm(a, b, batch, shape));
}

/** The product of two matrices: [m, k] · [k, n] → [m, n]. */
export function mm(x: Tensor, y: Tensor): Tensor {
  checkTensor('mm', x);
  checkTensor('mm', y, 'mat2');
  if (x.shape.length !== 2 || y.shape.length !== 2) {
    throw rangeError(
      `mm: both arguments must be matrices, but they have shapes [${x.shape.join(', ')}] and [${y.shape.join(', ')}]; use matmul.`,
    );
  }
  checkSameType('mm', x, y);
  if (x.shape[1] !== y.shape[0]) throw doNotFit('mm', x, y);
  const out = product(x, y, 1, [x.shape[0]!, y.shape[1]!]);
  return record('MmBackward0', out, [x, y], [x, y] as const, [
    using([1], (grad, _x: Tensor, b: Tensor) => grad.mm(conjugate(b).t())),
    using([0], (grad, a: Tensor) => conjugate(a).t().mm(grad)),
  ]);
}

/** Matrix products batch by batch: [b, m, k] · [b, k, n] → [b, m, n]. */
export function bmm(x: Tensor, y: Tensor): Tensor {
  checkTensor('bmm', x);
  checkTensor('bmm', y, 'mat2');
  if (x.shape.length !== 3 || y.shape.length !== 3) {
    throw rangeError(
      `bmm: both arguments must have 3 dimensions, but they have shapes [${x.shape.join(', ')}] and [${y.shape.join(', ')}]; use matmul.`,
    );
  }
  checkSameType('bmm', x, y);
  if (x.shape[0] !== y.shape[0] || x.shape[2] !== y.shape[1]) {
    throw rangeError(
      `bmm: Expected size for first two dimensions of batch2 tensor to be: [${x.shape[0]}, ${x.shape[2]}] but got: [${y.shape[0]}, ${y.shape[1]}].`,
    );
  }
  const out = product(x, y, x.shape[0]!, [x.shape[0]!, x.shape[1]!, y.shape[2]!]);
  return record('BmmBackward0', out, [x, y], [x, y] as const, [
    using([1], (grad, _x: Tensor, b: Tensor) => grad.bmm(conjugate(b).transpose(1, 2))),
    using([0], (grad, a: Tensor) => conjugate(a).transpose(1, 2).bmm(grad)),
  ]);
}

/** The inner product of two vectors. */
export function dot(x: Tensor, y: Tensor): Tensor {
  checkTensor('dot', x);
  checkTensor('dot', y, 'tensor');
  if (x.shape.length !== 1 || y.shape.length !== 1)
    throw rangeError(`dot: 1D tensors expected, but got ${x.shape.length}D and ${y.shape.length}D tensors.`);
  checkSameType('dot', x, y);
  if (x.count !== y.count)
    throw rangeError(
      `dot: inconsistent tensor size, expected tensor [${x.count}] and src [${y.count}] to have the same number of elements.`,
    );
  const row = x.makeAlias([1, x.count], [x.count, x.strides[0]!], x.offset);
  const column = y.makeAlias([y.count, 1], [y.strides[0]!, 1], y.offset);
  const out = product(row, column, 1, []);
  return record('DotBackward0', out, [x, y], [x, y] as const, [
    using([1], (grad, _x: Tensor, b: Tensor) => grad.mul(conjugate(b))),
    using([0], (grad, a: Tensor) => grad.mul(conjugate(a))),
  ]);
}

/** A matrix times a vector: [m, k] · [k] → [m]. */
export function mv(x: Tensor, y: Tensor): Tensor {
  checkTensor('mv', x);
  checkTensor('mv', y, 'vec');
  if (x.shape.length !== 2 || y.shape.length !== 1) {
    throw rangeError(`mv: vector + matrix @ vector expected, got ${x.shape.length}D and ${y.shape.length}D tensors.`);
  }
  checkSameType('mv', x, y);
  if (x.shape[1] !== y.shape[0]) throw doNotFit('mv', x, y);
  const out = product(x, y.makeAlias([y.count, 1], [y.strides[0]!, 1], y.offset), 1, [x.shape[0]!]);
  return record('MvBackward0', out, [x, y], [x, y] as const, [
    using([1], (grad, _x: Tensor, b: Tensor) => grad.unsqueeze(1).mul(conjugate(b))),
    using([0], (grad, a: Tensor) => conjugate(a).t().mv(grad)),
  ]);
}

/**
 * PyTorch's matrix product: vectors are rows on the left and columns on the right, leading dimensions broadcast.
 * https://pytorch.org/docs/stable/generated/torch.matmul.html
 */
export function matmul(x: Tensor, y: Tensor): Tensor {
  checkTensor('matmul', x);
  checkTensor('matmul', y, 'other');
  const rx = x.shape.length;
  const ry = y.shape.length;
  if (rx === 0 || ry === 0)
    throw rangeError(
      `matmul: both arguments to matmul need to be at least 1D, but they are ${rx}D and ${ry}D; use mul.`,
    );
  if (x.shape[rx - 1] !== y.shape[Math.max(ry - 2, 0)]) throw doNotFit('matmul', x, y);
  if (rx === 1 && ry === 1) return dot(x, y);
  if (rx === 2 && ry === 1) return mv(x, y);
  if (rx === 1 && ry === 2) return renamed('SqueezeBackward3', mm(x.unsqueeze(0), y), [y.shape[1]!]);
  if (rx === 2 && ry === 2) return mm(x, y);
  if (rx >= 3 && ry <= 2) {
    // All rows of all batches at once.
    const lead = x.shape.slice(0, -1);
    const rows = x.reshape([numberOfElements(lead), x.shape[rx - 1]!]);
    return ry === 1 ? unsafeView(mv(rows, y), lead) : unsafeView(mm(rows, y), [...lead, y.shape[1]!]);
  }
  const a = rx === 1 ? x.unsqueeze(0) : x;
  const b = ry === 1 ? y.unsqueeze(1) : y;
  const lead = broadcastTwo('matmul', a.shape.slice(0, -2), b.shape.slice(0, -2));
  const batch = numberOfElements(lead);
  const [m, k] = a.shape.slice(-2) as [number, number];
  const n = b.shape[b.shape.length - 1]!;
  const out = bmm(a.expand([...lead, m, k]).reshape([batch, m, k]), b.expand([...lead, k, n]).reshape([batch, k, n]));
  const shape = [...lead];
  if (rx > 1) shape.push(m);
  if (ry > 1) shape.push(n);
  if (rx !== 2) return unsafeView(out, shape);
  // PyTorch multiplies the transposes here, and copies the result back where that moves anything.
  return renamed(out.count === 0 || m === 1 || n === 1 ? 'TransposeBackward0' : 'CloneBackward0', out, shape);
}

/** A new result in another shape: PyTorch's _unsafe_view, no view of anything a user has. */
export function unsafeView(x: Tensor, shape: Shape): Tensor {
  return renamed('UnsafeViewBackward0', x, shape);
}

/** {@link unsafeView} under the name of what PyTorch ends with there. */
function renamed(name: string, x: Tensor, shape: Shape): Tensor {
  const from = x.shape;
  return record(name, x.makeAlias(shape, contiguousStrides(shape), x.offset), [x], [], [(grad) => grad.reshape(from)]);
}
