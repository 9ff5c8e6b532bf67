import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as zlib from 'node:zlib';
import { rangeError } from '../errors.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { TensorDataset } from './dataset.js';
import { importOptional } from './optional.js';
import { chosenColumns, type TableOptions, type TableTensors, tableTensors } from './table.js';

/** Which part of a Parquet file is read. */
export interface ParquetOptions {
  /** The columns to read; all without it. Others are not even read from the disk. */
  columns?: readonly string[];
  /** The first row to read, and the one behind the last. */
  rowStart?: number;
  rowEnd?: number;
}

/** A table by columns: a column's values are numbers, bigints, booleans, strings, Dates, null, lists or objects. */
export interface ParquetTable {
  readonly columns: string[];
  readonly rowCount: number;
  readonly values: ReadonlyMap<string, readonly unknown[]>;
}

interface AsyncBuffer {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

type Decompress = (input: Uint8Array, outputLength: number) => Uint8Array;

/** What is used of hyparquet, whose own types only those have who installed it. */
interface Hyparquet {
  parquetMetadataAsync(file: AsyncBuffer): Promise<object & { num_rows: bigint }>;
  parquetSchema(metadata: object): { readonly children: readonly { readonly element: { readonly name: string } }[] };
  parquetRead(options: {
    file: AsyncBuffer;
    metadata: object;
    columns: readonly string[];
    rowStart: number;
    rowEnd: number;
    compressors: Readonly<Record<string, Decompress>>;
    onChunk(chunk: { columnName: string; columnData: ArrayLike<unknown>; rowStart: number }): void;
  }): Promise<void>;
}

/** Node's own, from 22.15 on. */
const { zstdDecompressSync } = zlib as { zstdDecompressSync?: (data: Uint8Array, options: object) => Uint8Array };

/** Beside snappy, which hyparquet brings. A page never unpacks to more than the file says. */
const compressors: Record<string, Decompress> = {
  GZIP: (input, length) => zlib.gunzipSync(input, { maxOutputLength: Math.max(length, 1) }),
  BROTLI: (input, length) => zlib.brotliDecompressSync(input, { maxOutputLength: Math.max(length, 1) }),
};
if (zstdDecompressSync !== undefined) {
  compressors.ZSTD = (input, length) => zstdDecompressSync(input, { maxOutputLength: Math.max(length, 1) });
}

function checkRows(op: string, name: string, value: number | undefined): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && value >= 0))
    throw rangeError(`${op}: ${name} is ${value}; give a whole number ≥ 0.`);
}

async function read(
  op: string,
  path: string | URL,
  options: ParquetOptions,
  chosen: TableOptions | null,
): Promise<ParquetTable> {
  checkRows(op, 'rowStart', options.rowStart);
  checkRows(op, 'rowEnd', options.rowEnd);
  const hyparquet = await importOptional<Hyparquet>(op, 'hyparquet', 'reading Parquet files');
  const handle = await open(path instanceof URL ? fileURLToPath(path) : path, 'r');
  try {
    const { size } = await handle.stat();
    const file: AsyncBuffer = {
      byteLength: size,
      async slice(start, end = size) {
        const bytes = new Uint8Array(Math.max(Math.min(end, size) - start, 0));
        for (let at = 0; at < bytes.byteLength; ) {
          const { bytesRead } = await handle.read(bytes, at, bytes.byteLength - at, start + at);
          if (bytesRead === 0) throw new Error('the file became shorter while it was read');
          at += bytesRead;
        }
        return bytes.buffer;
      },
    };
    return await readTable(op, hyparquet, file, options, chosen);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined && !code.startsWith('Z_') && code !== 'ERR_BUFFER_TOO_LARGE') throw error;
    throw rangeError(
      `${op}: ${String(path)} cannot be read as Parquet: ${(error as Error).message}; correct the file, or write it with snappy, gzip or no compression.`,
    );
  } finally {
    await handle.close();
  }
}

