/** Gradients on their last steps: fitted to what they are of, and added to a leaf's. */
import { autogradError } from '../errors.js';
import { sameShape } from '../shape.js';
import { setTracked } from '../storage.js';
import type { Tensor } from '../tensor.js';
import type { Node, OutputMeta } from './node.js';

/** A broadcast input's gradient is summed to its shape, a promoted one's converted to its dtype. */
export function fitted(node: Node, grad: Tensor, meta: OutputMeta): Tensor {
  let result = grad;
  if (!sameShape(result.shape, meta.shape)) {
    try {
      result = result.sumToSize(meta.shape);
    } catch {
      throw autogradError(
        `${node.name}: returned an invalid gradient: got [${grad.shape.join(', ')}] but expected shape compatible with [${meta.shape.join(', ')}].`,
      );
    }
  }
  if (result.dtypeInfo === meta.dtypeInfo) return result;
  return result.to(meta.dtypeInfo.name);
}

/** A row-major copy for a user to hold. */
function copyOf(grad: Tensor): Tensor {
  const tracked = setTracked(null);
  const copy = grad.makeEmpty(grad.shape, grad.dtypeInfo);
  setTracked(tracked);
  copy.writeFrom(grad);
  return copy;
}

/** Adds a gradient to a leaf's `.grad`; the first one is taken over where only the engine has it. */
export function accumulate(variable: Tensor, grad: Tensor, createGraph: boolean): void {
  if (!variable.requiresGrad) return;
  const before = variable.grad;
  const { storage } = grad;
  if (before === null) {
    const isOurs =
      storage.engineOwned &&
      storage.references === 1 &&
      grad.isDense &&
      storage.byteLength === grad.count * grad.dtypeInfo.size;
    storage.engineOwned = storage.engineOwned && !isOurs;
    if (createGraph) variable.setGrad(grad.newEmpty(grad.shape).copy_(grad));
    else variable.setGrad(isOurs ? grad : copyOf(grad));
  } else if (createGraph) {
    variable.setGrad(before.add(grad));
  } else {
    before.add_(grad);
  }
}
