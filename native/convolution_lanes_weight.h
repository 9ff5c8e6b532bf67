// The gradient of the weight of a float32 convolution of many groups with few channels each, as in
// convolution_lanes.h: every lane sums for a group of its own.
#pragma once

#include "convolution_lanes.h"
#include "convolution_weight.h"

namespace ng {
namespace NG_ISA {

/** Taps whose sums are in registers together. */
constexpr int kLaneTaps = 9;

/** sums[t] += Σ x[row · rowStep + p · step + taps[t]] · grad[row · width + p], vectors all, for T taps. */
template <int T>
void lanesSums(const float* x, int64_t rowStep, int64_t step, const int32_t* taps, const float* grad, int64_t rows,
               int64_t width, float* sums) {
  constexpr int W = kLanes;
  const float* from[T];
  F32 sum[T];
  NG_UNROLL
  for (int t = 0; t < T; t++) sum[t] = load(sums + t * W);
  for (int64_t row = 0; row < rows; row++, grad += width * W) {
    NG_UNROLL
    for (int t = 0; t < T; t++) from[t] = x + row * rowStep + taps[t];
    for (int64_t p = 0; p < width; p++) {
      const F32 factor = load(grad + p * W);
      NG_UNROLL
      for (int t = 0; t < T; t++) sum[t] = fma(load(from[t] + p * step), factor, sum[t]);
    }
  }
  NG_UNROLL
  for (int t = 0; t < T; t++) store(sums + t * W, sum[t]);
}

typedef void (*LanesSums)(const float*, int64_t, int64_t, const int32_t*, const float*, int64_t, int64_t, float*);

inline LanesSums lanesSumsFor(int64_t taps) {
  static constexpr LanesSums all[kLaneTaps + 1] = {nullptr,      lanesSums<1>, lanesSums<2>, lanesSums<3>,
                                                   lanesSums<4>, lanesSums<5>, lanesSums<6>, lanesSums<7>,
                                                   lanesSums<8>, lanesSums<9>};
  return all[taps];
}

struct LanesWeight {
  Windows windows;
  Layout layout;
  int64_t pieces, outputs;  // along the cut dimension
  const int32_t* taps;      // of all sources
};

/** Adds one piece of one image to the sums [result][source · tap][lane]. */
inline void lanesWeightPiece(const Convolution& g, const LanesWeight& plan, int64_t image, int64_t vector,
                             int64_t piece, const float* x, const float* grad, float* patch, float* spread,
                             float* sums) {
  constexpr int W = kLanes;
  const Windows& w = plan.windows;
  const int cutD = w.cutDimension();
  const int64_t begin = partStart(w.count[cutD], plan.pieces, piece);
  const int64_t length = partStart(w.count[cutD], plan.pieces, piece + 1) - begin;
  const int64_t group = vector * W, lanes = lesser(W, g.groups - group), inputs = g.inputs(), outputs = g.outputs();
  for (int64_t s = 0; s < inputs; s++) {
    spreadWindows(w, plan.layout, x + (image * g.c + group * inputs + s) * g.volume(), inputs * g.volume(), lanes,
                  begin, patch + s * plan.layout.plane * W);
  }
  int64_t count[3] = {w.count[0], w.count[1], w.count[2]};
  count[cutD] = length;
  const int64_t perOutput = g.outVolume() / w.count[cutD], pixels = length * perOutput, depth = inputs * g.taps();
  // Rows of no more pixels than one sum takes.
  const int64_t together = greater(1, kMostSteps / count[2]), blocks = quotientUp(depth, kLaneTaps);
  alignas(64) float part[kLaneTaps * W];
  for (int64_t r = 0; r < outputs; r++) {
    spreadRun(grad + (image * g.o + group * outputs + r) * g.outVolume() + begin * perOutput, outputs * g.outVolume(),
              lanes, pixels, spread, 0, pixels, 0);
    for (int64_t block = 0; block < blocks; block++) {
      const int64_t t = partStart(depth, blocks, block), taps = partStart(depth, blocks, block + 1) - t;
      for (int64_t a = 0; a < count[0]; a++) {
        for (int64_t b = 0; b < count[1]; b += together) {
          memset(part, 0, sizeof(part));
          lanesSumsFor(taps)(patch + (a * w.step[0] * plan.layout.slice + b * w.step[1] * plan.layout.row) * W,
                             w.step[1] * plan.layout.row * W, w.step[2] * W, plan.taps + t,
                             spread + (a * count[1] + b) * count[2] * W, lesser(together, count[1] - b), count[2],
                             part);
          float* to = sums + (r * depth + t) * W;
          for (int64_t i = 0; i < taps * W; i += W) store(to + i, load(to + i) + load(part + i));
        }
      }
    }
  }
}

/** What directWeight does, for many small groups. False: not this way. */
inline bool lanesWeight(Call& call, const Convolution& g, float* gradW, const float* x, const float* grad) {
  constexpr int W = kLanes;
  LanesWeight plan;
  plan.windows = windowsOf(g);
  const Windows& w = plan.windows;
  // Where a vector of outputs is no more than half there, groups of up to so many channels pay too.
  const bool half = g.outputs() > kFew && 2 * greater(g.inputs(), g.outputs()) <= W && lanesFilled(g);
  if (!(lanesPay(g) || half) || !w.countable(g.inputs())) return false;
  const int64_t length = w.count[w.cutDimension()], perOutput = g.outVolume() / length;
  const int64_t vectors = quotientUp(g.groups, W), depth = g.inputs() * g.taps();
  plan.outputs = length;
  while (plan.outputs > 1 &&
         (layoutOf(w, plan.outputs, true).plane * g.inputs() + plan.outputs * perOutput) * W > kMostPatch)
    plan.outputs = quotientUp(plan.outputs, 2);
  plan.pieces = quotientUp(length, plan.outputs);
  plan.layout = layoutOf(w, plan.outputs, true);
  const int64_t patchFloats = plan.layout.plane * g.inputs() * W, spreadFloats = plan.outputs * perOutput * W;
  if (patchFloats > INT32_MAX || depth > INT32_MAX / 2) return false;
  const int64_t all = g.n * plan.pieces, parts = lesser(all, quotientUp(16, vectors));
  const int64_t perUnit = g.outputs() * depth * W, tableFloats = quotientUp(depth, W) * W;
  float* memory = static_cast<float*>(poolScratch(
      call.pool, kSharedScratch, static_cast<size_t>(tableFloats + vectors * parts * perUnit) * sizeof(float)));
  if (!memory) return false;
  int32_t* taps = reinterpret_cast<int32_t*>(memory);
  float* sums = memory + tableFloats;
  tapRows(g, plan.layout, g.inputs(), taps);
  for (int64_t t = 0; t < depth; t++) taps[t] *= W;
  plan.taps = taps;
  memset(sums, 0, static_cast<size_t>(vectors * parts * perUnit) * sizeof(float));
  bool ok = true;
  const int64_t work = g.n * g.outVolume() * (g.outputs() * depth + 20) * vectors;
  inPieces(call.pool, vectors * parts, work, [&](int64_t begin, int64_t end, int thread) {
    float* patch = static_cast<float*>(
        poolScratch(call.pool, thread, static_cast<size_t>(patchFloats + spreadFloats) * sizeof(float)));
    if (!patch) {
      ok = false;
      return;
    }
    for (int64_t i = begin; i < end; i++) {
      const int64_t vector = i / parts, part = i % parts;
      for (int64_t j = partStart(all, parts, part); j < partStart(all, parts, part + 1); j++) {
        lanesWeightPiece(g, plan, j / plan.pieces, vector, j % plan.pieces, x, grad, patch, patch + patchFloats,
                         sums + i * perUnit);
      }
    }
  });
  if (!ok) {
    call.noMemory();
    return true;
  }
  parallelFor(call.pool, vectors, 20000 / (parts * perUnit + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t vector = begin; vector < end; vector++) {
      float* sum = sums + vector * parts * perUnit;
      for (int64_t part = 1; part < parts; part++) {
        for (int64_t i = 0; i < perUnit; i += W) store(sum + i, load(sum + i) + load(sum + part * perUnit + i));
      }
      const int64_t perGroup = perUnit / W, group = vector * W;
      packTransposed(gradW + group * perGroup, perGroup, sum, W, perGroup, lesser(W, g.groups - group));
    }
  });
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
