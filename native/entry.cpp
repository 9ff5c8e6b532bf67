#include "entry.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <new>

// Errors are made out of line, so that they cost the calls that succeed nothing.
#if defined(_MSC_VER)
#define NG_COLD __declspec(noinline)
#else
#define NG_COLD __attribute__((noinline, cold))
#endif

namespace ng {

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

namespace {

/** More elements than any buffer holds; sums of strides stay far below the int64 limit. */
constexpr double kMaxElements = 9007199254740992.0;

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
  if (bytes == 0) {
    char message[256];
    snprintf(message, sizeof message,
             "%s: the memory of %s was freed by dispose(), or its array was detached; use it before.",
             bound.entry->name, operandName(*bound.entry, i, name));
    napi_throw_error(env, "ERR_STATE", message);
    return nullptr;
  }
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

/** Checks what a descriptor says of a kernel and its arguments, then runs it. */
template <Kind KIND>
napi_value run(napi_env env, const Bound& bound, const int32_t* words, const napi_value* arguments,
               const napi_value* numbers) {
  Environment& environment = *bound.environment;
  const int operands = bound.operands, scalars = bound.scalars;
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
      // Below 2²² elements no size can take the product beyond 2⁵³.
      const bool tooMany =
          elements > 1 << 22 && static_cast<double>(elements) * static_cast<double>(size) > kMaxElements;
      if (size < 0 || tooMany) {
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
    if (napi_get_value_double(env, numbers[i], &call.scalars[i]) != napi_ok) {
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

/** The kernel whose number stands in the descriptor; null, and an error thrown, where there is none to be called. */
inline const Bound* boundOf(napi_env env, const Environment& environment) {
  const int32_t kernel = environment.descriptor[kKernelWord];
  if (static_cast<uint32_t>(kernel) >= static_cast<uint32_t>(environment.kernels)) {
    throwError(env, false, "ERR_NODEGRAD_ARGUMENTS", "there is no kernel %d.", kernel);
    return nullptr;
  }
  const Bound* bound = &environment.bound[kernel];
  if (!environment.busy) return bound;
  throwError(env, true, "ERR_NODEGRAD_BUSY", "%s: called while another kernel runs.", bound->entry->name);
  return nullptr;
}

}  // namespace

template <int CAPACITY>
napi_value callKernel(napi_env env, napi_callback_info info) {
  napi_value arguments[CAPACITY];
  size_t given = CAPACITY;
  void* data;
  if (napi_get_cb_info(env, info, &given, arguments, nullptr, &data) != napi_ok) return nullptr;
  const Bound* bound = boundOf(env, *static_cast<const Environment*>(data));
  if (!bound) return nullptr;
  if (static_cast<int>(given) != bound->operands + bound->scalars) return wrongCount(env, *bound, given);
  const int32_t* words = bound->environment->descriptor;
  const napi_value* numbers = arguments + bound->operands;
  return bound->entry->kind == strided ? run<strided>(env, *bound, words, arguments, numbers)
                                       : run<dense>(env, *bound, words, arguments, numbers);
}

template napi_value callKernel<kFewArguments>(napi_env env, napi_callback_info info);
template napi_value callKernel<kMaxArguments>(napi_env env, napi_callback_info info);

napi_value callSets(napi_env env, napi_callback_info info) {
  size_t given = 0;
  void* data;
  if (napi_get_cb_info(env, info, &given, nullptr, nullptr, &data) != napi_ok) return nullptr;
  const Bound* bound = boundOf(env, *static_cast<const Environment*>(data));
  if (!bound) return nullptr;
  const size_t operands = static_cast<size_t>(bound->operands), scalars = static_cast<size_t>(bound->scalars);
  const size_t step = 1 + 3 * operands + static_cast<size_t>(bound->ints);
  const size_t sets = given < scalars ? 0 : (given - scalars) / operands;
  if (bound->entry->kind != dense || sets * operands + scalars != given ||
      sets * step > static_cast<size_t>(kKernelWord)) {
    return wrongCount(env, *bound, given);
  }
  auto* arguments = new (std::nothrow) napi_value[given + 1];
  if (!arguments) return throwError(env, false, "ERR_NODEGRAD_MEMORY", "%s: no memory.", bound->entry->name);
  bool pending = napi_get_cb_info(env, info, &given, arguments, nullptr, nullptr) != napi_ok;
  for (size_t set = 0; set < sets && !pending; set++) {
    run<dense>(env, *bound, bound->environment->descriptor + set * step, arguments + set * operands,
               arguments + sets * operands);
    napi_is_exception_pending(env, &pending);
  }
  delete[] arguments;
  return nullptr;
}

}  // namespace ng
