// What the gather and scatter kernels share: their geometry, the check of indices, and a switch over element types.
#pragma once

#include "dtype.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {

/** How far apart in an operand the neighbours along each of [outer, count, inner] are; x's step is the index's. */
struct Steps {
  int64_t outer, step, inner;
  /** One more than the last element reached. */
  int64_t extent(int64_t outerCount, int64_t count, int64_t innerCount) const {
    return (outerCount - 1) * outer + (count - 1) * step + (innerCount - 1) * inner + 1;
  }
  bool negative() const { return outer < 0 || step < 0 || inner < 0; }
};

/** [outer, count, inner] elements, of which x is read or written at the place an index gives. */
struct Indexed {
  int64_t outer, count, inner, bound;
  bool wrap;
  Steps x, index, src;

  bool empty() const { return outer == 0 || count == 0 || inner == 0; }

  /** Reads the ints; false when an operand is too short for them. `src` is -1 for a gather. */
  bool read(Call& call, int xOperand, int indexOperand, int srcOperand) {
    const int32_t* ints = call.ints;
    outer = ints[0];
    count = ints[1];
    inner = ints[2];
    bound = ints[3];
    wrap = ints[4] != 0;
    x = {ints[5], ints[6], ints[7]};
    index = {ints[8], ints[9], ints[10]};
    src = {0, 0, 0};
    if (srcOperand >= 0) src = {ints[11], ints[12], ints[13]};
    if (outer < 0 || count < 0 || inner < 0 || bound < 0 || x.negative() || index.negative() || src.negative()) {
      call.badSize(0);
      return false;
    }
    if (call.x[indexOperand].dtype != kInt64) {
      call.badDType(indexOperand);
      return false;
    }
    if (empty()) return true;
    if (count == 1 && inner == 1) {
      // One element of each row: one row of elements.
      inner = outer;
      outer = 1;
      x.inner = x.outer;
      index.inner = index.outer;
      src.inner = src.outer;
    }
    if (bound > 0 && !call.need(xOperand, x.extent(outer, bound, inner))) return false;
    if (!call.need(indexOperand, index.extent(outer, count, inner))) return false;
    return srcOperand < 0 || call.need(srcOperand, src.extent(outer, count, inner));
  }

  /** The index counted from the start. */
  int64_t wrapped(int64_t k) const { return k + (k >> 63 & (wrap ? bound : 0)); }
  bool holds(int64_t at) const { return static_cast<uint64_t>(at) < static_cast<uint64_t>(bound); }
  /** The same, or -1 (and a report) when it is out of range. */
  int64_t checked(Call& call, int64_t k) const {
    const int64_t at = wrapped(k);
    if (holds(at)) return at;
    call.fail(1, k, static_cast<int32_t>(bound));
    return -1;
  }
};

/** Runs the statement with T as the element type of a number's dtype, if it is one. */
#define NG_NUMBER_TYPES(dtype, T, ...) \
  switch (dtype) {                     \
    case kFloat32: {                   \
      typedef float T;                 \
      __VA_ARGS__;                     \
    }                                  \
    case kFloat64: {                   \
      typedef double T;                \
      __VA_ARGS__;                     \
    }                                  \
    case kInt64: {                     \
      typedef int64_t T;               \
      __VA_ARGS__;                     \
    }                                  \
    case kInt32: {                     \
      typedef int32_t T;               \
      __VA_ARGS__;                     \
    }                                  \
    case kInt16: {                     \
      typedef int16_t T;               \
      __VA_ARGS__;                     \
    }                                  \
    case kInt8: {                      \
      typedef int8_t T;                \
      __VA_ARGS__;                     \
    }                                  \
    case kUint8: {                     \
      typedef uint8_t T;               \
      __VA_ARGS__;                     \
    }                                  \
    default:                           \
      break;                           \
  }

/** Indices that are checked before they are used, so that the loop that uses them has nothing to leave it for. */
constexpr int64_t kBlock = 512;

/** Whether the n indices, `step` apart, are all in range. */
inline bool allHeld(const int64_t* index, int64_t n, int64_t step, int64_t bound, int64_t added) {
  uint64_t outside = 0;
  for (int64_t i = 0; i < n; i++) {
    const int64_t k = index[i * step];
    outside |= static_cast<uint64_t>(k + (k >> 63 & added)) >= static_cast<uint64_t>(bound);
  }
  return outside == 0;
}

/** Calls f(begin, end) over the n indices, `step` apart, in blocks; stops at one out of range, reported, with false. */
template <class F>
inline bool inBlocks(Call& call, const Indexed& s, const int64_t* index, int64_t n, int64_t step, F f) {
  const int64_t bound = s.bound, added = s.wrap ? bound : 0;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    const int64_t end = begin + kBlock < n ? begin + kBlock : n;
    const int64_t* block = index + begin * step;
    if (!(step == 1 ? allHeld(block, end - begin, 1, bound, added) : allHeld(block, end - begin, step, bound, added))) {
      for (int64_t i = begin; s.checked(call, index[i * step]) >= 0; i++) continue;
      return false;
    }
    f(begin, end);
  }
  return true;
}

/** Runs the statement with T as an unsigned integer as wide as an element: for kernels that only move elements. */
#define NG_SIZE_TYPES(dtype, T, ...) \
  switch (dtypeShift(dtype)) {       \
    case 0: {                        \
      typedef uint8_t T;             \
      __VA_ARGS__;                   \
    }                                \
    case 1: {                        \
      typedef uint16_t T;            \
      __VA_ARGS__;                   \
    }                                \
    case 2: {                        \
      typedef uint32_t T;            \
      __VA_ARGS__;                   \
    }                                \
    default: {                       \
      typedef uint64_t T;            \
      __VA_ARGS__;                   \
    }                                \
  }

}  // namespace NG_ISA
}  // namespace ng
