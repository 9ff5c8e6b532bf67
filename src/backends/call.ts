import type { DTypeInfo } from '../dtype.js';
import { indexError, rangeError, typeError } from '../errors.js';
import { type Contract, ERROR_WORD, type KernelSpec } from '../kernels.js';
import type { Storage } from '../storage.js';

/** What a kernel reads or writes: a tensor, or anything with a tensor's geometry. */
export interface Operand {
  readonly storage: Storage;
  /** In elements of the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly dtypeInfo: DTypeInfo;
  /** How many elements. */
  readonly count: number;
  /** Whether row-major without gaps. */
  readonly isDense: boolean;
}

type OperandOf<Name> = Name extends `${string}?` ? Operand | null : Operand;
type Operands<O extends readonly string[]> = { [K in keyof O]: OperandOf<O[K]> };
type Numbers<I extends readonly string[]> = { [K in keyof I]: number };

/** A kernel as the ops call it: operands, then ints, then scalars. */
export type KernelFunction<S extends KernelSpec> = (
  ...args: [...Operands<S['operands']>, ...Numbers<S['ints']>, ...Numbers<S['scalars']>]
) => void;

export type Kernels = { readonly [K in keyof Contract]: KernelFunction<Contract[K]> };

/** A kernel's arguments as they come: operands, then ints, then scalars. */
export type Arguments = (Operand | null | number)[];

/** Calls a dense, unchecked kernel once for each list of arguments; the scalars of all are those of the first. */
export type Repeat = (name: keyof Contract, calls: readonly Arguments[]) => void;

const LIMIT = 2 ** 31 - 1;

/** Where an operand starts, in elements of its buffer. */
export function startOf(name: string, x: Operand): number {
  const start = (x.storage.byteOffset >>> x.dtypeInfo.shift) + x.offset;
  if (start > LIMIT)
    throw rangeError(`${name}: offset ${start} is beyond what a kernel can address (2³¹ - 1 elements).`);
  return start;
}

/**
 * Fills the descriptor of a strided kernel of `k` operands; they broadcast to the first one's shape.
 * Operands that are contiguous and whole, or one element, make one dimension.
 */
export function writeStrided(name: string, d: Int32Array, args: Arguments, k: number): void {
  const operands = args as Operand[];
  const out = operands[0]!;
  const n = out.count;
  let flat = true;
  for (let i = 0; i < k; i++) {
    const x = operands[i]!;
    d[1 + i] = x.dtypeInfo.code;
    d[1 + k + i] = startOf(name, x);
    if (!(x.count === 1 || (x.isDense && x.count === n))) flat = false;
  }
  const base = 1 + 2 * k;
  if (flat && n <= LIMIT) {
    d[0] = 1;
    d[base] = n;
    for (let i = 0; i < k; i++) d[base + 1 + i] = operands[i]!.count === n ? 1 : 0;
    return;
  }
  const shape = out.shape;
  const rank = shape.length;
  d[0] = rank;
  for (let j = 0; j < rank; j++) {
    if (shape[j]! > LIMIT) throw rangeError(`${name}: size ${shape[j]} is beyond what a kernel can address (2³¹ - 1).`);
    d[base + j] = shape[j]!;
  }
  for (let i = 0; i < k; i++) {
    const x = operands[i]!;
    const at = base + rank + i * rank;
    const missing = rank - x.shape.length;
    for (let j = 0; j < rank; j++) {
      const size = j < missing ? 1 : x.shape[j - missing]!;
      const stride = size === 1 ? 0 : x.strides[j - missing]!;
      if (stride > LIMIT) throw rangeError(`${name}: stride ${stride} is beyond what a kernel can address (2³¹ - 1).`);
      d[at + j] = stride;
    }
  }
}

/** Whether `x` is read from front to back, or is one element, beside an output of `n`. */
export function isFlat(x: Operand, n: number): boolean {
  return (x.isDense && x.count === n) || x.count === 1;
}

