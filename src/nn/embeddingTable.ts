import { noGrad } from '../autograd/mode.js';
import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import { checkTensor } from '../ops/apply.js';
import { repr } from '../repr.js';
import { bracketed, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkSize, newParameter } from './construct.js';
import { normal_ } from './init.js';
import { Module } from './module.js';
import { type NumberArgument, numberOf } from './numbers.js';
import { Parameter } from './parameter.js';

/** What embeddings share: a table of vectors, of which one may stand for padding. */
export class TableModule extends Module {
  numEmbeddings: number;
  embeddingDim: number;
  paddingIdx: number | null;
  maxNorm: number | null;
  normType: number;
  scaleGradByFreq: boolean;
  weight: Parameter;

  constructor(name: string, options: TableOptions) {
    super();
    const { numEmbeddings, embeddingDim, paddingIdx, weight } = options;
    checkSize(name, 'numEmbeddings', numEmbeddings);
    checkSize(name, 'embeddingDim', embeddingDim);
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    if (paddingIdx !== null && !(paddingIdx >= -numEmbeddings && paddingIdx < numEmbeddings)) {
      throw rangeError(`${name}: paddingIdx (${paddingIdx}) must be within numEmbeddings (${numEmbeddings}).`);
    }
    this.paddingIdx = paddingIdx !== null && paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx;
    this.maxNorm = options.maxNorm === null ? null : numberOf(this, 'maxNorm', options.maxNorm);
    this.normType = numberOf(this, 'normType', options.normType);
    this.scaleGradByFreq = options.scaleGradByFreq;
    if (weight !== null) {
      checkTensor(name, weight, '_weight');
      if (!sameShape(weight.shape, [numEmbeddings, embeddingDim])) {
        throw rangeError(
          `${name}: Shape of weight ${bracketed(weight.shape)} does not match numEmbeddings and embeddingDim (${numEmbeddings}, ${embeddingDim}).`,
        );
      }
      this.weight = new Parameter(weight);
    } else {
      this.weight = newParameter(name, [numEmbeddings, embeddingDim], options.device, options.dtype);
      this.resetParameters();
    }
  }

  /** Draws the table anew; padding is 0. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx !== null) noGrad(() => void this.weight.select(0, paddingIdx).fill_(0));
  }

  /** The options of norms and gradients as they print, those that are not the usual ones. */
  protected normText(): string {
    let text = '';
    if (this.maxNorm !== null) text += `, max_norm=${this.numberText('maxNorm')}`;
    if (this.normType !== 2) text += `, norm_type=${this.numberText('normType')}`;
    if (this.scaleGradByFreq) text += `, scale_grad_by_freq=${repr(this.scaleGradByFreq)}`;
    return text;
  }
}

interface TableOptions {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  readonly maxNorm: NumberArgument | null;
  readonly normType: NumberArgument;
  readonly scaleGradByFreq: boolean;
  readonly weight: Tensor | null;
  readonly device: Device | string | null | undefined;
  readonly dtype: DType | null | undefined;
}

/** The sizes of a table that was given. @throws RangeError for what is no matrix */
export function tableSize(op: string, embeddings: Tensor): [number, number] {
  checkTensor(op, embeddings, 'embeddings');
  if (embeddings.ndim !== 2)
    throw rangeError(
      `${op}: Embeddings parameter is expected to be 2-dimensional, but has ${embeddings.ndim} dimensions.`,
    );
  return embeddings.shape as unknown as [number, number];
}
