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
  /** Let inputs without a path to the output pass as zero. */
  allowUnused?: boolean;
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

/** d output / d input by central differences: one row an input element, one column an output element. */
function numericalJacobian(body: Body, inputs: readonly Tensor[], at: number, eps: number): Float64Array[][] {
  const view = realView(inputs[at]!);
  const rows: Float64Array[][] = [];
  for (let i = 0; i < view.length; i++) {
    const before = view[i]!;
    const sample = (value: number): Float64Array[] => {
      view[i] = value;
      inputs[at]!.storage.version++;
      return noGrad(() => outputsOf(body, inputs)).map((y) => Float64Array.from(y.toTypedArray() as Float64Array));
    };
    const high = sample(before + eps);
    const low = sample(before - eps);
    view[i] = before;
    inputs[at]!.storage.version++;
    rows.push(high.map((values, k) => values.map((value, j) => (value - low[k]![j]!) / (2 * eps))));
  }
  return rows;
}

/** A cotangent of zeros with a one at place `j`. */
function unit(y: Tensor, j: number): Tensor {
  const cotangent = y.detach().newZeros(y.shape);
  realView(cotangent)[j] = 1;
  return cotangent;
}

/**
 * Compares the gradients of `body` with central differences, element by element. Inputs that require grad should be
 * float64.
 * https://pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 * @throws Error naming the first entry that differs, unless raiseException is false
 */
export function gradcheck(body: Body, inputs: Tensor | readonly Tensor[], options: GradcheckOptions = {}): boolean {
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3, raiseException = true } = options;
  const list: readonly Tensor[] = isTensorLike(inputs) ? [inputs] : inputs;
  const fail = (message: string): boolean => {
    if (raiseException) throw autogradError(`gradcheck: ${message}`);
    return false;
  };
  const checked = list.map((x, i) => ({ x, i })).filter(({ x }) => isTensorLike(x) && x.requiresGrad);
  if (checked.length === 0)
    throw autogradError('gradcheck: expects at least one input tensor that requires gradient, but none do.');
  const jacobians = checked.map(({ i }) => numericalJacobian(body, list, i, eps));
  // Only now: moving the inputs counts as changing them in place.
  const outputs = enableGrad(() => outputsOf(body, list));
  for (const [c, { x, i }] of checked.entries()) {
    const numerical = jacobians[c]!;
    for (const [k, y] of outputs.entries()) {
      const lanes = y.count * y.dtypeInfo.lanes;
      for (let j = 0; j < lanes; j++) {
        const analytical = y.requiresGrad
          ? (gradOf(y, x, { gradOutputs: unit(y, j), retainGraph: true, allowUnused: true })[0]?.toTypedArray() ?? null)
          : null;
        for (let e = 0; e < numerical.length; e++) {
          const got = analytical === null ? 0 : Number(analytical[e]!);
          const want = numerical[e]![k]![j]!;
          if (!(Math.abs(got - want) <= atol + rtol * Math.abs(want))) {
            return fail(
              `Jacobian mismatch for output ${k} with respect to input ${i}: at input element ${e}, output element ${j}: numerical ${want}, analytical ${got}.`,
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
  for (let j = 0; j < view.length; j++) view[j] = Math.cos(1 + j * 1.7 + k * 0.9);
  return x.requiresGrad_();
}
