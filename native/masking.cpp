// Masks: counting and finding what is not 0, selecting and writing where a mask is true, triangles.
#include <string.h>

#include "elementwise.h"
#include "fold.h"
#include "indexing.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {

namespace {

/** Whether an element is not 0, by its bits: -0 is 0, NaN is not. */
template <class T>
inline bool truthy(T x) {
  return x != T(0);
}
inline bool truthy(Float16 x) { return (x.bits & 0x7fff) != 0; }
inline bool truthy(Complex64 x) { return x.re != 0 || x.im != 0; }

struct Count {
  typedef int64_t Carry;
  Carry start() const { return 0; }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return acc + truthy(x);
  }
  Carry join(Carry a, Carry b) const { return a + b; }
  Carry result(Carry acc) const { return acc; }
};

/** Elements whose places are found at a time, and by one thread. */
constexpr int64_t kFound = 1024, kSearched = 16384;

/** Writes where of the elements [begin, end) those that are not 0 stand, at most `room` of them. */
template <class T>
void writePlaces(int64_t* out, int64_t room, const T* x, int64_t begin, int64_t end, const int64_t* shape, int rank) {
  const int inner = rank - 1;
  int64_t at[kMaxDims], rest = begin;
  for (int d = inner; d >= 0; d--) {
    at[d] = rest % shape[d];
    rest /= shape[d];
  }
  int64_t row = begin - at[inner];  // the element that begins the row of `at`
  for (; begin < end && room > 0; begin += kFound) {
    const int64_t n = end - begin < kFound ? end - begin : kFound;
    int32_t places[kFound];
    int64_t found = 0;
    for (int64_t i = 0; i < n; i++) {
      places[found] = static_cast<int32_t>(i);
      found += truthy(x[begin + i]);
    }
    if (found > room) found = room;
    room -= found;
    for (int64_t i = 0; i < found; i++, out += rank) {
      const int64_t place = begin + places[i];
      while (place - row >= shape[inner]) {
        row += shape[inner];
        for (int d = inner - 1; d >= 0 && ++at[d] == shape[d]; d--) at[d] = 0;
      }
      for (int d = 0; d < inner; d++) out[d] = at[d];
      out[inner] = place - row;
    }
  }
}

template <class T>
void nonzeroAs(Call& call, int64_t n, int64_t count, int rank) {
  int64_t* out = static_cast<int64_t*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const int64_t* shape = static_cast<const int64_t*>(call.x[2].data);
  const int64_t pieces = (n + kSearched - 1) / kSearched;
  int64_t* firsts =
      static_cast<int64_t*>(poolScratch(call.pool, kSharedScratch, static_cast<size_t>(pieces + 1) * sizeof(int64_t)));
  if (!firsts) return call.noMemory();
  const auto endOf = [n](int64_t piece) { return (piece + 1) * kSearched < n ? (piece + 1) * kSearched : n; };
  parallelFor(call.pool, pieces, 4, [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; p++) {
      firsts[p + 1] = foldRow(x + p * kSearched, endOf(p) - p * kSearched, Count());
    }
  });
  firsts[0] = 0;
  for (int64_t p = 0; p < pieces; p++) {
    const int64_t next = firsts[p] + firsts[p + 1];
    firsts[p + 1] = next < count ? next : count;
  }
  parallelFor(call.pool, pieces, 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t p = begin; p < end; p++) {
      writePlaces(out + firsts[p] * rank, firsts[p + 1] - firsts[p], x, p * kSearched, endOf(p), shape, rank);
    }
  });
}

#define NG_TRUTHY_TYPES(dtype, T, ...)       \
  switch (dtype) {                           \
    case kBool: {                            \
      typedef uint8_t T;                     \
      __VA_ARGS__;                           \
    }                                        \
    case kComplex64: {                       \
      typedef Complex64 T;                   \
      __VA_ARGS__;                           \
    }                                        \
    case kFloat16:                           \
    case kBfloat16: {                        \
      typedef Float16 T;                     \
      __VA_ARGS__;                           \
    }                                        \
    default:                                 \
      NG_NUMBER_TYPES(dtype, T, __VA_ARGS__) \
  }

}  // namespace

void kernel_countNonzero(Call& call) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) return call.badSize(0);
  if (call.x[0].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, outer * inner) || (outer * inner > 0 && !call.need(1, outer * n * inner))) return;
  NG_TRUTHY_TYPES(call.x[1].dtype, T, return (foldAll<Count, T, int64_t>(call, Count())))
}

