import { isGradEnabled } from '../autograd/mode.js';
import type { Grad, Node, RemovableHandle } from '../autograd/node.js';
import { recordMany } from '../autograd/record.js';
import { autogradError, stateError } from '../errors.js';
import { Tensor } from '../tensor.js';
import type { Module } from './module.js';
import { registrySymbol } from './registry.js';

/** Called before forward with its arguments; an array it returns takes their place, anything else the only one's. */
export type ForwardPreHook = (module: Module, args: unknown[]) => unknown;
/** Called after forward; what it returns takes the output's place. */
export type ForwardHook = (module: Module, args: unknown[], output: unknown) => unknown;
/** Called in backward with the gradients of the module's inputs and outputs; what it returns replaces the former. */
export type BackwardHook = (
  module: Module,
  gradInput: Grad[],
  gradOutput: Grad[],
) => readonly Grad[] | null | undefined | void;
/** Called in backward with the gradients of the outputs before the module's own; what it returns replaces them. */
export type BackwardPreHook = (module: Module, gradOutput: Grad[]) => readonly Grad[] | null | undefined | void;

/** Hooks in the order they were registered; one function may stand in it twice. */
export class HookList<T> {
  readonly #hooks = new Map<number, T>();
  #next = 0;

  add(hook: T): RemovableHandle {
    const id = this.#next++;
    this.#hooks.set(id, hook);
    return { remove: () => void this.#hooks.delete(id) };
  }

  /** Takes out the hooks that are this function. */
  delete(hook: T): void {
    for (const [id, registered] of this.#hooks) if (registered === hook) this.#hooks.delete(id);
  }

  addAll(other: HookList<T>): void {
    for (const hook of other) this.add(hook);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#hooks.values();
  }
}

/** The hooks of calls; a module has this once it had one. */
export class ModuleHooks {
  readonly pre = new HookList<ForwardPreHook>();
  readonly forward = new HookList<ForwardHook>();
  readonly backwardPre = new HookList<BackwardPreHook>();
  readonly backward = new HookList<BackwardHook>();

  copy(): ModuleHooks {
    const copy = new ModuleHooks();
    copy.pre.addAll(this.pre);
    copy.forward.addAll(this.forward);
    copy.backwardPre.addAll(this.backwardPre);
    copy.backward.addAll(this.backward);
    return copy;
  }
}

const everyModule = new ModuleHooks();
let anyGlobal = false;

/** Whether calls of every module have to look for hooks. */
export function hasGlobalHooks(): boolean {
  return anyGlobal;
}

/** A hook before every module's forward. */
export function registerModuleForwardPreHook(hook: ForwardPreHook): RemovableHandle {
  anyGlobal = true;
  return everyModule.pre.add(hook);
}

/** A hook after every module's forward. */
export function registerModuleForwardHook(hook: ForwardHook): RemovableHandle {
  anyGlobal = true;
  return everyModule.forward.add(hook);
}

/** A hook on the gradients of every module. */
export function registerModuleFullBackwardHook(hook: BackwardHook): RemovableHandle {
  anyGlobal = true;
  return everyModule.backward.add(hook);
}

/** A module's call when there are hooks. */
export function callWithHooks(module: Module, given: unknown[]): unknown {
  const own = module[registrySymbol].hooks;
  let args = given;
  for (const hook of [...everyModule.pre, ...(own?.pre ?? [])]) {
    const result = hook(module, args);
    if (result !== null && result !== undefined) args = Array.isArray(result) ? result : [result];
  }
  const pre = own === null ? [] : [...own.backwardPre];
  const full = [...everyModule.backward, ...(own?.backward ?? [])];
  const gradients = pre.length + full.length > 0 ? new GradientHooks(module, pre, full) : null;
  if (gradients !== null) args = gradients.watchInputs(args);
  let output = (module as unknown as { forward(...args: unknown[]): unknown }).forward(...args);
  for (const hook of [...everyModule.forward, ...(own?.forward ?? [])]) {
    const result = hook(module, args, output);
    if (result !== null && result !== undefined) output = result;
  }
  return gradients === null ? output : gradients.watchOutputs(output);
}

/**
 * The backward hooks of one call: the tensors going in and those coming out pass through a node each, whose own hooks
 * see their gradients.
 */
class GradientHooks {
  #outputGrads: Grad[] | null = null;
  #inputs: number[] | null = null;
  #inputCount = 0;

  constructor(
    readonly module: Module,
    readonly pre: readonly BackwardPreHook[],
    readonly full: readonly BackwardHook[],
  ) {}

  watchInputs(args: unknown[]): unknown[] {
    const { values, indices, node } = passThrough(args);
    this.#inputCount = args.length;
    this.#inputs = indices;
    if (node === null || indices === null) return values;
    node.registerHook((gradInputs) => {
      // null: the gradient came to the inputs on another way than through the outputs, as in a double backward.
      if (this.#outputGrads === null) return null;
      const grads = this.#run(spread(indices, gradInputs, this.#inputCount), this.#outputGrads);
      this.#outputGrads = null;
      return indices.map((i) => grads[i] ?? null);
    });
    return values;
  }

  watchOutputs(output: unknown): unknown {
    const many = Array.isArray(output);
    const list: unknown[] = many ? output : [output];
    const { values, indices, node } = passThrough(list);
    if (node !== null && indices !== null) {
      node.registerHook((_, given) => {
        let grads = spread(indices, given, list.length);
        for (const hook of this.pre) {
          const result = hook(this.module, grads);
          if (result === null || result === undefined) continue;
          if (result.length !== grads.length) throw wrongCount('gradOutput', result.length, grads.length);
          grads = [...result];
        }
        this.#outputGrads = grads;
        if (this.#inputs === null) {
          this.#runWithoutInputs(grads);
          this.#outputGrads = null;
        }
        return this.pre.length === 0 ? null : indices.map((i) => grads[i] ?? null);
      });
    }
    return many ? values : values[0];
  }

  #run(gradInputs: Grad[], gradOutputs: Grad[]): Grad[] {
    let grads = gradInputs;
    for (const hook of this.full) {
      const result = hook(this.module, grads, gradOutputs);
      if (result === null || result === undefined) continue;
      if (result.length !== grads.length) throw wrongCount('gradInput', result.length, grads.length);
      grads = [...result];
    }
    return grads;
  }

  #runWithoutInputs(gradOutputs: Grad[]): void {
    const none = new Array<Grad>(this.#inputCount).fill(null);
    for (const hook of this.full) {
      const result = hook(this.module, none, gradOutputs);
      if (result?.some((grad) => grad !== null)) {
        throw autogradError(
          'registerFullBackwardHook: a hook of a module none of whose inputs requires a gradient must return nothing, or null for every one.',
        );
      }
    }
  }
}

function wrongCount(what: string, given: number, wanted: number): Error {
  return stateError(
    `registerFullBackwardHook: the hook returned an invalid number of ${what}: ${given} instead of ${wanted}.`,
  );
}

/** The tensors among values seen through one node; null where none of them needs a gradient. */
function passThrough(list: unknown[]): { values: unknown[]; indices: number[] | null; node: Node | null } {
  const indices: number[] = [];
  for (const [i, value] of list.entries()) if (value instanceof Tensor) indices.push(i);
  const tensors = indices.map((i) => list[i] as Tensor);
  if (!isGradEnabled() || !tensors.some((x) => x.requiresGrad)) return { values: list, indices: null, node: null };
  const seen = recordMany(
    'BackwardHookFunctionBackward',
    tensors.map((x) => x.makeView(x.shape, x.strides, x.offset)),
    tensors,
    [],
    tensors.map((_, i) => (grads: readonly Grad[]) => grads[i] ?? null),
  );
  const values = [...list];
  for (const [i, at] of indices.entries()) values[at] = seen[i];
  return { values, indices, node: seen.find((x) => x.gradFn !== null)?.gradFn ?? null };
}

function spread(indices: readonly number[], grads: readonly Grad[], count: number): Grad[] {
  const all = new Array<Grad>(count).fill(null);
  for (const [i, at] of indices.entries()) all[at] = grads[i] ?? null;
  return all;
}
