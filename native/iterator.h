// The strided iterator. It drops and collapses dimensions, cuts the index space into pieces for the threads, and calls
// a loop that only ever sees contiguous runs: operands that are not contiguous go through a small buffer. So one loop
// per operation and dtype is all the code there is, whatever the layouts.
#pragma once

#include "kernel.h"

namespace ng {
namespace NG_ISA {

/**
 * Computes n elements: p[0] receives them, p[i] has n elements, or only one when bit i of `broadcast` is set (only for
 * loops registered as taking broadcasts).
 */
typedef void (*Loop)(char* const* p, int64_t n, uint32_t broadcast, const Call& call);

/** Elements below which one thread does the work, by how much an element costs. */
constexpr int64_t kLight = 32768, kMedium = 16384, kHeavy = 4096;

/**
 * Results of this many elements and more may be written past the caches, which could not hold them anyway; what a
 * thread has written so is visible to the others once its part of the call is done.
 */
constexpr int64_t kStreamed = int64_t{1} << 22;

/**
 * Runs `loop` over all elements of a strided call with `operands` operands (the first is the result).
 * `broadcastable`: bit i is set if the loop takes a single element for operand i. `copies`: the loop only copies the
 * second operand, of the first one's dtype.
 */
void elementwise(Call& call, int operands, Loop loop, int64_t grain, uint32_t broadcastable, bool copies = false);

}  // namespace NG_ISA
}  // namespace ng
