// float32 convolutions of 3 × 3 taps by Winograd's F(2 × 2, 3 × 3): a tile of 2 × 2 results is AᵀMA, M the products,
// place by place, of the transformed 4 × 4 pixels it looks at, V = BᵀdB, and the transformed taps, U = GgGᵀ. That makes
// 16 products where the definition has 36, and over all channels 16 products of matrices. All factors are ±1 and ½, so
// whole numbers stay whole; what is not finite spreads over its tile, so whoever meets it computes the definition.
#pragma once

#include "convolution_choice.h"
#include "convolution_winograd_plan.h"

namespace ng {
namespace NG_ISA {

/** The 9 taps of up to W lanes, which lie `lane` apart; zeros where there is none. */
inline void lanesOfTaps(const float* from, int64_t lane, int64_t lanes, F32 (&taps)[9]) {
  constexpr int W = kLanes;
  NG_UNROLL
  for (int k = 0; k < 9; k += W) {
    const int here = 9 - k < W ? 9 - k : W;
    F32 square[W];
    NG_UNROLL
    for (int l = 0; l < W; l++) {
      square[l] = l >= lanes  ? F32(0.0f)
                  : here == W ? load(from + l * lane + k)
                              : loadPartial(from + l * lane + k, here);
    }
    transpose(square);
    NG_UNROLL
    for (int i = 0; i < here; i++) taps[k + i] = square[i];
  }
}

/** U of one block of results of a group, [place][source][lane]. */
inline void transformTaps(const Convolution& g, const Winograd& plan, bool input, const float* weight, int64_t group,
                          int64_t block, float* to) {
  constexpr int W = kLanes;
  const int64_t first = plan.firstVector(block) * W, width = plan.firstVector(block + 1) * W - first;
  const int64_t lane = input ? 9 : g.inputs() * 9, source = input ? g.inputs() * 9 : 9;
  const int64_t here = lesser(width, plan.results - first);
  const float* from = weight + group * g.outputs() * g.inputs() * 9 + first * lane;
  const F32 half(0.5f);
  for (int64_t c = 0; c < plan.sources; c++, from += source) {
    for (int64_t v = 0; v < width; v += W) {
      F32 taps[9], t[4][3];
      lanesOfTaps(from + v * lane, lane, here - v, taps);
      for (int j = 0; j < 3; j++) {
        // The gradient of the input sees the taps the other way round.
        const F32 a = taps[input ? 8 - j : j], b = taps[input ? 5 - j : 3 + j], d = taps[input ? 2 - j : 6 + j];
        t[0][j] = a;
        t[1][j] = half * (a + d + b);
        t[2][j] = half * (a + d - b);
        t[3][j] = d;
      }
      float* out = to + c * width + v;
      const int64_t step = plan.placeOfU(width);
      for (int k = 0; k < 4; k++, out += 4 * step) {
        store(out, t[k][0]);
        store(out + step, half * (t[k][0] + t[k][2] + t[k][1]));
        store(out + 2 * step, half * (t[k][0] + t[k][2] - t[k][1]));
        store(out + 3 * step, t[k][2]);
      }
    }
  }
}

/**
 * AᵀMA of a row of tiles of one block, place k of tile t at m[k · step + t · width]: the pixels of up to two rows,
 * [row][pixel][width]. NaN in `check` where one is not finite.
 */
inline void resultTiles(const float* m, int64_t step, int64_t count, int64_t width, int64_t pixels, float* to,
                        F32* check) {
  const F32 zero(0.0f);
  for (int64_t t = 0; t < count; t++) {
    for (int64_t v = 0; v < width; v += kLanes) {
      const float* from = m + t * width + v;
      F32 r[2][4];
      NG_UNROLL
      for (int j = 0; j < 4; j++) {
        const F32 a = load(from + j * step), b = load(from + (4 + j) * step), c = load(from + (8 + j) * step),
                  d = load(from + (12 + j) * step);
        r[0][j] = a + b + c;
        r[1][j] = b - c - d;
      }
      NG_UNROLL
      for (int i = 0; i < 2; i++) {
        float* out = to + (i * pixels + 2 * t) * width + v;
        const F32 left = r[i][0] + r[i][1] + r[i][2], right = r[i][1] - r[i][2] - r[i][3];
        *check = fma(right, zero, fma(left, zero, *check));
        store(out, left);
        if (2 * t + 1 < pixels) store(out + width, right);
      }
    }
  }
}

/** What a unit works with. */
struct WinogradRoom {
  float *patch, *v, *m, *pixels;
};

/** Unit `unit` of a group. False: something is not finite. */
inline bool winogradUnit(const Winograd& g, int64_t group, int64_t unit, const float* x, const float* u,
                         const int32_t* steps, const float* bias, float* y, const WinogradRoom& room) {
  constexpr int W = kLanes;
  const int64_t column = partStart(g.tiles[1], g.cuts, unit % g.cuts);
  const int64_t columns = partStart(g.tiles[1], g.cuts, unit % g.cuts + 1) - column;
  const int64_t begin = unit / g.cuts * g.rows, end = lesser(begin + g.rows, g.allRows());
  const int64_t tiles = (end - begin) * columns, channels = g.sourceVectors * W, plane = g.size[0] * g.size[1];
  const int64_t vStep = tiles * channels + W;  // a vector more, so that the places do not share a part of the cache
  for (int64_t vector = 0; vector < g.sourceVectors; vector++) {
    sourceVector(g, x, group, vector, begin, end, column, columns, room.patch, room.v + vector * W, channels, vStep);
  }
  int32_t rows[kTileRows];
  for (int i = 0; i < kTileRows; i++) rows[i] = static_cast<int32_t>(i * channels);
  const int64_t strips = quotientUp(tiles, kTileRows), passes = quotientUp(g.sources, kMostSteps);
  const int64_t pixels = lesser(2 * columns, g.size[1] - 2 * column);
  F32 check(0.0f);
  for (int64_t block = 0; block < g.blocks(); block++) {
    const int64_t first = g.firstVector(block), vectors = g.firstVector(block + 1) - first, width = vectors * W;
    const int64_t mStep = tiles * width + W;
    for (int64_t place = 0; place < kPlaces; place++) {
      const float* b = u + g.blockOfU(first) + place * g.placeOfU(width);
      for (int64_t pass = 0; pass < passes; pass++) {
        const int64_t c = partStart(g.sources, passes, pass), depth = partStart(g.sources, passes, pass + 1) - c;
        for (int64_t strip = 0; strip < strips; strip++) {
          const int64_t t = partStart(tiles, strips, strip);
          runTile(static_cast<int>(partStart(tiles, strips, strip + 1) - t), static_cast<int>(vectors),
                  room.v + place * vStep + t * channels, rows, steps + c, depth, b + c * width,
                  room.m + place * mStep + t * width, pass > 0);
        }
      }
    }
    eachImage(g.tiles[0], begin, end, [&](int64_t image, int64_t row, int64_t count, int64_t number) {
      float* to = y + ((image * g.groups + group) * g.results + first * W) * plane + 2 * column;
      for (int64_t i = 0; i < count; i++) {
        resultTiles(room.m + (number + i) * columns * width, mStep, columns, width, pixels, room.pixels, &check);
        const int64_t lines = lesser(2, g.size[0] - 2 * (row + i)), together = g.cuts == 1 ? lines : 1;
        for (int64_t line = 0; line < lines; line += together) {
          placeStrip(room.pixels + line * pixels * width, width, together * pixels,
                     to + (2 * (row + i) + line) * g.size[1], plane, lesser(width, g.results - first * W),
                     bias ? bias + first * W : nullptr);
        }
      }
    });
  }
  return !any(check != check);
}

/** What direct does, for 3 × 3 taps. False: not this way. */
inline bool winograd(Call& call, const Convolution& g, bool input, float* y, const float* x, const float* weight,
                     const float* bias) {
  constexpr int W = kLanes;
  Winograd plan;
  if (!Choice(g, input).isWinograd() || !winogradPlan(g, input, &plan)) return false;
  const int64_t channels = plan.sourceVectors * W, perGroup = plan.blockOfU(plan.resultVectors);
  const int64_t tiles = plan.rows * plan.columns(), stepFloats = quotientUp(plan.sources, W) * W;
  float* shared = static_cast<float*>(
      poolScratch(call.pool, kSharedScratch, static_cast<size_t>(stepFloats + plan.groups * perGroup) * sizeof(float)));
  if (!shared) return false;
  int32_t* steps = reinterpret_cast<int32_t*>(shared);
  float* u = shared + stepFloats;
  for (int64_t c = 0; c < plan.sources; c++) steps[c] = static_cast<int32_t>(c);
  parallelFor(call.pool, plan.groups * plan.blocks(), 2000 / plan.sources + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t group = i / plan.blocks(), block = i % plan.blocks();
      transformTaps(g, plan, input, weight, group, block,
                    u + group * perGroup + plan.blockOfU(plan.firstVector(block)));
    }
  });
  const int64_t sizes[4] = {plan.patch(), kPlaces * (tiles * channels + W), kPlaces * (tiles * 2 * W + W),
                            (4 * plan.columns() + W) * 2 * W};
  bool ok = true, finite = true;
  const int64_t work = plan.allRows() * plan.tiles[1] * perGroup / W * plan.groups;
  inPieces(call.pool, plan.groups * plan.units, work, [&](int64_t begin, int64_t end, int thread) {
    float* mine = static_cast<float*>(
        poolScratch(call.pool, thread, static_cast<size_t>(sizes[0] + sizes[1] + sizes[2] + sizes[3]) * sizeof(float)));
    if (!mine) {
      ok = false;
      return;
    }
    const WinogradRoom room = {mine, mine + sizes[0], mine + sizes[0] + sizes[1],
                               mine + sizes[0] + sizes[1] + sizes[2]};
    memset(room.pixels, 0, static_cast<size_t>(sizes[3]) * sizeof(float));
    for (int64_t i = begin; i < end; i++) {
      const int64_t group = i / plan.units;
      if (!winogradUnit(plan, group, i % plan.units, x, u + group * perGroup, steps,
                        bias ? bias + group * plan.results : nullptr, y, room)) {
        finite = false;
      }
    }
  });
  if (!ok) call.noMemory();
  return finite;
}

}  // namespace NG_ISA
}  // namespace ng
