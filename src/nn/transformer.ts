import { fromTypedArray } from '../creation.js';
import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import type { Arguments } from '../ops/options.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, take } from './construct.js';
import { ModuleList } from './container.js';
import { deepcopy } from './deepcopy.js';
import { xavierUniform_ } from './init.js';
import { Module } from './module.js';
import { LayerNorm } from './normalization.js';
import {
  type Activation,
  DECODE,
  type DecodeArguments,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
} from './transformerLayers.js';

const copies = <M extends Module>(module: M, n: number): ModuleList<M> =>
  new ModuleList(Array.from({ length: n }, () => deepcopy(module)));

/** A layer of an encoder of one's own. */
type EncoderLike = Module & ((src: Tensor, mask: Tensor | null, srcKeyPaddingMask: Tensor | null) => Tensor);
/** A layer of a decoder of one's own. */
type DecoderLike = Module &
  ((
    tgt: Tensor,
    memory: Tensor,
    tgtMask: Tensor | null,
    memoryMask: Tensor | null,
    tgtKeyPaddingMask: Tensor | null,
    memoryKeyPaddingMask: Tensor | null,
  ) => Tensor);
type NormLike = (Module & ((x: Tensor) => Tensor)) | null;

const ENCODER = ['encoderLayer', 'numLayers', 'norm', 'enableNestedTensor', 'maskCheck'] as const;
type EncoderArguments = [
  encoderLayer: EncoderLike,
  numLayers: number,
  norm?: NormLike,
  enableNestedTensor?: boolean,
  maskCheck?: boolean,
];
const ENCODE = ['src', 'mask', 'srcKeyPaddingMask'] as const;
type EncodeArguments = [src: Tensor, mask?: Tensor | null, srcKeyPaddingMask?: Tensor | null];

/** A stack of copies of an encoder layer. https://pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html */
export class TransformerEncoder extends Module {
  layers: ModuleList<EncoderLike>;
  numLayers: number;
  norm: NormLike;

  constructor(...args: Construct<EncoderArguments, typeof ENCODER>) {
    super();
    const [layer, numLayers, norm = null] = take<EncoderArguments>('TransformerEncoder', ENCODER, args);
    checkSize('TransformerEncoder', 'numLayers', numLayers);
    this.layers = copies(layer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm;
  }

  override forward(...args: Arguments<EncodeArguments, typeof ENCODE>): Tensor {
    const [src, mask = null, padding = null] = take<EncodeArguments>('TransformerEncoder', ENCODE, args);
    let output = src;
    for (const layer of this.layers) output = layer(output, mask, padding);
    return this.norm === null ? output : this.norm(output);
  }
}

const DECODER = ['decoderLayer', 'numLayers', 'norm'] as const;
type DecoderArguments = [decoderLayer: DecoderLike, numLayers: number, norm?: NormLike];

/** A stack of copies of a decoder layer. https://pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html */
export class TransformerDecoder extends Module {
  layers: ModuleList<DecoderLike>;
  numLayers: number;
  norm: NormLike;

