// Normalization of the channels of [batch, channels, inner], and its gradients. Each channel is one thread's. Where
// inner is 1, channels are columns.
#include "batch_norm_columns.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Σ f(place, count) over a channel's elements; `f` gives zeros in the lanes beyond count. */
template <class T, class F>
double sumChannel(const Sizes& sizes, int64_t channel, F&& f) {
  typedef typename Lanes<T>::V V;
  double total = 0;
  for (int64_t b = 0; b < sizes.batch; b++) {
    const int64_t base = (b * sizes.channels + channel) * sizes.inner;
    V sum(T(0));
    pieces<T>(sizes.inner, [&](int64_t i, int64_t count) { sum = sum + f(base + i, count); });
    total += static_cast<double>(reduceAdd(sum));
  }
  return total;
}

/** f(place, count) for a channel's elements. */
template <class T, class F>
void forChannel(const Sizes& sizes, int64_t channel, F&& f) {
  for (int64_t b = 0; b < sizes.batch; b++) {
    const int64_t base = (b * sizes.channels + channel) * sizes.inner;
    pieces<T>(sizes.inner, [&](int64_t i, int64_t count) { f(base + i, count); });
  }
}

template <class T>
void forwardChannel(const Forward<T>& f, const Sizes& sizes, int64_t j) {
  typedef typename Lanes<T>::V V;
  const T* x = f.x;
  f.mean[j] =
      static_cast<T>(sumChannel<T>(sizes, j, [x](int64_t i, int64_t count) { return take(x + i, count); }) / f.n);
  const V shift(f.mean[j]);
  const auto square = [x, shift](int64_t i, int64_t count) {
    const V d = cutOff<T>(take(x + i, count) - shift, count);
    return d * d;
  };
  f.variance[j] = static_cast<T>(sumChannel<T>(sizes, j, square) / f.n);
  f.setRstd(j);
  const V factor(f.rstd[j]), w(f.weightOf(j)), b(f.biasOf(j));
  forChannel<T>(sizes, j, [&](int64_t i, int64_t count) {
    put(f.out + i, (take(x + i, count) - shift) * factor * w + b, count);
  });
}

template <class T>
void backwardChannel(const Backward<T>& f, const Sizes& sizes, int64_t j) {
  typedef typename Lanes<T>::V V;
  const T *x = f.x, *grad = f.grad;
  const V shift(f.mean[j]), factor(f.rstd[j]), scale(f.scaleOf(j));
  const double sum = sumChannel<T>(sizes, j, [grad](int64_t i, int64_t count) { return take(grad + i, count); });
  const double product = sumChannel<T>(sizes, j, [=](int64_t i, int64_t count) {
    return take(grad + i, count) * ((take(x + i, count) - shift) * factor);
  });
  f.biasGrad[j] = static_cast<T>(sum);
  f.weightGrad[j] = static_cast<T>(product);
  const V a(static_cast<T>(sizes.training ? sum / f.n : 0)), b(static_cast<T>(sizes.training ? product / f.n : 0));
  forChannel<T>(sizes, j, [&](int64_t i, int64_t count) {
    const V normal = (take(x + i, count) - shift) * factor;
    put(f.out + i, scale * (take(grad + i, count) - a - normal * b), count);
  });
}

/** With given statistics, plane by plane in the order of memory. */
template <class T>
void forwardPlanes(Call& c, const Forward<T>& f, const Sizes& sizes) {
  typedef typename Lanes<T>::V V;
  for (int64_t j = 0; j < sizes.channels; j++) f.setRstd(j);
  const int64_t inner = sizes.inner;
  parallelFor(c.pool, sizes.batch * sizes.channels, 32768 / (inner + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t plane = begin; plane < end; plane++) {
      const int64_t j = plane % sizes.channels;
      const V shift(f.mean[j]), factor(f.rstd[j]), w(f.weightOf(j)), b(f.biasOf(j));
      const T* x = f.x + plane * inner;
      T* out = f.out + plane * inner;
      pieces<T>(inner,
                [&](int64_t i, int64_t count) { put(out + i, (take(x + i, count) - shift) * factor * w + b, count); });
    }
  });
}

template <class T>
void forward(Call& c, const Sizes& sizes) {
  const Forward<T> f(c, sizes);
  if (sizes.inner == 1) {
    forwardColumns(c, f, sizes);
  } else if (!sizes.training) {
    forwardPlanes(c, f, sizes);
  } else {
    parallelFor(c.pool, sizes.channels, sizes.grain(), [&](int64_t begin, int64_t end, int) {
      for (int64_t j = begin; j < end; j++) forwardChannel(f, sizes, j);
    });
  }
}

template <class T>
void backward(Call& c, const Sizes& sizes) {
  const Backward<T> f(c, sizes);
  if (sizes.inner == 1) {
    backwardColumns(c, f, sizes);
  } else {
    parallelFor(c.pool, sizes.channels, sizes.grain(), [&](int64_t begin, int64_t end, int) {
      for (int64_t j = begin; j < end; j++) backwardChannel(f, sizes, j);
    });
  }
}

/** Reads the sizes and checks that `whole` operands hold all elements, and the others one for each channel. */
bool check(Call& c, Sizes* sizes, int operands, uint32_t whole) {
  *sizes = {c.ints[0], c.ints[1], c.ints[2], c.ints[3] != 0};
  for (int i = 0; i < 3; i++) {
    if (c.ints[i] < 0) {
      c.badSize(i);
      return false;
    }
  }
  if (!floats(c, operands)) return false;
  const int64_t plane = sizes->batch * sizes->channels;
  if (sizes->inner > 0 && plane > (int64_t{1} << 53) / sizes->inner) {
    c.badSize(0);
    return false;
  }
  for (int i = 0; i < operands; i++) {
    if (!needVector(c, i, whole >> i & 1 ? plane * sizes->inner : sizes->channels)) return false;
  }
  return true;
}

}  // namespace

void kernel_batchNorm(Call& c) {
  Sizes sizes;
  if (!check(c, &sizes, 7, 0x3)) return;
  c.x[0].dtype == kFloat32 ? forward<float>(c, sizes) : forward<double>(c, sizes);
}

void kernel_batchNormBackward(Call& c) {
  Sizes sizes;
  if (!check(c, &sizes, 8, 0x19)) return;
  c.x[0].dtype == kFloat32 ? backward<float>(c, sizes) : backward<double>(c, sizes);
}

}  // namespace NG_ISA
}  // namespace ng
