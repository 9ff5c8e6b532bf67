import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { rangeError } from '../errors.js';
import { TensorDataset } from './dataset.js';
import { type TableOptions, type TableTensors, tableTensors } from './table.js';

/** How a CSV file is read. */
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

/** The file, and which columns are what. */
export interface CsvDatasetOptions extends CsvOptions, TableOptions {}

/**
 * Numbers from a CSV file: sample i is `[features, target]` of row i, or `[features]` without a target. One target
 * column gives scalars, an array of them a vector.
 * @example new data.CsvDataset('houses.csv', { target: ['price'] })
 * @throws RangeError for a column that does not exist, or a field that is no number
 */
export class CsvDataset<const O extends CsvDatasetOptions = Record<never, never>> extends TensorDataset<
  TableTensors<O>
> {
  /** The names of the features' columns. */
  readonly features: readonly string[];

  constructor(path: string | URL, options?: O) {
    const { columns, rows } = readCsv(path, options);
    const valueAt = (column: number, row: number): number => numberOf(rows[row]![column]!, columns[column]!, row);
    const table = { op: 'CsvDataset', columns, rowCount: rows.length, valueAt };
    const { features, x } = tableTensors(table, options ?? {});
    super(...(x as TableTensors<O>));
    this.features = features;
  }
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
