import { noGrad } from '../../autograd/mode.js';
import { fromTypedArray } from '../../creation.js';
import * as nn from '../../nn/index.js';
import * as optim from '../../optim/index.js';
import type { Tensor } from '../../tensor.js';
import * as spec from './spec.js';

/** A training step to time: `run` does one and keeps its loss. */
export interface Training {
  run(): void;
  /** The loss of the last step. */
  loss(): number;
  /** Forward only, on the first batch. */
  infer(): Tensor;
}

function fill(target: Tensor, values: Float32Array): void {
  noGrad(() => target.copy_(fromTypedArray(values).reshape(target.shape as number[])));
}

function loadLinear(layer: nn.Linear, data: spec.LinearData): void {
  fill(layer.weight, data.weight);
  if (layer.bias !== null) fill(layer.bias, data.bias);
}

interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** The loop of the documentation: forward, loss, zeroGrad, backward, step; batches cycled. */
function training(
  model: (x: Tensor) => Tensor,
  loss: (output: Tensor, y: Tensor) => Tensor,
  optimizer: { zeroGrad(): void; step(): unknown },
  batches: readonly Batch[],
): Training {
  let step = 0;
  let last: Tensor | null = null;
  return {
    run() {
      const { x, y } = batches[step++ % batches.length]!;
      const value = loss(model(x), y);
      optimizer.zeroGrad();
      value.backward();
      optimizer.step();
      last = value;
    },
    loss: () => last!.item(),
    infer: () => noGrad(() => model(batches[0]!.x)),
  };
}

const labels = (y: Int32Array): Tensor => fromTypedArray(y).to('int64');

export function xor(): Training {
  const data = spec.xor();
  const model = new nn.Sequential(new nn.Linear(2, 4), new nn.Tanh(), new nn.Linear(4, 1));
  loadLinear(model.at(0) as nn.Linear, data.layers[0]!);
  loadLinear(model.at(2) as nn.Linear, data.layers[1]!);
  const batch = { x: fromTypedArray(data.x).reshape(data.n, 2), y: fromTypedArray(data.y).reshape(data.n, 1) };
  const loss = new nn.BCEWithLogitsLoss();
  return training(model, loss, new optim.SGD(model.parameters(), { lr: 0.1 }), [batch]);
}

export function mlp(): Training {
  const data = spec.mlp();
  const model = new nn.Sequential(
    new nn.Linear(784, 512),
    new nn.ReLU(),
    new nn.Linear(512, 256),
    new nn.ReLU(),
    new nn.Linear(256, 10),
  );
  for (const [i, layer] of data.layers.entries()) loadLinear(model.at(2 * i) as nn.Linear, layer);
  const batches = data.batches.map(({ x, y }) => ({ x: fromTypedArray(x).reshape(data.batch, 784), y: labels(y) }));
  const optimizer = new optim.Adam(model.parameters(), { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8 });
  return training(model, new nn.CrossEntropyLoss(), optimizer, batches);
}

export function cnn(): Training {
  const data = spec.cnn();
  const convolutions = [new nn.Conv2d(1, 32, 3), new nn.Conv2d(32, 64, 3)] as const;
  const linears = [new nn.Linear(9216, 128), new nn.Linear(128, 10)] as const;
  const model = new nn.Sequential(
    convolutions[0],
    new nn.ReLU(),
    convolutions[1],
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    linears[0],
    new nn.ReLU(),
    linears[1],
  );
  for (const [i, layer] of convolutions.entries()) {
    fill(layer.weight, data.conv[i]!.weight);
    fill(layer.bias!, data.conv[i]!.bias);
  }
  for (const [i, layer] of linears.entries()) loadLinear(layer, data.layers[i]!);
  const batches = data.batches.map(({ x, y }) => ({
    x: fromTypedArray(x).reshape(data.batch, 1, 28, 28),
    y: labels(y),
  }));
  const optimizer = new optim.SGD(model.parameters(), { lr: 0.01, momentum: 0.9 });
  return training(model, new nn.CrossEntropyLoss(), optimizer, batches);
}

class Block extends nn.Module {
  ln1: nn.LayerNorm;
  qkv: nn.Linear;
  proj: nn.Linear;
  ln2: nn.LayerNorm;
  fc: nn.Linear;
  out: nn.Linear;

  constructor(
    readonly width: number,
    readonly heads: number,
  ) {
    super();
    this.ln1 = new nn.LayerNorm(width);
    this.qkv = new nn.Linear(width, 3 * width);
    this.proj = new nn.Linear(width, width);
    this.ln2 = new nn.LayerNorm(width);
    this.fc = new nn.Linear(width, 4 * width);
    this.out = new nn.Linear(4 * width, width);
  }

  override forward(x: Tensor): Tensor {
    const [batch, context, width] = x.shape as [number, number, number];
    const split = (part: Tensor) => part.view(batch, context, this.heads, width / this.heads).transpose(1, 2);
    const [q, k, v] = this.qkv(this.ln1(x)).split(width, 2).map(split) as [Tensor, Tensor, Tensor];
    const attended = nn.functional.scaledDotProductAttention(q, k, v, { isCausal: true });
    const merged = attended.transpose(1, 2).reshape(batch, context, width);
    const y = x.add(this.proj(merged));
    return y.add(this.out(nn.functional.gelu(this.fc(this.ln2(y)), { approximate: 'tanh' })));
  }
}

class CharGpt extends nn.Module {
  wte: nn.Embedding;
  wpe: nn.Embedding;
  blocks: nn.ModuleList;
  lnf: nn.LayerNorm;
  head: nn.Linear;
  positions: Tensor;

  constructor(data: ReturnType<typeof spec.gpt>) {
    super();
    this.wte = new nn.Embedding(data.vocabulary, data.width);
    this.wpe = new nn.Embedding(data.context, data.width);
    this.blocks = new nn.ModuleList(data.blocks.map(() => new Block(data.width, data.heads)));
    this.lnf = new nn.LayerNorm(data.width);
    this.head = new nn.Linear(data.width, data.vocabulary, { bias: false });
    this.positions = labels(Int32Array.from({ length: data.context }, (_, i) => i));
  }

  override forward(tokens: Tensor): Tensor {
    let x = this.wte(tokens).add(this.wpe(this.positions));
    for (const block of this.blocks) x = (block as Block)(x);
    return this.head(this.lnf(x));
  }
}

export function gpt(): Training {
  const data = spec.gpt();
  const model = new CharGpt(data);
  fill(model.wte.weight, data.tokens);
  fill(model.wpe.weight, data.positions);
  fill(model.head.weight, data.head);
  for (const [i, block] of data.blocks.entries()) {
    const target = model.blocks.at(i) as Block;
    loadLinear(target.qkv, block.qkv);
    loadLinear(target.proj, block.proj);
    loadLinear(target.fc, block.fc);
    loadLinear(target.out, block.out);
  }
  const batches = data.batches.map(({ x, y }) => ({ x: labels(x).reshape(data.batch, data.context), y: labels(y) }));
  const optimizer = new optim.AdamW(model.parameters(), { lr: 1e-3, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0.1 });
  const loss = (output: Tensor, y: Tensor) => nn.functional.crossEntropy(output.view(-1, data.vocabulary), y);
  return training(model, loss, optimizer, batches);
}
