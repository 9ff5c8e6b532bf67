// Layer normalization of rows, and its gradients.
#include "normalization.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class T>
void forwardRow(T* out, const T* x, const T* weight, const T* bias, T* mean, T* rstd, int64_t n, double eps) {
  typedef typename Lanes<T>::V V;
  V sum(T(0));
  pieces<T>(n, [&](int64_t i, int64_t count) { sum = sum + take(x + i, count); });
  const T m = static_cast<T>(static_cast<double>(reduceAdd(sum)) / static_cast<double>(n));
  V squares(T(0));
  const V shift(m);
  pieces<T>(n, [&](int64_t i, int64_t count) {
    const V d = cutOff<T>(take(x + i, count) - shift, count);
    squares = squares + d * d;
  });
  const double variance = static_cast<double>(reduceAdd(squares)) / static_cast<double>(n);
  const T r = static_cast<T>(1.0 / squareRoot(variance + eps));
  *mean = m;
  *rstd = r;
  const V factor(r);
  pieces<T>(n, [&](int64_t i, int64_t count) {
    V y = (take(x + i, count) - shift) * factor;
    if (weight != nullptr) y = y * take(weight + i, count);
    if (bias != nullptr) y = y + take(bias + i, count);
    put(out + i, y, count);
  });
}

/** dx = rstd · (g - mean(g) - x̂ · mean(g · x̂)), g = grad · weight. */
template <class T>
void backwardRow(T* out, const T* grad, const T* x, const T* weight, T mean, T rstd, int64_t n) {
  typedef typename Lanes<T>::V V;
  const V shift(mean), factor(rstd);
  V sum(T(0)), product(T(0));
  const auto scaled = [&](int64_t i, int64_t count) {
    const V g = take(grad + i, count);
    return weight == nullptr ? g : g * take(weight + i, count);
  };
  pieces<T>(n, [&](int64_t i, int64_t count) {
    const V g = scaled(i, count);
    sum = sum + g;
    product = product + g * ((take(x + i, count) - shift) * factor);
  });
  const V a(static_cast<T>(static_cast<double>(reduceAdd(sum)) / static_cast<double>(n)));
  const V b(static_cast<T>(static_cast<double>(reduceAdd(product)) / static_cast<double>(n)));
  pieces<T>(n, [&](int64_t i, int64_t count) {
    const V normal = (take(x + i, count) - shift) * factor;
    put(out + i, factor * (scaled(i, count) - a - normal * b), count);
  });
}

template <class T>
void forward(Call& c, int64_t rows, int64_t n) {
  auto* out = static_cast<T*>(c.x[0].data);
  const auto* x = static_cast<const T*>(c.x[1].data);
  const auto* weight = static_cast<const T*>(c.x[2].data);
  const auto* bias = static_cast<const T*>(c.x[3].data);
  auto* mean = static_cast<T*>(c.x[4].data);
  auto* rstd = static_cast<T*>(c.x[5].data);
  const double eps = c.scalars[0];
  parallelFor(c.pool, rows, 32768 / (n + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      forwardRow(out + i * n, x + i * n, weight, bias, mean + i, rstd + i, n, eps);
    }
  });
}

template <class T>
void backward(Call& c, int64_t rows, int64_t n) {
  auto* out = static_cast<T*>(c.x[0].data);
  const auto* grad = static_cast<const T*>(c.x[1].data);
  const auto* x = static_cast<const T*>(c.x[2].data);
  const auto* weight = static_cast<const T*>(c.x[3].data);
  const auto* mean = static_cast<const T*>(c.x[4].data);
  const auto* rstd = static_cast<const T*>(c.x[5].data);
  parallelFor(c.pool, rows, 32768 / (n + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      backwardRow(out + i * n, grad + i * n, x + i * n, weight, mean[i], rstd[i], n);
    }
  });
}

template <class T>
void parameters(Call& c, int64_t rows, int64_t n) {
  typedef typename Lanes<T>::V V;
  auto* weight = static_cast<T*>(c.x[0].data);
  auto* bias = static_cast<T*>(c.x[1].data);
  const auto* grad = static_cast<const T*>(c.x[2].data);
  const auto* x = static_cast<const T*>(c.x[3].data);
  const auto* mean = static_cast<const T*>(c.x[4].data);
  const auto* rstd = static_cast<const T*>(c.x[5].data);
  // Columns are shared out, so that a sum does not depend on the number of threads; several vectors of them at a time,
  // so that a row's part is more than a line of the cache.
  constexpr int64_t W = Lanes<T>::n, kTile = 16 * W;
  parallelFor(
      c.pool, n, 65536 / (rows + 1) + 1,
      [&](int64_t begin, int64_t end, int) {
        for (int64_t j = begin; j < end; j += kTile) {
          const int64_t width = end - j < kTile ? end - j : kTile;
          V w[kTile / W], b[kTile / W];
          for (int64_t v = 0; v < kTile / W; v++) w[v] = b[v] = V(T(0));
          for (int64_t i = 0; i < rows; i++) {
            const T *g = grad + i * n + j, *from = x + i * n + j;
            const V shift(mean[i]), factor(rstd[i]);
            pieces<T>(width, [&](int64_t at, int64_t count) {
              const V value = take(g + at, count);
              w[at / W] = w[at / W] + value * ((take(from + at, count) - shift) * factor);
              b[at / W] = b[at / W] + value;
            });
          }
          pieces<T>(width, [&](int64_t at, int64_t count) {
            put(weight + j + at, w[at / W], count);
            put(bias + j + at, b[at / W], count);
          });
        }
      },
      W);
}

}  // namespace

void kernel_layerNorm(Call& c) {
  const int64_t rows = c.ints[0], n = c.ints[1];
  if (!floats(c, 6) || !c.need(0, rows * n) || !c.need(1, rows * n) || !needVector(c, 2, n) || !needVector(c, 3, n))
    return;
  if (!c.need(4, rows) || !c.need(5, rows)) return;
  c.x[0].dtype == kFloat32 ? forward<float>(c, rows, n) : forward<double>(c, rows, n);
}

void kernel_layerNormBackward(Call& c) {
  const int64_t rows = c.ints[0], n = c.ints[1];
  if (!floats(c, 6) || !c.need(0, rows * n) || !c.need(1, rows * n) || !c.need(2, rows * n) || !needVector(c, 3, n))
    return;
  if (!c.need(4, rows) || !c.need(5, rows)) return;
  c.x[0].dtype == kFloat32 ? backward<float>(c, rows, n) : backward<double>(c, rows, n);
}

void kernel_layerNormParameters(Call& c) {
  const int64_t rows = c.ints[0], n = c.ints[1];
  if (!floats(c, 6) || !c.need(0, n) || !c.need(1, n) || !c.need(2, rows * n) || !c.need(3, rows * n)) return;
  if (!c.need(4, rows) || !c.need(5, rows)) return;
  c.x[0].dtype == kFloat32 ? parameters<float>(c, rows, n) : parameters<double>(c, rows, n);
}

}  // namespace NG_ISA
}  // namespace ng
