import { type Construct, take } from '../../nn/construct.js';
import type { Optimizer } from '../optimizer.js';
import { forGroups, LRScheduler } from './base.js';

/** The factor at an epoch. */
export type LrLambda = (epoch: number) => number;

const NAMES = ['optimizer', 'lrLambda', 'lastEpoch', 'verbose'] as const;
type LambdaArguments = [
  optimizer: Optimizer,
  lrLambda: LrLambda | readonly LrLambda[],
  lastEpoch?: number,
  verbose?: boolean,
];

/** The functions are not part of the state. */
abstract class WithLambdas extends LRScheduler {
  readonly lrLambdas: LrLambda[];

  constructor(name: string, args: readonly unknown[]) {
    const [optimizer, lrLambda, lastEpoch = -1, verbose = false] = take<LambdaArguments>(name, NAMES, args);
    super(optimizer, lastEpoch, verbose);
    this.lrLambdas = forGroups(name, 'lrLambda', optimizer, lrLambda);
    this.initialStep();
  }

  protected override get notState(): readonly string[] {
    return ['optimizer', 'lrLambdas'];
  }

  override stateDict(): Record<string, unknown> {
    return { ...super.stateDict(), lr_lambdas: this.lrLambdas.map(() => null) };
  }
}

/**
 * `lr = base · λ(epoch)`.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.LambdaLR.html
 */
export class LambdaLR extends WithLambdas {
  constructor(...args: Construct<LambdaArguments, typeof NAMES>) {
    super('LambdaLR', args);
  }

  override getLr(): number[] {
    return this.baseLrs.map((base, i) => base * this.lrLambdas[i]!(this.lastEpoch));
  }
}

/**
 * `lr = lr · λ(epoch)` every epoch.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.MultiplicativeLR.html
 */
export class MultiplicativeLR extends WithLambdas {
  constructor(...args: Construct<LambdaArguments, typeof NAMES>) {
    super('MultiplicativeLR', args);
  }

  override getLr(): number[] {
    if (this.lastEpoch <= 0) return this.rates;
    return this.rates.map((lr, i) => lr * this.lrLambdas[i]!(this.lastEpoch));
  }
}
