/** Transforms of functions, after torch.func: https://pytorch.org/docs/stable/func.api.html */
import { grad as gradOf } from './autograd/engine.js';
import {
  type FunctionalOptions,
  hessian as hessianOf,
  jacobian,
  jvp as jvpOf,
  vjp as vjpOf,
} from './autograd/functional.js';
import { enableGrad } from './autograd/mode.js';
import { isTensorLike } from './autograd/record.js';
import { autogradError, rangeError, typeError } from './errors.js';
import * as ops from './ops/index.js';
import { describe } from './shape.js';
import type { Tensor } from './tensor.js';

export { functionalCall } from './nn/utils/stateless.js';

type OneOrMany = Tensor | readonly Tensor[];
/** One argument's place, or several. */
export type Argnums = number | readonly number[];

/** What the derivative is taken by. */
export interface GradOptions {
  /** Which arguments to differentiate; 0 if not given. */
  argnums?: Argnums;
}

/** The places meant by argnums, checked against the arguments. */
function places(op: string, argnums: Argnums, args: readonly unknown[]): number[] {
  return (typeof argnums === 'number' ? [argnums] : argnums).map((given) => {
    const at = given < 0 ? given + args.length : given;
    if (!isTensorLike(args[at]))
      throw typeError(
        `${op}: argument ${given} to differentiate is no Tensor; the function got ${args.length} arguments.`,
      );
    return at;
  });
}

/** `body` as a function of those arguments alone. */
function onlyOf<A extends readonly unknown[], R>(body: (...args: A) => R, args: A, at: readonly number[]) {
  return (...inputs: Tensor[]): R => {
    const all: unknown[] = [...args];
    for (const [k, place] of at.entries()) all[place] = inputs[k];
    return body(...(all as unknown as A));
  };
}

/**
 * A function that gives `body`'s gradient and value: `[∂y/∂x, y]` for the scalar y = body(…), the gradient an array where
 * argnums names several arguments. Nests: what it gives is differentiable where an argument requires grad.
 * @throws if body does not give one element, or argnums names no Tensor
 */
export function gradAndValue<A extends readonly unknown[]>(
  body: (...args: A) => Tensor,
  { argnums = 0 }: GradOptions = {},
): (...args: A) => [gradient: OneOrMany, value: Tensor] {
  return (...args) => {
    const at = places('func.grad', argnums, args);
    const given = at.map((place) => args[place] as Tensor);
    const createGraph = given.some((x) => x.requiresGrad);
    return enableGrad(() => {
      const inputs = given.map((x) => (x.requiresGrad ? x.view(x.shape as number[]) : x.detach().requiresGrad_()));
      const y = onlyOf(body, args, at)(...inputs);
      if (!isTensorLike(y) || y.count !== 1)
        throw autogradError(
          `func.grad: the function must give a Tensor of one element, but gave ${isTensorLike(y) ? `shape [${y.shape.join(', ')}]` : typeof y}; sum() or mean() it.`,
        );
      const found = y.requiresGrad
        ? gradOf(y.reshape([]), inputs, { createGraph, allowUnused: true })
        : inputs.map(() => null);
      const grads = found.map((g, i) => g ?? inputs[i]!.detach().newZeros(inputs[i]!.shape));
      return [typeof argnums === 'number' ? grads[0]! : grads, createGraph ? y : y.detach()];
    });
  };
}

/**
 * A function that gives `body`'s gradient, ∂y/∂x for the scalar y = body(…). See {@link gradAndValue}.
 * @example func.grad((x) => x.sin().sum())(x) // cos x
 */
export function grad<A extends readonly unknown[]>(
  body: (...args: A) => Tensor,
  options: GradOptions & { argnums?: number },
): (...args: A) => Tensor;
export function grad<A extends readonly unknown[]>(body: (...args: A) => Tensor): (...args: A) => Tensor;
export function grad<A extends readonly unknown[]>(
  body: (...args: A) => Tensor,
  options: GradOptions,
): (...args: A) => OneOrMany;
export function grad<A extends readonly unknown[]>(
  body: (...args: A) => Tensor,
  options: GradOptions = {},
): (...args: A) => OneOrMany {
  const both = gradAndValue(body, options);
  return (...args) => both(...args)[0];
}

/** `body`'s value, and a function that pulls a cotangent v back: `vᵀ · J` for each input. */
export function vjp(
  body: (...inputs: Tensor[]) => OneOrMany,
  ...primals: Tensor[]
): [output: OneOrMany, pull: (cotangents: OneOrMany) => Tensor[]] {
  const output = body(...primals);
  const pull = (cotangents: OneOrMany): Tensor[] => vjpOf(body, primals, cotangents)[1] as Tensor[];
  return [output, pull];
}

