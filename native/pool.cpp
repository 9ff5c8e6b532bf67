#include "pool.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <system_error>
#include <thread>

#ifdef __linux__
#include <pthread.h>
#include <sched.h>
#endif
#if defined(_MSC_VER)
#include <intrin.h>
#include <malloc.h>
#elif defined(__x86_64__)
#include <immintrin.h>
#endif

namespace ng {
namespace {

constexpr int64_t kMaxChunks = 0xffff;
constexpr auto kSpin = std::chrono::microseconds(20);

inline void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

/** Spins until done() or until the time is up; says whether done. */
template <class Done>
bool spin(Done done) {
  const auto until = std::chrono::steady_clock::now() + kSpin;
  do {
    for (int i = 0; i < 32; i++) {
      if (done()) return true;
      relax();
    }
  } while (std::chrono::steady_clock::now() < until);
  return done();
}

void* alignedAllocate(size_t bytes) {
#if defined(_MSC_VER)
  return _aligned_malloc(bytes, 64);
#else
  void* memory = nullptr;
  return posix_memalign(&memory, 64, bytes) == 0 ? memory : nullptr;
#endif
}

void alignedFree(void* memory) {
#if defined(_MSC_VER)
  _aligned_free(memory);
#else
  free(memory);
#endif
}

/** The core the calling thread runs on, or -1. */
int currentCore() {
#ifdef __linux__
  return sched_getcpu();
#else
  return -1;
#endif
}

}  // namespace

struct Pool {
  // A job's number (32 bits), its chunks (16) and the next chunk to claim (16) in one word: a claim that succeeds is
  // for the job that is running, however late its thread woke up.
  alignas(64) std::atomic<uint64_t> state{0};
  alignas(64) std::atomic<int64_t> done{0};
  alignas(64) std::atomic<int> sleepers{0};
  std::atomic<bool> waiting{false};
  std::atomic<bool> stopping{false};
  PoolTask task = nullptr;
  void* context = nullptr;
  uint32_t job = 0;
  int threads = 1;
  int started = 0;
  int avoided = -1;                                   // the core that workers keep off
  std::chrono::steady_clock::time_point lastLight{};  // when a light job that met sleeping workers was last over
  std::mutex mutex;
  std::condition_variable wake;
  std::condition_variable finished;
  std::thread workers[kMaxThreads];
  void* scratch[kScratchSlots] = {};
  size_t scratchBytes[kScratchSlots] = {};

  /** Runs chunks of the current job while there are any. */
  void work(int thread) {
    uint64_t now = state.load(std::memory_order_acquire);
    for (;;) {
      const uint32_t next = now & 0xffff, chunks = (now >> 16) & 0xffff;
      if (next >= chunks) return;
      if (!state.compare_exchange_weak(now, now + 1, std::memory_order_acq_rel, std::memory_order_acquire)) continue;
      task(context, next, thread);
      if (done.fetch_add(1) + 1 == static_cast<int64_t>(chunks) && waiting.load()) {
        std::lock_guard<std::mutex> lock(mutex);
        finished.notify_one();
      }
      now = state.load(std::memory_order_acquire);
    }
  }

  void loop(int thread) {
    uint64_t seen = 0;
    const auto news = [&] { return stopping.load() || (state.load() >> 32) != seen; };
    for (;;) {
      if (!spin(news)) {
        std::unique_lock<std::mutex> lock(mutex);
        sleepers.fetch_add(1);
        wake.wait(lock, news);
        sleepers.fetch_sub(1);
      }
      if (stopping.load()) return;
      seen = state.load() >> 32;
      work(thread);
    }
  }

  /**
   * Keeps the workers off the caller's core. Linux likes to wake a thread where its waker runs, and leaves it there
   * for milliseconds, waiting for the caller to be done, while another core idles.
   */
  void avoidCaller() {
    const int core = currentCore();
    if (core == avoided) return;
    avoided = core;
#ifdef __linux__
    cpu_set_t cores;
    if (core < 0 || core >= CPU_SETSIZE || sched_getaffinity(0, sizeof cores, &cores) != 0) return;
    CPU_CLR(core, &cores);
    if (CPU_COUNT(&cores) == 0) return;
    for (int i = 0; i < started; i++) pthread_setaffinity_np(workers[i].native_handle(), sizeof cores, &cores);
#endif
  }

  /** Whether a light job is worth waking the workers for: whether such jobs come often enough to keep them awake. */
  bool isRush() const { return std::chrono::steady_clock::now() - lastLight < kSpin; }

  void start() {
    avoided = -1;
    while (started < threads - 1) {
      try {
        const int thread = started + 1;
        workers[started] = std::thread([this, thread] { loop(thread); });
      } catch (const std::system_error&) {
        threads = started + 1;  // the system gives no more: go on with those there are
        return;
      }
      started++;
    }
  }

  void stop() {
    if (started == 0) return;
    {
      std::lock_guard<std::mutex> lock(mutex);
      stopping.store(true);
      wake.notify_all();
    }
    for (int i = 0; i < started; i++) workers[i].join();
    started = 0;
    stopping.store(false);
  }
};

Pool* poolCreate() {
  Pool* pool = new (std::nothrow) Pool;
  if (pool) {
    const unsigned cores = std::thread::hardware_concurrency();
    pool->threads = cores < 1 ? 1 : cores > kMaxThreads ? kMaxThreads : static_cast<int>(cores);
  }
  return pool;
}

void poolDestroy(Pool* pool) {
  if (!pool) return;
  pool->stop();
  for (void* memory : pool->scratch) alignedFree(memory);
  delete pool;
}

void poolSetThreads(Pool* pool, int threads) {
  if (threads == pool->threads) return;
  pool->stop();
  pool->threads = threads < 1 ? 1 : threads > kMaxThreads ? kMaxThreads : threads;
}

int poolThreads(const Pool* pool) { return pool->threads; }

void poolRun(Pool* pool, int64_t chunks, PoolTask task, void* context, bool light) {
  if (chunks > 1 && pool->threads > 1 && pool->started < pool->threads - 1) pool->start();
  if (chunks <= 1 || pool->started == 0) {
    for (int64_t i = 0; i < chunks; i++) task(context, i, 0);
    return;
  }
  if (chunks > kMaxChunks) {
    for (int64_t i = 0; i < chunks; i++) task(context, i, 0);
    return;
  }
  pool->task = task;
  pool->context = context;
  pool->done.store(0);
  pool->job++;
  pool->state.store(static_cast<uint64_t>(pool->job) << 32 | static_cast<uint64_t>(chunks) << 16);
  const bool asleep = pool->sleepers.load() > 0, wakes = asleep && (!light || pool->isRush());
  if (wakes) {
    pool->avoidCaller();
    std::lock_guard<std::mutex> lock(pool->mutex);
    pool->wake.notify_all();
  }
  pool->work(0);
  if (asleep && !wakes) pool->lastLight = std::chrono::steady_clock::now();
  const auto complete = [&] { return pool->done.load() == chunks; };
  if (!spin(complete)) {
    std::unique_lock<std::mutex> lock(pool->mutex);
    pool->waiting.store(true);
    pool->finished.wait(lock, complete);
    pool->waiting.store(false);
  }
}

void* poolScratch(Pool* pool, int slot, size_t bytes) {
  if (pool->scratchBytes[slot] < bytes) {
    alignedFree(pool->scratch[slot]);
    pool->scratch[slot] = alignedAllocate(bytes);
    pool->scratchBytes[slot] = pool->scratch[slot] ? bytes : 0;
  }
  return pool->scratch[slot];
}

}  // namespace ng
