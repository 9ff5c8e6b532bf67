// Memory of large results: reused as soon as V8 has collected the object that owned it.
//
// Fresh pages cost more than most ops on them, and V8 gives the pages of a collected ArrayBuffer back to the system. A
// region here has one external ArrayBuffer, parts of which are handed out again and again: a new one each time would
// tell V8 of new memory outside its heap, and have it mark the whole heap every few ops. Who holds a part is known by a
// weak reference to an owner that JavaScript names: it reads null right after a collection, within the same job, where
// finalizers would not have run yet.
#pragma once

#include <node_api.h>
#include <stdint.h>

#include <vector>

#include "regions.h"

namespace ng {

class LargeMemory {
 public:
  /**
   * An ArrayBuffer in which `bytes` from `begin` on are the owner's, their content whatever was there; null where there
   * is no memory. They are handed out again once the object `owner` is collected, so whoever uses them has to hold
   * that.
   */
  napi_value allocate(napi_env env, size_t bytes, napi_value owner, size_t* begin);

  /** Gives it a function that has V8 collect garbage: all with true, the young with false. */
  void setCollector(napi_env env, napi_value collector);

 private:
  /** A piece and the weak reference to its owner. */
  struct Loan {
    Span span;
    napi_ref owner;
  };

  bool wasCollected(napi_env env);
  void sweep(napi_env env);
  void collect(napi_env env, bool all);

  Regions regions_;
  std::vector<Loan> loans_;
  napi_ref collector_ = nullptr;
  napi_ref canary_ = nullptr;  // to an object that nobody holds
  size_t settled_ = 0;         // loans that a collection has seen
  size_t young_ = 0;           // bytes handed out since the last collection
  size_t enough_ = 0;          // as many are worth collecting the young
  size_t handedOut_ = 0;       // bytes handed out since all was collected
  /** What all regions may come to before all is collected: a loop reaches it early, and keeps to it. */
  size_t limit_ = size_t{32} << 20;
};

}  // namespace ng
