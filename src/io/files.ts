/** Reading files piece by piece, so that each tensor's bytes come straight into memory of their own. */
import * as fs from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { rangeError } from '../errors.js';

/** A system call reads at most 2 GiB. */
const CHUNK = 2 ** 30;

function fresh(length: number): Uint8Array {
  try {
    const buffer = Buffer.allocUnsafeSlow(length);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, length);
  } catch {
    throw rangeError(`load: no memory for ${length} bytes at once.`);
  }
}

/** Bytes at random places: of a file or of memory. */
export interface ByteSource {
  readonly length: number;
  /** A copy of its own of the bytes [start, start + length). @throws RangeError where the source ends before */
  read(start: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

class FileSource implements ByteSource {
  constructor(
    readonly handle: FileHandle,
    readonly length: number,
  ) {}

  async read(start: number, length: number): Promise<Uint8Array> {
    checkExtent(start, length, this.length);
    const bytes = fresh(length);
    for (let at = 0; at < length; ) {
      const { bytesRead } = await this.handle.read(bytes, at, Math.min(length - at, CHUNK), start + at);
      if (bytesRead === 0) throw rangeError('load: the file became shorter while it was read.');
      at += bytesRead;
    }
    return bytes;
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

class MemorySource implements ByteSource {
  readonly length: number;

  constructor(readonly bytes: Uint8Array) {
    this.length = bytes.byteLength;
  }

  async read(start: number, length: number): Promise<Uint8Array> {
    checkExtent(start, length, this.length);
    const bytes = fresh(length);
    bytes.set(this.bytes.subarray(start, start + length));
    return bytes;
  }

  async close(): Promise<void> {}
}

function checkExtent(start: number, length: number, end: number): void {
  if (!(Number.isSafeInteger(start) && start >= 0 && length >= 0 && start + length <= end)) {
    throw rangeError(`load: bytes ${start} to ${start + length} are wanted of ${end}; the file is cut off or damaged.`);
  }
}

/** Opens a file or takes bytes. Close it when done. */
export async function openSource(source: string | Uint8Array): Promise<ByteSource> {
  if (typeof source !== 'string') return new MemorySource(source);
  const handle = await open(source, 'r');
  try {
    return new FileSource(handle, (await handle.stat()).size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** {@link ByteSource}, without leaving the caller's job. */
export interface SyncByteSource {
  readonly length: number;
  read(start: number, length: number): Uint8Array;
}

/** Runs `use` on a file's bytes and closes the file. */
export function withFileSync<T>(path: string, use: (source: SyncByteSource) => T): T {
  const file = fs.openSync(path, 'r');
  try {
    const end = fs.fstatSync(file).size;
    return use({
      length: end,
      read(start, length) {
        checkExtent(start, length, end);
        const bytes = fresh(length);
        for (let at = 0; at < length; ) {
          const count = fs.readSync(file, bytes, at, Math.min(length - at, CHUNK), start + at);
          if (count === 0) throw rangeError('load: the file became shorter while it was read.');
          at += count;
        }
        return bytes;
      },
    });
  } finally {
    fs.closeSync(file);
  }
}
