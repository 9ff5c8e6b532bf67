import { autogradError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { mode, noGrad } from './mode.js';
import { edgeOf, type Grad, Node, type OutputMeta } from './node.js';
import { isTensorLike, rebase } from './record.js';

/** What `forward` leaves for `backward`. A user may set further properties on it. */
export class FunctionContext {
  /** Which of the inputs need a gradient. */
  needsInputGrad: boolean[] = [];
  #saved: (Tensor | null)[] = [];
  #versions: number[] = [];
  #dirty = new Set<Tensor>();
  #nonDifferentiable = new Set<Tensor>();
  #materialize = true;
  #freed = false;
  [key: string]: unknown;

  /** Keeps tensors for backward; changes to them in place will be noticed. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    for (const [i, x] of tensors.entries()) {
      if (x !== null && !isTensorLike(x))
        throw typeError(`saveForBackward: value ${i} is no Tensor; set other values as properties of ctx.`);
    }
    this.#saved = tensors;
    this.#versions = tensors.map((x) => x?.storage.version ?? 0);
  }

  /** What {@link saveForBackward} kept. @throws Error after the graph was freed, or when a tensor was changed in place */
  get savedTensors(): Tensor[] {
    if (this.#freed) {
      throw autogradError(
        'savedTensors: Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Give retainGraph: true to the first backward.',
      );
    }
    return this.#saved.map((x, i) => {
      if (x !== null && x.storage.version !== this.#versions[i]) {
        throw autogradError(
          `savedTensors: one of the variables needed for gradient computation has been modified by an inplace operation: [${x.dtype} [${x.shape.join(', ')}]] is at version ${x.storage.version}; expected version ${this.#versions[i]} instead.`,
        );
      }
      return x as Tensor;
    });
  }

  /** Says which inputs forward changed in place. They must be returned. */
  markDirty(...tensors: Tensor[]): void {
    this.#dirty = new Set(tensors);
  }

  /** Says which outputs have no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    this.#nonDifferentiable = new Set(tensors);
  }

  /** Whether backward gets zeros (the default) or null for an output without a gradient. */
  setMaterializeGrads(value: boolean): void {
    this.#materialize = value;
  }

  /** @internal */
  get marks(): { dirty: Set<Tensor>; nonDifferentiable: Set<Tensor>; materialize: boolean } {
    return { dirty: this.#dirty, nonDifferentiable: this.#nonDifferentiable, materialize: this.#materialize };
  }

  /** @internal */
  free(): void {
    if (this.#saved.length === 0) return;
    this.#saved = [];
    this.#freed = true;
  }
}

/** What a user's Function class provides. */
interface FunctionClass {
  readonly name: string;
  forward(ctx: FunctionContext, ...inputs: never[]): Tensor | readonly Tensor[];
  backward(ctx: FunctionContext, ...grads: never[]): Grad | readonly Grad[];
}

class FunctionNode extends Node {
  constructor(
    readonly definition: FunctionClass,
    readonly context: FunctionContext,
    edges: readonly (Node | null)[],
    edgeOutputs: readonly number[],
    outputs: readonly OutputMeta[],
    private readonly zeros: readonly ((() => Tensor) | null)[],
    private readonly inputCount: number,
  ) {
    super(`${definition.name}Backward`, edges, edgeOutputs, outputs[0]!, outputs);
  }

  override get runsUserCode(): boolean {
    return true;
  }

  override apply(grads: readonly Grad[]): readonly Grad[] {
    const { materialize } = this.context.marks;
    const given = grads.map((grad, i) => grad ?? (materialize ? (this.zeros[i]?.() ?? null) : null));
    const result = this.definition.backward(this.context, ...(given as never[]));
    const list: readonly unknown[] = Array.isArray(result) ? result : [result];
    const extra = list.slice(this.inputCount).some((value) => value !== null && value !== undefined);
    if (list.length < this.inputCount || extra) {
      throw autogradError(
        `${this.name}: backward returned an incorrect number of gradients (expected ${this.inputCount}, got ${list.length}); return one for each input of forward, null where there is none.`,
      );
    }
    return list.slice(0, this.inputCount).map((value, i) => {
      if (value === null || value === undefined) return null;
      if (!isTensorLike(value))
        throw typeError(`${this.name}: backward returned ${typeof value} for input ${i}; return a Tensor or null.`);
      return value;
    });
  }

  override release(): void {
    this.context.free();
  }
}

/**
 * An op of the user's own: static `forward(ctx, …inputs)` computes, static `backward(ctx, …grads)` gives a gradient for
 * each input.
 * https://pytorch.org/docs/stable/autograd.html#torch.autograd.Function
 * @example
 * class Double extends autograd.Function {
 *   static forward(ctx, x) { return x.mul(2); }
 *   static backward(ctx, grad) { return grad.mul(2); }
 * }
 * const y = Double.apply(x);
 */
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's form, made to be extended
class CustomFunction {
  static forward(_ctx: FunctionContext, ..._inputs: never[]): Tensor | readonly Tensor[] {
    throw typeError('Function: you must implement static forward(ctx, ...inputs).');
  }

  static backward(_ctx: FunctionContext, ..._grads: never[]): Grad | readonly Grad[] {
    throw typeError('Function: you must implement static backward(ctx, ...grads) to differentiate through it.');
  }

  /** Runs forward and records it. */
  static apply<F extends FunctionClass>(this: F, ...inputs: Tail<Parameters<F['forward']>>): ReturnType<F['forward']> {
    const given = inputs as readonly unknown[];
    const ctx = new FunctionContext();
    const recorded = mode.grad && given.some((x) => isTensorLike(x) && x.requiresGrad);
    ctx.needsInputGrad = given.map((x) => recorded && isTensorLike(x) && x.requiresGrad);
    const edges = given.map((x) => (recorded && isTensorLike(x) ? edgeOf(x) : null));
    const edgeOutputs = given.map((x) => (isTensorLike(x) ? x.outputIndex : 0));
    const result = noGrad(() => this.forward(ctx, ...(given as never[])));
    const isList = Array.isArray(result);
    const { dirty, nonDifferentiable } = ctx.marks;
    const outputs = (isList ? result : [result]).map((y: unknown, i: number) => {
      if (!isTensorLike(y))
        throw typeError(`${this.name}: forward returned ${typeof y} as output ${i}; return Tensors.`);
      if (dirty.has(y)) return y;
      // An input returned as it is, or a view of one, must not get this history itself.
      return given.includes(y) || y.requiresGrad ? y.detach() : y;
    });
    for (const x of dirty) x.storage.version++;
    if (recorded) {
      const metas = outputs.map((y) => ({ shape: y.shape, dtypeInfo: y.dtypeInfo }));
      const zeros = outputs.map((y) => {
        if (!y.dtypeInfo.isDifferentiable) return null;
        const { shape, dtype } = y;
        const like = y.newEmpty([0]);
        return () => like.newZeros(shape, { dtype });
      });
      const node = new FunctionNode(this, ctx, edges, edgeOutputs, metas, zeros, given.length);
      const originals: readonly unknown[] = isList ? result : [result];
      for (const [i, y] of outputs.entries()) {
        if (!y.dtypeInfo.isDifferentiable || nonDifferentiable.has(originals[i] as Tensor)) continue;
        if (dirty.has(y)) rebase(y, node);
        else y.setHistory(node, i);
      }
    }
    return (isList ? outputs : outputs[0]) as ReturnType<F['forward']>;
  }
}

type Tail<T> = T extends readonly [unknown, ...infer R] ? R : never;

export { CustomFunction as Function };
