// Batch normalization of [batch, channels]: vectors run across the channels, and the rows are read in the order of
// memory. Tiles of rows and columns are summed by themselves, in an order that the sizes alone decide.
#pragma once

#include "batch_norm.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Rows that are summed as T. */
constexpr int64_t kGroup = 16;
/** Columns of a tile, and of the sums that one loop holds. */
constexpr int64_t kTileColumns = 1024, kColumns = 64;

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/** Sums of the columns, two of each: `sum` and `second` of piece p stand in `at(p)` and `at(p) + channels`. */
struct ColumnSums {
  const Sizes& sizes;
  int64_t rows, count;
  double* data;

  /** With `extra` values a column behind the sums. */
  ColumnSums(Call& c, const Sizes& s, int64_t extra) : sizes(s) {
    const int64_t enough = 16384 / least(s.channels + 1, kTileColumns), part = s.batch / 32 + 1;
    rows = ((enough > part ? enough : part) + kGroup - 1) / kGroup * kGroup;
    count = s.batch > 0 ? (s.batch + rows - 1) / rows : 1;
    const size_t values = static_cast<size_t>(2 * count + extra) * static_cast<size_t>(s.channels);
    data = static_cast<double*>(poolScratch(c.pool, kSharedScratch, values * sizeof(double)));
    if (data == nullptr) c.noMemory();
    if (data != nullptr && s.batch == 0) {
      for (int64_t j = 0; j < 2 * s.channels; j++) data[j] = 0;
    }
  }
  double* at(int64_t piece) const { return data + 2 * piece * sizes.channels; }

  /**
   * sum, second = the sums over a piece's rows. tile(sum, second, place, column, width, rows) gives those of a group;
   * add(sum, second, n, otherSum, otherSecond, k) adds those of k rows to those of n.
   */
  template <class T, class Tile, class Add>
  void run(Call& c, Tile&& tile, Add&& add) const {
    const int64_t channels = sizes.channels, blocks = (channels + kTileColumns - 1) / kTileColumns;
    parallelFor(c.pool, count * blocks, 1, [&](int64_t begin, int64_t end, int) {
      for (int64_t task = begin; task < end; task++) {
        const int64_t piece = task / blocks, first = task % blocks * kTileColumns;
        const int64_t top = piece * rows, bottom = least(top + rows, sizes.batch);
        for (int64_t row = top; row < bottom; row += kGroup) {
          const int64_t k = least(kGroup, bottom - row);
          for (int64_t j = first; j < least(first + kTileColumns, channels); j += kColumns) {
            T sums[kColumns], seconds[kColumns];
            const int64_t width = least(kColumns, channels - j);
            tile(sums, seconds, row * channels + j, j, width, k);
            double *sum = at(piece) + j, *second = sum + channels;
            if (row == top) {
              for (int64_t i = 0; i < width; i++) sum[i] = static_cast<double>(sums[i]);
              for (int64_t i = 0; i < width; i++) second[i] = static_cast<double>(seconds[i]);
            } else {
              const double n = static_cast<double>(row - top), others = static_cast<double>(k);
              for (int64_t i = 0; i < width; i++) add(sum + i, second + i, n, sums[i], seconds[i], others);
            }
          }
        }
      }
    });
    double *sum = data, *second = data + channels;
    for (int64_t p = 1; p < count; p++) {
      const double n = static_cast<double>(p * rows), k = static_cast<double>(least(rows, sizes.batch - p * rows));
      for (int64_t i = 0; i < channels; i++) add(sum + i, second + i, n, at(p)[i], at(p)[channels + i], k);
    }
  }
};

/** f(place, column, count) for all elements, row by row. */
template <class T, class F>
void forRows(Call& c, const Sizes& sizes, F&& f) {
  parallelFor(c.pool, sizes.batch, 16384 / (sizes.channels + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t row = begin; row < end; row++) {
      const int64_t base = row * sizes.channels;
      pieces<T>(sizes.channels, [&](int64_t i, int64_t count) { f(base + i, i, count); });
    }
  });
}

