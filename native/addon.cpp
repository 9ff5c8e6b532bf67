// The Node-API module: one callback serves every kernel. It reads the descriptor, checks that no operand reaches
// outside its ArrayBuffer, and calls the kernel of the instruction set chosen at load.
#define NAPI_VERSION 8
#define NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS
#include <node_api.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <new>

#include "isa.h"
#include "kernel.h"
#include "kernels.h"
#include "large.h"
#include "pool.h"

namespace ng {
namespace {

constexpr int kDescriptorWords = 2048;  // DESCRIPTOR_WORDS of src/kernels.ts
constexpr int kErrorWord = kDescriptorWords - 4;
constexpr int kMaxArguments = kMaxOperands + kMaxScalars;
/** More elements than any buffer holds; sums of strides stay far below the int64 limit. */
constexpr double kMaxElements = 9007199254740992.0;

enum Kind { strided, dense };

struct Entry {
  const char* name;
  Kind kind;
  const char* operands;
  const char* ints;
  const char* scalars;
};

const Entry kEntries[] = {
#define NG_SPEC(name, kind, operands, ints, scalars) {#name, kind, operands, ints, scalars},
    NG_KERNELS(NG_SPEC)
#undef NG_SPEC
};
constexpr int kKernels = sizeof(kEntries) / sizeof(kEntries[0]);

int countWords(const char* list) {
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
  Bound bound[kKernels];
};

// Errors are made out of line, so that they cost the calls that succeed nothing.
#if defined(_MSC_VER)
#define NG_COLD __declspec(noinline)
#else
#define NG_COLD __attribute__((noinline, cold))
#endif

// A thrown error is what the caller sees; the value returned beside it is ignored.
NG_COLD napi_value throwError(napi_env env, bool type, const char* code, const char* format, ...) {
  char message[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  if (type) {
    napi_throw_type_error(env, code, message);
  } else {
    napi_throw_range_error(env, code, message);
  }
  return nullptr;
}

/** The name of operand i, without its role and question mark. */
const char* operandName(const Entry& entry, int i, char (&buffer)[64]) {
  const char* word = entry.operands;
  for (; i > 0; i--) word = strchr(word, ',') + 1;
  size_t length = strcspn(word, ",");
  if (length >= sizeof buffer) length = sizeof buffer - 1;
  memcpy(buffer, word, length);
  buffer[length] = 0;
  return buffer;
}

NG_COLD napi_value explain(napi_env env, const Entry& entry, const Call& call) {
  char name[64];
  operandName(entry, call.statusOperand < countWords(entry.operands) ? call.statusOperand : 0, name);
  switch (call.status) {
    case kBadDType:
      return throwError(env, true, "ERR_NODEGRAD_DTYPE", "%s: %s is %s, which this kernel does not take.", entry.name,
                        name, dtypeName(call.x[call.statusOperand].dtype));
    case kTooShort:
      return throwError(env, false, "ERR_NODEGRAD_BOUNDS", "%s: %s has %lld elements, but %lld are needed.", entry.name,
                        name, static_cast<long long>(call.x[call.statusOperand].length),
                        static_cast<long long>(call.statusNeeded));
    case kBadSize:
      return throwError(env, false, "ERR_NODEGRAD_SIZE", "%s: size %d is out of range.", entry.name,
                        call.statusOperand);
    default:
      return throwError(env, false, "ERR_NODEGRAD_MEMORY", "%s: no memory for the work space.", entry.name);
  }
}

NG_COLD napi_value wrongCount(napi_env env, const Bound& bound, size_t given) {
  return throwError(env, true, "ERR_NODEGRAD_ARGUMENTS", "%s: takes %d arguments, got %d.", bound.entry->name,
                    bound.operands + bound.scalars, static_cast<int>(given));
}

NG_COLD napi_value notArrayBuffer(napi_env env, const Bound& bound, int i) {
  char name[64];
  return throwError(env, true, "ERR_NODEGRAD_ARGUMENTS", "%s: %s must be an ArrayBuffer.", bound.entry->name,
                    operandName(*bound.entry, i, name));
}

NG_COLD napi_value outside(napi_env env, const Bound& bound, int i, int32_t dtype, int64_t offset, size_t bytes) {
  char name[64];
  return throwError(env, false, "ERR_NODEGRAD_BOUNDS",
                    "%s: %s (%s, offset %lld) reaches outside its ArrayBuffer of %lld bytes.", bound.entry->name,
                    operandName(*bound.entry, i, name), dtypeName(dtype), static_cast<long long>(offset),
                    static_cast<long long>(bytes));
}

/** Whether every element that shape and strides reach from `offset` lies in [0, elements). */
inline bool inside(const int32_t* shape, const int32_t* strides, int ndim, int64_t offset, int64_t elements) {
  int64_t low = offset, high = offset;
  for (int d = 0; d < ndim; d++) {
    const int64_t reach = static_cast<int64_t>(shape[d] - 1) * strides[d];
    if (reach < 0) {
      low += reach;
    } else {
      high += reach;
    }
    if (low < 0 || high >= elements) return false;
  }
  return low >= 0 && high < elements;
}

bool isNothing(napi_env env, napi_value value) {
  napi_valuetype type = napi_object;
  return napi_typeof(env, value, &type) == napi_ok && (type == napi_null || type == napi_undefined);
}

template <Kind KIND>
napi_value invoke(napi_env env, napi_callback_info info) {
  napi_value arguments[kMaxArguments];
  size_t given = kMaxArguments;
  void* data;
  if (napi_get_cb_info(env, info, &given, arguments, nullptr, &data) != napi_ok) return nullptr;
  const Bound& bound = *static_cast<const Bound*>(data);
  Environment& environment = *bound.environment;
  const int operands = bound.operands, scalars = bound.scalars;
  if (static_cast<int>(given) != operands + scalars) return wrongCount(env, bound, given);
  if (environment.busy) {
    return throwError(env, true, "ERR_NODEGRAD_BUSY", "%s: called while another kernel runs.", bound.entry->name);
  }
  const int32_t* words = environment.descriptor;
  const int32_t* dtypes = words + 1;
  const int32_t* offsets = dtypes + operands;
  const int32_t* tail = offsets + operands;  // strided: shape and strides; dense: lengths and ints

  Call call;
  call.pool = environment.pool;
  call.error = environment.descriptor + kErrorWord;
  call.status = kOk;
  int ndim = 0;
  int64_t elements = 1;
  if (KIND == strided) {
    ndim = words[0];
    if (ndim < 0 || ndim > kMaxDims) {
      return throwError(env, false, "ERR_NODEGRAD_BOUNDS", "%s: %d dimensions; at most %d are allowed.",
                        bound.entry->name, ndim, kMaxDims);
    }
    for (int d = 0; d < ndim; d++) {
      const int64_t size = tail[d];
      if (size < 0 || static_cast<double>(elements) * static_cast<double>(size) > kMaxElements) {
        return throwError(env, false, "ERR_NODEGRAD_BOUNDS", "%s: dimension %d has size %d.", bound.entry->name, d,
                          tail[d]);
      }
      elements *= size;
    }
    call.shape = tail;
  } else {
    if (words[0] != bound.ints) {
      return throwError(env, true, "ERR_NODEGRAD_ARGUMENTS", "%s: takes %d sizes, got %d.", bound.entry->name,
                        bound.ints, words[0]);
    }
    call.ints = tail + operands;
  }
  call.ndim = ndim;

  for (int i = 0; i < operands; i++) {
    Operand& operand = call.x[i];
    void* base;
    size_t bytes;
    if (napi_get_arraybuffer_info(env, arguments[i], &base, &bytes) != napi_ok) {
      if (!(bound.optional >> i & 1) || !isNothing(env, arguments[i])) return notArrayBuffer(env, bound, i);
      operand = {nullptr, 0, kFloat32, nullptr};
      continue;
    }
    const int32_t dtype = dtypes[i];
    const int64_t offset = offsets[i];
    if (static_cast<uint32_t>(dtype) >= kDTypes || offset < 0) return outside(env, bound, i, dtype, offset, bytes);
    const int shift = dtypeShift(dtype);
    const int64_t capacity = static_cast<int64_t>(bytes >> shift);
    operand.dtype = dtype;
    operand.data = static_cast<char*>(base) + (offset << shift);
    bool ok;
    if (KIND == strided) {
      operand.strides = tail + ndim * (i + 1);
      operand.length = elements;
      ok = elements == 0 || inside(tail, operand.strides, ndim, offset, capacity);
    } else {
      operand.strides = nullptr;
      operand.length = tail[i];
      ok = tail[i] >= 0 && offset + tail[i] <= capacity;
    }
    if (!ok) return outside(env, bound, i, dtype, offset, bytes);
  }
  for (int i = 0; i < scalars; i++) {
    if (napi_get_value_double(env, arguments[operands + i], &call.scalars[i]) != napi_ok) {
      return throwError(env, true, "ERR_NODEGRAD_ARGUMENTS", "%s: argument %d must be a number.", bound.entry->name,
                        operands + i);
    }
  }
  if (KIND == strided && elements == 0) return nullptr;

  environment.busy = true;
  bound.kernel(call);
  environment.busy = false;
  return call.status == kOk ? nullptr : explain(env, *bound.entry, call);
}

Environment* environmentOf(napi_env env) {
  void* data = nullptr;
  napi_get_instance_data(env, &data);
  return static_cast<Environment*>(data);
}

napi_value setNumThreads(napi_env env, napi_callback_info info) {
  size_t given = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &given, &argument, nullptr, nullptr);
  double threads = 0;
  if (given < 1 || napi_get_value_double(env, argument, &threads) != napi_ok || !(threads >= 1)) {
    return throwError(env, false, "ERR_NODEGRAD_ARGUMENTS", "setNumThreads: takes a whole number from 1 to %d.",
                      kMaxThreads);
  }
  Environment* environment = environmentOf(env);
  if (environment && environment->pool) {
    poolSetThreads(environment->pool, threads > kMaxThreads ? kMaxThreads : static_cast<int>(threads));
  }
  return nullptr;
}

napi_value getNumThreads(napi_env env, napi_callback_info) {
  Environment* environment = environmentOf(env);
  napi_value result = nullptr;
  napi_create_int32(env, environment && environment->pool ? poolThreads(environment->pool) : 1, &result);
  return result;
}

/** allocateLarge(bytes): an ArrayBuffer from the pool of large memory, or null. */
napi_value allocateLarge(napi_env env, napi_callback_info info) {
  size_t given = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &given, &argument, nullptr, nullptr);
  double bytes = 0;
  if (given < 1 || napi_get_value_double(env, argument, &bytes) != napi_ok || !(bytes >= 1 && bytes < 0x1p53)) {
    return throwError(env, false, "ERR_NODEGRAD_ARGUMENTS", "allocateLarge: takes a whole number of bytes.");
  }
  Environment* environment = environmentOf(env);
  napi_value buffer = nullptr;
  try {
    if (environment) buffer = environment->large.allocate(env, static_cast<size_t>(bytes));
  } catch (const std::bad_alloc&) {
    buffer = nullptr;
  }
  if (buffer == nullptr) napi_get_null(env, &buffer);
  return buffer;
}

napi_value wordList(napi_env env, const char* list) {
  napi_value array = nullptr, word = nullptr;
  napi_create_array(env, &array);
  for (uint32_t i = 0; *list; i++) {
    const size_t length = strcspn(list, ",");
    napi_create_string_utf8(env, list, length, &word);
    napi_set_element(env, array, i, word);
    list += length + (list[length] == ',');
  }
  return array;
}

napi_value stringValue(napi_env env, const char* text) {
  napi_value value = nullptr;
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

/** The cleanup hook: the environment ends, its threads with it. */
void joinPool(void* data) {
  auto* environment = static_cast<Environment*>(data);
  poolDestroy(environment->pool);
  environment->pool = nullptr;
}

void deleteEnvironment(napi_env, void* data, void*) {
  joinPool(data);
  delete static_cast<Environment*>(data);
}

void exportFunction(napi_env env, napi_value exports, const char* name, napi_callback callback, void* data) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function);
  napi_set_named_property(env, exports, name, function);
}

