// float32 convolutions whose vectors run along the pixels of a row: with few channels in the result of a group
// (depthwise ones, towards an image of few colours), or with few steps (from one). Strided rows are dealt into one row
// for each residue, so that pixels that follow one another in the result do so in the source too.
#pragma once

#include "convolution_choice.h"
#include "convolution_plan.h"
#include "gemm_tile.h"

namespace ng {
namespace NG_ISA {

/** At most so many vectors of pixels make a tile. */
constexpr int kFewVectors = 4;

/** Where the sums of a tile go: vector v of channel i to y[i · plane + places[v]], as many lanes as it has. */
struct FewResults {
  float* y;
  int64_t plane;
  int64_t places[kFewVectors];
  int64_t lanes[kFewVectors];
  const float* bias;
  bool accumulate;
};

/** Σ weight[t · MR + i] · x[from[v] + steps[t] + lane] over t < count, for MR channels and NV vectors. */
template <int MR, int NV>
void fewTile(const float* x, const int64_t* from, const int32_t* steps, int64_t count, const float* weight,
             const FewResults& out) {
  F32 sum[MR][NV];
  const float* at[NV];
  NG_UNROLL
  for (int v = 0; v < NV; v++) at[v] = x + from[v];
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    NG_UNROLL
    for (int v = 0; v < NV; v++) sum[i][v] = F32(out.bias ? out.bias[i] : 0.0f);
  }
  for (int64_t t = 0; t < count; t++) {
    F32 value[NV];
    NG_UNROLL
    for (int v = 0; v < NV; v++) value[v] = load(at[v] + steps[t]);
    NG_UNROLL
    for (int i = 0; i < MR; i++) {
      const F32 factor(weight[t * MR + i]);
      NG_UNROLL
      for (int v = 0; v < NV; v++) sum[i][v] = fma(factor, value[v], sum[i][v]);
    }
  }
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    NG_UNROLL
    for (int v = 0; v < NV; v++) {
      float* to = out.y + i * out.plane + out.places[v];
      const int64_t lanes = out.lanes[v];
      if (lanes == kLanes) {
        store(to, out.accumulate ? sum[i][v] + load(to) : sum[i][v]);
      } else {
        storePartial(to, out.accumulate ? sum[i][v] + loadPartial(to, lanes) : sum[i][v], lanes);
      }
    }
  }
}

typedef void (*FewTile)(const float*, const int64_t*, const int32_t*, int64_t, const float*, const FewResults&);

template <int MR>
inline FewTile fewTileOf(int64_t vectors) {
  constexpr int M = MR <= kFew ? MR : 1;
  switch (vectors) {
    case 1:
      return fewTile<M, 1>;
    case 2:
      return fewTile<M, 2>;
    case 3:
      return fewTile<M, 3>;
    default:
      return fewTile<M, 4>;
  }
}

inline FewTile fewTileFor(int64_t channels, int64_t vectors) {
  switch (channels) {
    case 1:
      return fewTileOf<1>(vectors);
    case 2:
      return fewTileOf<2>(vectors);
    case 3:
      return fewTileOf<3>(vectors);
    default:
      return fewTileOf<4>(vectors);
  }
}

/** Some vectors of one phase: all channels of the group, and all steps. `to` has the places along the rows. */
inline void fewVectors(const Direct& g, const Phase& phase, const float* x, const int64_t* from, int64_t vectors,
                       const float* weight, const float* bias, const FewResults& to) {
  constexpr int W = kLanes;
  const int64_t blocks = quotientUp(g.results, kFew), passes = greater(1, quotientUp(phase.depth, kMostSteps));
  const int64_t pace = g.pace[2];
  alignas(64) float sums[kFew * kFewVectors * W];
  FewResults out = to;
  if (pace > 1) {
    out.plane = kFewVectors * W;
    for (int v = 0; v < kFewVectors; v++) {
      out.places[v] = v * W;
      out.lanes[v] = W;
    }
  }
  for (int64_t block = 0; block < blocks; block++) {
    const int64_t c = partStart(g.results, blocks, block), channels = partStart(g.results, blocks, block + 1) - c;
    const FewTile tile = fewTileFor(channels, vectors);
    const float* factors = weight + c * phase.depth;
    out.y = pace > 1 ? sums : to.y + c * to.plane;
    for (int64_t pass = 0; pass < passes; pass++) {
      const int64_t t = partStart(phase.depth, passes, pass), depth = partStart(phase.depth, passes, pass + 1) - t;
      out.bias = bias && pass == 0 ? bias + c : nullptr;
      out.accumulate = pass > 0;
      tile(x, from, g.steps + phase.steps + t, depth, factors + t * channels, out);
    }
    if (pace == 1) continue;
    for (int64_t i = 0; i < channels; i++) {
      for (int64_t v = 0; v < vectors; v++) {
        float* y = to.y + (c + i) * to.plane + to.places[v];
        for (int64_t l = 0; l < to.lanes[v]; l++) y[l * pace] = sums[i * out.plane + v * W + l];
      }
    }
  }
}

