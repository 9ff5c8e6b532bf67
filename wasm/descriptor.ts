/**
 * The descriptor: the region of linear memory in which a kernel finds the geometry of its call. The layout is that of
 * `src/kernels.ts`; the caller fills it through an Int32Array before every call.
 */

/** dtype codes, as in `src/dtype.ts`. */
export const enum DType {
  float32,
  float64,
  int64,
  int32,
  int16,
  int8,
  uint8,
  bool,
  complex64,
  float16,
  bfloat16,
}

/** What the flag among the descriptor's last four words says. */
export const enum Problem {
  badIndex = 1,
  zeroDivision = 2,
  badValue = 3,
  badDType = 4,
}

const WORDS = 2048;
const ERROR_WORD = WORDS - 4;

export const DESCRIPTOR: usize = memory.data(2048 * 4, 16);

/** Bytes an element takes, by dtype code. */
const SIZES: usize = memory.data<u8>([4, 8, 8, 4, 2, 1, 1, 1, 8, 2, 2]);

// @ts-ignore: decorator
@inline
export function word(index: i32): i32 {
  return load<i32>(DESCRIPTOR + (<usize>index << 2));
}

/** The dtype code of an operand. */
// @ts-ignore: decorator
@inline
export function dtypeOf(operand: i32): i32 {
  return load<i32>(DESCRIPTOR + (<usize>operand << 2), 4);
}

// @ts-ignore: decorator
@inline
export function sizeOf(dtype: i32): i32 {
  return load<u8>(SIZES + <usize>dtype);
}

/** Elements of a dense kernel's operand; k is how many operands it has. */
// @ts-ignore: decorator
@inline
export function lengthOf(k: i32, operand: i32): i32 {
  return word(1 + 2 * k + operand);
}

/** One of a dense kernel's integers; k is how many operands it has. */
// @ts-ignore: decorator
@inline
export function int(k: i32, index: i32): i32 {
  return word(1 + 3 * k + index);
}

/** Reports a problem: the caller throws once the kernel has returned. */
export function report(problem: Problem, value: i64, bound: i32): void {
  store<i32>(DESCRIPTOR + (<usize>ERROR_WORD << 2), problem);
  store<i64>(DESCRIPTOR + (<usize>ERROR_WORD << 2), value, 4, 4);
  store<i32>(DESCRIPTOR + (<usize>ERROR_WORD << 2), bound, 12);
}

/** Ends the call with an exception unless a dense operand holds the elements the kernel is about to touch. */
export function check(k: i32, operand: i32, wanted: i64): void {
  if (wanted < 0 || wanted > <i64>lengthOf(k, operand)) abort();
}

/** int64, int32, int16, int8 or uint8. */
// @ts-ignore: decorator
@inline
export function isIntegerType(dtype: i32): bool {
  return dtype >= DType.int64 && dtype <= DType.uint8;
}

/** Ends the call with an exception: the kernel has no loop for the dtype, which the caller reads from the flag. */
export function unsupported(): void {
  report(Problem.badDType, 0, 0);
  abort();
}