napi_value initialize(napi_env env, napi_value exports) {
  const char* forced = getenv("NODEGRAD_ISA");
  const Isa* isa = chooseIsa(forced);
  if (!isa) {
    napi_throw_error(env, "ERR_NODEGRAD_ISA",
                     "nodegrad: this CPU or build does not have the instruction set NODEGRAD_ISA asks for; use one of "
                     "baseline, avx2, avx512 (x64) or neon (arm64), or leave it unset.");
    return nullptr;
  }
  auto* environment = new (std::nothrow) Environment;
  Pool* pool = poolCreate();
  if (!environment || !pool) {
    delete environment;
    poolDestroy(pool);
    napi_throw_error(env, "ERR_NODEGRAD_MEMORY", "nodegrad: no memory for the native backend.");
    return nullptr;
  }
  environment->pool = pool;
  environment->isa = isa;
  void* words = nullptr;
  napi_value descriptor = nullptr;
  napi_create_arraybuffer(env, kDescriptorWords * sizeof(int32_t), &words, &descriptor);
  napi_create_reference(env, descriptor, 1, &environment->descriptorReference);
  environment->descriptor = static_cast<int32_t*>(words);
  napi_set_instance_data(env, environment, deleteEnvironment, nullptr);
  napi_add_env_cleanup_hook(env, joinPool, environment);

  napi_value list = nullptr;
  napi_create_array_with_length(env, kKernels, &list);
  for (int i = 0; i < kKernels; i++) {
    const Entry& entry = kEntries[i];
    Bound& bound = environment->bound[i];
    bound = {environment,
             isa->table[i],
             &entry,
             countWords(entry.operands),
             countWords(entry.ints),
             countWords(entry.scalars),
             0};
    const char* word = entry.operands;
    for (int operand = 0; operand < bound.operands; operand++) {
      const size_t length = strcspn(word, ",");
      if (word[length - 1] == '?') bound.optional |= 1u << operand;
      word += length + 1;
    }
    exportFunction(env, exports, entry.name, entry.kind == strided ? invoke<strided> : invoke<dense>, &bound);
    napi_value spec = nullptr;
    napi_create_object(env, &spec);
    napi_set_named_property(env, spec, "name", stringValue(env, entry.name));
    napi_set_named_property(env, spec, "kind", stringValue(env, entry.kind == strided ? "strided" : "dense"));
    napi_set_named_property(env, spec, "operands", wordList(env, entry.operands));
    napi_set_named_property(env, spec, "ints", wordList(env, entry.ints));
    napi_set_named_property(env, spec, "scalars", wordList(env, entry.scalars));
    napi_set_element(env, list, static_cast<uint32_t>(i), spec);
  }
  napi_set_named_property(env, exports, "kernels", list);
  napi_set_named_property(env, exports, "isa", stringValue(env, isa->name));
  napi_set_named_property(env, exports, "descriptor", descriptor);
  exportFunction(env, exports, "setNumThreads", setNumThreads, nullptr);
  exportFunction(env, exports, "getNumThreads", getNumThreads, nullptr);
  exportFunction(env, exports, "allocateLarge", allocateLarge, nullptr);
  return exports;
}

}  // namespace
}  // namespace ng

NAPI_MODULE_INIT() { return ng::initialize(env, exports); }
