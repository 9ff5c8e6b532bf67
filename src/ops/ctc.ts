/** The loss of a sequence of labels without a given alignment (connectionist temporal classification). */
import { record } from '../autograd/record.js';
import { float32, float64, int32, int64 } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { castOperand, checkTensor, dense } from './apply.js';
import { notDifferentiable } from './derivatives.js';
import { named } from './options.js';
import { type Reduction, reductionOf } from './reductions.js';

/** One sequence: labels with blanks between and around them, and where its rows are. */
interface Sequence {
  readonly labels: Int32Array;
  readonly steps: number;
}

/** What a batch of sequences looks like: numbers only, so that formulas may hold it. */
interface Problem {
  readonly sequences: readonly Sequence[];
  readonly steps: number;
  readonly batch: number;
  readonly classes: number;
  readonly zeroInfinity: boolean;
}

/** The log-probabilities of one sequence: that of a label at step t stands at `first + t * step + label`. */
interface Rows {
  readonly values: Float32Array | Float64Array;
  readonly first: number;
  readonly step: number;
}

/** log(exp(a) + exp(b)). */
function logAdd(a: number, b: number): number {
  const most = Math.max(a, b);
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log(1 + Math.exp(Math.min(a, b) - most));
}

/** log(exp(a) + exp(b) + exp(c)). */
function logAdd3(a: number, b: number, c: number): number {
  const most = Math.max(a, b, c);
  if (most === Number.NEGATIVE_INFINITY) return most;
  return most + Math.log(Math.exp(a - most) + Math.exp(b - most) + Math.exp(c - most));
}

/** Whether state s may be reached from s - 2: over a blank, between two labels that differ. */
function skips(labels: Int32Array, s: number): boolean {
  return s >= 2 && (s & 1) === 1 && labels[s] !== labels[s - 2];
}

/** alpha[t, s]: the log of the probability of all ways to be in state s at step t. */
function forwards({ labels, steps }: Sequence, { values, first, step }: Rows): Float64Array {
  const states = labels.length;
  const alpha = new Float64Array(steps * states).fill(Number.NEGATIVE_INFINITY);
  for (let s = 0; s < Math.min(2, states) && steps > 0; s++) alpha[s] = values[first + labels[s]!]!;
  for (let t = 1; t < steps; t++) {
    const row = first + t * step;
    for (let s = 0; s < states; s++) {
      const from = (t - 1) * states + s;
      let sum = alpha[from]!;
      if (skips(labels, s)) sum = logAdd3(sum, alpha[from - 1]!, alpha[from - 2]!);
      else if (s >= 1) sum = logAdd(sum, alpha[from - 1]!);
      alpha[from + states] = sum + values[row + labels[s]!]!;
    }
  }
  return alpha;
}

/** beta[t, s]: the log of the probability of all ways from state s at step t, without it, to the end. */
function backwards({ labels, steps }: Sequence, { values, first, step }: Rows): Float64Array {
  const states = labels.length;
  const beta = new Float64Array(steps * states).fill(Number.NEGATIVE_INFINITY);
  for (let s = Math.max(states - 2, 0); s < states && steps > 0; s++) beta[(steps - 1) * states + s] = 0;
  const next = new Float64Array(states);
  for (let t = steps - 2; t >= 0; t--) {
    const row = first + (t + 1) * step;
    for (let s = 0; s < states; s++) next[s] = beta[(t + 1) * states + s]! + values[row + labels[s]!]!;
    for (let s = 0; s < states; s++) {
      let sum = next[s]!;
      if (s + 2 < states && skips(labels, s + 2)) sum = logAdd3(sum, next[s + 1]!, next[s + 2]!);
      else if (s + 1 < states) sum = logAdd(sum, next[s + 1]!);
      beta[t * states + s] = sum;
    }
  }
  return beta;
}

/** The loss of a sequence from its alpha. Without steps, only no labels at all are certain. */
function lossOf({ labels, steps }: Sequence, alpha: Float64Array): number {
  const states = labels.length;
  if (steps === 0) return states === 1 ? 0 : Number.POSITIVE_INFINITY;
  const end = (steps - 1) * states;
  const last = alpha[end + states - 1]!;
  return -(states > 1 ? logAdd(last, alpha[end + states - 2]!) : last);
}

