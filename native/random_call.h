// What the random kernels have in common: their first operands and the choice of out's element type.
#pragma once

#include "random_engine.h"
#include "random_math.h"

namespace ng {
namespace NG_ISA {

/** The operands every kernel here begins with: out and the state. */
inline bool ready(Call& call) {
  if (call.x[1].dtype != kInt32) {
    call.badDType(1);
    return false;
  }
  return call.need(1, kStateWords);
}

/** out[i] = draw(engine), one after the other, in out's float type. */
template <class F>
inline void eachFloat(Call& call, F draw) {
  if (!ready(call)) return;
  Engine engine(call.x[1].data);
  const int64_t n = call.x[0].length;
  if (call.x[0].dtype == kFloat32) {
    auto* out = static_cast<float*>(call.x[0].data);
    for (int64_t i = 0; i < n; i++) out[i] = static_cast<float>(draw(engine, i));
  } else if (call.x[0].dtype == kFloat64) {
    auto* out = static_cast<double*>(call.x[0].data);
    for (int64_t i = 0; i < n; i++) out[i] = draw(engine, i);
  } else {
    return call.badDType(0);
  }
  engine.finish();
}

template <class T>
struct Tag {
  typedef T type;
};

/** f(Tag<T>()) with out's element type: bool is a byte. */
template <class F>
inline void withType(Call& call, F f) {
  switch (call.x[0].dtype) {
    case kFloat32:
      return f(Tag<float>());
    case kFloat64:
      return f(Tag<double>());
    case kInt64:
      return f(Tag<int64_t>());
    case kInt32:
      return f(Tag<int32_t>());
    case kInt16:
      return f(Tag<int16_t>());
    case kInt8:
      return f(Tag<int8_t>());
    case kUint8:
    case kBool:
      return f(Tag<uint8_t>());
    default:
      return call.badDType(0);
  }
}

/** A whole double as an integer type: what lies beyond int64 is clamped, the rest wraps. */
template <class T>
inline T wholeAs(double value) {
  if (!(value < 9223372036854775807.0)) return static_cast<T>(INT64_MAX);
  if (value < -9223372036854775808.0) return static_cast<T>(INT64_MIN);
  return static_cast<T>(static_cast<int64_t>(value));
}
template <>
inline float wholeAs<float>(double value) {
  return static_cast<float>(value);
}
template <>
inline double wholeAs<double>(double value) {
  return value;
}

}  // namespace NG_ISA
}  // namespace ng
