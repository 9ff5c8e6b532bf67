// The generator: mt19937 over a state that lives in the caller's buffer (src/random/state.ts has the layout).
#pragma once

#include <string.h>

#include "kernel.h"

namespace ng {
namespace NG_ISA {

constexpr int kStateWords = 640;
constexpr int kTwister = 624;
constexpr int kLeft = 624, kNext = 625, kNormalValid = 628, kNormal = 630;

inline uint32_t temper(uint32_t y) {
  y ^= y >> 11;
  y ^= y << 7 & 0x9d2c5680u;
  y ^= y << 15 & 0xefc60000u;
  return y ^ y >> 18;
}

inline uint32_t twist(uint32_t upper, uint32_t lower, uint32_t far) {
  return far ^ ((upper & 0x80000000u) | (lower & 0x7fffffffu)) >> 1 ^ ((0u - (lower & 1)) & 0x9908b0dfu);
}

/** Uniform in [0, 1) from 53 of two words' bits; exact, in conversions that vectorise. */
inline double uniformOf(uint32_t high, uint32_t low) {
  const double upper = static_cast<double>(static_cast<int32_t>(high & 0x1fffff));
  const double lower = static_cast<double>(static_cast<int32_t>(low ^ 0x80000000u)) + 2147483648.0;
  return (upper * 4294967296.0 + lower) * 0x1p-53;
}

/** Draws words; `finish` writes the position back. */
class Engine {
 public:
  explicit Engine(void* state) : words_(static_cast<uint32_t*>(state)) {
    const uint32_t left = words_[kLeft];
    position_ = left >= 1 && left <= kTwister ? kTwister + 1 - left : kTwister;
    start_ = position_;
  }

  /** 32 random bits. */
  uint32_t draw() {
    if (position_ == kTwister) refill();
    return temper(words_[position_++]);
  }

  /** 64 random bits, the high word first. */
  uint64_t draw64() {
    const uint64_t high = draw();
    return high << 32 | draw();
  }

  /** Uniform in [0, 1), 53 bits. */
  double uniform() {
    const uint32_t high = draw();
    return uniformOf(high, draw());
  }

  /** out[i] = map(word) for n words, a block of the state at a time. */
  template <class T, class F>
  void fill(T* out, int64_t n, F map) {
    while (n > 0) {
      if (position_ == kTwister) refill();
      const int64_t count = n < kTwister - position_ ? n : kTwister - position_;
      const uint32_t* words = words_ + position_;
      for (int64_t i = 0; i < count; i++) out[i] = map(temper(words[i]));
      position_ += static_cast<uint32_t>(count);
      out += count;
      n -= count;
    }
  }

  /** out[i] = map(high word, low word), two words a number. */
  template <class T, class F>
  void fillPairs(T* out, int64_t n, F map) {
    while (n > 0) {
      if (position_ >= kTwister - 1) {
        const uint32_t high = draw();
        *out++ = map(high, draw());
        n--;
        continue;
      }
      const int64_t whole = (kTwister - position_) / 2;
      const int64_t count = n < whole ? n : whole;
      const uint32_t* words = words_ + position_;
      for (int64_t i = 0; i < count; i++) out[i] = map(temper(words[2 * i]), temper(words[2 * i + 1]));
      position_ += static_cast<uint32_t>(2 * count);
      out += count;
      n -= count;
    }
  }

  /** A standard normal number; they come in pairs, the second waits in the state. */
  double normal();

  void finish() {
    if (position_ == start_ && !refilled_) return;
    words_[kLeft] = kTwister + 1 - position_;
    words_[kNext] = position_;
  }

 private:
  void refill() {
    uint32_t* s = words_;
    for (int i = 0; i < 227; i++) s[i] = twist(s[i], s[i + 1], s[i + 397]);
    for (int i = 227; i < 623; i++) s[i] = twist(s[i], s[i + 1], s[i - 227]);
    s[623] = twist(s[623], s[0], s[396]);
    position_ = 0;
    refilled_ = true;
  }

  uint32_t* words_;
  uint32_t position_, start_;
  bool refilled_ = false;
};

}  // namespace NG_ISA
}  // namespace ng
