import { float } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { type NumberArgument, numberOf, tupleText } from './numbers.js';
import type { Sizes } from './sizes.js';

const PAD = ['padding'] as const;
type PadArguments = [padding: Sizes];
const CONSTANT = ['padding', 'value'] as const;
type ConstantArguments = [padding: Sizes, value: NumberArgument];

/** What all padding has: how much on either side of each dimension, the last one first. Negative amounts cut off. */
class PadModule extends Module {
  padding: readonly number[];

  constructor(n: number, padding: Sizes) {
    super();
    this.padding = typeof padding === 'number' ? new Array<number>(n).fill(padding) : [...padding];
  }

  override extraRepr(): string {
    return tupleText(this.padding);
  }
}

class ConstantPadModule extends PadModule {
  value: number;

  constructor(n: number, padding: Sizes, value: NumberArgument) {
    super(n, padding);
    this.value = numberOf(this, 'value', value);
  }

  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, 'constant', this.value);
  }

  override extraRepr(): string {
    return `padding=${tupleText(this.padding)}, value=${this.numberText('value')}`;
  }
}

/** Pads with a value. https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html */
export class ConstantPad1d extends ConstantPadModule {
  constructor(...args: Construct<ConstantArguments, typeof CONSTANT>) {
    super(2, ...take<ConstantArguments>('ConstantPad1d', CONSTANT, args));
  }
}

/** Pads with a value. https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html */
export class ConstantPad2d extends ConstantPadModule {
  constructor(...args: Construct<ConstantArguments, typeof CONSTANT>) {
    super(4, ...take<ConstantArguments>('ConstantPad2d', CONSTANT, args));
  }
}

/** Pads with a value. https://pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html */
export class ConstantPad3d extends ConstantPadModule {
  constructor(...args: Construct<ConstantArguments, typeof CONSTANT>) {
    super(6, ...take<ConstantArguments>('ConstantPad3d', CONSTANT, args));
  }
}

/** Pads with 0. https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html */
export class ZeroPad1d extends ConstantPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(2, take<PadArguments>('ZeroPad1d', PAD, args)[0], float(0));
  }

  override extraRepr(): string {
    return tupleText(this.padding);
  }
}

/** Pads with 0. https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html */
export class ZeroPad2d extends ConstantPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(4, take<PadArguments>('ZeroPad2d', PAD, args)[0], float(0));
  }

  override extraRepr(): string {
    return tupleText(this.padding);
  }
}

/** Pads with 0. https://pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html */
export class ZeroPad3d extends ConstantPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(6, take<PadArguments>('ZeroPad3d', PAD, args)[0], float(0));
  }

  override extraRepr(): string {
    return tupleText(this.padding);
  }
}

class ReflectionPadModule extends PadModule {
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, 'reflect');
  }
}

/** Pads with the input mirrored at its edge. https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html */
export class ReflectionPad1d extends ReflectionPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(2, take<PadArguments>('ReflectionPad1d', PAD, args)[0]);
  }
}

/** Pads with the input mirrored at its edge. https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html */
export class ReflectionPad2d extends ReflectionPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(4, take<PadArguments>('ReflectionPad2d', PAD, args)[0]);
  }
}

/** Pads with the input mirrored at its edge. https://pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html */
export class ReflectionPad3d extends ReflectionPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(6, take<PadArguments>('ReflectionPad3d', PAD, args)[0]);
  }
}

class ReplicationPadModule extends PadModule {
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, 'replicate');
  }
}

/** Pads with the input's edge. https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html */
export class ReplicationPad1d extends ReplicationPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(2, take<PadArguments>('ReplicationPad1d', PAD, args)[0]);
  }
}

/** Pads with the input's edge. https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html */
export class ReplicationPad2d extends ReplicationPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(4, take<PadArguments>('ReplicationPad2d', PAD, args)[0]);
  }
}

/** Pads with the input's edge. https://pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html */
export class ReplicationPad3d extends ReplicationPadModule {
  constructor(...args: Construct<PadArguments, typeof PAD>) {
    super(6, take<PadArguments>('ReplicationPad3d', PAD, args)[0]);
  }
}
