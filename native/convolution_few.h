// float32 convolutions with few channels in the result of a group (depthwise ones, towards an image of few colours):
// vectors run along the pixels of a row. Strided rows are dealt into one row for each residue, so that pixels that
// follow one another in the result do so in the source too.
#pragma once

#include "convolution_plan.h"
#include "gemm_tile.h"

namespace ng {
namespace NG_ISA {

/** At most so many channels of a group count as few, and so many vectors of pixels make a tile. */
constexpr int kFew = kLanes >= 16 ? 4 : kLanes >= 8 ? 2 : 1;
constexpr int kFewVectors = 4;

/**
 * sums[i · NV · W + lane] = or += Σ weight[t · MR + i] · x[steps[t] + lane] over t < count, for MR channels and NV
 * vectors.
 */
template <int MR, int NV>
void fewTile(const float* x, const int32_t* steps, int64_t count, const float* weight, float* sums, bool accumulate) {
  constexpr int W = kLanes;
  F32 sum[MR][NV];
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    NG_UNROLL
    for (int v = 0; v < NV; v++) sum[i][v] = F32(0.0f);
  }
  for (int64_t t = 0; t < count; t++) {
    F32 value[NV];
    NG_UNROLL
    for (int v = 0; v < NV; v++) value[v] = load(x + steps[t] + v * W);
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
      float* to = sums + (i * NV + v) * W;
      store(to, accumulate ? sum[i][v] + load(to) : sum[i][v]);
    }
  }
}

typedef void (*FewTile)(const float*, const int32_t*, int64_t, const float*, float*, bool);

template <int MR>
inline FewTile fewTileOf(int vectors) {
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

inline FewTile fewTileFor(int channels, int vectors) {
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

/** One piece of one group of one image. `copy` has room for the layout's planes and kFewVectors vectors more. */
inline void fewPiece(const Direct& g, int64_t image, int64_t group, int64_t piece, float* copy) {
  constexpr int W = kLanes;
  const Windows& w = g.windows;
  const int cutD = w.cutDimension();
  const int64_t begin = partStart(w.count[cutD], g.pieces, piece), end = partStart(w.count[cutD], g.pieces, piece + 1);
  const int64_t plane = g.resultVolume(), results = g.results;
  const float* x =
      windowsAt(w, g.layout, g.x + (image * g.groups + group) * g.sources * w.size[0] * w.size[1] * w.size[2],
                g.sources, begin, copy);
  float* y = g.y + (image * g.groups + group) * results * plane;
  const float* bias = g.bias ? g.bias + group * results : nullptr;
  alignas(64) float sums[kFew * kFewVectors * W];
  for (int i = 0; i < g.phases; i++) {
    const Phase& phase = g.phase[i];
    const float* weight = g.packed + (group * g.depth() + phase.steps) * results;
    const int64_t passes = greater(1, quotientUp(phase.depth, kMostSteps));
    int64_t from[3] = {0, 0, 0}, to[3] = {phase.count[0], phase.count[1], phase.count[2]};
    from[cutD] = begin;
    to[cutD] = lesser(end, phase.count[cutD]);
    for (int64_t a = from[0]; a < to[0]; a++) {
      for (int64_t b = from[1]; b < to[1]; b++) {
        const int64_t row = (a - from[0]) * w.step[0] * g.layout.slice + (b - from[1]) * w.step[1] * g.layout.row;
        const int64_t place =
            ((phase.first[0] + a * g.pace[0]) * g.size[1] + phase.first[1] + b * g.pace[1]) * g.size[2] +
            phase.first[2] + from[2] * g.pace[2];
        for (int64_t p = 0; p < to[2] - from[2]; p += kFewVectors * W) {
          const int64_t here = lesser(kFewVectors * W, to[2] - from[2] - p);
          const int vectors = static_cast<int>(quotientUp(here, W));
          const FewTile tile = fewTileFor(static_cast<int>(results), vectors);
          for (int64_t pass = 0; pass < passes; pass++) {
            const int64_t t = partStart(phase.depth, passes, pass),
                          depth = partStart(phase.depth, passes, pass + 1) - t;
            tile(x + row + p, g.steps + phase.steps + t, depth, weight + t * results, sums, pass > 0);
          }
          for (int64_t c = 0; c < results; c++) {
            const F32 shift(bias ? bias[c] : 0.0f);
            float* out = y + c * plane + place + p * g.pace[2];
            for (int64_t v = 0; v < vectors; v++) {
              const F32 value = load(sums + (c * vectors + v) * W) + shift;
              const int64_t count = lesser(W, here - v * W);
              if (g.pace[2] > 1) {
                alignas(64) float lanes[W];
                store(lanes, value);
                for (int64_t l = 0; l < count; l++) out[(v * W + l) * g.pace[2]] = lanes[l];
              } else if (count == W) {
                store(out + v * W, value);
              } else {
                storePartial(out + v * W, value, count);
              }
            }
          }
        }
      }
    }
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

/** What direct does, for few results of a group. False: not this way. */
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
  const int64_t copyFloats = plan.layout.plane * plan.sources + (kFewVectors + 1) * kLanes;
  if (copyFloats > INT32_MAX || depth > INT32_MAX / 4 || g.o * g.inputs() * g.taps() > INT32_MAX) return false;
  const size_t stepBytes = static_cast<size_t>(quotientUp(4 * depth * 4, 64) * 64);
  char* memory = static_cast<char*>(poolScratch(
      call.pool, kSharedScratch, stepBytes + static_cast<size_t>(g.groups * plan.results * depth) * sizeof(float)));
  if (!memory) return false;
  int32_t* steps = reinterpret_cast<int32_t*>(memory);
  float* packed = reinterpret_cast<float*>(memory + stepBytes);
  directSteps(g, plan, input, steps, steps + depth, steps + 2 * depth);
  const int64_t lane = input ? g.taps() : g.inputs() * g.taps(), perGroup = g.outputs() * g.inputs() * g.taps();
  for (int64_t group = 0; group < g.groups; group++) {
    for (int64_t t = 0; t < depth; t++) {
      for (int64_t c = 0; c < plan.results; c++) {
        packed[(group * depth + t) * plan.results + c] = weight[group * perGroup + steps[depth + t] + c * lane];
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
