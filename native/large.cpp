#include "large.h"

#include <algorithm>

namespace ng {
namespace {

/** What is handed out before the young are collected: 0.05 ms, and the memory that comes back is in the cache still. */
constexpr size_t kYoung = size_t{8} << 20;
/** What is handed out at least before the young are collected for want of memory, and what it may grow by without. */
constexpr size_t kLeastTurnover = size_t{8} << 20;
/** What is handed out at least between two collections of all: one takes 10 ms. */
constexpr size_t kBetweenAll = size_t{64} << 20;
/** A pool of this size is kept to what it needs. */
constexpr size_t kSmall = size_t{64} << 20;

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

/** Takes back the pieces whose owner is gone. */
void LargeMemory::sweep(napi_env env) {
  // In a scope of its own, closed before anything is allocated: else every owner looked at would stay alive.
  napi_handle_scope scope;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  size_t kept = 0, survivors = 0;
  for (size_t i = 0; i < loans_.size(); i++) {
    const Loan& loan = loans_[i];
    napi_value owner = nullptr;
    const bool known = napi_get_reference_value(env, loan.owner, &owner) == napi_ok;
    if (!known || owner != nullptr) {
      // The last one handed out is what the program works on, not what it keeps.
      if (i >= settled_ && i + 1 < loans_.size()) survivors += loan.span.bytes;
      loans_[kept++] = loan;
      continue;
    }
    napi_delete_reference(env, loan.owner);
    regions_.giveBack(loan.span);
  }
  loans_.resize(kept);
  settled_ = kept;
  young_ = 0;
  // What survives two collections is no longer young: they are far enough apart for most to die before.
  enough_ = std::max(kYoung, 2 * survivors);
  napi_close_handle_scope(env, scope);
  regions_.settle(env);
}

napi_value LargeMemory::allocate(napi_env env, size_t bytes, napi_value owner, size_t* begin) {
  Span span = {nullptr, 0, 0};
  napi_value buffer = nullptr;
  bytes = Regions::roundedUp(bytes);
  const auto take = [&] { return regions_.take(env, bytes, &span, &buffer); };
  // Only a collection leaves anything to find, and with many loans a look at all of them costs.
  if (wasCollected(env)) sweep(env);
  // A piece that was used just now may still be in a cache, if it fits into one: worth more than an older free one.
  bool found = bytes >= kYoung && take();
  if (!found && young_ >= std::max(enough_, 2 * bytes)) collect(env, false);
  if (!found) found = take();
  const size_t wanted = regions_.owned() + Regions::regionBytes(bytes);
  if (!found && wanted > limit_) {
    if (young_ >= kLeastTurnover) {
      collect(env, false);
      found = take();
    }
    if (!found && handedOut_ > kBetweenAll && handedOut_ + 4 * kSmall > 4 * wanted) {
      // Dead pieces may lie where a collection of the young does not come: better one of all than ever more memory. Not
      // for each large piece, though: a collection of all makes the one in use old, and so asks for the next. It takes
      // 10 ms, too: by then what is beyond a small pool has been lent out a few times.
      handedOut_ = 0;
      collect(env, true);
      found = take();
      if (!found) limit_ = wanted + std::max(kLeastTurnover, regions_.owned() / 8);
    }
  }
  if (!found && !regions_.grow(env, bytes, &span, &buffer)) return nullptr;
  Loan loan = {span, nullptr};
  napi_create_reference(env, owner, 0, &loan.owner);
  loans_.push_back(loan);
  young_ += bytes;
  handedOut_ += bytes;
  *begin = span.begin;
  return buffer;
}

}  // namespace ng
