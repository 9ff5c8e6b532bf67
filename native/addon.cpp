// The Node-API module: makes an environment, and a function for each kernel.
#include <stdlib.h>
#include <string.h>

#include <new>

#include "entry.h"
#include "kernels.h"

namespace ng {
namespace {

constexpr Entry kEntries[] = {
#define NG_SPEC(name, kind, operands, ints, scalars) {#name, kind, operands, ints, scalars},
    NG_KERNELS(NG_SPEC)
#undef NG_SPEC
};
constexpr int kKernels = sizeof(kEntries) / sizeof(kEntries[0]);

constexpr bool fits() {
  for (const Entry& entry : kEntries) {
    if (countWords(entry.operands) > kMaxOperands || countWords(entry.scalars) > kMaxScalars) return false;
  }
  return true;
}
static_assert(fits(), "a kernel has more operands or scalars than a Call holds");

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

/**
 * allocateLarge(bytes, owner): an ArrayBuffer in which so many bytes are the owner's for as long as it lives, or null.
 * The descriptor's first word tells from which byte on.
 */
napi_value allocateLarge(napi_env env, napi_callback_info info) {
  size_t given = 2;
  napi_value arguments[2];
  napi_get_cb_info(env, info, &given, arguments, nullptr, nullptr);
  double bytes = 0;
  napi_valuetype type = napi_undefined;
  if (given < 2 || napi_get_value_double(env, arguments[0], &bytes) != napi_ok || !(bytes >= 1 && bytes < 0x1p53) ||
      napi_typeof(env, arguments[1], &type) != napi_ok || type != napi_object) {
    return throwError(env, false, "ERR_NODEGRAD_ARGUMENTS",
                      "allocateLarge: takes a whole number of bytes and the object that owns them.");
  }
  Environment* environment = environmentOf(env);
  napi_value buffer = nullptr;
  try {
    if (environment) {
      size_t begin = 0;
      buffer = environment->large.allocate(env, static_cast<size_t>(bytes), arguments[1], &begin);
      environment->descriptor[0] = static_cast<int32_t>(begin);
    }
  } catch (const std::bad_alloc&) {
    buffer = nullptr;
  }
  if (buffer == nullptr) napi_get_null(env, &buffer);
  return buffer;
}

/** setCollector(f): f(all) has V8 collect garbage, all or the young. */
napi_value setCollector(napi_env env, napi_callback_info info) {
  size_t given = 1;
  napi_value argument;
  napi_valuetype type = napi_undefined;
  napi_get_cb_info(env, info, &given, &argument, nullptr, nullptr);
  if (given < 1 || napi_typeof(env, argument, &type) != napi_ok || type != napi_function) {
    return throwError(env, true, "ERR_NODEGRAD_ARGUMENTS", "setCollector: takes a function.");
  }
  Environment* environment = environmentOf(env);
  if (environment) environment->large.setCollector(env, argument);
  return nullptr;
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
  auto* environment = static_cast<Environment*>(data);
  delete[] environment->bound;
  delete environment;
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
  auto* bound = new (std::nothrow) Bound[kKernels];
  Pool* pool = poolCreate();
  if (!environment || !bound || !pool) {
    delete environment;
    delete[] bound;
    poolDestroy(pool);
    napi_throw_error(env, "ERR_NODEGRAD_MEMORY", "nodegrad: no memory for the native backend.");
    return nullptr;
  }
  environment->bound = bound;
  environment->kernels = kKernels;
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
    Bound& own = bound[i];
    own = {environment,
           isa->table[i],
           &entry,
           countWords(entry.operands),
           countWords(entry.ints),
           countWords(entry.scalars),
           0};
    const char* word = entry.operands;
    for (int operand = 0; operand < own.operands; operand++) {
      const size_t length = strcspn(word, ",");
      if (word[length - 1] == '?') own.optional |= 1u << operand;
      word += length + 1;
    }
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
  exportFunction(env, exports, "call", callKernel<kFewArguments>, environment);
  exportFunction(env, exports, "callMany", callKernel<kMaxArguments>, environment);
  exportFunction(env, exports, "callSets", callSets, environment);
  exportFunction(env, exports, "setNumThreads", setNumThreads, nullptr);
  exportFunction(env, exports, "getNumThreads", getNumThreads, nullptr);
  exportFunction(env, exports, "allocateLarge", allocateLarge, nullptr);
  exportFunction(env, exports, "setCollector", setCollector, nullptr);
  return exports;
}

}  // namespace
}  // namespace ng

NAPI_MODULE_INIT() { return ng::initialize(env, exports); }
