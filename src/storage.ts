import { constants } from 'node:buffer';
import type { DTypeInfo, TypedArray } from './dtype.js';
import { rangeError, stateError } from './errors.js';
import { type LargeAllocator, Memory } from './memory.js';

/** What the WebAssembly backend keeps of a storage in linear memory; see its Staging. */
export interface LinearCopy {
  /** How often the storage was read while it had none. */
  reads: number;
  /** The backend's count of how often it gave up all copies, when this one was made. */
  epoch: number;
  /** Its address. */
  at: number;
}

/**
 * A piece of memory that tensors share: an ArrayBuffer and where in it the piece starts. What nobody holds is used again
 * inside a synchronous loop, where Node runs no finalizer, so no loop needs to dispose of anything: V8 reclaims its own
 * buffers there, and the backend finds out as soon what it lent (see {@link Memory.lent}).
 *
 * Pieces below 64 KiB are cut from slabs, one size class a slab. A piece that only the backward engine ever saw goes
 * back to a free list at once (see {@link trackAllocations}); a piece that a user could hold is left to the garbage
 * collector.
 */
export class Storage {
  /** The memory's buffer: an empty one after {@link dispose}. */
  buffer: ArrayBuffer;
  /** Counts in-place writes; saved tensors check it. */
  version = 0;
  /** How many pending gradients of a running backward stand on it; only the engine uses it. */
  references = 0;
  /** Whether the engine alone knows of it, so that it may be recycled. */
  engineOwned = false;
  /** Counts reuses of the memory, for the poison mode. */
  generation = 0;
  /** Only the WebAssembly backend uses it. Dropped where JavaScript may write to the memory itself. */
  copy: LinearCopy | null = null;

  constructor(
    /** What the buffer's other pieces share. */
    readonly memory: Memory,
    public readonly byteOffset: number,
    public readonly byteLength: number,
    /** Bytes that may be reused, or 0 where the memory is somebody else's. */
    readonly capacity: number,
  ) {
    this.buffer = memory.buffer;
  }

  /** The bytes of the whole buffer. */
  get bytes(): Uint8Array {
    this.copy = null;
    return this.disposed ? new Uint8Array(0) : this.memory.bytes;
  }

  /** A view of `length` elements from element `offset` on. Never handed to a user: the memory may be a slab's. */
  view(info: DTypeInfo, offset: number, length: number): TypedArray {
    this.copy = null;
    return this.memory.hold(new info.array(this.buffer, this.byteOffset + offset * info.size, length * info.lanes));
  }

  /** Counts a write that went through a view made before, and not through a kernel. */
  noteWrite(): void {
    this.version++;
    this.copy = null;
  }

  /** Whether the memory is gone: disposed of, or its buffer detached or made shorter. */
  get disposed(): boolean {
    return this.byteLength > 0 && this.buffer.byteLength < this.byteOffset + this.byteLength;
  }

  /** Whether it is alive and its elements are those of {@link Memory.floats} and {@link Memory.words}. */
  get isWordAligned(): boolean {
    return (this.byteOffset & 3) === 0 && !this.disposed;
  }

  /** Frees the memory now; every tensor on it throws from then on. Never needed. */
  dispose(): void {
    if (this.byteLength > 0) this.buffer = new ArrayBuffer(0);
  }
}

/** The least bytes of a slab, and of a piece with memory of its own. */
const LARGE = 2 ** 16;
const SLAB_LIMIT = LARGE - 4096;
/** A slab has 16 pieces, if that makes no more than this. */
const MOST_SLAB_BYTES = 2 ** 18;
/** What the free lists may hold in all. */
const FREE_LIMIT = 256 * 2 ** 20;
const poison = process.env.NODEGRAD_POISON === '1';

