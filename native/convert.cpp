// copy: any dtype to any dtype.
#include "convert.h"

#include "elementwise.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class To, class From>
struct ConvertLoop {
  static void run(char* const* p, int64_t n, uint32_t, const Call&) {
    To* out = reinterpret_cast<To*>(p[0]);
    const From* x = reinterpret_cast<const From*>(p[1]);
    for (int64_t i = 0; i < n; i++) out[i] = convert(x[i], static_cast<To*>(nullptr));
  }
};

/** The bytes of n elements, by vectors of float32: a library's memmove is slow on some machines from 4 KB on. */
template <class T>
inline void copyRun(char* to, const char* from, int64_t n, const Call& call) {
  const int64_t bytes = n * static_cast<int64_t>(sizeof(T));
  const bool overlaps = from < to + bytes && to < from + bytes;
  if (bytes < static_cast<int64_t>(sizeof(F32)) || overlaps || reinterpret_cast<uintptr_t>(to) % 4 != 0) {
    memmove(to, from, static_cast<size_t>(bytes));
    return;
  }
  const float* x = reinterpret_cast<const float*>(from);
  const int64_t words = bytes / 4;
  writeVectors(
      reinterpret_cast<float*>(to), words, call, [x](int64_t i) { return load(x + i); },
      [x](int64_t i, int64_t count) { return loadPartial(x + i, count); });
  if (sizeof(T) < 4) memcpy(to + words * 4, from + words * 4, static_cast<size_t>(bytes - words * 4));
}

template <class T>
struct ConvertLoop<T, T> {
  static void run(char* const* p, int64_t n, uint32_t broadcast, const Call& call) {
    if (broadcast) {
      T* out = reinterpret_cast<T*>(p[0]);
      const T x = *reinterpret_cast<const T*>(p[1]);
      for (int64_t i = 0; i < n; i++) out[i] = x;
    } else {
      copyRun<T>(p[0], p[1], n, call);
    }
  }
};

template <class From>
Loop loopFrom(int32_t to) {
  switch (to) {
    case kFloat32:
      return ConvertLoop<float, From>::run;
    case kFloat64:
      return ConvertLoop<double, From>::run;
    case kInt64:
      return ConvertLoop<int64_t, From>::run;
    case kInt32:
      return ConvertLoop<int32_t, From>::run;
    case kInt16:
      return ConvertLoop<int16_t, From>::run;
    case kInt8:
      return ConvertLoop<int8_t, From>::run;
    case kUint8:
      return ConvertLoop<uint8_t, From>::run;
    case kBool:
      return ConvertLoop<Bool, From>::run;
    case kComplex64:
      return ConvertLoop<Complex64, From>::run;
    case kFloat16:
      return ConvertLoop<Float16, From>::run;
    default:
      return ConvertLoop<Bfloat16, From>::run;
  }
}

Loop loopFor(int32_t to, int32_t from) {
  switch (from) {
    case kFloat32:
      return loopFrom<float>(to);
    case kFloat64:
      return loopFrom<double>(to);
    case kInt64:
      return loopFrom<int64_t>(to);
    case kInt32:
      return loopFrom<int32_t>(to);
    case kInt16:
      return loopFrom<int16_t>(to);
    case kInt8:
      return loopFrom<int8_t>(to);
    case kUint8:
      return loopFrom<uint8_t>(to);
    case kBool:
      return loopFrom<Bool>(to);
    case kComplex64:
      return loopFrom<Complex64>(to);
    case kFloat16:
      return loopFrom<Float16>(to);
    default:
      return loopFrom<Bfloat16>(to);
  }
}

}  // namespace

void kernel_copy(Call& call) {
  const int32_t to = call.x[0].dtype, from = call.x[1].dtype;
  elementwise(call, 2, loopFor(to, from), kLight, to == from ? 2 : 0, to == from);
}

}  // namespace NG_ISA
}  // namespace ng
