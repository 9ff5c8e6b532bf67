// The register tiles of gemm: MR rows by NV vectors of the result, kept in registers over the whole of k.
#pragma once

#include "simd.h"

// The sums must live in registers, so loops over a tile have to be unrolled whole.
#if defined(__clang__)
#define NG_UNROLL _Pragma("unroll")
#elif defined(__GNUC__)
#define NG_UNROLL _Pragma("GCC unroll 16")
#else
#define NG_UNROLL
#endif

// Asks for memory that is about to be written.
#if defined(__GNUC__) || defined(__clang__)
#define NG_WILL_WRITE(address) __builtin_prefetch(address, 1)
#else
#define NG_WILL_WRITE(address) (void)(address)
#endif

namespace ng {
namespace NG_ISA {

// The largest tile: all its sums, a row of b and one element of a must fit in the registers (32 of AVX-512 and NEON,
// 16 of the others).
#if defined(__AVX512F__)
constexpr int kTileRows = 14, kTileVectors = 2, kWideRows = 4, kWideVectors = 6, kDotRows = 6, kMostFactors = 16;
#elif defined(__AVX2__)
constexpr int kTileRows = 6, kTileVectors = 2, kWideRows = 2, kWideVectors = 4, kDotRows = 3, kMostFactors = 8;
#elif defined(__aarch64__) || defined(_M_ARM64)
constexpr int kTileRows = 8, kTileVectors = 2, kWideRows = 4, kWideVectors = 4, kDotRows = 5, kMostFactors = 16;
#else
constexpr int kTileRows = 5, kTileVectors = 2, kWideRows = 2, kWideVectors = 4, kDotRows = 2, kMostFactors = 8;
#endif

/** Up to this k the sums of a tile take no longer than writing it does. */
constexpr int64_t kShallow = 16;

/** How a tile begins: with zeros or with what the result holds; `bias` is added too when not null. */
template <class T>
struct Start {
  bool accumulate;
  const T* bias;
};

/**
 * c[MR, NV vectors] = or += a · b over k. Row p of b is at b + p · bs, and only `last` lanes of its last vector are
 * there. a's element (i, p) is a[i · as + p] when ROWS, else a[p · as + i].
 */
template <class T, int MR, int NV, bool ROWS>
void tile(int64_t k, const T* a, int64_t as, const T* b, int64_t bs, T* c, int64_t cs, int64_t last, Start<T> start) {
  typedef typename VectorOf<T>::type V;
  constexpr int W = VectorOf<T>::lanes;
  const typename VectorOf<T>::lanesType lanes = lanesOf(a, last);
  const bool whole = last >= W;
  V sum[MR][NV];
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    NG_UNROLL
    for (int v = 0; v < NV; v++) sum[i][v] = V(T(0));
  }
  // A fresh result is in no cache: it comes while the sums are made or, where that does not take long enough, while
  // those of the tiles before are.
  const T* ahead = k >= kShallow ? c : c + 2 * NV * W;
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    NG_UNROLL
    for (int v = 0; v < NV; v++) {
      if (v * sizeof(V) % 64 == 0) NG_WILL_WRITE(ahead + i * cs + v * W);
    }
  }
  if (kCheapMasks || whole) {
    for (int64_t p = 0; p < k; p++) {
      V row[NV];
      NG_UNROLL
      for (int v = 0; v < NV; v++) {
        row[v] = kCheapMasks && v == NV - 1 ? load(b + p * bs + v * W, lanes) : load(b + p * bs + v * W);
      }
      NG_UNROLL
      for (int i = 0; i < MR; i++) {
        const V x(ROWS ? a[i * as + p] : a[p * as + i]);
        NG_UNROLL
        for (int v = 0; v < NV; v++) sum[i][v] = fma(x, row[v], sum[i][v]);
      }
    }
  } else {
    for (int64_t p = 0; p < k; p++) {
      V row[NV];
      NG_UNROLL
      for (int v = 0; v < NV; v++) row[v] = v == NV - 1 ? load(b + p * bs + v * W, lanes) : load(b + p * bs + v * W);
      NG_UNROLL
      for (int i = 0; i < MR; i++) {
        const V x(ROWS ? a[i * as + p] : a[p * as + i]);
        NG_UNROLL
        for (int v = 0; v < NV; v++) sum[i][v] = fma(x, row[v], sum[i][v]);
      }
    }
  }
  NG_UNROLL
  for (int v = 0; v < NV; v++) {
    const bool cut = v == NV - 1 && !whole;
    if (start.bias) {
      const V extra = cut ? load(start.bias + v * W, lanes) : load(start.bias + v * W);
      NG_UNROLL
      for (int i = 0; i < MR; i++) sum[i][v] = sum[i][v] + extra;
    }
    NG_UNROLL
    for (int i = 0; i < MR; i++) {
      T* to = c + i * cs + v * W;
      if (cut) {
        store(to, start.accumulate ? sum[i][v] + load(to, lanes) : sum[i][v], lanes);
      } else {
        store(to, start.accumulate ? sum[i][v] + load(to) : sum[i][v]);
      }
    }
  }
}

