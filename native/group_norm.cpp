// Normalization of groups of channels: x is rows (a group of a sample each) of `width` channels of `inner` elements.
#include "normalization.h"

namespace ng {
namespace NG_ISA {
namespace {

struct Sizes {
  int64_t rows, groups, width, inner;
  int64_t n() const { return width * inner; }
  int64_t grain() const { return 32768 / (n() + 1) + 1; }
  /** The first channel of a row. */
  int64_t channel(int64_t row) const { return row % groups * width; }
};

/** Elements that are added as T. */
constexpr int64_t kBlock = 4096;

/** Σ f(place, count) over n elements; `f` gives zeros in the lanes beyond count. */
template <class T, class F>
double sumOf(int64_t n, F&& f) {
  typedef typename Lanes<T>::V V;
  double total = 0;
  for (int64_t begin = 0; begin < n; begin += kBlock) {
    V sum(T(0));
    pieces<T>(begin + kBlock < n ? kBlock : n - begin,
              [&](int64_t i, int64_t count) { sum = sum + f(begin + i, count); });
    total += static_cast<double>(reduceAdd(sum));
  }
  return total;
}

template <class T>
void forwardRow(T* out, const T* x, const T* weight, const T* bias, const Sizes& s, double eps, T* mean, T* rstd) {
  typedef typename Lanes<T>::V V;
  const int64_t n = s.n();
  const double size = static_cast<double>(n);
  *mean = static_cast<T>(sumOf<T>(n, [x](int64_t i, int64_t count) { return take(x + i, count); }) / size);
  const V shift(*mean);
  const double squares = sumOf<T>(n, [x, shift](int64_t i, int64_t count) {
    const V d = cutOff<T>(take(x + i, count) - shift, count);
    return d * d;
  });
  *rstd = static_cast<T>(1.0 / squareRoot(squares / size + eps));
  const V factor(*rstd);
  if (s.inner == 1) {
    pieces<T>(n, [&](int64_t i, int64_t count) {
      V y = (take(x + i, count) - shift) * factor;
      if (weight) y = y * take(weight + i, count);
      if (bias) y = y + take(bias + i, count);
      put(out + i, y, count);
    });
    return;
  }
  for (int64_t c = 0; c < s.width; c++) {
    const V w(weight ? weight[c] : T(1)), b(bias ? bias[c] : T(0));
    const int64_t base = c * s.inner;
    pieces<T>(s.inner, [&](int64_t i, int64_t count) {
      put(out + base + i, (take(x + base + i, count) - shift) * factor * w + b, count);
    });
  }
}

/** The sums of a row's channels of grad · x̂ and grad, and dx = rstd · (g − mean(g) − x̂ · mean(g · x̂)), g = grad · w. */
template <class T>
void backwardRow(T* out, T* products, T* sums, const T* grad, const T* x, const T* weight, const Sizes& s, T mean,
                 T rstd) {
  typedef typename Lanes<T>::V V;
  const V shift(mean), factor(rstd);
  double sum = 0, product = 0;
  for (int64_t c = 0; c < s.width; c++) {
    const T *g = grad + c * s.inner, *from = x + c * s.inner;
    double one, other;
    if (s.inner == 1) {
      one = static_cast<double>(*g);
      other = static_cast<double>(*g * ((*from - mean) * rstd));
    } else {
      one = sumOf<T>(s.inner, [g](int64_t i, int64_t count) { return take(g + i, count); });
      other = sumOf<T>(s.inner, [=](int64_t i, int64_t count) {
        return take(g + i, count) * ((take(from + i, count) - shift) * factor);
      });
    }
    sums[c] = static_cast<T>(one);
    products[c] = static_cast<T>(other);
    const double w = static_cast<double>(weight ? weight[c] : T(1));
    sum += w * one;
    product += w * other;
  }
  const V a(static_cast<T>(sum / static_cast<double>(s.n()))), b(static_cast<T>(product / static_cast<double>(s.n())));
  const auto write = [&](int64_t at, V w, int64_t count) {
    const V normal = (take(x + at, count) - shift) * factor;
    put(out + at, factor * (take(grad + at, count) * w - a - normal * b), count);
  };
  if (s.inner == 1) {
    pieces<T>(s.width, [&](int64_t i, int64_t count) { write(i, weight ? take(weight + i, count) : V(T(1)), count); });
    return;
  }
  for (int64_t c = 0; c < s.width; c++) {
    const V w(weight ? weight[c] : T(1));
    pieces<T>(s.inner, [&](int64_t i, int64_t count) { write(c * s.inner + i, w, count); });
  }
}

template <class T>
void forward(Call& call, const Sizes& s) {
  auto* out = static_cast<T*>(call.x[0].data);
  const auto* x = static_cast<const T*>(call.x[1].data);
  const auto* weight = static_cast<const T*>(call.x[2].data);
  const auto* bias = static_cast<const T*>(call.x[3].data);
  auto* mean = static_cast<T*>(call.x[4].data);
  auto* rstd = static_cast<T*>(call.x[5].data);
  parallelFor(call.pool, s.rows, s.grain(), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; r++) {
      const int64_t first = s.channel(r);
      forwardRow(out + r * s.n(), x + r * s.n(), weight ? weight + first : weight, bias ? bias + first : bias, s,
                 call.scalars[0], mean + r, rstd + r);
    }
  });
}

template <class T>
void backward(Call& call, const Sizes& s) {
  auto* out = static_cast<T*>(call.x[0].data);
  auto* products = static_cast<T*>(call.x[1].data);
  auto* sums = static_cast<T*>(call.x[2].data);
  const auto* grad = static_cast<const T*>(call.x[3].data);
  const auto* x = static_cast<const T*>(call.x[4].data);
  const auto* weight = static_cast<const T*>(call.x[5].data);
  const auto* mean = static_cast<const T*>(call.x[6].data);
  const auto* rstd = static_cast<const T*>(call.x[7].data);
  parallelFor(call.pool, s.rows, s.grain(), [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; r++) {
      backwardRow(out + r * s.n(), products + r * s.width, sums + r * s.width, grad + r * s.n(), x + r * s.n(),
                  weight ? weight + s.channel(r) : weight, s, mean[r], rstd[r]);
    }
  });
}

