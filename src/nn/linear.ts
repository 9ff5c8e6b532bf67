import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, newParameter, take } from './construct.js';
import * as F from './functional.js';
import { calculateFanInAndFanOut, kaimingUniform_, uniform_ } from './init.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';

/** Gives its input back; takes any arguments. */
export class Identity extends Module {
  constructor(..._args: unknown[]) {
    super();
  }

  override forward<T>(input: T): T {
    return input;
  }
}

const LINEAR = ['inFeatures', 'outFeatures', 'bias', 'device', 'dtype'] as const;
type LinearArguments = [
  inFeatures: number,
  outFeatures: number,
  bias?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

/**
 * `x · weightᵀ + bias` over the last dimension.
 * https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 *
 * @example new nn.Linear(20, 30); new nn.Linear(20, 30, { bias: false })
 */
export class Linear extends Module {
  inFeatures: number;
  outFeatures: number;
  weight: Parameter;
  declare bias: Parameter | null;

  constructor(...args: Construct<LinearArguments, typeof LINEAR>) {
    super();
    const [inFeatures, outFeatures, bias = true, device, dtype] = take<LinearArguments>('Linear', LINEAR, args);
    checkSize('Linear', 'inFeatures', inFeatures);
    checkSize('Linear', 'outFeatures', outFeatures);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = newParameter('Linear', [outFeatures, inFeatures], device, dtype);
    this.registerParameter('bias', bias ? newParameter('Linear', [outFeatures], device, dtype) : null);
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    kaimingUniform_(this.weight, Math.sqrt(5));
    if (this.bias === null) return;
    const [fanIn] = calculateFanInAndFanOut(this.weight);
    const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
    uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor): Tensor {
    return F.linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${repr(this.bias !== null)}`;
  }
}

/** The {@link Linear} inside MultiheadAttention, which prints under PyTorch's name for it. */
export class NonDynamicallyQuantizableLinear extends Linear {}

const BILINEAR = ['in1Features', 'in2Features', 'outFeatures', 'bias', 'device', 'dtype'] as const;
type BilinearArguments = [
  in1Features: number,
  in2Features: number,
  outFeatures: number,
  bias?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

/** `x₁ᵀ · A · x₂ + b` over the last dimensions. https://pytorch.org/docs/stable/generated/torch.nn.Bilinear.html */
export class Bilinear extends Module {
  in1Features: number;
  in2Features: number;
  outFeatures: number;
  weight: Parameter;
  declare bias: Parameter | null;

  constructor(...args: Construct<BilinearArguments, typeof BILINEAR>) {
    super();
    const [in1Features, in2Features, outFeatures, bias = true, device, dtype] = take<BilinearArguments>(
      'Bilinear',
      BILINEAR,
      args,
    );
    checkSize('Bilinear', 'in1Features', in1Features, 1);
    checkSize('Bilinear', 'in2Features', in2Features);
    checkSize('Bilinear', 'outFeatures', outFeatures);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = newParameter('Bilinear', [outFeatures, in1Features, in2Features], device, dtype);
    this.registerParameter('bias', bias ? newParameter('Bilinear', [outFeatures], device, dtype) : null);
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.weight.shape[1]!);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return F.bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    const sizes = `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}`;
    return `${sizes}, bias=${repr(this.bias !== null)}`;
  }
}
