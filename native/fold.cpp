// Product, any and all, over one dimension or all.
#include "fold.h"

namespace ng {
namespace NG_ISA {
namespace {

template <class C>
struct Product {
  typedef C Carry;
  Carry start() const { return C(1); }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return times(acc, static_cast<C>(x));
  }
  Carry join(Carry a, Carry b) const { return times(a, b); }
  Carry result(Carry acc) const { return acc; }
};

template <class T>
inline bool isTrue(T x) {
  return x != T(0);
}

template <bool kAny>
struct Truth {
  typedef uint8_t Carry;
  Carry start() const { return !kAny; }
  template <class T>
  Carry step(Carry acc, T x, int) const {
    return kAny ? acc | isTrue(x) : acc & isTrue(x);
  }
  Carry join(Carry a, Carry b) const { return kAny ? a | b : a & b; }
  Carry result(Carry acc) const { return acc; }
};

template <bool kAny>
void truths(Call& call) {
  if (!checkFold(call, 1)) return;
  if (call.x[0].dtype != kBool) return call.badDType(0);
  const Truth<kAny> op;
  switch (call.x[1].dtype) {
    case kFloat32:
      return foldAll<Truth<kAny>, float, uint8_t>(call, op);
    case kFloat64:
      return foldAll<Truth<kAny>, double, uint8_t>(call, op);
    case kInt64:
      return foldAll<Truth<kAny>, int64_t, uint8_t>(call, op);
    case kInt32:
      return foldAll<Truth<kAny>, int32_t, uint8_t>(call, op);
    case kInt16:
      return foldAll<Truth<kAny>, int16_t, uint8_t>(call, op);
    case kInt8:
    case kUint8:
    case kBool:
      return foldAll<Truth<kAny>, uint8_t, uint8_t>(call, op);
    default:
      return call.badDType(1);
  }
}

}  // namespace

void kernel_prod(Call& call) {
  if (!checkFold(call, 1) || !allAlike(call, 2)) return;
  switch (call.x[0].dtype) {
    case kFloat32:
      return foldAll<Product<double>, float, float>(call, Product<double>());
    case kFloat64:
      return foldAll<Product<double>, double, double>(call, Product<double>());
    case kInt64:
      return foldAll<Product<int64_t>, int64_t, int64_t>(call, Product<int64_t>());
    case kInt32:
      return foldAll<Product<int32_t>, int32_t, int32_t>(call, Product<int32_t>());
    default:
      return call.badDType(0);
  }
}

void kernel_any(Call& call) { truths<true>(call); }
void kernel_all(Call& call) { truths<false>(call); }

}  // namespace NG_ISA
}  // namespace ng
