// One element type's value as another's.
#pragma once

#include <string.h>

#include "kernel.h"

namespace ng {
namespace NG_ISA {

// Each type's value in a type C++ can convert from.
template <class T>
inline T value(T x) {
  return x;
}
inline uint8_t value(Bool x) { return x.value != 0; }
inline float value(Bfloat16 x) {
  const uint32_t word = static_cast<uint32_t>(x.bits) << 16;
  float result;
  memcpy(&result, &word, 4);
  return result;
}
inline float value(Float16 x) {
  const uint32_t sign = static_cast<uint32_t>(x.bits & 0x8000) << 16;
  uint32_t magnitude = static_cast<uint32_t>(x.bits & 0x7fff) << 13;
  float result;
  if (magnitude >= 0x0f800000) {
    magnitude += 0x70000000;  // infinity and NaN
  } else {
    // Read as a float32 with the same bits, then move the exponent: right for subnormals too.
    memcpy(&result, &magnitude, 4);
    result *= 5.192296858534828e33f;  // 2¹¹²
    memcpy(&magnitude, &result, 4);
  }
  magnitude |= sign;
  memcpy(&result, &magnitude, 4);
  return result;
}
inline float value(Complex64 x) { return x.re; }

template <class To>
struct Convert;

template <>
struct Convert<float> {
  template <class T>
  static float from(T x) {
    return static_cast<float>(x);
  }
};
template <>
struct Convert<double> {
  template <class T>
  static double from(T x) {
    return static_cast<double>(x);
  }
};

// A float that int32 or int64 cannot hold becomes its minimum, as x86 converts. The narrower integers are cut from
// int32 (uint8: from int64), as PyTorch does.
template <class T>
inline int64_t toInt64(T x) {
  return static_cast<int64_t>(x);
}
inline int64_t toInt64(double x) {
  return x >= -9223372036854775808.0 && x < 9223372036854775808.0 ? static_cast<int64_t>(x) : INT64_MIN;
}
inline int64_t toInt64(float x) {
  return x >= -9223372036854775808.0f && x < 9223372036854775808.0f ? static_cast<int64_t>(x) : INT64_MIN;
}
template <class T>
inline int32_t toInt32(T x) {
  return static_cast<int32_t>(x);
}
inline int32_t toInt32(double x) { return x > -2147483649.0 && x < 2147483648.0 ? static_cast<int32_t>(x) : INT32_MIN; }
inline int32_t toInt32(float x) {
  return x >= -2147483648.0f && x < 2147483648.0f ? static_cast<int32_t>(x) : INT32_MIN;
}

template <>
struct Convert<int64_t> {
  template <class T>
  static int64_t from(T x) {
    return toInt64(x);
  }
};
template <>
struct Convert<int32_t> {
  template <class T>
  static int32_t from(T x) {
    return toInt32(x);
  }
};
template <>
struct Convert<int16_t> {
  template <class T>
  static int16_t from(T x) {
    return static_cast<int16_t>(toInt32(x));
  }
};
template <>
struct Convert<int8_t> {
  template <class T>
  static int8_t from(T x) {
    return static_cast<int8_t>(toInt32(x));
  }
};
template <>
struct Convert<uint8_t> {
  template <class T>
  static uint8_t from(T x) {
    return static_cast<uint8_t>(toInt64(x));
  }
};
template <>
struct Convert<Bool> {
  template <class T>
  static Bool from(T x) {
    return {static_cast<uint8_t>(x != 0)};
  }
};
template <>
struct Convert<Complex64> {
  template <class T>
  static Complex64 from(T x) {
    return {static_cast<float>(x), 0.0f};
  }
};
template <>
struct Convert<Bfloat16> {
  template <class T>
  static Bfloat16 from(T x) {
    const float f = static_cast<float>(x);
    uint32_t word;
    memcpy(&word, &f, 4);
    if (f != f) return {0x7fc0};
    return {static_cast<uint16_t>((word + 0x7fff + (word >> 16 & 1)) >> 16)};
  }
};
template <>
struct Convert<Float16> {
  template <class T>
  static Float16 from(T x) {
    const float f = static_cast<float>(x);
    uint32_t word;
    memcpy(&word, &f, 4);
    const uint16_t sign = word >> 16 & 0x8000;
    word &= 0x7fffffff;
    if (word > 0x7f800000) return {static_cast<uint16_t>(sign | 0x7e00)};
    if (word >= 0x477ff000) return {static_cast<uint16_t>(sign | 0x7c00)};  // 65520 and up round to infinity
    if (word < 0x38800000) {
      // Subnormal: adding 0.5 leaves the rounded multiple of 2⁻²⁴ in the last bits.
      float magnitude;
      memcpy(&magnitude, &word, 4);
      magnitude += 0.5f;
      memcpy(&word, &magnitude, 4);
      return {static_cast<uint16_t>(sign | (word - 0x3f000000))};
    }
    word += 0xfff + (word >> 13 & 1);
    return {static_cast<uint16_t>(sign | (word - 0x38000000) >> 13)};
  }
};

template <class To, class From>
inline To convert(From x, To*) {
  return Convert<To>::from(value(x));
}
inline Bool convert(Complex64 x, Bool*) { return {static_cast<uint8_t>(x.re != 0 || x.im != 0)}; }

/** Writes value as an element of the dtype. int64: value + rest; complex64: value + i · rest. */
inline void encodeScalar(void* to, int32_t dtype, double value, double rest) {
  const auto put = [to](auto x) { memcpy(to, &x, sizeof x); };
  const int64_t whole =
      static_cast<int64_t>(static_cast<uint64_t>(toInt64(value)) + static_cast<uint64_t>(toInt64(rest)));
  switch (dtype) {
    case kFloat32:
      return put(static_cast<float>(value));
    case kFloat64:
      return put(value);
    case kInt64:
      return put(whole);
    case kInt32:
      return put(static_cast<int32_t>(whole));
    case kInt16:
      return put(static_cast<int16_t>(whole));
    case kInt8:
      return put(static_cast<int8_t>(whole));
    case kUint8:
      return put(static_cast<uint8_t>(whole));
    case kBool:
      return put(Convert<Bool>::from(value));
    case kComplex64:
      return put(Complex64{static_cast<float>(value), static_cast<float>(rest)});
    case kFloat16:
      return put(Convert<Float16>::from(value));
    default:
      return put(Convert<Bfloat16>::from(value));
  }
}

}  // namespace NG_ISA
}  // namespace ng