template <class T>
using Tile = void (*)(int64_t, const T*, int64_t, const T*, int64_t, T*, int64_t, int64_t, Start<T>);

/** tile<T, rows, NV, ROWS> for rows from 1 to MAX. */
template <class T, int NV, bool ROWS, int MAX>
struct Tiles {
  template <int R>
  static constexpr Tile<T> at() {
    return tile<T, (R <= MAX ? R : 1), NV, ROWS>;
  }
  static constexpr Tile<T> byRows[15] = {nullptr, at<1>(), at<2>(),  at<3>(),  at<4>(),  at<5>(),  at<6>(), at<7>(),
                                         at<8>(), at<9>(), at<10>(), at<11>(), at<12>(), at<13>(), at<14>()};
};

/** How many vectors wide the tiles of this many rows are, for a result that is wide enough. */
inline int tileVectors(int rows) { return rows <= kWideRows ? kWideVectors : kTileVectors; }

template <class T, bool ROWS>
inline Tile<T> tileFor(int rows, int vectors) {
  switch (vectors) {
    case 1:
      return Tiles<T, 1, ROWS, kTileRows>::byRows[rows];
    case 2:
      return Tiles<T, 2, ROWS, kTileRows>::byRows[rows];
    case 3:
      return Tiles<T, 3, ROWS, kWideRows>::byRows[rows];
    case 4:
      return Tiles<T, 4, ROWS, kWideRows>::byRows[rows];
    case 5:
      return Tiles<T, (kWideVectors >= 5 ? 5 : 1), ROWS, kWideRows>::byRows[rows];
    default:
      return Tiles<T, kWideVectors, ROWS, kWideRows>::byRows[rows];
  }
}

/**
 * c[MR, NC] = or += rows of a times rows of b (b is stored transposed), vectors along k. NC ≤ 4.
 */
template <class T, int MR, int NC>
void dotTile(int64_t k, const T* a, int64_t as, const T* b, int64_t bs, T* c, int64_t cs, Start<T> start) {
  typedef typename VectorOf<T>::type V;
  constexpr int W = VectorOf<T>::lanes;
  // The sums across lanes are made four at a time, of several rows where one has fewer.
  constexpr int kTogether = 4 / NC, kGroups = (MR + kTogether - 1) / kTogether;
  V sum[kGroups * kTogether][NC];
  NG_UNROLL
  for (int i = 0; i < kGroups * kTogether; i++) {
    NG_UNROLL
    for (int j = 0; j < NC; j++) sum[i][j] = V(T(0));
  }
  int64_t p = 0;
  for (; p + W <= k; p += W) {
    V y[NC];
    NG_UNROLL
    for (int j = 0; j < NC; j++) y[j] = load(b + j * bs + p);
    NG_UNROLL
    for (int i = 0; i < MR; i++) {
      const V x = load(a + i * as + p);
      NG_UNROLL
      for (int j = 0; j < NC; j++) sum[i][j] = fma(x, y[j], sum[i][j]);
    }
  }
  if (p < k) {
    const typename VectorOf<T>::lanesType lanes = lanesOf(a, k - p);
    V y[NC];
    NG_UNROLL
    for (int j = 0; j < NC; j++) y[j] = load(b + j * bs + p, lanes);
    NG_UNROLL
    for (int i = 0; i < MR; i++) {
      const V x = load(a + i * as + p, lanes);
      NG_UNROLL
      for (int j = 0; j < NC; j++) sum[i][j] = fma(x, y[j], sum[i][j]);
    }
  }
  const auto part = [&](int group, int s) {
    return s < kTogether * NC ? sum[group * kTogether + s / NC][s % NC] : V(T(0));
  };
  NG_UNROLL
  for (int group = 0; group < kGroups; group++) {
    T total[4];
    reduceAdd4(total, part(group, 0), part(group, 1), part(group, 2), part(group, 3));
    NG_UNROLL
    for (int s = 0; s < kTogether * NC; s++) {
      const int i = group * kTogether + s / NC, j = s % NC;
      if (i >= MR) break;
      const T value = start.bias ? total[s] + start.bias[j] : total[s];
      T& to = c[i * cs + j];
      to = start.accumulate ? value + to : value;
    }
  }
}

template <class T>
using DotTile = void (*)(int64_t, const T*, int64_t, const T*, int64_t, T*, int64_t, Start<T>);

/** dotTile<T, rows, columns> by rows (at most kDotRows) and columns (at most 4). */
template <class T, int NC>
struct DotTiles {
  template <int R>
  static constexpr DotTile<T> at() {
    return dotTile<T, (R <= kDotRows ? R : 1), NC>;
  }
  static constexpr DotTile<T> byRows[7] = {nullptr, at<1>(), at<2>(), at<3>(), at<4>(), at<5>(), at<6>()};
};
template <class T>
inline DotTile<T> dotTileFor(int rows, int columns) {
  switch (columns) {
    case 1:
      return DotTiles<T, 1>::byRows[rows];
    case 2:
      return DotTiles<T, 2>::byRows[rows];
    case 3:
      return DotTiles<T, 3>::byRows[rows];
    default:
      return DotTiles<T, 4>::byRows[rows];
  }
}

}  // namespace NG_ISA
}  // namespace ng
