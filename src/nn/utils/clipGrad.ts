import { noGrad } from '../../autograd/mode.js';
import { tensor } from '../../creation.js';
import { rangeError, stateError, typeError } from '../../errors.js';
import { cat, stack } from '../../ops/joining.js';
import { named } from '../../ops/options.js';
import { describe } from '../../shape.js';
import { Tensor } from '../../tensor.js';

/** The gradients of parameters, given as one tensor or several. */
function gradientsOf(op: string, parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  for (const parameter of list) {
    if (!(parameter instanceof Tensor))
      throw typeError(`${op}: parameters must be Tensors, but one is ${describe(parameter)}.`);
  }
  return list.filter((parameter) => parameter.grad !== null).map((parameter) => parameter.grad!.detach());
}

/**
 * Scales all gradients down so that together, as one vector, their norm is at most `maxNorm`.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 * @param normType p of the p-norm; may be Infinity
 * @param errorIfNonfinite whether to throw when the norm is NaN or infinite
 * @returns the norm before
 */
export const clipGradNorm_ = named(
  'clipGradNorm_',
  ['parameters', 'maxNorm', 'normType', 'errorIfNonfinite'],
  (parameters: Tensor | Iterable<Tensor>, maxNorm: number, normType?: number, errorIfNonfinite?: boolean): Tensor => {
    const p = normType ?? 2;
    if (typeof maxNorm !== 'number')
      throw typeError(`clipGradNorm_: maxNorm must be a number, not ${describe(maxNorm)}.`);
    const grads = gradientsOf('clipGradNorm_', parameters);
    if (grads.length === 0) return tensor(0, { dtype: 'float32' });
    return noGrad(() => {
      const total = stack(grads.map((grad) => grad.norm(p))).norm(p);
      if (errorIfNonfinite && !Number.isFinite(total.item())) {
        throw stateError(
          `clipGradNorm_: The total norm of order ${p} for gradients from \`parameters\` is non-finite (${total.item()}), so it cannot be clipped. To scale the gradients by it anyway, leave errorIfNonfinite out.`,
        );
      }
      const factor = total.add(1e-6).reciprocal().mul(maxNorm).clampMax(1);
      for (const grad of grads) grad.mul_(factor);
      return total;
    });
  },
);

/** Cuts every element of the gradients off at ±`clipValue`. https://pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html */
export function clipGradValue_(parameters: Tensor | Iterable<Tensor>, clipValue: number): void {
  if (typeof clipValue !== 'number')
    throw typeError(`clipGradValue_: clipValue must be a number, not ${describe(clipValue)}.`);
  noGrad(() => {
    for (const grad of gradientsOf('clipGradValue_', parameters)) grad.clamp_(-clipValue, clipValue);
  });
}

/** All parameters in one vector. https://pytorch.org/docs/stable/generated/torch.nn.utils.parameters_to_vector.html */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  const parts = [...parameters].map((parameter) => parameter.reshape([parameter.count]));
  if (parts.length === 0) throw rangeError('parametersToVector: there are no parameters.');
  return cat(parts);
}

/** Makes the parameters views of a vector. https://pytorch.org/docs/stable/generated/torch.nn.utils.vector_to_parameters.html */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  if (!(vector instanceof Tensor))
    throw typeError(`vectorToParameters: expected a Tensor, but got ${describe(vector)}.`);
  let offset = 0;
  for (const parameter of parameters) {
    if (offset + parameter.count > vector.count) {
      throw rangeError(
        `vectorToParameters: the vector has ${vector.count} elements, which is too few for the parameters.`,
      );
    }
    parameter.data = vector.narrow(0, offset, parameter.count).reshape(parameter.shape).data;
    offset += parameter.count;
  }
}
