import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import type { Arguments } from '../ops/options.js';
import { float } from '../promotion.js';
import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import { TableModule, tableSize } from './embeddingTable.js';
import * as F from './functional.js';
import type { NumberArgument } from './numbers.js';

const EMBEDDING = [
  'numEmbeddings',
  'embeddingDim',
  'paddingIdx',
  'maxNorm',
  'normType',
  'scaleGradByFreq',
  'sparse',
  '_weight',
  'device',
  'dtype',
] as const;
type EmbeddingArguments = [
  numEmbeddings: number,
  embeddingDim: number,
  paddingIdx?: number | null,
  maxNorm?: NumberArgument | null,
  normType?: NumberArgument,
  scaleGradByFreq?: boolean,
  sparse?: boolean,
  _weight?: Tensor | null,
  device?: Device | string | null,
  dtype?: DType | null,
];

/** Vectors of a table by index. https://pytorch.org/docs/stable/generated/torch.nn.Embedding.html */
export class Embedding extends TableModule {
  sparse: boolean;

  constructor(...args: Construct<EmbeddingArguments, typeof EMBEDDING>) {
    const [
      numEmbeddings,
      embeddingDim,
      paddingIdx = null,
      maxNorm = null,
      normType = float(2),
      scaleGradByFreq = false,
      sparse = false,
      weight = null,
      device,
      dtype,
    ] = take<EmbeddingArguments>('Embedding', EMBEDDING, args);
    super('Embedding', {
      numEmbeddings,
      embeddingDim,
      paddingIdx,
      maxNorm,
      normType,
      scaleGradByFreq,
      weight,
      device,
      dtype,
    });
    this.sparse = sparse;
  }

  override forward(input: Tensor): Tensor {
    return F.embedding(
      input,
      this.weight,
      this.paddingIdx,
      this.maxNorm,
      this.normType,
      this.scaleGradByFreq,
      this.sparse,
    );
  }

  override extraRepr(): string {
    let text = `${this.numEmbeddings}, ${this.embeddingDim}`;
    if (this.paddingIdx !== null) text += `, padding_idx=${this.paddingIdx}`;
    text += this.normText();
    return this.sparse ? `${text}, sparse=True` : text;
  }

  /** An embedding of a given table, which is not trained unless `freeze` is false. */
  static fromPretrained(...args: Construct<PretrainedArguments, typeof PRETRAINED>): Embedding {
    const [
      embeddings,
      freeze = true,
      paddingIdx = null,
      maxNorm = null,
      normType = float(2),
      scaleGradByFreq = false,
      sparse = false,
    ] = take<PretrainedArguments>('Embedding.fromPretrained', PRETRAINED, args);
    const [rows, columns] = tableSize('Embedding.fromPretrained', embeddings);
    const made = new Embedding(rows, columns, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse, embeddings);
    made.weight.requiresGrad_(!freeze);
    return made;
  }
}

const PRETRAINED = ['embeddings', 'freeze', 'paddingIdx', 'maxNorm', 'normType', 'scaleGradByFreq', 'sparse'] as const;
type PretrainedArguments = [
  embeddings: Tensor,
  freeze?: boolean,
  paddingIdx?: number | null,
  maxNorm?: NumberArgument | null,
  normType?: NumberArgument,
  scaleGradByFreq?: boolean,
  sparse?: boolean,
];

const BAG = [
  'numEmbeddings',
  'embeddingDim',
  'maxNorm',
  'normType',
  'scaleGradByFreq',
  'mode',
  'sparse',
  '_weight',
  'includeLastOffset',
  'paddingIdx',
  'device',
  'dtype',
] as const;
type BagMode = 'sum' | 'mean' | 'max';
type BagArguments = [
  numEmbeddings: number,
  embeddingDim: number,
  maxNorm?: NumberArgument | null,
  normType?: NumberArgument,
  scaleGradByFreq?: boolean,
  mode?: BagMode,
  sparse?: boolean,
  _weight?: Tensor | null,
  includeLastOffset?: boolean,
  paddingIdx?: number | null,
  device?: Device | string | null,
  dtype?: DType | null,
];

const BAG_INPUTS = ['input', 'offsets', 'perSampleWeights'] as const;
type BagInputs = [input: Tensor, offsets?: Tensor | null, perSampleWeights?: Tensor | null];

/** Sums, means or maxima of bags of a table's vectors. https://pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html */
export class EmbeddingBag extends TableModule {
  mode: BagMode;
  sparse: boolean;
  includeLastOffset: boolean;

  constructor(...args: Construct<BagArguments, typeof BAG>) {
    const [
      numEmbeddings,
      embeddingDim,
      maxNorm = null,
      normType = float(2),
      scaleGradByFreq = false,
      mode = 'mean',
      sparse = false,
      weight = null,
      includeLastOffset = false,
      paddingIdx = null,
      device,
      dtype,
    ] = take<BagArguments>('EmbeddingBag', BAG, args);
    super('EmbeddingBag', {
      numEmbeddings,
      embeddingDim,
      paddingIdx,
      maxNorm,
      normType,
      scaleGradByFreq,
      weight,
      device,
      dtype,
    });
    this.mode = mode;
    this.sparse = sparse;
    this.includeLastOffset = includeLastOffset;
  }

  override forward(...args: Arguments<BagInputs, typeof BAG_INPUTS>): Tensor {
    const [input, offsets = null, perSampleWeights = null] = take<BagInputs>('EmbeddingBag', BAG_INPUTS, args);
    const { weight, maxNorm, normType, scaleGradByFreq, mode, sparse, includeLastOffset, paddingIdx } = this;
    return F.embeddingBag(
      input,
      weight,
      offsets,
      maxNorm,
      normType,
      scaleGradByFreq,
      mode,
      sparse,
      perSampleWeights,
      includeLastOffset,
      paddingIdx,
    );
  }

  override extraRepr(): string {
    const text = `${this.numEmbeddings}, ${this.embeddingDim}${this.normText()}, mode=${this.mode}`;
    return this.paddingIdx === null ? text : `${text}, padding_idx=${this.paddingIdx}`;
  }

  /** Bags of a given table, which is not trained unless `freeze` is false. */
  static fromPretrained(...args: Construct<BagPretrainedArguments, typeof BAG_PRETRAINED>): EmbeddingBag {
    const [
      embeddings,
      freeze = true,
      maxNorm = null,
      normType = float(2),
      scaleGradByFreq = false,
      mode = 'mean',
      sparse = false,
      includeLastOffset = false,
      paddingIdx = null,
    ] = take<BagPretrainedArguments>('EmbeddingBag.fromPretrained', BAG_PRETRAINED, args);
    const [rows, columns] = tableSize('EmbeddingBag.fromPretrained', embeddings);
    const made = new EmbeddingBag(
      rows,
      columns,
      maxNorm,
      normType,
      scaleGradByFreq,
      mode,
      sparse,
      embeddings,
      includeLastOffset,
      paddingIdx,
    );
    made.weight.requiresGrad_(!freeze);
    return made;
  }
}

const BAG_PRETRAINED = [
  'embeddings',
  'freeze',
  'maxNorm',
  'normType',
  'scaleGradByFreq',
  'mode',
  'sparse',
  'includeLastOffset',
  'paddingIdx',
] as const;
type BagPretrainedArguments = [
  embeddings: Tensor,
  freeze?: boolean,
  maxNorm?: NumberArgument | null,
  normType?: NumberArgument,
  scaleGradByFreq?: boolean,
  mode?: BagMode,
  sparse?: boolean,
  includeLastOffset?: boolean,
  paddingIdx?: number | null,
];
