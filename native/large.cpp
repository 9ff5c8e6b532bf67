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
/** What is handed out before the young are collected: 0.1 ms, and the memory that comes back is still in a cache. */
constexpr size_t kYoung = size_t{16} << 20;
/** What is handed out at least between two collections of all, and what the memory owned may grow by without one. */
constexpr size_t kLeastTurnover = size_t{8} << 20;
/** A pool of this size is kept to what it needs. */
constexpr size_t kSmall = size_t{64} << 20;

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

void LargeMemory::setCollector(napi_env env, napi_value collector) {
  if (collector_) napi_delete_reference(env, collector_);
  napi_create_reference(env, collector, 1, &collector_);
}

/** Has V8 collect garbage, all or the young, and sweeps. */
void LargeMemory::collect(napi_env env, bool all) {
  napi_handle_scope scope;
  if (!collector_ || napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_value collector = nullptr, global = nullptr, argument = nullptr, result = nullptr;
  if (napi_get_reference_value(env, collector_, &collector) == napi_ok && napi_get_global(env, &global) == napi_ok &&
      napi_get_boolean(env, all, &argument) == napi_ok) {
    napi_call_function(env, global, collector, 1, &argument, &result);
  }
  napi_close_handle_scope(env, scope);
  if (wasCollected(env)) sweep(env);
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

/** Moves the blocks whose owner is gone to the free ones. */
void LargeMemory::sweep(napi_env env) {
  // In a scope of its own, closed before anything is allocated: else every owner looked at would stay alive.
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  size_t kept = 0, survivors = 0;
  for (size_t i = 0; i < live_.size(); i++) {
    Block& block = live_[i];
    napi_value owner = nullptr;
    const bool known = napi_get_reference_value(env, block.owner, &owner) == napi_ok;
    if (!known || owner != nullptr) {
      // The last one handed out is what the program works on, not what it keeps.
      if (i >= settled_ && i + 1 < live_.size()) survivors += block.bytes;
      live_[kept++] = block;
      continue;
    }
    napi_delete_reference(env, block.owner);
    block.owner = nullptr;
    keepFree(block);
  }
  live_.resize(kept);
  settled_ = kept;
  young_ = 0;
  // What survives two collections is no longer young: they are far enough apart for most to die before.
  enough_ = std::max(kYoung, 2 * survivors);
  napi_close_handle_scope(env, scope);
  trim(env);
}

void LargeMemory::keepFree(const Block& block) {
  free_.push_back(block);
  freeBytes_ += block.bytes;
}

/** Gives back to the system what is more than enough, oldest first. */
void LargeMemory::trim(napi_env env) {
  size_t dropped = 0;
  for (; freeBytes_ > kFreeLimit && dropped < free_.size(); dropped++) {
    const Block& block = free_[dropped];
    freeBytes_ -= block.bytes;
    ownedBytes_ -= block.bytes;
    // Nobody should look at it any more; who does finds it empty.
    napi_handle_scope scope;
    napi_value buffer = nullptr;
    if (napi_open_handle_scope(env, &scope) == napi_ok) {
      if (napi_get_reference_value(env, block.buffer, &buffer) == napi_ok && buffer)
        napi_detach_arraybuffer(env, buffer);
      napi_close_handle_scope(env, scope);
    }
    napi_delete_reference(env, block.buffer);
    give(block.data);
  }
  free_.erase(free_.begin(), free_.begin() + static_cast<ptrdiff_t>(dropped));
}

/** The newest free block of this size: its memory is the likeliest to be in a cache. */
bool LargeMemory::takeFree(napi_env env, size_t bytes, Block* block, napi_value* buffer) {
  for (size_t i = free_.size(); i-- > 0;) {
    if (free_[i].bytes != bytes) continue;
    *block = free_[i];
    freeBytes_ -= bytes;
    free_.erase(free_.begin() + static_cast<ptrdiff_t>(i));
    void* data = nullptr;
    size_t length = 0;
    if (napi_get_reference_value(env, block->buffer, buffer) == napi_ok && *buffer &&
        napi_get_arraybuffer_info(env, *buffer, &data, &length) == napi_ok && length == bytes) {
      return true;
    }
    // Somebody detached it, and may have handed the memory on: it is no longer ours.
    napi_delete_reference(env, block->buffer);
    ownedBytes_ -= bytes;
  }
  return false;
}

/** A block of fresh memory. */
bool LargeMemory::make(napi_env env, size_t bytes, Block* block, napi_value* buffer) {
  void* data = take(bytes);
  if (data == nullptr) return false;
  const auto nothing = [](napi_env, void*, void*) {};
  if (napi_create_external_arraybuffer(env, data, bytes, nothing, nullptr, buffer) != napi_ok) {
    give(data);
    return false;
  }
  *block = {data, bytes, nullptr, nullptr};
  napi_create_reference(env, *buffer, 1, &block->buffer);
  ownedBytes_ += bytes;
  return true;
}

napi_value LargeMemory::allocate(napi_env env, size_t bytes, napi_value owner) {
  Block block = {nullptr, 0, nullptr, nullptr};
  napi_value buffer = nullptr;
  // Only a collection leaves anything to find, and with many blocks alive a look at all of them costs.
  if (wasCollected(env)) sweep(env);
  // A block that was used just now may still be in a cache, if it fits into one: worth more than an older free one.
  bool found = bytes >= kYoung && takeFree(env, bytes, &block, &buffer);
  if (!found && young_ >= std::max(enough_, 2 * bytes)) collect(env, false);
  if (!found) found = takeFree(env, bytes, &block, &buffer);
  const size_t wanted = ownedBytes_ + bytes;
  if (!found && wanted > limit_ && young_ >= kLeastTurnover) {
    collect(env, false);
    found = takeFree(env, bytes, &block, &buffer);
    if (!found && handedOut_ > kLeastTurnover && handedOut_ + 4 * kSmall > 4 * wanted) {
      // Dead blocks may lie where a collection of the young does not come: better one of all than ever more memory. Not
      // for each large block, though: a collection of all makes the one in use old, and so asks for the next. It takes
      // 10 ms, too: by then what is beyond a small pool has been lent out a few times.
      handedOut_ = 0;
      collect(env, true);
      found = takeFree(env, bytes, &block, &buffer);
      if (!found) limit_ = wanted + std::max(kLeastTurnover, ownedBytes_ / 8);
    }
  }
  if (!found && !make(env, bytes, &block, &buffer)) return nullptr;
  napi_create_reference(env, owner, 0, &block.owner);
  live_.push_back(block);
  young_ += bytes;
  handedOut_ += bytes;
  return buffer;
}

}  // namespace ng
