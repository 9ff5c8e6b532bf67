// simd.h for AVX2 with FMA.
#pragma once

#include <immintrin.h>

namespace ng {
namespace NG_ISA {

constexpr int kLanes = 8;

struct M32 {
  __m256 v;
};
struct I32 {
  __m256i v;
  I32() = default;
  I32(__m256i value) : v(value) {}
  I32(int32_t value) : v(_mm256_set1_epi32(value)) {}
};
struct F32 {
  __m256 v;
  F32() = default;
  F32(__m256 value) : v(value) {}
  F32(float value) : v(_mm256_set1_ps(value)) {}
};

inline __m256i firstLanes(int64_t n) {
  const int32_t count = n >= 8 ? 8 : static_cast<int32_t>(n);
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

inline F32 load(const float* p) { return _mm256_loadu_ps(p); }
inline F32 loadPartial(const float* p, int64_t n) { return _mm256_maskload_ps(p, firstLanes(n)); }
inline void store(float* p, F32 x) { _mm256_storeu_ps(p, x.v); }
/** Past the caches; p is aligned to a vector. streamFence() makes it visible to other threads. */
inline void stream(float* p, F32 x) { _mm256_stream_ps(p, x.v); }
inline void streamFence() { _mm_sfence(); }
/** By halves: AMD's masked stores take tens of cycles. */
inline void storePartial(float* p, F32 x, int64_t n) {
  if (n >= 8) return store(p, x);
  __m128 rest = _mm256_castps256_ps128(x.v);
  if (n & 4) {
    _mm_storeu_ps(p, rest);
    rest = _mm256_extractf128_ps(x.v, 1);
    p += 4;
  }
  if (n & 2) {
    _mm_storel_pi(reinterpret_cast<__m64*>(p), rest);
    rest = _mm_movehl_ps(rest, rest);
    p += 2;
  }
  if (n & 1) _mm_store_ss(p, rest);
}
inline I32 load(const int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline void store(int32_t* p, I32 x) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), x.v); }

inline F32 operator+(F32 x, F32 y) { return _mm256_add_ps(x.v, y.v); }
inline F32 operator-(F32 x, F32 y) { return _mm256_sub_ps(x.v, y.v); }
inline F32 operator*(F32 x, F32 y) { return _mm256_mul_ps(x.v, y.v); }
inline F32 operator/(F32 x, F32 y) { return _mm256_div_ps(x.v, y.v); }
/** x · y + z, rounded once where the instruction set can. */
inline F32 fma(F32 x, F32 y, F32 z) { return _mm256_fmadd_ps(x.v, y.v, z.v); }
/** z − x · y. */
inline F32 fnma(F32 x, F32 y, F32 z) { return _mm256_fnmadd_ps(x.v, y.v, z.v); }
inline F32 min(F32 x, F32 y) { return _mm256_min_ps(x.v, y.v); }
inline F32 max(F32 x, F32 y) { return _mm256_max_ps(x.v, y.v); }
inline F32 sqrt(F32 x) { return _mm256_sqrt_ps(x.v); }
inline F32 floor(F32 x) { return _mm256_round_ps(x.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
inline F32 ceil(F32 x) { return _mm256_round_ps(x.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC); }
inline F32 trunc(F32 x) { return _mm256_round_ps(x.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }
inline F32 roundEven(F32 x) { return _mm256_round_ps(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

inline M32 operator<(F32 x, F32 y) { return {_mm256_cmp_ps(x.v, y.v, _CMP_LT_OQ)}; }
inline M32 operator<=(F32 x, F32 y) { return {_mm256_cmp_ps(x.v, y.v, _CMP_LE_OQ)}; }
inline M32 operator>(F32 x, F32 y) { return {_mm256_cmp_ps(x.v, y.v, _CMP_GT_OQ)}; }
inline M32 operator>=(F32 x, F32 y) { return {_mm256_cmp_ps(x.v, y.v, _CMP_GE_OQ)}; }
inline M32 operator==(F32 x, F32 y) { return {_mm256_cmp_ps(x.v, y.v, _CMP_EQ_OQ)}; }
inline M32 operator!=(F32 x, F32 y) { return {_mm256_cmp_ps(x.v, y.v, _CMP_NEQ_UQ)}; }
/** Where one of the two is NaN. */
inline M32 unordered(F32 x, F32 y) { return {_mm256_cmp_ps(x.v, y.v, _CMP_UNORD_Q)}; }
inline M32 operator&(M32 x, M32 y) { return {_mm256_and_ps(x.v, y.v)}; }
inline M32 operator|(M32 x, M32 y) { return {_mm256_or_ps(x.v, y.v)}; }
inline M32 operator^(M32 x, M32 y) { return {_mm256_xor_ps(x.v, y.v)}; }
inline M32 operator!(M32 x) { return {_mm256_xor_ps(x.v, _mm256_castsi256_ps(_mm256_set1_epi32(-1)))}; }
inline bool any(M32 x) { return _mm256_movemask_ps(x.v) != 0; }
/** x where the mask is set, else y. */
inline F32 select(M32 mask, F32 x, F32 y) { return _mm256_blendv_ps(y.v, x.v, mask.v); }
inline I32 select(M32 mask, I32 x, I32 y) { return _mm256_blendv_epi8(y.v, x.v, _mm256_castps_si256(mask.v)); }

inline I32 bits(F32 x) { return _mm256_castps_si256(x.v); }
inline F32 fromBits(I32 x) { return _mm256_castsi256_ps(x.v); }
/** To the nearest integer; out of range gives INT32_MIN. */
inline I32 toInt(F32 x) { return _mm256_cvtps_epi32(x.v); }
inline F32 toFloat(I32 x) { return _mm256_cvtepi32_ps(x.v); }
inline I32 operator+(I32 x, I32 y) { return _mm256_add_epi32(x.v, y.v); }
inline I32 operator-(I32 x, I32 y) { return _mm256_sub_epi32(x.v, y.v); }
inline I32 operator&(I32 x, I32 y) { return _mm256_and_si256(x.v, y.v); }
inline I32 operator|(I32 x, I32 y) { return _mm256_or_si256(x.v, y.v); }
inline I32 operator^(I32 x, I32 y) { return _mm256_xor_si256(x.v, y.v); }
template <int N>
inline I32 shiftLeft(I32 x) {
  return _mm256_slli_epi32(x.v, N);
}
template <int N>
inline I32 shiftRight(I32 x) {
  return _mm256_srai_epi32(x.v, N);
}
inline M32 operator==(I32 x, I32 y) { return {_mm256_castsi256_ps(_mm256_cmpeq_epi32(x.v, y.v))}; }
inline M32 operator>(I32 x, I32 y) { return {_mm256_castsi256_ps(_mm256_cmpgt_epi32(x.v, y.v))}; }

inline float reduceAdd(F32 x) {
  __m128 sum = _mm_add_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
  sum = _mm_add_ps(sum, _mm_movehl_ps(sum, sum));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_shuffle_ps(sum, sum, 1)));
}
/** The largest lane; NaN where a lane is NaN is not promised. */
inline float reduceMax(F32 x) {
  __m128 most = _mm_max_ps(_mm256_castps256_ps128(x.v), _mm256_extractf128_ps(x.v, 1));
  most = _mm_max_ps(most, _mm_movehl_ps(most, most));
  return _mm_cvtss_f32(_mm_max_ss(most, _mm_shuffle_ps(most, most, 1)));
}

/** Vectors of float64, half as many lanes. */
constexpr int kLanes64 = 4;
struct F64 {
  __m256d v;
  F64() = default;
  F64(__m256d value) : v(value) {}
  F64(double value) : v(_mm256_set1_pd(value)) {}
};
inline __m256i firstLanes64(int64_t n) {
  return _mm256_cmpgt_epi64(_mm256_set1_epi64x(n), _mm256_setr_epi64x(0, 1, 2, 3));
}
inline F64 load(const double* p) { return _mm256_loadu_pd(p); }
inline F64 loadPartial(const double* p, int64_t n) { return _mm256_maskload_pd(p, firstLanes64(n)); }
inline void store(double* p, F64 x) { _mm256_storeu_pd(p, x.v); }
inline void storePartial(double* p, F64 x, int64_t n) { _mm256_maskstore_pd(p, firstLanes64(n), x.v); }
inline F64 operator+(F64 x, F64 y) { return _mm256_add_pd(x.v, y.v); }
inline F64 operator-(F64 x, F64 y) { return _mm256_sub_pd(x.v, y.v); }
inline F64 operator*(F64 x, F64 y) { return _mm256_mul_pd(x.v, y.v); }
inline F64 operator/(F64 x, F64 y) { return _mm256_div_pd(x.v, y.v); }
inline F64 fma(F64 x, F64 y, F64 z) { return _mm256_fmadd_pd(x.v, y.v, z.v); }
struct M64 {
  __m256d v;
};
struct I64 {
  __m256i v;
  I64() = default;
  I64(__m256i value) : v(value) {}
  I64(int64_t value) : v(_mm256_set1_epi64x(value)) {}
};
inline F64 sqrt(F64 x) { return _mm256_sqrt_pd(x.v); }
inline F64 min(F64 x, F64 y) { return _mm256_min_pd(x.v, y.v); }
inline F64 max(F64 x, F64 y) { return _mm256_max_pd(x.v, y.v); }
inline M64 operator<(F64 x, F64 y) { return {_mm256_cmp_pd(x.v, y.v, _CMP_LT_OQ)}; }
inline M64 operator>(F64 x, F64 y) { return {_mm256_cmp_pd(x.v, y.v, _CMP_GT_OQ)}; }
inline M64 operator>=(F64 x, F64 y) { return {_mm256_cmp_pd(x.v, y.v, _CMP_GE_OQ)}; }
inline M64 operator==(F64 x, F64 y) { return {_mm256_cmp_pd(x.v, y.v, _CMP_EQ_OQ)}; }
inline M64 operator!=(F64 x, F64 y) { return {_mm256_cmp_pd(x.v, y.v, _CMP_NEQ_UQ)}; }
inline M64 operator&(M64 x, M64 y) { return {_mm256_and_pd(x.v, y.v)}; }
inline M64 operator|(M64 x, M64 y) { return {_mm256_or_pd(x.v, y.v)}; }
inline M64 operator!(M64 x) { return {_mm256_xor_pd(x.v, _mm256_castsi256_pd(_mm256_set1_epi32(-1)))}; }
inline M64 operator==(M64 x, M64 y) { return !M64{_mm256_xor_pd(x.v, y.v)}; }
inline bool any(M64 x) { return _mm256_movemask_pd(x.v) != 0; }
inline F64 select(M64 mask, F64 x, F64 y) { return _mm256_blendv_pd(y.v, x.v, mask.v); }
inline I64 bits(F64 x) { return _mm256_castpd_si256(x.v); }
inline F64 fromBits(I64 x) { return _mm256_castsi256_pd(x.v); }
inline I64 operator+(I64 x, I64 y) { return _mm256_add_epi64(x.v, y.v); }
inline I64 operator-(I64 x, I64 y) { return _mm256_sub_epi64(x.v, y.v); }
inline I64 operator&(I64 x, I64 y) { return _mm256_and_si256(x.v, y.v); }
inline I64 operator|(I64 x, I64 y) { return _mm256_or_si256(x.v, y.v); }
inline I64 operator^(I64 x, I64 y) { return _mm256_xor_si256(x.v, y.v); }
template <int N>
inline I64 shiftLeft(I64 x) {
  return _mm256_slli_epi64(x.v, N);
}
/** Zeros come in. */
template <int N>
inline I64 shiftRight(I64 x) {
  return _mm256_srli_epi64(x.v, N);
}
inline void widen(F32 x, F64& low, F64& high) {
  low = _mm256_cvtps_pd(_mm256_castps256_ps128(x.v));
  high = _mm256_cvtps_pd(_mm256_extractf128_ps(x.v, 1));
}
inline F32 narrow(F64 low, F64 high) {
  return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low.v)), _mm256_cvtpd_ps(high.v), 1);
}
inline double reduceAdd(F64 x) {
  __m128d sum = _mm_add_pd(_mm256_castpd256_pd128(x.v), _mm256_extractf128_pd(x.v, 1));
  return _mm_cvtsd_f64(_mm_add_sd(sum, _mm_unpackhi_pd(sum, sum)));
}

/** Which lanes of a vector are there: the first n. */
struct Lanes {
  __m256i v;
};
struct Lanes64 {
  __m256i v;
};
constexpr bool kCheapMasks = true;
inline Lanes lanesOf(const float*, int64_t n) { return {firstLanes(n)}; }
inline Lanes64 lanesOf(const double*, int64_t n) { return {firstLanes64(n)}; }
inline F32 load(const float* p, Lanes lanes) { return _mm256_maskload_ps(p, lanes.v); }
inline void store(float* p, F32 x, Lanes lanes) { _mm256_maskstore_ps(p, lanes.v, x.v); }
inline F64 load(const double* p, Lanes64 lanes) { return _mm256_maskload_pd(p, lanes.v); }
inline void store(double* p, F64 x, Lanes64 lanes) { _mm256_maskstore_pd(p, lanes.v, x.v); }

/** The sums of four vectors. */
inline void reduceAdd4(float* out, F32 a, F32 b, F32 c, F32 d) {
  const __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(a.v, b.v), _mm256_hadd_ps(c.v, d.v));
  _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1)));
}
inline void reduceAdd4(double* out, F64 a, F64 b, F64 c, F64 d) {
  const __m256d ab = _mm256_hadd_pd(a.v, b.v), cd = _mm256_hadd_pd(c.v, d.v);
  _mm_storeu_pd(out, _mm_add_pd(_mm256_castpd256_pd128(ab), _mm256_extractf128_pd(ab, 1)));
  _mm_storeu_pd(out + 2, _mm_add_pd(_mm256_castpd256_pd128(cd), _mm256_extractf128_pd(cd, 1)));
}

