import type { Device } from '../device.js';
import type { DType } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { checkTensor } from '../ops/apply.js';
import { cat, stack } from '../ops/joining.js';
import { float } from '../promotion.js';
import { repr } from '../repr.js';
import { describe, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkSize, newParameter, take } from './construct.js';
import * as F from './functional.js';
import { uniform_ } from './init.js';
import { Module } from './module.js';
import { type NumberArgument, numberOf } from './numbers.js';
import { addParameter } from './registering.js';
import { type LayerWeights, runLayer, type State, type Step } from './rnnSteps.js';
import { PackedSequence, wholeNumbers } from './utils/rnn.js';

export const RNN_NAMES = [
  'inputSize',
  'hiddenSize',
  'numLayers',
  'bias',
  'batchFirst',
  'dropout',
  'bidirectional',
  'projSize',
  'device',
  'dtype',
] as const;
export type RNNArguments = [
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
];

/** The attributes that hold one layer's parameters in one direction. */
interface WeightAttributes {
  readonly weightIh: string;
  readonly weightHh: string;
  readonly biasIh: string | null;
  readonly biasHh: string | null;
  readonly weightHr: string | null;
}

/**
 * What recurrent networks share: layers, each in one or two directions, with parameters `weight_ih_l0`, … in state dicts
 * and `weightIhL0`, … as attributes.
 */
export abstract class RNNBase extends Module {
  inputSize: number;
  hiddenSize: number;
  numLayers: number;
  bias: boolean;
  batchFirst: boolean;
  dropout: number;
  bidirectional: boolean;
  projSize: number;
  /** @internal By layer and direction. */
  readonly weightAttributes: readonly WeightAttributes[];

  constructor(name: string, gates: number, args: readonly unknown[]) {
    super();
    const [
      inputSize,
      hiddenSize,
      numLayers = 1,
      bias = true,
      batchFirst = false,
      dropout = float(0),
      bidirectional = false,
      projSize = 0,
      device,
      dtype,
    ] = take<RNNArguments>(name, RNN_NAMES, args);
    checkSize(name, 'inputSize', inputSize);
    checkSize(name, 'hiddenSize', hiddenSize);
    checkSize(name, 'numLayers', numLayers, 1);
    checkSize(name, 'projSize', projSize);
    if (projSize > 0 && name !== 'LSTM')
      throw rangeError(`${name}: projSize argument is only supported for LSTM, not RNN or GRU.`);
    if (projSize > 0 && projSize >= hiddenSize)
      throw rangeError(`${name}: projSize (${projSize}) has to be smaller than hiddenSize (${hiddenSize}).`);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = batchFirst;
    this.dropout = numberOf(this, 'dropout', typeof dropout === 'number' ? float(dropout) : dropout);
    if (!(this.dropout >= 0 && this.dropout <= 1)) {
      throw rangeError(
        `${name}: dropout should be a number in range [0, 1] representing the probability of an element being zeroed, but is ${describe(this.dropout)}.`,
      );
    }
    if (this.dropout > 0 && numLayers === 1) {
      process.emitWarning(
        `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects numLayers greater than 1, but got dropout=${this.dropout} and numLayers=1`,
      );
    }
    this.bidirectional = bidirectional;
    this.projSize = projSize;

    this.weightAttributes = this.#addParameters(gates, device, dtype);
    this.resetParameters();
  }

