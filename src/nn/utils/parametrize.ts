import { noGrad } from '../../autograd/mode.js';
import { rangeError, stateError, typeError } from '../../errors.js';
import { named } from '../../ops/options.js';
import { describe, sameShape } from '../../shape.js';
import { Tensor } from '../../tensor.js';
import { ModuleDict, ModuleList } from '../container.js';
import type { Module } from '../module.js';
import { Parameter } from '../parameter.js';
import { registrySymbol } from '../registry.js';

/** A module whose forward makes a parameter of others; `rightInverse` finds those for a given value. */
export type Parametrization = Module & {
  (...originals: Tensor[]): Tensor;
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
};

/** The parametrizations of one tensor, and what they start from: `original`, or `original0`, `original1`, … */
export class ParametrizationList extends ModuleList<Parametrization> {
  /** Whether there is one original. */
  isTensor: boolean;
  ntensors: number;

  constructor(modules: readonly Parametrization[], original: Tensor) {
    super(modules);
    const inverse = invertIfPossible(modules, original);
    this.isTensor = inverse instanceof Tensor;
    this.ntensors = inverse instanceof Tensor ? 1 : inverse.length;
    const put = (name: string, value: Tensor): void => {
      if (original instanceof Parameter)
        this.registerParameter(name, new Parameter(value.detach(), original.requiresGrad));
      else this.registerBuffer(name, value.detach());
    };
    if (inverse instanceof Tensor) {
      // The parameter stays the object that an optimizer may already have.
      if (original instanceof Parameter) {
        original.data = inverse.data;
        this.registerParameter('original', original);
      } else put('original', inverse);
    } else for (const [i, value] of inverse.entries()) put(`original${i}`, value);
  }

  /** What the parametrizations start from. */
  get originals(): Tensor[] {
    const attributes = this as unknown as Record<string, Tensor>;
    return this.isTensor
      ? [attributes.original!]
      : Array.from({ length: this.ntensors }, (_, i) => attributes[`original${i}`]!);
  }

  /** Sets the originals so that the result is `value`. */
  rightInverse(value: Tensor): void {
    const inverse = invert(this.toArray(), value);
    const values = inverse instanceof Tensor ? [inverse] : inverse;
    noGrad(() => {
      for (const [i, original] of this.originals.entries()) original.copy_(values[i]!);
    });
  }

  override forward(): Tensor {
    const [first, ...rest] = this.toArray();
    let value = first!(...this.originals);
    for (const parametrization of rest) value = parametrization(value);
    return value;
  }
}

/** {@link invert}; a value whose inverse is not supported is taken for the original itself. */
function invertIfPossible(modules: readonly Parametrization[], value: Tensor): Tensor | readonly Tensor[] {
  try {
    return invert(modules, value);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_NOT_SUPPORTED') return value;
    throw error;
  }
}

function invert(modules: readonly Parametrization[], value: Tensor): Tensor | readonly Tensor[] {
  return noGrad(() => {
    let inverse: Tensor | readonly Tensor[] = value;
    for (const module of [...modules].reverse())
      if (module.rightInverse) inverse = module.rightInverse(inverse as Tensor);
    return inverse;
  });
}

/** Values of parametrized tensors while {@link cached} runs, by their lists. */
let cache: Map<ParametrizationList, Tensor> | null = null;
let cacheDepth = 0;

/**
 * Computes each parametrized tensor once only, however often it is read inside.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.cached.html
 * @example const y = cached(() => model(x)); // or: using _ = cached();
 */
export function cached<T>(body: () => T): T;
export function cached(): Disposable;
export function cached<T>(body?: () => T): T | Disposable {
  cacheDepth++;
  cache ??= new Map();
  const leave = (): void => {
    if (--cacheDepth === 0) cache = null;
  };
  if (body === undefined) return { [Symbol.dispose]: leave };
  try {
    return body();
  } finally {
    leave();
  }
}

function computed(list: ParametrizationList): Tensor {
  if (cache === null) return list();
  const known = cache.get(list);
  if (known !== undefined) return known;
  const value = list();
  cache.set(list, value);
  return value;
}

type Parametrized = Module & { parametrizations?: ModuleDict<Record<string, ParametrizationList>> };

/** Whether a module, or one tensor of it, has parametrizations. */
export function isParametrized(module: Module, tensorName: string | null = null): boolean {
  const { parametrizations } = module as Parametrized;
  if (!(parametrizations instanceof ModuleDict)) return false;
  return tensorName === null ? parametrizations.length > 0 : parametrizations.has(tensorName);
}

function checkResult(op: string, result: unknown, like: Tensor): void {
  if (!(result instanceof Tensor))
    throw typeError(`${op}: A parametrization must return a tensor, not ${describe(result)}.`);
  if (result.dtype !== like.dtype)
    throw typeError(
      `${op}: Registering a parametrization may not change the dtype of the tensor (${like.dtype} to ${result.dtype}), unless unsafe is true.`,
    );
  if (!sameShape(result.shape, like.shape)) {
    throw rangeError(
      `${op}: Registering a parametrization may not change the shape of the tensor ([${like.shape.join(', ')}] to [${result.shape.join(', ')}]), unless unsafe is true.`,
    );
  }
}

