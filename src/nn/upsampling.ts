import { floatRepr } from '../pythonNumber.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';
import type { Sizes } from './sizes.js';

export type UpsampleMode = 'nearest' | 'linear' | 'bilinear' | 'bicubic' | 'trilinear' | 'area' | 'nearest-exact';
type Scale = number | readonly number[];

const UPSAMPLE = ['size', 'scaleFactor', 'mode', 'alignCorners', 'recomputeScaleFactor'] as const;
type UpsampleArguments = [
  size?: Sizes | null,
  scaleFactor?: Scale | null,
  mode?: UpsampleMode,
  alignCorners?: boolean | null,
  recomputeScaleFactor?: boolean | null,
];

/** Sequences, images or volumes made larger. https://pytorch.org/docs/stable/generated/torch.nn.Upsample.html */
export class Upsample extends Module {
  size: Sizes | null;
  scaleFactor: Scale | null;
  mode: UpsampleMode;
  alignCorners: boolean | null;
  recomputeScaleFactor: boolean | null;

  constructor(...args: Construct<UpsampleArguments, typeof UPSAMPLE>) {
    super();
    const [size = null, scaleFactor = null, mode = 'nearest', alignCorners = null, recomputeScaleFactor = null] =
      take<UpsampleArguments>('Upsample', UPSAMPLE, args);
    this.size = size;
    this.scaleFactor = scaleFactor;
    this.mode = mode;
    this.alignCorners = alignCorners;
    this.recomputeScaleFactor = recomputeScaleFactor;
  }

  override forward(input: Tensor): Tensor {
    return F.interpolate(input, this.size, this.scaleFactor, this.mode, this.alignCorners, this.recomputeScaleFactor);
  }

  override extraRepr(): string {
    const { scaleFactor } = this;
    const how = scaleFactor === null ? `size=${repr(this.size)}` : `scale_factor=${scaleText(scaleFactor)}`;
    return `${how}, mode=${this.mode}`;
  }
}

const scaleText = (scale: Scale): string =>
  typeof scale === 'number' ? floatRepr(scale) : `(${scale.map(floatRepr).join(', ')}${scale.length === 1 ? ',' : ''})`;

const PLAIN = ['size', 'scaleFactor'] as const;
type PlainArguments = [size?: Sizes | null, scaleFactor?: Scale | null];

/** Images made larger by the nearest pixel. https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingNearest2d.html */
export class UpsamplingNearest2d extends Upsample {
  constructor(...args: Construct<PlainArguments, typeof PLAIN>) {
    const [size = null, scaleFactor = null] = take<PlainArguments>('UpsamplingNearest2d', PLAIN, args);
    super(size, scaleFactor, 'nearest');
  }
}

/** Images made larger by bilinear interpolation with aligned corners. https://pytorch.org/docs/stable/generated/torch.nn.UpsamplingBilinear2d.html */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...args: Construct<PlainArguments, typeof PLAIN>) {
    const [size = null, scaleFactor = null] = take<PlainArguments>('UpsamplingBilinear2d', PLAIN, args);
    super(size, scaleFactor, 'bilinear', true);
  }
}
