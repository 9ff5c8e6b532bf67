import { type BackwardOptions, backward } from './autograd/engine.js';
import { mode } from './autograd/mode.js';
import { AccumulateGrad, type Node, type RemovableHandle, type TensorHook } from './autograd/node.js';
import { recordInPlace } from './autograd/record.js';
import { kernels } from './backends/index.js';
import { checkDevice, cpu, Device } from './device.js';
import { DTYPES, type DType, type DTypeInfo, type TypedArray } from './dtype.js';
import { autogradError, rangeError, stateError, typeError } from './errors.js';
import { checkInPlace, checkInPlaceShape, checkTensor, scalarOperand } from './ops/apply.js';
import type { IndexItem } from './indexing.js';
import * as ops from './ops/index.js';
import { isOptions, type Rest } from './ops/options.js';
import { type Element, formatTensor } from './printing.js';
import { defaultDType, dtypeOf, isScalar, type Scalar } from './promotion.js';
import { reprSymbol } from './repr.js';
import { broadcastTwo, checkSizes, contiguousStrides, isContiguous, numberOfElements, type Shape, wrapDim } from './shape.js';
import { Size } from './size.js';
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
  ) {
    this.shape = shape;
    this.count = numberOfElements(shape);
    this.strides = strides ?? contiguousStrides(shape);
    this.isDense = strides === null || isContiguous(shape, strides);
  }

  // ---- making tensors from this one (internal) ----

  /** @internal A new tensor of this dtype (or another); its elements are not set. */
  makeEmpty(shape: Shape, info: DTypeInfo): Tensor {
    const strides = shape === this.shape && this.isDense ? this.strides : null;
    return new Tensor(allocate(numberOfElements(shape) * info.size), 0, shape, strides, info);
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
    return this.#requiresGrad || (this.viewBase !== null && this.viewBase.requiresGrad);
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }

  /** Asks for gradients of a leaf, or no more. @throws Error for integers, and for what the graph made */
  requiresGrad_(value: boolean | { requiresGrad?: boolean } = true): this {
    const wanted = isOptions(value) ? ((value as { requiresGrad?: boolean }).requiresGrad ?? true) : value;
    if (this.gradFn !== null && !wanted) {
      throw autogradError("requiresGrad_: you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use x.detach().");
    }
    if (wanted && !this.dtypeInfo.isDifferentiable) {
      throw autogradError(`requiresGrad_: only Tensors of floating point and complex dtype can require gradients, but this one is ${this.dtype}; create it with { dtype: 'float32' }.`);
    }
    this.#requiresGrad = wanted as boolean;
    return this;
  }

  /** The node that made it, or null for a leaf. */
  get gradFn(): Node | null {
    const base = this.viewBase;
    if (base !== null && (this.#meta?.viewVersion ?? 0) !== this.storage.version && (this.#gradFn !== null || base.requiresGrad)) {
      this.#regenerateHistory(base);
    }
    return this.#gradFn;
  }

  /** A view whose memory was written to in place gets its history anew, from its base. */
  #regenerateHistory(base: Tensor): void {
    this.#metaOf().viewVersion = this.storage.version;
    if (base.gradFn === null) return;
    const before = mode.grad;
    mode.grad = true;
    const anew = ops.asStrided(base, this.shape, this.strides, this.offset);
    mode.grad = before;
    this.#gradFn = anew.#gradFn;
    this.outputIndex = 0;
  }

  /** @internal Makes `node` its history. */
  setHistory(node: Node, output: number): void {
    this.#gradFn = node;
    this.outputIndex = output;
    this.#requiresGrad = true;
    if (this.viewBase !== null && (this.#meta !== null || this.storage.version !== 0)) this.#metaOf().viewVersion = this.storage.version;
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
      throw autogradError(`${op}: Output ${this.outputIndex} of ${this.#gradFn?.name ?? 'a split'} is a view and is being modified inplace. This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.`);
    }
    if (creation === 'noGrad') {
      throw autogradError(`${op}: A view was created in no_grad mode and is being modified inplace with grad mode enabled. Move both the view and the inplace either both inside noGrad, or both outside.`);
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
      if (value.shape.length !== this.shape.length || value.shape.some((size, i) => size !== this.shape[i])) {
        throw rangeError(`grad: assigned grad has data of a different size: [${value.shape.join(', ')}], but the tensor has [${this.shape.join(', ')}].`);
      }
      if (value.dtypeInfo !== this.dtypeInfo) throw typeError(`grad: assigned grad has data of a different type: ${value.dtype}, but the tensor is ${this.dtype}.`);
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
  backward(gradient?: Tensor | null | (BackwardOptions & { gradient?: Tensor | null }), options?: BackwardOptions): void {
    if (isOptions(gradient)) backward(this, (gradient as { gradient?: Tensor | null }).gradient ?? null, gradient as BackwardOptions);
    else backward(this, (gradient as Tensor | null | undefined) ?? null, options ?? {});
  }

  /** Keeps `.grad` of a tensor that is not a leaf. */
  retainGrad(): void {
    if (!this.requiresGrad) throw autogradError("retainGrad: can't retain_grad on Tensor that has requires_grad=False.");
    const node = this.gradFn;
    if (node === null) return;
    this.#metaOf().retainsGrad = true;
    node.retain(this.outputIndex, this);
  }

  get retainsGrad(): boolean {
    return this.#meta?.retainsGrad ?? false;
  }

  /** Calls `hook` with the gradient when it is computed; what the hook returns takes its place. */
  registerHook(hook: TensorHook): RemovableHandle {
    if (!this.requiresGrad) throw autogradError("registerHook: cannot register a hook on a tensor that doesn't require gradient.");
    return (this.gradFn ?? this.accumulator()).registerTensorHook(this.outputIndex, hook);
  }

  /** The same memory without history. */
  detach(): Tensor {
    return this.makeDetached();
  }

  /** Drops the history. */
  detach_(): this {
    if (this.viewBase !== null) throw autogradError('detach_: Can\'t detach views in-place. Use detach() instead.');
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

  get dtype(): DType {
    return this.dtypeInfo.name;
  }

  get device(): Device {
    return cpu;
  }

  get ndim(): number {
    return this.shape.length;
  }

  /** How many dimensions. */
  dim(): number {
    return this.shape.length;
  }

  /** How many elements. */
  numel(): number {
    return this.count;
  }

  /** The sizes, or one of them. */
  size(): Size;
  size(dim: number): number;
  size(dim?: number): Size | number {
    if (dim === undefined) return Size.from(this.shape) as Size;
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

  storageOffset(): number {
    return this.offset;
  }

  /** Bytes an element. */
  elementSize(): number {
    return this.dtypeInfo.size;
  }

  get itemsize(): number {
    return this.dtypeInfo.size;
  }

  get nbytes(): number {
    return this.count * this.dtypeInfo.size;
  }

  isContiguous(): boolean {
    return this.isDense;
  }

  isFloatingPoint(): boolean {
    return this.dtypeInfo.isFloat;
  }

  isComplex(): boolean {
    return this.dtypeInfo.isComplex;
  }

  /** @internal PyTorch's private counter of in-place writes. */
  get _version(): number {
    return this.storage.version;
  }

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
    return this.#read(this.#wholeView(), at);
  }

  #wholeView(): TypedArray {
    this.#checkAlive();
    return this.storage.view(this.dtypeInfo, 0, Math.floor(this.storage.byteLength / this.dtypeInfo.size));
  }

  #checkAlive(): void {
    if (this.storage.disposed) throw stateError('the memory of this tensor was freed by dispose(), or its array was detached; use it before.');
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

  /** The one value of a tensor of one element. int64 beyond 2⁵³ comes as a bigint. */
  item(): number {
    if (this.count !== 1) throw rangeError(`item: only one element tensors can be converted to JavaScript scalars, but this one has shape [${this.shape.join(', ')}]; use tolist().`);
    return this.elementAt(0) as number;
  }

  /** Nested arrays of the values. */
  tolist(): Nested {
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
    if (this.requiresGrad) throw autogradError("numpy: Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead.");
    return this.toTypedArray();
  }

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

  /** Walks dimension 0. */
  *[Symbol.iterator](): IterableIterator<Tensor> {
    if (this.shape.length === 0) throw typeError('iteration over a 0-d tensor; use item().');
    yield* ops.unbind(this, 0);
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

  newEmpty(shape: Shape, options: TensorOptions = {}): Tensor {
    checkDevice('newEmpty', options.device);
    checkSizes('newEmpty', shape);
    const info = options.dtype === undefined || options.dtype === null ? this.dtypeInfo : dtypeOf('newEmpty', options.dtype);
    const made = trackAllocations(null, () => this.makeEmpty([...shape], info));
    return options.requiresGrad ? made.requiresGrad_() : made;
  }

  newEmptyStrided(shape: Shape, strides: readonly number[], options: TensorOptions = {}): Tensor {
    const info = options.dtype === undefined || options.dtype === null ? this.dtypeInfo : dtypeOf('newEmptyStrided', options.dtype);
    const extent = shape.reduce((reach, size, i) => (size === 0 ? Number.NEGATIVE_INFINITY : reach + (size - 1) * strides[i]!), 1);
    return this.makeEmpty([Math.max(extent, 0)], info).makeAlias([...shape], [...strides], 0);
  }

  newFull(shape: Shape, value: Scalar, options: TensorOptions = {}): Tensor {
    const { requiresGrad, ...rest } = options;
    const made = this.newEmpty(shape, rest);
    made.fillWith(value);
    return requiresGrad ? made.requiresGrad_() : made;
  }

  newZeros(shape: Shape, options: TensorOptions = {}): Tensor {
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

  newOnes(shape: Shape, options: TensorOptions = {}): Tensor {
    return this.newFull(shape, 1, options);
  }

  /** @internal Every element set, without a record or a version. */
  fillWith(value: Scalar): void {
    kernels.copy(this, scalarOperand(value, this.dtypeInfo));
  }

  // ---- in place ----

  /** Every element set to `value`. */
  fill_(value: Scalar | Tensor): this {
    checkInPlace('fill_', this);
    if (isScalar(value)) {
      this.fillWith(value);
      recordInPlace('FillBackward0', this, [this], [], [(grad) => grad.newZeros(grad.shape)]);
      return this;
    }
    if (value.shape.length > 0) throw rangeError(`fill_: fill_ only supports 0-dimension value tensor but got tensor with ${value.shape.length} dimensions.`);
    kernels.copy(this, value);
    recordInPlace('FillBackward1', this, [this, value], [], [(grad) => grad.newZeros(grad.shape), (grad) => grad.sum()]);
    return this;
  }

  zero_(): this {
    checkInPlace('zero_', this);
    this.fillWith(0);
    recordInPlace('ZeroBackward0', this, [this], [], [(grad) => grad.newZeros(grad.shape)]);
    return this;
  }

  /** Overwritten with `source`, broadcast and converted. */
  copy_(source: Tensor): this {
    checkTensor('copy_', source, 'other');
    checkInPlaceShape('copy_', this, broadcastTwo('copy_', this.shape, source.shape));
    checkInPlace('copy_', this);
    kernels.copy(this, source);
    recordInPlace('CopyBackwards', this, [this, source], [], [(grad) => grad.newZeros(grad.shape), (grad) => grad]);
    return this;
  }

  // ---- ops: each is a function in src/ops, where its documentation stands ----

  /** `x + alpha * y`. See {@link ops.add}. */
  add(y: Tensor | Scalar, options?: ops.AlphaOptions): Tensor {
    return ops.add(this, y, options);
  }
  add_(y: Tensor | Scalar, options?: ops.AlphaOptions): this {
    return ops.add.inPlace(this, y, options) as this;
  }
  /** `x - alpha * y`. See {@link ops.sub}. */
  sub(y: Tensor | Scalar, options?: ops.AlphaOptions): Tensor {
    return ops.sub(this, y, options);
  }
  sub_(y: Tensor | Scalar, options?: ops.AlphaOptions): this {
    return ops.sub.inPlace(this, y, options) as this;
  }
  /** `x * y`. See {@link ops.mul}. */
  mul(y: Tensor | Scalar): Tensor {
    return ops.mul(this, y);
  }
  mul_(y: Tensor | Scalar): this {
    return ops.mul.inPlace(this, y) as this;
  }
  /** `x / y`. See {@link ops.div}. */
  div(y: Tensor | Scalar): Tensor {
    return ops.div(this, y);
  }
  div_(y: Tensor | Scalar): this {
    return ops.div.inPlace(this, y) as this;
  }
  /** `-x`. See {@link ops.neg}. */
  neg(): Tensor {
    return ops.neg(this);
  }
  /** `e ** x`. See {@link ops.exp}. */
  exp(): Tensor {
    return ops.exp(this);
  }
  exp_(): this {
    return ops.exp.inPlace(this) as this;
  }

  /** Sum over dims. See {@link ops.sum}. */
  sum(...args: Rest<typeof ops.sum>): Tensor {
    return ops.sum(this, ...args);
  }
  /** Mean over dims. See {@link ops.mean}. */
  mean(...args: Rest<typeof ops.mean>): Tensor {
    return ops.mean(this, ...args);
  }
  /** The sum that undoes a broadcast. See {@link ops.sumToSize}. */
  sumToSize(...shape: number[] | [Shape]): Tensor {
    return ops.sumToSize(this, sizes(shape));
  }

  /** Matrix product. See {@link ops.matmul}. */
  matmul(y: Tensor): Tensor {
    return ops.matmul(this, y);
  }
  mm(y: Tensor): Tensor {
    return ops.mm(this, y);
  }
  bmm(y: Tensor): Tensor {
    return ops.bmm(this, y);
  }
  mv(y: Tensor): Tensor {
    return ops.mv(this, y);
  }
  dot(y: Tensor): Tensor {
    return ops.dot(this, y);
  }

  // indexing

  /** `x[items]`. See {@link ops.at}. */
  at(...items: IndexItem[]): Tensor {
    return ops.at(this, ...items);
  }
  /** `x[items] = value`. See {@link ops.setAt}. */
  setAt(items: IndexItem | readonly IndexItem[], value: Tensor | Scalar): void {
    ops.setAt(this, items, value);
  }
  /** values at the places indices give. See {@link ops.indexPut}. */
  indexPut(...args: Rest<typeof ops.indexPut>): Tensor {
    return ops.indexPut(this, ...args);
  }
  indexPut_(...args: Rest<typeof ops.indexPut>): this {
    return ops.indexPut_(this, ...args) as this;
  }

  clone(): Tensor {
    return ops.clone(this);
  }
  contiguous(): Tensor {
    return ops.contiguous(this);
  }
  /** Converted to a dtype (or to the one device). See {@link ops.toDType}. */
  to(target: DType | Tensor | Device | 'cpu' | { dtype?: DType; device?: Device | string; copy?: boolean }, options: { copy?: boolean } = {}): Tensor {
    if (isOptions(target)) {
      const { dtype, device, copy } = target as { dtype?: DType; device?: string; copy?: boolean };
      checkDevice('to', device);
      return ops.toDType(this, dtype ?? this.dtype, copy ?? false);
    }
    if (target instanceof Tensor) return ops.toDType(this, target.dtype, options.copy ?? false);
    if (target instanceof Device || (typeof target === 'string' && !Object.hasOwn(DTYPES, target) && !isDTypeAlias(target))) {
      checkDevice('to', target);
      return options.copy ? ops.clone(this) : this;
    }
    return ops.toDType(this, target as DType, options.copy ?? false);
  }
  view(...shape: number[] | [Shape] | [DType]): Tensor {
    if (typeof shape[0] === 'string') return ops.viewDType(this, shape[0] as DType);
    return ops.view(this, sizes(shape as number[]));
  }
  reshape(...shape: number[] | [Shape]): Tensor {
    return ops.reshape(this, sizes(shape));
  }
  flatten(startDim?: number, endDim?: number): Tensor {
    return ops.flatten(this, startDim, endDim);
  }
  permute(...dims: number[] | [readonly number[]]): Tensor {
    return ops.permute(this, sizes(dims));
  }
  transpose(dim0: number, dim1: number): Tensor {
    return ops.transpose(this, dim0, dim1);
  }
  t(): Tensor {
    return ops.t(this);
  }
  expand(...shape: number[] | [Shape]): Tensor {
    return ops.expand(this, sizes(shape));
  }
  squeeze(dim?: number | null): Tensor {
    return ops.squeeze(this, dim);
  }
  unsqueeze(dim: number): Tensor {
    return ops.unsqueeze(this, dim);
  }
  select(dim: number, index: number): Tensor {
    return ops.select(this, dim, index);
  }
  narrow(dim: number, start: number | Tensor, length: number): Tensor {
    return ops.narrow(this, dim, start, length);
  }
  asStrided(shape: Shape, strides: readonly number[], storageOffset?: number | null): Tensor {
    return ops.asStrided(this, shape, strides, storageOffset);
  }
  split(splitSize: number | readonly number[], dim = 0): Tensor[] {
    return ops.split(this, splitSize, dim);
  }
  chunk(chunks: number, dim = 0): Tensor[] {
    return ops.chunk(this, chunks, dim);
  }
  unbind(dim = 0): Tensor[] {
    return ops.unbind(this, dim);
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
  exponential_(...args: Rest<typeof ops.exponential_>): this {
    return ops.exponential_(this, ...args) as this;
  }
  geometric_(...args: Rest<typeof ops.geometric_>): this {
    return ops.geometric_(this, ...args) as this;
  }
  cauchy_(...args: Rest<typeof ops.cauchy_>): this {
    return ops.cauchy_(this, ...args) as this;
  }
  logNormal_(...args: Rest<typeof ops.logNormal_>): this {
    return ops.logNormal_(this, ...args) as this;
  }
  /** Indices drawn by weight. See {@link ops.multinomial}. */
  multinomial(...args: Rest<typeof ops.multinomial>): Tensor {
    return ops.multinomial(this, ...args);
  }
}

function isDTypeAlias(name: string): boolean {
  return ['float', 'double', 'long', 'int', 'short', 'half'].includes(name);
}

/** Sizes given one by one or as an array. */
function sizes(shape: number[] | [Shape]): number[] {
  return Array.isArray(shape[0]) ? [...(shape[0] as Shape)] : (shape as number[]);
}