/** {@link writeStrided} for the commonest case without loops or arrays. */
export function writeTwo(name: string, d: Int32Array, out: Operand, x: Operand): void {
  const n = out.count;
  if (!out.isDense || !isFlat(x, n) || n > LIMIT) {
    writeStrided(name, d, [out, x], 2);
    return;
  }
  d[0] = 1;
  d[1] = out.dtypeInfo.code;
  d[2] = x.dtypeInfo.code;
  d[3] = startOf(name, out);
  d[4] = startOf(name, x);
  d[5] = n;
  d[6] = 1;
  d[7] = x.count === n ? 1 : 0;
}

/** The same for three operands. */
export function writeThree(name: string, d: Int32Array, out: Operand, x: Operand, y: Operand): void {
  const n = out.count;
  if (!out.isDense || !isFlat(x, n) || !isFlat(y, n) || n > LIMIT) {
    writeStrided(name, d, [out, x, y], 3);
    return;
  }
  d[0] = 1;
  d[1] = out.dtypeInfo.code;
  d[2] = x.dtypeInfo.code;
  d[3] = y.dtypeInfo.code;
  d[4] = startOf(name, out);
  d[5] = startOf(name, x);
  d[6] = startOf(name, y);
  d[7] = n;
  d[8] = 1;
  d[9] = x.count === n ? 1 : 0;
  d[10] = y.count === n ? 1 : 0;
}

/** Fills the descriptor of a dense kernel of `k` operands and `m` ints. */
export function writeDense(name: string, d: Int32Array, args: Arguments, k: number, m: number, at = 0): void {
  d[at] = m;
  const first = at + 1;
  for (let i = 0; i < k; i++) {
    const x = args[i] as Operand | null | undefined;
    if (x === null || x === undefined) {
      d[first + i] = 0;
      d[first + k + i] = 0;
      d[first + 2 * k + i] = 0;
    } else {
      d[first + i] = x.dtypeInfo.code;
      d[first + k + i] = startOf(name, x);
      d[first + 2 * k + i] = Math.min(x.count, LIMIT);
    }
  }
  const base = first + 3 * k;
  for (let j = 0; j < m; j++) {
    const value = args[k + j] as number;
    if (!(value <= LIMIT && value >= -LIMIT))
      throw rangeError(`${name}: ${value} is beyond what a kernel can address (2³¹ - 1).`);
    d[base + j] = value;
  }
}

/** Throws what a checked kernel reported, if it did, and clears it. */
export function throwReported(name: string, d: Int32Array): void {
  const flag = d[ERROR_WORD]!;
  if (flag === 0) return;
  d[ERROR_WORD] = 0;
  const value = (BigInt(d[ERROR_WORD + 2]!) << 32n) | BigInt(d[ERROR_WORD + 1]! >>> 0);
  const bound = d[ERROR_WORD + 3]!;
  if (flag === 2) throw rangeError(`${name}: ZeroDivisionError: integer division or modulo by zero.`);
  if (flag === 3)
    throw rangeError(`${name}: the data is not what this op can take (element ${value}, limit ${bound}).`);
  throw indexError(`${name}: index ${value} is out of bounds for a dimension of size ${bound}.`);
}

/** The error of a kernel that was given operands of dtypes that it does not take. */
export function refusedDType(name: string, spec: KernelSpec, args: readonly unknown[]): TypeError {
  const read = spec.operands.flatMap((role, i) => {
    const x = args[i] as Operand | null | undefined;
    return /^(in)?out/.test(role) || x === null || x === undefined ? [] : [x.dtypeInfo];
  });
  // The dtype that is most likely not taken: complex, half, bool, then integers.
  const rank = (info: DTypeInfo): number =>
    info.isComplex ? 4 : info.isFloat ? (info.size === 2 ? 3 : 0) : info.category === 0 ? 2 : 1;
  const all = read.length > 0 ? read : [(args[0] as Operand).dtypeInfo];
  const worst = all.reduce((a, b) => (rank(b) > rank(a) ? b : a));
  const advice = worst.isComplex ? 'take its real and imaginary parts with viewAsReal()' : "convert with to('float32')";
  return typeError(
    `${name}: not implemented for ${worst.name} (operands ${all.map((x) => x.name).join(', ')}); ${advice}.`,
  );
}
