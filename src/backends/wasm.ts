import { rangeError, stateError } from '../errors.js';
import { relaxedWasmBase64, wasmBase64 } from '../generated/wasm-binary.js';
import { contract, DESCRIPTOR_WORDS, type KernelName, type KernelSpec } from '../kernels.js';
import { storageExtent, storageReachBack } from '../shape.js';
import {
  type Kernels,
  type Operand,
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

/** Linear memory is never a tensor's home: operands are staged in above the module's own data, results staged out. */
class Staging {
  descriptor!: Int32Array;
  #bytes!: Uint8Array;
  #words!: Int32Array;
  #top = 0;
  readonly #base: number;

  constructor(readonly module: Module) {
    this.#base = (module.heapBase() + 63) & ~63;
    this.#refresh();
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

  place(bytes: number): number {
    const at = this.#top;
    this.#top = (at + bytes + 63) & ~63;
    return at;
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

  copyOut(at: number, x: Operand, start: number, length: number): void {
    const { storage } = x;
    if (storage.disposed) throw freed();
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

/** Bytes of a flat operand's place. */
const room = (x: Operand): number => x.count * x.dtypeInfo.size + 64;

/** A unary or binary elementwise kernel on operands without gaps: the commonest call, without arrays. */
function bindFlat(k: 2 | 3, entry: Entry, staging: Staging, general: (...operands: Operand[]) => void): unknown {
  if (k === 2) {
    return (out: Operand, x: Operand) => {
      if (!out.isDense || !x.isDense) return general(out, x);
      staging.reserve(room(out) + room(x));
      const to = staging.place(out.count * out.dtypeInfo.size);
      const from = staging.place(x.count * x.dtypeInfo.size);
      staging.copyIn(from, x, startOf(x), x.count);
      writeTwo(staging.descriptor, out, x);
      entry(to, from);
      staging.copyOut(to, out, startOf(out), out.count);
    };
  }
  return (out: Operand, x: Operand, y: Operand) => {
    if (!out.isDense || !x.isDense || !y.isDense) return general(out, x, y);
    staging.reserve(room(out) + room(x) + room(y));
    const to = staging.place(out.count * out.dtypeInfo.size);
    const a = staging.place(x.count * x.dtypeInfo.size);
    staging.copyIn(a, x, startOf(x), x.count);
    let b = a;
    if (y !== x) {
      b = staging.place(y.count * y.dtypeInfo.size);
      staging.copyIn(b, y, startOf(y), y.count);
    }
    writeThree(staging.descriptor, out, x, y);
    entry(to, a, b);
    staging.copyOut(to, out, startOf(out), out.count);
  };
}

function bind(name: string, spec: KernelSpec, entry: Entry, staging: Staging): unknown {
  const k = spec.operands.length;
  const general = bindGeneral(name, spec, entry, staging);
  const isPlain = spec.kind === 'strided' && spec.scalars.length === 0 && !spec.checked && spec.operands[0] === 'out';
  return isPlain && (k === 2 || k === 3) ? bindFlat(k, entry, staging, general) : general;
}

function bindGeneral(
  name: string,
  spec: KernelSpec,
  entry: Entry,
  staging: Staging,
): (...args: (Operand | null | number)[]) => void {
  const k = spec.operands.length;
  const isStrided = spec.kind === 'strided';
  const roles = spec.operands.map((role) =>
    role.startsWith('inout') ? 'inout' : role.startsWith('out') ? 'out' : 'in',
  );
  return (...args) => {
    const operands = args.slice(0, k) as (Operand | null)[];
    const lengths = operands.map((x) =>
      x === null ? 0 : isStrided && !x.isDense ? storageExtent(x.shape, x.strides) : x.count,
    );
    // What is staged starts at the lowest element, the kernel at the first.
    const before = operands.map((x) =>
      x === null || !isStrided || x.isDense ? 0 : storageReachBack(x.shape, x.strides),
    );
    let total = 0;
    for (let i = 0; i < k; i++) total += lengths[i]! * (operands[i]?.dtypeInfo.size ?? 0) + 64;
    staging.reserve(total);
    const pointers: number[] = [];
    for (let i = 0; i < k; i++) {
      const x = operands[i];
      if (x === null || x === undefined) {
        pointers.push(0);
        continue;
      }
      const at = staging.place(lengths[i]! * x.dtypeInfo.size);
      pointers.push(at + before[i]! * x.dtypeInfo.size);
      // An output with gaps keeps what stands in them.
      if (roles[i] !== 'out' || lengths[i] !== x.count || (isStrided && !x.isDense)) {
        staging.copyIn(at, x, startOf(x) - before[i]!, lengths[i]!);
      }
    }
    const d = staging.descriptor;
    if (isStrided) writeStrided(d, args, k);
    else writeDense(d, args, k, spec.ints.length);
    for (let i = k + spec.ints.length; i < args.length; i++) pointers.push(args[i] as number);
    entry(...pointers);
    if (spec.checked) throwReported(name, d);
    for (let i = 0; i < k; i++) {
      const x = operands[i];
      if (roles[i] === 'in' || x === null || x === undefined) continue;
      staging.copyOut(pointers[i]! - before[i]! * x.dtypeInfo.size, x, startOf(x) - before[i]!, lengths[i]!);
    }
  };
}
