import { createContext, Script } from 'node:vm';
import type { Memory } from '../memory.js';
import type { Collector } from './collector.js';

function makeEndJob(): () => void {
  const context = createContext({}, { microtaskMode: 'afterEvaluate' });
  const nothing = new Script('undefined');
  return () => nothing.runInContext(context);
}

interface Loan {
  readonly buffer: ArrayBuffer;
  readonly owner: WeakRef<object>;
}

/** Up to this size malloc mostly has touched memory at hand; beyond, each buffer is fresh from the system. */
const LEAST = 32 * 2 ** 20;
/** What is lent at least between two collections, of which each takes some milliseconds. */
const LEAST_TURNOVER = 256 * 2 ** 20;
/** What may lie ready. */
const FREE_LIMIT = 512 * 2 ** 20;

/**
 * Large buffers that are lent to an owner and, once it is garbage, again: the first touch of fresh memory is slower
 * than most kernels. V8 reclaims in the middle of a synchronous loop, but what a WeakRef points to lives until the job
 * ends, or until a context with microtasks of its own has run something. Between jobs V8 tells by itself.
 */
export class Lending {
  readonly #loans = new Set<Loan>();
  readonly #ended = new FinalizationRegistry<Loan>((loan) => this.#end(loan));
  readonly #free = new Map<number, ArrayBuffer[]>();
  #freeBytes = 0;
  /** Bytes lent since the last collection, and those still on loan after it. */
  #lent = 0;
  #kept = 0;
  /** Ends, for weak references, the job that runs. */
  #endJob: (() => void) | null = null;

  constructor(readonly collect: Collector) {}

  /** Lends a memory a buffer of this size; false where a plain one does as well or there is none. */
  allocate(bytes: number, owner: Memory): boolean {
    if (bytes < LEAST) return false;
    this.#lent += bytes;
    if (this.#lent > LEAST_TURNOVER && this.#lent > this.#kept) this.#reclaim();
    const buffer = this.#take(bytes) ?? this.#make(bytes);
    if (buffer === null) return false;
    owner.buffer = buffer;
    const loan = { buffer, owner: new WeakRef(owner) };
    this.#loans.add(loan);
    this.#ended.register(owner, loan);
    return true;
  }

  #take(bytes: number): ArrayBuffer | null {
    const list = this.#free.get(bytes);
    for (let buffer = list?.pop(); buffer !== undefined; buffer = list?.pop()) {
      this.#freeBytes -= bytes;
      // One that somebody detached is empty.
      if (buffer.byteLength === bytes) return buffer;
    }
    return null;
  }

  /** A new one; where there is no memory, what lies ready is given up. */
  #make(bytes: number): ArrayBuffer | null {
    try {
      return Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer;
    } catch {
      this.#free.clear();
      this.#freeBytes = 0;
      return null;
    }
  }

  /** Has all garbage collected and finds what may be lent again. */
  #reclaim(): void {
    this.#endJob ??= makeEndJob();
    this.#endJob();
    this.collect(true);
    this.#lent = 0;
    this.#kept = 0;
    for (const loan of this.#loans) {
      if (loan.owner.deref() === undefined) this.#end(loan);
      else this.#kept += loan.buffer.byteLength;
    }
  }

  /** Takes back what was lent, once. */
  #end(loan: Loan): void {
    const { buffer } = loan;
    const { byteLength } = buffer;
    if (!this.#loans.delete(loan) || byteLength === 0 || this.#freeBytes + byteLength > FREE_LIMIT) return;
    const list = this.#free.get(byteLength);
    if (list === undefined) this.#free.set(byteLength, [buffer]);
    else list.push(buffer);
    this.#freeBytes += byteLength;
  }
}
