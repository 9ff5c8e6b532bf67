/** Types of reader.mjs. */
export type VectorData =
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

/** One array of a case: its logical values in row-major order, and PyTorch's strides where they are not contiguous. */
export interface VectorArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly stride: readonly number[] | null;
  readonly data: VectorData;
}

export interface CaseBase {
  readonly id: string;
  readonly arrays: readonly VectorArray[];
}

export type Tolerance = readonly [rtol: number, atol: number];

export interface Header {
  readonly group: string;
  readonly count: number;
  readonly tolerances?: Record<string, unknown>;
  readonly ops?: Record<string, unknown>;
}

export interface TensorReference {
  readonly $t: number;
  readonly grad?: boolean;
  readonly alias?: number;
}

export interface Makers {
  tensor?(array: VectorArray, reference: TensorReference, index: number): unknown;
  float?(value: number): unknown;
  complex?(re: unknown, im: unknown): unknown;
  dtype?(name: string): unknown;
  slice?(start: unknown, stop: unknown, step: unknown): unknown;
  ellipsis?(): unknown;
}

export function load<T extends CaseBase>(jsonPath: string): { header: Header; cases: T[] };
export function cases<T extends CaseBase>(jsonPath: string): Iterable<T>;
export function contiguousStride(shape: readonly number[]): number[];
export function layOut(array: VectorArray): { storage: VectorData; stride: readonly number[]; offset: number };
export function decode(value: unknown, owner: CaseBase, make?: Makers): unknown;
export function checkCase(owner: CaseBase): number;
