// train: whole training runs beside PyTorch's: the loss of every step, the first gradients, the final weights.
import type { CaseBase, Header, Tolerance } from '../vectors/reader.mjs';
import { compareData, compareTensor, EXACT, isClose } from './compare.js';
import { type AnyTensor, call, camelKeys, construct, isTensor, lookup } from './library.js';
import { characterTransformer, type TransformerSpec } from './models.js';
import type { AnyModule } from './modules.js';
import { Report } from './outcome.js';
import type { Optimizer } from './schedulers.js';
import { Arguments, type ModuleSpec, makeTensor } from './values.js';

interface Reference {
  readonly $t: number;
}

export interface TrainCase extends CaseBase {
  readonly type: 'xor' | 'xor_seeded' | 'cnn' | 'char_transformer';
  readonly model: ModuleSpec | TransformerSpec;
  readonly loss: string;
  readonly seed?: number;
  readonly x?: Reference;
  readonly y?: Reference;
  readonly batchIndices?: Reference;
  readonly text?: string;
  readonly vocabulary?: string | readonly string[];
  readonly offsets?: Reference;
  readonly optimizer: string;
  readonly optimizerOptions: object;
  readonly scheduler?: { readonly $scheduler: string; readonly kwargs: object };
  readonly clipGradNorm?: number;
  readonly steps: number;
  readonly initial: Readonly<Record<string, Reference>>;
  readonly losses: readonly number[];
  readonly gradNorms?: readonly number[];
  readonly lrs?: readonly number[];
  readonly firstStepGrads: Readonly<Record<string, Reference>>;
  readonly final: Readonly<Record<string, Reference>>;
  readonly unstableParams?: readonly string[];
  readonly tolScale?: { readonly loss?: number; readonly params?: number; readonly grads?: number };
}

const GRADIENTS: Tolerance = [1e-4, 1e-5];

export function run(c: TrainCase, header: Header): Report {
  const report = new Report();
  const tolerances = header.tolerances as unknown as { loss: Tolerance; params: Tolerance };
  report.attempt('throws', () => {
    if (c.type === 'xor_seeded') checkRecipe(report, c);
    const model = buildModel(c);
    load(model, c);
    train(report, c, model, tolerances.loss);
    checkFinal(report, c, model, tolerances.params);
  });
  return report;
}

function buildModel(c: TrainCase): AnyModule {
  if (c.type === 'char_transformer') return characterTransformer(c.model as TransformerSpec);
  return new Arguments(c).module(c.model as ModuleSpec) as AnyModule;
}

function load(model: AnyModule, c: TrainCase): void {
  model.loadStateDict(new Map(Object.entries(c.initial).map(([name, { $t }]) => [name, makeTensor(c.arrays[$t]!)])));
  model.train(true);
}

/** The recipe of the seeded runs: data, initial weights and batches all follow from the seed. */
function checkRecipe(report: Report, c: TrainCase): void {
  call('manual_seed', c.seed);
  const bits = call('randint', 0, 2, [512, 2], { dtype: 'float32' }) as AnyTensor;
  const y = (call('eq', call('sum', bits, 1), 1) as AnyTensor).to('int64').to('float32');
  const x = bits.add((call('randn', [512, 2]) as AnyTensor).mul(0.1));
  const model = buildModel(c);
  const rows = call('arange', 512) as AnyTensor;
  const dataset = construct('data.TensorDataset', rows);
  const loader = construct('data.DataLoader', dataset, { batchSize: 128, shuffle: true }) as Iterable<unknown>;
  const batches: bigint[] = [];
  for (let epoch = 0; epoch < 13 && batches.length < c.steps * 128; epoch++) {
    for (const batch of loader) {
      const [index] = isTensor(batch) ? [batch] : (batch as AnyTensor[]);
      batches.push(...(index!.toTypedArray() as BigInt64Array));
    }
  }
  // randn's last bits depend on the instruction set PyTorch ran on: see the rng group.
  const near: Tolerance = [0, 1e-5];
  for (const [part, message] of compareTensor(x, c.arrays[c.x!.$t]!, near))
    report.add('data', `x, ${part}: ${message}`);
  for (const [part, message] of compareTensor(y, c.arrays[c.y!.$t]!, EXACT))
    report.add('data', `y, ${part}: ${message}`);
  for (const [name, { $t }] of Object.entries(c.initial)) {
    const tensor = lookup(model.stateDict(), name) as AnyTensor;
    for (const [part, message] of compareTensor(tensor, c.arrays[$t]!, near))
      report.add('initial', `${name}, ${part}: ${message}`);
  }
  const expected = c.arrays[c.batchIndices!.$t]!.data as BigInt64Array;
  const message = compareData(BigInt64Array.from(batches.slice(0, expected.length)), expected, EXACT);
  if (message !== null) report.add('batches', message);
}

