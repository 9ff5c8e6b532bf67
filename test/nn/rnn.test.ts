import { beforeEach, describe, expect, it } from 'vitest';
import * as ng from '../../src/index.js';
import { lstmCell } from '../../src/ops/recurrent.js';
import { expectClose } from '../close.js';

const { nn } = ng;
const { packPaddedSequence, packSequence, padPackedSequence, padSequence, unpackSequence, unpadSequence } =
  nn.utils.rnn;

beforeEach(() => void ng.manualSeed(1));

const LENGTHS = [4, 1, 3];
const sequences = (size = 2): ng.Tensor[] => LENGTHS.map((length) => ng.randn(length, size));

describe('packed sequences', () => {
  it('come back as they were, sorted or not', () => {
    const given = sequences();
    const packed = packSequence(given, false);
    expect(packed.batchSizes.tolist()).toEqual([3, 2, 2, 1]);
    expect(packed.sortedIndices?.tolist()).toEqual([0, 2, 1]);
    expect(unpackSequence(packed).map((x) => x.tolist())).toEqual(given.map((x) => x.tolist()));
    const [padded, lengths] = padPackedSequence(packed, { batchFirst: true, paddingValue: -1, totalLength: 6 });
    expect(padded.shape).toEqual([3, 6, 2]);
    expect(lengths.tolist()).toEqual(LENGTHS);
    expect(padded.at(1, 1).tolist()).toEqual([-1, -1]);
    expect(unpadSequence(padded, lengths, true).map((x) => x.tolist())).toEqual(given.map((x) => x.tolist()));
  });

  it('have gradients through packing and padding', () => {
    const padded = padSequence(sequences()).requiresGrad_();
    const packed = packPaddedSequence(padded, LENGTHS, { enforceSorted: false });
    padPackedSequence(packed)[0].mul(2).sum().backward();
    const expected = ng.zeros(4, 3, 2);
    for (const [i, length] of LENGTHS.entries()) expected.narrow(0, 0, length).select(1, i).fill_(2);
    expect(padded.grad?.tolist()).toEqual(expected.tolist());
  });

  it('refuse lengths that do not fit', () => {
    const padded = padSequence(sequences());
    expect(() => packPaddedSequence(padded, LENGTHS)).toThrow(/sorted in decreasing order/);
    expect(() => packPaddedSequence(padded, [4, 3])).toThrow(/equal to batch_size/);
    expect(() => packPaddedSequence(padded, [4, 3, 0])).toThrow(/greater than 0/);
    expect(() => packPaddedSequence(padded, [9, 3, 1])).toThrow(/at most 4/);
    expect(() => packPaddedSequence(padded, [4, 2.5, 1])).toThrow(/whole numbers/);
    expect(() => padPackedSequence(packSequence(sequences(), false), { totalLength: 2 })).toThrow(
      /at least the length/,
    );
    expect(() => padSequence([])).toThrow(/empty list/);
  });
});

const NETWORKS = {
  RNN: (options: object) => new nn.RNN(2, 3, { numLayers: 2, ...options }),
  'RNN of relu': (options: object) => new nn.RNN(2, 3, { nonlinearity: 'relu', ...options }),
  GRU: (options: object) => new nn.GRU(2, 3, { numLayers: 2, ...options }),
  LSTM: (options: object) => new nn.LSTM(2, 3, { numLayers: 2, ...options }),
  'LSTM with projection': (options: object) => new nn.LSTM(2, 3, { projSize: 2, ...options }),
} as const;

/** What a network gives as the output and a list of states. */
function run(network: unknown, ...args: unknown[]): { output: ng.Tensor; states: ng.Tensor[] } {
  const [output, state] = (network as (...args: unknown[]) => [ng.Tensor, ng.Tensor | ng.Tensor[]])(...args);
  return { output, states: Array.isArray(state) ? state : [state] };
}

