// What the ways by Winograd's tiles share (see convolution_winograd.h): the plan, and V from the images.
#pragma once

#include "convolution_direct.h"
#include "convolution_spread.h"

namespace ng {
namespace NG_ISA {

constexpr int kPlaces = 16;
/** Tiles that are worked on together, and floats of V that stay in the second-level cache. */
constexpr int64_t kMostTiles = 96, kLeastTiles = 2 * kTileRows, kMostV = 96 * 1024;

/** Planes of 3 × 3 taps that move by one, or the same for the gradient of the input. */
struct Winograd {
  int64_t images, groups, sources, results;    // channels of a group: looked at, computed
  int64_t from[2], size[2], low[2], tiles[2];  // of a source; of a result, where its first looks, its tiles
  int64_t rows, cuts, units;                   // rows of tiles of a unit; a row is cut; units of a group
  int64_t sourceVectors, resultVectors;        // of channels
  int64_t blocks() const { return quotientUp(resultVectors, 2); }
  int64_t firstVector(int64_t block) const { return partStart(resultVectors, blocks(), block); }
  int64_t columns() const { return quotientUp(tiles[1], cuts); }
  int64_t allRows() const { return images * tiles[0]; }
  /** Floats of one place of U of a block, a vector more than there are, so that places do not share a part of the
   * cache. */
  int64_t placeOfU(int64_t width) const { return sources * width + kLanes; }
  /** Where in U the block of results begins whose first vector is number `vector`. */
  int64_t blockOfU(int64_t vector) const {
    return kPlaces * (vector * kLanes * sources + quotientUp(vector, 2) * kLanes);
  }
  int64_t patch() const { return (2 * rows + 2) * (2 * columns() + 2) * kLanes; }
};

/** Whether a convolution is one for these ways. */
inline bool winogradPlan(const Convolution& g, bool input, Winograd* out) {
  for (int d = 0; d < 3; d++) {
    if (g.kernel[d] != (d == 0 ? 1 : 3) || g.stride[d] != 1 || g.dilation[d] != 1) return false;
  }
  if (g.size[0] != 1 || g.out[0] != 1) return false;
  out->images = g.n;
  out->groups = g.groups;
  out->sources = input ? g.outputs() : g.inputs();
  out->results = input ? g.inputs() : g.outputs();
  for (int d = 0; d < 2; d++) {
    out->from[d] = input ? g.out[d + 1] : g.size[d + 1];
    out->size[d] = input ? g.size[d + 1] : g.out[d + 1];
    out->low[d] = input ? g.pad[d + 1] - 2 : -g.pad[d + 1];
    out->tiles[d] = quotientUp(out->size[d], 2);
  }
  out->sourceVectors = quotientUp(out->sources, kLanes);
  out->resultVectors = quotientUp(out->results, kLanes);
  const int64_t most = lesser(kMostTiles, greater(kLeastTiles, kMostV / (kPlaces * out->sourceVectors * kLanes)));
  out->cuts = quotientUp(out->tiles[1], most);
  out->rows = lesser(greater(1, most / out->columns()), out->allRows());
  out->units = quotientUp(out->allRows(), out->rows) * out->cuts;
  return true;
}

/** f(image, row, rows, first): rows of tiles [begin, end) of all images, by image; the first is number `first`. */
template <class F>
inline void eachImage(int64_t perImage, int64_t begin, int64_t end, F&& f) {
  for (int64_t row = begin; row < end;) {
    const int64_t next = lesser(end, (row / perImage + 1) * perImage);
    f(row / perImage, row % perImage, next - row, row - begin);
    row = next;
  }
}

/** V of a row of tiles from its pixels [4][2 · count + 2][lane]: tile t, place k at to[t · stride + k · step]. */
inline void sourceTiles(const float* pixels, int64_t count, float* to, int64_t stride, int64_t step) {
  constexpr int W = kLanes;
  const int64_t row = (2 * count + 2) * W;
  F32 t[4][4];
  const auto column = [&](int j, const float* p) {
    const F32 a = load(p), b = load(p + row), c = load(p + 2 * row), d = load(p + 3 * row);
    t[0][j] = a - c;
    t[1][j] = b + c;
    t[2][j] = c - b;
    t[3][j] = b - d;
  };
  column(0, pixels);
  column(1, pixels + W);
  for (int64_t i = 0; i < count; i++, to += stride) {
    column(2, pixels + (2 * i + 2) * W);
    column(3, pixels + (2 * i + 3) * W);
    NG_UNROLL
    for (int k = 0; k < 4; k++) {
      store(to + (4 * k) * step, t[k][0] - t[k][2]);
      store(to + (4 * k + 1) * step, t[k][1] + t[k][2]);
      store(to + (4 * k + 2) * step, t[k][2] - t[k][1]);
      store(to + (4 * k + 3) * step, t[k][1] - t[k][3]);
      t[k][0] = t[k][2];
      t[k][1] = t[k][3];
    }
  }
}

/** V of the rows of tiles [begin, end) and one vector of channels of a group; `patch`: room for the pixels. */
inline void sourceVector(const Winograd& g, const float* x, int64_t group, int64_t vector, int64_t begin, int64_t end,
                         int64_t column, int64_t columns, float* patch, float* to, int64_t stride, int64_t step) {
  const int64_t plane = g.from[0] * g.from[1], c0 = vector * kLanes, width = 2 * columns + 2;
  eachImage(g.tiles[0], begin, end, [&](int64_t image, int64_t row, int64_t rows, int64_t first) {
    spreadPixels(x + ((image * g.groups + group) * g.sources + c0) * plane, g.from, plane,
                 lesser(kLanes, g.sources - c0), 2 * row + g.low[0], 2 * rows + 2, 2 * column + g.low[1], width, patch);
    for (int64_t i = 0; i < rows; i++) {
      sourceTiles(patch + 2 * i * width * kLanes, columns, to + (first + i) * columns * stride, stride, step);
    }
  });
}

}  // namespace NG_ISA
}  // namespace ng
