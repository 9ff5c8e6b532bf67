import { Readable } from 'node:stream';
import { RandomAccessReader } from 'yauzl';
import type { ByteSource } from './files.js';

/** What is streamed at once. */
const PIECE = 2 ** 20;

/**
 * A byte source as yauzl reads it. Every place that it asks for is checked first, since it may be a number out of a
 * hostile file that the file system would throw at; and what yauzl itself throws in the middle of a read goes to
 * {@link guard}, not to the process.
 */
export class ZipSource extends RandomAccessReader {
  readonly #source: ByteSource;
  readonly #failure: Promise<never>;
  #fail: (error: unknown) => void = () => undefined;

  constructor(source: ByteSource) {
    super();
    this.#source = source;
    this.#failure = new Promise((_, reject) => {
      this.#fail = reject;
    });
    this.#failure.catch(() => undefined);
  }

  /** The promise, or the error of a read that it waits for. */
  guard<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#failure]);
  }

  override read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#source
      .read(position, length)
      .then(
        (bytes) => {
          buffer.set(bytes, offset);
          callback(null, length);
        },
        (error: unknown) => callback(error as Error),
      )
      .catch(this.#fail);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    const source = this.#source;
    async function* pieces(): AsyncGenerator<Uint8Array> {
      for (let at = start; at < end; at += PIECE) yield await source.read(at, Math.min(PIECE, end - at));
    }
    return Readable.from(pieces(), { objectMode: false });
  }
}
