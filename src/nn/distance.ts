import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';

const PAIRWISE = ['p', 'eps', 'keepdim'] as const;
type PairwiseArguments = [p?: number, eps?: number, keepdim?: boolean];

/** `‖x₁ - x₂ + eps‖ₚ` over the last dimension. https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html */
export class PairwiseDistance extends Module {
  norm: number;
  eps: number;
  keepdim: boolean;

  constructor(...args: Construct<PairwiseArguments, typeof PAIRWISE>) {
    super();
    const [p = 2, eps = 1e-6, keepdim = false] = take<PairwiseArguments>('PairwiseDistance', PAIRWISE, args);
    this.norm = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.pairwiseDistance(x1, x2, this.norm, this.eps, this.keepdim);
  }
}

const COSINE = ['dim', 'eps'] as const;
type CosineArguments = [dim?: number, eps?: number];

/** `x₁ · x₂ / max(‖x₁‖ ‖x₂‖, eps)` over `dim`. https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html */
export class CosineSimilarity extends Module {
  dim: number;
  eps: number;

  constructor(...args: Construct<CosineArguments, typeof COSINE>) {
    super();
    const [dim = 1, eps = 1e-8] = take<CosineArguments>('CosineSimilarity', COSINE, args);
    this.dim = dim;
    this.eps = eps;
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}
