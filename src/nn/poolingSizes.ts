import { rangeError } from '../errors.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { type NumberArgument, numberOf } from './numbers.js';
import { addBuffer } from './registering.js';
import { repeated, type Sizes } from './sizes.js';

/** An output size for every dimension, or one for all; null: as long as the input. */
export type OutputSizes = number | null | readonly (number | null)[];

const ADAPTIVE_MAX = ['outputSize', 'returnIndices'] as const;
type AdaptiveMaxArguments = [outputSize: OutputSizes, returnIndices?: boolean];

class AdaptiveMaxPoolModule extends Module {
  outputSize: OutputSizes;
  returnIndices: boolean;

  constructor(name: string, args: readonly unknown[]) {
    super();
    const [outputSize, returnIndices = false] = take<AdaptiveMaxArguments>(name, ADAPTIVE_MAX, args);
    this.outputSize = outputSize;
    this.returnIndices = returnIndices;
  }

  override extraRepr(): string {
    return `output_size=${repr(this.outputSize)}`;
  }
}

/** Max pooling to a given size. https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html */
export class AdaptiveMaxPool1d extends AdaptiveMaxPoolModule {
  constructor(...args: Construct<AdaptiveMaxArguments, typeof ADAPTIVE_MAX>) {
    super('AdaptiveMaxPool1d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool1d(input, this.outputSize as Sizes, this.returnIndices as false);
  }
}

/** Max pooling to a given size. https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html */
export class AdaptiveMaxPool2d extends AdaptiveMaxPoolModule {
  constructor(...args: Construct<AdaptiveMaxArguments, typeof ADAPTIVE_MAX>) {
    super('AdaptiveMaxPool2d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool2d(input, this.outputSize, this.returnIndices as false);
  }
}

/** Max pooling to a given size. https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html */
export class AdaptiveMaxPool3d extends AdaptiveMaxPoolModule {
  constructor(...args: Construct<AdaptiveMaxArguments, typeof ADAPTIVE_MAX>) {
    super('AdaptiveMaxPool3d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool3d(input, this.outputSize, this.returnIndices as false);
  }
}

const ADAPTIVE = ['outputSize'] as const;
type AdaptiveArguments = [outputSize: OutputSizes];

class AdaptiveAvgPoolModule extends Module {
  outputSize: OutputSizes;

  constructor(name: string, args: readonly unknown[]) {
    super();
    [this.outputSize] = take<AdaptiveArguments>(name, ADAPTIVE, args);
  }

  override extraRepr(): string {
    return `output_size=${repr(this.outputSize)}`;
  }
}

/** Average pooling to a given size. https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html */
export class AdaptiveAvgPool1d extends AdaptiveAvgPoolModule {
  constructor(...args: Construct<AdaptiveArguments, typeof ADAPTIVE>) {
    super('AdaptiveAvgPool1d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool1d(input, this.outputSize as Sizes);
  }
}

/** Average pooling to a given size. https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html */
export class AdaptiveAvgPool2d extends AdaptiveAvgPoolModule {
  constructor(...args: Construct<AdaptiveArguments, typeof ADAPTIVE>) {
    super('AdaptiveAvgPool2d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool2d(input, this.outputSize);
  }
}

/** Average pooling to a given size. https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html */
export class AdaptiveAvgPool3d extends AdaptiveAvgPoolModule {
  constructor(...args: Construct<AdaptiveArguments, typeof ADAPTIVE>) {
    super('AdaptiveAvgPool3d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool3d(input, this.outputSize);
  }
}

const LP = ['normType', 'kernelSize', 'stride', 'ceilMode'] as const;
type LPArguments = [normType: NumberArgument, kernelSize: Sizes, stride?: Sizes | null, ceilMode?: boolean];

class LPPoolModule extends Module {
  normType: number;
  kernelSize: Sizes;
  stride: Sizes | null;
  ceilMode: boolean;

