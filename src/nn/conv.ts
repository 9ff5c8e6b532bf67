import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import { repr } from '../repr.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, newParameter, take } from './construct.js';
import * as F from './functional.js';
import { calculateFanInAndFanOut, kaimingUniform_, uniform_ } from './init.js';
import { Module } from './module.js';
import { tupleText } from './numbers.js';
import type { Parameter } from './parameter.js';
import { repeated, type Sizes } from './sizes.js';

export type PaddingMode = 'zeros' | 'reflect' | 'replicate' | 'circular';
const PADDING_MODES: readonly string[] = ['zeros', 'reflect', 'replicate', 'circular'];

/** What a convolution is made of. */
interface ConvOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: Sizes;
  readonly stride: Sizes;
  readonly padding: Sizes | 'same' | 'valid';
  readonly dilation: Sizes;
  readonly outputPadding: Sizes;
  readonly groups: number;
  readonly bias: boolean;
  readonly paddingMode: PaddingMode;
  readonly device: Device | string | null | undefined;
  readonly dtype: DType | null | undefined;
}

function checkPadding(name: string, conv: ConvModule): void {
  const { padding, paddingMode } = conv;
  if (typeof padding === 'string' && padding !== 'same' && padding !== 'valid') {
    throw rangeError(`${name}: Invalid padding string ${repr(padding)}, should be one of 'same', 'valid'.`);
  }
  if (padding === 'same' && conv.stride.some((stride) => stride !== 1)) {
    throw rangeError(
      `${name}: padding='same' is not supported for strided convolutions (stride [${conv.stride.join(', ')}]).`,
    );
  }
  if (!PADDING_MODES.includes(paddingMode)) {
    throw rangeError(`${name}: paddingMode must be one of ${PADDING_MODES.join(', ')}, but got ${repr(paddingMode)}.`);
  }
  if (conv.transposed && paddingMode !== 'zeros')
    throw rangeError(`${name}: Only "zeros" padding mode is supported, but got ${repr(paddingMode)}.`);
}

/** What all convolutions share: their sizes, weight and bias. */
export abstract class ConvModule extends Module {
  inChannels: number;
  outChannels: number;
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[] | 'same' | 'valid';
  dilation: readonly number[];
  transposed: boolean;
  outputPadding: readonly number[];
  groups: number;
  paddingMode: PaddingMode;
  weight: Parameter;
  declare bias: Parameter | null;

  constructor(name: string, n: number, transposed: boolean, options: ConvOptions) {
    super();
    const { inChannels, outChannels, groups, padding, paddingMode, device, dtype } = options;
    checkSize(name, 'inChannels', inChannels);
    checkSize(name, 'outChannels', outChannels);
    checkSize(name, 'groups', groups, 1);
    if (inChannels % groups !== 0)
      throw rangeError(`${name}: inChannels (${inChannels}) must be divisible by groups (${groups}).`);
    if (outChannels % groups !== 0)
      throw rangeError(`${name}: outChannels (${outChannels}) must be divisible by groups (${groups}).`);
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = repeated(name, 'kernelSize', options.kernelSize, n);
    this.stride = repeated(name, 'stride', options.stride, n, 1);
    this.padding = typeof padding === 'string' ? padding : repeated(name, 'padding', padding, n);
    this.dilation = repeated(name, 'dilation', options.dilation, n, 1);
    this.transposed = transposed;
    this.outputPadding = repeated(name, 'outputPadding', options.outputPadding, n);
    this.groups = groups;
    this.paddingMode = paddingMode;
    checkPadding(name, this);
    const [first, second] = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.weight = newParameter(name, [first, second, ...this.kernelSize], device, dtype);
    this.registerParameter('bias', options.bias ? newParameter(name, [outChannels], device, dtype) : null);
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    kaimingUniform_(this.weight, Math.sqrt(5));
    if (this.bias === null) return;
    const [fanIn] = calculateFanInAndFanOut(this.weight);
    if (fanIn !== 0) uniform_(this.bias, -1 / Math.sqrt(fanIn), 1 / Math.sqrt(fanIn));
  }

