import { type Gradient, record, recordInPlace } from '../autograd/record.js';
import { kernels } from '../backends/index.js';
import type { Shape } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { checkInPlace, checkTensor } from './apply.js';
import { type Arguments, named } from './options.js';

/** What an op that overwrites some elements of x is going to do. */
export interface Write {
  /** PyTorch's grad_fn name. */
  readonly name: string;
  /** The inputs beside x. */
  readonly inputs: readonly (Tensor | null)[];
  /** What the formulas look at; not x itself, which an in-place write changes. */
  readonly saved: readonly unknown[];
  /** For x, then for the inputs. */
  // biome-ignore lint/suspicious/noExplicitAny: each op's formulas know what it saves
  readonly gradients: readonly Gradient<any>[];
  /** The result's shape, where it is one that x broadcasts to. */
  readonly shape?: Shape;
  /** Writes into `target`, which has x's values. */
  apply(target: Tensor): void;
}

/** An op that gives a copy of x with some elements overwritten, and its in-place form as `op.inPlace`. */
export interface WritingOp<P extends readonly unknown[], N extends readonly string[]> {
  (...args: Arguments<P, N>): Tensor;
  inPlace(...args: Arguments<P, N>): Tensor;
}

/**
 * Makes such an op of a function that checks the arguments and says what to write.
 * @param names the names of all parameters, x's first
 */
export function writing<const N extends readonly string[], A extends readonly unknown[]>(
  op: string,
  names: N,
  plan: (op: string, x: Tensor, ...args: A) => Write,
): WritingOp<[x: Tensor, ...A], N> {
  const forward = (x: Tensor, ...args: A): Tensor => {
    checkTensor(op, x);
    const write = plan(op, x, ...args);
    const out = x.makeEmpty(write.shape ?? x.shape, x.dtypeInfo);
    kernels.copy(out, x);
    write.apply(out);
    return record(write.name, out, [x, ...write.inputs], write.saved, write.gradients);
  };
  const inPlace = (x: Tensor, ...args: A): Tensor => {
    const name = `${op}_`;
    checkTensor(name, x);
    const write = plan(name, x, ...args);
    checkInPlace(name, x);
    write.apply(x);
    return recordInPlace(write.name, x, [x, ...write.inputs], write.saved, write.gradients);
  };
  return Object.assign(named<N, [x: Tensor, ...A], Tensor>(op, names, forward), {
    inPlace: named<N, [x: Tensor, ...A], Tensor>(`${op}_`, names, inPlace),
  });
}

/** `value` itself or, where it stands on the memory that is about to be written, a copy. */
export function apart(value: Tensor, target: Tensor): Tensor {
  return value.storage === target.storage ? value.detach().clone() : value;
}
