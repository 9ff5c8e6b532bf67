import { describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';

const { dot, renderSvg } = ng.viz;

/** The labels of the boxes and the arrows between labels, of text from dot(). */
function graphOf(text: string): { boxes: Map<string, string>; arrows: string[] } {
  expect(text.startsWith('digraph {') && text.endsWith('}\n')).toBe(true);
  const labels = new Map<string, string>();
  const boxes = new Map<string, string>();
  for (const [, id, label, colour] of text.matchAll(
    /^ {2}(n\d+) \[label="((?:[^"\\]|\\.)*)"(?: fillcolor=(\w+))?\]$/gm,
  )) {
    expect(labels.has(id!)).toBe(false);
    labels.set(id!, label!);
    boxes.set(label!, colour ?? 'lightgrey');
  }
  const arrows = Array.from(text.matchAll(/^ {2}(n\d+) -> (n\d+)$/gm), ([, from, to]) => {
    return `${labels.get(from!)} → ${labels.get(to!)}`;
  });
  return { boxes, arrows: arrows.sort() };
}

describe('dot', () => {
  it('draws ops, named leaves and results', () => {
    const model = new ng.nn.Linear(3, 2);
    const y = model(ng.ones(1, 3)).pow(2).mean();
    const { boxes, arrows } = graphOf(dot(y, { params: model }));
    expect(boxes.get('weight\\n(2, 3)')).toBe('lightblue');
    expect(boxes.get('bias\\n(2)')).toBe('lightblue');
    expect(boxes.get('()')).toBe('darkolivegreen1');
    expect(arrows).toContain('MeanBackward0 → ()');
    expect(arrows).toContain('PowBackward0 → MeanBackward0');
    expect(arrows.filter((arrow) => arrow.startsWith('bias'))).toEqual(['bias\\n(2) → AddmmBackward0']);
  });

  it('draws what is shared once, several results, names by Map or object', () => {
    const x = ng.ones(2, { requiresGrad: true });
    const shared = x.exp();
    const text = dot([shared.sum(), shared.mul(x)], { params: { 'a "b"': x } });
    const { boxes, arrows } = graphOf(text);
    expect(boxes.get('a \\"b\\"\\n(2)')).toBe('lightblue');
    expect(arrows).toEqual(
      [
        'ExpBackward0 → MulBackward0',
        'ExpBackward0 → SumBackward0',
        'MulBackward0 → (2)',
        'SumBackward0 → ()',
        'a \\"b\\"\\n(2) → ExpBackward0',
        'a \\"b\\"\\n(2) → MulBackward0',
      ].sort(),
    );
    expect(dot([shared.sum(), shared.mul(x)], { params: new Map([['a "b"', x]]) }).length).toBe(text.length);
  });

  it('takes a tensor without a graph, deep graphs, and refuses the rest', () => {
    expect(graphOf(dot(ng.ones(3))).arrows).toEqual([]);
    let y = ng.ones(1, { requiresGrad: true });
    for (let i = 0; i < 20_000; i++) y = y.neg();
    expect(graphOf(dot(y)).arrows.length).toBe(20_001);
    expect(() => dot(3 as never)).toThrow(TypeError);
    expect(() => dot([ng.ones(1), 'x' as never])).toThrow(/dot: string x is no Tensor/);
  });
});

describe('renderSvg', () => {
  it('draws the graph', async () => {
    const x = ng.ones(2, { requiresGrad: true });
    const svg = await renderSvg(x.sin().sum(), { params: { 'x & y': x } });
    expect(svg).toMatch(/<svg[\s\S]*SinBackward0[\s\S]*<\/svg>\s*$/);
    expect(svg).toContain('x &amp; y');
    expect(svg.match(/<polygon/g)!.length).toBeGreaterThan(4);
  });
});
