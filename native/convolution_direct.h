// float32 convolutions and the gradients of their inputs, straight from the images: tiles of several pixels by two
// vectors of channels in registers. Every step of a tile is a tap of an input channel: one place to look at for each
// pixel, one row of the packed weights. The gradient of an input is a convolution of the result's gradient too, with
// strides one for each residue of the pixels, which each see only some of the taps.
#pragma once

#include "convolution_tile.h"
#include "convolution_window.h"

namespace ng {
namespace NG_ISA {

/** Pixels that are computed together before they move to their places. */
constexpr int kStrip = 8 * kTileRows, kStripRoom = kStrip + kLanes;
constexpr int kMostPhases = 64;
/** Floats of a copy of a part of an image, so that it stays in the second-level cache. */
constexpr int64_t kMostCopied = 96 * 1024;

/** Results along one dimension that see the same taps: the places first + q · pace for q < count. */
struct Phase {
  int64_t first[3], count[3];
  int64_t steps, depth;  // where its steps begin, and how many there are
};

struct Direct {
  Windows windows;
  Layout layout;
  int64_t images, groups, sources, results;  // channels of a group: looked at, computed
  int64_t size[3], pace[3];                  // of the result
  int phases;
  Phase phase[kMostPhases];
  int64_t blocks, vectors;  // of results: blocks of at most two vectors, vectors in all
  float* y;
  const float* x;
  const float* bias;
  const float* packed;
  const int32_t* steps;
  int64_t pieces, outputs;  // along the cut dimension; outputs of one piece
  int64_t spans;            // into how many the blocks are cut

