import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import { float } from '../promotion.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, newParameter, take } from './construct.js';
import * as F from './functional.js';
import { ones_, zeros_ } from './init.js';
import { Module } from './module.js';
import { type NumberArgument, numberOf, tupleText } from './numbers.js';
import type { Parameter } from './parameter.js';
import { addParameter } from './registering.js';
import { crossMapResponse } from './response.js';

const RESPONSE = ['size', 'alpha', 'beta', 'k'] as const;
type ResponseArguments = [size: number, alpha?: NumberArgument, beta?: NumberArgument, k?: NumberArgument];

/** What the two local response normalisations share. */
class ResponseModule extends Module {
  size: number;
  alpha: number;
  beta: number;
  k: number;

  constructor(name: string, args: readonly unknown[], kDefault: NumberArgument) {
    super();
    const [size, alpha = 1e-4, beta = 0.75, k = kDefault] = take<ResponseArguments>(name, RESPONSE, args);
    checkSize(name, 'size', size, 1);
    this.size = size;
    this.alpha = numberOf(this, 'alpha', alpha);
    this.beta = numberOf(this, 'beta', beta);
    this.k = numberOf(this, 'k', k);
  }

  override forward(input: Tensor): Tensor {
    return F.localResponseNorm(input, this.size, this.alpha, this.beta, this.k);
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${this.numberText('alpha')}, beta=${this.numberText('beta')}, k=${this.numberText('k')}`;
  }
}

/**
 * `x / (k + alpha / size · Σ x²) ** beta`, the sum over neighbouring channels.
 * https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 */
export class LocalResponseNorm extends ResponseModule {
  constructor(...args: Construct<ResponseArguments, typeof RESPONSE>) {
    super('LocalResponseNorm', args, float(1));
  }
}

/**
 * {@link LocalResponseNorm} of images as PyTorch has it from its predecessor, where some windows differ: see
 * {@link crossMapResponse}.
 */
export class CrossMapLRN2d extends ResponseModule {
  constructor(...args: Construct<ResponseArguments, typeof RESPONSE>) {
    super('CrossMapLRN2d', args, 1);
  }

  override forward(input: Tensor): Tensor {
    return crossMapResponse(input, this);
  }
}

const LAYER = ['normalizedShape', 'eps', 'elementwiseAffine', 'device', 'dtype'] as const;
type LayerArguments = [
  normalizedShape: number | readonly number[],
  eps?: number,
  elementwiseAffine?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

/**
 * Normalises each sample over the last dimensions: `(x - mean) / √(var + eps) · weight + bias`.
 * https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 */
export class LayerNorm extends Module {
  normalizedShape: readonly number[];
  eps: number;
  elementwiseAffine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(...args: Construct<LayerArguments, typeof LAYER>) {
    super();
    const [normalizedShape, eps = 1e-5, elementwiseAffine = true, device, dtype] = take<LayerArguments>(
      'LayerNorm',
      LAYER,
      args,
    );
    const shape = typeof normalizedShape === 'number' ? [normalizedShape] : [...normalizedShape];
    for (const size of shape) checkSize('LayerNorm', 'normalizedShape', size);
    this.normalizedShape = shape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    for (const attribute of ['weight', 'bias'])
      addParameter(this, attribute, elementwiseAffine ? newParameter('LayerNorm', shape, device, dtype) : null);
    this.resetParameters();
  }

  /** Sets the weight to 1 and the bias to 0. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return F.layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${tupleText(this.normalizedShape)}, eps=${repr(this.eps)}, elementwise_affine=${repr(this.elementwiseAffine)}`;
  }
}

const GROUP = ['numGroups', 'numChannels', 'eps', 'affine', 'device', 'dtype'] as const;
type GroupArguments = [
  numGroups: number,
  numChannels: number,
  eps?: number,
  affine?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

/**
 * Normalises each group of channels of each sample.
 * https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 */
export class GroupNorm extends Module {
  numGroups: number;
  numChannels: number;
  eps: number;
  affine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(...args: Construct<GroupArguments, typeof GROUP>) {
    super();
    const [numGroups, numChannels, eps = 1e-5, affine = true, device, dtype] = take<GroupArguments>(
      'GroupNorm',
      GROUP,
      args,
    );
    checkSize('GroupNorm', 'numGroups', numGroups, 1);
    checkSize('GroupNorm', 'numChannels', numChannels);
    if (numChannels % numGroups !== 0)
      throw rangeError(`GroupNorm: numChannels (${numChannels}) must be divisible by numGroups (${numGroups}).`);
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.affine = affine;
    for (const attribute of ['weight', 'bias'])
      addParameter(this, attribute, affine ? newParameter('GroupNorm', [numChannels], device, dtype) : null);
    this.resetParameters();
  }

  /** Sets the weight to 1 and the bias to 0. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return F.groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${repr(this.eps)}, affine=${repr(this.affine)}`;
  }
}
