// Trains a classifier on real handwritten digits, measures it on pictures it has not seen, saves it and loads it back.
//   npm start -- --epochs 10 --limit 10000 --out runs/digits
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as ng from 'nodegrad';
import { lossCurve } from './curve.js';
import { type Digits, loadDigits, split } from './digits.js';
import { DigitNet } from './model.js';

const { values } = parseArgs({
  options: {
    epochs: { type: 'string', default: '10' },
    limit: { type: 'string', default: '10000' },
    out: { type: 'string', default: join('runs', 'digits') },
  },
});

/** The part of the pictures whose digit the model names. */
function accuracy(model: DigitNet, { images, labels }: Digits): number {
  model.eval();
  let correct = 0;
  ng.noGrad(() => {
    for (const [i, batch] of images.split(250).entries()) {
      const named = model(batch).argmax(1);
      correct += named
        .eq(labels.narrow(0, i * 250, batch.shape[0]!))
        .sum()
        .item();
    }
  });
  model.train();
  return correct / labels.numel();
}

const percent = (part: number): string => `${(100 * part).toFixed(2)} %`;

const { name, isa, threads, reason } = ng.backend;
console.log(`backend: ${name} (${isa}, ${threads} thread${threads === 1 ? '' : 's'}): ${reason}`);

ng.manualSeed(42);
const [train, held] = split(loadDigits(Number(values.limit)), 42);
console.log(`digits: ${train.labels.numel()} to train on, ${held.labels.numel()} held out`);

const model = new DigitNet();
console.log(String(model));
const optimizer = new ng.optim.Adam(model.parameters());
const dataset = new ng.data.TensorDataset(train.images, train.labels);
const loader = new ng.data.DataLoader(dataset, { batchSize: 64, shuffle: true });
const epochs = Number(values.epochs);
const schedule = new ng.optim.lrScheduler.OneCycleLR(optimizer, { maxLr: 4e-3, epochs, stepsPerEpoch: loader.length });
const losses: number[] = [];
for (let epoch = 1; epoch <= epochs; epoch++) {
  const bar = ng.data.progress(loader, { desc: `epoch ${epoch}/${epochs}` });
  for (const [images, labels] of bar) {
    const loss = ng.nn.functional.crossEntropy(model(images), labels);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    schedule.step();
    losses.push(loss.item());
    bar.setPostfix({ loss: losses[losses.length - 1]!.toFixed(4) });
  }
  console.log(`epoch ${epoch}: accuracy on the held-out digits ${percent(accuracy(model, held))}`);
}

mkdirSync(values.out, { recursive: true });
const checkpoint = join(values.out, 'model.safetensors');
await ng.save(model.stateDict(), checkpoint);
const picture = join(values.out, 'loss.svg');
writeFileSync(picture, lossCurve(losses, 'Training loss'));
console.log(`saved ${checkpoint} and ${picture}`);

const loaded = new DigitNet();
loaded.loadStateDict(await ng.load(checkpoint));
const [before, after] = [accuracy(model, held), accuracy(loaded, held)];
console.log(`accuracy ${percent(before)}; of the loaded checkpoint ${percent(after)}`);
if (before !== after) throw new Error('the loaded checkpoint does not give the same accuracy');
