// What the addon keeps for each environment (the main thread and every worker has its own), and the callback behind
// every kernel's JS function.
#pragma once

#define NAPI_VERSION 8
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <node_api.h>

#include "isa.h"
#include "kernel.h"
#include "large.h"
#include "pool.h"

namespace ng {

constexpr int kDescriptorWords = 2048;  // DESCRIPTOR_WORDS of src/kernels.ts
constexpr int kErrorWord = kDescriptorWords - 4;
constexpr int kKernelWord = kErrorWord - 1;  // KERNEL_WORD

constexpr int kMaxArguments = kMaxOperands + kMaxScalars;
/** Node fills the room for arguments that are not there, so kernels of few arguments are called with little. */
constexpr int kFewArguments = 4;

enum Kind { strided, dense };

struct Entry {
  const char* name;
  Kind kind;
  const char* operands;
  const char* ints;
  const char* scalars;
};

/** How many words a list with commas has. */
constexpr int countWords(const char* list) {
  if (!*list) return 0;
  int count = 1;
  for (; *list; list++) count += *list == ',';
  return count;
}

struct Environment;

/** A kernel, and what a call of it has to have. */
struct Bound {
  Environment* environment;
  Kernel kernel;
  const Entry* entry;
  int operands, ints, scalars;
  uint32_t optional;  // bit i: operand i may be null
};

struct Environment {
  Pool* pool = nullptr;
  int32_t* descriptor = nullptr;
  napi_ref descriptorReference = nullptr;
  const Isa* isa = nullptr;
  bool busy = false;
  LargeMemory large;
  Bound* bound = nullptr;  // by kernel
  int kernels = 0;
};

/** Throws a TypeError (type) or RangeError made as printf does. What it returns is ignored beside the error. */
napi_value throwError(napi_env env, bool type, const char* code, const char* format, ...);

/**
 * Calls the kernel whose number stands in the descriptor, with up to CAPACITY arguments: reads them and the rest of the
 * descriptor, and checks that no operand reaches outside its ArrayBuffer. One JS function for all kernels, since V8
 * calls a function that a call site has always called far faster than one of many.
 */
template <int CAPACITY>
napi_value callKernel(napi_env env, napi_callback_info info);

/**
 * Calls one dense kernel several times: its operands of each call, then the scalars of all. The calls' descriptors
 * stand one after the other.
 */
napi_value callSets(napi_env env, napi_callback_info info);

}  // namespace ng
