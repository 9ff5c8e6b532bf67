// Matrix products. Which way a product is computed depends on its shape alone, never on the number of threads:
// - over a short k row by row, as sums of scaled rows of b (gemm_shallow.h);
// - small ones straight from the operands, with tiles of the result in registers;
// - a · bᵀ with few rows by dot products, vectors running along k;
// - large ones from packed panels that stay in the caches, shared by all threads;
// - a small result over a long k in pieces of k, summed in order.
#include "gemm.h"
#include "gemm_integers.h"
#include "gemm_shallow.h"
#include "kernel.h"
#include "multiply.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class T>
bool product(const Gemm<T>& g, const Team& team);

/** Whether k is cut into pieces: a small result over a long k, which would otherwise be one thread's. */
constexpr int64_t kSplitDepth = 4096;
template <class T>
bool isLong(const Gemm<T>& g) {
  return g.k >= 2 * kSplitDepth && g.m * g.n <= 2048;
}

/** Pieces of k, each into its own copy of the result; the copies are added in order. */
template <class T>
bool split(const Gemm<T>& g, const Team& team) {
  const int64_t parts = least(ceilDiv(g.k, kSplitDepth), 16), size = g.m * g.n;
  T* memory =
      static_cast<T*>(poolScratch(team.pool, kSharedScratch + 1, static_cast<size_t>(parts * size) * sizeof(T)));
  if (!memory) return false;
  bool ok = true;
  each(team, parts, [&](int64_t part, int thread) {
    const int64_t p = cut(g.k, parts, part);
    Gemm<T> piece = g;
    piece.c = memory + part * size;
    piece.bias = nullptr;
    piece.accumulate = false;
    piece.k = cut(g.k, parts, part + 1) - p;
    piece.a += g.transA ? p * g.lda : p;
    piece.b += g.transB ? p : p * g.ldb;
    if (!product(piece, Team{team.pool, thread, false, false})) ok = false;
  });
  for (int64_t i = 0; ok && i < size; i++) {
    T sum = memory[i];
    for (int64_t part = 1; part < parts; part++) sum = sum + memory[part * size + i];
    if (g.bias) sum = sum + g.bias[i % g.n];
    g.c[i] = g.accumulate ? sum + g.c[i] : sum;
  }
  return ok;
}

/** Whether rows of a lie so that those of a tile fight for the same few lines of the first-level cache. */
template <class T>
bool isCrowded(const Gemm<T>& g) {
  return !g.transA && g.m > 2 * kTileRows && g.k >= 256 && g.lda * sizeof(T) % 2048 == 0;
}

/** Whether b has so few columns that vectors run along k: tiles would leave lanes empty, or their rows are crowded. */
template <class T>
bool isNarrow(const Gemm<T>& g) {
  constexpr int W = VectorOf<T>::lanes;
  return !g.transA && !g.transB && g.m >= 32 && g.k >= 4 * W && (g.n <= W / 2 || (g.n <= W && isCrowded(g)));
}

/**
 * Through dot products, from a copy of b with its columns as rows. Each thread makes its own: it would wait longer for
 * another's cache.
 */
template <class T>
bool narrow(const Gemm<T>& g, const Team& team) {
  const int64_t threads = team.together ? poolThreads(team.pool) : 1, units = ceilDiv(g.m, kDotRows);
  const int64_t pieces = threads == 1 ? 1 : least(units, g.m < 512 * threads ? threads : 4 * threads);
  bool ok = true;
  each(team, pieces, [&](int64_t piece, int thread) {
    T* const turned = static_cast<T*>(poolScratch(team.pool, thread, static_cast<size_t>(g.n * g.k) * sizeof(T)));
    if (!turned) {
      ok = false;
      return;
    }
    packTransposed(turned, g.k, g.b, g.ldb, g.k, g.n);
    Gemm<T> byDots = g;
    byDots.b = turned;
    byDots.ldb = g.k;
    byDots.transB = true;
    dots(byDots, cut(units, pieces, piece) * kDotRows, least(cut(units, pieces, piece + 1) * kDotRows, g.m), 0, g.n);
  });
  return ok;
}

/** Whether few columns are computed as rows: a is stored so that its rows lie side by side, as vectors want them. */
template <class T>
bool isTall(const Gemm<T>& g) {
  return g.transA && g.n <= VectorOf<T>::lanes / 2 && g.m > g.n;
}