/** Bytes of V8's slabs made since the last collection. */
let fresh = 0;
/** As much stays in a cache until it is used again, and an op of 4 KiB bears 30 ns of a collection. */
const BETWEEN_COLLECTIONS = 6 * 2 ** 20;
/** What V8's buffers may grow by, beyond a quarter of what they were, before all garbage is collected. */
const GROWTH = 2 * 2 ** 20;
/** Bytes of V8's buffers after all was collected. */
let leftByAll = 0;
/** Whether to find that out at the next look: V8 frees buffers in the background, some time after a collection. */
let finding = true;
let collector: ((all: boolean) => void) | null = null;

/** Lets a backend provide a way to have garbage collected, all or the young. */
export function setCollector(collect: ((all: boolean) => void) | null): void {
  collector = collect;
}

/**
 * Slabs that nobody holds are reused while they are still in a cache, if the young are collected often. One that
 * outlives a few such collections waits for one of all, and V8 sees no reason for that for thousands of steps.
 */
function collectSlabs(collect: (all: boolean) => void): void {
  const used = process.memoryUsage().arrayBuffers;
  if (finding) leftByAll = used;
  finding = used > leftByAll * 1.25 + GROWTH;
  collect(finding);
}

/** Pieces of one size: the slab they are cut from, and those that are free again. */
class SizeClass {
  #memory: Memory | null = null;
  /** Where in the slab's buffer the next piece starts, and where the slab ends. */
  #next = 0;
  #end = 0;
  readonly free: Storage[] = [];
  readonly #slabBytes: number;

  constructor(readonly capacity: number) {
    this.#slabBytes = Math.min(Math.max(16 * capacity, LARGE), MOST_SLAB_BYTES);
  }

