import { recycle, type Storage, setTracked } from '../storage.js';
import type { Tensor } from '../tensor.js';
import { accumulate, fitted } from './arriving.js';
import { handOut, postHooks, preHooks } from './hooking.js';
import { mode } from './mode.js';
import { clearNeeded, leadsOn, markNeeded } from './needed.js';
import { AccumulateGrad, type Grad, type Node } from './node.js';
import { OpNode } from './opNode.js';
import { Queue } from './queue.js';
import { checkNaN, withSite } from './site.js';

/** Where a run's gradients end: `.grad` of every leaf, or the values of some tensors. */
export interface Capture {
  readonly node: Node;
  readonly output: number;
  value: Grad;
}

/** The runs under way: more than one when a hook or a user's function runs backward itself. */
const running: Queue[] = [];

interface RunOptions {
  readonly keepGraph: boolean;
  readonly createGraph: boolean;
  /** null: accumulate into every leaf. */
  readonly captures: Capture[] | null;
  /** Of `captures`, those leaves into whose `.grad` to accumulate. */
  readonly accumulate: boolean;
}

/** One backward pass: gradients go from high node numbers to low; every arriving gradient is added, never put over another. */
export class Run {
  readonly #queue = new Queue();
  readonly #allocated: Storage[] = [];

  constructor(readonly options: RunOptions) {}

  start(roots: readonly Node[], outputs: readonly number[], grads: readonly Tensor[]): void {
    const { captures } = this.options;
    if (captures !== null)
      markNeeded(
        roots,
        captures.map((capture) => capture.node),
      );
    const resume = running.length === 0 ? null : putAside();
    running.push(this.#queue);
    const gradBefore = mode.grad;
    mode.grad = this.options.createGraph;
    const tracked = setTracked(null);
    try {
      for (let i = 0; i < roots.length; i++) this.#arrive(roots[i]!, outputs[i]!, grads[i]!);
      for (let node = this.#queue.pop(); node !== undefined; node = this.#queue.pop()) {
        if (node.hooks === null && node.outputs === null && !mode.anomaly) this.#stepPlain(node);
        else this.#step(node);
      }
    } finally {
      setTracked(tracked);
      mode.grad = gradBefore;
      running.pop();
      for (const node of this.#queue.nodes()) reset(node);
      resume?.();
      if (captures !== null) clearNeeded(roots);
    }
  }

  #arrive(node: Node, output: number, grad: Tensor): void {
    if (node.outputs === null) {
      node.pending = this.#sum(node.pending, grad);
    } else {
      node.pendingAll ??= new Array<Grad>(node.outputs.length).fill(null);
      node.pendingAll[output] = this.#sum(node.pendingAll[output] ?? null, grad);
    }
    if (!node.queued) this.#queue.push(node);
  }

  #sum(before: Grad, grad: Tensor): Tensor {
    if (before === null) {
      grad.storage.references++;
      return grad;
    }
    const { storage } = before;
    // Only this slot stands on it and only the engine made it: add in place.
    if (
      !this.options.createGraph &&
      storage.engineOwned &&
      storage.references === 1 &&
      before.isDense &&
      before.dtypeInfo === grad.dtypeInfo
    ) {
      before.add_(grad);
      this.#freeUnused(grad.storage);
      return before;
    }
    const list = this.options.createGraph ? null : this.#allocated;
    const tracked = setTracked(list);
    const total = before.add(grad);
    setTracked(tracked);
    total.storage.references++;
    this.#let(storage);
    this.#freeUnused(grad.storage);
    return total;
  }

