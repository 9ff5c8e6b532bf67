import { repr } from '../repr.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { tupleText } from './numbers.js';
import { repeated, type Sizes } from './sizes.js';

const MAX = ['kernelSize', 'stride', 'padding', 'dilation', 'returnIndices', 'ceilMode'] as const;
type MaxArguments = [
  kernelSize: Sizes,
  stride?: Sizes | null,
  padding?: Sizes,
  dilation?: Sizes,
  returnIndices?: boolean,
  ceilMode?: boolean,
];

/** What max pooling has in any number of dimensions. */
class MaxPoolModule extends Module {
  kernelSize: Sizes;
  stride: Sizes;
  padding: Sizes;
  dilation: Sizes;
  returnIndices: boolean;
  ceilMode: boolean;

  constructor(name: string, args: readonly unknown[]) {
    super();
    const [kernelSize, stride, padding = 0, dilation = 1, returnIndices = false, ceilMode = false] = take<MaxArguments>(
      name,
      MAX,
      args,
    );
    this.kernelSize = kernelSize;
    this.stride = stride ?? kernelSize;
    this.padding = padding;
    this.dilation = dilation;
    this.returnIndices = returnIndices;
    this.ceilMode = ceilMode;
  }

  override extraRepr(): string {
    return `kernel_size=${repr(this.kernelSize)}, stride=${repr(this.stride)}, padding=${repr(this.padding)}, dilation=${repr(this.dilation)}, ceil_mode=${repr(this.ceilMode)}`;
  }

  protected pool(input: Tensor, op: typeof F.maxPool1d, withIndices: typeof F.maxPool1dWithIndices): Tensor {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    if (!this.returnIndices) return op(input, kernelSize, stride, padding, dilation, ceilMode);
    return withIndices(input, kernelSize, stride, padding, dilation, ceilMode) as unknown as Tensor;
  }
}

/**
 * The largest of each window. With `returnIndices` the result is `[output, indices]`.
 * https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 */
export class MaxPool1d extends MaxPoolModule {
  constructor(...args: Construct<MaxArguments, typeof MAX>) {
    super('MaxPool1d', args);
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, F.maxPool1d, F.maxPool1dWithIndices);
  }
}

/** {@link MaxPool1d} of images. https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html */
export class MaxPool2d extends MaxPoolModule {
  constructor(...args: Construct<MaxArguments, typeof MAX>) {
    super('MaxPool2d', args);
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, F.maxPool2d, F.maxPool2dWithIndices);
  }
}

/** {@link MaxPool1d} of volumes. https://pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html */
export class MaxPool3d extends MaxPoolModule {
  constructor(...args: Construct<MaxArguments, typeof MAX>) {
    super('MaxPool3d', args);
  }

  override forward(input: Tensor): Tensor {
    return this.pool(input, F.maxPool3d, F.maxPool3dWithIndices);
  }
}

const UNPOOL = ['kernelSize', 'stride', 'padding'] as const;
type UnpoolArguments = [kernelSize: Sizes, stride?: Sizes | null, padding?: Sizes];

/** What undoing max pooling has in any number of dimensions. */
class MaxUnpoolModule extends Module {
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[];

  constructor(name: string, n: number, args: readonly unknown[]) {
    super();
    const [kernelSize, stride, padding = 0] = take<UnpoolArguments>(name, UNPOOL, args);
    this.kernelSize = repeated(name, 'kernelSize', kernelSize, n, 1);
    this.stride = repeated(name, 'stride', stride ?? kernelSize, n, 1);
    this.padding = repeated(name, 'padding', padding, n);
  }

  override extraRepr(): string {
    return `kernel_size=${tupleText(this.kernelSize)}, stride=${tupleText(this.stride)}, padding=${tupleText(this.padding)}`;
  }
}

/** Puts maxima back where {@link MaxPool1d} found them. https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html */
export class MaxUnpool1d extends MaxUnpoolModule {
  constructor(...args: Construct<UnpoolArguments, typeof UNPOOL>) {
    super('MaxUnpool1d', 1, args);
  }