  constructor(...args: Construct<DecoderArguments, typeof DECODER>) {
    super();
    const [layer, numLayers, norm = null] = take<DecoderArguments>('TransformerDecoder', DECODER, args);
    checkSize('TransformerDecoder', 'numLayers', numLayers);
    this.layers = copies(layer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm;
  }

  override forward(...args: Arguments<DecodeArguments, typeof DECODE>): Tensor {
    const [tgt, memory, tgtMask = null, memoryMask = null, tgtPadding = null, memoryPadding = null] =
      take<DecodeArguments>('TransformerDecoder', DECODE, args);
    let output = tgt;
    for (const layer of this.layers) output = layer(output, memory, tgtMask, memoryMask, tgtPadding, memoryPadding);
    return this.norm === null ? output : this.norm(output);
  }
}

const TRANSFORMER = [
  'dModel',
  'nhead',
  'numEncoderLayers',
  'numDecoderLayers',
  'dimFeedforward',
  'dropout',
  'activation',
  'customEncoder',
  'customDecoder',
  'layerNormEps',
  'batchFirst',
  'normFirst',
  'device',
  'dtype',
] as const;
type TransformerArguments = [
  dModel?: number,
  nhead?: number,
  numEncoderLayers?: number,
  numDecoderLayers?: number,
  dimFeedforward?: number,
  dropout?: number,
  activation?: Activation,
  customEncoder?: EncoderLike | null,
  customDecoder?: DecoderLike | null,
  layerNormEps?: number,
  batchFirst?: boolean,
  normFirst?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];
const TRANSFORM = [
  'src',
  'tgt',
  'srcMask',
  'tgtMask',
  'memoryMask',
  'srcKeyPaddingMask',
  'tgtKeyPaddingMask',
  'memoryKeyPaddingMask',
] as const;
type TransformArguments = [
  src: Tensor,
  tgt: Tensor,
  srcMask?: Tensor | null,
  tgtMask?: Tensor | null,
  memoryMask?: Tensor | null,
  srcKeyPaddingMask?: Tensor | null,
  tgtKeyPaddingMask?: Tensor | null,
  memoryKeyPaddingMask?: Tensor | null,
];

/** An encoder and a decoder: "Attention Is All You Need". https://pytorch.org/docs/stable/generated/torch.nn.Transformer.html */
export class Transformer extends Module {
  encoder: EncoderLike;
  decoder: DecoderLike;
  dModel: number;
  nhead: number;
  batchFirst: boolean;

  constructor(...args: Construct<TransformerArguments, typeof TRANSFORMER>) {
    super();
    const [
      dModel = 512,
      nhead = 8,
      numEncoderLayers = 6,
      numDecoderLayers = 6,
      dimFeedforward = 2048,
      dropout = 0.1,
      activation = 'relu',
      customEncoder = null,
      customDecoder = null,
      layerNormEps = 1e-5,
      batchFirst = false,
      normFirst = false,
      device = null,
      dtype = null,
    ] = take<TransformerArguments>('Transformer', TRANSFORMER, args);
    const layer = [
      dModel,
      nhead,
      dimFeedforward,
      dropout,
      activation,
      layerNormEps,
      batchFirst,
      normFirst,
      device,
      dtype,
    ] as const;
    const norm = (): LayerNorm => new LayerNorm(dModel, layerNormEps, true, device, dtype);
    if (customEncoder !== null) this.encoder = customEncoder;
    else {
      const encoderLayer = new TransformerEncoderLayer(...layer);
      this.encoder = new TransformerEncoder(encoderLayer, numEncoderLayers, norm());
    }
    if (customDecoder !== null) this.decoder = customDecoder;
    else {
      const decoderLayer = new TransformerDecoderLayer(...layer);
      this.decoder = new TransformerDecoder(decoderLayer, numDecoderLayers, norm());
    }
    for (const parameter of this.parameters()) if (parameter.ndim > 1) xavierUniform_(parameter);
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = batchFirst;
  }

  override forward(...args: Arguments<TransformArguments, typeof TRANSFORM>): Tensor {
    const [
      src,
      tgt,
      srcMask = null,
      tgtMask = null,
      memoryMask = null,
      srcPadding = null,
      tgtPadding = null,
      memoryPadding = null,
    ] = take<TransformArguments>('Transformer', TRANSFORM, args);
    const batch = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.shape[batch] !== tgt.shape[batch]) {
      throw rangeError(
        `Transformer: the batch number of src (${src.shape[batch]}) and tgt (${tgt.shape[batch]}) must be equal.`,
      );
    }
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel) {
      throw rangeError(
        `Transformer: the feature number of src (${src.shape.at(-1)}) and tgt (${tgt.shape.at(-1)}) must be equal to dModel (${this.dModel}).`,
      );
    }
    const memory = this.encoder(src, srcMask, srcPadding);
    return this.decoder(tgt, memory, tgtMask, memoryMask, tgtPadding, memoryPadding);
  }

  /** A mask that lets no position look at later ones: -∞ above the diagonal. */
  static generateSquareSubsequentMask(size: number): Tensor {
    checkSize('generateSquareSubsequentMask', 'size', size);
    const values = new Float32Array(size * size);
    for (let row = 0; row < size; row++) values.fill(Number.NEGATIVE_INFINITY, row * size + row + 1, (row + 1) * size);
    return fromTypedArray(values).reshape([size, size]);
  }
}
