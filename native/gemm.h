// Three ways to a product of matrices: straight from the operands, by dot products, and from packed panels.
#pragma once

#include "gemm_pack.h"
#include "gemm_tile.h"
#include "kernel.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {

template <class T>
struct Gemm {
  int64_t m, n, k;
  int64_t lda, ldb;  // elements from row to row, as stored
  bool transA, transB, accumulate;
  T* c;
  const T* a;
  const T* b;
  const T* bias;
};

inline int64_t ceilDiv(int64_t x, int64_t y) { return (x + y - 1) / y; }
inline int64_t least(int64_t x, int64_t y) { return x < y ? x : y; }
/** Where part i of n cut into `parts` nearly equal parts begins. */
inline int64_t cut(int64_t n, int64_t parts, int64_t i) { return n / parts * i + least(i, n % parts); }

/** How long a product takes, in operations: to write an element takes as long as about ten. */
template <class T>
int64_t workOf(const Gemm<T>& g) {
  return 2 * g.m * g.n * (g.k < 5 ? 5 : g.k);
}

/** Who does a product: all threads of the pool, or one of them inside a batch; whether sleeping ones are left so. */
struct Team {
  Pool* pool;
  int thread;
  bool together;
  bool light;
};

template <class F>
void each(const Team& team, int64_t count, F&& f) {
  if (!team.together) {
    for (int64_t i = 0; i < count; i++) f(i, team.thread);
    return;
  }
  poolRun(
      team.pool, count, [](void* data, int64_t i, int thread) { (*static_cast<F*>(data))(i, thread); }, &f, team.light);
}

/** Most of k that one pass takes: a panel of b and the rows of a then stay in the second-level cache. */
constexpr int64_t kDepth = 512;

/** Up to this size a part of b stays in the first-level cache. */
constexpr int64_t kSmallBytes = 16384;

/** Rows [i, end) and columns [j, j1), at most a tile of each, over [p, p + depth) of k. */
template <class T, bool ROWS>
inline void directTile(const Gemm<T>& g, int64_t i, int64_t end, int64_t j, int64_t width, int64_t p, int64_t depth) {
  constexpr int W = VectorOf<T>::lanes;
  const int vectors = static_cast<int>(ceilDiv(width, W));
  const Start<T> start = {g.accumulate || p > 0, g.bias && p == 0 ? g.bias + j : nullptr};
  tileFor<T, ROWS>(static_cast<int>(end - i), vectors)(depth, ROWS ? g.a + i * g.lda + p : g.a + p * g.lda + i, g.lda,
                                                       g.b + p * g.ldb + j, g.ldb, g.c + i * g.n + j, g.n,
                                                       width - (vectors - 1) * W, start);
}

/** Rows [i0, i1) and columns [j0, j1) straight from the operands; b is not transposed. */
template <class T, bool ROWS>
void direct(const Gemm<T>& g, int64_t i0, int64_t i1, int64_t j0, int64_t j1) {
  constexpr int W = VectorOf<T>::lanes;
  const int64_t passes = g.k > 0 ? ceilDiv(g.k, kDepth) : 1;
  const int64_t blocks = ceilDiv(i1 - i0, g.k < kShallow ? kWideRows : kTileRows);
  const int64_t step = W * tileVectors(static_cast<int>(ceilDiv(i1 - i0, blocks)));
  for (int64_t pass = 0; pass < passes; pass++) {
    const int64_t p = cut(g.k, passes, pass), depth = cut(g.k, passes, pass + 1) - p;
    // A result in no cache is best written from left to right; but all of b is then read for each block of rows.
    if (depth * (j1 - j0) * static_cast<int64_t>(sizeof(T)) <= kSmallBytes) {
      for (int64_t block = 0; block < blocks; block++) {
        const int64_t i = i0 + cut(i1 - i0, blocks, block), end = i0 + cut(i1 - i0, blocks, block + 1);
        for (int64_t j = j0; j < j1; j += step) directTile<T, ROWS>(g, i, end, j, least(step, j1 - j), p, depth);
      }
    } else {
      for (int64_t j = j0; j < j1; j += step) {
        for (int64_t block = 0; block < blocks; block++) {
          const int64_t i = i0 + cut(i1 - i0, blocks, block), end = i0 + cut(i1 - i0, blocks, block + 1);
          directTile<T, ROWS>(g, i, end, j, least(step, j1 - j), p, depth);
        }
      }
    }
  }
}

