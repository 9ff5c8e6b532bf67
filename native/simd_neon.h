// simd.h for 64-bit ARM: NEON.
#pragma once

#include <arm_neon.h>

namespace ng {
namespace NG_ISA {

constexpr int kLanes = 4;

struct M32 {
  uint32x4_t v;
};
struct I32 {
  int32x4_t v;
  I32() = default;
  I32(int32x4_t value) : v(value) {}
  I32(int32_t value) : v(vdupq_n_s32(value)) {}
};
struct F32 {
  float32x4_t v;
  F32() = default;
  F32(float32x4_t value) : v(value) {}
  F32(float value) : v(vdupq_n_f32(value)) {}
};

inline F32 load(const float* p) { return vld1q_f32(p); }
inline void store(float* p, F32 x) { vst1q_f32(p, x.v); }
inline F32 loadPartial(const float* p, int64_t n) {
  float lanes[4] = {};
  memcpy(lanes, p, static_cast<size_t>(n < 4 ? n : 4) * sizeof(float));
  return load(lanes);
}
/** There are no stores past the caches here. */
inline void stream(float* p, F32 x) { store(p, x); }
inline void streamFence() {}
inline void storePartial(float* p, F32 x, int64_t n) {
  float lanes[4];
  store(lanes, x);
  memcpy(p, lanes, static_cast<size_t>(n < 4 ? n : 4) * sizeof(float));
}
inline I32 load(const int32_t* p) { return vld1q_s32(p); }
inline void store(int32_t* p, I32 x) { vst1q_s32(p, x.v); }

inline F32 operator+(F32 x, F32 y) { return vaddq_f32(x.v, y.v); }
inline F32 operator-(F32 x, F32 y) { return vsubq_f32(x.v, y.v); }
inline F32 operator*(F32 x, F32 y) { return vmulq_f32(x.v, y.v); }
inline F32 operator/(F32 x, F32 y) { return vdivq_f32(x.v, y.v); }
/** x · y + z, rounded once where the instruction set can. */
inline F32 fma(F32 x, F32 y, F32 z) { return vfmaq_f32(z.v, x.v, y.v); }
/** z − x · y. */
inline F32 fnma(F32 x, F32 y, F32 z) { return vfmsq_f32(z.v, x.v, y.v); }
inline M32 operator<(F32 x, F32 y) { return {vcltq_f32(x.v, y.v)}; }
inline M32 operator<=(F32 x, F32 y) { return {vcleq_f32(x.v, y.v)}; }
inline M32 operator>(F32 x, F32 y) { return {vcgtq_f32(x.v, y.v)}; }
inline M32 operator>=(F32 x, F32 y) { return {vcgeq_f32(x.v, y.v)}; }
inline M32 operator==(F32 x, F32 y) { return {vceqq_f32(x.v, y.v)}; }
inline M32 operator!=(F32 x, F32 y) { return {vmvnq_u32(vceqq_f32(x.v, y.v))}; }
inline M32 operator&(M32 x, M32 y) { return {vandq_u32(x.v, y.v)}; }
inline M32 operator|(M32 x, M32 y) { return {vorrq_u32(x.v, y.v)}; }
/** Where one of the two is NaN. */
inline M32 unordered(F32 x, F32 y) { return (x != x) | (y != y); }
inline M32 operator^(M32 x, M32 y) { return {veorq_u32(x.v, y.v)}; }
inline M32 operator!(M32 x) { return {vmvnq_u32(x.v)}; }
inline bool any(M32 x) { return vmaxvq_u32(x.v) != 0; }
/** x where the mask is set, else y. */
inline F32 select(M32 mask, F32 x, F32 y) { return vbslq_f32(mask.v, x.v, y.v); }
inline I32 select(M32 mask, I32 x, I32 y) { return vbslq_s32(mask.v, x.v, y.v); }
inline F32 min(F32 x, F32 y) { return select(x < y, x, y); }
inline F32 max(F32 x, F32 y) { return select(x > y, x, y); }
inline F32 sqrt(F32 x) { return vsqrtq_f32(x.v); }
inline F32 floor(F32 x) { return vrndmq_f32(x.v); }
inline F32 ceil(F32 x) { return vrndpq_f32(x.v); }
inline F32 trunc(F32 x) { return vrndq_f32(x.v); }
inline F32 roundEven(F32 x) { return vrndnq_f32(x.v); }

inline I32 bits(F32 x) { return vreinterpretq_s32_f32(x.v); }
inline F32 fromBits(I32 x) { return vreinterpretq_f32_s32(x.v); }
/** To the nearest integer; out of range saturates. */
inline I32 toInt(F32 x) { return vcvtnq_s32_f32(x.v); }
inline F32 toFloat(I32 x) { return vcvtq_f32_s32(x.v); }
inline I32 operator+(I32 x, I32 y) { return vaddq_s32(x.v, y.v); }
inline I32 operator-(I32 x, I32 y) { return vsubq_s32(x.v, y.v); }
inline I32 operator&(I32 x, I32 y) { return vandq_s32(x.v, y.v); }
inline I32 operator|(I32 x, I32 y) { return vorrq_s32(x.v, y.v); }
inline I32 operator^(I32 x, I32 y) { return veorq_s32(x.v, y.v); }
template <int N>
inline I32 shiftLeft(I32 x) {
  return vshlq_n_s32(x.v, N);
}
template <int N>
inline I32 shiftRight(I32 x) {
  return vshrq_n_s32(x.v, N);
}
inline M32 operator==(I32 x, I32 y) { return {vceqq_s32(x.v, y.v)}; }
inline M32 operator>(I32 x, I32 y) { return {vcgtq_s32(x.v, y.v)}; }

inline float reduceAdd(F32 x) { return vaddvq_f32(x.v); }
/** The largest lane; NaN where a lane is NaN is not promised. */
inline float reduceMax(F32 x) { return vmaxvq_f32(x.v); }

/** Vectors of float64, half as many lanes. */
constexpr int kLanes64 = 2;
struct F64 {
  float64x2_t v;
  F64() = default;
  F64(float64x2_t value) : v(value) {}
  F64(double value) : v(vdupq_n_f64(value)) {}
};
inline F64 load(const double* p) { return vld1q_f64(p); }
inline void store(double* p, F64 x) { vst1q_f64(p, x.v); }
inline F64 loadPartial(const double* p, int64_t n) {
  double lanes[2] = {};
  memcpy(lanes, p, static_cast<size_t>(n < 2 ? n : 2) * sizeof(double));
  return load(lanes);
}
inline void storePartial(double* p, F64 x, int64_t n) {
  double lanes[2];
  store(lanes, x);
  memcpy(p, lanes, static_cast<size_t>(n < 2 ? n : 2) * sizeof(double));
}
inline F64 operator+(F64 x, F64 y) { return vaddq_f64(x.v, y.v); }
inline F64 operator-(F64 x, F64 y) { return vsubq_f64(x.v, y.v); }
inline F64 operator*(F64 x, F64 y) { return vmulq_f64(x.v, y.v); }
inline F64 operator/(F64 x, F64 y) { return vdivq_f64(x.v, y.v); }
inline F64 fma(F64 x, F64 y, F64 z) { return vfmaq_f64(z.v, x.v, y.v); }
struct M64 {
  uint64x2_t v;
};
struct I64 {
  int64x2_t v;
  I64() = default;
  I64(int64x2_t value) : v(value) {}
  I64(int64_t value) : v(vdupq_n_s64(value)) {}
};
inline F64 sqrt(F64 x) { return vsqrtq_f64(x.v); }
inline M64 operator<(F64 x, F64 y) { return {vcltq_f64(x.v, y.v)}; }
inline M64 operator>(F64 x, F64 y) { return {vcgtq_f64(x.v, y.v)}; }
inline M64 operator>=(F64 x, F64 y) { return {vcgeq_f64(x.v, y.v)}; }
inline M64 operator==(F64 x, F64 y) { return {vceqq_f64(x.v, y.v)}; }
inline M64 operator!=(F64 x, F64 y) { return {veorq_u64(vceqq_f64(x.v, y.v), vdupq_n_u64(~uint64_t{0}))}; }
inline M64 operator&(M64 x, M64 y) { return {vandq_u64(x.v, y.v)}; }
inline M64 operator|(M64 x, M64 y) { return {vorrq_u64(x.v, y.v)}; }
inline M64 operator!(M64 x) { return {veorq_u64(x.v, vdupq_n_u64(~uint64_t{0}))}; }
inline M64 operator==(M64 x, M64 y) { return !M64{veorq_u64(x.v, y.v)}; }
inline bool any(M64 x) { return (vgetq_lane_u64(x.v, 0) | vgetq_lane_u64(x.v, 1)) != 0; }
inline F64 select(M64 mask, F64 x, F64 y) { return vbslq_f64(mask.v, x.v, y.v); }
inline F64 min(F64 x, F64 y) { return select(x < y, x, y); }
inline F64 max(F64 x, F64 y) { return select(x > y, x, y); }
inline I64 bits(F64 x) { return vreinterpretq_s64_f64(x.v); }
inline F64 fromBits(I64 x) { return vreinterpretq_f64_s64(x.v); }
inline I64 operator+(I64 x, I64 y) { return vaddq_s64(x.v, y.v); }
inline I64 operator-(I64 x, I64 y) { return vsubq_s64(x.v, y.v); }
inline I64 operator&(I64 x, I64 y) { return vandq_s64(x.v, y.v); }
inline I64 operator|(I64 x, I64 y) { return vorrq_s64(x.v, y.v); }
inline I64 operator^(I64 x, I64 y) { return veorq_s64(x.v, y.v); }
template <int N>
inline I64 shiftLeft(I64 x) {
  return vshlq_n_s64(x.v, N);
}
/** Zeros come in. */
template <int N>
inline I64 shiftRight(I64 x) {
  return vreinterpretq_s64_u64(vshrq_n_u64(vreinterpretq_u64_s64(x.v), N));
}
inline void widen(F32 x, F64& low, F64& high) {
  low = vcvt_f64_f32(vget_low_f32(x.v));
  high = vcvt_high_f64_f32(x.v);
}
inline F32 narrow(F64 low, F64 high) { return vcvt_high_f32_f64(vcvt_f32_f64(low.v), high.v); }
inline double reduceAdd(F64 x) { return vaddvq_f64(x.v); }

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
inline F32 evens(F32 x, F32 y) { return vuzp1q_f32(x.v, y.v); }
/** To int64, all lanes. */
inline void storeWide(int64_t* p, I32 x) {
  vst1q_s64(p, vmovl_s32(vget_low_s32(x.v)));
  vst1q_s64(p + 2, vmovl_high_s32(x.v));
}

/** Transposes a square of kLanes vectors. */
inline void transpose(F32 (&r)[4]) {
  const float32x4x2_t a = vtrnq_f32(r[0].v, r[1].v), b = vtrnq_f32(r[2].v, r[3].v);
  r[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
  r[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
  r[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
  r[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
}

/** The sums of four vectors. */
inline void reduceAdd4(float* out, F32 a, F32 b, F32 c, F32 d) {
  vst1q_f32(out, vpaddq_f32(vpaddq_f32(a.v, b.v), vpaddq_f32(c.v, d.v)));
}
inline void reduceAdd4(double* out, F64 a, F64 b, F64 c, F64 d) {
  vst1q_f64(out, vpaddq_f64(a.v, b.v));
  vst1q_f64(out + 2, vpaddq_f64(c.v, d.v));
}

}  // namespace NG_ISA
}  // namespace ng
