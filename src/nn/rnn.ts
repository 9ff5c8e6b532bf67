import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { isOptions } from '../ops/options.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';
import type { Construct } from './construct.js';
import type { NumberArgument } from './numbers.js';
import { RNN_NAMES, type RNNArguments, RNNBase, runNetwork } from './rnnBase.js';
import { gruStep, lstmStep, reluStep, tanhStep } from './rnnSteps.js';
import type { PackedSequence } from './utils/rnn.js';

type LstmState = readonly [hidden: Tensor, cell: Tensor];

const PLAIN = [...RNN_NAMES, 'nonlinearity'] as const;
type PlainArguments = [
  inputSize: number,
  hiddenSize: number,
  numLayers?: number,
  bias?: boolean,
  batchFirst?: boolean,
  dropout?: NumberArgument,
  bidirectional?: boolean,
  projSize?: number,
  device?: Device | string | null,
  dtype?: DType | null,
  nonlinearity?: 'tanh' | 'relu',
];

export interface RNN {
  (input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  (input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
}

/** `hₜ = tanh(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh)` in layers. https://pytorch.org/docs/stable/generated/torch.nn.RNN.html */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface only adds forward's other form as a call
export class RNN extends RNNBase {
  nonlinearity: 'tanh' | 'relu';

  constructor(...args: Construct<PlainArguments, typeof PLAIN>) {
    const { rest, nonlinearity } = withoutNonlinearity(args);
    super('RNN', 1, rest);
    this.nonlinearity = nonlinearity;
  }

  /** @param input `[time, batch, size]`, `[batch, time, size]` with batchFirst, `[time, size]` or packed */
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): [Tensor | PackedSequence, Tensor] {
    const { output, last } = runNetwork(this, input, [hx], this.nonlinearity === 'relu' ? reluStep : tanhStep);
    return [output, last[0]!];
  }
}

function withoutNonlinearity(args: readonly unknown[]): { rest: unknown[]; nonlinearity: 'tanh' | 'relu' } {
  const rest = [...args];
  let nonlinearity: unknown = rest.length > RNN_NAMES.length ? rest.splice(RNN_NAMES.length, 1)[0] : undefined;
  const options = rest.at(-1);
  if (isOptions(options) && 'nonlinearity' in options) {
    const { nonlinearity: given, ...others } = options;
    nonlinearity = given;
    rest[rest.length - 1] = others;
  }
  if (isOptions(nonlinearity)) nonlinearity = nonlinearity.nonlinearity;
  nonlinearity ??= 'tanh';
  if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
    throw rangeError(`RNN: Unknown nonlinearity '${String(nonlinearity)}'; use 'tanh' or 'relu'.`);
  return { rest, nonlinearity };
}

export interface LSTM {
  (input: PackedSequence, hx?: LstmState | null): [output: PackedSequence, state: [hidden: Tensor, cell: Tensor]];
  (input: Tensor, hx?: LstmState | null): [output: Tensor, state: [hidden: Tensor, cell: Tensor]];
}

/** Long short-term memory in layers. https://pytorch.org/docs/stable/generated/torch.nn.LSTM.html */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface only adds forward's other form as a call
export class LSTM extends RNNBase {
  constructor(...args: Construct<RNNArguments, typeof RNN_NAMES>) {
    super('LSTM', 4, args);
  }

  /**
   * @param input `[time, batch, size]`, `[batch, time, size]` with batchFirst, `[time, size]` or packed
   * @param hx the hidden and cell states to start from
   */
  override forward(
    input: PackedSequence,
    hx?: LstmState | null,
  ): [output: PackedSequence, state: [hidden: Tensor, cell: Tensor]];
  override forward(input: Tensor, hx?: LstmState | null): [output: Tensor, state: [hidden: Tensor, cell: Tensor]];
  override forward(
    input: Tensor | PackedSequence,
    hx: LstmState | null = null,
  ): [Tensor | PackedSequence, [Tensor, Tensor]] {
    if (hx !== null && (!Array.isArray(hx) || hx.length !== 2))
      throw typeError(`LSTM: hx must be the pair [hidden, cell], not ${describe(hx)}.`);
    const { output, last } = runNetwork(this, input, hx ?? [null, null], lstmStep);
    return [output, [last[0]!, last[1]!]];
  }
}

export interface GRU {
  (input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  (input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
}

/** Gated recurrent units in layers. https://pytorch.org/docs/stable/generated/torch.nn.GRU.html */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the interface only adds forward's other form as a call
export class GRU extends RNNBase {
  constructor(...args: Construct<RNNArguments, typeof RNN_NAMES>) {
    super('GRU', 3, args);
  }

  /** @param input `[time, batch, size]`, `[batch, time, size]` with batchFirst, `[time, size]` or packed */
  override forward(input: PackedSequence, hx?: Tensor | null): [output: PackedSequence, hidden: Tensor];
  override forward(input: Tensor, hx?: Tensor | null): [output: Tensor, hidden: Tensor];
  override forward(input: Tensor | PackedSequence, hx: Tensor | null = null): [Tensor | PackedSequence, Tensor] {
    const { output, last } = runNetwork(this, input, [hx], gruStep);
    return [output, last[0]!];
  }
}
