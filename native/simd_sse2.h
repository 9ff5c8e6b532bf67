// simd.h for any x64 CPU: SSE2.
#pragma once

#include <emmintrin.h>

namespace ng {
namespace NG_ISA {

constexpr int kLanes = 4;

struct M32 {
  __m128 v;
};
struct I32 {
  __m128i v;
  I32() = default;
  I32(__m128i value) : v(value) {}
  I32(int32_t value) : v(_mm_set1_epi32(value)) {}
};
struct F32 {
  __m128 v;
  F32() = default;
  F32(__m128 value) : v(value) {}
  F32(float value) : v(_mm_set1_ps(value)) {}
};

inline F32 load(const float* p) { return _mm_loadu_ps(p); }
inline void store(float* p, F32 x) { _mm_storeu_ps(p, x.v); }
inline F32 loadPartial(const float* p, int64_t n) {
  float lanes[4] = {};
  memcpy(lanes, p, static_cast<size_t>(n < 4 ? n : 4) * sizeof(float));
  return load(lanes);
}
/** Past the caches; p is aligned to a vector. streamFence() makes it visible to other threads. */
inline void stream(float* p, F32 x) { _mm_stream_ps(p, x.v); }
inline void streamFence() { _mm_sfence(); }
inline void storePartial(float* p, F32 x, int64_t n) {
  float lanes[4];
  store(lanes, x);
  memcpy(p, lanes, static_cast<size_t>(n < 4 ? n : 4) * sizeof(float));
}
inline I32 load(const int32_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline void store(int32_t* p, I32 x) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), x.v); }

inline F32 operator+(F32 x, F32 y) { return _mm_add_ps(x.v, y.v); }
inline F32 operator-(F32 x, F32 y) { return _mm_sub_ps(x.v, y.v); }
inline F32 operator*(F32 x, F32 y) { return _mm_mul_ps(x.v, y.v); }
inline F32 operator/(F32 x, F32 y) { return _mm_div_ps(x.v, y.v); }
/** x · y + z, rounded once where the instruction set can. */
inline F32 fma(F32 x, F32 y, F32 z) { return x * y + z; }
/** z − x · y. */
inline F32 fnma(F32 x, F32 y, F32 z) { return z - x * y; }
inline F32 min(F32 x, F32 y) { return _mm_min_ps(x.v, y.v); }
inline F32 max(F32 x, F32 y) { return _mm_max_ps(x.v, y.v); }
inline F32 sqrt(F32 x) { return _mm_sqrt_ps(x.v); }

inline M32 operator<(F32 x, F32 y) { return {_mm_cmplt_ps(x.v, y.v)}; }
inline M32 operator<=(F32 x, F32 y) { return {_mm_cmple_ps(x.v, y.v)}; }
inline M32 operator>(F32 x, F32 y) { return {_mm_cmpgt_ps(x.v, y.v)}; }
inline M32 operator>=(F32 x, F32 y) { return {_mm_cmpge_ps(x.v, y.v)}; }
inline M32 operator==(F32 x, F32 y) { return {_mm_cmpeq_ps(x.v, y.v)}; }
inline M32 operator!=(F32 x, F32 y) { return {_mm_cmpneq_ps(x.v, y.v)}; }
/** Where one of the two is NaN. */
inline M32 unordered(F32 x, F32 y) { return {_mm_cmpunord_ps(x.v, y.v)}; }
inline M32 operator&(M32 x, M32 y) { return {_mm_and_ps(x.v, y.v)}; }
inline M32 operator|(M32 x, M32 y) { return {_mm_or_ps(x.v, y.v)}; }
inline M32 operator^(M32 x, M32 y) { return {_mm_xor_ps(x.v, y.v)}; }
inline M32 operator!(M32 x) { return {_mm_xor_ps(x.v, _mm_castsi128_ps(_mm_set1_epi32(-1)))}; }
inline bool any(M32 x) { return _mm_movemask_ps(x.v) != 0; }
/** x where the mask is set, else y. */
inline F32 select(M32 mask, F32 x, F32 y) { return _mm_or_ps(_mm_and_ps(mask.v, x.v), _mm_andnot_ps(mask.v, y.v)); }
inline I32 select(M32 mask, I32 x, I32 y) {
  const __m128i m = _mm_castps_si128(mask.v);
  return _mm_or_si128(_mm_and_si128(m, x.v), _mm_andnot_si128(m, y.v));
}

