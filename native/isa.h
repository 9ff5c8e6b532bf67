// The tables of kernels, one for each instruction set this binary was built for.
#pragma once

#include "kernel.h"

namespace ng {

#if defined(__aarch64__) || defined(_M_ARM64)
namespace neon {
extern const Kernel table[];
}
#else
namespace baseline {
extern const Kernel table[];
}
namespace avx2 {
extern const Kernel table[];
}
namespace avx512 {
extern const Kernel table[];
}
#endif

struct Isa {
  const char* name;
  const Kernel* table;
};

/** The best instruction set of this CPU, or the one called `forced`; null when the CPU lacks it or it is unknown. */
const Isa* chooseIsa(const char* forced);

}  // namespace ng
