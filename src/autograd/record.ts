import { autogradError } from '../errors.js';
import type { Storage } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { mode } from './mode.js';
import { edgeOf, type Grad, Node, type OutputMeta } from './node.js';

/** The gradient of one input from the output's and what was saved. Written in tensor ops, so it has a gradient itself. */
export type Formula<S extends readonly unknown[] = readonly never[]> = (grad: Tensor, ...saved: S) => Grad;

/** A {@link Formula} that looks only at some of the saved values: only they are kept, and checked for changes. */
export interface PartialFormula<S extends readonly unknown[]> {
  readonly uses: readonly number[];
  readonly formula: Formula<S>;
}

/** One per input; null for an input that has no gradient. A bare function looks at all that is saved. */
export type Gradient<S extends readonly unknown[]> = Formula<S> | PartialFormula<S> | null;

/** Says which of the saved values a formula looks at, by position. */
export function using<S extends readonly unknown[]>(uses: readonly number[], formula: Formula<S>): PartialFormula<S> {
  return { uses, formula };
}

/** Like {@link Gradient}, of an op with several outputs: it gets a gradient (or null) for each. */
export type GradientOfMany<S extends readonly unknown[]> =
  | ((grads: readonly Grad[], ...saved: S) => Grad)
  | { readonly uses: readonly number[]; readonly formula: (grads: readonly Grad[], ...saved: S) => Grad }
  | null;

/** Stands in a list of inputs for what is no tensor. */
type Input = Tensor | number | bigint | boolean | object | null | undefined;

/** Told apart by the fields only tensors have, since a class import would go against the layers. */
export function isTensorLike(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && 'storage' in value && 'dtypeInfo' in value && 'gradFn' in value;
}

type AnyFormula = (grad: unknown, ...saved: unknown[]) => Grad;
type AnyGradient = AnyFormula | { readonly uses: readonly number[]; readonly formula: AnyFormula } | null;

/** An op with a formula for each input. */
class OpNode extends Node {
  /** What the formulas look at; null where they look at nothing. */
  #saved: unknown[] | null;
  #versions: number[] | null;
  readonly #gradients: readonly AnyGradient[];
  readonly #many: boolean;
  #freed = false;

  constructor(
    name: string,
    edges: (Node | null)[],
    edgeOutputs: number[] | null,
    outputs: readonly OutputMeta[],
    saved: readonly unknown[],
    gradients: readonly AnyGradient[],
    many: boolean,
  ) {
    super(name, edges, edgeOutputs, outputs);
    this.#gradients = gradients;
    this.#many = many;
    this.#saved = saved.length === 0 ? null : keepNeeded(saved, gradients, edges);
    this.#versions = this.#saved === null ? null : this.#saved.map(versionOf);
  }

  /** An output saved by the in-place op that made it counts from the version after the write. */
  savedAfterWrite(storage: Storage): void {
    this.#saved?.forEach((value, i) => {
      if (isTensorLike(value) && value.storage === storage) this.#versions![i] = storage.version;
    });
  }

  override apply(grads: readonly Grad[], wanted: (input: number) => boolean): readonly Grad[] {
    if (this.#freed) {
      throw autogradError(
        `${this.name}: Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call backward() or autograd.grad(); give retainGraph: true to the first call if you need the graph again.`,
      );
    }
    const out: Grad[] = [];
    const grad = this.#many ? grads : grads[0];
    for (let i = 0; i < this.edges.length; i++) {
      const gradient = this.#gradients[i] ?? null;
      if (gradient === null || this.edges[i] === null || !wanted(i)) {
        out.push(null);
      } else if (typeof gradient === 'function') {
        this.#check(null);
        out.push(this.#run(gradient, grad));
      } else {
        this.#check(gradient.uses);
        out.push(this.#run(gradient.formula, grad));
      }
    }
    return out;
  }

  #run(formula: AnyFormula, grad: unknown): Grad {
    const saved = this.#saved;
    if (saved === null) return formula(grad);
    switch (saved.length) {
      case 1:
        return formula(grad, saved[0]);
      case 2:
        return formula(grad, saved[0], saved[1]);
      default:
        return formula(grad, ...saved);
    }
  }

  #check(uses: readonly number[] | null): void {
    const saved = this.#saved;
    if (saved === null) return;
    if (uses === null) for (let i = 0; i < saved.length; i++) this.#checkOne(saved[i], this.#versions![i]!);
    else for (const i of uses) this.#checkOne(saved[i], this.#versions![i]!);
  }

  #checkOne(value: unknown, version: number): void {
    if (!isTensorLike(value) || value.storage.version === version) return;
    const made = value.gradFn === null ? '' : `, which is output ${value.outputIndex} of ${value.gradFn.name},`;
    throw autogradError(
      `${this.name}: one of the variables needed for gradient computation has been modified by an inplace operation: [${value.dtype} [${value.shape.join(', ')}]]${made} is at version ${value.storage.version}; expected version ${version} instead. Change the in-place op into one that makes a new tensor, or clone() before it.`,
    );
  }

  override release(): void {
    if (this.#saved === null) return;
    this.#saved = null;
    this.#freed = true;
  }
}

function versionOf(value: unknown): number {
  return isTensorLike(value) ? value.storage.version : 0;
}

