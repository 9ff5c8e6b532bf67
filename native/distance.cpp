// Distances of all rows of one matrix from all of another, and the way back.
#include "normalization.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Rows that are done together, so that what is read of the other matrix serves all; terms that are summed as such. */
constexpr int64_t kRows = 4, kTerms = 128;

struct Sizes {
  int64_t batch, rows, columns, width;
  /** Blocks of rows below which one thread does the work. */
  int64_t grain() const { return 16384 / (kRows * (columns * width + 1)) + 1; }
};

inline int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

/** f(batch, first row, rows) for blocks of rows, of which the last may be shorter. */
template <class F>
void forBlocks(Call& c, const Sizes& s, F&& f) {
  const int64_t blocks = (s.rows + kRows - 1) / kRows;
  parallelFor(c.pool, s.batch * blocks, s.grain(), [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const int64_t first = i % blocks * kRows;
      f(i / blocks, first, least(kRows, s.rows - first));
    }
  });
}

/** Each column of y [width, columns] is a point, so that vectors run across points. */
template <class T>
void distances(T* out, const T* x, const T* y, const Sizes& s, int64_t rows) {
  typedef typename Lanes<T>::V V;
  const T* row[kRows];
  for (int64_t r = 0; r < kRows; r++) row[r] = x + least(r, rows - 1) * s.width;
  pieces<T>(s.columns, [&](int64_t j, int64_t count) {
    V sum[kRows] = {V(T(0)), V(T(0)), V(T(0)), V(T(0))};
    for (int64_t k = 0; k < s.width; k++) {
      const V point = take(y + k * s.columns + j, count);
      for (int64_t r = 0; r < kRows; r++) {
        const V d = V(row[r][k]) - point;
        sum[r] = fma(d, d, sum[r]);
      }
    }
    for (int64_t r = 0; r < rows; r++) put(out + r * s.columns + j, sqrt(sum[r]), count);
  });
}

template <class T>
void forward(Call& c, const Sizes& s) {
  T* out = static_cast<T*>(c.x[0].data);
  const T *x = static_cast<const T*>(c.x[1].data), *y = static_cast<const T*>(c.x[2].data);
  const int64_t points = s.columns * s.width;
  T* turned =
      static_cast<T*>(poolScratch(c.pool, kSharedScratch, static_cast<size_t>(s.batch * points + 1) * sizeof(T)));
  if (turned == nullptr) return c.noMemory();
  parallelFor(c.pool, s.batch * s.width, 4096 / (s.columns + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      const T* from = y + i / s.width * points + i % s.width;
      for (int64_t j = 0; j < s.columns; j++) turned[i * s.columns + j] = from[j * s.width];
    }
  });
  forBlocks(c, s, [&](int64_t b, int64_t first, int64_t rows) {
    const int64_t row = b * s.rows + first;
    distances(out + row * s.columns, x + row * s.width, turned + b * points, s, rows);
  });
}

/** out[r] = Σ factor[r, j] (x[r] − y[j]) over j. */
template <class T>
void pulls(T* out, const T* factor, const T* x, const T* y, const Sizes& s, int64_t rows) {
  typedef typename Lanes<T>::V V;
  pieces<T>(s.width, [&](int64_t k, int64_t count) {
    V own[kRows], total[kRows];
    for (int64_t r = 0; r < kRows; r++) {
      own[r] = take(x + least(r, rows - 1) * s.width + k, count);
      total[r] = V(T(0));
    }
    for (int64_t j = 0; j < s.columns; j += kTerms) {
      V sum[kRows] = {V(T(0)), V(T(0)), V(T(0)), V(T(0))};
      for (int64_t i = j; i < least(j + kTerms, s.columns); i++) {
        const V point = take(y + i * s.width + k, count);
        for (int64_t r = 0; r < kRows; r++) {
          sum[r] = fma(V(factor[least(r, rows - 1) * s.columns + i]), own[r] - point, sum[r]);
        }
      }
      for (int64_t r = 0; r < kRows; r++) total[r] = total[r] + sum[r];
    }
    for (int64_t r = 0; r < rows; r++) put(out + r * s.width + k, total[r], count);
  });
}

template <class T>
void backward(Call& c, const Sizes& s) {
  T* out = static_cast<T*>(c.x[0].data);
  const T *factor = static_cast<const T*>(c.x[1].data), *x = static_cast<const T*>(c.x[2].data);
  const T* y = static_cast<const T*>(c.x[3].data);
  forBlocks(c, s, [&](int64_t b, int64_t first, int64_t rows) {
    const int64_t row = b * s.rows + first;
    pulls(out + row * s.width, factor + row * s.columns, x + row * s.width, y + b * s.columns * s.width, s, rows);
  });
}

/** Reads the sizes; operands are of `rows · columns`, `rows · width` or `columns · width` elements a batch. */
bool check(Call& c, Sizes* s, int operands, const char* kinds) {
  *s = {c.ints[0], c.ints[1], c.ints[2], c.ints[3]};
  for (int i = 0; i < 4; i++) {
    if (c.ints[i] < 0) {
      c.badSize(i);
      return false;
    }
  }
  if (!floats(c, operands)) return false;
  for (int i = 0; i < operands; i++) {
    const int64_t a = kinds[i] == 'y' ? s->columns : s->rows, b = kinds[i] == 'd' ? s->columns : s->width;
    if (a > 0 && b > 0 && s->batch > (int64_t{1} << 53) / a / b) {
      c.badSize(0);
      return false;
    }
    if (!c.need(i, s->batch * a * b)) return false;
  }
  return true;
}

}  // namespace

void kernel_distances(Call& c) {
  Sizes s;
  if (!check(c, &s, 3, "dxy")) return;
  c.x[0].dtype == kFloat32 ? forward<float>(c, s) : forward<double>(c, s);
}

void kernel_distancesBackward(Call& c) {
  Sizes s;
  if (!check(c, &s, 4, "xdxy")) return;
  c.x[0].dtype == kFloat32 ? backward<float>(c, s) : backward<double>(c, s);
}

}  // namespace NG_ISA
}  // namespace ng
