// Gather and scatter: elements (o, j, i) of [outer, count, inner], one of which coordinates an index tensor gives.
#include "indexing.h"

#include <string.h>

#include "arithmetic.h"
#include "elementwise.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class T>
void gatherRow(T* out, const T* x, int64_t n, int64_t step) {
  if (step == 1) {
    memcpy(out, x, static_cast<size_t>(n) * sizeof(T));
  } else {
    for (int64_t i = 0; i < n; i++) out[i] = x[i * step];
  }
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

/** Elements one by one, by an index that is the same for every o: it is checked once. */
template <class T>
void gatherShared(Call& call, const Indexed& s) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const int64_t* index = static_cast<const int64_t*>(call.x[2].data);
  if (!inBlocks(call, s, index, s.count, s.index.step, [](int64_t, int64_t) {})) return;
  parallelFor(call.pool, s.outer, kMedium / s.count + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o++) {
      T* to = out + o * s.count;
      const T* from = x + o * s.x.outer;
      for (int64_t j = 0; j < s.count; j++) to[j] = from[s.wrapped(index[j * s.index.step]) * s.x.step];
    }
  });
}

/** out[i] = x[k · step + i · along] for the n indices k, `indexStep` apart. */
template <class T>
bool gatherElements(Call& call, const Indexed& s, T* out, const T* x, const int64_t* index, int64_t n,
                    int64_t indexStep, int64_t along) {
  return inBlocks(call, s, index, n, indexStep, [&](int64_t begin, int64_t end) {
    const int64_t step = s.x.step, added = s.wrap ? s.bound : 0;
    if (indexStep == 1 && step == 1 && along == 0) {
      for (int64_t i = begin; i < end; i++) out[i] = x[index[i] + (index[i] >> 63 & added)];
    } else {
      for (int64_t i = begin; i < end; i++) {
        const int64_t k = index[i * indexStep];
        out[i] = x[(k + (k >> 63 & added)) * step + i * along];
      }
    }
  });
}

template <class T>
void gatherAs(Call& call, const Indexed& s) {
  if (s.inner == 1 && s.index.outer == 0 && s.outer > 1) return gatherShared<T>(call, s);
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const int64_t* index = static_cast<const int64_t*>(call.x[2].data);
  if (s.inner == 1) {
    // Pieces of the rows, whole ones or of a long one.
    const int64_t pieces = (s.count + kMedium - 1) / kMedium, size = (s.count + pieces - 1) / pieces;
    parallelFor(call.pool, s.outer * pieces, kMedium / size + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t p = begin; p < end; p++) {
        const int64_t o = p / pieces, j = p % pieces * size, n = s.count - j < size ? s.count - j : size;
        const int64_t* at = index + o * s.index.outer + j * s.index.step;
        if (!gatherElements(call, s, out + o * s.count + j, x + o * s.x.outer, at, n, s.index.step, 0)) return;
      }
    });
    return;
  }
  parallelFor(call.pool, s.outer * s.count, kMedium / s.inner + 1, [&](int64_t begin, int64_t end, int) {
    int64_t o = begin / s.count, j = begin % s.count;
    for (int64_t r = begin; r < end; r++) {
      T* to = out + r * s.inner;
      const T* from = x + o * s.x.outer;
      const int64_t* at = index + o * s.index.outer + j * s.index.step;
      if (s.index.inner == 0) {
        const int64_t k = s.checked(call, *at);
        if (k < 0) return;
        gatherRow(to, from + k * s.x.step, s.inner, s.x.inner);
      } else if (!gatherElements(call, s, to, from, at, s.inner, s.index.inner, s.x.inner)) {
        return;
      }
      if (++j == s.count) {
        j = 0;
        o++;
      }
    }
  });
}

struct Put {
  template <class T>
  static inline T apply(T, T y) {
    return y;
  }
};
struct Add {
  template <class T>
  static inline T apply(T x, T y) {
    return plus(x, y);
  }
};

struct Multiply {
  template <class T>
  static inline T apply(T x, T y) {
    return times(x, y);
  }
};
/** NaN wins. */
struct Maximum {
  template <class T>
  static inline T apply(T x, T y) {
    return x != x || x > y ? x : y;
  }
};
struct Minimum {
  template <class T>
  static inline T apply(T x, T y) {
    return x != x || x < y ? x : y;
  }
};

/** Columns that one thread takes at a time, so that no two threads write one element. */
constexpr int64_t kTile = 256;

/** Elements one by one, of which no two of different o meet. */
template <class Op, class T>
void scatterElements(Call& call, const Indexed& s) {
  T* x = static_cast<T*>(call.x[0].data);
  const int64_t* index = static_cast<const int64_t*>(call.x[1].data);
  const T* src = static_cast<const T*>(call.x[2].data);
  parallelFor(call.pool, s.outer, kMedium / s.count + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o++) {
      T* to = x + o * s.x.outer;
      const int64_t* at = index + o * s.index.outer;
      const T* from = src + o * s.src.outer;
      const bool good = inBlocks(call, s, at, s.count, s.index.step, [&](int64_t first, int64_t last) {
        const int64_t step = s.x.step, indexStep = s.index.step, srcStep = s.src.step, added = s.wrap ? s.bound : 0;
        for (int64_t j = first; j < last; j++) {
          const int64_t k = at[j * indexStep];
          T& element = to[(k + (k >> 63 & added)) * step];
          element = Op::apply(element, from[j * srcStep]);
        }
      });
      if (!good) return;
    }
  });
}