describe.each(Object.entries(NETWORKS))('%s', (_, make) => {
  it.each([false, true])('runs packed sequences as it runs each alone, bidirectional: %s', (bidirectional) => {
    const network = make({ bidirectional });
    const given = sequences();
    const packed = run(network, packSequence(given, false));
    const outputs = unpackSequence(packed.output as never);
    for (const [i, sequence] of given.entries()) {
      const alone = run(network, sequence);
      expectClose(outputs[i]!, alone.output);
      for (const [j, state] of alone.states.entries()) expectClose(packed.states[j]!.select(1, i), state);
    }
  });

  it('gives the same for batchFirst, and for states handed on in two halves', () => {
    const network = make({});
    const first = make({ batchFirst: true });
    first.loadStateDict(network.stateDict());
    const x = ng.randn(6, 2, 2);
    const whole = run(network, x);
    expectClose(run(first, x.transpose(0, 1)).output.transpose(0, 1), whole.output);
    const before = run(network, x.narrow(0, 0, 2));
    const after = run(network, x.narrow(0, 2, 4), before.states.length === 1 ? before.states[0] : before.states);
    expectClose(after.output, whole.output.narrow(0, 2, 4));
    for (const [i, state] of whole.states.entries()) expectClose(after.states[i]!, state);
  });

  it('refuses inputs and states that do not fit', () => {
    const network = make({});
    expect(() => run(network, ng.ones(3, 1, 5))).toThrow(/must be equal to inputSize. Expected 2, got 5/);
    expect(() => run(network, ng.ones(2))).toThrow(/2-D or 3-D/);
    expect(() => run(network, ng.ones([3, 1, 2], { dtype: 'int64' }))).toThrow(/floating/);
    const state = ng.zeros(9, 1, 3);
    expect(() => run(network, ng.ones(3, 1, 2), network instanceof nn.LSTM ? [state, state] : state)).toThrow(
      /Expected hidden/,
    );
  });

  it('registers under PyTorch’s names', () => {
    const names = [...make({ bidirectional: true }).stateDict().keys()];
    expect(names.slice(0, 2)).toEqual(['weight_ih_l0', 'weight_hh_l0']);
    expect(names).toContain('weight_ih_l0_reverse');
  });
});

describe('recurrent networks', () => {
  it('drop out between layers in training alone', () => {
    const network = new nn.GRU(2, 3, { numLayers: 2, dropout: 1 });
    const x = ng.randn(3, 1, 2);
    const trained = network(x)[0].tolist();
    expect(network(x.mul(5))[0].tolist()).toEqual(trained);
    network.eval();
    expect(network(x.mul(5))[0].tolist()).not.toEqual(network(x)[0].tolist());
  });

  it('print their options', () => {
    const options = { numLayers: 2, bias: false, batchFirst: true, dropout: 0.5, bidirectional: true } as const;
    expect(String(new nn.LSTM(2, 3, { ...options, projSize: 2 }))).toBe(
      'LSTM(2, 3, proj_size=2, num_layers=2, bias=False, batch_first=True, dropout=0.5, bidirectional=True)',
    );
    expect(String(new nn.RNNCell(2, 3, { nonlinearity: 'relu' }))).toBe('RNNCell(2, 3, nonlinearity=relu)');
  });

  it('refuse options that do not fit', () => {
    expect(() => new nn.GRU(2, 3, { projSize: 1 })).toThrow(/only supported for LSTM/);
    expect(() => new nn.LSTM(2, 3, { projSize: 3 })).toThrow(/smaller than hiddenSize/);
    expect(() => new nn.RNN(2, 3, { nonlinearity: 'sigmoid' as never })).toThrow(/Unknown nonlinearity/);
    expect(() => new nn.LSTM(2, 3, { dropout: 2 })).toThrow(/range \[0, 1\]/);
    expect(() => new nn.LSTM(2, 3)(ng.ones(1, 1, 2), ng.zeros(1, 1, 3) as never)).toThrow(/pair/);
  });
});

