/** Pruning: entries of a parameter are held at 0 by a mask. https://pytorch.org/docs/stable/nn.html#utilities */
import { noGrad } from '../../autograd/mode.js';
import { onesLike } from '../../creation.js';
import { rangeError, stateError, typeError } from '../../errors.js';
import { cat } from '../../ops/joining.js';
import { named } from '../../ops/options.js';
import { describe, sameShape } from '../../shape.js';
import type { Tensor } from '../../tensor.js';
import type { Module } from '../module.js';
import type { Parameter } from '../parameter.js';
import { addBuffer, addParameter } from '../registering.js';
import { registrySymbol } from '../registry.js';
import {
  type Amount,
  type BasePruningMethod,
  CustomFromMask,
  combinedMask,
  Identity,
  L1Unstructured,
  LnStructured,
  RandomStructured,
  RandomUnstructured,
} from './pruneMethods.js';
import { findHook, parameterAttribute, removeAttributes, replaceParameter } from './reparametrize.js';

export {
  type Amount,
  BasePruningMethod,
  CustomFromMask,
  Identity,
  L1Unstructured,
  LnStructured,
  RandomStructured,
  RandomUnstructured,
} from './pruneMethods.js';

const KIND = 'prune';

const attributesOf = (module: Module): Record<string, Tensor> => module as unknown as Record<string, Tensor>;

/** The attribute of a parameter that is pruned already, by its name. */
function prunedAttribute(module: Module, name: string): string | null {
  const attribute = name in module ? name : (module.registry.attributeOf(module, `${name}_orig`) ?? '').slice(0, -4);
  return attribute !== '' && findHook(module, KIND, attribute) !== null ? attribute : null;
}

/**
 * Prunes a parameter by any method: it becomes `weight_orig`, its mask `weight_mask`, and the attribute their product.
 * What was pruned before stays pruned.
 * @param importanceScores decide instead of the parameter's own values
 */
export function apply<M extends Module>(
  module: M,
  name: string,
  method: BasePruningMethod,
  importanceScores: Tensor | null = null,
): M {
  const known = prunedAttribute(module, name);
  const attribute = known ?? parameterAttribute(KIND, module, name).attribute;
  const attributes = attributesOf(module);
  const current = attributes[attribute]!;
  if (importanceScores !== null && !sameShape(importanceScores.shape, current.shape)) {
    throw rangeError(
      `prune: importanceScores should have the same shape as tensor to prune, [${current.shape.join(', ')}], but has [${importanceScores.shape.join(', ')}].`,
    );
  }
  noGrad(() => {
    const scores = (importanceScores ?? current).detach();
    if (known !== null) {
      attributes[`${attribute}Mask`] = combinedMask(method, scores, attributes[`${attribute}Mask`]!).detach();
      attributes[attribute] = attributes[`${attribute}Orig`]!.mul(attributes[`${attribute}Mask`]!);
      return;
    }
    const mask = method.computeMask(scores, onesLike(current.detach()));
    const { name: registered, parameter } = parameterAttribute(KIND, module, name);
    removeAttributes(module, [attribute]);
    const { aliases } = module.registry;
    aliases.set(`${attribute}Orig`, `${registered}_orig`);
    aliases.set(`${attribute}Mask`, `${registered}_mask`);
    addParameter(module, `${attribute}Orig`, parameter);
    addBuffer(module, `${attribute}Mask`, mask.detach());
  });
  const compute = (owner: Module): Tensor =>
    attributesOf(owner)[`${attribute}Orig`]!.mul(attributesOf(owner)[`${attribute}Mask`]!);
  if (known === null) replaceParameter(module, KIND, attribute, compute);
  else attributes[attribute] = compute(module);
  return module;
}

/** Prunes nothing, but makes the mask. */
export function identity<M extends Module>(module: M, name: string): M {
  return apply(module, name, new Identity());
}

/** Prunes entries drawn at random. */
export function randomUnstructured<M extends Module>(module: M, name: string, amount: Amount): M {
  return apply(module, name, new RandomUnstructured(amount));
}

/** Prunes the entries of smallest magnitude, or of the smallest `importanceScores`. */
export const l1Unstructured = named(
  'l1Unstructured',
  ['module', 'name', 'amount', 'importanceScores'],
  <M extends Module>(module: M, name: string, amount: Amount, importanceScores: Tensor | null = null): M =>
    apply(module, name, new L1Unstructured(amount), importanceScores),
) as <M extends Module>(
  module: M,
  name: string,
  amount: Amount | { amount: Amount; importanceScores?: Tensor | null },
  importanceScores?: Tensor | null | { importanceScores?: Tensor | null },
) => M;

