import { type BackwardOptions, backward } from './autograd/engine.js';
import { mode } from './autograd/mode.js';
import { AccumulateGrad, type Node, type RemovableHandle, type TensorHook } from './autograd/node.js';
import { recordInPlace } from './autograd/record.js';
import { kernels } from './backends/index.js';
import { checkDevice, cpu, Device } from './device.js';
import { DTYPES, type DType, type DTypeInfo, type TypedArray } from './dtype.js';
import { autogradError, rangeError, stateError, typeError } from './errors.js';
import type { IndexItem } from './indexing.js';
import {
  checkHistory,
  checkInPlace,
  checkInPlaceShape,
  checkOverlap,
  checkTensor,
  scalarOperand,
} from './ops/apply.js';
import { toDType, viewDType } from './ops/copying.js';
import * as ops from './ops/index.js';
import { checkTensorOptions, isOptions, type Rest } from './ops/options.js';
import { overwrite, unaliased } from './ops/overwriting.js';
import { hermitianTranspose, matrixTranspose, realPart, reversedDims } from './ops/properties.js';
import { viewInPlace } from './ops/views.js';
import { type Element, formatTensor } from './printing.js';
import { checkFits, defaultDType, dtypeOf, isScalar, type Scalar } from './promotion.js';
import { reprSymbol } from './repr.js';
import {
  broadcastTwo,
  checkListed,
  checkSizes,
  contiguousStrides,
  isContiguous,
  MOST_ELEMENTS,
  numberOfElements,
  type Shape,
  sameShape,
  wrapDim,
} from './shape.js';
import { type Several, Size } from './size.js';
import { allocate, type Storage, trackAllocations } from './storage.js';

/** Nested arrays of values, as `tolist()` gives them. */
export type Nested = number | bigint | boolean | readonly [number, number] | Nested[];

/** How a view came to be, which decides whether it may be written in place: PyTorch's CreationMeta. */
type ViewCreation = 'default' | 'multi' | 'noGrad' | 'inference';

/** What only some tensors have. */
interface AutogradMeta {
  grad: Tensor | null;
  accumulator: AccumulateGrad | null;
  retainsGrad: boolean;
  creation: ViewCreation;
  /** The version at which a view's history was last made. */
  viewVersion: number;
}

/** Options of what makes a tensor. */
export interface TensorOptions {
  dtype?: DType | null;
  device?: Device | string | null;
  requiresGrad?: boolean;
}

/** How many rows an iteration takes apart at once. */
const WALKED = 2 ** 16;

/**
 * A multi-dimensional array with a history: the ops that made it, through which `backward()` computes gradients.
 * https://pytorch.org/docs/stable/tensors.html
 */
export class Tensor {
  /** Sizes, outermost first. */
  shape: Shape;
  /** @internal In elements. */
  strides: readonly number[];
  /** @internal How many elements. */
  count: number;
  /** @internal Whether row-major without gaps. */
  isDense: boolean;
  /** @internal Which output of its node it is. */
  outputIndex = 0;
  /** @internal The tensor it is a view of. */
  viewBase: Tensor | null = null;
  #requiresGrad = false;
  #gradFn: Node | null = null;
  #meta: AutogradMeta | null = null;

  /** @internal Use `tensor(…)` or another creating function. */
  constructor(
    /** The memory, which views share. */
    public storage: Storage,
    /** @internal In elements of the storage. */
    public offset: number,
    shape: Shape,
    strides: readonly number[] | null,
    /** @internal */
    public dtypeInfo: DTypeInfo,
    /** A dense tensor of the same shape, whose geometry need not be computed again. */
    alike: Tensor | null = null,
  ) {
    this.shape = shape;
    if (alike !== null) {
      this.count = alike.count;
      this.strides = alike.strides;
      this.isDense = true;
    } else {
      this.count = numberOfElements(shape);
      this.strides = strides ?? contiguousStrides(shape);
      this.isDense = strides === null || isContiguous(shape, strides);
    }
  }

  // ---- making tensors from this one (internal) ----

  /** @internal A new tensor of this dtype (or another); its elements are not set. */
  makeEmpty(shape: Shape, info: DTypeInfo): Tensor {
    if (shape === this.shape && this.isDense)
      return new Tensor(allocate(this.count * info.size), 0, shape, null, info, this);
    return new Tensor(allocate(numberOfElements(shape) * info.size), 0, shape, null, info);
  }

  /** @internal The same memory seen otherwise, without history. */
  makeAlias(shape: Shape, strides: readonly number[], offset: number, info: DTypeInfo = this.dtypeInfo): Tensor {
    return new Tensor(this.storage, offset, shape, strides, info);
  }

  /** @internal A differentiable view: in-place writes to it and to its base see each other's history. */
  makeView(shape: Shape, strides: readonly number[], offset: number, creation: ViewCreation = 'default'): Tensor {
    const view = new Tensor(this.storage, offset, shape, strides, this.dtypeInfo);
    if (!this.dtypeInfo.isDifferentiable) return view;
    view.viewBase = this.viewBase ?? this;
    const inherited = this.#meta?.creation ?? 'default';
    const made = mode.grad ? creation : 'noGrad';
    if (made !== 'default' || inherited !== 'default') view.#metaOf().creation = made === 'default' ? inherited : made;
    if (this.storage.version !== 0) view.#metaOf().viewVersion = this.storage.version;
    return view;
  }

  /** @internal An alias that prints and saves like this one but has no history; what `.data` gives. */
  makeDetached(): Tensor {
    return new Tensor(this.storage, this.offset, this.shape, this.strides, this.dtypeInfo);
  }

  // ---- autograd ----