type Step = (t: number) => { output: AnyTensor; target: AnyTensor };

function steps(c: TrainCase, model: AnyModule): Step {
  if (c.type === 'char_transformer') return transformerStep(c, model);
  const x = makeTensor(c.arrays[c.x!.$t]!);
  const y = makeTensor(c.arrays[c.y!.$t]!);
  const indices = makeTensor(c.arrays[c.batchIndices!.$t]!);
  return (t) => {
    const batch = indices.at(t);
    const output = model(x.at(batch)) as AnyTensor;
    const target = y.at(batch);
    if (!c.loss.startsWith('BCE')) return { output, target };
    return { output: call('squeeze', output, 1) as AnyTensor, target: target.to('float32') };
  };
}

function transformerStep(c: TrainCase, model: AnyModule): Step {
  const { T } = c.model as TransformerSpec;
  const characters = typeof c.vocabulary === 'string' ? [...c.vocabulary] : [...c.vocabulary!];
  const ids = [...c.text!].map((character) => characters.indexOf(character));
  const offsets = c.arrays[c.offsets!.$t]!;
  const [, rows] = offsets.shape as [number, number];
  return (t) => {
    const starts = Array.from(offsets.data.slice(t * rows, (t + 1) * rows) as BigInt64Array, Number);
    const input = call(
      'tensor',
      starts.map((start) => ids.slice(start, start + T)),
    );
    const target = call(
      'tensor',
      starts.map((start) => ids.slice(start + 1, start + T + 1)),
    ) as AnyTensor;
    const output = model(input) as AnyTensor;
    return { output: output.reshape([-1, output.shape.at(-1)!]), target: target.reshape([-1]) };
  };
}

function train(report: Report, c: TrainCase, model: AnyModule, tolerance: Tolerance): void {
  const parameters = [...model.namedParameters()];
  const tensors = parameters.map(([, tensor]) => tensor);
  const optimizer = construct(`optim.${c.optimizer}`, tensors, camelKeys(c.optimizerOptions)) as Optimizer;
  const scheduler = c.scheduler
    ? (construct(`optim.lr_scheduler.${c.scheduler.$scheduler}`, optimizer, camelKeys(c.scheduler.kwargs)) as {
        step(): void;
      })
    : null;
  const lossFunction = c.loss.startsWith('BCE') ? 'binary_cross_entropy_with_logits' : 'cross_entropy';
  const step = steps(c, model);
  for (let t = 0; t < c.losses.length; t++) {
    const { output, target } = step(t);
    const loss = call(`nn.functional.${lossFunction}`, output, target) as AnyTensor;
    const value = Number(loss.item());
    if (!isClose(value, c.losses[t]!, tolerance, c.tolScale?.loss)) {
      report.add('loss', `step ${t}: ${value}, expected ${c.losses[t]}`);
      return;
    }
    optimizer.zeroGrad();
    loss.backward();
    if (t === 0) checkFirst(report, c, parameters);
    if (c.clipGradNorm !== undefined) {
      const norm = Number((call('nn.utils.clip_grad_norm_', tensors, c.clipGradNorm) as AnyTensor).item());
      const expected = c.gradNorms?.[t];
      if (expected !== undefined && !isClose(norm, expected, [1e-3, 1e-5])) {
        report.add('norm', `step ${t}: ${norm}, expected ${expected}`);
      }
    }
    optimizer.step();
    scheduler?.step();
  }
}

function checkFirst(report: Report, c: TrainCase, parameters: readonly (readonly [string, AnyTensor])[]): void {
  for (const [name, tensor] of parameters) {
    const reference = c.firstStepGrads[name];
    if (reference === undefined) continue;
    const expected = c.arrays[reference.$t]!.data;
    const message =
      tensor.grad === null ? 'none' : compareData(tensor.grad.toTypedArray(), expected, GRADIENTS, c.tolScale?.grads);
    if (message !== null) report.add('grad', `${name}: ${message}`);
  }
}

function checkFinal(report: Report, c: TrainCase, model: AnyModule, tolerance: Tolerance): void {
  for (const [name, { $t }] of Object.entries(c.final)) {
    if (c.unstableParams?.includes(name)) continue;
    const tensor = lookup(model.stateDict(), name) as AnyTensor;
    for (const [part, message] of compareTensor(tensor, c.arrays[$t]!, tolerance, c.tolScale?.params)) {
      report.add('final', `${name}, ${part}: ${message}`);
    }
  }
}
