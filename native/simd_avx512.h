// simd.h for AVX-512 (F, BW, DQ, VL).
#pragma once

#include <immintrin.h>

namespace ng {
namespace NG_ISA {

constexpr int kLanes = 16;

struct M32 {
  __mmask16 v;
};
struct I32 {
  __m512i v;
  I32() = default;
  I32(__m512i value) : v(value) {}
  I32(int32_t value) : v(_mm512_set1_epi32(value)) {}
};
struct F32 {
  __m512 v;
  F32() = default;
  F32(__m512 value) : v(value) {}
  F32(float value) : v(_mm512_set1_ps(value)) {}
};

inline __mmask16 firstLanes(int64_t n) { return static_cast<__mmask16>(n >= 16 ? 0xffff : (1u << n) - 1); }

inline F32 load(const float* p) { return _mm512_loadu_ps(p); }
inline F32 loadPartial(const float* p, int64_t n) { return _mm512_maskz_loadu_ps(firstLanes(n), p); }
inline void store(float* p, F32 x) { _mm512_storeu_ps(p, x.v); }
/** Past the caches; p is aligned to a vector. streamFence() makes it visible to other threads. */
inline void stream(float* p, F32 x) { _mm512_stream_ps(p, x.v); }
inline void streamFence() { _mm_sfence(); }
inline void storePartial(float* p, F32 x, int64_t n) { _mm512_mask_storeu_ps(p, firstLanes(n), x.v); }
inline I32 load(const int32_t* p) { return _mm512_loadu_si512(p); }
inline void store(int32_t* p, I32 x) { _mm512_storeu_si512(p, x.v); }

inline F32 operator+(F32 x, F32 y) { return _mm512_add_ps(x.v, y.v); }
inline F32 operator-(F32 x, F32 y) { return _mm512_sub_ps(x.v, y.v); }
inline F32 operator*(F32 x, F32 y) { return _mm512_mul_ps(x.v, y.v); }
inline F32 operator/(F32 x, F32 y) { return _mm512_div_ps(x.v, y.v); }
/** x · y + z, rounded once where the instruction set can. */
inline F32 fma(F32 x, F32 y, F32 z) { return _mm512_fmadd_ps(x.v, y.v, z.v); }
/** z − x · y. */
inline F32 fnma(F32 x, F32 y, F32 z) { return _mm512_fnmadd_ps(x.v, y.v, z.v); }
inline F32 min(F32 x, F32 y) { return _mm512_min_ps(x.v, y.v); }
inline F32 max(F32 x, F32 y) { return _mm512_max_ps(x.v, y.v); }
inline F32 sqrt(F32 x) { return _mm512_sqrt_ps(x.v); }
inline F32 floor(F32 x) { return _mm512_roundscale_ps(x.v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC); }
inline F32 ceil(F32 x) { return _mm512_roundscale_ps(x.v, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC); }
inline F32 trunc(F32 x) { return _mm512_roundscale_ps(x.v, _MM_FROUND_TO_ZERO | _MM_FROUND_NO_EXC); }
inline F32 roundEven(F32 x) { return _mm512_roundscale_ps(x.v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

inline M32 operator<(F32 x, F32 y) { return {_mm512_cmp_ps_mask(x.v, y.v, _CMP_LT_OQ)}; }
inline M32 operator<=(F32 x, F32 y) { return {_mm512_cmp_ps_mask(x.v, y.v, _CMP_LE_OQ)}; }
inline M32 operator>(F32 x, F32 y) { return {_mm512_cmp_ps_mask(x.v, y.v, _CMP_GT_OQ)}; }
inline M32 operator>=(F32 x, F32 y) { return {_mm512_cmp_ps_mask(x.v, y.v, _CMP_GE_OQ)}; }
inline M32 operator==(F32 x, F32 y) { return {_mm512_cmp_ps_mask(x.v, y.v, _CMP_EQ_OQ)}; }
inline M32 operator!=(F32 x, F32 y) { return {_mm512_cmp_ps_mask(x.v, y.v, _CMP_NEQ_UQ)}; }
/** Where one of the two is NaN. */
inline M32 unordered(F32 x, F32 y) { return {_mm512_cmp_ps_mask(x.v, y.v, _CMP_UNORD_Q)}; }
inline M32 operator&(M32 x, M32 y) { return {static_cast<__mmask16>(x.v & y.v)}; }
inline M32 operator|(M32 x, M32 y) { return {static_cast<__mmask16>(x.v | y.v)}; }
inline M32 operator^(M32 x, M32 y) { return {static_cast<__mmask16>(x.v ^ y.v)}; }
inline M32 operator!(M32 x) { return {static_cast<__mmask16>(~x.v)}; }
inline bool any(M32 x) { return x.v != 0; }
/** x where the mask is set, else y. */
inline F32 select(M32 mask, F32 x, F32 y) { return _mm512_mask_blend_ps(mask.v, y.v, x.v); }
inline I32 select(M32 mask, I32 x, I32 y) { return _mm512_mask_blend_epi32(mask.v, y.v, x.v); }

inline I32 bits(F32 x) { return _mm512_castps_si512(x.v); }
inline F32 fromBits(I32 x) { return _mm512_castsi512_ps(x.v); }
/** To the nearest integer; out of range gives INT32_MIN. */
inline I32 toInt(F32 x) { return _mm512_cvtps_epi32(x.v); }
inline F32 toFloat(I32 x) { return _mm512_cvtepi32_ps(x.v); }
inline I32 operator+(I32 x, I32 y) { return _mm512_add_epi32(x.v, y.v); }
inline I32 operator-(I32 x, I32 y) { return _mm512_sub_epi32(x.v, y.v); }
inline I32 operator&(I32 x, I32 y) { return _mm512_and_si512(x.v, y.v); }
inline I32 operator|(I32 x, I32 y) { return _mm512_or_si512(x.v, y.v); }
inline I32 operator^(I32 x, I32 y) { return _mm512_xor_si512(x.v, y.v); }
template <int N>
inline I32 shiftLeft(I32 x) {
  return _mm512_slli_epi32(x.v, N);
}
template <int N>
inline I32 shiftRight(I32 x) {
  return _mm512_srai_epi32(x.v, N);
}
inline M32 operator==(I32 x, I32 y) { return {_mm512_cmpeq_epi32_mask(x.v, y.v)}; }
inline M32 operator>(I32 x, I32 y) { return {_mm512_cmpgt_epi32_mask(x.v, y.v)}; }

inline float reduceAdd(F32 x) { return _mm512_reduce_add_ps(x.v); }
/** The largest lane; NaN where a lane is NaN is not promised. */
inline float reduceMax(F32 x) { return _mm512_reduce_max_ps(x.v); }

/** Vectors of float64, half as many lanes. */
constexpr int kLanes64 = 8;
struct F64 {
  __m512d v;
  F64() = default;
  F64(__m512d value) : v(value) {}
  F64(double value) : v(_mm512_set1_pd(value)) {}
};
inline __mmask8 firstLanes64(int64_t n) { return static_cast<__mmask8>(n >= 8 ? 0xff : (1u << n) - 1); }
inline F64 load(const double* p) { return _mm512_loadu_pd(p); }
inline F64 loadPartial(const double* p, int64_t n) { return _mm512_maskz_loadu_pd(firstLanes64(n), p); }
inline void store(double* p, F64 x) { _mm512_storeu_pd(p, x.v); }
inline void storePartial(double* p, F64 x, int64_t n) { _mm512_mask_storeu_pd(p, firstLanes64(n), x.v); }
inline F64 operator+(F64 x, F64 y) { return _mm512_add_pd(x.v, y.v); }
inline F64 operator-(F64 x, F64 y) { return _mm512_sub_pd(x.v, y.v); }
inline F64 operator*(F64 x, F64 y) { return _mm512_mul_pd(x.v, y.v); }
inline F64 operator/(F64 x, F64 y) { return _mm512_div_pd(x.v, y.v); }
inline F64 fma(F64 x, F64 y, F64 z) { return _mm512_fmadd_pd(x.v, y.v, z.v); }
struct M64 {
  __mmask8 v;
};
struct I64 {
  __m512i v;
  I64() = default;
  I64(__m512i value) : v(value) {}
  I64(int64_t value) : v(_mm512_set1_epi64(value)) {}
};
inline F64 sqrt(F64 x) { return _mm512_sqrt_pd(x.v); }
inline F64 min(F64 x, F64 y) { return _mm512_min_pd(x.v, y.v); }
inline F64 max(F64 x, F64 y) { return _mm512_max_pd(x.v, y.v); }
inline M64 operator<(F64 x, F64 y) { return {_mm512_cmp_pd_mask(x.v, y.v, _CMP_LT_OQ)}; }
inline M64 operator>(F64 x, F64 y) { return {_mm512_cmp_pd_mask(x.v, y.v, _CMP_GT_OQ)}; }
inline M64 operator>=(F64 x, F64 y) { return {_mm512_cmp_pd_mask(x.v, y.v, _CMP_GE_OQ)}; }
inline M64 operator==(F64 x, F64 y) { return {_mm512_cmp_pd_mask(x.v, y.v, _CMP_EQ_OQ)}; }
inline M64 operator!=(F64 x, F64 y) { return {_mm512_cmp_pd_mask(x.v, y.v, _CMP_NEQ_UQ)}; }
inline M64 operator&(M64 x, M64 y) { return {static_cast<__mmask8>(x.v & y.v)}; }
inline M64 operator|(M64 x, M64 y) { return {static_cast<__mmask8>(x.v | y.v)}; }
inline M64 operator!(M64 x) { return {static_cast<__mmask8>(~x.v)}; }
inline M64 operator==(M64 x, M64 y) { return {static_cast<__mmask8>(~(x.v ^ y.v))}; }
inline bool any(M64 x) { return x.v != 0; }
inline F64 select(M64 mask, F64 x, F64 y) { return _mm512_mask_blend_pd(mask.v, y.v, x.v); }
inline I64 bits(F64 x) { return _mm512_castpd_si512(x.v); }
inline F64 fromBits(I64 x) { return _mm512_castsi512_pd(x.v); }
inline I64 operator+(I64 x, I64 y) { return _mm512_add_epi64(x.v, y.v); }
inline I64 operator-(I64 x, I64 y) { return _mm512_sub_epi64(x.v, y.v); }
inline I64 operator&(I64 x, I64 y) { return _mm512_and_si512(x.v, y.v); }
inline I64 operator|(I64 x, I64 y) { return _mm512_or_si512(x.v, y.v); }
inline I64 operator^(I64 x, I64 y) { return _mm512_xor_si512(x.v, y.v); }
template <int N>
inline I64 shiftLeft(I64 x) {
  return _mm512_slli_epi64(x.v, N);
}
/** Zeros come in. */
template <int N>
inline I64 shiftRight(I64 x) {
  return _mm512_srli_epi64(x.v, N);
}
inline void widen(F32 x, F64& low, F64& high) {
  low = _mm512_cvtps_pd(_mm512_castps512_ps256(x.v));
  high = _mm512_cvtps_pd(_mm512_extractf32x8_ps(x.v, 1));
}
inline F32 narrow(F64 low, F64 high) {
  return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low.v)), _mm512_cvtpd_ps(high.v), 1);
}
inline double reduceAdd(F64 x) { return _mm512_reduce_add_pd(x.v); }

/** Which lanes of a vector are there: the first n. */
typedef __mmask16 Lanes;
typedef __mmask8 Lanes64;
constexpr bool kCheapMasks = true;
inline Lanes lanesOf(const float*, int64_t n) { return firstLanes(n); }
inline Lanes64 lanesOf(const double*, int64_t n) { return firstLanes64(n); }
inline F32 load(const float* p, Lanes lanes) { return _mm512_maskz_loadu_ps(lanes, p); }
inline void store(float* p, F32 x, Lanes lanes) { _mm512_mask_storeu_ps(p, lanes, x.v); }
inline F64 load(const double* p, Lanes64 lanes) { return _mm512_maskz_loadu_pd(lanes, p); }
inline void store(double* p, F64 x, Lanes64 lanes) { _mm512_mask_storeu_pd(p, lanes, x.v); }

/** The sums of four vectors. */
inline void reduceAdd4(float* out, F32 a, F32 b, F32 c, F32 d) {
  const __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a.v, b.v), _mm512_unpackhi_ps(a.v, b.v));
  const __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c.v, d.v), _mm512_unpackhi_ps(c.v, d.v));
  const __m512d low = _mm512_unpacklo_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
  const __m512d high = _mm512_unpackhi_pd(_mm512_castps_pd(ab), _mm512_castps_pd(cd));
  const __m512 all = _mm512_add_ps(_mm512_castpd_ps(low), _mm512_castpd_ps(high));
  const __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
  _mm_storeu_ps(out, _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
}
inline void reduceAdd4(double* out, F64 a, F64 b, F64 c, F64 d) {
  const __m512d ab = _mm512_add_pd(_mm512_unpacklo_pd(a.v, b.v), _mm512_unpackhi_pd(a.v, b.v));
  const __m512d cd = _mm512_add_pd(_mm512_unpacklo_pd(c.v, d.v), _mm512_unpackhi_pd(c.v, d.v));
  const __m256d abHalf = _mm256_add_pd(_mm512_castpd512_pd256(ab), _mm512_extractf64x4_pd(ab, 1));
  const __m256d cdHalf = _mm256_add_pd(_mm512_castpd512_pd256(cd), _mm512_extractf64x4_pd(cd, 1));
  _mm_storeu_pd(out, _mm_add_pd(_mm256_castpd256_pd128(abHalf), _mm256_extractf128_pd(abHalf, 1)));
  _mm_storeu_pd(out + 2, _mm_add_pd(_mm256_castpd256_pd128(cdHalf), _mm256_extractf128_pd(cdHalf, 1)));
}