  constructor(name: string, args: readonly unknown[]) {
    super();
    const [normType, kernelSize, stride = null, ceilMode = false] = take<LPArguments>(name, LP, args);
    this.normType = numberOf(this, 'normType', normType);
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.ceilMode = ceilMode;
  }

  override extraRepr(): string {
    return `norm_type=${this.numberText('normType')}, kernel_size=${repr(this.kernelSize)}, stride=${repr(this.stride)}, ceil_mode=${repr(this.ceilMode)}`;
  }
}

/** The p-norm of each window. https://pytorch.org/docs/stable/generated/torch.nn.LPPool1d.html */
export class LPPool1d extends LPPoolModule {
  constructor(...args: Construct<LPArguments, typeof LP>) {
    super('LPPool1d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.lpPool1d(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }
}

/** The p-norm of each window. https://pytorch.org/docs/stable/generated/torch.nn.LPPool2d.html */
export class LPPool2d extends LPPoolModule {
  constructor(...args: Construct<LPArguments, typeof LP>) {
    super('LPPool2d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.lpPool2d(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }
}

const FRACTIONAL = ['kernelSize', 'outputSize', 'outputRatio', 'returnIndices', '_randomSamples'] as const;
type FractionalArguments = [
  kernelSize: Sizes,
  outputSize?: Sizes | null,
  outputRatio?: number | readonly number[] | null,
  returnIndices?: boolean,
  _randomSamples?: Tensor | null,
];

class FractionalModule extends Module {
  kernelSize: readonly number[];
  outputSize: readonly number[] | null;
  outputRatio: readonly number[] | null;
  returnIndices: boolean;
  declare _randomSamples: Tensor | null;

  constructor(name: string, n: number, args: readonly unknown[]) {
    super();
    const [kernelSize, outputSize = null, outputRatio = null, returnIndices = false, samples = null] =
      take<FractionalArguments>(name, FRACTIONAL, args);
    if (outputSize === null && outputRatio === null)
      throw rangeError(`${name}: requires specifying either an output size, or a pooling ratio.`);
    if (outputSize !== null && outputRatio !== null)
      throw rangeError(`${name}: only one of outputSize and outputRatio may be specified.`);
    this.kernelSize = repeated(name, 'kernelSize', kernelSize, n, 1);
    this.outputSize = outputSize === null ? null : repeated(name, 'outputSize', outputSize, n, 1);
    this.outputRatio =
      outputRatio === null
        ? null
        : typeof outputRatio === 'number'
          ? new Array<number>(n).fill(outputRatio)
          : outputRatio;
    if (this.outputRatio?.some((ratio) => !(ratio > 0 && ratio < 1)))
      throw rangeError(`${name}: outputRatio must be between 0 and 1 (got ${repr(outputRatio)}).`);
    this.returnIndices = returnIndices;
    addBuffer(this, '_randomSamples', samples);
  }

  override stateName(attribute: string): string {
    return attribute === '_randomSamples' ? '_random_samples' : attribute;
  }
}

/** Max pooling over windows of random positions. https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html */
export class FractionalMaxPool2d extends FractionalModule {
  constructor(...args: Construct<FractionalArguments, typeof FRACTIONAL>) {
    super('FractionalMaxPool2d', 2, args);
  }

  override forward(input: Tensor): Tensor {
    const { outputSize, outputRatio, returnIndices, _randomSamples } = this;
    return F.fractionalMaxPool2d(input, this.kernelSize, {
      outputSize,
      outputRatio,
      returnIndices,
      _randomSamples,
    }) as Tensor;
  }
}

/** Max pooling over windows of random positions. https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html */
export class FractionalMaxPool3d extends FractionalModule {
  constructor(...args: Construct<FractionalArguments, typeof FRACTIONAL>) {
    super('FractionalMaxPool3d', 3, args);
  }

  override forward(input: Tensor): Tensor {
    const { outputSize, outputRatio, returnIndices, _randomSamples } = this;
    return F.fractionalMaxPool3d(input, this.kernelSize, {
      outputSize,
      outputRatio,
      returnIndices,
      _randomSamples,
    }) as Tensor;
  }
}