/** Reads the sizes; bit i of `whole` says that operand i holds all elements, of `perRow` one a row. */
bool check(Call& call, Sizes* s, int operands, uint32_t whole, uint32_t perRow, uint32_t perChannel) {
  *s = {call.ints[0], call.ints[1], call.ints[2], call.ints[3]};
  for (int i = 0; i < 4; i++) {
    if (call.ints[i] < (i == 1 ? 1 : 0)) {
      call.badSize(i);
      return false;
    }
  }
  if (!floats(call, operands)) return false;
  const int64_t channels = s->rows * s->width;
  if (s->inner > 0 && channels > (int64_t{1} << 53) / s->inner) {
    call.badSize(0);
    return false;
  }
  for (int i = 0; i < operands; i++) {
    const int64_t n = whole >> i & 1        ? channels * s->inner
                      : perRow >> i & 1     ? s->rows
                      : perChannel >> i & 1 ? s->groups * s->width
                                            : channels;
    if (!needVector(call, i, n)) return false;
  }
  return true;
}

}  // namespace

void kernel_groupNorm(Call& call) {
  Sizes s;
  if (!check(call, &s, 6, 0x3, 0x30, 0xc)) return;
  call.x[0].dtype == kFloat32 ? forward<float>(call, s) : forward<double>(call, s);
}

void kernel_groupNormBackward(Call& call) {
  Sizes s;
  if (!check(call, &s, 8, 0x19, 0xc0, 0x20)) return;
  call.x[0].dtype == kFloat32 ? backward<float>(call, s) : backward<double>(call, s);
}

}  // namespace NG_ISA
}  // namespace ng