/** One piece of one group of one image. `copy` has room for the layout's planes and a vector more. */
inline void fewPiece(const Direct& g, int64_t image, int64_t group, int64_t piece, float* copy) {
  constexpr int W = kLanes;
  const Windows& w = g.windows;
  const int cutD = w.cutDimension();
  const int64_t begin = partStart(w.count[cutD], g.pieces, piece), end = partStart(w.count[cutD], g.pieces, piece + 1);
  const int64_t results = g.results;
  const float* x =
      windowsAt(w, g.layout, g.x + (image * g.groups + group) * g.sources * w.size[0] * w.size[1] * w.size[2],
                g.sources, begin, copy);
  const float* bias = g.bias ? g.bias + group * results : nullptr;
  FewResults to = {};
  to.plane = g.resultVolume();
  to.y = g.y + (image * g.groups + group) * results * to.plane;
  for (int i = 0; i < g.phases; i++) {
    const Phase& phase = g.phase[i];
    const float* weight = g.packed + (group * g.depth() + phase.steps) * results;
    int64_t first[3] = {0, 0, 0}, last[3] = {phase.count[0], phase.count[1], phase.count[2]};
    first[cutD] = begin;
    last[cutD] = lesser(end, phase.count[cutD]);
    int64_t vectors = 0, from[kFewVectors];
    for (int64_t a = first[0]; a < last[0]; a++) {
      for (int64_t b = first[1]; b < last[1]; b++) {
        const int64_t row = (a - first[0]) * w.step[0] * g.layout.slice + (b - first[1]) * w.step[1] * g.layout.row;
        const int64_t place =
            ((phase.first[0] + a * g.pace[0]) * g.size[1] + phase.first[1] + b * g.pace[1]) * g.size[2] +
            phase.first[2] + first[2] * g.pace[2];
        for (int64_t p = 0; p < last[2] - first[2]; p += W) {
          from[vectors] = row + p;
          to.places[vectors] = place + p * g.pace[2];
          to.lanes[vectors] = lesser(W, last[2] - first[2] - p);
          if (++vectors < kFewVectors) continue;
          fewVectors(g, phase, x, from, vectors, weight, bias, to);
          vectors = 0;
        }
      }
    }
    if (vectors > 0) fewVectors(g, phase, x, from, vectors, weight, bias, to);
  }
}

/** Rows dealt by the windows' step along them, in a copy. */
inline Layout dealtLayout(const Windows& w, int64_t outputs) {
  Layout l = layoutOf(w, outputs, true);
  l.deal = w.step[2];
  l.row = quotientUp(l.extent[2], l.deal) * l.deal;
  l.slice = l.extent[1] * l.row;
  l.plane = l.extent[0] * l.slice;
  return l;
}

/** What direct does, with vectors along the rows. False: not this way. */
inline bool fewResults(Call& call, const Convolution& g, bool input, float* y, const float* x, const float* weight,
                       const float* bias) {
  Direct plan;
  if (!directPlan(g, input, &plan)) return false;
  plan.y = y;
  plan.x = x;
  plan.bias = bias;
  const Windows& w = plan.windows;
  const int64_t length = w.count[w.cutDimension()], depth = plan.depth();
  plan.outputs = length;
  while (plan.outputs > 4 && dealtLayout(w, plan.outputs).plane * plan.sources > kMostCopied) {
    plan.outputs = quotientUp(plan.outputs, 2);
  }
  plan.pieces = quotientUp(length, plan.outputs);
  const int64_t work = plan.images * plan.groups * w.count[0] * w.count[1] * w.count[2] * depth * plan.results;
  if (plan.images * plan.groups * plan.pieces < 4 && work > 500000) plan.pieces = lesser(length, 8);
  plan.outputs = quotientUp(length, plan.pieces);
  plan.layout = dealtLayout(w, plan.outputs);
  plan.byLines = false;
  const int64_t copyFloats = plan.layout.plane * plan.sources + kLanes;
  if (copyFloats > INT32_MAX || depth > INT32_MAX / 4 || g.o * g.inputs() * g.taps() > INT32_MAX) return false;
  const size_t stepBytes = static_cast<size_t>(quotientUp(4 * depth * 4, 64) * 64);
  char* memory = static_cast<char*>(poolScratch(
      call.pool, kSharedScratch, stepBytes + static_cast<size_t>(g.groups * plan.results * depth) * sizeof(float)));
  if (!memory) return false;
  int32_t* steps = reinterpret_cast<int32_t*>(memory);
  float* packed = reinterpret_cast<float*>(memory + stepBytes);
  directSteps(g, plan, input, steps, steps + depth, steps + 2 * depth);
  const int64_t lane = input ? g.taps() : g.inputs() * g.taps(), perGroup = g.outputs() * g.inputs() * g.taps();
  const int64_t blocks = quotientUp(plan.results, kFew);
  for (int64_t group = 0; group < g.groups; group++) {
    for (int i = 0; i < plan.phases; i++) {
      const Phase& phase = plan.phase[i];
      float* to = packed + (group * depth + phase.steps) * plan.results;
      for (int64_t block = 0; block < blocks; block++) {
        const int64_t c0 = partStart(plan.results, blocks, block), c1 = partStart(plan.results, blocks, block + 1);
        for (int64_t t = phase.steps; t < phase.steps + phase.depth; t++) {
          for (int64_t c = c0; c < c1; c++) *to++ = weight[group * perGroup + steps[depth + t] + c * lane];
        }
      }
    }
  }
  plan.steps = steps;
  plan.packed = packed;
  bool ok = true;
  const int64_t units = plan.images * plan.groups * plan.pieces;
  parallelFor(call.pool, units, units * 100000 / (work + 1) + 1, [&](int64_t begin, int64_t end, int thread) {
    float* copy = static_cast<float*>(poolScratch(call.pool, thread, static_cast<size_t>(copyFloats) * sizeof(float)));
    if (!copy) {
      ok = false;
      return;
    }
    for (int64_t i = begin; i < end; i++) {
      const int64_t rest = i / plan.pieces;
      fewPiece(plan, rest / plan.groups, rest % plan.groups, i % plan.pieces, copy);
    }
  });
  if (!ok) call.noMemory();
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
