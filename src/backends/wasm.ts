import { rangeError, stateError } from '../errors.js';
import { relaxedWasmBase64, wasmBase64 } from '../generated/wasm-binary.js';
import { contract, DESCRIPTOR_WORDS, ERROR_WORD, type KernelName, type KernelSpec } from '../kernels.js';
import { storageExtent, storageReachBack } from '../shape.js';
import type { Storage } from '../storage.js';
import {
  type Arguments,
  type Kernels,
  type Operand,
  refusedDType,
  startOf,
  throwReported,
  writeDense,
  writeStrided,
  writeThree,
  writeTwo,
} from './call.js';

type Entry = (...args: number[]) => void;

interface LinearMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What is used of the global that Node's types leave out. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyApi };

type Module = Record<KernelName, Entry> & {
  readonly memory: LinearMemory;
  descriptor(): number;
  heapBase(): number;
};

export interface WasmBackend {
  readonly kernels: Kernels;
  readonly isa: string;
  readonly exports: Module;
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
class Staging {
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

  constructor(readonly module: Module) {
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
    const { storage, dtypeInfo } = x;
    if (storage.byteLength >= RESIDENT_BYTES && storage.capacity > 0) {
      const resident = this.#resident(storage, isRead);
      if (resident !== 0) return resident + start * dtypeInfo.size - storage.byteOffset;
    }
    const at = this.#top;
    this.#top = (at + length * dtypeInfo.size + 63) & ~63;
    if (isRead) this.copyIn(at, x, start, length);
    return at;
  }

