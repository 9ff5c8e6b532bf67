import { noGrad } from '../../autograd/mode.js';
import { stateError, typeError } from '../../errors.js';
import type { Tensor } from '../../tensor.js';
import type { ForwardPreHook } from '../hooks.js';
import { ModuleHooks } from '../hooks.js';
import type { Module } from '../module.js';
import { isLazy, Parameter } from '../parameter.js';
import { addParameter } from '../registering.js';
import { registrySymbol } from '../registry.js';

/** `x / max(‖x‖, eps)` of a vector. */
export function unitVector(x: Tensor, eps: number): Tensor {
  return x.div(x.norm().clampMin(eps));
}

/** A weight as a matrix with `dim` in front. */
export function asMatrix(weight: Tensor, dim: number): Tensor {
  const rest = weight.shape.map((_, d) => d).filter((d) => d !== dim);
  const front = dim === 0 ? weight : weight.permute([dim, ...rest]);
  return front.reshape([front.shape[0]!, -1]);
}

/** A hook that computes a parameter from others before every forward; `kind` and `attribute` say which. */
export type Reparametrization = ForwardPreHook & { readonly kind: string; readonly attribute: string };

/** The attribute of a parameter that is given by its name, or as an attribute. */
export function parameterAttribute(
  op: string,
  module: Module,
  name: string,
): { attribute: string; name: string; parameter: Parameter } {
  const { registry } = module;
  const registered = registry.parameters.has(name) ? name : registry.nameOf(module, name);
  const parameter = registry.parameters.get(registered);
  const attribute = registry.attributeOf(module, registered);
  if (parameter === undefined || attribute === null) {
    throw typeError(
      `${op}: ${module.getName()} has no parameter '${name}'; it has ${[...registry.parameters.keys()].join(', ') || 'none'}.`,
    );
  }
  if (parameter === null) throw stateError(`${op}: cannot be applied as parameter '${name}' is null.`);
  if (isLazy(parameter))
    throw stateError(`${op}: the module can't have uninitialized parameters; run the dummy forward before.`);
  return { attribute, name: registered, parameter };
}

/** The hook of this kind on an attribute, or null. */
export function findHook(module: Module, kind: string, attribute: string): Reparametrization | null {
  for (const hook of module[registrySymbol].hooks?.pre ?? []) {
    const found = hook as Partial<Reparametrization>;
    if (found.kind === kind && found.attribute === attribute) return hook as Reparametrization;
  }
  return null;
}

/** Takes a parameter's place: the attribute becomes a plain tensor, computed by `compute` now and before every forward. */
export function replaceParameter(
  module: Module,
  kind: string,
  attribute: string,
  compute: (module: Module) => Tensor,
): void {
  const attributes = module as unknown as Record<string, unknown>;
  attributes[attribute] = compute(module);
  const hook = Object.assign(
    (called: Module): void => {
      (called as unknown as Record<string, unknown>)[attribute] = compute(called);
    },
    { kind, attribute },
  );
  const registry = module[registrySymbol];
  registry.hooks ??= new ModuleHooks();
  registry.hooks.pre.add(hook as ForwardPreHook);
}

/** Removes attributes, registered or not. */
export function removeAttributes(module: Module, attributes: readonly string[]): void {
  for (const attribute of attributes) Reflect.deleteProperty(module, attribute);
  module.registry.sync(module);
}

/** Makes a computed attribute a parameter again, with its value now. */
export function restoreParameter(module: Module, kind: string, attribute: string, parts: readonly string[]): void {
  const hook = findHook(module, kind, attribute);
  if (hook === null) throw stateError(`${kind}: there is none on '${attribute}' of ${module.getName()}.`);
  noGrad(() => void hook(module, []));
  const value = (module as unknown as Record<string, Tensor>)[attribute]!;
  removeAttributes(module, [attribute, ...parts]);
  module[registrySymbol].hooks?.pre.delete(hook);
  addParameter(module, attribute, new Parameter(value.detach().clone()));
}
