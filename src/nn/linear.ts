import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, newParameter, take } from './construct.js';
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
    const product = input.matmul(this.weight.t());
    return this.bias === null ? product : product.add(this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${repr(this.bias !== null)}`;
  }
}

/** The {@link Linear} inside MultiheadAttention, which prints under PyTorch's name for it. */
export class NonDynamicallyQuantizableLinear extends Linear {}