  /** Where the resident copy of a storage is; one is made where it is due. 0: there is none. */
  #resident(storage: Storage, isRead: boolean): number {
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
  private copyIn(at: number, x: Operand, start: number, length: number): void {
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

/** Compiles the module and wraps its kernels. Synchronous, so that require() works too. */
export function loadWasm(): WasmBackend {
  const relaxed = Buffer.from(relaxedWasmBase64, 'base64');
  const isRelaxed = relaxed.length > 0 && WebAssembly.validate(relaxed);
  const bytes = isRelaxed ? relaxed : Buffer.from(wasmBase64, 'base64');
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: {
      abort(): never {
        throw new Error('wasm: a kernel met a state it does not know');
      },
    },
  });
  const module = instance.exports as unknown as Module;
  const staging = new Staging(module);
  const kernels: Record<string, unknown> = {};
  for (const [name, spec] of Object.entries(contract) as [KernelName, KernelSpec][]) {
    const entry = module[name];
    if (entry === undefined)
      throw new Error(`the WebAssembly module has no kernel ${name}; build it again (npm run build)`);
    kernels[name] = bind(name, spec, entry, staging);
  }
  return { kernels: kernels as unknown as Kernels, isa: isRelaxed ? 'simd128+relaxed' : 'simd128', exports: module };
}

/** What a kernel says of dtypes it does not take. */
const BAD_DTYPE = 4;

/** What to throw for an error that ended a kernel. */
function explained(
  error: unknown,
  name: string,
  spec: KernelSpec,
  args: readonly unknown[],
  descriptor: Int32Array,
): unknown {
  if (descriptor[ERROR_WORD] !== BAD_DTYPE) return error;
  descriptor[ERROR_WORD] = 0;
  return refusedDType(name, spec, args);
}

/** Bytes of a flat operand's place. */
const room = (x: Operand): number => x.count * x.dtypeInfo.size + 64;

/** A unary or binary elementwise kernel on operands without gaps: the commonest call, without arrays. */
function bindFlat(
  name: string,
  spec: KernelSpec,
  k: 2 | 3,
  entry: Entry,
  staging: Staging,
  general: (...operands: Operand[]) => void,
): (...operands: Operand[]) => void {
  if (k === 2) {
    return (out: Operand, x: Operand) => {
      if (!out.isDense || !x.isDense) return general(out, x);
      staging.reserve(room(out) + room(x));
      const to = staging.address(out, startOf(name, out), out.count, false);
      const from = staging.address(x, startOf(name, x), x.count, true);
      writeTwo(name, staging.descriptor, out, x);
      try {
        entry(to, from);
      } catch (error) {
        out.storage.copy = null;
        throw explained(error, name, spec, [out, x], staging.descriptor);
      }
      staging.copyOut(to, out, startOf(name, out), out.count);
    };
  }
  return (out: Operand, x: Operand, y: Operand) => {
    if (!out.isDense || !x.isDense || !y.isDense) return general(out, x, y);
    staging.reserve(room(out) + room(x) + room(y));
    const to = staging.address(out, startOf(name, out), out.count, false);
    const a = staging.address(x, startOf(name, x), x.count, true);
    const b = y === x ? a : staging.address(y, startOf(name, y), y.count, true);
    writeThree(name, staging.descriptor, out, x, y);
    try {
      entry(to, a, b);
    } catch (error) {
      out.storage.copy = null;
      throw explained(error, name, spec, [out, x, y], staging.descriptor);
    }
    staging.copyOut(to, out, startOf(name, out), out.count);
  };
}

function bind(name: string, spec: KernelSpec, entry: Entry, staging: Staging): unknown {
  const k = spec.operands.length;
  const general = bindGeneral(name, spec, entry, staging);
  const isPlain = spec.kind === 'strided' && spec.scalars.length === 0 && !spec.checked && spec.operands[0] === 'out';
  return isPlain && (k === 2 || k === 3) ? bindFlat(name, spec, k, entry, staging, general) : general;
}

/** Calls a kernel; few arguments without spreading them, which is slow. */
function call(entry: Entry, values: readonly number[]): void {
  switch (values.length) {
    case 2:
      entry(values[0]!, values[1]!);
      break;
    case 3:
      entry(values[0]!, values[1]!, values[2]!);
      break;
    case 4:
      entry(values[0]!, values[1]!, values[2]!, values[3]!);
      break;
    default:
      entry(...values);
  }
}

function bindGeneral(name: string, spec: KernelSpec, entry: Entry, staging: Staging): (...args: Arguments) => void {
  const k = spec.operands.length;
  const m = spec.ints.length;
  const isStrided = spec.kind === 'strided';
  const isWritten = spec.operands.map((role) => /^(in)?out/.test(role));
  const isOnlyWritten = spec.operands.map((role) => role.startsWith('out'));
  // Filled anew by every call: no kernel calls another. What an operand spans, and how far below its first element.
  const lengths = new Array<number>(k).fill(0);
  const before = new Array<number>(k).fill(0);
  const values = new Array<number>(k + spec.scalars.length).fill(0);
  /** Reads the operands' extents; gives the room that they take. */
  const measure = (args: Arguments): number => {
    let total = 0;
    for (let i = 0; i < k; i++) {
      const x = args[i] as Operand | null | undefined;
      const hasGaps = isStrided && x !== null && x !== undefined && !x.isDense;
      lengths[i] = hasGaps ? storageExtent(x.shape, x.strides) : (x?.count ?? 0);
      before[i] = hasGaps ? storageReachBack(x.shape, x.strides) : 0;
      total += lengths[i]! * (x?.dtypeInfo.size ?? 0) + 64;
    }
    return total;
  };
  return (...args) => {
    staging.reserve(measure(args));
    for (let i = 0; i < k; i++) {
      const x = args[i] as Operand | null | undefined;
      if (x === null || x === undefined) {
        values[i] = 0;
        continue;
      }
      // An output with gaps keeps what stands in them.
      const isRead = !isOnlyWritten[i] || (isStrided && !x.isDense);
      // What is staged starts at the lowest element, the kernel at the first.
      const at = staging.address(x, startOf(name, x) - before[i]!, lengths[i]!, isRead);
      values[i] = at + before[i]! * x.dtypeInfo.size;
    }
    const d = staging.descriptor;
    if (isStrided) writeStrided(name, d, args, k);
    else writeDense(name, d, args, k, m);
    for (let i = k; i < values.length; i++) values[i] = args[i + m] as number;
    try {
      call(entry, values);
      if (spec.checked) throwReported(name, d);
    } catch (error) {
      // What was written does not go home: resident copies of it are wrong.
      for (let i = 0; i < k; i++) if (isWritten[i] && args[i]) (args[i] as Operand).storage.copy = null;
      throw explained(error, name, spec, args, d);
    }
    for (let i = 0; i < k; i++) {
      const x = args[i] as Operand | null | undefined;
      if (!isWritten[i] || x === null || x === undefined) continue;
      staging.copyOut(values[i]! - before[i]! * x.dtypeInfo.size, x, startOf(name, x) - before[i]!, lengths[i]!);
    }
  };
}
