// Trains a small GPT on the characters of a text and lets it write on. Without --text it reads founding.txt: the
// Declaration of Independence and the Constitution of the United States (public domain, from Debian's miscfiles).
//   node --import ./scripts/typescript.mjs examples/gpt/main.ts --steps 1000 --text any.txt
//   node --import ./scripts/typescript.mjs examples/gpt/main.ts --steps 0 --load runs/gpt/model.pt --prompt "We "
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as ng from 'nodegrad';
import { options } from '../options.js';
import { Gpt, type GptConfig } from './model.js';
import { CharacterText } from './text.js';

const { steps, text, load, out, prompt, count, temperature, topk, batch, context, layers, heads, width, lr } = options({
  steps: 600,
  text: fileURLToPath(new URL('founding.txt', import.meta.url)),
  load: '',
  out: join('runs', 'gpt'),
  prompt: '\n',
  count: 300,
  temperature: 0.8,
  topk: 20,
  batch: 16,
  context: 64,
  layers: 4,
  heads: 4,
  width: 128,
  lr: 1e-3,
});

/** What is saved: all that a later run needs. */
interface Checkpoint {
  readonly config: Map<string, number>;
  readonly characters: readonly string[];
  readonly model: ng.nn.StateDict;
  readonly optimizer: ng.optim.OptimizerStateDict;
}

ng.manualSeed(1337);
const saved = load === '' ? null : await ng.load<Checkpoint>(load);
const data = new CharacterText(readFileSync(text, 'utf8'), saved?.characters);
const config: GptConfig =
  saved === null
    ? { vocabulary: data.characters.length, context, layers, heads, width, dropout: 0.1 }
    : (Object.fromEntries(saved.config) as unknown as GptConfig);
const model = new Gpt(config);
const optimizer = new ng.optim.AdamW(model.parameters(), { lr, weightDecay: 0.01 });
if (saved !== null) {
  model.loadStateDict(saved.model);
  optimizer.loadStateDict(saved.optimizer);
}
const size = model.parameters().reduce((sum, parameter) => sum + parameter.numel(), 0);
console.log(`${size} parameters, ${data.tokens.numel()} characters of ${data.characters.length} kinds`);

model.train();
let mean = Number.NaN;
const bar = ng.data.progress(steps, { desc: 'train' });
for (const step of bar) {
  const [inputs, targets] = data.batch(batch, config.context);
  const logits = model(inputs);
  const loss = ng.nn.functional.crossEntropy(logits.view(-1, config.vocabulary), targets.reshape(-1));
  optimizer.zeroGrad();
  loss.backward();
  ng.nn.utils.clipGradNorm_(model.parameters(), 1);
  optimizer.step();
  if (step === 0) console.log(`loss at first ${loss.item().toFixed(3)}`);
  mean = Number.isNaN(mean) ? loss.item() : 0.9 * mean + 0.1 * loss.item();
  bar.setPostfix({ loss: mean.toFixed(3) });
}

if (steps > 0) {
  console.log(`loss at last ${mean.toFixed(3)}`);
  mkdirSync(out, { recursive: true });
  const path = join(out, 'model.pt');
  const { characters } = data;
  await ng.save({ config, characters, model: model.stateDict(), optimizer: optimizer.stateDict() }, path);
  console.log(`saved ${path}`);
}

ng.manualSeed(7);
const written = model.generate(data.encode(prompt).unsqueeze(0), count, { temperature, topK: topk });
console.log(`--- written:${data.decode(written.at(0))}`);
