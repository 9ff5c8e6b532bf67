// The kernels of one instruction set, in the order of kernels.h.
#include "kernel.h"
#include "kernels.h"

namespace ng {
namespace NG_ISA {

#define NG_DECLARE(name, kind, operands, ints, scalars) void kernel_##name(Call& call);
NG_KERNELS(NG_DECLARE)
#undef NG_DECLARE

extern const Kernel table[];
#define NG_ENTRY(name, kind, operands, ints, scalars) kernel_##name,
const Kernel table[] = {NG_KERNELS(NG_ENTRY)};
#undef NG_ENTRY

}  // namespace NG_ISA
}  // namespace ng
