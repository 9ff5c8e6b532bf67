/** Which nodes a backward run with given inputs has to go through. */
import { AccumulateGrad, type Node } from './node.js';

/** Marks every node from which one of `targets` is reached, without recursion. */
export function markNeeded(roots: readonly Node[], targets: readonly Node[]): void {
  const wanted = new Set(targets);
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack = [...roots];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (seen.has(node)) continue;
    seen.add(node);
    order.push(node);
    for (const edge of node.edges) if (edge !== null && !seen.has(edge)) stack.push(edge);
  }
  // An input's node has a lower number, so that it is decided first.
  order.sort((a, b) => rank(a) - rank(b));
  for (const node of order) node.needed = wanted.has(node) || leadsOn(node);
}

function rank(node: Node): number {
  return node instanceof AccumulateGrad ? 0 : node.id;
}

/** Whether a marked node is reached from this one. */
export function leadsOn(node: Node): boolean {
  for (const edge of node.edges) if (edge?.needed) return true;
  return false;
}

/** Takes the marks away. */
export function clearNeeded(roots: readonly Node[]): void {
  const stack = [...roots];
  while (stack.length > 0) {
    const node = stack.pop()!;
    if (!node.needed) continue;
    node.needed = false;
    for (const edge of node.edges) if (edge?.needed) stack.push(edge);
  }
}
