// The plan of a float32 convolution, or of its input's gradient: which windows look where, and the weights in the order
// of the steps that the tiles take.
#pragma once

#include "convolution_window.h"
#include "gemm_pack.h"

namespace ng {
namespace NG_ISA {

constexpr int kMostPhases = 1024;
/** Floats of a copy of a part of an image, so that it stays in the second-level cache. */
constexpr int64_t kMostCopied = 96 * 1024;

/** Results along one dimension that see the same taps: the places first + q · pace for q < count. */
struct Phase {
  int64_t first[3], count[3];
  int64_t steps, depth;  // where its steps begin, and how many there are
  int64_t perLine;       // steps that look at one line (a place along the first two dimensions) of every channel
};

struct Direct {
  Windows windows;
  Layout layout;
  int64_t images, groups, sources, results;  // channels of a group: looked at, computed
  int64_t size[3], pace[3];                  // of the result
  int phases;
  Phase phase[kMostPhases];
  bool byLines;             // the order of the steps: line by line, or channel by channel
  int64_t blocks, vectors;  // of results: blocks of at most two vectors, vectors in all
  float* y;
  const float* x;
  const float* bias;
  const float* packed;
  const int32_t* steps;
  const int32_t* lines;     // of every line of a phase how far it is along the first two dimensions; from 2 · steps on
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
  /** The first tap that phase r looks at along d; behind the last where there is none. */
  int64_t firstTap(int d, int64_t r) const {
    int64_t shift, k = 0;
    while (k < g.kernel[d] && !shiftOf(d, r, k, &shift)) k++;
    return k;
  }
  /** How far the taps of a phase are from each other. */
  int64_t tapStep(int d) const {
    if (!input) return 1;
    int64_t a = g.stride[d], b = g.dilation[d];
    while (b != 0) {
      const int64_t rest = a % b;
      a = b;
      b = rest;
    }
    return g.stride[d] / a;
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
  if (!w.countable(out->sources)) return false;
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
      if (d == 2) phase.perLine = out->sources * seen;
    }
    begin += phase.depth;
  }
  out->vectors = quotientUp(out->results, kLanes);
  out->blocks = quotientUp(out->vectors, 2);
  return true;
}

/**
 * How far every step of a phase is from its pixel, and which tap of the weights it takes: channel by channel, or where
 * some lines may lie beyond the image line by line, so that what sees a part of them takes steps that follow one
 * another.
 */
inline void directSteps(const Convolution& g, const Direct& plan, bool input, int32_t* steps, int32_t* places,
                        int32_t* lines) {
  const Taps taps = {g, input};
  const Windows& w = plan.windows;
  const Layout& l = plan.layout;
  const int64_t step = plan.byLines ? plan.sources : 1;  // channels that are taken together for every line
  for (int i = 0; i < plan.phases; i++) {
    const Phase& phase = plan.phase[i];
    const int64_t k0 = taps.firstTap(0, phase.first[0]), k1 = taps.firstTap(1, phase.first[1]),
                  k2 = taps.firstTap(2, phase.first[2]);
    for (int64_t c0 = 0; c0 < plan.sources; c0 += step) {
      int32_t* line = lines + 2 * phase.steps;
      int64_t a[3] = {0, 0, 0};
      for (int64_t i0 = k0; i0 < g.kernel[0]; i0 += taps.tapStep(0)) {
        for (int64_t i1 = k1; i1 < g.kernel[1]; i1 += taps.tapStep(1)) {
          taps.shiftOf(0, phase.first[0], i0, &a[0]);
          taps.shiftOf(1, phase.first[1], i1, &a[1]);
          if (phase.perLine > 0) {
            *line++ = static_cast<int32_t>(a[0]);
            *line++ = static_cast<int32_t>(a[1]);
          }
          for (int64_t c = c0; c < c0 + step; c++) {
            const int64_t from = c * l.plane + (a[0] - w.low[0]) * l.slice + (a[1] - w.low[1]) * l.row;
            const int64_t tap = (input ? c * g.inputs() : c) * g.taps() + (i0 * g.kernel[1] + i1) * g.kernel[2];
            for (int64_t i2 = k2; i2 < g.kernel[2]; i2 += taps.tapStep(2)) {
              taps.shiftOf(2, phase.first[2], i2, &a[2]);
              *steps++ = static_cast<int32_t>(from + l.inRow(a[2] - w.low[2]));
              *places++ = static_cast<int32_t>(tap + i2);
            }
          }
        }
      }
    }
  }
}

/** Steps line by line pay where a good part of the lines that rows look at lies beyond the image. */
inline bool linesPay(const Convolution& g, const Windows& w, bool input) {
  double beyond = 0;
  for (int d = 0; d < 2; d++) {
    const double low = static_cast<double>(greater(-w.low[d], 0));
    const double high = static_cast<double>(greater(w.high[d] - w.size[d] + 1, 0));
    const double lines = static_cast<double>(input ? quotientUp(g.kernel[d], g.stride[d]) : g.kernel[d]);
    beyond += (low * (low + 1) + high * (high + 1)) / 2 / (lines * static_cast<double>(w.count[d] * w.step[d]));
  }
  return beyond > 0.05;
}

/** to[k · width + l] = from[l · lane + k] for a vector of lanes, zeros beyond `lanes`. */
inline void turnTaps(const float* from, int64_t lane, int64_t lanes, int64_t taps, float* to, int64_t width) {
  constexpr int W = kLanes;
  for (int64_t k = 0; k < taps; k += W, to += W * width) {
    const int64_t here = lesser(W, taps - k);
    F32 square[W];
    NG_UNROLL
    for (int l = 0; l < W; l++) {
      square[l] = l >= lanes  ? F32(0.0f)
                  : here == W ? load(from + l * lane + k)
                              : loadPartial(from + l * lane + k, here);
    }
    transpose(square);
    NG_UNROLL
    for (int i = 0; i < W; i++) {
      if (i == here) break;
      store(to + i * width, square[i]);
    }
  }
}

/** Most taps that are turned together. */
constexpr int64_t kMostTurned = 144;

/** Weights as the tiles read them, vector by vector of one group: [phase][block][step][vector]. */
inline void packWeights(const Convolution& g, const Direct& plan, bool input, const float* weight,
                        const int32_t* places, float* packed, int64_t group, int64_t block) {
  constexpr int W = kLanes;
  const int64_t taps = g.taps(), lane = input ? taps : g.inputs() * taps, source = input ? g.inputs() * taps : taps;
  const int64_t first = plan.firstVector(block), vectors = plan.firstVector(block + 1) - first;
  const int64_t width = vectors * W, here = lesser(width, plan.results - first * W);
  const float* from = weight + group * g.outputs() * g.inputs() * taps + first * W * lane;
  const auto phaseAt = [&](const Phase& phase) {
    return packed + (group * plan.vectors * plan.depth() + plan.vectors * phase.steps + first * phase.depth) * W;
  };
  if (!input && !plan.byLines) return packTransposed(phaseAt(plan.phase[0]), width, from, lane, here, plan.depth());
  if (input && taps == 1) {
    for (int i = 0; i < plan.phases; i++)
      packRows(phaseAt(plan.phase[i]), width, from, source, here, plan.phase[i].depth);
    return;
  }
  alignas(64) float turned[kMostTurned * 2 * W];
  const bool fits = taps <= kMostTurned;
  const int64_t together = input || !fits ? 1 : kMostTurned / taps;
  for (int64_t c0 = 0; c0 < plan.sources; c0 += together, from += together * source) {
    const int64_t end = lesser(c0 + together, plan.sources);
    if (!input && fits) packTransposed(turned, width, from, lane, here, (end - c0) * taps);
    for (int64_t v = 0; input && fits && v < width; v += W) {
      turnTaps(from + v * lane, lane, here - v, taps, turned + v, width);
    }
    for (int i = 0; i < plan.phases; i++) {
      const Phase& phase = plan.phase[i];
      if (phase.depth == 0) continue;
      const int64_t lines = phase.depth / phase.perLine, run = phase.perLine / plan.sources;
      for (int64_t c = c0; c < end; c++) {
        for (int64_t line = 0; line < lines; line++) {
          const int64_t t = (plan.byLines ? line * plan.sources + c : c * lines + line) * run;
          const int32_t* tap = places + phase.steps + t;
          float* row = phaseAt(phase) + t * width;
          for (int64_t k = 0; k < run; k++, row += width) {
            const int64_t at = tap[k] - c0 * source;
            if (fits) {
              for (int64_t l = 0; l < width; l += W) store(row + l, load(turned + at * width + l));
            } else {
              for (int64_t l = 0; l < width; l++) row[l] = l < here ? from[l * lane + at] : 0;
            }
          }
        }
      }
    }
  }
}

}  // namespace NG_ISA
}  // namespace ng
