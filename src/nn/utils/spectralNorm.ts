import { noGrad } from '../../autograd/mode.js';
import type { RemovableHandle } from '../../autograd/node.js';
import { rangeError, stateError } from '../../errors.js';
import { named } from '../../ops/options.js';
import type { Tensor } from '../../tensor.js';
import type { Module } from '../module.js';
import { addBuffer, addParameter } from '../registering.js';
import { metadataOf } from '../stateDict.js';
import {
  asMatrix,
  findHook,
  parameterAttribute,
  removeAttributes,
  replaceParameter,
  restoreParameter,
  unitVector,
} from './reparametrize.js';

const KIND = 'spectralNorm';

/** Beside each reparametrization, what takes its hook on state dicts away. */
const stateHooks = new WeakMap<object, RemovableHandle>();

/** Transposed layers keep their outputs in dimension 1. */
const isTransposed = (module: Module): boolean => (module as { transposed?: unknown }).transposed === true;

/**
 * Divides a parameter by its largest singular value, which a step of the power method in every forward keeps track of.
 * The parameter is `weight_orig` then, and `weight_u` and `weight_v` are buffers.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.spectral_norm.html
 */
export const spectralNorm = named(
  'spectralNorm',
  ['module', 'name', 'nPowerIterations', 'eps', 'dim'],
  <M extends Module>(module: M, name?: string, nPowerIterations?: number, eps?: number, dim?: number | null): M => {
    const iterations = nPowerIterations ?? 1;
    const least = eps ?? 1e-12;
    if (!Number.isInteger(iterations) || iterations <= 0)
      throw rangeError(`spectralNorm: Expected nPowerIterations to be positive, but got ${iterations}.`);
    const { attribute, name: registered, parameter } = parameterAttribute(KIND, module, name ?? 'weight');
    if (findHook(module, KIND, attribute) !== null)
      throw stateError(`spectralNorm: Cannot register two spectral_norm hooks on the same parameter ${registered}.`);
    const front = dim ?? (isTransposed(module) ? 1 : 0);
    const matrix = asMatrix(parameter.detach(), front);
    const drawn = (size: number): Tensor => unitVector(parameter.detach().newEmpty([size]).normal_(0, 1), least);
    const [u, v] = [drawn(matrix.shape[0]!), drawn(matrix.shape[1]!)];
    removeAttributes(module, [attribute]);
    const { aliases } = module.registry;
    for (const [end, suffix] of [
      ['Orig', '_orig'],
      ['U', '_u'],
      ['V', '_v'],
    ] as const) {
      aliases.set(attribute + end, registered + suffix);
    }
    addParameter(module, `${attribute}Orig`, parameter);
    addBuffer(module, `${attribute}U`, u);
    addBuffer(module, `${attribute}V`, v);
    replaceParameter(module, KIND, attribute, (owner) => {
      const attributes = owner as unknown as Record<string, Tensor>;
      const weight = attributes[`${attribute}Orig`]!;
      const [left, right] = [attributes[`${attribute}U`]!, attributes[`${attribute}V`]!];
      if (owner.training) powerMethod(asMatrix(weight, front), left, right, iterations, least, true);
      // Copies, so that a second forward does not change what the first one's gradient needs.
      return weight.div(left.clone().dot(asMatrix(weight, front).mv(right.clone())));
    });
    // Without it PyTorch takes the dict for an old one, which had the weight itself in it.
    const handle = module.registerStateDictHook((_, state, prefix) => {
      const metadata = metadataOf(state, prefix);
      if (metadata === null) return;
      if (!(metadata.get('spectral_norm') instanceof Map)) metadata.set('spectral_norm', new Map());
      (metadata.get('spectral_norm') as Map<string, number>).set(`${registered}.version`, 1);
    });
    stateHooks.set(findHook(module, KIND, attribute)!, handle);
    return module;
  },
) as <M extends Module>(
  module: M,
  name?: string | { name?: string; nPowerIterations?: number; eps?: number; dim?: number | null },
  nPowerIterations?: number,
  eps?: number,
  dim?: number | null,
) => M;

/** Steps of the power method: u and v become better singular vectors, in place. */
export function powerMethod(
  matrix: Tensor,
  u: Tensor,
  v: Tensor,
  iterations: number,
  eps: number,
  rightFirst: boolean,
): void {
  noGrad(() => {
    const left = (): void => void u.copy_(unitVector(matrix.mv(v), eps));
    const right = (): void => void v.copy_(unitVector(matrix.t().mv(u), eps));
    for (let i = 0; i < iterations; i++) {
      if (rightFirst) right();
      left();
      if (!rightFirst) right();
    }
  });
}

/** Undoes {@link spectralNorm}: the parameter is one again, divided. */
export function removeSpectralNorm<M extends Module>(module: M, name = 'weight'): M {
  const attribute =
    name in module ? name : (module.registry.attributeOf(module, `${name}_orig`) ?? `${name}Orig`).slice(0, -4);
  const hook = findHook(module, KIND, attribute);
  const { training } = module;
  module.training = false;
  restoreParameter(module, KIND, attribute, [`${attribute}Orig`, `${attribute}U`, `${attribute}V`]);
  module.training = training;
  if (hook !== null) stateHooks.get(hook)?.remove();
  return module;
}
