import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, take } from './construct.js';
import { CONV, Conv1d, Conv2d, Conv3d, type ConvArguments, type ConvModule } from './conv.js';
import {
  CONV_TRANSPOSE,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeArguments,
} from './convTranspose.js';
import { awaitInput, hasUninitializedParams, type LazyModule, materializeFrom } from './lazy.js';
import { Linear } from './linear.js';
import { UninitializedParameter } from './parameter.js';
import { addParameter } from './registering.js';
import type { Sizes } from './sizes.js';
import type { LoadState } from './stateDict.js';

/** A class whose instances are modules. */
type ModuleClass = LazyModule['becomes'];
type Rest<T extends readonly unknown[]> = T extends readonly [unknown, ...infer R] ? R : never;

/** A parameter whose shape is not known yet. */
const waiting = (dtype: DType | null | undefined): UninitializedParameter =>
  new UninitializedParameter({ dtype: dtype ?? null });

const LAZY_LINEAR = ['outFeatures', 'bias', 'device', 'dtype'] as const;
type LazyLinearArguments = [outFeatures: number, bias?: boolean, device?: Device | string | null, dtype?: DType | null];

/** {@link Linear} that takes inFeatures from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html */
export class LazyLinear extends Linear implements LazyModule {
  constructor(...args: Construct<LazyLinearArguments, typeof LAZY_LINEAR>) {
    const [outFeatures, bias = true, , dtype] = take<LazyLinearArguments>('LazyLinear', LAZY_LINEAR, args);
    checkSize('LazyLinear', 'outFeatures', outFeatures);
    super(0, 0, false);
    addParameter(this, 'weight', waiting(dtype));
    this.outFeatures = outFeatures;
    if (bias) addParameter(this, 'bias', waiting(dtype));
    awaitInput(this);
  }

  get becomes(): ModuleClass {
    return Linear;
  }

