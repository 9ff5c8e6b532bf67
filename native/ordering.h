// Keys that order elements of any dtype as unsigned integers: NaN above everything, -0 equal to 0.
#pragma once

#include <string.h>

#include "dtype.h"
#include "kernel.h"

namespace ng {
namespace NG_ISA {

inline uint32_t sortKey(float x) {
  uint32_t bits;
  memcpy(&bits, &x, 4);
  if (x != x) return UINT32_MAX;
  if (x == 0) bits = 0;
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
inline uint64_t sortKey(double x) {
  uint64_t bits;
  memcpy(&bits, &x, 8);
  if (x != x) return UINT64_MAX;
  if (x == 0) bits = 0;
  return bits >> 63 ? ~bits : bits | 0x8000000000000000u;
}
inline uint64_t sortKey(int64_t x) { return static_cast<uint64_t>(x) ^ 0x8000000000000000u; }
inline uint32_t sortKey(int32_t x) { return static_cast<uint32_t>(x) ^ 0x80000000u; }
inline uint32_t sortKey(int16_t x) { return sortKey(static_cast<int32_t>(x)); }
inline uint32_t sortKey(int8_t x) { return sortKey(static_cast<int32_t>(x)); }
inline uint32_t sortKey(uint8_t x) { return x; }
/** float16 and bfloat16, whose infinity has these bits. */
inline uint32_t sortKey16(uint16_t bits, uint16_t infinity) {
  if ((bits & 0x7fff) > infinity) return UINT32_MAX;
  if ((bits & 0x7fff) == 0) return 0x8000u;
  return bits >> 15 ? static_cast<uint16_t>(~bits) : bits | 0x8000u;
}
inline uint32_t sortKey(Float16 x) { return sortKey16(x.bits, 0x7c00); }
inline uint32_t sortKey(Bfloat16 x) { return sortKey16(x.bits, 0x7f80); }

/** The key of a NaN, which no number has. */
template <class K>
constexpr K kNanKey = static_cast<K>(-1);

/** Elements that a row's work space has: keys and indices, twice. */
template <class K>
struct Work {
  K* keys;
  K* otherKeys;
  int32_t* indices;
  int32_t* otherIndices;
  static constexpr int64_t kBytes = 2 * (sizeof(K) + sizeof(int32_t));
  Work(char* memory, int64_t n)
      : keys(reinterpret_cast<K*>(memory)),
        otherKeys(keys + n),
        indices(reinterpret_cast<int32_t*>(otherKeys + n)),
        otherIndices(indices + n) {}
};

/** So many keys are sorted by insertion. */
constexpr int64_t kFewKeys = 40;

/** Sorts work.keys and work.indices (n of them) by key, stably; the result is in work.keys and work.indices again. */
template <class K>
void sortKeys(Work<K>& work, int64_t n) {
  K* keys = work.keys;
  int32_t* indices = work.indices;
  if (n <= kFewKeys) {
    for (int64_t i = 1; i < n; i++) {
      const K key = keys[i];
      const int32_t index = indices[i];
      int64_t j = i;
      for (; j > 0 && keys[j - 1] > key; j--) {
        keys[j] = keys[j - 1];
        indices[j] = indices[j - 1];
      }
      keys[j] = key;
      indices[j] = index;
    }
    return;
  }
  // Radix sort, a byte at a time from the lowest; bytes that all keys share are skipped.
  constexpr int kDigits = sizeof(K);
  uint32_t counts[kDigits][256];
  memset(counts, 0, sizeof counts);
  for (int64_t i = 0; i < n; i++) {
    for (int d = 0; d < kDigits; d++) counts[d][keys[i] >> (8 * d) & 0xff]++;
  }
  K* other = work.otherKeys;
  int32_t* otherIndices = work.otherIndices;
  for (int d = 0; d < kDigits; d++) {
    if (counts[d][keys[0] >> (8 * d) & 0xff] == n) continue;
    uint32_t start = 0;
    for (int b = 0; b < 256; b++) {
      const uint32_t count = counts[d][b];
      counts[d][b] = start;
      start += count;
    }
    for (int64_t i = 0; i < n; i++) {
      const uint32_t to = counts[d][keys[i] >> (8 * d) & 0xff]++;
      other[to] = keys[i];
      otherIndices[to] = indices[i];
    }
    K* k = keys;
    keys = other;
    other = k;
    int32_t* x = indices;
    indices = otherIndices;
    otherIndices = x;
  }
  work.keys = keys;
  work.otherKeys = other;
  work.indices = indices;
  work.otherIndices = otherIndices;
}

/** The key that stands at place k (from 0) in order, and how many equal ones stand before it there. */
template <class K>
K selectKey(const K* keys, int64_t n, int64_t k, int64_t* before) {
  K prefix = 0, mask = 0;
  for (int d = static_cast<int>(sizeof(K)) - 1; d >= 0; d--) {
    uint32_t counts[256] = {0};
    for (int64_t i = 0; i < n; i++) {
      if ((keys[i] & mask) == prefix) counts[keys[i] >> (8 * d) & 0xff]++;
    }
    int b = 0;
    while (k >= counts[b]) k -= counts[b++];
    prefix |= static_cast<K>(b) << (8 * d);
    mask |= static_cast<K>(0xff) << (8 * d);
  }
  *before = k;
  return prefix;
}

/** The index of the element that is k-th (from 0) in stable order. */
template <class K>
int64_t selectIndex(const K* keys, int64_t n, int64_t k) {
  int64_t before;
  const K key = selectKey(keys, n, k, &before);
  int64_t i = 0;
  while (keys[i] != key || before-- > 0) i++;
  return i;
}

}  // namespace NG_ISA
}  // namespace ng
