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
 * A piece of memory that tensors share: an ArrayBuffer and where in it the piece starts. V8's own buffers are reclaimed
 * inside a synchronous loop, which nothing else in Node is, so no loop needs to dispose of anything; large ones are on
 * loan from the backend (see {@link Memory.lent}), which finds out as soon.
 *
 * Pieces below 64 KiB come from slabs, one size class a slab; larger ones from the backend, or each a buffer of V8's. A piece that only
 * the backward engine ever saw goes back to a free list at once (see {@link trackAllocations}); a piece that a user
 * could hold is left to the garbage collector.
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

const SLAB_BYTES = 65536;
const SLAB_LIMIT = 4096;
/** What the free lists may hold in all. */
const FREE_LIMIT = 256 * 2 ** 20;
const poison = process.env.NODEGRAD_POISON === '1';

/** How many slabs were made. */
let slabs = 0;
/** 6 MiB of them: as much stays in a cache until it is used again, and an op of 4 KiB bears 30 ns of a collection. */
const SLABS_BETWEEN_COLLECTIONS = 96;
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

/** Pieces of one size: the buffer they are cut from, and those that are free again. */
class SizeClass {
  memory: Memory | null = null;
  used = SLAB_BYTES;
  readonly free: Storage[] = [];

  constructor(readonly capacity: number) {}

  take(byteLength: number): Storage {
    const { capacity } = this;
    const reused = this.free.pop();
    if (reused !== undefined) return again(reused, byteLength);
    if (this.memory === null || this.used + capacity > SLAB_BYTES) {
      if (++slabs % SLABS_BETWEEN_COLLECTIONS === 0 && collector !== null) collectSlabs(collector);
      this.memory = new Memory(newBuffer(SLAB_BYTES));
      this.used = 0;
    }
    const offset = this.used;
    this.used += capacity;
    return new Storage(this.memory, offset, byteLength, capacity);
  }
}

/** The size classes up to 4 KiB: by sixteenths up to 256 bytes, then by powers of two. */
const fineClasses = Array.from({ length: 17 }, (_, i) => new SizeClass(Math.max(i, 1) * 16));
const coarseClasses = [512, 1024, 2048, SLAB_LIMIT].map((capacity) => new SizeClass(capacity));
/** Free pieces above 4 KiB, by capacity. */
const free = new Map<number, Storage[]>();
let freeBytes = 0;
let tracked: Storage[] | null = null;

function slabClass(bytes: number): SizeClass {
  return bytes <= 256 ? fineClasses[(bytes + 15) >> 4]! : coarseClasses[23 - Math.clz32(bytes - 1)]!;
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
  if (capacity >= LARGE) {
    const memory = newMemory(capacity);
    return new Storage(memory, memory.byteOffset, byteLength, capacity);
  }
  const slab = middleSlabs[capacity >> 12]!;
  // A buffer that somebody detached is empty.
  if (slab.memory === null || slab.next + capacity > Math.min(slab.end, slab.memory.buffer.byteLength)) {
    const bytes = Math.min(16 * capacity, MIDDLE_SLAB_LIMIT);
    slab.memory = newMemory(bytes);
    slab.next = slab.memory.byteOffset;
    slab.end = slab.next + bytes;
  }
  const offset = slab.next;
  slab.next += capacity;
  return new Storage(slab.memory, offset, byteLength, capacity);
}

/** What pieces beyond {@link SLAB_LIMIT} and below {@link LARGE} are cut from, by capacity in pages: large memory. */
const middleSlabs = Array.from({ length: 16 }, () => ({ memory: null as Memory | null, next: 0, end: 0 }));
const MIDDLE_SLAB_LIMIT = 2 ** 18;

/** A free piece put to a new use. */
function again(piece: Storage, byteLength: number): Storage {
  freeBytes -= piece.capacity;
  const storage = new Storage(piece.memory, piece.byteOffset, byteLength, piece.capacity);
  storage.generation = piece.generation + 1;
  return storage;
}

/** Where pieces of 64 KiB and more come from, if the backend has a better place than V8: fresh memory is slow to touch. */
let largeAllocator: LargeAllocator | null = null;
const LARGE = 2 ** 16;

/** Lets a backend provide large memory. */
export function setLargeAllocator(allocator: LargeAllocator): void {
  largeAllocator = allocator;
}

function newMemory(bytes: number): Memory {
  if (bytes > constants.MAX_LENGTH) throw noMemory(bytes, `this Node allows ${constants.MAX_LENGTH} in one piece`);
  const lent = bytes >= LARGE && largeAllocator !== null ? Memory.lent(bytes, largeAllocator) : null;
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
