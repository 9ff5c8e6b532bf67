// copy: any dtype to any dtype.
#include "elementwise.h"

namespace ng {
namespace NG_ISA {
namespace {

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
inline int32_t toInt32(double x) {
  return x > -2147483649.0 && x < 2147483648.0 ? static_cast<int32_t>(x) : INT32_MIN;
}
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

template <class To, class From>
struct ConvertLoop {
  static void run(char* const* p, int64_t n, uint32_t, const Call&) {
    To* out = reinterpret_cast<To*>(p[0]);
    const From* x = reinterpret_cast<const From*>(p[1]);
    for (int64_t i = 0; i < n; i++) out[i] = convert(x[i], static_cast<To*>(nullptr));
  }
};

template <class T>
struct ConvertLoop<T, T> {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call&) {
    if (broadcast) {
      T* out = reinterpret_cast<T*>(p[0]);
      const T x = *reinterpret_cast<const T*>(p[1]);
      for (int64_t i = 0; i < n; i++) out[i] = x;
    } else {
      memmove(p[0], p[1], static_cast<size_t>(n) * sizeof(T));
    }
  }
};

template <class From>
Loop loopFrom(int32_t to) {
  switch (to) {
    case kFloat32:
      return ConvertLoop<float, From>::run;
    case kFloat64:
      return ConvertLoop<double, From>::run;
    case kInt64:
      return ConvertLoop<int64_t, From>::run;
    case kInt32:
      return ConvertLoop<int32_t, From>::run;
    case kInt16:
      return ConvertLoop<int16_t, From>::run;
    case kInt8:
      return ConvertLoop<int8_t, From>::run;
    case kUint8:
      return ConvertLoop<uint8_t, From>::run;
    case kBool:
      return ConvertLoop<Bool, From>::run;
    case kComplex64:
      return ConvertLoop<Complex64, From>::run;
    case kFloat16:
      return ConvertLoop<Float16, From>::run;
    default:
      return ConvertLoop<Bfloat16, From>::run;
  }
}

Loop loopFor(int32_t to, int32_t from) {
  switch (from) {
    case kFloat32:
      return loopFrom<float>(to);
    case kFloat64:
      return loopFrom<double>(to);
    case kInt64:
      return loopFrom<int64_t>(to);
    case kInt32:
      return loopFrom<int32_t>(to);
    case kInt16:
      return loopFrom<int16_t>(to);
    case kInt8:
      return loopFrom<int8_t>(to);
    case kUint8:
      return loopFrom<uint8_t>(to);
    case kBool:
      return loopFrom<Bool>(to);
    case kComplex64:
      return loopFrom<Complex64>(to);
    case kFloat16:
      return loopFrom<Float16>(to);
    default:
      return loopFrom<Bfloat16>(to);
  }
}

}  // namespace

void kernel_copy(Call& call) {
  const int32_t to = call.x[0].dtype, from = call.x[1].dtype;
  elementwise(call, 2, loopFor(to, from), kLight, to == from);
}

}  // namespace NG_ISA
}  // namespace ng
