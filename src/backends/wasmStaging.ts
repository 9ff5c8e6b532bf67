import type { DTypeInfo } from '../dtype.js';
import { rangeError, stateError } from '../errors.js';
import { DESCRIPTOR_WORDS } from '../kernels.js';
import type { Storage } from '../storage.js';
import type { Operand } from './call.js';

interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What staging uses of the module. */
export interface StagedModule {
  readonly memory: LinearMemory;
  descriptor(): number;
  heapBase(): number;
}

const PAGE = 65536;
const LIMIT = 65536 * PAGE;

/** Up to this many bytes a loop over words beats Uint8Array.set, which needs a view for its source. */
const SMALL = 256;
const WORD_LIMIT = 2 ** 31 - 1;

/** What is smaller is staged faster than looked after. */
const RESIDENT_BYTES = 16384;
/** The reading from which on a storage stays in linear memory: what lasts, and not what one step makes and reads. */
const RESIDENT_READS = 3;
/** What the resident copies may take in all. */
const RESIDENT_LIMIT = 32 * 2 ** 20;

/**
 * Linear memory is never a tensor's home: operands are staged in above the module's own data, results staged out.
 * Large storages that are used again and again (parameters, what optimizers keep) also stay there, above the staged
 * ones: kernels work on these copies, and what they write is copied home at once. So any copy may be given up at any
 * time, and when there is no more room all of them are.
 */
export class Staging {
  descriptor!: Int32Array;
  #bytes!: Uint8Array;
  #words!: Int32Array;
  #top = 0;
  readonly #base: number;
  /** Between the staged operands and the resident copies. */
  #border: number;
  #residentTop: number;
  /** Copies made in an earlier epoch are void. */
  #epoch = 0;
  #isFull = false;

  constructor(readonly module: StagedModule) {
    this.#base = (module.heapBase() + 63) & ~63;
    this.#border = this.#base + 2 ** 20;
    this.#residentTop = this.#border;
    this.#refresh();
    if (this.#border > this.#bytes.byteLength) this.#grow(this.#border, 0);
  }

  #refresh(): void {
    const { buffer } = this.module.memory;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Int32Array(buffer);
    this.descriptor = new Int32Array(buffer, this.module.descriptor(), DESCRIPTOR_WORDS);
  }

  /** Makes room for `bytes` in all; what was staged before is void. */
  reserve(bytes: number): void {
    this.#top = this.#base;
    const need = this.#base + bytes;
    if (need > this.#border) {
      this.#border = (Math.min(LIMIT, this.#base + bytes * 1.5) + 63) & ~63;
      if (this.#border < need) this.#border = need;
      this.#isFull = true;
    }
    if (this.#isFull) {
      this.#epoch++;
      this.#residentTop = this.#border;
      this.#isFull = false;
    }
    if (need > this.#bytes.byteLength) this.#grow(need, bytes);
  }

  #grow(need: number, bytes: number): void {
    const have = this.#bytes.byteLength;
    if (need > LIMIT) throw rangeError(`wasm: an op on ${bytes} bytes does not fit the 4 GiB a module can address.`);
    const target = Math.min(LIMIT, Math.max(need, have * 1.5));
    try {
      this.module.memory.grow(Math.ceil((target - have) / PAGE));
    } catch {
      throw rangeError(`wasm: could not grow the memory to ${target} bytes (${have} in use); use smaller tensors.`);
    }
    this.#refresh();
  }

  /**
   * Where a kernel reads, or only writes, `length` elements from element `start` of x's buffer: in the resident copy
   * of the storage, or in a place that they are copied to if they are read.
   */
  address(x: Operand, start: number, length: number, isRead: boolean): number {
    const resident = this.resident(x, start, isRead);
    if (resident !== 0) return resident;
    const at = this.place(length, x.dtypeInfo);
    if (isRead) this.copyIn(at, x, start, length);
    return at;
  }

  /** A place for `length` elements, of the room that was reserved. */
  place(length: number, info: DTypeInfo): number {
    const at = this.#top;
    this.#top = (at + length * info.size + 63) & ~63;
    return at;
  }

  /** Where element `start` of x's buffer is in the resident copy of the storage, made if it is due; 0: there is none. */
  resident(x: Operand, start: number, isRead: boolean): number {
    const { storage } = x;
    if (storage.byteLength < RESIDENT_BYTES || storage.capacity === 0) return 0;
    const copy = this.#residentCopy(storage, isRead);
    return copy === 0 ? 0 : copy + start * x.dtypeInfo.size - storage.byteOffset;
  }

  #residentCopy(storage: Storage, isRead: boolean): number {
    if (storage.disposed) throw freed();
    storage.copy ??= { reads: 0, epoch: -1, at: 0 };
    const { copy } = storage;
    if (copy.epoch === this.#epoch) return copy.at;
    if (!isRead || ++copy.reads < RESIDENT_READS) return 0;
    const end = this.#residentTop + storage.byteLength;
    if (end > this.#border + RESIDENT_LIMIT || end > LIMIT) {
      // The operands of this call may be resident already: the room is made before the next one.
      this.#isFull = storage.byteLength <= RESIDENT_LIMIT;
      return 0;
    }
    if (end > this.#bytes.byteLength) this.#grow(end, storage.byteLength);
    copy.at = this.#residentTop;
    copy.epoch = this.#epoch;
    this.#residentTop = (end + 63) & ~63;
    const { byteOffset, byteLength, memory } = storage;
    this.#bytes.set(memory.bytes.subarray(byteOffset, byteOffset + byteLength), copy.at);
    return copy.at;
  }

  /** Copies `length` elements from element `start` of x's buffer to address `at`. */
  copyIn(at: number, x: Operand, start: number, length: number): void {
    const { storage } = x;
    if (storage.disposed) throw freed();
    const from = start * x.dtypeInfo.size;
    const size = length * x.dtypeInfo.size;
    if (size <= SMALL && from <= WORD_LIMIT && ((from | size) & 3) === 0) {
      const source = storage.memory.words;
      const target = this.#words;
      const words = size >> 2;
      for (let i = 0, s = from >> 2, t = at >> 2; i < words; i++) target[t + i] = source[s + i]!;
    } else {
      this.#bytes.set(storage.memory.bytes.subarray(from, from + size), at);
    }
  }

  /** Copies them back. A resident copy that was made while they were written elsewhere is void. */
  copyOut(at: number, x: Operand, start: number, length: number): void {
    const { storage } = x;
    if (storage.disposed) throw freed();
    const { copy } = storage;
    if (copy !== null && !(at >= copy.at && at < copy.at + storage.byteLength)) copy.epoch = -1;
    const to = start * x.dtypeInfo.size;
    const size = length * x.dtypeInfo.size;
    if (size <= SMALL && to <= WORD_LIMIT && ((to | size) & 3) === 0) {
      const source = this.#words;
      const target = storage.memory.words;
      const words = size >> 2;
      for (let i = 0, s = at >> 2, t = to >> 2; i < words; i++) target[t + i] = source[s + i]!;
    } else {
      storage.memory.bytes.set(this.#bytes.subarray(at, at + size), to);
    }
  }
}

const freed = (): Error =>
  stateError('the memory of an operand was freed by dispose(), or its array was detached; use it before.');
