// The iterator's index space, and how operands that are not contiguous get into buffers.
#pragma once

#include "iterator.h"
#include "iterator_gather.h"

namespace ng {
namespace NG_ISA {

constexpr int kMaxLoopOperands = 4;
/** Elements of a buffer. */
constexpr int64_t kTile = 512;
/** Rows shorter than this are gathered into tiles, so that the loop is called on more than a few elements. */
constexpr int64_t kShortRow = 64;
/** The same of operands that the loop can take from where they are. */
constexpr int64_t kShortDirectRow = 16;
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
  bool copies;           // the loop only copies operand 1
  bool copiesShortRows;  // as that, and rows of whole words are so short that a call of the loop costs more
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

/** n elements of operand i from position `at` on, into `to`: as many rows at once as have an index before them. */
inline void gatherSpace(const Space& s, int i, Position at, char* to, int64_t n) {
  const int inner = s.ndim - 1, size = s.size[i];
  const int64_t columns = s.shape[inner];
  while (n > 0) {
    const char* from = s.data[i] + offsetOf(s, i, at);
    int64_t run = columns - at.index[inner];
    if (inner > 0 && run == columns && n >= columns) {
      const int64_t left = s.shape[inner - 1] - at.index[inner - 1];
      const int64_t rows = n / columns < left ? n / columns : left;
      gatherRows(size, to, from, s.strides[i][inner - 1], s.strides[i][inner], rows, columns);
      run *= rows;
      at.index[inner - 1] += rows - 1;
    } else {
      if (run > n) run = n;
      gather(size, to, from, s.strides[i][inner], run);
    }
    to += run * size;
    n -= run;
    nextRow(s, at);
  }
}

/** Whether operands 0 and 1 have no memory in common, as far as their ends tell. */
inline bool isApart(const Space& s) {
  const char *low[2], *high[2];
  for (int i = 0; i < 2; i++) {
    low[i] = s.data[i];
    high[i] = s.data[i] + s.size[i];
    for (int d = 0; d < s.ndim; d++) (s.strides[i][d] < 0 ? low : high)[i] += s.strides[i][d] * (s.shape[d] - 1);
  }
  return high[0] <= low[1] || high[1] <= low[0];
}

}  // namespace NG_ISA
}  // namespace ng
