import { empty } from '../creation.js';
import type { DType } from '../dtype.js';
import { stateError, typeError } from '../errors.js';
import { checkTensor } from '../ops/apply.js';
import { isOptions } from '../ops/options.js';
import { defaultDType, dtypeOf } from '../promotion.js';
import type { Shape } from '../shape.js';
import { Tensor } from '../tensor.js';

/**
 * A tensor that a Module registers as a parameter when it becomes one of its attributes.
 * https://pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 */
export class Parameter extends Tensor {
  /**
   * Stands on the memory of `data`, without its history.
   * @throws Error when `data` is of an integer dtype and is to require gradients
   */
  constructor(data: Tensor | null = null, requiresGrad: boolean | { requiresGrad?: boolean } = true) {
    const source = data ?? empty(0);
    checkTensor('Parameter', source, 'data');
    super(source.storage, source.offset, source.shape, source.strides, source.dtypeInfo);
    if (isOptions(requiresGrad) ? ((requiresGrad as { requiresGrad?: boolean }).requiresGrad ?? true) : requiresGrad)
      this.requiresGrad_();
  }

  protected override printSuffixes(): ReturnType<Tensor['printSuffixes']> {
    return { ...super.printSuffixes(), parameter: true };
  }
}

/**
 * A tensor that a Module registers as a buffer when it becomes one of its attributes: saved and moved with the module,
 * but not trained.
 * https://pytorch.org/docs/stable/generated/torch.nn.parameter.Buffer.html
 */
export class Buffer extends Tensor {
  /** Whether it is part of the state dict. */
  readonly persistent: boolean;

  /** Stands on the memory of `data`, without its history. */
  constructor(data: Tensor | null = null, persistent: boolean | { persistent?: boolean } = true) {
    const source = data ?? empty(0);
    checkTensor('Buffer', source, 'data');
    super(source.storage, source.offset, source.shape, source.strides, source.dtypeInfo);
    this.persistent = isOptions(persistent)
      ? ((persistent as { persistent?: boolean }).persistent ?? true)
      : (persistent as boolean);
  }
}

/** What lazy parameters and buffers share: a dtype, and no shape before the first call. */
interface Uninitialized {
  materialize(shape: Shape, options?: { dtype?: DType | null }): void;
}

function give(target: Tensor, shape: Shape, dtype: DType | null | undefined): void {
  const info = dtype === null || dtype === undefined ? target.dtypeInfo : dtypeOf('materialize', dtype);
  const made = empty([...shape], { dtype: info.name });
  target.storage = made.storage;
  target.offset = 0;
  target.dtypeInfo = info;
  target.setGeometry(made.shape, made.strides);
}

/** A parameter whose shape is known at the first call only. See {@link LazyLinear}. */
export class UninitializedParameter extends Parameter implements Uninitialized {
  constructor(options: { requiresGrad?: boolean; dtype?: DType | null } = {}) {
    super(empty(0, { dtype: options.dtype ?? defaultDType().name }), options.requiresGrad ?? true);
  }

  /** Gives it a shape; the elements are not set. From then on it is a plain Parameter. */
  materialize(shape: Shape, options: { dtype?: DType | null } = {}): void {
    give(this, shape, options.dtype);
    Object.setPrototypeOf(this, Parameter.prototype);
  }

  override toString(): string {
    return '<UninitializedParameter>';
  }
}

/** A buffer whose shape is known at the first call only. */
export class UninitializedBuffer extends Tensor implements Uninitialized {
  constructor(options: { dtype?: DType | null } = {}) {
    const source = empty(0, { dtype: options.dtype ?? defaultDType().name });
    super(source.storage, source.offset, source.shape, source.strides, source.dtypeInfo);
  }

  /** Gives it a shape; the elements are not set. From then on it is a plain Tensor. */
  materialize(shape: Shape, options: { dtype?: DType | null } = {}): void {
    give(this, shape, options.dtype);
    Object.setPrototypeOf(this, Tensor.prototype);
  }

  override toString(): string {
    return '<UninitializedBuffer>';
  }
}

/** Whether a tensor still waits for its shape. */
export function isLazy(x: Tensor | null | undefined): x is UninitializedParameter | UninitializedBuffer {
  return x instanceof UninitializedParameter || x instanceof UninitializedBuffer;
}

/** Refuses what a module may not register as a parameter. */
export function checkParameter(op: string, name: string, value: unknown): asserts value is Parameter | null {
  if (value === null) return;
  if (!(value instanceof Parameter)) {
    throw typeError(
      `${op}: cannot assign ${kindOf(value)} as parameter '${name}' (nn.Parameter or null required); wrap it in new nn.Parameter(…).`,
    );
  }
  if (value.gradFn !== null) {
    throw stateError(
      `${op}: cannot assign a non-leaf Tensor to parameter '${name}': model parameters must be created explicitly; to express '${name}' as a function of another tensor, compute it in forward().`,
    );
  }
}

/** A value's kind for error messages. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (value instanceof Tensor) return `a ${value.constructor.name} of shape [${value.shape.join(', ')}]`;
  if (typeof value === 'object' || typeof value === 'function')
    return `a value of class ${value?.constructor?.name ?? 'Object'}`;
  return `${typeof value} ${JSON.stringify(String(value))}`;
}
