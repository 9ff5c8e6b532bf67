import { rangeError } from '../errors.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { type NumberArgument, numberOf } from './numbers.js';

const DROPOUT = ['p', 'inplace'] as const;
type DropoutArguments = [p?: NumberArgument, inplace?: boolean];

/** What the dropout family shares. */
class DropoutModule extends Module {
  p: number;
  inplace: boolean;

  constructor(name: string, args: readonly unknown[]) {
    super();
    const [p = 0.5, inplace = false] = take<DropoutArguments>(name, DROPOUT, args);
    this.p = numberOf(this, 'p', p);
    if (!(this.p >= 0 && this.p <= 1))
      throw rangeError(`${name}: dropout probability has to be between 0 and 1, but got ${this.p}.`);
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return `p=${this.numberText('p')}, inplace=${repr(this.inplace)}`;
  }
}

/** In training, each element is 0 with probability p, else divided by 1 - p. https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html */
export class Dropout extends DropoutModule {
  constructor(...args: Construct<DropoutArguments, typeof DROPOUT>) {
    super('Dropout', args);
  }

  override forward(input: Tensor): Tensor {
    return F.dropout(input, this.p, this.training, this.inplace);
  }
}

/** {@link Dropout} of whole channels of sequences. https://pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html */
export class Dropout1d extends DropoutModule {
  constructor(...args: Construct<DropoutArguments, typeof DROPOUT>) {
    super('Dropout1d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.dropout1d(input, this.p, this.training, this.inplace);
  }
}

/** {@link Dropout} of whole channels of images. https://pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html */
export class Dropout2d extends DropoutModule {
  constructor(...args: Construct<DropoutArguments, typeof DROPOUT>) {
    super('Dropout2d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.dropout2d(input, this.p, this.training, this.inplace);
  }
}

/** {@link Dropout} of whole channels of volumes. https://pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html */
export class Dropout3d extends DropoutModule {
  constructor(...args: Construct<DropoutArguments, typeof DROPOUT>) {
    super('Dropout3d', args);
  }

  override forward(input: Tensor): Tensor {
    return F.dropout3d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout that keeps mean and variance, for SELU. https://pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html */
export class AlphaDropout extends DropoutModule {
  constructor(...args: Construct<DropoutArguments, typeof DROPOUT>) {
    super('AlphaDropout', args);
  }

  override forward(input: Tensor): Tensor {
    return F.alphaDropout(input, this.p, this.training);
  }
}

/** {@link AlphaDropout} of whole channels. https://pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html */
export class FeatureAlphaDropout extends DropoutModule {
  constructor(...args: Construct<DropoutArguments, typeof DROPOUT>) {
    super('FeatureAlphaDropout', args);
  }

  override forward(input: Tensor): Tensor {
    return F.featureAlphaDropout(input, this.p, this.training);
  }
}
