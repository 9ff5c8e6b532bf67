import * as ng from 'nodegrad';

const { nn } = ng;
const F = nn.functional;

export interface GptConfig {
  readonly vocabulary: number;
  /** How many characters the model looks back on. */
  readonly context: number;
  readonly layers: number;
  readonly heads: number;
  readonly width: number;
  readonly dropout: number;
}

/** Each place looks at itself and those before it, several times in parallel. */
class CausalSelfAttention extends nn.Module {
  readonly heads: number;
  readonly dropout: number;
  qkv: ng.nn.Linear;
  projection: ng.nn.Linear;

  constructor({ width, heads, dropout }: GptConfig) {
    super();
    this.heads = heads;
    this.dropout = dropout;
    this.qkv = new nn.Linear(width, 3 * width);
    this.projection = new nn.Linear(width, width);
  }

  override forward(x: ng.Tensor): ng.Tensor {
    const [batch, length, width] = x.size();
    const split = (part: ng.Tensor): ng.Tensor => part.view(batch, length, this.heads, -1).transpose(1, 2);
    const [query, key, value] = this.qkv(x).chunk(3, -1).map(split);
    const y = F.scaledDotProductAttention(query, key, value, {
      isCausal: true,
      dropoutP: this.training ? this.dropout : 0,
    });
    return this.projection(y.transpose(1, 2).reshape(batch, length, width));
  }
}

class Block extends nn.Module {
  norm1: ng.nn.LayerNorm;
  attention: CausalSelfAttention;
  norm2: ng.nn.LayerNorm;
  network: ng.nn.Sequential;

  constructor(config: GptConfig) {
    super();
    const { width, dropout } = config;
    this.norm1 = new nn.LayerNorm(width);
    this.attention = new CausalSelfAttention(config);
    this.norm2 = new nn.LayerNorm(width);
    this.network = new nn.Sequential(
      new nn.Linear(width, 4 * width),
      new nn.GELU(),
      new nn.Linear(4 * width, width),
      new nn.Dropout(dropout),
    );
  }

  override forward(x: ng.Tensor): ng.Tensor {
    x = x.add(this.attention(this.norm1(x)));
    return x.add(this.network(this.norm2(x)));
  }
}

/** A decoder-only transformer over characters. */
export class Gpt extends nn.Module {
  readonly config: GptConfig;
  tokens: ng.nn.Embedding;
  places: ng.nn.Embedding;
  dropout: ng.nn.Dropout;
  blocks: ng.nn.ModuleList<Block>;
  norm: ng.nn.LayerNorm;
  head: ng.nn.Linear;

  constructor(config: GptConfig) {
    super();
    const { vocabulary, context, layers, width, dropout } = config;
    this.config = config;
    this.tokens = new nn.Embedding(vocabulary, width);
    this.places = new nn.Embedding(context, width);
    this.dropout = new nn.Dropout(dropout);
    this.blocks = new nn.ModuleList(Array.from({ length: layers }, () => new Block(config)));
    this.norm = new nn.LayerNorm(width);
    this.head = new nn.Linear(width, vocabulary, { bias: false });
    this.apply(initialise);
  }

  /** For ids [batch, length], the scores of each next character: [batch, length, vocabulary]. */
  override forward(ids: ng.Tensor): ng.Tensor {
    let x = this.dropout(this.tokens(ids).add(this.places(ng.arange(ids.size(1)))));
    for (const block of this.blocks) x = block(x);
    return this.head(this.norm(x));
  }

  /**
   * Goes on from `ids` [1, length], one character drawn after the other.
   * @param temperature below 1 prefers what is likely, above 1 what is not
   * @param topK only the so many likeliest characters are drawn; 0: all
   */
  generate(ids: ng.Tensor, count: number, { temperature = 1, topK = 0 } = {}): ng.Tensor {
    const { training } = this;
    this.eval();
    ng.noGrad(() => {
      for (let i = 0; i < count; i++) {
        const recent = ids.at(':', `-${this.config.context}:`);
        let logits = (this as Gpt)(recent).at(':', -1).div(temperature);
        if (topK > 0) {
          const { values } = logits.topk(Math.min(topK, logits.size(-1)));
          logits = logits.maskedFill(logits.lt(values.at(':', '-1:')), Number.NEGATIVE_INFINITY);
        }
        ids = ng.cat([ids, ng.multinomial(F.softmax(logits, -1), 1)], 1);
      }
    });
    this.train(training);
    return ids;
  }
}

function initialise(module: ng.nn.Module): void {
  if (module instanceof nn.Linear || module instanceof nn.Embedding) nn.init.normal_(module.weight, 0, 0.02);
  if (module instanceof nn.Linear && module.bias !== null) nn.init.zeros_(module.bias);
}