void kernel_nonzero(Call& call) {
  const int64_t n = call.ints[0], count = call.ints[1], rank = call.ints[2];
  if (n < 0 || count < 0 || rank < 0 || rank > kMaxDims) return call.badSize(0);
  if (call.x[0].dtype != kInt64 || call.x[2].dtype != kInt64) return call.badDType(0);
  if (!call.need(0, count * rank) || !call.need(1, n) || !call.need(2, rank)) return;
  if (rank == 0 || n == 0) return;
  const int64_t* shape = static_cast<const int64_t*>(call.x[2].data);
  int64_t left = n;
  for (int64_t d = 0; d < rank; d++) {
    if (shape[d] < 1 || left % shape[d] != 0) return call.badSize(0);
    left /= shape[d];
  }
  if (left != 1) return call.badSize(0);
  NG_TRUTHY_TYPES(call.x[1].dtype, T, return nonzeroAs<T>(call, n, count, static_cast<int>(rank)))
}

namespace {

template <class T>
void selectAs(Call& call, int64_t n, int64_t count) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  const uint8_t* mask = static_cast<const uint8_t*>(call.x[2].data);
  int64_t found = 0;
  for (int64_t i = 0; i < n && found < count; i++) {
    out[found] = x[i];
    found += mask[i] != 0;
  }
}

template <class T>
void maskedScatterAs(Call& call, int64_t n, int64_t count) {
  T* x = static_cast<T*>(call.x[0].data);
  const uint8_t* mask = static_cast<const uint8_t*>(call.x[1].data);
  const T* src = static_cast<const T*>(call.x[2].data);
  int64_t used = 0;
  for (int64_t i = 0; i < n && used < count; i++) {
    if (mask[i]) x[i] = src[used++];
  }
}

/** Keeps the elements of each row with first ≤ column < last, of which the rows' ends move by one a row. */
template <class T>
void triangleAs(Call& call, int64_t batch, int64_t rows, int64_t columns, int64_t diagonal, bool upper) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  parallelFor(call.pool, batch * rows, kLight / (columns + 1) + 1, [&](int64_t begin, int64_t end, int) {
    for (int64_t r = begin; r < end; r++) {
      const int64_t edge = r % rows + diagonal + (upper ? 0 : 1);
      const int64_t cut = edge < 0 ? 0 : edge > columns ? columns : edge;
      T* to = out + r * columns;
      const T* from = x + r * columns;
      const int64_t first = upper ? cut : 0, last = upper ? columns : cut;
      if (to != from && last > first) memcpy(to + first, from + first, static_cast<size_t>(last - first) * sizeof(T));
      if (first > 0) memset(static_cast<void*>(to), 0, static_cast<size_t>(first) * sizeof(T));
      if (last < columns) memset(static_cast<void*>(to + last), 0, static_cast<size_t>(columns - last) * sizeof(T));
    }
  });
}

void triangle(Call& call, bool upper) {
  const int64_t batch = call.ints[0], rows = call.ints[1], columns = call.ints[2], diagonal = call.ints[3];
  if (batch < 0 || rows < 0 || columns < 0) return call.badSize(0);
  if (call.x[0].dtype != call.x[1].dtype) return call.badDType(1);
  const int64_t n = batch * rows * columns;
  if (!call.need(0, n) || !call.need(1, n) || n == 0) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return triangleAs<T>(call, batch, rows, columns, diagonal, upper))
}

bool checkMask(Call& call, int mask) {
  if (call.x[mask].dtype == kBool || call.x[mask].dtype == kUint8) return true;
  call.badDType(mask);
  return false;
}

}  // namespace

void kernel_maskedSelect(Call& call) {
  const int64_t n = call.ints[0], count = call.ints[1];
  if (n < 0 || count < 0) return call.badSize(0);
  if (call.x[0].dtype != call.x[1].dtype) return call.badDType(1);
  if (!checkMask(call, 2) || !call.need(0, count) || !call.need(1, n) || !call.need(2, n)) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return selectAs<T>(call, n, count))
}

void kernel_maskedScatter(Call& call) {
  const int64_t n = call.ints[0], count = call.ints[1];
  if (n < 0 || count < 0) return call.badSize(0);
  if (call.x[0].dtype != call.x[2].dtype) return call.badDType(2);
  if (!checkMask(call, 1) || !call.need(0, n) || !call.need(1, n) || !call.need(2, count)) return;
  NG_SIZE_TYPES(call.x[0].dtype, T, return maskedScatterAs<T>(call, n, count))
}

void kernel_tril(Call& call) { triangle(call, false); }
void kernel_triu(Call& call) { triangle(call, true); }

}  // namespace NG_ISA
}  // namespace ng
