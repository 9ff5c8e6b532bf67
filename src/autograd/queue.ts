import { AccumulateGrad, type Node } from './node.js';

/** A max-heap of nodes by id, with the leaves' accumulators kept apart for the end. */
export class Queue {
  readonly #heap: Node[] = [];
  readonly #leaves: Node[] = [];

  push(node: Node): void {
    node.queued = true;
    if (node instanceof AccumulateGrad) {
      this.#leaves.push(node);
      return;
    }
    const heap = this.#heap;
    let i = heap.length;
    heap.push(node);
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (heap[parent]!.id >= node.id) break;
      heap[i] = heap[parent]!;
      i = parent;
    }
    heap[i] = node;
  }

  pop(): Node | undefined {
    const heap = this.#heap;
    if (heap.length === 0) return this.#leaves.pop();
    const top = heap[0]!;
    const last = heap.pop()!;
    const n = heap.length;
    if (n > 0) {
      let i = 0;
      for (;;) {
        let child = 2 * i + 1;
        if (child >= n) break;
        if (child + 1 < n && heap[child + 1]!.id > heap[child]!.id) child++;
        if (heap[child]!.id <= last.id) break;
        heap[i] = heap[child]!;
        i = child;
      }
      heap[i] = last;
    }
    return top;
  }

  nodes(): Node[] {
    return [...this.#heap, ...this.#leaves];
  }
}
