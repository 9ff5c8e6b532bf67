#include "regions.h"

#include <stdlib.h>

#include <algorithm>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace ng {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHuge = size_t{1} << 21;
/** The largest piece of a shared region, and the size of one. */
#ifdef __SANITIZE_ADDRESS__
constexpr size_t kSharedPiece = 0;  // it sees a step out of a piece only where each has memory of its own
#else
constexpr size_t kSharedPiece = size_t{4} << 20;
#endif
constexpr size_t kSharedRegion = size_t{32} << 20;
/** What may lie free. */
constexpr size_t kFreeLimit = size_t{512} << 20;

char* systemTake(size_t bytes) {
#ifdef _WIN32
  return static_cast<char*>(_aligned_malloc(bytes, 64));
#else
  void* data = nullptr;
  if (posix_memalign(&data, bytes >= kHuge ? kHuge : kPage, bytes) != 0) return nullptr;
#ifdef __linux__
  // A hint: 2 MiB pages where the system has them, so that the first touch is cheap.
  if (bytes >= kHuge) madvise(data, bytes, MADV_HUGEPAGE);
#endif
  return static_cast<char*>(data);
#endif
}

void systemGive(char* data) {
#ifdef _WIN32
  _aligned_free(data);
#else
  free(data);
#endif
}

/** Whether a piece is a part of a region. */
bool isShared(size_t bytes) { return bytes <= kSharedPiece; }

bool isBefore(const Span& x, const Span& y) { return x.region->data + x.begin < y.region->data + y.begin; }

}  // namespace

Regions::~Regions() {
  for (const auto& region : regions_) {
    if (!region->isLost) systemGive(region->data);
  }
}

size_t Regions::roundedUp(size_t bytes) { return (bytes + kPage - 1) / kPage * kPage; }

size_t Regions::regionBytes(size_t bytes) { return isShared(bytes) ? kSharedRegion : bytes; }

/** Shows a region's buffer; false where it was lost. */
bool Regions::open(napi_env env, Region* region, napi_value* buffer) {
  void* data = nullptr;
  size_t length = 0;
  if (napi_get_reference_value(env, region->buffer, buffer) == napi_ok && *buffer &&
      napi_get_arraybuffer_info(env, *buffer, &data, &length) == napi_ok && length == region->bytes) {
    return true;
  }
  napi_delete_reference(env, region->buffer);
  region->isLost = true;
  owned_ -= region->bytes;
  return false;
}

bool Regions::take(napi_env env, size_t bytes, Span* span, napi_value* buffer) {
  if (!isShared(bytes)) {
    // The newest: its memory is the likeliest to be in a cache.
    for (size_t i = idle_.size(); i-- > 0;) {
      Region* region = idle_[i];
      if (region->bytes != bytes) continue;
      idle_.erase(idle_.begin() + static_cast<ptrdiff_t>(i));
      freeBytes_ -= bytes;
      if (!open(env, region, buffer)) continue;
      *span = {region, 0, bytes};
      return true;
    }
    return false;
  }
  for (size_t i = 0; i < free_.size();) {
    Region* region = free_[i].region;
    if (free_[i].bytes < bytes) {
      i++;
      continue;
    }
    if (!open(env, region, buffer)) {
      forget(region);
      i = 0;
      continue;
    }
    *span = {region, free_[i].begin, bytes};
    free_[i].begin += bytes;
    free_[i].bytes -= bytes;
    if (free_[i].bytes == 0) free_.erase(free_.begin() + static_cast<ptrdiff_t>(i));
    freeBytes_ -= bytes;
    return true;
  }
  return false;
}

/** Drops what is free of a lost region. */
void Regions::forget(const Region* region) {
  const auto isOf = [&](const Span& span) {
    if (span.region != region) return false;
    freeBytes_ -= span.bytes;
    return true;
  };
  free_.erase(std::remove_if(free_.begin(), free_.end(), isOf), free_.end());
}

bool Regions::grow(napi_env env, size_t bytes, Span* span, napi_value* buffer) {
  const size_t size = regionBytes(bytes);
  auto region = std::make_unique<Region>(Region{systemTake(size), size, nullptr, isShared(bytes), false});
  if (region->data == nullptr) return false;
  regions_.reserve(regions_.size() + 1);
  free_.reserve(free_.size() + 1);
  const auto nothing = [](napi_env, void*, void*) {};
  if (napi_create_external_arraybuffer(env, region->data, size, nothing, nullptr, buffer) != napi_ok) {
    systemGive(region->data);
    return false;
  }
  napi_create_reference(env, *buffer, 1, &region->buffer);
  owned_ += size;
  *span = {region.get(), 0, bytes};
  if (size > bytes) {
    giveBack({region.get(), bytes, size - bytes});
    sortFree();
  }
  regions_.push_back(std::move(region));
  return true;
}

void Regions::giveBack(const Span& span) {
  Region* region = span.region;
  if (region->isLost) return;
  freeBytes_ += span.bytes;
  if (region->isShared) {
    free_.push_back(span);
  } else {
    idle_.push_back(region);
  }
}

/** Orders the free parts, and joins neighbours. */
void Regions::sortFree() {
  std::sort(free_.begin(), free_.end(), isBefore);
  size_t kept = 0;
  for (size_t i = 1; i < free_.size(); i++) {
    Span& last = free_[kept];
    if (free_[i].region == last.region && last.begin + last.bytes == free_[i].begin) {
      last.bytes += free_[i].bytes;
    } else {
      free_[++kept] = free_[i];
    }
  }
  if (!free_.empty()) free_.resize(kept + 1);
}

void Regions::settle(napi_env env) {
  sortFree();
  for (size_t i = free_.size(); freeBytes_ > kFreeLimit && i-- > 0;) {
    if (free_[i].bytes < free_[i].region->bytes) continue;
    release(env, free_[i].region);
    free_.erase(free_.begin() + static_cast<ptrdiff_t>(i));
  }
  while (freeBytes_ > kFreeLimit && !idle_.empty()) {
    release(env, idle_.front());
    idle_.erase(idle_.begin());
  }
}

/** Gives a region that nobody has a part of back to the system. */
void Regions::release(napi_env env, Region* region) {
  freeBytes_ -= region->bytes;
  owned_ -= region->bytes;
  // Nobody should look at it any more; who does finds it empty.
  napi_handle_scope scope;
  napi_value buffer = nullptr;
  if (napi_open_handle_scope(env, &scope) == napi_ok) {
    if (napi_get_reference_value(env, region->buffer, &buffer) == napi_ok && buffer)
      napi_detach_arraybuffer(env, buffer);
    napi_close_handle_scope(env, scope);
  }
  napi_delete_reference(env, region->buffer);
  systemGive(region->data);
  regions_.erase(std::find_if(regions_.begin(), regions_.end(), [&](const auto& one) { return one.get() == region; }));
}

}  // namespace ng
