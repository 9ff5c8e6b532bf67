/** Gives memory for as long as the object `owner` lives, or null. */
export type LargeAllocator = (bytes: number, owner: object) => ArrayBuffer | null;

const NOTHING = new ArrayBuffer(0);
const owner = Symbol('owner');

/** A buffer and views of the whole of it, each made once: a view costs more than a small op. */
export class Memory {
  /** Whether the buffer is handed out again once this object is collected. */
  pooled = false;
  #bytes: Uint8Array | null = null;
  #words: Int32Array | null = null;
  #floats: Float32Array | null = null;

  constructor(public buffer: ArrayBuffer) {}

  /** Memory on loan: whoever uses its buffer has to hold this object meanwhile. */
  static lent(bytes: number, allocate: LargeAllocator): Memory | null {
    const memory = new Memory(NOTHING);
    const buffer = allocate(bytes, memory);
    if (buffer === null) return null;
    memory.buffer = buffer;
    memory.pooled = true;
    return memory;
  }

  /** Makes a view of the buffer hold the memory, as it has to where that is on loan. */
  hold<View extends object>(view: View): View {
    return this.pooled ? Object.assign(view, { [owner]: this }) : view;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= this.hold(new Uint8Array(this.buffer));
    return this.#bytes;
  }

  /** The whole 32-bit words of the buffer. */
  get words(): Int32Array {
    this.#words ??= this.hold(new Int32Array(this.buffer, 0, this.buffer.byteLength >> 2));
    return this.#words;
  }

  /** The same as float32. */
  get floats(): Float32Array {
    this.#floats ??= this.hold(new Float32Array(this.buffer, 0, this.buffer.byteLength >> 2));
    return this.#floats;
  }
}
