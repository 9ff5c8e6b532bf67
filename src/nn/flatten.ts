import { typeError } from '../errors.js';
import { repr } from '../repr.js';
import { describe, type Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import { Module } from './module.js';

const FLATTEN = ['startDim', 'endDim'] as const;
type FlattenArguments = [startDim?: number, endDim?: number];

/** Dimensions from `startDim` to `endDim` as one. https://pytorch.org/docs/stable/generated/torch.nn.Flatten.html */
export class Flatten extends Module {
  startDim: number;
  endDim: number;

  constructor(...args: Construct<FlattenArguments, typeof FLATTEN>) {
    super();
    [this.startDim = 1, this.endDim = -1] = take<FlattenArguments>('Flatten', FLATTEN, args);
  }

  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }

  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

const UNFLATTEN = ['dim', 'unflattenedSize'] as const;
type UnflattenArguments = [dim: number, unflattenedSize: Shape];

/** One dimension as several. https://pytorch.org/docs/stable/generated/torch.nn.Unflatten.html */
export class Unflatten extends Module {
  dim: number;
  unflattenedSize: Shape;

  constructor(...args: Construct<UnflattenArguments, typeof UNFLATTEN>) {
    super();
    const [dim, size] = take<UnflattenArguments>('Unflatten', UNFLATTEN, args);
    if (typeof dim !== 'number')
      throw typeError(`Unflatten: invalid argument type for dim parameter: ${describe(dim)}; give a number.`);
    if (!Array.isArray(size))
      throw typeError(`Unflatten: unflattenedSize must be an array of whole numbers, but found ${describe(size)}.`);
    for (const [i, item] of size.entries()) {
      if (!Number.isInteger(item))
        throw typeError(
          `Unflatten: unflattenedSize must be an array of whole numbers, but found ${describe(item)} at pos ${i}.`,
        );
    }
    this.dim = dim;
    this.unflattenedSize = size as number[];
  }

  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim, this.unflattenedSize);
  }

  override extraRepr(): string {
    return `dim=${this.dim}, unflattened_size=${repr(this.unflattenedSize)}`;
  }
}
