import { ones, tensor, zeros } from '../creation.js';
import { checkDevice, type Device } from '../device.js';
import type { DType } from '../dtype.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { checkSize, newParameter } from './construct.js';
import { ones_, zeros_ } from './init.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';
import { addBuffer, addParameter } from './registering.js';
import type { LoadState } from './stateDict.js';

/** PyTorch's names of what batch and instance normalisation keep. */
const NAMES: Readonly<Record<string, string>> = {
  runningMean: 'running_mean',
  runningVar: 'running_var',
  numBatchesTracked: 'num_batches_tracked',
};

export const NORM = ['numFeatures', 'eps', 'momentum', 'affine', 'trackRunningStats', 'device', 'dtype'] as const;
export type NormArguments = [
  numFeatures: number,
  eps?: number,
  momentum?: number | null,
  affine?: boolean,
  trackRunningStats?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

/** What batch and instance normalisation share: a weight and a bias for each channel, and running statistics. */
export abstract class NormModule extends Module {
  numFeatures: number;
  eps: number;
  /** How much a batch counts in the running statistics; null: all batches alike. */
  momentum: number | null;
  affine: boolean;
  trackRunningStats: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  declare numBatchesTracked: Tensor | null;

  constructor(name: string, args: NormArguments, affineDefault: boolean) {
    super();
    const [
      numFeatures,
      eps = 1e-5,
      momentum = 0.1,
      affine = affineDefault,
      trackRunningStats = affineDefault,
      device,
      dtype,
    ] = args;
    checkSize(name, 'numFeatures', numFeatures);
    checkDevice(name, device);
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    const options = { dtype: dtype ?? null };
    for (const attribute of ['weight', 'bias'])
      addParameter(this, attribute, affine ? newParameter(name, [numFeatures], device, dtype) : null);
    addBuffer(this, 'runningMean', trackRunningStats ? zeros(numFeatures, options) : null);
    addBuffer(this, 'runningVar', trackRunningStats ? ones(numFeatures, options) : null);
    addBuffer(this, 'numBatchesTracked', trackRunningStats ? tensor(0, { dtype: 'int64' }) : null);
    this.resetParameters();
  }

  override stateName(attribute: string): string {
    return NAMES[attribute] ?? attribute;
  }

  /** Mean 0, variance 1, no batches seen. */
  resetRunningStats(): void {
    this.runningMean?.zero_();
    this.runningVar?.fill_(1);
    this.numBatchesTracked?.zero_();
  }

  /** Forgets the statistics, sets the weight to 1 and the bias to 0. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  /** @internal Throws for an input of a wrong number of dimensions. */
  protected abstract checkInput(input: Tensor): void;

  /** @internal The second version counts batches. */
  override get stateVersion(): number {
    return 2;
  }

  /** Old checkpoints have no count of batches. */
  override loadFromStateDict(load: LoadState): void {
    const key = `${load.prefix}num_batches_tracked`;
    if (this.trackRunningStats && (load.version ?? 1) < 2 && !load.state.has(key))
      load.state.set(key, tensor(0, { dtype: 'int64' }));
    super.loadFromStateDict(load);
  }

  override extraRepr(): string {
    const momentum = this.momentum === null ? 'None' : repr(this.momentum);
    const [affine, tracks] = [repr(this.affine), repr(this.trackRunningStats)];
    return `${this.numFeatures}, eps=${repr(this.eps)}, momentum=${momentum}, affine=${affine}, track_running_stats=${tracks}`;
  }
}
