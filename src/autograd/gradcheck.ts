import { autogradError, typeError } from '../errors.js';
import type { Tensor } from '../tensor.js';
import { grad as gradOf } from './engine.js';
import { enableGrad, noGrad } from './mode.js';
import { isTensorLike } from './record.js';

/** See torch.autograd.gradcheck. */
export interface GradcheckOptions {
  /** Step of the finite differences. */
  eps?: number;
  atol?: number;
  rtol?: number;
  /** Throw instead of returning false. */
  raiseException?: boolean;
  /** Compare one projection of each Jacobian instead of all its entries: two evaluations an input. */
  fastMode?: boolean;
}

type Body = (...inputs: Tensor[]) => Tensor | readonly Tensor[];

function outputsOf(body: Body, inputs: readonly Tensor[]): Tensor[] {
  const result = body(...inputs);
  const list: readonly Tensor[] = isTensorLike(result) ? [result] : result;
  return list.filter((y) => y.dtypeInfo.isDifferentiable);
}

/** Elements of a tensor as real numbers that can be moved one at a time: of a complex one, both parts. */
function realView(x: Tensor): Float32Array | Float64Array {
  if (!x.isDense) throw typeError('gradcheck: inputs must be contiguous; call contiguous() on them.');
  return x.storage.view(x.dtypeInfo, x.offset, x.count) as Float64Array;
}

/** The outputs with an input's elements moved by ± `step` of each, as a difference over 2 · eps. */
function difference(
  body: Body,
  inputs: readonly Tensor[],
  at: number,
  eps: number,
  step: (element: number) => number,
): Float64Array[] {
  const view = realView(inputs[at]!);
  const before = view.slice();
  const sample = (sign: number): Float64Array[] => {
    for (let i = 0; i < view.length; i++) view[i] = before[i]! + sign * eps * step(i);
    inputs[at]!.storage.noteWrite();
    return noGrad(() => outputsOf(body, inputs)).map((y) => Float64Array.from(y.toTypedArray() as Float64Array));
  };
  const high = sample(1);
  const low = sample(-1);
  view.set(before);
  inputs[at]!.storage.noteWrite();
  return high.map((values, k) => values.map((value, j) => (value - low[k]![j]!) / (2 * eps)));
}

/** Weights that are all different, and the same each time. */
const weight = (element: number): number => Math.cos(1 + element * 1.7);

const dot = (values: Float64Array, by: (element: number) => number): number =>
  values.reduce((sum, value, i) => sum + value * by(i), 0);

/** For each of a tensor's real numbers: one there, zero elsewhere. */
function units(x: Tensor): ((element: number) => number)[] {
  return Array.from({ length: x.count * x.dtypeInfo.lanes }, (_, at) => (element) => (element === at ? 1 : 0));
}

function gradientOf(y: Tensor, x: Tensor, cotangent: (element: number) => number): Float64Array {
  if (!y.requiresGrad) return new Float64Array(x.count * x.dtypeInfo.lanes);
  const gradOutput = y.detach().newEmpty(y.shape);
  realView(gradOutput).forEach((_, j, all) => {
    all[j] = cotangent(j);
  });
  const gradient = gradOf(y, x, { gradOutputs: gradOutput, retainGraph: true, allowUnused: true })[0];
  if (!gradient) return new Float64Array(x.count * x.dtypeInfo.lanes);
  return Float64Array.from(gradient.toTypedArray() as Float64Array);
}

/**
 * Compares the gradients of `body` with central differences, element by element. Inputs that require grad should be
 * float64.
 * https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 * @throws Error naming the first entry that differs, unless raiseException is false
 */
export function gradcheck(body: Body, inputs: Tensor | readonly Tensor[], options: GradcheckOptions = {}): boolean {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, raiseException = true, fastMode = false } = options;
  const list: readonly Tensor[] = isTensorLike(inputs) ? [inputs] : inputs;
  const fail = (message: string): boolean => {
    if (raiseException) throw autogradError(`gradcheck: ${message}`);
    return false;
  };
  const checked = list.map((x, i) => ({ x, i })).filter(({ x }) => isTensorLike(x) && x.requiresGrad);
  if (checked.length === 0)
    throw autogradError('gradcheck: expects at least one input tensor that requires gradient, but none do.');
  const step = fastMode ? [weight] : null;
  const differences = checked.map(({ x, i }) =>
    (step ?? units(x)).map((direction) => difference(body, list, i, eps, direction)),
  );
  // Only now: moving the inputs counts as changing them in place.
  const outputs = enableGrad(() => outputsOf(body, list));
  const disagree = (got: number, want: number): boolean => !(Math.abs(got - want) <= atol + rtol * Math.abs(want));
  for (const [c, { x, i }] of checked.entries()) {
    for (const [k, y] of outputs.entries()) {
      for (const [j, cotangent] of (step ?? units(y)).entries()) {
        const analytical = gradientOf(y, x, cotangent);
        for (const [e, moved] of differences[c]!.entries()) {
          const got = fastMode ? dot(analytical, weight) : analytical[e]!;
          const want = fastMode ? dot(moved[k]!, weight) : moved[k]![j]!;
          if (disagree(got, want)) {
            const where = fastMode ? 'projected' : `at input element ${e}, output element ${j}`;
            return fail(
              `Jacobian mismatch for output ${k} with respect to input ${i}: ${where}: numerical ${want}, analytical ${got}.`,
            );
          }
        }
      }
    }
  }
  return true;
}

/**
 * Checks second derivatives: gradcheck of the gradient as a function of the inputs and of the outputs' gradients.
 * https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradgradcheck.html
 */
export function gradgradcheck(
  body: Body,
  inputs: Tensor | readonly Tensor[],
  gradOutputs: Tensor | readonly Tensor[] | null = null,
  options: GradcheckOptions = {},
): boolean {
  const list: readonly Tensor[] = isTensorLike(inputs) ? [inputs] : inputs;
  const outputs = enableGrad(() => outputsOf(body, list)).filter((y) => y.requiresGrad);
  const cotangents =
    gradOutputs === null
      ? outputs.map((y, k) => weights(y, k))
      : ((isTensorLike(gradOutputs) ? [gradOutputs] : gradOutputs) as readonly Tensor[]).map((g) =>
          g.detach().clone().requiresGrad_(),
        );
  const wanted = list.map((_, i) => i).filter((i) => list[i]!.requiresGrad);
  const first = (...all: Tensor[]): Tensor[] => {
    const xs = all.slice(0, list.length);
    const gs = all.slice(list.length);
    return enableGrad(() => {
      const ys = outputsOf(body, xs).filter((y) => y.requiresGrad);
      const grads = gradOf(
        ys,
        wanted.map((i) => xs[i]!),
        { gradOutputs: gs, createGraph: true, allowUnused: true },
      );
      return grads.filter((g): g is Tensor => g !== null);
    });
  };
  return gradcheck(first, [...list, ...cotangents], options);
}

/** Cotangents that are all different, and the same each time. */
function weights(y: Tensor, k: number): Tensor {
  const x = y.detach().newEmpty(y.shape);
  const view = realView(x);
  for (let j = 0; j < view.length; j++) view[j] = weight(j + k * 0.53);
  return x.requiresGrad_();
}
