import type { DTypeInfo } from '../dtype.js';
import { callSite } from '../errors.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { mode } from './mode.js';

/** A gradient as it travels: null where no path reaches. */
export type Grad = Tensor | null;

/** What a node promises of one of its outputs, and so of the gradient that comes back to it. */
export interface OutputMeta {
  readonly shape: Shape;
  readonly dtypeInfo: DTypeInfo;
}

/** Called with an output's gradient; a returned tensor replaces it. */
export type TensorHook = (grad: Tensor) => Tensor | null | undefined | void;
export type NodeHook = (gradInputs: Grad[], gradOutputs: Grad[]) => Grad[] | null | undefined | void;
export type NodePreHook = (gradOutputs: Grad[]) => Grad[] | null | undefined | void;

/** Hooks are rare; a node has this only when it has one. */
export interface NodeHooks {
  /** By output. */
  tensor: Map<number, Set<TensorHook>>;
  /** Tensors whose `.grad` is kept, by output. */
  retained: Map<number, Tensor>;
  pre: Set<NodePreHook>;
  post: Set<NodeHook>;
}

export interface RemovableHandle {
  remove(): void;
}

let created = 0;

/**
 * One recorded op: where its inputs came from and how a gradient goes back to them. Nodes are numbered as they are
 * made, so an input's node always has a lower number: the engine runs from high numbers to low and needs no counting.
 */
export abstract class Node {
  readonly id = ++created;
  hooks: NodeHooks | null = null;
  /** The gradient that has arrived so far; only the running engine uses it. */
  pending: Grad = null;
  /** The same, by output, for a node with a list of {@link outputs}. */
  pendingAll: Grad[] | null = null;
  queued = false;
  /** Whether a path to a wanted input leads through here; only a restricted run uses it. */
  needed = false;
  /** The forward call site, in anomaly mode. */
  readonly site: string | null = mode.anomaly ? callSite() : null;

  constructor(
    /** PyTorch's name, like `MulBackward0`. */
    public name: string,
    /** For each input the node that made it, a leaf's accumulator, or null where it needs no gradient. */
    readonly edges: readonly (Node | null)[],
    /** Which output of the edge's node the input is; null where all are 0. */
    readonly edgeOutputs: readonly number[] | null,
    /** The first output. */
    readonly output: OutputMeta,
    /** All outputs, of a node that may have several; null where there is but one, as nearly everywhere. */
    readonly outputs: readonly OutputMeta[] | null = null,
  ) {}

  /** The gradients for the inputs; only those with `wanted[i]` are looked at. */
  abstract apply(grads: readonly Grad[], wanted: (input: number) => boolean): readonly Grad[];

  /** Forgets what was saved, once the gradient has gone through. */
  release(): void {}

  /** Whether `apply` calls a user's code, which may keep what it makes. */
  get runsUserCode(): boolean {
    return false;
  }

  /** What output `i` is. */
  meta(i: number): OutputMeta {
    return this.outputs === null ? this.output : this.outputs[i]!;
  }

  /** Which output of its edge's node an input is. */
  outputOf(input: number): number {
    return this.edgeOutputs === null ? 0 : this.edgeOutputs[input]!;
  }

  /** The nodes of the inputs, each with the output it stands for, as PyTorch's `next_functions`. */
  get nextFunctions(): readonly (readonly [Node | null, number])[] {
    return this.edges.map((edge, i) => [edge, edge === null ? 0 : this.outputOf(i)] as const);
  }

  #hooks(): NodeHooks {
    this.hooks ??= { tensor: new Map(), retained: new Map(), pre: new Set(), post: new Set() };
    return this.hooks;
  }

  /** Calls `hook(gradInputs, gradOutputs)` after this node has run; a returned array replaces the gradInputs. */
  registerHook(hook: NodeHook): RemovableHandle {
    const { post } = this.#hooks();
    post.add(hook);
    return { remove: () => void post.delete(hook) };
  }

  /** Calls `hook(gradOutputs)` before this node runs; a returned array replaces them. */
  registerPrehook(hook: NodePreHook): RemovableHandle {
    const { pre } = this.#hooks();
    pre.add(hook);
    return { remove: () => void pre.delete(hook) };
  }

  /** A hook on the gradient of one output: what `Tensor.registerHook` stands on. */
  registerTensorHook(output: number, hook: TensorHook): RemovableHandle {
    const { tensor } = this.#hooks();
    let hooks = tensor.get(output);
    if (hooks === undefined) {
      hooks = new Set();
      tensor.set(output, hooks);
    }
    const set = hooks;
    set.add(hook);
    return { remove: () => void set.delete(hook) };
  }

  retain(output: number, tensor: Tensor): void {
    this.#hooks().retained.set(output, tensor);
  }

  /** Undoes {@link retain}: the tensor has another history now. */
  letGo(output: number): void {
    this.hooks?.retained.delete(output);
  }

  toString(): string {
    return `<${this.name} object>`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Where a leaf's gradient is added up. */
export class AccumulateGrad extends Node {
  constructor(readonly variable: Tensor) {
    super('AccumulateGrad', [], null, variable);
  }

  override apply(): readonly Grad[] {
    return [];
  }
}

/** The node that a gradient for `x` goes to, or null where x needs none. */
export function edgeOf(x: Tensor): Node | null {
  const node = x.gradFn;
  if (node !== null) return node;
  // A view that got its need from its base alone, without a recorded op, keeps no gradient.
  return x.asksForGrad ? x.accumulator() : null;
}
