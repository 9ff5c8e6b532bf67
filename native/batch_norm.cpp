// Normalization of the channels of [batch, channels, inner], and its gradients. Each channel is one thread's.
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

/** The elements beyond `count` as zeros: a shift has made something of them. */
template <class T>
inline typename Lanes<T>::V cutOff(typename Lanes<T>::V x, int64_t count) {
  if (count == Lanes<T>::n) return x;
  T kept[64];
  storePartial(kept, x, count);
  return loadPartial(kept, count);
}

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
void forward(Call& c, const Sizes& sizes) {
  typedef typename Lanes<T>::V V;
  auto* out = static_cast<T*>(c.x[0].data);
  const auto* x = static_cast<const T*>(c.x[1].data);
  const auto* weight = static_cast<const T*>(c.x[2].data);
  const auto* bias = static_cast<const T*>(c.x[3].data);
  auto* mean = static_cast<T*>(c.x[4].data);
  auto* variance = static_cast<T*>(c.x[5].data);
  auto* rstd = static_cast<T*>(c.x[6].data);
  const double eps = c.scalars[0], n = static_cast<double>(sizes.batch * sizes.inner);
  parallelFor(c.pool, sizes.channels, sizes.grain(), [&](int64_t begin, int64_t end, int) {
    for (int64_t j = begin; j < end; j++) {
      if (sizes.training) {
        const double sum = sumChannel<T>(sizes, j, [&](int64_t i, int64_t count) { return take(x + i, count); });
        mean[j] = static_cast<T>(sum / n);
        const V shift(mean[j]);
        variance[j] = static_cast<T>(sumChannel<T>(sizes, j,
                                                   [&](int64_t i, int64_t count) {
                                                     const V d = cutOff<T>(take(x + i, count) - shift, count);
                                                     return d * d;
                                                   }) /
                                     n);
      }
      rstd[j] = static_cast<T>(1.0 / squareRoot(static_cast<double>(variance[j]) + eps));
      const V shift(mean[j]), factor(rstd[j]), w(weight ? weight[j] : T(1)), b(bias ? bias[j] : T(0));
      forChannel<T>(sizes, j, [&](int64_t i, int64_t count) {
        put(out + i, (take(x + i, count) - shift) * factor * w + b, count);
      });
    }
  });
}

template <class T>
void backward(Call& c, const Sizes& sizes) {
  typedef typename Lanes<T>::V V;
  auto* out = static_cast<T*>(c.x[0].data);
  auto* weightGrad = static_cast<T*>(c.x[1].data);
  auto* biasGrad = static_cast<T*>(c.x[2].data);
  const auto* grad = static_cast<const T*>(c.x[3].data);
  const auto* x = static_cast<const T*>(c.x[4].data);
  const auto* weight = static_cast<const T*>(c.x[5].data);
  const auto* mean = static_cast<const T*>(c.x[6].data);
  const auto* rstd = static_cast<const T*>(c.x[7].data);
  const double n = static_cast<double>(sizes.batch * sizes.inner);
  parallelFor(c.pool, sizes.channels, sizes.grain(), [&](int64_t begin, int64_t end, int) {
    for (int64_t j = begin; j < end; j++) {
      const V shift(mean[j]), factor(rstd[j]), scale(rstd[j] * (weight ? weight[j] : T(1)));
      const double sum = sumChannel<T>(sizes, j, [&](int64_t i, int64_t count) { return take(grad + i, count); });
      const double product = sumChannel<T>(sizes, j, [&](int64_t i, int64_t count) {
        return take(grad + i, count) * ((take(x + i, count) - shift) * factor);
      });
      biasGrad[j] = static_cast<T>(sum);
      weightGrad[j] = static_cast<T>(product);
      const V a(static_cast<T>(sizes.training ? sum / n : 0)), b(static_cast<T>(sizes.training ? product / n : 0));
      forChannel<T>(sizes, j, [&](int64_t i, int64_t count) {
        const V normal = (take(x + i, count) - shift) * factor;
        put(out + i, scale * (take(grad + i, count) - a - normal * b), count);
      });
    }
  });
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
