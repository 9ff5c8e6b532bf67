// Packing for gemm: panels in the order in which the tiles read them.
#pragma once

#include <string.h>

#include "gemm_tile.h"

namespace ng {
namespace NG_ISA {

/** Moves a W by W square: out[j · outStride + i] = in[i · inStride + j]. */
inline void transposeSquare(float* out, int64_t outStride, const float* in, int64_t inStride) {
  F32 r[kLanes];
  for (int i = 0; i < kLanes; i++) r[i] = load(in + i * inStride);
  transpose(r);
  for (int i = 0; i < kLanes; i++) store(out + i * outStride, r[i]);
}
inline void transposeSquare(double* out, int64_t outStride, const double* in, int64_t inStride) {
  for (int i = 0; i < kLanes64; i++) {
    for (int j = 0; j < kLanes64; j++) out[j * outStride + i] = in[i * inStride + j];
  }
}

/** out[p · width + i] = in[i · stride + p] for rows × k elements; columns from `rows` to `width` become 0. */
template <class T>
void packTransposed(T* out, int64_t width, const T* in, int64_t stride, int64_t rows, int64_t k) {
  constexpr int W = VectorOf<T>::lanes;
  for (int64_t i = 0; i < width; i += W) {
    const int64_t here = rows - i < W ? rows - i : W, columns = width - i < W ? width - i : W;
    if (here <= 0) {
      for (int64_t p = 0; p < k; p++) memset(out + p * width + i, 0, static_cast<size_t>(columns) * sizeof(T));
      continue;
    }
    int64_t p = 0;
    if (here == W) {
      for (; p + W <= k; p += W) transposeSquare(out + p * width + i, width, in + i * stride + p, stride);
    }
    if (p == k) continue;
    // A square through a buffer, so that the part that is there still moves as vectors.
    alignas(64) T square[W * W], turned[W * W];
    for (int64_t z = here * W; z < W * W; z++) square[z] = T(0);
    const typename VectorOf<T>::lanesType across = lanesOf(in, columns);
    for (; p < k; p += W) {
      const int64_t depth = k - p < W ? k - p : W;
      if (4 * depth <= W) {  // less work than a square
        for (int64_t q = p; q < k; q++) {
          for (int64_t c = 0; c < columns; c++) out[q * width + i + c] = c < here ? in[(i + c) * stride + q] : T(0);
        }
        break;
      }
      const typename VectorOf<T>::lanesType along = lanesOf(in, depth);
      for (int64_t r = 0; r < here; r++) {
        const T* from = in + (i + r) * stride + p;
        store(square + r * W, depth == W ? load(from) : load(from, along));
      }
      transposeSquare(turned, W, square, W);
      for (int64_t q = 0; q < depth; q++) store(out + (p + q) * width + i, load(turned + q * W), across);
    }
  }
}

/** out[p · width + i] = in[p · stride + i]; columns from `columns` to `width` become 0. */
template <class T>
void packRows(T* out, int64_t width, const T* in, int64_t stride, int64_t columns, int64_t k) {
  typedef typename VectorOf<T>::type V;
  constexpr int W = VectorOf<T>::lanes;
  for (int64_t p = 0; p < k; p++) {
    const T* from = in + p * stride;
    T* to = out + p * width;
    int64_t i = 0;
    for (; i + W <= columns; i += W) store(to + i, load(from + i));
    if (i < columns) {
      const V part = load(from + i, lanesOf(from, columns - i));
      store(to + i, part, lanesOf(to, width - i));
      i += W;
    }
    for (; i < width; i++) to[i] = T(0);
  }
}

}  // namespace NG_ISA
}  // namespace ng