/** Through the transposed result: cᵀ = bᵀ · aᵀ. */
template <class T>
bool turned(const Gemm<T>& g, const Team& team) {
  T* memory = static_cast<T*>(
      poolScratch(team.pool, team.together ? kSharedScratch : team.thread, static_cast<size_t>(g.m * g.n) * sizeof(T)));
  if (!memory) return false;
  if (!product(Gemm<T>{g.n, g.m, g.k, g.ldb, g.lda, !g.transB, false, false, memory, g.b, g.a, nullptr}, team)) {
    return false;
  }
  for (int64_t i = 0; i < g.m; i++) {
    for (int64_t j = 0; j < g.n; j++) {
      const T sum = g.bias ? memory[j * g.m + i] + g.bias[j] : memory[j * g.m + i];
      T& to = g.c[i * g.n + j];
      to = g.accumulate ? sum + to : sum;
    }
  }
  return true;
}

/**
 * Whether a · bᵀ is computed by dot products, each of which ends in a sum across lanes: cheaper than to turn b where
 * few rows would use it, k is long or its panels would be mostly empty.
 */
template <class T>
bool isForDots(const Gemm<T>& g) {
  constexpr int W = VectorOf<T>::lanes;
  if (g.transA || !g.transB) return false;
  if (g.n == 1) return true;
  if (g.n <= W / 2 || g.m <= 4) return g.k >= W;
  return (g.n <= W && g.k >= 8 * W) || (g.m <= 64 && g.k >= 4 * g.m + 2 * W);
}

/** One product. */
template <class T>
bool product(const Gemm<T>& g, const Team& team) {
  if (team.together && isLong(g)) return split(g, team);
  const bool byDots = isForDots(g);
  if (isShallow(g) && !byDots) return shallow(g, team);
  if (isNarrow(g)) return narrow(g, team);
  if (isTall(g)) return turned(g, team);
  const bool small =
      (g.k * g.n * static_cast<int64_t>(sizeof(T)) <= 512 * 1024 && !isCrowded(g)) || g.m <= 2 * kTileRows;
  if (g.k > 0 && !(byDots || (small && !g.transB))) return packed(g, team);
  // Pieces of the result of at least a µs, cut along its longer side; but whole rows where b is small enough for every
  // thread to read all of it.
  int64_t pieces = workOf(g) / 120000;
  if (pieces < 1 || !team.together) pieces = 1;
  if (pieces > 4 * poolThreads(team.pool)) pieces = 4 * poolThreads(team.pool);
  const bool byRows =
      g.m >= g.n || (g.m >= 4 * kTileRows && g.k * g.n * static_cast<int64_t>(sizeof(T)) <= 4 * kSmallBytes);
  const int64_t unit = byRows ? (byDots ? kDotRows : kTileRows) : 2 * kTileVectors * VectorOf<T>::lanes;
  const int64_t units = ceilDiv(byRows ? g.m : g.n, unit);
  if (pieces > units) pieces = units;
  each(team, pieces, [&](int64_t piece, int) {
    const int64_t begin = cut(units, pieces, piece) * unit, end = cut(units, pieces, piece + 1) * unit;
    const int64_t i0 = byRows ? begin : 0, i1 = byRows ? least(end, g.m) : g.m;
    const int64_t j0 = byRows ? 0 : begin, j1 = byRows ? g.n : least(end, g.n);
    if (byDots) {
      dots(g, i0, i1, j0, j1);
    } else if (g.transA) {
      direct<T, false>(g, i0, i1, j0, j1);
    } else {
      direct<T, true>(g, i0, i1, j0, j1);
    }
  });
  return true;
}

template <class T>
void floats(Call& call, Gemm<T> g, int64_t batch, int64_t strideA, int64_t strideB) {
  // A vector lies the same either way.
  if (g.n == 1) {
    g.transB = true;
    g.ldb = g.k;
  } else if (g.k == 1) {
    g.transB = false;
    g.ldb = g.n;
  }
  if (g.m == 1 || g.k == 1) {
    g.transA = false;
    g.lda = g.k;
  }
  // One a after the other with the same b is one tall a.
  if (batch > 1 && strideB == 0 && !g.transA && strideA == g.m * g.k) {
    g.m *= batch;
    batch = 1;
  }
  const int64_t work = workOf(g);
  const auto at = [&](int64_t i) {
    Gemm<T> one = g;
    one.c += i * g.m * g.n;
    one.a += i * strideA;
    one.b += i * strideB;
    return one;
  };
  if (batch == 1 || work > 8000000) {
    for (int64_t i = 0; i < batch; i++) {
      if (!product(at(i), Team{call.pool, 0, work > 250000, work < 2500000})) return call.noMemory();
    }
    return;
  }
  // A product takes at least as long as some thousand operations.
  parallelFor(call.pool, batch, 250000 / (work + 4000) + 1, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t i = begin; i < end; i++) {
      if (!product(at(i), Team{call.pool, thread, false, false})) call.noMemory();
    }
  });
}

