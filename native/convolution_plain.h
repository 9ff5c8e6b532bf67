// Convolutions of any dtype, plainly: one plane of the result at a time, in the order of memory.
#pragma once

#include "arithmetic.h"
#include "convolution.h"

namespace ng {
namespace NG_ISA {

/** What products of T are added in. */
template <class T>
struct Accumulator {
  typedef T type;
};
template <>
struct Accumulator<float> {
  typedef double type;
};

template <class T>
struct Plain {
  const Convolution& g;

  /** One plane of the result. */
  void forward(T* y, const T* x, const T* weight, const T* bias, int64_t n, int64_t o) const {
    const int64_t count = g.outVolume(), inputs = g.inputs();
    T* plane = y + (n * g.o + o) * count;
    for (int64_t i = 0; i < count; i++) plane[i] = bias ? bias[o] : T(0);
    const T* w = weight + o * inputs * g.taps();
    for (int64_t ci = 0; ci < inputs; ci++) {
      const T* from = x + (n * g.c + o / g.outputs() * inputs + ci) * g.volume();
      eachRow([&](int64_t tap, int64_t out, int64_t in, int64_t begin, int64_t end) {
        const T factor = w[ci * g.taps() + tap];
        const int64_t step = g.stride[2];
        for (int64_t p = begin; p < end; p++) plane[out + p] = plus(plane[out + p], times(factor, from[in + p * step]));
      });
    }
  }

  /** The gradient of one plane of the input. */
  void backwardInput(T* gradX, const T* grad, const T* weight, int64_t n, int64_t c) const {
    const int64_t count = g.volume(), inputs = g.inputs(), outputs = g.outputs(), group = c / inputs;
    T* plane = gradX + (n * g.c + c) * count;
    for (int64_t i = 0; i < count; i++) plane[i] = T(0);
    for (int64_t o = group * outputs; o < (group + 1) * outputs; o++) {
      const T* from = grad + (n * g.o + o) * g.outVolume();
      const T* w = weight + (o * inputs + c % inputs) * g.taps();
      eachRow([&](int64_t tap, int64_t out, int64_t in, int64_t begin, int64_t end) {
        const T factor = w[tap];
        const int64_t step = g.stride[2];
        for (int64_t p = begin; p < end; p++) {
          plane[in + p * step] = plus(plane[in + p * step], times(factor, from[out + p]));
        }
      });
    }
  }

  /** The gradient of the taps from input ci of its group to output o. */
  void backwardWeight(T* gradW, const T* x, const T* grad, int64_t o, int64_t ci) const {
    typedef typename Accumulator<T>::type A;
    const int64_t inputs = g.inputs(), taps = g.taps();
    T* w = gradW + (o * inputs + ci) * taps;
    const int64_t c = o / g.outputs() * inputs + ci;
    for (int64_t tap = 0; tap < taps; tap++) {
      A sum = A(0);
      for (int64_t n = 0; n < g.n; n++) {
        const T* gradPlane = grad + (n * g.o + o) * g.outVolume();
        const T* from = x + (n * g.c + c) * g.volume();
        rowsOfTap(tap, [&](int64_t out, int64_t in, int64_t begin, int64_t end) {
          const int64_t step = g.stride[2];
          for (int64_t p = begin; p < end; p++) {
            sum = plus(sum, times(static_cast<A>(gradPlane[out + p]), static_cast<A>(from[in + p * step])));
          }
        });
      }
      w[tap] = static_cast<T>(sum);
    }
  }

 private:
  template <class F>
  void eachRow(F f) const {
    for (int64_t tap = 0; tap < g.taps(); tap++) {
      rowsOfTap(tap, [&](int64_t out, int64_t in, int64_t begin, int64_t end) { f(tap, out, in, begin, end); });
    }
  }

  /** f(row of the output, row of the input, outputs [begin, end)): output p of the row looks at input p · stride. */
  template <class F>
  void rowsOfTap(int64_t tap, F f) const {
    const int64_t kw = tap % g.kernel[2], kh = tap / g.kernel[2] % g.kernel[1], kd = tap / g.kernel[2] / g.kernel[1];
    int64_t begin[3], end[3];
    g.inside(0, kd, &begin[0], &end[0]);
    g.inside(1, kh, &begin[1], &end[1]);
    g.inside(2, kw, &begin[2], &end[2]);
    for (int64_t d = begin[0]; d < end[0]; d++) {
      for (int64_t h = begin[1]; h < end[1]; h++) {
        const int64_t in = (g.at(0, d, kd) * g.size[1] + g.at(1, h, kh)) * g.size[2] + g.at(2, 0, kw);
        f((d * g.out[1] + h) * g.out[2], in, begin[2], end[2]);
      }
    }
  }
};

}  // namespace NG_ISA
}  // namespace ng
