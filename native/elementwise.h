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
  static void run(char* const* p, int64_t n, uint32_t, const Call&) {
    float* out = reinterpret_cast<float*>(p[0]);
    const float* x = reinterpret_cast<const float*>(p[1]);
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) store(out + i, Op::apply(load(x + i)));
    if (i < n) storePartial(out + i, Op::apply(loadPartial(x + i, n - i)), n - i);
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
    binaryRun<Op, T, T>(reinterpret_cast<T*>(p[0]), reinterpret_cast<const T*>(p[1]),
                        reinterpret_cast<const T*>(p[2]), n, broadcast);
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

template <class Op>
struct BinaryLoop<Op, float> {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call&) {
    float* out = reinterpret_cast<float*>(p[0]);
    const Source x(p[1], broadcast & 2), y(p[2], broadcast & 4);
    int64_t i = 0;
    for (; i + kLanes <= n; i += kLanes) store(out + i, Op::apply(x.at(i), y.at(i)));
    if (i < n) storePartial(out + i, Op::apply(x.at(i, n - i), y.at(i, n - i)), n - i);
  }
};

template <class Op, class T>
struct CompareLoop {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call&) {
    binaryRun<Op, T, uint8_t>(reinterpret_cast<uint8_t*>(p[0]), reinterpret_cast<const T*>(p[1]),
                              reinterpret_cast<const T*>(p[2]), n, broadcast);
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
inline Loop numberLoop(int32_t dtype) {
  return dtype <= kFloat64 ? floatLoop<L, Op>(dtype) : integerLoop<L, Op>(dtype);
}

/** Every operand after the first `from` of the same dtype as the one at `from`; else the call throws. */
inline bool sameDType(Call& call, int from, int operands) {
  for (int i = from + 1; i < operands; i++) {
    if (call.x[i].dtype != call.x[from].dtype) {
      call.badDType(i);
      return false;
    }
  }
  return true;
}

inline void runLoop(Call& call, int operands, Loop loop, int64_t grain, bool broadcasts) {
  if (loop) {
    elementwise(call, operands, loop, grain, broadcasts);
  } else {
    call.badDType(operands > 1 ? 1 : 0);
  }
}

#define NG_UNARY_OP(name, expression) \
  struct Op_##name {                  \
    template <class T>                \
    static inline T apply(T x) {      \
      return expression;              \
    }                                 \
  };
#define NG_BINARY_OP(name, result, expression)  \
  struct Op_##name {                            \
    template <class T>                          \
    static inline result apply(T x, T y) {      \
      return expression;                        \
    }                                           \
  };
#define NG_KERNEL(name, operands, from, loop, grain, broadcasts) \
  void kernel_##name(Call& call) {                               \
    const int32_t dtype = call.x[operands - 1].dtype;            \
    if (sameDType(call, from, operands)) runLoop(call, operands, loop, grain, broadcasts); \
  }

/** Floats only. */
#define UNARY_FLOAT(name, grain, expression) \
  NG_UNARY_OP(name, expression)              \
  NG_KERNEL(name, 2, 0, (floatLoop<UnaryLoop, Op_##name>(dtype)), grain, false)
/** Floats and integers. */
#define UNARY(name, expression) \
  NG_UNARY_OP(name, expression) \
  NG_KERNEL(name, 2, 0, (numberLoop<UnaryLoop, Op_##name>(dtype)), kLight, false)
#define BINARY_FLOAT(name, grain, expression) \
  NG_BINARY_OP(name, T, expression)           \
  NG_KERNEL(name, 3, 0, (floatLoop<BinaryLoop, Op_##name>(dtype)), grain, true)
/** Floats, integers, bool and complex64. */
#define BINARY_ALL(name, expression) \
  NG_BINARY_OP(name, T, expression)  \
  NG_KERNEL(name, 3, 0, (allLoop<BinaryLoop, Op_##name>(dtype)), kLight, true)
/** Any dtype to bool. */
#define COMPARE(name, expression)      \
  NG_BINARY_OP(name, bool, expression) \
  NG_KERNEL(name, 3, 1, (numberLoop<CompareLoop, Op_##name>(dtype == kBool ? kUint8 : dtype)), kLight, true)

}  // namespace NG_ISA
}  // namespace ng