/** The elements at even places of x and y, one after the other. */
inline F32 evens(F32 x, F32 y) {
  const __m256d pairs = _mm256_castps_pd(_mm256_shuffle_ps(x.v, y.v, _MM_SHUFFLE(2, 0, 2, 0)));
  return _mm256_castpd_ps(_mm256_permute4x64_pd(pairs, _MM_SHUFFLE(3, 1, 2, 0)));
}
/** To int64, all lanes. */
inline void storeWide(int64_t* p, I32 x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_cvtepi32_epi64(_mm256_castsi256_si128(x.v)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p + 4), _mm256_cvtepi32_epi64(_mm256_extracti128_si256(x.v, 1)));
}

/** Transposes a square of kLanes vectors. */
inline void transpose(F32 (&r)[8]) {
  __m256 t[8];
  for (int i = 0; i < 8; i += 4) {
    const __m256d a = _mm256_castps_pd(_mm256_unpacklo_ps(r[i].v, r[i + 1].v));
    const __m256d b = _mm256_castps_pd(_mm256_unpackhi_ps(r[i].v, r[i + 1].v));
    const __m256d c = _mm256_castps_pd(_mm256_unpacklo_ps(r[i + 2].v, r[i + 3].v));
    const __m256d d = _mm256_castps_pd(_mm256_unpackhi_ps(r[i + 2].v, r[i + 3].v));
    t[i] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, c));
    t[i + 1] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, c));
    t[i + 2] = _mm256_castpd_ps(_mm256_unpacklo_pd(b, d));
    t[i + 3] = _mm256_castpd_ps(_mm256_unpackhi_pd(b, d));
  }
  for (int i = 0; i < 4; i++) {
    r[i].v = _mm256_permute2f128_ps(t[i], t[i + 4], 0x20);
    r[i + 4].v = _mm256_permute2f128_ps(t[i], t[i + 4], 0x31);
  }
}

}  // namespace NG_ISA
}  // namespace ng
