// Gather: elements (o, j, i) of [outer, count, inner], one of which coordinates an index tensor gives.
#include "indexing.h"

#include <string.h>

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

void kernel_linearIndex(Call& call) {
  for (int i = 0; i < 3; i++) {
    if (call.x[i].dtype != kInt64) return call.badDType(i);
  }
  elementwise(call, 3, LinearIndexLoop::run, kLight, 6);
}

}  // namespace NG_ISA
}  // namespace ng
