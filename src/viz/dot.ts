import { AccumulateGrad, type Node } from '../autograd/node.js';
import { importOptional } from '../data/optional.js';
import { typeError } from '../errors.js';
import { Module } from '../nn/module.js';
import { isOptions } from '../ops/options.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';

/** What the graph shows. */
export interface DotOptions {
  /** Names for leaves: a module, whose parameters have names, or tensors by name. */
  params?:
    | Module
    | ReadonlyMap<string, Tensor>
    | Iterable<readonly [string, Tensor]>
    | Readonly<Record<string, Tensor>>;
}

function namesOf(params: DotOptions['params']): Map<Tensor, string> {
  if (params === undefined) return new Map();
  const entries: Iterable<readonly [string, Tensor]> =
    params instanceof Module
      ? params.namedParameters()
      : isOptions(params)
        ? Object.entries(params as Record<string, Tensor>)
        : (params as Iterable<readonly [string, Tensor]>);
  return new Map(Array.from(entries, ([name, x]) => [x, name] as const));
}

/** A text in Graphviz's quotes. */
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
const sizeText = (shape: readonly number[]): string => `(${shape.join(', ')})`;

/**
 * The graph that made a tensor (or several), as text for Graphviz: boxes for ops, blue ones for leaves with their sizes,
 * green ones for the results. As torchviz's `make_dot` draws it.
 *
 * @example writeFileSync('graph.dot', ng.viz.dot(loss, { params: model }))
 * @throws TypeError for what is no tensor
 */
export function dot(outputs: Tensor | readonly Tensor[], options: DotOptions = {}): string {
  const list = outputs instanceof Tensor ? [outputs] : [...outputs];
  for (const x of list) if (!(x instanceof Tensor)) throw typeError(`dot: ${describe(x)} is no Tensor.`);
  const names = namesOf(options.params);
  const lines: string[] = [];
  const ids = new Map<Node | Tensor, string>();
  const idOf = (item: Node | Tensor): string => {
    let id = ids.get(item);
    if (id === undefined) {
      id = `n${ids.size}`;
      ids.set(item, id);
    }
    return id;
  };
  const leaf = (x: Tensor, colour: string): string => {
    const known = ids.has(x);
    const id = idOf(x);
    if (!known) {
      const name = names.get(x);
      const label = name === undefined ? sizeText(x.shape) : `${name}\n${sizeText(x.shape)}`;
      lines.push(`  ${id} [label=${quoted(label)} fillcolor=${colour}]`);
    }
    return id;
  };
  const seen = new Set<Node>();
  const open: Node[] = [];
  const visit = (node: Node): string => {
    if (node instanceof AccumulateGrad) return leaf(node.variable, 'lightblue');
    if (!seen.has(node)) {
      seen.add(node);
      open.push(node);
    }
    return idOf(node);
  };
  for (const x of list) {
    const result = leaf(x, 'darkolivegreen1');
    if (x.gradFn !== null) lines.push(`  ${visit(x.gradFn)} -> ${result}`);
  }
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    lines.push(`  ${idOf(node)} [label=${quoted(node.name)}]`);
    for (const [input] of node.nextFunctions) if (input !== null) lines.push(`  ${visit(input)} -> ${idOf(node)}`);
  }
  return `digraph {
  graph [size="12,12" ranksep=0.1]
  node [shape=box style=filled fillcolor=lightgrey fontname=monospace fontsize=10 height=0.2]
${lines.join('\n')}
}
`;
}

/** What is used of @viz-js/viz. */
interface VizJs {
  instance(): Promise<{ renderString(input: string, options: { format: string; engine: string }): string }>;
}

/**
 * The picture of {@link dot} as SVG, drawn by the package @viz-js/viz.
 * @example writeFileSync('graph.svg', await ng.viz.renderSvg(loss, { params: model }))
 * @throws Error where the package is not installed
 */
export async function renderSvg(outputs: Tensor | readonly Tensor[], options: DotOptions = {}): Promise<string> {
  const text = dot(outputs, options);
  const { instance } = await importOptional<VizJs>('renderSvg', '@viz-js/viz', 'drawing graphs');
  return (await instance()).renderString(text, { format: 'svg', engine: 'dot' });
}
