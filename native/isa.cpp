#include "isa.h"

#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#elif defined(_M_X64)
#include <intrin.h>
#endif

namespace ng {
namespace {

#if defined(__aarch64__) || defined(_M_ARM64)

const Isa kIsas[] = {{"neon", neon::table}};
bool supported(int) { return true; }

#else

const Isa kIsas[] = {{"avx512", avx512::table}, {"avx2", avx2::table}, {"baseline", baseline::table}};

void cpuid(unsigned leaf, unsigned r[4]) {
#if defined(_M_X64)
  __cpuidex(reinterpret_cast<int*>(r), static_cast<int>(leaf), 0);
#else
  __cpuid_count(leaf, 0, r[0], r[1], r[2], r[3]);
#endif
}

/** Which register files the operating system saves. */
unsigned long long savedState() {
#if defined(_M_X64)
  return _xgetbv(0);
#else
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<unsigned long long>(high) << 32 | low;
#endif
}

bool supported(int index) {
  if (index == 2) return true;
  unsigned r[4];
  cpuid(0, r);
  if (r[0] < 7) return false;
  cpuid(1, r);
  const unsigned ecx = r[2];
  const bool fma = ecx >> 12 & 1, osxsave = ecx >> 27 & 1, avx = ecx >> 28 & 1, f16c = ecx >> 29 & 1;
  if (!fma || !osxsave || !avx || !f16c || (savedState() & 0x6) != 0x6) return false;
  cpuid(7, r);
  const unsigned ebx = r[1];
  if (!(ebx >> 5 & 1)) return false;  // AVX2
  if (index == 1) return true;
  const bool f = ebx >> 16 & 1, dq = ebx >> 17 & 1, bw = ebx >> 30 & 1, vl = ebx >> 31 & 1;
  return f && dq && bw && vl && (savedState() & 0xe6) == 0xe6;
}

#endif

}  // namespace

const Isa* chooseIsa(const char* forced) {
  const int count = sizeof(kIsas) / sizeof(kIsas[0]);
  for (int i = 0; i < count; i++) {
    if (forced && *forced ? strcmp(forced, kIsas[i].name) == 0 && supported(i) : supported(i)) return &kIsas[i];
  }
  return nullptr;
}

}  // namespace ng
