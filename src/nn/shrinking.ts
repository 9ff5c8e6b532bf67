import type { Tensor } from '../tensor.js';
import { type Construct, take } from './construct.js';
import * as F from './functional.js';
import { Module } from './module.js';
import { type NumberArgument, numberOf } from './numbers.js';

const LAMBDA = ['lambd'] as const;
type LambdaArguments = [lambd?: NumberArgument];

/** What the two shrinking modules share. */
class ShrinkModule extends Module {
  lambd: number;

  constructor(name: string, args: readonly unknown[]) {
    super();
    const [lambd = 0.5] = take<LambdaArguments>(name, LAMBDA, args);
    this.lambd = numberOf(this, 'lambd', lambd);
  }

  override extraRepr(): string {
    return this.numberText('lambd');
  }
}

/** `x` where `|x| > lambd`, else 0. https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html */
export class Hardshrink extends ShrinkModule {
  constructor(...args: Construct<LambdaArguments, typeof LAMBDA>) {
    super('Hardshrink', args);
  }

  override forward(input: Tensor): Tensor {
    return F.hardshrink(input, this.lambd);
  }
}

/** `x` moved towards 0 by `lambd`. https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html */
export class Softshrink extends ShrinkModule {
  constructor(...args: Construct<LambdaArguments, typeof LAMBDA>) {
    super('Softshrink', args);
  }

  override forward(input: Tensor): Tensor {
    return F.softshrink(input, this.lambd);
  }
}

/** `x - tanh(x)`. https://pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html */
export class Tanhshrink extends Module {
  override forward(input: Tensor): Tensor {
    return F.tanhshrink(input);
  }
}

/** `x / (1 + |x|)`. https://pytorch.org/docs/stable/generated/torch.nn.Softsign.html */
export class Softsign extends Module {
  override forward(input: Tensor): Tensor {
    return F.softsign(input);
  }
}

/** `log(sigmoid(x))`. https://pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html */
export class LogSigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return F.logsigmoid(input);
  }
}

const SOFTPLUS = ['beta', 'threshold'] as const;
type SoftplusArguments = [beta?: NumberArgument, threshold?: NumberArgument];

/** `log(1 + e^(beta · x)) / beta`. https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html */
export class Softplus extends Module {
  beta: number;
  threshold: number;

  constructor(...args: Construct<SoftplusArguments, typeof SOFTPLUS>) {
    super();
    const [beta = 1, threshold = 20] = take<SoftplusArguments>('Softplus', SOFTPLUS, args);
    this.beta = numberOf(this, 'beta', beta);
    this.threshold = numberOf(this, 'threshold', threshold);
  }

  override forward(input: Tensor): Tensor {
    return F.softplus(input, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return `beta=${this.numberText('beta')}, threshold=${this.numberText('threshold')}`;
  }
}
