import type { Tensor } from '../tensor.js';
import { type AnyJointFormula, JointNode } from './jointNode.js';
import { mode } from './mode.js';
import { edgeOf, type Grad, Node, type OutputMeta } from './node.js';
import { type AnyGradient, isTensorLike, OpNode } from './opNode.js';

export { isTensorLike };

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

/**
 * All gradients of an op at once, where one pass over the data makes several: the list has one for each input, and
 * those with `wanted(i)` false are not looked at.
 */
export type JointFormula<S extends readonly unknown[]> = (
  grad: Tensor,
  wanted: (input: number) => boolean,
  ...saved: S
) => readonly Grad[];

/** Stands in a list of inputs for what is no tensor. */
type Input = Tensor | number | bigint | boolean | object | null | undefined;

/** Whether an op on these inputs is recorded. */
export function needsRecord(inputs: readonly Input[]): boolean {
  if (!mode.grad) return false;
  for (const x of inputs) if (isTensorLike(x) && x.requiresGrad) return true;
  return false;
}

function metaOf(y: Tensor): OutputMeta {
  return { shape: y.shape, dtypeInfo: y.dtypeInfo };
}

/** Where the inputs came from: their nodes, and which outputs of those they are (null where all are the first). */
function edgesOf(inputs: readonly Input[], edges: (Node | null)[]): number[] | null {
  let edgeOutputs: number[] | null = null;
  for (let i = 0; i < inputs.length; i++) {
    const x = inputs[i];
    if (!isTensorLike(x)) {
      edges.push(null);
      continue;
    }
    const edge = edgeOf(x);
    edges.push(edge);
    if (edge !== null && x.outputIndex !== 0) {
      edgeOutputs ??= new Array<number>(inputs.length).fill(0);
      edgeOutputs[i] = x.outputIndex;
    }
  }
  return edgeOutputs;
}

function makeNode(
  name: string,
  output: OutputMeta,
  outputs: readonly OutputMeta[] | null,
  inputs: readonly Input[],
  saved: readonly unknown[],
  gradients: readonly AnyGradient[],
  many: boolean,
): OpNode {
  const edges: (Node | null)[] = [];
  const edgeOutputs = edgesOf(inputs, edges);
  return new OpNode(name, edges, edgeOutputs, output, outputs, saved, gradients, many);
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
  return needsRecord(inputs) ? recordNeeded(name, output, inputs, saved, gradients) : output;
}

/** {@link record} where recording is known to be on and an input to need a gradient. */
export function recordNeeded<const S extends readonly unknown[]>(
  name: string,
  output: Tensor,
  inputs: readonly Input[],
  saved: S,
  gradients: readonly Gradient<S>[],
): Tensor {
  if (!output.dtypeInfo.isDifferentiable) return output;
  output.setHistory(makeNode(name, metaOf(output), null, inputs, saved, gradients as readonly AnyGradient[], false), 0);
  return output;
}

/** {@link record} with one formula for the gradients of all inputs. */
export function recordJoint<const S extends readonly unknown[]>(
  name: string,
  output: Tensor,
  inputs: readonly Input[],
  saved: S,
  gradients: JointFormula<S>,
): Tensor {
  if (!needsRecord(inputs) || !output.dtypeInfo.isDifferentiable) return output;
  output.setHistory(makeJointNode(name, metaOf(output), null, inputs, saved, gradients as unknown), 0);
  return output;
}

/** {@link recordJoint} for an op with several outputs, all differentiable; the formula gets all their gradients. */
export function recordJointMany<const S extends readonly unknown[], O extends readonly Tensor[]>(
  name: string,
  outputs: O,
  inputs: readonly Input[],
  saved: S,
  gradients: (grads: readonly Grad[], wanted: (input: number) => boolean, ...saved: S) => readonly Grad[],
): O {
  if (!needsRecord(inputs)) return outputs;
  const metas = outputs.map(metaOf);
  const node = makeJointNode(name, metas[0]!, metas, inputs, saved, gradients as unknown);
  for (const [i, output] of outputs.entries()) output.setHistory(node, i);
  return outputs;
}

function makeJointNode(
  name: string,
  output: OutputMeta,
  outputs: readonly OutputMeta[] | null,
  inputs: readonly Input[],
  saved: readonly unknown[],
  formula: unknown,
): JointNode {
  const edges: (Node | null)[] = [];
  const edgeOutputs = edgesOf(inputs, edges);
  return new JointNode(name, edges, edgeOutputs, output, outputs, saved, formula as AnyJointFormula);
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
  const metas = outputs.map(metaOf);
  const node = makeNode(name, metas[0]!, metas, inputs, saved, gradients as readonly AnyGradient[], true);
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
  const node = makeNode(name, metaOf(x), null, inputs, saved, gradients as readonly AnyGradient[], false);
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
    super('CopySlices', [edgeOf(base), ...op.edges.slice(1)], outputs, metaOf(base));
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
