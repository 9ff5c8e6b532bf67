import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import type { Arguments } from '../ops/options.js';
import { repr } from '../repr.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import { Dropout } from './dropout.js';
import * as F from './functional.js';
import { Linear } from './linear.js';
import { Module } from './module.js';
import { MultiheadAttention } from './multihead.js';
import { LayerNorm } from './normalization.js';

/** The function between the two linear layers: by name, or any function or module. */
export type Activation = 'relu' | 'gelu' | ((x: Tensor) => Tensor);

/** PyTorch's names of the layers' parts. */
const NAMES: Readonly<Record<string, string>> = { selfAttn: 'self_attn', multiheadAttn: 'multihead_attn' };

export const LAYER = [
  'dModel',
  'nhead',
  'dimFeedforward',
  'dropout',
  'activation',
  'layerNormEps',
  'batchFirst',
  'normFirst',
  'device',
  'dtype',
] as const;
export type LayerArguments = [
  dModel: number,
  nhead: number,
  dimFeedforward?: number,
  dropout?: number,
  activation?: Activation,
  layerNormEps?: number,
  batchFirst?: boolean,
  normFirst?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

function activationOf(op: string, activation: Activation): (x: Tensor) => Tensor {
  if (activation === 'relu') return relu;
  if (activation === 'gelu') return gelu;
  if (typeof activation === 'function') return activation;
  throw rangeError(`${op}: activation should be relu/gelu or a function, not ${repr(activation)}.`);
}

const relu = (x: Tensor): Tensor => F.relu(x);
const gelu = (x: Tensor): Tensor => F.gelu(x);

/** What both kinds of layer have. PyTorch's order of the parts is that of the assignments. */
class TransformerLayer extends Module {
  declare selfAttn: MultiheadAttention;
  declare linear1: Linear;
  declare dropout: Dropout;
  declare linear2: Linear;
  declare normFirst: boolean;
  declare norm1: LayerNorm;
  declare norm2: LayerNorm;
  declare dropout1: Dropout;
  declare dropout2: Dropout;
  declare activation: (x: Tensor) => Tensor;

  /** @param decodes with attention to an encoder's output too, and so a third norm and dropout */
  constructor(name: string, args: readonly unknown[], decodes: boolean) {
    super();
    const [
      dModel,
      nhead,
      dimFeedforward = 2048,
      dropout = 0.1,
      activation = 'relu',
      layerNormEps = 1e-5,
      batchFirst = false,
      normFirst = false,
      device = null,
      dtype = null,
    ] = take<LayerArguments>(name, LAYER, args);
    const attention = () => new MultiheadAttention(dModel, nhead, { dropout, batchFirst, device, dtype });
    const norm = () => new LayerNorm(dModel, layerNormEps, true, device, dtype);
    this.selfAttn = attention();
    if (decodes) Object.assign(this, { multiheadAttn: attention() });
    this.linear1 = new Linear(dModel, dimFeedforward, true, device, dtype);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, true, device, dtype);
    this.normFirst = normFirst;
    this.norm1 = norm();
    this.norm2 = norm();
    if (decodes) Object.assign(this, { norm3: norm() });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    if (decodes) Object.assign(this, { dropout3: new Dropout(dropout) });
    this.activation = activationOf(name, activation);
  }

  override stateName(attribute: string): string {
    return NAMES[attribute] ?? attribute;
  }

  /** The feed-forward network, before its last dropout. */
  protected network(x: Tensor): Tensor {
    return this.linear2(this.dropout(this.activation(this.linear1(x))));
  }
}

const ENCODE = ['src', 'srcMask', 'srcKeyPaddingMask'] as const;
type EncodeArguments = [src: Tensor, srcMask?: Tensor | null, srcKeyPaddingMask?: Tensor | null];

/** Self-attention and a feed-forward network. https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html */
export class TransformerEncoderLayer extends TransformerLayer {
  constructor(...args: Construct<LayerArguments, typeof LAYER>) {
    super('TransformerEncoderLayer', args, false);
  }

  override forward(...args: Arguments<EncodeArguments, typeof ENCODE>): Tensor {
    const [src, mask = null, padding = null] = take<EncodeArguments>('TransformerEncoderLayer', ENCODE, args);
    const attention = (x: Tensor): Tensor => this.dropout1(this.selfAttn(x, x, x, padding, false, mask)[0]);
    const network = (x: Tensor): Tensor => this.dropout2(this.network(x));
    if (this.normFirst) {
      const x = src.add(attention(this.norm1(src)));
      return x.add(network(this.norm2(x)));
    }
    const x = this.norm1(src.add(attention(src)));
    return this.norm2(x.add(network(x)));
  }
}

/** What a decoder is called with. */
export const DECODE = ['tgt', 'memory', 'tgtMask', 'memoryMask', 'tgtKeyPaddingMask', 'memoryKeyPaddingMask'] as const;
export type DecodeArguments = [
  tgt: Tensor,
  memory: Tensor,
  tgtMask?: Tensor | null,
  memoryMask?: Tensor | null,
  tgtKeyPaddingMask?: Tensor | null,
  memoryKeyPaddingMask?: Tensor | null,
];

/** Self-attention, attention to an encoder's output and a feed-forward network. https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html */
export class TransformerDecoderLayer extends TransformerLayer {
  declare multiheadAttn: MultiheadAttention;
  declare norm3: LayerNorm;
  declare dropout3: Dropout;

  constructor(...args: Construct<LayerArguments, typeof LAYER>) {
    super('TransformerDecoderLayer', args, true);
  }

  override forward(...args: Arguments<DecodeArguments, typeof DECODE>): Tensor {
    const [tgt, memory, tgtMask = null, memoryMask = null, tgtPadding = null, memoryPadding = null] =
      take<DecodeArguments>('TransformerDecoderLayer', DECODE, args);
    const own = (x: Tensor): Tensor => this.dropout1(this.selfAttn(x, x, x, tgtPadding, false, tgtMask)[0]);
    const cross = (x: Tensor): Tensor =>
      this.dropout2(this.multiheadAttn(x, memory, memory, memoryPadding, false, memoryMask)[0]);
    const network = (x: Tensor): Tensor => this.dropout3(this.network(x));
    if (this.normFirst) {
      let x = tgt.add(own(this.norm1(tgt)));
      x = x.add(cross(this.norm2(x)));
      return x.add(network(this.norm3(x)));
    }
    let x = this.norm1(tgt.add(own(tgt)));
    x = this.norm2(x.add(cross(x)));
    return this.norm3(x.add(network(x)));
  }
}
