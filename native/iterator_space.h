// The iterator's index space, and how operands that are not contiguous get into buffers.
#pragma once

#include "iterator.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {

constexpr int kMaxLoopOperands = 4;
/** Elements of a buffer. */
constexpr int64_t kTile = 512;
/** Rows shorter than this are gathered into tiles, so that the loop is called on more than a few elements. */
constexpr int64_t kShortRow = 64;
/** The same of operands that the loop can take from where they are. */
constexpr int64_t kShortDirectRow = 16;
/** A block of a transposed operand, rows of the result by columns; and how many blocks below each other are one piece.
 */
constexpr int64_t kBlockRows = 32, kBlockColumns = 64, kBlocks = 16;

/** A call's index space after dropping and collapsing dimensions; strides in bytes. */
struct Space {
  int operands;
  int ndim;
  int64_t total;
  int64_t shape[kMaxDims];
  int64_t strides[kMaxLoopOperands][kMaxDims];
  int size[kMaxLoopOperands];         // bytes of an element
  bool contiguous[kMaxLoopOperands];  // over the whole space
  bool single[kMaxLoopOperands];      // one element for the whole space
  int64_t period[kMaxLoopOperands];   // after this many elements an operand repeats itself
  char* data[kMaxLoopOperands];
  Loop loop;
  uint32_t broadcastable;
  bool copies;  // the loop only copies operand 1
  const Call* call;
};

inline void swapDims(Space& s, int a, int b) {
  const int64_t size = s.shape[a];
  s.shape[a] = s.shape[b];
  s.shape[b] = size;
  for (int i = 0; i < s.operands; i++) {
    const int64_t stride = s.strides[i][a];
    s.strides[i][a] = s.strides[i][b];
    s.strides[i][b] = stride;
  }
}

inline int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }

inline void build(Space& s, Call& call, int operands) {
  s.operands = operands;
  s.call = &call;
  s.ndim = 0;
  s.total = 1;
  for (int i = 0; i < operands; i++) {
    s.size[i] = 1 << dtypeShift(call.x[i].dtype);
    s.data[i] = static_cast<char*>(call.x[i].data);
  }
  for (int d = 0; d < call.ndim; d++) {
    if (call.shape[d] == 1) continue;
    s.total *= call.shape[d];
    s.shape[s.ndim] = call.shape[d];
    for (int i = 0; i < operands; i++) s.strides[i][s.ndim] = static_cast<int64_t>(call.x[i].strides[d]) * s.size[i];
    s.ndim++;
  }
  // Largest stride of the result first, so that it is written in the order of memory.
  for (int d = 1; d < s.ndim; d++) {
    for (int e = d; e > 0 && magnitude(s.strides[0][e - 1]) < magnitude(s.strides[0][e]); e--) swapDims(s, e - 1, e);
  }
  // Collapse dimensions that are one for every operand.
  int last = 0;
  for (int d = 1; d < s.ndim; d++) {
    bool joins = true;
    for (int i = 0; i < operands; i++) joins = joins && s.strides[i][last] == s.strides[i][d] * s.shape[d];
    if (joins) {
      s.shape[last] *= s.shape[d];
    } else {
      last++;
      s.shape[last] = s.shape[d];
    }
    for (int i = 0; i < operands; i++) s.strides[i][last] = s.strides[i][d];
  }
  if (s.ndim > 0) s.ndim = last + 1;
  for (int i = 0; i < operands; i++) {
    int64_t dense = s.size[i], count = 1;
    s.contiguous[i] = true;
    s.single[i] = true;
    s.period[i] = 1;
    for (int d = s.ndim - 1; d >= 0; d--) {
      const int64_t stride = s.strides[i][d];
      s.contiguous[i] = s.contiguous[i] && stride == dense;
      s.single[i] = s.single[i] && stride == 0;
      dense *= s.shape[d];
      count *= s.shape[d];
      if (stride != 0) s.period[i] = count;
    }
  }
}

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

/** Where an element stands: its index in each dimension. */
struct Position {
  int64_t index[kMaxDims];
};

inline void locate(const Space& s, int64_t linear, Position& at) {
  for (int d = s.ndim - 1; d >= 0; d--) {
    at.index[d] = linear % s.shape[d];
    linear /= s.shape[d];
  }
}

/** On to the next row of the innermost dimension. */
inline void nextRow(const Space& s, Position& at) {
  at.index[s.ndim - 1] = 0;
  for (int d = s.ndim - 2; d >= 0; d--) {
    if (++at.index[d] < s.shape[d]) return;
    at.index[d] = 0;
  }
}

/** The same, where `offsets` are the operands' in bytes, without the index in the innermost dimension. */
inline void nextRow(const Space& s, Position& at, int64_t* offsets) {
  at.index[s.ndim - 1] = 0;
  for (int d = s.ndim - 2; d >= 0; d--) {
    const bool within = ++at.index[d] < s.shape[d];
    const int64_t steps = within ? 1 : 1 - s.shape[d];
    for (int i = 0; i < s.operands; i++) offsets[i] += steps * s.strides[i][d];
    if (within) return;
    at.index[d] = 0;
  }
}

inline int64_t offsetOf(const Space& s, int i, const Position& at) {
  int64_t offset = 0;
  for (int d = 0; d < s.ndim; d++) offset += at.index[d] * s.strides[i][d];
  return offset;
}

/** n elements of operand i from position `at` on, into `to`. */
inline void gatherSpace(const Space& s, int i, Position at, char* to, int64_t n) {
  const int inner = s.ndim - 1, size = s.size[i];
  while (n > 0) {
    int64_t run = s.shape[inner] - at.index[inner];
    if (run > n) run = n;
    gather(size, to, s.data[i] + offsetOf(s, i, at), s.strides[i][inner], run);
    to += run * size;
    n -= run;
    nextRow(s, at);
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
