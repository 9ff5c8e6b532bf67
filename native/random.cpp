// The random streams: PyTorch's CPU generator and the distributions drawn from it. A stream is serial by nature; only
// the transformation of a large normal fill runs on several threads.
#include "random_call.h"

namespace ng {
namespace NG_ISA {

double Engine::normal() {
  if (words_[kNormalValid]) {
    words_[kNormalValid] = 0;
    double value;
    memcpy(&value, words_ + kNormal, 8);
    memset(words_ + kNormal, 0, 8);
    return value;
  }
  const double u1 = uniform();
  const double u2 = uniform();
  // log1p(-u2): 1 - u2 is exact.
  const double radius = sqrt(-2.0 * accurateLog(1.0 - u2));
  double sine, cosine;
  accurateSineCosine(6.283185307179586 * u1, &sine, &cosine);
  const double second = radius * sine;
  memcpy(words_ + kNormal, &second, 8);
  words_[kNormalValid] = 1;
  return radius * cosine;
}

namespace {

constexpr int64_t kBox = 16;

/** Box-Muller: eight uniforms give radii, the other eight angles. */
inline void boxMuller(float* p, float mean, float std) {
  float radius[8], sine[8], cosine[8];
  for (int j = 0; j < 8; j++) radius[j] = logOfUniform(1.0f - p[j]);
  for (int j = 0; j < 8; j++) radius[j] = sqrtf(-2.0f * radius[j]);
  for (int j = 0; j < 8; j++) {
    const auto angle = static_cast<float>(6.283185307179586 * static_cast<double>(p[j + 8]));
    sineCosineOfUniform(angle, &sine[j], &cosine[j]);
  }
  for (int j = 0; j < 8; j++) {
    p[j] = radius[j] * cosine[j] * std + mean;
    p[j + 8] = radius[j] * sine[j] * std + mean;
  }
}

inline void boxMuller(double* p, double mean, double std) {
  for (int j = 0; j < 8; j++) {
    const double radius = sqrt(-2.0 * accurateLog(1.0 - p[j]));
    double sine, cosine;
    accurateSineCosine(6.283185307179586 * p[j + 8], &sine, &cosine);
    p[j] = radius * cosine * std + mean;
    p[j + 8] = radius * sine * std + mean;
  }
}

inline void fillUniform(Engine& engine, float* out, int64_t n) {
  engine.fill(out, n, [](uint32_t word) { return static_cast<float>(word & 0xffffff) * 0x1p-24f; });
}

inline void fillUniform(Engine& engine, double* out, int64_t n) {
  engine.fillPairs(out, n, [](uint32_t high, uint32_t low) { return uniformOf(high, low); });
}

/** The block form of normal_: whole blocks of 16; where n is not a multiple, the last 16 are drawn afresh. */
template <class T>
void fillNormal(Pool* pool, Engine& engine, T* out, int64_t n, T mean, T std) {
  constexpr int64_t chunk = 1 << 18;
  for (int64_t begin = 0; begin < n; begin += chunk) {
    const int64_t count = n - begin < chunk ? n - begin : chunk;
    T* part = out + begin;
    fillUniform(engine, part, count);
    parallelFor(pool, count / kBox, 1024, [=](int64_t first, int64_t last, int) {
      for (int64_t i = first; i < last; i++) boxMuller(part + i * kBox, mean, std);
    });
  }
  if (n % kBox != 0) {
    fillUniform(engine, out + n - kBox, kBox);
    boxMuller(out + n - kBox, mean, std);
  }
}

template <class T>
void normals(Call& call, bool serial, T mean, T std) {
  Engine engine(call.x[1].data);
  auto* out = static_cast<T*>(call.x[0].data);
  const int64_t n = call.x[0].length;
  if (n >= kBox && !serial) {
    fillNormal(call.pool, engine, out, n, mean, std);
  } else {
    for (int64_t i = 0; i < n; i++) {
      out[i] = static_cast<T>(engine.normal() * call.scalars[1] + call.scalars[0]);
    }
  }
  engine.finish();
}

template <class P>
void bernoulliOf(Call& call, const P* probabilities) {
  const int64_t n = call.x[0].length;
  if (!call.need(2, n)) return;
  Engine engine(call.x[1].data);
  withType(call, [&](auto tag) {
    typedef typename decltype(tag)::type T;
    auto* out = static_cast<T*>(call.x[0].data);
    const auto one = wholeAs<T>(call.scalars[1]);
    for (int64_t i = 0; i < n; i++) {
      // A float32 probability is met by a float32 uniform, which takes one word.
      const bool hit = sizeof(P) == 4 ? static_cast<float>(engine.draw() & 0xffffff) * 0x1p-24f <
                                            static_cast<float>(probabilities[i])
                                      : engine.uniform() < static_cast<double>(probabilities[i]);
      out[i] = hit ? one : T(0);
    }
  });
  engine.finish();
}

}  // namespace

void kernel_randomUniform(Call& call) {
  if (!ready(call)) return;
  Engine engine(call.x[1].data);
  const int64_t n = call.x[0].length;
  if (call.x[0].dtype == kFloat32) {
    const auto from = static_cast<float>(call.scalars[0]);
    const float range = static_cast<float>(call.scalars[1]) - from;
    engine.fill(static_cast<float*>(call.x[0].data), n,
                [=](uint32_t word) { return static_cast<float>(word & 0xffffff) * 0x1p-24f * range + from; });
  } else if (call.x[0].dtype == kFloat64) {
    auto* out = static_cast<double*>(call.x[0].data);
    const double from = call.scalars[0], range = call.scalars[1] - from;
    engine.fillPairs(out, n, [=](uint32_t high, uint32_t low) { return uniformOf(high, low) * range + from; });
  } else {
    return call.badDType(0);
  }
  engine.finish();
}

void kernel_randomNormal(Call& call) {
  if (!ready(call)) return;
  const bool serial = call.ints[0] != 0;
  if (call.x[0].dtype == kFloat32) {
    normals<float>(call, serial, static_cast<float>(call.scalars[0]), static_cast<float>(call.scalars[1]));
  } else if (call.x[0].dtype == kFloat64) {
    normals<double>(call, serial, call.scalars[0], call.scalars[1]);
  } else {
    call.badDType(0);
  }
}

void kernel_randomInteger(Call& call) {
  if (!ready(call)) return;
  const auto word = [&](int i) { return static_cast<uint32_t>(static_cast<int64_t>(call.scalars[i])); };
  for (int i = 0; i < 4; i++) {
    if (!(call.scalars[i] >= -4294967296.0 && call.scalars[i] <= 4294967295.0)) return call.badSize(i);
  }
  const uint64_t range = static_cast<uint64_t>(word(0)) << 32 | word(1);
  const uint64_t base = static_cast<uint64_t>(word(2)) << 32 | word(3);
  const int64_t n = call.x[0].length;
  Engine engine(call.x[1].data);
  withType(call, [&](auto tag) {
    typedef typename decltype(tag)::type T;
    auto* out = static_cast<T*>(call.x[0].data);
    if (range == 0 || range > 0xffffffffu) {
      for (int64_t i = 0; i < n; i++) {
        const uint64_t bits = engine.draw64();
        out[i] = static_cast<T>(static_cast<int64_t>((range == 0 ? bits : bits % range) + base));
      }
    } else {
      const auto narrow = static_cast<uint32_t>(range);
      engine.fill(out, n, [=](uint32_t bits) { return static_cast<T>(static_cast<int64_t>(bits % narrow + base)); });
    }
  });
  engine.finish();
}

void kernel_randomPermutation(Call& call) {
  if (!ready(call)) return;
  const int64_t n = call.x[0].length;
  Engine engine(call.x[1].data);
  withType(call, [&](auto tag) {
    typedef typename decltype(tag)::type T;
    auto* out = static_cast<T*>(call.x[0].data);
    for (int64_t i = 0; i < n; i++) out[i] = static_cast<T>(i);
    for (int64_t i = 0; i < n - 1; i++) {
      const int64_t j = i + static_cast<int64_t>(engine.draw() % static_cast<uint64_t>(n - i));
      const T value = out[i];
      out[i] = out[j];
      out[j] = value;
    }
  });
  engine.finish();
}

void kernel_randomBernoulli(Call& call) {
  if (!ready(call)) return;
  if (call.x[2].data != nullptr) {
    if (call.x[2].dtype == kFloat32) return bernoulliOf(call, static_cast<const float*>(call.x[2].data));
    if (call.x[2].dtype == kFloat64) return bernoulliOf(call, static_cast<const double*>(call.x[2].data));
    return call.badDType(2);
  }
  const int64_t n = call.x[0].length;
  // u < p as whole numbers: k < ceil(p 2^53).
  const double scaled = ceil(call.scalars[0] * 9007199254740992.0);
  const uint64_t limit = !(scaled > 0.0)                ? 0
                         : scaled >= 9007199254740992.0 ? 1ull << 53
                                                        : static_cast<uint64_t>(scaled);
  Engine engine(call.x[1].data);
  withType(call, [&](auto tag) {
    typedef typename decltype(tag)::type T;
    const auto one = wholeAs<T>(call.scalars[1]);
    engine.fillPairs(static_cast<T*>(call.x[0].data), n, [=](uint32_t high, uint32_t low) {
      return (static_cast<uint64_t>(high & 0x1fffff) << 32 | low) < limit ? one : T(0);
    });
  });
  engine.finish();
}

}  // namespace NG_ISA
}  // namespace ng