inline I32 bits(F32 x) { return _mm_castps_si128(x.v); }
inline F32 fromBits(I32 x) { return _mm_castsi128_ps(x.v); }
/** To the nearest integer; out of range gives INT32_MIN. */
inline I32 toInt(F32 x) { return _mm_cvtps_epi32(x.v); }
inline F32 toFloat(I32 x) { return _mm_cvtepi32_ps(x.v); }
inline I32 operator+(I32 x, I32 y) { return _mm_add_epi32(x.v, y.v); }
inline I32 operator-(I32 x, I32 y) { return _mm_sub_epi32(x.v, y.v); }
inline I32 operator&(I32 x, I32 y) { return _mm_and_si128(x.v, y.v); }
inline I32 operator|(I32 x, I32 y) { return _mm_or_si128(x.v, y.v); }
inline I32 operator^(I32 x, I32 y) { return _mm_xor_si128(x.v, y.v); }
template <int N>
inline I32 shiftLeft(I32 x) {
  return _mm_slli_epi32(x.v, N);
}
template <int N>
inline I32 shiftRight(I32 x) {
  return _mm_srai_epi32(x.v, N);
}
inline M32 operator==(I32 x, I32 y) { return {_mm_castsi128_ps(_mm_cmpeq_epi32(x.v, y.v))}; }
inline M32 operator>(I32 x, I32 y) { return {_mm_castsi128_ps(_mm_cmpgt_epi32(x.v, y.v))}; }

// SSE2 has no rounding instruction: go through int32 where there is a fraction at all, and keep the sign of zero.
inline F32 keepSign(F32 rounded, F32 x) {
  const I32 sign = bits(x) & I32(INT32_MIN);
  const M32 small = fromBits(bits(x) & I32(INT32_MAX)) < F32(8388608.0f);
  return select(small, fromBits(bits(rounded) | sign), x);
}
inline F32 roundEven(F32 x) { return keepSign(toFloat(toInt(x)), x); }
inline F32 trunc(F32 x) { return keepSign(toFloat(I32(_mm_cvttps_epi32(x.v))), x); }
inline F32 floor(F32 x) {
  const F32 whole = trunc(x);
  return keepSign(select(whole > x, whole - F32(1.0f), whole), x);
}
inline F32 ceil(F32 x) {
  const F32 whole = trunc(x);
  return keepSign(select(whole < x, whole + F32(1.0f), whole), x);
}

inline float reduceAdd(F32 x) {
  const __m128 sum = _mm_add_ps(x.v, _mm_movehl_ps(x.v, x.v));
  return _mm_cvtss_f32(_mm_add_ss(sum, _mm_shuffle_ps(sum, sum, 1)));
}
/** The largest lane; NaN where a lane is NaN is not promised. */
inline float reduceMax(F32 x) {
  const __m128 most = _mm_max_ps(x.v, _mm_movehl_ps(x.v, x.v));
  return _mm_cvtss_f32(_mm_max_ss(most, _mm_shuffle_ps(most, most, 1)));
}