  /** Adds the parameters of all layers. @returns their attributes, by layer and direction */
  #addParameters(
    gates: number,
    device: Device | string | null | undefined,
    dtype: DType | null | undefined,
  ): WeightAttributes[] {
    const { inputSize, hiddenSize, numLayers, bias, projSize } = this;
    const directions = this.bidirectional ? 2 : 1;
    const outputSize = projSize > 0 ? projSize : hiddenSize;
    const attributes: WeightAttributes[] = [];
    for (let layer = 0; layer < numLayers; layer++) {
      for (let direction = 0; direction < directions; direction++) {
        const end = `L${layer}${direction === 1 ? 'Reverse' : ''}`;
        const add = (attribute: string, shape: number[]): string => {
          addParameter(this, attribute + end, newParameter(this.getName(), shape, device, dtype));
          return attribute + end;
        };
        attributes.push({
          weightIh: add('weightIh', [gates * hiddenSize, layer === 0 ? inputSize : outputSize * directions]),
          weightHh: add('weightHh', [gates * hiddenSize, outputSize]),
          biasIh: bias ? add('biasIh', [gates * hiddenSize]) : null,
          biasHh: bias ? add('biasHh', [gates * hiddenSize]) : null,
          weightHr: projSize > 0 ? add('weightHr', [projSize, hiddenSize]) : null,
        });
      }
    }
    return attributes;
  }

  override stateName(attribute: string): string {
    const match = /^(weight|bias)(Ih|Hh|Hr)L(\d+)(Reverse)?$/.exec(attribute);
    return match === null
      ? attribute
      : `${match[1]}_${match[2]!.toLowerCase()}_l${match[3]}${match[4] ? '_reverse' : ''}`;
  }

  /** Draws all parameters anew, uniformly up to `1 / √hiddenSize`. */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const parameter of this.parameters()) uniform_(parameter, -bound, bound);
  }

  /** Does nothing: it is for CUDA. */
  flattenParameters(): void {}

  /** The parameters by layer and direction. */
  get allWeights(): Tensor[][] {
    return this.weightAttributes.map(
      (names) => Object.values(weightsOf(this, names)).filter((x) => x !== null) as Tensor[],
    );
  }

  override extraRepr(): string {
    let text = `${this.inputSize}, ${this.hiddenSize}`;
    if (this.projSize !== 0) text += `, proj_size=${this.projSize}`;
    if (this.numLayers !== 1) text += `, num_layers=${this.numLayers}`;
    if (!this.bias) text += `, bias=${repr(this.bias)}`;
    if (this.batchFirst) text += `, batch_first=${repr(this.batchFirst)}`;
    if (this.dropout !== 0) text += `, dropout=${this.numberText('dropout')}`;
    return this.bidirectional ? `${text}, bidirectional=${repr(this.bidirectional)}` : text;
  }
}

function weightsOf(module: RNNBase, names: WeightAttributes): LayerWeights {
  const attributes = module as unknown as Readonly<Record<string, Tensor>>;
  const get = (name: string | null): Tensor | null => (name === null ? null : attributes[name]!);
  return {
    weightIh: attributes[names.weightIh]!,
    weightHh: attributes[names.weightHh]!,
    biasIh: get(names.biasIh),
    biasHh: get(names.biasHh),
    weightHr: get(names.weightHr),
  };
}

/** The states a run starts from, each `[layers · directions, batch, size]`: zeros unless given. */
function startStates(
  module: RNNBase,
  like: Tensor,
  batch: number,
  given: readonly (Tensor | null)[],
  isUnbatched: boolean,
): Tensor[] {
  const name = module.getName();
  const depth = module.weightAttributes.length;
  const sizes = [module.projSize > 0 ? module.projSize : module.hiddenSize, module.hiddenSize];
  return given.map((state, i) => {
    const shape = [depth, batch, sizes[i]!];
    if (state === null) return like.newZeros(shape);
    checkTensor(name, state, 'hx');
    const rank = isUnbatched ? 2 : 3;
    if (state.ndim !== rank) {
      throw rangeError(
        `${name}: For ${isUnbatched ? 'unbatched 2-D' : 'batched 3-D'} input, hx should also be ${rank}-D but got ${state.ndim}-D tensor.`,
      );
    }
    const batched = isUnbatched ? state.unsqueeze(1) : state;
    if (!sameShape(batched.shape, shape)) {
      const which = given.length > 1 ? `hidden[${i}]` : 'hidden';
      throw rangeError(`${name}: Expected ${which} size (${shape.join(', ')}), got [${batched.shape.join(', ')}].`);
    }
    return batched;
  });
}

