/** Arithmetic of three operands. */
import { record, using } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import type { DTypeInfo } from '../dtype.js';
import { typeError } from '../errors.js';
import { isScalar, resultInfo, type Scalar, scalarNumber } from '../promotion.js';
import { broadcastAll } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, shapeOf } from './apply.js';
import { floatsOnly, notBool } from './dtypeChecks.js';
import { named } from './options.js';
import { inPlaceOf } from './overwriting.js';

type Operands3 = (op: string, x: Tensor, y: Tensor, z: Tensor, value: Scalar) => { out: Tensor; value: number };

/** Runs a kernel of three operands and a factor, in what the operands are promoted to. */
function ternary(kernel: typeof kernels.addcmul, check: (op: string) => (info: DTypeInfo) => void): Operands3 {
  return (op, x, y, z, value) => {
    checkTensor(op, x);
    checkTensor(op, y, 'tensor1');
    checkTensor(op, z, 'tensor2');
    const info = resultInfo([x, y, z]);
    check(op)(info);
    const out = x.makeEmpty(broadcastAll(op, [x.shape, y.shape, z.shape]), info);
    // Integers are multiplied by a whole number.
    const factor = info.category < 2 ? Math.trunc(scalarNumber(value)) : scalarNumber(value);
    kernel(out, castOperand(x, info), castOperand(y, info), castOperand(z, info), factor);
    return { out, value: factor };
  };
}

/** The kernels are of real numbers. */
const anyComplex = (...operands: Tensor[]): boolean => operands.some((x) => x?.dtypeInfo?.isComplex);

const addProduct = ternary(kernels.addcmul, (op) => notBool(op, 'convert with to(…)'));
const addQuotient = ternary(kernels.addcdiv, (op) => (info) => {
  if (info.category < 2)
    throw typeError(
      `${op}: Integer division with addcdiv is no longer supported, and in a future release addcdiv will perform a true division of tensor1 and tensor2; convert with to('float32').`,
    );
});

/**
 * `x + value * tensor1 * tensor2`, broadcast.
 * https://pytorch.org/docs/stable/generated/torch.addcmul.html
 */
export const addcmul = inPlaceOf(
  'addcmul',
  named(
    'addcmul',
    ['input', 'tensor1', 'tensor2', 'value'],
    (x: Tensor, tensor1: Tensor, tensor2: Tensor, value: Scalar = 1): Tensor => {
      if (anyComplex(x, tensor1, tensor2)) return x.add(tensor1.mul(tensor2).mul(value));
      const { out, value: factor } = addProduct('addcmul', x, tensor1, tensor2, value);
      return record('AddcmulBackward0', out, [x, tensor1, tensor2], [x, tensor1, tensor2] as const, [
        using([], (grad) => grad),
        using([2], (grad, _x: Tensor, _y: Tensor, z: Tensor) => grad.mul(z.mul(factor))),
        using([1], (grad, _x: Tensor, y: Tensor) => grad.mul(y.mul(factor))),
      ]);
    },
  ),
);

/**
 * `x + value * tensor1 / tensor2`, broadcast; floats only.
 * https://pytorch.org/docs/stable/generated/torch.addcdiv.html
 */
export const addcdiv = inPlaceOf(
  'addcdiv',
  named(
    'addcdiv',
    ['input', 'tensor1', 'tensor2', 'value'],
    (x: Tensor, tensor1: Tensor, tensor2: Tensor, value: Scalar = 1): Tensor => {
      if (anyComplex(x, tensor1, tensor2)) return x.add(tensor1.div(tensor2).mul(value));
      const { out, value: factor } = addQuotient('addcdiv', x, tensor1, tensor2, value);
      return record('AddcdivBackward0', out, [x, tensor1, tensor2], [x, tensor1, tensor2] as const, [
        using([], (grad) => grad),
        using([2], (grad, _x: Tensor, _y: Tensor, z: Tensor) => grad.mul(z.reciprocal().mul(factor))),
        using([1, 2], (grad, _x: Tensor, y: Tensor, z: Tensor) => grad.neg().mul(y.mul(factor).div(z.mul(z)))),
      ]);
    },
  ),
);

/**
 * `x + weight * (end - x)`, broadcast; floats of one dtype.
 * https://pytorch.org/docs/stable/generated/torch.lerp.html
 */
export const lerp = inPlaceOf(
  'lerp',
  named('lerp', ['input', 'end', 'weight'], (x: Tensor, end: Tensor, weight: Tensor | Scalar): Tensor => {
    checkTensor('lerp', x);
    checkTensor('lerp', end, 'end');
    if (!isScalar(weight)) checkTensor('lerp', weight, 'weight');
    for (const [name, other] of [
      ['end', end],
      ['weight', weight],
    ] as const) {
      if (!isScalar(other) && other.dtypeInfo !== x.dtypeInfo)
        throw typeError(`lerp: expected dtype ${x.dtype} for \`${name}\` but got dtype ${other.dtype}.`);
    }
    floatsOnly('lerp')(x.dtypeInfo);
    const out = x.makeEmpty(broadcastAll('lerp', [x.shape, end.shape, shapeOf(weight)]), x.dtypeInfo);
    kernels.lerp(out, x, end, castOperand(weight, x.dtypeInfo));
    if (isScalar(weight)) {
      const w = scalarNumber(weight);
      return record('LerpBackward0', out, [x, end], [], [(grad) => grad.mul(1 - w), (grad) => grad.mul(w)]);
    }
    return record('LerpBackward1', out, [x, end, weight], [x, end, weight] as const, [
      using([2], (grad, _x: Tensor, _y: Tensor, w: Tensor) => grad.mul(w.neg().add(1))),
      using([2], (grad, _x: Tensor, _y: Tensor, w: Tensor) => grad.mul(w)),
      using([0, 1], (grad, a: Tensor, b: Tensor) => grad.mul(b.sub(a))),
    ]);
  }),
);
