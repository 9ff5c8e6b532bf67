import type { Tensor } from '../tensor.js';
import { type Grad, Node, type OutputMeta } from './node.js';
import { checkUnchanged, freedError, versionsOf } from './opNode.js';

/** All gradients of an op at once; `wanted` says which inputs' are looked at. */
export type AnyJointFormula = (
  grad: Tensor,
  wanted: (input: number) => boolean,
  ...saved: unknown[]
) => readonly Grad[];

/** An op with one formula for all inputs. */
export class JointNode extends Node {
  #saved: readonly unknown[] | null;
  readonly #versions: readonly number[];
  readonly #formula: AnyJointFormula;

  constructor(
    name: string,
    edges: (Node | null)[],
    edgeOutputs: number[] | null,
    output: OutputMeta,
    saved: readonly unknown[],
    formula: AnyJointFormula,
  ) {
    super(name, edges, edgeOutputs, output, null);
    this.#saved = saved;
    this.#versions = versionsOf(saved);
    this.#formula = formula;
  }

  override apply(grads: readonly Grad[], wanted: (input: number) => boolean): readonly Grad[] {
    const saved = this.#saved;
    if (saved === null) throw freedError(this.name);
    for (let i = 0; i < saved.length; i++) checkUnchanged(this.name, saved[i], this.#versions[i]!);
    return this.#formula(grads[0]!, (input) => this.edges[input] !== null && wanted(input), ...saved);
  }

  override release(): void {
    this.#saved = null;
  }
}
