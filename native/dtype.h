// The dtype codes of src/dtype.ts and the C++ type each one stands for.
#pragma once

#include <stdint.h>

namespace ng {

enum DType : int32_t {
  kFloat32 = 0,
  kFloat64 = 1,
  kInt64 = 2,
  kInt32 = 3,
  kInt16 = 4,
  kInt8 = 5,
  kUint8 = 6,
  kBool = 7,
  kComplex64 = 8,
  kFloat16 = 9,
  kBfloat16 = 10,
  kDTypes = 11,
};

/** log2 of an element's bytes: one hexadecimal digit of a constant for each dtype. */
inline int dtypeShift(int32_t dtype) { return static_cast<int>(0x11300012332 >> (dtype * 4) & 0xf); }

inline const char* dtypeName(int32_t dtype) {
  static const char* const name[kDTypes] = {"float32", "float64", "int64",     "int32",   "int16",   "int8",
                                            "uint8",   "bool",    "complex64", "float16", "bfloat16"};
  return dtype >= 0 && dtype < kDTypes ? name[dtype] : "unknown";
}

// Storage types that need a C++ type of their own, so that overloads tell them from numbers.
struct Bool {
  uint8_t value;
};
struct Complex64 {
  float re, im;
};
struct Float16 {
  uint16_t bits;
};
struct Bfloat16 {
  uint16_t bits;
};

}  // namespace ng
