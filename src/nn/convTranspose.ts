import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import { ConvModule, type PaddingMode } from './conv.js';
import * as F from './functional.js';
import type { Sizes } from './sizes.js';

export const CONV_TRANSPOSE = [
  'inChannels',
  'outChannels',
  'kernelSize',
  'stride',
  'padding',
  'outputPadding',
  'groups',
  'bias',
  'dilation',
  'paddingMode',
  'device',
  'dtype',
] as const;
export type ConvTransposeArguments = [
  inChannels: number,
  outChannels: number,
  kernelSize: Sizes,
  stride?: Sizes,
  padding?: Sizes,
  outputPadding?: Sizes,
  groups?: number,
  bias?: boolean,
  dilation?: Sizes,
  paddingMode?: PaddingMode,
  device?: Device | string | null,
  dtype?: DType | null,
];

type TransposeOp = (
  input: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  stride: Shape,
  padding: Shape,
  outputPadding: Shape,
  groups: number,
  dilation: Shape,
) => Tensor;

/** The size that a transposed convolution is to give, where several are possible. */
export type OutputSize = Shape | null | { outputSize?: Shape | null };

/** The output padding that makes the output `wanted` long. */
function paddingFor(conv: ConvModule, input: Tensor, wanted: Shape): number[] {
  const { kernelSize, stride, dilation } = conv;
  const padding = conv.padding as readonly number[];
  const n = kernelSize.length;
  const leading = input.ndim === n + 2 ? 2 : 1;
  const size = wanted.length === leading + n ? wanted.slice(leading) : wanted;
  if (size.length !== n) {
    throw rangeError(
      `${conv.getName()}: for ${input.ndim}D input, output_size must have ${n} or ${leading + n} elements (got ${size.length}).`,
    );
  }
  const least = kernelSize.map(
    (kernel, d) => (input.shape[d + leading]! - 1) * stride[d]! - 2 * padding[d]! + dilation[d]! * (kernel - 1) + 1,
  );
  const most = least.map((small, d) => small + stride[d]! - 1);
  if (size.some((value, d) => value < least[d]! || value > most[d]!)) {
    throw rangeError(
      `${conv.getName()}: requested an output size of [${size.join(', ')}], but valid sizes range from [${least.join(', ')}] to [${most.join(', ')}] (for an input of [${input.shape.slice(2).join(', ')}]).`,
    );
  }
  return size.map((value, d) => value - least[d]!);
}

/** What the transposed convolutions share. */
abstract class TransposedConv extends ConvModule {
  constructor(name: string, n: number, args: readonly unknown[]) {
    const [
      inChannels,
      outChannels,
      kernelSize,
      stride = 1,
      padding = 0,
      outputPadding = 0,
      groups = 1,
      bias = true,
      dilation = 1,
      paddingMode = 'zeros',
      device,
      dtype,
    ] = take<ConvTransposeArguments>(name, CONV_TRANSPOSE, args);
    super(name, n, true, {
      inChannels,
      outChannels,
      kernelSize,
      stride,
      padding,
      dilation,
      outputPadding,
      groups,
      bias,
      paddingMode,
      device,
      dtype,
    });
  }

  protected run(op: TransposeOp, input: Tensor, outputSize: OutputSize): Tensor {
    const size = isOptions(outputSize)
      ? ((outputSize as { outputSize?: Shape | null }).outputSize ?? null)
      : (outputSize as Shape | null);
    const { weight, bias, stride, groups, dilation } = this;
    const padding = this.padding as readonly number[];
    return op(
      input,
      weight,
      bias,
      stride,
      padding,
      size === null ? this.outputPadding : paddingFor(this, input, size),
      groups,
      dilation,
    );
  }
}

/** The gradient of {@link Conv1d} as a layer. https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html */
export class ConvTranspose1d extends TransposedConv {
  constructor(...args: Construct<ConvTransposeArguments, typeof CONV_TRANSPOSE>) {
    super('ConvTranspose1d', 1, args);
  }

  override forward(input: Tensor, outputSize: OutputSize = null): Tensor {
    return this.run(F.convTranspose1d, input, outputSize);
  }
}

/** The gradient of {@link Conv2d} as a layer. https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html */
export class ConvTranspose2d extends TransposedConv {
  constructor(...args: Construct<ConvTransposeArguments, typeof CONV_TRANSPOSE>) {
    super('ConvTranspose2d', 2, args);
  }

  override forward(input: Tensor, outputSize: OutputSize = null): Tensor {
    return this.run(F.convTranspose2d, input, outputSize);
  }
}

/** The gradient of {@link Conv3d} as a layer. https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html */
export class ConvTranspose3d extends TransposedConv {
  constructor(...args: Construct<ConvTransposeArguments, typeof CONV_TRANSPOSE>) {
    super('ConvTranspose3d', 3, args);
  }

  override forward(input: Tensor, outputSize: OutputSize = null): Tensor {
    return this.run(F.convTranspose3d, input, outputSize);
  }
}
