#include "iterator.h"

#include <string.h>

namespace ng {
namespace NG_ISA {
namespace {

constexpr int kMaxLoopOperands = 6;
constexpr int64_t kTile = 512;
/** Rows shorter than this are gathered into tiles, so that the loop is called on more than a few elements. */
constexpr int64_t kShortRow = 64;

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
  char* data[kMaxLoopOperands];
  Loop loop;
  uint32_t broadcastable;
  const Call* call;
};

void swapDims(Space& s, int a, int b) {
  const int64_t size = s.shape[a];
  s.shape[a] = s.shape[b];
  s.shape[b] = size;
  for (int i = 0; i < s.operands; i++) {
    const int64_t stride = s.strides[i][a];
    s.strides[i][a] = s.strides[i][b];
    s.strides[i][b] = stride;
  }
}

int64_t magnitude(int64_t x) { return x < 0 ? -x : x; }

void build(Space& s, Call& call, int operands) {
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
      for (int i = 0; i < operands; i++) s.strides[i][last] = s.strides[i][d];
    } else {
      last++;
      s.shape[last] = s.shape[d];
      for (int i = 0; i < operands; i++) s.strides[i][last] = s.strides[i][d];
    }
  }
  if (s.ndim > 0) s.ndim = last + 1;
  for (int i = 0; i < operands; i++) {
    int64_t dense = s.size[i];
    s.contiguous[i] = true;
    s.single[i] = true;
    for (int d = s.ndim - 1; d >= 0; d--) {
      s.contiguous[i] = s.contiguous[i] && s.strides[i][d] == dense;
      s.single[i] = s.single[i] && s.strides[i][d] == 0;
      dense *= s.shape[d];
    }
  }
}

template <class T>
inline void gatherRun(char* to, const char* from, int64_t stride, int64_t n) {
  T* out = reinterpret_cast<T*>(to);
  if (stride == sizeof(T)) {
    memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
  } else if (stride == 0) {
    const T value = *reinterpret_cast<const T*>(from);
    for (int64_t i = 0; i < n; i++) out[i] = value;
  } else {
    for (int64_t i = 0; i < n; i++) out[i] = *reinterpret_cast<const T*>(from + i * stride);
  }
}

void gather(int size, char* to, const char* from, int64_t stride, int64_t n) {
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

void scatter(int size, char* to, int64_t stride, const char* from, int64_t n) {
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

void locate(const Space& s, int64_t linear, Position& at) {
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

inline int64_t offsetOf(const Space& s, int i, const Position& at) {
  int64_t offset = 0;
  for (int d = 0; d < s.ndim; d++) offset += at.index[d] * s.strides[i][d];
  return offset;
}

/** n elements of operand i from position `at` on, into `to`. */
void gatherSpace(const Space& s, int i, Position at, char* to, int64_t n) {
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

typedef char TileBuffer[kTile * 8];

/** Rows of the innermost dimension: direct where contiguous, else through buffers. */
void runRows(const Space& s, int64_t begin, int64_t end) {
  alignas(64) TileBuffer buffers[kMaxLoopOperands];
  const int inner = s.ndim - 1;
  bool direct[kMaxLoopOperands];
  uint32_t broadcast = 0;
  bool buffered = false;
  for (int i = 0; i < s.operands; i++) {
    direct[i] = s.strides[i][inner] == s.size[i];
    if (s.strides[i][inner] == 0 && (s.broadcastable >> i & 1)) {
      direct[i] = true;
      broadcast |= 1u << i;
    }
    buffered = buffered || !direct[i];
  }
  Position at;
  locate(s, begin, at);
  char* p[kMaxLoopOperands];
  while (begin < end) {
    int64_t row = s.shape[inner] - at.index[inner];
    if (row > end - begin) row = end - begin;
    int64_t offsets[kMaxLoopOperands];
    for (int i = 0; i < s.operands; i++) offsets[i] = offsetOf(s, i, at);
    for (int64_t done = 0; done < row;) {
      const int64_t n = buffered && row - done > kTile ? kTile : row - done;
      for (int i = 0; i < s.operands; i++) {
        char* source = s.data[i] + offsets[i] + done * s.strides[i][inner];
        p[i] = direct[i] ? source : buffers[i];
        if (!direct[i] && i > 0) gather(s.size[i], buffers[i], source, s.strides[i][inner], n);
      }
      s.loop(p, n, broadcast, *s.call);
      if (!direct[0]) {
        scatter(s.size[0], s.data[0] + offsets[0] + done * s.strides[0][inner], s.strides[0][inner], buffers[0], n);
      }
      done += n;
    }
    begin += row;
    nextRow(s, at);
  }
}

/** For short rows and a contiguous result: everything that is not contiguous is gathered over many rows at once. */
void runTiles(const Space& s, int64_t begin, int64_t end) {
  alignas(64) TileBuffer buffers[kMaxLoopOperands];
  uint32_t broadcast = 0;
  char* p[kMaxLoopOperands];
  for (int i = 1; i < s.operands; i++) {
    if (s.single[i] && (s.broadcastable >> i & 1)) {
      broadcast |= 1u << i;
      p[i] = s.data[i];
    }
  }
  Position at;
  while (begin < end) {
    const int64_t n = end - begin < kTile ? end - begin : kTile;
    locate(s, begin, at);
    for (int i = 0; i < s.operands; i++) {
      if (broadcast >> i & 1) continue;
      if (s.contiguous[i]) {
        p[i] = s.data[i] + begin * s.size[i];
      } else {
        p[i] = buffers[i];
        gatherSpace(s, i, at, buffers[i], n);
      }
    }
    s.loop(p, n, broadcast, *s.call);
    begin += n;
  }
}

/** Everything contiguous, or one element for the whole space. */
void runFlat(const Space& s, int64_t begin, int64_t end) {
  char* p[kMaxLoopOperands];
  uint32_t broadcast = 0;
  for (int i = 0; i < s.operands; i++) {
    p[i] = s.data[i] + (s.contiguous[i] ? begin * s.size[i] : 0);
    if (!s.contiguous[i]) broadcast |= 1u << i;
  }
  s.loop(p, end - begin, broadcast, *s.call);
}

}  // namespace

void elementwise(Call& call, int operands, Loop loop, int64_t grain, uint32_t broadcastable) {
  Space s;
  build(s, call, operands);
  s.loop = loop;
  s.broadcastable = broadcastable;
  bool flat = true;
  for (int i = 0; i < operands; i++) flat = flat && (s.contiguous[i] || (s.single[i] && (broadcastable >> i & 1)));
  const bool rows = !flat && (!s.contiguous[0] || s.shape[s.ndim - 1] >= kShortRow);
  parallelFor(
      call.pool, s.total, grain,
      [&](int64_t begin, int64_t end, int) {
        if (flat) {
          runFlat(s, begin, end);
        } else if (rows) {
          runRows(s, begin, end);
        } else {
          runTiles(s, begin, end);
        }
      },
      64);
}

}  // namespace NG_ISA
}  // namespace ng
