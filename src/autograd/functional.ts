import { autogradError, rangeError, typeError } from '../errors.js';
import { bracketed, describe, sameShape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { grad as gradOf } from './engine.js';
import { enableGrad } from './mode.js';
import type { Grad } from './node.js';
import { isTensorLike } from './record.js';

type Body = (...inputs: Tensor[]) => Tensor | readonly Tensor[];
type OneOrMany = Tensor | readonly Tensor[];

/** What the functions of this module share. */
export interface FunctionalOptions {
  /** Keep the result differentiable. */
  createGraph?: boolean;
  /** Throw where an output does not depend on an input, instead of giving zeros. */
  strict?: boolean;
}

interface Prepared {
  readonly inputs: Tensor[];
  readonly outputs: Tensor[];
  readonly oneInput: boolean;
  readonly oneOutput: boolean;
}

/** Runs `body` on inputs that are leaves of a graph of their own (or, with createGraph, lead on to the caller's). */
function prepare(op: string, body: Body, inputs: OneOrMany, createGraph: boolean): Prepared {
  const oneInput = isTensorLike(inputs);
  const given: readonly Tensor[] = oneInput ? [inputs] : inputs;
  return enableGrad(() => {
    const list = given.map((x) =>
      createGraph && x.requiresGrad ? x.view(x.shape as number[]) : x.detach().requiresGrad_(),
    );
    const result = body(...list);
    const oneOutput = isTensorLike(result);
    if (!oneOutput && !Array.isArray(result))
      throw typeError(
        `${op}: the function must return a Tensor or an array of them, but returned ${describe(result)}.`,
      );
    const outputs = oneOutput ? [result] : [...result];
    for (const [i, y] of outputs.entries()) {
      if (!isTensorLike(y)) throw autogradError(`${op}: output ${i} of the function is no Tensor.`);
    }
    return { inputs: list, outputs, oneInput, oneOutput };
  });
}

function zerosLike(x: Tensor): Tensor {
  return x.detach().newZeros(x.shape);
}

/** Gradients with zeros for what is not used, or an error in strict mode. */
function gradients(
  op: string,
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  cotangents: readonly Grad[],
  createGraph: boolean,
  strict: boolean,
): Tensor[] {
  const used = outputs.map((y, i) => ({ y, g: cotangents[i]! })).filter(({ y }) => y.requiresGrad);
  if (used.length === 0) {
    if (strict)
      throw autogradError(
        `${op}: the output of the function does not depend on its inputs; with strict: false the result is zero.`,
      );
    return inputs.map(zerosLike);
  }
  const grads = gradOf(
    used.map(({ y }) => y),
    inputs,
    {
      gradOutputs: used.map(({ g }) => g),
      createGraph,
      retainGraph: true,
      allowUnused: true,
    },
  );
  return grads.map((g, i) => {
    if (g === null && strict)
      throw autogradError(
        `${op}: the output of the function is independent of input ${i}. This is not allowed in strict mode.`,
      );
    return g ?? zerosLike(inputs[i]!);
  });
}

const shapes = (list: readonly Tensor[]): string => list.map((x) => bracketed(x.shape)).join(', ');

/** A cotangent given by the user, checked, or ones for one scalar output. */
function cotangentsOf(op: string, outputs: readonly Tensor[], v: OneOrMany | null | undefined): Tensor[] {
  if (v === null || v === undefined) {
    if (outputs.length !== 1 || outputs[0]!.count !== 1)
      throw rangeError(
        `${op}: the vector v can only be left out if the function returns a single tensor with a single element.`,
      );
    return [outputs[0]!.detach().newOnes(outputs[0]!.shape)];
  }
  const list: readonly Tensor[] = isTensorLike(v) ? [v] : v;
  if (list.length !== outputs.length || list.some((x, i) => !sameShape(x.shape, outputs[i]!.shape))) {
    throw rangeError(`${op}: v has shapes ${shapes(list)}, but needs ${shapes(outputs)}.`);
  }
  return [...list];
}

const unwrap = (list: Tensor[], one: boolean): Tensor | Tensor[] => (one ? list[0]! : list);
const detachUnless = (createGraph: boolean, list: readonly Tensor[]): Tensor[] =>
  createGraph ? [...list] : list.map((x) => x.detach());

/**
 * `vᵀ · J`: the function's value and the vector-Jacobian product.
 * https://pytorch.org/docs/stable/generated/torch.autograd.functional.vjp.html
 */
export function vjp(
  body: Body,
  inputs: OneOrMany,
  v?: OneOrMany | null,
  options: FunctionalOptions = {},
): [OneOrMany, OneOrMany] {
  const { createGraph = false, strict = false } = options;
  const p = prepare('vjp', body, inputs, createGraph);
  const grads = gradients('vjp', p.outputs, p.inputs, cotangentsOf('vjp', p.outputs, v), createGraph, strict);
  return [
    unwrap(detachUnless(createGraph, p.outputs), p.oneOutput),
    unwrap(detachUnless(createGraph, grads), p.oneInput),
  ];
}

/**
 * `J · v`: the function's value and the Jacobian-vector product, by differentiating the vjp twice.
 * https://pytorch.org/docs/stable/generated/torch.autograd.functional.jvp.html
 */
export function jvp(
  body: Body,
  inputs: OneOrMany,
  v?: OneOrMany | null,
  options: FunctionalOptions = {},
): [OneOrMany, OneOrMany] {
  const { createGraph = false, strict = false } = options;
  const p = prepare('jvp', body, inputs, createGraph);
  const tangent = cotangentsOf('jvp', p.inputs, v);
  const dummies = enableGrad(() => p.outputs.map((y) => zerosLike(y).requiresGrad_()));
  const pulled = gradients('jvp', p.outputs, p.inputs, dummies, true, strict);
  const pushed = gradients('jvp', pulled, dummies, tangent, createGraph, false);
  return [
    unwrap(detachUnless(createGraph, p.outputs), p.oneOutput),
    unwrap(detachUnless(createGraph, pushed), p.oneOutput),
  ];
}

/**
 * All derivatives: for output [a…] and input [b…] a tensor [a…, b…].
 * https://pytorch.org/docs/stable/generated/torch.autograd.functional.jacobian.html
 * @returns a tensor, an array by outputs or inputs where one of them is several, or arrays of arrays
 */
export function jacobian(body: Body, inputs: Tensor, options?: FunctionalOptions): Tensor;
export function jacobian(body: Body, inputs: OneOrMany, options?: FunctionalOptions): Tensor | Tensor[] | Tensor[][];
export function jacobian(
  body: Body,
  inputs: OneOrMany,
  options: FunctionalOptions = {},
): Tensor | Tensor[] | Tensor[][] {
  const { createGraph = false, strict = false } = options;
  const p = prepare('jacobian', body, inputs, createGraph);
  const rows = p.outputs.map((y) => {
    const parts: Tensor[][] = p.inputs.map(() => []);
    const flat = enableGrad(() => y.reshape(-1));
    for (let j = 0; j < y.count; j++) {
      const one = enableGrad(() => flat.select(0, j));
      const grads = gradients('jacobian', [one], p.inputs, [one.detach().newOnes([])], createGraph, strict);
      for (const [i, g] of grads.entries()) parts[i]!.push(g);
    }
    return parts.map((list, i) => joined(list, y.shape, p.inputs[i]!, createGraph));
  });
  if (p.oneOutput) return unwrap(rows[0]!, p.oneInput);
  return p.oneInput ? rows.map((row) => row[0]!) : rows;
}

function joined(list: readonly Tensor[], shape: readonly number[], input: Tensor, createGraph: boolean): Tensor {
  const size = [...shape, ...input.shape];
  if (list.length === 0) return input.detach().newZeros(size);
  const whole = list[0]!.newEmpty([list.length, ...input.shape]);
  if (!createGraph) {
    for (const [j, row] of list.entries()) whole.select(0, j).copy_(row.detach());
    return whole.reshape(size);
  }
  return enableGrad(() => {
    for (const [j, row] of list.entries()) whole.select(0, j).copy_(row);
    return whole.reshape(size);
  });
}

/** The scalar that second-derivative functions need. */
function scalarBody(op: string, body: Body): (...inputs: Tensor[]) => Tensor {
  return (...inputs) => {
    const y = body(...inputs);
    if (!isTensorLike(y)) throw rangeError(`${op}: the function must return a single Tensor.`);
    if (y.count !== 1)
      throw rangeError(
        `${op}: the Tensor returned by the function should contain a single element, but it has shape [${y.shape.join(', ')}].`,
      );
    return y.reshape([]);
  };
}

/**
 * Second derivatives of a scalar function.
 * https://pytorch.org/docs/stable/generated/torch.autograd.functional.hessian.html
 */
export function hessian(body: Body, inputs: Tensor, options?: FunctionalOptions): Tensor;
export function hessian(body: Body, inputs: OneOrMany, options?: FunctionalOptions): Tensor | Tensor[] | Tensor[][];
export function hessian(
  body: Body,
  inputs: OneOrMany,
  options: FunctionalOptions = {},
): Tensor | Tensor[] | Tensor[][] {
  const scalar = scalarBody('hessian', body);
  const oneInput = isTensorLike(inputs);
  const gradient: Body = (...xs) => {
    const y = scalar(...xs);
    const grads = gradients('hessian', [y], xs, [y.detach().newOnes([])], true, options.strict ?? false);
    return oneInput ? grads[0]! : grads;
  };
  return jacobian(gradient, inputs, options);
}

/** The value and `vᵀ · H` of a scalar function. */
export function vhp(
  body: Body,
  inputs: OneOrMany,
  v?: OneOrMany | null,
  options: FunctionalOptions = {},
): [Tensor, OneOrMany] {
  const { createGraph = false, strict = false } = options;
  const p = prepare('vhp', scalarBody('vhp', body), inputs, createGraph);
  const first = gradients('vhp', p.outputs, p.inputs, [p.outputs[0]!.detach().newOnes([])], true, strict);
  const second = gradients('vhp', first, p.inputs, cotangentsOf('vhp', p.inputs, v), createGraph, strict);
  return [detachUnless(createGraph, p.outputs)[0]!, unwrap(detachUnless(createGraph, second), p.oneInput)];
}

/** The value and `H · v` of a scalar function; the same as {@link vhp}, since the Hessian is symmetric. */
export function hvp(
  body: Body,
  inputs: OneOrMany,
  v?: OneOrMany | null,
  options: FunctionalOptions = {},
): [Tensor, OneOrMany] {
  return vhp(body, inputs, v, options);
}
