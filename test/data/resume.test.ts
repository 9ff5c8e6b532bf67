import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import * as ng from '../../src/index.js';

const folder = mkdtempSync(join(tmpdir(), 'nodegrad-resume-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const EPOCHS = 4;
const BATCHES = 5;

/** A run of an MLP with dropout: everything that its next loss depends on. */
function makeRun() {
  const points = ng.linspace(-1, 1, 36).reshape(18, 2);
  const data = new ng.data.TensorDataset(points, points.pow(2).sum(1, true));
  const model = new ng.nn.Sequential(
    new ng.nn.Linear(2, 16),
    new ng.nn.Tanh(),
    new ng.nn.Dropout(0.3),
    new ng.nn.Linear(16, 1),
  );
  const optimizer = new ng.optim.Adam(model.parameters(), { lr: 0.02, weightDecay: 0.01 });
  const scheduler = new ng.optim.lrScheduler.StepLR(optimizer, 2, 0.5);
  const loader = new ng.data.DataLoader(data, { batchSize: 4, shuffle: true });
  return { model, optimizer, scheduler, loader };
}

/** Trains from an epoch on, saves before the step `saveAt` of all steps, and gives the losses of its steps. */
async function train(
  { model, optimizer, scheduler, loader }: ReturnType<typeof makeRun>,
  first: number,
  path?: string,
  saveAt?: number,
): Promise<number[]> {
  const losses: number[] = [];
  const saving: Promise<void>[] = [];
  for (let epoch = first; epoch < EPOCHS; epoch++) {
    for (const [x, y] of loader) {
      optimizer.zeroGrad();
      const loss = model(x).sub(y).pow(2).mean();
      loss.backward();
      optimizer.step();
      losses.push(loss.item() as number);
      if (losses.length === saveAt) {
        const checkpoint = {
          model: model.stateDict(),
          optimizer: optimizer.stateDict(),
          scheduler: scheduler.stateDict(),
          loader: loader.stateDict(),
          rng: ng.getRngState(),
          epoch,
        };
        // Not awaited: training goes on while the file is written.
        saving.push(ng.save(checkpoint, path!));
      }
    }
    scheduler.step();
  }
  await Promise.all(saving);
  return losses;
}

test.each([1, 7, BATCHES * 2, BATCHES * 2 + 1])(
  'a run that goes on after step %i has the same losses, bit for bit',
  async (step) => {
    const path = join(folder, `${step}.pt`);
    ng.manualSeed(42);
    const whole = await train(makeRun(), 0, path, step);
    expect(whole.length).toBe(EPOCHS * BATCHES);
    expect(new Set(whole).size).toBe(whole.length);

    ng.manualSeed(1);
    const run = makeRun();
    const saved = await ng.load<{
      model: ng.nn.StateDict;
      optimizer: ng.optim.OptimizerStateDict;
      scheduler: ng.optim.lrScheduler.SchedulerStateDict;
      loader: ng.data.DataLoaderState;
      rng: ng.Tensor;
      epoch: number;
    }>(path);
    run.model.loadStateDict(saved.model);
    run.optimizer.loadStateDict(saved.optimizer);
    run.scheduler.loadStateDict(saved.scheduler);
    run.loader.loadStateDict(saved.loader);
    ng.setRngState(saved.rng);
    expect(await train(run, saved.epoch)).toEqual(whole.slice(step));
  },
);