  take(byteLength: number): Storage {
    const { capacity } = this;
    const reused = this.free.pop();
    if (reused !== undefined) return again(reused, byteLength);
    if (this.#memory === null || this.#next + capacity > this.#end || this.#wasTaken()) this.#renew();
    const offset = this.#next;
    this.#next += capacity;
    return new Storage(this.#memory!, offset, byteLength, capacity);
  }

  /** Whether somebody detached the buffer; a look takes too long for a small piece. */
  #wasTaken(): boolean {
    return this.capacity > 4096 && this.#memory!.buffer.byteLength === 0;
  }

  #renew(): void {
    this.#memory = newMemory(this.#slabBytes);
    this.#next = this.#memory.byteOffset;
    this.#end = this.#next + this.#slabBytes;
    if (this.#memory.pooled) return;
    fresh += this.#slabBytes;
    if (fresh < BETWEEN_COLLECTIONS || collector === null) return;
    fresh = 0;
    collectSlabs(collector);
  }
}

/** The size classes below {@link LARGE}: by sixteenths up to 256 bytes, by powers of two to 4 KiB, by pages. */
const fineClasses = Array.from({ length: 17 }, (_, i) => new SizeClass(Math.max(i, 1) * 16));
const coarseClasses = [512, 1024, 2048, 4096].map((capacity) => new SizeClass(capacity));
const pageClasses = Array.from({ length: 16 }, (_, i) => new SizeClass(i * 4096));
/** Free pieces of {@link LARGE} and more, by capacity. */
const free = new Map<number, Storage[]>();
let freeBytes = 0;
let tracked: Storage[] | null = null;

function slabClass(bytes: number): SizeClass {
  if (bytes <= 256) return fineClasses[(bytes + 15) >> 4]!;
  return bytes <= 4096 ? coarseClasses[23 - Math.clz32(bytes - 1)]! : pageClasses[(bytes + 4095) >> 12]!;
}

/** Eight classes to a power of two: at most an eighth is lost. */
function largeClass(bytes: number): number {
  const step = 2 ** Math.max(12, Math.floor(Math.log2(bytes)) - 3);
  return Math.ceil(bytes / step) * step;
}

/**
 * The one place memory comes from. The content is not initialised: every kernel writes the whole of its output.
 * @throws RangeError naming the bytes wanted and in use, when there is no memory
 */
export function allocate(byteLength: number): Storage {
  const storage = byteLength <= SLAB_LIMIT ? slabClass(byteLength).take(byteLength) : takeLarge(byteLength);
  if (tracked !== null) {
    storage.engineOwned = true;
    tracked.push(storage);
  }
  return storage;
}

function takeLarge(byteLength: number): Storage {
  const capacity = largeClass(byteLength);
  const reused = free.get(capacity)?.pop();
  if (reused !== undefined) return again(reused, byteLength);
  const memory = newMemory(capacity);
  return new Storage(memory, memory.byteOffset, byteLength, capacity);
}

/** A free piece put to a new use. */
function again(piece: Storage, byteLength: number): Storage {
  freeBytes -= piece.capacity;
  const storage = new Storage(piece.memory, piece.byteOffset, byteLength, piece.capacity);
  storage.generation = piece.generation + 1;
  return storage;
}

/** Where slabs and large pieces come from, if the backend has a better place than V8: fresh memory is slow to touch. */
let largeAllocator: LargeAllocator | null = null;

/** Lets a backend provide large memory. */
export function setLargeAllocator(allocator: LargeAllocator): void {
  largeAllocator = allocator;
}

function newMemory(bytes: number): Memory {
  if (bytes > constants.MAX_LENGTH) throw noMemory(bytes, `this Node allows ${constants.MAX_LENGTH} in one piece`);
  const lent = largeAllocator !== null ? Memory.lent(bytes, largeAllocator) : null;
  return lent ?? new Memory(newBuffer(bytes));
}

function newBuffer(bytes: number): ArrayBuffer {
  try {
    return Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer;
  } catch (error) {
    throw noMemory(bytes, (error as Error).message);
  }
}

function noMemory(bytes: number, why: string): RangeError {
  const used = process.memoryUsage().arrayBuffers;
  return rangeError(
    `allocate: could not get ${bytes} bytes (${used} bytes are in use): ${why}; use smaller tensors or batches.`,
  );
}

/** Zeroed memory. */
export function allocateZeroed(byteLength: number): Storage {
  const storage = allocate(byteLength);
  storage.bytes.fill(0, storage.byteOffset, storage.byteOffset + byteLength);
  return storage;
}

/** Memory that somebody else made and shares with us. */
export function fromBuffer(buffer: ArrayBuffer, byteOffset: number, byteLength: number): Storage {
  if (buffer.byteLength < byteOffset + byteLength) throw stateError('fromTypedArray: the array is detached.');
  return new Storage(new Memory(buffer), byteOffset, byteLength, 0);
}

/** Gives an engine-owned piece back, to be used by the next {@link allocate} of its size. */
export function recycle(storage: Storage): void {
  storage.engineOwned = false;
  if (poison) storage.bytes.fill(0xff, storage.byteOffset, storage.byteOffset + storage.byteLength);
  if (storage.capacity === 0 || freeBytes + storage.capacity > FREE_LIMIT) return;
  freeBytes += storage.capacity;
  if (storage.capacity <= SLAB_LIMIT) {
    slabClass(storage.capacity).free.push(storage);
    return;
  }
  const list = free.get(storage.capacity);
  if (list === undefined) free.set(storage.capacity, [storage]);
  else list.push(storage);
}

/**
 * Runs `body` noting in `into` all it allocates, as the engine's own: what no result stands on can be recycled after.
 * With `into` null nothing is noted: for code that may keep what it makes (hooks, user functions, caches).
 */
export function trackAllocations<T>(into: Storage[] | null, body: () => T): T {
  const before = tracked;
  tracked = into;
  try {
    return body();
  } finally {
    tracked = before;
  }
}

/** Starts noting allocations; {@link setTracked} the returned value to stop. The engine's hot path, without a closure. */
export function setTracked(into: Storage[] | null): Storage[] | null {
  const before = tracked;
  tracked = into;
  return before;
}
