// How elements that are not contiguous get into the iterator's buffers and out again.
#pragma once

#include "kernel.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {

/** A block of a transposed operand, rows of the result by columns; and how many blocks below each other are one piece.
 */
constexpr int64_t kBlockRows = 32, kBlockColumns = 64, kBlocks = 16;

template <class T>
inline void gatherRun(char* to, const char* from, int64_t stride, int64_t n) {
  T* out = reinterpret_cast<T*>(to);
  if (stride == sizeof(T)) {
    const T* x = reinterpret_cast<const T*>(from);
    for (int64_t i = 0; i < n; i++) out[i] = x[i];
  } else if (stride == 0) {
    const T value = *reinterpret_cast<const T*>(from);
    for (int64_t i = 0; i < n; i++) out[i] = value;
  } else if (stride == -static_cast<int64_t>(sizeof(T))) {
    const T* x = reinterpret_cast<const T*>(from);
    for (int64_t i = 0; i < n; i++) out[i] = x[-i];
  } else {
    for (int64_t i = 0; i < n; i++) out[i] = *reinterpret_cast<const T*>(from + i * stride);
  }
}

inline void gather(int size, char* to, const char* from, int64_t stride, int64_t n) {
  switch (size) {
    case 1:
      return gatherRun<uint8_t>(to, from, stride, n);
    case 2:
      return gatherRun<uint16_t>(to, from, stride, n);
    case 4:
      return gatherRun<uint32_t>(to, from, stride, n);
    default:
      return gatherRun<uint64_t>(to, from, stride, n);
  }
}

template <class T>
inline void scatterRun(char* to, int64_t stride, const char* from, int64_t n) {
  const T* x = reinterpret_cast<const T*>(from);
  for (int64_t i = 0; i < n; i++) *reinterpret_cast<T*>(to + i * stride) = x[i];
}

inline void scatter(int size, char* to, int64_t stride, const char* from, int64_t n) {
  switch (size) {
    case 1:
      return scatterRun<uint8_t>(to, stride, from, n);
    case 2:
      return scatterRun<uint16_t>(to, stride, from, n);
    case 4:
      return scatterRun<uint32_t>(to, stride, from, n);
    default:
      return scatterRun<uint64_t>(to, stride, from, n);
  }
}

/** to[r][c] = from[r · rowBytes + c · columnBytes] of rows of a few columns: column by column. */
template <class T>
inline void gatherNarrow(char* to, const char* from, int64_t rowBytes, int64_t columnBytes, int64_t rows,
                         int64_t columns) {
  for (int64_t c = 0; c < columns; c++) {
    T* out = reinterpret_cast<T*>(to) + c;
    const char* column = from + c * columnBytes;
    for (int64_t r = 0; r < rows; r++) out[r * columns] = *reinterpret_cast<const T*>(column + r * rowBytes);
  }
}

/** Rows that lie `rowBytes` apart, their elements `columnBytes`, one after the other into `to`. */
inline void gatherRows(int size, char* to, const char* from, int64_t rowBytes, int64_t columnBytes, int64_t rows,
                       int64_t columns) {
  if (columns > 4) {
    for (int64_t r = 0; r < rows; r++) gather(size, to + r * columns * size, from + r * rowBytes, columnBytes, columns);
    return;
  }
  switch (size) {
    case 1:
      return gatherNarrow<uint8_t>(to, from, rowBytes, columnBytes, rows, columns);
    case 2:
      return gatherNarrow<uint16_t>(to, from, rowBytes, columnBytes, rows, columns);
    case 4:
      return gatherNarrow<uint32_t>(to, from, rowBytes, columnBytes, rows, columns);
    default:
      return gatherNarrow<uint64_t>(to, from, rowBytes, columnBytes, rows, columns);
  }
}

/** Rows of `words` words each, copied by vectors: a loop's call would take longer than so short a row. */
inline void copyRows(char* to, int64_t toBytes, const char* from, int64_t fromBytes, int64_t words, int64_t rows) {
  for (int64_t r = 0; r < rows; r++, to += toBytes, from += fromBytes) {
    float* out = reinterpret_cast<float*>(to);
    const float* x = reinterpret_cast<const float*>(from);
    int64_t i = 0;
    for (; i + kLanes <= words; i += kLanes) store(out + i, load(x + i));
    if (i < words) storePartial(out + i, loadPartial(x + i, words - i), words - i);
  }
}

/** to[r][c] = from[r · rowBytes + c · columnBytes], where rows lie side by side (rowBytes = the element's size). */
template <class T>
inline void transposeBlock(T* to, const char* from, int64_t columnBytes, int64_t rows, int64_t columns) {
  for (int64_t c = 0; c < columns; c++) {
    const T* column = reinterpret_cast<const T*>(from + c * columnBytes);
    for (int64_t r = 0; r < rows; r++) to[r * kBlockColumns + c] = column[r];
  }
}

inline void transposeBlock(float* to, const char* from, int64_t columnBytes, int64_t rows, int64_t columns) {
  int64_t c = 0;
  if (rows % kLanes == 0) {
    for (; c + kLanes <= columns; c += kLanes) {
      for (int64_t r = 0; r < rows; r += kLanes) {
        F32 square[kLanes];
        for (int i = 0; i < kLanes; i++) {
          square[i] = load(reinterpret_cast<const float*>(from + (c + i) * columnBytes) + r);
        }
        transpose(square);
        for (int i = 0; i < kLanes; i++) store(to + (r + i) * kBlockColumns + c, square[i]);
      }
    }
  }
  for (; c < columns; c++) {
    const float* column = reinterpret_cast<const float*>(from + c * columnBytes);
    for (int64_t r = 0; r < rows; r++) to[r * kBlockColumns + c] = column[r];
  }
}

inline void gatherBlock(int size, char* to, const char* from, int64_t columnBytes, int64_t rows, int64_t columns) {
  switch (size) {
    case 1:
      return transposeBlock(reinterpret_cast<uint8_t*>(to), from, columnBytes, rows, columns);
    case 2:
      return transposeBlock(reinterpret_cast<uint16_t*>(to), from, columnBytes, rows, columns);
    case 4:
      return transposeBlock(reinterpret_cast<float*>(to), from, columnBytes, rows, columns);
    default:
      return transposeBlock(reinterpret_cast<uint64_t*>(to), from, columnBytes, rows, columns);
  }
}

}  // namespace NG_ISA
}  // namespace ng
