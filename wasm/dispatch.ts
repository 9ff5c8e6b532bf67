/**
 * Which dtypes an operation takes, and the loop for each. The suffix says how many operands are read. What an operation's
 * class holds is told in `loops.ts`.
 */
import { DType, dtypeOf, isIntegerType, unsupported } from './descriptor';
import {
  complexes1,
  complexes2,
  complexes3,
  floats1,
  floats2,
  floats3,
  masks1,
  masks2,
  op,
  scalars1,
  scalars2,
  scalars3,
} from './loops';

/** Floats (and complex64 where Op has it): out and x of one dtype. */
export function float1<Op>(out: usize, x: usize): void {
  const dtype = dtypeOf(0);
  if (dtype == DType.float32) return floats1<Op>(out, x);
  if (dtype == DType.float64) return scalars1<f64, f64, Op>(out, x);
  if (isDefined(op<Op>().complex)) {
    if (dtype == DType.complex64) return complexes1<Op>(out, x);
  }
  unsupported();
}

/** Floats (and complex64 where Op has it): out, x and y of one dtype. */
export function float2<Op>(out: usize, x: usize, y: usize): void {
  const dtype = dtypeOf(0);
  if (dtype == DType.float32) return floats2<Op>(out, x, y);
  if (dtype == DType.float64) return scalars2<f64, f64, Op>(out, x, y);
  if (isDefined(op<Op>().complex)) {
    if (dtype == DType.complex64) return complexes2<Op>(out, x, y);
  }
  unsupported();
}

/** Floats (and complex64 where Op has it): out, x, y and z of one dtype. */
export function float3<Op>(out: usize, x: usize, y: usize, z: usize): void {
  const dtype = dtypeOf(0);
  if (dtype == DType.float32) return floats3<Op>(out, x, y, z);
  if (dtype == DType.float64) return scalars3<f64, Op>(out, x, y, z);
  if (isDefined(op<Op>().complex)) {
    if (dtype == DType.complex64) return complexes3<Op>(out, x, y, z);
  }
  unsupported();
}

/** Integers: out and x of one dtype. */
export function integer1<Op>(out: usize, x: usize): void {
  switch (dtypeOf(0)) {
    case DType.int64:
      return scalars1<i64, i64, Op>(out, x);
    case DType.int32:
      return scalars1<i32, i32, Op>(out, x);
    case DType.int16:
      return scalars1<i16, i16, Op>(out, x);
    case DType.int8:
      return scalars1<i8, i8, Op>(out, x);
    case DType.uint8:
      return scalars1<u8, u8, Op>(out, x);
    default:
      unsupported();
  }
}

/** Integers: out, x and y of one dtype. */
export function integer2<Op>(out: usize, x: usize, y: usize): void {
  switch (dtypeOf(0)) {
    case DType.int64:
      return scalars2<i64, i64, Op>(out, x, y);
    case DType.int32:
      return scalars2<i32, i32, Op>(out, x, y);
    case DType.int16:
      return scalars2<i16, i16, Op>(out, x, y);
    case DType.int8:
      return scalars2<i8, i8, Op>(out, x, y);
    case DType.uint8:
      return scalars2<u8, u8, Op>(out, x, y);
    default:
      unsupported();
  }
}

/** Integers: out, x, y and z of one dtype. */
export function integer3<Op>(out: usize, x: usize, y: usize, z: usize): void {
  switch (dtypeOf(0)) {
    case DType.int64:
      return scalars3<i64, Op>(out, x, y, z);
    case DType.int32:
      return scalars3<i32, Op>(out, x, y, z);
    case DType.int16:
      return scalars3<i16, Op>(out, x, y, z);
    case DType.int8:
      return scalars3<i8, Op>(out, x, y, z);
    case DType.uint8:
      return scalars3<u8, Op>(out, x, y, z);
    default:
      unsupported();
  }
}

/** Integers and bool. */
export function bits1<Op>(out: usize, x: usize): void {
  if (dtypeOf(0) == DType.bool) return scalars1<bool, bool, Op>(out, x);
  integer1<Op>(out, x);
}

/** Integers and bool. */
export function bits2<Op>(out: usize, x: usize, y: usize): void {
  if (dtypeOf(0) == DType.bool) return scalars2<bool, bool, Op>(out, x, y);
  integer2<Op>(out, x, y);
}

/** Floats and integers (and complex64 where Op has it). */
export function number1<Op>(out: usize, x: usize): void {
  if (isIntegerType(dtypeOf(0))) return integer1<Op>(out, x);
  float1<Op>(out, x);
}

/** Floats and integers (and complex64 where Op has it). */
export function number2<Op>(out: usize, x: usize, y: usize): void {
  if (isIntegerType(dtypeOf(0))) return integer2<Op>(out, x, y);
  float2<Op>(out, x, y);
}

/** Floats and integers (and complex64 where Op has it). */
export function number3<Op>(out: usize, x: usize, y: usize, z: usize): void {
  if (isIntegerType(dtypeOf(0))) return integer3<Op>(out, x, y, z);
  float3<Op>(out, x, y, z);
}

/** Floats, integers and bool (and complex64 where Op has it). */
export function any1<Op>(out: usize, x: usize): void {
  if (dtypeOf(0) == DType.bool) return scalars1<bool, bool, Op>(out, x);
  number1<Op>(out, x);
}

/** Floats, integers and bool (and complex64 where Op has it). */
export function any2<Op>(out: usize, x: usize, y: usize): void {
  if (dtypeOf(0) == DType.bool) return scalars2<bool, bool, Op>(out, x, y);
  number2<Op>(out, x, y);
}

/** x of any real dtype to bool. */
export function test<Op>(out: usize, x: usize): void {
  switch (dtypeOf(1)) {
    case DType.float32:
      return masks1<Op>(out, x);
    case DType.float64:
      return scalars1<f64, bool, Op>(out, x);
    case DType.int64:
      return scalars1<i64, bool, Op>(out, x);
    case DType.int32:
      return scalars1<i32, bool, Op>(out, x);
    case DType.int16:
      return scalars1<i16, bool, Op>(out, x);
    case DType.int8:
      return scalars1<i8, bool, Op>(out, x);
    case DType.uint8:
    case DType.bool:
      return scalars1<u8, bool, Op>(out, x);
    default:
      unsupported();
  }
}

/** x and y of one real dtype to bool. */
export function compare<Op>(out: usize, x: usize, y: usize): void {
  switch (dtypeOf(1)) {
    case DType.float32:
      return masks2<Op>(out, x, y);
    case DType.float64:
      return scalars2<f64, bool, Op>(out, x, y);
    case DType.int64:
      return scalars2<i64, bool, Op>(out, x, y);
    case DType.int32:
      return scalars2<i32, bool, Op>(out, x, y);
    case DType.int16:
      return scalars2<i16, bool, Op>(out, x, y);
    case DType.int8:
      return scalars2<i8, bool, Op>(out, x, y);
    case DType.uint8:
    case DType.bool:
      return scalars2<u8, bool, Op>(out, x, y);
    default:
      unsupported();
  }
}
