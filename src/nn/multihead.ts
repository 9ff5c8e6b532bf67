import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import type { Arguments } from '../ops/options.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, newParameter, take } from './construct.js';
import { constant_, xavierNormal_, xavierUniform_ } from './init.js';
import { NonDynamicallyQuantizableLinear } from './linear.js';
import { Module } from './module.js';
import { attend } from './multiheadForward.js';
import type { Parameter } from './parameter.js';
import { addParameter } from './registering.js';

/** PyTorch's names of what the module has. */
const NAMES: Readonly<Record<string, string>> = {
  inProjWeight: 'in_proj_weight',
  inProjBias: 'in_proj_bias',
  qProjWeight: 'q_proj_weight',
  kProjWeight: 'k_proj_weight',
  vProjWeight: 'v_proj_weight',
  outProj: 'out_proj',
  biasK: 'bias_k',
  biasV: 'bias_v',
};

const ATTENTION = [
  'embedDim',
  'numHeads',
  'dropout',
  'bias',
  'addBiasKv',
  'addZeroAttn',
  'kdim',
  'vdim',
  'batchFirst',
  'device',
  'dtype',
] as const;
type AttentionArguments = [
  embedDim: number,
  numHeads: number,
  dropout?: number,
  bias?: boolean,
  addBiasKv?: boolean,
  addZeroAttn?: boolean,
  kdim?: number | null,
  vdim?: number | null,
  batchFirst?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

const FORWARD = ['query', 'key', 'value', 'keyPaddingMask', 'needWeights', 'attnMask', 'averageAttnWeights'] as const;
type ForwardArguments = [
  query: Tensor,
  key: Tensor,
  value: Tensor,
  keyPaddingMask?: Tensor | null,
  needWeights?: boolean,
  attnMask?: Tensor | null,
  averageAttnWeights?: boolean,
];

/** Attention by several heads. https://pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html */
export class MultiheadAttention extends Module {
  embedDim: number;
  kdim: number;
  vdim: number;
  numHeads: number;
  dropout: number;
  batchFirst: boolean;
  headDim: number;
  declare qProjWeight: Parameter | null;
  declare kProjWeight: Parameter | null;
  declare vProjWeight: Parameter | null;
  declare inProjWeight: Parameter | null;
  declare inProjBias: Parameter | null;
  declare outProj: NonDynamicallyQuantizableLinear;
  declare biasK: Parameter | null;
  declare biasV: Parameter | null;
  addZeroAttn: boolean;

  constructor(...args: Construct<AttentionArguments, typeof ATTENTION>) {
    super();
    const [
      embedDim,
      numHeads,
      dropout = 0,
      bias = true,
      addBiasKv = false,
      addZeroAttn = false,
      kdim,
      vdim,
      batchFirst = false,
      device = null,
      dtype = null,
    ] = take<AttentionArguments>('MultiheadAttention', ATTENTION, args);
    checkSize('MultiheadAttention', 'embedDim', embedDim, 1);
    checkSize('MultiheadAttention', 'numHeads', numHeads, 1);
    if (embedDim % numHeads !== 0)
      throw rangeError(`MultiheadAttention: embedDim (${embedDim}) must be divisible by numHeads (${numHeads}).`);
    this.embedDim = embedDim;
    this.kdim = kdim ?? embedDim;
    this.vdim = vdim ?? embedDim;
    this.numHeads = numHeads;
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    this.headDim = embedDim / numHeads;
    const parameter = (attribute: string, shape: readonly number[] | null): void =>
      addParameter(this, attribute, shape === null ? null : newParameter('MultiheadAttention', shape, device, dtype));
    const isOne = this.kdim === embedDim && this.vdim === embedDim;
    if (isOne) parameter('inProjWeight', [3 * embedDim, embedDim]);
    parameter('qProjWeight', isOne ? null : [embedDim, embedDim]);
    parameter('kProjWeight', isOne ? null : [embedDim, this.kdim]);
    parameter('vProjWeight', isOne ? null : [embedDim, this.vdim]);
    if (!isOne) parameter('inProjWeight', null);
    parameter('inProjBias', bias ? [3 * embedDim] : null);
    this.outProj = new NonDynamicallyQuantizableLinear(embedDim, embedDim, bias, device, dtype);
    this.biasK = null;
    this.biasV = null;
    if (addBiasKv) {
      parameter('biasK', [1, 1, embedDim]);
      parameter('biasV', [1, 1, embedDim]);
    }
    this.addZeroAttn = addZeroAttn;
    this.resetParameters();
  }

  override stateName(attribute: string): string {
    return NAMES[attribute] ?? attribute;
  }

  /** Draws the parameters anew. */
  resetParameters(): void {
    for (const weight of [this.inProjWeight, this.qProjWeight, this.kProjWeight, this.vProjWeight])
      if (weight !== null) xavierUniform_(weight);
    if (this.inProjBias !== null) {
      constant_(this.inProjBias, 0);
      constant_(this.outProj.bias!, 0);
    }
    if (this.biasK !== null) xavierNormal_(this.biasK);
    if (this.biasV !== null) xavierNormal_(this.biasV);
  }

  /**
   * @param query `[target, batch, size]`, `[batch, target, size]` with batchFirst, or `[target, size]`; key and value
   * likewise. Masks are bool (true: not looked at) or added to the scores.
   * @returns the output, and the weights (their mean over heads) unless needWeights is false
   */
  override forward(...args: Arguments<ForwardArguments, typeof FORWARD>): [output: Tensor, weights: Tensor | null] {
    let [query, key, value, keyPaddingMask = null, needWeights = true, attnMask = null, averageAttnWeights = true] =
      take<ForwardArguments>('MultiheadAttention', FORWARD, args);
    const isTransposed = this.batchFirst && query?.ndim === 3;
    if (isTransposed) {
      // What is one tensor stays one, so that it is projected once.
      const [q, k, v] = [query, key, value];
      query = q.transpose(0, 1);
      key = k === q ? query : k.transpose(0, 1);
      value = v === k ? key : v === q ? query : v.transpose(0, 1);
    }
    const [output, weights] = attend({
      query,
      key,
      value,
      embedDimToCheck: this.embedDim,
      numHeads: this.numHeads,
      inProjWeight: this.inProjWeight,
      inProjBias: this.inProjBias,
      biasK: this.biasK,
      biasV: this.biasV,
      addZeroAttn: this.addZeroAttn,
      dropoutP: this.dropout,
      outProjWeight: this.outProj.weight,
      outProjBias: this.outProj.bias,
      training: this.training,
      keyPaddingMask,
      needWeights,
      attnMask,
      useSeparateProjWeight: this.inProjWeight === null,
      qProjWeight: this.qProjWeight,
      kProjWeight: this.kProjWeight,
      vProjWeight: this.vProjWeight,
      averageAttnWeights,
    });
    return [isTransposed ? output.transpose(0, 1) : output, weights];
  }
}