/** A class of its own for one module: a subclass of its class, named as PyTorch does, on which the tensors are computed. */
function giveClass(module: Module): void {
  const base = Object.getPrototypeOf(module) as { constructor: abstract new () => Module };
  const name = `Parametrized${base.constructor.name}`;
  const made = { [name]: class extends (base.constructor as new () => Module) {} }[name]!;
  Object.setPrototypeOf(module, made.prototype);
}

/**
 * Computes a parameter or buffer by a module from then on, wherever the attribute is read.
 * https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
 */
export const registerParametrization = named(
  'registerParametrization',
  ['module', 'tensorName', 'parametrization', 'unsafe'],
  <M extends Module>(module: M, tensorName: string, parametrization: Parametrization, unsafe?: boolean): M => {
    const op = 'registerParametrization';
    const attributes = module as unknown as Record<string, Tensor>;
    parametrization.train(module.training);
    if (isParametrized(module, tensorName)) {
      if (!unsafe) checkResult(op, parametrization(attributes[tensorName]!), attributes[tensorName]!);
      (module as Parametrized).parametrizations!.get(tensorName).append(parametrization);
      return module;
    }
    const { registry } = module;
    const original = registry.parameters.get(tensorName) ?? registry.buffers.get(tensorName);
    if (original === null || original === undefined) {
      throw typeError(
        `${op}: ${module.getName()} does not have a parameter, a buffer, or a parametrized element with name '${tensorName}'.`,
      );
    }
    const before = original.detach().clone();
    const list = new ParametrizationList([parametrization], original);
    if (!unsafe) checkResult(op, list(), before);
    Reflect.deleteProperty(module, tensorName);
    module[registrySymbol].sync(module);
    if (!isParametrized(module)) {
      giveClass(module);
      module.addModule('parametrizations', new ModuleDict());
    }
    Object.defineProperty(Object.getPrototypeOf(module), tensorName, {
      configurable: true,
      get(this: Parametrized): Tensor {
        return computed(this.parametrizations!.get(tensorName));
      },
      set(this: Parametrized, value: Tensor) {
        const list = this.parametrizations!.get(tensorName);
        cache?.delete(list);
        list.rightInverse(value);
      },
    });
    (module as Parametrized).parametrizations!.set(tensorName, list);
    return module;
  },
) as <M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Module,
  unsafe?: boolean | { unsafe?: boolean },
) => M;

/** Undoes {@link registerParametrization}: the tensor is itself again, with the computed value or the original one. */
export const removeParametrizations = named(
  'removeParametrizations',
  ['module', 'tensorName', 'leaveParametrized'],
  <M extends Module>(module: M, tensorName: string, leaveParametrized?: boolean): M => {
    if (!isParametrized(module, tensorName))
      throw stateError(`removeParametrizations: ${module.getName()} does not have a parametrization on ${tensorName}.`);
    const { parametrizations } = module as Parametrized;
    const list = parametrizations!.get(tensorName);
    const [original] = list.originals as [Tensor];
    const leave = leaveParametrized ?? true;
    if (!list.isTensor && !leave) {
      throw stateError(
        'removeParametrizations: Cannot leave unparametrized a tensor that is parametrized in terms of a sequence of tensors; leave leaveParametrized out.',
      );
    }
    const value = noGrad(() => list().clone());
    parametrizations!.pop(tensorName);
    const prototype: unknown = Object.getPrototypeOf(module);
    Reflect.deleteProperty(prototype as object, tensorName);
    if (parametrizations!.length === 0) {
      Reflect.deleteProperty(module, 'parametrizations');
      Object.setPrototypeOf(module, Object.getPrototypeOf(prototype) as object);
    }
    if (leave && list.isTensor) original.data = value;
    const restored = list.isTensor
      ? original
      : original instanceof Parameter
        ? new Parameter(value, original.requiresGrad)
        : value;
    if (restored instanceof Parameter) module.registerParameter(tensorName, restored);
    else module.registerBuffer(tensorName, restored);
    return module;
  },
) as <M extends Module>(
  module: M,
  tensorName: string,
  leaveParametrized?: boolean | { leaveParametrized?: boolean },
) => M;

/** The class that a module had before its tensors were parametrized. */
export function typeBeforeParametrizations(module: Module): new (...args: never[]) => Module {
  const prototype = Object.getPrototypeOf(module) as { constructor: new (...args: never[]) => Module };
  return isParametrized(module)
    ? (Object.getPrototypeOf(prototype) as { constructor: new (...args: never[]) => Module }).constructor
    : prototype.constructor;
}
