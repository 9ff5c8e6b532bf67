#include "large.h"

#include <stdlib.h>
#include <string.h>

#include <algorithm>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ng {
namespace {

constexpr size_t kHuge = size_t{1} << 21;
constexpr size_t kFreeLimit = size_t{512} << 20;
/** What may be handed out between collections before the system is asked for more. */
constexpr size_t kLeastTurnover = size_t{32} << 20;

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

void collectGarbage(napi_env env) {
  constexpr int64_t kPressure = int64_t{1} << 30;
  int64_t total = 0;
  napi_adjust_external_memory(env, kPressure, &total);
  napi_adjust_external_memory(env, -kPressure, &total);
}

LargeMemory::~LargeMemory() {
  for (const Block& block : live_) give(block.data);
  for (const Block& block : free_) give(block.data);
}

/** Whether garbage was collected since the last time: whether an object that nobody holds is gone. */
bool LargeMemory::wasCollected(napi_env env) {
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return true;
  napi_value value = nullptr;
  const bool alive = canary_ && napi_get_reference_value(env, canary_, &value) == napi_ok && value != nullptr;
  if (!alive) {
    if (canary_) napi_delete_reference(env, canary_);
    canary_ = nullptr;
    if (napi_create_object(env, &value) == napi_ok) napi_create_reference(env, value, 0, &canary_);
  }
  napi_close_handle_scope(env, scope);
  return !alive;
}

/** Moves the blocks whose ArrayBuffer is gone to the free ones. */
void LargeMemory::sweep(napi_env env) {
  // In a scope of its own, closed before anything is allocated: else every buffer looked at would stay alive.
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  handedOut_ = 0;
  size_t kept = 0;
  for (size_t i = 0; i < live_.size(); i++) {
    napi_value value = nullptr;
    const bool known = napi_get_reference_value(env, live_[i].reference, &value) == napi_ok;
    if (!known || value != nullptr) {
      live_[kept++] = live_[i];
      continue;
    }
    napi_delete_reference(env, live_[i].reference);
    keepFree(live_[i]);
  }
  live_.resize(kept);
  napi_close_handle_scope(env, scope);
}

void LargeMemory::keepFree(const Block& block) {
  free_.push_back(block);
  freeBytes_ += block.bytes;
  size_t dropped = 0;
  while (freeBytes_ > kFreeLimit && dropped < free_.size()) {
    freeBytes_ -= free_[dropped].bytes;
    ownedBytes_ -= free_[dropped].bytes;
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
  Block block = {nullptr, bytes, nullptr};
  // Only a collection leaves anything to find, and with many blocks alive a look at all of them costs.
  if (wasCollected(env)) sweep(env);
  bool found = takeFree(bytes, &block);
  if (!found && handedOut_ > std::max(kLeastTurnover, ownedBytes_ / 2)) {
    // Dead blocks may lie where a scavenge does not come: better a collection than ever more memory.
    collectGarbage(env);
    sweep(env);
    found = takeFree(bytes, &block);
  }
  if (!found) {
    block.data = take(bytes);
    if (block.data == nullptr) return nullptr;
    ownedBytes_ += bytes;
  }
  handedOut_ += bytes;
  // V8 itself counts the memory behind an external ArrayBuffer, and collects as that grows.
  napi_value buffer = nullptr;
  const auto nothing = [](napi_env, void*, void*) {};
  if (napi_create_external_arraybuffer(env, block.data, bytes, nothing, nullptr, &buffer) != napi_ok ||
      napi_create_reference(env, buffer, 0, &block.reference) != napi_ok) {
    give(block.data);
    ownedBytes_ -= bytes;
    return nullptr;
  }
  live_.push_back(block);
  return buffer;
}

}  // namespace ng
