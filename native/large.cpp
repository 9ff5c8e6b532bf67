#include "large.h"

#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ng {
namespace {

constexpr size_t kHuge = size_t{1} << 21;
constexpr size_t kFreeLimit = size_t{512} << 20;

void* take(size_t bytes) {
#ifdef _WIN32
  return _aligned_malloc(bytes, 64);
#else
  void* data = nullptr;
  if (posix_memalign(&data, bytes >= kHuge ? kHuge : 64, bytes) != 0) return nullptr;
#ifdef __linux__
  // A hint: 2 MiB pages where the system has them, so that the first touch is cheap.
  if (bytes >= kHuge) madvise(data, bytes, MADV_HUGEPAGE);
#endif
  return data;
#endif
}

void give(void* data) {
#ifdef _WIN32
  _aligned_free(data);
#else
  free(data);
#endif
}

}  // namespace

LargeMemory::~LargeMemory() {
  for (const Block& block : live_) give(block.data);
  for (const Block& block : free_) give(block.data);
}

/** Moves the blocks whose ArrayBuffer is gone to the free ones. */
void LargeMemory::sweep(napi_env env) {
  // In a scope of its own, closed before anything is allocated: else every buffer looked at would stay alive.
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  size_t kept = 0;
  size_t freed = 0;
  for (size_t i = 0; i < live_.size(); i++) {
    napi_value value = nullptr;
    const bool known = napi_get_reference_value(env, live_[i].reference, &value) == napi_ok;
    if (!known || value != nullptr) {
      live_[kept++] = live_[i];
      continue;
    }
    napi_delete_reference(env, live_[i].reference);
    freed += live_[i].bytes;
    keepFree(live_[i]);
  }
  live_.resize(kept);
  napi_close_handle_scope(env, scope);
  int64_t total;
  if (freed > 0) napi_adjust_external_memory(env, -static_cast<int64_t>(freed), &total);
}

void LargeMemory::keepFree(const Block& block) {
  free_.push_back(block);
  freeBytes_ += block.bytes;
  size_t dropped = 0;
  while (freeBytes_ > kFreeLimit && dropped < free_.size()) {
    freeBytes_ -= free_[dropped].bytes;
    give(free_[dropped++].data);
  }
  free_.erase(free_.begin(), free_.begin() + static_cast<ptrdiff_t>(dropped));
}

/** The newest free block of this size: its memory is the likeliest to be in a cache. */
bool LargeMemory::takeFree(size_t bytes, Block* block) {
  for (size_t i = free_.size(); i-- > 0;) {
    if (free_[i].bytes != bytes) continue;
    *block = free_[i];
    freeBytes_ -= bytes;
    free_.erase(free_.begin() + static_cast<ptrdiff_t>(i));
    return true;
  }
  return false;
}

napi_value LargeMemory::allocate(napi_env env, size_t bytes) {
  int64_t total;
  Block block = {nullptr, bytes, nullptr};
  sweep(env);
  const bool found = takeFree(bytes, &block);
  // Says how much memory stands behind the small object; V8 may collect now, and what it collects can be used.
  napi_adjust_external_memory(env, static_cast<int64_t>(bytes), &total);
  if (!found) {
    sweep(env);
    if (!takeFree(bytes, &block)) block.data = take(bytes);
  }
  if (block.data == nullptr) {
    napi_adjust_external_memory(env, -static_cast<int64_t>(bytes), &total);
    return nullptr;
  }
  napi_value buffer = nullptr;
  const auto nothing = [](napi_env, void*, void*) {};
  if (napi_create_external_arraybuffer(env, block.data, bytes, nothing, nullptr, &buffer) != napi_ok ||
      napi_create_reference(env, buffer, 0, &block.reference) != napi_ok) {
    give(block.data);
    napi_adjust_external_memory(env, -static_cast<int64_t>(bytes), &total);
    return nullptr;
  }
  live_.push_back(block);
  return buffer;
}

}  // namespace ng
