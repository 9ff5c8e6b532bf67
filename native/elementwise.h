// Elementwise kernels in one line each: UNARY(name, expression in x), BINARY(name, expression in x and y) …
// An expression is a template body, instantiated for F32 vectors and for every other element type as a scalar.
#pragma once

#include <math.h>

#include "arithmetic.h"
#include "iterator.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {

// Loops. `Op::apply` takes values and gives a value.

/**
 * Writes n floats of a result, whole vectors at out's own alignment: `whole(i)` gives the vector at i, `part(i, count)`
 * one of fewer elements.
 */
template <class Whole, class Part>
inline void writeVectors(float* out, int64_t n, const Call& call, Whole whole, Part part) {
  int64_t i = 0;
  if (n >= 4 * kLanes) {
    const int64_t head = (-reinterpret_cast<uintptr_t>(out) & (sizeof(F32) - 1)) / sizeof(float);
    if (head > 0) storePartial(out, part(0, head), head);
    i = head;
    // Where a result takes the place of an operand, its memory has just been read into the caches.
    if (call.x[0].length >= kStreamed && call.x[0].data != call.x[1].data) {
      for (; i + kLanes <= n; i += kLanes) stream(out + i, whole(i));
    }
  }
  for (; i + kLanes <= n; i += kLanes) store(out + i, whole(i));
  if (i < n) storePartial(out + i, part(i, n - i), n - i);
}

template <class Op, class T>
struct UnaryLoop {
  static void run(char* const* p, int64_t n, uint32_t, const Call&) {
    T* out = reinterpret_cast<T*>(p[0]);
    const T* x = reinterpret_cast<const T*>(p[1]);
    for (int64_t i = 0; i < n; i++) out[i] = Op::apply(x[i]);
  }
};

template <class Op>
struct UnaryLoop<Op, float> {
  static void run(char* const* p, int64_t n, uint32_t, const Call& call) {
    const float* x = reinterpret_cast<const float*>(p[1]);
    writeVectors(
        reinterpret_cast<float*>(p[0]), n, call, [x](int64_t i) { return Op::apply(load(x + i)); },
        [x](int64_t i, int64_t count) { return Op::apply(loadPartial(x + i, count)); });
  }
};

template <class Op, class T, class Out>
inline void binaryRun(Out* out, const T* x, const T* y, int64_t n, uint32_t broadcast) {
  if (broadcast == 0) {
    for (int64_t i = 0; i < n; i++) out[i] = Op::apply(x[i], y[i]);
  } else if (broadcast == 4) {
    const T b = *y;
    for (int64_t i = 0; i < n; i++) out[i] = Op::apply(x[i], b);
  } else if (broadcast == 2) {
    const T a = *x;
    for (int64_t i = 0; i < n; i++) out[i] = Op::apply(a, y[i]);
  } else {
    const Out value = Op::apply(*x, *y);
    for (int64_t i = 0; i < n; i++) out[i] = value;
  }
}

template <class Op, class T>
struct BinaryLoop {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call&) {
    binaryRun<Op, T, T>(reinterpret_cast<T*>(p[0]), reinterpret_cast<const T*>(p[1]), reinterpret_cast<const T*>(p[2]),
                        n, broadcast);
  }
};

/** Where a loop reads an operand: a broadcast element is spread over one vector, which is then read again and again. */
struct Source {
  const float* p;
  int64_t step;
  alignas(64) float spread[kLanes];
  Source(const char* data, bool broadcast) : p(reinterpret_cast<const float*>(data)), step(broadcast ? 0 : 1) {
    if (broadcast) {
      store(spread, F32(*p));
      p = spread;
    }
  }
  F32 at(int64_t i) const { return load(p + i * step); }
  F32 at(int64_t i, int64_t n) const { return step ? loadPartial(p + i, n) : load(p); }
};

/** An operand of as many elements as the result, and one of a single element. */
struct Many {
  const float* p;
  F32 at(int64_t i) const { return load(p + i); }
  F32 at(int64_t i, int64_t n) const { return loadPartial(p + i, n); }
};
struct One {
  F32 value;
  F32 at(int64_t) const { return value; }
  F32 at(int64_t, int64_t) const { return value; }
};

template <class Op, class X, class Y>
inline void binaryVectors(char* out, int64_t n, const Call& call, X x, Y y) {
  writeVectors(
      reinterpret_cast<float*>(out), n, call, [x, y](int64_t i) { return Op::apply(x.at(i), y.at(i)); },
      [x, y](int64_t i, int64_t count) { return Op::apply(x.at(i, count), y.at(i, count)); });
}

template <class Op>
struct BinaryLoop<Op, float> {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    const float *x = reinterpret_cast<const float*>(p[1]), *y = reinterpret_cast<const float*>(p[2]);
    if (broadcast == 0) {
      binaryVectors<Op>(p[0], n, call, Many{x}, Many{y});
    } else if (broadcast == 4) {
      binaryVectors<Op>(p[0], n, call, Many{x}, One{F32(*y)});
    } else if (broadcast == 2) {
      binaryVectors<Op>(p[0], n, call, One{F32(*x)}, Many{y});
    } else {
      binaryVectors<Op>(p[0], n, call, One{F32(*x)}, One{F32(*y)});
    }
  }
};

template <class Op, class T>
struct CompareLoop {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call&) {
    binaryRun<Op, T, uint8_t>(reinterpret_cast<uint8_t*>(p[0]), reinterpret_cast<const T*>(p[1]),
                              reinterpret_cast<const T*>(p[2]), n, broadcast);
  }
};

template <class Op, class T>
struct PredicateLoop {
  static void run(char* const* p, int64_t n, uint32_t, const Call&) {
    uint8_t* out = reinterpret_cast<uint8_t*>(p[0]);
    const T* x = reinterpret_cast<const T*>(p[1]);
    for (int64_t i = 0; i < n; i++) out[i] = Op::apply(x[i]);
  }
};

