import { rangeError } from '../../errors.js';
import { type Construct, take } from '../../nn/construct.js';
import type { Optimizer } from '../optimizer.js';
import { checkPositive, LRScheduler } from './base.js';

const COSINE = ['optimizer', 'TMax', 'etaMin', 'lastEpoch', 'verbose'] as const;
type CosineArguments = [optimizer: Optimizer, TMax: number, etaMin?: number, lastEpoch?: number, verbose?: boolean];

/**
 * `etaMin + (base - etaMin) · (1 + cos(π · epoch / TMax)) / 2`.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingLR.html
 */
export class CosineAnnealingLR extends LRScheduler {
  TMax: number;
  etaMin: number;

  constructor(...args: Construct<CosineArguments, typeof COSINE>) {
    const [optimizer, TMax, etaMin = 0, lastEpoch = -1, verbose = false] = take<CosineArguments>(
      'CosineAnnealingLR',
      COSINE,
      args,
    );
    checkPositive('CosineAnnealingLR', 'TMax', TMax);
    super(optimizer, lastEpoch, verbose);
    this.TMax = TMax;
    this.etaMin = etaMin;
    this.initialStep();
  }

  override getLr(): number[] {
    const { TMax, etaMin, lastEpoch } = this;
    if (lastEpoch === 0) return this.rates;
    if (this.stepCount === 1 && lastEpoch > 0) return this.closedForm();
    if ((lastEpoch - 1 - TMax) % (2 * TMax) === 0) {
      const rise = (1 - Math.cos(Math.PI / TMax)) / 2;
      return this.rates.map((lr, i) => lr + (this.baseLrs[i]! - etaMin) * rise);
    }
    const ratio = (1 + Math.cos((Math.PI * lastEpoch) / TMax)) / (1 + Math.cos((Math.PI * (lastEpoch - 1)) / TMax));
    return this.rates.map((lr) => ratio * (lr - etaMin) + etaMin);
  }

  protected override closedForm(): number[] {
    const { TMax, etaMin, lastEpoch } = this;
    return this.baseLrs.map((base) => etaMin + ((base - etaMin) * (1 + Math.cos((Math.PI * lastEpoch) / TMax))) / 2);
  }
}

const RESTARTS = ['optimizer', 'T0', 'TMult', 'etaMin', 'lastEpoch', 'verbose'] as const;
type RestartsArguments = [
  optimizer: Optimizer,
  T0: number,
  TMult?: number,
  etaMin?: number,
  lastEpoch?: number,
  verbose?: boolean,
];

/**
 * Cosine annealing that starts again after `T0` epochs, each time `TMult` times as long.
 * https://pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.CosineAnnealingWarmRestarts.html
 */
export class CosineAnnealingWarmRestarts extends LRScheduler {
  T0: number;
  /** How long the current run is. */
  TI: number;
  TMult: number;
  etaMin: number;
  /** How far the current run is. */
  TCur: number;

  constructor(...args: Construct<RestartsArguments, typeof RESTARTS>) {
    const [optimizer, T0, TMult = 1, etaMin = 0, lastEpoch = -1, verbose = false] = take<RestartsArguments>(
      'CosineAnnealingWarmRestarts',
      RESTARTS,
      args,
    );
    if (!Number.isInteger(T0) || T0 <= 0)
      throw rangeError(`CosineAnnealingWarmRestarts: Expected positive integer T_0, but got ${String(T0)}.`);
    if (!Number.isInteger(TMult) || TMult < 1)
      throw rangeError(`CosineAnnealingWarmRestarts: Expected integer T_mult >= 1, but got ${TMult}.`);
    super(optimizer, lastEpoch, verbose);
    this.T0 = T0;
    this.TI = T0;
    this.TMult = TMult;
    this.etaMin = etaMin;
    this.TCur = lastEpoch;
    this.initialStep();
  }

  override getLr(): number[] {
    const factor = (1 + Math.cos((Math.PI * this.TCur) / this.TI)) / 2;
    return this.baseLrs.map((base) => this.etaMin + (base - this.etaMin) * factor);
  }

  /** Goes to the next epoch, or to `epoch`, which may be a fraction. */
  override step(epoch: number | null = null): void {
    let at = epoch ?? (this.lastEpoch < 0 ? 0 : null);
    this.stepCount++;
    if (at === null) {
      at = this.lastEpoch + 1;
      this.TCur++;
      if (this.TCur >= this.TI) {
        this.TCur -= this.TI;
        this.TI *= this.TMult;
      }
    } else {
      if (at < 0) throw rangeError(`CosineAnnealingWarmRestarts.step: Expected non-negative epoch, but got ${at}.`);
      this.#goTo(at);
    }
    this.lastEpoch = Math.floor(at);
    this.setRates(this.getLr(), at);
  }

  #goTo(epoch: number): void {
    const { T0, TMult } = this;
    if (epoch < T0) {
      this.TI = T0;
      this.TCur = epoch;
    } else if (TMult === 1) {
      this.TCur = epoch % T0;
    } else {
      const runs = Math.floor(Math.log((epoch / T0) * (TMult - 1) + 1) / Math.log(TMult));
      this.TCur = epoch - (T0 * (TMult ** runs - 1)) / (TMult - 1);
      this.TI = T0 * TMult ** runs;
    }
  }
}
