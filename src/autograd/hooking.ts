/** What hooks on tensors and graph nodes make of gradients. */
import { rangeError, typeError } from '../errors.js';
import { describe, sameShape } from '../shape.js';
import { trackAllocations } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { accumulate } from './arriving.js';
import type { Grad, Node } from './node.js';
import { isTensorLike } from './opNode.js';

/** From here on a user may hold it: the engine recycles it no more. */
export function handOut(grad: Grad): Grad {
  if (grad !== null) grad.storage.engineOwned = false;
  return grad;
}

/** What a hook on a tensor gave instead of `grad`. */
function hookedGrad(replaced: unknown, grad: Tensor): Tensor {
  if (!isTensorLike(replaced)) {
    throw typeError(
      `registerHook: a hook returned ${describe(replaced)}; return a Tensor to replace the gradient, or null or nothing to keep it.`,
    );
  }
  if (!sameShape(replaced.shape, grad.shape)) {
    throw rangeError(
      `registerHook: a hook has changed the size of the gradient, from [${grad.shape.join(', ')}] to [${replaced.shape.join(', ')}]; return one of the same shape.`,
    );
  }
  return replaced;
}

/** What a hook on a graph node gave instead of `current`. */
function hookedGrads(op: string, replaced: unknown, current: Grad[]): Grad[] {
  if (replaced === undefined || replaced === null) return current;
  if (!Array.isArray(replaced) || !replaced.every((grad) => grad === null || isTensorLike(grad))) {
    throw typeError(
      `${op}: a hook of a graph node returned ${describe(replaced)}; return an array of Tensors or nulls, or nothing to keep the gradients.`,
    );
  }
  return replaced as Grad[];
}

/** A node's results after the hooks that look at them. */
export function postHooks(node: Node, results: readonly Grad[], grads: readonly Grad[]): readonly Grad[] {
  return trackAllocations(null, () => {
    let current = [...results].map(handOut);
    for (const hook of node.hooks!.post) {
      current = hookedGrads('registerHook', hook(current, grads.map(handOut)), current);
    }
    return current;
  });
}

/** A node's gradients after the hooks that come before it; those that are retained are accumulated. */
export function preHooks(node: Node, grads: Grad[], createGraph: boolean): Grad[] {
  const hooks = node.hooks!;
  let current = grads.map(handOut);
  trackAllocations(null, () => {
    for (const [output, set] of hooks.tensor) {
      for (const hook of set) {
        const grad = current[output];
        if (!grad) break;
        const replaced: unknown = hook(grad);
        if (replaced === undefined || replaced === null) continue;
        current[output] = hookedGrad(replaced, grad);
      }
    }
    for (const hook of hooks.pre) current = hookedGrads('registerPrehook', hook(current), current);
    for (const [output, tensor] of hooks.retained) {
      const grad = current[output];
      if (grad) accumulate(tensor, grad, createGraph);
    }
  });
  return current;
}
