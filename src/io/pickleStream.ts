import { rangeError } from '../errors.js';

/** The bytes of a pickle, read from the beginning; nothing is read beyond their end. */
export class PickleStream {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #at = 0;

  /** @param op the name that errors give */
  constructor(
    readonly op: string,
    bytes: Uint8Array,
  ) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes were read. */
  get position(): number {
    return this.#at;
  }

  /** @throws RangeError that says where the pickle is wrong */
  fail(what: string): never {
    throw rangeError(`${this.op}: the pickle is wrong at byte ${this.#at}: ${what}.`);
  }

  /** The next `count` bytes, not copied. */
  take(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.byteLength) this.fail('it is cut off');
    const part = this.#bytes.subarray(this.#at, this.#at + count);
    this.#at += count;
    return part;
  }

  /** Whether all bytes were read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.byteLength;
  }

  /** Takes the last byte back. */
  back(): void {
    this.#at--;
  }

  /** An unsigned little-endian integer. */
  number(size: 1 | 2 | 4): number {
    const at = this.#at;
    this.take(size);
    if (size === 1) return this.#view.getUint8(at);
    return size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  /** A 64-bit length; what a file can hold fits a number. */
  length8(): number {
    const at = this.#at;
    this.take(8);
    const length = this.#view.getBigUint64(at, true);
    return length > BigInt(this.#bytes.byteLength) ? this.fail('it is cut off') : Number(length);
  }

  /** `length` bytes of UTF-8. */
  string(length: number): string {
    try {
      return this.#text.decode(this.take(length));
    } catch (error) {
      if (error instanceof RangeError) throw error;
      return this.fail('a string is not UTF-8');
    }
  }

  /** UTF-8 up to the end of the line. */
  line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    if (end < 0) this.fail('a name does not end');
    const text = this.string(end - this.#at);
    this.#at++;
    return text;
  }

  /** A big-endian double. */
  double(): number {
    this.take(8);
    return this.#view.getFloat64(this.#at - 8, false);
  }

  /** An integer of `length` bytes of little-endian two's complement: a number where it is safe, else a bigint. */
  long(length: number): number | bigint {
    const bytes = this.take(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    if (length > 0) value = BigInt.asIntN(length * 8, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
}
