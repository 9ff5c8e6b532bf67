import { rangeError, typeError } from '../../errors.js';
import { isOptions } from '../../ops/options.js';
import { describe } from '../../shape.js';
import { Tensor } from '../../tensor.js';
import type { Module } from '../module.js';
import type { StateSource } from '../stateDict.js';

/** Where a name of a state dict leads: the module and its attribute. */
function placeOf(module: Module, path: string): { owner: Module; name: string; attribute: string } | null {
  const at = path.lastIndexOf('.');
  const name = path.slice(at + 1);
  const owners = new Map(module.namedModules());
  const owner = owners.get(at < 0 ? '' : path.slice(0, at));
  if (owner === undefined) return null;
  const { registry } = owner;
  if (!registry.parameters.has(name) && !registry.buffers.has(name)) return null;
  const attribute = registry.attributeOf(owner, name);
  return attribute === null ? null : { owner, name, attribute };
}

/**
 * Calls a module with other tensors in the place of its parameters and buffers, by their names; those not given stay its
 * own. Gradients reach the given tensors.
 * https://pytorch.org/docs/stable/generated/torch.func.functional_call.html
 *
 * @param args what forward takes, in an array unless it is one tensor
 * @example const losses = weights.map((w) => functionalCall(model, { weight: w }, x).sum());
 * @throws RangeError for names that the module has not
 */
export function functionalCall<M extends Module>(
  module: M,
  parametersAndBuffers: StateSource | Readonly<Record<string, Tensor>>,
  args: Parameters<M['forward']> | Parameters<M['forward']>[0],
): ReturnType<M['forward']> {
  const given: [string, unknown][] =
    parametersAndBuffers instanceof Map
      ? [...(parametersAndBuffers as Map<string, unknown>)]
      : isOptions(parametersAndBuffers)
        ? Object.entries(parametersAndBuffers)
        : [];
  const places = given.map(([path, value]) => {
    if (!(value instanceof Tensor)) throw typeError(`functionalCall: ${path} is ${describe(value)}, no Tensor.`);
    const place = placeOf(module, path);
    if (place === null) throw rangeError(`functionalCall: ${module.getName()} has no parameter or buffer '${path}'.`);
    return { ...place, value };
  });
  const restore: (() => void)[] = [];
  try {
    for (const { owner, attribute, name, value } of places)
      restore.push(owner.registry.lend(owner, attribute, name, value));
    const list = (Array.isArray(args) ? args : [args]) as unknown[];
    return (module as unknown as (...args: unknown[]) => ReturnType<M['forward']>)(...list);
  } finally {
    for (const undo of restore.reverse()) undo();
  }
}
