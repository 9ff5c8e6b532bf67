/** Product, any and all, over one dimension or all. */
import { DType, dtypeOf, unsupported } from './descriptor';
import { checkFold, fold } from './folding';

@unmanaged
class Product {
  @inline
  start<C>(): C {
    return <C>1;
  }
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return carry * <C>x;
  }
  @inline
  join<C>(a: C, b: C): C {
    return a * b;
  }
}

@unmanaged
class Any {
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return carry | <C>(x != <T>0);
  }
  @inline
  join<C>(a: C, b: C): C {
    return a | b;
  }
}

@unmanaged
class All {
  @inline
  start<C>(): C {
    return <C>1;
  }
  @inline
  step<C, T>(carry: C, x: T, _centre: f64): C {
    return carry & <C>(x != <T>0);
  }
  @inline
  join<C>(a: C, b: C): C {
    return a & b;
  }
}

export function prod(out: usize, x: usize): void {
  checkFold(2);
  switch (dtypeOf(0)) {
    case DType.float32:
      return fold<f64, f32, f32, Product>(out, x);
    case DType.float64:
      return fold<f64, f64, f64, Product>(out, x);
    case DType.int64:
      return fold<i64, i64, i64, Product>(out, x);
    case DType.int32:
      return fold<i32, i32, i32, Product>(out, x);
    default:
      unsupported();
  }
}

function truth<Op>(out: usize, x: usize): void {
  checkFold(2);
  switch (dtypeOf(1)) {
    case DType.float32:
      return fold<u8, f32, u8, Op>(out, x);
    case DType.float64:
      return fold<u8, f64, u8, Op>(out, x);
    case DType.int64:
      return fold<u8, i64, u8, Op>(out, x);
    case DType.int32:
      return fold<u8, i32, u8, Op>(out, x);
    case DType.int16:
      return fold<u8, i16, u8, Op>(out, x);
    case DType.int8:
    case DType.uint8:
    case DType.bool:
      return fold<u8, u8, u8, Op>(out, x);
    default:
      unsupported();
  }
}

export function any(out: usize, x: usize): void {
  truth<Any>(out, x);
}

export function all(out: usize, x: usize): void {
  truth<All>(out, x);
}