/** `body`'s value and `J · v`, for a tangent v of each input. */
export function jvp(
  body: (...inputs: Tensor[]) => OneOrMany,
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
): [output: OneOrMany, tangent: OneOrMany] {
  return jvpOf(body, primals, tangents);
}

/** What a transform of all derivatives gives: by outputs, then by inputs, where those are several. */
export type Derivatives = Tensor | Tensor[] | Tensor[][];

function derivatives<A extends readonly unknown[]>(
  op: string,
  of: (body: (...inputs: Tensor[]) => OneOrMany, inputs: OneOrMany, options: FunctionalOptions) => Derivatives,
  body: (...args: A) => OneOrMany,
  argnums: Argnums,
): (...args: A) => Derivatives {
  return (...args) => {
    const at = places(op, argnums, args);
    const inputs = at.map((place) => args[place] as Tensor);
    const createGraph = inputs.some((x) => x.requiresGrad);
    return of(onlyOf(body, args, at), typeof argnums === 'number' ? inputs[0]! : inputs, { createGraph });
  };
}

/** A function that gives all derivatives of `body`: [output's shape…, input's shape…]. Row by row, in reverse mode. */
export function jacrev<A extends readonly unknown[]>(
  body: (...args: A) => OneOrMany,
  { argnums = 0 }: GradOptions = {},
): (...args: A) => Derivatives {
  return derivatives('func.jacrev', jacobian, body, argnums);
}

/** The same derivatives as {@link jacrev}, under the name of PyTorch's forward mode. */
export const jacfwd = jacrev;

/** A function that gives all second derivatives of the scalar function `body`: [input's shape…, input's shape…]. */
export function hessian<A extends readonly unknown[]>(
  body: (...args: A) => Tensor,
  { argnums = 0 }: GradOptions = {},
): (...args: A) => Derivatives {
  return derivatives('func.hessian', hessianOf, body, argnums);
}

/** For each argument the dimension to walk, or null to pass it whole; one for all of them. */
export type InDims = number | null | readonly (number | null)[];

/**
 * A function that maps `body` over a dimension of its arguments and stacks what it gives along `outDims`. Calls `body`
 * once for each element, so it saves writing the loop, not running it; differentiable.
 * @throws if no argument is walked, or their sizes differ
 * @example func.vmap(ng.dot)(x, y) // x, y [B, n] → [B]
 */
export function vmap<A extends readonly unknown[], R extends OneOrMany>(
  body: (...args: A) => R,
  inDims: InDims = 0,
  outDims: number | readonly number[] = 0,
): (...args: A) => R {
  return (...args) => {
    const dims = args.map((x, i) => {
      const dim = Array.isArray(inDims) ? (inDims as readonly (number | null)[])[i] : (inDims as number | null);
      return isTensorLike(x) && typeof dim === 'number' ? dim : null;
    });
    const sizes = args.flatMap((x, i) => (dims[i] === null ? [] : [(x as Tensor).size(dims[i]!)]));
    if (sizes.length === 0)
      throw rangeError('vmap: at least one argument must be a Tensor with a dimension to map over.');
    const [size] = sizes as [number];
    if (sizes.some((other) => other !== size))
      throw rangeError(`vmap: the mapped dimensions have sizes ${sizes.join(', ')}; they must be equal.`);
    if (size === 0) throw rangeError('vmap: the mapped dimension has no elements; there is nothing to call with.');
    const results = Array.from({ length: size }, (_, b) =>
      body(...(args.map((x, i) => (dims[i] === null ? x : (x as Tensor).select(dims[i]!, b))) as unknown as A)),
    );
    for (const result of results as readonly unknown[]) {
      if (!isTensorLike(result) && !(Array.isArray(result) && result.every(isTensorLike)))
        throw typeError(
          `vmap: the function must return a Tensor or an array of them, but returned ${describe(result)}.`,
        );
    }
    const along = (k: number): number => (typeof outDims === 'number' ? outDims : outDims[k]!);
    const first = results[0]!;
    if (isTensorLike(first)) return ops.stack(results as unknown as Tensor[], along(0)) as R;
    const lists = results as unknown as (readonly Tensor[])[];
    return first.map((_, k) =>
      ops.stack(
        lists.map((list) => list[k]!),
        along(k),
      ),
    ) as unknown as R;
  };
}