/** The rows of sequence n of log-probabilities [steps, batch, classes]. */
function rowsOf(values: Rows['values'], { batch, classes }: Problem, n: number): Rows {
  return { values, first: n * classes, step: batch * classes };
}

const valuesOf = (x: Tensor): Rows['values'] => dense(x.detach()).toTypedArray() as Rows['values'];

/** The loss of each sequence, [batch]. Sums are carried in double. */
function lossesOf(logProbs: Tensor, problem: Problem): Tensor {
  const values = valuesOf(logProbs);
  const out = logProbs.makeEmpty([problem.batch], logProbs.dtypeInfo);
  const losses = out.storage.view(out.dtypeInfo, 0, problem.batch) as Float64Array;
  const alphas = problem.sequences.map((sequence, n) => forwards(sequence, rowsOf(values, problem, n)));
  for (const [n, sequence] of problem.sequences.entries()) {
    const loss = lossOf(sequence, alphas[n]!);
    losses[n] = problem.zeroInfinity && loss === Number.POSITIVE_INFINITY ? 0 : loss;
  }
  return record('CtcLossBackward0', out, [logProbs], [logProbs, alphas] as const, [
    (grad, x, alphas) => gradientOf(grad, x, alphas, problem),
  ]);
}

/** `(exp(logProb) - p(label at t | sequence)) · grad`, as PyTorch: the gradient through a log-softmax, at once. */
function gradientOf(grad: Tensor, logProbs: Tensor, alphas: readonly Float64Array[], problem: Problem): Tensor {
  const values = valuesOf(logProbs);
  const factors = valuesOf(grad);
  const out = logProbs.makeEmpty(logProbs.shape, logProbs.dtypeInfo);
  out.fillWith(0);
  const memory = out.storage.view(out.dtypeInfo, 0, out.count) as Float64Array;
  const posterior = new Float64Array(problem.classes);
  for (const [n, sequence] of problem.sequences.entries()) {
    const rows = rowsOf(values, problem, n);
    const alpha = alphas[n]!;
    const loss = lossOf(sequence, alpha);
    if (problem.zeroInfinity && loss === Number.POSITIVE_INFINITY) continue;
    const beta = backwards(sequence, rows);
    const { labels, steps } = sequence;
    for (let t = 0; t < steps; t++) {
      const row = rows.first + t * rows.step;
      posterior.fill(0);
      for (let s = 0; s < labels.length; s++) {
        const at = t * labels.length + s;
        posterior[labels[s]!]! += Math.exp(alpha[at]! + beta[at]! + loss);
      }
      for (let c = 0; c < problem.classes; c++) {
        const p = values[row + c]!;
        // NaN where this label, or the whole sequence, cannot be.
        const isPossible = p !== Number.NEGATIVE_INFINITY && loss !== Number.POSITIVE_INFINITY;
        const share = isPossible ? posterior[c]! : Number.NaN;
        memory[row + c] = (Math.exp(p) - share) * factors[n]!;
      }
    }
  }
  return record(
    'CtcLossBackwardBackward0',
    out,
    [grad, logProbs],
    [],
    [notDifferentiable('ctcLossBackward'), notDifferentiable('ctcLossBackward')],
  );
}

/** Lengths as numbers, one for each sequence. */
function lengthsOf(name: string, lengths: Tensor | readonly number[], batch: number): number[] {
  let list: number[];
  if (Array.isArray(lengths)) list = [...(lengths as readonly number[])];
  else {
    checkTensor('ctcLoss', lengths, name);
    if ((lengths as Tensor).dtypeInfo.category !== 1)
      throw typeError(
        `ctcLoss: ${name} must be integral, but it is ${(lengths as Tensor).dtype}; convert with to('int64').`,
      );
    list = Array.from((castOperand(lengths as Tensor, int64) as Tensor).toTypedArray() as BigInt64Array, Number);
  }
  if (list.length !== batch)
    throw rangeError(`ctcLoss: ${name} must be of size batch_size (${batch}), but it has ${list.length}.`);
  for (const length of list) {
    if (!Number.isInteger(length) || length < 0)
      throw rangeError(`ctcLoss: Expected ${name} to have value at least 0, but got value ${length}.`);
  }
  return list;
}

