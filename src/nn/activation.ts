import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import { float } from '../promotion.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, newParameter, take } from './construct.js';
import * as F from './functional.js';
import { constant_ } from './init.js';
import { Module } from './module.js';
import { type NumberArgument, numberOf } from './numbers.js';
import type { Parameter } from './parameter.js';

const INPLACE = ['inplace'] as const;
type InplaceArguments = [inplace?: boolean];

/** What activations that can work in place share. */
class InplaceModule extends Module {
  inplace: boolean;

  constructor(inplace: boolean) {
    super();
    this.inplace = inplace;
  }

  override extraRepr(): string {
    return this.text();
  }

  /** The numbers of a subclass as they print, and whether it works in place. */
  protected text(...parts: string[]): string {
    return [...parts, ...(this.inplace ? ['inplace=True'] : [])].join(', ');
  }
}

/** Activations that take nothing but whether they work in place. */
class PlainModule extends InplaceModule {
  constructor(...args: Construct<InplaceArguments, typeof INPLACE>) {
    super(take<InplaceArguments>(new.target.name, INPLACE, args)[0] ?? false);
  }
}

/** Those that do not print even that. */
class UnshownModule extends PlainModule {
  override extraRepr(): string {
    return '';
  }
}

const THRESHOLD = ['threshold', 'value', 'inplace'] as const;
type ThresholdArguments = [threshold: NumberArgument, value: NumberArgument, inplace?: boolean];

/** `x` where it is above the threshold, else `value`. https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html */
export class Threshold extends InplaceModule {
  threshold: number;
  value: number;

  constructor(...args: Construct<ThresholdArguments, typeof THRESHOLD>) {
    const [threshold, value, inplace = false] = take<ThresholdArguments>('Threshold', THRESHOLD, args);
    super(inplace);
    this.threshold = numberOf(this, 'threshold', threshold);
    this.value = numberOf(this, 'value', value);
  }

  override forward(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value, this.inplace);
  }

  override extraRepr(): string {
    return this.text(`threshold=${this.numberText('threshold')}`, `value=${this.numberText('value')}`);
  }
}

/** `max(x, 0)`. https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html */
export class ReLU extends PlainModule {
  override forward(input: Tensor): Tensor {
    return F.relu(input, this.inplace);
  }
}

const RRELU = ['lower', 'upper', 'inplace'] as const;
type RReLUArguments = [lower?: NumberArgument, upper?: NumberArgument, inplace?: boolean];

/** LeakyReLU whose slope is drawn anew for each element in training. https://pytorch.org/docs/stable/generated/torch.nn.RReLU.html */
export class RReLU extends InplaceModule {
  lower: number;
  upper: number;

  constructor(...args: Construct<RReLUArguments, typeof RRELU>) {
    const [lower = 1 / 8, upper = 1 / 3, inplace = false] = take<RReLUArguments>('RReLU', RRELU, args);
    super(inplace);
    this.lower = numberOf(this, 'lower', lower);
    this.upper = numberOf(this, 'upper', upper);
  }

  override forward(input: Tensor): Tensor {
    return F.rrelu(input, this.lower, this.upper, this.training, this.inplace);
  }

  override extraRepr(): string {
    return this.text(`lower=${this.numberText('lower')}`, `upper=${this.numberText('upper')}`);
  }
}

const HARDTANH = ['minVal', 'maxVal', 'inplace'] as const;
type HardtanhArguments = [minVal?: NumberArgument, maxVal?: NumberArgument, inplace?: boolean];

/** `min(max(x, minVal), maxVal)`. https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html */
export class Hardtanh extends InplaceModule {
  minVal: number;
  maxVal: number;

  constructor(...args: Construct<HardtanhArguments, typeof HARDTANH>) {
    const [minVal = float(-1), maxVal = float(1), inplace = false] = take<HardtanhArguments>(
      'Hardtanh',
      HARDTANH,
      args,
    );
    super(inplace);
    this.minVal = numberOf(this, 'minVal', minVal);
    this.maxVal = numberOf(this, 'maxVal', maxVal);
    if (!(this.maxVal > this.minVal))
      throw rangeError(`Hardtanh: maxVal (${this.maxVal}) must be larger than minVal (${this.minVal}).`);
  }

  override forward(input: Tensor): Tensor {
    return F.hardtanh(input, this.minVal, this.maxVal, this.inplace);
  }

  override extraRepr(): string {
    return this.text(`min_val=${this.numberText('minVal')}`, `max_val=${this.numberText('maxVal')}`);
  }
}

/** `min(max(x, 0), 6)`. https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html */
export class ReLU6 extends Hardtanh {
  constructor(...args: Construct<InplaceArguments, typeof INPLACE>) {
    super(0, 6, take<InplaceArguments>('ReLU6', INPLACE, args)[0] ?? false);
  }

  override forward(input: Tensor): Tensor {
    return F.relu6(input, this.inplace);
  }

  override extraRepr(): string {
    return this.text();
  }
}

/** `1 / (1 + e^-x)`. https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html */
export class Sigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return input.sigmoid();
  }
}

