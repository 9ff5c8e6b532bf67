// The gradient of the weight of a float32 convolution of 3 × 3 taps, as in convolution_winograd.h: where the tiles' V
// are multiplied by U towards the results, here they are by Z = AdYAᵀ, of 2 × 2 gradients of the result, and the sums
// over all tiles are turned back: dW = GᵀSG.
#pragma once

#include "convolution_weight.h"
#include "convolution_winograd.h"

namespace ng {
namespace NG_ISA {

struct WinogradWeight {
  Winograd tiles;  // of the forward convolution
  int64_t parts;   // of the rows of tiles
  int64_t spans;   // of the blocks of two vectors of sources
  int64_t blocks() const { return quotientUp(tiles.sourceVectors, 2); }
  int64_t firstVector(int64_t block) const { return partStart(tiles.sourceVectors, blocks(), block); }
  int64_t outputs() const { return tiles.resultVectors * kLanes; }
  int64_t sources() const { return tiles.sourceVectors * kLanes; }
  /** Sums of one group: [block of sources][place][output][source]. */
  int64_t groupSums() const { return kPlaces * outputs() * sources(); }
};

/** Z of a row of tiles from the gradients [2][2 · count][lane], as sourceTiles gives V. */
inline void gradientTiles(const float* pixels, int64_t count, float* to, int64_t stride, int64_t step) {
  constexpr int W = kLanes;
  const int64_t row = 2 * count * W;
  const F32 zero(0.0f);
  for (int64_t i = 0; i < count; i++, to += stride, pixels += 2 * W) {
    F32 t[4][2];
    NG_UNROLL
    for (int j = 0; j < 2; j++) {
      const F32 a = load(pixels + j * W), b = load(pixels + row + j * W);
      t[0][j] = a;
      t[1][j] = a + b;
      t[2][j] = a - b;
      t[3][j] = zero - b;
    }
    NG_UNROLL
    for (int k = 0; k < 4; k++) {
      store(to + (4 * k) * step, t[k][0]);
      store(to + (4 * k + 1) * step, t[k][0] + t[k][1]);
      store(to + (4 * k + 2) * step, t[k][0] - t[k][1]);
      store(to + (4 * k + 3) * step, zero - t[k][1]);
    }
  }
}

/** The sums of one part, group and span of sources. */
inline void winogradPart(const WinogradWeight& plan, int64_t part, int64_t group, int64_t span, const float* x,
                         const float* grad, const int32_t* steps, float* sums, const WinogradRoom& room) {
  constexpr int W = kLanes;
  const Winograd& g = plan.tiles;
  const int64_t firstRow = partStart(g.allRows(), plan.parts, part),
                lastRow = partStart(g.allRows(), plan.parts, part + 1);
  const int64_t firstBlock = partStart(plan.blocks(), plan.spans, span);
  const int64_t lastBlock = partStart(plan.blocks(), plan.spans, span + 1);
  const int64_t plane = g.size[0] * g.size[1], outputs = plan.outputs(), strips = quotientUp(outputs, kTileRows);
  int32_t rows[kTileRows];
  for (int i = 0; i < kTileRows; i++) rows[i] = i;
  bool adds = false;
  for (int64_t begin = firstRow; begin < lastRow; begin += g.rows) {
    const int64_t end = lesser(begin + g.rows, lastRow);
    for (int64_t cut = 0; cut < g.cuts; cut++, adds = true) {
      const int64_t column = partStart(g.tiles[1], g.cuts, cut);
      const int64_t columns = partStart(g.tiles[1], g.cuts, cut + 1) - column;
      const int64_t tiles = (end - begin) * columns, zStep = tiles * outputs + W;
      for (int64_t vector = 0; vector < g.resultVectors; vector++) {
        eachImage(g.tiles[0], begin, end, [&](int64_t image, int64_t row, int64_t count, int64_t first) {
          spreadPixels(grad + ((image * g.groups + group) * g.results + vector * W) * plane, g.size, plane,
                       lesser(W, g.results - vector * W), 2 * row, 2 * count, 2 * column, 2 * columns, room.patch);
          for (int64_t i = 0; i < count; i++) {
            gradientTiles(room.patch + i * 4 * columns * W, columns,
                          room.m + vector * W + (first + i) * columns * outputs, outputs, zStep);
          }
        });
      }
      for (int64_t block = firstBlock; block < lastBlock; block++) {
        const int64_t first = plan.firstVector(block), vectors = plan.firstVector(block + 1) - first,
                      width = vectors * W;
        const int64_t vStep = tiles * width + W;
        for (int64_t v = 0; v < vectors; v++) {
          sourceVector(g, x, group, first + v, begin, end, column, columns, room.patch, room.v + v * W, width, vStep);
        }
        for (int64_t place = 0; place < kPlaces; place++) {
          float* to = sums + (kPlaces * first * W + place * width) * outputs;
          for (int64_t strip = 0; strip < strips; strip++) {
            const int64_t o = partStart(outputs, strips, strip);
            runTile(static_cast<int>(partStart(outputs, strips, strip + 1) - o), static_cast<int>(vectors),
                    room.m + place * zStep + o, rows, steps, tiles, room.v + place * vStep, to + o * width, adds);
          }
        }
      }
    }
  }
}

/** The taps of output `o` of a group from the sums of all parts. False: something is not finite. */
inline bool turnSums(const WinogradWeight& plan, const float* sums, int64_t partSize, int64_t o, float* gradW) {
  constexpr int W = kLanes;
  const Winograd& g = plan.tiles;
  const F32 half(0.5f), zero(0.0f);
  F32 check(0.0f);
  for (int64_t block = 0; block < plan.blocks(); block++) {
    const int64_t first = plan.firstVector(block), width = (plan.firstVector(block + 1) - first) * W;
    for (int64_t v = 0; v < width; v += W) {
      F32 s[4][4], t[3][4];
      for (int place = 0; place < kPlaces; place++) {
        const float* from = sums + (kPlaces * first * W + place * width) * plan.outputs() + o * width + v;
        F32 sum = load(from);
        for (int64_t part = 1; part < plan.parts; part++) sum = sum + load(from + part * partSize);
        s[place / 4][place % 4] = sum;
      }
      for (int j = 0; j < 4; j++) {
        t[0][j] = s[0][j] + half * (s[1][j] + s[2][j]);
        t[1][j] = half * (s[1][j] - s[2][j]);
        t[2][j] = s[3][j] + half * (s[1][j] + s[2][j]);
      }
      alignas(64) float taps[9][W];
      for (int i = 0; i < 3; i++) {
        const F32 row[3] = {t[i][0] + half * (t[i][1] + t[i][2]), half * (t[i][1] - t[i][2]),
                            t[i][3] + half * (t[i][1] + t[i][2])};
        for (int j = 0; j < 3; j++) {
          check = fma(row[j], zero, check);
          store(taps[3 * i + j], row[j]);
        }
      }
      const int64_t c0 = first * W + v;
      for (int64_t l = 0; l < lesser(W, g.sources - c0); l++) {
        for (int k = 0; k < 9; k++) gradW[(c0 + l) * 9 + k] = taps[k][l];
      }
    }
  }
  return !any(check != check);
}

/** What directWeight does, for 3 × 3 taps. False: not this way. */
inline bool winogradWeight(Call& call, const Convolution& g, float* gradW, const float* x, const float* grad) {
  constexpr int W = kLanes;
  WinogradWeight plan;
  Winograd& tiles = plan.tiles;
  const Choice choice(g, false);
  if (choice.winograd() >= choice.direct() || !winogradPlan(g, false, &tiles)) return false;
  plan.spans = 1;
  // Each part is worth the sums it adds.
  plan.parts = greater(1, lesser(lesser(16, tiles.allRows()), tiles.allRows() * tiles.tiles[1] / 128));
  constexpr int64_t kMostSums = 4 * 1024 * 1024;
  while (plan.parts > 1 && plan.parts * g.groups * plan.groupSums() > kMostSums) plan.parts--;
  while (plan.parts * g.groups * plan.spans < 16 && plan.spans < plan.blocks()) plan.spans++;
  tiles.rows = lesser(tiles.rows, quotientUp(tiles.allRows(), plan.parts));
  const int64_t most = tiles.rows * tiles.columns(), partSize = g.groups * plan.groupSums();
  const int64_t stepFloats = quotientUp(most, W) * W;
  float* shared = static_cast<float*>(
      poolScratch(call.pool, kSharedScratch, static_cast<size_t>(stepFloats + plan.parts * partSize) * sizeof(float)));
  if (!shared || most * plan.outputs() > INT32_MAX) return false;
  int32_t* steps = reinterpret_cast<int32_t*>(shared);
  float* sums = shared + stepFloats;
  for (int64_t t = 0; t < most; t++) steps[t] = static_cast<int32_t>(t * plan.outputs());
  const int64_t sizes[3] = {tiles.patch(), kPlaces * (most * 2 * W + W), kPlaces * (most * plan.outputs() + W)};
  const int64_t units = plan.parts * g.groups * plan.spans;
  const int64_t work = tiles.allRows() * tiles.tiles[1] * partSize / W;
  bool ok = true, finite = true;
  inPieces(call.pool, units, work, [&](int64_t begin, int64_t end, int thread) {
    float* mine = static_cast<float*>(
        poolScratch(call.pool, thread, static_cast<size_t>(sizes[0] + sizes[1] + sizes[2]) * sizeof(float)));
    if (!mine) {
      ok = false;
      return;
    }
    const WinogradRoom room = {mine, mine + sizes[0], mine + sizes[0] + sizes[1], nullptr};
    for (int64_t i = begin; i < end; i++) {
      const int64_t span = i % plan.spans, rest = i / plan.spans, group = rest % g.groups;
      winogradPart(plan, rest / g.groups, group, span, x, grad, steps,
                   sums + rest / g.groups * partSize + group * plan.groupSums(), room);
    }
  });
  if (!ok) {
    call.noMemory();
    return true;
  }
  parallelFor(call.pool, g.o, 5000 / (plan.parts * plan.sources()) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t o = begin; o < end; o++) {
      if (!turnSums(plan, sums + o / tiles.results * plan.groupSums(), partSize, o % tiles.results,
                    gradW + o * tiles.sources * 9)) {
        finite = false;
      }
    }
  });
  return finite;
}

}  // namespace NG_ISA
}  // namespace ng
