import { cat } from '../ops/joining.js';
import { gruCell, lstmCell } from '../ops/recurrent.js';
import type { Tensor } from '../tensor.js';
import * as F from './functional.js';

/** One layer's parameters in one direction. */
export interface LayerWeights {
  readonly weightIh: Tensor;
  readonly weightHh: Tensor;
  readonly biasIh: Tensor | null;
  readonly biasHh: Tensor | null;
  /** Of an LSTM's projection. */
  readonly weightHr: Tensor | null;
}

/** What is handed from step to step: the hidden state, for an LSTM the cell state too. */
export type State = readonly Tensor[];

/** A step of a recurrent layer: from the input's gates and the last state to the next state. */
export type Step = (gates: Tensor, state: State, weights: LayerWeights) => State;

const hiddenGates = (state: State, weights: LayerWeights): Tensor =>
  F.linear(state[0]!, weights.weightHh, weights.biasHh);

/** `h' = tanh(x gates + h gates)`. */
export const tanhStep: Step = (gates, state, weights) => [gates.add(hiddenGates(state, weights)).tanh()];

/** `h' = relu(x gates + h gates)`. */
export const reluStep: Step = (gates, state, weights) => [F.relu(gates.add(hiddenGates(state, weights)))];

/** `c' = σ(f) c + σ(i) tanh(g); h' = σ(o) tanh(c')`. */
export const lstmStep: Step = (gates, state, weights) => {
  const [h, c] = lstmCell(gates, hiddenGates(state, weights), state[1]!);
  return [weights.weightHr === null ? h : F.linear(h, weights.weightHr, null), c];
};

/** `n = tanh(x_n + σ(r) h_n); h' = n + σ(z) (h - n)`. */
export const gruStep: Step = (gates, state, weights) => [gruCell(gates, hiddenGates(state, weights), state[0]!)];

/** The first rows of each part of a state. */
function firstRows(state: State, rows: number): State {
  return state[0]!.shape[0] === rows ? state : state.map((x) => x.narrow(0, 0, rows));
}

/**
 * One layer in one direction over packed rows: `batchSizes[t]` rows for each step t, fewer and fewer of them.
 * @returns the hidden states of all steps as packed rows, and the last state of every sequence
 */
export function runLayer(
  data: Tensor,
  batchSizes: readonly number[],
  start: State,
  weights: LayerWeights,
  step: Step,
  isReverse: boolean,
): { readonly output: Tensor; readonly last: State } {
  const gates = F.linear(data, weights.weightIh, weights.biasIh);
  const rows = batchSizes.length > 1 ? gates.split(batchSizes) : [gates];
  const outputs = new Array<Tensor>(batchSizes.length);
  if (isReverse) {
    let state = firstRows(start, batchSizes.at(-1)!);
    for (let t = batchSizes.length - 1; t >= 0; t--) {
      const now = state[0]!.shape[0]!;
      const size = batchSizes[t]!;
      // Sequences that end here come in with the state they start from.
      if (size > now) state = state.map((x, i) => cat([x, start[i]!.narrow(0, now, size - now)]));
      state = step(rows[t]!, state, weights);
      outputs[t] = state[0]!;
    }
    return { output: outputs.length > 1 ? cat(outputs) : outputs[0]!, last: state };
  }
  let state = start;
  const ended: State[] = [];
  for (const [t, size] of batchSizes.entries()) {
    const now = state[0]!.shape[0]!;
    if (size < now) {
      ended.unshift(state.map((x) => x.narrow(0, size, now - size)));
      state = firstRows(state, size);
    }
    state = step(rows[t]!, state, weights);
    outputs[t] = state[0]!;
  }
  const last = ended.length === 0 ? state : state.map((x, i) => cat([x, ...ended.map((part) => part[i]!)]));
  return { output: outputs.length > 1 ? cat(outputs) : outputs[0]!, last };
}
