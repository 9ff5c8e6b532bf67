// An LSTM reads sequences of different lengths and names each one's kind of curve: sine, square, sawtooth or noise.
//   node --import ./scripts/typescript.mjs examples/lstm/main.ts --steps 300
import * as ng from 'nodegrad';
import { options } from '../options.js';

const { data, nn, optim } = ng;
const { rnn } = nn.utils;
const { steps, hidden } = options({ steps: 300, hidden: 32 });

type Curve = (phase: ng.Tensor) => ng.Tensor;
const KINDS: Readonly<Record<string, Curve>> = {
  sine: (phase) => phase.mul(2 * Math.PI).sin(),
  square: (phase) => phase.frac().sub(0.5).sign(),
  sawtooth: (phase) => phase.frac().mul(2).sub(1),
  noise: (phase) => ng.randnLike(phase),
};
const names = Object.keys(KINDS);

/** Curves without end, each of its own length, frequency and phase, with some noise on them. */
class Curves extends data.IterableDataset<{ curve: ng.Tensor; kind: number }> {
  override *[Symbol.iterator](): Iterator<{ curve: ng.Tensor; kind: number }> {
    for (;;) {
      const kind = ng.randint(0, names.length, [1]).item();
      const length = ng.randint(20, 60, [1]).item();
      const [frequency, start] = ng.rand(2).unbind();
      const phase = ng.arange(length).mul(frequency.mul(0.08).add(0.04)).add(start);
      const curve = KINDS[names[kind]!]!(phase).add(ng.randn(length).mul(0.1));
      yield { curve: curve.unsqueeze(1), kind };
    }
  }
}

/** Pads the curves of a batch to one length and keeps how long each is. */
function collate(samples: { curve: ng.Tensor; kind: number }[]) {
  return {
    curves: rnn.padSequence(
      samples.map(({ curve }) => curve),
      { batchFirst: true },
    ),
    lengths: samples.map(({ curve }) => curve.size(0)),
    kinds: ng.tensor(samples.map(({ kind }) => kind)),
  };
}

class CurveReader extends nn.Module {
  lstm = new nn.LSTM(1, hidden, { numLayers: 2, batchFirst: true, bidirectional: true });
  head = new nn.Linear(2 * hidden, names.length);

  override forward(curves: ng.Tensor, lengths: number[]): ng.Tensor {
    const packed = rnn.packPaddedSequence(curves, lengths, { batchFirst: true, enforceSorted: false });
    const [, [last]] = this.lstm(packed);
    // What the last layer's two directions ended with.
    return this.head(ng.cat([last.at(-2), last.at(-1)], 1));
  }
}

ng.manualSeed(5);
const model = new CurveReader();
const optimizer = new optim.Adam(model.parameters(), { lr: 5e-3 });
const loader = new data.DataLoader(new Curves(), { batchSize: 32, collateFn: collate });
const bar = data.progress({ total: steps, desc: 'train' });
const first: number[] = [];
for (const { curves, lengths, kinds } of loader) {
  if (bar.n === steps) break;
  const loss = nn.functional.crossEntropy(model(curves, lengths), kinds);
  optimizer.zeroGrad();
  loss.backward();
  nn.utils.clipGradNorm_(model.parameters(), { maxNorm: 1 });
  optimizer.step();
  first.push(loss.item());
  bar.setPostfix({ loss: loss.item().toFixed(3) });
  bar.update();
}
bar.close();

const mean = (losses: number[]): string => (losses.reduce((a, b) => a + b, 0) / losses.length).toFixed(3);
console.log(`loss of the first steps ${mean(first.slice(0, 10))}, of the last ${mean(first.slice(-10))}`);

model.eval();
const confusion = ng.zeros(names.length, names.length, { dtype: 'int64' });
ng.noGrad(() => {
  let batches = 0;
  for (const { curves, lengths, kinds } of loader) {
    const named = model(curves, lengths).argmax(1);
    confusion.indexPut_([kinds, named], ng.ones(kinds.numel(), { dtype: 'int64' }), true);
    if (++batches === 10) break;
  }
});
console.log(`kinds: ${names.join(', ')}; rows are the truth, columns what the model says`);
console.log(String(confusion));
const right = confusion.diagonal().sum().item() / confusion.sum().item();
console.log(`accuracy ${(100 * right).toFixed(1)} %`);