/** All layers over packed rows: the last layer's output and the last states, stacked. */
function runLayers(
  module: RNNBase,
  data: Tensor,
  batchSizes: readonly number[],
  start: readonly Tensor[],
  step: Step,
): { output: Tensor; last: Tensor[] } {
  const directions = module.bidirectional ? 2 : 1;
  const last: State[] = [];
  let rows = data;
  for (let layer = 0; layer < module.numLayers; layer++) {
    const outputs: Tensor[] = [];
    for (let direction = 0; direction < directions; direction++) {
      const at = layer * directions + direction;
      const weights = weightsOf(module, module.weightAttributes[at]!);
      const from = start.map((state) => state.select(0, at));
      const result = runLayer(rows, batchSizes, from, weights, step, direction === 1);
      outputs.push(result.output);
      last.push(result.last);
    }
    rows = outputs.length === 1 ? outputs[0]! : cat(outputs, -1);
    if (module.dropout > 0 && module.training && layer < module.numLayers - 1)
      rows = F.dropout(rows, module.dropout, true);
  }
  return { output: rows, last: start.map((_, i) => stack(last.map((state) => state[i]!))) };
}

/** What a recurrent network gives. */
export interface RNNResult {
  readonly output: Tensor | PackedSequence;
  readonly last: Tensor[];
}

/** Runs a network on a padded batch, one sequence or packed sequences. */
export function runNetwork(
  module: RNNBase,
  input: Tensor | PackedSequence,
  hx: readonly (Tensor | null)[],
  step: Step,
): RNNResult {
  const name = module.getName();
  if (input instanceof PackedSequence) {
    const { data, sortedIndices, unsortedIndices } = input;
    checkFeatures(name, data, 2, module.inputSize);
    const sizes = wholeNumbers(name, 'batchSizes', input.batchSizes);
    const arranged =
      sortedIndices === null ? hx : hx.map((state) => (state === null ? null : state.indexSelect(1, sortedIndices)));
    const start = startStates(module, data, sizes[0]!, arranged, false);
    const { output, last } = runLayers(module, data, sizes, start, step);
    const back = unsortedIndices === null ? last : last.map((state) => state.indexSelect(1, unsortedIndices));
    return { output: new PackedSequence(output, input.batchSizes, sortedIndices, unsortedIndices), last: back };
  }
  checkTensor(name, input);
  const isUnbatched = input.ndim === 2;
  if (!isUnbatched && input.ndim !== 3)
    throw rangeError(`${name}: Expected input to be 2-D or 3-D but received ${input.ndim}-D tensor.`);
  checkFeatures(name, input, input.ndim, module.inputSize);
  const batched = isUnbatched ? input.unsqueeze(1) : module.batchFirst ? input.transpose(0, 1) : input;
  const [length, batch] = batched.shape as unknown as [number, number];
  if (length === 0) throw rangeError(`${name}: Expected sequence length to be larger than 0 in RNN.`);
  const start = startStates(module, input, batch, hx, isUnbatched);
  const data = batched.reshape([length * batch, module.inputSize]);
  const { output, last } = runLayers(module, data, new Array<number>(length).fill(batch), start, step);
  const whole = output.reshape([length, batch, output.shape[1]!]);
  if (isUnbatched) return { output: whole.squeeze(1), last: last.map((state) => state.squeeze(1)) };
  return { output: module.batchFirst ? whole.transpose(0, 1) : whole, last };
}

function checkFeatures(name: string, input: Tensor, rank: number, size: number): void {
  if (input.ndim !== rank) throw rangeError(`${name}: input must have ${rank} dimensions, got ${input.ndim}.`);
  if (input.shape.at(-1) !== size) {
    throw rangeError(
      `${name}: input.size(-1) must be equal to inputSize. Expected ${size}, got ${input.shape.at(-1)}.`,
    );
  }
  if (!input.dtypeInfo.isFloat) throw typeError(`${name}: input must be of a floating dtype, not ${input.dtype}.`);
}
