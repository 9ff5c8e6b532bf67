// The parts used here of two packages that come without types.

declare module 'yauzl' {
  export interface Entry {
    readonly fileName: string;
    readonly compressionMethod: number;
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    readonly crc32: number;
    isEncrypted(): boolean;
  }

  export interface ZipFile {
    readonly fileSize: number;
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<NodeJS.ReadableStream>;
    readLocalFileHeaderPromise(entry: Entry, options: { minimal: true }): Promise<{ readonly fileDataStart: number }>;
    close(): void;
  }

  export interface Options {
    autoClose?: boolean;
    strictFileNames?: boolean;
  }

  export class RandomAccessReader {
    read(
      buffer: Uint8Array,
      offset: number,
      length: number,
      position: number,
      callback: (error: Error | null, bytesRead?: number) => void,
    ): void;
    _readStreamForRange(start: number, end: number): NodeJS.ReadableStream;
  }

  export function fromRandomAccessReaderPromise(
    reader: RandomAccessReader,
    totalSize: number,
    options?: Options,
  ): Promise<ZipFile>;
}

declare module 'yazl' {
  export interface EntryOptions {
    mtime?: Date;
    mode?: number;
    compress?: boolean;
    forceDosTimestamp?: boolean;
    size?: number;
  }

  export class ZipFile {
    readonly outputStream: AsyncIterable<Uint8Array> & { destroy(error: Error): void };
    addBuffer(buffer: Buffer, metadataPath: string, options?: EntryOptions): void;
    addReadStreamLazy(
      metadataPath: string,
      options: EntryOptions,
      getReadStream: (callback: (error: Error | null, stream?: NodeJS.ReadableStream) => void) => void,
    ): void;
    on(event: 'error', listener: (error: Error) => void): this;
    end(): void;
  }
}
