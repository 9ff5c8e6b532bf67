// Memory of large results: reused as soon as V8 has collected the object that owned it.
//
// Fresh pages cost more than most ops on them, and V8 gives the pages of a collected ArrayBuffer back to the system. A
// block here has one external ArrayBuffer, which is handed out again and again: a new one each time would tell V8 of
// new memory outside its heap, and have it mark the whole heap every few ops. Who holds the block is known by a weak
// reference to an owner that JavaScript names: it reads null right after a collection, within the same job, where
// finalizers would not have run yet.
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

  /**
   * An ArrayBuffer of `bytes`, its content whatever was there; null where there is no memory. It is handed out again
   * once the object `owner` is collected, so whoever holds the buffer has to hold that.
   */
  napi_value allocate(napi_env env, size_t bytes, napi_value owner);

  /** Gives it a function that has V8 collect garbage: all with true, the young with false. */
  void setCollector(napi_env env, napi_value collector);

 private:
  struct Block {
    void* data;
    size_t bytes;
    napi_ref buffer;
    napi_ref owner;  // weak; null of a free block
  };

  bool wasCollected(napi_env env);
  void sweep(napi_env env);
  void collect(napi_env env, bool all);
  bool takeFree(napi_env env, size_t bytes, Block* block, napi_value* buffer);
  bool make(napi_env env, size_t bytes, Block* block, napi_value* buffer);
  void keepFree(const Block& block);
  void trim(napi_env env);

  std::vector<Block> live_;
  napi_ref collector_ = nullptr;
  napi_ref canary_ = nullptr;  // to an object that nobody holds
  std::vector<Block> free_;    // oldest first
  size_t freeBytes_ = 0;
  size_t ownedBytes_ = 0;  // of all blocks, live and free
  size_t settled_ = 0;     // live blocks that a collection has seen
  size_t young_ = 0;       // bytes handed out since the last collection
  size_t enough_ = 0;      // as many are worth collecting the young
  size_t handedOut_ = 0;   // bytes handed out since all was collected
  /** What all blocks may come to before all is collected: a loop reaches it early, and keeps to it. */
  size_t limit_ = size_t{48} << 20;
};

}  // namespace ng
