import { tensor } from '../creation.js';
import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import type { Tensor } from '../tensor.js';
import { BatchNorm1d, BatchNorm2d, BatchNorm3d } from './batchnorm.js';
import { type Construct, take } from './construct.js';
import { InstanceNorm1d, InstanceNorm2d, InstanceNorm3d } from './instancenorm.js';
import { awaitInput, hasUninitializedParams, type LazyModule, materializeFrom } from './lazy.js';
import type { NormModule } from './normBase.js';
import { UninitializedBuffer, UninitializedParameter } from './parameter.js';
import { addBuffer, addParameter } from './registering.js';
import type { LoadState } from './stateDict.js';

type ModuleClass = LazyModule['becomes'];

const LAZY_NORM = ['eps', 'momentum', 'affine', 'trackRunningStats', 'device', 'dtype'] as const;
type LazyNormArguments = [
  eps?: number,
  momentum?: number | null,
  affine?: boolean,
  trackRunningStats?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

interface WithoutFeatures {
  /** A normalisation's arguments with no features, and neither parameters nor statistics. */
  readonly args: readonly [numFeatures: 0, eps: number, momentum: number | null, affine: false, tracks: false];
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  readonly dtype: DType | null;
}

function withoutFeatures(name: string, args: readonly unknown[]): WithoutFeatures {
  const [eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true, , dtype = null] = take<LazyNormArguments>(
    name,
    LAZY_NORM,
    args,
  );
  return { args: [0, eps, momentum, false, false], affine, trackRunningStats, dtype };
}

/** Makes a normalisation without features wait for its first input. */
function waitForFeatures(module: NormModule & LazyModule, { affine, trackRunningStats, dtype }: WithoutFeatures): void {
  module.affine = affine;
  module.trackRunningStats = trackRunningStats;
  if (affine)
    for (const attribute of ['weight', 'bias']) addParameter(module, attribute, new UninitializedParameter({ dtype }));
  if (trackRunningStats) {
    for (const attribute of ['runningMean', 'runningVar'])
      addBuffer(module, attribute, new UninitializedBuffer({ dtype }));
    addBuffer(module, 'numBatchesTracked', tensor(0, { dtype: 'int64' }));
  }
  awaitInput(module);
}

function takeFeatures(module: NormModule, input: Tensor): void {
  if (!hasUninitializedParams(module)) return;
  module.numFeatures = input.shape[1]!;
  for (const x of [module.weight, module.bias, module.runningMean, module.runningVar]) {
    (x as UninitializedParameter | null)?.materialize([module.numFeatures]);
  }
  module.resetParameters();
}

/** {@link BatchNorm1d} that takes numFeatures from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm1d.html */
export class LazyBatchNorm1d extends BatchNorm1d implements LazyModule {
  constructor(...args: Construct<LazyNormArguments, typeof LAZY_NORM>) {
    const given = withoutFeatures('LazyBatchNorm1d', args);
    super(...given.args);
    waitForFeatures(this, given);
  }

  get becomes(): ModuleClass {
    return BatchNorm1d;
  }

  initializeParameters(input: Tensor): void {
    takeFeatures(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link BatchNorm2d} that takes numFeatures from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm2d.html */
export class LazyBatchNorm2d extends BatchNorm2d implements LazyModule {
  constructor(...args: Construct<LazyNormArguments, typeof LAZY_NORM>) {
    const given = withoutFeatures('LazyBatchNorm2d', args);
    super(...given.args);
    waitForFeatures(this, given);
  }

  get becomes(): ModuleClass {
    return BatchNorm2d;
  }

  initializeParameters(input: Tensor): void {
    takeFeatures(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link BatchNorm3d} that takes numFeatures from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm3d.html */
export class LazyBatchNorm3d extends BatchNorm3d implements LazyModule {
  constructor(...args: Construct<LazyNormArguments, typeof LAZY_NORM>) {
    const given = withoutFeatures('LazyBatchNorm3d', args);
    super(...given.args);
    waitForFeatures(this, given);
  }

  get becomes(): ModuleClass {
    return BatchNorm3d;
  }

  initializeParameters(input: Tensor): void {
    takeFeatures(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link InstanceNorm1d} that takes numFeatures from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm1d.html */
export class LazyInstanceNorm1d extends InstanceNorm1d implements LazyModule {
  constructor(...args: Construct<LazyNormArguments, typeof LAZY_NORM>) {
    const given = withoutFeatures('LazyInstanceNorm1d', args);
    super(...given.args);
    waitForFeatures(this, given);
  }

  get becomes(): ModuleClass {
    return InstanceNorm1d;
  }

  initializeParameters(input: Tensor): void {
    takeFeatures(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link InstanceNorm2d} that takes numFeatures from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm2d.html */
export class LazyInstanceNorm2d extends InstanceNorm2d implements LazyModule {
  constructor(...args: Construct<LazyNormArguments, typeof LAZY_NORM>) {
    const given = withoutFeatures('LazyInstanceNorm2d', args);
    super(...given.args);
    waitForFeatures(this, given);
  }

  get becomes(): ModuleClass {
    return InstanceNorm2d;
  }

  initializeParameters(input: Tensor): void {
    takeFeatures(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link InstanceNorm3d} that takes numFeatures from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm3d.html */
export class LazyInstanceNorm3d extends InstanceNorm3d implements LazyModule {
  constructor(...args: Construct<LazyNormArguments, typeof LAZY_NORM>) {
    const given = withoutFeatures('LazyInstanceNorm3d', args);
    super(...given.args);
    waitForFeatures(this, given);
  }

  get becomes(): ModuleClass {
    return InstanceNorm3d;
  }

  initializeParameters(input: Tensor): void {
    takeFeatures(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}