  int64_t depth() const {
    int64_t all = 0;
    for (int i = 0; i < phases; i++) all += phase[i].depth;
    return all;
  }
  int64_t firstVector(int64_t block) const { return partStart(vectors, blocks, block); }
  int64_t resultVolume() const { return size[0] * size[1] * size[2]; }
};

/** Moves a strip of sums [pixel, NV · W] to the rows of its channels, where its pixels follow one another. */
inline void placeStrip(const float* sums, int64_t width, int64_t pixels, float* y, int64_t plane, int64_t channels,
                       const float* bias) {
  constexpr int W = kLanes;
  for (int64_t c0 = 0; c0 < channels; c0 += W) {
    const int64_t here = lesser(W, channels - c0);
    for (int64_t p = 0; p < pixels; p += W) {
      F32 square[W];
      for (int i = 0; i < W; i++) square[i] = load(sums + (p + i) * width + c0);
      transpose(square);
      alignas(64) float turned[W * W];
      for (int i = 0; i < W; i++) store(turned + i * W, square[i]);
      const bool whole = pixels - p >= W;
      for (int64_t i = 0; i < here; i++) {
        float* to = y + (c0 + i) * plane + p;
        const F32 value = bias ? load(turned + i * W) + F32(bias[c0 + i]) : load(turned + i * W);
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

/** Outputs [first, first + outputs) along the cut dimension of one image, blocks [block, end) of all groups' blocks. */
inline void directPiece(const Direct& g, int64_t image, int64_t piece, int64_t span, float* copy) {
  constexpr int W = kLanes;
  const Windows& w = g.windows;
  const int cutD = w.cutDimension();
  const int64_t begin = partStart(w.count[cutD], g.pieces, piece), end = partStart(w.count[cutD], g.pieces, piece + 1);
  const int64_t all = g.groups * g.blocks;
  const int64_t plane = g.resultVolume(), sourceVolume = w.size[0] * w.size[1] * w.size[2];
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
    const int64_t firstVector = g.firstVector(block), c0 = firstVector * W;
    const int vectors = static_cast<int>(g.firstVector(block + 1) - firstVector);
    const int64_t width = vectors * W, channels = lesser(width, g.results - c0);
    float* y = g.y + ((image * g.groups + group) * g.results + c0) * plane;
    const float* bias = g.bias ? g.bias + group * g.results + c0 : nullptr;
    for (int i = 0; i < g.phases; i++) {
      const Phase& phase = g.phase[i];
      const float* b =
          g.packed + (group * g.vectors * g.depth() + g.vectors * phase.steps + firstVector * phase.depth) * W;
      const int64_t last = lesser(end, phase.count[cutD]);
      int64_t count[3] = {phase.count[0], phase.count[1], phase.count[2]};
      count[cutD] = last - begin;
      if (last <= begin) continue;
      const int64_t pixels = count[0] * count[1] * count[2];
      const bool dense = g.pace[0] * g.pace[1] * g.pace[2] == 1;
      int64_t q[3] = {0, 0, 0};
      for (int64_t p = 0; p < pixels; p += kStrip) {
        const int64_t here = lesser(kStrip, pixels - p);
        int32_t rows[kStrip];
        int64_t places[kStrip];
        for (int64_t r = 0; r < here; r++) {
          rows[r] = static_cast<int32_t>(q[0] * w.step[0] * g.layout.slice + q[1] * w.step[1] * g.layout.row +
                                         q[2] * w.step[2]);
          int64_t at[3] = {q[0], q[1], q[2]};
          at[cutD] += begin;
          places[r] =
              ((phase.first[0] + at[0] * g.pace[0]) * g.size[1] + phase.first[1] + at[1] * g.pace[1]) * g.size[2] +
              phase.first[2] + at[2] * g.pace[2];
          if (++q[2] == count[2]) {
            q[2] = 0;
            if (++q[1] == count[1]) {
              q[1] = 0;
              q[0]++;
            }
          }
        }
        const int64_t tiles = quotientUp(here, kTileRows);
        const int64_t passes = greater(1, quotientUp(phase.depth, kMostSteps));
        for (int64_t pass = 0; pass < passes; pass++) {
          const int64_t t = partStart(phase.depth, passes, pass), depth = partStart(phase.depth, passes, pass + 1) - t;
          for (int64_t tile = 0; tile < tiles; tile++) {
            const int64_t r = partStart(here, tiles, tile);
            runTile(static_cast<int>(partStart(here, tiles, tile + 1) - r), vectors, x, rows + r,
                    g.steps + phase.steps + t, depth, b + t * width, sums + r * width, pass > 0);
          }
        }
        if (dense) {
          placeStrip(sums, width, here, y + places[0], plane, channels, bias);
        } else {
          scatterStrip(sums, width, here, y, plane, channels, bias, places);
        }
      }
    }
  }
}

/**
 * The phases of a convolution (input: of its input's gradient) and its windows; the taps of dimension d and phase r are
 * those k for which shiftOf gives a place. False: too many phases.
 */
struct Taps {
  const Convolution& g;
  bool input;

  int64_t phasesAlong(int d) const { return input ? lesser(g.stride[d], greater(g.size[d], 1)) : 1; }
  /** Whether phase r looks at tap k along d, and how far from output q · step. */
  bool shiftOf(int d, int64_t r, int64_t k, int64_t* shift) const {
    if (!input) {
      *shift = k * g.dilation[d] - g.pad[d];
      return true;
    }
    const int64_t far = r + g.pad[d] - k * g.dilation[d];
    if (far % g.stride[d] != 0) return false;
    *shift = far / g.stride[d];
    return true;
  }
};

inline bool directPlan(const Convolution& g, bool input, Direct* out) {
  const Taps taps = {g, input};
  Windows& w = out->windows;
  out->images = g.n;
  out->groups = g.groups;
  out->sources = input ? g.outputs() : g.inputs();
  out->results = input ? g.inputs() : g.outputs();
  for (int d = 0; d < 3; d++) {
    out->size[d] = input ? g.size[d] : g.out[d];
    out->pace[d] = input ? g.stride[d] : 1;
    w.size[d] = input ? g.out[d] : g.size[d];
    w.step[d] = input ? 1 : g.stride[d];
    w.count[d] = quotientUp(out->size[d], out->pace[d]);
    bool any = false;
    int64_t low = 0, high = 0;
    for (int64_t r = 0; r < taps.phasesAlong(d); r++) {
      for (int64_t k = 0; k < g.kernel[d]; k++) {
        int64_t shift;
        if (!taps.shiftOf(d, r, k, &shift)) continue;
        low = any ? lesser(low, shift) : shift;
        high = any ? greater(high, shift) : shift;
        any = true;
      }
    }
    w.low[d] = low;
    w.high[d] = high + (w.count[d] - 1) * w.step[d];
  }
  const int64_t phases = taps.phasesAlong(0) * taps.phasesAlong(1) * taps.phasesAlong(2);
  if (phases > kMostPhases) return false;
  out->phases = static_cast<int>(phases);
  int64_t begin = 0;
  for (int i = 0; i < out->phases; i++) {
    Phase& phase = out->phase[i];
    const int64_t r[3] = {i / taps.phasesAlong(2) / taps.phasesAlong(1), i / taps.phasesAlong(2) % taps.phasesAlong(1),
                          i % taps.phasesAlong(2)};
    phase.steps = begin;
    phase.depth = out->sources;
    for (int d = 0; d < 3; d++) {
      phase.first[d] = r[d];
      phase.count[d] = out->size[d] <= r[d] ? 0 : quotientUp(out->size[d] - r[d], out->pace[d]);
      int64_t seen = 0, shift;
      for (int64_t k = 0; k < g.kernel[d]; k++) seen += taps.shiftOf(d, r[d], k, &shift);
      phase.depth *= seen;
    }
    begin += phase.depth;
  }
  out->vectors = quotientUp(out->results, kLanes);
  out->blocks = quotientUp(out->vectors, 2);
  return true;
}

/** How far every step of a phase is from its pixel, and which tap of the weights it takes. */
inline void directSteps(const Convolution& g, const Direct& plan, bool input, int32_t* steps, int32_t* places) {
  const Taps taps = {g, input};
  const Windows& w = plan.windows;
  const Layout& l = plan.layout;
  for (int i = 0; i < plan.phases; i++) {
    const Phase& phase = plan.phase[i];
    for (int64_t c = 0; c < plan.sources; c++) {
      int64_t a[3];
      for (int64_t kd = 0; kd < g.kernel[0]; kd++) {
        if (!taps.shiftOf(0, phase.first[0], kd, &a[0])) continue;
        for (int64_t kh = 0; kh < g.kernel[1]; kh++) {
          if (!taps.shiftOf(1, phase.first[1], kh, &a[1])) continue;
          for (int64_t kw = 0; kw < g.kernel[2]; kw++) {
            if (!taps.shiftOf(2, phase.first[2], kw, &a[2])) continue;
            *steps++ = static_cast<int32_t>(c * l.plane + (a[0] - w.low[0]) * l.slice + (a[1] - w.low[1]) * l.row +
                                            a[2] - w.low[2]);
            *places++ = static_cast<int32_t>((input ? c * g.inputs() : c) * g.taps() +
                                             (kd * g.kernel[1] + kh) * g.kernel[2] + kw);
          }
        }
      }
    }
  }
}

/** Weights as the tiles read them, vector by vector of one group: [phase][block][step][vector]. */
inline void packWeights(const Convolution& g, const Direct& plan, bool input, const float* weight,
                        const int32_t* places, float* packed, int64_t group, int64_t block) {
  constexpr int W = kLanes;
  const int64_t laneStride = input ? g.taps() : g.inputs() * g.taps();
  const int64_t first = plan.firstVector(block), vectors = plan.firstVector(block + 1) - first;
  const int64_t width = vectors * W, here = lesser(width, plan.results - first * W);
  const float* from = weight + group * g.outputs() * g.inputs() * g.taps() + first * W * laneStride;
  for (int i = 0; i < plan.phases; i++) {
    const Phase& phase = plan.phase[i];
    float* to = packed + (group * plan.vectors * plan.depth() + plan.vectors * phase.steps + first * phase.depth) * W;
    for (int64_t t = 0; t < phase.depth; t++, to += width) {
      const float* tap = from + places[phase.steps + t];
      for (int64_t l = 0; l < here; l++) to[l] = tap[l * laneStride];
      for (int64_t l = here; l < width; l++) to[l] = 0;
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
  const int64_t depth = plan.depth(), copyFloats = copied ? plan.layout.plane * plan.sources : 0;
  if (plan.layout.plane * plan.sources > INT32_MAX || depth > INT32_MAX / 2 || g.o * g.inputs() * g.taps() > INT32_MAX)
    return false;
  const size_t stepBytes = static_cast<size_t>(quotientUp(2 * depth * 4, 64) * 64);
  const size_t packedBytes = static_cast<size_t>(g.groups * plan.vectors * kLanes * depth) * sizeof(float);
  char* memory = static_cast<char*>(poolScratch(call.pool, kSharedScratch, stepBytes + packedBytes + 64));
  if (!memory) return false;
  int32_t* steps = reinterpret_cast<int32_t*>(memory);
  float* packed = reinterpret_cast<float*>(memory + stepBytes);
  directSteps(g, plan, input, steps, steps + depth);
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
  parallelFor(call.pool, all, quotientUp(all, units), [&](int64_t begin, int64_t end, int thread) {
    for (int64_t i = begin; i < end; i++) run(i, thread);
  });
  if (!ok) call.noMemory();
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
