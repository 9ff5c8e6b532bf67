import { stateError } from '../../errors.js';
import { named } from '../../ops/options.js';
import type { Tensor } from '../../tensor.js';
import type { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { addParameter } from '../registering.js';
import { findHook, parameterAttribute, removeAttributes, replaceParameter, restoreParameter } from './reparametrize.js';

/** The norms of v over all dims but one, which keeps its size; null: of all of it. */
export function normExceptDim(v: Tensor, dim: number | null): Tensor {
  if (dim === null || dim === -1) return v.norm(2);
  return v.norm(
    2,
    v.shape.map((_, d) => d).filter((d) => d !== dim),
    true,
  );
}

const KIND = 'weightNorm';

/**
 * Splits a parameter into its direction v (`weight_v`) and its length g (`weight_g`): `w = g · v / ‖v‖`.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.weight_norm.html
 * @param dim over which lengths are told apart; null: one length
 */
export const weightNorm = named(
  'weightNorm',
  ['module', 'name', 'dim'],
  <M extends Module>(module: M, name?: string, dim?: number | null): M => {
    const { attribute, name: registered, parameter } = parameterAttribute(KIND, module, name ?? 'weight');
    if (findHook(module, KIND, attribute) !== null)
      throw stateError(`weightNorm: Cannot register two weight_norm hooks on the same parameter ${registered}.`);
    const along = dim === undefined ? 0 : dim === null ? null : dim < -1 ? dim + parameter.ndim : dim;
    const length = normExceptDim(parameter.detach(), along);
    removeAttributes(module, [attribute]);
    const { aliases } = module.registry;
    aliases.set(`${attribute}G`, `${registered}_g`);
    aliases.set(`${attribute}V`, `${registered}_v`);
    addParameter(module, `${attribute}G`, new Parameter(length));
    addParameter(module, `${attribute}V`, new Parameter(parameter.data));
    replaceParameter(module, KIND, attribute, (owner) => {
      const attributes = owner as unknown as Record<string, Tensor>;
      const v = attributes[`${attribute}V`]!;
      return v.mul(attributes[`${attribute}G`]!.div(normExceptDim(v, along)));
    });
    return module;
  },
) as <M extends Module>(module: M, name?: string | { name?: string; dim?: number | null }, dim?: number | null) => M;

/** Undoes {@link weightNorm}: the parameter is one again. */
export function removeWeightNorm<M extends Module>(module: M, name = 'weight'): M {
  const attribute =
    name in module ? name : (module.registry.attributeOf(module, `${name}_g`) ?? `${name}G`).slice(0, -1);
  restoreParameter(module, KIND, attribute, [`${attribute}G`, `${attribute}V`]);
  return module;
}
