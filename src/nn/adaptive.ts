import { noGrad } from '../autograd/mode.js';
import { tensor } from '../creation.js';
import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError } from '../errors.js';
import { cat } from '../ops/joining.js';
import { type NamedTuple, namedTuple } from '../ops/options.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, take } from './construct.js';
import { ModuleList, Sequential } from './container.js';
import * as F from './functional.js';
import { Linear } from './linear.js';
import { Module } from './module.js';

const NAMES = ['inFeatures', 'nClasses', 'cutoffs', 'divValue', 'headBias', 'device', 'dtype'] as const;
type AdaptiveArguments = [
  inFeatures: number,
  nClasses: number,
  cutoffs: readonly number[],
  divValue?: number,
  headBias?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

/**
 * A softmax for very many classes: frequent ones are told apart at once, rare ones within clusters.
 * https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveLogSoftmaxWithLoss.html
 */
export class AdaptiveLogSoftmaxWithLoss extends Module {
  inFeatures: number;
  nClasses: number;
  /** Where each cluster ends. */
  cutoffs: readonly number[];
  divValue: number;
  headBias: boolean;
  shortlistSize: number;
  nClusters: number;
  headSize: number;
  head: Linear;
  tail: ModuleList<Sequential>;

  constructor(...args: Construct<AdaptiveArguments, typeof NAMES>) {
    super();
    const [inFeatures, nClasses, cutoffs, divValue = 4, headBias = false, device = null, dtype = null] =
      take<AdaptiveArguments>('AdaptiveLogSoftmaxWithLoss', NAMES, args);
    checkSize('AdaptiveLogSoftmaxWithLoss', 'inFeatures', inFeatures, 1);
    checkSize('AdaptiveLogSoftmaxWithLoss', 'nClasses', nClasses, 1);
    const isSorted = cutoffs.every(
      (cutoff, i) => Number.isInteger(cutoff) && cutoff > (i === 0 ? 0 : cutoffs[i - 1]!) && cutoff < nClasses,
    );
    if (!isSorted || cutoffs.length === 0) {
      throw rangeError(
        `AdaptiveLogSoftmaxWithLoss: cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and nClasses - 1 (${nClasses - 1}), but they are [${cutoffs.join(', ')}].`,
      );
    }
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    this.shortlistSize = this.cutoffs[0]!;
    this.nClusters = this.cutoffs.length - 1;
    this.headSize = this.shortlistSize + this.nClusters;
    this.head = new Linear(inFeatures, this.headSize, headBias, device, dtype);
    const clusters = Array.from({ length: this.nClusters }, (_, i) => {
      const hidden = Math.floor(inFeatures / divValue ** (i + 1));
      const size = this.cutoffs[i + 1]! - this.cutoffs[i]!;
      return new Sequential(
        new Linear(inFeatures, hidden, false, device, dtype),
        new Linear(hidden, size, false, device, dtype),
      );
    });
    this.tail = new ModuleList(clusters);
  }

  /** Draws all weights anew. */
  resetParameters(): void {
    this.head.resetParameters();
    for (const cluster of this.tail) for (const layer of cluster) (layer as Linear).resetParameters();
  }

  /** @returns the log probability of each sample's target, and the mean of their negatives */
  override forward(input: Tensor, target: Tensor): NamedTuple<readonly ['output', 'loss'], readonly [Tensor, Tensor]> {
    const isBatched = target.ndim === 1;
    if (target.ndim > 1)
      throw rangeError('AdaptiveLogSoftmaxWithLoss: 0D or 1D target tensor expected, multi-target not supported.');
    if (input.ndim !== target.ndim + 1) {
      throw rangeError(
        `AdaptiveLogSoftmaxWithLoss: ${target.ndim}D target tensor expects ${target.ndim + 1}D input tensors, but found inputs with size [${input.shape.join(', ')}].`,
      );
    }
    if (isBatched && input.shape[0] !== target.shape[0]) {
      throw rangeError(
        `AdaptiveLogSoftmaxWithLoss: Input and target should have the same size in the batch dimension (${input.shape[0]} and ${target.shape[0]}).`,
      );
    }
    const rows = isBatched ? input : input.unsqueeze(0);
    const classes = (isBatched ? target : target.unsqueeze(0)).tolist() as number[];
    const bad = classes.find((c) => c < 0 || c >= this.nClasses);
    if (bad !== undefined)
      throw rangeError(
        `AdaptiveLogSoftmaxWithLoss: Target values should be in [0, ${this.nClasses - 1}], but one is ${bad}.`,
      );

    const index = (values: readonly number[]): Tensor => tensor([...values], { dtype: 'int64' });
    // The classes of the head that stand for each target, and what the clusters add.
    const heads = [...classes];
    const members: number[] = [];
    const parts: Tensor[] = [];
    for (let cluster = 0; cluster < this.nClusters; cluster++) {
      const [from, to] = [this.cutoffs[cluster]!, this.cutoffs[cluster + 1]!];
      const inside = classes.flatMap((c, i) => (c >= from && c < to ? [i] : []));
      if (inside.length === 0) continue;
      for (const i of inside) heads[i] = this.shortlistSize + cluster;
      const logits = this.tail.at(cluster)(rows.indexSelect(0, index(inside)));
      const relative = index(inside.map((i) => classes[i]! - from)).unsqueeze(1);
      parts.push(F.logSoftmax(logits, 1).gather(1, relative).squeeze(1));
      members.push(...inside);
    }
    const headPart = F.logSoftmax(this.head(rows), 1).gather(1, index(heads).unsqueeze(1)).squeeze(1);
    const output = parts.length === 0 ? headPart : headPart.indexAdd(0, index(members), cat(parts));
    return namedTuple(['output', 'loss'], [isBatched ? output : output.squeeze(0), output.neg().mean()]);
  }

  /** The log probabilities of all classes, `[batch, nClasses]`. */
  logProb(input: Tensor): Tensor {
    const head = F.logSoftmax(this.head(input), 1);
    const parts = [head.narrow(1, 0, this.shortlistSize)];
    for (const [i, cluster] of this.tail.toArray().entries()) {
      parts.push(F.logSoftmax(cluster(input), 1).add(head.narrow(1, this.shortlistSize + i, 1)));
    }
    return cat(parts, 1);
  }

  /** The likeliest class of each sample. */
  predict(input: Tensor): Tensor {
    return noGrad(() => this.logProb(input).argmax(1));
  }
}
