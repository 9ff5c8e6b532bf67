// Which way a float32 convolution, or its input's gradient, is computed: what each way costs, in vector operations of
// one group, roughly. Measured against each other, not derived.
#pragma once

#include "convolution.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {

/** At most so many channels make a tile whose vectors run along the pixels. */
constexpr int kFew = kLanes >= 16 ? 4 : kLanes >= 8 ? 2 : 1;

struct Choice {
  int64_t sources, results;  // channels of a group: looked at, computed
  int64_t depth;             // steps of a result
  int64_t rows, width;       // of all images' results; where the input's gradient has phases, of all phases together
  int64_t tiles;             // of 2 × 2 results

  Choice(const Convolution& g, bool input) {
    sources = input ? g.outputs() : g.inputs();
    results = input ? g.inputs() : g.outputs();
    const int64_t* size = input ? g.size : g.out;
    depth = sources;
    for (int d = 0; d < 3; d++) depth *= input ? quotientUp(g.kernel[d], g.stride[d]) : g.kernel[d];
    rows = g.n * size[0] * size[1] * (input ? g.stride[2] : 1);
    width = input ? quotientUp(size[2], g.stride[2]) : size[2];
    tiles = g.n * size[0] * quotientUp(size[1], 2) * quotientUp(size[2], 2);
  }

  /** Vectors of channels: the sums are turned around at the end. */
  double direct() const {
    return static_cast<double>(rows * width * quotientUp(results, kLanes)) * (static_cast<double>(depth) + 24);
  }
  /** Vectors of pixels, which are not aligned. */
  double few() const {
    return static_cast<double>(rows * quotientUp(width, kLanes) * results) * (static_cast<double>(depth) * 1.2 + 4);
  }
  /** Tiles of 2 × 2 results: products, then what goes before and after; and the weights. */
  double winograd() const {
    const double pairs = static_cast<double>(sources * quotientUp(results, kLanes));
    const double ends = 120.0 * static_cast<double>(quotientUp(sources, kLanes) + quotientUp(results, kLanes));
    return static_cast<double>(tiles) * (16 * pairs + ends) + 250 * pairs;
  }
  bool isFew() const { return results <= kFew || (kFew > 1 && few() < direct()); }
  bool isWinograd() const { return winograd() < (isFew() ? few() : direct()); }
};

}  // namespace NG_ISA
}  // namespace ng
