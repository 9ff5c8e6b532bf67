// Predicts a number of a table from the others: a CSV file, a split into training and test rows, normalisation by the
// training rows alone, a small network. Without --csv it makes a table of flats and their prices.
//   node --import ./scripts/typescript.mjs examples/regression/main.ts --csv houses.csv --target price
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ng from 'nodegrad';
import { options } from '../options.js';
import { makeFlats } from './make.js';

const { data, nn, optim } = ng;
const F = nn.functional;
const { csv, target, epochs, rows, out } = options({
  csv: '',
  target: 'price',
  epochs: 30,
  rows: 2000,
  out: join('runs', 'regression'),
});

ng.manualSeed(3);
mkdirSync(out, { recursive: true });
const file = csv === '' ? join(out, 'flats.csv') : csv;
if (csv === '') makeFlats(file, rows);

const table = new data.CsvDataset(file, { target: [target] });
console.log(`${file}: ${table.length} rows; ${table.features.join(', ')} → ${target}`);
const [train, test] = data.randomSplit(table, [0.8, 0.2]);

/** All rows of a part at once. */
function rowsOf(part: typeof train): [x: ng.Tensor, y: ng.Tensor] {
  const [rows] = new data.DataLoader(part, { batchSize: part.length });
  return rows!;
}

const [trainX, trainY] = rowsOf(train);
const [testX, testY] = rowsOf(test);
const centre = trainX.mean(0);
const scale = trainX.std(0).clamp({ min: 1e-6 });
const meanY = trainY.mean(0);
const scaleY = trainY.std(0);

/** Normalises what comes in and takes the normalisation of the result back, so that a saved model knows both. */
class Regressor extends nn.Module {
  centre = new nn.Buffer(centre);
  scale = new nn.Buffer(scale);
  meanY = new nn.Buffer(meanY);
  scaleY = new nn.Buffer(scaleY);
  network = new nn.Sequential(
    new nn.Linear(centre.numel(), 64),
    new nn.SiLU(),
    new nn.Linear(64, 64),
    new nn.SiLU(),
    new nn.Linear(64, 1),
  );

  override forward(x: ng.Tensor): ng.Tensor {
    const normal = this.network(x.sub(this.centre).div(this.scale));
    return normal.mul(this.scaleY).add(this.meanY);
  }
}

/** Root of the mean squared error on the test rows, and the part of the variance that is explained. */
function evaluate(predict: (x: ng.Tensor) => ng.Tensor): { error: number; explained: number } {
  return ng.noGrad(() => {
    const squared = F.mseLoss(predict(testX), testY).item();
    const explained = 1 - squared / testY.var({ correction: 0 }).item();
    return { error: Math.sqrt(squared), explained };
  });
}

const model = new Regressor();
const optimizer = new optim.AdamW(model.parameters(), { lr: 3e-3 });
const loader = new data.DataLoader(train, { batchSize: 64, shuffle: true });
const scheduler = new optim.lrScheduler.OneCycleLR(optimizer, { maxLr: 1e-2, epochs, stepsPerEpoch: loader.length });

console.log(`error of the mean alone ${evaluate((x) => meanY.expand(x.size(0), 1)).error.toFixed(0)}`);
for (let epoch = 1; epoch <= epochs; epoch++) {
  let sum = 0;
  for (const [x, y] of loader) {
    const loss = F.huberLoss(model(x).sub(meanY).div(scaleY), y.sub(meanY).div(scaleY));
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    scheduler.step();
    sum += loss.item() * x.size(0);
  }
  if (epoch % Math.ceil(epochs / 5) === 0)
    console.log(
      `epoch ${epoch}: loss ${(sum / train.length).toFixed(4)}, test error ${evaluate(model).error.toFixed(0)}`,
    );
}

const { error, explained } = evaluate(model);
console.log(`test error ${error.toFixed(0)}, explained ${(100 * explained).toFixed(1)} %`);
const path = join(out, 'model.safetensors');
await ng.save(model.stateDict(), path, { metadata: { features: table.features.join(','), target } });
const loaded = new Regressor();
loaded.loadStateDict(await ng.load(path));
if (evaluate(loaded).error !== error) throw new Error('the loaded model does not predict the same');
console.log(`saved ${path}`);