/** The elements at even places of x and y, one after the other. */
inline F32 evens(F32 x, F32 y) {
  const __m512i at = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_ps(x.v, at, y.v);
}
/** To int64, all lanes. */
inline void storeWide(int64_t* p, I32 x) {
  _mm512_storeu_si512(p, _mm512_cvtepi32_epi64(_mm512_castsi512_si256(x.v)));
  _mm512_storeu_si512(p + 8, _mm512_cvtepi32_epi64(_mm512_extracti64x4_epi64(x.v, 1)));
}

/** Transposes a square of kLanes vectors. */
inline void transpose(F32 (&r)[16]) {
  __m512 t[16];
  for (int i = 0; i < 16; i += 4) {
    const __m512d a = _mm512_castps_pd(_mm512_unpacklo_ps(r[i].v, r[i + 1].v));
    const __m512d b = _mm512_castps_pd(_mm512_unpackhi_ps(r[i].v, r[i + 1].v));
    const __m512d c = _mm512_castps_pd(_mm512_unpacklo_ps(r[i + 2].v, r[i + 3].v));
    const __m512d d = _mm512_castps_pd(_mm512_unpackhi_ps(r[i + 2].v, r[i + 3].v));
    t[i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
    t[i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
    t[i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
    t[i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
  }
  for (int i = 0; i < 4; i++) {
    const __m512 a = _mm512_shuffle_f32x4(t[i], t[i + 4], 0x88), b = _mm512_shuffle_f32x4(t[i], t[i + 4], 0xdd);
    const __m512 c = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0x88),
                 d = _mm512_shuffle_f32x4(t[i + 8], t[i + 12], 0xdd);
    r[i].v = _mm512_shuffle_f32x4(a, c, 0x88);
    r[i + 4].v = _mm512_shuffle_f32x4(b, d, 0x88);
    r[i + 8].v = _mm512_shuffle_f32x4(a, c, 0xdd);
    r[i + 12].v = _mm512_shuffle_f32x4(b, d, 0xdd);
  }
}

}  // namespace NG_ISA
}  // namespace ng