/** Means and variances, the variances from the squared distances of groups of rows from their own means. */
template <class T>
bool columnStatistics(Call& c, const Forward<T>& f, const Sizes& sizes) {
  typedef typename Lanes<T>::V V;
  const ColumnSums sums(c, sizes, 0);
  if (sums.data == nullptr) return false;
  const int64_t channels = sizes.channels;
  sums.run<T>(
      c,
      [&](T* sum, T* squares, int64_t base, int64_t, int64_t width, int64_t rows) {
        pieces<T>(width, [&](int64_t i, int64_t count) {
          const T* x = f.x + base + i;
          V total = take(x, count), square(T(0));
          for (int64_t r = 1; r < rows; r++) total = total + take(x + r * channels, count);
          const V mean = total * V(T(1) / static_cast<T>(rows));
          for (int64_t r = 0; r < rows; r++) {
            const V d = take(x + r * channels, count) - mean;
            square = square + d * d;
          }
          put(sum + i, total, count);
          put(squares + i, square, count);
        });
      },
      [](double* sum, double* squares, double n, double otherSum, double otherSquares, double k) {
        const double d = otherSum / k - *sum / n;
        *squares += otherSquares + d * d * (n * k / (n + k));
        *sum += otherSum;
      });
  for (int64_t j = 0; j < channels; j++) {
    f.mean[j] = static_cast<T>(sums.data[j] / f.n);
    f.variance[j] = static_cast<T>(sums.data[channels + j] / f.n);
  }
  return true;
}

template <class T>
void forwardColumns(Call& c, const Forward<T>& f, const Sizes& sizes) {
  typedef typename Lanes<T>::V V;
  if (sizes.training && !columnStatistics(c, f, sizes)) return;
  for (int64_t j = 0; j < sizes.channels; j++) f.setRstd(j);
  forRows<T>(c, sizes, [&](int64_t at, int64_t i, int64_t count) {
    const V normal = (take(f.x + at, count) - take(f.mean + i, count)) * take(f.rstd + i, count);
    const V scaled = f.weight ? normal * take(f.weight + i, count) : normal;
    put(f.out + at, f.bias ? scaled + take(f.bias + i, count) : scaled, count);
  });
}

template <class T>
void backwardColumns(Call& c, const Backward<T>& f, const Sizes& sizes) {
  typedef typename Lanes<T>::V V;
  const ColumnSums sums(c, sizes, 3);
  if (sums.data == nullptr) return;
  const int64_t channels = sizes.channels;
  sums.run<T>(
      c,
      [&](T* sum, T* products, int64_t base, int64_t column, int64_t width, int64_t rows) {
        pieces<T>(width, [&](int64_t i, int64_t count) {
          const V mean = take(f.mean + column + i, count), rstd = take(f.rstd + column + i, count);
          V total(T(0)), product(T(0));
          for (int64_t r = 0; r < rows; r++) {
            const int64_t at = base + r * channels + i;
            const V g = take(f.grad + at, count);
            total = total + g;
            product = product + g * ((take(f.x + at, count) - mean) * rstd);
          }
          put(sum + i, total, count);
          put(products + i, product, count);
        });
      },
      [](double* sum, double* product, double, double otherSum, double otherProduct, double) {
        *sum += otherSum;
        *product += otherProduct;
      });
  T* scale = reinterpret_cast<T*>(sums.at(sums.count));
  T *a = scale + channels, *b = a + channels;
  for (int64_t j = 0; j < channels; j++) {
    const double sum = sums.data[j], product = sums.data[channels + j];
    f.biasGrad[j] = static_cast<T>(sum);
    f.weightGrad[j] = static_cast<T>(product);
    scale[j] = f.scaleOf(j);
    a[j] = static_cast<T>(sizes.training ? sum / f.n : 0);
    b[j] = static_cast<T>(sizes.training ? product / f.n : 0);
  }
  forRows<T>(c, sizes, [&](int64_t at, int64_t i, int64_t count) {
    const V normal = (take(f.x + at, count) - take(f.mean + i, count)) * take(f.rstd + i, count);
    const V g = take(f.grad + at, count) - take(a + i, count) - normal * take(b + i, count);
    put(f.out + at, take(scale + i, count) * g, count);
  });
}

}  // namespace
}  // namespace NG_ISA
}  // namespace ng