/** Integer division: a zero is reported, and gives 0 (see arithmetic.h). */
template <class Op, class T>
struct DivisionLoop {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    const T* y = reinterpret_cast<const T*>(p[2]);
    const int64_t count = broadcast & 4 ? 1 : n;
    bool zero = false;
    for (int64_t i = 0; i < count; i++) zero = zero || y[i] == 0;
    if (zero) call.fail(2, 0, 0);
    BinaryLoop<Op, T>::run(p, n, broadcast, call);
  }
};

// Which dtypes an operation takes; the loop for each.

template <template <class, class> class L, class Op>
inline Loop floatLoop(int32_t dtype) {
  return dtype == kFloat32 ? L<Op, float>::run : dtype == kFloat64 ? L<Op, double>::run : nullptr;
}

template <template <class, class> class L, class Op>
inline Loop integerLoop(int32_t dtype) {
  switch (dtype) {
    case kInt64:
      return L<Op, int64_t>::run;
    case kInt32:
      return L<Op, int32_t>::run;
    case kInt16:
      return L<Op, int16_t>::run;
    case kInt8:
      return L<Op, int8_t>::run;
    case kUint8:
      return L<Op, uint8_t>::run;
    default:
      return nullptr;
  }
}

template <template <class, class> class L, class Op>
inline Loop bitsLoop(int32_t dtype) {
  return dtype == kBool ? L<Op, Bool>::run : integerLoop<L, Op>(dtype);
}

template <template <class, class> class L, class Op>
inline Loop numberLoop(int32_t dtype) {
  return dtype <= kFloat64 ? floatLoop<L, Op>(dtype) : integerLoop<L, Op>(dtype);
}

template <template <class, class> class L, class Op>
inline Loop realLoop(int32_t dtype) {
  return dtype == kBool ? L<Op, Bool>::run : numberLoop<L, Op>(dtype);
}

template <template <class, class> class L, class Op>
inline Loop anyLoop(int32_t dtype) {
  return dtype == kComplex64 ? L<Op, Complex64>::run : realLoop<L, Op>(dtype);
}

template <template <class, class> class L, class Op>
inline Loop fractionLoop(int32_t dtype) {
  return dtype == kComplex64 ? L<Op, Complex64>::run : floatLoop<L, Op>(dtype);
}

template <template <class, class> class L, class Op>
inline Loop signedLoop(int32_t dtype) {
  return dtype == kComplex64 ? L<Op, Complex64>::run : numberLoop<L, Op>(dtype);
}

template <template <class, class> class, class Op>
inline Loop quotientLoop(int32_t dtype) {
  return dtype <= kFloat64 ? floatLoop<BinaryLoop, Op>(dtype) : integerLoop<DivisionLoop, Op>(dtype);
}

/** Every operand from `first` on of one dtype; else the call throws. */
inline bool sameDType(Call& call, int first, int operands) {
  for (int i = first + 1; i < operands; i++) {
    if (call.x[i].dtype != call.x[first].dtype) {
      call.badDType(i);
      return false;
    }
  }
  return true;
}

inline void runLoop(Call& call, int operands, Loop loop, int64_t grain, uint32_t broadcastable) {
  if (loop) {
    elementwise(call, operands, loop, grain, broadcastable);
  } else {
    call.badDType(operands - 1);
  }
}

/** A result of its own dtype, bool. */
inline bool boolResult(Call& call) {
  if (call.x[0].dtype == kBool) return true;
  call.badDType(0);
  return false;
}

#define NG_OP(name, result, parameters, expression) \
  struct Op_##name {                                \
    template <class T>                              \
    static inline result apply parameters {         \
      return expression;                            \
    }                                               \
  };

/** UNARY(dtypes, name, grain, expression in x); dtypes: float, number, real, any … as the loops above. */
#define UNARY(dtypes, name, grain, expression)                                       \
  NG_OP(name, T, (T x), expression)                                                  \
  void kernel_##name(Call& call) {                                                   \
    if (!sameDType(call, 0, 2)) return;                                              \
    runLoop(call, 2, dtypes##Loop<UnaryLoop, Op_##name>(call.x[1].dtype), grain, 0); \
  }

/** BINARY(dtypes, name, grain, expression in x and y). */
#define BINARY(dtypes, name, grain, expression)                                       \
  NG_OP(name, T, (T x, T y), expression)                                              \
  void kernel_##name(Call& call) {                                                    \
    if (!sameDType(call, 0, 3)) return;                                               \
    runLoop(call, 3, dtypes##Loop<BinaryLoop, Op_##name>(call.x[1].dtype), grain, 6); \
  }

/** PREDICATE(dtypes, name, expression in x): the result is bool. */
#define PREDICATE(dtypes, name, expression)                                               \
  NG_OP(name, bool, (T x), expression)                                                    \
  void kernel_##name(Call& call) {                                                        \
    if (!boolResult(call)) return;                                                        \
    runLoop(call, 2, dtypes##Loop<PredicateLoop, Op_##name>(call.x[1].dtype), kLight, 0); \
  }

/** COMPARE(dtypes, name, expression in x and y): the result is bool. */
#define COMPARE(dtypes, name, expression)                                               \
  NG_OP(name, bool, (T x, T y), expression)                                             \
  void kernel_##name(Call& call) {                                                      \
    if (!boolResult(call) || !sameDType(call, 1, 3)) return;                            \
    runLoop(call, 3, dtypes##Loop<CompareLoop, Op_##name>(call.x[1].dtype), kLight, 6); \
  }

}  // namespace NG_ISA
}  // namespace ng
