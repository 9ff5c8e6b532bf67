// Memory of large results: reused as soon as V8 has collected the ArrayBuffer that stood on it.
//
// Fresh pages cost more than most ops on them, and V8 gives the pages of a collected ArrayBuffer back to the system. A
// block here is shown to JavaScript as an external ArrayBuffer, held by a weak reference. Such a reference reads null
// right after a collection, within the same job, where finalizers would not have run yet.
#pragma once

#include <node_api.h>
#include <stdint.h>

#include <vector>

namespace ng {

class LargeMemory {
 public:
  LargeMemory() = default;
  LargeMemory(const LargeMemory&) = delete;
  LargeMemory& operator=(const LargeMemory&) = delete;
  ~LargeMemory();

  /** An ArrayBuffer of `bytes`, its content whatever was there; null where there is no memory. */
  napi_value allocate(napi_env env, size_t bytes);

 private:
  struct Block {
    void* data;
    size_t bytes;
    napi_ref reference;
  };

  bool wasCollected(napi_env env);
  void sweep(napi_env env);
  bool takeFree(size_t bytes, Block* block);
  void keepFree(const Block& block);

  std::vector<Block> live_;
  napi_ref canary_ = nullptr;  // to an object that nobody holds
  std::vector<Block> free_;    // oldest first
  size_t freeBytes_ = 0;
  size_t ownedBytes_ = 0;  // of all blocks, live and free
  size_t handedOut_ = 0;   // since the last collection
};

/**
 * Has V8 collect now: it decides by what it is told of memory outside its heap, so it is told of much, and told that
 * it is gone.
 */
void collectGarbage(napi_env env);

}  // namespace ng