  /** A slot stands on `storage` no more. */
  #let(storage: Storage): void {
    storage.references--;
    this.#freeUnused(storage);
  }

  #freeUnused(storage: Storage): void {
    if (storage.engineOwned && storage.references === 0) recycle(storage);
  }

  /** {@link #step} for a node of one output without hooks: nearly every one. */
  #stepPlain(node: Node): void {
    const grad = node.pending!;
    node.queued = false;
    node.pending = null;
    const { captures, accumulate: accumulates } = this.options;
    if (captures !== null) for (const capture of captures) if (capture.node === node) capture.value = handOut(grad);
    if (node instanceof AccumulateGrad) {
      if (captures === null || accumulates) accumulate(node.variable, grad, this.options.createGraph);
    } else if (captures === null || leadsOn(node)) {
      if (node instanceof OpNode) this.#applyOp(node, grad);
      else this.#apply(node, [grad]);
    }
    this.#let(grad.storage);
    if (this.#allocated.length > 0) this.#sweep();
  }

  #applyOp(node: OpNode, grad: Tensor): void {
    const { captures, keepGraph, createGraph } = this.options;
    const { edges } = node;
    node.checkNotFreed();
    if (!createGraph) setTracked(this.#allocated);
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i]!;
      if (edge === null || !(captures === null || edge.needed)) continue;
      const result = node.gradientOf(i, grad);
      if (result === null || result === undefined) continue;
      const output = node.outputOf(i);
      this.#arrive(edge, output, fitted(node, result, edge.meta(output)));
    }
    setTracked(null);
    if (!keepGraph) node.release();
  }

  #step(node: Node): void {
    node.queued = false;
    const grads: Grad[] = node.pendingAll ?? [node.pending];
    node.pending = null;
    node.pendingAll = null;
    const standing = grads.map((grad) => grad?.storage ?? null);
    const hooked = node.hooks === null ? grads : preHooks(node, grads, this.options.createGraph);
    const { captures } = this.options;
    if (captures !== null) {
      for (const capture of captures) {
        if (capture.node === node) capture.value = handOut(hooked[capture.output] ?? null);
      }
    }
    if (node instanceof AccumulateGrad) {
      if (hooked[0] && (captures === null || this.options.accumulate))
        accumulate(node.variable, hooked[0], this.options.createGraph);
    } else if (captures === null || leadsOn(node)) {
      this.#apply(node, hooked);
    }
    for (const storage of standing) if (storage !== null) this.#let(storage);
    this.#sweep();
  }

  #apply(node: Node, grads: readonly Grad[]): void {
    const { captures, keepGraph, createGraph } = this.options;
    const wanted = captures === null ? always : (i: number) => node.edges[i]!.needed;
    const list = createGraph || node.runsUserCode ? null : this.#allocated;
    const tracked = setTracked(list);
    let results: readonly Grad[];
    try {
      results = node.apply(grads, wanted);
      if (node.hooks !== null && node.hooks.post.size > 0) results = postHooks(node, results, grads);
      if (mode.anomaly) checkNaN(node, results);
      // One may be the gradient of several inputs: none is free before the last has taken it.
      for (const result of results) if (result) result.storage.references++;
      for (let i = 0; i < results.length; i++) {
        const result = results[i];
        const edge = node.edges[i] ?? null;
        if (result === null || result === undefined || edge === null || !wanted(i)) continue;
        const output = node.outputOf(i);
        this.#arrive(edge, output, fitted(node, result, edge.meta(output)));
      }
      for (const result of results) if (result) this.#let(result.storage);
    } catch (error) {
      throw mode.anomaly ? withSite(error, node) : error;
    } finally {
      setTracked(tracked);
    }
    if (!keepGraph) node.release();
  }

  /** What the step allocated and no gradient stands on is free again. */
  #sweep(): void {
    const list = this.#allocated;
    for (let storage = list.pop(); storage !== undefined; storage = list.pop()) this.#freeUnused(storage);
  }
}

const always = (): boolean => true;

/**
 * A run inside a run may meet nodes that wait in the outer one: what they hold is put aside, until the returned
 * function gives it back.
 */
function putAside(): () => void {
  const waiting = running.flatMap((queue) => queue.nodes());
  const aside = waiting.map((node) => [node, node.pending, node.pendingAll, node.queued] as const);
  for (const node of waiting) reset(node);
  return () => {
    for (const [node, pending, pendingAll, queued] of aside) {
      node.pending = pending;
      node.pendingAll = pendingAll;
      node.queued = queued;
    }
  };
}

function reset(node: Node): void {
  node.pending = null;
  node.pendingAll = null;
  node.queued = false;
}
