// The model of the train group that is described in words.
import { type AnyTensor, call, callMethod, construct, need } from './library.js';
import type { AnyModule } from './modules.js';

export interface TransformerSpec {
  readonly vocab: number;
  readonly T: number;
  readonly E: number;
  readonly heads: number;
  readonly ff: number;
  readonly layers: number;
  readonly normFirst: boolean;
  readonly activation: string;
}

type ModuleClass = new () => Record<string, unknown>;

/** tok(ids) + pos(0 … T - 1) → TransformerEncoder under a causal mask → LayerNorm → Linear. */
export function characterTransformer(spec: TransformerSpec): AnyModule {
  const Base = need('nn.Module') as unknown as ModuleClass;
  const { vocab, T, E, heads, ff, layers, normFirst, activation } = spec;
  const options = { dimFeedforward: ff, dropout: 0, activation, batchFirst: true, normFirst };
  const layer = construct('nn.TransformerEncoderLayer', E, heads, options);
  class CharacterTransformer extends Base {
    tok = construct('nn.Embedding', vocab, E);
    pos = construct('nn.Embedding', T, E);
    enc = construct('nn.TransformerEncoder', layer, layers);
    ln = construct('nn.LayerNorm', E);
    head = construct('nn.Linear', E, vocab);

    forward(ids: AnyTensor): AnyTensor {
      const apply = (name: string, ...args: unknown[]): AnyTensor =>
        (this as unknown as Record<string, (...args: unknown[]) => AnyTensor>)[name]!(...args);
      const length = ids.shape[1]!;
      const mask = call('triu', call('full', [length, length], Number.NEGATIVE_INFINITY), 1);
      const h = apply('tok', ids).add(apply('pos', call('arange', length)));
      return apply('head', apply('ln', callMethod(this, 'enc', h, mask)));
    }
  }
  return new CharacterTransformer() as unknown as AnyModule;
}
