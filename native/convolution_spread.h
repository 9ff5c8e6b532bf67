// Pixels of several channels side by side, a vector for each pixel, out of images that lie channel by channel.
#pragma once

#include "convolution_window.h"
#include "gemm_tile.h"

namespace ng {
namespace NG_ISA {

/**
 * A run of pixels of so many channels as [pixel][lane]; the first is number `column` of a row of `width`, and after
 * each row `skip` floats are left out.
 */
inline void spreadRun(const float* from, int64_t plane, int64_t channels, int64_t count, float* to, int64_t column,
                      int64_t width, int64_t skip) {
  constexpr int W = kLanes;
  for (int64_t p = 0; p < count; p += W) {
    const int64_t here = lesser(W, count - p);
    F32 square[W];
    if (here == W && channels == W) {
      NG_UNROLL
      for (int c = 0; c < W; c++) square[c] = load(from + c * plane + p);
    } else {
      for (int c = 0; c < W; c++) square[c] = c < channels ? loadPartial(from + c * plane + p, here) : F32(0.0f);
    }
    transpose(square);
    NG_UNROLL
    for (int i = 0; i < W; i++) {
      if (i == here) return;
      store(to, square[i]);
      to += W;
      if (++column == width) {
        column = 0;
        to += skip;
      }
    }
  }
}

/**
 * Pixels [y, y + rows) × [x, x + columns) of so many channels, `plane` floats apart, as [row][column][lane], zeros
 * beyond.
 */
inline void spreadPixels(const float* image, const int64_t* size, int64_t plane, int64_t channels, int64_t y,
                         int64_t rows, int64_t x, int64_t columns, float* to) {
  constexpr int W = kLanes;
  const int64_t width = size[1];
  const int64_t left = lesser(greater(-x, 0), columns), right = greater(left, lesser(columns, width - x));
  const int64_t top = lesser(greater(-y, 0), rows), bottom = greater(top, lesser(rows, size[0] - y));
  if (top > 0 || bottom < rows || left > 0 || right < columns) {
    memset(to, 0, static_cast<size_t>(rows * columns * W) * sizeof(float));
  }
  const float* from = image + (y + top) * width + x + left;
  to += (top * columns + left) * W;
  if (right - left == width) {
    spreadRun(from, plane, channels, (bottom - top) * width, to, 0, width, (columns - width) * W);
    return;
  }
  for (int64_t i = top; i < bottom && left < right; i++, from += width, to += columns * W) {
    spreadRun(from, plane, channels, right - left, to, 0, columns, 0);
  }
}

/** What a piece looks at, [place][lane] of one channel of each group, zeros included. */
inline void spreadWindows(const Windows& w, const Layout& l, const float* image, int64_t distance, int64_t lanes,
                          int64_t first, float* to) {
  int64_t begin[3];
  for (int d = 0; d < 3; d++) begin[d] = w.low[d] + (d == w.cutDimension() ? first * w.step[d] : 0);
  const int64_t size[2] = {w.size[1], w.size[2]};
  for (int64_t i = begin[0]; i < begin[0] + l.extent[0]; i++, to += l.slice * kLanes) {
    if (i < 0 || i >= w.size[0]) {
      memset(to, 0, static_cast<size_t>(l.slice * kLanes) * sizeof(float));
    } else {
      spreadPixels(image + i * size[0] * size[1], size, distance, lanes, begin[1], l.extent[1], begin[2], l.extent[2],
                   to);
    }
  }
}

}  // namespace NG_ISA
}  // namespace ng
