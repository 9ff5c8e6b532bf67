// The gradient of a float32 convolution's weight: the tiles of the convolution with the parts exchanged, several taps
// by two vectors of output channels, every step a pixel. Each part of the batch has sums of its own, which are added in
// order, so the number of threads changes nothing.
#pragma once

#include "convolution_tile.h"
#include "convolution_window.h"
#include "gemm_pack.h"

namespace ng {
namespace NG_ISA {

/** Into so many units at least is a product cut that is large enough, whatever the threads. */
constexpr int64_t kUnits = 16;

struct WeightGradient {
  Windows windows;
  Layout layout;
  int64_t depth;            // taps of an output: inputs · kernel
  int64_t blocks, vectors;  // of outputs, as in Direct
  int64_t parts, spans;     // of all images' pieces, of the input channels
  int64_t pieces, outputs;  // of an image, along the cut dimension
  const int32_t* rows;      // of the taps of a span
  const int32_t* steps;     // of the pixels of a piece
  float* sums;              // [part][group][vector · W][depth]
  const float* x;
  const float* grad;

  int64_t partSize(const Convolution& g) const { return g.groups * vectors * kLanes * depth; }
};

/** The windows of a convolution's outputs. */
inline Windows windowsOf(const Convolution& g) {
  Windows w;
  for (int d = 0; d < 3; d++) {
    w.size[d] = g.size[d];
    w.count[d] = g.out[d];
    w.step[d] = g.stride[d];
    w.low[d] = -g.pad[d];
    w.high[d] = (g.kernel[d] - 1) * g.dilation[d] - g.pad[d] + (g.out[d] - 1) * g.stride[d];
  }
  return w;
}

/** Where the taps of `channels` channels look, from a pixel. */
inline void tapRows(const Convolution& g, const Layout& l, int64_t channels, int32_t* rows) {
  for (int64_t c = 0; c < channels; c++) {
    for (int64_t kd = 0; kd < g.kernel[0]; kd++) {
      for (int64_t kh = 0; kh < g.kernel[1]; kh++) {
        for (int64_t kw = 0; kw < g.kernel[2]; kw++) {
          *rows++ = static_cast<int32_t>(c * l.plane + kd * g.dilation[0] * l.slice + kh * g.dilation[1] * l.row +
                                         l.inRow(kw * g.dilation[2]));
        }
      }
    }
  }
}

/** Where the first `pixels` outputs look. */
inline void pixelSteps(const Windows& w, const Layout& l, int64_t pixels, int32_t* steps) {
  int64_t q[3] = {0, 0, 0};
  for (int64_t p = 0; p < pixels; p++) {
    steps[p] = static_cast<int32_t>(q[0] * w.step[0] * l.slice + q[1] * w.step[1] * l.row + q[2] * w.step[2]);
    if (++q[2] == w.count[2]) {
      q[2] = 0;
      if (++q[1] == w.count[1]) {
        q[1] = 0;
        q[0]++;
      }
    }
  }
}

/** The sums of one part, group and span of channels. */
inline void weightPart(const Convolution& g, const WeightGradient& plan, int64_t part, int64_t group, int64_t span,
                       float* turned, float* copy) {
  constexpr int W = kLanes;
  const Windows& w = plan.windows;
  const int cutD = w.cutDimension();
  const int64_t inputs = g.inputs(), taps = g.taps(), plane = g.outVolume();
  const int64_t c0 = partStart(inputs, plan.spans, span), channels = partStart(inputs, plan.spans, span + 1) - c0;
  const int64_t rows = channels * taps, tiles = quotientUp(rows, kTileRows);
  float* const sums = plan.sums + part * plan.partSize(g) + group * plan.vectors * W * plan.depth;
  const int64_t first = partStart(g.n * plan.pieces, plan.parts, part);
  const int64_t last = partStart(g.n * plan.pieces, plan.parts, part + 1);
  const int64_t perOutput = plane / w.count[cutD];
  for (int64_t unit = first; unit < last; unit++) {
    const int64_t image = unit / plan.pieces, piece = unit % plan.pieces;
    const int64_t q = partStart(w.count[cutD], plan.pieces, piece);
    const int64_t pixels = (partStart(w.count[cutD], plan.pieces, piece + 1) - q) * perOutput;
    const float* x =
        windowsAt(w, plan.layout, plan.x + (image * g.c + group * inputs + c0) * g.volume(), channels, q, copy);
    const int64_t passes = quotientUp(pixels, kMostSteps);
    for (int64_t pass = 0; pass < passes; pass++) {
      const int64_t p = partStart(pixels, passes, pass), count = partStart(pixels, passes, pass + 1) - p;
      const bool adds = unit > first || pass > 0;
      for (int64_t block = 0; block < plan.blocks; block++) {
        const int64_t v0 = partStart(plan.vectors, plan.blocks, block);
        const int vectors = static_cast<int>(partStart(plan.vectors, plan.blocks, block + 1) - v0);
        const int64_t width = vectors * W, o0 = v0 * W;
        const float* grad = plan.grad + (image * g.o + group * g.outputs() + o0) * plane + q * perOutput + p;
        packTransposed(turned, width, grad, plane, lesser(width, g.outputs() - o0), count);
        float* to = sums + o0 * plan.depth + c0 * taps * width;
        for (int64_t tile = 0; tile < tiles; tile++) {
          const int64_t r = partStart(rows, tiles, tile);
          runTile(static_cast<int>(partStart(rows, tiles, tile + 1) - r), vectors, x, plan.rows + r, plan.steps + p,
                  count, turned, to + r * width, adds);
        }
      }
    }
  }
}

/** gradW of one block of outputs of a group: the parts' sums, added in order and turned. */
inline void placeWeights(const Convolution& g, const WeightGradient& plan, float* gradW, int64_t group, int64_t block) {
  constexpr int W = kLanes;
  const int64_t v0 = partStart(plan.vectors, plan.blocks, block);
  const int64_t width = (partStart(plan.vectors, plan.blocks, block + 1) - v0) * W, o0 = v0 * W;
  float* sums = plan.sums + (group * plan.vectors * W + o0) * plan.depth;
  for (int64_t i = 0; i < width * plan.depth; i += W) {
    F32 sum = load(sums + i);
    for (int64_t part = 1; part < plan.parts; part++) sum = sum + load(sums + part * plan.partSize(g) + i);
    store(sums + i, sum);
  }
  packTransposed(gradW + (group * g.outputs() + o0) * plan.depth, plan.depth, sums, width, plan.depth,
                 lesser(width, g.outputs() - o0));
}

/** False: not this way. */
inline bool directWeight(Call& call, const Convolution& g, float* gradW, const float* x, const float* grad) {
  WeightGradient plan;
  plan.windows = windowsOf(g);
  const Windows& w = plan.windows;
  if (!w.countable(g.inputs())) return false;
  const bool copied = !w.inside();
  const int64_t length = w.count[w.cutDimension()], perOutput = g.outVolume() / length;
  plan.depth = g.inputs() * g.taps();
  plan.vectors = quotientUp(g.outputs(), kLanes);
  plan.blocks = quotientUp(plan.vectors, 2);
  plan.x = x;
  plan.grad = grad;
  // Pieces of the image whose copies stay in the cache; more of them where there are few, if each has enough pixels to
  // be worth the sums of its own.
  plan.pieces = 1;
  plan.spans = 1;
  const auto channels = [&] { return quotientUp(g.inputs(), plan.spans); };
  const auto outputs = [&] { return quotientUp(length, plan.pieces); };
  const auto copySize = [&] {
    return (copied ? layoutOf(w, outputs(), true).plane : perOutput * outputs()) * channels();
  };
  while (g.n * g.groups * plan.pieces < kUnits && outputs() * perOutput > 4 * kMostSteps && outputs() > 1)
    plan.pieces++;
  plan.parts = lesser(g.n * plan.pieces, kUnits);
  while (plan.parts > 1 && plan.parts * plan.partSize(g) > 4 * 1024 * 1024) plan.parts--;
  // Spans of the channels where there still are few.
  while (plan.parts * g.groups * plan.spans < kUnits && plan.spans < g.inputs() &&
         plan.depth / plan.spans > 4 * kTileRows)
    plan.spans++;
  while (outputs() > 4 && copySize() > 96 * 1024) plan.pieces = lesser(2 * plan.pieces, length);
  plan.outputs = outputs();
  plan.layout = layoutOf(w, plan.outputs, copied);
  const int64_t rows = channels() * g.taps(), pixels = plan.outputs * perOutput;
  const int64_t copyFloats = copied ? plan.layout.plane * channels() : 0;
  if (plan.layout.plane * channels() > INT32_MAX || rows > INT32_MAX / 2 || pixels > INT32_MAX / 2) return false;
  const size_t tableBytes = static_cast<size_t>(quotientUp((rows + pixels) * 4, 64) * 64);
  char* memory = static_cast<char*>(poolScratch(
      call.pool, kSharedScratch, tableBytes + static_cast<size_t>(plan.parts * plan.partSize(g)) * sizeof(float)));
  if (!memory) return false;
  int32_t* table = reinterpret_cast<int32_t*>(memory);
  plan.sums = reinterpret_cast<float*>(memory + tableBytes);
  tapRows(g, plan.layout, channels(), table);
  pixelSteps(w, plan.layout, pixels, table + rows);
  plan.rows = table;
  plan.steps = table + rows;
  bool ok = true;
  const int64_t units = plan.parts * g.groups * plan.spans;
  const int64_t work = g.n * g.outVolume() * plan.depth * plan.vectors * g.groups;
  const int64_t turnedFloats = kMostSteps * 2 * kLanes;
  inPieces(call.pool, units, work, [&](int64_t begin, int64_t end, int thread) {
    float* mine = static_cast<float*>(
        poolScratch(call.pool, thread, static_cast<size_t>(turnedFloats + copyFloats + kLanes) * sizeof(float)));
    if (!mine) {
      ok = false;
      return;
    }
    for (int64_t i = begin; i < end; i++) {
      const int64_t span = i % plan.spans, rest = i / plan.spans;
      weightPart(g, plan, rest / g.groups, rest % g.groups, span, mine, mine + turnedFloats);
    }
  });
  if (!ok) {
    call.noMemory();
    return true;
  }
  parallelFor(call.pool, g.groups * plan.blocks, 20000 / (plan.depth * plan.parts * kLanes + 1) + 1,
              [&](int64_t begin, int64_t end, int) {
                for (int64_t i = begin; i < end; i++) placeWeights(g, plan, gradW, i / plan.blocks, i % plan.blocks);
              });
  return true;
}

}  // namespace NG_ISA
}  // namespace ng
