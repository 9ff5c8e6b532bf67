// float32 convolutions and the gradients of their inputs, straight from the images: tiles of several pixels by two
// vectors of channels in registers. Every step of a tile is a tap of an input channel: one place to look at for each
// pixel, one row of the packed weights. The gradient of an input is a convolution of the result's gradient too, with
// strides one for each residue of the pixels, which each see only some of the taps.
#pragma once

#include "convolution_plan.h"
#include "convolution_tile.h"

namespace ng {
namespace NG_ISA {

/** Pixels that are computed together before they move to their places. */
constexpr int kStrip = 8 * kTileRows, kStripRoom = kStrip + kLanes;

/** Moves a strip of sums [pixel, NV · W] to the rows of its channels, where its pixels follow one another. */
inline void placeStrip(const float* sums, int64_t width, int64_t pixels, float* y, int64_t plane, int64_t channels,
                       const float* bias) {
  constexpr int W = kLanes;
  for (int64_t c0 = 0; c0 < channels; c0 += W) {
    const int64_t here = lesser(W, channels - c0);
    for (int64_t p = 0; p < pixels; p += W) {
      F32 square[W];
      NG_UNROLL
      for (int i = 0; i < W; i++) square[i] = load(sums + (p + i) * width + c0);
      transpose(square);
      float* to = y + c0 * plane + p;
      const bool whole = pixels - p >= W;
      NG_UNROLL
      for (int i = 0; i < W; i++, to += plane) {
        if (i == here) break;
        const F32 value = bias ? square[i] + F32(bias[c0 + i]) : square[i];
        if (whole) {
          store(to, value);
        } else {
          storePartial(to, value, pixels - p);
        }
      }
    }
  }
}

/** The same where every pixel has a place of its own. */
inline void scatterStrip(const float* sums, int64_t width, int64_t pixels, float* y, int64_t plane, int64_t channels,
                         const float* bias, const int64_t* places) {
  for (int64_t c = 0; c < channels; c++) {
    const float shift = bias ? bias[c] : 0;
    for (int64_t p = 0; p < pixels; p++) y[c * plane + places[p]] = sums[p * width + c] + shift;
  }
}

/** What a piece of one phase and one block of channels is computed from, and where it goes. */
struct PhasePiece {
  const Phase& phase;
  int64_t begin;     // the first output along the cut dimension
  int64_t count[3];  // outputs
  const float* x;
  const float* b;
  int vectors;
  float* y;
  int64_t channels;
  const float* bias;
};

/** The steps [first, last) that row `row` of a piece needs: beyond the image everything is 0. */
inline void stepsOfRow(const Direct& g, const PhasePiece& p, int64_t row, int64_t* first, int64_t* last) {
  const Windows& w = g.windows;
  const int cutD = w.cutDimension();
  *first = 0;
  *last = p.phase.depth;
  if (!g.byLines || p.phase.depth == 0) return;
  const int64_t q0 = (row / p.count[1] + (cutD == 0 ? p.begin : 0)) * w.step[0];
  const int64_t q1 = (row % p.count[1] + (cutD == 1 ? p.begin : 0)) * w.step[1];
  const int32_t* lines = g.lines + 2 * p.phase.steps;
  const auto outside = [&](int64_t line) {
    const int64_t a0 = q0 + lines[2 * line], a1 = q1 + lines[2 * line + 1];
    return a0 < 0 || a0 >= w.size[0] || a1 < 0 || a1 >= w.size[1];
  };
  int64_t from = 0, to = p.phase.depth / p.phase.perLine;
  while (from < to && outside(from)) from++;
  while (to > from && outside(to - 1)) to--;
  *first = from * p.phase.perLine;
  *last = to * p.phase.perLine;
}

/** Rows [row, end) of a piece, which need the same steps [t0, t1). `sums`: room for a strip. */
inline void directRows(const Direct& g, const PhasePiece& piece, int64_t row, int64_t end, int64_t t0, int64_t t1,
                       float* sums) {
  const Windows& w = g.windows;
  const Phase& phase = piece.phase;
  const int cutD = w.cutDimension();
  const int64_t width = piece.vectors * kLanes, plane = g.resultVolume();
  const int64_t pixels = (end - row) * piece.count[2], passes = greater(1, quotientUp(t1 - t0, kMostSteps));
  const bool dense = g.pace[0] * g.pace[1] * g.pace[2] == 1;
  int64_t q[3] = {row / piece.count[1], row % piece.count[1], 0};
  for (int64_t p = 0; p < pixels; p += kStrip) {
    const int64_t here = lesser(kStrip, pixels - p), tiles = quotientUp(here, kTileRows);
    int32_t rows[kStrip];
    int64_t places[kStrip];
    for (int64_t r = 0; r < here; r++) {
      rows[r] =
          static_cast<int32_t>(q[0] * w.step[0] * g.layout.slice + q[1] * w.step[1] * g.layout.row + q[2] * w.step[2]);
      int64_t at[3] = {q[0], q[1], q[2]};
      at[cutD] += piece.begin;
      for (int d = 0; d < 3; d++) at[d] = phase.first[d] + at[d] * g.pace[d];
      places[r] = (at[0] * g.size[1] + at[1]) * g.size[2] + at[2];
      if (++q[2] == piece.count[2]) {
        q[2] = 0;
        if (++q[1] == piece.count[1]) {
          q[1] = 0;
          q[0]++;
        }
      }
    }
    for (int64_t pass = 0; pass < passes; pass++) {
      const int64_t t = t0 + partStart(t1 - t0, passes, pass), depth = t0 + partStart(t1 - t0, passes, pass + 1) - t;
      for (int64_t tile = 0; tile < tiles; tile++) {
        const int64_t r = partStart(here, tiles, tile);
        runTile(static_cast<int>(partStart(here, tiles, tile + 1) - r), piece.vectors, piece.x, rows + r,
                g.steps + phase.steps + t, depth, piece.b + t * width, sums + r * width, pass > 0);
      }
    }
    if (dense) {
      placeStrip(sums, width, here, piece.y + places[0], plane, piece.channels, piece.bias);
    } else {
      scatterStrip(sums, width, here, piece.y, plane, piece.channels, piece.bias, places);
    }
  }
}

/** One piece of one image, and one span of all groups' blocks. */
inline void directPiece(const Direct& g, int64_t image, int64_t piece, int64_t span, float* copy) {
  constexpr int W = kLanes;
  const Windows& w = g.windows;
  const int cutD = w.cutDimension();
  const int64_t begin = partStart(w.count[cutD], g.pieces, piece), end = partStart(w.count[cutD], g.pieces, piece + 1);
  const int64_t all = g.groups * g.blocks, allSteps = g.depth();
  const int64_t sourceVolume = w.size[0] * w.size[1] * w.size[2];
  alignas(64) float sums[kStripRoom * 2 * W];
  memset(sums, 0, sizeof(sums));
  const float* x = nullptr;
  int64_t current = -1;
  for (int64_t unit = partStart(all, g.spans, span); unit < partStart(all, g.spans, span + 1); unit++) {
    const int64_t group = unit / g.blocks, block = unit % g.blocks;
    if (group != current) {
      current = group;
      x = windowsAt(w, g.layout, g.x + (image * g.groups + group) * g.sources * sourceVolume, g.sources, begin, copy);
    }
    const int64_t firstVector = g.firstVector(block), vectors = g.firstVector(block + 1) - firstVector,
                  c0 = firstVector * W;
    for (int i = 0; i < g.phases; i++) {
      const Phase& phase = g.phase[i];
      const int64_t last = lesser(end, phase.count[cutD]);
      if (last <= begin) continue;
      PhasePiece p = {
          phase,
          begin,
          {phase.count[0], phase.count[1], phase.count[2]},
          x,
          g.packed + (group * g.vectors * allSteps + g.vectors * phase.steps + firstVector * phase.depth) * W,
          static_cast<int>(vectors),
          g.y + ((image * g.groups + group) * g.results + c0) * g.resultVolume(),
          lesser(vectors * W, g.results - c0),
          g.bias ? g.bias + group * g.results + c0 : nullptr};
      p.count[cutD] = last - begin;
      const int64_t rows = p.count[0] * p.count[1];
      for (int64_t row = 0, next; row < rows && p.count[2] > 0; row = next) {
        int64_t t0, t1, other0, other1;
        stepsOfRow(g, p, row, &t0, &t1);
        for (next = row + 1; next < rows; next++) {
          stepsOfRow(g, p, next, &other0, &other1);
          if (other0 != t0 || other1 != t1) break;
        }
        directRows(g, p, row, next, t0, t1, sums);
      }
    }
  }
}

/** y = convolution of x, or (input) the gradient of the input y from that of the result x. False: not this way. */
inline bool direct(Call& call, const Convolution& g, bool input, float* y, const float* x, const float* weight,
                   const float* bias) {
  Direct plan;
  if (!directPlan(g, input, &plan)) return false;
  plan.y = y;
  plan.x = x;
  plan.bias = bias;
  const Windows& w = plan.windows;
  const bool copied = !w.inside();
  const int cutD = w.cutDimension();
  const int64_t length = w.count[cutD], threads = poolThreads(call.pool);
  // Pieces small enough for their copies to stay in the cache, and enough of them for all threads.
  int64_t outputs = length;
  const auto copySize = [&] { return layoutOf(w, outputs, true).plane * plan.sources; };
  while (copied && outputs > 4 && copySize() > kMostCopied) outputs = quotientUp(outputs, 2);
  plan.pieces = quotientUp(length, outputs);
  const int64_t pixels = w.count[0] * w.count[1] * w.count[2];
  const int64_t work = plan.images * pixels * plan.depth() * plan.vectors * plan.groups;
  const int64_t units = work < 50000 ? 1 : lesser(4 * threads, work / 20000);
  while (plan.images * plan.pieces < units && plan.pieces < length && pixels / plan.pieces > 4 * kTileRows)
    plan.pieces++;
  plan.spans = 1;
  if (plan.images * plan.pieces < units)
    plan.spans = lesser(quotientUp(units, plan.images * plan.pieces), plan.groups * plan.blocks);
  plan.outputs = quotientUp(length, plan.pieces);
  plan.layout = layoutOf(w, plan.outputs, copied);
  plan.byLines = copied && linesPay(g, w, input);
  const int64_t depth = plan.depth(), copyFloats = copied ? plan.layout.plane * plan.sources : 0;
  if (plan.layout.plane * plan.sources > INT32_MAX || depth > INT32_MAX / 4 || g.o * g.inputs() * g.taps() > INT32_MAX)
    return false;
  const size_t stepBytes = static_cast<size_t>(quotientUp(4 * depth * 4, 64) * 64);
  const size_t packedBytes = static_cast<size_t>(g.groups * plan.vectors * kLanes * depth) * sizeof(float);
  char* memory = static_cast<char*>(poolScratch(call.pool, kSharedScratch, stepBytes + packedBytes + 64));
  if (!memory) return false;
  int32_t* steps = reinterpret_cast<int32_t*>(memory);
  float* packed = reinterpret_cast<float*>(memory + stepBytes);
  directSteps(g, plan, input, steps, steps + depth, steps + 2 * depth);
  plan.lines = steps + 2 * depth;
  plan.steps = steps;
  plan.packed = packed;
  parallelFor(call.pool, g.groups * plan.blocks, 30000 / (depth * kLanes + 1) + 1,
              [&](int64_t begin, int64_t end, int) {
                for (int64_t i = begin; i < end; i++) {
                  packWeights(g, plan, input, weight, steps + depth, packed, i / plan.blocks, i % plan.blocks);
                }
              });
  bool ok = true;
  const auto run = [&](int64_t unit, int thread) {
    float* copy = nullptr;
    if (copied)
      copy =
          static_cast<float*>(poolScratch(call.pool, thread, static_cast<size_t>(copyFloats + kLanes) * sizeof(float)));
    if (copied && !copy) {
      ok = false;
      return;
    }
    const int64_t span = unit % plan.spans, rest = unit / plan.spans;
    directPiece(plan, rest / plan.pieces, rest % plan.pieces, span, copy);
  };
  const int64_t all = plan.images * plan.pieces * plan.spans;
  inPieces(call.pool, all, work, [&](int64_t begin, int64_t end, int thread) {
    for (int64_t i = begin; i < end; i++) run(i, thread);
  });
  if (!ok) call.noMemory();
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
