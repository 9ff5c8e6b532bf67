/** TFRecord files: each record with its length and masked CRC-32C checksums. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Message } from './message.js';

/** CRC-32C (Castagnoli) by byte. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.byteLength; i++) crc = (crc >>> 8) ^ table[(crc ^ bytes[i]!) & 0xff]!;
  return (crc ^ 0xffffffff) >>> 0;
}

/** The checksum turned and shifted, since a checksum of data that has checksums in it is weak. */
export function maskedCrc(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** Length, its checksum, the data, its checksum. */
export function record(data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + data.byteLength);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(data.byteLength), true);
  view.setUint32(8, maskedCrc(bytes.subarray(0, 8)), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.byteLength, maskedCrc(data), true);
  return bytes;
}

let made = 0;

/** An event file, opened for appending; TensorBoard reads it while it grows. */
export class EventFile {
  readonly path: string;
  #handle: number | null;

  constructor(folder: string, suffix: string) {
    mkdirSync(folder, { recursive: true });
    const seconds = String(Math.floor(Date.now() / 1000)).padStart(10, '0');
    this.path = join(folder, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${made++}${suffix}`);
    this.#handle = openSync(this.path, 'a');
    this.add(new Message().string(3, 'brain.Event:2'), null, null);
  }

  /** Appends an event: its content, when it was (now), and at which step of training. */
  add(content: Message, step: number | bigint | null, walltime: number | null): void {
    if (this.#handle === null) this.#handle = openSync(this.path, 'a');
    const event = new Message().double(1, walltime ?? Date.now() / 1000);
    if (step !== null) event.integer(2, step);
    const head = event.finish();
    const body = content.finish();
    const bytes = new Uint8Array(head.byteLength + body.byteLength);
    bytes.set(head);
    bytes.set(body, head.byteLength);
    const whole = record(bytes);
    for (let at = 0; at < whole.byteLength; ) at += writeSync(this.#handle, whole, at);
  }

  close(): void {
    if (this.#handle !== null) closeSync(this.#handle);
    this.#handle = null;
  }
}
