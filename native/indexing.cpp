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
  if (n == 1) {
    *out = *x;
  } else if (step == 1) {
    memcpy(out, x, static_cast<size_t>(n) * sizeof(T));
  } else {
    for (int64_t i = 0; i < n; i++) out[i] = x[i * step];
  }
}

template <class T>
void gatherAs(Call& call, const Indexed& s) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const int64_t* index = static_cast<const int64_t*>(call.x[2].data);
  const bool rows = s.index.inner == 0 || s.inner == 1;
  parallelFor(call.pool, s.outer * s.count, kMedium / s.inner + 1, [&](int64_t begin, int64_t end, int) {
    int64_t o = begin / s.count, j = begin % s.count;
    for (int64_t r = begin; r < end; r++) {
      T* to = out + r * s.inner;
      const T* from = x + o * s.x.outer;
      const int64_t* at = index + o * s.index.outer + j * s.index.step;
      if (rows) {
        const int64_t k = s.checked(call, *at);
        if (k < 0) return;
        gatherRow(to, from + k * s.x.step, s.inner, s.x.inner);
      } else {
        for (int64_t i = 0; i < s.inner; i++) {
          const int64_t k = s.checked(call, at[i * s.index.inner]);
          if (k < 0) return;
          to[i] = from[k * s.x.step + i * s.x.inner];
        }
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

/** Columns that one thread takes at a time, so that no two threads write one element. */
constexpr int64_t kTile = 256;

template <class Op, class T>
void scatterAs(Call& call, const Indexed& s) {
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
          for (int64_t i = 0; i < n; i++) {
            const int64_t k = s.checked(call, at[i * s.index.inner]);
            if (k < 0) return;
            T& element = to[k * s.x.step + i * s.x.inner];
            element = Op::apply(element, from[i * s.src.inner]);
          }
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
  switch (dtypeShift(call.x[0].dtype)) {
    case 0:
      return gatherAs<uint8_t>(call, s);
    case 1:
      return gatherAs<uint16_t>(call, s);
    case 2:
      return gatherAs<uint32_t>(call, s);
    default:
      return gatherAs<uint64_t>(call, s);
  }
}

void kernel_scatter(Call& call) {
  Indexed s;
  if (!readScatter(call, s) || s.empty()) return;
  switch (dtypeShift(call.x[0].dtype)) {
    case 0:
      return scatterAs<Put, uint8_t>(call, s);
    case 1:
      return scatterAs<Put, uint16_t>(call, s);
    case 2:
      return scatterAs<Put, uint32_t>(call, s);
    default:
      return scatterAs<Put, uint64_t>(call, s);
  }
}

void kernel_scatterAdd(Call& call) {
  Indexed s;
  if (!readScatter(call, s) || s.empty()) return;
  switch (call.x[0].dtype) {
    case kBool:
      return scatterAs<Add, Bool>(call, s);
    case kComplex64:
      return scatterAs<Add, Complex64>(call, s);
    default:
      NG_NUMBER_TYPES(call.x[0].dtype, T, return (scatterAs<Add, T>(call, s)));
      return call.badDType(0);
  }
}

void kernel_linearIndex(Call& call) {
  for (int i = 0; i < 3; i++) {
    if (call.x[i].dtype != kInt64) return call.badDType(i);
  }
  elementwise(call, 3, LinearIndexLoop::run, kLight, 6);
}

namespace {

/** Whether an element is not 0, by its bits: -0 is 0, NaN is not. */
template <class T>
inline bool truthy(T x) {
  return x != T(0);
}
inline bool truthy(Float16 x) { return (x.bits & 0x7fff) != 0; }
inline bool truthy(Complex64 x) { return x.re != 0 || x.im != 0; }

template <class T>
void countAs(Call& call, int64_t outer, int64_t n, int64_t inner) {
  int64_t* out = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  if (inner == 1) {
    parallelFor(call.pool, outer, kLight / (n + 1) + 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) {
        int64_t count = 0;
        for (int64_t i = 0; i < n; i++) count += truthy(x[o * n + i]);
        out[o] = count;
      }
    });
    return;
  }
  parallelFor(call.pool, outer, kLight / (n * inner + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o++) {
      int64_t* to = out + o * inner;
      for (int64_t i = 0; i < inner; i++) to[i] = 0;
      for (int64_t j = 0; j < n; j++) {
        const T* row = x + (o * n + j) * inner;
        for (int64_t i = 0; i < inner; i++) to[i] += truthy(row[i]);
      }
    }
  });
}

template <class T>
void nonzeroAs(Call& call, int64_t n, int64_t count, int rank) {
  int64_t* out = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const int64_t* shape = static_cast<const int64_t*>(call.x[2].data);
  int64_t found = 0;
  if (rank == 1) {
    for (int64_t i = 0; i < n; i++) {
      if (truthy(x[i]) && found < count) out[found++] = i;
    }
    return;
  }
  int64_t at[kMaxDims] = {0};
  for (int64_t i = 0; i < n; i++) {
    if (truthy(x[i])) {
      if (found == count) return;
      for (int d = 0; d < rank; d++) out[found * rank + d] = at[d];
      found++;
    }
    for (int d = rank - 1; d >= 0; d--) {
      if (++at[d] < shape[d]) break;
      at[d] = 0;
    }
  }
}

#define NG_TRUTHY_TYPES(dtype, T, ...)       \
  switch (dtype) {                           \
    case kBool: {                            \
      typedef uint8_t T;                     \
      __VA_ARGS__;                           \
    }                                        \
    case kComplex64: {                       \
      typedef Complex64 T;                   \
      __VA_ARGS__;                           \
    }                                        \
    case kFloat16:                           \
    case kBfloat16: {                        \
      typedef Float16 T;                     \
      __VA_ARGS__;                           \
    }                                        \
    default:                                 \
      NG_NUMBER_TYPES(dtype, T, __VA_ARGS__) \
  }

}  // namespace

void kernel_countNonzero(Call& call) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) return call.badSize(0);
  if (call.x[0].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, outer * inner) || (outer * inner > 0 && !call.need(1, outer * n * inner))) return;
  NG_TRUTHY_TYPES(call.x[1].dtype, T, return countAs<T>(call, outer, n, inner))
}

void kernel_nonzero(Call& call) {
  const int64_t n = call.ints[0], count = call.ints[1], rank = call.ints[2];
  if (n < 0 || count < 0 || rank < 0 || rank > kMaxDims) return call.badSize(0);
  if (call.x[0].dtype != kInt64 || call.x[2].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, count * rank) || !call.need(1, n) || !call.need(2, rank)) return;
  NG_TRUTHY_TYPES(call.x[1].dtype, T, return nonzeroAs<T>(call, n, count, static_cast<int>(rank)))
}

}  // namespace NG_ISA
}  // namespace ng