  initializeParameters(input: Tensor): void {
    if (!hasUninitializedParams(this)) return;
    this.inFeatures = input.shape.at(-1)!;
    (this.weight as UninitializedParameter).materialize([this.outFeatures, this.inFeatures]);
    (this.bias as UninitializedParameter | null)?.materialize([this.outFeatures]);
    this.resetParameters();
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** All but the first of some names. */
function names<const N extends readonly string[]>(all: N): N extends readonly [string, ...infer R] ? R : never {
  return all.slice(1) as never;
}

interface WithoutChannels {
  /** A convolution's arguments with no input channels and no bias. */
  readonly args: [inChannels: number, outChannels: number, kernelSize: Sizes];
  readonly bias: boolean;
  readonly dtype: DType | null;
}

function withoutChannels(name: string, names: readonly string[], args: readonly unknown[]): WithoutChannels {
  const all: unknown[] = [0, ...take<readonly unknown[]>(name, names.slice(1), args)];
  const biasAt = names.indexOf('bias');
  const bias = (all[biasAt] ?? true) as boolean;
  checkSize(name, 'groups', all[names.indexOf('groups')] ?? 1, 1);
  all[biasAt] = false;
  const dtype = (all[names.indexOf('dtype')] ?? null) as DType | null;
  return { args: all as WithoutChannels['args'], bias, dtype };
}

function waitForChannels(conv: ConvModule & LazyModule, { bias, dtype }: WithoutChannels): void {
  addParameter(conv, 'weight', waiting(dtype));
  if (bias) addParameter(conv, 'bias', waiting(dtype));
  awaitInput(conv);
}

function takeChannels(conv: ConvModule, input: Tensor): void {
  if (!hasUninitializedParams(conv)) return;
  const n = conv.kernelSize.length;
  if (input.ndim !== n + 1 && input.ndim !== n + 2) {
    throw rangeError(
      `${conv.getName()}: Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input, but got input of size: [${input.shape.join(', ')}].`,
    );
  }
  conv.inChannels = input.shape[input.ndim - n - 1]!;
  const { inChannels, outChannels, groups, kernelSize } = conv;
  if (inChannels % groups !== 0)
    throw rangeError(`${conv.getName()}: inChannels (${inChannels}) must be divisible by groups (${groups}).`);
  const shape = conv.transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
  (conv.weight as UninitializedParameter).materialize([...shape, ...kernelSize]);
  (conv.bias as UninitializedParameter | null)?.materialize([outChannels]);
  conv.resetParameters();
}

const LAZY_CONV = names(CONV);
type LazyConvArguments = Rest<ConvArguments>;

/** {@link Conv1d} that takes inChannels from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyConv1d.html */
export class LazyConv1d extends Conv1d implements LazyModule {
  constructor(...args: Construct<LazyConvArguments, typeof LAZY_CONV>) {
    const given = withoutChannels('LazyConv1d', CONV, args);
    super(...given.args);
    waitForChannels(this, given);
  }

  get becomes(): ModuleClass {
    return Conv1d;
  }

  initializeParameters(input: Tensor): void {
    takeChannels(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link Conv2d} that takes inChannels from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyConv2d.html */
export class LazyConv2d extends Conv2d implements LazyModule {
  constructor(...args: Construct<LazyConvArguments, typeof LAZY_CONV>) {
    const given = withoutChannels('LazyConv2d', CONV, args);
    super(...given.args);
    waitForChannels(this, given);
  }

  get becomes(): ModuleClass {
    return Conv2d;
  }

  initializeParameters(input: Tensor): void {
    takeChannels(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link Conv3d} that takes inChannels from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyConv3d.html */
export class LazyConv3d extends Conv3d implements LazyModule {
  constructor(...args: Construct<LazyConvArguments, typeof LAZY_CONV>) {
    const given = withoutChannels('LazyConv3d', CONV, args);
    super(...given.args);
    waitForChannels(this, given);
  }

  get becomes(): ModuleClass {
    return Conv3d;
  }

  initializeParameters(input: Tensor): void {
    takeChannels(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

const LAZY_CONV_TRANSPOSE = names(CONV_TRANSPOSE);
type LazyConvTransposeArguments = Rest<ConvTransposeArguments>;

/** {@link ConvTranspose1d} that takes inChannels from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose1d.html */
export class LazyConvTranspose1d extends ConvTranspose1d implements LazyModule {
  constructor(...args: Construct<LazyConvTransposeArguments, typeof LAZY_CONV_TRANSPOSE>) {
    const given = withoutChannels('LazyConvTranspose1d', CONV_TRANSPOSE, args);
    super(...given.args);
    waitForChannels(this, given);
  }

  get becomes(): ModuleClass {
    return ConvTranspose1d;
  }

  initializeParameters(input: Tensor): void {
    takeChannels(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link ConvTranspose2d} that takes inChannels from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose2d.html */
export class LazyConvTranspose2d extends ConvTranspose2d implements LazyModule {
  constructor(...args: Construct<LazyConvTransposeArguments, typeof LAZY_CONV_TRANSPOSE>) {
    const given = withoutChannels('LazyConvTranspose2d', CONV_TRANSPOSE, args);
    super(...given.args);
    waitForChannels(this, given);
  }

  get becomes(): ModuleClass {
    return ConvTranspose2d;
  }

  initializeParameters(input: Tensor): void {
    takeChannels(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}

/** {@link ConvTranspose3d} that takes inChannels from its first input. https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose3d.html */
export class LazyConvTranspose3d extends ConvTranspose3d implements LazyModule {
  constructor(...args: Construct<LazyConvTransposeArguments, typeof LAZY_CONV_TRANSPOSE>) {
    const given = withoutChannels('LazyConvTranspose3d', CONV_TRANSPOSE, args);
    super(...given.args);
    waitForChannels(this, given);
  }

  get becomes(): ModuleClass {
    return ConvTranspose3d;
  }

  initializeParameters(input: Tensor): void {
    takeChannels(this, input);
  }

  override loadFromStateDict(load: LoadState): void {
    materializeFrom(this, load);
    super.loadFromStateDict(load);
  }
}
