// What a kernel sees of a call. Included by the per-instruction-set files: no STL here, everything but plain data
// lives in the namespace NG_ISA (the linker would otherwise keep one copy, maybe of instructions the CPU lacks).
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dtype.h"
#include "pool.h"

#ifndef NG_ISA
#define NG_ISA baseline
#endif

namespace ng {

constexpr int kMaxOperands = 12;
constexpr int kMaxDims = 64;
constexpr int kMaxScalars = 16;

struct Operand {
  void* data;              // the first element, or null for an optional operand that was not given
  int64_t length;          // dense: elements
  int32_t dtype;           // a DType
  const int32_t* strides;  // strided: one for each dimension, in elements
};

enum Status : int32_t { kOk = 0, kBadDType, kTooShort, kNoMemory, kBadSize };

struct Call {
  Operand x[kMaxOperands];
  int ndim;              // strided: dimensions
  const int32_t* shape;  // strided
  const int32_t* ints;   // dense
  double scalars[kMaxScalars];
  alignas(8) unsigned char scratch[16];  // what a kernel prepares for its loop
  Pool* pool;
  int32_t* error;  // the descriptor's [flag, value low, value high, bound]

  // Why the kernel did nothing, for the exception that the entry throws.
  Status status;
  int statusOperand;
  int64_t statusNeeded;

  /** Whether operand i holds `count` elements; if not, the call throws. */
  bool need(int i, int64_t count) {
    if (count <= x[i].length) return true;
    status = kTooShort;
    statusOperand = i;
    statusNeeded = count;
    return false;
  }
  /** For a dtype the kernel does not know. */
  void badDType(int i) {
    status = kBadDType;
    statusOperand = i;
  }
  void noMemory() { status = kNoMemory; }
  /** For an int (a size) out of range. */
  void badSize(int i) {
    status = kBadSize;
    statusOperand = i;
  }
  /** Reports a bad index (flag 1) or an integer division by zero (flag 2) to the caller. Any thread may. */
  void fail(int32_t flag, int64_t value, int32_t bound) const {
    error[1] = static_cast<int32_t>(static_cast<uint32_t>(value));
    error[2] = static_cast<int32_t>(value >> 32);
    error[3] = bound;
    error[0] = flag;
  }
};

typedef void (*Kernel)(Call&);

namespace NG_ISA {

template <class F>
struct ParallelContext {
  F* f;
  int64_t n, step;
};

/** Pieces of the least size, some 5 µs each, for which a sleeping thread is woken: it takes 20 to 50 µs. */
constexpr int64_t kWorthWaking = 8;

/**
 * Calls f(begin, end, thread) over [0, n) in pieces of at least `grain`, in parallel when there is enough to do.
 * f's results must not depend on where the pieces are cut; they are cut at multiples of `align`.
 */
template <class F>
inline void parallelFor(Pool* pool, int64_t n, int64_t grain, F&& f, int64_t align = 1) {
  const int threads = poolThreads(pool);
  if (threads == 1 || n <= grain) {
    if (n > 0) f(int64_t{0}, n, 0);
    return;
  }
  int64_t chunks = n / grain < 4 * threads ? n / grain : 4 * threads;
  if (chunks < 2) chunks = 2;
  int64_t step = (n + chunks - 1) / chunks;
  step = (step + align - 1) / align * align;
  ParallelContext<F> context = {&f, n, step};
  poolRun(
      pool, (n + step - 1) / step,
      [](void* data, int64_t index, int thread) {
        auto* c = static_cast<ParallelContext<F>*>(data);
        const int64_t begin = index * c->step;
        const int64_t end = begin + c->step < c->n ? begin + c->step : c->n;
        (*c->f)(begin, end, thread);
      },
      &context, n / grain < kWorthWaking);
}

}  // namespace NG_ISA
}  // namespace ng