/** Most of k for dot products: longer runs than for tiles, since every run ends in a sum across lanes. */
constexpr int64_t kDotDepth = 2048;

/**
 * Rows [i0, i1) and columns [j0, j1) of a · bᵀ by dot products. The inner loop runs over the smaller operand, which
 * stays in a cache while the larger one passes by.
 */
template <class T>
void dots(const Gemm<T>& g, int64_t i0, int64_t i1, int64_t j0, int64_t j1) {
  const int64_t blocks = ceilDiv(i1 - i0, kDotRows), groups = ceilDiv(j1 - j0, 4);
  const int64_t passes = g.k > 0 ? ceilDiv(g.k, kDotDepth) : 1;
  const bool rowsInside = i1 - i0 <= j1 - j0;
  const int64_t outer = rowsInside ? groups : blocks, inner = rowsInside ? blocks : groups;
  for (int64_t pass = 0; pass < passes; pass++) {
    const int64_t p = cut(g.k, passes, pass), depth = cut(g.k, passes, pass + 1) - p;
    for (int64_t x = 0; x < outer; x++) {
      for (int64_t y = 0; y < inner; y++) {
        const int64_t group = rowsInside ? x : y, block = rowsInside ? y : x;
        const int64_t j = j0 + cut(j1 - j0, groups, group), columns = j0 + cut(j1 - j0, groups, group + 1) - j;
        const int64_t i = i0 + cut(i1 - i0, blocks, block), rows = i0 + cut(i1 - i0, blocks, block + 1) - i;
        const Start<T> start = {g.accumulate || pass > 0, g.bias && pass == 0 ? g.bias + j : nullptr};
        dotTileFor<T>(static_cast<int>(rows), static_cast<int>(columns))(
            depth, g.a + i * g.lda + p, g.lda, g.b + j * g.ldb + p, g.ldb, g.c + i * g.n + j, g.n, start);
      }
    }
  }
}

/** Copies rows [i, i + rows) of a over [p, p + depth) of k to the order in which a tile reads them. */
template <class T>
void packBlock(const Gemm<T>& g, T* to, int64_t i, int64_t rows, int64_t p, int64_t depth) {
  if (g.transA) {
    packRows(to, rows, g.a + p * g.lda + i, g.lda, rows, depth);
  } else {
    packTransposed(to, rows, g.a + i * g.lda + p, g.lda, rows, depth);
  }
}

/** Copies columns [j, j + columns) of b over [p, p + depth) of k, in whole vectors. */
template <class T>
void packPanel(const Gemm<T>& g, T* to, int64_t j, int64_t columns, int64_t p, int64_t depth) {
  const int64_t width = ceilDiv(columns, VectorOf<T>::lanes) * VectorOf<T>::lanes;
  if (g.transB) {
    packTransposed(to, width, g.b + j * g.ldb + p, g.ldb, columns, depth);
  } else {
    packRows(to, width, g.b + p * g.ldb + j, g.ldb, columns, depth);
  }
}

