import { beforeEach, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { expectClose } from '../close.js';

const { nn } = ng;
beforeEach(() => void ng.manualSeed(1));

describe('MultiheadAttention', () => {
  it('is softmax of scaled scores, by heads', () => {
    const attention = new nn.MultiheadAttention(4, 2);
    const x = ng.randn(3, 1, 4);
    const [output, weights] = attention(x, x, x, { averageAttnWeights: false });
    const projected = nn.functional.linear(x.squeeze(1), attention.inProjWeight!, attention.inProjBias);
    const heads = [0, 1].map((head) => {
      const [q, k, v] = [0, 1, 2].map((part) => projected.narrow(1, 4 * part + 2 * head, 2)) as [
        ng.Tensor,
        ng.Tensor,
        ng.Tensor,
      ];
      const each = nn.functional.softmax(q.mm(k.t()).div(Math.sqrt(2)), -1);
      expectClose(weights!.at(0, head), each);
      return each.mm(v);
    });
    expectClose(output.squeeze(1), attention.outProj(ng.cat(heads, 1)));
  });

  it('takes masks of bool and of numbers, for keys and for pairs', () => {
    const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true });
    const x = ng.randn(2, 3, 4);
    const mask = nn.Transformer.generateSquareSubsequentMask(3);
    const [a] = attention(x, x, x, { attnMask: mask });
    const [b] = attention(x, x, x, null, true, mask.eq(Number.NEGATIVE_INFINITY));
    expectClose(a, b);
    expectClose(a.at(':', 0), attention(x.at(':', ':1'), x.at(':', ':1'), x.at(':', ':1'))[0].at(':', 0));
    const keyPaddingMask = ng.tensor([
      [false, false, true],
      [false, true, true],
    ]);
    const [padded, weights] = attention(x, x, x, { keyPaddingMask, attnMask: mask });
    expect((weights!.at(1, ':', '1:').tolist() as number[][]).flat().every((weight) => weight === 0)).toBe(true);
    const numbers = ng.zeros(2, 3).maskedFill(keyPaddingMask, Number.NEGATIVE_INFINITY);
    expectClose(attention(x, x, x, { keyPaddingMask: numbers, attnMask: mask })[0], padded);
    expect(attention(x, x, x, { needWeights: false })[1]).toBeNull();
  });

  it('refuses what does not fit', () => {
    const attention = new nn.MultiheadAttention(4, 2);
    const x = ng.ones(3, 1, 4);
    expect(() => new nn.MultiheadAttention(4, 3)).toThrow(/divisible/);
    expect(() => attention(ng.ones(3), x, x)).toThrow(/2D or batched 3D/);
    expect(() => attention(x, ng.ones(3, 4), x)).toThrow(/expected key and value to be 3-D/);
    expect(() => attention(x, x, ng.ones(2, 1, 4))).toThrow(/key shape \[3, 1, 4\] does not match value shape/);
    expect(() => attention(ng.ones(3, 1, 6), x, x)).toThrow(/expecting embedding dimension of 4, but got 6/);
    expect(() => attention(x, x, x, { attnMask: ng.ones(2, 3) })).toThrow(/should be \[3, 3\]/);
    expect(() => attention(x, x, x, { attnMask: ng.ones([3, 3], { dtype: 'int64' }) })).toThrow(/bool and floating/);
    expect(() => attention(x, x, x, { mask: x } as never)).toThrow(/no argument "mask"/);
  });
});

describe('Transformer', () => {
  it('stacks copies of a layer, each with its own parameters', () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, 8, { dropout: 0 });
    const encoder = new nn.TransformerEncoder(layer, 2);
    expect(encoder.parameters()).toHaveLength(2 * layer.parameters().length);
    const x = ng.randn(3, 1, 4);
    expectClose(encoder(x), layer(layer(x)));
    expect([...encoder.stateDict().keys()].slice(0, 3)).toEqual([
      'layers.0.self_attn.in_proj_weight',
      'layers.0.self_attn.in_proj_bias',
      'layers.0.self_attn.out_proj.weight',
    ]);
  });

  it('does not look ahead under a causal mask', () => {
    const model = new nn.Transformer(4, 2, 1, 1, 8, { dropout: 0, batchFirst: true });
    const [source, target] = [ng.randn(1, 3, 4), ng.randn(1, 4, 4)];
    const tgtMask = nn.Transformer.generateSquareSubsequentMask(4);
    const whole = model(source, target, { tgtMask });
    const changed = ng.cat([target.narrow(1, 0, 2), ng.randn(1, 2, 4)], 1);
    expectClose(model(source, changed, { tgtMask }).narrow(1, 0, 2), whole.narrow(1, 0, 2));
  });

  it('takes other activations and refuses sizes that do not fit', () => {
    const layer = new nn.TransformerEncoderLayer(4, 2, { activation: new nn.Tanh() });
    expect(String(layer)).toMatch(/\(activation\): Tanh\(\)/);
    expect(() => new nn.TransformerEncoderLayer(4, 2, { activation: 'tanh' as never })).toThrow(/relu\/gelu/);
    const model = new nn.Transformer(4, 2, 1, 1, 8);
    expect(() => model(ng.ones(3, 1, 4), ng.ones(3, 2, 4))).toThrow(/batch number/);
    expect(() => model(ng.ones(3, 1, 4), ng.ones(3, 1, 6))).toThrow(/feature number/);
  });
});
