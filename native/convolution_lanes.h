// float32 convolutions of many groups with few channels each (depthwise ones): a vector holds one channel of several
// groups, its lanes, so that nothing is summed across lanes and small images are no matter.
#pragma once

#include "convolution_direct.h"
#include "convolution_spread.h"

namespace ng {
namespace NG_ISA {

/** Pixels whose sums are in registers together. */
constexpr int kLanePixels = kLanes >= 16 ? 8 : 4;
/** Most products of channels of a group, and floats of what a piece of an image looks at. */
constexpr int64_t kMostPairs = 8, kMostPatch = 48 * 1024;

/** Whether the lanes of a vector along the groups are mostly there. */
inline bool lanesFilled(const Convolution& g) {
  return g.groups >= kLanes / 2 && quotientUp(g.groups, kLanes) * kLanes * 2 <= g.groups * 3;
}

/** Whether a vector along the groups pays: where a group is small. */
inline bool lanesPay(const Convolution& g) { return g.inputs() * g.outputs() <= kMostPairs && lanesFilled(g); }

/** What the pixels of a row are computed from: `count` steps, `run` of them side by side (or 1). */
struct LanesRow {
  const int32_t* steps;
  int64_t count, run;
  const float* weights;
  int64_t step, pace;  // from pixel to pixel, in x and in the sums
};

/** sums[p · pace] = Σ x[p · step + steps[t]] · weights[t] over t < count, vectors all, for P pixels. */
template <int P, int RUN>
void lanesTile(const LanesRow& row, const float* x, float* sums) {
  constexpr int W = kLanes;
  F32 sum[P];
  NG_UNROLL
  for (int p = 0; p < P; p++) sum[p] = F32(0.0f);
  for (int64_t t = 0; t < row.count; t += RUN) {
    const float* weights = row.weights + t * W;
    if (RUN == 1) {
      const F32 weight = load(weights);
      NG_UNROLL
      for (int p = 0; p < P; p++) sum[p] = fma(load(x + p * row.step + row.steps[t]), weight, sum[p]);
      continue;
    }
    // Pixels and places follow one another, the latter maybe backwards: every place is loaded once.
    const bool turned = row.steps[t + RUN - 1] < row.steps[t];
    const float* from = x + row.steps[turned ? t + RUN - 1 : t];
    F32 weight[RUN];
    NG_UNROLL
    for (int k = 0; k < RUN; k++) weight[k] = load(weights + (turned ? RUN - 1 - k : k) * W);
    NG_UNROLL
    for (int j = 0; j < P + RUN - 1; j++) {
      const F32 value = load(from + j * W);
      NG_UNROLL
      for (int p = 0; p < P; p++) {
        if (j >= p && j - p < RUN) sum[p] = fma(value, weight[j - p], sum[p]);
      }
    }
  }
  NG_UNROLL
  for (int p = 0; p < P; p++) store(sums + p * row.pace, sum[p]);
}

/** The pixels of a row by P; the last ones may be computed twice. */
template <int P, int RUN>
void lanesPixels(const LanesRow& row, const float* x, float* sums, int64_t pixels) {
  if (P > 1 && pixels < P) return lanesPixels<(P > 1 ? P / 2 : 1), RUN>(row, x, sums, pixels);
  for (int64_t p = 0; p < pixels; p += P) {
    const int64_t at = greater(0, lesser(p, pixels - P));
    lanesTile<P, RUN>(row, x + at * row.step, sums + at * row.pace);
  }
}

inline void lanesRow(const LanesRow& row, const float* x, float* sums, int64_t pixels) {
  switch (row.run) {
    case 3:
      return lanesPixels<kLanePixels, 3>(row, x, sums, pixels);
    case 5:
      return lanesPixels<kLanePixels, 5>(row, x, sums, pixels);
    case 7:
      return lanesPixels<kLanePixels, 7>(row, x, sums, pixels);
    default:
      return lanesPixels<kLanePixels, 1>(row, x, sums, pixels);
  }
}

/** One piece of one image and one vector of groups. */
inline void lanesPiece(const Direct& g, int64_t run, int64_t image, int64_t vector, int64_t piece, float* patch,
                       float* sums) {
  constexpr int W = kLanes;
  const Windows& w = g.windows;
  const int cutD = w.cutDimension();
  const int64_t begin = partStart(w.count[cutD], g.pieces, piece), end = partStart(w.count[cutD], g.pieces, piece + 1);
  const int64_t group = vector * W, lanes = lesser(W, g.groups - group);
  const int64_t sourceVolume = w.size[0] * w.size[1] * w.size[2], plane = g.resultVolume();
  for (int64_t s = 0; s < g.sources; s++) {
    spreadWindows(w, g.layout, g.x + ((image * g.groups + group) * g.sources + s) * sourceVolume,
                  g.sources * sourceVolume, lanes, begin, patch + s * g.layout.plane * W);
  }
  // The piece's results follow one another in memory: [first, last) along the cut dimension, all of the others.
  const int64_t first = begin * g.pace[cutD], last = lesser(end * g.pace[cutD], g.size[cutD]);
  int64_t size[3] = {g.size[0], g.size[1], g.size[2]};
  size[cutD] = last - first;
  const int64_t pixels = size[0] * size[1] * size[2];
  for (int64_t r = 0; r < g.results; r++) {
    for (int i = 0; i < g.phases; i++) {
      const Phase& phase = g.phase[i];
      const LanesRow line = {
          g.steps + phase.steps, phase.depth,  run, g.packed + ((vector * g.results + r) * g.depth() + phase.steps) * W,
          w.step[2] * W,         g.pace[2] * W};
      int64_t count[3] = {phase.count[0], phase.count[1], phase.count[2]};
      count[cutD] = lesser(end, phase.count[cutD]) - begin;
      for (int64_t a = 0; a < count[0]; a++) {
        for (int64_t b = 0; b < count[1]; b++) {
          const int64_t row = a * w.step[0] * g.layout.slice + b * w.step[1] * g.layout.row;
          const int64_t place = ((phase.first[0] + a * g.pace[0]) * size[1] + phase.first[1] + b * g.pace[1]) * size[2];
          lanesRow(line, patch + row * W, sums + (place + phase.first[2]) * W, count[2]);
        }
      }
    }
    alignas(64) float bias[W] = {};
    for (int64_t l = 0; l < lanes && g.bias; l++) bias[l] = g.bias[(group + l) * g.results + r];
    const int64_t inner = cutD == 0 ? g.size[1] * g.size[2] : cutD == 1 ? g.size[2] : 1;
    placeStrip(sums, W, pixels, g.y + ((image * g.groups + group) * g.results + r) * plane + first * inner,
               g.results * plane, lanes, g.bias ? bias : nullptr);
  }
}

/** What direct does, for many small groups. False: not this way. */
inline bool lanesResults(Call& call, const Convolution& g, bool input, float* y, const float* x, const float* weight,
                         const float* bias) {
  constexpr int W = kLanes;
  Direct plan;
  if (!lanesPay(g) || !directPlan(g, input, &plan)) return false;
  plan.y = y;
  plan.x = x;
  plan.bias = bias;
  const Windows& w = plan.windows;
  const int cutD = w.cutDimension();
  const int64_t length = w.count[cutD], depth = plan.depth(), vectors = quotientUp(g.groups, W);
  plan.outputs = length;
  while (plan.outputs > 1 && layoutOf(w, plan.outputs, true).plane * plan.sources * W > kMostPatch)
    plan.outputs = quotientUp(plan.outputs, 2);
  plan.pieces = quotientUp(length, plan.outputs);
  plan.layout = layoutOf(w, plan.outputs, true);
  plan.byLines = false;
  const int64_t perOutput = plan.resultVolume() / plan.size[cutD];
  const int64_t patchFloats = plan.layout.plane * plan.sources * W;
  const int64_t sumFloats = (perOutput * plan.outputs * plan.pace[cutD] + W) * W;
  if (patchFloats > INT32_MAX || depth > INT32_MAX / 4 || g.o * g.inputs() * g.taps() > INT32_MAX) return false;
  const int64_t stepFloats = quotientUp(4 * depth, W) * W, perVector = plan.results * depth * W;
  const int64_t perGroup = g.outputs() * g.inputs() * g.taps(), result = input ? g.taps() : g.inputs() * g.taps();
  float* memory = static_cast<float*>(
      poolScratch(call.pool, kSharedScratch,
                  static_cast<size_t>(stepFloats + vectors * (perVector + perGroup * W)) * sizeof(float)));
  if (!memory) return false;
  int32_t *steps = reinterpret_cast<int32_t*>(memory), *places = steps + depth;
  float *packed = memory + stepFloats, *turned = packed + vectors * perVector;
  directSteps(g, plan, input, steps, places, steps + 2 * depth);
  for (int64_t t = 0; t < depth; t++) steps[t] *= W;
  parallelFor(call.pool, vectors, 20000 / (perVector + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t vector = begin; vector < end; vector++) {
      // The weights of every lane's group side by side, then in the order of the steps.
      float *all = turned + vector * perGroup * W, *to = packed + vector * perVector;
      packTransposed(all, W, weight + vector * W * perGroup, perGroup, lesser(W, g.groups - vector * W), perGroup);
      for (int64_t r = 0; r < plan.results; r++) {
        for (int64_t t = 0; t < depth; t++, to += W) store(to, load(all + (r * result + places[t]) * W));
      }
    }
  });
  plan.steps = steps;
  plan.packed = packed;
  const int64_t run = g.stride[2] == 1 && g.dilation[2] == 1 ? g.kernel[2] : 1;
  bool ok = true;
  const int64_t work = plan.images * w.count[0] * w.count[1] * w.count[2] * (depth * plan.results + 20) * vectors;
  inPieces(call.pool, plan.images * vectors * plan.pieces, work, [&](int64_t begin, int64_t end, int thread) {
    float* patch = static_cast<float*>(
        poolScratch(call.pool, thread, static_cast<size_t>(patchFloats + sumFloats) * sizeof(float)));
    if (!patch) {
      ok = false;
      return;
    }
    memset(patch + patchFloats, 0, static_cast<size_t>(sumFloats) * sizeof(float));
    for (int64_t i = begin; i < end; i++) {
      const int64_t rest = i / plan.pieces;
      lanesPiece(plan, run, rest / vectors, rest % vectors, i % plan.pieces, patch, patch + patchFloats);
    }
  });
  if (!ok) call.noMemory();
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
