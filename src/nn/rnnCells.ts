import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { checkTensor } from '../ops/apply.js';
import { repr } from '../repr.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { type Construct, checkSize, newParameter, take } from './construct.js';
import * as F from './functional.js';
import { uniform_ } from './init.js';
import { Module } from './module.js';
import type { Parameter } from './parameter.js';
import { addParameter } from './registering.js';
import { gruStep, type LayerWeights, lstmStep, reluStep, type State, type Step, tanhStep } from './rnnSteps.js';

/** PyTorch's names of a cell's parameters. */
const NAMES: Readonly<Record<string, string>> = {
  weightIh: 'weight_ih',
  weightHh: 'weight_hh',
  biasIh: 'bias_ih',
  biasHh: 'bias_hh',
};

interface CellOptions {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean | undefined;
  readonly device: Device | string | null | undefined;
  readonly dtype: DType | null | undefined;
}

/** What the cells, single steps of recurrent networks, share. */
export abstract class RNNCellBase extends Module {
  inputSize: number;
  hiddenSize: number;
  bias: boolean;
  declare weightIh: Parameter;
  declare weightHh: Parameter;
  declare biasIh: Parameter | null;
  declare biasHh: Parameter | null;

  constructor(name: string, gates: number, { inputSize, hiddenSize, bias = true, device, dtype }: CellOptions) {
    super();
    checkSize(name, 'inputSize', inputSize);
    checkSize(name, 'hiddenSize', hiddenSize);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.bias = bias;
    const rows = gates * hiddenSize;
    addParameter(this, 'weightIh', newParameter(name, [rows, inputSize], device, dtype));
    addParameter(this, 'weightHh', newParameter(name, [rows, hiddenSize], device, dtype));
    for (const attribute of ['biasIh', 'biasHh'])
      addParameter(this, attribute, bias ? newParameter(name, [rows], device, dtype) : null);
    this.resetParameters();
  }

  override stateName(attribute: string): string {
    return NAMES[attribute] ?? attribute;
  }

  /** Draws all parameters anew, uniformly up to `1 / √hiddenSize`. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? '' : `, bias=${repr(this.bias)}`}`;
  }
}

/** One step of a cell on a batch, or on one sample without a batch dimension. */
function runCell(cell: RNNCellBase, input: Tensor, hx: readonly (Tensor | null)[], step: Step): State {
  const name = cell.getName();
  checkTensor(name, input);
  if (input.ndim !== 1 && input.ndim !== 2)
    throw rangeError(`${name}: Expected input to be 1-D or 2-D but received ${input.ndim}-D tensor.`);
  const isBatched = input.ndim === 2;
  const x = isBatched ? input : input.unsqueeze(0);
  if (x.shape[1] !== cell.inputSize)
    throw rangeError(`${name}: input has inconsistent input_size: got ${x.shape[1]}, expected ${cell.inputSize}.`);
  const state = hx.map((given, i) => {
    if (given === null) return x.newZeros([x.shape[0]!, cell.hiddenSize]);
    checkTensor(name, given, 'hx');
    const h = isBatched ? given : given.unsqueeze(0);
    if (h.ndim !== 2 || h.shape[0] !== x.shape[0]) {
      throw rangeError(
        `${name}: Input batch size ${x.shape[0]} doesn't match hidden${i} batch size ${h.shape[0]} (shape [${h.shape.join(', ')}]).`,
      );
    }
    if (h.shape[1] !== cell.hiddenSize)
      throw rangeError(
        `${name}: hidden${i} has inconsistent hidden_size: got ${h.shape[1]}, expected ${cell.hiddenSize}.`,
      );
    return h;
  });
  const weights: LayerWeights = {
    weightIh: cell.weightIh,
    weightHh: cell.weightHh,
    biasIh: cell.biasIh,
    biasHh: cell.biasHh,
    weightHr: null,
  };
  const next = step(F.linear(x, cell.weightIh, cell.biasIh), state, weights);
  return isBatched ? next : next.map((part) => part.squeeze(0));
}

const RNN_CELL = ['inputSize', 'hiddenSize', 'bias', 'nonlinearity', 'device', 'dtype'] as const;
type RNNCellArguments = [
  inputSize: number,
  hiddenSize: number,
  bias?: boolean,
  nonlinearity?: 'tanh' | 'relu',
  device?: Device | string | null,
  dtype?: DType | null,
];

/** One step of an {@link RNN}. https://pytorch.org/docs/stable/generated/torch.nn.RNNCell.html */
export class RNNCell extends RNNCellBase {
  nonlinearity: 'tanh' | 'relu';

  constructor(...args: Construct<RNNCellArguments, typeof RNN_CELL>) {
    const [inputSize, hiddenSize, bias, nonlinearity = 'tanh', device, dtype] = take<RNNCellArguments>(
      'RNNCell',
      RNN_CELL,
      args,
    );
    super('RNNCell', 1, { inputSize, hiddenSize, bias, device, dtype });
    this.nonlinearity = nonlinearity;
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    const { nonlinearity } = this;
    if (nonlinearity !== 'tanh' && nonlinearity !== 'relu')
      throw rangeError(`RNNCell: Unknown nonlinearity: ${String(nonlinearity)}; use 'tanh' or 'relu'.`);
    return runCell(this, input, [hx], nonlinearity === 'relu' ? reluStep : tanhStep)[0]!;
  }

  override extraRepr(): string {
    return this.nonlinearity === 'tanh' ? super.extraRepr() : `${super.extraRepr()}, nonlinearity=${this.nonlinearity}`;
  }
}

const CELL = ['inputSize', 'hiddenSize', 'bias', 'device', 'dtype'] as const;
type CellArguments = [
  inputSize: number,
  hiddenSize: number,
  bias?: boolean,
  device?: Device | string | null,
  dtype?: DType | null,
];

/** One step of an {@link LSTM}. https://pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html */
export class LSTMCell extends RNNCellBase {
  constructor(...args: Construct<CellArguments, typeof CELL>) {
    const [inputSize, hiddenSize, bias, device, dtype] = take<CellArguments>('LSTMCell', CELL, args);
    super('LSTMCell', 4, { inputSize, hiddenSize, bias, device, dtype });
  }

  override forward(input: Tensor, hx: readonly [Tensor, Tensor] | null = null): [hidden: Tensor, cell: Tensor] {
    if (hx !== null && (!Array.isArray(hx) || hx.length !== 2))
      throw typeError(`LSTMCell: hx must be the pair [hidden, cell], not ${describe(hx)}.`);
    const [h, c] = runCell(this, input, hx ?? [null, null], lstmStep);
    return [h!, c!];
  }
}

/** One step of a {@link GRU}. https://pytorch.org/docs/stable/generated/torch.nn.GRUCell.html */
export class GRUCell extends RNNCellBase {
  constructor(...args: Construct<CellArguments, typeof CELL>) {
    const [inputSize, hiddenSize, bias, device, dtype] = take<CellArguments>('GRUCell', CELL, args);
    super('GRUCell', 3, { inputSize, hiddenSize, bias, device, dtype });
  }

  override forward(input: Tensor, hx: Tensor | null = null): Tensor {
    return runCell(this, input, [hx], gruStep)[0]!;
  }
}
