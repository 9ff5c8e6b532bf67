/** Tensors of a table's columns: what the data sets of CSV and Parquet files share. */
import { tensor } from '../creation.js';
import type { DType } from '../dtype.js';
import { rangeError, typeError } from '../errors.js';
import { describe } from '../shape.js';
import type { Tensor } from '../tensor.js';

/** Which columns are what, and their dtypes. */
export interface TableOptions {
  /** The columns that each sample's first tensor holds; all but the target without it. */
  features?: readonly string[];
  /** The column, or columns, of the second tensor. */
  target?: string | readonly string[] | null;
  dtype?: DType;
  /** The target's dtype, 'int64' for classes say. */
  targetDtype?: DType;
}

/** The tensors of a data set made with such options. */
export type TableTensors<O> = O extends { target: infer Target }
  ? [Target] extends [string | readonly string[]]
    ? [Tensor, Tensor]
    : [Target] extends [null]
      ? [Tensor]
      : Tensor[]
  : 'target' extends keyof O
    ? Tensor[]
    : [Tensor];

/** A table whose fields become numbers. */
export interface NumberTable {
  readonly op: string;
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** The field as a number. @throws RangeError where it is none */
  valueAt(column: number, row: number): number | bigint;
}

/** The columns that the options name as features and as targets. @throws RangeError for one that is not there */
export function chosenColumns(
  op: string,
  columns: readonly string[],
  { features, target = null }: TableOptions,
): { features: readonly string[]; targets: readonly string[] } {
  const targets = target === null ? [] : typeof target === 'string' ? [target] : [...target];
  const chosen = features ?? columns.filter((name) => !targets.includes(name));
  for (const name of [...targets, ...chosen]) {
    if (typeof name !== 'string') throw typeError(`${op}: a column's name is ${describe(name)}; give strings.`);
    if (!columns.includes(name)) {
      throw rangeError(
        `${op}: there is no column ${JSON.stringify(name)}; the file has ${columns.map((column) => JSON.stringify(column)).join(', ')}.`,
      );
    }
  }
  return { features: chosen, targets };
}

/** Features [rows, columns], and the target: [rows] for one column, [rows, columns] for a list. */
export function tableTensors(table: NumberTable, options: TableOptions): { features: readonly string[]; x: Tensor[] } {
  const { dtype = 'float32', targetDtype = dtype, target = null } = options;
  const { features, targets } = chosenColumns(table.op, table.columns, options);
  const pick = (names: readonly string[], type: DType): Tensor => {
    const places = names.map((name) => table.columns.indexOf(name));
    const values: (number | bigint)[] = [];
    for (let row = 0; row < table.rowCount; row++) for (const place of places) values.push(table.valueAt(place, row));
    return tensor(values, { dtype: type }).reshape(table.rowCount, names.length);
  };
  const x = [pick(features, dtype)];
  if (target !== null)
    x.push(typeof target === 'string' ? pick(targets, targetDtype).squeeze(1) : pick(targets, targetDtype));
  return { features, x };
}
