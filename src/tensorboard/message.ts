/** Writing protocol buffers: only the kinds of fields that event files have. */
import { concatenate } from '../io/plain.js';

const text = new TextEncoder();

/** Seven bits a byte, lowest first. */
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  bytes.push(Number(rest));
  return bytes;
}

/** A message that is put together field by field. */
export class Message {
  readonly #parts: Uint8Array[] = [];

  #head(field: number, wire: number): void {
    this.#parts.push(Uint8Array.from(varint(BigInt((field << 3) | wire))));
  }

  integer(field: number, value: number | bigint): this {
    this.#head(field, 0);
    this.#parts.push(Uint8Array.from(varint(BigInt(value))));
    return this;
  }

  double(field: number, value: number): this {
    this.#head(field, 1);
    this.#parts.push(new Uint8Array(Float64Array.of(value).buffer));
    return this;
  }

  float(field: number, value: number): this {
    this.#head(field, 5);
    this.#parts.push(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#head(field, 2);
    this.#parts.push(Uint8Array.from(varint(BigInt(value.byteLength))), value);
    return this;
  }

  string(field: number, value: string): this {
    return this.bytes(field, text.encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  doubles(field: number, values: readonly number[]): this {
    return this.bytes(field, new Uint8Array(Float64Array.from(values).buffer));
  }

  finish(): Uint8Array {
    return concatenate(this.#parts);
  }
}
