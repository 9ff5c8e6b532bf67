/**
 * Which dtypes an operation takes, and the loop for each. The suffix says how many operands are read. What the class
 * of an operation holds is told in `loops.ts`.
 */
import { DType, dtypeOf, isIntegerType, unsupported } from './descriptor';
import { count } from './iterator';
import { complexes1, complexes2, complexMasks1, complexMasks2, floats1, floats2, floats3 } from './loops';
import { masks1, masks2, op, scalars1, scalars2, scalars3 } from './loops';

/** For operands whose dtypes the kernel does not take; of no elements, as they are not looked at, it takes any. */
function refuse(k: i32): void {
  if (count(k) != 0) unsupported();
}

/** The dtype of all k operands from `from` on; ends the call with an exception if they differ. */
function commonDType(from: i32, k: i32): i32 {
  const dtype = dtypeOf(from);
  for (let operand = from + 1; operand < k; operand++) if (dtypeOf(operand) != dtype) refuse(k);
  return dtype;
}

function floatLoop1<Op>(dtype: i32, out: usize, x: usize): void {
  if (dtype == DType.float32) floats1<Op>(out, x);
  else if (dtype == DType.float64) scalars1<f64, f64, Op>(out, x);
  else if (isDefined(op<Op>().complex) && dtype == DType.complex64) complexes1<Op>(out, x);
  else refuse(2);
}

function integerLoop1<Op>(dtype: i32, out: usize, x: usize): void {
  if (dtype == DType.int64) scalars1<i64, i64, Op>(out, x);
  else if (dtype == DType.int32) scalars1<i32, i32, Op>(out, x);
  else if (dtype == DType.int16) scalars1<i16, i16, Op>(out, x);
  else if (dtype == DType.int8) scalars1<i8, i8, Op>(out, x);
  else if (dtype == DType.uint8) scalars1<u8, u8, Op>(out, x);
  else refuse(2);
}

function numberLoop1<Op>(dtype: i32, out: usize, x: usize): void {
  if (isIntegerType(dtype)) integerLoop1<Op>(dtype, out, x);
  else floatLoop1<Op>(dtype, out, x);
}

/** Floats (and complex64, where Op has `complex`). */
export function float1<Op>(out: usize, x: usize): void {
  floatLoop1<Op>(commonDType(0, 2), out, x);
}

/** Floats and integers (and complex64, where Op has `complex`). */
export function number1<Op>(out: usize, x: usize): void {
  numberLoop1<Op>(commonDType(0, 2), out, x);
}

/** Floats, integers and bool (and complex64, where Op has `complex`). */
export function real1<Op>(out: usize, x: usize): void {
  const dtype = commonDType(0, 2);
  if (dtype == DType.bool) scalars1<bool, bool, Op>(out, x);
  else numberLoop1<Op>(dtype, out, x);
}

/** Integers and bool. */
export function bits1<Op>(out: usize, x: usize): void {
  const dtype = commonDType(0, 2);
  if (dtype == DType.bool) scalars1<bool, bool, Op>(out, x);
  else integerLoop1<Op>(dtype, out, x);
}

function floatLoop2<Op>(dtype: i32, out: usize, x: usize, y: usize): void {
  if (dtype == DType.float32) floats2<Op>(out, x, y);
  else if (dtype == DType.float64) scalars2<f64, f64, Op>(out, x, y);
  else if (isDefined(op<Op>().complex) && dtype == DType.complex64) complexes2<Op>(out, x, y);
  else refuse(3);
}

function integerLoop2<Op>(dtype: i32, out: usize, x: usize, y: usize): void {
  if (dtype == DType.int64) scalars2<i64, i64, Op>(out, x, y);
  else if (dtype == DType.int32) scalars2<i32, i32, Op>(out, x, y);
  else if (dtype == DType.int16) scalars2<i16, i16, Op>(out, x, y);
  else if (dtype == DType.int8) scalars2<i8, i8, Op>(out, x, y);
  else if (dtype == DType.uint8) scalars2<u8, u8, Op>(out, x, y);
  else refuse(3);
}

function numberLoop2<Op>(dtype: i32, out: usize, x: usize, y: usize): void {
  if (isIntegerType(dtype)) integerLoop2<Op>(dtype, out, x, y);
  else floatLoop2<Op>(dtype, out, x, y);
}

/** Floats (and complex64, where Op has `complex`). */
export function float2<Op>(out: usize, x: usize, y: usize): void {
  floatLoop2<Op>(commonDType(0, 3), out, x, y);
}

