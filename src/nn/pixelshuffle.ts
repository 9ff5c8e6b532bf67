import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';

const UP = ['upscaleFactor'] as const;
const DOWN = ['downscaleFactor'] as const;
const GROUPS = ['groups'] as const;

/** `[n, c · r², h, w]` to `[n, c, h · r, w · r]`. https://pytorch.org/docs/stable/generated/torch.nn.PixelShuffle.html */
export class PixelShuffle extends Module {
  upscaleFactor: number;

  constructor(...args: Construct<[upscaleFactor: number], typeof UP>) {
    super();
    [this.upscaleFactor] = take<[number]>('PixelShuffle', UP, args);
  }

  override forward(input: Tensor): Tensor {
    return F.pixelShuffle(input, this.upscaleFactor);
  }

  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

/** `[n, c, h · r, w · r]` to `[n, c · r², h, w]`. https://pytorch.org/docs/stable/generated/torch.nn.PixelUnshuffle.html */
export class PixelUnshuffle extends Module {
  downscaleFactor: number;

  constructor(...args: Construct<[downscaleFactor: number], typeof DOWN>) {
    super();
    [this.downscaleFactor] = take<[number]>('PixelUnshuffle', DOWN, args);
  }

  override forward(input: Tensor): Tensor {
    return F.pixelUnshuffle(input, this.downscaleFactor);
  }

  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

/** Channels in another order: the first of each group, then the second, … https://pytorch.org/docs/stable/generated/torch.nn.ChannelShuffle.html */
export class ChannelShuffle extends Module {
  groups: number;

  constructor(...args: Construct<[groups: number], typeof GROUPS>) {
    super();
    [this.groups] = take<[number]>('ChannelShuffle', GROUPS, args);
  }

  override forward(input: Tensor): Tensor {
    return F.channelShuffle(input, this.groups);
  }

  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}
