import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, expectTypeOf, test } from 'vitest';
import * as ng from '../../src/index.js';

const { nn, optim } = ng;
const folder = mkdtempSync(join(tmpdir(), 'nodegrad-typing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

class Scale extends nn.Module {
  declare mean: ng.Tensor;

  constructor() {
    super();
    this.registerBuffer('mean', ng.zeros(3));
  }

  override forward(x: ng.Tensor): ng.Tensor {
    return x.sub(this.mean);
  }
}

test('a declared buffer has a type and a place in the state', () => {
  const scale = new Scale();
  expectTypeOf(scale.mean).toEqualTypeOf<ng.Tensor>();
  expect([...scale.stateDict().keys()]).toEqual(['mean']);
});

test('a field with a value in the way of a buffer is named, with what to write', () => {
  class Valued extends nn.Module {
    mean = ng.zeros(3);
  }
  expect(() => new Valued().registerBuffer('mean', ng.zeros(3))).toThrow(
    /^registerBuffer: attribute 'mean' already exists; .*declare mean: ng\.Tensor;/,
  );
});

test('a Sequential is told the class of a module', () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Tanh());
  expect(model.at<ng.nn.Linear>(0).weight.shape).toEqual([3, 2]);
  expectTypeOf(model.at(1)).toEqualTypeOf<ng.nn.Module>();
  expect(() => model.at(2)).toThrow(/index 2 is out of range/);
});

test('a checkpoint is loaded with the type it is told', async () => {
  type Checkpoint = { model: ng.nn.StateDict; optimizer: ng.optim.OptimizerStateDict; epoch: number };
  const model = new Scale();
  const head = new nn.Linear(3, 1);
  const optimizer = new optim.SGD(head.parameters(), { lr: 0.1 });
  const path = join(folder, 'checkpoint.pt');
  await ng.save({ model: model.stateDict(), optimizer: optimizer.stateDict(), epoch: 3 }, path);
  const checkpoint = await ng.load<Checkpoint>(path);
  expectTypeOf(checkpoint.epoch).toEqualTypeOf<number>();
  model.loadStateDict(checkpoint.model);
  optimizer.loadStateDict(checkpoint.optimizer);
  expect(checkpoint.epoch).toBe(3);
});