template <class Op, class T>
void scatterAs(Call& call, const Indexed& s) {
  if (s.inner == 1) return scatterElements<Op, T>(call, s);
  T* x = static_cast<T*>(call.x[0].data);
  const int64_t* index = static_cast<const int64_t*>(call.x[1].data);
  const T* src = static_cast<const T*>(call.x[2].data);
  const int64_t tiles = (s.inner + kTile - 1) / kTile;
  const int64_t width = s.inner < kTile ? s.inner : kTile;
  parallelFor(call.pool, s.outer * tiles, kMedium / (s.count * width) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t t = begin; t < end; t++) {
      const int64_t o = t / tiles, first = t % tiles * kTile;
      const int64_t n = s.inner - first < kTile ? s.inner - first : kTile;
      T* to = x + o * s.x.outer + first * s.x.inner;
      const int64_t* at = index + o * s.index.outer + first * s.index.inner;
      const T* from = src + o * s.src.outer + first * s.src.inner;
      for (int64_t j = 0; j < s.count; j++, at += s.index.step, from += s.src.step) {
        if (s.index.inner == 0 || n == 1) {
          const int64_t k = s.checked(call, *at);
          if (k < 0) return;
          T* row = to + k * s.x.step;
          if (s.x.inner == 1 && s.src.inner == 1) {
            for (int64_t i = 0; i < n; i++) row[i] = Op::apply(row[i], from[i]);
          } else {
            for (int64_t i = 0; i < n; i++) {
              T& element = row[i * s.x.inner];
              element = Op::apply(element, from[i * s.src.inner]);
            }
          }
        } else {
          const bool good = inBlocks(call, s, at, n, s.index.inner, [&](int64_t left, int64_t right) {
            for (int64_t i = left; i < right; i++) {
              T& element = to[s.wrapped(at[i * s.index.inner]) * s.x.step + i * s.x.inner];
              element = Op::apply(element, from[i * s.src.inner]);
            }
          });
          if (!good) return;
        }
      }
    }
  });
}

bool readScatter(Call& call, Indexed& s) {
  if (!s.read(call, 0, 1, 2)) return false;
  if (call.x[2].dtype != call.x[0].dtype) {
    call.badDType(2);
    return false;
  }
  return true;
}

template <class Op>
void scatterNumbers(Call& call) {
  Indexed s;
  if (!readScatter(call, s) || s.empty()) return;
  switch (call.x[0].dtype) {
    case kBool:
      return scatterAs<Op, Bool>(call, s);
    case kComplex64:
      return scatterAs<Op, Complex64>(call, s);
    default:
      NG_NUMBER_TYPES(call.x[0].dtype, T, return (scatterAs<Op, T>(call, s)));
      return call.badDType(0);
  }
}

template <class Op>
void scatterOrdered(Call& call) {
  Indexed s;
  if (!readScatter(call, s) || s.empty()) return;
  const int32_t dtype = call.x[0].dtype == kBool ? kUint8 : call.x[0].dtype;
  NG_NUMBER_TYPES(dtype, T, return (scatterAs<Op, T>(call, s)));
  call.badDType(0);
}

struct LinearIndexLoop {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    int64_t* out = reinterpret_cast<int64_t*>(p[0]);
    const int64_t* base = reinterpret_cast<const int64_t*>(p[1]);
    const int64_t* index = reinterpret_cast<const int64_t*>(p[2]);
    const int64_t size = static_cast<int64_t>(call.scalars[0]), step = static_cast<int64_t>(call.scalars[1]);
    const int64_t baseStep = broadcast & 2 ? 0 : 1, indexStep = broadcast & 4 ? 0 : 1;
    for (int64_t i = 0; i < n; i++) {
      const int64_t k = index[i * indexStep];
      if (k < -size || k >= size) {
        call.fail(1, k, static_cast<int32_t>(size));
        out[i] = 0;
      } else {
        out[i] = base[i * baseStep] + (k < 0 ? k + size : k) * step;
      }
    }
  }
};

}  // namespace

void kernel_gather(Call& call) {
  Indexed s;
  if (!s.read(call, 1, 2, -1)) return;
  if (call.x[0].dtype != call.x[1].dtype) return call.badDType(1);
  if (!call.need(0, s.outer * s.count * s.inner) || s.empty()) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return gatherAs<T>(call, s))
}

void kernel_scatter(Call& call) {
  Indexed s;
  if (!readScatter(call, s) || s.empty()) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return (scatterAs<Put, T>(call, s)))
}

void kernel_scatterAdd(Call& call) { scatterNumbers<Add>(call); }
void kernel_scatterMultiply(Call& call) { scatterNumbers<Multiply>(call); }
void kernel_scatterMaximum(Call& call) { scatterOrdered<Maximum>(call); }
void kernel_scatterMinimum(Call& call) { scatterOrdered<Minimum>(call); }

void kernel_linearIndex(Call& call) {
  for (int i = 0; i < 3; i++) {
    if (call.x[i].dtype != kInt64) return call.badDType(i);
  }
  elementwise(call, 3, LinearIndexLoop::run, kLight, 6);
}

}  // namespace NG_ISA
}  // namespace ng
