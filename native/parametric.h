// Elementwise kernels with constants: like elementwise.h, but an operation is a struct template over the value type
// (F32, double, or an integer) that is made once a run from the call's scalars.
//
//   template <class V> struct Threshold {
//     V threshold, value;
//     explicit Threshold(const double* s) : threshold(constant<V>(s[0])), value(constant<V>(s[1])) {}
//     V operator()(V x) const { return select(x <= threshold, value, x); }
//   };
#pragma once

#include "elementwise.h"
#include "vmath.h"
#include "wide.h"

namespace ng {
namespace NG_ISA {

template <class V>
inline V constant(double value) {
  return static_cast<V>(value);
}
template <>
inline F32 constant<F32>(double value) {
  return F32(static_cast<float>(value));
}

// Integers under the names that operations use.
template <class T>
inline T select(bool mask, T x, T y) {
  return mask ? x : y;
}

template <template <class> class Op, class T>
struct Parametric1 {
  static void run(char* const* p, int64_t n, uint32_t, const Call& call) {
    T* out = reinterpret_cast<T*>(p[0]);
    const T* x = reinterpret_cast<const T*>(p[1]);
    const Op<T> op(call.scalars);
    for (int64_t i = 0; i < n; i++) out[i] = op(x[i]);
  }
};

template <template <class> class Op>
struct Parametric1<Op, float> {
  static void run(char* const* p, int64_t n, uint32_t, const Call& call) {
    const float* x = reinterpret_cast<const float*>(p[1]);
    const Op<F32> op(call.scalars);
    writeVectors(
        reinterpret_cast<float*>(p[0]), n, call, [&](int64_t i) { return op(load(x + i)); },
        [&](int64_t i, int64_t count) { return op(loadPartial(x + i, count)); });
  }
};

template <template <class> class Op, class T>
struct Parametric2 {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    T* out = reinterpret_cast<T*>(p[0]);
    const T* x = reinterpret_cast<const T*>(p[1]);
    const T* y = reinterpret_cast<const T*>(p[2]);
    const int64_t stepX = broadcast & 2 ? 0 : 1, stepY = broadcast & 4 ? 0 : 1;
    const Op<T> op(call.scalars);
    for (int64_t i = 0; i < n; i++) out[i] = op(x[i * stepX], y[i * stepY]);
  }
};

template <template <class> class Op>
struct Parametric2<Op, float> {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    const Source x(p[1], broadcast & 2), y(p[2], broadcast & 4);
    const Op<F32> op(call.scalars);
    writeVectors(
        reinterpret_cast<float*>(p[0]), n, call, [&](int64_t i) { return op(x.at(i), y.at(i)); },
        [&](int64_t i, int64_t count) { return op(x.at(i, count), y.at(i, count)); });
  }
};

template <template <class> class Op, class T>
struct Parametric3 {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    T* out = reinterpret_cast<T*>(p[0]);
    const T* x = reinterpret_cast<const T*>(p[1]);
    const T* y = reinterpret_cast<const T*>(p[2]);
    const T* z = reinterpret_cast<const T*>(p[3]);
    const int64_t stepX = broadcast & 2 ? 0 : 1, stepY = broadcast & 4 ? 0 : 1, stepZ = broadcast & 8 ? 0 : 1;
    const Op<T> op(call.scalars);
    for (int64_t i = 0; i < n; i++) out[i] = op(x[i * stepX], y[i * stepY], z[i * stepZ]);
  }
};

template <template <class> class Op>
struct Parametric3<Op, float> {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    const Source x(p[1], broadcast & 2), y(p[2], broadcast & 4), z(p[3], broadcast & 8);
    const Op<F32> op(call.scalars);
    writeVectors(
        reinterpret_cast<float*>(p[0]), n, call, [&](int64_t i) { return op(x.at(i), y.at(i), z.at(i)); },
        [&](int64_t i, int64_t count) { return op(x.at(i, count), y.at(i, count), z.at(i, count)); });
  }
};

template <template <template <class> class, class> class L, template <class> class Op>
inline Loop parametricFloat(int32_t dtype) {
  return dtype == kFloat32 ? L<Op, float>::run : dtype == kFloat64 ? L<Op, double>::run : nullptr;
}

template <template <template <class> class, class> class L, template <class> class Op>
inline Loop parametricNumber(int32_t dtype) {
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
      return parametricFloat<L, Op>(dtype);
  }
}

/** A kernel of `operands` operands of one dtype, the inputs of which may be single elements. */
#define NG_PARAMETRIC(name, operands, loop, grain)                                 \
  void kernel_##name(Call& call) {                                                 \
    if (!sameDType(call, 0, operands)) return;                                     \
    const int32_t dtype = call.x[0].dtype;                                         \
    runLoop(call, operands, loop, grain, operands > 2 ? (1u << operands) - 2 : 0); \
  }

/** out = f(x): floats only, or integers too. */
#define PARAMETRIC_FLOAT1(name, Op, grain) NG_PARAMETRIC(name, 2, (parametricFloat<Parametric1, Op>(dtype)), grain)
#define PARAMETRIC1(name, Op, grain) NG_PARAMETRIC(name, 2, (parametricNumber<Parametric1, Op>(dtype)), grain)
/** out = f(x, y). */
#define PARAMETRIC_FLOAT2(name, Op, grain) NG_PARAMETRIC(name, 3, (parametricFloat<Parametric2, Op>(dtype)), grain)
#define PARAMETRIC2(name, Op, grain) NG_PARAMETRIC(name, 3, (parametricNumber<Parametric2, Op>(dtype)), grain)
/** out = f(x, y, z), floats only. */
#define PARAMETRIC_FLOAT3(name, Op, grain) NG_PARAMETRIC(name, 4, (parametricFloat<Parametric3, Op>(dtype)), grain)

}  // namespace NG_ISA
}  // namespace ng