template <class T>
Gemm<T> gemmOf(const Call& call) {
  const int32_t* ints = call.ints;
  return {ints[1],
          ints[2],
          ints[3],
          ints[4] ? ints[1] : ints[3],
          ints[5] ? ints[3] : ints[2],
          ints[4] != 0,
          ints[5] != 0,
          ints[8] != 0,
          static_cast<T*>(call.x[0].data),
          static_cast<const T*>(call.x[1].data),
          static_cast<const T*>(call.x[2].data),
          static_cast<const T*>(call.x[3].data)};
}

}  // namespace

template <class T>
void multiply(bool turned, int64_t m, int64_t n, int64_t k, const T* a, int64_t as, const T* b, int64_t bs, T* c,
              int64_t cs, bool accumulate) {
  constexpr int W = VectorOf<T>::lanes;
  const int64_t blocks = ceilDiv(m, kTileRows);
  const int64_t step = W * tileVectors(static_cast<int>(ceilDiv(m, blocks)));
  const Start<T> start = {accumulate, nullptr};
  for (int64_t j = 0; j < n; j += step) {
    const int64_t width = least(step, n - j);
    const int vectors = static_cast<int>(ceilDiv(width, W));
    const int64_t last = width - (vectors - 1) * W;
    for (int64_t block = 0; block < blocks; block++) {
      const int64_t i = cut(m, blocks, block);
      const int rows = static_cast<int>(cut(m, blocks, block + 1) - i);
      if (turned) {
        tileFor<T, false>(rows, vectors)(k, a + i, as, b + j, bs, c + i * cs + j, cs, last, start);
      } else {
        tileFor<T, true>(rows, vectors)(k, a + i * as, as, b + j, bs, c + i * cs + j, cs, last, start);
      }
    }
  }
}
template void multiply<float>(bool, int64_t, int64_t, int64_t, const float*, int64_t, const float*, int64_t, float*,
                              int64_t, bool);
template void multiply<double>(bool, int64_t, int64_t, int64_t, const double*, int64_t, const double*, int64_t, double*,
                               int64_t, bool);

void kernel_gemm(Call& call) {
  const int32_t* ints = call.ints;
  const int64_t batch = ints[0], m = ints[1], n = ints[2], k = ints[3], strideA = ints[6], strideB = ints[7];
  if (batch < 0 || m < 0 || n < 0 || k < 0 || strideA < 0 || strideB < 0) return call.badSize(0);
  if (batch == 0 || m == 0 || n == 0) return;
  if (m * n > (int64_t{1} << 53) / batch) return call.badSize(1);
  if (!call.need(0, batch * m * n) || !call.need(1, (batch - 1) * strideA + m * k) ||
      !call.need(2, (batch - 1) * strideB + k * n) || (call.x[3].data && !call.need(3, n))) {
    return;
  }
  const int32_t dtype = call.x[0].dtype;
  for (int i = 1; i < 4; i++) {
    if (call.x[i].data && call.x[i].dtype != dtype) return call.badDType(i);
  }
  switch (dtype) {
    case kFloat32:
      return floats(call, gemmOf<float>(call), batch, strideA, strideB);
    case kFloat64:
      return floats(call, gemmOf<double>(call), batch, strideA, strideB);
    case kInt64:
      return integers(call, gemmOf<int64_t>(call), batch, strideA, strideB);
    case kInt32:
      return integers(call, gemmOf<int32_t>(call), batch, strideA, strideB);
    case kInt16:
      return integers(call, gemmOf<int16_t>(call), batch, strideA, strideB);
    case kInt8:
      return integers(call, gemmOf<int8_t>(call), batch, strideA, strideB);
    case kUint8:
      return integers(call, gemmOf<uint8_t>(call), batch, strideA, strideB);
    default:
      return call.badDType(0);
  }
}

}  // namespace NG_ISA
}  // namespace ng
