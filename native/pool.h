// A thread pool, one for each environment (the main thread and every worker has its own).
//
// The caller takes part in its own job; workers spin for at most 20 µs after a job and then sleep. Chunks are claimed
// one by one, so a worker that wakes late costs nothing. What a chunk computes never depends on who runs it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace ng {

struct Pool;

/** Runs chunk `index`; `thread` (0: the caller) says whose scratch memory may be used. */
typedef void (*PoolTask)(void* context, int64_t index, int thread);

constexpr int kMaxThreads = 64;
/** Scratch slots beyond the threads' own, shared by all threads of one job. */
constexpr int kSharedScratch = kMaxThreads;
constexpr int kScratchSlots = kMaxThreads + 4;

Pool* poolCreate();
/** Joins the threads and frees the scratch memory. */
void poolDestroy(Pool* pool);
void poolSetThreads(Pool* pool, int threads);
int poolThreads(const Pool* pool);
/**
 * Runs task(0 … chunks − 1) and returns when all are done. Not to be nested. A light job, of some microseconds, takes
 * less time than a sleeping thread to wake: it goes without unless another light job was run just before.
 */
void poolRun(Pool* pool, int64_t chunks, PoolTask task, void* context, bool light = false);
/** At least `bytes` of 64-byte aligned memory that stays until the slot is asked for more; null if there is none. */
void* poolScratch(Pool* pool, int slot, size_t bytes);

}  // namespace ng