/** A piecewise linear sigmoid. https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html */
export class Hardsigmoid extends UnshownModule {
  override forward(input: Tensor): Tensor {
    return F.hardsigmoid(input, this.inplace);
  }
}

/** The hyperbolic tangent. https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html */
export class Tanh extends Module {
  override forward(input: Tensor): Tensor {
    return input.tanh();
  }
}

/** `x · sigmoid(x)`. https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html */
export class SiLU extends PlainModule {
  override forward(input: Tensor): Tensor {
    return F.silu(input, this.inplace);
  }
}

/** `x · tanh(softplus(x))`. https://pytorch.org/docs/stable/generated/torch.nn.Mish.html */
export class Mish extends PlainModule {
  override forward(input: Tensor): Tensor {
    return F.mish(input, this.inplace);
  }
}

/** `x · relu6(x + 3) / 6`. https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html */
export class Hardswish extends UnshownModule {
  override forward(input: Tensor): Tensor {
    return F.hardswish(input, this.inplace);
  }
}

const ALPHA = ['alpha', 'inplace'] as const;
type AlphaArguments = [alpha?: NumberArgument, inplace?: boolean];

/** What ELU and CELU share. */
class AlphaModule extends InplaceModule {
  alpha: number;

  constructor(name: string, args: readonly unknown[]) {
    const [alpha = float(1), inplace = false] = take<AlphaArguments>(name, ALPHA, args);
    super(inplace);
    this.alpha = numberOf(this, 'alpha', alpha);
  }

  override extraRepr(): string {
    return this.text(`alpha=${this.numberText('alpha')}`);
  }
}

/** `x` above 0, `alpha · (e^x - 1)` below. https://pytorch.org/docs/stable/generated/torch.nn.ELU.html */
export class ELU extends AlphaModule {
  constructor(...args: Construct<AlphaArguments, typeof ALPHA>) {
    super('ELU', args);
  }

  override forward(input: Tensor): Tensor {
    return F.elu(input, this.alpha, this.inplace);
  }
}

/** `x` above 0, `alpha · (e^(x / alpha) - 1)` below. https://pytorch.org/docs/stable/generated/torch.nn.CELU.html */
export class CELU extends AlphaModule {
  constructor(...args: Construct<AlphaArguments, typeof ALPHA>) {
    super('CELU', args);
  }

  override forward(input: Tensor): Tensor {
    return F.celu(input, this.alpha, this.inplace);
  }
}

/** The scaled ELU that keeps mean and variance. https://pytorch.org/docs/stable/generated/torch.nn.SELU.html */
export class SELU extends PlainModule {
  override forward(input: Tensor): Tensor {
    return F.selu(input, this.inplace);
  }
}

const APPROXIMATE = ['approximate'] as const;
type ApproximateArguments = [approximate?: 'none' | 'tanh'];

/** `x · Φ(x)`, by the error function or its tanh approximation. https://pytorch.org/docs/stable/generated/torch.nn.GELU.html */
export class GELU extends Module {
  approximate: 'none' | 'tanh';

  constructor(...args: Construct<ApproximateArguments, typeof APPROXIMATE>) {
    super();
    [this.approximate = 'none'] = take<ApproximateArguments>('GELU', APPROXIMATE, args);
  }

  override forward(input: Tensor): Tensor {
    return F.gelu(input, this.approximate);
  }

  override extraRepr(): string {
    return `approximate=${repr(this.approximate)}`;
  }
}

const SLOPE = ['negativeSlope', 'inplace'] as const;
type SlopeArguments = [negativeSlope?: NumberArgument, inplace?: boolean];

/** `x` above 0, `negativeSlope · x` below. https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html */
export class LeakyReLU extends InplaceModule {
  negativeSlope: number;

  constructor(...args: Construct<SlopeArguments, typeof SLOPE>) {
    const [negativeSlope = 0.01, inplace = false] = take<SlopeArguments>('LeakyReLU', SLOPE, args);
    super(inplace);
    this.negativeSlope = numberOf(this, 'negativeSlope', negativeSlope);
  }

  override forward(input: Tensor): Tensor {
    return F.leakyRelu(input, this.negativeSlope, this.inplace);
  }

  override extraRepr(): string {
    return this.text(`negative_slope=${this.numberText('negativeSlope')}`);
  }
}

const PRELU = ['numParameters', 'init', 'device', 'dtype'] as const;
type PReLUArguments = [numParameters?: number, init?: number, device?: Device | string | null, dtype?: DType | null];

/** LeakyReLU with a learned slope for all channels or each. https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html */
export class PReLU extends Module {
  numParameters: number;
  weight: Parameter;

  constructor(...args: Construct<PReLUArguments, typeof PRELU>) {
    super();
    const [numParameters = 1, init = 0.25, device, dtype] = take<PReLUArguments>('PReLU', PRELU, args);
    this.numParameters = numParameters;
    this.weight = newParameter('PReLU', [numParameters], device, dtype);
    constant_(this.weight, init);
  }

  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}
