// Normalization of the channels of [batch, channels, inner], and its gradients. Each channel is one thread's. Where
// inner is 1, channels are columns, and vectors run across them.
#include "normalization.h"

namespace ng {
namespace NG_ISA {
namespace {

struct Sizes {
  int64_t batch, channels, inner;
  bool training;
  /** Channels below which one thread does the work. */
  int64_t grain() const { return 32768 / (batch * inner + 1) + 1; }
};

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
struct Forward {
  T* out;
  const T *x, *weight, *bias;
  T *mean, *variance, *rstd;
  double eps, n;

  explicit Forward(Call& c, const Sizes& sizes)
      : out(static_cast<T*>(c.x[0].data)),
        x(static_cast<const T*>(c.x[1].data)),
        weight(static_cast<const T*>(c.x[2].data)),
        bias(static_cast<const T*>(c.x[3].data)),
        mean(static_cast<T*>(c.x[4].data)),
        variance(static_cast<T*>(c.x[5].data)),
        rstd(static_cast<T*>(c.x[6].data)),
        eps(c.scalars[0]),
        n(static_cast<double>(sizes.batch * sizes.inner)) {}

  void setRstd(int64_t j) const { rstd[j] = static_cast<T>(1.0 / squareRoot(static_cast<double>(variance[j]) + eps)); }
  T weightOf(int64_t j) const { return weight ? weight[j] : T(1); }
  T biasOf(int64_t j) const { return bias ? bias[j] : T(0); }
};

template <class T>
struct Backward {
  T *out, *weightGrad, *biasGrad;
  const T *grad, *x, *weight, *mean, *rstd;
  double n;

  explicit Backward(Call& c, const Sizes& sizes)
      : out(static_cast<T*>(c.x[0].data)),
        weightGrad(static_cast<T*>(c.x[1].data)),
        biasGrad(static_cast<T*>(c.x[2].data)),
        grad(static_cast<const T*>(c.x[3].data)),
        x(static_cast<const T*>(c.x[4].data)),
        weight(static_cast<const T*>(c.x[5].data)),
        mean(static_cast<const T*>(c.x[6].data)),
        rstd(static_cast<const T*>(c.x[7].data)),
        n(static_cast<double>(sizes.batch * sizes.inner)) {}

  T scaleOf(int64_t j) const { return rstd[j] * (weight ? weight[j] : T(1)); }
};

/** Columns that are one piece of work, at most. */
constexpr int64_t kColumns = 64;

/** f(first, width) for pieces of the columns. */
template <class F>
void forColumns(Call& c, const Sizes& sizes, F&& f) {
  const int64_t step = sizes.channels >= 4 * kColumns ? kColumns : kColumns / 2;
  const int64_t count = (sizes.channels + step - 1) / step;
  parallelFor(c.pool, count, 16384 / (sizes.batch * step + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t j = begin * step; j < end * step && j < sizes.channels; j += step) {
      f(j, step < sizes.channels - j ? step : sizes.channels - j);
    }
  });
}

/** total[i] = Σ at(place, i, count) over rows of `width` columns from `first` on; 16 rows are added as T. */
template <class T, class F>
void sumColumns(double* total, const Sizes& sizes, int64_t first, int64_t width, F&& at) {
  T part[kColumns];
  for (int64_t i = 0; i < width; i++) total[i] = 0;
  for (int64_t row = 0; row < sizes.batch; row += 16) {
    const int64_t rows = row + 16 < sizes.batch ? 16 : sizes.batch - row;
    const int64_t base = row * sizes.channels + first;
    pieces<T>(width, [&](int64_t i, int64_t count) {
      auto sum = at(base + i, i, count);
      for (int64_t r = 1; r < rows; r++) sum = sum + at(base + r * sizes.channels + i, i, count);
      put(part + i, sum, count);
    });
    for (int64_t i = 0; i < width; i++) total[i] += static_cast<double>(part[i]);
  }
}

template <class T>
void forwardColumns(const Forward<T>& f, const Sizes& sizes, int64_t first, int64_t width) {
  const T *x = f.x, *mean = f.mean + first, *rstd = f.rstd + first;
  if (sizes.training) {
    double total[kColumns];
    sumColumns<T>(total, sizes, first, width, [x](int64_t at, int64_t, int64_t count) { return take(x + at, count); });
    for (int64_t i = 0; i < width; i++) f.mean[first + i] = static_cast<T>(total[i] / f.n);
    sumColumns<T>(total, sizes, first, width, [x, mean](int64_t at, int64_t i, int64_t count) {
      const auto d = take(x + at, count) - take(mean + i, count);
      return d * d;
    });
    for (int64_t i = 0; i < width; i++) f.variance[first + i] = static_cast<T>(total[i] / f.n);
  }
  T weight[kColumns], bias[kColumns];
  for (int64_t i = 0; i < width; i++) {
    f.setRstd(first + i);
    weight[i] = f.weightOf(first + i);
    bias[i] = f.biasOf(first + i);
  }
  for (int64_t b = 0; b < sizes.batch; b++) {
    const int64_t base = b * sizes.channels + first;
    pieces<T>(width, [&](int64_t i, int64_t count) {
      const auto normal = (take(x + base + i, count) - take(mean + i, count)) * take(rstd + i, count);
      put(f.out + base + i, normal * take(weight + i, count) + take(bias + i, count), count);
    });
  }
}

template <class T>
void backwardColumns(const Backward<T>& f, const Sizes& sizes, int64_t first, int64_t width) {
  const T *x = f.x, *grad = f.grad, *mean = f.mean + first, *rstd = f.rstd + first;
  double sum[kColumns], product[kColumns];
  sumColumns<T>(sum, sizes, first, width,
                [grad](int64_t at, int64_t, int64_t count) { return take(grad + at, count); });
  sumColumns<T>(product, sizes, first, width, [=](int64_t at, int64_t i, int64_t count) {
    return take(grad + at, count) * ((take(x + at, count) - take(mean + i, count)) * take(rstd + i, count));
  });
  T scale[kColumns], a[kColumns], c[kColumns];
  for (int64_t i = 0; i < width; i++) {
    f.biasGrad[first + i] = static_cast<T>(sum[i]);
    f.weightGrad[first + i] = static_cast<T>(product[i]);
    scale[i] = f.scaleOf(first + i);
    a[i] = static_cast<T>(sizes.training ? sum[i] / f.n : 0);
    c[i] = static_cast<T>(sizes.training ? product[i] / f.n : 0);
  }
  for (int64_t b = 0; b < sizes.batch; b++) {
    const int64_t base = b * sizes.channels + first;
    pieces<T>(width, [&](int64_t i, int64_t count) {
      const auto normal = (take(x + base + i, count) - take(mean + i, count)) * take(rstd + i, count);
      const auto g = take(grad + base + i, count) - take(a + i, count) - normal * take(c + i, count);
      put(f.out + base + i, take(scale + i, count) * g, count);
    });
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
    forColumns(c, sizes, [&](int64_t first, int64_t width) { forwardColumns(f, sizes, first, width); });
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
    forColumns(c, sizes, [&](int64_t first, int64_t width) { backwardColumns(f, sizes, first, width); });
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