/** Prunes channels along `dim`, drawn at random. */
export const randomStructured = named(
  'randomStructured',
  ['module', 'name', 'amount', 'dim'],
  <M extends Module>(module: M, name: string, amount: Amount, dim: number): M =>
    apply(module, name, new RandomStructured(amount, dim)),
) as <M extends Module>(
  module: M,
  name: string,
  amount: Amount | { amount: Amount; dim: number },
  dim?: number | { dim: number },
) => M;

/** Prunes the channels along `dim` of smallest Lₙ norm. */
export const lnStructured = named(
  'lnStructured',
  ['module', 'name', 'amount', 'n', 'dim', 'importanceScores'],
  <M extends Module>(
    module: M,
    name: string,
    amount: Amount,
    n: number | 'fro' | 'nuc',
    dim: number,
    importanceScores: Tensor | null = null,
  ): M => apply(module, name, new LnStructured(amount, n, dim), importanceScores),
) as <M extends Module>(
  module: M,
  name: string,
  amount: Amount | { amount: Amount; n: number | 'fro' | 'nuc'; dim: number; importanceScores?: Tensor | null },
  n?: number | 'fro' | 'nuc' | { n: number | 'fro' | 'nuc'; dim: number; importanceScores?: Tensor | null },
  dim?: number | { dim: number; importanceScores?: Tensor | null },
  importanceScores?: Tensor | null,
) => M;

/** Prunes by a mask of zeros and ones. */
export function customFromMask<M extends Module>(module: M, name: string, mask: Tensor): M {
  return apply(module, name, new CustomFromMask(mask));
}

/**
 * Prunes several parameters together: the method compares the entries of all of them.
 * @example prune.globalUnstructured([[a, 'weight'], [b, 'weight']], prune.L1Unstructured, { amount: 0.2 })
 * @throws RangeError for a method that prunes channels
 */
export function globalUnstructured(
  parameters: Iterable<readonly [module: Module, name: string]>,
  pruningMethod: new (amount: Amount) => BasePruningMethod,
  { amount }: { amount: Amount },
): void {
  const list = [...parameters];
  if (list.length === 0) throw rangeError('globalUnstructured: give at least one [module, name].');
  const method = new pruningMethod(amount);
  if (method.pruningType !== 'unstructured') {
    throw rangeError(
      `globalUnstructured: Only "unstructured" pruning_type is supported, but ${pruningMethod.name} is ${method.pruningType}.`,
    );
  }
  const masks = noGrad(() => {
    const parts = list.map(([module, name]) => {
      const known = prunedAttribute(module, name);
      const attribute = known ?? parameterAttribute('globalUnstructured', module, name).attribute;
      const values = attributesOf(module)[attribute]!.detach();
      return { values, mask: known === null ? onesLike(values) : attributesOf(module)[`${attribute}Mask`]! };
    });
    const flat = (xs: Tensor[]): Tensor => cat(xs.map((x) => x.reshape(-1)));
    const mask = combinedMask(method, flat(parts.map(({ values }) => values)), flat(parts.map((part) => part.mask)));
    const pieces = mask.split(parts.map(({ values }) => values.numel()));
    return parts.map(({ values }, i) => pieces[i]!.reshape([...values.shape]));
  });
  for (const [i, [module, name]] of list.entries()) customFromMask(module, name, masks[i]!);
}

/** Makes the pruning permanent: the parameter is one again, with zeros where it was pruned. */
export function remove<M extends Module>(module: M, name: string): M {
  const attribute = prunedAttribute(module, name);
  if (attribute === null) {
    throw stateError(
      `prune: Parameter '${name}' of module ${module.getName()} has to be pruned before pruning can be removed.`,
    );
  }
  const hook = findHook(module, KIND, attribute)!;
  const attributes = attributesOf(module);
  const original = attributes[`${attribute}Orig`] as Parameter;
  noGrad(() => original.copy_(original.mul(attributes[`${attribute}Mask`]!)));
  removeAttributes(module, [attribute, `${attribute}Orig`, `${attribute}Mask`]);
  module[registrySymbol].hooks?.pre.delete(hook);
  addParameter(module, attribute, original);
  return module;
}

/** Whether a module, or one inside it, is pruned. */
export function isPruned(module: Module): boolean {
  if (typeof module !== 'function') throw typeError(`isPruned: module is ${describe(module)}; give a Module.`);
  return module
    .modules()
    .some((inner) =>
      [...(inner[registrySymbol].hooks?.pre ?? [])].some((hook) => (hook as { kind?: unknown }).kind === KIND),
    );
}
