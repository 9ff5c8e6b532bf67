import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';
import type { Sizes } from './sizes.js';

const UNFOLD = ['kernelSize', 'dilation', 'padding', 'stride'] as const;
type UnfoldArguments = [kernelSize: Sizes, dilation?: Sizes, padding?: Sizes, stride?: Sizes];
const FOLD = ['outputSize', ...UNFOLD] as const;
type FoldArguments = [outputSize: Sizes, kernelSize: Sizes, dilation?: Sizes, padding?: Sizes, stride?: Sizes];

/** The windows of images as columns. https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html */
export class Unfold extends Module {
  kernelSize: Sizes;
  dilation: Sizes;
  padding: Sizes;
  stride: Sizes;

  constructor(...args: Construct<UnfoldArguments, typeof UNFOLD>) {
    super();
    [this.kernelSize, this.dilation = 1, this.padding = 0, this.stride = 1] = take<UnfoldArguments>(
      'Unfold',
      UNFOLD,
      args,
    );
  }

  override forward(input: Tensor): Tensor {
    return F.unfold(input, this.kernelSize, this.dilation, this.padding, this.stride);
  }

  override extraRepr(): string {
    return `kernel_size=${repr(this.kernelSize)}, dilation=${repr(this.dilation)}, padding=${repr(this.padding)}, stride=${repr(this.stride)}`;
  }
}

/** The sum of overlapping windows, given as columns. https://pytorch.org/docs/stable/generated/torch.nn.Fold.html */
export class Fold extends Module {
  outputSize: Sizes;
  kernelSize: Sizes;
  dilation: Sizes;
  padding: Sizes;
  stride: Sizes;

  constructor(...args: Construct<FoldArguments, typeof FOLD>) {
    super();
    [this.outputSize, this.kernelSize, this.dilation = 1, this.padding = 0, this.stride = 1] = take<FoldArguments>(
      'Fold',
      FOLD,
      args,
    );
  }

  override forward(input: Tensor): Tensor {
    return F.fold(input, this.outputSize, this.kernelSize, this.dilation, this.padding, this.stride);
  }

  override extraRepr(): string {
    return `output_size=${repr(this.outputSize)}, kernel_size=${repr(this.kernelSize)}, dilation=${repr(this.dilation)}, padding=${repr(this.padding)}, stride=${repr(this.stride)}`;
  }
}
