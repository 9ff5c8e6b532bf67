// Scatter: elements (o, j, i) of [outer, count, inner] into the places that an index tensor gives.
#include "arithmetic.h"
#include "indexing.h"
#include "iterator.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {
namespace {

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

}  // namespace

void kernel_scatter(Call& call) {
  Indexed s;
  if (!readScatter(call, s) || s.empty()) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return (scatterAs<Put, T>(call, s)))
}

void kernel_scatterAdd(Call& call) { scatterNumbers<Add>(call); }
void kernel_scatterMultiply(Call& call) { scatterNumbers<Multiply>(call); }
void kernel_scatterMaximum(Call& call) { scatterOrdered<Maximum>(call); }
void kernel_scatterMinimum(Call& call) { scatterOrdered<Minimum>(call); }

}  // namespace NG_ISA
}  // namespace ng