/** Floats and integers (and complex64, where Op has `complex`). */
export function number2<Op>(out: usize, x: usize, y: usize): void {
  numberLoop2<Op>(commonDType(0, 3), out, x, y);
}

/** Floats, integers and bool (and complex64, where Op has `complex`). */
export function real2<Op>(out: usize, x: usize, y: usize): void {
  const dtype = commonDType(0, 3);
  if (dtype == DType.bool) scalars2<bool, bool, Op>(out, x, y);
  else numberLoop2<Op>(dtype, out, x, y);
}

/** Integers and bool. */
export function bits2<Op>(out: usize, x: usize, y: usize): void {
  const dtype = commonDType(0, 3);
  if (dtype == DType.bool) scalars2<bool, bool, Op>(out, x, y);
  else integerLoop2<Op>(dtype, out, x, y);
}

/** Integers. */
export function integer2<Op>(out: usize, x: usize, y: usize): void {
  integerLoop2<Op>(commonDType(0, 3), out, x, y);
}

function floatLoop3<Op>(dtype: i32, out: usize, x: usize, y: usize, z: usize): void {
  if (dtype == DType.float32) floats3<Op>(out, x, y, z);
  else if (dtype == DType.float64) scalars3<f64, Op>(out, x, y, z);
  else refuse(4);
}

function integerLoop3<Op>(dtype: i32, out: usize, x: usize, y: usize, z: usize): void {
  if (dtype == DType.int64) scalars3<i64, Op>(out, x, y, z);
  else if (dtype == DType.int32) scalars3<i32, Op>(out, x, y, z);
  else if (dtype == DType.int16) scalars3<i16, Op>(out, x, y, z);
  else if (dtype == DType.int8) scalars3<i8, Op>(out, x, y, z);
  else if (dtype == DType.uint8) scalars3<u8, Op>(out, x, y, z);
  else refuse(4);
}

function numberLoop3<Op>(dtype: i32, out: usize, x: usize, y: usize, z: usize): void {
  if (isIntegerType(dtype)) integerLoop3<Op>(dtype, out, x, y, z);
  else floatLoop3<Op>(dtype, out, x, y, z);
}

/** Floats. */
export function float3<Op>(out: usize, x: usize, y: usize, z: usize): void {
  floatLoop3<Op>(commonDType(0, 4), out, x, y, z);
}

/** Floats and integers. */
export function number3<Op>(out: usize, x: usize, y: usize, z: usize): void {
  numberLoop3<Op>(commonDType(0, 4), out, x, y, z);
}

/** x of any dtype (complex64 where Op has `complex`) to bool. */
export function predicate<Op>(out: usize, x: usize): void {
  const dtype = commonDType(1, 2);
  if (dtypeOf(0) != DType.bool) refuse(2);
  if (dtype == DType.float32) masks1<Op>(out, x);
  else if (dtype == DType.float64) scalars1<f64, bool, Op>(out, x);
  else if (dtype == DType.int64) scalars1<i64, bool, Op>(out, x);
  else if (dtype == DType.int32) scalars1<i32, bool, Op>(out, x);
  else if (dtype == DType.int16) scalars1<i16, bool, Op>(out, x);
  else if (dtype == DType.int8) scalars1<i8, bool, Op>(out, x);
  else if (dtype == DType.uint8 || dtype == DType.bool) scalars1<u8, bool, Op>(out, x);
  else if (isDefined(op<Op>().complex) && dtype == DType.complex64) complexMasks1<Op>(out, x);
  else refuse(2);
}

/** x and y of one dtype (complex64 where Op has `complex`) to bool. */
export function compare<Op>(out: usize, x: usize, y: usize): void {
  const dtype = commonDType(1, 3);
  if (dtypeOf(0) != DType.bool) refuse(3);
  if (dtype == DType.float32) masks2<Op>(out, x, y);
  else if (dtype == DType.float64) scalars2<f64, bool, Op>(out, x, y);
  else if (dtype == DType.int64) scalars2<i64, bool, Op>(out, x, y);
  else if (dtype == DType.int32) scalars2<i32, bool, Op>(out, x, y);
  else if (dtype == DType.int16) scalars2<i16, bool, Op>(out, x, y);
  else if (dtype == DType.int8) scalars2<i8, bool, Op>(out, x, y);
  else if (dtype == DType.uint8 || dtype == DType.bool) scalars2<u8, bool, Op>(out, x, y);
  else if (isDefined(op<Op>().complex) && dtype == DType.complex64) complexMasks2<Op>(out, x, y);
  else refuse(3);
}
