// The discrete Fourier transform of rows of complex64, computed in float64: radix 2, and Bluestein's convolution for
// lengths that are no power of two. Sines and cosines come in a table, so both backends have the same ones.
#include "kernel.h"
#include "linear.h"

namespace ng {
namespace NG_ISA {
namespace {

/** In place, a: m complex numbers, m a power of two; roots: exp(-2πik/m) for k < m / 2. */
void transform(double* a, const double* roots, int64_t m) {
  for (int64_t i = 1, j = 0; i < m; i++) {
    int64_t bit = m >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) swapRows(a + 2 * i, a + 2 * j, 2);
  }
  for (int64_t length = 2; length <= m; length <<= 1) {
    const int64_t half = length >> 1, step = m / length;
    for (int64_t begin = 0; begin < m; begin += length) {
      double* low = a + 2 * begin;
      double* high = low + 2 * half;
      for (int64_t k = 0; k < half; k++) {
        const double wr = roots[2 * k * step], wi = roots[2 * k * step + 1];
        const double hr = high[2 * k], hi = high[2 * k + 1];
        const double tr = hr * wr - hi * wi, ti = hr * wi + hi * wr;
        const double lr = low[2 * k], li = low[2 * k + 1];
        low[2 * k] = lr + tr;
        low[2 * k + 1] = li + ti;
        high[2 * k] = lr - tr;
        high[2 * k + 1] = li - ti;
      }
    }
  }
}

/** a = a · b, complex, or with b conjugated. */
void multiply(double* a, const double* b, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const double ar = a[2 * i], ai = a[2 * i + 1], br = b[2 * i], bi = b[2 * i + 1];
    a[2 * i] = ar * br - ai * bi;
    a[2 * i + 1] = ar * bi + ai * br;
  }
}

void swapParts(double* a, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    const double t = a[2 * i];
    a[2 * i] = a[2 * i + 1];
    a[2 * i + 1] = t;
  }
}

/** What the transform of real numbers has exactly, and rounding spoils: out[n - k] is the conjugate of out[k]. */
void mirror(float* out, int64_t n) {
  out[1] = 0.0f;
  if (n % 2 == 0) out[n + 1] = 0.0f;
  for (int64_t k = 1; 2 * k < n; k++) {
    out[2 * (n - k)] = out[2 * k];
    out[2 * (n - k) + 1] = -out[2 * k + 1];
  }
}

/** The transform of the conjugated chirp, which every row is convolved with; chirp: exp(-πik²/n) for k < n. */
void chirpTransform(double* b, const double* chirp, const double* roots, int64_t n, int64_t m) {
  for (int64_t i = 0; i < 2 * m; i++) b[i] = 0.0;
  for (int64_t k = 0; k < n; k++) {
    const int64_t places[2] = {k, k == 0 ? 0 : m - k};
    for (int64_t place : places) {
      b[2 * place] = chirp[2 * k];
      b[2 * place + 1] = -chirp[2 * k + 1];
    }
  }
  transform(b, roots, m);
}

}  // namespace

void kernel_fft(Call& c) {
  const int64_t batch = c.ints[0], n = c.ints[1], m = c.ints[2];
  const bool inverse = c.ints[3] != 0, direct = m == n;
  if (c.x[0].dtype != kComplex64) return c.badDType(0);
  if (c.x[1].dtype != kComplex64) return c.badDType(1);
  if (!isDouble(c, 2) || !isDouble(c, 3)) return;
  if (n < 1 || m < 1 || (m & (m - 1)) != 0 || (!direct && m < 2 * n - 1)) return c.badSize(2);
  if (!c.need(0, batch * n) || !c.need(1, batch * n) || !c.need(2, direct ? m : m + 2 * n)) return;
  if (!c.need(3, direct ? 2 * m : 4 * m)) return;
  auto* out = static_cast<float*>(c.x[0].data);
  const auto* x = static_cast<const float*>(c.x[1].data);
  const auto* roots = static_cast<const double*>(c.x[2].data);
  const double* chirp = roots + m;
  auto* a = static_cast<double*>(c.x[3].data);
  double* b = a + 2 * m;
  const double scale = c.scalars[0];
  if (!direct) chirpTransform(b, chirp, roots, n, m);
  // An inverse transform is a forward one with real and imaginary parts exchanged before and after.
  const int64_t re = inverse ? 1 : 0, im = 1 - re;
  for (int64_t row = 0; row < batch; row++, x += 2 * n, out += 2 * n) {
    bool real = true;
    for (int64_t i = 0; i < n; i++) {
      real = real && x[2 * i + 1] == 0.0f;
      a[2 * i] = x[2 * i + re];
      a[2 * i + 1] = x[2 * i + im];
    }
    double factor = scale;
    if (direct) {
      transform(a, roots, m);
    } else {
      multiply(a, chirp, n);
      for (int64_t i = 2 * n; i < 2 * m; i++) a[i] = 0.0;
      transform(a, roots, m);
      multiply(a, b, m);
      swapParts(a, m);
      transform(a, roots, m);
      swapParts(a, n);
      multiply(a, chirp, n);
      factor = scale / static_cast<double>(m);
    }
    for (int64_t i = 0; i < n; i++) {
      out[2 * i + re] = static_cast<float>(a[2 * i] * factor);
      out[2 * i + im] = static_cast<float>(a[2 * i + 1] * factor);
    }
    if (real) mirror(out, n);
  }
}

}  // namespace NG_ISA
}  // namespace ng
