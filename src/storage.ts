import type { DTypeInfo, TypedArray } from './dtype.js';
import { rangeError, stateError } from './errors.js';

/** A buffer and views of the whole of it, each made once: a view costs more than a small op. */
export class Memory {
  #bytes: Uint8Array | null = null;
  #words: Int32Array | null = null;

  constructor(
    readonly buffer: ArrayBuffer,
    /** Whether the backend reuses it once it is collected: it must stay in this thread. */
    readonly pooled = false,
  ) {}

  get bytes(): Uint8Array {
    this.#bytes ??= new Uint8Array(this.buffer);
    return this.#bytes;
  }

  /** The whole 32-bit words of the buffer. */
  get words(): Int32Array {
    this.#words ??= new Int32Array(this.buffer, 0, this.buffer.byteLength >> 2);
    return this.#words;
  }
}

/**
 * A piece of memory that tensors share: a V8-owned ArrayBuffer and where in it the piece starts. V8 reclaims such
 * buffers inside a synchronous loop, which nothing else in Node does, so no loop needs to dispose of anything.
 *
 * Pieces up to 4 KiB come from slabs, one size class a slab; larger ones have a buffer of their own. A piece that only
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
    return this.disposed ? new Uint8Array(0) : this.memory.bytes;
  }

  /** A view of `length` elements from element `offset` on. Never handed to a user: the memory may be a slab's. */
  view(info: DTypeInfo, offset: number, length: number): TypedArray {
    return new info.array(this.buffer, this.byteOffset + offset * info.size, length * info.lanes);
  }

  get disposed(): boolean {
    return this.buffer.byteLength === 0 && this.byteLength > 0;
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

interface Slab {
  readonly memory: Memory;
  used: number;
}

/** By size class: multiples of 16 up to 256, powers of two up to 4096. */
const slabs: (Slab | undefined)[] = [];
const free = new Map<number, Storage[]>();
let freeBytes = 0;
let tracked: Storage[] | null = null;

function slabClass(bytes: number): number {
  return bytes <= 256 ? (bytes + 15) & ~15 || 16 : 1 << (32 - Math.clz32(bytes - 1));
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
  const small = byteLength <= SLAB_LIMIT;
  const capacity = small ? slabClass(byteLength) : largeClass(byteLength);
  const list = free.get(capacity);
  let storage: Storage;
  const reused = list?.pop();
  if (reused !== undefined) {
    freeBytes -= capacity;
    storage = new Storage(reused.memory, reused.byteOffset, byteLength, capacity);
    storage.generation = reused.generation + 1;
  } else if (small) {
    storage = fromSlab(byteLength, capacity);
  } else {
    storage = new Storage(newMemory(capacity), 0, byteLength, capacity);
  }
  if (tracked !== null) {
    storage.engineOwned = true;
    tracked.push(storage);
  }
  return storage;
}

function fromSlab(byteLength: number, capacity: number): Storage {
  let slab = slabs[capacity];
  if (slab === undefined || slab.used + capacity > SLAB_BYTES) {
    slab = { memory: new Memory(newBuffer(SLAB_BYTES)), used: 0 };
    slabs[capacity] = slab;
  }
  const offset = slab.used;
  slab.used += capacity;
  return new Storage(slab.memory, offset, byteLength, capacity);
}

/** Where pieces of 1 MiB and more come from, if the backend has a better place than V8. */
let largeAllocator: ((bytes: number) => ArrayBuffer | null) | null = null;
const LARGE = 2 ** 20;

/** Lets a backend provide large memory. What it gives must be reclaimed when the ArrayBuffer is. */
export function setLargeAllocator(allocator: (bytes: number) => ArrayBuffer | null): void {
  largeAllocator = allocator;
}

function newMemory(bytes: number): Memory {
  const pooled = bytes >= LARGE && largeAllocator !== null ? largeAllocator(bytes) : null;
  return pooled === null ? new Memory(newBuffer(bytes)) : new Memory(pooled, true);
}

function newBuffer(bytes: number): ArrayBuffer {
  try {
    return Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer;
  } catch (error) {
    const used = process.memoryUsage().arrayBuffers;
    throw rangeError(
      `allocate: could not get ${bytes} bytes (${used} bytes are in use): ${(error as Error).message}; use smaller tensors or batches.`,
    );
  }
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
  let list = free.get(storage.capacity);
  if (list === undefined) {
    list = [];
    free.set(storage.capacity, list);
  }
  list.push(storage);
  freeBytes += storage.capacity;
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
