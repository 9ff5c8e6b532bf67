// A variational autoencoder learns handwritten digits and draws new ones. It leaves two pictures: digits beside what the
// model makes of them, and digits that never were.
//   node --import ./scripts/typescript.mjs examples/vae/main.ts --epochs 5 --limit 10000
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ng from 'nodegrad';
import { loadDigits, split } from '../digits/digits.js';
import { options } from '../options.js';
import { Vae } from './model.js';

const { epochs, limit, latent, out } = options({ epochs: 5, limit: 10_000, latent: 16, out: join('runs', 'vae') });
ng.manualSeed(2);
const [train, held] = split(loadDigits(limit), 2);
const model = new Vae(latent);
const optimizer = new ng.optim.Adam(model.parameters(), { lr: 1e-3 });
const loader = new ng.data.DataLoader(new ng.data.TensorDataset(train.images), { batchSize: 64, shuffle: true });

/** The loss of a digit that the model has not seen, on average. */
function heldOut(): number {
  const { reconstruction, divergence } = ng.noGrad(() => model.loss(held.images));
  return reconstruction.add(divergence).item();
}

console.log(`held-out loss at first ${heldOut().toFixed(1)}`);
for (let epoch = 1; epoch <= epochs; epoch++) {
  const bar = ng.data.progress(loader, { desc: `epoch ${epoch}/${epochs}` });
  for (const [images] of bar) {
    const { reconstruction, divergence } = model.loss(images);
    optimizer.zeroGrad();
    reconstruction.add(divergence).backward();
    optimizer.step();
    bar.setPostfix({ reconstruction: reconstruction.item().toFixed(1), divergence: divergence.item().toFixed(1) });
  }
  console.log(`epoch ${epoch}: held-out loss ${heldOut().toFixed(1)}`);
}

mkdirSync(out, { recursive: true });
const some = held.images.narrow(0, 0, Math.min(16, held.images.size(0)));
const remade = ng.noGrad(() => model(some)).logits.sigmoid();
const pairs = ng.stack([some, remade], 1).flatten(0, 1);
await ng.viz.saveImage(pairs, join(out, 'remade.png'), { nrow: 8 });
await ng.viz.saveImage(model.sample(64), join(out, 'samples.png'), { nrow: 8 });
await ng.save(model.stateDict(), join(out, 'model.safetensors'));
console.log(`saved ${join(out, 'remade.png')}, ${join(out, 'samples.png')} and ${join(out, 'model.safetensors')}`);
