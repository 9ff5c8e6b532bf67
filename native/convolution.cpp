// Convolutions: forward, and the gradients of the input (which is also the transposed convolution) and of the weight.
#include "convolution.h"

#include "arithmetic.h"

namespace ng {
namespace NG_ISA {

bool convolutionOf(Call& call, Convolution* g) {
  const int32_t* ints = call.ints;
  g->n = ints[0];
  g->c = ints[1];
  g->o = ints[2];
  g->groups = ints[3];
  bool ok = g->n >= 0 && g->c >= 0 && g->o >= 0 && g->groups > 0 && g->c % g->groups == 0 && g->o % g->groups == 0;
  int64_t in = g->c, out = g->o, weights = g->o;
  const int64_t most = int64_t{1} << 40;
  for (int d = 0; d < 3; d++) {
    g->size[d] = ints[4 + d];
    g->kernel[d] = ints[7 + d];
    g->out[d] = ints[10 + d];
    g->stride[d] = ints[13 + d];
    g->pad[d] = ints[16 + d];
    g->dilation[d] = ints[19 + d];
    ok = ok && g->size[d] >= 0 && g->kernel[d] > 0 && g->out[d] >= 0 && g->stride[d] > 0 && g->dilation[d] > 0;
    in *= g->size[d];
    out *= g->out[d];
    weights *= g->kernel[d];
    ok = ok && in < most && out < most && weights < most;
  }
  if (!ok) call.badSize(0);
  return ok;
}

namespace {

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

int64_t grainOf(int64_t work) { return 100000 / (work + 1) + 1; }

template <class T>
void forwardAs(Call& call, const Convolution& g) {
  const Plain<T> plain = {g};
  const int64_t work = g.inputs() * g.taps() * g.outVolume();
  parallelFor(call.pool, g.n * g.o, grainOf(work), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      plain.forward(static_cast<T*>(call.x[0].data), static_cast<const T*>(call.x[1].data),
                    static_cast<const T*>(call.x[2].data), static_cast<const T*>(call.x[3].data), i / g.o, i % g.o);
    }
  });
}

template <class T>
void backwardInputAs(Call& call, const Convolution& g) {
  const Plain<T> plain = {g};
  const int64_t work = g.outputs() * g.taps() * g.outVolume();
  parallelFor(call.pool, g.n * g.c, grainOf(work), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      plain.backwardInput(static_cast<T*>(call.x[0].data), static_cast<const T*>(call.x[1].data),
                          static_cast<const T*>(call.x[2].data), i / g.c, i % g.c);
    }
  });
}

template <class T>
void backwardWeightAs(Call& call, const Convolution& g) {
  const Plain<T> plain = {g};
  const int64_t inputs = g.inputs(), work = g.n * g.taps() * g.outVolume();
  parallelFor(call.pool, g.o * inputs, grainOf(work), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      plain.backwardWeight(static_cast<T*>(call.x[0].data), static_cast<const T*>(call.x[1].data),
                           static_cast<const T*>(call.x[2].data), i / inputs, i % inputs);
    }
  });
}

#define NG_NUMBERS(function)             \
  switch (call.x[0].dtype) {             \
    case kFloat32:                       \
      return function<float>(call, g);   \
    case kFloat64:                       \
      return function<double>(call, g);  \
    case kInt64:                         \
      return function<int64_t>(call, g); \
    case kInt32:                         \
      return function<int32_t>(call, g); \
    default:                             \
      return call.badDType(0);           \
  }

bool sameDTypes(Call& call, int operands) {
  for (int i = 1; i < operands; i++) {
    if (call.x[i].data && call.x[i].dtype != call.x[0].dtype) {
      call.badDType(i);
      return false;
    }
  }
  return true;
}

}  // namespace

void kernel_convolution(Call& call) {
  Convolution g;
  if (!convolutionOf(call, &g) || !sameDTypes(call, 4)) return;
  if (!call.need(0, g.n * g.o * g.outVolume()) || !call.need(1, g.n * g.c * g.volume()) ||
      !call.need(2, g.o * g.inputs() * g.taps()) || (call.x[3].data && !call.need(3, g.o))) {
    return;
  }
  NG_NUMBERS(forwardAs)
}

void kernel_convolutionBackwardInput(Call& call) {
  Convolution g;
  if (!convolutionOf(call, &g) || !sameDTypes(call, 3)) return;
  if (!call.need(0, g.n * g.c * g.volume()) || !call.need(1, g.n * g.o * g.outVolume()) ||
      !call.need(2, g.o * g.inputs() * g.taps())) {
    return;
  }
  NG_NUMBERS(backwardInputAs)
}

void kernel_convolutionBackwardWeight(Call& call) {
  Convolution g;
  if (!convolutionOf(call, &g) || !sameDTypes(call, 3)) return;
  if (!call.need(0, g.o * g.inputs() * g.taps()) || !call.need(1, g.n * g.c * g.volume()) ||
      !call.need(2, g.n * g.o * g.outVolume())) {
    return;
  }
  NG_NUMBERS(backwardWeightAs)
}

}  // namespace NG_ISA
}  // namespace ng