  /** @internal What to pad the input by, last dimension first, for the padding modes that are an op of their own. */
  protected get inputPadding(): number[] {
    const { padding, dilation, kernelSize } = this;
    const pairs = kernelSize.map((kernel, i) => {
      if (padding === 'valid') return [0, 0];
      if (padding !== 'same') return [padding[i]!, padding[i]!];
      const total = dilation[i]! * (kernel - 1);
      return [Math.floor(total / 2), total - Math.floor(total / 2)];
    });
    return pairs.reverse().flat();
  }

  override extraRepr(): string {
    const isAll = (sizes: readonly number[], value: number): boolean => sizes.every((size) => size === value);
    const { padding, dilation, outputPadding } = this;
    let text = `${this.inChannels}, ${this.outChannels}, kernel_size=${tupleText(this.kernelSize)}, stride=${tupleText(this.stride)}`;
    if (typeof padding === 'string') text += `, padding=${padding}`;
    else if (!isAll(padding, 0)) text += `, padding=${tupleText(padding)}`;
    if (!isAll(dilation, 1)) text += `, dilation=${tupleText(dilation)}`;
    if (!isAll(outputPadding, 0)) text += `, output_padding=${tupleText(outputPadding)}`;
    if (this.groups !== 1) text += `, groups=${this.groups}`;
    if (this.bias === null) text += ', bias=False';
    return this.paddingMode === 'zeros' ? text : `${text}, padding_mode=${this.paddingMode}`;
  }
}

export const CONV = [
  'inChannels',
  'outChannels',
  'kernelSize',
  'stride',
  'padding',
  'dilation',
  'groups',
  'bias',
  'paddingMode',
  'device',
  'dtype',
] as const;
export type ConvArguments = [
  inChannels: number,
  outChannels: number,
  kernelSize: Sizes,
  stride?: Sizes,
  padding?: Sizes | 'same' | 'valid',
  dilation?: Sizes,
  groups?: number,
  bias?: boolean,
  paddingMode?: PaddingMode,
  device?: Device | string | null,
  dtype?: DType | null,
];

export function convOptions(name: string, args: readonly unknown[]): ConvOptions {
  const [
    inChannels,
    outChannels,
    kernelSize,
    stride = 1,
    padding = 0,
    dilation = 1,
    groups = 1,
    bias = true,
    paddingMode = 'zeros',
    device,
    dtype,
  ] = take<ConvArguments>(name, CONV, args);
  return {
    inChannels,
    outChannels,
    kernelSize,
    stride,
    padding,
    dilation,
    outputPadding: 0,
    groups,
    bias,
    paddingMode,
    device,
    dtype,
  };
}

type ConvOp = (
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: Shape,
  padding: Shape | 'same' | 'valid',
  dilation: Shape,
  groups: number,
) => Tensor;

/** A convolution that is not transposed. */
abstract class PlainConv extends ConvModule {
  /** Runs `op`, after padding where the mode is not zeros. */
  protected run(op: ConvOp, input: Tensor): Tensor {
    const { weight, bias, stride, dilation, groups, paddingMode } = this;
    if (paddingMode === 'zeros') return op(input, weight, bias, stride, this.padding, dilation, groups);
    const padded = F.pad(input, this.inputPadding, paddingMode);
    return op(
      padded,
      weight,
      bias,
      stride,
      this.kernelSize.map(() => 0),
      dilation,
      groups,
    );
  }
}

/** Cross-correlation over the last dimension. https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html */
export class Conv1d extends PlainConv {
  constructor(...args: Construct<ConvArguments, typeof CONV>) {
    super('Conv1d', 1, false, convOptions('Conv1d', args));
  }

  override forward(input: Tensor): Tensor {
    return this.run(F.conv1d, input);
  }
}

/** Cross-correlation over the last two dimensions. https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html */
export class Conv2d extends PlainConv {
  constructor(...args: Construct<ConvArguments, typeof CONV>) {
    super('Conv2d', 2, false, convOptions('Conv2d', args));
  }

  override forward(input: Tensor): Tensor {
    return this.run(F.conv2d, input);
  }
}

/** Cross-correlation over the last three dimensions. https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html */
export class Conv3d extends PlainConv {
  constructor(...args: Construct<ConvArguments, typeof CONV>) {
    super('Conv3d', 3, false, convOptions('Conv3d', args));
  }

  override forward(input: Tensor): Tensor {
    return this.run(F.conv3d, input);
  }
}
