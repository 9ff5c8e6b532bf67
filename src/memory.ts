/** Gives a memory its buffer, and where in it its bytes start, for as long as it lives; false where there are none. */
export type LargeAllocator = (bytes: number, memory: Memory) => boolean;

const NOTHING = new ArrayBuffer(0);
const owner = Symbol('owner');

/** Bytes in a buffer, and views of the whole of that, each made once: a view costs more than a small op. */
export class Memory {
  /** Whether the bytes are handed out again once this object is collected. */
  pooled = false;
  /** Where in the buffer they start. */
  byteOffset = 0;
  #bytes: Uint8Array | null = null;
  #words: Int32Array | null = null;
  #floats: Float32Array | null = null;

  constructor(public buffer: ArrayBuffer) {}

  /** Memory on loan: whoever uses its bytes has to hold this object meanwhile. */
  static lent(bytes: number, allocate: LargeAllocator): Memory | null {
    const memory = new Memory(NOTHING);
    memory.pooled = allocate(bytes, memory);
    return memory.pooled ? memory : null;
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
