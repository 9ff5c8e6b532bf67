// where, fill, sequences, and functions of three operands or with scalars.
#include "convert.h"
#include "elementwise.h"
#include "indexing.h"
#include "parametric.h"

namespace ng {
namespace NG_ISA {
namespace {

/** Of any type of the same size: only moves elements. */
template <class T>
void whereLoop(char* const* p, int64_t n, uint32_t broadcast, const Call&) {
  T* out = reinterpret_cast<T*>(p[0]);
  const uint8_t* condition = reinterpret_cast<const uint8_t*>(p[1]);
  const T* x = reinterpret_cast<const T*>(p[2]);
  const T* y = reinterpret_cast<const T*>(p[3]);
  const T a = *x, b = *y;
  switch (broadcast) {
    case 0:
      for (int64_t i = 0; i < n; i++) out[i] = condition[i] ? x[i] : y[i];
      break;
    case 4:
      for (int64_t i = 0; i < n; i++) out[i] = condition[i] ? a : y[i];
      break;
    case 8:
      for (int64_t i = 0; i < n; i++) out[i] = condition[i] ? x[i] : b;
      break;
    default:
      for (int64_t i = 0; i < n; i++) out[i] = condition[i] ? a : b;
  }
}

template <class T>
void fillLoop(char* const* p, int64_t n, uint32_t, const Call& call) {
  T* out = reinterpret_cast<T*>(p[0]);
  T value;
  memcpy(&value, call.scratch, sizeof value);
  for (int64_t i = 0; i < n; i++) out[i] = value;
}

template <class T>
void sequenceAs(Call& call) {
  T* out = static_cast<T*>(call.x[0].data);
  const double origin = call.scalars[0], step = call.scalars[1], first = call.scalars[2];
  parallelFor(call.pool, call.x[0].length, kLight, [&](int64_t begin, int64_t end, int) {
    for (int64_t i = begin; i < end; i++) {
      out[i] = Convert<T>::from(origin + step * (first + static_cast<double>(i)));
    }
  });
}

template <class T>
struct ClampOf {
  T low, high;
  bool hasLow, hasHigh;
  explicit ClampOf(const Call& call)
      : hasLow(!(call.scalars[0] != call.scalars[0])), hasHigh(!(call.scalars[1] != call.scalars[1])) {
    low = hasLow ? limit(call.scalars[0]) : T(0);
    high = hasHigh ? limit(call.scalars[1]) : T(0);
  }
  /** A limit beyond an integer's range acts as the end of the range. */
  static T limit(double value) {
    const bool isSigned = T(-1) < T(0);
    const double most = __builtin_ldexp(1.0, static_cast<int>(8 * sizeof(T)) - (isSigned ? 1 : 0));
    const double least = isSigned ? -most : 0.0;
    if (value >= most) return static_cast<T>(~(isSigned ? static_cast<T>(uint64_t{1} << (8 * sizeof(T) - 1)) : T(0)));
    if (value <= least) return isSigned ? static_cast<T>(uint64_t{1} << (8 * sizeof(T) - 1)) : T(0);
    return static_cast<T>(value);
  }
};
template <>
inline float ClampOf<float>::limit(double value) {
  return static_cast<float>(value);
}
template <>
inline double ClampOf<double>::limit(double value) {
  return value;
}

template <class Op, class T>
struct ClampLoop {
  static void run(char* const* p, int64_t n, uint32_t, const Call& call) {
    T* out = reinterpret_cast<T*>(p[0]);
    const T* x = reinterpret_cast<const T*>(p[1]);
    const ClampOf<T> clamp(call);
    for (int64_t i = 0; i < n; i++) {
      T value = x[i];
      if (clamp.hasLow) value = larger(value, clamp.low);
      if (clamp.hasHigh) value = smaller(value, clamp.high);
      out[i] = value;
    }
  }
};
template <class Op>
struct ClampLoop<Op, float> {
  static void run(char* const* p, int64_t n, uint32_t, const Call& call) {
    float* out = reinterpret_cast<float*>(p[0]);
    const float* x = reinterpret_cast<const float*>(p[1]);
    const ClampOf<float> clamp(call);
    const F32 low(clamp.hasLow ? clamp.low : -__builtin_inff()), high(clamp.hasHigh ? clamp.high : __builtin_inff());
    for (int64_t i = 0; i < n; i += kLanes) {
      const int64_t left = n - i;
      const F32 value = left >= kLanes ? load(x + i) : loadPartial(x + i, left);
      const F32 result = smaller(larger(value, low), high);
      if (left >= kLanes) {
        store(out + i, result);
      } else {
        storePartial(out + i, result, left);
      }
    }
  }
};

/** Op::apply(x, y, z, scalar), by vectors for floats. */
template <class Op, class T>
struct TernaryLoop {
  static void run(char* const* p, int64_t n, uint32_t, const Call& call) {
    T* out = reinterpret_cast<T*>(p[0]);
    const T* x = reinterpret_cast<const T*>(p[1]);
    const T* y = reinterpret_cast<const T*>(p[2]);
    const T* z = reinterpret_cast<const T*>(p[3]);
    const T s = static_cast<T>(call.scalars[0]);
    for (int64_t i = 0; i < n; i++) out[i] = Op::apply(x[i], y[i], z[i], s);
  }
};
template <class Op, class T>
struct TernaryVectorLoop {
  static void run(char* const* p, int64_t n, uint32_t, const Call& call) {
    typedef typename VectorOf<T>::type V;
    constexpr int W = VectorOf<T>::lanes;
    T* out = reinterpret_cast<T*>(p[0]);
    const T* x = reinterpret_cast<const T*>(p[1]);
    const T* y = reinterpret_cast<const T*>(p[2]);
    const T* z = reinterpret_cast<const T*>(p[3]);
    const V s(static_cast<T>(call.scalars[0]));
    int64_t i = 0;
    for (; i + W <= n; i += W) store(out + i, Op::apply(load(x + i), load(y + i), load(z + i), s));
    if (i < n) {
      const auto lanes = lanesOf(x, n - i);
      store(out + i, Op::apply(load(x + i, lanes), load(y + i, lanes), load(z + i, lanes), s), lanes);
    }
  }
};
template <class Op>
struct TernaryLoop<Op, float> : TernaryVectorLoop<Op, float> {};
template <class Op>
struct TernaryLoop<Op, double> : TernaryVectorLoop<Op, double> {};

// Rounded as PyTorch's compiled loops round: multiply and add in one step where the instruction set has it.
template <class T>
inline T multipliedSum(T x, T y, T z, T s) {
  return plus(x, times(times(s, y), z));
}
inline F32 multipliedSum(F32 x, F32 y, F32 z, F32 s) { return fma(s * y, z, x); }
inline F64 multipliedSum(F64 x, F64 y, F64 z, F64 s) { return fma(s * y, z, x); }

template <class V>
inline V lerpOf(V x, V y, V w) {
  // From the nearer end, so that w = 1 gives y itself.
  const V one(1.0f), step = y - x;
  return select(w < V(0.5f), fma(w, step, x), fma(-step, one - w, y));
}

NG_OP(addcmul, T, (T x, T y, T z, T s), multipliedSum(x, y, z, s))
NG_OP(addcdiv, T, (T x, T y, T z, T s), x + s * y / z)
NG_OP(lerp, T, (T x, T y, T z, T), lerpOf(x, y, z))
struct Op_clamp {};

/** The product is rounded by itself, as that of a kernel of its own would be. */
template <class V>
struct AddScaled {
  V value;
  explicit AddScaled(const double* s) : value(constant<V>(s[0])) {}
  V operator()(V x, V y) const { return x + value * y; }
};

}  // namespace

void kernel_addcmul(Call& call) {
  if (sameDType(call, 0, 4)) runLoop(call, 4, numberLoop<TernaryLoop, Op_addcmul>(call.x[0].dtype), kLight, 0);
}
void kernel_addcdiv(Call& call) {
  if (sameDType(call, 0, 4)) runLoop(call, 4, floatLoop<TernaryLoop, Op_addcdiv>(call.x[0].dtype), kLight, 0);
}
PARAMETRIC_FLOAT2(addScaled, AddScaled, kLight)
void kernel_lerp(Call& call) {
  call.scalars[0] = 0;  // the loop's scalar, of which lerp has none
  if (sameDType(call, 0, 4)) runLoop(call, 4, floatLoop<TernaryLoop, Op_lerp>(call.x[0].dtype), kLight, 0);
}
void kernel_clamp(Call& call) {
  if (sameDType(call, 0, 2)) runLoop(call, 2, numberLoop<ClampLoop, Op_clamp>(call.x[0].dtype), kLight, 0);
}

void kernel_where(Call& call) {
  const int32_t condition = call.x[1].dtype;
  if (condition != kBool && condition != kUint8) return call.badDType(1);
  if (call.x[2].dtype != call.x[0].dtype) return call.badDType(2);
  if (call.x[3].dtype != call.x[0].dtype) return call.badDType(3);
  static const Loop bySize[4] = {whereLoop<uint8_t>, whereLoop<uint16_t>, whereLoop<uint32_t>, whereLoop<uint64_t>};
  elementwise(call, 4, bySize[dtypeShift(call.x[0].dtype)], kLight, 4 | 8);
}

void kernel_sequence(Call& call) {
  NG_NUMBER_TYPES(call.x[0].dtype, T, return sequenceAs<T>(call))
  call.badDType(0);
}

void kernel_fill(Call& call) {
  const double value = call.scalars[0], rest = call.scalars[1];
  encodeScalar(call.scratch, call.x[0].dtype, value, rest);
  static const Loop bySize[4] = {fillLoop<uint8_t>, fillLoop<uint16_t>, fillLoop<uint32_t>, fillLoop<uint64_t>};
  elementwise(call, 1, bySize[dtypeShift(call.x[0].dtype)], kLight, 0);
}

}  // namespace NG_ISA
}  // namespace ng