describe('cells', () => {
  it('are one step of their networks', () => {
    for (const [cell, network] of [
      [new nn.RNNCell(2, 3), new nn.RNN(2, 3)],
      [new nn.GRUCell(2, 3), new nn.GRU(2, 3)],
      [new nn.LSTMCell(2, 3), new nn.LSTM(2, 3)],
    ] as const) {
      const state = [...cell.stateDict()].map(([name, x]) => [`${name}_l0`, x] as const);
      network.loadStateDict(new Map(state));
      const x = ng.randn(4, 2);
      const result = (cell as (x: ng.Tensor) => ng.Tensor | ng.Tensor[])(x);
      const hidden = Array.isArray(result) ? result[0]! : result;
      expectClose(hidden, run(network, x.unsqueeze(0)).output.squeeze(0));
      const one = (cell as (x: ng.Tensor) => ng.Tensor | ng.Tensor[])(x.at(0));
      expectClose(Array.isArray(one) ? one[0]! : one, hidden.at(0));
    }
  });

  it('refuse states of another batch', () => {
    expect(() => new nn.GRUCell(2, 3)(ng.ones(4, 2), ng.ones(2, 3))).toThrow(
      /batch size 4 doesn't match hidden0 batch size 2/,
    );
    expect(() => new nn.GRUCell(2, 3)(ng.ones(4, 5))).toThrow(/got 5, expected 2/);
  });
});

describe('the steps of cells', () => {
  const state = () => ng.randn([4, 5], { dtype: 'float64' }).requiresGrad_();
  const input = () => ng.randn([4, 3], { dtype: 'float64' }).requiresGrad_();

  it('have first and second derivatives, of either state of an LSTM', () => {
    const cell = new nn.LSTMCell(3, 5, { dtype: 'float64' });
    const inputs = [input(), state(), state()];
    for (const part of [0, 1]) {
      const step = (x: ng.Tensor, h: ng.Tensor, c: ng.Tensor): ng.Tensor => cell.forward(x, [h, c])[part]!;
      expect(ng.autograd.gradcheck(step, inputs)).toBe(true);
      expect(ng.autograd.gradgradcheck(step, inputs)).toBe(true);
    }
  });

  it('have first and second derivatives, of a GRU', () => {
    const cell = new nn.GRUCell(3, 5, { dtype: 'float64' });
    const step = (x: ng.Tensor, h: ng.Tensor): ng.Tensor => cell.forward(x, h);
    const inputs = [input(), state()];
    expect(ng.autograd.gradcheck(step, inputs)).toBe(true);
    expect(ng.autograd.gradgradcheck(step, inputs)).toBe(true);
  });

  it('give the same in float32 as the formulas, whatever the size', () => {
    for (const size of [1, 7, 37]) {
      const [x, hidden, c] = [ng.randn(3, 4 * size), ng.randn(3, 4 * size), ng.randn(3, size)];
      const [i, f, g, o] = x.add(hidden).chunk(4, 1) as [ng.Tensor, ng.Tensor, ng.Tensor, ng.Tensor];
      const cell = new nn.LSTMCell(4 * size, size, { bias: false });
      ng.noGrad(() => {
        cell.weightIh.copy_(ng.eye(4 * size));
        cell.weightHh.zero_();
      });
      const [h, next] = cell.forward(x.add(hidden), [ng.zeros(3, size), c]);
      const expected = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
      expectClose(next, expected);
      expectClose(h, o.sigmoid().mul(expected.tanh()));
    }
  });

  it('give one gradient to both parts of the sums, and each may get more from elsewhere', () => {
    const leaves = [ng.randn(3, 20), ng.randn(3, 20), ng.randn(3, 5)].map((leaf) => leaf.requiresGrad_());
    const weights = [ng.randn(3, 20), ng.randn(3, 20)];
    const gradients = (more: boolean): ng.Tensor[] => {
      for (const leaf of leaves) leaf.grad = null;
      // Not the leaves themselves: what arrives at those is copied.
      const [x, hidden] = leaves.map((leaf) => leaf.mul(2)) as [ng.Tensor, ng.Tensor];
      const [h, next] = lstmCell(x, hidden, leaves[2]!);
      const loss = h.sum().add(next.sum());
      const elsewhere = x.mul(weights[0]!).sum().add(hidden.mul(weights[1]!).sum());
      (more ? loss.add(elsewhere) : loss).backward();
      return leaves.map((leaf) => leaf.grad!);
    };
    const alone = gradients(false);
    for (const [i, grad] of gradients(true).entries()) {
      expectClose(grad, i < 2 ? alone[i]!.add(weights[i]!.mul(2)) : alone[i]!);
    }
  });
});
