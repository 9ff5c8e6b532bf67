import { noGrad } from '../autograd/mode.js';
import { onesLike, tensor, zerosLike } from '../creation.js';
import type { Device } from '../device.js';
import { checkDevice } from '../device.js';
import { rangeError, typeError } from '../errors.js';
import { BatchNormModule } from '../nn/batchnorm.js';
import { type Construct, take } from '../nn/construct.js';
import { deepcopy } from '../nn/deepcopy.js';
import { Module } from '../nn/module.js';
import { addBuffer } from '../nn/registering.js';
import { describe } from '../shape.js';
import { Tensor } from '../tensor.js';
import { forGroups, LRScheduler } from './lrScheduler/base.js';
import { type Optimizer, setComputed } from './optimizer.js';

/** The new average from the average so far, a model's parameter and how many models the average has. */
export type AverageFunction = (averaged: Tensor, parameter: Tensor, count: Tensor) => Tensor;

/** The mean of all models: `avg + (p - avg) / (n + 1)`. */
export function getSwaAvgFn(): AverageFunction {
  return (averaged, parameter, count) => averaged.add(parameter.sub(averaged).div(count.add(1)));
}

/** The exponential moving average: `decay · avg + (1 - decay) · p`. */
export function getEmaAvgFn(decay = 0.999): AverageFunction {
  if (!(decay >= 0 && decay <= 1))
    throw rangeError(`getEmaAvgFn: Invalid decay value ${decay}; give a number from 0 to 1.`);
  return (averaged, parameter) => averaged.mul(decay).add(parameter.mul(1 - decay));
}

const AVERAGED = ['model', 'device', 'avgFn', 'useBuffers'] as const;
type AveragedArguments<M extends Module> = [
  model: M,
  device?: Device | string | null,
  avgFn?: AverageFunction | null,
  useBuffers?: boolean,
];

/**
 * A copy of a model whose parameters are averages over training: stochastic weight averaging, or any other mean (see
 * {@link getEmaAvgFn}). https://pytorch.org/docs/stable/optim.html#averaging-model-weights-swa
 */
export class AveragedModel<M extends Module = Module> extends Module {
  module: M;
  declare nAveraged: Tensor;
  avgFn: AverageFunction;
  useBuffers: boolean;

  constructor(...args: Construct<AveragedArguments<M>, typeof AVERAGED>) {
    super();
    const [model, device, avgFn, useBuffers = false] = take<AveragedArguments<M>>('AveragedModel', AVERAGED, args);
    checkDevice('AveragedModel', device);
    this.module = deepcopy(model);
    addBuffer(this, 'nAveraged', tensor(0, { dtype: 'int64' }));
    this.avgFn = avgFn ?? getSwaAvgFn();
    this.useBuffers = useBuffers;
  }

  override stateName(attribute: string): string {
    return attribute === 'nAveraged' ? 'n_averaged' : attribute;
  }

  override forward(...args: Parameters<M['forward']>): ReturnType<M['forward']> {
    return (this.module as unknown as (...args: unknown[]) => ReturnType<M['forward']>)(...args);
  }

  /** Takes a model's parameters (and its buffers, with useBuffers) into the average. */
  updateParameters(model: Module): void {
    const of = (module: Module): Tensor[] =>
      this.useBuffers ? [...module.parameters(), ...module.buffers()] : module.parameters();
    const own = of(this.module);
    const isFirst = this.nAveraged.item() === 0;
    noGrad(() => {
      for (const [i, parameter] of of(model).entries()) {
        const averaged = own[i];
        if (averaged === undefined)
          throw rangeError('AveragedModel.updateParameters: the model has more parameters than the averaged one.');
        const value = parameter.detach();
        averaged.detach().copy_(isFirst ? value : this.avgFn(averaged.detach(), value, this.nAveraged));
      }
      this.nAveraged.add_(1);
    });
  }
}

/** Computes the running statistics of all batch normalisations anew, over a loader's batches (their first entry, where they are lists). */
export function updateBn(loader: Iterable<unknown>, model: Module): void {
  const norms = model.modules().filter((module) => module instanceof BatchNormModule);
  if (norms.length === 0) return;
  const momenta = norms.map((norm) => norm.momentum);
  const { training } = model;
  model.train();
  noGrad(() => {
    for (const norm of norms) {
      if (norm.runningMean !== null) norm.runningMean = zerosLike(norm.runningMean);
      if (norm.runningVar !== null) norm.runningVar = onesLike(norm.runningVar);
      norm.momentum = null;
      norm.numBatchesTracked?.zero_();
    }
    for (const batch of loader) {
      const input = Array.isArray(batch) ? (batch[0] as unknown) : batch;
      if (!(input instanceof Tensor))
        throw typeError(`updateBn: a batch must be a Tensor or a list that starts with one, not ${describe(batch)}.`);
      (model as unknown as (input: Tensor) => unknown)(input);
    }
  });
  for (const [i, norm] of norms.entries()) norm.momentum = momenta[i]!;
  model.train(training);
}

const SWALR_NAMES = ['optimizer', 'swaLr', 'annealEpochs', 'annealStrategy', 'lastEpoch'] as const;
type SWALRArguments = [
  optimizer: Optimizer,
  swaLr: number | readonly number[],
  annealEpochs?: number,
  annealStrategy?: 'cos' | 'linear',
  lastEpoch?: number,
];

/** Goes from each group's rate to a fixed one within some epochs. https://pytorch.org/docs/stable/generated/torch.optim.swa_utils.SWALR.html */
export class SWALR extends LRScheduler {
  annealEpochs: number;
  readonly #isLinear: boolean;

  constructor(...args: Construct<SWALRArguments, typeof SWALR_NAMES>) {
    const [optimizer, swaLr, annealEpochs = 10, annealStrategy = 'cos', lastEpoch = -1] = take<SWALRArguments>(
      'SWALR',
      SWALR_NAMES,
      args,
    );
    if (annealStrategy !== 'cos' && annealStrategy !== 'linear')
      throw rangeError(
        `SWALR: annealStrategy must be one of 'cos' or 'linear', instead got ${String(annealStrategy)}.`,
      );
    if (!Number.isInteger(annealEpochs) || annealEpochs < 0)
      throw rangeError(`SWALR: annealEpochs must be equal or greater than 0, got ${annealEpochs}.`);
    super(optimizer, lastEpoch);
    for (const [i, rate] of forGroups('SWALR', 'swa_lr', optimizer, swaLr).entries())
      setComputed(optimizer.paramGroups[i]!, 'swaLr', rate);
    this.annealEpochs = annealEpochs;
    this.#isLinear = annealStrategy === 'linear';
    this.initialStep();
  }

  #anneal(step: number): number {
    const t = Math.max(0, Math.min(1, step / Math.max(1, this.annealEpochs)));
    return this.#isLinear ? t : (1 - Math.cos(Math.PI * t)) / 2;
  }

  override getLr(): number[] {
    const step = this.annealEpochs === 0 ? Math.max(1, this.stepCount - 1) : this.stepCount - 1;
    const before = this.#anneal(step - 1);
    const alpha = this.#anneal(step);
    return this.optimizer.paramGroups.map((group) => {
      const target = group.swaLr as number;
      const start = before === 1 ? target : (group.lr - before * target) / (1 - before);
      return target * alpha + start * (1 - alpha);
    });
  }
}
