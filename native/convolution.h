// The geometry of a convolution in up to three dimensions, as the kernels' ints give it.
#pragma once

#include "kernel.h"

namespace ng {
namespace NG_ISA {

/** x [n, c, size], weight [o, c / groups, kernel], y [n, o, out]; y[p] looks at x[p · stride − pad + k · dilation]. */
struct Convolution {
  int64_t n, c, o, groups;
  int64_t size[3], kernel[3], out[3], stride[3], pad[3], dilation[3];

  int64_t inputs() const { return c / groups; }
  int64_t outputs() const { return o / groups; }
  int64_t volume() const { return size[0] * size[1] * size[2]; }
  int64_t taps() const { return kernel[0] * kernel[1] * kernel[2]; }
  int64_t outVolume() const { return out[0] * out[1] * out[2]; }
  /** Where along dimension d tap k of output p looks. */
  int64_t at(int d, int64_t p, int64_t k) const { return p * stride[d] - pad[d] + k * dilation[d]; }
  /** The outputs [begin, end) along dimension d whose tap k lies inside. */
  void inside(int d, int64_t k, int64_t* begin, int64_t* end) const {
    const int64_t first = pad[d] - k * dilation[d];  // p · stride ≥ first
    const int64_t last = size[d] - 1 + first;        // p · stride ≤ last
    *begin = first > 0 ? (first + stride[d] - 1) / stride[d] : 0;
    *end = last < 0 ? 0 : last / stride[d] + 1;
    if (*end > out[d]) *end = out[d];
    if (*begin > *end) *begin = *end;
  }
};

inline int64_t quotientUp(int64_t x, int64_t y) { return (x + y - 1) / y; }
inline int64_t lesser(int64_t x, int64_t y) { return x < y ? x : y; }
inline int64_t greater(int64_t x, int64_t y) { return x > y ? x : y; }
/** Where part i of n cut into `parts` nearly equal parts begins. */
inline int64_t partStart(int64_t n, int64_t parts, int64_t i) { return n / parts * i + lesser(i, n % parts); }

/** Reads and checks the ints; reports and returns false where they make no sense. */
bool convolutionOf(Call& call, Convolution* g);

}  // namespace NG_ISA
}  // namespace ng
