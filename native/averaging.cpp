// Means of windows in up to three dimensions, and the way back. A window's rows are added first, by vectors whatever
// its stride, then what stands side by side.
#include "pooling.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr int64_t kGrain = 32768;
/** Rows of a window that counts as small. */
constexpr int64_t kFew = 4;

/** to += from, n elements. */
template <class T>
inline void addRow(T* to, const T* from, int64_t n) {
  constexpr int64_t W = VectorOf<T>::lanes;
  int64_t i = 0;
  for (; i + W <= n; i += W) store(to + i, load(to + i) + load(from + i));
  for (; i < n; i++) to[i] += from[i];
}

/** Calls f(index of a row of the plane) for the rows that output row (d, h) looks at. */
template <class F>
inline void forRows(const Window& w, int64_t d, int64_t h, F&& f) {
  int64_t d0, d1, h0, h1;
  w.inside(0, d, &d0, &d1);
  w.inside(1, h, &h0, &h1);
  for (int64_t i = d0; i < d1; i++) {
    for (int64_t j = h0; j < h1; j++) {
      f((d * w.stride[0] - w.pad[0] + i * w.dilation[0]) * w.size[1] + h * w.stride[1] - w.pad[1] + j * w.dilation[1]);
    }
  }
}

/** Calls f(p, first, last) for the outputs of a row and the places along it [first, last), `dilation` apart. */
template <class F>
inline void forPlaces(const Window& w, F&& f) {
  const int64_t step = w.dilation[2];
  for (int64_t p = 0; p < w.out[2]; p++) {
    int64_t first = p * w.stride[2] - w.pad[2], last = first + (w.kernel[2] - 1) * step + 1;
    if (first < 0) first = step == 1 ? 0 : first + (step - 1 - first) / step * step;
    f(p, first, last < w.size[2] ? last : w.size[2]);
  }
}

/** The factors of outputs: one for all, or one for each place of a plane. */
template <class T>
struct Factors {
  const T* p;
  int64_t step;
  T at(int64_t place) const { return p[place * step]; }
};

/** Windows of few elements: each is added by itself. K: how many stand side by side. */
template <int K, class T>
void smallMeans(T* out, const T* x, const Window& w, Factors<T> factors) {
  const int64_t n = w.size[2], stride = w.stride[2];
  int64_t place = 0;
  for (int64_t d = 0; d < w.out[0]; d++) {
    for (int64_t h = 0; h < w.out[1]; h++) {
      const T* rows[kFew];
      int count = 0;
      forRows(w, d, h, [&](int64_t r) { rows[count++] = x + r * n; });
      for (int64_t p = 0; p < w.out[2]; p++, place++) {
        T sum(0);
        for (int r = 0; r < count; r++) {
          for (int k = 0; k < K; k++) sum += rows[r][p * stride + k];
        }
        out[place] = sum * factors.at(place);
      }
    }
  }
}

template <class T>
void meansOfPlane(T* out, const T* x, const Window& w, Factors<T> factors, T* row) {
  const int64_t n = w.size[2], step = w.dilation[2];
  // All windows within the row, of neighbours.
  const bool inside = w.pad[2] == 0 && step == 1 && (w.out[2] - 1) * w.stride[2] + w.kernel[2] <= n;
  if (inside && w.kernel[0] * w.kernel[1] <= kFew) {
    if (w.kernel[2] == 2) return smallMeans<2>(out, x, w, factors);
    if (w.kernel[2] == 3) return smallMeans<3>(out, x, w, factors);
  }
  int64_t place = 0;
  for (int64_t d = 0; d < w.out[0]; d++) {
    for (int64_t h = 0; h < w.out[1]; h++, place += w.out[2]) {
      for (int64_t i = 0; i < n; i++) row[i] = T(0);
      forRows(w, d, h, [&](int64_t r) { addRow(row, x + r * n, n); });
      forPlaces(w, [&](int64_t p, int64_t first, int64_t last) {
        T sum(0);
        for (int64_t i = first; i < last; i += step) sum += row[i];
        out[place + p] = sum * factors.at(place + p);
      });
    }
  }
}

template <class T>
void spreadPlane(T* out, const T* grad, const Window& w, Factors<T> factors, T* row) {
  const int64_t n = w.size[2], step = w.dilation[2], volume = w.volume();
  for (int64_t i = 0; i < volume; i++) out[i] = T(0);
  int64_t place = 0;
  for (int64_t d = 0; d < w.out[0]; d++) {
    for (int64_t h = 0; h < w.out[1]; h++, place += w.out[2]) {
      for (int64_t i = 0; i < n; i++) row[i] = T(0);
      forPlaces(w, [&](int64_t p, int64_t first, int64_t last) {
        const T g = grad[place + p] * factors.at(place + p);
        for (int64_t i = first; i < last; i += step) row[i] += g;
      });
      forRows(w, d, h, [&](int64_t r) { addRow(out + r * n, row, n); });
    }
  }
}

template <class T, class F>
void overPlanes(Call& call, const Window& w, F&& f) {
  const Factors<T> factors = {static_cast<const T*>(call.x[2].data), call.x[2].length == 1 ? 0 : 1};
  // A row for each thread, a line of the cache apart.
  const int64_t row = w.size[2] + 16;
  auto* rows = static_cast<T*>(
      poolScratch(call.pool, kSharedScratch, static_cast<size_t>(row * poolThreads(call.pool)) * sizeof(T)));
  if (!rows) return call.noMemory();
  parallelFor(call.pool, w.planes, kGrain / (w.volume() + w.outVolume() + 1) + 1,
              [&](int64_t begin, int64_t end, int thread) {
                for (int64_t i = begin; i < end; i++) f(i, factors, rows + thread * row);
              });
}

template <class T>
void means(Call& call, const Window& w) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  overPlanes<T>(call, w, [&](int64_t i, Factors<T> factors, T* row) {
    meansOfPlane(out + i * w.outVolume(), x + i * w.volume(), w, factors, row);
  });
}

template <class T>
void spread(Call& call, const Window& w) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* grad = static_cast<const T*>(call.x[1].data);
  overPlanes<T>(call, w, [&](int64_t i, Factors<T> factors, T* row) {
    spreadPlane(out + i * w.volume(), grad + i * w.outVolume(), w, factors, row);
  });
}

bool check(Call& call, Window* w, bool backward) {
  if (!windowOf(call, w)) return false;
  const int64_t in = w->planes * w->volume(), out = w->planes * w->outVolume();
  if (!call.need(0, backward ? in : out) || !call.need(1, backward ? out : in)) return false;
  if (call.x[2].length != 1 && !call.need(2, w->outVolume())) return false;
  for (int i = 0; i < 3; i++) {
    if (call.x[i].dtype != call.x[0].dtype || (call.x[0].dtype != kFloat32 && call.x[0].dtype != kFloat64)) {
      call.badDType(i);
      return false;
    }
  }
  return true;
}

}  // namespace

void kernel_averagePool(Call& call) {
  Window w;
  if (!check(call, &w, false)) return;
  call.x[0].dtype == kFloat32 ? means<float>(call, w) : means<double>(call, w);
}

void kernel_averagePoolBackward(Call& call) {
  Window w;
  if (!check(call, &w, true)) return;
  call.x[0].dtype == kFloat32 ? spread<float>(call, w) : spread<double>(call, w);
}

}  // namespace NG_ISA
}  // namespace ng
