import { autogradError } from '../errors.js';
import type { Storage } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { type Grad, Node, type OutputMeta } from './node.js';

/** A gradient formula as a node keeps it: of the output's gradient (or all outputs') and what was saved. */
export type AnyFormula = (grad: unknown, ...saved: unknown[]) => Grad;
/** A bare function looks at all that is saved; null: no gradient. */
export type AnyGradient = AnyFormula | { readonly uses: readonly number[]; readonly formula: AnyFormula } | null;

/** Told apart by a field only tensors have, since a class import would go against the layers. */
export function isTensorLike(value: unknown): value is Tensor {
  return typeof value === 'object' && value !== null && (value as Tensor).viewBase !== undefined;
}

/** An op with a formula for each input. */
export class OpNode extends Node {
  /** What the formulas look at; null where they look at nothing. */
  #saved: readonly unknown[] | null;
  /** The saved tensors' versions when they were saved. */
  readonly #versions: number[] | null;
  readonly #gradients: readonly AnyGradient[];
  #freed = false;

  constructor(
    name: string,
    edges: (Node | null)[],
    edgeOutputs: number[] | null,
    output: OutputMeta,
    outputs: readonly OutputMeta[] | null,
    saved: readonly unknown[],
    gradients: readonly AnyGradient[],
    /** Whether the formulas take the gradients of all outputs. */
    readonly many: boolean,
  ) {
    super(name, edges, edgeOutputs, output, outputs);
    this.#gradients = gradients;
    const kept = saved.length === 0 ? null : keepNeeded(saved, gradients, edges);
    this.#saved = kept;
    this.#versions = kept === null ? null : versionsOf(kept);
  }

  /** An output saved by the in-place op that made it counts from the version after the write. */
  savedAfterWrite(storage: Storage): void {
    this.#saved?.forEach((value, i) => {
      if (isTensorLike(value) && value.storage === storage) this.#versions![i] = storage.version;
    });
  }

  override apply(grads: readonly Grad[], wanted: (input: number) => boolean): readonly Grad[] {
    this.checkNotFreed();
    const out: Grad[] = [];
    const grad = this.many ? grads : grads[0];
    for (let i = 0; i < this.edges.length; i++)
      out.push(this.edges[i] === null || !wanted(i) ? null : this.gradientOf(i, grad));
    return out;
  }

  /** The gradient of one input, from the output's (or, with `many`, the outputs'). */
  gradientOf(input: number, grad: unknown): Grad {
    const gradient = this.#gradients[input];
    if (gradient === null || gradient === undefined) return null;
    const saved = this.#saved;
    const isWhole = typeof gradient === 'function';
    const formula = isWhole ? gradient : gradient.formula;
    if (saved === null) return formula(grad);
    if (isWhole) for (let i = 0; i < saved.length; i++) checkUnchanged(this.name, saved[i], this.#versions![i]!);
    else for (const i of gradient.uses) checkUnchanged(this.name, saved[i], this.#versions![i]!);
    switch (saved.length) {
      case 1:
        return formula(grad, saved[0]);
      case 2:
        return formula(grad, saved[0], saved[1]);
      default:
        return formula(grad, ...saved);
    }
  }

  /** @throws Error when an earlier backward has freed what was saved */
  checkNotFreed(): void {
    if (this.#freed) throw freedError(this.name);
  }

  override release(): void {
    if (this.#saved === null) return;
    this.#saved = null;
    this.#freed = true;
  }
}

/** The error of a second backward through a node that has forgotten what it saved. */
export function freedError(name: string): Error {
  return autogradError(
    `${name}: Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call backward() or autograd.grad(); give retainGraph: true to the first call if you need the graph again.`,
  );
}

/** @throws Error when a saved tensor was written to since it had `version` */
export function checkUnchanged(name: string, value: unknown, version: number): void {
  if (!isTensorLike(value) || value.storage.version === version) return;
  const made = value.gradFn === null ? '' : `, which is output ${value.outputIndex} of ${value.gradFn.name},`;
  throw autogradError(
    `${name}: one of the variables needed for gradient computation has been modified by an inplace operation: [${value.dtype} [${value.shape.join(', ')}]]${made} is at version ${value.storage.version}; expected version ${version} instead. Change the in-place op into one that makes a new tensor, or clone() before it.`,
  );
}

/** The tensors' versions; 0 for what is none. */
export function versionsOf(values: readonly unknown[]): number[] {
  const versions: number[] = [];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    versions.push(isTensorLike(value) ? value.storage.version : 0);
  }
  return versions;
}

/** Keeps of `saved` what the formulas of inputs that need a gradient look at; null for nothing. */
function keepNeeded(
  saved: readonly unknown[],
  gradients: readonly AnyGradient[],
  edges: readonly (Node | null)[],
): readonly unknown[] | null {
  let kept: unknown[] | null = null;
  for (let i = 0; i < gradients.length; i++) {
    const gradient = gradients[i];
    if (gradient === null || gradient === undefined || edges[i] === null) continue;
    if (typeof gradient === 'function') return saved;
    for (const j of gradient.uses) {
      kept ??= new Array<unknown>(saved.length).fill(null);
      kept[j] = saved[j];
    }
  }
  return kept;
}
