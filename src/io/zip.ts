/** Zip archives: read with yauzl, written with yazl. */
import { Readable } from 'node:stream';
import * as zlib from 'node:zlib';
import { type Entry, fromRandomAccessReaderPromise, type ZipFile } from 'yauzl';
import { ZipFile as ZipWriter } from 'yazl';
import { rangeError } from '../errors.js';
import { type ByteSource, openSource } from './files.js';
import { ZipSource } from './zipSource.js';

const STORED = 0;
const DEFLATED = 8;
/** Deflate packs at most about a thousand bytes into one; what claims more is no honest archive. */
const MAX_RATIO = 1100;
/** One buffer that yazl takes. */
const MAX_BUFFER = 0x3fffffff;

export interface ZipEntry {
  readonly name: string;
  readonly size: number;
  /** Whether the bytes stand in the archive as they are. */
  readonly stored: boolean;
}

/** zlib.crc32 exists from Node 20.15 and 22.2 on; elsewhere the check is left out. */
const crc32 = (zlib as { crc32?: (data: Uint8Array) => number }).crc32;

/** An open archive. */
export class ZipReader {
  /** By name, in the archive's order. */
  readonly entries = new Map<string, ZipEntry>();
  readonly #raw = new Map<string, Entry>();

  readonly #op: string;
  readonly #zip: ZipFile;
  readonly #source: ByteSource;
  readonly #bytes: ZipSource;
  #claimed = 0;

  private constructor(op: string, zip: ZipFile, source: ByteSource, bytes: ZipSource) {
    this.#op = op;
    this.#zip = zip;
    this.#source = source;
    this.#bytes = bytes;
  }

  /**
   * Opens an archive and reads its list of entries.
   *
   * @throws RangeError for what is no zip archive, names given twice, sizes that cannot be, encryption
   */
  static async open(op: string, from: string | Uint8Array): Promise<ZipReader> {
    const source = await openSource(from);
    let zip: ZipFile | undefined;
    try {
      const bytes = new ZipSource(source);
      const options = { autoClose: false, strictFileNames: true };
      zip = await bytes.guard(fromRandomAccessReaderPromise(bytes, source.length, options));
      const reader = new ZipReader(op, zip, source, bytes);
      const entries = zip.eachEntry()[Symbol.asyncIterator]();
      for (let next = await bytes.guard(entries.next()); !next.done; next = await bytes.guard(entries.next()))
        reader.#add(next.value);
      return reader;
    } catch (error) {
      zip?.close();
      await source.close();
      throw asRangeError(op, error);
    }
  }

  #add(entry: Entry): void {
    const { fileName: name, compressionMethod, compressedSize, uncompressedSize } = entry;
    const fail = (what: string): never => {
      throw rangeError(`${this.#op}: the archive's entry ${JSON.stringify(name)} ${what}.`);
    };
    if (this.entries.has(name)) fail('is there twice');
    if (entry.isEncrypted()) fail('is encrypted');
    if (compressionMethod !== STORED && compressionMethod !== DEFLATED) {
      fail(`is packed by method ${compressionMethod}; only stored and deflated entries can be read`);
    }
    if (compressionMethod === STORED && compressedSize !== uncompressedSize) fail('has two sizes');
    if (uncompressedSize > compressedSize * MAX_RATIO)
      fail(`claims ${uncompressedSize} bytes out of ${compressedSize}`);
    // Honest entries do not share bytes, so together they are no longer than the file.
    this.#claimed += compressedSize;
    if (this.#claimed > this.#source.length) fail('overlaps others or reaches beyond the file');
    this.#raw.set(name, entry);
    this.entries.set(name, { name, size: uncompressedSize, stored: compressionMethod === STORED });
  }

  /**
   * An entry's bytes, in memory of their own.
   *
   * @throws RangeError where there is no such entry, or its bytes are damaged
   */
  async read(name: string): Promise<Uint8Array> {
    const entry = this.#raw.get(name);
    if (entry === undefined) throw rangeError(`${this.#op}: the archive has no entry ${JSON.stringify(name)}.`);
    let bytes: Uint8Array;
    try {
      if (entry.compressionMethod === STORED) {
        const { fileDataStart } = await this.#bytes.guard(
          this.#zip.readLocalFileHeaderPromise(entry, { minimal: true }),
        );
        bytes = await this.#source.read(fileDataStart, entry.uncompressedSize);
      } else {
        bytes = await this.#inflate(entry);
      }
    } catch (error) {
      throw asRangeError(this.#op, error);
    }
    if (crc32 !== undefined && crc32(bytes) !== entry.crc32) {
      throw rangeError(`${this.#op}: the archive's entry ${JSON.stringify(name)} is damaged (its checksum is wrong).`);
    }
    return bytes;
  }

  async #inflate(entry: Entry): Promise<Uint8Array> {
    const bytes = new Uint8Array(entry.uncompressedSize);
    let at = 0;
    const stream = await this.#bytes.guard(this.#zip.openReadStreamPromise(entry));
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      if (at + chunk.byteLength > bytes.byteLength) throw new Error('more bytes than the archive says');
      bytes.set(chunk, at);
      at += chunk.byteLength;
    }
    if (at !== bytes.byteLength) throw new Error('fewer bytes than the archive says');
    return bytes;
  }

  async close(): Promise<void> {
    this.#zip.close();
    await this.#source.close();
  }
}

/** yauzl's and zlib's messages under our name; the file system's errors stay what they are. */
function asRangeError(op: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall !== undefined || (typeof code === 'string' && !code.startsWith('Z_'))) return error;
  const message = error instanceof Error ? error.message : String(error);
  return rangeError(`${op}: ${message}; the file is damaged or no zip archive.`);
}

/** An entry to write. */
export interface ZipInput {
  readonly name: string;
  readonly parts: readonly Uint8Array[];
}

/** An archive's bytes, in pieces. The same entries always give the same bytes. */
export async function* zipParts(entries: Iterable<ZipInput>, compress = false): AsyncGenerator<Uint8Array> {
  const zip = new ZipWriter();
  const options = { mtime: new Date(1980, 0, 1), mode: 0o100644, compress, forceDosTimestamp: true };
  zip.on('error', (error) => zip.outputStream.destroy(error));
  for (const { name, parts } of entries) {
    const size = parts.reduce((sum, part) => sum + part.byteLength, 0);
    if (size <= MAX_BUFFER && (parts.length === 1 || size <= SMALL)) {
      const part = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
      zip.addBuffer(Buffer.from(part.buffer, part.byteOffset, part.byteLength), name, options);
    } else {
      zip.addReadStreamLazy(name, compress ? options : { ...options, size }, (callback) =>
        callback(null, Readable.from(pieces(parts), { objectMode: false })),
      );
    }
  }
  zip.end();
  yield* zip.outputStream;
}

/** What is copied together rather than streamed. */
const SMALL = 2 ** 20;

function* pieces(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  for (const part of parts) {
    for (let at = 0; at < part.byteLength; at += SMALL) yield part.subarray(at, at + SMALL);
  }
}