/** Keeps of `saved` what the formulas of inputs that need a gradient look at; null for nothing. */
function keepNeeded(
  saved: readonly unknown[],
  gradients: readonly AnyGradient[],
  edges: readonly (Node | null)[],
): unknown[] | null {
  let kept: unknown[] | null = null;
  for (let i = 0; i < gradients.length; i++) {
    const gradient = gradients[i];
    if (gradient === null || gradient === undefined || edges[i] === null) continue;
    if (typeof gradient === 'function') return [...saved];
    for (const j of gradient.uses) {
      kept ??= new Array<unknown>(saved.length).fill(null);
      kept[j] = saved[j];
    }
  }
  return kept;
}

/** Whether an op on these inputs is recorded. */
export function needsRecord(inputs: readonly Input[]): boolean {
  if (!mode.grad) return false;
  for (const x of inputs) if (isTensorLike(x) && x.requiresGrad) return true;
  return false;
}

function makeNode(
  name: string,
  outputs: readonly Tensor[],
  inputs: readonly Input[],
  saved: readonly unknown[],
  gradients: readonly AnyGradient[],
  many: boolean,
): OpNode {
  const edges: (Node | null)[] = [];
  let edgeOutputs: number[] | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    const edge = isTensorLike(x) ? edgeOf(x) : null;
    edges.push(edge);
    if (edge !== null && (x as Tensor).outputIndex !== 0) {
      edgeOutputs ??= new Array<number>(inputs.length).fill(0);
      edgeOutputs[i] = (x as Tensor).outputIndex;
    }
  }
  const metas: OutputMeta[] = [];
  for (const y of outputs) metas.push({ shape: y.shape, dtypeInfo: y.dtypeInfo });
  return new OpNode(name, edges, edgeOutputs, metas, saved, gradients, many);
}

/**
 * Records that `output` was made from `inputs`, if any of them needs a gradient and recording is on.
 *
 * @param name PyTorch's grad_fn name
 * @param saved what the formulas look at: tensors (checked for in-place changes, released after backward) or anything
 * @param gradients one formula per input, run only if that input needs it
 */
export function record<const S extends readonly unknown[]>(
  name: string,
  output: Tensor,
  inputs: readonly Input[],
  saved: S,
  gradients: readonly Gradient<S>[],
): Tensor {
  if (!needsRecord(inputs) || !output.dtypeInfo.isDifferentiable) return output;
  output.setHistory(makeNode(name, [output], inputs, saved, gradients as readonly AnyGradient[], false), 0);
  return output;
}

/** {@link record} for an op with several outputs, whose formulas get all their gradients. Only differentiable dtypes are marked. */
export function recordMany<const S extends readonly unknown[], O extends readonly Tensor[]>(
  name: string,
  outputs: O,
  inputs: readonly Input[],
  saved: S,
  gradients: readonly GradientOfMany<S>[],
): O {
  if (!needsRecord(inputs)) return outputs;
  const node = makeNode(name, outputs, inputs, saved, gradients as readonly AnyGradient[], true);
  for (const [i, output] of outputs.entries()) if (output.dtypeInfo.isDifferentiable) output.setHistory(node, i);
  return outputs;
}

/**
 * Records an op that wrote its result into `x`, its first input: bumps the version and rebases x's history, through
 * x's base where x is a view.
 */
export function recordInPlace<const S extends readonly unknown[]>(
  name: string,
  x: Tensor,
  inputs: readonly Input[],
  saved: S,
  gradients: readonly Gradient<S>[],
  savesOutput = false,
): Tensor {
  if (!needsRecord(inputs) || !x.dtypeInfo.isDifferentiable) {
    x.storage.version++;
    return x;
  }
  const node = makeNode(name, [x], inputs, saved, gradients as readonly AnyGradient[], false);
  x.storage.version++;
  if (savesOutput) node.savedAfterWrite(x.storage);
  rebase(x, node);
  return x;
}

/** Makes `node` the history of `x`, which it has just overwritten. */
export function rebase(x: Tensor, node: Node): void {
  const base = x.viewBase;
  if (base === null) {
    x.setHistory(node, 0);
    return;
  }
  base.setHistory(new CopySlices(base, x, node), 0);
}

/** The history of a base one of whose views was overwritten: the view's part of the gradient goes through the op. */
class CopySlices extends Node {
  readonly #shape: readonly number[];
  readonly #strides: readonly number[];
  readonly #offset: number;
  readonly #baseStrides: readonly number[];
  readonly #op: Node;

  constructor(base: Tensor, view: Tensor, op: Node) {
    const outputs = [base.outputIndex, ...op.edges.slice(1).map((_, i) => op.outputOf(i + 1))];
    super('CopySlices', [edgeOf(base), ...op.edges.slice(1)], outputs, [
      { shape: base.shape, dtypeInfo: base.dtypeInfo },
    ]);
    this.#shape = view.shape;
    this.#strides = view.strides;
    this.#offset = view.offset - base.offset;
    this.#baseStrides = base.strides;
    this.#op = op;
  }

  override get runsUserCode(): boolean {
    return this.#op.runsUserCode;
  }

  override apply(grads: readonly Grad[], wanted: (input: number) => boolean): readonly Grad[] {
    const grad = grads[0];
    if (grad === null || grad === undefined) return this.edges.map(() => null);
    const whole = grad.newEmptyStrided(grad.shape, this.#baseStrides).copy_(grad);
    const part = whole.asStrided(this.#shape, this.#strides, this.#offset);
    const through = this.#op.apply([part.clone()], (i) => i === 0 || wanted(i));
    const first = through[0] ?? null;
    if (first === null) part.zero_();
    else part.copy_(first);
    return [whole, ...through.slice(1)];
  }

  override release(): void {
    this.#op.release();
  }
}
