// Convolutions: forward, and the gradients of the input (which is also the transposed convolution) and of the weight.
#include "convolution.h"

#include "convolution_choice.h"
#include "convolution_direct.h"
#include "convolution_few.h"
#include "convolution_few_weight.h"
#include "convolution_lanes.h"
#include "convolution_lanes_weight.h"
#include "convolution_patches.h"
#include "convolution_plain.h"
#include "convolution_weight.h"
#include "convolution_winograd.h"
#include "convolution_winograd_weight.h"

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

float* floats(const Call& call, int i) { return static_cast<float*>(call.x[i].data); }

/** Whether there is something to do for the fast ways. */
bool fast(const Call&, const Convolution& g) {
  return g.n > 0 && g.inputs() > 0 && g.outputs() > 0 && g.volume() > 0 && g.outVolume() > 0;
}

}  // namespace

void kernel_convolution(Call& call) {
  Convolution g;
  if (!convolutionOf(call, &g) || !sameDTypes(call, 4)) return;
  if (!call.need(0, g.n * g.o * g.outVolume()) || !call.need(1, g.n * g.c * g.volume()) ||
      !call.need(2, g.o * g.inputs() * g.taps()) || (call.x[3].data && !call.need(3, g.o))) {
    return;
  }
  if (call.x[0].dtype == kFloat32 && fast(call, g)) {
    if (lanesResults(call, g, false, floats(call, 0), floats(call, 1), floats(call, 2), floats(call, 3))) return;
    if (winograd(call, g, false, floats(call, 0), floats(call, 1), floats(call, 2), floats(call, 3))) return;
    const auto way = Choice(g, false).isFew() ? fewResults : direct;
    if (way(call, g, false, floats(call, 0), floats(call, 1), floats(call, 2), floats(call, 3))) return;
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
  if (call.x[0].dtype == kFloat32 && fast(call, g)) {
    if (lanesResults(call, g, true, floats(call, 0), floats(call, 1), floats(call, 2), nullptr)) return;
    if (patches(call, g, floats(call, 0), floats(call, 1), floats(call, 2))) return;
    if (winograd(call, g, true, floats(call, 0), floats(call, 1), floats(call, 2), nullptr)) return;
    const auto way = Choice(g, true).isFew() ? fewResults : direct;
    if (way(call, g, true, floats(call, 0), floats(call, 1), floats(call, 2), nullptr)) return;
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
  if (call.x[0].dtype == kFloat32 && fast(call, g)) {
    if (lanesWeight(call, g, floats(call, 0), floats(call, 1), floats(call, 2))) return;
    if (winogradWeight(call, g, floats(call, 0), floats(call, 1), floats(call, 2))) return;
    const auto way = g.outputs() <= kFew ? fewWeights : directWeight;
    if (way(call, g, floats(call, 0), floats(call, 1), floats(call, 2))) return;
  }
  NG_NUMBERS(backwardWeightAs)
}

}  // namespace NG_ISA
}  // namespace ng
