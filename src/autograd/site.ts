/** What anomaly mode says of a gradient that went wrong. */
import { autogradError } from '../errors.js';
import type { Grad, Node } from './node.js';

/** @throws Error that names the node, where one of its results has a NaN */
export function checkNaN(node: Node, results: readonly Grad[]): void {
  for (const [i, grad] of results.entries()) {
    if (grad?.toTypedArray().some((value) => Number.isNaN(value)))
      throw autogradError(`Function '${node.name}' returned nan values in its ${i}th output.`);
  }
}

/** The error with the forward call that recorded the node. */
export function withSite(error: unknown, node: Node): unknown {
  if (!(error instanceof Error) || error.message.includes('Forward call')) return error;
  const site = node.site ?? '    (recorded outside anomaly mode)';
  error.message += `\nForward call of ${node.name} that caused the error:\n${site}`;
  return error;
}