  override forward(input: Tensor, indices: Tensor, outputSize: Shape | null = null): Tensor {
    return F.maxUnpool1d(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }
}

/** {@link MaxUnpool1d} of images. https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html */
export class MaxUnpool2d extends MaxUnpoolModule {
  constructor(...args: Construct<UnpoolArguments, typeof UNPOOL>) {
    super('MaxUnpool2d', 2, args);
  }

  override forward(input: Tensor, indices: Tensor, outputSize: Shape | null = null): Tensor {
    return F.maxUnpool2d(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }
}

/** {@link MaxUnpool1d} of volumes. https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html */
export class MaxUnpool3d extends MaxUnpoolModule {
  constructor(...args: Construct<UnpoolArguments, typeof UNPOOL>) {
    super('MaxUnpool3d', 3, args);
  }

  override forward(input: Tensor, indices: Tensor, outputSize: Shape | null = null): Tensor {
    return F.maxUnpool3d(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }
}

const AVERAGE1 = ['kernelSize', 'stride', 'padding', 'ceilMode', 'countIncludePad'] as const;
type Average1Arguments = [
  kernelSize: Sizes,
  stride?: Sizes | null,
  padding?: Sizes,
  ceilMode?: boolean,
  countIncludePad?: boolean,
];
const AVERAGE = [...AVERAGE1, 'divisorOverride'] as const;
type AverageArguments = [
  kernelSize: Sizes,
  stride?: Sizes | null,
  padding?: Sizes,
  ceilMode?: boolean,
  countIncludePad?: boolean,
  divisorOverride?: number | null,
];

/** What average pooling has in any number of dimensions. */
class AvgPoolModule extends Module {
  kernelSize: Sizes;
  stride: Sizes;
  padding: Sizes;
  ceilMode: boolean;
  countIncludePad: boolean;

  constructor(args: readonly unknown[]) {
    super();
    const [kernelSize, stride, padding = 0, ceilMode = false, countIncludePad = true] =
      args as unknown as Average1Arguments;
    this.kernelSize = kernelSize;
    this.stride = stride ?? kernelSize;
    this.padding = padding;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
  }

  override extraRepr(): string {
    return `kernel_size=${repr(this.kernelSize)}, stride=${repr(this.stride)}, padding=${repr(this.padding)}`;
  }
}

/** The mean of each window. https://pytorch.org/docs/stable/generated/torch.nn.AvgPool1d.html */
export class AvgPool1d extends AvgPoolModule {
  constructor(...args: Construct<Average1Arguments, typeof AVERAGE1>) {
    super(take<Average1Arguments>('AvgPool1d', AVERAGE1, args));
  }

  override forward(input: Tensor): Tensor {
    return F.avgPool1d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad);
  }

  override extraRepr(): string {
    const [kernel, stride, padding] = [this.kernelSize, this.stride, this.padding].map((sizes) =>
      tupleText(repeated('AvgPool1d', 'sizes', sizes, 1)),
    );
    return `kernel_size=${kernel}, stride=${stride}, padding=${padding}`;
  }
}

/** What average pooling has in two dimensions and three. */
class AvgPoolWithDivisor extends AvgPoolModule {
  divisorOverride: number | null;

  constructor(name: string, args: readonly unknown[]) {
    const taken = take<AverageArguments>(name, AVERAGE, args);
    super(taken);
    this.divisorOverride = taken[5] ?? null;
  }
}

/** {@link AvgPool1d} of images. https://pytorch.org/docs/stable/generated/torch.nn.AvgPool2d.html */
export class AvgPool2d extends AvgPoolWithDivisor {
  constructor(...args: Construct<AverageArguments, typeof AVERAGE>) {
    super('AvgPool2d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.avgPool2d(
      input,
      this.kernelSize,
      this.stride,
      this.padding,
      this.ceilMode,
      this.countIncludePad,
      this.divisorOverride,
    );
  }
}

/** {@link AvgPool1d} of volumes. https://pytorch.org/docs/stable/generated/torch.nn.AvgPool3d.html */
export class AvgPool3d extends AvgPoolWithDivisor {
  constructor(...args: Construct<AverageArguments, typeof AVERAGE>) {
    super('AvgPool3d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.avgPool3d(
      input,
      this.kernelSize,
      this.stride,
      this.padding,
      this.ceilMode,
      this.countIncludePad,
      this.divisorOverride,
    );
  }
}
