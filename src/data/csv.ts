import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { tensor } from '../creation.js';
import type { DType } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';
import { TensorDataset } from './dataset.js';

export interface CsvOptions {
  /** Between fields. */
  delimiter?: string;
  /** Whether the first line names the columns; else they are '0', '1', … */
  header?: boolean;
}

/** A table of text: the columns' names, and each row's fields in their order. */
export interface CsvTable {
  readonly columns: string[];
  readonly rows: string[][];
}

/**
 * Reads a CSV file with quoted fields, as spreadsheets write it.
 *
 * @throws RangeError for rows of different lengths, a quote that is not closed, or a column named twice; the file
 * system's errors
 */
export function readCsv(path: string | URL, options: CsvOptions = {}): CsvTable {
  const { delimiter = ',', header = true } = options;
  let rows: string[][];
  try {
    rows = parse(readFileSync(path), { bom: true, delimiter, skip_empty_lines: true });
  } catch (error) {
    if (!String((error as { code?: unknown }).code).startsWith('CSV_')) throw error;
    throw rangeError(`readCsv: ${String(path)} is no CSV file: ${(error as Error).message}; correct the file.`);
  }
  const columns = header ? (rows.shift() ?? []) : (rows[0] ?? []).map((_, i) => String(i));
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) throw rangeError(`readCsv: the column ${JSON.stringify(twice)} is there twice; rename one.`);
  return { columns, rows };
}

export interface CsvDatasetOptions extends CsvOptions {
  /** The columns that each sample's first tensor holds; all but the target without it. */
  features?: readonly string[];
  /** The column, or columns, of the second tensor. */
  target?: string | readonly string[] | null;
  dtype?: DType;
  /** The target's dtype, 'int64' for classes say. */
  targetDtype?: DType;
}

/** The tensors of a {@link CsvDataset}, by its options. */
type CsvTensors<O> = O extends { target: string | readonly string[] }
  ? [Tensor, Tensor]
  : O extends { target?: null }
    ? [Tensor]
    : Tensor[];

/**
 * Numbers from a CSV file: sample i is `[features, target]` of row i, or `[features]` without a target. One target
 * column gives scalars, an array of them a vector.
 * @example new data.CsvDataset('houses.csv', { target: ['price'] })
 * @throws RangeError for a column that does not exist, or a field that is no number
 */
export class CsvDataset<const O extends CsvDatasetOptions = Record<never, never>> extends TensorDataset<CsvTensors<O>> {
  /** The names of the features' columns. */
  readonly features: readonly string[];

  constructor(path: string | URL, given?: O) {
    const options: CsvDatasetOptions = given ?? {};
    const { columns, rows } = readCsv(path, options);
    const { target = null, dtype = 'float32', targetDtype = dtype } = options;
    const targets = target === null ? [] : typeof target === 'string' ? [target] : [...target];
    const features = options.features ?? columns.filter((name) => !targets.includes(name));
    const place = (name: string): number => {
      const at = columns.indexOf(name);
      if (at < 0) {
        throw rangeError(
          `CsvDataset: there is no column ${describeName(name)}; the file has ${columns.map(describeName).join(', ')}.`,
        );
      }
      return at;
    };
    const pick = (names: readonly string[], type: DType): Tensor => {
      const places = names.map(place);
      const values = rows.flatMap((row, i) => places.map((at, j) => numberOf(row[at]!, names[j]!, i)));
      return tensor(values, { dtype: type }).reshape(rows.length, names.length);
    };
    // Names first: they explain a field that is no number.
    for (const name of targets) place(name);
    const x = pick(features, dtype);
    const y = target === null ? [] : [pick(targets, targetDtype)];
    super(...([x, ...y.map((column) => (typeof target === 'string' ? column.squeeze(1) : column))] as CsvTensors<O>));
    this.features = features;
  }
}

function describeName(name: unknown): string {
  if (typeof name !== 'string') throw typeError(`CsvDataset: a column's name is ${describe(name)}; give strings.`);
  return JSON.stringify(name);
}

function numberOf(field: string, column: string, row: number): number {
  const text = field.trim();
  const value = /^nan$/i.test(text) ? Number.NaN : Number(text);
  if (text === '' || (Number.isNaN(value) && !/^nan$/i.test(text))) {
    throw rangeError(
      `CsvDataset: ${JSON.stringify(column)} of row ${row} is ${JSON.stringify(field)}, no number; leave the column out of features, or encode it with readCsv.`,
    );
  }
  return value;
}
