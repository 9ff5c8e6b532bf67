import { type Grad, Node, type OutputMeta } from './node.js';
import { checkUnchanged, freedError, versionsOf } from './opNode.js';

/** All gradients of an op at once from the output's (or all outputs'); `wanted` says which inputs' are looked at. */
export type AnyJointFormula = (
  grad: unknown,
  wanted: (input: number) => boolean,
  ...saved: unknown[]
) => readonly Grad[];

/** An op with one formula for all inputs. */
export class JointNode extends Node {
  #saved: readonly unknown[] | null;
  readonly #versions: readonly number[];
  readonly #formula: AnyJointFormula;
  readonly #many: boolean;

  constructor(
    name: string,
    edges: (Node | null)[],
    edgeOutputs: number[] | null,
    output: OutputMeta,
    /** Of an op with several, whose formula takes the gradients of all. */
    outputs: readonly OutputMeta[] | null,
    saved: readonly unknown[],
    formula: AnyJointFormula,
  ) {
    super(name, edges, edgeOutputs, output, outputs);
    this.#many = outputs !== null;
    this.#saved = saved;
    this.#versions = versionsOf(saved);
    this.#formula = formula;
  }

  override apply(grads: readonly Grad[], wanted: (input: number) => boolean): readonly Grad[] {
    const saved = this.#saved;
    if (saved === null) throw freedError(this.name);
    for (let i = 0; i < saved.length; i++) checkUnchanged(this.name, saved[i], this.#versions[i]!);
    return this.#formula(
      this.#many ? grads : grads[0],
      (input) => this.edges[input] !== null && wanted(input),
      ...saved,
    );
  }

  override release(): void {
    this.#saved = null;
  }
}