/** Vectors of float64, half as many lanes. */
constexpr int kLanes64 = 2;
struct F64 {
  __m128d v;
  F64() = default;
  F64(__m128d value) : v(value) {}
  F64(double value) : v(_mm_set1_pd(value)) {}
};
inline F64 load(const double* p) { return _mm_loadu_pd(p); }
inline void store(double* p, F64 x) { _mm_storeu_pd(p, x.v); }
inline F64 loadPartial(const double* p, int64_t n) {
  return n >= 2 ? _mm_loadu_pd(p) : n == 1 ? _mm_load_sd(p) : _mm_setzero_pd();
}
inline void storePartial(double* p, F64 x, int64_t n) {
  if (n >= 2) {
    store(p, x);
  } else if (n == 1) {
    _mm_store_sd(p, x.v);
  }
}
inline F64 operator+(F64 x, F64 y) { return _mm_add_pd(x.v, y.v); }
inline F64 operator-(F64 x, F64 y) { return _mm_sub_pd(x.v, y.v); }
inline F64 operator*(F64 x, F64 y) { return _mm_mul_pd(x.v, y.v); }
inline F64 operator/(F64 x, F64 y) { return _mm_div_pd(x.v, y.v); }
inline F64 fma(F64 x, F64 y, F64 z) { return x * y + z; }
struct M64 {
  __m128d v;
};
struct I64 {
  __m128i v;
  I64() = default;
  I64(__m128i value) : v(value) {}
  I64(int64_t value) : v(_mm_set1_epi64x(value)) {}
};
inline F64 sqrt(F64 x) { return _mm_sqrt_pd(x.v); }
inline F64 min(F64 x, F64 y) { return _mm_min_pd(x.v, y.v); }
inline F64 max(F64 x, F64 y) { return _mm_max_pd(x.v, y.v); }
inline M64 operator<(F64 x, F64 y) { return {_mm_cmplt_pd(x.v, y.v)}; }
inline M64 operator>(F64 x, F64 y) { return {_mm_cmpgt_pd(x.v, y.v)}; }
inline M64 operator>=(F64 x, F64 y) { return {_mm_cmpge_pd(x.v, y.v)}; }
inline M64 operator==(F64 x, F64 y) { return {_mm_cmpeq_pd(x.v, y.v)}; }
inline M64 operator!=(F64 x, F64 y) { return {_mm_cmpneq_pd(x.v, y.v)}; }
inline M64 operator&(M64 x, M64 y) { return {_mm_and_pd(x.v, y.v)}; }
inline M64 operator|(M64 x, M64 y) { return {_mm_or_pd(x.v, y.v)}; }
inline M64 operator!(M64 x) { return {_mm_xor_pd(x.v, _mm_castsi128_pd(_mm_set1_epi32(-1)))}; }
inline M64 operator==(M64 x, M64 y) { return !M64{_mm_xor_pd(x.v, y.v)}; }
inline bool any(M64 x) { return _mm_movemask_pd(x.v) != 0; }
inline F64 select(M64 mask, F64 x, F64 y) { return _mm_or_pd(_mm_and_pd(mask.v, x.v), _mm_andnot_pd(mask.v, y.v)); }
inline I64 bits(F64 x) { return _mm_castpd_si128(x.v); }
inline F64 fromBits(I64 x) { return _mm_castsi128_pd(x.v); }
inline I64 operator+(I64 x, I64 y) { return _mm_add_epi64(x.v, y.v); }
inline I64 operator-(I64 x, I64 y) { return _mm_sub_epi64(x.v, y.v); }
inline I64 operator&(I64 x, I64 y) { return _mm_and_si128(x.v, y.v); }
inline I64 operator|(I64 x, I64 y) { return _mm_or_si128(x.v, y.v); }
inline I64 operator^(I64 x, I64 y) { return _mm_xor_si128(x.v, y.v); }
template <int N>
inline I64 shiftLeft(I64 x) {
  return _mm_slli_epi64(x.v, N);
}
/** Zeros come in. */
template <int N>
inline I64 shiftRight(I64 x) {
  return _mm_srli_epi64(x.v, N);
}
inline void widen(F32 x, F64& low, F64& high) {
  low = _mm_cvtps_pd(x.v);
  high = _mm_cvtps_pd(_mm_movehl_ps(x.v, x.v));
}
inline F32 narrow(F64 low, F64 high) { return _mm_movelh_ps(_mm_cvtpd_ps(low.v), _mm_cvtpd_ps(high.v)); }
inline double reduceAdd(F64 x) { return _mm_cvtsd_f64(_mm_add_sd(x.v, _mm_unpackhi_pd(x.v, x.v))); }

/** Which lanes of a vector are there: the first n. */
struct Lanes {
  int64_t n;
};
typedef Lanes Lanes64;
constexpr bool kCheapMasks = false;
inline Lanes lanesOf(const float*, int64_t n) { return {n}; }
inline Lanes lanesOf(const double*, int64_t n) { return {n}; }
inline F32 load(const float* p, Lanes lanes) { return loadPartial(p, lanes.n); }
inline void store(float* p, F32 x, Lanes lanes) { storePartial(p, x, lanes.n); }
inline F64 load(const double* p, Lanes lanes) { return loadPartial(p, lanes.n); }
inline void store(double* p, F64 x, Lanes lanes) { storePartial(p, x, lanes.n); }

/** The elements at even places of x and y, one after the other. */
inline F32 evens(F32 x, F32 y) { return _mm_shuffle_ps(x.v, y.v, _MM_SHUFFLE(2, 0, 2, 0)); }
/** To int64, all lanes. */
inline void storeWide(int64_t* p, I32 x) {
  const __m128i sign = _mm_srai_epi32(x.v, 31);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm_unpacklo_epi32(x.v, sign));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p + 2), _mm_unpackhi_epi32(x.v, sign));
}

/** Transposes a square of kLanes vectors. */
inline void transpose(F32 (&r)[4]) { _MM_TRANSPOSE4_PS(r[0].v, r[1].v, r[2].v, r[3].v); }

/** The sums of four vectors. */
inline void reduceAdd4(float* out, F32 a, F32 b, F32 c, F32 d) {
  F32 r[4] = {a, b, c, d};
  transpose(r);
  store(out, (r[0] + r[1]) + (r[2] + r[3]));
}
inline void reduceAdd4(double* out, F64 a, F64 b, F64 c, F64 d) {
  store(out, F64(_mm_add_pd(_mm_unpacklo_pd(a.v, b.v), _mm_unpackhi_pd(a.v, b.v))));
  store(out + 2, F64(_mm_add_pd(_mm_unpacklo_pd(c.v, d.v), _mm_unpackhi_pd(c.v, d.v))));
}

}  // namespace NG_ISA
}  // namespace ng
