// Fine-tuning from a safetensors file: the features of a digit classifier are kept and frozen, its head is replaced, and
// the new head learns another question (is the digit even or odd?) from few pictures. Without --base it first trains a
// classifier to start from.
//   node --import ./scripts/typescript.mjs examples/finetune/main.ts --base runs/digits/model.safetensors
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ng from 'nodegrad';
import { type Digits, loadDigits, split } from '../digits/digits.js';
import { DigitNet } from '../digits/model.js';
import { options } from '../options.js';

const { data, nn, optim } = ng;
const F = nn.functional;
const { base, out, limit, examples, epochs, pretrain } = options({
  base: '',
  out: join('runs', 'finetune'),
  limit: 6000,
  examples: 200,
  epochs: 10,
  pretrain: 2,
});

/** Trains what needs gradients, on labels of any kind. */
function train(model: ng.nn.Layer, images: ng.Tensor, labels: ng.Tensor, passes: number): void {
  const trained = model.parameters().filter((parameter) => parameter.requiresGrad);
  const optimizer = new optim.Adam(trained, { lr: 2e-3 });
  const loader = new data.DataLoader(new data.TensorDataset(images, labels), { batchSize: 50, shuffle: true });
  model.train();
  for (let epoch = 0; epoch < passes; epoch++) {
    for (const [x, y] of data.progress(loader, { desc: `epoch ${epoch + 1}/${passes}` })) {
      optimizer.zeroGrad();
      F.crossEntropy(model(x), y).backward();
      optimizer.step();
    }
  }
}

function accuracy(model: ng.nn.Layer, images: ng.Tensor, labels: ng.Tensor): string {
  model.eval();
  const right = ng.noGrad(() => model(images).argmax(1).eq(labels).float().mean()).item();
  return `${(100 * right).toFixed(1)} %`;
}

const parity = ({ labels }: Digits): ng.Tensor => labels.remainder(2);

ng.manualSeed(8);
mkdirSync(out, { recursive: true });
const [known, held] = split(loadDigits(limit), 8);

let file = base;
if (file === '') {
  const first = new DigitNet();
  train(first, known.images, known.labels, pretrain);
  file = join(out, 'digits.safetensors');
  await ng.save(first.stateDict(), file, { metadata: { digits: accuracy(first, held.images, held.labels) } });
}

// The old weights, all but the last layer's, whose shape will be another.
const model = new DigitNet();
const weights = await ng.load(file);
const last = model.classifier.length - 1;
model.classifier.set(last, new nn.Linear(64, 2));
for (const key of [...weights.keys()]) if (key.startsWith(`classifier.${last}.`)) weights.delete(key);
const { missingKeys, unexpectedKeys } = model.loadStateDict(weights, { strict: false });
console.log(`loaded ${file} (${ng.repr(await ng.loadMetadata(file))}); new: ${ng.repr(missingKeys)}`);
if (unexpectedKeys.length > 0)
  throw new Error(`${file} has ${unexpectedKeys.join(', ')}, which no digit classifier has`);

model.features.requiresGrad_(false);
const frozen = model.features.stateDict();
const before = new Map([...frozen].map(([name, value]) => [name, value.clone()]));
const count = (parameters: Iterable<ng.nn.Parameter>): number =>
  [...parameters].reduce((sum, parameter) => sum + parameter.numel(), 0);
console.log(
  `${count(model.parameters().filter((p) => p.requiresGrad))} of ${count(model.parameters())} parameters train`,
);

console.log(`even or odd, before: ${accuracy(model, held.images, parity(held))}`);
train(model, known.images.narrow(0, 0, examples), parity(known).narrow(0, 0, examples), epochs);
console.log(`even or odd, after ${examples} pictures: ${accuracy(model, held.images, parity(held))}`);

for (const [name, value] of frozen)
  if (!value.equal(before.get(name)!)) throw new Error(`the frozen ${name} has changed`);
const path = join(out, 'parity.safetensors');
await ng.save(model.stateDict(), path, { metadata: { base: file } });
console.log(`saved ${path}`);
