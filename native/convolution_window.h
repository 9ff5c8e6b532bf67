// What the fast convolutions look at: the part of an image that a piece of the result needs, zeros around it included.
#pragma once

#include "convolution.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {

/**
 * f(begin, end, thread) over [0, n) in pieces as small as are worth a claim (`work`: vector operations in all), so that
 * a thread that is held up holds up little.
 */
template <class F>
inline void inPieces(Pool* pool, int64_t n, int64_t work, F&& f) {
  const int64_t chunks = greater(1, lesser(lesser(n, work / 30000), 16 * poolThreads(pool)));
  ParallelContext<F> context = {&f, n, quotientUp(n, chunks)};
  poolRun(
      pool, quotientUp(n, context.step),
      [](void* data, int64_t index, int thread) {
        auto* c = static_cast<ParallelContext<F>*>(data);
        (*c->f)(index * c->step, lesser((index + 1) * c->step, c->n), thread);
      },
      &context);
}

/**
 * A walk of windows over images [channels, size]: output q, tap k of dimension d looks at q · step + shift of the tap,
 * for q < count; `low` and `high` are the least and the largest place looked at.
 */
struct Windows {
  int64_t size[3], count[3], step[3], low[3], high[3];

  bool inside() const {
    for (int d = 0; d < 3; d++) {
      if (low[d] < 0 || high[d] >= size[d]) return false;
    }
    return true;
  }
  /** Whether the places of so many channels can be counted. */
  bool countable(int64_t channels) const {
    double all = static_cast<double>(channels);
    for (int d = 0; d < 3; d++) all *= static_cast<double>(reach(d, count[d]));
    return all < 1e15;
  }
  /** The dimension along which the work is cut: the first with several outputs. */
  int cutDimension() const { return count[0] > 1 ? 0 : count[1] > 1 ? 1 : 2; }
  /** How many places along d a piece of `outputs` outputs looks at. */
  int64_t reach(int d, int64_t outputs) const {
    return high[d] - low[d] - (count[d] - 1) * step[d] + 1 + (outputs - 1) * step[d];
  }
};

/** How the places that windows look at lie in memory: in the image itself, or in a copy with zeros around it. */
struct Layout {
  bool copied;
  int64_t deal = 1;           // a row is dealt into so many, each with every deal-th place
  int64_t extent[3];          // of a copy
  int64_t plane, slice, row;  // elements from channel to channel, along dimension 0, along dimension 1
  /** How far place i of a row is from its first. */
  int64_t inRow(int64_t i) const { return i % deal * (row / deal) + i / deal; }
};

/** For pieces of `outputs` outputs along the windows' cut dimension. */
inline Layout layoutOf(const Windows& w, int64_t outputs, bool copied) {
  Layout l;
  l.copied = copied;
  for (int d = 0; d < 3; d++) {
    const int64_t extent = w.reach(d, d == w.cutDimension() ? outputs : w.count[d]);
    l.extent[d] = copied ? extent : w.size[d];
  }
  l.row = l.extent[2];
  l.slice = l.extent[1] * l.row;
  l.plane = l.extent[0] * l.slice;
  return l;
}

/**
 * Copies what a piece beginning at output `first` of the cut dimension looks at, from `channels` channels at `image`,
 * or finds it there. The result's first element is the place (low, and along the cut dimension first · step further).
 */
inline const float* windowsAt(const Windows& w, const Layout& l, const float* image, int64_t channels, int64_t first,
                              float* copy) {
  int64_t begin[3];
  for (int d = 0; d < 3; d++) begin[d] = w.low[d] + (d == w.cutDimension() ? first * w.step[d] : 0);
  if (!l.copied) return image + begin[0] * l.slice + begin[1] * l.row + begin[2];
  // Places [left, right) of a row are in the image.
  const int64_t left = lesser(greater(-begin[2], 0), l.row);
  const int64_t right = greater(left, lesser(l.row, w.size[2] - begin[2]));
  float* to = copy;
  for (int64_t c = 0; c < channels; c++) {
    const float* from = image + c * w.size[0] * w.size[1] * w.size[2];
    for (int64_t i = begin[0]; i < begin[0] + l.extent[0]; i++) {
      for (int64_t j = begin[1]; j < begin[1] + l.extent[1]; j++, to += l.row) {
        if (i < 0 || i >= w.size[0] || j < 0 || j >= w.size[1]) {
          memset(to, 0, static_cast<size_t>(l.row) * sizeof(float));
          continue;
        }
        const float* row = from + (i * w.size[1] + j) * w.size[2] + begin[2];
        if (l.deal > 1) {
          for (int64_t r = 0, at = 0; r < l.deal; r++) {
            for (int64_t p = r; at < (r + 1) * (l.row / l.deal); p += l.deal)
              to[at++] = p >= left && p < right ? row[p] : 0;
          }
          continue;
        }
        for (int64_t p = 0; p < left; p++) to[p] = 0;
        memcpy(to + left, row + left, static_cast<size_t>(right - left) * sizeof(float));
        for (int64_t p = right; p < l.row; p++) to[p] = 0;
      }
    }
  }
  return copy;
}

}  // namespace NG_ISA
}  // namespace ng
