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

/** What a kernel's JS function carries. */
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
  Bound* bound = nullptr;  // one for each kernel
};

/** Throws a TypeError (type) or RangeError made as printf does. What it returns is ignored beside the error. */
napi_value throwError(napi_env env, bool type, const char* code, const char* format, ...);

/** The callback for kernels of this kind with this many arguments; its data is the kernel's Bound. */
napi_callback entryFor(Kind kind, int arguments);

}  // namespace ng
