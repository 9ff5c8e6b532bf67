// The gradient of a float32 convolution's input where no two windows share a pixel, as a product of matrices: taps as
// wide as the strides (patches of an image), whose pixels each belong to one window and tap, and single pixels (1 × 1).
#pragma once

#include "convolution_choice.h"
#include "convolution_window.h"
#include "gemm_pack.h"
#include "gemm_tile.h"
#include "multiply.h"

namespace ng {
namespace NG_ISA {

/** Columns of a panel, most of k that one pass takes, and rows that are computed together before they are placed. */
constexpr int64_t kPanel = kTileVectors * kLanes, kPatchDepth = 512, kPatchRows = 256;

/** Per image and group: taps (m, n) of the windows are weights (k, m), turned, times gradients (k, n). */
struct Patches {
  const Convolution& g;
  bool placed;  // taps have places of their own among the pixels; else they are the pixels
  int64_t m, n, k;
  int64_t depth;          // of k in one pass
  int64_t panels, spans;  // of the columns, of the rows
  float* y;
  const float* x;
  const float* weight;
};

/** Rows [row, end) of taps and columns [j, j + columns) to their pixels, which are all inside. */
inline void placeTaps(const Convolution& g, const float* sums, int64_t row, int64_t end, int64_t j, int64_t columns,
                      float* y) {
  int64_t at[kPanel];
  for (int64_t i = 0; i < columns; i++) {
    const int64_t q[3] = {(j + i) / g.out[2] / g.out[1], (j + i) / g.out[2] % g.out[1], (j + i) % g.out[2]};
    at[i] = (q[0] * g.stride[0] * g.size[1] + q[1] * g.stride[1]) * g.size[2] + q[2] * g.stride[2];
  }
  for (int64_t r = row; r < end; r++, sums += kPanel) {
    const int64_t tap = r % g.taps();
    const int64_t k[3] = {tap / g.kernel[2] / g.kernel[1], tap / g.kernel[2] % g.kernel[1], tap % g.kernel[2]};
    float* to = y + r / g.taps() * g.volume() + (k[0] * g.size[1] + k[1]) * g.size[2] + k[2];
    for (int64_t i = 0; i < columns; i++) to[at[i]] = sums[i];
  }
}

/** One panel of one span of rows. `room`: a panel of x, then one of sums. */
inline void patchPanel(const Patches& p, int64_t unit, int64_t panel, int64_t span, float* room) {
  const Convolution& g = p.g;
  const int64_t j = panel * kPanel, columns = lesser(kPanel, p.n - j);
  const int64_t first = partStart(p.m, p.spans, span), last = partStart(p.m, p.spans, span + 1);
  const int64_t passes = quotientUp(p.k, p.depth);
  const float* weight = p.weight + unit % g.groups * p.m * p.k;
  float* const sums = room + p.depth * kPanel;
  float* const y = p.y + unit * g.inputs() * g.volume();
  for (int64_t pass = 0; pass < passes; pass++) {
    const int64_t c = partStart(p.k, passes, pass), depth = partStart(p.k, passes, pass + 1) - c;
    packRows(room, kPanel, p.x + (unit * p.k + c) * p.n + j, p.n, columns, depth);
    for (int64_t i = first; i < last; i += kPatchRows) {
      const int64_t here = lesser(kPatchRows, last - i);
      multiply(true, here, columns, depth, weight + c * p.m + i, p.m, room, kPanel, p.placed ? sums : y + i * p.n + j,
               p.placed ? kPanel : p.n, pass > 0);
      if (p.placed) placeTaps(g, sums, i, i + here, j, columns, y);
    }
  }
}

/** False: not this way. */
inline bool patches(Call& call, const Convolution& g, float* y, const float* x, const float* weight) {
  bool apart = true, covered = true;
  for (int d = 0; d < 3; d++) {
    apart = apart && g.kernel[d] <= g.stride[d] && g.dilation[d] == 1 && g.pad[d] == 0;
    covered = covered && g.kernel[d] == g.stride[d] && g.out[d] * g.stride[d] >= g.size[d];
  }
  const bool placed = g.taps() > 1 || !covered;
  const int64_t m = g.inputs() * g.taps(), k = g.outputs();
  // Single pixels pay where few channels become many: else turning the sums around costs less than packing. What has
  // few phases is as well off with them.
  if (!apart || m <= kFew) return false;
  if (g.taps() == 1 ? m < 4 * k || g.outVolume() < kLanes : g.stride[0] * g.stride[1] * g.stride[2] <= 16) return false;
  // What is placed is summed in one pass.
  Patches p = {g, placed, m, g.outVolume(), k, placed ? k : lesser(k, kPatchDepth), 0, 1, y, x, weight};
  p.panels = quotientUp(p.n, kPanel);
  const int64_t units = g.n * g.groups * p.panels, work = units * m * k * kTileVectors;
  const int64_t wanted = work < 50000 ? 1 : 8 * poolThreads(call.pool);
  p.spans = greater(1, lesser(quotientUp(wanted, units), m / 64));
  if (!covered) memset(y, 0, static_cast<size_t>(g.n * g.c * g.volume()) * sizeof(float));
  bool ok = true;
  inPieces(call.pool, units * p.spans, work, [&](int64_t begin, int64_t end, int thread) {
    float* room = static_cast<float*>(
        poolScratch(call.pool, thread, static_cast<size_t>((p.depth + kPatchRows) * kPanel) * sizeof(float)));
    if (!room) {
      ok = false;
      return;
    }
    for (int64_t i = begin; i < end; i++) {
      patchPanel(p, i / p.spans / p.panels, i / p.spans % p.panels, i % p.spans, room);
    }
  });
  if (!ok) call.noMemory();
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
