/** Steps of recurrent cells, from the sums of their gates. */
import { mode } from '../autograd/mode.js';
import type { Grad } from '../autograd/node.js';
import { recordJoint, recordJointMany } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import { sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { dense } from './apply.js';
import { cat } from './joining.js';
import { float64Or32 } from './standardizing.js';

/** Whether the kernels take the sums of `gates` gates and a state [rows, size] with them. */
function isFusible(gates: number, x: Tensor, hidden: Tensor, state: Tensor): boolean {
  if (!float64Or32(x) || hidden.dtypeInfo !== x.dtypeInfo || state.dtypeInfo !== x.dtypeInfo) return false;
  const wanted = [state.shape[0]!, gates * state.shape[1]!];
  return state.shape.length === 2 && sameShape(x.shape, wanted) && sameShape(hidden.shape, wanted);
}

function lstmGates(x: Tensor, hidden: Tensor): [Tensor, Tensor, Tensor, Tensor] {
  const [input, forget, cell, output] = x.add(hidden).chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];
  return [input.sigmoid(), forget.sigmoid(), cell.tanh(), output.sigmoid()];
}

/**
 * One step of an LSTM: `next = σ(f) c + σ(i) tanh(g)`, `h = σ(o) tanh(next)`.
 * @param x the input's part of the sums of the gates i, f, g, o, [rows, 4 size]
 * @param hidden the hidden state's part
 * @param c the cell state, [rows, size]
 * @returns the next hidden state and the next cell state
 */
export function lstmCell(x: Tensor, hidden: Tensor, c: Tensor): readonly [h: Tensor, c: Tensor] {
  if (!isFusible(4, x, hidden, c)) {
    const [input, forget, cell, output] = lstmGates(x, hidden);
    const next = forget.mul(c).add(input.mul(cell));
    return [output.mul(next.tanh()), next];
  }
  const [rows, size] = c.shape as [number, number];
  const [h, next] = [c.makeEmpty(c.shape, c.dtypeInfo), c.makeEmpty(c.shape, c.dtypeInfo)];
  kernels.lstmCell(h, next, dense(x), dense(hidden), dense(c), rows, size);
  return recordJointMany(
    'ThnnFusedLstmCellBackward0',
    [h, next],
    [x, hidden, c],
    [x, hidden, c] as const,
    lstmGradients,
  );
}

function lstmGradients(
  grads: readonly Grad[],
  _wanted: (input: number) => boolean,
  x: Tensor,
  hidden: Tensor,
  c: Tensor,
): readonly Tensor[] {
  const [hGrad = null, cGrad = null] = grads;
  if (mode.grad) return composedLstmGradients(hGrad, cGrad, x, hidden, c);
  const [rows, size] = c.shape as [number, number];
  const [ofGates, ofC] = [x.makeEmpty(x.shape, x.dtypeInfo), c.makeEmpty(c.shape, c.dtypeInfo)];
  const denseOrNull = (grad: Grad): Tensor | null => (grad === null ? null : dense(grad));
  const given = [denseOrNull(hGrad), denseOrNull(cGrad)] as const;
  kernels.lstmCellBackward(ofGates, ofC, ...given, dense(x), dense(hidden), dense(c), rows, size);
  return [ofGates, ofGates, ofC];
}

/** The gradients of {@link lstmCell} made of other ops, so that they have gradients themselves. */
function composedLstmGradients(hGrad: Grad, cGrad: Grad, x: Tensor, hidden: Tensor, c: Tensor): readonly Tensor[] {
  const [input, forget, cell, output] = lstmGates(x, hidden);
  const shown = forget.mul(c).add(input.mul(cell)).tanh();
  const grad = hGrad ?? c.newZeros(c.shape);
  const through = grad.mul(output).mul(shown.square().neg().add(1));
  const ofCell = cGrad === null ? through : through.add(cGrad);
  const slope = (y: Tensor): Tensor => y.mul(y.neg().add(1));
  const parts = [
    ofCell.mul(cell).mul(slope(input)),
    ofCell.mul(c).mul(slope(forget)),
    ofCell.mul(input).mul(cell.square().neg().add(1)),
    grad.mul(shown).mul(slope(output)),
  ];
  const ofGates = cat(parts, 1);
  return [ofGates, ofGates, ofCell.mul(forget)];
}

interface GruGates {
  readonly reset: Tensor;
  readonly update: Tensor;
  /** The hidden state's part of the third sum. */
  readonly inner: Tensor;
  readonly fresh: Tensor;
}

function gruGates(x: Tensor, hidden: Tensor): GruGates {
  const [inputReset, inputUpdate, inputNew] = x.chunk(3, 1) as [Tensor, Tensor, Tensor];
  const [hiddenReset, hiddenUpdate, inner] = hidden.chunk(3, 1) as [Tensor, Tensor, Tensor];
  const reset = inputReset.add(hiddenReset).sigmoid();
  const update = inputUpdate.add(hiddenUpdate).sigmoid();
  return { reset, update, inner, fresh: inputNew.add(reset.mul(inner)).tanh() };
}

/**
 * One step of a GRU: `n = tanh(x_n + σ(r) hidden_n)`, `h' = n + σ(z) (h - n)`.
 * @param x the input's part of the sums of the gates r, z, n, [rows, 3 size]
 * @param hidden the hidden state's part
 * @param h the hidden state, [rows, size]
 */
export function gruCell(x: Tensor, hidden: Tensor, h: Tensor): Tensor {
  if (!isFusible(3, x, hidden, h)) {
    const { update, fresh } = gruGates(x, hidden);
    return h.sub(fresh).mul(update).add(fresh);
  }
  const [rows, size] = h.shape as [number, number];
  const out = h.makeEmpty(h.shape, h.dtypeInfo);
  kernels.gruCell(out, dense(x), dense(hidden), dense(h), rows, size);
  return recordJoint(
    'ThnnFusedGruCellBackward0',
    out,
    [x, hidden, h],
    [x, hidden, h] as const,
    (grad, _wanted, x, hidden, h) => {
      if (mode.grad) return composedGruGradients(grad, x, hidden, h);
      const gradients = [x, hidden, h].map((input) => input.makeEmpty(input.shape, input.dtypeInfo));
      const [ofX, ofHidden, ofH] = gradients as [Tensor, Tensor, Tensor];
      kernels.gruCellBackward(ofX, ofHidden, ofH, dense(grad), dense(x), dense(hidden), dense(h), rows, size);
      return gradients;
    },
  );
}

/** The gradients of {@link gruCell} made of other ops, so that they have gradients themselves. */
function composedGruGradients(grad: Tensor, x: Tensor, hidden: Tensor, h: Tensor): readonly Tensor[] {
  const { reset, update, inner, fresh } = gruGates(x, hidden);
  const slope = (y: Tensor): Tensor => y.mul(y.neg().add(1));
  const ofFresh = grad.sub(grad.mul(update)).mul(fresh.square().neg().add(1));
  const ofReset = ofFresh.mul(inner).mul(slope(reset));
  const ofUpdate = grad.mul(h.sub(fresh)).mul(slope(update));
  return [cat([ofReset, ofUpdate, ofFresh], 1), cat([ofReset, ofUpdate, ofFresh.mul(reset)], 1), grad.mul(update)];
}
