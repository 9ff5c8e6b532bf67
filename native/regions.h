// Memory that is lent in parts: a few regions, each with one external ArrayBuffer for as long as it lives.
#pragma once

#include <node_api.h>
#include <stdint.h>

#include <memory>
#include <vector>

namespace ng {

/** Memory of the system's with the one ArrayBuffer that shows it. */
struct Region {
  char* data;
  size_t bytes;
  napi_ref buffer;
  /** Cut into pieces, first fit, so that results of all sizes have the same pages; else lent as one piece. */
  bool isShared;
  /** Somebody detached the buffer, and may have handed the memory on: it is no longer ours. */
  bool isLost;
};

/** A part of a region. */
struct Span {
  Region* region;
  size_t begin, bytes;
};

class Regions {
 public:
  Regions() = default;
  Regions(const Regions&) = delete;
  Regions& operator=(const Regions&) = delete;
  ~Regions();

  /** What a piece takes; up to some MiB it is a part of a shared region. */
  static size_t roundedUp(size_t bytes);
  /** Bytes of a new region for such a piece. */
  static size_t regionBytes(size_t bytes);

  /** Finds a free piece; false where there is none. */
  bool take(napi_env env, size_t bytes, Span* span, napi_value* buffer);
  /** Adds a region and takes a piece of it; false where the system has no memory. */
  bool grow(napi_env env, size_t bytes, Span* span, napi_value* buffer);
  /** Notes that a piece is free. */
  void giveBack(const Span& span);
  /** Has the pieces given back ready to be taken, and gives the system what is more than enough. */
  void settle(napi_env env);

  /** Bytes of all regions. */
  size_t owned() const { return owned_; }

 private:
  bool open(napi_env env, Region* region, napi_value* buffer);
  void release(napi_env env, Region* region);
  void forget(const Region* region);
  void sortFree();

  std::vector<std::unique_ptr<Region>> regions_;
  std::vector<Span> free_;     // of shared regions, by address
  std::vector<Region*> idle_;  // whole regions that nobody has, oldest first
  size_t owned_ = 0;
  size_t freeBytes_ = 0;
};

}  // namespace ng