async function readTable(
  op: string,
  hyparquet: Hyparquet,
  file: AsyncBuffer,
  options: ParquetOptions,
  chosen: TableOptions | null,
): Promise<ParquetTable> {
  const metadata = await hyparquet.parquetMetadataAsync(file);
  const all = hyparquet.parquetSchema(metadata).children.map(({ element }) => element.name);
  const picked = chosenColumns(op, all, chosen ?? { features: options.columns ?? all });
  const columns = [...new Set([...picked.features, ...picked.targets])];
  const start = Math.min(options.rowStart ?? 0, Number(metadata.num_rows));
  const end = Math.max(start, Math.min(options.rowEnd ?? Number.POSITIVE_INFINITY, Number(metadata.num_rows)));
  const values = new Map(columns.map((name) => [name, [] as unknown[]]));
  if (end > start) {
    await hyparquet.parquetRead({
      file,
      metadata,
      columns,
      rowStart: start,
      rowEnd: end,
      compressors,
      // Chunks may begin before the first row that is wanted and end behind the last.
      onChunk({ columnName, columnData, rowStart }) {
        const list = values.get(columnName)!;
        const from = Math.max(start - rowStart, 0);
        const to = Math.min(end - rowStart, columnData.length);
        for (let i = from; i < to; i++) list[rowStart + i - start] = columnData[i];
      },
    });
  }
  for (const [name, list] of values) {
    if (list.length !== end - start)
      throw new Error(`the column ${JSON.stringify(name)} has ${list.length} of ${end - start} rows`);
  }
  return { columns, rowCount: end - start, values };
}

/**
 * Reads a Parquet file with the package hyparquet: uncompressed, snappy, gzip or brotli, zstd where Node has it.
 * @example const { values } = await data.readParquet('flats.parquet', { columns: ['area', 'price'] })
 * @throws Error where hyparquet is not installed; RangeError for a column that does not exist, or a damaged file
 */
export function readParquet(path: string | URL, options: ParquetOptions = {}): Promise<ParquetTable> {
  return read('readParquet', path, options, null);
}

/** The rows, and which columns are what. */
export interface ParquetDatasetOptions extends TableOptions, Omit<ParquetOptions, 'columns'> {}

/**
 * Numbers from a Parquet file: sample i is `[features, target]` of row i, or `[features]` without a target. Made by
 * {@link ParquetDataset.open}.
 */
export class ParquetDataset<T extends readonly Tensor[] = Tensor[]> extends TensorDataset<T> {
  /** The names of the features' columns. */
  readonly features: readonly string[];

  private constructor(features: readonly string[], ...tensors: T) {
    super(...tensors);
    this.features = features;
  }

  /**
   * Reads the columns that are wanted.
   * @example const flats = await data.ParquetDataset.open('flats.parquet', { target: ['price'] })
   * @throws Error where hyparquet is not installed; RangeError for a column that does not exist, or a value that is no
   * number
   */
  static async open<const O extends ParquetDatasetOptions = Record<never, never>>(
    path: string | URL,
    options?: O,
  ): Promise<ParquetDataset<TableTensors<O>>> {
    const op = 'ParquetDataset';
    const table = await read(op, path, options ?? {}, options ?? {});
    const lists = table.columns.map((name) => table.values.get(name)!);
    const valueAt = (column: number, row: number): number | bigint =>
      numberOf(lists[column]![row], table.columns[column]!, row);
    const { features, x } = tableTensors({ ...table, op, valueAt }, options ?? {});
    return new ParquetDataset(features, ...(x as TableTensors<O>));
  }
}

function numberOf(value: unknown, column: string, row: number): number | bigint {
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  if (typeof value === 'boolean') return Number(value);
  throw rangeError(
    `ParquetDataset: ${JSON.stringify(column)} of row ${row} is ${typeof value === 'string' ? JSON.stringify(value) : describe(value)}, no number; leave the column out of features, or encode it with readParquet.`,
  );
}