  #metaOf(): AutogradMeta {
    this.#meta ??= { grad: null, accumulator: null, retainsGrad: false, creation: 'default', viewVersion: 0 };
    return this.#meta;
  }

  /** Whether gradients are computed for it: a leaf that asks for them, or a result of one. */
  get requiresGrad(): boolean {
    return this.#requiresGrad || (this.viewBase?.requiresGrad ?? false);
  }

  set requiresGrad(value: boolean) {
    if (this.gradFn !== null)
      throw autogradError('requiresGrad: you can only change requires_grad flags of leaf variables; use detach().');
    this.requiresGrad_(value);
  }

  /** @internal Whether it needs gradients itself, not only through its base. */
  get asksForGrad(): boolean {
    return this.#requiresGrad;
  }

  /** Asks for gradients of a leaf, or no more. @throws Error for integers, and for what the graph made */
  requiresGrad_(value: boolean | { requiresGrad?: boolean } = true): this {
    const wanted = isOptions(value) ? ((value as { requiresGrad?: boolean }).requiresGrad ?? true) : value;
    if (this.gradFn !== null && !wanted) {
      throw autogradError(
        "requiresGrad_: you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use x.detach().",
      );
    }
    if (wanted && !this.dtypeInfo.isDifferentiable) {
      throw autogradError(
        `requiresGrad_: only Tensors of floating point and complex dtype can require gradients, but this one is ${this.dtype}; create it with { dtype: 'float32' }.`,
      );
    }
    this.#requiresGrad = wanted as boolean;
    return this;
  }

  /** The node that made it, or null for a leaf. */
  get gradFn(): Node | null {
    const base = this.viewBase;
    if (
      base !== null &&
      (this.#meta?.viewVersion ?? 0) !== this.storage.version &&
      (this.#gradFn !== null || base.requiresGrad)
    ) {
      this.#regenerateHistory(base);
    }
    return this.#gradFn;
  }

  /** A view whose memory was written to in place gets its history anew, from its base. */
  #regenerateHistory(base: Tensor): void {
    this.#metaOf().viewVersion = this.storage.version;
    if (!base.requiresGrad) return;
    const before = mode.grad;
    mode.grad = true;
    const anew = ops.asStrided(base, this.shape, this.strides, this.offset);
    mode.grad = before;
    this.#gradFn = anew.#gradFn;
    this.outputIndex = 0;
  }

  /** @internal Makes `node` its history. */
  setHistory(node: Node, output: number): void {
    if (this.#meta?.retainsGrad) this.#gradFn?.letGo(this.outputIndex);
    this.#gradFn = node;
    this.outputIndex = output;
    this.#requiresGrad = true;
    if (this.viewBase !== null && (this.#meta !== null || this.storage.version !== 0))
      this.#metaOf().viewVersion = this.storage.version;
    if (this.#meta?.retainsGrad) node.retain(output, this);
  }

  /** @internal Where a leaf's gradient is added up. */
  accumulator(): AccumulateGrad {
    const meta = this.#metaOf();
    meta.accumulator ??= new AccumulateGrad(this);
    return meta.accumulator;
  }

  /** @internal Refuses in-place writes to views that PyTorch refuses. */
  checkViewWrite(op: string): void {
    if (this.viewBase === null) return;
    const creation = this.#meta?.creation ?? 'default';
    if (creation === 'multi') {
      throw autogradError(
        `${op}: Output ${this.outputIndex} of ${this.#gradFn?.name ?? 'a split'} is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.`,
      );
    }
    if (creation === 'noGrad') {
      throw autogradError(
        `${op}: A view was created in no_grad mode and is being modified inplace with grad mode enabled. Move both the view and the inplace either both inside noGrad, or both outside.`,
      );
    }
  }

  /** Whether it was not made by a recorded op. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** The gradient that backward has added up, or null. */
  get grad(): Tensor | null {
    return this.#meta?.grad ?? null;
  }

  set grad(value: Tensor | null) {
    if (value !== null) {
      checkTensor('grad', value, 'the gradient');
      if (!sameShape(value.shape, this.shape)) {
        throw rangeError(
          `grad: assigned grad has data of a different size: [${value.shape.join(', ')}], but the tensor has [${this.shape.join(', ')}].`,
        );
      }
      if (value.dtypeInfo !== this.dtypeInfo)
        throw typeError(
          `grad: assigned grad has data of a different type: ${value.dtype}, but the tensor is ${this.dtype}.`,
        );
      if (value === this) throw stateError("grad: can't assign Variable as its own grad.");
    }
    this.setGrad(value);
  }

  /** @internal Without checks. */
  setGrad(value: Tensor | null): void {
    if (value === null && this.#meta === null) return;
    this.#metaOf().grad = value;
  }

  /** Adds the gradients of this tensor to the `.grad` of the leaves it was made from. See {@link backward}. */
  backward(
    gradient?: Tensor | null | (BackwardOptions & { gradient?: Tensor | null }),
    options?: BackwardOptions,
  ): void {
    if (isOptions(gradient))
      backward(this, (gradient as { gradient?: Tensor | null }).gradient ?? null, gradient as BackwardOptions);
    else backward(this, (gradient as Tensor | null | undefined) ?? null, options ?? {});
  }

  /** Keeps `.grad` of a tensor that is not a leaf. */
  retainGrad(): void {
    if (!this.requiresGrad)
      throw autogradError("retainGrad: can't retain_grad on Tensor that has requires_grad=False.");
    const node = this.gradFn;
    if (node === null) return;
    this.#metaOf().retainsGrad = true;
    node.retain(this.outputIndex, this);
  }

  /** Whether it is no leaf, but keeps its gradient all the same: see {@link retainGrad}. */
  get retainsGrad(): boolean {
    return this.#meta?.retainsGrad ?? false;
  }

  /** Calls `hook` with the gradient when it is computed; what the hook returns takes its place. */
  registerHook(hook: TensorHook): RemovableHandle {
    if (!this.requiresGrad)
      throw autogradError("registerHook: cannot register a hook on a tensor that doesn't require gradient.");
    return (this.gradFn ?? this.accumulator()).registerTensorHook(this.outputIndex, hook);
  }

  /** The same memory without history. */
  detach(): Tensor {
    return this.makeDetached();
  }

  /** Drops the history. */
  detach_(): this {
    if (this.viewBase !== null) throw autogradError("detach_: Can't detach views in-place. Use detach() instead.");
    this.#gradFn = null;
    this.#requiresGrad = false;
    this.outputIndex = 0;
    return this;
  }

  /** The same memory without history; writes to it are seen by this tensor and not checked. */
  get data(): Tensor {
    return this.makeDetached();
  }

  /** Makes this tensor stand on another's memory. */
  set data(source: Tensor) {
    checkTensor('data', source);
    if (source.dtypeInfo.isDifferentiable !== this.dtypeInfo.isDifferentiable && this.#requiresGrad) {
      throw autogradError(`data: a tensor that requires grad cannot be made ${source.dtype}.`);
    }
    this.storage = source.storage;
    this.offset = source.offset;
    this.dtypeInfo = source.dtypeInfo;
    this.setGeometry(source.shape, source.strides);
  }

  /** @internal For in-place changes of geometry. */
  setGeometry(shape: Shape, strides: readonly number[]): void {
    this.shape = shape;
    this.strides = strides;
    this.count = numberOfElements(shape);
    this.isDense = isContiguous(shape, strides);
    if (this.#meta?.accumulator) this.#meta.accumulator = null;
  }

  // ---- what it is ----

  /** The name of its elements' dtype. */
  get dtype(): DType {
    return this.dtypeInfo.name;
  }

  /** Where it lives: always 'cpu'. */
  get device(): Device {
    return cpu;
  }

  /** How many dimensions it has. */
  get ndim(): number {
    return this.shape.length;
  }

  /** How many dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** How many dimensions. */
  ndimension(): number {
    return this.shape.length;
  }

  /** How many elements. */
  numel(): number {
    return this.count;
  }

  /** How many elements. */
  nelement(): number {
    return this.count;
  }

  /** Itself: there is one device. */
  cpu(): Tensor {
    return this;
  }

  /** -1, the CPU's number. */
  getDevice(): number {
    return -1;
  }

  /** The sizes, or one of them. */
  size(): Size;
  size(dim: number): number;
  size(dim?: number): Size | number {
    if (dim === undefined) return new Size(this.shape);
    return this.shape[this.#dimOf('size', dim)]!;
  }

  /** How many elements apart neighbours of each dimension are, or of one. */
  stride(): number[];
  stride(dim: number): number;
  stride(dim?: number): number[] | number {
    if (dim === undefined) return [...this.strides];
    return this.strides[this.#dimOf('stride', dim)]!;
  }

  #dimOf(op: string, dim: number): number {
    if (this.shape.length === 0) throw rangeError(`${op}: dimension specified as ${dim} but tensor has no dimensions.`);
    return wrapDim(op, dim, this.shape.length);
  }

  /** Where the first element stands in the memory, in elements. */
  storageOffset(): number {
    return this.offset;
  }

  /** Bytes an element. */
  elementSize(): number {
    return this.dtypeInfo.size;
  }

  /** Bytes of an element. */
  get itemsize(): number {
    return this.dtypeInfo.size;
  }

  /** Bytes of all its elements. */
  get nbytes(): number {
    return this.count * this.dtypeInfo.size;
  }

  /** Whether the elements lie row-major and without gaps. */
  isContiguous(): boolean {
    return this.isDense;
  }

  /** Whether the dtype is float32, float64, float16 or bfloat16. */
  isFloatingPoint(): boolean {
    return this.dtypeInfo.isFloat;
  }

  /** Whether the dtype is complex64. */
  isComplex(): boolean {
    return this.dtypeInfo.isComplex;
  }
  /** Whether the one element is not 0. See {@link ops.isNonzero}. */
  isNonzero(): boolean {
    return ops.isNonzero(this);
  }
  /** Whether the shapes are the same. See {@link ops.isSameSize}. */
  isSameSize(other: Tensor): boolean {
    return ops.isSameSize(this, other);
  }
  /** Whether the dtype has negative numbers. See {@link ops.isSigned}. */
  isSigned(): boolean {
    return ops.isSigned(this);
  }

  /** @internal PyTorch's private counter of in-place writes. */
  get _version(): number {
    return this.storage.version;
  }

  /** The tensor that this one is a differentiable view of, or null. */
  get _base(): Tensor | null {
    return this.viewBase;
  }

  // ---- values out ----

  /** @internal The element at a row-major index. */
  elementAt(index: number): Element {
    let at = this.offset;
    let left = index;
    if (this.isDense) at += index;
    else {
      for (let i = this.shape.length - 1; i >= 0; i--) {
        const size = this.shape[i]!;
        at += (left % size) * this.strides[i]!;
        left = Math.floor(left / size);
      }
    }
    const { storage, dtypeInfo } = this;
    if (dtypeInfo === DTYPES.float32 && storage.isWordAligned) {
      return storage.memory.floats[(storage.byteOffset >>> 2) + at]!;
    }
    return this.#read(this.#wholeView(), at);
  }

  #wholeView(): TypedArray {
    this.#checkAlive();
    return this.storage.view(this.dtypeInfo, 0, Math.floor(this.storage.byteLength / this.dtypeInfo.size));
  }

  #checkAlive(): void {
    if (this.storage.disposed)
      throw stateError('the memory of this tensor was freed by dispose(), or its array was detached; use it before.');
  }

  #read(view: TypedArray, at: number): Element {
    const { name } = this.dtypeInfo;
    if (name === 'complex64') return [Number(view[2 * at]), Number(view[2 * at + 1])];
    if (name === 'float16' || name === 'bfloat16') return Number(this.makeAlias([], [], at).to('float32').item());
    const value = view[at]!;
    if (name === 'bool') return value !== 0;
    if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
    return value;
  }

  /**
   * The one value of a tensor of one element. int64 beyond 2⁵³ comes as a bigint, bool as a boolean: say so with
   * `item<boolean>()` where the type matters.
   */
  item<T extends number | bigint | boolean = number>(): T {
    if (this.count !== 1)
      throw rangeError(
        `item: only one element tensors can be converted to JavaScript scalars, but this one has shape [${this.shape.join(', ')}]; use tolist().`,
      );
    return this.elementAt(0) as T;
  }

  /** Nested arrays of the values. */
  tolist(): Nested {
    checkListed('tolist', 'elements', this.count, MOST_ELEMENTS);
    const flat = this.isDense ? this : ops.clone(this.detach());
    if (flat.dtypeInfo.name === 'float16' || flat.dtypeInfo.name === 'bfloat16') return flat.to('float32').tolist();
    const view = flat.#wholeView();
    let at = flat.offset;
    const build = (dim: number): Nested => {
      if (dim === flat.shape.length) return flat.#read(view, at++) as Nested;
      return Array.from({ length: flat.shape[dim]! }, () => build(dim + 1));
    };
    return build(0);
  }

  /** A row-major copy of the values; complex numbers as pairs. */
  toTypedArray(): TypedArray {
    this.#checkAlive();
    const flat = this.isDense ? this : ops.clone(this.detach());
    return flat.storage.view(flat.dtypeInfo, flat.offset, flat.count).slice();
  }

  /** As PyTorch's numpy(): a copy of the values. */
  numpy(): TypedArray {
    if (this.requiresGrad)
      throw autogradError(
        "numpy: Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.",
      );
    return this.toTypedArray();
  }

  /** As PyTorch prints it. */
  toString(): string {
    return formatTensor(
      { shape: this.shape, dtype: this.dtype, at: (index) => this.elementAt(index) },
      { gradFn: this.gradFn?.name ?? null, requiresGrad: this.requiresGrad, ...this.printSuffixes() },
    );
  }

  /** @internal What a subclass adds to its printed form. */
  protected printSuffixes(): { parameter?: boolean; defaultDtype?: DType } {
    return { defaultDtype: defaultDType().name };
  }

  [reprSymbol](): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Comparisons and arithmetic of JavaScript see the one value. */
  [Symbol.toPrimitive](hint: string): number | string {
    return hint === 'string' ? this.toString() : Number(this.item());
  }

  /** Walks dimension 0; what is longer than a block without a list of all. */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.shape.length === 0) throw typeError('iteration over a 0-d tensor; use item().');
    const rows = this.shape[0]!;
    if (rows <= WALKED) yield* ops.unbind(this, 0);
    else
      for (let i = 0; i < rows; i += WALKED) yield* ops.unbind(ops.narrow(this, 0, i, Math.min(WALKED, rows - i)), 0);
  }

  /** Size of dimension 0, as Python's len(). */
  get length(): number {
    if (this.shape.length === 0) throw typeError('length of a 0-d tensor; use numel().');
    return this.shape[0]!;
  }

  // ---- memory ----

  /** Frees the memory at once; all tensors that share it throw from then on. Never needed. */
  dispose(): void {
    this.storage.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Writes `source`, broadcast and converted, without a record or a version. */
  writeFrom(source: Tensor): void {
    kernels.copy(this, source);
  }

  /** @internal The same, the other way: into this tensor's memory from `source`. */
  copyInto(source: Tensor): void {
    kernels.copy(this, source);
  }

  // ---- creation from this one ----

  /** An uninitialised tensor of this one's dtype. */
  newEmpty(shape: Shape, options: TensorOptions = {}): Tensor {
    checkTensorOptions('newEmpty', options);
    checkDevice('newEmpty', options.device);
    checkSizes('newEmpty', shape);
    const info =
      options.dtype === undefined || options.dtype === null ? this.dtypeInfo : dtypeOf('newEmpty', options.dtype);
    const made = trackAllocations(null, () => this.makeEmpty([...shape], info));
    return options.requiresGrad ? made.requiresGrad_() : made;
  }

  /** An uninitialised tensor of these strides and of this one's dtype. */
  newEmptyStrided(shape: Shape, strides: readonly number[], options: TensorOptions = {}): Tensor {
    const info =
      options.dtype === undefined || options.dtype === null
        ? this.dtypeInfo
        : dtypeOf('newEmptyStrided', options.dtype);
    const extent = shape.reduce(
      (reach, size, i) => (size === 0 ? Number.NEGATIVE_INFINITY : reach + (size - 1) * strides[i]!),
      1,
    );
    return this.makeEmpty([Math.max(extent, 0)], info).makeAlias([...shape], [...strides], 0);
  }

  /** A tensor of one value, of this one's dtype. */
  newFull(shape: Shape, value: Scalar, options: TensorOptions = {}): Tensor {
    checkTensorOptions('newFull', options);
    const { requiresGrad, ...rest } = options;
    const made = this.newEmpty(shape, rest);
    checkFits('newFull', value, made.dtypeInfo);
    made.fillWith(value);
    return requiresGrad ? made.requiresGrad_() : made;
  }

  /** A tensor of zeros, of this one's dtype. */
  newZeros(shape: Shape, options: TensorOptions = {}): Tensor {
    checkTensorOptions('newZeros', options);
    return this.newFull(shape, 0, options);
  }

  /** @internal 0, 1, …, n - 1 in int64. */
  newArange(n: number): Tensor {
    const out = this.makeEmpty([n], DTYPES.int64);
    const narrow = this.makeEmpty([n], DTYPES.int32);
    const view = narrow.storage.view(DTYPES.int32, 0, n);
    for (let i = 0; i < n; i++) view[i] = i;
    kernels.copy(out, narrow);
    return out;
  }

  /** A tensor of ones, of this one's dtype. */
  newOnes(shape: Shape, options: TensorOptions = {}): Tensor {
    checkTensorOptions('newOnes', options);
    return this.newFull(shape, 1, options);
  }

  /** @internal Every element set, without a record or a version. */
  fillWith(value: Scalar): void {
    const { storage } = this;
    // One number is written sooner than a kernel is called.
    if (this.count === 1 && this.dtypeInfo === DTYPES.float32 && typeof value === 'number' && storage.isWordAligned) {
      storage.memory.floats[(storage.byteOffset >>> 2) + this.offset] = value;
      storage.copy = null;
      return;
    }
    kernels.copy(this, scalarOperand(value, this.dtypeInfo));
  }

  // ---- in place ----

  /** Every element set to `value`. */
  fill_(given: Scalar | Tensor | { value: Scalar | Tensor }): this {
    const value = isOptions(given) ? (given as { value: Scalar | Tensor }).value : (given as Scalar | Tensor);
    checkHistory('fill_', this);
    if (isScalar(value)) {
      checkFits('fill_', value, this.dtypeInfo);
      this.fillWith(value);
      recordInPlace('FillBackward2', this, [this], [], [(grad) => grad.newZeros(grad.shape)]);
      return this;
    }
    if (value.shape.length > 0)
      throw rangeError(
        `fill_: fill_ only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`,
      );
    kernels.copy(this, value);
    recordInPlace(
      'FillBackward3',
      this,
      [this, value],
      [],
      [(grad) => grad.newZeros(grad.shape), (grad) => grad.sum()],
    );
    return this;
  }

  /** Sets every element to 0. */
  zero_(): this {
    checkHistory('zero_', this);
    this.fillWith(0);
    recordInPlace('ZeroBackward0', this, [this], [], [(grad) => grad.newZeros(grad.shape)]);
    return this;
  }

  /** Overwritten with `source`, broadcast and converted. */
  copy_(source: Tensor): this {
    checkTensor('copy_', source, 'other');
    checkInPlaceShape('copy_', this, broadcastTwo('copy_', this.shape, source.shape));
    checkInPlace('copy_', this);
    checkOverlap('copy_', this, source);
    kernels.copy(this, unaliased(this, source));
    recordInPlace('CopyBackwards', this, [this, source], [], [(grad) => grad.newZeros(grad.shape), (grad) => grad]);
    return this;
  }

  // ---- ops: each is a function in src/ops, where its documentation stands ----

  // elementwise

  /** |x|. See {@link ops.abs}. */
  abs(): Tensor {
    return ops.abs(this);
  }
  /** {@link abs} in place. */
  abs_(): this {
    return ops.abs.inPlace(this) as this;
  }
  /** |x|. See {@link ops.abs}. */
  absolute(): Tensor {
    return ops.abs(this);
  }
  /** {@link absolute} in place. */
  absolute_(): this {
    return ops.abs.inPlace(this) as this;
  }
  /** Arc cosine. See {@link ops.acos}. */
  acos(): Tensor {
    return ops.acos(this);
  }
  /** {@link acos} in place. */
  acos_(): this {
    return ops.acos.inPlace(this) as this;
  }
  /** Arc cosine. See {@link ops.acos}. */
  arccos(): Tensor {
    return ops.acos(this);
  }
  /** {@link arccos} in place. */
  arccos_(): this {
    return ops.acos.inPlace(this) as this;
  }
  /** Inverse of cosh. See {@link ops.acosh}. */
  acosh(): Tensor {
    return ops.acosh(this);
  }
  /** {@link acosh} in place. */
  acosh_(): this {
    return ops.acosh.inPlace(this) as this;
  }
  /** Inverse of cosh. See {@link ops.acosh}. */
  arccosh(): Tensor {
    return ops.acosh(this);
  }
  /** {@link arccosh} in place. */
  arccosh_(): this {
    return ops.acosh.inPlace(this) as this;
  }
  /** `x + alpha * y`. See {@link ops.add}. */
  add(...args: Rest<typeof ops.add>): Tensor {
    return ops.add(this, ...args);
  }
  /** {@link add} in place. */
  add_(...args: Rest<typeof ops.add>): this {
    return ops.add.inPlace(this, ...args) as this;
  }
  /** `x + value * tensor1 / tensor2`. See {@link ops.addcdiv}. */
  addcdiv(...args: Rest<typeof ops.addcdiv>): Tensor {
    return ops.addcdiv(this, ...args);
  }
  /** {@link addcdiv} in place. */
  addcdiv_(...args: Rest<typeof ops.addcdiv>): this {
    return ops.addcdiv.inPlace(this, ...args) as this;
  }
  /** `x + value * tensor1 * tensor2`. See {@link ops.addcmul}. */
  addcmul(...args: Rest<typeof ops.addcmul>): Tensor {
    return ops.addcmul(this, ...args);
  }
  /** {@link addcmul} in place. */
  addcmul_(...args: Rest<typeof ops.addcmul>): this {
    return ops.addcmul.inPlace(this, ...args) as this;
  }
  /** Whether all nearly equal. See {@link ops.allclose}. */
  allclose(...args: Rest<typeof ops.allclose>): boolean {
    return ops.allclose(this, ...args);
  }
  /** Arc sine. See {@link ops.asin}. */
  asin(): Tensor {
    return ops.asin(this);
  }
  /** {@link asin} in place. */
  asin_(): this {
    return ops.asin.inPlace(this) as this;
  }
  /** Arc sine. See {@link ops.asin}. */
  arcsin(): Tensor {
    return ops.asin(this);
  }
  /** {@link arcsin} in place. */
  arcsin_(): this {
    return ops.asin.inPlace(this) as this;
  }
  /** Inverse of sinh. See {@link ops.asinh}. */
  asinh(): Tensor {
    return ops.asinh(this);
  }
  /** {@link asinh} in place. */
  asinh_(): this {
    return ops.asinh.inPlace(this) as this;
  }
  /** Inverse of sinh. See {@link ops.asinh}. */
  arcsinh(): Tensor {
    return ops.asinh(this);
  }
  /** {@link arcsinh} in place. */
  arcsinh_(): this {
    return ops.asinh.inPlace(this) as this;
  }
  /** Arc tangent. See {@link ops.atan}. */
  atan(): Tensor {
    return ops.atan(this);
  }
  /** {@link atan} in place. */
  atan_(): this {
    return ops.atan.inPlace(this) as this;
  }
  /** Arc tangent. See {@link ops.atan}. */
  arctan(): Tensor {
    return ops.atan(this);
  }
  /** {@link arctan} in place. */
  arctan_(): this {
    return ops.atan.inPlace(this) as this;
  }
  /** Angle of (y, x). See {@link ops.atan2}. */
  atan2(y: ops.Other): Tensor {
    return ops.atan2(this, y);
  }
  /** {@link atan2} in place. */
  atan2_(y: ops.Other): this {
    return ops.atan2.inPlace(this, y) as this;
  }
  /** Angle of (y, x). See {@link ops.atan2}. */
  arctan2(y: ops.Other): Tensor {
    return ops.atan2(this, y);
  }
  /** {@link arctan2} in place. */
  arctan2_(y: ops.Other): this {
    return ops.atan2.inPlace(this, y) as this;
  }
  /** Inverse of tanh. See {@link ops.atanh}. */
  atanh(): Tensor {
    return ops.atanh(this);
  }
  /** {@link atanh} in place. */
  atanh_(): this {
    return ops.atanh.inPlace(this) as this;
  }
  /** Inverse of tanh. See {@link ops.atanh}. */
  arctanh(): Tensor {
    return ops.atanh(this);
  }
  /** {@link arctanh} in place. */
  arctanh_(): this {
    return ops.atanh.inPlace(this) as this;
  }
  /** Bits both have. See {@link ops.bitwiseAnd}. */
  bitwiseAnd(y: ops.Other): Tensor {
    return ops.bitwiseAnd(this, y);
  }
  /** {@link bitwiseAnd} in place. */
  bitwiseAnd_(y: ops.Other): this {
    return ops.bitwiseAnd.inPlace(this, y) as this;
  }
  /** `x << y`. See {@link ops.bitwiseLeftShift}. */
  bitwiseLeftShift(y: ops.Other): Tensor {
    return ops.bitwiseLeftShift(this, y);
  }
  /** {@link bitwiseLeftShift} in place. */
  bitwiseLeftShift_(y: ops.Other): this {
    return ops.bitwiseLeftShift.inPlace(this, y) as this;
  }
  /** Bits turned over. See {@link ops.bitwiseNot}. */
  bitwiseNot(): Tensor {
    return ops.bitwiseNot(this);
  }
  /** {@link bitwiseNot} in place. */
  bitwiseNot_(): this {
    return ops.bitwiseNot.inPlace(this) as this;
  }
  /** Bits either has. See {@link ops.bitwiseOr}. */
  bitwiseOr(y: ops.Other): Tensor {
    return ops.bitwiseOr(this, y);
  }
  /** {@link bitwiseOr} in place. */
  bitwiseOr_(y: ops.Other): this {
    return ops.bitwiseOr.inPlace(this, y) as this;
  }
  /** `x >> y`. See {@link ops.bitwiseRightShift}. */
  bitwiseRightShift(y: ops.Other): Tensor {
    return ops.bitwiseRightShift(this, y);
  }
  /** {@link bitwiseRightShift} in place. */
  bitwiseRightShift_(y: ops.Other): this {
    return ops.bitwiseRightShift.inPlace(this, y) as this;
  }
  /** Bits one has. See {@link ops.bitwiseXor}. */
  bitwiseXor(y: ops.Other): Tensor {
    return ops.bitwiseXor(this, y);
  }
  /** {@link bitwiseXor} in place. */
  bitwiseXor_(y: ops.Other): this {
    return ops.bitwiseXor.inPlace(this, y) as this;
  }
  /** Rounded up. See {@link ops.ceil}. */
  ceil(): Tensor {
    return ops.ceil(this);
  }
  /** {@link ceil} in place. */
  ceil_(): this {
    return ops.ceil.inPlace(this) as this;
  }
  /** Within limits. See {@link ops.clamp}. */
  clamp(...args: Rest<typeof ops.clamp>): Tensor {
    return ops.clamp(this, ...args);
  }
  /** {@link clamp} in place. */
  clamp_(...args: Rest<typeof ops.clamp>): this {
    return ops.clamp.inPlace(this, ...args) as this;
  }
  /** Within limits. See {@link ops.clamp}. */
  clip(...args: Rest<typeof ops.clamp>): Tensor {
    return ops.clamp(this, ...args);
  }
  /** {@link clip} in place. */
  clip_(...args: Rest<typeof ops.clamp>): this {
    return ops.clamp.inPlace(this, ...args) as this;
  }
  /** `min(x, max)`. See {@link ops.clampMax}. */
  clampMax(...args: Rest<typeof ops.clampMax>): Tensor {
    return ops.clampMax(this, ...args);
  }
  /** {@link clampMax} in place. */
  clampMax_(...args: Rest<typeof ops.clampMax>): this {
    return ops.clampMax.inPlace(this, ...args) as this;
  }
  /** `max(x, min)`. See {@link ops.clampMin}. */
  clampMin(...args: Rest<typeof ops.clampMin>): Tensor {
    return ops.clampMin(this, ...args);
  }
  /** {@link clampMin} in place. */
  clampMin_(...args: Rest<typeof ops.clampMin>): this {
    return ops.clampMin.inPlace(this, ...args) as this;
  }
  /** |x| with y's sign. See {@link ops.copysign}. */
  copysign(y: ops.Other): Tensor {
    return ops.copysign(this, y);
  }
  /** {@link copysign} in place. */
  copysign_(y: ops.Other): this {
    return ops.copysign.inPlace(this, y) as this;
  }
  /** Cosine. See {@link ops.cos}. */
  cos(): Tensor {
    return ops.cos(this);
  }
  /** {@link cos} in place. */
  cos_(): this {
    return ops.cos.inPlace(this) as this;
  }
  /** Hyperbolic cosine. See {@link ops.cosh}. */
  cosh(): Tensor {
    return ops.cosh(this);
  }
  /** {@link cosh} in place. */
  cosh_(): this {
    return ops.cosh.inPlace(this) as this;
  }
  /** Degrees to radians. See {@link ops.deg2rad}. */
  deg2rad(): Tensor {
    return ops.deg2rad(this);
  }
  /** {@link deg2rad} in place. */
  deg2rad_(): this {
    return ops.deg2rad.inPlace(this) as this;
  }
  /** `x / y`. See {@link ops.div}. */
  div(...args: Rest<typeof ops.div>): Tensor {
    return ops.div(this, ...args);
  }
  /** {@link div} in place. */
  div_(...args: Rest<typeof ops.div>): this {
    return ops.div.inPlace(this, ...args) as this;
  }
  /** `x / y`. See {@link ops.div}. */
  divide(...args: Rest<typeof ops.div>): Tensor {
    return ops.div(this, ...args);
  }
  /** {@link divide} in place. */
  divide_(...args: Rest<typeof ops.div>): this {
    return ops.div.inPlace(this, ...args) as this;
  }
  /** `x === y`. See {@link ops.eq}. */
  eq(y: ops.Other): Tensor {
    return ops.eq(this, y);
  }
  /** {@link eq} in place. */
  eq_(y: ops.Other): this {
    return ops.eq.inPlace(this, y) as this;
  }
  /** Whether of one shape and equal. See {@link ops.equal}. */
  equal(...args: Rest<typeof ops.equal>): boolean {
    return ops.equal(this, ...args);
  }
  /** Error function. See {@link ops.erf}. */
  erf(): Tensor {
    return ops.erf(this);
  }
  /** {@link erf} in place. */
  erf_(): this {
    return ops.erf.inPlace(this) as this;
  }
  /** `1 - erf(x)`. See {@link ops.erfc}. */
  erfc(): Tensor {
    return ops.erfc(this);
  }
  /** {@link erfc} in place. */
  erfc_(): this {
    return ops.erfc.inPlace(this) as this;
  }
  /** `ψ(x) = Γ'(x) / Γ(x)`. See {@link ops.digamma}. */
  digamma(): Tensor {
    return ops.digamma(this);
  }
  /** {@link digamma} in place. */
  digamma_(): this {
    return ops.digamma.inPlace(this) as this;
  }
  /** Inverse of erf. See {@link ops.erfinv}. */
  erfinv(): Tensor {
    return ops.erfinv(this);
  }
  /** {@link erfinv} in place. */
  erfinv_(): this {
    return ops.erfinv.inPlace(this) as this;
  }
  /** `e ** x`. See {@link ops.exp}. */
  exp(): Tensor {
    return ops.exp(this);
  }
  /** {@link exp} in place. */
  exp_(): this {
    return ops.exp.inPlace(this) as this;
  }
  /** `2 ** x`. See {@link ops.exp2}. */
  exp2(): Tensor {
    return ops.exp2(this);
  }
  /** {@link exp2} in place. */
  exp2_(): this {
    return ops.exp2.inPlace(this) as this;
  }
  /** `e ** x - 1`. See {@link ops.expm1}. */
  expm1(): Tensor {
    return ops.expm1(this);
  }
  /** {@link expm1} in place. */
  expm1_(): this {
    return ops.expm1.inPlace(this) as this;
  }
  /** `x ** y` in float64. See {@link ops.floatPower}. */
  floatPower(...args: Rest<typeof ops.floatPower>): Tensor {
    return ops.floatPower(this, ...args);
  }
  /** {@link floatPower} in place. */
  floatPower_(...args: Rest<typeof ops.floatPower>): this {
    return ops.floatPower.inPlace(this, ...args) as this;
  }
  /** Rounded down. See {@link ops.floor}. */
  floor(): Tensor {
    return ops.floor(this);
  }
  /** {@link floor} in place. */
  floor_(): this {
    return ops.floor.inPlace(this) as this;
  }
  /** `⌊x / y⌋`. See {@link ops.floorDivide}. */
  floorDivide(y: ops.Other): Tensor {
    return ops.floorDivide(this, y);
  }
  /** {@link floorDivide} in place. */
  floorDivide_(y: ops.Other): this {
    return ops.floorDivide.inPlace(this, y) as this;
  }
  /** Larger, NaN passed over. See {@link ops.fmax}. */
  fmax(y: ops.Other): Tensor {
    return ops.fmax(this, y);
  }
  /** Smaller, NaN passed over. See {@link ops.fmin}. */
  fmin(y: ops.Other): Tensor {
    return ops.fmin(this, y);
  }
  /** Remainder with x's sign. See {@link ops.fmod}. */
  fmod(y: ops.Other): Tensor {
    return ops.fmod(this, y);
  }
  /** {@link fmod} in place. */
  fmod_(y: ops.Other): this {
    return ops.fmod.inPlace(this, y) as this;
  }
  /** `x - trunc(x)`. See {@link ops.frac}. */
  frac(): Tensor {
    return ops.frac(this);
  }
  /** {@link frac} in place. */
  frac_(): this {
    return ops.frac.inPlace(this) as this;
  }
  /** Mantissa and exponent. See {@link ops.frexp}. */
  frexp(): ReturnType<typeof ops.frexp> {
    return ops.frexp(this);
  }
  /** Greatest common divisor. See {@link ops.gcd}. */
  gcd(y: ops.Other): Tensor {
    return ops.gcd(this, y);
  }
  /** {@link gcd} in place. */
  gcd_(y: ops.Other): this {
    return ops.gcd.inPlace(this, y) as this;
  }
  /** `x >= y`. See {@link ops.ge}. */
  ge(y: ops.Other): Tensor {
    return ops.ge(this, y);
  }
  /** {@link ge} in place. */
  ge_(y: ops.Other): this {
    return ops.ge.inPlace(this, y) as this;
  }
  /** `x >= y`. See {@link ops.ge}. */
  greaterEqual(y: ops.Other): Tensor {
    return ops.ge(this, y);
  }
  /** {@link greaterEqual} in place. */
  greaterEqual_(y: ops.Other): this {
    return ops.ge.inPlace(this, y) as this;
  }
  /** `x > y`. See {@link ops.gt}. */
  gt(y: ops.Other): Tensor {
    return ops.gt(this, y);
  }
  /** {@link gt} in place. */
  gt_(y: ops.Other): this {
    return ops.gt.inPlace(this, y) as this;
  }
  /** `x > y`. See {@link ops.gt}. */
  greater(y: ops.Other): Tensor {
    return ops.gt(this, y);
  }
  /** {@link greater} in place. */
  greater_(y: ops.Other): this {
    return ops.gt.inPlace(this, y) as this;
  }
  /** 0, y or 1. See {@link ops.heaviside}. */
  heaviside(y: ops.Other): Tensor {
    return ops.heaviside(this, y);
  }
  /** {@link heaviside} in place. */
  heaviside_(y: ops.Other): this {
    return ops.heaviside.inPlace(this, y) as this;
  }
  /** `√(x² + y²)`. See {@link ops.hypot}. */
  hypot(y: ops.Other): Tensor {
    return ops.hypot(this, y);
  }
  /** {@link hypot} in place. */
  hypot_(y: ops.Other): this {
    return ops.hypot.inPlace(this, y) as this;
  }
  /** Whether nearly equal. See {@link ops.isclose}. */
  isclose(...args: Rest<typeof ops.isclose>): Tensor {
    return ops.isclose(this, ...args);
  }
  /** Neither infinite nor NaN. See {@link ops.isfinite}. */
  isfinite(): Tensor {
    return ops.isfinite(this);
  }
  /** ∞ or -∞. See {@link ops.isinf}. */
  isinf(): Tensor {
    return ops.isinf(this);
  }
  /** Not a number. See {@link ops.isnan}. */
  isnan(): Tensor {
    return ops.isnan(this);
  }
  /** -∞. See {@link ops.isneginf}. */
  isneginf(): Tensor {
    return ops.isneginf(this);
  }
  /** ∞. See {@link ops.isposinf}. */
  isposinf(): Tensor {
    return ops.isposinf(this);
  }
  /** Least common multiple. See {@link ops.lcm}. */
  lcm(y: ops.Other): Tensor {
    return ops.lcm(this, y);
  }
  /** {@link lcm} in place. */
  lcm_(y: ops.Other): this {
    return ops.lcm.inPlace(this, y) as this;
  }
  /** `x * 2 ** y`. See {@link ops.ldexp}. */
  ldexp(y: Tensor): Tensor {
    return ops.ldexp(this, y);
  }
  /** {@link ldexp} in place. */
  ldexp_(y: Tensor): this {
    return overwrite('ldexp_', this, (x) => ops.ldexp(x, y)) as this;
  }
  /** `x <= y`. See {@link ops.le}. */
  le(y: ops.Other): Tensor {
    return ops.le(this, y);
  }
  /** {@link le} in place. */
  le_(y: ops.Other): this {
    return ops.le.inPlace(this, y) as this;
  }
  /** `x <= y`. See {@link ops.le}. */
  lessEqual(y: ops.Other): Tensor {
    return ops.le(this, y);
  }
  /** {@link lessEqual} in place. */
  lessEqual_(y: ops.Other): this {
    return ops.le.inPlace(this, y) as this;
  }
  /** `x + weight * (end - x)`. See {@link ops.lerp}. */
  lerp(...args: Rest<typeof ops.lerp>): Tensor {
    return ops.lerp(this, ...args);
  }
  /** {@link lerp} in place. */
  lerp_(...args: Rest<typeof ops.lerp>): this {
    return ops.lerp.inPlace(this, ...args) as this;
  }
  /** Natural logarithm. See {@link ops.log}. */
  log(): Tensor {
    return ops.log(this);
  }
  /** {@link log} in place. */
  log_(): this {
    return ops.log.inPlace(this) as this;
  }
  /** Logarithm to base 10. See {@link ops.log10}. */
  log10(): Tensor {
    return ops.log10(this);
  }
  /** {@link log10} in place. */
  log10_(): this {
    return ops.log10.inPlace(this) as this;
  }
  /** `log(1 + x)`. See {@link ops.log1p}. */
  log1p(): Tensor {
    return ops.log1p(this);
  }
  /** {@link log1p} in place. */
  log1p_(): this {
    return ops.log1p.inPlace(this) as this;
  }
  /** Logarithm to base 2. See {@link ops.log2}. */
  log2(): Tensor {
    return ops.log2(this);
  }
  /** {@link log2} in place. */
  log2_(): this {
    return ops.log2.inPlace(this) as this;
  }
  /** `log(e ** x + e ** y)`. See {@link ops.logaddexp}. */
  logaddexp(y: ops.Other): Tensor {
    return ops.logaddexp(this, y);
  }
  /** `log2(2 ** x + 2 ** y)`. See {@link ops.logaddexp2}. */
  logaddexp2(y: ops.Other): Tensor {
    return ops.logaddexp2(this, y);
  }
  /** Both not 0. See {@link ops.logicalAnd}. */
  logicalAnd(y: ops.Other): Tensor {
    return ops.logicalAnd(this, y);
  }
  /** {@link logicalAnd} in place. */
  logicalAnd_(y: ops.Other): this {
    return ops.logicalAnd.inPlace(this, y) as this;
  }
  /** Whether 0. See {@link ops.logicalNot}. */
  logicalNot(): Tensor {
    return ops.logicalNot(this);
  }
  /** {@link logicalNot} in place. */
  logicalNot_(): this {
    return ops.logicalNot.inPlace(this) as this;
  }
  /** Either not 0. See {@link ops.logicalOr}. */
  logicalOr(y: ops.Other): Tensor {
    return ops.logicalOr(this, y);
  }
  /** {@link logicalOr} in place. */
  logicalOr_(y: ops.Other): this {
    return ops.logicalOr.inPlace(this, y) as this;
  }
  /** One not 0. See {@link ops.logicalXor}. */
  logicalXor(y: ops.Other): Tensor {
    return ops.logicalXor(this, y);
  }
  /** {@link logicalXor} in place. */
  logicalXor_(y: ops.Other): this {
    return ops.logicalXor.inPlace(this, y) as this;
  }
  /** The Bessel function I₀(x). See {@link ops.i0}. */
  i0(): Tensor {
    return ops.i0(this);
  }
  /** {@link i0} in place. */
  i0_(): this {
    return ops.i0.inPlace(this) as this;
  }
  /** `P(a, other) = γ(a, other) / Γ(a)` of this a. See {@link ops.igamma}. */
  igamma(other: ops.Other): Tensor {
    return ops.igamma(this, other);
  }
  /** {@link igamma} in place. */
  igamma_(other: ops.Other): this {
    return ops.igamma.inPlace(this, other) as this;
  }
  /** `Q(a, other) = 1 - P(a, other)` of this a. See {@link ops.igammac}. */
  igammac(other: ops.Other): Tensor {
    return ops.igammac(this, other);
  }
  /** {@link igammac} in place. */
  igammac_(other: ops.Other): this {
    return ops.igammac.inPlace(this, other) as this;
  }
  /** `log |Γ(x)|`. See {@link ops.lgamma}. */
  lgamma(): Tensor {
    return ops.lgamma(this);
  }
  /** {@link lgamma} in place. */
  lgamma_(): this {
    return ops.lgamma.inPlace(this) as this;
  }
  /** `log(x / (1 - x))`. See {@link ops.logit}. */
  logit(...args: Rest<typeof ops.logit>): Tensor {
    return ops.logit(this, ...args);
  }
  /** {@link logit} in place. */
  logit_(...args: Rest<typeof ops.logit>): this {
    return ops.logit.inPlace(this, ...args) as this;
  }
  /** `log Γₚ(x)`, the multivariate gamma function. See {@link ops.mvlgamma}. */
  mvlgamma(...args: Rest<typeof ops.mvlgamma>): Tensor {
    return ops.mvlgamma(this, ...args);
  }
  /** {@link mvlgamma} in place. */
  mvlgamma_(...args: Rest<typeof ops.mvlgamma>): this {
    return ops.mvlgamma.inPlace(this, ...args) as this;
  }
  /** The n-th derivative of digamma. See {@link ops.polygamma}. */
  polygamma(n: number): Tensor {
    return ops.polygamma(n, this);
  }
  /** {@link polygamma} in place. */
  polygamma_(n: number): this {
    return ops.polygamma.inPlace(n, this) as this;
  }
  /** `x < y`. See {@link ops.lt}. */
  lt(y: ops.Other): Tensor {
    return ops.lt(this, y);
  }
  /** {@link lt} in place. */
  lt_(y: ops.Other): this {
    return ops.lt.inPlace(this, y) as this;
  }
  /** `x < y`. See {@link ops.lt}. */
  less(y: ops.Other): Tensor {
    return ops.lt(this, y);
  }
  /** {@link less} in place. */
  less_(y: ops.Other): this {
    return ops.lt.inPlace(this, y) as this;
  }
  /** Larger. See {@link ops.maximum}. */
  maximum(y: ops.Other): Tensor {
    return ops.maximum(this, y);
  }
  /** Smaller. See {@link ops.minimum}. */
  minimum(y: ops.Other): Tensor {
    return ops.minimum(this, y);
  }
  /** `x * y`. See {@link ops.mul}. */
  mul(y: ops.Other): Tensor {
    return ops.mul(this, y);
  }
  /** {@link mul} in place. */
  mul_(y: ops.Other): this {
    return ops.mul.inPlace(this, y) as this;
  }
  /** `x * y`. See {@link ops.mul}. */
  multiply(y: ops.Other): Tensor {
    return ops.mul(this, y);
  }
  /** {@link multiply} in place. */
  multiply_(y: ops.Other): this {
    return ops.mul.inPlace(this, y) as this;
  }
  /** NaN and infinities replaced. See {@link ops.nanToNum}. */
  nanToNum(...args: Rest<typeof ops.nanToNum>): Tensor {
    return ops.nanToNum(this, ...args);
  }
  /** {@link nanToNum} in place. */
  nanToNum_(...args: Rest<typeof ops.nanToNum>): this {
    return ops.nanToNum.inPlace(this, ...args) as this;
  }
  /** `x !== y`. See {@link ops.ne}. */
  ne(y: ops.Other): Tensor {
    return ops.ne(this, y);
  }
  /** {@link ne} in place. */
  ne_(y: ops.Other): this {
    return ops.ne.inPlace(this, y) as this;
  }
  /** `x !== y`. See {@link ops.ne}. */
  notEqual(y: ops.Other): Tensor {
    return ops.ne(this, y);
  }
  /** {@link notEqual} in place. */
  notEqual_(y: ops.Other): this {
    return ops.ne.inPlace(this, y) as this;
  }
  /** `-x`. See {@link ops.neg}. */
  neg(): Tensor {
    return ops.neg(this);
  }
  /** {@link neg} in place. */
  neg_(): this {
    return ops.neg.inPlace(this) as this;
  }
  /** `-x`. See {@link ops.neg}. */
  negative(): Tensor {
    return ops.neg(this);
  }
  /** {@link negative} in place. */
  negative_(): this {
    return ops.neg.inPlace(this) as this;
  }
  /** Next float towards y. See {@link ops.nextafter}. */
  nextafter(y: ops.Other): Tensor {
    return ops.nextafter(this, y);
  }
  /** {@link nextafter} in place. */
  nextafter_(y: ops.Other): this {
    return ops.nextafter.inPlace(this, y) as this;
  }
  /** x. See {@link ops.positive}. */
  positive(): Tensor {
    return ops.positive(this);
  }
  /** `x ** y`. See {@link ops.pow}. */
  pow(...args: Rest<typeof ops.pow>): Tensor {
    return ops.pow(this, ...args);
  }
  /** {@link pow} in place. */
  pow_(...args: Rest<typeof ops.pow>): this {
    return ops.pow.inPlace(this, ...args) as this;
  }
  /** Radians to degrees. See {@link ops.rad2deg}. */
  rad2deg(): Tensor {
    return ops.rad2deg(this);
  }
  /** {@link rad2deg} in place. */
  rad2deg_(): this {
    return ops.rad2deg.inPlace(this) as this;
  }
  /** `1 / x`. See {@link ops.reciprocal}. */
  reciprocal(): Tensor {
    return ops.reciprocal(this);
  }
  /** {@link reciprocal} in place. */
  reciprocal_(): this {
    return ops.reciprocal.inPlace(this) as this;
  }
  /** Remainder with y's sign. See {@link ops.remainder}. */
  remainder(y: ops.Other): Tensor {
    return ops.remainder(this, y);
  }
  /** {@link remainder} in place. */
  remainder_(y: ops.Other): this {
    return ops.remainder.inPlace(this, y) as this;
  }
  /** Rounded, halves to even. See {@link ops.round}. */
  round(...args: Rest<typeof ops.round>): Tensor {
    return ops.round(this, ...args);
  }
  /** {@link round} in place. */
  round_(...args: Rest<typeof ops.round>): this {
    return ops.round.inPlace(this, ...args) as this;
  }
  /** `1 / √x`. See {@link ops.rsqrt}. */
  rsqrt(): Tensor {
    return ops.rsqrt(this);
  }
  /** {@link rsqrt} in place. */
  rsqrt_(): this {
    return ops.rsqrt.inPlace(this) as this;
  }
  /** Sign. See {@link ops.sgn}. */
  sgn(): Tensor {
    return ops.sgn(this);
  }
  /** {@link sgn} in place. */
  sgn_(): this {
    return ops.sgn.inPlace(this) as this;
  }
  /** `1 / (1 + e ** -x)`. See {@link ops.sigmoid}. */
  sigmoid(): Tensor {
    return ops.sigmoid(this);
  }
  /** {@link sigmoid} in place. */
  sigmoid_(): this {
    return ops.sigmoid.inPlace(this) as this;
  }
  /** -1, 0 or 1. See {@link ops.sign}. */
  sign(): Tensor {
    return ops.sign(this);
  }
  /** {@link sign} in place. */
  sign_(): this {
    return ops.sign.inPlace(this) as this;
  }
  /** Whether the sign bit is set. See {@link ops.signbit}. */
  signbit(): Tensor {
    return ops.signbit(this);
  }
  /** Sine. See {@link ops.sin}. */
  sin(): Tensor {
    return ops.sin(this);
  }
  /** {@link sin} in place. */
  sin_(): this {
    return ops.sin.inPlace(this) as this;
  }
  /** `sin(πx) / πx`. See {@link ops.sinc}. */
  sinc(): Tensor {
    return ops.sinc(this);
  }
  /** {@link sinc} in place. */
  sinc_(): this {
    return ops.sinc.inPlace(this) as this;
  }
  /** Hyperbolic sine. See {@link ops.sinh}. */
  sinh(): Tensor {
    return ops.sinh(this);
  }
  /** {@link sinh} in place. */
  sinh_(): this {
    return ops.sinh.inPlace(this) as this;
  }
  /** `√x`. See {@link ops.sqrt}. */
  sqrt(): Tensor {
    return ops.sqrt(this);
  }
  /** {@link sqrt} in place. */
  sqrt_(): this {
    return ops.sqrt.inPlace(this) as this;
  }
  /** `x²`. See {@link ops.square}. */
  square(): Tensor {
    return ops.square(this);
  }
  /** {@link square} in place. */
  square_(): this {
    return ops.square.inPlace(this) as this;
  }
  /** `x - alpha * y`. See {@link ops.sub}. */
  sub(...args: Rest<typeof ops.sub>): Tensor {
    return ops.sub(this, ...args);
  }
  /** {@link sub} in place. */
  sub_(...args: Rest<typeof ops.sub>): this {
    return ops.sub.inPlace(this, ...args) as this;
  }
  /** `x - alpha * y`. See {@link ops.sub}. */
  subtract(...args: Rest<typeof ops.sub>): Tensor {
    return ops.sub(this, ...args);
  }
  /** {@link subtract} in place. */
  subtract_(...args: Rest<typeof ops.sub>): this {
    return ops.sub.inPlace(this, ...args) as this;
  }
  /** Tangent. See {@link ops.tan}. */
  tan(): Tensor {
    return ops.tan(this);
  }
  /** {@link tan} in place. */
  tan_(): this {
    return ops.tan.inPlace(this) as this;
  }
  /** Hyperbolic tangent. See {@link ops.tanh}. */
  tanh(): Tensor {
    return ops.tanh(this);
  }
  /** {@link tanh} in place. */
  tanh_(): this {
    return ops.tanh.inPlace(this) as this;
  }
  /** `x / y`. See {@link ops.trueDivide}. */
  trueDivide(y: ops.Other): Tensor {
    return ops.trueDivide(this, y);
  }
  /** {@link trueDivide} in place. */
  trueDivide_(y: ops.Other): this {
    return ops.trueDivide.inPlace(this, y) as this;
  }
  /** Without its fraction. See {@link ops.trunc}. */
  trunc(): Tensor {
    return ops.trunc(this);
  }
  /** {@link trunc} in place. */
  trunc_(): this {
    return ops.trunc.inPlace(this) as this;
  }
  /** Without its fraction. See {@link ops.trunc}. */
  fix(): Tensor {
    return ops.trunc(this);
  }
  /** {@link fix} in place. */
  fix_(): this {
    return ops.trunc.inPlace(this) as this;
  }
  /** `x log y`. See {@link ops.xlogy}. */
  xlogy(y: ops.Other): Tensor {
    return ops.xlogy(this, y);
  }
  /** {@link xlogy} in place. */
  xlogy_(y: ops.Other): this {
    return ops.xlogy.inPlace(this, y) as this;
  }

  // nn.functional

  /** `|x| ≤ lambd ? 0 : x`. See {@link ops.hardshrink}. */
  hardshrink(...args: Rest<typeof ops.hardshrink>): Tensor {
    return ops.hardshrink(this, ...args);
  }
  /** `log(softmax(x))`. See {@link ops.logSoftmax}. */
  logSoftmax(...args: Rest<typeof ops.logSoftmax>): Tensor {
    return ops.logSoftmax(this, ...args);
  }
  /** `x > 0 ? x : weight · x`. See {@link ops.prelu}. */
  prelu(...args: Rest<typeof ops.prelu>): Tensor {
    return ops.prelu(this, ...args);
  }
  /** `max(x, 0)`. See {@link ops.relu}. */
  relu(): Tensor {
    return ops.relu(this);
  }
  /** {@link relu} in place. */
  relu_(): this {
    return ops.relu.inPlace(this) as this;
  }
  /** `e^xᵢ / Σ e^xⱼ` along a dim. See {@link ops.softmax}. */
  softmax(...args: Rest<typeof ops.softmax>): Tensor {
    return ops.softmax(this, ...args);
  }

  // reduction

  /** Whether no element is 0. See {@link ops.all}. */
  all(...args: Rest<typeof ops.all>): Tensor {
    return ops.all(this, ...args);
  }
  /** Whether any element is not 0. See {@link ops.any}. */
  any(...args: Rest<typeof ops.any>): Tensor {
    return ops.any(this, ...args);
  }
  /** Correlations of rows. See {@link ops.corrcoef}. */
  corrcoef(): Tensor {
    return ops.corrcoef(this);
  }
  /** How many are not 0. See {@link ops.countNonzero}. */
  countNonzero(...args: Rest<typeof ops.countNonzero>): Tensor {
    return ops.countNonzero(this, ...args);
  }
  /** Covariances of rows. See {@link ops.cov}. */
  cov(...args: Rest<typeof ops.cov>): Tensor {
    return ops.cov(this, ...args);
  }
  /** Norm of the difference. See {@link ops.dist}. */
  dist(...args: Rest<typeof ops.dist>): Tensor {
    return ops.dist(this, ...args);
  }
  /** `log Σ e ** x`. See {@link ops.logsumexp}. */
  logsumexp(...args: Rest<typeof ops.logsumexp>): Tensor {
    return ops.logsumexp(this, ...args);
  }
  /** Mean over dims. See {@link ops.mean}. */
  mean(...args: Rest<typeof ops.mean>): Tensor {
    return ops.mean(this, ...args);
  }
  /** Mean of what is no NaN. See {@link ops.nanmean}. */
  nanmean(...args: Rest<typeof ops.nanmean>): Tensor {
    return ops.nanmean(this, ...args);
  }
  /** Sum of what is no NaN. See {@link ops.nansum}. */
  nansum(...args: Rest<typeof ops.nansum>): Tensor {
    return ops.nansum(this, ...args);
  }
  /** p-norm over dims. See {@link ops.norm}. */
  norm(...args: Rest<typeof ops.norm>): Tensor {
    return ops.norm(this, ...args);
  }
  /** Product over a dim. See {@link ops.prod}. */
  prod(...args: Rest<typeof ops.prod>): Tensor {
    return ops.prod(this, ...args);
  }
  /** Slices scaled down to a norm. See {@link ops.renorm}. */
  renorm(...args: Rest<typeof ops.renorm>): Tensor {
    return ops.renorm(this, ...args);
  }
  /** {@link renorm} in place. */
  renorm_(...args: Rest<typeof ops.renorm>): this {
    return ops.renorm.inPlace(this, ...args) as this;
  }
  /** Standard deviation over dims. See {@link ops.std}. */
  std(...args: Rest<typeof ops.std>): Tensor {
    return ops.std(this, ...args);
  }
  /** Sum over dims. See {@link ops.sum}. */
  sum(...args: Rest<typeof ops.sum>): Tensor {
    return ops.sum(this, ...args);
  }
  /** Sum that undoes a broadcast. See {@link ops.sumToSize}. */
  sumToSize(...shape: SizeArguments): Tensor {
    return ops.sumToSize(this, sizes(shape));
  }
  /** Variance over dims. See {@link ops.var}. */
  var(...args: Rest<typeof ops.var>): Tensor {
    return ops.var(this, ...args);
  }

  // cumulative

  /** Running products. See {@link ops.cumprod}. */
  cumprod(...args: Rest<typeof ops.cumprod>): Tensor {
    return ops.cumprod(this, ...args);
  }
  /** {@link cumprod} in place. */
  cumprod_(...args: Rest<typeof ops.cumprod>): this {
    return overwrite('cumprod_', this, (x) => ops.cumprod(x, ...args)) as this;
  }
  /** Running sums. See {@link ops.cumsum}. */
  cumsum(...args: Rest<typeof ops.cumsum>): Tensor {
    return ops.cumsum(this, ...args);
  }
  /** {@link cumsum} in place. */
  cumsum_(...args: Rest<typeof ops.cumsum>): this {
    return overwrite('cumsum_', this, (x) => ops.cumsum(x, ...args)) as this;
  }
  /** Differences of neighbours. See {@link ops.diff}. */
  diff(...args: Rest<typeof ops.diff>): Tensor {
    return ops.diff(this, ...args);
  }
  /** Running `log Σ e ** x`. See {@link ops.logcumsumexp}. */
  logcumsumexp(...args: Rest<typeof ops.logcumsumexp>): Tensor {
    return ops.logcumsumexp(this, ...args);
  }

  // products

  /** `beta * x + alpha * Σ batch1 · batch2`. See {@link ops.addbmm}. */
  addbmm(...args: Rest<typeof ops.addbmm>): Tensor {
    return ops.addbmm(this, ...args);
  }
  /** {@link addbmm} in place. */
  addbmm_(...args: Rest<typeof ops.addbmm>): this {
    return ops.addbmm.inPlace(this, ...args) as this;
  }
  /** `beta * x + alpha * mat1 · mat2`. See {@link ops.addmm}. */
  addmm(...args: Rest<typeof ops.addmm>): Tensor {
    return ops.addmm(this, ...args);
  }
  /** {@link addmm} in place. */
  addmm_(...args: Rest<typeof ops.addmm>): this {
    return ops.addmm.inPlace(this, ...args) as this;
  }
  /** `beta * x + alpha * mat · vec`. See {@link ops.addmv}. */
  addmv(...args: Rest<typeof ops.addmv>): Tensor {
    return ops.addmv(this, ...args);
  }
  /** {@link addmv} in place. */
  addmv_(...args: Rest<typeof ops.addmv>): this {
    return ops.addmv.inPlace(this, ...args) as this;
  }
  /** `beta * x + alpha * vec1 ⊗ vec2`. See {@link ops.addr}. */
  addr(...args: Rest<typeof ops.addr>): Tensor {
    return ops.addr(this, ...args);
  }
  /** {@link addr} in place. */
  addr_(...args: Rest<typeof ops.addr>): this {
    return ops.addr.inPlace(this, ...args) as this;
  }
  /** `beta * x + alpha * batch1 · batch2`. See {@link ops.baddbmm}. */
  baddbmm(...args: Rest<typeof ops.baddbmm>): Tensor {
    return ops.baddbmm(this, ...args);
  }
  /** {@link baddbmm} in place. */
  baddbmm_(...args: Rest<typeof ops.baddbmm>): this {
    return ops.baddbmm.inPlace(this, ...args) as this;
  }
  /** Batches of matrix products. See {@link ops.bmm}. */
  bmm(...args: Rest<typeof ops.bmm>): Tensor {
    return ops.bmm(this, ...args);
  }
  /** Vector product. See {@link ops.cross}. */
  cross(...args: Rest<typeof ops.cross>): Tensor {
    return ops.cross(this, ...args);
  }
  /** Product of vectors. See {@link ops.dot}. */
  dot(...args: Rest<typeof ops.dot>): Tensor {
    return ops.dot(this, ...args);
  }
  /** Products over the last dims. See {@link ops.inner}. */
  inner(...args: Rest<typeof ops.inner>): Tensor {
    return ops.inner(this, ...args);
  }
  /** Kronecker product. See {@link ops.kron}. */
  kron(...args: Rest<typeof ops.kron>): Tensor {
    return ops.kron(this, ...args);
  }
  /** Matrix product. See {@link ops.matmul}. */
  matmul(...args: Rest<typeof ops.matmul>): Tensor {
    return ops.matmul(this, ...args);
  }
  /** Product of matrices. See {@link ops.mm}. */
  mm(...args: Rest<typeof ops.mm>): Tensor {
    return ops.mm(this, ...args);
  }
  /** Matrix times vector. See {@link ops.mv}. */
  mv(...args: Rest<typeof ops.mv>): Tensor {
    return ops.mv(this, ...args);
  }
  /** Outer product. See {@link ops.outer}. */
  outer(...args: Rest<typeof ops.outer>): Tensor {
    return ops.outer(this, ...args);
  }
  /** Outer product. See {@link ops.outer}. */
  ger(...args: Rest<typeof ops.outer>): Tensor {
    return ops.outer(this, ...args);
  }
  /** Product of vectors. See {@link ops.vdot}. */
  vdot(...args: Rest<typeof ops.vdot>): Tensor {
    return ops.vdot(this, ...args);
  }

  // indexing

  /** `x[items]`. See {@link ops.at}. */
  at(...items: IndexItem[] | [items: readonly IndexItem[]]): Tensor {
    return ops.at(this, ...items);
  }
  /** `x[items] = value`. See {@link ops.setAt}. */
  setAt(items: IndexItem | readonly IndexItem[], value: Tensor | Scalar): void {
    ops.setAt(this, items, value);
  }
  /** `x[…, index[…, j, …], …]` along dim. See {@link ops.gather}. */
  gather(...args: Rest<typeof ops.gather>): Tensor {
    return ops.gather(this, ...args);
  }
  /** Slices with `alpha * source` added. See {@link ops.indexAdd}. */
  indexAdd(...args: Rest<typeof ops.indexAdd>): Tensor {
    return ops.indexAdd(this, ...args);
  }
  /** {@link indexAdd} in place. */
  indexAdd_(...args: Rest<typeof ops.indexAdd>): this {
    return ops.indexAdd.inPlace(this, ...args) as this;
  }
  /** Slices replaced. See {@link ops.indexCopy}. */
  indexCopy(...args: Rest<typeof ops.indexCopy>): Tensor {
    return ops.indexCopy(this, ...args);
  }
  /** {@link indexCopy} in place. */
  indexCopy_(...args: Rest<typeof ops.indexCopy>): this {
    return ops.indexCopy.inPlace(this, ...args) as this;
  }
  /** Slices set to one value. See {@link ops.indexFill}. */
  indexFill(...args: Rest<typeof ops.indexFill>): Tensor {
    return ops.indexFill(this, ...args);
  }
  /** {@link indexFill} in place. */
  indexFill_(...args: Rest<typeof ops.indexFill>): this {
    return ops.indexFill.inPlace(this, ...args) as this;
  }
  /** Values at the places that index tensors give. See {@link ops.indexPut}. */
  indexPut(...args: Rest<typeof ops.indexPut>): Tensor {
    return ops.indexPut(this, ...args);
  }
  /** {@link indexPut} in place. */
  indexPut_(...args: Rest<typeof ops.indexPut>): this {
    return ops.indexPut.inPlace(this, ...args) as this;
  }
  /** Slices reduced with others. See {@link ops.indexReduce}. */
  indexReduce(...args: Rest<typeof ops.indexReduce>): Tensor {
    return ops.indexReduce(this, ...args);
  }
  /** {@link indexReduce} in place. */
  indexReduce_(...args: Rest<typeof ops.indexReduce>): this {
    return ops.indexReduce.inPlace(this, ...args) as this;
  }
  /** The slices that an index names. See {@link ops.indexSelect}. */
  indexSelect(...args: Rest<typeof ops.indexSelect>): Tensor {
    return ops.indexSelect(this, ...args);
  }
  /** Elements of x, as one vector, replaced. See {@link ops.put}. */
  put(...args: Rest<typeof ops.put>): Tensor {
    return ops.put(this, ...args);
  }
  /** {@link put} in place. */
  put_(...args: Rest<typeof ops.put>): this {
    return ops.put.inPlace(this, ...args) as this;
  }
  /** `x[…, index[…, j, …], …] = src[…, j, …]` along dim. See {@link ops.scatter}. */
  scatter(...args: Rest<typeof ops.scatter>): Tensor {
    return ops.scatter(this, ...args);
  }
  /** {@link scatter} in place. */
  scatter_(...args: Rest<typeof ops.scatter>): this {
    return ops.scatter.inPlace(this, ...args) as this;
  }
  /** `x[…, index[…, j, …], …] += src[…, j, …]` along dim. See {@link ops.scatterAdd}. */
  scatterAdd(...args: Rest<typeof ops.scatterAdd>): Tensor {
    return ops.scatterAdd(this, ...args);
  }
  /** {@link scatterAdd} in place. */
  scatterAdd_(...args: Rest<typeof ops.scatterAdd>): this {
    return ops.scatterAdd.inPlace(this, ...args) as this;
  }
  /** `x[…, index[…, j, …], …]` reduced with `src[…, j, …]` along dim. See {@link ops.scatterReduce}. */
  scatterReduce(...args: Rest<typeof ops.scatterReduce>): Tensor {
    return ops.scatterReduce(this, ...args);
  }
  /** {@link scatterReduce} in place. */
  scatterReduce_(...args: Rest<typeof ops.scatterReduce>): this {
    return ops.scatterReduce.inPlace(this, ...args) as this;
  }
  /** x with one slice replaced. See {@link ops.selectScatter}. */
  selectScatter(...args: Rest<typeof ops.selectScatter>): Tensor {
    return ops.selectScatter(this, ...args);
  }
  /** x with a range of slices replaced. See {@link ops.sliceScatter}. */
  sliceScatter(...args: Rest<typeof ops.sliceScatter>): Tensor {
    return ops.sliceScatter(this, ...args);
  }
  /** The elements of x, as one vector, that an index names. See {@link ops.take}. */
  take(...args: Rest<typeof ops.take>): Tensor {
    return ops.take(this, ...args);
  }
  /** gather with an index that broadcasts. See {@link ops.takeAlongDim}. */
  takeAlongDim(...args: Rest<typeof ops.takeAlongDim>): Tensor {
    return ops.takeAlongDim(this, ...args);
  }

  // masks and triangles

  /** Where x is not 0, in rows. See {@link ops.argwhere}. */
  argwhere(): Tensor {
    return ops.argwhere(this);
  }
  /** A value where the mask holds. See {@link ops.maskedFill}. */
  maskedFill(...args: Rest<typeof ops.maskedFill>): Tensor {
    return ops.maskedFill(this, ...args);
  }
  /** {@link maskedFill} in place. */
  maskedFill_(...args: Rest<typeof ops.maskedFill>): this {
    return ops.maskedFill.inPlace(this, ...args) as this;
  }
  /** source's elements where the mask holds. See {@link ops.maskedScatter}. */
  maskedScatter(...args: Rest<typeof ops.maskedScatter>): Tensor {
    return ops.maskedScatter(this, ...args);
  }
  /** {@link maskedScatter} in place. */
  maskedScatter_(...args: Rest<typeof ops.maskedScatter>): this {
    return ops.maskedScatter.inPlace(this, ...args) as this;
  }
  /** The elements where the mask holds. See {@link ops.maskedSelect}. */
  maskedSelect(...args: Rest<typeof ops.maskedSelect>): Tensor {
    return ops.maskedSelect(this, ...args);
  }
  /** Where x is not 0: rows, or a vector for each dim. See {@link ops.nonzero}. */
  nonzero(options?: { asTuple?: false }): Tensor;
  nonzero(options: true | { asTuple: true }): Tensor[];
  nonzero(options?: boolean | { asTuple?: boolean }): Tensor | Tensor[] {
    return ops.nonzero(this, options);
  }
  /** The lower triangle. See {@link ops.tril}. */
  tril(...args: Rest<typeof ops.tril>): Tensor {
    return ops.tril(this, ...args);
  }
  /** {@link tril} in place. */
  tril_(...args: Rest<typeof ops.tril>): this {
    return ops.tril.inPlace(this, ...args) as this;
  }
  /** The upper triangle. See {@link ops.triu}. */
  triu(...args: Rest<typeof ops.triu>): Tensor {
    return ops.triu(this, ...args);
  }
  /** {@link triu} in place. */
  triu_(...args: Rest<typeof ops.triu>): this {
    return ops.triu.inPlace(this, ...args) as this;
  }
  /** x where the condition holds, else y. See {@link ops.where}. */
  where(condition: Tensor, y: Tensor | Scalar): Tensor {
    return ops.where(condition, this, y);
  }

  // extremes and order

  /** The largest over dims. See {@link ops.amax}. */
  amax(...args: Rest<typeof ops.amax>): Tensor {
    return ops.amax(this, ...args);
  }
  /** The smallest over dims. See {@link ops.amin}. */
  amin(...args: Rest<typeof ops.amin>): Tensor {
    return ops.amin(this, ...args);
  }
  /** The smallest and the largest. See {@link ops.aminmax}. */
  aminmax(...args: Rest<typeof ops.aminmax>): ReturnType<typeof ops.aminmax> {
    return ops.aminmax(this, ...args);
  }
  /** Where the largest is. See {@link ops.argmax}. */
  argmax(...args: Rest<typeof ops.argmax>): Tensor {
    return ops.argmax(this, ...args);
  }
  /** Where the smallest is. See {@link ops.argmin}. */
  argmin(...args: Rest<typeof ops.argmin>): Tensor {
    return ops.argmin(this, ...args);
  }
  /** The indices that sort x. See {@link ops.argsort}. */
  argsort(...args: Rest<typeof ops.argsort>): Tensor {
    return ops.argsort(this, ...args);
  }
  /** How often each whole number is there. See {@link ops.bincount}. */
  bincount(...args: Rest<typeof ops.bincount>): Tensor {
    return ops.bincount(this, ...args);
  }
  /** The largest so far. See {@link ops.cummax}. */
  cummax(...args: Rest<typeof ops.cummax>): ops.ValuesAndIndices {
    return ops.cummax(this, ...args);
  }
  /** The smallest so far. See {@link ops.cummin}. */
  cummin(...args: Rest<typeof ops.cummin>): ops.ValuesAndIndices {
    return ops.cummin(this, ...args);
  }
  /** Counts by even bins. See {@link ops.histc}. */
  histc(...args: Rest<typeof ops.histc>): Tensor {
    return ops.histc(this, ...args);
  }
  /** Counts by bins. See {@link ops.histogram}. */
  histogram(...args: Rest<typeof ops.histogram>): ReturnType<typeof ops.histogram> {
    return ops.histogram(this, ...args);
  }
  /** The k-th smallest along dim. See {@link ops.kthvalue}. */
  kthvalue(...args: Rest<typeof ops.kthvalue>): ops.ValuesAndIndices {
    return ops.kthvalue(this, ...args);
  }
  /** The largest of all, along dim, or of x and another tensor. See {@link ops.max}. */
  max(): Tensor;
  max(other: Tensor | { other: Tensor }): Tensor;
  max(dim: number | ops.ExtremeOptions, keepdim?: boolean | { keepdim?: boolean }): ops.ValuesAndIndices;
  max(other?: unknown, keepdim?: unknown): Tensor | ops.ValuesAndIndices {
    return ops.max(this, other, keepdim);
  }
  /** The smallest of all, along dim, or of x and another tensor. See {@link ops.min}. */
  min(): Tensor;
  min(other: Tensor | { other: Tensor }): Tensor;
  min(dim: number | ops.ExtremeOptions, keepdim?: boolean | { keepdim?: boolean }): ops.ValuesAndIndices;
  min(other?: unknown, keepdim?: unknown): Tensor | ops.ValuesAndIndices {
    return ops.min(this, other, keepdim);
  }
  /** The median of all, or along dim. See {@link ops.median}. */
  median(): Tensor;
  median(dim: number | ops.ExtremeOptions, keepdim?: boolean | { keepdim?: boolean }): ops.ValuesAndIndices;
  median(...args: readonly unknown[]): Tensor | ops.ValuesAndIndices {
    return ops.median(this, ...args);
  }
  /** The median of what is not NaN. See {@link ops.nanmedian}. */
  nanmedian(): Tensor;
  nanmedian(dim: number | ops.ExtremeOptions, keepdim?: boolean | { keepdim?: boolean }): ops.ValuesAndIndices;
  nanmedian(...args: readonly unknown[]): Tensor | ops.ValuesAndIndices {
    return ops.nanmedian(this, ...args);
  }
  /** The most frequent along dim. See {@link ops.mode}. */
  mode(...args: Rest<typeof ops.mode>): ops.ValuesAndIndices {
    return ops.mode(this, ...args);
  }
  /** Sorted along the first dim. See {@link ops.msort}. */
  msort(): Tensor {
    return ops.msort(this);
  }
  /** The quantiles of what is not NaN. See {@link ops.nanquantile}. */
  nanquantile(...args: Rest<typeof ops.nanquantile>): Tensor {
    return ops.nanquantile(this, ...args);
  }
  /** The quantiles of all, or along dim. See {@link ops.quantile}. */
  quantile(...args: Rest<typeof ops.quantile>): Tensor {
    return ops.quantile(this, ...args);
  }
  /** Sorted along dim. See {@link ops.sort}. */
  sort(...args: Rest<typeof ops.sort>): ops.ValuesAndIndices {
    return ops.sort(this, ...args);
  }
  /** The k largest or smallest along dim. See {@link ops.topk}. */
  topk(...args: Rest<typeof ops.topk>): ops.ValuesAndIndices {
    return ops.topk(this, ...args);
  }
  /** The distinct elements. See {@link ops.unique}. */
  unique(options: { returnInverse: true } & ops.UniqueOptions): Tensor[];
  unique(options: { returnCounts: true } & ops.UniqueOptions): Tensor[];
  unique(options?: { returnInverse?: false; returnCounts?: false } & ops.UniqueOptions): Tensor;
  unique(...args: Rest<typeof ops.unique>): Tensor | Tensor[];
  unique(...args: readonly unknown[]): Tensor | Tensor[] {
    return ops.unique(...([this, ...args] as unknown as Parameters<typeof ops.unique>));
  }
  /** One of each run of equal elements. See {@link ops.uniqueConsecutive}. */
  uniqueConsecutive(options: { returnInverse: true } & ops.ConsecutiveOptions): Tensor[];
  uniqueConsecutive(options: { returnCounts: true } & ops.ConsecutiveOptions): Tensor[];
  uniqueConsecutive(options?: { returnInverse?: false; returnCounts?: false } & ops.ConsecutiveOptions): Tensor;
  uniqueConsecutive(...args: Rest<typeof ops.uniqueConsecutive>): Tensor | Tensor[];
  uniqueConsecutive(...args: readonly unknown[]): Tensor | Tensor[] {
    return ops.uniqueConsecutive(...([this, ...args] as unknown as Parameters<typeof ops.uniqueConsecutive>));
  }

  // movement

  /** View by sizes and strides. See {@link ops.asStrided}. */
  asStrided(...args: Rest<typeof ops.asStrided>): Tensor {
    return ops.asStrided(this, ...args);
  }
  /** {@link asStrided} in place. */
  asStrided_(...args: Rest<typeof ops.asStrided>): this {
    return viewInPlace('asStrided_', this, (x) => ops.asStrided(x, ...args)) as this;
  }
  /** Spread to a shape. See {@link ops.broadcastTo}. */
  broadcastTo(...size: SizeArguments): Tensor {
    return ops.expand(this, sizes(size));
  }
  /** Equal parts along a dim. See {@link ops.chunk}. */
  chunk(...args: Rest<typeof ops.chunk>): Several<Tensor> {
    return ops.chunk(this, ...args);
  }
  /** Copy. See {@link ops.clone}. */
  clone(...args: Rest<typeof ops.clone>): Tensor {
    return ops.clone(this, ...args);
  }
  /** Row-major. See {@link ops.contiguous}. */
  contiguous(...args: Rest<typeof ops.contiguous>): Tensor {
    return ops.contiguous(this, ...args);
  }
  /** Diagonal of a matrix, or a matrix of one. See {@link ops.diag}. */
  diag(...args: Rest<typeof ops.diag>): Tensor {
    return ops.diag(this, ...args);
  }
  /** Diagonals of new matrices. See {@link ops.diagEmbed}. */
  diagEmbed(...args: Rest<typeof ops.diagEmbed>): Tensor {
    return ops.diagEmbed(this, ...args);
  }
  /** Matrix with x on the diagonal. See {@link ops.diagflat}. */
  diagflat(...args: Rest<typeof ops.diagflat>): Tensor {
    return ops.diagflat(this, ...args);
  }
  /** View of a diagonal. See {@link ops.diagonal}. */
  diagonal(...args: Rest<typeof ops.diagonal>): Tensor {
    return ops.diagonal(this, ...args);
  }
  /** x with a diagonal replaced. See {@link ops.diagonalScatter}. */
  diagonalScatter(...args: Rest<typeof ops.diagonalScatter>): Tensor {
    return ops.diagonalScatter(this, ...args);
  }
  /** A number on the diagonal, in place. See {@link ops.fillDiagonal_}. */
  fillDiagonal_(...args: Rest<typeof ops.fillDiagonal_>): this {
    return ops.fillDiagonal_(this, ...args) as this;
  }
  /** Parts along dimension 2. See {@link ops.dsplit}. */
  dsplit(...args: Rest<typeof ops.dsplit>): Several<Tensor> {
    return ops.dsplit(this, ...args);
  }
  /** Dims of size 1 spread. See {@link ops.expand}. */
  expand(...size: SizeArguments): Tensor {
    return ops.expand(this, sizes(size));
  }
  /** Spread to another tensor's shape. See {@link ops.expand}. */
  expandAs(other: Tensor): Tensor {
    checkTensor('expandAs', other, 'other');
    return ops.expand(this, other.shape);
  }
  /** Dims as one. See {@link ops.flatten}. */
  flatten(...args: Rest<typeof ops.flatten>): Tensor {
    return ops.flatten(this, ...args);
  }
  /** Reversed along dims. See {@link ops.flip}. */
  flip(...dims: SizeArguments): Tensor {
    return ops.flip(this, sizes(dims));
  }
  /** Columns reversed. See {@link ops.fliplr}. */
  fliplr(): Tensor {
    return ops.fliplr(this);
  }
  /** Rows reversed. See {@link ops.flipud}. */
  flipud(): Tensor {
    return ops.flipud(this);
  }
  /** Parts along dimension 1. See {@link ops.hsplit}. */
  hsplit(...args: Rest<typeof ops.hsplit>): Several<Tensor> {
    return ops.hsplit(this, ...args);
  }
  /** Dims moved. See {@link ops.movedim}. */
  movedim(...args: Rest<typeof ops.movedim>): Tensor {
    return ops.movedim(this, ...args);
  }
  /** Dims moved. See {@link ops.movedim}. */
  moveaxis(...args: Rest<typeof ops.movedim>): Tensor {
    return ops.movedim(this, ...args);
  }
  /** Part of a dim. See {@link ops.narrow}. */
  narrow(...args: Rest<typeof ops.narrow>): Tensor {
    return ops.narrow(this, ...args);
  }
  /** Copy of a part of a dim. See {@link ops.narrowCopy}. */
  narrowCopy(...args: Rest<typeof ops.narrow>): Tensor {
    return ops.narrowCopy(this, ...args);
  }
  /** Dims in another order. See {@link ops.permute}. */
  permute(...dims: SizeArguments): Tensor {
    return ops.permute(this, sizes(dims));
  }
  /** One dimension. See {@link ops.ravel}. */
  ravel(): Tensor {
    return ops.ravel(this);
  }
  /** Copies side by side. See {@link ops.repeat}. */
  repeat(...repeats: SizeArguments): Tensor {
    return ops.repeat(this, sizes(repeats));
  }
  /** Every element several times. See {@link ops.repeatInterleave}. */
  repeatInterleave(...args: Rest<typeof ops.repeatInterleave>): Tensor {
    return ops.repeatInterleave(this, ...args);
  }
  /** Another shape. See {@link ops.reshape}. */
  reshape(...shape: SizeArguments): Tensor {
    return ops.reshape(this, sizes(shape));
  }
  /** Another tensor's shape. See {@link ops.reshape}. */
  reshapeAs(other: Tensor): Tensor {
    checkTensor('reshapeAs', other, 'other');
    return ops.reshape(this, other.shape);
  }
  /** Moved on, round the end. See {@link ops.roll}. */
  roll(...args: Rest<typeof ops.roll>): Tensor {
    return ops.roll(this, ...args);
  }
  /** Turned by 90°. See {@link ops.rot90}. */
  rot90(...args: Rest<typeof ops.rot90>): Tensor {
    return ops.rot90(this, ...args);
  }
  /** One slice of a dim. See {@link ops.select}. */
  select(...args: Rest<typeof ops.select>): Tensor {
    return ops.select(this, ...args);
  }
  /** Parts along a dim. See {@link ops.split}. */
  split(...args: Rest<typeof ops.split>): Several<Tensor> {
    return ops.split(this, ...args);
  }
  /** Parts of given sizes. See {@link ops.splitWithSizes}. */
  splitWithSizes(...args: Rest<typeof ops.splitWithSizes>): Several<Tensor> {
    return ops.splitWithSizes(this, ...args);
  }
  /** Dims of size 1 dropped. See {@link ops.squeeze}. */
  squeeze(...args: Rest<typeof ops.squeeze>): Tensor {
    return ops.squeeze(this, ...args);
  }
  /** {@link squeeze} in place. */
  squeeze_(...args: Rest<typeof ops.squeeze>): this {
    return viewInPlace('squeeze_', this, (x) => ops.squeeze(x, ...args)) as this;
  }
  /** Transpose of a matrix. See {@link ops.t}. */
  t(): Tensor {
    return ops.t(this);
  }
  /** {@link t} in place. */
  t_(): this {
    return viewInPlace('t_', this, (x) => ops.t(x)) as this;
  }
  /** Parts along a dim. See {@link ops.tensorSplit}. */
  tensorSplit(...args: Rest<typeof ops.tensorSplit>): Several<Tensor> {
    return ops.tensorSplit(this, ...args);
  }
  /** Copies side by side. See {@link ops.tile}. */
  tile(...dims: SizeArguments): Tensor {
    return ops.tile(this, sizes(dims));
  }
  /** Converted to a dtype (or to the one device). See {@link toDType}. */
  to(...args: ToArguments): Tensor {
    const { dtype, copy, memoryFormat } = toTarget(args);
    return toDType(this, dtype ?? this.dtype, copy, memoryFormat);
  }
  /** Converted to the dtype of `other`. */
  typeAs(other: Tensor): Tensor {
    return toDType(this, other.dtype);
  }
  /** As bool. */
  bool(options: FormatOptions = {}): Tensor {
    return toDType(this, 'bool', false, options.memoryFormat);
  }
  /** As uint8. */
  byte(options: FormatOptions = {}): Tensor {
    return toDType(this, 'uint8', false, options.memoryFormat);
  }
  /** As int8. */
  char(options: FormatOptions = {}): Tensor {
    return toDType(this, 'int8', false, options.memoryFormat);
  }
  /** As int16. */
  short(options: FormatOptions = {}): Tensor {
    return toDType(this, 'int16', false, options.memoryFormat);
  }
  /** As int32. */
  int(options: FormatOptions = {}): Tensor {
    return toDType(this, 'int32', false, options.memoryFormat);
  }
  /** As int64. */
  long(options: FormatOptions = {}): Tensor {
    return toDType(this, 'int64', false, options.memoryFormat);
  }
  /** As float32. */
  float(options: FormatOptions = {}): Tensor {
    return toDType(this, 'float32', false, options.memoryFormat);
  }
  /** As float64. */
  double(options: FormatOptions = {}): Tensor {
    return toDType(this, 'float64', false, options.memoryFormat);
  }
  /** As float16. */
  half(options: FormatOptions = {}): Tensor {
    return toDType(this, 'float16', false, options.memoryFormat);
  }
  /** As bfloat16. */
  bfloat16(options: FormatOptions = {}): Tensor {
    return toDType(this, 'bfloat16', false, options.memoryFormat);
  }
  /** Sum of the diagonal. See {@link ops.trace}. */
  trace(): Tensor {
    return ops.trace(this);
  }
  /** Two dims exchanged. See {@link ops.transpose}. */
  transpose(...args: Rest<typeof ops.transpose>): Tensor {
    return ops.transpose(this, ...args);
  }
  /** {@link transpose} in place. */
  transpose_(...args: Rest<typeof ops.transpose>): this {
    return viewInPlace('transpose_', this, (x) => ops.transpose(x, ...args)) as this;
  }
  /** Two dims exchanged. See {@link ops.transpose}. */
  swapaxes(...args: Rest<typeof ops.transpose>): Tensor {
    return ops.transpose(this, ...args);
  }
  /** {@link swapaxes} in place. */
  swapaxes_(...args: Rest<typeof ops.transpose>): this {
    return viewInPlace('swapaxes_', this, (x) => ops.transpose(x, ...args)) as this;
  }
  /** Two dims exchanged. See {@link ops.transpose}. */
  swapdims(...args: Rest<typeof ops.transpose>): Tensor {
    return ops.transpose(this, ...args);
  }
  /** {@link swapdims} in place. */
  swapdims_(...args: Rest<typeof ops.transpose>): this {
    return viewInPlace('swapdims_', this, (x) => ops.transpose(x, ...args)) as this;
  }
  /** Slices along a dim. See {@link ops.unbind}. */
  unbind(...args: Rest<typeof ops.unbind>): Several<Tensor> {
    return ops.unbind(this, ...args);
  }
  /** A dim as several. See {@link ops.unflatten}. */
  unflatten(...args: Rest<typeof ops.unflatten>): Tensor {
    return ops.unflatten(this, ...args);
  }
  /** Sliding windows. See {@link ops.unfold}. */
  unfold(...args: Rest<typeof ops.unfold>): Tensor {
    return ops.unfold(this, ...args);
  }
  /** A dim of size 1. See {@link ops.unsqueeze}. */
  unsqueeze(...args: Rest<typeof ops.unsqueeze>): Tensor {
    return ops.unsqueeze(this, ...args);
  }
  /** {@link unsqueeze} in place. */
  unsqueeze_(...args: Rest<typeof ops.unsqueeze>): this {
    return viewInPlace('unsqueeze_', this, (x) => ops.unsqueeze(x, ...args)) as this;
  }
  /** Another shape, or another dtype, of the same memory. See {@link ops.view}. */
  view(...shape: SizeArguments | [DType]): Tensor {
    if (typeof shape[0] === 'string') return viewDType(this, shape[0] as DType);
    return ops.view(this, sizes(shape as SizeArguments));
  }
  /** A view in the shape of `other`. */
  viewAs(other: Tensor): Tensor {
    checkTensor('viewAs', other, 'other');
    return ops.view(this, other.shape);
  }
  /** Parts along dimension 0. See {@link ops.vsplit}. */
  vsplit(...args: Rest<typeof ops.vsplit>): Several<Tensor> {
    return ops.vsplit(this, ...args);
  }
  /** All dims in the opposite order. */
  get T(): Tensor {
    return reversedDims(this);
  }
  /** The transpose of a matrix, conjugated. */
  get H(): Tensor {
    return ops.conj(hermitianTranspose(this));
  }
  /** The last two dims exchanged. */
  get mT(): Tensor {
    return matrixTranspose(this);
  }
  /** The last two dims exchanged, conjugated. */
  get mH(): Tensor {
    return ops.adjoint(this);
  }
  /** The last two dimensions swapped, and conjugated. */
  adjoint(): Tensor {
    return ops.adjoint(this);
  }
  /** Fourier transforms of overlapping frames. See {@link ops.stft}. */
  stft(...args: Rest<typeof ops.stft>): Tensor {
    return ops.stft(this, ...args);
  }
  /** Its inverse. See {@link ops.istft}. */
  istft(...args: Rest<typeof ops.istft>): Tensor {
    return ops.istft(this, ...args);
  }
  /** The imaginary part, a view. See {@link ops.imaginaryPart}. */
  get imag(): Tensor {
    return ops.imaginaryPart(this);
  }
  /** Complex conjugate. See {@link ops.conj}. */
  conj(): Tensor {
    return ops.conj(this);
  }
  /** The conjugate, in memory of its own. */
  conjPhysical(): Tensor {
    return ops.conj(this);
  }
  /** {@link conjPhysical} in place. */
  conjPhysical_(): this {
    if (!this.dtypeInfo.isComplex) return this;
    return this.copy_(ops.conj(this.clone()));
  }
  /** Itself: nothing is only marked as conjugated. */
  resolveConj(): Tensor {
    return ops.resolveConj(this);
  }
  /** Itself: nothing is only marked as negated. */
  resolveNeg(): Tensor {
    return ops.resolveNeg(this);
  }
  /** Whether it is marked to be read conjugated; never, as {@link conj} computes at once. */
  isConj(): boolean {
    return false;
  }
  /** Whether it is marked to be read negated; never. */
  isNeg(): boolean {
    return false;
  }
  /** The angle in radians. See {@link ops.angle}. */
  angle(): Tensor {
    return ops.angle(this);
  }
  /** Whether there is no imaginary part. See {@link ops.isreal}. */
  isreal(): Tensor {
    return ops.isreal(this);
  }
  /** The real part: x itself where it is real. */
  get real(): Tensor {
    return realPart(this);
  }

  // random

  // linear algebra

  /** L of A = L Lᵀ. See {@link ops.cholesky}. */
  cholesky(...args: Rest<typeof ops.cholesky>): Tensor {
    return ops.cholesky(this, ...args);
  }
  /** (L Lᵀ)⁻¹. See {@link ops.choleskyInverse}. */
  choleskyInverse(...args: Rest<typeof ops.choleskyInverse>): Tensor {
    return ops.choleskyInverse(this, ...args);
  }
  /** (L Lᵀ)⁻¹ · this. See {@link ops.choleskySolve}. */
  choleskySolve(...args: Rest<typeof ops.choleskySolve>): Tensor {
    return ops.choleskySolve(this, ...args);
  }
  /** The determinant. See {@link ops.det}. */
  det(): Tensor {
    return ops.det(this);
  }
  /** LAPACK's QR. See {@link ops.geqrf}. */
  geqrf(): ReturnType<typeof ops.geqrf> {
    return ops.geqrf(this);
  }
  /** A⁻¹. See {@link ops.inverse}. */
  inverse(): Tensor {
    return ops.inverse(this);
  }
  /** log det A. See {@link ops.logdet}. */
  logdet(): Tensor {
    return ops.logdet(this);
  }
  /** LU factors. See {@link ops.lu}. */
  lu(...args: Rest<typeof ops.lu>): ReturnType<typeof ops.lu> {
    return ops.lu(this, ...args);
  }
  /** A⁻¹ · this by LU factors. See {@link ops.luSolve}. */
  luSolve(...args: Rest<typeof ops.luSolve>): Tensor {
    return ops.luSolve(this, ...args);
  }
  /** Σ Aⁿ / n!. See {@link ops.matrixExp}. */
  matrixExp(): Tensor {
    return ops.matrixExp(this);
  }
  /** Aⁿ. See {@link ops.matrixPower}. */
  matrixPower(...args: Rest<typeof ops.matrixPower>): Tensor {
    return ops.matrixPower(this, ...args);
  }
  /** Q of reflections. See {@link ops.orgqr}. */
  orgqr(tau: Tensor): Tensor {
    return ops.orgqr(this, tau);
  }
  /** Q · other of reflections. See {@link ops.ormqr}. */
  ormqr(...args: Rest<typeof ops.ormqr>): Tensor {
    return ops.ormqr(this, ...args);
  }
  /** The pseudo-inverse. See {@link ops.pinverse}. */
  pinverse(...args: Rest<typeof ops.pinverse>): Tensor {
    return ops.pinverse(this, ...args);
  }
  /** A = Q R. See {@link ops.qr}. */
  qr(...args: Rest<typeof ops.qr>): ReturnType<typeof ops.qr> {
    return ops.qr(this, ...args);
  }
  /** sign det A, log |det A|. See {@link ops.slogdet}. */
  slogdet(): ReturnType<typeof ops.slogdet> {
    return ops.slogdet(this);
  }
  /** A = U diag(S) Vᵀ. See {@link ops.svd}. */
  svd(...args: Rest<typeof ops.svd>): ReturnType<typeof ops.svd> {
    return ops.svd(this, ...args);
  }
  /** A = V diag(L) Vᵀ. See {@link ops.symeig}. */
  symeig(...args: Rest<typeof ops.symeig>): ReturnType<typeof ops.symeig> {
    return ops.symeig(this, ...args);
  }
  /** A⁻¹ · this, A triangular. See {@link ops.triangularSolve}. */
  triangularSolve(...args: Rest<typeof ops.triangularSolve>): ReturnType<typeof ops.triangularSolve> {
    return ops.triangularSolve(this, ...args);
  }

  /** Uniform numbers. See {@link ops.uniform_}. */
  uniform_(...args: Rest<typeof ops.uniform_>): this {
    return ops.uniform_(this, ...args) as this;
  }
  /** Normal numbers. See {@link ops.normal_}. */
  normal_(...args: Rest<typeof ops.normal_>): this {
    return ops.normal_(this, ...args) as this;
  }
  /** Whole numbers. See {@link ops.random_}. */
  random_(...args: Rest<typeof ops.random_>): this {
    return ops.random_(this, ...args) as this;
  }
  /** Zeros and ones. See {@link ops.bernoulli_}. */
  bernoulli_(...args: Rest<typeof ops.bernoulli_>): this {
    return ops.bernoulli_(this, ...args) as this;
  }
  /** Zeros and ones with the probabilities in x. See {@link ops.bernoulli}. */
  bernoulli(...args: Rest<typeof ops.bernoulli>): Tensor {
    return ops.bernoulli(this, ...args);
  }
  /** Fills with numbers of density `λ exp(-λ x)`. See {@link ops.exponential_}. */
  exponential_(...args: Rest<typeof ops.exponential_>): this {
    return ops.exponential_(this, ...args) as this;
  }
  /** Fills with the number of trials up to the first success. See {@link ops.geometric_}. */
  geometric_(...args: Rest<typeof ops.geometric_>): this {
    return ops.geometric_(this, ...args) as this;
  }
  /** Fills with numbers of density `σ / π / ((x - median)² + σ²)`. See {@link ops.cauchy_}. */
  cauchy_(...args: Rest<typeof ops.cauchy_>): this {
    return ops.cauchy_(this, ...args) as this;
  }
  /** Fills with numbers whose logarithm is normal. See {@link ops.logNormal_}. */
  logNormal_(...args: Rest<typeof ops.logNormal_>): this {
    return ops.logNormal_(this, ...args) as this;
  }
  /** Indices drawn by weight. See {@link ops.multinomial}. */
  multinomial(...args: Rest<typeof ops.multinomial>): Tensor {
    return ops.multinomial(this, ...args);
  }
}

/** Sizes (or dims) given one by one, as an array, or by name in an options object. */
type SizeArguments = number[] | [Shape] | [Readonly<Record<string, Shape>>];

function sizes(shape: SizeArguments): number[] {
  const first = shape[0];
  if (Array.isArray(first)) return [...(first as Shape)];
  if (isOptions(first)) return [...(Object.values(first)[0] as Shape)];
  return shape as number[];
}

interface FormatOptions {
  memoryFormat?: ops.MemoryFormat | null;
}

interface ToOptions extends FormatOptions {
  dtype?: DType | null;
  device?: Device | string | null;
  nonBlocking?: boolean;
  copy?: boolean;
}

/** PyTorch's three forms: a dtype, a device and a dtype, or another tensor; then nonBlocking and copy. */
type ToArguments =
  | [ToOptions]
  | [target: DType | Tensor, nonBlocking?: boolean | ToOptions, copy?: boolean | ToOptions, options?: ToOptions]
  | [
      device: Device | 'cpu' | null,
      dtype?: DType | null | ToOptions,
      nonBlocking?: boolean | ToOptions,
      copy?: boolean | ToOptions,
      options?: ToOptions,
    ];

function toTarget(args: ToArguments): { dtype: DType | null; copy: boolean; memoryFormat: ops.MemoryFormat | null } {
  const given = [...args] as unknown[];
  const options = (isOptions(given[given.length - 1]) ? given.pop() : {}) as ToOptions;
  checkDevice('to', options.device);
  let dtype = options.dtype ?? null;
  const first = given[0];
  let flags = 1;
  if (first instanceof Tensor) dtype = first.dtype;
  else if (first instanceof Device || first === null || (typeof first === 'string' && !isDType(first))) {
    checkDevice('to', first);
    dtype = (given[1] as DType | null | undefined) ?? dtype;
    flags = 2;
  } else if (first !== undefined) dtype = first as DType;
  const copy = (given[flags + 1] as boolean | undefined) ?? options.copy ?? false;
  return { dtype, copy, memoryFormat: options.memoryFormat ?? null };
}

function isDType(name: string): boolean {
  return Object.hasOwn(DTYPES, name) || ['float', 'double', 'long', 'int', 'short', 'half', 'cfloat'].includes(name);
}