function sequencesOf(
  targets: Tensor,
  inputs: readonly number[],
  lengths: readonly number[],
  [steps, classes, blank]: readonly [number, number, number],
): Sequence[] {
  const flat = (castOperand(targets, int64) as Tensor).toTypedArray() as BigInt64Array;
  const inRows = targets.shape.length === 2;
  const width = inRows ? targets.shape[1]! : 0;
  if (inRows && targets.shape[0] !== inputs.length)
    throw rangeError(
      `ctcLoss: Expected tensor to have size ${inputs.length} at dimension 0, but got size ${targets.shape[0]} for targets.`,
    );
  let start = 0;
  return inputs.map((length, n) => {
    const count = lengths[n]!;
    if (length > steps)
      throw rangeError(`ctcLoss: Expected input_lengths to have value at most ${steps}, but got value ${length}.`);
    if (inRows && count > width)
      throw rangeError(`ctcLoss: Expected target_lengths to have value at most ${width}, but got value ${count}.`);
    const from = inRows ? n * width : start;
    if (from + count > flat.length)
      throw rangeError(
        `ctcLoss: Expected targets to have ${from + count} labels, as the lengths say, but it has ${flat.length}.`,
      );
    start += count;
    const labels = [blank];
    for (let i = 0; i < count; i++) {
      const label = Number(flat[from + i]);
      if (label < 0 || label >= classes)
        throw rangeError(`ctcLoss: targets must be in [0, ${classes}), but there is ${label}.`);
      labels.push(label, blank);
    }
    return { labels: Int32Array.from(labels), steps: length };
  });
}

/**
 * `-log p(targets)` of sequences of log-probabilities [steps, batch, classes] (or [steps, classes]), over all alignments.
 * `targets` are [batch, labels], or all in a row; `'mean'` divides each loss by its number of labels.
 * https://pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 * @throws RangeError for lengths or labels out of bounds
 */
export const ctcLoss = named(
  'ctcLoss',
  ['logProbs', 'targets', 'inputLengths', 'targetLengths', 'blank', 'reduction', 'zeroInfinity'],
  (
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
    blank: number = 0,
    reduction: Reduction = 'mean',
    zeroInfinity: boolean = false,
  ): Tensor => {
    checkTensor('ctcLoss', logProbs, 'logProbs');
    checkTensor('ctcLoss', targets, 'targets');
    const how = reductionOf('ctcLoss', reduction, null, null);
    if (logProbs.dtypeInfo !== float32 && logProbs.dtypeInfo !== float64)
      throw typeError(`ctcLoss: not implemented for ${logProbs.dtype}; convert logProbs with to('float32').`);
    if (targets.dtypeInfo !== int64 && targets.dtypeInfo !== int32)
      throw typeError(
        `ctcLoss: Expected targets of dtype int64 or int32, but got ${targets.dtype}; convert with to('int64').`,
      );
    const rank = logProbs.shape.length;
    if (rank !== 2 && rank !== 3)
      throw rangeError(
        `ctcLoss: logProbs must be [steps, batch, classes] or [steps, classes], but got [${logProbs.shape.join(', ')}].`,
      );
    const x = rank === 3 ? logProbs : logProbs.unsqueeze(1);
    const [steps, batch, classes] = x.shape as [number, number, number];
    if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
      throw rangeError(`ctcLoss: blank must be in label range: it is ${blank}, and there are ${classes} classes.`);
    const inputs = lengthsOf('input_lengths', inputLengths, batch);
    const lengths = lengthsOf('target_lengths', targetLengths, batch);
    const sequences = sequencesOf(targets, inputs, lengths, [steps, classes, blank]);
    const losses = lossesOf(x, { sequences, steps, batch, classes, zeroInfinity });
    if (how === 'sum') return losses.sum();
    if (how === 'none') return rank === 3 ? losses : losses.squeeze(0);
    const counts = losses.makeEmpty([batch], losses.dtypeInfo);
    const memory = counts.storage.view(counts.dtypeInfo, 0, batch) as Float64Array;
    for (let n = 0; n < batch; n++) memory[n] = Math.max(lengths[n]!, 1);
    return losses.div(counts).mean();
  },
);
