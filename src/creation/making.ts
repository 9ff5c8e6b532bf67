/** What functions that make tensors share. */
import { checkDevice } from '../device.js';
import type { DType, DTypeInfo } from '../dtype.js';
import { checkTensorOptions } from '../ops/options.js';
import { dtypeOf } from '../promotion.js';
import { checkSizes, numberOfElements, type Shape } from '../shape.js';
import { allocate } from '../storage.js';
import { Tensor, type TensorOptions } from '../tensor.js';

/** A new tensor whose elements are not set. */
export function make(shape: Shape, info: DTypeInfo): Tensor {
  return new Tensor(allocate(numberOfElements(shape) * info.size), 0, shape, null, info);
}

/** The dtype that was asked for, or `fallback`. */
export function infoOf(op: string, dtype: DType | null | undefined, fallback: DTypeInfo): DTypeInfo {
  return dtype === null || dtype === undefined ? fallback : dtypeOf(op, dtype);
}

/** A new tensor as its options ask for it. */
export function finish(op: string, x: Tensor, options: TensorOptions): Tensor {
  checkDevice(op, options.device);
  return options.requiresGrad ? x.requiresGrad_() : x;
}

/** Splits `(2, 3, options)` or `([2, 3], options)`. */
export function sizesAndOptions(
  op: string,
  args: readonly unknown[],
  ...own: string[]
): { shape: number[]; options: TensorOptions & Record<string, unknown> } {
  const last = args[args.length - 1];
  const hasOptions = typeof last === 'object' && last !== null && !Array.isArray(last);
  const options = (hasOptions ? last : {}) as TensorOptions & { size?: Shape };
  if (hasOptions) checkTensorOptions(op, options, 'size', ...own);
  const given = hasOptions ? args.slice(0, -1) : args;
  const shape =
    options.size !== undefined
      ? [...options.size]
      : Array.isArray(given[0])
        ? [...(given[0] as number[])]
        : (given as number[]);
  checkSizes(op, shape);
  return { shape: [...shape], options: options as TensorOptions & Record<string, unknown> };
}
