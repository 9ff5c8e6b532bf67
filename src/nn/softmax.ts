import { rangeError } from '../errors.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';

const DIM = ['dim'] as const;
type DimArguments = [dim?: number | null];

/** What the softmax modules share. */
class DimModule extends Module {
  dim: number | null;

  constructor(name: string, args: readonly unknown[]) {
    super();
    this.dim = take<DimArguments>(name, DIM, args)[0] ?? null;
  }

  override extraRepr(): string {
    return `dim=${repr(this.dim)}`;
  }
}

/** `e^xᵢ / Σ e^xⱼ` over `dim`. https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html */
export class Softmax extends DimModule {
  constructor(...args: Construct<DimArguments, typeof DIM>) {
    super('Softmax', args);
  }

  override forward(input: Tensor): Tensor {
    return F.softmax(input, this.dim);
  }
}

/** The softmax of `-x`. https://pytorch.org/docs/stable/generated/torch.nn.Softmin.html */
export class Softmin extends DimModule {
  constructor(...args: Construct<DimArguments, typeof DIM>) {
    super('Softmin', args);
  }

  override forward(input: Tensor): Tensor {
    return F.softmin(input, this.dim);
  }
}

/** The logarithm of the softmax. https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html */
export class LogSoftmax extends DimModule {
  constructor(...args: Construct<DimArguments, typeof DIM>) {
    super('LogSoftmax', args);
  }

  override forward(input: Tensor): Tensor {
    return F.logSoftmax(input, this.dim);
  }
}

/** The softmax over channels at each place of an image. https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4)
      throw rangeError(`Softmax2d: requires a 3D or 4D tensor as input, but got one of ${input.ndim} dimensions.`);
    return F.softmax(input, -3);
  }
}

const GLU_NAMES = ['dim'] as const;
type GLUArguments = [dim?: number];

/** `a · sigmoid(b)` of the two halves of `dim`. https://pytorch.org/docs/stable/generated/torch.nn.GLU.html */
export class GLU extends Module {
  dim: number;

  constructor(...args: Construct<GLUArguments, typeof GLU_NAMES>) {
    super();
    this.dim = take<GLUArguments>('GLU', GLU_NAMES, args)[0] ?? -1;
  }

  override forward(input: Tensor): Tensor {
    return F.glu(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
