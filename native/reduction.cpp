// Sums. Floats are added in blocks of 4096 elements by many lanes, and the blocks' sums pairwise, so the error grows
// with the logarithm of the count; integers wrap.
#include "arithmetic.h"
#include "kernel.h"
#include "simd.h"

namespace ng {
namespace NG_ISA {
namespace {

constexpr int64_t kBlock = 4096;
constexpr int kLevels = 48;

/** Adds values pairwise as they come: level i holds the sum of 2ⁱ of them. */
template <class T>
struct Cascade {
  T level[kLevels];
  uint64_t count = 0;
  void push(T value) {
    int i = 0;
    for (uint64_t n = count; n & 1; n >>= 1) value = plus(level[i++], value);
    level[i] = value;
    count++;
  }
  T total() const {
    T sum = T(0);
    bool first = true;
    for (int i = 0; i < kLevels; i++) {
      if (!(count >> i & 1)) continue;
      sum = first ? level[i] : plus(level[i], sum);
      first = false;
    }
    return sum;
  }
};

inline float blockSum(const float* x, int64_t n) {
  F32 a(0.0f), b(0.0f), c(0.0f), d(0.0f);
  int64_t i = 0;
  for (; i + 4 * kLanes <= n; i += 4 * kLanes) {
    a = a + load(x + i);
    b = b + load(x + i + kLanes);
    c = c + load(x + i + 2 * kLanes);
    d = d + load(x + i + 3 * kLanes);
  }
  for (; i + kLanes <= n; i += kLanes) a = a + load(x + i);
  if (i < n) b = b + loadPartial(x + i, n - i);
  return reduceAdd((a + b) + (c + d));
}

inline double blockSum(const double* x, int64_t n) {
  F64 a(0.0), b(0.0), c(0.0), d(0.0);
  int64_t i = 0;
  for (; i + 4 * kLanes64 <= n; i += 4 * kLanes64) {
    a = a + load(x + i);
    b = b + load(x + i + kLanes64);
    c = c + load(x + i + 2 * kLanes64);
    d = d + load(x + i + 3 * kLanes64);
  }
  for (; i + kLanes64 <= n; i += kLanes64) a = a + load(x + i);
  if (i < n) b = b + loadPartial(x + i, n - i);
  return reduceAdd((a + b) + (c + d));
}

inline int64_t blockSum(const int64_t* x, int64_t n) {
  uint64_t sum = 0;
  for (int64_t i = 0; i < n; i++) sum += static_cast<uint64_t>(x[i]);
  return static_cast<int64_t>(sum);
}

inline int32_t blockSum(const int32_t* x, int64_t n) {
  uint32_t sum = 0;
  for (int64_t i = 0; i < n; i++) sum += static_cast<uint32_t>(x[i]);
  return static_cast<int32_t>(sum);
}

template <class T>
T rowSum(const T* x, int64_t n) {
  if (n <= kBlock) return blockSum(x, n);
  Cascade<T> cascade;
  for (int64_t i = 0; i < n; i += kBlock) cascade.push(blockSum(x + i, n - i < kBlock ? n - i : kBlock));
  return cascade.total();
}

/** out[j] = Σᵢ x[i · inner + j] for `width` ≤ kColumns columns. */
constexpr int64_t kColumns = 64, kRows = 64;
template <class T>
void columnSums(T* out, const T* x, int64_t n, int64_t inner, int64_t width) {
  T level[kLevels][kColumns];
  uint64_t count = 0;
  for (int64_t begin = 0; begin < n; begin += kRows) {
    const int64_t end = begin + kRows < n ? begin + kRows : n;
    T sum[kColumns];
    const T* row = x + begin * inner;
    for (int64_t j = 0; j < width; j++) sum[j] = row[j];
    for (int64_t i = begin + 1; i < end; i++) {
      row += inner;
      for (int64_t j = 0; j < width; j++) sum[j] = plus(sum[j], row[j]);
    }
    int l = 0;
    for (uint64_t c = count; c & 1; c >>= 1, l++) {
      for (int64_t j = 0; j < width; j++) sum[j] = plus(level[l][j], sum[j]);
    }
    for (int64_t j = 0; j < width; j++) level[l][j] = sum[j];
    count++;
  }
  for (int64_t j = 0; j < width; j++) out[j] = T(0);
  bool first = true;
  for (int l = 0; l < kLevels; l++) {
    if (!(count >> l & 1)) continue;
    for (int64_t j = 0; j < width; j++) out[j] = first ? level[l][j] : plus(level[l][j], out[j]);
    first = false;
  }
}

template <class T>
void sumAs(Call& call, int64_t outer, int64_t n, int64_t inner) {
  T* out = static_cast<T*>(call.x[0].data);
  const T* x = static_cast<const T*>(call.x[1].data);
  if (inner == 1) {
    const int64_t grain = n > 65536 ? 1 : 65536 / (n + 1) + 1;
    parallelFor(call.pool, outer, grain, [&](int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) out[o] = rowSum(x + o * n, n);
    });
    return;
  }
  const int64_t tiles = (inner + kColumns - 1) / kColumns;
  const int64_t work = n * kColumns;
  parallelFor(call.pool, outer * tiles, work > 65536 ? 1 : 65536 / (work + 1) + 1,
              [&](int64_t begin, int64_t end, int) {
                for (int64_t t = begin; t < end; t++) {
                  const int64_t o = t / tiles, j = t % tiles * kColumns;
                  columnSums(out + o * inner + j, x + o * n * inner + j, n, inner,
                             inner - j < kColumns ? inner - j : kColumns);
                }
              });
}

}  // namespace

void kernel_sum(Call& call) {
  const int64_t outer = call.ints[0], n = call.ints[1], inner = call.ints[2];
  if (outer < 0 || n < 0 || inner < 0) return call.badSize(0);
  if (!call.need(0, outer * inner) || (outer * inner > 0 && !call.need(1, outer * n * inner))) return;
  if (call.x[0].dtype != call.x[1].dtype) return call.badDType(1);
  switch (call.x[0].dtype) {
    case kFloat32:
      return sumAs<float>(call, outer, n, inner);
    case kFloat64:
      return sumAs<double>(call, outer, n, inner);
    case kInt64:
      return sumAs<int64_t>(call, outer, n, inner);
    case kInt32:
      return sumAs<int32_t>(call, outer, n, inner);
    default:
      return call.badDType(0);
  }
}

}  // namespace NG_ISA
}  // namespace ng
