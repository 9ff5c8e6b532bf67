// Pooling windows, and the largest elements of float32 ones by vectors.
#pragma once

#include <math.h>

#include "kernel.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {

struct Window {
  int64_t planes;
  int64_t size[3], kernel[3], out[3], stride[3], pad[3], dilation[3];
  int64_t volume() const { return size[0] * size[1] * size[2]; }
  int64_t outVolume() const { return out[0] * out[1] * out[2]; }
  /** The taps [begin, end) of output p along d that lie inside. */
  void inside(int d, int64_t p, int64_t* begin, int64_t* end) const {
    const int64_t start = p * stride[d] - pad[d];
    const int64_t last = size[d] - start;  // k · dilation < last
    *begin = start < 0 ? (dilation[d] - 1 - start) / dilation[d] : 0;
    *end = last <= 0 ? 0 : (last - 1) / dilation[d] + 1;
    if (*end > kernel[d]) *end = kernel[d];
  }
};

/** Reads a call's window; false: its sizes are none. */
inline bool windowOf(Call& call, Window* w) {
  const int32_t* ints = call.ints;
  w->planes = ints[0];
  bool ok = w->planes >= 0;
  int64_t in = w->planes, out = w->planes;
  for (int d = 0; d < 3; d++) {
    w->size[d] = ints[1 + d];
    w->kernel[d] = ints[4 + d];
    w->out[d] = ints[7 + d];
    w->stride[d] = ints[10 + d];
    w->pad[d] = ints[13 + d];
    w->dilation[d] = ints[16 + d];
    in *= w->size[d];
    out *= w->out[d];
    ok = ok && w->size[d] >= 0 && w->kernel[d] > 0 && w->out[d] >= 0 && w->stride[d] > 0 && w->dilation[d] > 0 &&
         in < int64_t{1} << 40 && out < int64_t{1} << 40;
  }
  if (!ok) call.badSize(0);
  return ok;
}

/** Outputs p of a row look, through one of its taps, at the places first + p · stride of a row of x. */
struct PooledRow {
  const float* row;
  int64_t first, stride, size;
};

/** What outputs [p, p + W) look at, the `here` of them that there are; lanes outside the row are not `valid`. */
inline F32 lookAt(const PooledRow& r, int64_t p, int64_t here, const float* end, I32 places, M32& valid) {
  constexpr int W = kLanes;
  const int64_t at = r.first + p * r.stride;
  valid = (places > I32(-1)) & (I32(static_cast<int32_t>(r.size)) > places);
  if (at >= 0 && at + (here - 1) * r.stride < r.size) {
    const float* from = r.row + at;
    if (r.stride == 1) return end - from >= W ? load(from) : loadPartial(from, here);
    if (r.stride == 2 && end - from >= 2 * W) return evens(load(from), load(from + W));
  }
  alignas(64) float lanes[W] = {};
  for (int64_t i = 0; i < here; i++) {
    const int64_t place = at + i * r.stride;
    if (place >= 0 && place < r.size) lanes[i] = r.row[place];
  }
  return load(lanes);
}

/**
 * The largest elements of one plane's windows and where they stand: a NaN before all, and the last of several; of equal
 * values the first. `end`: how far x may be read.
 */
inline void maxPlaneByVectors(float* out, int64_t* indices, const float* x, const float* end, const Window& w) {
  constexpr int W = kLanes;
  alignas(64) int32_t steps[W];
  for (int i = 0; i < W; i++) steps[i] = static_cast<int32_t>(i * w.stride[2]);
  const I32 lane = load(steps);
  const float* const outEnd = out + w.outVolume();
  for (int64_t d = 0; d < w.out[0]; d++) {
    int64_t d0, d1;
    w.inside(0, d, &d0, &d1);
    for (int64_t h = 0; h < w.out[1]; h++) {
      int64_t h0, h1;
      w.inside(1, h, &h0, &h1);
      for (int64_t p = 0; p < w.out[2]; p += W) {
        const int64_t here = w.out[2] - p < W ? w.out[2] - p : W;
        F32 most(-HUGE_VALF);
        I32 index(-1);
        for (int64_t i = d0; i < d1; i++) {
          for (int64_t j = h0; j < h1; j++) {
            const int64_t row = (d * w.stride[0] - w.pad[0] + i * w.dilation[0]) * w.size[1] + h * w.stride[1] -
                                w.pad[1] + j * w.dilation[1];
            for (int64_t k = 0; k < w.kernel[2]; k++) {
              const PooledRow r = {x + row * w.size[2], k * w.dilation[2] - w.pad[2], w.stride[2], w.size[2]};
              const I32 places = I32(static_cast<int32_t>(r.first + p * r.stride)) + lane;
              M32 valid;
              const F32 value = lookAt(r, p, here, end, places, valid);
              const M32 take = valid & ((value > most) | isNan(value) | (index == I32(-1)));
              most = select(take, value, most);
              index = select(take, places + I32(static_cast<int32_t>(row * w.size[2])), index);
            }
          }
        }
        // Lanes past the row's end are where the next row goes.
        if (outEnd - out >= W) {
          store(out, most);
          storeWide(indices, index);
        } else {
          alignas(64) int32_t few[W];
          store(few, index);
          storePartial(out, most, here);
          for (int64_t i = 0; i < here; i++) indices[i] = few[i];
        }
        out += here;
        indices += here;
      }
    }
  }
}

}  // namespace NG_ISA
}  // namespace ng