/** From packed panels. False: no memory for them. */
template <class T>
bool packed(const Gemm<T>& g, const Team& team) {
  constexpr int W = VectorOf<T>::lanes;
  constexpr int64_t kWidth = kTileVectors * W;  // columns of a panel of b
  constexpr int64_t kColumns = 2048, kGroup = 3, kSingles = 12;
  const int64_t passes = ceilDiv(g.k, kDepth), depthMost = ceilDiv(g.k, passes), blocks = ceilDiv(g.m, kTileRows);
  const int64_t strips = ceilDiv(g.n, kColumns);
  // Rows of a that lie a multiple of 2 KiB apart would fight for the same few cache lines; of a large one that lies
  // transposed a tile's part is spread over too many pages.
  const bool copyA = g.n >= 1024 || g.lda * sizeof(T) % 2048 == 0 || (g.transA && g.m * g.k * sizeof(T) > 1024 * 1024);
  // Each thread packs what only its pieces use, panels of b where there are few rows, else blocks of rows of a: another
  // would wait for its cache. What all use is packed before.
  const bool apart = g.n > kWidth && g.m <= 256;
  // Blocks of rows that a piece takes: several, but for the last ones, so that no thread waits long for the other.
  const int64_t large = apart ? 1 : ceilDiv(blocks < kSingles ? 0 : blocks - kSingles, kGroup);
  const int64_t groups = apart ? 1 : large + least(blocks, kSingles), group = apart ? blocks : kGroup;
  const auto firstOf = [&](int64_t i) { return i < large ? i * group : blocks - (groups - i); };
  const int64_t bytesB = ceilDiv(least(g.n, kColumns), kWidth) * kWidth * depthMost * sizeof(T);
  const int64_t bytesA = copyA ? ceilDiv(group * kTileRows * depthMost * sizeof(T), 64) * 64 + 64 : 0;
  const int64_t copies = !apart && team.together ? poolThreads(team.pool) : 1;
  char* memory = static_cast<char*>(poolScratch(team.pool, team.together ? kSharedScratch : team.thread,
                                                static_cast<size_t>(bytesB + bytesA * copies)));
  if (!memory) return false;
  T* const packedB = reinterpret_cast<T*>(memory);
  for (int64_t strip = 0; strip < strips; strip++) {
    const int64_t j0 = cut(ceilDiv(g.n, kWidth), strips, strip) * kWidth;
    const int64_t j1 = least(cut(ceilDiv(g.n, kWidth), strips, strip + 1) * kWidth, g.n);
    const int64_t panels = ceilDiv(j1 - j0, kWidth), run = panels < 32 ? ceilDiv(panels, 8) : 4;
    const int64_t spans = apart ? ceilDiv(panels, run) : least(panels, ceilDiv(16, groups));
    for (int64_t pass = 0; pass < passes; pass++) {
      const int64_t p = cut(g.k, passes, pass), depth = cut(g.k, passes, pass + 1) - p;
      const auto panelAt = [&](int64_t panel) {
        T* to = packedB + panel * kWidth * depth;
        packPanel(g, to, j0 + panel * kWidth, least(kWidth, j1 - j0 - panel * kWidth), p, depth);
      };
      const auto blockAt = [&](T* to, int64_t block) {
        const int64_t i = cut(g.m, blocks, block);
        packBlock(g, to, i, cut(g.m, blocks, block + 1) - i, p, depth);
      };
      T* const firstA = reinterpret_cast<T*>(memory + bytesB);
      if (!apart) {
        each(team, ceilDiv(panels, run), [&](int64_t piece, int) {
          const int64_t end = least((piece + 1) * run, panels);
          for (int64_t panel = piece * run; panel < end; panel++) panelAt(panel);
        });
      } else if (copyA) {
        each(team, blocks, [&](int64_t block, int) { blockAt(firstA + cut(g.m, blocks, block) * depth, block); });
      }
      each(team, groups * spans, [&](int64_t piece, int thread) {
        const int64_t firstBlock = firstOf(piece / spans), lastBlock = firstOf(piece / spans + 1);
        const int64_t firstPanel = cut(panels, spans, piece % spans), lastPanel = cut(panels, spans, piece % spans + 1);
        T* const packedA = reinterpret_cast<T*>(memory + bytesB + bytesA * (copies > 1 ? thread : 0));
        const int64_t i0 = cut(g.m, blocks, firstBlock);
        for (int64_t panel = firstPanel; panel < lastPanel; panel++) {
          const int64_t j = j0 + panel * kWidth, columns = least(kWidth, j1 - j);
          const int vectors = static_cast<int>(ceilDiv(columns, W));
          const int64_t last = columns - (vectors - 1) * W;
          const T* b = packedB + panel * kWidth * depth;
          if (apart) panelAt(panel);
          const Start<T> start = {g.accumulate || pass > 0, g.bias && pass == 0 ? g.bias + j : nullptr};
          for (int64_t block = firstBlock; block < lastBlock; block++) {
            const int64_t i = cut(g.m, blocks, block), end = cut(g.m, blocks, block + 1), rows = end - i;
            T* c = g.c + i * g.n + j;
            const T* a = g.transA ? g.a + p * g.lda + i : g.a + i * g.lda + p;
            if (copyA) {
              T* own = packedA + (i - i0) * depth;
              if (!apart && panel == firstPanel) blockAt(own, block);
              tileFor<T, false>(static_cast<int>(rows), vectors)(depth, own, rows, b, vectors * W, c, g.n, last, start);
            } else if (g.transA) {
              tileFor<T, false>(static_cast<int>(rows), vectors)(depth, a, g.lda, b, vectors * W, c, g.n, last, start);
            } else {
              tileFor<T, true>(static_cast<int>(rows), vectors)(depth, a, g.lda, b, vectors * W, c, g.n, last, start);
            }
          }
        }
      });
    }
  }
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
