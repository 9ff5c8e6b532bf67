// The gradient of a float32 convolution's weight where a group has few outputs: dot products along the rows, several
// taps and all outputs at once.
#pragma once

#include "convolution_few.h"
#include "convolution_weight.h"

namespace ng {
namespace NG_ISA {

constexpr int kFewTaps = 6;

/** sums[i · NO + o] += Σ x[rows[i] + pixel] · grad[o · plane + pixel] over the pixels of `lines` rows. */
template <int MR, int NO>
void fewDots(const float* x, const int32_t* rows, const int32_t* lines, int64_t count, int64_t width, const float* grad,
             int64_t plane, float* sums) {
  constexpr int W = kLanes;
  F32 sum[MR][4];
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    NG_UNROLL
    for (int o = 0; o < 4; o++) sum[i][o] = F32(0.0f);
  }
  for (int64_t line = 0; line < count; line++) {
    const float* from = x + lines[line];
    const float* other = grad + line * width;
    for (int64_t p = 0; p < width; p += W) {
      const int64_t here = lesser(W, width - p);
      F32 y[NO];
      NG_UNROLL
      for (int o = 0; o < NO; o++)
        y[o] = here == W ? load(other + o * plane + p) : loadPartial(other + o * plane + p, here);
      NG_UNROLL
      for (int i = 0; i < MR; i++) {
        const F32 value = here == W ? load(from + rows[i] + p) : loadPartial(from + rows[i] + p, here);
        NG_UNROLL
        for (int o = 0; o < NO; o++) sum[i][o] = fma(value, y[o], sum[i][o]);
      }
    }
  }
  NG_UNROLL
  for (int i = 0; i < MR; i++) {
    float all[4];
    reduceAdd4(all, sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
    NG_UNROLL
    for (int o = 0; o < NO; o++) sums[i * NO + o] += all[o];
  }
}

typedef void (*FewDots)(const float*, const int32_t*, const int32_t*, int64_t, int64_t, const float*, int64_t, float*);

template <int NO>
inline FewDots fewDotsOf(int rows) {
  constexpr int N = NO <= kFew ? NO : 1;
  switch (rows) {
    case 1:
      return fewDots<1, N>;
    case 2:
      return fewDots<2, N>;
    case 3:
      return fewDots<3, N>;
    case 4:
      return fewDots<4, N>;
    case 5:
      return fewDots<5, N>;
    default:
      return fewDots<6, N>;
  }
}

/** The weight's gradient for few outputs of a group. False: not this way. */
inline bool fewWeights(Call& call, const Convolution& g, float* gradW, const float* x, const float* grad) {
  const Windows w = windowsOf(g);
  if (!w.countable(g.inputs())) return false;
  const int cutD = w.cutDimension();
  const int64_t length = w.count[cutD], perOutput = g.outVolume() / length, outputs = g.outputs(), inputs = g.inputs();
  const int64_t depth = inputs * g.taps();
  int64_t most = length;
  while (most > 4 && dealtLayout(w, most).plane * inputs > kMostCopied) most = quotientUp(most, 2);
  while (g.n * g.groups * quotientUp(length, most) < kUnits && most > 1 && most * perOutput > 4 * kMostSteps) most--;
  const int64_t pieces = quotientUp(length, most), all = g.n * pieces;
  const Layout l = dealtLayout(w, most);
  int64_t parts = lesser(all, quotientUp(kUnits, g.groups));
  while (parts > 1 && parts * g.groups * depth * outputs > 4 * 1024 * 1024) parts--;
  const int64_t pieceRows = cutD == 2 ? 1 : most * perOutput / w.count[2];
  const int64_t copyFloats = l.plane * inputs + 2 * kLanes;
  if (copyFloats > INT32_MAX || depth > INT32_MAX / 2) return false;
  const size_t tableBytes = static_cast<size_t>(quotientUp((depth + pieceRows) * 4, 64) * 64);
  const size_t sumBytes = static_cast<size_t>(parts * g.groups * depth * outputs) * sizeof(float);
  char* memory = static_cast<char*>(poolScratch(call.pool, kSharedScratch, tableBytes + sumBytes));
  if (!memory) return false;
  int32_t* rows = reinterpret_cast<int32_t*>(memory);
  int32_t* lines = rows + depth;
  float* const total = reinterpret_cast<float*>(memory + tableBytes);
  memset(total, 0, sumBytes);
  tapRows(g, l, inputs, rows);
  for (int64_t i = 0; i < pieceRows; i++) {
    lines[i] = static_cast<int32_t>(i / w.count[1] * w.step[0] * l.slice + i % w.count[1] * w.step[1] * l.row);
  }
  bool ok = true;
  const int64_t units = parts * g.groups, work = g.n * g.outVolume() * depth * g.o;
  parallelFor(call.pool, units, units * 100000 / (work + 1) + 1, [&](int64_t begin, int64_t end, int thread) {
    float* copy = static_cast<float*>(poolScratch(call.pool, thread, static_cast<size_t>(copyFloats) * sizeof(float)));
    if (!copy) {
      ok = false;
      return;
    }
    const int64_t tiles = quotientUp(depth, kFewTaps);
    for (int64_t unit = begin; unit < end; unit++) {
      const int64_t group = unit % g.groups, part = unit / g.groups;
      float* sums = total + unit * depth * outputs;
      for (int64_t i = partStart(all, parts, part); i < partStart(all, parts, part + 1); i++) {
        const int64_t image = i / pieces, piece = i % pieces;
        const int64_t q = partStart(length, pieces, piece), count = partStart(length, pieces, piece + 1) - q;
        const float* from = windowsAt(w, l, x + (image * g.c + group * inputs) * g.volume(), inputs, q, copy);
        const float* other = grad + (image * g.o + group * outputs) * g.outVolume() + q * perOutput;
        const int64_t width = cutD == 2 ? count : w.count[2], rowsHere = count * perOutput / width;
        for (int64_t tile = 0; tile < tiles; tile++) {
          const int64_t r = partStart(depth, tiles, tile);
          const int height = static_cast<int>(partStart(depth, tiles, tile + 1) - r);
          const FewDots dots = outputs == 1   ? fewDotsOf<1>(height)
                               : outputs == 2 ? fewDotsOf<2>(height)
                               : outputs == 3 ? fewDotsOf<3>(height)
                                              : fewDotsOf<4>(height);
          dots(from, rows + r, lines, rowsHere, width, other, g.outVolume(), sums + r * outputs);
        }
      }
    }
  });
  if (!ok) {
    call.noMemory();
    return true;
  }
  for (int64_t group = 0; group < g.groups; group++) {
    for (int64_t o = 0; o < outputs; o++) {
      for (int64_t r = 0; r < depth; r++) {
        float sum = 0;
        for (int64_t part = 0; part < parts; part++)
          sum += total[((part * g.groups + group) * depth + r) * outputs + o];
        gradW[(group * outputs + o) * depth + r] = sum;
      }
    }
  }
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
